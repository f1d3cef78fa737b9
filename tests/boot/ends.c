/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Threads and tasks that end while others work on them: their registers are
 * read and written, they are stopped, aborted and assigned priorities, their
 * memory and names are used, all while they are terminated in whatever they
 * are doing.  Each call may fail; at the end nothing may be left over.
 */

#include "rt.h"

#include <mach/machine/thread_status.h>
#include <mach/thread_info.h>
#include <mach/thread_special_ports.h>
#include <mach/vm_inherit.h>

#include "gnumach_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define PAGE		vm_page_size
#define STACK		4096
#define ROUNDS		30
#define DEAD		12
#define VICTIMS		7
#define TORMENTORS	3
#define OPERATIONS	60

/* What a victim does for ever; none needs the library's reply ports. */
enum body {
	BODY_SPIN,
	BODY_YIELD,
	BODY_RECEIVE,
	BODY_SEND,
	BODY_LOCK,
	BODY_FAULT,
	BODY_FLOAT,
};

static char stacks[VICTIMS][STACK] __attribute__((aligned(16)));
static mach_port_t victims[VICTIMS];
static mach_port_t child;
static mach_port_t silent;	/* nobody receives from it */
static volatile unsigned lock_word;
static volatile unsigned round_now;
static volatile unsigned ready;
static volatile unsigned calls;
static volatile unsigned successes;

static void
body_receive(void)
{
	mach_port_t port = mach_reply_port();
	mach_msg_header_t header;

	for (;;) {
		mach_msg(&header, MACH_RCV_MSG, 0, sizeof(header), port,
		    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	}
}

static void
body_send(void)
{
	mach_msg_header_t header;

	for (;;) {
		rt_header(&header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		    sizeof(header), silent, MACH_PORT_NULL, 1);
		mach_msg(&header, MACH_SEND_MSG, sizeof(header), 0,
		    MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	}
}

static void
body_fault(void)
{
	vm_offset_t addr = 0;

	for (;;) {
		if (syscall_vm_allocate(rt_task, &addr, PAGE, TRUE) ==
		    KERN_SUCCESS) {
			*(volatile unsigned *)addr = 1;
			syscall_vm_deallocate(rt_task, addr, PAGE);
		}
	}
}

static void
body_float(void)
{
	for (;;) {
		__asm__ volatile("fld1; fstp %%st(0)" : : : "memory");
	}
}

static void
victim_main(unsigned body)
{
	for (;;) {
		switch (body) {
		case BODY_YIELD:
			swtch_pri(0);
			break;
		case BODY_RECEIVE:
			body_receive();
			break;
		case BODY_SEND:
			body_send();
			break;
		case BODY_LOCK:
			gsync_wait(rt_task, (vm_address_t)&lock_word, 0, 0, 0,
			    0);
			break;
		case BODY_FAULT:
			body_fault();
			break;
		case BODY_FLOAT:
			body_float();
			break;
		default:
			break;
		}
	}
}

/* A thread of TASK that does BODY, running. */
static mach_port_t
victim_create(mach_port_t task, unsigned body)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	uint32_t *sp = (uint32_t *)(stacks[body] + STACK) - 2;

	need("thread_create", thread_create(task, &thread));
	need("thread_get_state", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	sp[1] = body;
	state.eip = (uint32_t)victim_main;
	state.uesp = (uint32_t)sp;
	need("thread_set_state", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, i386_THREAD_STATE_COUNT));
	need("thread_resume", thread_resume(thread));
	return thread;
}

static void
torment_state(mach_port_t thread, int flavor)
{
	natural_t state[THREAD_STATE_MAX];
	mach_msg_type_number_t count = THREAD_STATE_MAX;

	/* It must not go on in between: it would be thrown back. */
	if (thread_suspend(thread) != KERN_SUCCESS) {
		return;
	}
	if (thread_get_state(thread, flavor, state, &count) == KERN_SUCCESS) {
		successes++;
		thread_set_state(thread, flavor, state, count);
	}
	thread_resume(thread);
}

static void
torment_thread(mach_port_t thread, unsigned what)
{
	integer_t info[THREAD_INFO_MAX];
	mach_msg_type_number_t count = THREAD_INFO_MAX;

	switch (what % 6) {
	case 0:
		torment_state(thread, i386_THREAD_STATE);
		break;
	case 1:
		torment_state(thread, i386_FLOAT_STATE);
		break;
	case 2:
		torment_state(thread, i386_DEBUG_STATE);
		break;
	case 3:
		if (thread_suspend(thread) == KERN_SUCCESS) {
			thread_resume(thread);
		}
		break;
	case 4:
		thread_abort(thread);
		break;
	default:
		thread_info(thread, THREAD_BASIC_INFO, info, &count);
		thread_priority(thread, 26 + (int)(what % 5), FALSE);
		break;
	}
}

static void
torment_task(unsigned what)
{
	static const unsigned word = 7;
	thread_array_t threads;
	mach_msg_type_number_t count;
	mach_port_t name;
	pointer_t data;
	vm_offset_t addr = 0;

	switch (what % 5) {
	case 0:
		if (task_threads(child, &threads, &count) == KERN_SUCCESS) {
			for (unsigned i = 0; i < count; i++) {
				mach_port_deallocate(rt_task, threads[i]);
			}
			vm_deallocate(rt_task, (vm_offset_t)threads,
			    count * sizeof(*threads));
		}
		break;
	case 1:
		if (vm_read(child, (vm_offset_t)stacks & -PAGE, PAGE, &data,
		    &count) == KERN_SUCCESS) {
			vm_deallocate(rt_task, data, count);
		}
		break;
	case 2:
		vm_allocate(child, &addr, 8 * PAGE, TRUE);
		vm_write(child, addr, (vm_offset_t)&word, sizeof(word));
		break;
	case 3:
		mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &name);
		break;
	default:
		if (task_suspend(child) == KERN_SUCCESS) {
			task_resume(child);
		}
		break;
	}
}

