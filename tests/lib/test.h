/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The unit-test harness.
 *
 *	#include <tests/lib/test.h>
 *
 *	TEST(list_insert_keeps_order)
 *	{
 *		CHECK(list_empty(&list));
 *		CHECK_EQ(count, 3);
 *	}
 *
 * A file of TESTs is a program: it boots the kernel on the pretend machine and
 * runs its tests, in the order of the file, in a kernel thread (interrupts on,
 * preemptible), printing `ok NAME' or `FAIL NAME: why' for each and the counts
 * at the end.  A file may say how its machine shall be:
 *
 *	TEST_MACHINE(.cpus = 4, .memory_mib = 32);
 *
 * Options: TEST=pattern runs the tests whose name contains it, SEED=n changes
 * the random choices, CPUS=n the number of processors, TICKS=n the steps between
 * ticks, LIMIT=n the seconds after which a test counts as hung.
 */

#ifndef TESTS_LIB_TEST_H
#define TESTS_LIB_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>

#include <tests/lib/checks.h>

#include "pretend/pretend.h"

struct task;
struct thread;

#define TEST_MACHINE(...)						\
	__attribute__((constructor)) static void			\
	test_machine(void)						\
	{								\
		pretend_configure(					\
		    &(struct pretend_config){ __VA_ARGS__ });		\
	}

/* Has the running test failed already? */
bool test_failed(void);

#define CHECK_OK(call)	CHECK_EQ((call), KERN_SUCCESS)

/* The number NAME of the environment, or OTHERWISE. */
uint32_t test_option(const char *name, uint32_t otherwise);

/* From now on CHOOSER draws these numbers: a fuzzer, from its input. */
void test_random_from(uint32_t (*chooser)(uint32_t limit));

/* Run FN(ARG) in a kernel thread of the user priority. */
void test_spawn(void (*fn)(void *arg), void *arg);

/* Wait until all threads that test_spawn started have ended. */
void test_join(void);

/* Sleep for TICKS of the virtual clock. */
void test_sleep(unsigned ticks);

/* Wait until COND is true, giving up after some virtual seconds. */
#define TEST_WAIT_UNTIL(cond) do {					\
	for (unsigned tries_ = 0; !(cond) && tries_ < 1000; tries_++) {	\
		test_sleep(1);						\
	}								\
	CHECK(cond);							\
} while (0)

/*
 * FN(ARG), run in a copy of this process, must panic, and say TEXT when it
 * does.
 */
void test_panics(void (*fn)(void *arg), void *arg, const char *text);

/*
 * A new task with an empty map and one thread that will run FN(ARG) in the
 * pretend machine's user mode once resumed.  Both come with a reference.
 */
struct task *test_task_create(void (*fn)(void *arg), void *arg,
    struct thread **threadp);

/* A task without threads, of PARENT's memory, or, if that is NULL, with none. */
struct task *test_new_task(struct task *parent);

/* End TASK, and give the reference back. */
void test_end_task(struct task *task);

/*
 * Whoever may not touch the reserve, or is modest, gets no page for a task's memory
 * between these two.
 */
void test_memory_take(void);
void test_memory_give(void);

/* From now on the current thread, one of the kernel's, is one of TASK. */
void test_enter(struct task *task);

/* A kernel call from user mode: trap entry, the call, trap exit. */
#define TEST_TRAP(call) __extension__ ({				\
	typeof(call) result_;						\
									\
	pretend_trap_enter();						\
	if (__builtin_setjmp(current_thread()->pcb.trap) == 0) {	\
		current_thread()->pcb.in_trap = true;			\
		result_ = (call);					\
	} else {							\
		result_ = (typeof(result_))current_thread()->pcb.result; \
	}								\
	current_thread()->pcb.in_trap = false;				\
	pretend_trap_leave();						\
	result_;							\
})

/* Spend some time in user mode, where interrupts and ASTs may come. */
void test_user_pause(unsigned steps);

/* Objects in kmem caches and pages in use, to compare before and after. */
struct test_usage {
	unsigned objects;
	size_t large;
	unsigned threads;
	unsigned tasks;
};
void test_usage_get(struct test_usage *usage);

/* Wait until the reaper and others are done, then CHECK nothing is left. */
void test_usage_check(const struct test_usage *before);

#endif /* TESTS_LIB_TEST_H */
