/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Running the tests.
 */

#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <machine/cpu.h>
#include <machine/pcb.h>
#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#include "pretend/host.h"

#define TEST_MEMORY_PAGES	0x10000u	/* more than a machine has */

#define TEST_SECONDS	60u

int main(int argc, char **argv);

static struct test *test_first;
static struct test **test_last = &test_first;
static const struct test *test_current;
static unsigned test_failures;		/* of the current test */
static uint32_t test_generator = 1;
static uint32_t (*test_chooser)(uint32_t limit);
static uint32_t test_threads;		/* [a] started and not ended */

void
test_register(struct test *test)
{
	*test_last = test;
	test_last = &test->next;
}

void
test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	if (test_failures++ < 5) {
		printf("FAIL %s: %s:%d: ", test_current->name, file, line);
		va_start(args, format);
		host_vprint(format, args);
		va_end(args);
		printf("\n");
	}
}

bool
test_failed(void)
{
	return test_failures != 0;
}

uint32_t
test_random(uint32_t limit)
{
	if (test_chooser != NULL) {
		return test_chooser(limit);
	}
	/* A generator of its own, so that scheduling does not disturb it. */
	test_generator = test_generator * 1664525u + 1013904223u;
	return (test_generator >> 8) % limit;
}

void
test_random_from(uint32_t (*chooser)(uint32_t limit))
{
	test_chooser = chooser;
}

uint32_t
test_option(const char *name, uint32_t otherwise)
{
	const char *text = host_option(name);
	uint32_t value = 0;

	if (text == NULL || *text == '\0') {
		return otherwise;
	}
	while (*text >= '0' && *text <= '9') {
		value = value * 10 + (uint32_t)(*text++ - '0');
	}
	return value;
}

static bool
test_wanted(const struct test *test)
{
	const char *pattern = host_option("TEST");

	return pattern == NULL || strstr(test->name, pattern) != NULL;
}

