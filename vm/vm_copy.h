/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory in transit: a list of pieces of memory objects, taken from a map by
 * copy-on-write and put into another.  Nothing is copied until somebody
 * writes.  Out-of-line message data, vm_read, vm_write and vm_copy use it.
 *
 * A copy has one owner and needs no lock.  It need not start or end at page
 * borders; what comes out starts at the same offset within its page.  The
 * rest of the first and the last page reads as zero on the other side.
 */

#ifndef VM_VM_COPY_H
#define VM_VM_COPY_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

struct vm_copy;
struct vm_map;
struct vm_object;
struct vm_page;

/*
 * Copy [ADDR, ADDR + SIZE) of MAP; with DESTROY also deallocate it there (the
 * whole pages it touches).  SIZE 0 gives a NULL copy, which every function
 * here accepts as an empty one.
 *
 * Locks:   none held.  May block.
 * Returns: KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE (not readable),
 *          KERN_RESOURCE_SHORTAGE, KERN_MEMORY_ERROR; then nothing changed.
 */
kern_return_t vm_copy_in(struct vm_map *map, vm_offset_t addr,
    vm_size_t size, bool destroy, struct vm_copy **copyp);

/*
 * The same with DESTROY in two steps, for memory that is moved and not copied:
 * what only MAP uses.  Between the two it stays where it is, and whoever wants
 * to change the map there waits; so the caller does nothing then that may wait
 * for such.  With MOVE false all is as it was.
 *
 * Locks:   none held.  May block.
 * Returns: false when the memory has to be copied, if anything.
 */
bool vm_copy_move_begin(struct vm_map *map, vm_offset_t addr, vm_size_t size,
    struct vm_copy **copyp);
void vm_copy_move_end(struct vm_map *map, vm_offset_t addr, vm_size_t size,
    struct vm_copy *copy, bool move);

/* A copy of SIZE bytes of kernel memory.  KERN_RESOURCE_SHORTAGE. */
kern_return_t vm_copy_from_kernel(const void *data, vm_size_t size,
    struct vm_copy **copyp);

/*
 * Map COPY somewhere in MAP and return the address of its first byte (0 for
 * an empty copy).  Consumes COPY if it succeeds.  Wires nothing, also where
 * all that is allocated gets wired: a receiver does not wait for the memory of
 * the sender.
 *
 * Locks:   none held.  May block.
 * Returns: KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE; the copy is still whole.
 */
kern_return_t vm_copy_out(struct vm_map *map, vm_offset_t *addrp,
    struct vm_copy *copy);

/*
 * Write COPY over memory that exists at ADDR.  Consumes COPY if it succeeds.
 * Checks all of the destination before it changes any.
 *
 * Locks:   none held.  May block.
 * Returns: KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE,
 *          KERN_RESOURCE_SHORTAGE, KERN_MEMORY_ERROR (part may be written).
 */
kern_return_t vm_copy_overwrite(struct vm_map *map, vm_offset_t addr,
    struct vm_copy *copy);

/*
 * Read N bytes at OFFSET of COPY into kernel memory, paging in as needed.
 * Returns: KERN_INVALID_ARGUMENT past the end, KERN_MEMORY_ERROR.
 */
kern_return_t vm_copy_read(struct vm_copy *copy, vm_size_t offset, void *to,
    vm_size_t n);

/* The same, a whole page, into the busy page PAGE. */
kern_return_t vm_copy_read_to_page(struct vm_copy *copy, vm_size_t offset,
    struct vm_page *page);

/*
 * The page at OFFSET of COPY, taken out of it: busy, unmapped, as if grabbed.
 * NULL when it is not a whole page in memory that only COPY uses; whoever
 * wants its contents has to read them then.
 */
struct vm_page *vm_copy_take_page(struct vm_copy *copy, vm_size_t offset);

vm_size_t vm_copy_size(const struct vm_copy *copy);

/* Offset of the first byte within its page. */
vm_offset_t vm_copy_page_offset(const struct vm_copy *copy);

/* Drop COPY and whatever memory only it kept.  May block. */
void vm_copy_discard(struct vm_copy *copy);

/*
 * A copy whose memory is [0, SIZE) of OBJECT, whose reference it takes over.
 * NULL when memory is short; then the reference is still the caller's.
 */
struct vm_copy *vm_copy_from_object(struct vm_object *object, vm_size_t size);

/* Copies that exist now; for conservation checks. */
unsigned long vm_copy_count(void);

#endif
