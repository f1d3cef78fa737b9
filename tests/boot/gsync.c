/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Waiting for words of memory.
 */

#include "rt.h"

#include "gnumach_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define GSYNC_SHARED	0x01
#define GSYNC_QUAD	0x02
#define GSYNC_TIMED	0x04
#define GSYNC_BROADCAST	0x08
#define GSYNC_MUTATE	0x10

/* Where our kernel's text is. */
#define USER_END	0xc0000000u
#define KERNEL		0xc0100000u
#define KERNEL_TEXT	0x40000u

static volatile unsigned words[8] __attribute__((aligned(16)));
static volatile unsigned woken;
static volatile int results[8];

static void
waiter(void *arg)
{
	unsigned i = (unsigned)arg;

	results[i] = gsync_wait(rt_task, (vm_offset_t)&words[0], 0, 0, 0, 0);
	__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
}

static void
wait_woken(unsigned n)
{
	rt_until(woken >= n);
	rt_sleep(30);
	want_number("woken", woken, n);
}

static void
start(unsigned n)
{
	mach_port_t threads[8];

	woken = 0;
	words[0] = 0;
	for (unsigned i = 0; i < n; i++) {
		results[i] = -1;
		threads[i] = rt_thread_create(waiter, (void *)i);
	}
	for (unsigned i = 0; i < n; i++) {
		rt_until_waits(threads[i]);
	}
	want_number("woken", woken, 0);
}

static void
test_wait(void)
{
	words[0] = 5;
	want("other value", gsync_wait(rt_task, (vm_offset_t)&words[0], 0, 0,
	    0, 0), KERN_INVALID_ARGUMENT);
	want("other second value", gsync_wait(rt_task, (vm_offset_t)&words[0],
	    5, 9, 0, GSYNC_QUAD), KERN_INVALID_ARGUMENT);
	want("timed", gsync_wait(rt_task, (vm_offset_t)&words[0], 5, 0, 50,
	    GSYNC_TIMED), KERN_TIMEDOUT);
	want("timed quad", gsync_wait(rt_task, (vm_offset_t)&words[0], 5, 0,
	    50, GSYNC_TIMED | GSYNC_QUAD), KERN_TIMEDOUT);
	want("not aligned", gsync_wait(rt_task, (vm_offset_t)&words[0] + 1, 5,
	    0, 50, GSYNC_TIMED), KERN_INVALID_ADDRESS);
	want("nowhere", gsync_wait(rt_task, 0xb0001000, 5, 0, 50, GSYNC_TIMED),
	    KERN_INVALID_ADDRESS);
	want("in the kernel", gsync_wait(rt_task, 0xc0100000, 5, 0, 50,
	    GSYNC_TIMED), KERN_INVALID_ADDRESS);
	want("of no task", gsync_wait(mach_thread_self(),
	    (vm_offset_t)&words[0], 5, 0, 50, GSYNC_TIMED),
	    KERN_INVALID_TASK);
}

static void
test_wake(void)
{
	want("wake nobody", gsync_wake(rt_task, (vm_offset_t)&words[0], 0, 0),
	    KERN_SUCCESS);
	start(3);
	want("wake one", gsync_wake(rt_task, (vm_offset_t)&words[0], 0, 0),
	    KERN_SUCCESS);
	wait_woken(1);
	want("wake all", gsync_wake(rt_task, (vm_offset_t)&words[0], 9,
	    GSYNC_BROADCAST | GSYNC_MUTATE), KERN_SUCCESS);
	wait_woken(3);
	rt_printf("word %u", words[0]);
	for (unsigned i = 0; i < 3; i++) {
		want("result", results[i], KERN_SUCCESS);
	}
}

/*
 * The kernel's memory is neither compared nor written.  A wake-up is not
 * answered: had it been written, we would not come to the end.
 */
static void
test_kernel(void)
{
	vm_offset_t last = USER_END - P;

	for (vm_offset_t at = KERNEL; at < KERNEL + KERNEL_TEXT; at += 0x100) {
		gsync_wake(rt_task, at, 0, GSYNC_MUTATE);
		gsync_wake(rt_task, at, 0, GSYNC_MUTATE | GSYNC_SHARED);
	}
	want("# compared", gsync_wait(rt_task, KERNEL + 0x1000, 0, 0, 50,
	    GSYNC_TIMED), KERN_INVALID_ADDRESS);
	/* The last page may be there already. */
	vm_allocate(rt_task, &last, P, FALSE);
	want("# across the border", gsync_wait(rt_task, USER_END - 4,
	    *(volatile unsigned *)(USER_END - 4), 0, 50,
	    GSYNC_TIMED | GSYNC_QUAD), KERN_INVALID_ADDRESS);
}

static void
test_requeue(void)
{
	start(3);
	want("requeue all, wake one", gsync_requeue(rt_task,
	    (vm_offset_t)&words[0], (vm_offset_t)&words[4], TRUE,
	    GSYNC_BROADCAST), KERN_SUCCESS);
	wait_woken(1);
	want("wake at the old place", gsync_wake(rt_task,
	    (vm_offset_t)&words[0], 0, GSYNC_BROADCAST), KERN_SUCCESS);
	wait_woken(1);
	want("wake at the new place", gsync_wake(rt_task,
	    (vm_offset_t)&words[4], 0, GSYNC_BROADCAST), KERN_SUCCESS);
	wait_woken(3);
}

static void
test_abort(void)
{
	mach_port_t thread;

	woken = 0;
	words[0] = 0;
	thread = rt_thread_create(waiter, (void *)0);
	rt_until_waits(thread);
	want("abort", thread_abort(thread), KERN_SUCCESS);
	wait_woken(1);
	show("result", results[0]);
}

/* The same memory at two addresses. */
static void
test_shared(void)
{
	mach_port_t task;
	vm_offset_t addr = 0;

	need("allocate", vm_allocate(rt_task, &addr, P, TRUE));
	need("inherit", vm_inherit(rt_task, addr, P, VM_INHERIT_SHARE));
	*(volatile unsigned *)addr = 0;
	need("task_create", task_create(rt_task, TRUE, &task));
	want("timed out shared", gsync_wait(rt_task, addr, 0, 0, 20,
	    GSYNC_TIMED | GSYNC_SHARED), KERN_TIMEDOUT);
	want("wake through the other task", gsync_wake(task, addr, 3,
	    GSYNC_SHARED | GSYNC_MUTATE), KERN_SUCCESS);
	rt_printf("word %u", *(volatile unsigned *)addr);
	task_terminate(task);
	vm_deallocate(rt_task, addr, P);
}

void
test(void)
{
	test_wait();
	test_wake();
	if (!rt_on_gnumach) {
		test_kernel();
	}
	test_requeue();
	test_abort();
	test_shared();
}
