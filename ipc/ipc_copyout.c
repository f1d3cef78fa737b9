/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From a queued message to a user's.
 */

#include <ipc/ipc_copyout.h>

#include <machine/copyio.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

#include <vm/vm_copy.h>
#include <vm/vm_map.h>

/* Which bits tell of a right that could not be given. */
static mach_msg_return_t
ipc_copyout_right_error(kern_return_t kr)
{
	return kr == KERN_RESOURCE_SHORTAGE ? MACH_MSG_IPC_KERNEL
					    : MACH_MSG_IPC_SPACE;
}

static mach_msg_return_t
ipc_copyout_memory_error(kern_return_t kr)
{
	/* Else it lacks memory, or entries of the map, or time to get them. */
	return kr == KERN_NO_SPACE ? MACH_MSG_VM_SPACE : MACH_MSG_VM_KERNEL;
}

/*
 * What the receiver sees as destination, and with which type in the bits: the
 * payload, if the message is DELIVERED, or the name of the receive right.  SPACE
 * is locked.  The right is
 * used up; if it was the last send right, *LAST is set to the port, and the
 * caller releases it with nothing locked.
 */
static mach_msg_type_name_t
ipc_copyout_dest_name(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, bool delivered, mach_port_name_t *namep,
    struct ipc_port **last)
{
	mach_msg_type_name_t seen = type;

	*last = IP_NULL;
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		*namep = MACH_PORT_DEAD;
	} else if (port->receiver != space) {
		*namep = MACH_PORT_NULL;
	} else if (port->has_payload && delivered) {
		*namep = (mach_port_name_t)port->payload;
		seen = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
	} else {
		*namep = port->name;
	}
	if (type != MACH_MSG_TYPE_PORT_SEND) {
		assert(port->sorights > 0);
		port->sorights--;
	} else if (port->srights > 1) {
		port->srights--;
	} else {
		*last = port;
	}
	ipc_port_unlock(port);
	if (*last == IP_NULL) {
		ipc_port_unref(port);
	}
	return seen;
}

/* Register the dead-name request of MACH_RCV_NOTIFY for a new name. */
static kern_return_t
ipc_copyout_request(
    struct ipc_space *space, mach_port_name_t name, struct ipc_port *notify)
{
	struct ipc_entry *entry = ipc_space_lookup(space, name);
	struct ipc_port *sonce = ipc_port_make_sonce(notify);
	kern_return_t kr;

	kr = ipc_request_insert_locked(space, name, entry, sonce);
	if (kr != KERN_SUCCESS) {
		ipc_port_drop(sonce, MACH_MSG_TYPE_PORT_SEND_ONCE);
	}
	return kr;
}

/*
 * Give SPACE, which is locked, the reply port.  If that, or the request that
 * goes with it, fails, nothing has changed.
 */
static mach_msg_return_t
ipc_copyout_reply(const struct ipc_receiver *receiver, struct ipc_port *reply,
    mach_msg_type_name_t type, mach_port_name_t *namep)
{
	struct ipc_space *space = receiver->space;
	struct ipc_port *notify = NULL;
	struct ipc_remains remains;
	struct ipc_port *again;
	kern_return_t kr;
	bool created;

	if (!space->active) {
		return MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_SPACE;
	}
	if (reply == IP_NULL && receiver->notify == MACH_PORT_NULL) {
		*namep = MACH_PORT_NULL;
		return MACH_MSG_SUCCESS;
	}
	if (receiver->notify != MACH_PORT_NULL) {
		if (ipc_right_receive_lock_locked(
			space, receiver->notify, &notify) != KERN_SUCCESS) {
			return MACH_RCV_INVALID_NOTIFY;
		}
		ipc_port_unlock(notify);
	}
	kr = ipc_right_copyout_locked(space, reply, type, namep, &created);
	if (kr != KERN_SUCCESS) {
		return MACH_RCV_HEADER_ERROR | ipc_copyout_right_error(kr);
	}
	if (notify == NULL || !created) {
		return MACH_MSG_SUCCESS;
	}
	kr = ipc_copyout_request(space, *namep, notify);
	if (kr == KERN_INVALID_CAPABILITY) {
		/* It just died, and the name shows that. */
		return MACH_MSG_SUCCESS;
	}
	if (kr != KERN_SUCCESS) {
		/* Take it back: the name was new and nobody saw it. */
		ipc_remains_init(&remains);
		type = type == MACH_MSG_TYPE_PORT_SEND
			   ? MACH_MSG_TYPE_MOVE_SEND
			   : MACH_MSG_TYPE_MOVE_SEND_ONCE;
		ipc_right_take_locked(space, *namep, type, &again);
		ipc_right_commit_locked(space, *namep, type, again, &remains);
		return MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL;
	}
	return MACH_MSG_SUCCESS;
}

