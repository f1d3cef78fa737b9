/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Waiting: timeouts of sends and receives, full queues, aborted waits.
 */

#include "rt.h"

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

static mach_msg_header_t msg;

static long
now_ms(void)
{
	time_value_t t;

	need("host_get_time", host_get_time(mach_host_self(), &t));
	return t.seconds * 1000 + t.microseconds / 1000;
}

static void
check_time(const char *what, long ms, long low, long high)
{
	rt_printf("%s in time: %d", what, ms >= low && ms <= high);
	rt_printf("# %s: %ld ms", what, ms);
}

static mach_msg_return_t
post(mach_port_t port, unsigned ms, bool timed)
{
	rt_header(&msg, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 24, port,
	    0, 1);
	return mach_msg(&msg, MACH_SEND_MSG | MACH_SEND_INTERRUPT |
	    (timed ? MACH_SEND_TIMEOUT : 0), 24, 0, 0, ms, 0);
}

static void
test_timeouts(void)
{
	mach_port_t port = rt_port();
	long start = now_ms();

	want("receive, none", rt_receive(&msg, sizeof(msg), port, 300),
	    MACH_RCV_TIMED_OUT);
	check_time("receive", now_ms() - start, 250, 60000);
	want("receive, 0 ms", rt_receive(&msg, sizeof(msg), port, 0),
	    MACH_RCV_TIMED_OUT);
	for (unsigned i = 0; i < 5; i++) {
		need("post", post(port, 0, true));
	}
	want("post to a full queue, 0 ms", post(port, 0, true),
	    MACH_SEND_TIMED_OUT);
	start = now_ms();
	want("post to a full queue, 300 ms", post(port, 300, true),
	    MACH_SEND_TIMED_OUT);
	check_time("post", now_ms() - start, 250, 60000);
	rt_printf("message is as before: port %d",
	    msg.msgh_remote_port == port);
	for (unsigned i = 0; i < 5; i++) {
		need("receive", rt_receive(&msg, sizeof(msg), port, 0));
	}
	want("empty again", rt_receive(&msg, sizeof(msg), port, 0),
	    MACH_RCV_TIMED_OUT);
	mach_port_destroy(rt_task, port);
}

static mach_port_t shared;
static volatile int result;
static volatile int phase;

static void
sender(void *arg)
{
	phase = 1;
	result = post(shared, 0, false);
	phase = 2;
}

static void
receiver(void *arg)
{
	static mach_msg_header_t m;

	phase = 1;
	result = mach_msg(&m, MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0, sizeof(m),
	    shared, 0, 0);
	phase = 2;
}

static mach_port_t
start(void (*fn)(void *))
{
	mach_port_t thread;

	phase = 0;
	result = -1;
	thread = rt_thread_create(fn, NULL);
	rt_until(phase != 0);
	rt_until_waits(thread);
	return thread;
}

static void
finish(const char *what, int wanted)
{
	rt_until(phase == 2);
	rt_printf("phase %d", phase);
	want(what, result, wanted);
}

static void
test_blocking(void)
{
	mach_port_t thread;

	shared = rt_port();
	for (unsigned i = 0; i < 5; i++) {
		need("post", post(shared, 0, true));
	}
	start(sender);
	rt_printf("still waits: %d", phase == 1);
	need("receive", rt_receive(&msg, sizeof(msg), shared, 0));
	finish("the sender got its place", MACH_MSG_SUCCESS);

	thread = start(sender);
	want("abort", thread_abort(thread), KERN_SUCCESS);
	finish("the sender was aborted", MACH_SEND_INTERRUPTED);

	start(sender);
	mach_port_mod_refs(rt_task, shared, MACH_PORT_RIGHT_RECEIVE, -1);
	finish("the port died under the sender", MACH_MSG_SUCCESS);
	mach_port_destroy(rt_task, shared);

	shared = rt_port();
	thread = start(receiver);
	want("abort", thread_abort(thread), KERN_SUCCESS);
	finish("the receiver was aborted", MACH_RCV_INTERRUPTED);

	thread = start(receiver);
	want("suspend", thread_suspend(thread), KERN_SUCCESS);
	need("post", post(shared, 0, true));
	rt_sleep(50);
	rt_printf("suspended, so phase %d", phase);
	want("resume", thread_resume(thread), KERN_SUCCESS);
	finish("it received", MACH_MSG_SUCCESS);
}

/* The longest timeout, which must not be taken for a short one. */
static void
long_receiver(void *arg)
{
	static mach_msg_header_t m;

	phase = 1;
	result = mach_msg(&m, MACH_RCV_MSG | MACH_RCV_TIMEOUT |
	    MACH_RCV_INTERRUPT, 0, sizeof(m), shared, 0xffffffff, 0);
	phase = 2;
}

static void
long_sender(void *arg)
{
	phase = 1;
	result = post(shared, 0xffffffff, true);
	phase = 2;
}

/* What was DID ends the wait: its result has to be WANTED. */
static void
wait_long(const char *what, int wanted, kern_return_t did)
{
	need("what ends it", did);
	rt_until(phase == 2);
	want(what, result, wanted);
}

/* GNU Mach takes 2^32 - 1 ms for next to nothing, so these lines are ours. */
static void
test_longest(void)
{
	mach_port_t thread;

	start(long_receiver);
	rt_sleep(50);
	want_number("# receiver after 50 ms", phase, 1);
	wait_long("# received", MACH_MSG_SUCCESS, post(shared, 0, true));
	thread = start(long_receiver);
	wait_long("# aborted", MACH_RCV_INTERRUPTED, thread_abort(thread));
	for (unsigned i = 0; i < 5; i++) {
		need("post", post(shared, 0, true));
	}
	start(long_sender);
	rt_sleep(50);
	want_number("# sender after 50 ms", phase, 1);
	wait_long("# sent", MACH_MSG_SUCCESS,
	    rt_receive(&msg, sizeof(msg), shared, 0));
}

static void
test_extremes(void)
{
	shared = rt_port();
	want("receive, 1 ms", rt_receive(&msg, sizeof(msg), shared, 1),
	    MACH_RCV_TIMED_OUT);
	if (!rt_on_gnumach) {
		test_longest();
	}
	mach_port_destroy(rt_task, shared);
	shared = rt_port();
	for (unsigned i = 0; i < 5; i++) {
		need("post", post(shared, 0, true));
	}
	want("post to a full queue, 1 ms", post(shared, 1, true),
	    MACH_SEND_TIMED_OUT);
	mach_port_destroy(rt_task, shared);
}

void
test(void)
{
	test_timeouts();
	test_blocking();
	test_extremes();
}
