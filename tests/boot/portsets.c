/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Port sets: membership, receiving from several ports, sets that change or die
 * while somebody receives.
 */

#include "rt.h"

#include "mach_port_user.h"
#include "mach_user.h"

static mach_msg_header_t msg;

static void
post(mach_port_t port, int id)
{
	rt_header(&msg, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
	    sizeof(msg), port, 0, id);
	need("post", mach_msg(&msg, MACH_SEND_MSG, sizeof(msg), 0, 0, 0, 0));
}

static mach_port_t
new_set(void)
{
	mach_port_t set;

	need("allocate set", mach_port_allocate(rt_task,
	    MACH_PORT_RIGHT_PORT_SET, &set));
	return set;
}

static mach_port_t
new_port(void)
{
	mach_port_t port;

	need("allocate port", mach_port_allocate(rt_task,
	    MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

static void
test_members(void)
{
	mach_port_t set = new_set();
	mach_port_t other = new_set();
	mach_port_t a = new_port();
	mach_port_t b = new_port();
	mach_port_name_array_t members;
	mach_msg_type_number_t count;

	want("move a in", mach_port_move_member(rt_task, a, set),
	    KERN_SUCCESS);
	want("move b in", mach_port_move_member(rt_task, b, set),
	    KERN_SUCCESS);
	want("set status", mach_port_get_set_status(rt_task, set, &members,
	    &count), KERN_SUCCESS);
	want_number("members", count, 2);
	rt_printf("they are a and b: %d", (members[0] == a &&
	    members[1] == b) || (members[0] == b && members[1] == a));
	vm_deallocate(rt_task, (vm_offset_t)members, count * 4);
	want("move a to the other", mach_port_move_member(rt_task, a, other),
	    KERN_SUCCESS);
	want("set status", mach_port_get_set_status(rt_task, set, &members,
	    &count), KERN_SUCCESS);
	want_number("members", count, 1);
	vm_deallocate(rt_task, (vm_offset_t)members, count * 4);
	want("move a out", mach_port_move_member(rt_task, a, 0),
	    KERN_SUCCESS);
	want("move a out again", mach_port_move_member(rt_task, a, 0),
	    KERN_NOT_IN_SET);
	want("move to a port", mach_port_move_member(rt_task, a, b),
	    KERN_INVALID_RIGHT);
	want("move a set", mach_port_move_member(rt_task, set, other),
	    KERN_INVALID_RIGHT);
	want("move nothing", mach_port_move_member(rt_task, 0x777700, other),
	    KERN_INVALID_NAME);
	want("move to nothing", mach_port_move_member(rt_task, a, 0x777700),
	    KERN_INVALID_NAME);
	want("set status of a port", mach_port_get_set_status(rt_task, a,
	    &members, &count), KERN_INVALID_RIGHT);
	want("destroy set", mach_port_destroy(rt_task, set), KERN_SUCCESS);
	want("b is out", mach_port_move_member(rt_task, b, 0),
	    KERN_NOT_IN_SET);
	want("mod_refs set", mach_port_mod_refs(rt_task, other,
	    MACH_PORT_RIGHT_PORT_SET, -1), KERN_SUCCESS);
	rt_show_right("other", other);
	mach_port_destroy(rt_task, a);
	mach_port_destroy(rt_task, b);
}

static void
test_receive(void)
{
	mach_port_t set = new_set();
	mach_port_t ports[3];
	unsigned seen = 0;

	for (unsigned i = 0; i < 3; i++) {
		ports[i] = new_port();
		mach_port_set_qlimit(rt_task, ports[i], 16);
	}
	post(ports[0], 1);
	mach_port_move_member(rt_task, ports[0], set);
	mach_port_move_member(rt_task, ports[1], set);
	post(ports[1], 2);
	post(ports[1], 3);
	post(ports[2], 4);
	for (unsigned i = 0; i < 3; i++) {
		need("receive", rt_receive(&msg, sizeof(msg), set, 100));
		seen |= 1u << msg.msgh_id;
		rt_printf("local port is the member: %d",
		    msg.msgh_local_port == ports[msg.msgh_id > 1]);
	}
	rt_printf("seen 0x%x", seen);
	want("no more", rt_receive(&msg, sizeof(msg), set, 10),
	    MACH_RCV_TIMED_OUT);
	want("receive from a member", rt_receive(&msg, sizeof(msg), ports[0],
	    10), MACH_RCV_IN_SET);
	want("the third alone", rt_receive(&msg, sizeof(msg), ports[2], 10),
	    MACH_MSG_SUCCESS);

	rt_printf("nobody starves");
	for (unsigned i = 0; i < 10; i++) {
		post(ports[0], 100 + i);
	}
	post(ports[1], 200);
	for (unsigned i = 0; i < 11; i++) {
		need("receive", rt_receive(&msg, sizeof(msg), set, 100));
		seen += msg.msgh_id >= 100;
	}
	rt_printf("seen 0x%x", seen);
	for (unsigned i = 0; i < 3; i++) {
		mach_port_destroy(rt_task, ports[i]);
	}
	mach_port_destroy(rt_task, set);
}

static volatile int result;
static volatile bool ready;
static mach_port_t waiting_for;

static void
waiter(void *arg)
{
	static mach_msg_header_t m;

	ready = true;
	result = mach_msg(&m, MACH_RCV_MSG, 0, sizeof(m), waiting_for, 0, 0);
	ready = false;
}

static void
start_waiter(mach_port_t port)
{
	mach_port_t thread;

	waiting_for = port;
	result = -1;
	ready = false;
	thread = rt_thread_create(waiter, NULL);
	rt_until(ready);
	rt_until_waits(thread);
}

static void
end_waiter(const char *what, int wanted)
{
	rt_until(!ready);
	want(what, result, wanted);
}

static void
test_changes(void)
{
	mach_port_t set = new_set();
	mach_port_t port = new_port();

	start_waiter(set);
	mach_port_move_member(rt_task, port, set);
	post(port, 1);
	end_waiter("receive from an empty set that got a member",
	    MACH_MSG_SUCCESS);

	start_waiter(set);
	mach_port_destroy(rt_task, set);
	end_waiter("set died", MACH_RCV_PORT_DIED);

	start_waiter(port);
	mach_port_destroy(rt_task, port);
	end_waiter("port died", MACH_RCV_PORT_DIED);

	set = new_set();
	port = new_port();
	start_waiter(port);
	mach_port_move_member(rt_task, port, set);
	end_waiter("port went into a set", MACH_RCV_PORT_CHANGED);
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, set);
}

void
test(void)
{
	test_members();
	test_receive();
	test_changes();
}