static void
tormentor(void *arg)
{
	unsigned random = (unsigned)arg * 7919 + 1;

	for (unsigned round = 1; round <= ROUNDS; round++) {
		while (round_now < round) {
			rt_sleep(1);
		}
		for (unsigned i = 0; i < OPERATIONS; i++) {
			random = random * 1103515245 + 12345;
			if ((random >> 16) % 4 == 0) {
				torment_task(random >> 20);
			} else {
				torment_thread(
				    victims[(random >> 8) % VICTIMS],
				    random >> 20);
			}
			__atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
		}
		__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	}
	rt_thread_exit();
}

static void
one_round(unsigned round)
{
	unsigned before = calls;

	need("port", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    &silent));
	need("right", mach_port_insert_right(rt_task, silent, silent,
	    MACH_MSG_TYPE_MAKE_SEND));
	need("task_create", task_create(rt_task, TRUE, &child));
	for (unsigned i = 0; i < VICTIMS; i++) {
		/* Those that use our names cannot be in the child. */
		victims[i] = victim_create(round % 2 == 0 &&
		    (i == BODY_SPIN || i == BODY_YIELD || i == BODY_FLOAT ||
		    i == BODY_RECEIVE) ? child : rt_task, i);
	}
	ready = 0;
	round_now = round;
	/* End them in the middle, one after the other. */
	for (unsigned i = 0; i < VICTIMS; i++) {
		while (calls < before + 20 * (i + 1)) {
			rt_sleep(1);
		}
		if (i == VICTIMS / 2) {
			task_terminate(child);
		}
		thread_terminate(victims[i]);
	}
	while (ready < TORMENTORS) {
		rt_sleep(1);
	}
	for (unsigned i = 0; i < VICTIMS; i++) {
		mach_port_deallocate(rt_task, victims[i]);
	}
	mach_port_deallocate(rt_task, child);
	mach_port_destroy(rt_task, silent);
}

/*
 * A thread that was terminated, and has not been on a processor since to end:
 * its port is nobody's any more.  (That it then goes is luck.)
 */
static void
test_dead_answers(void)
{
	unsigned answers = 0;

	for (unsigned i = 0; i < DEAD; i++) {
		mach_port_t thread = victim_create(rt_task, BODY_SPIN);
		mach_port_t self = MACH_PORT_NULL;
		kern_return_t kr;

		rt_sleep(1);
		need("terminate", thread_terminate(thread));
		kr = thread_get_special_port(thread, THREAD_KERNEL_PORT, &self);
		answers += kr == KERN_SUCCESS || kr == KERN_FAILURE;
		kr = thread_suspend(thread);
		answers += kr == KERN_SUCCESS || kr == KERN_FAILURE;
		rt_until_dead(thread);
		mach_port_deallocate(rt_task, self);
		mach_port_deallocate(rt_task, thread);
	}
	want_number("dead threads that answered", (long)answers, 0);
}

static unsigned
own_threads(void)
{
	thread_array_t threads;
	mach_msg_type_number_t count;

	need("task_threads", task_threads(rt_task, &threads, &count));
	for (unsigned i = 0; i < count; i++) {
		mach_port_deallocate(rt_task, threads[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)threads,
	    count * sizeof(*threads));
	return count;
}

void
test(void)
{
	for (unsigned i = 0; i < TORMENTORS; i++) {
		rt_thread_create(tormentor, (void *)(i + 1));
	}
	for (unsigned round = 1; round <= ROUNDS; round++) {
		one_round(round);
	}
	test_dead_answers();
	rt_until(own_threads() == 1);
	want_number("threads left", (long)own_threads(), 1);
	want_number("calls", (long)calls, ROUNDS * TORMENTORS * OPERATIONS);
	want_number("some succeeded", successes > 0, 1);
}
