/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <machine/atomic.h>
#include <machine/pcb.h>

#include <kernel/ast.h>
#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <kernel/thread_trap.h>

TEST_MACHINE(.cpus = 3);

/* What a user thread of these tests counts. */
struct user {
	uint32_t rounds;
	uint32_t waits;
	uint32_t interrupted;
	bool block;
	char event;
	char uninterruptible;
	bool in_deep;
};

static kern_return_t
user_wait(struct user *user)
{
	sleepq_prepare(&user->event, true);
	user->waits++;
	if (sleepq_wait(0) == WAIT_INTERRUPTED) {
		user->interrupted++;
		return KERN_ABORTED;
	}
	return KERN_SUCCESS;
}

static kern_return_t
user_deep(struct user *user)
{
	sleepq_prepare(&user->uninterruptible, false);
	user->in_deep = true;
	sleepq_wait(0);
	user->in_deep = false;
	return KERN_SUCCESS;
}

/* For ever: count, and if wanted wait in the kernel. */
static void
user_main(void *arg)
{
	struct user *user = arg;

	for (;;) {
		user->rounds++;
		test_user_pause(1);
		if (user->block) {
			TEST_TRAP(user_wait(user));
		}
	}
}

static void
user_deep_main(void *arg)
{
	TEST_TRAP(user_deep(arg));
	user_main(arg);
}

/* Is USER getting on? */
static bool
moves(struct user *user)
{
	uint32_t before = user->rounds;

	for (unsigned i = 0; i < 20 && user->rounds == before; i++) {
		test_sleep(10);
	}
	return user->rounds != before;
}

static void
finish(struct task *task, struct thread *thread)
{
	CHECK_OK(task_terminate(task));
	CHECK_EQ(task_terminate(task), KERN_FAILURE);
	/* Until then it uses what is on our stack. */
	TEST_WAIT_UNTIL(task->thread_count == 0);
	thread_unref(thread);
	task_unref(task);
}

TEST(thread_starts_stopped_and_resumes)
{
	struct user user = { 0 };
	struct thread *thread;
	struct task *task;
	struct test_usage before;

	test_usage_get(&before);
	task = test_task_create(user_main, &user, &thread);
	CHECK(!moves(&user));
	CHECK_OK(thread_stop_wait(thread));
	CHECK_OK(thread_resume(thread));
	CHECK_EQ(thread_resume(thread), KERN_FAILURE);
	CHECK(moves(&user));
	finish(task, thread);
	test_usage_check(&before);
}

TEST(thread_suspension_counts)
{
	struct user user = { 0 };
	struct thread *thread;
	struct task *task = test_task_create(user_main, &user, &thread);

	CHECK_OK(thread_resume(thread));
	CHECK(moves(&user));
	CHECK_OK(thread_suspend(thread));
	CHECK(thread->sched.state == THREAD_STOPPED);
	CHECK(!moves(&user));
	CHECK_OK(thread_suspend(thread));
	CHECK_OK(task_suspend(task));
	CHECK_OK(thread_resume(thread));
	CHECK_OK(thread_resume(thread));
	CHECK(!moves(&user));
	CHECK_OK(task_resume(task));
	CHECK_EQ(task_resume(task), KERN_FAILURE);
	CHECK(moves(&user));
	finish(task, thread);
}

TEST(thread_suspended_in_a_wait_stays_there)
{
	struct user user = { .block = true };
	struct thread *thread;
	struct task *task = test_task_create(user_main, &user, &thread);

	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(user.waits == 1);
	CHECK_OK(thread_suspend(thread));
	/* The event comes, but the thread may not see it yet. */
	sleepq_wake_all(&user.event);
	CHECK(!moves(&user));
	CHECK_EQ(user.waits, 1);
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(user.waits == 2);
	CHECK_EQ(user.interrupted, 0);
	finish(task, thread);
}

TEST(thread_abort_interrupts_a_wait)
{
	struct user user = { .block = true };
	struct thread *thread;
	struct task *task = test_task_create(user_main, &user, &thread);

	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(user.waits == 1);
	CHECK_OK(thread_suspend(thread));
	CHECK_OK(thread_abort(thread));
	CHECK_EQ(user.interrupted, 1);
	CHECK(thread->sched.state == THREAD_STOPPED);
	CHECK(thread->sched.at_clean_point);
	CHECK_EQ(user.waits, 1);
	/* Once more changes nothing: it is at its clean point. */
	CHECK_OK(thread_abort(thread));
	CHECK_OK(thread_resume(thread));
	/* And the abort does not hit the next wait. */
	TEST_WAIT_UNTIL(user.waits == 2);
	test_sleep(10);
	CHECK_EQ(user.interrupted, 1);
	finish(task, thread);
}

