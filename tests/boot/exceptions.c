/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Exceptions: each kind, to the thread's port, the task's port, or nobody; and
 * what the answer does.
 */

#include "rt.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>
#include <mach/thread_special_ports.h>
#include <mach/thread_status.h>

#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

static union {
	struct rt_exception request;
	mig_reply_header_t reply;
	mach_msg_header_t header;
} msg;

static mach_port_t port;
static volatile unsigned finished;

static void
answer(kern_return_t code)
{
	mach_port_t to = msg.header.msgh_remote_port;

	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE,
	    0), sizeof(msg.reply), to, 0, 2500);
	msg.reply.RetCodeType = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, true,
	    false);
	msg.reply.RetCode = code;
	want("  answer", mach_msg(&msg.header, MACH_SEND_MSG,
	    sizeof(msg.reply), 0, 0, 0, 0), MACH_MSG_SUCCESS);
}

/* Receive an exception; false if none comes. */
static bool
catch(mach_port_t thread)
{
	mach_msg_return_t mr = rt_receive(&msg.header, sizeof(msg), port,
	    RT_PATIENCE_MS);

	if (mr != MACH_MSG_SUCCESS) {
		show("  no exception", mr);
		return false;
	}
	rt_printf("  id %u bits 0x%x size %u", msg.header.msgh_id,
	    msg.header.msgh_bits, msg.header.msgh_size);
	rt_printf("  its thread %d our task %d exception %d code %d",
	    msg.request.thread == thread, msg.request.task == rt_task,
	    msg.request.exception, msg.request.code);
	return true;
}

/* Move THREAD's pc on by BYTES. */
static void
skip(mach_port_t thread, unsigned bytes)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	want("  get state", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count), KERN_SUCCESS);
	state.eip += bytes;
	want("  set state", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count), KERN_SUCCESS);
}

static void
fault_write(void *arg)
{
	__asm__ volatile("movl $1, 0xb0001000");	/* 10 bytes */
	finished++;
}

static void
fault_opcode(void *arg)
{
	__asm__ volatile("ud2");
	finished++;
}

static void
fault_divide(void *arg)
{
	__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : :
	    "eax", "ecx", "edx");
	finished++;
}

static void
fault_privilege(void *arg)
{
	__asm__ volatile("cli");
	finished++;
}

static void
fault_breakpoint(void *arg)
{
	__asm__ volatile("int3");
	finished++;
}

static void
fault_interrupt(void *arg)
{
	__asm__ volatile("int $0x33");
	finished++;
}

static void
fault_overflow(void *arg)
{
	__asm__ volatile("movl $0x7fffffff, %%eax; addl $1, %%eax; into" : : :
	    "eax");
	finished++;
}

static void
fault_kernel(void *arg)
{
	__asm__ volatile("movl $1, 0xc0100000");
	finished++;
}

static void
wait_finished(unsigned n)
{
	rt_printf("  finished %d", rt_until(finished == n));
	rt_sleep(20);
}

static const struct {
	const char *name;
	void (*fn)(void *);
	unsigned length;
} kinds[] = {
	{ "write to nothing", fault_write, 10 },
	{ "undefined opcode", fault_opcode, 2 },
	{ "division by zero", fault_divide, 2 },
	{ "privileged", fault_privilege, 1 },
	{ "breakpoint", fault_breakpoint, 0 },
	{ "unknown interrupt", fault_interrupt, 2 },
	{ "overflow", fault_overflow, 0 },
	{ "write to the kernel", fault_kernel, 10 },
};

static void
test_kinds(void)
{
	need("set", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    port));
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		mach_port_t thread;
		unsigned before = finished;

		rt_printf("%s", kinds[i].name);
		thread = rt_thread_create(kinds[i].fn, NULL);
		if (!catch(thread)) {
			continue;
		}
		if (msg.request.exception == EXC_BAD_ACCESS) {
			rt_printf("  address 0x%x", msg.request.subcode);
		}
		skip(thread, kinds[i].length);
		answer(KERN_SUCCESS);
		wait_finished(before + 1);
		mach_port_deallocate(rt_task, thread);
	}
}

