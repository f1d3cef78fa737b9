/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Names and rights: every call of mach_port.defs that concerns one space.
 */

#include "rt.h"

#include <mach/notify.h>

#include "mach_port_user.h"
#include "mach_user.h"

static mach_port_t
new_receive(void)
{
	mach_port_t port;

	need("allocate", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    &port));
	return port;
}

static void
test_allocate(void)
{
	mach_port_t name;

	for (unsigned right = 0; right < 7; right++) {
		kern_return_t kr = mach_port_allocate(rt_task, right, &name);

		rt_printf("allocate right %u", right);
		show("  code", kr);
		if (kr == KERN_SUCCESS) {
			rt_show_right("  name", name);
			want("  destroy", mach_port_destroy(rt_task, name),
			    KERN_SUCCESS);
			want("  type", mach_port_destroy(rt_task, name),
			    KERN_INVALID_NAME);
		}
	}
	want("allocate name 0", mach_port_allocate_name(rt_task,
	    MACH_PORT_RIGHT_RECEIVE, 0), KERN_INVALID_VALUE);
	want("allocate name -1", mach_port_allocate_name(rt_task,
	    MACH_PORT_RIGHT_RECEIVE, ~0u), KERN_INVALID_VALUE);
	want("allocate name", mach_port_allocate_name(rt_task,
	    MACH_PORT_RIGHT_RECEIVE, 0x1234500), KERN_SUCCESS);
	rt_show_right("named", 0x1234500);
	want("allocate name again", mach_port_allocate_name(rt_task,
	    MACH_PORT_RIGHT_DEAD_NAME, 0x1234500), KERN_NAME_EXISTS);
	want("destroy", mach_port_destroy(rt_task, 0x1234500), KERN_SUCCESS);
}

static void
test_references(void)
{
	mach_port_t port = new_receive();
	mach_port_urefs_t refs;

	want("insert make_send", mach_port_insert_right(rt_task, port, port,
	    MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	want("insert copy_send", mach_port_insert_right(rt_task, port, port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_SUCCESS);
	rt_show_right("two sends", port);
	want("mod_refs +3", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_SEND, 3), KERN_SUCCESS);
	want("get_refs send", mach_port_get_refs(rt_task, port,
	    MACH_PORT_RIGHT_SEND, &refs), KERN_SUCCESS);
	want_number("refs", refs, 5);
	want("get_refs receive", mach_port_get_refs(rt_task, port,
	    MACH_PORT_RIGHT_RECEIVE, &refs), KERN_SUCCESS);
	want_number("refs", refs, 1);
	want("get_refs dead name", mach_port_get_refs(rt_task, port,
	    MACH_PORT_RIGHT_DEAD_NAME, &refs), KERN_SUCCESS);
	want_number("refs", refs, 0);
	want("get_refs bad right", mach_port_get_refs(rt_task, port,
	    17, &refs), KERN_INVALID_VALUE);
	want("mod_refs -9", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_SEND, -9), KERN_INVALID_VALUE);
	want("mod_refs overflow", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_SEND, 65530), KERN_UREFS_OVERFLOW);
	want("mod_refs receive +1", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_RECEIVE, 1), KERN_INVALID_VALUE);
	want("mod_refs send-once -1", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_SEND_ONCE, -1), KERN_INVALID_RIGHT);
	want("mod_refs of nothing", mach_port_mod_refs(rt_task, 0x777700,
	    MACH_PORT_RIGHT_SEND, 1), KERN_INVALID_NAME);
	want("mod_refs bad right", mach_port_mod_refs(rt_task, port, 9, 1),
	    KERN_INVALID_VALUE);
	want("mod_refs of port-set right", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_PORT_SET, -1), KERN_INVALID_RIGHT);
	want("deallocate", mach_port_deallocate(rt_task, port), KERN_SUCCESS);
	rt_show_right("four sends", port);
	want("mod_refs receive -1", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
	rt_show_right("port died", port);
	want("mod_refs dead -3", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_DEAD_NAME, -3), KERN_SUCCESS);
	rt_show_right("one left", port);
	want("deallocate dead", mach_port_deallocate(rt_task, port),
	    KERN_SUCCESS);
	rt_show_right("gone", port);
}