TEST(thread_abort_of_a_stopped_and_woken_wait)
{
	struct user user = { .block = true };
	struct thread *thread;
	struct task *task = test_task_create(user_main, &user, &thread);

	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(user.waits == 1);
	CHECK_OK(thread_suspend(thread));
	sleepq_wake_all(&user.event);
	test_sleep(3);
	/* The wait had succeeded: the thread goes on to its clean point. */
	CHECK_OK(thread_abort(thread));
	CHECK_EQ(user.interrupted, 0);
	CHECK(thread->sched.at_clean_point);
	finish(task, thread);
}

static struct thread *suspended;
static uint32_t suspend_result = 99;

static void
suspender(void *arg)
{
	suspend_result = (uint32_t)thread_suspend(suspended);
}

TEST(thread_uninterruptible_wait_is_waited_for)
{
	struct user user = { 0 };
	struct thread *thread;
	struct task *task = test_task_create(user_deep_main, &user, &thread);

	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(user.in_deep);
	suspended = thread;
	test_spawn(suspender, NULL);
	test_sleep(20);
	CHECK_EQ(suspend_result, 99);
	sleepq_wake_all(&user.uninterruptible);
	test_join();
	CHECK_EQ(suspend_result, KERN_SUCCESS);
	CHECK(!user.in_deep);
	CHECK_EQ(user.rounds, 0);
	finish(task, thread);
}

TEST(thread_terminate_in_every_state)
{
	struct test_usage before;

	test_usage_get(&before);
	for (unsigned how = 0; how < 6; how++) {
		struct user user = { .block = how == 2 || how == 3 };
		struct thread *thread;
		struct task *task = test_task_create(
		    how == 4 ? user_deep_main : user_main, &user, &thread);

		if (how != 0) {
			CHECK_OK(thread_resume(thread));
		}
		test_sleep(5);
		if (how == 3 || how == 5) {
			CHECK_OK(thread_suspend(thread));
		}
		CHECK_OK(thread_terminate(thread));
		CHECK_EQ(thread_terminate(thread), KERN_FAILURE);
		if (how == 4) {
			sleepq_wake_all(&user.uninterruptible);
		}
		TEST_WAIT_UNTIL(task->thread_count == 0);
		CHECK(thread->sched.state == THREAD_DEAD);
		CHECK_EQ(thread_suspend(thread), KERN_FAILURE);
		thread_hold(thread);
		CHECK_EQ(thread_stop_wait(thread), KERN_FAILURE);
		thread_unref(thread);
		test_end_task(task);
	}
	test_usage_check(&before);
}

TEST(thread_pinned_ends_but_stays)
{
	struct user user = { .block = true };
	struct thread *thread;
	struct task *task = test_task_create(user_main, &user, &thread);

	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(user.waits == 1);
	CHECK_OK(thread_pin(thread));
	CHECK_OK(thread_pin(thread));
	CHECK_OK(thread_terminate(thread));
	TEST_WAIT_UNTIL(thread->sched.state == THREAD_DEAD);
	CHECK_EQ(thread_pin(thread), KERN_FAILURE);
	thread_unpin(thread);
	test_sleep(20);
	CHECK(thread->stack != 0);
	CHECK_EQ(task->thread_count, 1);
	thread_unpin(thread);
	TEST_WAIT_UNTIL(task->thread_count == 0);
	CHECK_EQ(thread->stack, 0);
	finish(task, thread);
}

TEST(thread_that_stands_still_ends_at_once)
{
	struct user user = {};
	struct thread *thread;
	struct task *task = test_task_create(user_main, &user, &thread);

	/* It need not run for that, nor does the reaper; unless it is pinned. */
	CHECK_OK(thread_pin(thread));
	CHECK_EQ(thread->ast, 0);
	CHECK_OK(thread_terminate(thread));
	CHECK(thread->sched.state == THREAD_DEAD);
	CHECK_EQ(task->thread_count, 1);
	thread_unpin(thread);
	TEST_WAIT_UNTIL(task->thread_count == 0);
	thread_unref(thread);

	CHECK_OK(thread_create(task, &thread));
	CHECK_OK(thread_terminate(thread));
	CHECK_EQ(task->thread_count, 0);
	CHECK_EQ(user.rounds, 0);
	CHECK_EQ(thread_resume(thread), KERN_FAILURE);
	finish(task, thread);
}

static void
user_returns(void *arg)
{
	(*(uint32_t *)arg)++;
}

TEST(thread_that_ends_itself)
{
	uint32_t ran = 0;
	struct thread *thread;
	struct task *task = test_task_create(user_returns, &ran, &thread);

	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(task->thread_count == 0);
	CHECK_EQ(ran, 1);
	finish(task, thread);
}

