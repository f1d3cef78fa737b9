/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * thread_abort() of a thread that waits for each of what there is to wait for,
 * of one that does not wait, and of one that is suspended too: what its call
 * says, and that it can be given other registers then.
 */

#include "rt.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>
#include <mach/thread_info.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>

#include "mach_port_user.h"
#include "mach_user.h"

static mach_port_t port;
static volatile int result;
static volatile unsigned returned;
static volatile unsigned landed;
static volatile bool stop;

/* ---- what threads wait for ---- */

static void
receiving(void *arg)
{
	static mach_msg_header_t m;

	result = mach_msg_trap(&m, MACH_RCV_MSG, 0, sizeof(m), port, 0,
	    MACH_PORT_NULL);
	returned++;
}

static void
receiving_for_long(void *arg)
{
	static mach_msg_header_t m;

	result = mach_msg_trap(&m, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
	    sizeof(m), port, 100000, MACH_PORT_NULL);
	returned++;
}

static void
send_plain(mach_msg_option_t option, mach_msg_timeout_t timeout)
{
	mach_msg_header_t m;

	rt_header(&m, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof(m),
	    port, MACH_PORT_NULL, 1);
	result = mach_msg_trap(&m, MACH_SEND_MSG | option, sizeof(m), 0,
	    MACH_PORT_NULL, timeout, MACH_PORT_NULL);
}

static void
fill(void)
{
	for (unsigned i = 0; i < 5; i++) {
		send_plain(MACH_SEND_TIMEOUT, 0);
	}
}

static void
sending(void *arg)
{
	send_plain(0, 0);
	returned++;
}

static void
sending_for_long(void *arg)
{
	send_plain(MACH_SEND_TIMEOUT, 100000);
	returned++;
}

/* The send is done, and what is aborted is the receive. */
static void
calling(void *arg)
{
	static mach_msg_header_t m;
	mach_port_t answers = mach_reply_port();

	rt_header(&m, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof(m), port, answers, 1);
	result = mach_msg_trap(&m, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m),
	    sizeof(m), answers, 0, MACH_PORT_NULL);
	mach_port_destroy(rt_task, answers);
	returned++;
}

static void
sleeping(void *arg)
{
	result = thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 100000);
	returned++;
}

static const struct wait {
	const char	*name;
	void		(*fn)(void *);
	bool		full;
} waits[] = {
	{ "receive", receiving, false },
	{ "receive with a timeout", receiving_for_long, false },
	{ "send", sending, true },
	{ "send with a timeout", sending_for_long, true },
	{ "call", calling, false },
	{ "sleep", sleeping, false },
};

static mach_port_t
start(const struct wait *w)
{
	mach_port_t thread;

	port = rt_port();
	if (w->full) {
		fill();
	}
	result = -1;
	thread = rt_thread_create(w->fn, NULL);
	rt_until_waits(thread);
	return thread;
}

static void
end(mach_port_t thread)
{
	thread_terminate(thread);
	rt_until_dead(thread);
	mach_port_deallocate(rt_task, thread);
	mach_port_destroy(rt_task, port);
}

static void
test_abort(const struct wait *w)
{
	mach_port_t thread = start(w);
	unsigned before = returned;

	rt_printf("%s", w->name);
	want("  abort", thread_abort(thread), KERN_SUCCESS);
	rt_until(returned != before);
	show("  its call", result);
	end(thread);
}

static int
run_state(mach_port_t thread)
{
	struct thread_basic_info info;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;

	need("info", thread_info(thread, THREAD_BASIC_INFO,
	    (thread_info_t)&info, &count));
	return info.run_state;
}

static void
test_suspended(const struct wait *w)
{
	mach_port_t thread = start(w);
	unsigned before = returned;

	rt_printf("%s, suspended", w->name);
	want("  suspend", thread_suspend(thread), KERN_SUCCESS);
	rt_until(run_state(thread) == TH_STATE_STOPPED);
	want_number("  stopped", run_state(thread), TH_STATE_STOPPED);
	want("  abort", thread_abort(thread), KERN_SUCCESS);
	want_number("  at a clean point", run_state(thread), TH_STATE_HALTED);
	rt_sleep(30);
	want_number("  it stays", returned - before, 0);
	want("  resume", thread_resume(thread), KERN_SUCCESS);
	rt_until(returned != before);
	show("  its call", result);
	end(thread);
}

