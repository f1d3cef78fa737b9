/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processor sets: making them, and assigning processors, tasks and threads.
 */

#include "rt.h"

#include <mach/policy.h>

#include "mach_debug_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define OTHERS_MAX	16u
#define OTHERS_LOOKS	40u
#define ONE_SET "it has but the default set"

static mach_port_t default_name;
static mach_port_t default_set;

static void
test_default(void)
{
	mach_port_t other = MACH_PORT_NULL;
	mach_port_t thread = mach_thread_self();

	want("of no host", processor_set_default(rt_task, &other),
	    KERN_INVALID_ARGUMENT);
	need("default", processor_set_default(mach_host_self(),
	    &default_name));
	need("control", host_processor_set_priv(rt_host_priv, default_name,
	    &default_set));
	want("task", task_get_assignment(rt_task, &other), KERN_SUCCESS);
	rt_printf("default %d", other == default_name);
	want("thread", thread_get_assignment(thread, &other), KERN_SUCCESS);
	rt_printf("default %d", other == default_name);
	want("no task", task_get_assignment(thread, &other),
	    KERN_INVALID_ARGUMENT);
	want("no thread", thread_get_assignment(rt_task, &other),
	    KERN_INVALID_ARGUMENT);
	want_ours("task to its set", task_assign(rt_task, default_set,
	    FALSE), KERN_SUCCESS, ONE_SET);
	want_ours("thread to its set", thread_assign(thread, default_set),
	    KERN_SUCCESS, ONE_SET);
	want_ours("task home", task_assign_default(rt_task, TRUE),
	    KERN_SUCCESS, ONE_SET);
	want_ours("thread home", thread_assign_default(thread),
	    KERN_SUCCESS, ONE_SET);
	want_ours("task to a name", task_assign(rt_task, default_name,
	    FALSE), KERN_INVALID_ARGUMENT, ONE_SET);
	want_ours("thread to a name", thread_assign(thread, default_name),
	    KERN_INVALID_ARGUMENT, ONE_SET);
	want_ours("no task home", task_assign_default(thread, FALSE),
	    KERN_INVALID_ARGUMENT, ONE_SET);
	want_ours("no thread home", thread_assign_default(rt_task),
	    KERN_INVALID_ARGUMENT, ONE_SET);
	want("destroy it", processor_set_destroy(default_set), KERN_FAILURE);
	want_ours("destroy a name", processor_set_destroy(default_name),
	    KERN_INVALID_ARGUMENT, ONE_SET);
	want("threads of a name", processor_set_threads(default_name,
	    (thread_array_t *)&other, &other), KERN_INVALID_ARGUMENT);
	want("tasks of a name", processor_set_tasks(default_name,
	    (task_array_t *)&other, &other), KERN_INVALID_ARGUMENT);
	want("sets of no host", host_processor_sets(rt_task,
	    (processor_set_name_array_t *)&other, &other),
	    KERN_INVALID_ARGUMENT);
	want("disable by name", processor_set_policy_disable(default_name,
	    POLICY_FIXEDPRI, FALSE), KERN_INVALID_ARGUMENT);
	want("enable by name", processor_set_policy_enable(default_name,
	    POLICY_FIXEDPRI), KERN_INVALID_ARGUMENT);
	want("priority by name", processor_set_max_priority(default_name,
	    10, FALSE), KERN_INVALID_ARGUMENT);
	want("disable no policy", processor_set_policy_disable(default_set,
	    77, FALSE), KERN_INVALID_ARGUMENT);
	want("disable timesharing", processor_set_policy_disable(default_set,
	    POLICY_TIMESHARE, FALSE), KERN_INVALID_ARGUMENT);
}