/* Write the user's header over the queued one. */
static void
ipc_copyout_set_header(struct ipc_kmsg *kmsg, mach_port_name_t remote,
    mach_port_name_t local, mach_msg_type_name_t remote_type,
    mach_msg_type_name_t local_type)
{
	kmsg->user.msgh_bits = (kmsg->header.bits &
				   (MACH_MSGH_BITS_COMPLEX |
				       IPC_KMSG_BITS_PASSED)) |
			       MACH_MSGH_BITS(remote_type, local_type);
	kmsg->user.msgh_remote_port = remote;
	kmsg->user.msgh_local_port = local;
}

/* Give the rights of the header; on failure both are still the message's. */
static mach_msg_return_t
ipc_copyout_header(const struct ipc_receiver *receiver, struct ipc_kmsg *kmsg)
{
	struct ipc_port *dest = kmsg->header.remote;
	mach_msg_type_name_t dest_type = MACH_MSGH_BITS_REMOTE(
	    kmsg->header.bits);
	mach_msg_type_name_t reply_type = MACH_MSGH_BITS_LOCAL(
	    kmsg->header.bits);
	mach_msg_type_name_t local_type;
	mach_port_name_t reply_name;
	mach_port_name_t dest_name;
	struct ipc_port *last;
	mach_msg_return_t mr;

	ipc_space_lock(receiver->space);
	mr = ipc_copyout_reply(
	    receiver, kmsg->header.local, reply_type, &reply_name);
	if (mr != MACH_MSG_SUCCESS) {
		ipc_space_unlock(receiver->space);
		return mr;
	}
	local_type = ipc_copyout_dest_name(
	    receiver->space, dest, dest_type, true, &dest_name, &last);
	ipc_space_unlock(receiver->space);
	if (last != IP_NULL) {
		ipc_port_release_send(last);
	}
	ipc_copyout_set_header(
	    kmsg, reply_name, dest_name, reply_type, local_type);
	return MACH_MSG_SUCCESS;
}

/* Turn COUNT rights into names, in place. */
static mach_msg_return_t
ipc_copyout_rights(struct ipc_space *space, struct ipc_port **places,
    unsigned count, mach_msg_type_name_t type)
{
	mach_msg_return_t mr = MACH_MSG_SUCCESS;
	struct ipc_port *port;
	mach_port_name_t name;
	kern_return_t kr;

	for (unsigned i = 0; i < count; i++) {
		port = places[i];
		kr = ipc_right_copyout(space, port, type, &name);
		if (kr != KERN_SUCCESS) {
			ipc_port_release(port, type);
			name = MACH_PORT_NULL;
			mr |= ipc_copyout_right_error(
			    kr == KERN_INVALID_TASK ? KERN_NO_SPACE : kr);
		}
		*(mach_port_name_t *)&places[i] = name;
	}
	return mr;
}

