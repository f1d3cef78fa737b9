/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A name space of a million ports, a set of ten thousand, ten thousand threads
 * of one task, a thousand tasks: all are made, used and destroyed.  What each
 * costs is measured by `make bench'.
 *
 * Memory: 1024
 */

#include "rt.h"

#include <mach/thread_status.h>

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define PORTS		1000000u
#define USED		997u	/* every so many ports get a message */
#define MEMBERS		10000u
#define THREADS		10000u
#define TASKS		1000u

static mach_port_t names[PORTS];

static mach_msg_return_t
send(mach_port_t port)
{
	mach_msg_header_t header;

	rt_header(&header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
	    sizeof(header), port, MACH_PORT_NULL, 1);
	return mach_msg_trap(&header, MACH_SEND_MSG, sizeof(header), 0, 0, 0,
	    0);
}

/* The name of the port that the next message was sent to. */
static mach_port_t
receive(mach_port_t port)
{
	union {
		mach_msg_header_t header;
		char room[64];
	} msg;

	return rt_receive(&msg.header, sizeof(msg), port, RT_PATIENCE_MS) ==
		       MACH_MSG_SUCCESS ? msg.header.msgh_local_port
					: MACH_PORT_NULL;
}

static void
make_ports(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		need("port", mach_port_allocate(rt_task,
				 MACH_PORT_RIGHT_RECEIVE, &names[i]));
	}
}

static void
destroy_ports(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		need("destroy", mach_port_mod_refs(rt_task, names[i],
				    MACH_PORT_RIGHT_RECEIVE, -1));
	}
}

static void
test_ports(void)
{
	unsigned before = rt_rights();
	unsigned bad = 0;

	make_ports(PORTS);
	want_number("a million ports", rt_rights() - before, PORTS);
	for (unsigned i = 0; i < PORTS; i += USED) {
		bad += send(names[i]) != MACH_MSG_SUCCESS;
	}
	for (unsigned i = 0; i < PORTS; i += USED) {
		bad += receive(names[i]) != names[i];
	}
	want_number("  messages lost", bad, 0);
	destroy_ports(PORTS);
	want_number("  left", rt_rights() - before, 0);
}

static void
test_set(void)
{
	unsigned before = rt_rights();
	uint64_t sum = 0;
	uint64_t all = 0;
	mach_port_t set;

	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
			&set));
	make_ports(MEMBERS);
	for (unsigned i = 0; i < MEMBERS; i++) {
		need("move", mach_port_move_member(rt_task, names[i], set));
	}
	for (unsigned i = 0; i < MEMBERS; i++) {
		need("send", send(names[i]));
		all += names[i];
	}
	for (unsigned i = 0; i < MEMBERS; i++) {
		sum += receive(set);
	}
	want_number("a set of ten thousand: each message came", sum == all,
	    true);
	destroy_ports(MEMBERS);
	need("destroy set", mach_port_destroy(rt_task, set));
	want_number("  left", rt_rights() - before, 0);
}

/*
 * What all threads do, on one stack that none writes to: receive a message and
 * count it.  The trap has its arguments above %esp.
 */
extern const char take_trap[];
__asm__(".text\n"
	"take_trap:\n"
	"	movl $-25, %eax\n"
	"	lcall $7, $0\n"
	"	testl %eax, %eax\n"
	"	jnz take_trap\n"
	"	lock incl taken\n"
	"1:	movl $-60, %eax\n"
	"	lcall $7, $0\n"
	"	movl $-25, %eax\n"
	"	movl %esp, %ebx\n"
	"	addl $32, %esp\n"
	"	lcall $7, $0\n"
	"	movl %ebx, %esp\n"
	"	jmp 1b\n");

volatile unsigned taken;
static mach_msg_header_t taken_message;
/* The second receive is from a port to which nobody sends. */
static uint32_t take_stack[16];

static void
start_taker(mach_port_t *thread)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	need("thread", thread_create(rt_task, thread));
	need("state", thread_get_state(*thread, i386_THREAD_STATE,
			  (thread_state_t)&state, &count));
	state.eip = (uint32_t)take_trap;
	state.uesp = (uint32_t)take_stack;
	need("set state", thread_set_state(*thread, i386_THREAD_STATE,
			      (thread_state_t)&state, count));
	need("resume", thread_resume(*thread));
}

/* Each thread takes one message, and waits for one that does not come. */
static void
test_threads(void)
{
	unsigned before = rt_rights();
	mach_port_t port = rt_port();
	mach_port_t silent = rt_port();

	for (unsigned i = 0; i < 2; i++) {
		uint32_t *arguments = take_stack + 8 * i;

		arguments[1] = (uint32_t)&taken_message;
		arguments[2] = MACH_RCV_MSG;
		arguments[4] = sizeof(taken_message);
		arguments[5] = i == 0 ? port : silent;
	}
	for (unsigned i = 0; i < THREADS; i++) {
		start_taker(&names[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		need("send", send(port));
	}
	want_number("ten thousand threads: each took one",
	    rt_until(taken == THREADS), 1);
	for (unsigned i = 0; i < THREADS; i++) {
		need("terminate", thread_terminate(names[i]));
	}
	for (unsigned i = 0; i < THREADS; i++) {
		rt_until_dead(names[i]);
		need("forget", mach_port_destroy(rt_task, names[i]));
	}
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, silent);
	want_number("  left", rt_rights() - before, 0);
}

/* Each task has a page and a right; what is in the page is its own. */
static void
test_tasks(void)
{
	static uint32_t page[RT_PAGE_MAX / 4]
	    __attribute__((aligned(RT_PAGE_MAX)));
	unsigned before = rt_rights();
	unsigned bad = 0;

	for (unsigned i = 0; i < TASKS; i++) {
		vm_offset_t at = (vm_offset_t)page;

		page[0] = i;
		need("task", task_create(rt_task, FALSE, &names[i]));
		need("page", vm_allocate(names[i], &at, P, FALSE));
		need("write", vm_write(names[i], at, at, P));
		need("right", mach_port_insert_right(names[i], 0x1234,
				  names[i], MACH_MSG_TYPE_COPY_SEND));
	}
	for (unsigned i = 0; i < TASKS; i++) {
		vm_offset_t data;
		mach_msg_type_number_t size;

		need("read", vm_read(names[i], (vm_offset_t)page, P, &data,
				 &size));
		bad += *(uint32_t *)data != i;
		vm_deallocate(rt_task, data, size);
	}
	want_number("a thousand tasks: pages of others", bad, 0);
	for (unsigned i = 0; i < TASKS; i++) {
		need("terminate", task_terminate(names[i]));
		need("forget", mach_port_destroy(rt_task, names[i]));
	}
	want_number("  left", rt_rights() - before, 0);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	test_ports();
	test_set();
	test_threads();
	test_tasks();
}
