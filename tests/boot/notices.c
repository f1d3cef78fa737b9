/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Notices of new tasks, essential tasks, and threads that leave together with
 * what they used.
 *
 * The kernel learns at the next registration that the port died.
 * Keeps: ipc_port 1
 */

#include "rt.h"

#include <mach/machine/thread_status.h>

#include "gnumach_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "task_notify_server.h"

#define P	vm_page_size

static mach_port_t new_task;
static mach_port_t new_parent;

boolean_t task_notify_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);

kern_return_t
mach_notify_new_task(mach_port_t notify, mach_port_t task,
    mach_port_t parent)
{
	new_task = task;
	new_parent = parent;
	return KERN_SUCCESS;
}

static void
receive_notice(mach_port_t port)
{
	union {
		mach_msg_header_t header;
		char room[512];
	} in;
	union {
		mach_msg_header_t header;
		char room[512];
	} out;
	mach_msg_return_t mr = rt_receive(&in.header, sizeof(in), port,
	    RT_PATIENCE_MS);

	want("notice", mr, KERN_SUCCESS);
	if (mr == MACH_MSG_SUCCESS) {
		rt_printf("id %d understood %d", in.header.msgh_id,
		    task_notify_server(&in.header, &out.header));
	}
}

static void
test_new_task(void)
{
	mach_port_t port = rt_port();
	mach_port_t child;

	want("register without privilege",
	    register_new_task_notification( mach_host_self(), port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_INVALID_HOST);
	want("register nothing", register_new_task_notification(rt_host_priv,
	    MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND), KERN_SUCCESS);
	want("register", register_new_task_notification(rt_host_priv, port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_SUCCESS);
	want("register again", register_new_task_notification(rt_host_priv,
	    port, MACH_MSG_TYPE_COPY_SEND), KERN_NO_ACCESS);
	need("child", task_create(rt_task, FALSE, &child));
	receive_notice(port);
	rt_printf("the child %d its parent %d", new_task == child,
	    new_parent == rt_task);
	task_terminate(child);
	mach_port_destroy(rt_task, port);
	need("child without a listener", task_create(rt_task, FALSE,
	    &child));
	want("terminate it", task_terminate(child), KERN_SUCCESS);
}

static volatile unsigned running;

static void
leave(void *arg)
{
	vm_offset_t *memory = arg;
	mach_port_t reply = rt_port();
	mach_port_t self = mach_thread_self();

	memory[1] = reply;
	running = 1;
	thread_terminate_release(self, rt_task, self, reply, memory[0], P);
	rt_printf("FAIL it is still there");
}

static void
test_release(void)
{
	static vm_offset_t memory[2];
	mach_port_t thread;
	vm_offset_t addr;
	mach_port_type_t type;

	need("allocate", vm_allocate(rt_task, &memory[0], P, TRUE));
	addr = memory[0];
	thread = rt_thread_create(leave, memory);
	rt_until(running && mach_port_type(rt_task, memory[1], &type) !=
	    KERN_SUCCESS);
	want("its port", mach_port_type(rt_task, memory[1], &type),
	    KERN_INVALID_NAME);
	rt_until_dead(thread);
	rt_show_right("its name", thread);
	want("its memory", vm_allocate(rt_task, &addr, P, FALSE), KERN_SUCCESS);
	want("of a task", thread_terminate_release(rt_task, rt_task, 0, 0, 0,
	    0), KERN_SUCCESS);
}

static void
test_essential(void)
{
	mach_port_t child;

	need("child", task_create(rt_task, FALSE, &child));
	want("essential", task_set_essential(child, TRUE), KERN_SUCCESS);
	want("no longer", task_set_essential(child, FALSE), KERN_SUCCESS);
	want("terminate", task_terminate(child), KERN_SUCCESS);
}

void
test(void)
{
	test_new_task();
	test_release();
	test_essential();
}
