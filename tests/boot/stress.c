/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Races: threads that all do at random what the calls allow, to the same ports,
 * threads and tasks.  Answers are not looked at; the kernel must live, and have
 * everything back in the end.
 */

#include "rt.h"

#include <mach/notify.h>
#include <mach/thread_status.h>

#include "gnumach_user.h"
#include "mach_debug_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size
#define WORKERS	6
#define STEPS	1500
#define SLOTS	12

static volatile mach_port_t ports[SLOTS];
static volatile mach_port_t tasks[SLOTS];
static volatile mach_port_t victims[SLOTS];
static volatile unsigned finished;
static volatile unsigned steps[WORKERS];	/* for whoever looks into a hang */
static vm_offset_t arena;

static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8;
}

/* What a victim thread does: waits, computes, faults, by turns. */
static void
victim(void *arg)
{
	static mach_msg_header_t msg;
	mach_port_t port = mach_reply_port();

	for (unsigned i = 0;; i++) {
		mach_msg(&msg, MACH_RCV_MSG | MACH_RCV_TIMEOUT |
		    MACH_RCV_INTERRUPT, 0, sizeof(msg), port, 3, 0);
		for (volatile unsigned n = 0; n < 2000; n++) {
		}
		swtch();
	}
}

static void
raw_thread(mach_port_t task, volatile mach_port_t *slot, unsigned *seed)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	vm_offset_t stack = 0;

	if (vm_allocate(task, &stack, 2 * P, TRUE) != KERN_SUCCESS) {
		return;
	}
	if (thread_create(task, &thread) != KERN_SUCCESS) {
		vm_deallocate(task, stack, 2 * P);
		return;
	}
	if (thread_get_state(thread, i386_THREAD_STATE, (thread_state_t)
	    &state, &count) == KERN_SUCCESS) {
		state.eip = (unsigned)victim;
		state.uesp = stack + 2 * P - 16;
		thread_set_state(thread, i386_THREAD_STATE,
		    (thread_state_t)&state, count);
	}
	thread_resume(thread);
	thread = __atomic_exchange_n(slot, thread, __ATOMIC_SEQ_CST);
	if (thread != 0) {
		thread_terminate(thread);
		mach_port_deallocate(rt_task, thread);
	}
}

static void
do_port(unsigned *seed, mach_msg_header_t *msg)
{
	volatile mach_port_t *slot = &ports[next(seed) % SLOTS];
	mach_port_t port = *slot;
	mach_port_t other = ports[next(seed) % SLOTS];
	mach_port_t previous;

	switch (next(seed) % 8) {
	case 0:
		if (mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
		    &port) == KERN_SUCCESS) {
			port = __atomic_exchange_n(slot, port,
			    __ATOMIC_SEQ_CST);
			mach_port_destroy(rt_task, port);
		}
		break;
	case 1:
		mach_port_insert_right(rt_task, port, port,
		    MACH_MSG_TYPE_MAKE_SEND);
		break;
	case 2:
		mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, -1);
		break;
	case 3:
	case 4:
		rt_header(msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(
		    MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		    32, port, other, 7);
		*(mach_msg_type_t *)(msg + 1) = rt_type(next(seed) % 2 ?
		    MACH_MSG_TYPE_COPY_SEND : MACH_MSG_TYPE_MAKE_SEND, 32, 1,
		    true, false);
		((uint32_t *)(msg + 1))[1] = other;
		mach_msg(msg, MACH_SEND_MSG | MACH_SEND_TIMEOUT, 32, 0, 0, 0,
		    0);
		break;
	case 5:
		if (rt_receive(msg, 256, port, 0) == MACH_MSG_SUCCESS) {
			mach_port_deallocate(rt_task, msg->msgh_remote_port);
			if (msg->msgh_bits & MACH_MSGH_BITS_COMPLEX) {
				mach_port_deallocate(rt_task,
				    ((uint32_t *)(msg + 1))[1]);
			}
		}
		break;
	case 6:
		if (mach_port_request_notification(rt_task, port,
		    MACH_NOTIFY_DEAD_NAME, 1, other,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous) ==
		    KERN_SUCCESS && previous != 0) {
			mach_port_deallocate(rt_task, previous);
		}
		break;
	case 7:
		mach_port_move_member(rt_task, port, other);
		break;
	}
}

static void
do_thread(unsigned *seed)
{
	volatile mach_port_t *slot = &victims[next(seed) % SLOTS];
	mach_port_t thread = *slot;
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	integer_t info[32];
	mach_msg_type_number_t info_count = 32;

	switch (next(seed) % 8) {
	case 0:
		raw_thread(rt_task, slot, seed);
		break;
	case 1:
		thread_terminate(thread);
		break;
	case 2:
		thread_suspend(thread);
		break;
	case 3:
	case 4:
		thread_resume(thread);
		break;
	case 5:
		thread_abort(thread);
		break;
	case 6:
		thread_get_state(thread, i386_THREAD_STATE,
		    (thread_state_t)&state, &count);
		break;
	case 7:
		thread_info(thread, THREAD_BASIC_INFO, info, &info_count);
		break;
	}
}