static void
test_processors(void)
{
	processor_array_t list;
	mach_msg_type_number_t count;
	mach_port_t set;
	mach_port_t processor;
	integer_t command[4] = { 0 };

	need("processors", host_processors(rt_host_priv, &list, &count));
	processor = list[0];
	/* The machine starts them all, and cannot stop one. */
	want("start", processor_start(processor), KERN_FAILURE);
	want("exit", processor_exit(processor), KERN_FAILURE);
	want("control", processor_control(processor, command, 4),
	    KERN_FAILURE);
	want("assignment", processor_get_assignment(processor, &set),
	    KERN_SUCCESS);
	rt_printf("default %d", set == default_name);
	want_ours("assign", processor_assign(processor, default_set, TRUE),
	    KERN_SUCCESS, ONE_SET);
	want("start a task", processor_start(rt_task), KERN_INVALID_ARGUMENT);
	want("exit a task", processor_exit(rt_task), KERN_INVALID_ARGUMENT);
	want("control a task", processor_control(rt_task, command, 4),
	    KERN_INVALID_ARGUMENT);
	want("assignment of a task", processor_get_assignment(rt_task, &set),
	    KERN_INVALID_ARGUMENT);
	want_ours("assign a task", processor_assign(rt_task, default_set,
	    TRUE), KERN_INVALID_ARGUMENT, ONE_SET);
	want_ours("assign to a name", processor_assign(processor,
	    default_name, TRUE), KERN_INVALID_ARGUMENT, ONE_SET);
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
}

/* Runs, and says so. */
static void
spin(void *arg)
{
	for (;;) {
		(*(volatile unsigned *)arg)++;
	}
}

/* Does the thread that counts in *COUNTER get on? */
static bool
gets_on(volatile unsigned *counter)
{
	unsigned before = *counter;

	return rt_until(*counter != before);
}

/* Does it stand still?  It may have been told to just now. */
static bool
stands(volatile unsigned *counter)
{
	unsigned before;

	return rt_until((before = *counter, rt_sleep(200),
	    *counter == before));
}

static struct thread_sched_info
sched_info_of(mach_port_t thread)
{
	struct thread_sched_info info;
	mach_msg_type_number_t count = THREAD_SCHED_INFO_COUNT;

	need("sched info", thread_info(thread, THREAD_SCHED_INFO,
	    (thread_info_t)&info, &count));
	return info;
}

/* The last processor of THREAD. */
static int
processor_of(mach_port_t thread)
{
	return sched_info_of(thread).last_processor;
}

/* How often COUNT threads of the default set are seen on processor WHICH. */
static unsigned
others_on(int which, unsigned count)
{
	static volatile unsigned counters[OTHERS_MAX];
	mach_port_t threads[OTHERS_MAX];
	unsigned seen = 0;

	count = count < OTHERS_MAX ? count : OTHERS_MAX;
	for (unsigned i = 0; i < count; i++) {
		threads[i] = rt_thread_create(spin, (void *)&counters[i]);
	}
	for (unsigned i = 0; i < OTHERS_LOOKS; i++) {
		rt_sleep(5);
		for (unsigned t = 0; t < count; t++) {
			seen += processor_of(threads[t]) == which;
		}
	}
	for (unsigned i = 0; i < count; i++) {
		thread_terminate(threads[i]);
		mach_port_deallocate(rt_task, threads[i]);
	}
	return seen;
}

/* On how many processors COUNT threads are that never wait. */
static unsigned
spread(const mach_port_t *threads, unsigned count)
{
	uint32_t seen = 0;

	for (unsigned i = 0; i < count; i++) {
		seen |= 1u << processor_of(threads[i]);
	}
	return (unsigned)__builtin_popcount(seen);
}

/* Threads that never wait run at the same time, each on its processor. */
static void
test_parallel(void)
{
	static volatile unsigned counters[OTHERS_MAX];
	mach_port_t threads[OTHERS_MAX] = { MACH_PORT_NULL };
	unsigned before[OTHERS_MAX];
	unsigned count = rt_processors();
	unsigned still = 0;

	for (unsigned i = 0; i < count; i++) {
		threads[i] = rt_thread_create(spin, (void *)&counters[i]);
	}
	want_number("# on all processors",
	    rt_until(spread(threads, count) == count), 1);
	memcpy(before, (void *)counters, sizeof(before));
	for (unsigned i = 0; i < count; i++) {
		still += !rt_until(counters[i] != before[i]);
	}
	want_number("# stand still", still, 0);
	for (unsigned i = 0; i < count; i++) {
		thread_terminate(threads[i]);
		mach_port_deallocate(rt_task, threads[i]);
	}
}