/* The memory appears while the thread waits; it goes on by itself. */
static volatile unsigned *volatile missing;

static void
fault_missing(void *arg)
{
	while (missing == NULL) {
		rt_sleep(RT_LOOK_MS);
	}
	*missing = 4711;
	finished++;
}

static void
test_retry(void)
{
	vm_offset_t addr = 0;
	unsigned before = finished;
	mach_port_t thread;

	rt_printf("memory that is made in time");
	/* The thread first: its stack must not come to be there. */
	thread = rt_thread_create(fault_missing, NULL);
	need("allocate", vm_allocate(rt_task, &addr, P, TRUE));
	need("deallocate", vm_deallocate(rt_task, addr, P));
	missing = (volatile unsigned *)addr;
	if (!catch(thread)) {
		return;
	}
	rt_printf("  its address %d", msg.request.subcode == addr);
	need("allocate", vm_allocate(rt_task, &addr, P, FALSE));
	answer(KERN_SUCCESS);
	wait_finished(before + 1);
	rt_printf("  the word %u", *missing);

	rt_printf("memory that is made writable in time");
	need("protect", vm_protect(rt_task, addr, P, FALSE,
	    VM_PROT_READ));
	thread = rt_thread_create(fault_missing, NULL);
	if (!catch(thread)) {
		return;
	}
	need("protect", vm_protect(rt_task, addr, P, FALSE,
	    VM_PROT_DEFAULT));
	answer(KERN_SUCCESS);
	wait_finished(before + 2);
	vm_deallocate(rt_task, addr, P);
}

/* Thread suspended at the start, so that the port is set before it faults. */
static mach_port_t
start_with_port(void (*fn)(void *), mach_port_t exception)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	vm_offset_t stack = 0;

	need("stack", vm_allocate(rt_task, &stack, 16384, TRUE));
	need("thread_create", thread_create(rt_task, &thread));
	need("get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (unsigned)fn;
	state.uesp = stack + 16384 - 16;
	need("set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count));
	need("port", thread_set_special_port(thread, THREAD_EXCEPTION_PORT,
	    exception));
	need("resume", thread_resume(thread));
	return thread;
}

static void
fault_and_stop(void *arg)
{
	__asm__ volatile("ud2");
	for (;;) {
		rt_sleep(1000);
	}
}

static void
fault_and_count(void *arg)
{
	__asm__ volatile("ud2");
	finished++;
	for (;;) {
		rt_sleep(1000);
	}
}

static void
test_thread_port(void)
{
	mach_port_t own = rt_port();
	mach_port_t task_port = port;
	mach_port_t thread;

	rt_printf("thread's own port declines, the task's too: all ends "
	    "later");
	thread = start_with_port(fault_and_stop, own);
	port = own;
	if (!catch(thread)) {
		return;
	}
	answer(KERN_FAILURE);
	port = task_port;
	if (!catch(thread)) {
		return;
	}
	skip(thread, 2);
	answer(KERN_SUCCESS);
	want("terminate", thread_terminate(thread), KERN_SUCCESS);

	rt_printf("a thread that is terminated while it waits");
	thread = start_with_port(fault_and_stop, own);
	port = own;
	if (!catch(thread)) {
		return;
	}
	want("terminate", thread_terminate(thread), KERN_SUCCESS);
	rt_until_dead(thread);
	rt_show_right("  thread", thread);
	port = task_port;

	rt_printf("a port that dies");
	thread = start_with_port(fault_and_stop, own);
	rt_until_waits(thread);
	mach_port_destroy(rt_task, own);
	if (!catch(thread)) {
		return;
	}
	skip(thread, 2);
	answer(KERN_SUCCESS);
	want("terminate", thread_terminate(thread), KERN_SUCCESS);
}

enum answer {
	ANSWER_RIGHT,
	ANSWER_OTHER_ID,
	ANSWER_SHORT,
	ANSWER_LONG,
	ANSWER_OTHER_TYPE,
	ANSWER_COMPLEX,
	ANSWER_WITH_REPLY,
	ANSWER_NONE,
	ANSWERS
};

static void
answer_as(enum answer kind, kern_return_t code, mach_port_t to)
{
	mach_msg_size_t size = sizeof(msg.reply);

	memset(&msg, 0, sizeof(msg));
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE,
	    0), size, to, 0, 2500);
	msg.reply.RetCodeType = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, true,
	    false);
	msg.reply.RetCode = code;
	switch (kind) {
	case ANSWER_OTHER_ID:
		msg.header.msgh_id++;
		break;
	case ANSWER_SHORT:
		size = sizeof(msg.header);
		break;
	case ANSWER_LONG:
		size += 8;
		break;
	case ANSWER_OTHER_TYPE:
		msg.reply.RetCodeType.msgt_name = MACH_MSG_TYPE_CHAR;
		break;
	case ANSWER_COMPLEX:
		msg.header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		break;
	case ANSWER_WITH_REPLY:
		msg.header.msgh_bits |= MACH_MSGH_BITS(0,
		    MACH_MSG_TYPE_MAKE_SEND);
		msg.header.msgh_local_port = port;
		break;
	case ANSWER_NONE:
		want("  lost", mach_port_deallocate(rt_task, to),
		    KERN_SUCCESS);
		return;
	default:
		break;
	}
	want("  answer", mach_msg(&msg.header, MACH_SEND_MSG, size, 0, 0, 0,
	    0), MACH_MSG_SUCCESS);
}

