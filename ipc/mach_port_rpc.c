/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on the name space of a task: mach_port.defs.
 *
 * The target may be any task, but the interesting cases are few: names are
 * checked here, the rules are in ipc_right.c.  Rights that come in the
 * message are consumed only by success.
 */

#include <mach_port_server.h>

#include <mach/notify.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_right.h>

#include <vm/vm_copy.h>

struct vm_map *
convert_port_to_map(struct ipc_port *port)
{
	struct task *task = ipc_port_to_task(port);
	struct vm_map *map;

	if (task == NULL) {
		return NULL;
	}
	map = task->map;
	vm_map_ref(map);
	task_unref(task);
	return map;
}

/* What mach_port_names collects. */
struct mach_port_list {
	mach_port_name_t *names;
	mach_port_type_t *types;
	unsigned count;
	unsigned max;
};

static void
mach_port_list_free(struct mach_port_list *list)
{
	kmem_free(list->names, list->max * sizeof(*list->names));
	kmem_free(list->types, list->max * sizeof(*list->types));
}

/* Room for MAX names. */
static kern_return_t
mach_port_list_alloc(struct mach_port_list *list, unsigned max)
{
	list->count = 0;
	list->max = max;
	list->names = kmem_alloc(max * sizeof(*list->names));
	list->types = kmem_alloc(max * sizeof(*list->types));
	if (list->names == NULL || list->types == NULL) {
		mach_port_list_free(list);
		return KERN_RESOURCE_SHORTAGE;
	}
	return KERN_SUCCESS;
}

/* Fill LIST; SPACE is locked and has at most list->max entries. */
static void
mach_port_list_fill(struct ipc_space *space, struct mach_port_list *list)
{
	struct ipc_entry *entry;
	mach_port_name_t name;
	mach_port_type_t type;
	uint64_t cursor = 0;

	while ((entry = ipc_space_next(space, &cursor, &name)) != NULL) {
		type = ipc_right_check(space, name, entry);
		if (ipc_entry_has_request(entry)) {
			type |= MACH_PORT_TYPE_DNREQUEST;
		}
		if ((entry->bits & IPC_ENTRY_MAREQUEST) != 0) {
			type |= MACH_PORT_TYPE_MAREQUEST;
		}
		list->names[list->count] = name;
		list->types[list->count] = type;
		list->count++;
	}
}

/* Collect all names, with room made without the lock. */
static kern_return_t
mach_port_list_collect(struct ipc_space *space, struct mach_port_list *list)
{
	kern_return_t kr;
	unsigned wanted;

	ipc_space_lock(space);
	while (space->active) {
		wanted = space->used + 16;
		ipc_space_unlock(space);
		kr = mach_port_list_alloc(list, wanted);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		ipc_space_lock(space);
		if (space->active && space->used <= list->max) {
			mach_port_list_fill(space, list);
			ipc_space_unlock(space);
			return KERN_SUCCESS;
		}
		mach_port_list_free(list);
	}
	ipc_space_unlock(space);
	return KERN_INVALID_TASK;
}

/* COUNT words as memory of a reply; *PLACE is where MIG wants it. */
static kern_return_t
mach_port_copy_words(const void *words, unsigned count, void **place)
{
	struct vm_copy *copy = NULL;
	kern_return_t kr = KERN_SUCCESS;

	if (count != 0) {
		kr = vm_copy_from_kernel(
		    words, count * sizeof(uint32_t), &copy);
	}
	if (kr == KERN_SUCCESS) {
		*place = copy;
	}
	return kr;
}

kern_return_t
S_mach_port_names(ipc_space_t task, mach_port_name_array_t *names,
    mach_msg_type_number_t *namesCnt, mach_port_type_array_t *types,
    mach_msg_type_number_t *typesCnt)
{
	struct mach_port_list list;
	void *name_copy = NULL;
	void *type_copy = NULL;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = mach_port_list_collect(task, &list);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = mach_port_copy_words(list.names, list.count, &name_copy);
	if (kr != KERN_SUCCESS) {
		goto out_free;
	}
	kr = mach_port_copy_words(list.types, list.count, &type_copy);
	if (kr != KERN_SUCCESS) {
		ipc_copyin_discard_memory(&name_copy);
		goto out_free;
	}
	*names = name_copy;
	*types = type_copy;
	*namesCnt = list.count;
	*typesCnt = list.count;
out_free:
	mach_port_list_free(&list);
	return kr;
}

kern_return_t
S_mach_port_type(
    ipc_space_t task, mach_port_name_t name, mach_port_type_t *ptype)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	return ipc_right_type(task, name, ptype);
}

kern_return_t
S_mach_port_rename(
    ipc_space_t task, mach_port_name_t old_name, mach_port_name_t new_name)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (!MACH_PORT_VALID(new_name)) {
		return KERN_INVALID_VALUE;
	}
	return ipc_right_rename(task, old_name, new_name);
}

