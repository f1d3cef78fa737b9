/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the calls on names answer to a port that is no task, to names that are
 * not there or mean something else, and to counts at their limits.
 */

#include "rt.h"

#include <mach/notify.h>

#include "mach_debug_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

/* No task's name: the name space has no such high generation yet. */
#define NO_NAME		((mach_port_t)0x00fffff0)

#define UREFS_MAX	65535

/* Every call on TASK, which is the port of something else than a task. */
static void
test_no_task(mach_port_t task, int wanted)
{
	mach_port_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t count;
	mach_msg_type_number_t type_count;
	mach_port_t port = rt_port();
	mach_port_t out;
	mach_port_type_t type;
	mach_port_urefs_t refs;
	mach_port_status_t status;
	mach_port_rights_t rights;
	mach_msg_type_name_t kind;
	unsigned a;
	vm_offset_t b;

	want("names",
	    mach_port_names(task, &names, &count, &types, &type_count), wanted);
	want("type", mach_port_type(task, port, &type), wanted);
	want("rename", mach_port_rename(task, port, NO_NAME), wanted);
	want("allocate_name",
	    mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, NO_NAME),
	    wanted);
	want("allocate",
	    mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &out), wanted);
	want("destroy", mach_port_destroy(task, port), wanted);
	want("deallocate", mach_port_deallocate(task, port), wanted);
	want("get_refs",
	    mach_port_get_refs(task, port, MACH_PORT_RIGHT_SEND, &refs),
	    wanted);
	want("mod_refs",
	    mach_port_mod_refs(task, port, MACH_PORT_RIGHT_SEND, 1), wanted);
	want("set_qlimit", mach_port_set_qlimit(task, port, 1), wanted);
	want("set_mscount", mach_port_set_mscount(task, port, 1), wanted);
	want("set_seqno", mach_port_set_seqno(task, port, 1), wanted);
	want("get_set_status",
	    mach_port_get_set_status(task, port, &names, &count), wanted);
	want("move_member", mach_port_move_member(task, port, MACH_PORT_NULL),
	    wanted);
	want("request_notification",
	    mach_port_request_notification(task, port, MACH_NOTIFY_NO_SENDERS,
		0, MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE, &out),
	    wanted);
	want("insert_right",
	    mach_port_insert_right(
		task, NO_NAME, port, MACH_MSG_TYPE_COPY_SEND),
	    wanted);
	want("extract_right",
	    mach_port_extract_right(
		task, port, MACH_MSG_TYPE_COPY_SEND, &out, &kind),
	    wanted);
	want("get_receive_status",
	    mach_port_get_receive_status(task, port, &status), wanted);
	want("set_protected_payload",
	    mach_port_set_protected_payload(task, port, 1), wanted);
	want("clear_protected_payload",
	    mach_port_clear_protected_payload(task, port), wanted);
	want("get_srights", mach_port_get_srights(task, port, &rights), wanted);
	want("dnrequest_info", mach_port_dnrequest_info(task, port, &a, &a),
	    wanted);
	want("kernel_object", mach_port_kernel_object(task, port, &a, &b),
	    wanted);
	rt_show_right("the port is as before", port);
	mach_port_destroy(rt_task, port);
}

/* Calls that want a receive right, on NAME, which is none. */
static void
test_no_receive(mach_port_t name, int wanted)
{
	mach_port_status_t status;
	mach_port_rights_t rights;
	mach_port_array_t names;
	mach_msg_type_number_t count;
	mach_port_t out;
	unsigned a;

	want("set_qlimit", mach_port_set_qlimit(rt_task, name, 1), wanted);
	want("set_mscount", mach_port_set_mscount(rt_task, name, 1), wanted);
	want("set_seqno", mach_port_set_seqno(rt_task, name, 1), wanted);
	want("get_receive_status",
	    mach_port_get_receive_status(rt_task, name, &status), wanted);
	want("get_set_status",
	    mach_port_get_set_status(rt_task, name, &names, &count), wanted);
	want("move_member",
	    mach_port_move_member(rt_task, name, MACH_PORT_NULL), wanted);
	want("set_protected_payload",
	    mach_port_set_protected_payload(rt_task, name, 1), wanted);
	want("clear_protected_payload",
	    mach_port_clear_protected_payload(rt_task, name), wanted);
	want("no senders",
	    mach_port_request_notification(rt_task, name,
		MACH_NOTIFY_NO_SENDERS, 0, MACH_PORT_NULL,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &out),
	    wanted);
	want("port destroyed",
	    mach_port_request_notification(rt_task, name,
		MACH_NOTIFY_PORT_DESTROYED, 0, MACH_PORT_NULL,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &out),
	    wanted);
	want("get_srights", mach_port_get_srights(rt_task, name, &rights),
	    wanted);
	want("dnrequest_info", mach_port_dnrequest_info(rt_task, name, &a, &a),
	    wanted);
}