/* The region of ITEM did not make it. */
static void
ipc_copyout_lost(struct ipc_kmsg_item *item)
{
	*(user_addr_t *)item->data = 0;
	if (item->is_long) {
		((mach_msg_type_long_t *)item->type)->msgtl_size = 0;
	} else {
		((mach_msg_type_t *)item->type)->msgt_size = 0;
	}
}

/* Rights out of line: memory first, since names cannot be taken back. */
static mach_msg_return_t
ipc_copyout_array(
    const struct ipc_receiver *receiver, struct ipc_kmsg_item *item)
{
	struct ipc_port **ports = *(struct ipc_port ***)item->data;
	mach_msg_return_t mr;
	vm_offset_t addr = 0;
	kern_return_t kr;

	kr = vm_map_allocate(receiver->map, &addr, item->length, true);
	if (kr != KERN_SUCCESS) {
		for (unsigned i = 0; i < item->number; i++) {
			ipc_port_release(ports[i], item->name);
		}
		kmem_free(ports, item->length);
		ipc_copyout_lost(item);
		return ipc_copyout_memory_error(kr);
	}
	mr = ipc_copyout_rights(
	    receiver->space, ports, item->number, item->name);
	/* Only another thread of the receiver can make this fail. */
	if (vm_map_write_bytes(receiver->map, addr, ports, item->length) !=
	    KERN_SUCCESS) {
		mr |= MACH_MSG_VM_SPACE;
	}
	kmem_free(ports, item->length);
	*(user_addr_t *)item->data = addr;
	return mr;
}