static struct processor_set_basic_info
set_info(mach_port_t name)
{
	struct processor_set_basic_info info;
	mach_msg_type_number_t count = PROCESSOR_SET_BASIC_INFO_COUNT;
	mach_port_t host;

	need("set info", processor_set_info(name, PROCESSOR_SET_BASIC_INFO,
	    &host, (processor_set_info_t)&info, &count));
	return info;
}

static void
show_set(const char *what, mach_port_t name, int processors, int threads)
{
	struct processor_set_basic_info info = set_info(name);

	rt_printf("# %s: %d processors %d threads", what,
	    info.processor_count, info.thread_count);
	if (info.processor_count != processors ||
	    info.thread_count != threads) {
		rt_printf("FAIL %s: wanted %d and %d", what, processors,
		    threads);
	}
}

/* A thread in a set gets the set's processors, and none if it has none. */
static void
test_thread_in(mach_port_t set, mach_port_t name)
{
	processor_array_t list;
	mach_msg_type_number_t count;
	static volatile unsigned counter;
	mach_port_t thread = rt_thread_create(spin, (void *)&counter);
	mach_port_t other;

	need("processors", host_processors(rt_host_priv, &list, &count));
	want_number("# gets on", gets_on(&counter), 1);
	show_set("before", name, 0, 0);
	want("# assign", thread_assign(thread, set), KERN_SUCCESS);
	show_set("assigned", name, 0, 1);
	want_number("# without processors", stands(&counter), 1);
	if (count > 1) {
		want("# a processor", processor_assign(list[1], set, TRUE),
		    KERN_SUCCESS);
		show_set("with one", name, 1, 1);
		want_number("# gets on there", gets_on(&counter), 1);
		want_number("# its processor", processor_of(thread), 1);
		want_number("# others there", others_on(1, 2 * count), 0);
		want("# whose", processor_get_assignment(list[1], &other),
		    KERN_SUCCESS);
		want_number("# the set's", other == name, 1);
		want("# take it away", processor_assign(list[1], default_set,
		    TRUE), KERN_SUCCESS);
		want_number("# without it", stands(&counter), 1);
	}
	want("# the first processor", processor_assign(list[0], set, TRUE),
	    KERN_INVALID_ARGUMENT);
	want("# destroy", processor_set_destroy(set), KERN_SUCCESS);
	want_number("# at home", gets_on(&counter), 1);
	want("# whose", thread_get_assignment(thread, &other), KERN_SUCCESS);
	want_number("# the default's", other == default_name, 1);
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

static int
max_priority_of(mach_port_t thread)
{
	return sched_info_of(thread).max_priority;
}

/* New threads of a set, and if asked those that are there, get its priority. */
static void
test_max_priority(mach_port_t set, mach_port_t name)
{
	struct processor_set_sched_info info;
	mach_msg_type_number_t count = PROCESSOR_SET_SCHED_INFO_COUNT;
	mach_port_t task;
	mach_port_t before;
	mach_port_t after;
	mach_port_t host;
	int usual;

	need("task", task_create(rt_task, FALSE, &task));
	need("thread", thread_create(task, &before));
	want("# with threads", task_assign(task, set, TRUE), KERN_SUCCESS);
	usual = max_priority_of(before);
	want("# priority", processor_set_max_priority(set, usual + 5, FALSE),
	    KERN_SUCCESS);
	want_number("# of a thread before", max_priority_of(before), usual);
	need("thread", thread_create(task, &after));
	want_number("# after", max_priority_of(after), usual + 5);
	want("# higher", thread_priority(after, usual + 4, FALSE),
	    KERN_FAILURE);
	want("# as high", thread_priority(after, usual + 5, FALSE),
	    KERN_SUCCESS);
	want("# of all", processor_set_max_priority(set, usual + 6, TRUE),
	    KERN_SUCCESS);
	want_number("# before", max_priority_of(before), usual + 6);
	want_number("# after", max_priority_of(after), usual + 6);
	need("info", processor_set_info(name, PROCESSOR_SET_SCHED_INFO, &host,
	    (processor_set_info_t)&info, &count));
	want_number("# the set says", info.max_priority, usual + 6);
	want("# back", processor_set_max_priority(set, usual, TRUE),
	    KERN_SUCCESS);
	task_terminate(task);
	want_number("# gone", rt_until(set_info(name).task_count == 0), 1);
	mach_port_deallocate(rt_task, before);
	mach_port_deallocate(rt_task, after);
	mach_port_deallocate(rt_task, task);
}

static void
test_task_in(mach_port_t set, mach_port_t name)
{
	mach_port_t task;
	mach_port_t thread;
	mach_port_t other;
	thread_array_t threads;
	task_array_t tasks;
	mach_msg_type_number_t count;

	need("task", task_create(rt_task, FALSE, &task));
	need("thread", thread_create(task, &thread));
	want("# assign", task_assign(task, set, FALSE), KERN_SUCCESS);
	show_set("the task", name, 0, 0);
	want("# with threads", task_assign(task, set, TRUE), KERN_SUCCESS);
	show_set("both", name, 0, 1);
	want("# tasks", processor_set_tasks(set, &tasks, &count),
	    KERN_SUCCESS);
	want_number("# it", count == 1 && tasks[0] == task, 1);
	want("# threads", processor_set_threads(set, &threads, &count),
	    KERN_SUCCESS);
	want_number("# it", count == 1 && threads[0] == thread, 1);
	want("# child", task_create(task, FALSE, &other), KERN_SUCCESS);
	want("# tasks", processor_set_tasks(set, &tasks, &count),
	    KERN_SUCCESS);
	want_number("# inherited", count, 2);
	task_terminate(other);
	want("# priority of another set's", thread_max_priority(thread,
	    default_set, 20), KERN_FAILURE);
	want("# priority of its set's", thread_max_priority(thread, set, 20),
	    KERN_SUCCESS);
	want("# home", task_assign_default(task, TRUE), KERN_SUCCESS);
	show_set("home", name, 0, 0);
	want("# back", task_assign(task, set, TRUE), KERN_SUCCESS);
	task_terminate(task);
	rt_until(set_info(name).thread_count == 0);
	show_set("dead", name, 0, 0);
	want("# destroy", processor_set_destroy(set), KERN_SUCCESS);
}

/* What only a kernel with more than one set can do. */
static void
test_own(void)
{
	mach_port_t set;
	mach_port_t name;
	processor_set_name_array_t sets;
	mach_msg_type_number_t count;

	want("# create without privilege", processor_set_create(
	    mach_host_self(), &set, &name), KERN_INVALID_ARGUMENT);
	want("# create", processor_set_create(rt_host_priv, &set, &name),
	    KERN_SUCCESS);
	want("# sets", host_processor_sets(mach_host_self(), &sets, &count),
	    KERN_SUCCESS);
	want_number("# count", count, 2);
	test_thread_in(set, name);
	want("# destroy again", processor_set_destroy(set),
	    MACH_SEND_INVALID_DEST);
	want("# sets", host_processor_sets(mach_host_self(), &sets, &count),
	    KERN_SUCCESS);
	want_number("# count", count, 1);
	need("create", processor_set_create(rt_host_priv, &set, &name));
	test_max_priority(set, name);
	test_task_in(set, name);
}

void
test(void)
{
	mach_port_t set = MACH_PORT_NULL;
	mach_port_t name = MACH_PORT_NULL;

	test_default();
	test_processors();
	want_ours("create of a task", processor_set_create(rt_task, &set,
	    &name), KERN_INVALID_ARGUMENT, ONE_SET);
	if (rt_on_gnumach) {
		show("# create", processor_set_create(rt_host_priv, &set,
		    &name));
	} else {
		test_own();
		test_parallel();
	}
}
