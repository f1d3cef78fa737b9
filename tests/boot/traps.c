/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Traps: the simple ones, bad numbers, bad addresses, and those in the place of
 * calls.
 */

#include "rt.h"

#include <mach/thread_switch.h>

#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

static void
test_names(void)
{
	mach_port_t port;

	rt_printf(
	    "task self is stable: %d", mach_task_self() == mach_task_self());
	rt_printf("thread self is not task self: %d",
	    mach_thread_self() != mach_task_self());
	rt_show_right("host self", mach_host_self());
	port = mach_reply_port();
	rt_show_right("reply port", port);
	rt_printf("two reply ports differ: %d", mach_reply_port() != port);
}

static void
test_bad_numbers(void)
{
	want("trap -1", rt_trap(-1, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
	want("trap -24", rt_trap(-24, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
	want("trap -33", rt_trap(-33, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
	want("trap -67", rt_trap(-67, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
}

static void
test_scheduling(void)
{
	swtch();
	swtch_pri(0);
	want("thread_switch none",
	    thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0), KERN_SUCCESS);
	want("thread_switch depress",
	    thread_switch(MACH_PORT_NULL, SWITCH_OPTION_DEPRESS, 10),
	    KERN_SUCCESS);
	want("thread_switch wait",
	    thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 10),
	    KERN_SUCCESS);
	want("thread_switch bad option", thread_switch(MACH_PORT_NULL, 7, 10),
	    KERN_INVALID_ARGUMENT);
	want("thread_switch to a bad name",
	    thread_switch(0x12345, SWITCH_OPTION_NONE, 0), KERN_SUCCESS);
}

static void
test_vm(void)
{
	vm_offset_t addr = 0;
	vm_offset_t fixed;

	want("vm_allocate", syscall_vm_allocate(rt_task, &addr, 3 * P, TRUE),
	    KERN_SUCCESS);
	*(volatile int *)addr = 1;
	want("vm_deallocate", syscall_vm_deallocate(rt_task, addr, 3 * P),
	    KERN_SUCCESS);
	fixed = addr;
	want("vm_allocate fixed",
	    syscall_vm_allocate(rt_task, &fixed, P, FALSE), KERN_SUCCESS);
	rt_printf("where it was: %d", fixed == addr);
	want("vm_allocate again",
	    syscall_vm_allocate(rt_task, &fixed, P, FALSE), KERN_NO_SPACE);
	want("vm_deallocate", syscall_vm_deallocate(rt_task, addr, P),
	    KERN_SUCCESS);
	want("vm_allocate of another task",
	    syscall_vm_allocate(0x12345, &addr, P, TRUE),
	    MACH_SEND_INTERRUPTED);
	addr = 0;
	want("vm_map",
	    syscall_vm_map(rt_task, &addr, P, 0, TRUE, MACH_PORT_NULL, 0,
		FALSE, VM_PROT_READ, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_SUCCESS);
	rt_printf("it reads as %d", *(volatile int *)addr);
	want("vm_deallocate", syscall_vm_deallocate(rt_task, addr, P),
	    KERN_SUCCESS);
}

static void
test_ports(void)
{
	mach_port_t port;
	mach_port_t child;

	want("allocate",
	    syscall_mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, &port),
	    KERN_SUCCESS);
	rt_show_right("allocated", port);
	want("insert",
	    syscall_mach_port_insert_right(
		rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
	rt_show_right("inserted", port);
	want("deallocate", syscall_mach_port_deallocate(rt_task, port),
	    KERN_SUCCESS);
	rt_show_right("deallocated", port);
	want("deallocate receive", syscall_mach_port_deallocate(rt_task, port),
	    KERN_INVALID_RIGHT);
	want("deallocate a bad name",
	    syscall_mach_port_deallocate(rt_task, 0x7654300),
	    KERN_INVALID_NAME);
	want("allocate bad right",
	    syscall_mach_port_allocate(rt_task, 9, &port), KERN_INVALID_VALUE);
	want("allocate name",
	    syscall_mach_port_allocate_name(
		rt_task, MACH_PORT_RIGHT_DEAD_NAME, 0x7654321),
	    KERN_SUCCESS);
	rt_show_right("named", 0x7654321);
	want("allocate name again",
	    syscall_mach_port_allocate_name(
		rt_task, MACH_PORT_RIGHT_PORT_SET, 0x7654321),
	    KERN_NAME_EXISTS);

	want("task_create", syscall_task_create(rt_task, FALSE, &child),
	    KERN_SUCCESS);
	rt_show_right("task", child);
	want("task_suspend", syscall_task_suspend(child), KERN_SUCCESS);
	want("task_set_special_port",
	    syscall_task_set_special_port(child, 4, rt_task), KERN_SUCCESS);
	want("task_set_special_port bad",
	    syscall_task_set_special_port(child, 99, rt_task),
	    KERN_INVALID_ARGUMENT);
	want("task_terminate", syscall_task_terminate(child), KERN_SUCCESS);
	rt_show_right("dead task", child);
	want("task_terminate again", syscall_task_terminate(child),
	    MACH_SEND_INTERRUPTED);
	want("thread_depress_abort",
	    syscall_thread_depress_abort(mach_thread_self()), KERN_SUCCESS);
	want("thread_depress_abort bad", syscall_thread_depress_abort(0x12345),
	    MACH_SEND_INTERRUPTED);
}

static void
test_bad_addresses(void)
{
	want("mach_msg at 0",
	    mach_msg_trap(NULL, MACH_SEND_MSG, 24, 0, 0, 0, 0),
	    MACH_SEND_INVALID_DATA);
	want_ours("mach_msg in the kernel",
	    mach_msg_trap((void *)0xc0100000, MACH_SEND_MSG, 24, 0, 0, 0, 0),
	    MACH_SEND_INVALID_DATA, "it reads kernel memory as the message");
	want_ours("mach_msg across the border",
	    mach_msg_trap((void *)0xbffffff8, MACH_SEND_MSG, 24, 0, 0, 0, 0),
	    MACH_SEND_INVALID_DATA, "it reads kernel memory as the message");
	want("mach_msg short",
	    mach_msg_trap(NULL, MACH_SEND_MSG, 20, 0, 0, 0, 0),
	    MACH_SEND_MSG_TOO_SMALL);
	want("nothing at all",
	    mach_msg_trap(NULL, MACH_MSG_OPTION_NONE, 0, 0, 0, 0, 0),
	    MACH_MSG_SUCCESS);
}

#define NOWHERE "it does it, and says nothing of a result with nowhere to go"

/* Results that have nowhere to go; nothing may be left behind. */
static void
test_bad_results(unsigned address)
{
	mach_port_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t before;
	mach_msg_type_number_t after;

	need("names",
	    mach_port_names(rt_task, &names, &before, &types, &before));
	want_ours("vm_allocate", rt_trap(-65, rt_task, address, P, TRUE),
	    KERN_INVALID_ADDRESS, NOWHERE);
	want_ours("task_create", rt_trap(-68, rt_task, FALSE, address, 0),
	    KERN_INVALID_ADDRESS, NOWHERE);
	want_ours("mach_port_allocate",
	    rt_trap(-72, rt_task, MACH_PORT_RIGHT_RECEIVE, address, 0),
	    KERN_INVALID_ADDRESS, NOWHERE);
	want_ours("vm_map",
	    syscall_vm_map(rt_task, (vm_offset_t *)address, P, 0, TRUE,
		MACH_PORT_NULL, 0, FALSE, VM_PROT_READ, VM_PROT_ALL,
		VM_INHERIT_COPY),
	    KERN_INVALID_ADDRESS, NOWHERE);
	need("names", mach_port_names(rt_task, &names, &after, &types, &after));
	rt_printf("# names left behind: %d", (int)(after - before));
	if (!rt_on_gnumach && after != before) {
		rt_printf("FAIL names left behind");
	}
}

/* A message at an odd address is as good as another. */
static void
test_misaligned(void)
{
	static char room[64] __attribute__((aligned(4)));
	mach_port_t port = rt_port();

	for (unsigned at = 1; at < 4; at++) {
		mach_msg_header_t header;
		int mr;

		rt_header(&header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		    sizeof(header), port, MACH_PORT_NULL, 77);
		memcpy(room + at, &header, sizeof(header));
		mr = mach_msg_trap((void *)(room + at), MACH_SEND_MSG,
		    sizeof(header), 0, 0, 0, 0);
		show("send", mr);
		memset(room, 0, sizeof(room));
		mr = mach_msg_trap((void *)(room + at),
		    MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(header) + 8,
		    port, 0, 0);
		memcpy(&header, room + at, sizeof(header));
		show("receive", mr);
		rt_printf("id %d", header.msgh_id);
	}
	mach_port_destroy(rt_task, port);
}

static void
test_events(void)
{
	show("evc_wait", rt_trap(-17, 0, 0, 0, 0));
	show("evc_wait for none", rt_trap(-17, 12345, 0, 0, 0));
	show("evc_wait_clear", rt_trap(-18, 12345, 0, 0, 0));
}

void
test(void)
{
	test_names();
	test_bad_numbers();
	test_scheduling();
	test_vm();
	test_ports();
	test_bad_addresses();
	rt_printf("results to page 0");
	test_bad_results(0x10);
	rt_printf("results into the text");
	test_bad_results((unsigned)&test_bad_results);
	rt_printf("results across the border");
	test_bad_results(0xbffffffe);
	test_misaligned();
	test_events();
}
