/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The host, its processors and processor sets, its time.
 */

#include "rt.h"

#include "mach_debug_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

static void
test_info(void)
{
	integer_t info[256];
	mach_msg_type_number_t count;
	struct host_basic_info *basic = (void *)info;
	struct host_sched_info *sched = (void *)info;
	kernel_version_t version;

	for (int flavor = 0; flavor < 6; flavor++) {
		count = 256;
		rt_printf("flavor %d", flavor);
		show("  info", host_info(mach_host_self(), flavor, info,
		    &count));
		count = 0;
		show("  short", host_info(mach_host_self(), flavor, info,
		    &count));
	}
	count = rt_processors();
	want("slots, just enough room", host_info(mach_host_self(),
	    HOST_PROCESSOR_SLOTS, info, &count), KERN_SUCCESS);
	count = HOST_BASIC_INFO_COUNT;
	need("basic", host_info(mach_host_self(), HOST_BASIC_INFO, info,
	    &count));
	rt_printf("count %u processors %d memory about 64 MiB %d", count,
	    basic->avail_cpus >= 1 && basic->avail_cpus <= basic->max_cpus,
	    basic->memory_size > 56 << 20 && basic->memory_size <= 64 << 20);
	count = HOST_SCHED_INFO_COUNT;
	need("sched", host_info(mach_host_self(), HOST_SCHED_INFO, info,
	    &count));
	rt_printf("timeout at most 10 ms %d quantum %d",
	    sched->min_timeout <= 10, sched->min_quantum > 0);
	want("version", host_kernel_version(mach_host_self(), version),
	    KERN_SUCCESS);
	rt_printf("version is a string %d", version[0] != '\0');
	rt_printf("# %s", version);
	want("version of no host", host_kernel_version(rt_task, version),
	    KERN_INVALID_ARGUMENT);
	want("info of no host", host_info(rt_task, HOST_BASIC_INFO, info,
	    &count), KERN_INVALID_ARGUMENT);
}

static void
test_time(void)
{
	time_value_t before;
	time_value_t after;
	time_value_t none = { 0, 0 };
	time_value_t old;
	long us;

	want("get", host_get_time(mach_host_self(), &before), KERN_SUCCESS);
	rt_sleep(200);
	want("get", host_get_time(mach_host_self(), &after), KERN_SUCCESS);
	us = (after.seconds - before.seconds) * 1000000 +
	    after.microseconds - before.microseconds;
	rt_printf("advances %d", us >= 150000 && us < 60000000);
	rt_printf("# %ld us", us);
	rt_printf("after 2020: %d", before.seconds > 1577836800);
	after.seconds += 1000;
	want("set without privilege", host_set_time(mach_host_self(), after),
	    KERN_INVALID_HOST);
	want("set", host_set_time(rt_host_priv, after), KERN_SUCCESS);
	want("get", host_get_time(mach_host_self(), &before), KERN_SUCCESS);
	rt_printf("it was set %d", before.seconds - after.seconds >= 0 &&
	    before.seconds - after.seconds < 60);
	want("adjust", host_adjust_time(rt_host_priv, none, &old),
	    KERN_SUCCESS);
	rt_printf("old %ld %d", old.seconds, old.microseconds);
	old.seconds = 0;
	old.microseconds = 500000;
	want("adjust by half a second", host_adjust_time(rt_host_priv, old,
	    &none), KERN_SUCCESS);
	none.seconds = 0;
	none.microseconds = 0;
	want("adjust", host_adjust_time(rt_host_priv, none, &old),
	    KERN_SUCCESS);
	rt_printf("most is left %d", old.seconds == 0 &&
	    old.microseconds > 100000 && old.microseconds <= 500000);
	want("adjust without privilege", host_adjust_time(mach_host_self(),
	    none, &old), KERN_INVALID_HOST);
}

static void
test_processors(void)
{
	processor_array_t list;
	mach_msg_type_number_t count;
	integer_t info[64];
	mach_msg_type_number_t info_count = 64;
	struct processor_basic_info *basic = (void *)info;
	mach_port_t host;
	mach_port_t set;

	want("processors without privilege", host_processors(
	    mach_host_self(), &list, &count), KERN_INVALID_ARGUMENT);
	want("processors", host_processors(rt_host_priv, &list, &count),
	    KERN_SUCCESS);
	rt_printf("at least one %d", count >= 1);
	want("info", processor_info(list[0], PROCESSOR_BASIC_INFO, &host,
	    info, &info_count), KERN_SUCCESS);
	rt_printf("count %u running %d slot %d master %d host %d", info_count,
	    basic->running, basic->slot_num, basic->is_master,
	    host == mach_host_self());
	info_count = 64;
	want("info of a bad flavor", processor_info(list[0], 77, &host, info,
	    &info_count), KERN_FAILURE);
	info_count = 1;
	want("info with no room", processor_info(list[0],
	    PROCESSOR_BASIC_INFO, &host, info, &info_count), KERN_FAILURE);
	info_count = 64;
	want("info of a task", processor_info(rt_task, PROCESSOR_BASIC_INFO,
	    &host, info, &info_count), KERN_INVALID_ARGUMENT);
	(void)set;
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
}