static void __attribute__((noinline))
land(void)
{
	landed++;
	rt_thread_exit();
}

/* An aborted thread can be sent elsewhere; nothing comes of its call. */
static void
test_elsewhere(const struct wait *w)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread = start(w);
	unsigned before = returned;
	unsigned landings = landed;

	rt_printf("%s, sent elsewhere", w->name);
	need("suspend", thread_suspend(thread));
	want("  abort", thread_abort(thread), KERN_SUCCESS);
	want("  get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count), KERN_SUCCESS);
	show("  eax", (int)state.eax);
	state.eip = (unsigned)land;
	want("  set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count), KERN_SUCCESS);
	want("  resume", thread_resume(thread), KERN_SUCCESS);
	rt_until(landed != landings);
	want_number("  returned", returned - before, 0);
	rt_until_dead(thread);
	mach_port_deallocate(rt_task, thread);
	mach_port_destroy(rt_task, port);
}

/* ---- others ---- */

static void
spin(void *arg)
{
	while (!stop) {
		returned++;
	}
	stop = false;
}

static void
test_running(void)
{
	mach_port_t thread = rt_thread_create(spin, NULL);
	mach_port_t fresh;
	unsigned before = returned;

	rt_until(returned != before);
	want("running", thread_abort(thread), KERN_SUCCESS);
	before = returned;
	rt_until(returned != before);
	want("suspend", thread_suspend(thread), KERN_SUCCESS);
	want("suspended", thread_abort(thread), KERN_SUCCESS);
	before = returned;
	rt_sleep(30);
	want_number("stays so", returned - before, 0);
	want("resume", thread_resume(thread), KERN_SUCCESS);
	rt_until(returned != before);
	stop = true;
	rt_until(!stop);

	need("create", thread_create(rt_task, &fresh));
	want_number("new", run_state(fresh), TH_STATE_STOPPED);
	want("never run", thread_abort(fresh), KERN_SUCCESS);
	want_number("never run", run_state(fresh), TH_STATE_HALTED);
	thread_terminate(fresh);
	rt_until_dead(fresh);
	want("dead", thread_abort(fresh), MACH_SEND_INVALID_DEST);
	mach_port_deallocate(rt_task, fresh);
	want("itself", thread_abort(mach_thread_self()),
	    KERN_INVALID_ARGUMENT);
	want("a task", thread_abort(rt_task), KERN_INVALID_ARGUMENT);
}

static void
fault(void *arg)
{
	__asm__ volatile("ud2");
	returned++;
	rt_thread_exit();
}

/* One that waits for an exception's answer faults again. */
static void
test_exception(void)
{
	mach_port_t exceptions = rt_port();
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	struct rt_exception first;
	struct rt_exception second;
	unsigned before = returned;
	mach_port_t thread;

	rt_printf("an exception's answer");
	need("set", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exceptions));
	thread = rt_thread_create(fault, NULL);
	need("exception", rt_receive(&first.head, sizeof(first), exceptions,
	    10000));
	want("  abort", thread_abort(thread), KERN_SUCCESS);
	show("  again", rt_receive(&second.head, sizeof(second), exceptions,
	    10000));
	rt_printf("  exception %d code %d", second.exception, second.code);
	rt_show_right("  the first's answer", first.head.msgh_remote_port);
	need("get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip += 2;
	need("set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count));
	rt_exception_answer(&second);
	rt_until(returned != before);
	rt_until_dead(thread);
	mach_port_deallocate(rt_task, first.head.msgh_remote_port);
	mach_port_deallocate(rt_task, first.thread);
	mach_port_deallocate(rt_task, first.task);
	need("set", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    MACH_PORT_NULL));
	mach_port_destroy(rt_task, exceptions);
}

void
test(void)
{
	for (unsigned i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		test_abort(&waits[i]);
		test_suspended(&waits[i]);
		test_elsewhere(&waits[i]);
	}
	test_running();
	test_exception();
}