static void
do_task(unsigned *seed)
{
	volatile mach_port_t *slot = &tasks[next(seed) % SLOTS];
	mach_port_t task = *slot;
	vm_offset_t addr = 0;
	thread_array_t list;
	mach_msg_type_number_t count;
	volatile mach_port_t thread = 0;

	switch (next(seed) % 8) {
	case 0:
		if (task_create(rt_task, next(seed) % 2, &task) ==
		    KERN_SUCCESS) {
			task = __atomic_exchange_n(slot, task,
			    __ATOMIC_SEQ_CST);
			task_terminate(task);
			mach_port_deallocate(rt_task, task);
		}
		break;
	case 1:
		task_terminate(task);
		break;
	case 2:
		task_suspend(task);
		break;
	case 3:
		task_resume(task);
		break;
	case 4:
		raw_thread(task, &thread, seed);
		if (thread != 0) {
			mach_port_deallocate(rt_task, thread);
		}
		break;
	case 5:
		vm_allocate(task, &addr, 4 * P, TRUE);
		vm_write(task, addr, arena, P);
		break;
	case 6:
		if (task_threads(task, &list, &count) == KERN_SUCCESS) {
			for (unsigned i = 0; i < count; i++) {
				mach_port_deallocate(rt_task, list[i]);
			}
			vm_deallocate(rt_task, (vm_offset_t)list, count * 4);
		}
		break;
	case 7:
		mach_port_insert_right(task, 0x50000 + (next(seed) % 8) *
		    0x100, ports[next(seed) % SLOTS],
		    MACH_MSG_TYPE_COPY_SEND);
		break;
	}
}

static void
do_memory(unsigned *seed)
{
	vm_offset_t addr = arena + next(seed) % 32 * P;
	vm_offset_t to = arena + next(seed) % 32 * P;
	vm_offset_t data;
	mach_msg_type_number_t size;

	switch (next(seed) % 7) {
	case 0:
		vm_protect(rt_task, addr, P, FALSE, VM_PROT_READ);
		vm_protect(rt_task, addr, P, FALSE, VM_PROT_DEFAULT);
		break;
	case 1:
		vm_copy(rt_task, addr, P, to);
		break;
	case 2:
		if (vm_read(rt_task, addr, P, &data, &size) ==
		    KERN_SUCCESS) {
			*(volatile unsigned *)data = 5;
			vm_deallocate(rt_task, data, size);
		}
		break;
	case 3:
		vm_write(rt_task, to, addr, P);
		break;
	case 4:
		vm_inherit(rt_task, addr, P, next(seed) % 3);
		break;
	case 5:
		gsync_wake(rt_task, addr, 0, 0);
		break;
	case 6:
		vm_wire(rt_host_priv, rt_task, addr, P, VM_PROT_READ);
		vm_wire(rt_host_priv, rt_task, addr, P, VM_PROT_NONE);
		break;
	}
}

static void
worker(void *arg)
{
	unsigned seed = (unsigned)arg * 7919 + 17;
	union {
		mach_msg_header_t header;
		uint32_t words[64];
	} msg;

	for (unsigned i = 0; i < STEPS; i++) {
		steps[(unsigned)arg] = i;
		switch (next(&seed) % 4) {
		case 0:
			do_port(&seed, &msg.header);
			break;
		case 1:
			do_thread(&seed);
			break;
		case 2:
			do_task(&seed);
			break;
		case 3:
			do_memory(&seed);
			break;
		}
	}
	__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST);
}

static void
clean(void)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		mach_port_destroy(rt_task, ports[i]);
		thread_terminate(victims[i]);
		mach_port_destroy(rt_task, victims[i]);
		task_terminate(tasks[i]);
		mach_port_destroy(rt_task, tasks[i]);
		ports[i] = victims[i] = tasks[i] = 0;
	}
}

/* Threads of this task when all is over. */
static unsigned
threads_left(void)
{
	thread_array_t list;
	mach_msg_type_number_t count = 0;

	need("threads", task_threads(rt_task, &list, &count));
	vm_deallocate(rt_task, (vm_offset_t)list, count * 4);
	return count;
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	need("arena", vm_allocate(rt_task, &arena, 32 * P, TRUE));
	for (unsigned i = 0; i < WORKERS; i++) {
		mach_port_deallocate(rt_task, rt_thread_create(worker,
		    (void *)i));
	}
	for (unsigned i = 1; finished < WORKERS; i++) {
		rt_sleep(100);
		if (i % 50 == 0) {
			rt_printf("# %u workers are done, steps %u %u %u %u %u "
			    "%u", finished, steps[0], steps[1], steps[2],
			    steps[3], steps[4], steps[5]);
		}
	}
	rt_printf("workers are done");
	clean();
	rt_until(threads_left() == 1);
	want_number("threads left", threads_left(), 1);
}
