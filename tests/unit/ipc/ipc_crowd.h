/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Threads of two tasks that talk to each other, for tests of what happens when
 * they are disturbed.
 */

#ifndef TESTS_UNIT_IPC_IPC_CROWD_H
#define TESTS_UNIT_IPC_IPC_CROWD_H

#include <tests/lib/test.h>

#include <kernel/task.h>
#include <kernel/thread.h>

#define CROWD_MAX	16

static struct task *server;
static struct task *clients;
static struct thread *threads[CROWD_MAX];	/* in the order of crowd_add() */
static unsigned thread_number;

static void
crowd_begin(void)
{
	CHECK_OK(task_create(NULL, false, &server));
	CHECK_OK(task_create(NULL, false, &clients));
	thread_number = 0;
}

/* A thread of TASK that will run FN(ARG) in user mode. */
static void
crowd_add(struct task *task, void (*fn)(void *arg), void *arg)
{
	struct thread *thread;

	CHECK_OK(thread_create(task, &thread));
	pcb_set_entry(thread, (user_addr_t)(uintptr_t)fn,
	    (user_addr_t)(uintptr_t)arg);
	CHECK(thread_number < CROWD_MAX);
	threads[thread_number++] = thread;
}

static void
crowd_go(void)
{
	for (unsigned i = 0; i < thread_number; i++) {
		CHECK_OK(thread_resume(threads[i]));
	}
}

/* Stop VICTIM, maybe interrupt what it waits for, and let it go on. */
static inline void
crowd_disturb(struct thread *victim)
{
	if (thread_suspend(victim) == KERN_SUCCESS) {
		if (test_random(2) == 0) {
			thread_abort(victim);
		}
		CHECK_OK(thread_resume(victim));
	}
	test_sleep(test_random(2));
}

static void
crowd_end(void)
{
	task_terminate(clients);
	task_terminate(server);
	for (unsigned i = 0; i < thread_number; i++) {
		thread_unref(threads[i]);
	}
	task_unref(clients);
	task_unref(server);
}

#endif /* TESTS_UNIT_IPC_IPC_CROWD_H */
