/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Threads: creation, registers, suspension, abortion, scheduling, the end.
 */

#include "rt.h"

#include <mach/policy.h>
#include <mach/thread_info.h>
#include <mach/thread_special_ports.h>
#include <mach/thread_status.h>

#include "gnumach_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

static volatile unsigned counter;
static volatile bool stop;

static void
spin(void *arg)
{
	while (!stop) {
		counter++;
	}
	stop = false;
}

/* Is the spinning thread making progress?  WANTED is what we think. */
static bool
spinning(bool wanted)
{
	unsigned before = counter;

	if (!wanted) {
		rt_sleep(500);
		return counter != before;
	}
	return rt_until(counter != before);
}

static void
show_info(const char *what, mach_port_t thread)
{
	struct thread_basic_info info;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;

	need("thread_info", thread_info(thread, THREAD_BASIC_INFO,
				(thread_info_t)&info, &count));
	rt_printf("%s: state %d suspended %d base %d", what, info.run_state,
	    info.suspend_count, info.base_priority);
}

static void
test_create(void)
{
	mach_port_t thread;
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	thread_array_t threads;

	want("create", thread_create(rt_task, &thread), KERN_SUCCESS);
	show_info("new", thread);
	want("get state",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&state, &count),
	    KERN_SUCCESS);
	rt_printf("count %u eip 0x%x esp 0x%x eax 0x%x flags 0x%x", count,
	    state.eip, state.uesp, state.eax, state.efl);
	rt_printf("segments 0x%x 0x%x 0x%x 0x%x 0x%x 0x%x", state.cs, state.ds,
	    state.es, state.ss, state.fs, state.gs);
	want("terminate", thread_terminate(thread), KERN_SUCCESS);
	rt_until_dead(thread);
	rt_show_right("thread", thread);
	want("terminate again", thread_terminate(thread),
	    MACH_SEND_INVALID_DEST);
	mach_port_deallocate(rt_task, thread);
	count = 0;
	need("threads", task_threads(rt_task, &threads, &count));
	want_number("threads", count, 1);
	vm_deallocate(rt_task, (vm_offset_t)threads, count * 4);
	want("create in no task", thread_create(mach_thread_self(), &thread),
	    KERN_INVALID_ARGUMENT);
}

static void
test_suspend(void)
{
	mach_port_t thread = rt_thread_create(spin, NULL);

	rt_printf("spins %d", spinning(true));
	show_info("spinning", thread);
	want("suspend", thread_suspend(thread), KERN_SUCCESS);
	rt_printf("spins %d", spinning(false));
	show_info("suspended", thread);
	want("suspend", thread_suspend(thread), KERN_SUCCESS);
	want("resume", thread_resume(thread), KERN_SUCCESS);
	rt_printf("spins %d", spinning(false));
	want("resume", thread_resume(thread), KERN_SUCCESS);
	rt_printf("spins %d", spinning(true));
	want("resume", thread_resume(thread), KERN_FAILURE);
	stop = true;
	rt_until(!stop);
	rt_until_dead(thread);
	rt_show_right("ended by itself", thread);
	mach_port_deallocate(rt_task, thread);
}

static volatile unsigned where;

static void __attribute__((noinline)) landed(void)
{
	where = 2;
	rt_thread_exit();
}

static void
test_state(void)
{
	mach_port_t thread = rt_thread_create(spin, NULL);
	struct i386_thread_state state;
	struct i386_thread_state again;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	natural_t words[200];

	rt_printf("spins %d", spinning(true));
	need("suspend", thread_suspend(thread));
	want("get",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&state, &count),
	    KERN_SUCCESS);
	rt_printf(
	    "pc is in the program: %d", state.eip - (unsigned)spin < 0x1000);
	state.ecx = 0x12345678;
	want("set",
	    thread_set_state(
		thread, i386_THREAD_STATE, (thread_state_t)&state, count),
	    KERN_SUCCESS);
	count = i386_THREAD_STATE_COUNT;
	want("get",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&again, &count),
	    KERN_SUCCESS);
	rt_printf("ecx 0x%x, rest the same %d", again.ecx,
	    memcmp(&state, &again, sizeof(state)) == 0);
	want("set short",
	    thread_set_state(
		thread, i386_THREAD_STATE, (thread_state_t)&state, 5),
	    KERN_INVALID_ARGUMENT);
	count = 5;
	want("get short",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&again, &count),
	    KERN_INVALID_ARGUMENT);
	want("set bad flavor",
	    thread_set_state(
		thread, 77, (thread_state_t)&state, i386_THREAD_STATE_COUNT),
	    KERN_INVALID_ARGUMENT);
	count = 200;
	want("get bad flavor", thread_get_state(thread, 77, words, &count),
	    KERN_INVALID_ARGUMENT);
	want("terminate a task", thread_terminate(rt_task),
	    KERN_INVALID_ARGUMENT);
	count = 200;
	want("flavors",
	    thread_get_state(thread, THREAD_STATE_FLAVOR_LIST, words, &count),
	    KERN_SUCCESS);
	for (unsigned i = 1; i < 7; i++) {
		kern_return_t kr;

		count = 200;
		kr = thread_get_state(thread, i, words, &count);
		rt_printf("flavor %u", i);
		show("  get", kr);
		if (kr == KERN_SUCCESS) {
			rt_printf("  count %u", count);
		}
	}

	rt_printf("a privileged code segment");
	again.cs = 0x8;
	show("  set", thread_set_state(thread, i386_REGS_SEGS_STATE,
			  (thread_state_t)&again, i386_THREAD_STATE_COUNT));
	again = state;
	again.efl |= 0x3000;
	show("set with I/O privilege",
	    thread_set_state(thread, i386_THREAD_STATE, (thread_state_t)&again,
		i386_THREAD_STATE_COUNT));
	count = i386_THREAD_STATE_COUNT;
	need("get", thread_get_state(thread, i386_THREAD_STATE,
			(thread_state_t)&again, &count));
	rt_printf("I/O privilege got 0x%x", again.efl & 0x3000);

	state.eip = (unsigned)landed;
	need("set", thread_set_state(thread, i386_THREAD_STATE,
			(thread_state_t)&state, i386_THREAD_STATE_COUNT));
	need("resume", thread_resume(thread));
	rt_until(where == 2);
	rt_printf("it went to %u", where);
	rt_until_dead(thread);
	mach_port_deallocate(rt_task, thread);
	count = i386_THREAD_STATE_COUNT;
	want("get one's own",
	    thread_get_state(mach_thread_self(), i386_THREAD_STATE,
		(thread_state_t)&state, &count),
	    KERN_INVALID_ARGUMENT);
}