static void
test_insert_extract(void)
{
	mach_port_t port = new_receive();
	mach_port_t other = new_receive();
	mach_port_t got;
	mach_msg_type_name_t type;

	want("extract make_send", mach_port_extract_right(rt_task, port,
	    MACH_MSG_TYPE_MAKE_SEND, &got, &type), KERN_SUCCESS);
	rt_printf("same name %d type %u", got == port, type);
	want("extract make_send_once", mach_port_extract_right(rt_task, port,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &got, &type), KERN_SUCCESS);
	rt_printf("same name %d type %u", got == port, type);
	rt_show_right("send-once", got);
	want("deallocate send-once", mach_port_deallocate(rt_task, got),
	    KERN_SUCCESS);
	want("extract bad type", mach_port_extract_right(rt_task, port, 3,
	    &got, &type), KERN_INVALID_VALUE);
	want("extract move_send_once", mach_port_extract_right(rt_task, port,
	    MACH_MSG_TYPE_MOVE_SEND_ONCE, &got, &type), KERN_INVALID_RIGHT);
	want("extract nothing", mach_port_extract_right(rt_task, 0x777700,
	    MACH_MSG_TYPE_COPY_SEND, &got, &type), KERN_INVALID_NAME);

	want("insert under another name", mach_port_insert_right(rt_task,
	    0x1230000, port, MACH_MSG_TYPE_COPY_SEND), KERN_RIGHT_EXISTS);
	want("insert over another port", mach_port_insert_right(rt_task,
	    other, port, MACH_MSG_TYPE_COPY_SEND), KERN_RIGHT_EXISTS);
	want("insert send-once under a name", mach_port_insert_right(rt_task,
	    0x1230000, port, MACH_MSG_TYPE_MAKE_SEND_ONCE), KERN_SUCCESS);
	rt_show_right("it", 0x1230000);
	want("insert null", mach_port_insert_right(rt_task, 0x1240000,
	    MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND),
	    KERN_INVALID_CAPABILITY);
	want("insert bad name", mach_port_insert_right(rt_task, 0, port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_INVALID_VALUE);
	want("destroy port", mach_port_destroy(rt_task, port), KERN_SUCCESS);
	rt_show_right("send-once of a dead port", 0x1230000);
	want("destroy", mach_port_destroy(rt_task, 0x1230000), KERN_SUCCESS);
	want("destroy", mach_port_destroy(rt_task, other), KERN_SUCCESS);
}

static void
test_rename(void)
{
	mach_port_t port = rt_port();
	mach_port_t other = new_receive();

	want("rename", mach_port_rename(rt_task, port, 0x4560000),
	    KERN_SUCCESS);
	rt_show_right("old", port);
	rt_show_right("new", 0x4560000);
	want("rename to a used name", mach_port_rename(rt_task, 0x4560000,
	    other), KERN_NAME_EXISTS);
	want("rename to itself", mach_port_rename(rt_task, other, other),
	    KERN_NAME_EXISTS);
	want("rename nothing", mach_port_rename(rt_task, 0x777700, 0x4570000),
	    KERN_INVALID_NAME);
	want("rename to null", mach_port_rename(rt_task, other, 0),
	    KERN_INVALID_VALUE);
	want("destroy", mach_port_destroy(rt_task, 0x4560000), KERN_SUCCESS);
	want("destroy", mach_port_destroy(rt_task, other), KERN_SUCCESS);
}

static void
show_status(mach_port_t port)
{
	mach_port_status_t s;

	need("status", mach_port_get_receive_status(rt_task, port, &s));
	rt_printf("status: set %d seqno %u mscount %u qlimit %u msgs %u "
	    "so %u sr %d pd %d ns %d", s.mps_pset != 0, s.mps_seqno,
	    s.mps_mscount, s.mps_qlimit, s.mps_msgcount, s.mps_sorights,
	    s.mps_srights, s.mps_pdrequest, s.mps_nsrequest);
}

static void
test_status(void)
{
	mach_port_t port = new_receive();
	mach_port_t set;
	mach_port_t previous;
	mach_port_status_t s;

	show_status(port);
	want("set_qlimit", mach_port_set_qlimit(rt_task, port, 2),
	    KERN_SUCCESS);
	want("set_qlimit too much", mach_port_set_qlimit(rt_task, port,
	    100000), KERN_INVALID_VALUE);
	want("set_mscount", mach_port_set_mscount(rt_task, port, 7),
	    KERN_SUCCESS);
	want("set_seqno", mach_port_set_seqno(rt_task, port, 11),
	    KERN_SUCCESS);
	show_status(port);
	want("make a send", mach_port_insert_right(rt_task, port, port,
	    MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	want("request no senders", mach_port_request_notification(rt_task,
	    port, MACH_NOTIFY_NO_SENDERS, 100, port,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous), KERN_SUCCESS);
	rt_printf("previous %d", previous != 0);
	show_status(port);
	want("allocate set", mach_port_allocate(rt_task,
	    MACH_PORT_RIGHT_PORT_SET, &set), KERN_SUCCESS);
	want("move_member", mach_port_move_member(rt_task, port, set),
	    KERN_SUCCESS);
	show_status(port);
	want("status of a set", mach_port_get_receive_status(rt_task, set,
	    &s), KERN_INVALID_RIGHT);
	want("status of nothing", mach_port_get_receive_status(rt_task,
	    0x777700, &s), KERN_INVALID_NAME);
	want("destroy", mach_port_destroy(rt_task, port), KERN_SUCCESS);
	want("destroy", mach_port_destroy(rt_task, set), KERN_SUCCESS);
}

static void
test_payload(void)
{
	mach_port_t port = rt_port();
	mach_msg_header_t msg;

	want("set payload", mach_port_set_protected_payload(rt_task, port,
	    0xfeedface), KERN_SUCCESS);
	rt_header(&msg, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    sizeof(msg), port, 0, 5);
	want("send", mach_msg(&msg, MACH_SEND_MSG, sizeof(msg), 0, 0, 0, 0),
	    MACH_MSG_SUCCESS);
	want("receive", rt_receive(&msg, sizeof(msg), port, 1000),
	    MACH_MSG_SUCCESS);
	rt_printf("bits 0x%x payload 0x%lx", msg.msgh_bits,
	    msg.msgh_protected_payload);
	want("clear payload", mach_port_clear_protected_payload(rt_task,
	    port), KERN_SUCCESS);
	rt_header(&msg, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    sizeof(msg), port, 0, 5);
	want("send", mach_msg(&msg, MACH_SEND_MSG, sizeof(msg), 0, 0, 0, 0),
	    MACH_MSG_SUCCESS);
	want("receive", rt_receive(&msg, sizeof(msg), port, 1000),
	    MACH_MSG_SUCCESS);
	rt_printf("bits 0x%x name %d", msg.msgh_bits,
	    msg.msgh_local_port == port);
	want("destroy", mach_port_destroy(rt_task, port), KERN_SUCCESS);
}

static void
test_names(void)
{
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t name_count;
	mach_msg_type_number_t type_count;
	mach_msg_type_number_t before;
	mach_port_t ports[300];
	unsigned found = 0;

	want("names", mach_port_names(rt_task, &names, &name_count, &types,
	    &type_count), KERN_SUCCESS);
	rt_printf("as many types: %d", name_count == type_count);
	before = name_count;
	vm_deallocate(rt_task, (vm_offset_t)names, name_count * 4);
	vm_deallocate(rt_task, (vm_offset_t)types, type_count * 4);

	for (unsigned i = 0; i < 300; i++) {
		ports[i] = new_receive();
	}
	want("names", mach_port_names(rt_task, &names, &name_count, &types,
	    &type_count), KERN_SUCCESS);
	want_number("more", name_count - before, 300);
	for (unsigned i = 0; i < name_count; i++) {
		for (unsigned j = 0; j < 300; j++) {
			found += names[i] == ports[j] &&
			    types[i] == MACH_PORT_TYPE_RECEIVE;
		}
	}
	want_number("found", found, 300);
	vm_deallocate(rt_task, (vm_offset_t)names, name_count * 4);
	vm_deallocate(rt_task, (vm_offset_t)types, type_count * 4);

	/* Every other, backwards, then the rest; all stay valid meanwhile. */
	for (int i = 299; i >= 0; i -= 2) {
		need("destroy", mach_port_destroy(rt_task, ports[i]));
	}
	for (int i = 298; i >= 0; i -= 2) {
		mach_port_type_t type;

		need("type", mach_port_type(rt_task, ports[i], &type));
		need("destroy", mach_port_destroy(rt_task, ports[i]));
	}
	want("names", mach_port_names(rt_task, &names, &name_count, &types,
	    &type_count), KERN_SUCCESS);
	want_number("as before", name_count - before, 0);
	vm_deallocate(rt_task, (vm_offset_t)names, name_count * 4);
	vm_deallocate(rt_task, (vm_offset_t)types, type_count * 4);
}

/* Rights of another task. */
static void
test_other_task(void)
{
	mach_port_t task;
	mach_port_t port = rt_port();
	mach_port_t got;
	mach_port_t name;
	mach_msg_type_name_t type;
	mach_port_urefs_t refs;

	need("task_create", task_create(rt_task, FALSE, &task));
	want("insert there", mach_port_insert_right(task, 0x60000, port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_SUCCESS);
	want("insert there again", mach_port_insert_right(task, 0x60000, port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_SUCCESS);
	want("refs there", mach_port_get_refs(task, 0x60000,
	    MACH_PORT_RIGHT_SEND, &refs), KERN_SUCCESS);
	want_number("refs", refs, 2);
	want("extract back", mach_port_extract_right(task, 0x60000,
	    MACH_MSG_TYPE_COPY_SEND, &got, &type), KERN_SUCCESS);
	rt_printf("same name %d type %u", got == port, type);
	rt_show_right("here", port);
	want("allocate there", mach_port_allocate(task,
	    MACH_PORT_RIGHT_RECEIVE, &name), KERN_SUCCESS);
	want("take its receive right", mach_port_extract_right(task, name,
	    MACH_MSG_TYPE_MOVE_RECEIVE, &got, &type), KERN_SUCCESS);
	rt_show_right("taken", got);
	want("its name there", mach_port_get_refs(task, name,
	    MACH_PORT_RIGHT_SEND, &refs), KERN_INVALID_NAME);
	want("give ours away", mach_port_insert_right(task, 0x70000, got,
	    MACH_MSG_TYPE_MOVE_RECEIVE), KERN_SUCCESS);
	rt_show_right("given", got);
	want("terminate", task_terminate(task), KERN_SUCCESS);
	want("insert into the dead", mach_port_insert_right(task, 0x80000,
	    port, MACH_MSG_TYPE_COPY_SEND), MACH_SEND_INVALID_DEST);
	rt_show_right("task", task);
	rt_show_right("port", port);
}

void
test(void)
{
	test_allocate();
	test_references();
	test_insert_extract();
	test_rename();
	test_status();
	test_payload();
	test_names();
	test_other_task();
}