void
pretend_booted(void)
{
	unsigned passed = 0;
	unsigned failed = 0;

	for (const struct test *test = test_first; test != NULL;
	    test = test->next) {
		if (!test_wanted(test)) {
			continue;
		}
		test_current = test;
		test_failures = 0;
		host_watchdog(test_option("LIMIT", TEST_SECONDS));
		test->fn();
		if (test_failures == 0) {
			printf("ok %s\n", test->name);
			passed++;
		} else {
			failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	host_exit(failed == 0 ? 0 : 1);
}

int
main(int argc, char **argv)
{
	pretend_config.seed = test_option("SEED", pretend_config.seed);
	pretend_config.cpus = test_option("CPUS", pretend_config.cpus);
	pretend_config.tick_steps =
	    test_option("TICKS", pretend_config.tick_steps);
	test_generator = pretend_config.seed;
	host_watchdog(test_option("LIMIT", TEST_SECONDS));
	pretend_run();
}

struct test_start {
	void (*fn)(void *arg);
	void *arg;
};

static void
test_thread(void *arg)
{
	struct test_start start = *(struct test_start *)arg;

	host_free(arg);
	start.fn(start.arg);
	if (atomic_fetch_sub_acq_rel(&test_threads, 1) == 1) {
		sleepq_wake_all(&test_threads);
	}
}

void
test_spawn(void (*fn)(void *arg), void *arg)
{
	struct test_start *start = host_alloc(sizeof(*start));

	start->fn = fn;
	start->arg = arg;
	atomic_fetch_add_acq_rel(&test_threads, 1);
	if (kernel_thread_create("test", test_thread, start,
	    SCHED_PRIORITY_USER) != KERN_SUCCESS) {
		panic("no memory for a test thread");
	}
}

void
test_join(void)
{
	for (;;) {
		sleepq_prepare(&test_threads, false);
		if (atomic_load_acquire(&test_threads) == 0) {
			sleepq_cancel();
			return;
		}
		sleepq_wait(0);
	}
}

void
test_sleep(unsigned ticks)
{
	sleepq_prepare(&test_sleep, false);
	sleepq_wait(clock_ticks() + ticks);
}

struct test_panic {
	void (*fn)(void *arg);
	void *arg;
};

static void
test_panic_child(void *arg)
{
	struct test_panic *panics = arg;

	panics->fn(panics->arg);
	host_exit(0);
}

void
test_panics(void (*fn)(void *arg), void *arg, const char *text)
{
	struct test_panic panics = { fn, arg };
	static char output[8192];
	int status = host_run_child(test_panic_child, &panics, output,
	    sizeof(output));

	if (status != 70) {
		test_fail(__FILE__, __LINE__,
		    "no panic with \"%s\"; status %d: %.200s", text, status,
		    output);
	} else if (strstr(output, text) == NULL) {
		test_fail(__FILE__, __LINE__,
		    "no \"%s\" in the panic: %s", text, output);
	}
}

struct task *
test_task_create(void (*fn)(void *arg), void *arg, struct thread **threadp)
{
	struct task *task;

	if (task_create(NULL, false, &task) != KERN_SUCCESS ||
	    thread_create(task, threadp) != KERN_SUCCESS) {
		panic("no memory for a test task");
	}
	pcb_set_entry(*threadp, (user_addr_t)(uintptr_t)fn,
	    (user_addr_t)(uintptr_t)arg);
	return task;
}

struct task *
test_new_task(struct task *parent)
{
	struct task *task;

	CHECK_OK(task_create(parent, parent != NULL, &task));
	return task;
}

void
test_end_task(struct task *task)
{
	CHECK_OK(task_terminate(task));
	task_unref(task);
}

static struct vm_page *test_memory[TEST_MEMORY_PAGES];
static unsigned long test_memory_reserved;

void
test_memory_take(void)
{
	struct thread *self = current_thread();
	bool modest = self->vm_modest;
	unsigned count = 0;

	test_memory_reserved = vm_page_free_reserved;
	vm_page_free_reserved = TEST_MEMORY_PAGES;
	self->vm_modest = true;
	/* What is not mapped directly has no reserve. */
	while (count < TEST_MEMORY_PAGES &&
	    (test_memory[count] = vm_page_grab()) != NULL) {
		count++;
	}
	self->vm_modest = modest;
	/* Whoever may touch the reserve finds some there. */
	vm_page_free_reserved = vm_phys_free_direct_count() + 1;
	CHECK(count < TEST_MEMORY_PAGES);
}

void
test_memory_give(void)
{
	vm_page_free_reserved = test_memory_reserved;
	for (unsigned i = 0; test_memory[i] != NULL; i++) {
		vm_page_release(test_memory[i]);
	}
}

void
test_enter(struct task *task)
{
	if (pmap_prepare(task->map->pmap) != KERN_SUCCESS) {
		panic("no memory for a test task");
	}
	current_thread()->task = task;
}

void
test_user_pause(unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		cpu_pause();
	}
}

static void
test_usage_sample(struct test_usage *usage)
{
	struct kmem_stats stats;

	usage->objects = 0;
	for (unsigned i = 0; kmem_stats_get(i, &stats); i++) {
		usage->objects += stats.used;
	}
	usage->large = kmem_large_used();
	usage->threads = thread_count();
	usage->tasks = task_count();
}

void
test_usage_get(struct test_usage *usage)
{
	struct test_usage earlier;

	/* What ended just now may still be on its way to the reaper. */
	test_usage_sample(usage);
	do {
		earlier = *usage;
		test_sleep(5);
		test_usage_sample(usage);
	} while (memcmp(&earlier, usage, sizeof(earlier)) != 0);
}

void
test_usage_check(const struct test_usage *before)
{
	struct test_usage now;

	for (unsigned tries = 0; tries < 100; tries++) {
		test_usage_sample(&now);
		if (memcmp(&now, before, sizeof(now)) == 0) {
			return;
		}
		test_sleep(1);
	}
	CHECK_EQ(now.objects, before->objects);
	CHECK_EQ(now.threads, before->threads);
	CHECK_EQ(now.tasks, before->tasks);
	/* Kept stacks make the large blocks vary. */
}