/* A thread asks its own port; with this answer, also its task's? */
static void
test_answer(enum answer kind, kern_return_t code, mach_port_t own)
{
	mach_port_t thread = start_with_port(fault_and_count, own);
	unsigned before = finished;
	mach_msg_return_t mr = MACH_RCV_TIMED_OUT;
	mach_port_t to;

	need("own port", rt_receive(&msg.header, sizeof(msg), own,
	    RT_PATIENCE_MS));
	to = msg.header.msgh_remote_port;
	skip(thread, 2);
	answer_as(kind, code, to);
	rt_until((mr = rt_receive(&msg.header, sizeof(msg), port, 10)) ==
	    MACH_MSG_SUCCESS || finished != before);
	show("  task's port", mr);
	if (mr == MACH_MSG_SUCCESS) {
		answer_as(ANSWER_RIGHT, KERN_SUCCESS,
		    msg.header.msgh_remote_port);
		rt_until(finished != before);
	}
	want("terminate", thread_terminate(thread), KERN_SUCCESS);
	rt_until_dead(thread);
}

/* Only success, and in the right form, is an answer. */
static void
test_answers(void)
{
	static const kern_return_t codes[] = {
		KERN_SUCCESS, KERN_FAILURE, -1, MIG_NO_REPLY, MIG_BAD_ID,
		MACH_RCV_TIMED_OUT, MACH_RCV_INTERRUPTED, KERN_TERMINATED,
	};
	mach_port_t own = rt_port();

	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		rt_printf("answer with code %d", codes[i]);
		test_answer(ANSWER_RIGHT, codes[i], own);
	}
	for (unsigned i = 0; i < ANSWERS; i++) {
		rt_printf("answer of kind %u", i);
		test_answer(i, KERN_SUCCESS, own);
	}
	mach_port_destroy(rt_task, own);
}

/* Nobody listens: the task of the thread is terminated. */
static void
test_unhandled(void)
{
	mach_port_t task;
	mach_port_t thread;
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	rt_printf("nobody listens");
	need("create", task_create(rt_task, FALSE, &task));
	need("no port", task_set_special_port(task, TASK_EXCEPTION_PORT,
	    MACH_PORT_NULL));
	need("thread", thread_create(task, &thread));
	need("get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = 0x5000;
	need("set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count));
	need("resume", thread_resume(thread));
	rt_until_dead(task);
	rt_until_dead(thread);
	rt_show_right("  task", task);
	rt_show_right("  thread", thread);
}

void
test(void)
{
	port = rt_port();
	test_kinds();
	test_retry();
	test_thread_port();
	test_answers();
	test_unhandled();
}