kern_return_t
S_mach_port_allocate_name(
    ipc_space_t task, mach_port_right_t right, mach_port_name_t name)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (!MACH_PORT_VALID(name)) {
		return KERN_INVALID_VALUE;
	}
	return ipc_right_allocate(task, right, &name);
}

kern_return_t
S_mach_port_allocate(
    ipc_space_t task, mach_port_right_t right, mach_port_name_t *name)
{
	mach_port_name_t any = MACH_PORT_NULL;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_allocate(task, right, &any);
	if (kr == KERN_SUCCESS) {
		*name = any;
	}
	return kr;
}

kern_return_t
S_mach_port_destroy(ipc_space_t task, mach_port_name_t name)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	return ipc_right_destroy(task, name);
}

kern_return_t
S_mach_port_deallocate(ipc_space_t task, mach_port_name_t name)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	return ipc_right_dealloc(task, name);
}

kern_return_t
S_mach_port_get_refs(ipc_space_t task, mach_port_name_t name,
    mach_port_right_t right, mach_port_urefs_t *refs)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	return ipc_right_refs(task, name, right, refs);
}

kern_return_t
S_mach_port_mod_refs(ipc_space_t task, mach_port_name_t name,
    mach_port_right_t right, mach_port_delta_t delta)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	return ipc_right_delta(task, name, right, delta);
}

kern_return_t
S_mach_port_set_qlimit(
    ipc_space_t task, mach_port_name_t name, mach_port_msgcount_t qlimit)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (qlimit > MACH_PORT_QLIMIT_MAX) {
		return KERN_INVALID_VALUE;
	}
	kr = ipc_right_receive_lock(task, name, &port);
	if (kr == KERN_SUCCESS) {
		ipc_mqueue_set_limit(port, qlimit);
		ipc_port_unlock(port);
	}
	return kr;
}

kern_return_t
S_mach_port_set_mscount(
    ipc_space_t task, mach_port_name_t name, mach_port_mscount_t mscount)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_receive_lock(task, name, &port);
	if (kr == KERN_SUCCESS) {
		port->mscount = mscount;
		ipc_port_unlock(port);
	}
	return kr;
}

/* Names of the set NAME's members, COUNT of them with room for MAX. */
static kern_return_t
mach_port_set_members(struct ipc_space *space, mach_port_name_t name,
    mach_port_name_t *members, unsigned max, unsigned *countp)
{
	struct ipc_entry *entry;
	kern_return_t kr = KERN_SUCCESS;

	ipc_space_lock(space);
	entry = space->active ? ipc_space_lookup(space, name) : NULL;
	if (entry == NULL) {
		kr = space->active ? KERN_INVALID_NAME : KERN_INVALID_TASK;
	} else if (ipc_entry_type(entry) != MACH_PORT_TYPE_PORT_SET) {
		kr = KERN_INVALID_RIGHT;
	} else {
		ipc_pset_members(entry->pset, members, max, countp);
	}
	ipc_space_unlock(space);
	return kr;
}

kern_return_t
S_mach_port_get_set_status(ipc_space_t task, mach_port_name_t name,
    mach_port_name_array_t *members, mach_msg_type_number_t *membersCnt)
{
	mach_port_name_t *list = NULL;
	void *copy = NULL;
	unsigned max = 0;
	unsigned count;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	for (;;) {
		kr = mach_port_set_members(task, name, list, max, &count);
		if (kr != KERN_SUCCESS || count <= max) {
			break;
		}
		kmem_free(list, max * sizeof(*list));
		max = count + 16;
		list = kmem_alloc(max * sizeof(*list));
		if (list == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	if (kr == KERN_SUCCESS) {
		kr = mach_port_copy_words(list, count, &copy);
	}
	kmem_free(list, max * sizeof(*list));
	if (kr == KERN_SUCCESS) {
		*members = copy;
		*membersCnt = count;
	}
	return kr;
}

kern_return_t
S_mach_port_move_member(
    ipc_space_t task, mach_port_name_t member, mach_port_name_t after)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	return ipc_right_move_member(task, member, after);
}

kern_return_t
S_mach_port_request_notification(ipc_space_t task, mach_port_name_t name,
    mach_msg_id_t id, mach_port_mscount_t sync, ipc_port_t notify,
    ipc_port_t *previous)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (notify == IP_DEAD) {
		return KERN_INVALID_CAPABILITY;
	}
	switch (id) {
	case MACH_NOTIFY_PORT_DESTROYED:
		if (sync != 0) {
			return KERN_INVALID_VALUE;
		}
		kr = ipc_right_receive_lock(task, name, &port);
		return kr != KERN_SUCCESS
			   ? kr
			   : ipc_port_pdrequest_unlock(port, notify, previous);
	case MACH_NOTIFY_NO_SENDERS:
		kr = ipc_right_receive_lock(task, name, &port);
		return kr != KERN_SUCCESS ? kr
					  : ipc_port_nsrequest_unlock(
						port, sync, notify, previous);
	case MACH_NOTIFY_DEAD_NAME:
		return ipc_request_dead_name(
		    task, name, sync != 0, notify, previous);
	default:
		return KERN_INVALID_VALUE;
	}
}