TEST(task_terminate_with_many_threads)
{
	struct test_usage before;
	struct user users[8] = { { 0 } };
	struct thread *threads[8];
	struct task *task;

	test_usage_get(&before);
	task = test_task_create(user_main, &users[0], &threads[0]);
	for (unsigned i = 1; i < 8; i++) {
		users[i].block = i % 2 != 0;
		CHECK_OK(thread_create(task, &threads[i]));
		pcb_set_entry(threads[i], (user_addr_t)(uintptr_t)user_main,
		    (user_addr_t)(uintptr_t)&users[i]);
	}
	for (unsigned i = 0; i < 7; i++) {
		CHECK_OK(thread_resume(threads[i]));
	}
	test_sleep(30);
	CHECK_OK(task_terminate(task));
	CHECK_EQ(thread_create(task, &threads[7]), KERN_FAILURE);
	for (unsigned i = 0; i < 8; i++) {
		thread_unref(threads[i]);
	}
	TEST_WAIT_UNTIL(task->finished);
	task_unref(task);
	test_usage_check(&before);
}

TEST(task_inherits)
{
	struct thread *thread;
	uint32_t ran = 0;
	struct task *task = test_task_create(user_returns, &ran, &thread);
	struct task *child;

	task_name_set(task, "parent of a child whose name is too long to keep");
	CHECK_OK(task_set_priority(task, 30, true));
	CHECK_EQ(thread->sched.base_priority, 30);
	child = test_new_task(task);
	CHECK_EQ(child->priority, 30);
	CHECK_EQ(child->name[TASK_NAME_SIZE - 1], 0);
	CHECK_EQ(child->name[0], 'p');
	CHECK_EQ(child->thread_count, 0);
	CHECK_OK(task_terminate(child));
	CHECK(child->finished);
	CHECK_EQ(task_create(child, false, &child), KERN_FAILURE);
	task_unref(child);
	finish(task, thread);
}

/* Random life: everything at once, from several sides. */
static struct {
	struct task *task;
	struct thread *thread;
	struct user user;
} victims[4];

static uint32_t stop;
static uint32_t operations;

static void
tormentor(void *arg)
{
	while (atomic_load_acquire(&stop) == 0) {
		unsigned i = pretend_random(4);
		struct thread *thread = victims[i].thread;

		switch (pretend_random(7)) {
		case 0:
			if (thread_suspend(thread) == KERN_SUCCESS) {
				thread_resume(thread);
			}
			break;
		case 1:
			thread_abort(thread);
			break;
		case 2:
			if (task_suspend(victims[i].task) == KERN_SUCCESS) {
				task_resume(victims[i].task);
			}
			break;
		case 3:
			sleepq_wake_all(&victims[i].user.event);
			break;
		case 4:
			victims[i].user.block = !victims[i].user.block;
			break;
		case 5:
			sched_set_priority(thread, 25 + pretend_random(30),
			    false);
			break;
		default:
			test_sleep(1);
			break;
		}
		atomic_fetch_add_seqcst(&operations, 1);
	}
}

TEST(thread_random_torment)
{
	struct test_usage before;

	test_usage_get(&before);
	for (unsigned i = 0; i < 4; i++) {
		victims[i].task = test_task_create(user_main,
		    &victims[i].user, &victims[i].thread);
		CHECK_OK(thread_resume(victims[i].thread));
	}
	for (unsigned i = 0; i < 4; i++) {
		test_spawn(tormentor, NULL);
	}
	test_sleep(1000);
	atomic_store_release(&stop, 1);
	test_join();
	CHECK(operations > 100);
	for (unsigned i = 0; i < 4; i++) {
		/* Whatever happened, all counts are balanced again. */
		CHECK_EQ(victims[i].thread->sched.hold_count, 0);
		victims[i].user.block = false;
		CHECK_OK(sched_set_priority(victims[i].thread, 25, false));
		sleepq_wake_all(&victims[i].user.event);
		CHECK(moves(&victims[i].user));
		finish(victims[i].task, victims[i].thread);
	}
	test_usage_check(&before);
}

static void
trapping(void *arg)
{
	uint32_t *count = arg;

	for (unsigned i = 0; i < 20; i++) {
		TEST_TRAP(sys_swtch());
		TEST_TRAP(sys_swtch_pri(0));
		CHECK_OK(TEST_TRAP(sys_thread_switch(0, 0, 0)));
		CHECK_OK(TEST_TRAP(sys_thread_switch(0, 1, 10)));
		CHECK_OK(TEST_TRAP(sys_thread_switch(0, 2, 10)));
		CHECK_EQ(TEST_TRAP(sys_thread_switch(0, 3, 10)),
		    KERN_INVALID_ARGUMENT);
		(*count)++;
	}
}

TEST(thread_traps)
{
	uint32_t counts[3] = { 0 };
	struct thread *threads[3];
	struct task *tasks[3];

	for (unsigned i = 0; i < 3; i++) {
		tasks[i] = test_task_create(trapping, &counts[i], &threads[i]);
		CHECK_OK(thread_resume(threads[i]));
	}
	for (unsigned i = 0; i < 3; i++) {
		TEST_WAIT_UNTIL(tasks[i]->thread_count == 0);
		CHECK_EQ(counts[i], 20);
		finish(tasks[i], threads[i]);
	}
}