static mach_msg_return_t
ipc_copyout_region(
    const struct ipc_receiver *receiver, struct ipc_kmsg_item *item)
{
	struct vm_copy *copy = *(struct vm_copy **)item->data;
	vm_offset_t addr = 0;
	kern_return_t kr;

	if (copy == NULL) {
		*(user_addr_t *)item->data = 0;
		return MACH_MSG_SUCCESS;
	}
	kr = vm_copy_out(receiver->map, &addr, copy);
	if (kr != KERN_SUCCESS) {
		vm_copy_discard(copy);
		ipc_copyout_lost(item);
		return ipc_copyout_memory_error(kr);
	}
	*(user_addr_t *)item->data = addr;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
ipc_copyout_item(
    const struct ipc_receiver *receiver, struct ipc_kmsg_item *item)
{
	if (item->is_inline) {
		return !item->is_port
			   ? MACH_MSG_SUCCESS
			   : ipc_copyout_rights(receiver->space, item->data,
				 item->number, item->name);
	}
	((mach_msg_type_t *)item->type)->msgt_deallocate = 1;
	if (item->length == 0) {
		*(user_addr_t *)item->data = 0;
		return MACH_MSG_SUCCESS;
	}
	return item->is_port ? ipc_copyout_array(receiver, item)
			     : ipc_copyout_region(receiver, item);
}

mach_msg_return_t
ipc_copyout_body(const struct ipc_receiver *receiver, struct ipc_kmsg *kmsg)
{
	char *cursor = ipc_kmsg_body(kmsg);
	char *end = (char *)&kmsg->user + kmsg->user.msgh_size;
	mach_msg_return_t lost = MACH_MSG_SUCCESS;
	mach_msg_return_t mr;
	struct ipc_kmsg_item item;
	mach_msg_type_name_t name;

	if ((kmsg->user.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return MACH_MSG_SUCCESS;
	}
	if (ipc_kmsg_only_region(cursor, end, &item)) {
		return ipc_copyout_item(receiver, &item);
	}
	for (;;) {
		if (ipc_kmsg_at_word(cursor, end)) {
			name = ((mach_msg_type_t *)(void *)cursor)->msgt_name;
			cursor += sizeof(mach_msg_type_t);
			if (MACH_MSG_TYPE_PORT_ANY(name)) {
				lost |= ipc_copyout_rights(receiver->space,
				    (struct ipc_port **)(void *)cursor, 1,
				    name);
			}
			cursor += sizeof(mach_port_name_t);
			continue;
		}
		ipc_kmsg_skip_data(&cursor, end);
		if (cursor >= end) {
			return lost;
		}
		mr = ipc_kmsg_next_item(&cursor, end, &item);
		assert(mr == MACH_MSG_SUCCESS);
		lost |= ipc_copyout_item(receiver, &item);
	}
}

mach_msg_return_t
ipc_copyout(const struct ipc_receiver *receiver, struct ipc_kmsg *kmsg)
{
	mach_msg_return_t mr;

	mr = ipc_copyout_header(receiver, kmsg);
	if (mr != MACH_MSG_SUCCESS) {
		ipc_copyout_dest(receiver, kmsg);
		return mr;
	}
	if ((kmsg->user.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return MACH_MSG_SUCCESS;
	}
	mr = ipc_copyout_body(receiver, kmsg);
	return mr == MACH_MSG_SUCCESS ? mr : MACH_RCV_BODY_ERROR | mr;
}

void
ipc_copyout_dest(const struct ipc_receiver *receiver, struct ipc_kmsg *kmsg)
{
	struct ipc_port *dest = kmsg->header.remote;
	struct ipc_port *reply = kmsg->header.local;
	mach_msg_type_name_t dest_type = MACH_MSGH_BITS_REMOTE(
	    kmsg->header.bits);
	mach_msg_type_name_t reply_type = MACH_MSGH_BITS_LOCAL(
	    kmsg->header.bits);
	mach_msg_type_name_t local_type;
	mach_port_name_t dest_name;
	struct ipc_port *last;

	ipc_space_lock(receiver->space);
	local_type = ipc_copyout_dest_name(
	    receiver->space, dest, dest_type, false, &dest_name, &last);
	ipc_space_unlock(receiver->space);
	if (last != IP_NULL) {
		ipc_port_release_send(last);
	}
	if (ip_valid(reply)) {
		ipc_port_release(reply, reply_type);
	}
	ipc_kmsg_clean_body(kmsg);
	ipc_copyout_set_header(kmsg,
	    reply == IP_DEAD ? MACH_PORT_DEAD : MACH_PORT_NULL, dest_name,
	    reply_type, local_type);
}

/* Give one right of a header as if it were in the body. */
static mach_msg_return_t
ipc_copyout_back(const struct ipc_receiver *receiver, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t *namep)
{
	kern_return_t kr;

	kr = ipc_right_copyout(receiver->space, port, type, namep);
	if (kr == KERN_SUCCESS) {
		return MACH_MSG_SUCCESS;
	}
	*namep = MACH_PORT_NULL;
	ipc_port_release(port, type);
	return ipc_copyout_right_error(
	    kr == KERN_INVALID_TASK ? KERN_NO_SPACE : kr);
}

mach_msg_return_t
ipc_copyout_pseudo(const struct ipc_receiver *receiver, struct ipc_kmsg *kmsg)
{
	mach_msg_type_name_t dest_type = MACH_MSGH_BITS_REMOTE(
	    kmsg->header.bits);
	mach_msg_type_name_t reply_type = MACH_MSGH_BITS_LOCAL(
	    kmsg->header.bits);
	mach_port_name_t dest_name;
	mach_port_name_t reply_name;
	mach_msg_return_t mr;

	mr = ipc_copyout_back(
	    receiver, kmsg->header.remote, dest_type, &dest_name);
	mr |= ipc_copyout_back(
	    receiver, kmsg->header.local, reply_type, &reply_name);
	ipc_copyout_set_header(
	    kmsg, dest_name, reply_name, dest_type, reply_type);
	return mr | ipc_copyout_body(receiver, kmsg);
}

kern_return_t
ipc_copyout_put(struct ipc_kmsg *kmsg, user_addr_t msg, mach_msg_size_t size)
{
	kern_return_t kr;

	assert(size <= kmsg->capacity);
	kr = copyout(&kmsg->user, msg, size);
	ipc_kmsg_free(kmsg);
	return kr;
}