kern_return_t
S_mach_port_insert_right(ipc_space_t task, mach_port_name_t name,
    ipc_port_t poly, mach_msg_type_name_t polyPoly)
{
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (!MACH_PORT_VALID(name) || !MACH_MSG_TYPE_PORT_ANY_RIGHT(polyPoly)) {
		return KERN_INVALID_VALUE;
	}
	if (!ip_valid(poly)) {
		return KERN_INVALID_CAPABILITY;
	}
	return ipc_right_copyout_name(task, poly, polyPoly, name);
}

kern_return_t
S_mach_port_extract_right(ipc_space_t task, mach_port_name_t name,
    mach_msg_type_name_t msgt_name, ipc_port_t *poly,
    mach_msg_type_name_t *polyPoly)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (!MACH_MSG_TYPE_PORT_ANY(msgt_name)) {
		return KERN_INVALID_VALUE;
	}
	if (!MACH_PORT_VALID(name)) {
		return KERN_INVALID_NAME;
	}
	kr = ipc_right_copyin(task, name, msgt_name, &port);
	if (kr == KERN_SUCCESS) {
		*poly = port;
		*polyPoly = ipc_copyin_type(msgt_name);
	}
	return kr;
}

kern_return_t
S_mach_port_get_receive_status(
    ipc_space_t task, mach_port_name_t name, mach_port_status_t *status)
{
	struct ipc_port *port;
	struct ipc_pset *pset;
	kern_return_t kr = KERN_INVALID_TASK;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	/* The name of the set is the space's, so keep that locked. */
	ipc_space_lock(task);
	if (task->active) {
		kr = ipc_right_receive_lock_locked(task, name, &port);
	}
	if (kr == KERN_SUCCESS) {
		ipc_port_status(port, status);
		pset = ipc_port_pset(port);
		status->mps_pset = pset != NULL ? pset->name : MACH_PORT_NULL;
		ipc_port_unlock(port);
	}
	ipc_space_unlock(task);
	return kr;
}

kern_return_t
S_mach_port_set_seqno(
    ipc_space_t task, mach_port_name_t name, mach_port_seqno_t seqno)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_receive_lock(task, name, &port);
	if (kr == KERN_SUCCESS) {
		port->mqueue.seqno = seqno;
		ipc_port_unlock(port);
	}
	return kr;
}

kern_return_t
S_mach_port_set_protected_payload(
    ipc_space_t task, mach_port_name_t name, natural_t payload)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_receive_lock(task, name, &port);
	if (kr == KERN_SUCCESS) {
		port->payload = payload;
		port->has_payload = true;
		ipc_port_unlock(port);
	}
	return kr;
}

kern_return_t
S_mach_port_clear_protected_payload(ipc_space_t task, mach_port_name_t name)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_receive_lock(task, name, &port);
	if (kr == KERN_SUCCESS) {
		port->payload = 0;
		port->has_payload = false;
		ipc_port_unlock(port);
	}
	return kr;
}

/*
 * What a port stands for is of interest to a debugger only; it is checked and
 * not kept.
 */
/* Kinds that the kernel's own ports do not have. */
#define MACH_PORT_MARK_FIRST	29u
#define MACH_PORT_MARK_LAST	UINT8_MAX

/* The mark is for debuggers, which mach_port_kernel_object tells it. */
kern_return_t
S_mach_port_set_ktype(host_t host, ipc_space_t task, mach_port_name_t name,
    unsigned right, unsigned ktype)
{
	struct ipc_entry *entry;
	mach_port_type_t type;
	kern_return_t kr = KERN_SUCCESS;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (task == NULL) {
		return KERN_INVALID_TASK;
	}
	if (right >= MACH_PORT_RIGHT_NUMBER) {
		return KERN_INVALID_VALUE;
	}
	if (ktype != 0 &&
	    (ktype < MACH_PORT_MARK_FIRST || ktype > MACH_PORT_MARK_LAST)) {
		return KERN_INVALID_ARGUMENT;
	}
	ipc_space_lock(task);
	entry = task->active ? ipc_space_lookup(task, name) : NULL;
	if (entry == NULL) {
		kr = task->active ? KERN_INVALID_NAME : KERN_INVALID_TASK;
	} else {
		type = ipc_right_check(task, name, entry);
		if (!(type & MACH_PORT_TYPE_PORT_RIGHTS &
			MACH_PORT_TYPE(right))) {
			kr = KERN_INVALID_RIGHT;
		}
	}
	if (kr == KERN_SUCCESS) {
		ipc_port_lock(entry->port);
		entry->port->mark = (uint8_t)ktype;
		ipc_port_unlock(entry->port);
	}
	ipc_space_unlock(task);
	return kr;
}