static void
test_debug_registers(void)
{
	mach_port_t thread;
	struct i386_debug_state debug = { { 0 } };
	mach_msg_type_number_t count = i386_DEBUG_STATE_COUNT;

	need("create", thread_create(rt_task, &thread));
	want("get",
	    thread_get_state(
		thread, i386_DEBUG_STATE, (thread_state_t)&debug, &count),
	    KERN_SUCCESS);
	rt_printf("count %u dr0 0x%x", count, debug.dr[0]);
	debug.dr[0] = 0x12340;
	debug.dr[7] = 0;
	want("set",
	    thread_set_state(
		thread, i386_DEBUG_STATE, (thread_state_t)&debug, count),
	    KERN_SUCCESS);
	memset(&debug, 0, sizeof(debug));
	need("get", thread_get_state(thread, i386_DEBUG_STATE,
			(thread_state_t)&debug, &count));
	rt_printf("dr0 0x%x", debug.dr[0]);
	debug.dr[0] = 0xc0100000;
	show("set in the kernel", thread_set_state(thread, i386_DEBUG_STATE,
				      (thread_state_t)&debug, count));
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

static void
test_special(void)
{
	mach_port_t thread = mach_thread_self();
	mach_port_t port = rt_port();
	mach_port_t got;

	for (int which = 0; which < 5; which++) {
		kern_return_t kr = thread_get_special_port(thread, which, &got);

		rt_printf("special %d", which);
		show("  get", kr);
		if (kr == KERN_SUCCESS) {
			rt_printf("  null %d self %d", got == 0, got == thread);
		}
	}
	want("set exception",
	    thread_set_special_port(thread, THREAD_EXCEPTION_PORT, port),
	    KERN_SUCCESS);
	want("get exception",
	    thread_get_special_port(thread, THREAD_EXCEPTION_PORT, &got),
	    KERN_SUCCESS);
	rt_printf("same %d", got == port);
	want("clear exception",
	    thread_set_special_port(
		thread, THREAD_EXCEPTION_PORT, MACH_PORT_NULL),
	    KERN_SUCCESS);
	want("set bad", thread_set_special_port(thread, 9, port),
	    KERN_INVALID_ARGUMENT);
	rt_show_right("port", port);
	mach_port_destroy(rt_task, port);
}

static void
show_sched(const char *what, mach_port_t thread)
{
	struct thread_sched_info info;
	mach_msg_type_number_t count = THREAD_SCHED_INFO_COUNT;

	need("sched info", thread_info(thread, THREAD_SCHED_INFO,
			       (thread_info_t)&info, &count));
	rt_printf("%s: policy %d data %d base %d max %d depressed %d", what,
	    info.policy, info.data, info.base_priority, info.max_priority,
	    info.depressed);
}

static void
test_scheduling(void)
{
	mach_port_t thread;
	integer_t info[100];
	mach_msg_type_number_t count;
	mach_port_t set;

	need("create", thread_create(rt_task, &thread));
	show_sched("new", thread);
	want("priority 40", thread_priority(thread, 40, FALSE), KERN_SUCCESS);
	show_sched("40", thread);
	want("priority 10", thread_priority(thread, 10, FALSE), KERN_FAILURE);
	want("priority 30 and maximum", thread_priority(thread, 30, TRUE),
	    KERN_SUCCESS);
	show_sched("30", thread);
	want("priority 64", thread_priority(thread, 64, FALSE),
	    KERN_INVALID_ARGUMENT);
	want("priority -1", thread_priority(thread, -1, FALSE),
	    KERN_INVALID_ARGUMENT);
	want("policy 9", thread_policy(thread, 9, 0), KERN_INVALID_ARGUMENT);
	want("policy fixed, not allowed",
	    thread_policy(thread, POLICY_FIXEDPRI, 100), KERN_FAILURE);
	want("policy timeshare", thread_policy(thread, POLICY_TIMESHARE, 0),
	    KERN_SUCCESS);
	show_sched("timeshare", thread);

	need("default set", processor_set_default(mach_host_self(), &set));
	need("its control port",
	    host_processor_set_priv(rt_host_priv, set, &set));
	want("allow fixed", processor_set_policy_enable(set, POLICY_FIXEDPRI),
	    KERN_SUCCESS);
	want("policy fixed", thread_policy(thread, POLICY_FIXEDPRI, 100),
	    KERN_SUCCESS);
	show_sched("fixed", thread);
	want("policy fixed, no quantum",
	    thread_policy(thread, POLICY_FIXEDPRI, 0), KERN_SUCCESS);
	want("policy fixed again", thread_policy(thread, POLICY_FIXEDPRI, 100),
	    KERN_SUCCESS);
	want("forbid it to others",
	    processor_set_policy_disable(set, POLICY_FIXEDPRI, FALSE),
	    KERN_SUCCESS);
	show_sched("still fixed", thread);
	want("allow fixed", processor_set_policy_enable(set, POLICY_FIXEDPRI),
	    KERN_SUCCESS);
	want("maximum", thread_max_priority(thread, set, 20), KERN_SUCCESS);
	show_sched("maximum 20", thread);
	want("forbid fixed",
	    processor_set_policy_disable(set, POLICY_FIXEDPRI, TRUE),
	    KERN_SUCCESS);
	show_sched("forbidden", thread);

	for (int flavor = 0; flavor < 4; flavor++) {
		count = 100;
		rt_printf("flavor %d", flavor);
		show("  info", thread_info(thread, flavor, info, &count));
		count = 3;
		show("  short", thread_info(thread, flavor, info, &count));
	}
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

static void
terminate_other(void *arg)
{
	rt_sleep(10000);
}

/* Threads that end while they wait, run, or were never started. */
static void
sleeper(void *arg)
{
	mach_msg_header_t header;

	rt_receive(&header, sizeof(header), *(mach_port_t *)arg, 100000);
	rt_thread_exit();
}

static void
test_sleep_time(void)
{
	static mach_port_t port;
	struct thread_basic_info info;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
	mach_port_t thread;

	port = rt_port();
	thread = rt_thread_create(sleeper, &port);
	rt_until_waits(thread);
	rt_sleep(2100);
	need("info", thread_info(thread, THREAD_BASIC_INFO,
			 (thread_info_t)&info, &count));
	rt_printf("# sleeps for %d s", info.sleep_time);
	rt_printf("waits %d", info.run_state == TH_STATE_WAITING);
	if (!rt_on_gnumach) {
		/* There, it is always 0, against the header. */
		want_number("# for seconds",
		    info.sleep_time >= 1 && info.sleep_time < 60, 1);
	}
	count = THREAD_BASIC_INFO_COUNT;
	need("info", thread_info(mach_thread_self(), THREAD_BASIC_INFO,
			 (thread_info_t)&info, &count));
	want_number("runs, and sleeps", info.sleep_time, 0);
	mach_port_destroy(rt_task, port);
}

static unsigned
own_threads(void)
{
	thread_array_t list;
	mach_msg_type_number_t count;

	need("threads", task_threads(rt_task, &list, &count));
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
	return count;
}

static void
test_end(void)
{
	mach_port_t threads[3];

	threads[0] = rt_thread_create(terminate_other, NULL);
	threads[1] = rt_thread_create(spin, NULL);
	need("create", thread_create(rt_task, &threads[2]));
	rt_sleep(50);
	for (unsigned i = 0; i < 3; i++) {
		want("terminate", thread_terminate(threads[i]), KERN_SUCCESS);
	}
	/* The call returns when it is done. */
	for (unsigned i = 0; i < 3; i++) {
		rt_show_right("it", threads[i]);
	}
	rt_until(own_threads() == 1);
	want_number("threads left", own_threads(), 1);
}

static volatile unsigned done_count;

static void
count_up(void *arg)
{
	for (unsigned i = 0; i < 1000; i++) {
		__atomic_add_fetch(&done_count, 1, __ATOMIC_SEQ_CST);
		if (i % 100 == 0) {
			swtch();
		}
	}
	__atomic_add_fetch(&done_count, 1000000, __ATOMIC_SEQ_CST);
}

static void
test_many(void)
{
	for (unsigned i = 0; i < 12; i++) {
		mach_port_deallocate(rt_task, rt_thread_create(count_up, NULL));
	}
	rt_until(done_count >= 12000000);
	want_number("counted", done_count, 12012000);
}

void
test(void)
{
	test_create();
	test_suspend();
	test_state();
	test_debug_registers();
	test_special();
	test_scheduling();
	test_sleep_time();
	test_end();
	test_many();
}
