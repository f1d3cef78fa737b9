/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The message call and what MIG's stubs need around it.  The first call of a
 * thread makes its reply port; where it is kept is the business of servers
 * (musl_thread.c) or of UNIX programs (client.c).
 */

#include <servers/lib/mach.h>

#include <mach/mig_support.h>
#include <mach/notify.h>
#include <string.h>

#include <mig/mach_user.h>
#include <mig/mach_port_user.h>

#include <servers/lib/reply_i.h>

mach_port_t mach_task_self_;
mach_port_t mach_host_self_;
vm_size_t vm_page_size = 4096;

mach_msg_return_t
mach_msg(mach_msg_header_t *message, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t receive_size,
    mach_port_t receive_name, mach_msg_timeout_t timeout, mach_port_t notify)
{
	mach_msg_return_t mr;

	mr = mach_msg_trap(message, option, send_size, receive_size,
	    receive_name, timeout, notify);
	while (mr == MACH_SEND_INTERRUPTED && !(option & MACH_SEND_INTERRUPT)) {
		mr = mach_msg_trap(message, option, send_size, receive_size,
		    receive_name, timeout, notify);
	}
	/* The message has gone out: only the receive is done again. */
	while (mr == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT)) {
		mr = mach_msg_trap(message, option & ~MACH_SEND_MSG, 0,
		    receive_size, receive_name, timeout, notify);
	}
	return mr;
}

mach_port_t
mig_get_reply_port(void)
{
	mach_port_t *slot = mig_reply_slot();

	if (*slot == MACH_PORT_NULL) {
		*slot = mach_reply_port();
	}
	return *slot;
}

void
mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

void
mig_dealloc_reply_port(mach_port_t port)
{
	mach_port_t *slot = mig_reply_slot();

	if (port == MACH_PORT_NULL || *slot != port) {
		return;
	}
	/* The call below needs a reply port itself. */
	*slot = MACH_PORT_NULL;
	(void)mach_port_mod_refs(mach_task_self(), port,
	    MACH_PORT_RIGHT_RECEIVE, -1);
}

void
mig_init(void *first)
{
	(void)first;
}

void
mig_allocate(vm_address_t *address, vm_size_t size)
{
	if (vm_allocate(mach_task_self(), address, size, TRUE) != KERN_SUCCESS) {
		*address = 0;
	}
}

void
mig_deallocate(vm_address_t address, vm_size_t size)
{
	(void)vm_deallocate(mach_task_self(), address, size);
}

vm_size_t
mig_strncpy(char *to, const char *from, vm_size_t size)
{
	vm_size_t n;

	if (size == 0) {
		return 0;
	}
	n = strnlen(from, size - 1);
	memcpy(to, from, n);
	to[n] = '\0';
	return n;
}

static void
mach_msg_destroy_port(mach_port_t port, unsigned kind)
{
	if (port == MACH_PORT_NULL || port == MACH_PORT_DEAD) {
		return;
	}
	switch (kind) {
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		(void)mach_port_deallocate(mach_task_self(), port);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		(void)mach_port_mod_refs(mach_task_self(), port,
		    MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	default:
		/* Copy and make kinds: the sender keeps what it has. */
		break;
	}
}

/* One item of a body at P, not beyond END; the item after it or NULL. */
static char *
mach_msg_destroy_item(char *p, char *end, bool received)
{
	mach_msg_type_long_t *type = (mach_msg_type_long_t *)p;
	mach_msg_type_t *head = &type->msgtl_header;
	unsigned name = head->msgt_name;
	unsigned bits = head->msgt_size;
	unsigned number = head->msgt_number;
	size_t header = sizeof(mach_msg_type_t);
	uint64_t bytes;
	mach_port_t *ports;
	char *data;

	if (p + header > end) {
		return NULL;
	}
	if (head->msgt_longform) {
		header = sizeof(*type);
		if (p + header > end) {
			return NULL;
		}
		name = type->msgtl_name;
		bits = type->msgtl_size;
		number = type->msgtl_number;
	}
	bytes = ((uint64_t)bits * number + 7) / 8;
	p += header;
	data = p;
	if (!head->msgt_inline) {
		if (p + sizeof(char *) > end) {
			return NULL;
		}
		data = *(char **)p;
		p += sizeof(char *);
	} else {
		if (bytes > (uint64_t)(end - p)) {
			return NULL;
		}
		p += (bytes + 3) & ~3ull;
	}
	/* What could not be received has its number, but no size. */
	if (MACH_MSG_TYPE_PORT_ANY(name) && bytes != 0) {
		ports = (mach_port_t *)data;
		for (unsigned i = 0; i < number; i++) {
			mach_msg_destroy_port(ports[i], name);
		}
	}
	if (!head->msgt_inline && bytes != 0 &&
	    (received || head->msgt_deallocate)) {
		(void)vm_deallocate(mach_task_self(), (vm_address_t)data,
		    (vm_size_t)bytes);
	}
	return p;
}

void
mach_msg_destroy(mach_msg_header_t *message, bool received)
{
	char *end = (char *)message + message->msgh_size;
	char *p = (char *)(message + 1);

	mach_msg_destroy_port(message->msgh_remote_port,
	    MACH_MSGH_BITS_REMOTE(message->msgh_bits));
	if (!(message->msgh_bits & MACH_MSGH_BITS_COMPLEX)) {
		return;
	}
	while (p != NULL && p < end) {
		p = mach_msg_destroy_item(p, end, received);
	}
}