static void
test_sets(void)
{
	mach_port_t name;
	mach_port_t control;
	mach_port_t host;
	integer_t info[64];
	mach_msg_type_number_t count = 64;
	struct processor_set_basic_info *basic = (void *)info;
	struct processor_set_sched_info *sched = (void *)info;
	processor_set_name_array_t sets;
	task_array_t tasks;
	thread_array_t threads;
	mach_msg_type_number_t n;
	bool found = false;

	want("default", processor_set_default(mach_host_self(), &name),
	    KERN_SUCCESS);
	want("basic", processor_set_info(name, PROCESSOR_SET_BASIC_INFO,
	    &host, info, &count), KERN_SUCCESS);
	rt_printf("count %u processors %d tasks %d threads %d host %d", count,
	    basic->processor_count >= 1, basic->task_count >= 2,
	    basic->thread_count >= 2, host == mach_host_self());
	count = 64;
	want("sched", processor_set_info(name, PROCESSOR_SET_SCHED_INFO,
	    &host, info, &count), KERN_SUCCESS);
	rt_printf("count %u policies 0x%x max %d", count, sched->policies,
	    sched->max_priority);
	count = 64;
	want("bad flavor", processor_set_info(name, 9, &host, info, &count),
	    KERN_INVALID_ARGUMENT);
	want("sets", host_processor_sets(mach_host_self(), &sets, &n),
	    KERN_SUCCESS);
	want_number("sets", n, 1);
	rt_printf("it is the default %d", sets[0] == name);
	vm_deallocate(rt_task, (vm_offset_t)sets, n * sizeof(*sets));
	want("control without privilege", host_processor_set_priv(
	    mach_host_self(), name, &control), KERN_INVALID_ARGUMENT);
	want("control", host_processor_set_priv(rt_host_priv, name,
	    &control), KERN_SUCCESS);
	rt_printf("another port %d", control != name);
	want("tasks by name", processor_set_tasks(name, &tasks, &n),
	    KERN_INVALID_ARGUMENT);
	want("tasks", processor_set_tasks(control, &tasks, &n),
	    KERN_SUCCESS);
	for (unsigned i = 0; i < n; i++) {
		found = found || tasks[i] == rt_task;
	}
	rt_printf("we are there %d", found);
	vm_deallocate(rt_task, (vm_offset_t)tasks, n * sizeof(*tasks));
	want("threads", processor_set_threads(control, &threads, &n),
	    KERN_SUCCESS);
	found = false;
	for (unsigned i = 0; i < n; i++) {
		found = found || threads[i] == mach_thread_self();
	}
	rt_printf("we are there %d", found);
	vm_deallocate(rt_task, (vm_offset_t)threads, n * sizeof(*threads));
	want("max priority", processor_set_max_priority(control, 30, FALSE),
	    KERN_SUCCESS);
	want("max priority bad", processor_set_max_priority(control, 100,
	    FALSE), KERN_INVALID_ARGUMENT);
	want("max priority back", processor_set_max_priority(control, 25,
	    FALSE), KERN_SUCCESS);
	want("task's set", task_get_assignment(rt_task, &name),
	    KERN_SUCCESS);
	want("thread's set", thread_get_assignment(mach_thread_self(),
	    &control), KERN_SUCCESS);
	rt_printf("the same %d", name == control);
}

static void
test_debug(void)
{
	cache_info_t caches[64];
	cache_info_array_t info = caches;
	mach_msg_type_number_t count = 64;
	unsigned used = 0;
	unsigned type;
	vm_offset_t object;
	mach_port_rights_t rights;
	mach_port_t port = rt_port();

	want("slabs", host_slab_info(mach_host_self(), &info, &count),
	    KERN_SUCCESS);
	for (unsigned i = 0; i < count; i++) {
		used += info[i].nr_objs > 0 && info[i].obj_size > 0;
	}
	rt_printf("some caches are in use %d", used > 3);
	want("srights", mach_port_get_srights(rt_task, port, &rights),
	    KERN_SUCCESS);
	want_number("rights", rights, 1);
	want("kernel object of a task", mach_port_kernel_object(rt_task,
	    rt_task, &type, &object), KERN_SUCCESS);
	want_number("kind", type, 2);
	want("kernel object of a thread", mach_port_kernel_object(rt_task,
	    mach_thread_self(), &type, &object), KERN_SUCCESS);
	want_number("kind", type, 1);
	want("kernel object of a port", mach_port_kernel_object(rt_task, port,
	    &type, &object), KERN_SUCCESS);
	want_number("kind", type, 0);
	want("kernel object of nothing", mach_port_kernel_object(rt_task,
	    0x777700, &type, &object), KERN_INVALID_NAME);
	mach_port_destroy(rt_task, port);
}

void
test(void)
{
	test_info();
	test_time();
	test_processors();
	test_sets();
	test_debug();
}