static void
test_names(void)
{
	mach_port_t set;
	mach_port_t dead = rt_port();
	mach_port_t send = rt_port();
	mach_port_type_t type;
	unsigned a;
	vm_offset_t b;

	need(
	    "set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET, &set));
	need("kill",
	    mach_port_mod_refs(rt_task, dead, MACH_PORT_RIGHT_RECEIVE, -1));
	rt_printf("no name");
	test_no_receive(NO_NAME, KERN_INVALID_NAME);
	want(
	    "type", mach_port_type(rt_task, NO_NAME, &type), KERN_INVALID_NAME);
	want("kernel_object", mach_port_kernel_object(rt_task, NO_NAME, &a, &b),
	    KERN_INVALID_NAME);
	rt_printf("a dead name");
	test_no_receive(dead, KERN_INVALID_RIGHT);
	want("kernel_object", mach_port_kernel_object(rt_task, dead, &a, &b),
	    KERN_INVALID_RIGHT);
	rt_printf("a send right");
	test_no_receive(rt_host_priv, KERN_INVALID_RIGHT);
	want("kernel_object",
	    mach_port_kernel_object(rt_task, rt_host_priv, &a, &b),
	    KERN_SUCCESS);
	rt_printf("it is the host %u", a);
	want("kernel_object", mach_port_kernel_object(rt_task, send, &a, &b),
	    KERN_SUCCESS);
	rt_printf("one of nothing %u at %u", a, (unsigned)b);
	mach_port_destroy(rt_task, set);
	mach_port_destroy(rt_task, dead);
	mach_port_destroy(rt_task, send);
}

/* References are 16 bits, and the death of the port takes one of them. */
static void
test_urefs(void)
{
	mach_port_t port = rt_port();
	mach_port_t notify = rt_port();
	mach_port_t previous;

	want("nearly",
	    mach_port_mod_refs(
		rt_task, port, MACH_PORT_RIGHT_SEND, UREFS_MAX - 3),
	    KERN_SUCCESS);
	want("to the limit",
	    mach_port_insert_right(
		rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
	rt_show_right("now", port);
	want("insert",
	    mach_port_insert_right(
		rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_UREFS_OVERFLOW);
	want("one more",
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, 1),
	    KERN_UREFS_OVERFLOW);
	rt_show_right("now", port);
	need("kill",
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1));
	rt_show_right("dead", port);
	want("notify at once",
	    mach_port_request_notification(rt_task, port, MACH_NOTIFY_DEAD_NAME,
		1, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous),
	    KERN_SUCCESS);
	rt_show_right("one more", port);
	want("notify again",
	    mach_port_request_notification(rt_task, port, MACH_NOTIFY_DEAD_NAME,
		1, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous),
	    KERN_UREFS_OVERFLOW);
	want("notify later",
	    mach_port_request_notification(rt_task, port, MACH_NOTIFY_DEAD_NAME,
		0, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous),
	    KERN_INVALID_ARGUMENT);
	rt_show_right("still", port);
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, notify);
}

/* A notification to a port that is dead. */
static void
test_dead_notify(void)
{
	mach_port_t port = rt_port();
	mach_port_t target;
	mach_port_t once;
	mach_port_t previous;
	mach_msg_type_name_t kind;

	for (int id = MACH_NOTIFY_FIRST; id <= MACH_NOTIFY_LAST; id++) {
		need("target", mach_port_allocate(
				   rt_task, MACH_PORT_RIGHT_RECEIVE, &target));
		need("once", mach_port_extract_right(rt_task, target,
				 MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &kind));
		need("kill", mach_port_destroy(rt_task, target));
		rt_printf("notification %d", id - MACH_NOTIFY_FIRST);
		show("  to a dead name",
		    mach_port_request_notification(rt_task, port, id, 0, once,
			MACH_MSG_TYPE_MOVE_SEND_ONCE, &previous));
		rt_show_right("  left", once);
	}
	mach_port_destroy(rt_task, port);
}

/* Renaming and naming at the edges of the name space. */
static void
test_edges(void)
{
	mach_port_t port = rt_port();
	mach_port_t other = rt_port();

	want("rename to itself", mach_port_rename(rt_task, port, port),
	    KERN_NAME_EXISTS);
	want("rename to another", mach_port_rename(rt_task, port, other),
	    KERN_NAME_EXISTS);
	want("insert under another's name",
	    mach_port_insert_right(
		rt_task, other, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_RIGHT_EXISTS);
	want("insert once under another's name",
	    mach_port_insert_right(
		rt_task, other, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	    KERN_NAME_EXISTS);
	want("rename to null", mach_port_rename(rt_task, port, MACH_PORT_NULL),
	    KERN_INVALID_VALUE);
	want("rename to dead", mach_port_rename(rt_task, port, MACH_PORT_DEAD),
	    KERN_INVALID_VALUE);
	want("rename nothing", mach_port_rename(rt_task, NO_NAME, NO_NAME + 8),
	    KERN_INVALID_NAME);
	want("name null",
	    mach_port_allocate_name(
		rt_task, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_NULL),
	    KERN_INVALID_VALUE);
	want("name dead",
	    mach_port_allocate_name(
		rt_task, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_DEAD),
	    KERN_INVALID_VALUE);
	want("no such kind",
	    mach_port_allocate_name(rt_task, MACH_PORT_RIGHT_NUMBER, NO_NAME),
	    KERN_INVALID_VALUE);
	want("a send right",
	    mach_port_allocate(rt_task, MACH_PORT_RIGHT_SEND, &other),
	    KERN_INVALID_VALUE);
	mach_port_destroy(rt_task, port);
}

void
test(void)
{
	mach_port_t dead = rt_port();

	rt_printf("the host");
	test_no_task(rt_host_priv, KERN_INVALID_TASK);
	rt_printf("a thread");
	test_no_task(mach_thread_self(), KERN_INVALID_TASK);
	need("kill",
	    mach_port_mod_refs(rt_task, dead, MACH_PORT_RIGHT_RECEIVE, -1));
	rt_printf("a dead name");
	test_no_task(dead, MACH_SEND_INVALID_DEST);
	rt_printf("nothing");
	test_no_task(MACH_PORT_NULL, MACH_SEND_INVALID_DEST);
	test_names();
	test_urefs();
	test_dead_notify();
	test_edges();
}
