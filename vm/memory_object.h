/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The external pager protocol (memory_object.defs): objects and their ports,
 * requests to pagers, and what pagers' answers do to objects.
 *
 * An object with a pager has three ports: the memory object port (the
 * pager's; we hold a send right), the control port and the name port (the
 * kernel's).  A table finds the object of a memory object port, so that
 * mapping the same port twice gives the same object.
 *
 * Life: created by the first mapping -> init sent -> ready -> ... -> last
 * mapping gone -> cached (if the pager allows) or terminated.  An object whose
 * pager dies or calls destroy stays for its clients, without the data that
 * only the pager had: they get KERN_MEMORY_ERROR or KERN_MEMORY_FAILURE.
 *
 * Requests are sent with no lock held and never wait for room in the pager's
 * queue, so a pager that does not answer holds up its own clients only.
 */

#ifndef VM_MEMORY_OBJECT_H
#define VM_MEMORY_OBJECT_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>
#include <mach/vm_prot.h>

struct ipc_port;
struct vm_copy;
struct vm_object;
struct vm_page;

void memory_object_setup(void);

/*
 * The object that the memory object port PAGER stands for, made and announced
 * to the pager if need be.  With a reference.
 *
 * Refs:    takes a send right of its own; PAGER stays the caller's.
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_INVALID_ARGUMENT (dead port).
 */
kern_return_t memory_object_enter(
    struct ipc_port *pager, struct vm_object **objectp);

/* Objects named by control and by name ports; a reference, or NULL. */
struct vm_object *memory_object_from_control(struct ipc_port *control);
struct vm_object *memory_object_from_name(struct ipc_port *name);

/*
 * A send right for the name port of OBJECT, for vm_region; NULL if none.
 * Consumes a reference on OBJECT.
 */
struct ipc_port *memory_object_to_name(struct vm_object *object);

/*
 * The same for debuggers, which get a name for memory without a pager, too;
 * NULL if memory is short.
 */
struct ipc_port *memory_object_make_name(struct vm_object *object);

/*
 * Drop a reference, maybe the last, on OBJECT, which is external or has a
 * pager: cache it or terminate it.  For vm_object.c.
 */
void memory_object_unref_last(struct vm_object *object);

/*
 * Begin paging on OBJECT, so that its ports stay until memory_object_end;
 * false when it has no pager that could answer.
 */
bool memory_object_begin(struct vm_object *object);
void memory_object_end(struct vm_object *object);

/*
 * How many messages wait for the pager of OBJECT, the kernel's and others'.
 *
 * Locks:   OBJECT held; tries the pager's port.
 * Returns: false when that cannot be said now.
 */
bool memory_object_waiting_try(struct vm_object *object, unsigned *countp);

/*
 * Has OBJECT a default pager that died, or gave it up?  What is resident must
 * stay then, though it is clean, until memory_object_need_default has taken note.
 *
 * Locks:   OBJECT held; tries the pager's port, and takes it for alive when that
 *          is in use.
 */
bool memory_object_is_orphan(struct vm_object *object);

/*
 * Requests to the pager of OBJECT, which the caller keeps alive.
 *
 * Returns: KERN_MEMORY_ERROR, or what became of the message: after
 *          MACH_SEND_NO_BUFFER it may be tried again.
 */
kern_return_t memory_object_request_data(struct vm_object *object,
    vm_offset_t offset, vm_size_t size, vm_prot_t access);
kern_return_t memory_object_request_unlock(struct vm_object *object,
    vm_offset_t offset, vm_size_t size, vm_prot_t access);

/*
 * If the pager of OBJECT is dead, let everybody who waits for it know.  Who
 * waits for a pager calls this once a second.
 */
void memory_object_check_pager(struct vm_object *object);

/*
 * Copy [OFFSET, OFFSET + SIZE) of OBJECT, which has been ready, by telling its
 * pager: the copy, whose offset 0 that is, has a memory object of its own that
 * is given to the pager.  With a reference.
 *
 * Locks:   none held.
 * Returns: KERN_MEMORY_ERROR (no pager), KERN_RESOURCE_SHORTAGE, KERN_ABORTED.
 */
kern_return_t memory_object_copy_call(struct vm_object *object,
    vm_offset_t offset, vm_size_t size, struct vm_object **copyp);

/*
 * Send DATA, the content of OBJECT at OFFSET, to its pager.  Consumes DATA.
 */
kern_return_t memory_object_return_data(struct vm_object *object,
    vm_offset_t offset, struct vm_copy *data, bool dirty, bool kernel_copy);

/*
 * The internal OBJECT needs a pager: if it has none, or one that died, give it
 * one from the default memory manager.  What the dead one held is lost; what is
 * on its way to it, or about to be asked of it, keeps it.  For one thread at a
 * time, the pageout daemon.
 *
 * Locks:   none held.
 * Returns: KERN_FAILURE when there is no manager, or OBJECT is in use;
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t memory_object_need_default(struct vm_object *object);

/*
 * Answers of pagers.  Arguments were checked for alignment only; none may
 * hurt anything but the object's own clients.
 */
kern_return_t memory_object_supply(struct vm_object *object, vm_offset_t offset,
    struct vm_copy *data, vm_prot_t lock, bool precious,
    vm_offset_t *error_offsetp);
void memory_object_unavailable(
    struct vm_object *object, vm_offset_t offset, vm_size_t size);
void memory_object_error(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, kern_return_t reason);
void memory_object_lock(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, memory_object_return_t what, bool flush, vm_prot_t lock);
/*
 * The same, and wait until the pager has done with the data: it has freed the
 * memory that they came in, and has not kept any of it.  A pager that does not
 * must not ask, and holds up whoever does until that is aborted.
 *
 * Locks:   none held.
 * Returns: KERN_ABORTED, KERN_RESOURCE_SHORTAGE, KERN_MEMORY_ERROR (the pager
 *          did not get all).
 */
kern_return_t memory_object_sync(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, memory_object_return_t what, bool flush);
void memory_object_set_attributes(struct vm_object *object, bool ready,
    bool may_cache, memory_object_copy_strategy_t strategy);
void memory_object_destroyed(struct vm_object *object, kern_return_t reason);

/* Terminate cached objects: some when COUNT > 0, all when it is 0. */
unsigned memory_object_cache_trim(unsigned count);

/*
 * Exchange the default manager; consumes and returns send rights.  The new one
 * is asked for single pages.
 */
struct ipc_port *memory_object_set_default(struct ipc_port *manager);
struct ipc_port *memory_object_get_default(void);

/* How many bytes the default manager may be asked for at a time. */
void memory_object_set_cluster(vm_size_t size);
vm_size_t memory_object_cluster(void);

/* Cached objects now. */
unsigned long memory_object_cached_count(void);

#endif
