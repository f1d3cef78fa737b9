/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <mach/vm_prot.h>
#include <machine/copyio.h>
#include <machine/cpu.h>
#include <machine/pcb.h>

#include <kernel/clock.h>
#include <kernel/gsync.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

TEST_MACHINE(.cpus = 3);

/* A page of the task, and what its threads count with it. */
static vm_offset_t page;
static uint32_t inside;
static uint32_t most_inside;
static uint32_t counter;
static uint32_t results[8];

static void
finish(struct task *task, struct thread *thread)
{
	TEST_WAIT_UNTIL(task->thread_count == 0);
	CHECK_OK(task_terminate(task));
	thread_unref(thread);
	task_unref(task);
}

/* A task with COUNT threads that all run FN, and a page. */
static struct task *
start(void (*fn)(void *arg), unsigned count, struct thread **firstp)
{
	struct task *task = test_task_create(fn, NULL, firstp);

	page = 0;
	CHECK_OK(vm_map_allocate(task->map, &page, vm_page_size, true));
	for (unsigned i = 1; i < count; i++) {
		struct thread *thread;

		CHECK_OK(thread_create(task, &thread));
		pcb_set_entry(thread, (user_addr_t)(uintptr_t)fn, i);
		CHECK_OK(thread_resume(thread));
		thread_unref(thread);
	}
	CHECK_OK(thread_resume(*firstp));
	return task;
}

static kern_return_t
wait_word(unsigned word, uint32_t value, uint32_t msec, int flags)
{
	return gsync_wait(current_task(), page + word * 4, value, 0, msec,
	    flags);
}

static kern_return_t
wake_word(unsigned word, uint32_t value, int flags)
{
	return gsync_wake(current_task(), page + word * 4, value, flags);
}

/* The usual lock: 0 free, 1 taken, 2 taken and waited for. */
static void
lock_word(int flags)
{
	uint32_t seen;

	copyio_cas32(page, 0, 1, &seen);
	if (seen == 0) {
		return;
	}
	for (;;) {
		if (seen != 2) {
			copyio_cas32(page, 1, 2, &seen);
			if (seen == 0) {
				copyio_cas32(page, 0, 2, &seen);
				if (seen == 0) {
					return;
				}
				continue;
			}
		}
		wait_word(0, 2, 0, flags);
		copyio_cas32(page, 0, 2, &seen);
		if (seen == 0) {
			return;
		}
	}
}

static void
unlock_word(int flags)
{
	uint32_t seen;

	copyio_cas32(page, 1, 0, &seen);
	if (seen == 2) {
		wake_word(0, 0, flags | GSYNC_MUTATE);
	}
}

static kern_return_t
locker_step(int flags)
{
	uint32_t seen;

	lock_word(flags);
	inside++;
	most_inside = inside > most_inside ? inside : most_inside;
	seen = counter;
	for (unsigned i = 0; i < 4; i++) {
		cpu_pause();
	}
	counter = seen + 1;
	inside--;
	unlock_word(flags);
	return KERN_SUCCESS;
}

static void
locker(void *arg)
{
	for (unsigned i = 0; i < 50; i++) {
		TEST_TRAP(locker_step(0));
	}
}

static void
shared_locker(void *arg)
{
	for (unsigned i = 0; i < 50; i++) {
		TEST_TRAP(locker_step(GSYNC_SHARED));
	}
}

static void
try_lock(void (*fn)(void *arg))
{
	struct test_usage before;
	struct thread *thread;
	struct task *task;

	test_usage_get(&before);
	counter = 0;
	most_inside = 0;
	task = start(fn, 6, &thread);
	finish(task, thread);
	CHECK_EQ(counter, 300);
	CHECK_EQ(most_inside, 1);
	test_usage_check(&before);
}

TEST(gsync_makes_a_lock)
{
	try_lock(locker);
}

TEST(gsync_makes_a_shared_lock)
{
	try_lock(shared_locker);
}

static kern_return_t
error_calls(void)
{
	struct task *self = current_task();
	uint64_t before = clock_ticks();

	CHECK_EQ(wait_word(0, 1, 0, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(gsync_wait(self, page, 0, 1, 0, GSYNC_QUAD),
	    KERN_INVALID_ARGUMENT);
	CHECK_EQ(wait_word(0, 0, 50, GSYNC_TIMED), KERN_TIMEDOUT);
	CHECK(clock_ticks() >= before + 5);
	CHECK_EQ(gsync_wait(self, page + 1, 0, 0, 0, 0),
	    KERN_INVALID_ADDRESS);
	CHECK_EQ(gsync_wait(self, page + vm_page_size, 0, 0, 0, 0),
	    KERN_INVALID_ADDRESS);
	CHECK_EQ(gsync_wait(self, page + vm_page_size, 0, 0, 0, GSYNC_SHARED),
	    KERN_INVALID_ADDRESS);
	CHECK_EQ(wake_word(0, 0, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(gsync_requeue(self, page, page + 4, false, 0),
	    KERN_INVALID_ARGUMENT);
	return KERN_SUCCESS;
}

static void
error_main(void *arg)
{
	TEST_TRAP(error_calls());
}

TEST(gsync_errors)
{
	struct thread *thread;
	struct task *task = start(error_main, 1, &thread);

	finish(task, thread);
}

static void
waiter_main(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	results[me] = (uint32_t)TEST_TRAP(wait_word(me == 0 ? 1 : 0, 0, 0,
	    0));
}

static unsigned
still_waiting(struct task *task)
{
	return task->thread_count;
}

TEST(gsync_requeues)
{
	struct thread *thread;
	struct task *task = start(waiter_main, 5, &thread);

	/* One waits for word 1, four for word 0. */
	test_sleep(20);
	CHECK_EQ(still_waiting(task), 5);
	CHECK_OK(gsync_requeue(task, page, page + 8, true, 0));
	TEST_WAIT_UNTIL(still_waiting(task) == 4);
	CHECK_OK(gsync_requeue(task, page, page + 8, false, GSYNC_BROADCAST));
	CHECK_EQ(gsync_wake(task, page, 0, GSYNC_BROADCAST),
	    KERN_INVALID_ARGUMENT);
	CHECK_OK(gsync_wake(task, page + 8, 0, 0));
	TEST_WAIT_UNTIL(still_waiting(task) == 3);
	CHECK_OK(gsync_wake(task, page + 8, 0, GSYNC_BROADCAST));
	TEST_WAIT_UNTIL(still_waiting(task) == 1);
	/* From outside, with a value stored first. */
	CHECK_OK(gsync_wake(task, page + 4, 77, GSYNC_MUTATE));
	finish(task, thread);
	for (unsigned i = 0; i < 5; i++) {
		CHECK_EQ(results[i], KERN_SUCCESS);
	}
}

TEST(gsync_wait_is_interrupted)
{
	struct thread *thread;
	struct task *task = start(waiter_main, 1, &thread);

	results[0] = 99;
	test_sleep(20);
	CHECK_OK(thread_abort(thread));
	finish(task, thread);
	CHECK_EQ(results[0], KERN_INTERRUPTED);
}
