/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Attacks that GNU Mach does not survive, or meets in another way.
 */

#include "rt.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

/* Integers in a message that are no addresses of ports. */
#define FORGED_KERNEL	0xc0100000u
#define FORGED_USER	0x08048000u

static union {
	mach_msg_header_t header;
	struct {
		mach_msg_header_t header2;
		uint32_t words[200];
	};
} msg;

static uint32_t
type_word(unsigned name)
{
	mach_msg_type_t type = rt_type(name, 32, 1, true, false);

	return *(uint32_t *)&type;
}

/* Does the kernel count any send right for PORT, which we receive? */
static long
has_senders(mach_port_t port)
{
	mach_port_status_t status;

	need("status", mach_port_get_receive_status(rt_task, port, &status));
	return status.mps_srights;
}

/* Map memory of PAGER, and have the control port that comes with it. */
static mach_port_t
become_pager(mach_port_t pager, vm_offset_t *addr)
{
	*addr = 0;
	need("map", vm_map(rt_task, addr, P, 0, TRUE, pager, 0, FALSE,
			VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE));
	need("init", rt_receive(&msg.header, sizeof(msg), pager,
			RT_PATIENCE_MS));
	return msg.words[1];
}

/* Send a call to CONTROL whose reply port is a number, or another right. */
static void
forge(mach_port_t control, mach_msg_id_t id, unsigned words, unsigned name,
    uint32_t value, bool complex)
{
	rt_header(&msg.header,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) |
		(complex ? MACH_MSGH_BITS_COMPLEX : 0),
	    sizeof(mach_msg_header_t) + (words + 2) * 4, control,
	    MACH_PORT_NULL, id);
	msg.words[words] = type_word(name);
	msg.words[words + 1] = value;
	want("  send",
	    mach_msg(
		&msg.header, MACH_SEND_MSG, msg.header.msgh_size, 0, 0, 0, 0),
	    MACH_MSG_SUCCESS);
}

/* Arguments of lock_request and change_attributes before the reply port. */
static unsigned
put_arguments(mach_msg_id_t id)
{
	unsigned count = id == 2044 ? 5 : 2;

	for (unsigned i = 0; i < count; i++) {
		msg.words[2 * i] = type_word(id == 2095 && i == 0
						 ? MACH_MSG_TYPE_BOOLEAN
						 : MACH_MSG_TYPE_INTEGER_32);
		msg.words[2 * i + 1] = 0;
	}
	if (id == 2044) {
		msg.words[6] = type_word(MACH_MSG_TYPE_BOOLEAN);
	}
	return 2 * count;
}

/*
 * The reply port of a call to a memory object may have any type; one that is
 * no port is not to be taken for one.
 */
static void
forged_reply_ports(void)
{
	static const mach_msg_id_t ids[] = { 2044, 2095 };
	mach_port_t pager = rt_port();
	vm_offset_t addr;
	mach_port_t control = become_pager(pager, &addr);

	for (unsigned i = 0; i < 2; i++) {
		mach_msg_id_t id = ids[i];
		mach_port_t given;

		rt_printf("forged reply port of %d", id);
		forge(control, id, put_arguments(id), MACH_MSG_TYPE_INTEGER_32,
		    FORGED_KERNEL, false);
		forge(control, id, put_arguments(id), MACH_MSG_TYPE_INTEGER_32,
		    FORGED_USER, false);
		forge(control, id, put_arguments(id), MACH_MSG_TYPE_CHAR,
		    FORGED_KERNEL, false);
		need("port", mach_port_allocate(
				 rt_task, MACH_PORT_RIGHT_RECEIVE, &given));
		forge(control, id, put_arguments(id),
		    MACH_MSG_TYPE_MOVE_RECEIVE, given, true);
		/* The right went with the message. */
		want("  move again",
		    mach_port_mod_refs(
			rt_task, given, MACH_PORT_RIGHT_RECEIVE, -1),
		    KERN_INVALID_NAME);
		given = rt_port();
		forge(control, id, put_arguments(id), MACH_MSG_TYPE_COPY_SEND,
		    given, true);
		want("  true answer",
		    rt_receive(
			&msg.header, sizeof(msg), given, RT_PATIENCE_MS),
		    MACH_MSG_SUCCESS);
		mach_port_destroy(rt_task, given);
	}
	vm_deallocate(rt_task, addr, P);
	mach_port_destroy(rt_task, control);
	mach_port_destroy(rt_task, pager);
}

/* The trap takes one send right for one mapping, and gives it back. */
static void
mapping_by_trap(void)
{
	mach_port_t pager = rt_port();
	vm_offset_t addrs[8];

	for (unsigned i = 0; i < 8; i++) {
		addrs[i] = 0;
		need("map",
		    syscall_vm_map(rt_task, &addrs[i], P, 0, TRUE, pager, 0,
			FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE));
	}
	want_number("mapped object has senders", has_senders(pager), 1);
	want("  bad protection",
	    syscall_vm_map(rt_task, &addrs[0], P, 0, TRUE, pager, 0, FALSE,
		0x100, VM_PROT_ALL, VM_INHERIT_NONE),
	    KERN_INVALID_ARGUMENT);
	want("  bad offset",
	    syscall_vm_map(rt_task, &addrs[0], P, 0, TRUE, pager, 5, FALSE,
		VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE),
	    KERN_INVALID_ARGUMENT);
	want("  no room",
	    syscall_vm_map(rt_task, &addrs[0], -P, 0, TRUE, pager, 0,
		FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE),
	    KERN_NO_SPACE);
	want_number("  after failures", has_senders(pager), 1);
	for (unsigned i = 0; i < 8; i++) {
		vm_deallocate(rt_task, addrs[i], P);
	}
	while (rt_receive(&msg.header, sizeof(msg), pager, 200) ==
	       MACH_MSG_SUCCESS) {
		if (msg.header.msgh_id == 2201) {
			rt_printf("terminated");
		}
	}
	want_number("  unmapped", has_senders(pager), 1);
	mach_port_destroy(rt_task, pager);
}

/*
 * A message that says that its descriptors are out of line, but not that it is
 * complex: their address must not be taken for something of the kernel's.
 */
static void
forged_region(void)
{
	static uint32_t here[64];
	struct {
		mach_msg_header_t header;
		mach_msg_type_t first_type;
		int first;
		mach_msg_type_long_t list_type;
		uint32_t *list;
		char room[64];
	} forged = {
		.first_type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, true,
		    false),
		.first = 0x107,
		.list_type.msgtl_header.msgt_longform = 1,
		.list_type.msgtl_name = MACH_MSG_TYPE_INTEGER_32,
		.list_type.msgtl_size = 32,
		.list_type.msgtl_number = 2,
		.list = here,
	};
	mach_msg_size_t size = offsetof(typeof(forged), room);
	mach_port_t reply = mach_reply_port();

	rt_printf("a forged region");
	for (unsigned i = 0; i < 64; i++) {
		here[i] = 0x10000;
	}
	rt_header(&forged.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE), size, mach_thread_self(), reply,
	    3803);
	want("  set_ldt", mach_msg(&forged.header,
	    MACH_SEND_MSG | MACH_RCV_MSG, size, sizeof(forged), reply, 0, 0),
	    MACH_MSG_SUCCESS);
	want("  its answer", ((mig_reply_header_t *)&forged)->RetCode,
	    MIG_BAD_ARGUMENTS);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	forged_reply_ports();
	mapping_by_trap();
	forged_region();
}
