/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Timers on a clock of processor time that the test moves.
 */
#include "unix_pretend.h"

#include <servers/unix/unix_timer.h>
#include <string.h>
#include <tests/lib/server_test.h>

#define MS	1000000ull

static void
block_all(struct uthread *t)
{
	uint32_t all[2] = { ~0u, ~0u };

	CALL(t, rt_sigprocmask, L_SIG_SETMASK, all, 0, 8);
}

static bool
is_pending(struct uthread *t, int signal)
{
	return (t->process->pending.set & SIGBIT(signal)) != 0;
}

TEST(virtual_and_profiling_timers_count)
{
	struct uthread *t = pretend_setup();
	struct linux_itimerval timer = { { 0, 50000 }, { 0, 100000 } };
	struct linux_itimerval left;
	uint64_t next;

	block_all(t);
	CHECK_EQ(CALL(t, setitimer, L_ITIMER_VIRTUAL, &timer, 0), 0);
	CHECK_EQ(CALL(t, setitimer, L_ITIMER_PROF, &timer, 0), 0);
	next = timer_run();
	CHECK(next > unix_now_ns() + 50 * MS);
	CHECK(!is_pending(t, L_SIGVTALRM));
	/* The kernel's part counts for one of them only. */
	pretend.cpu_ns[0] = 60 * MS;
	pretend.cpu_ns[1] = 50 * MS;
	timer_run();
	CHECK(!is_pending(t, L_SIGVTALRM));
	CHECK(is_pending(t, L_SIGPROF));
	CHECK_EQ(CALL(t, getitimer, L_ITIMER_VIRTUAL, &left), 0);
	CHECK_EQ(left.value.usec, 40000);
	CHECK_EQ(CALL(t, getitimer, L_ITIMER_PROF, &left), 0);
	CHECK_EQ(left.value.usec, 40000);
	CHECK_EQ(left.interval.usec, 50000);
	pretend.cpu_ns[0] = 100 * MS;
	timer_run();
	CHECK(is_pending(t, L_SIGVTALRM));
	/* No child has its parent's. */
	t = pretend_fork(t);
	CHECK_EQ(CALL(t, getitimer, L_ITIMER_PROF, &left), 0);
	CHECK_EQ(left.value.usec + left.interval.usec, 0);
	CHECK_EQ(CALL(t, setitimer, 3, &timer, 0), -L_EINVAL);
	timer.value.usec = 1000000;
	CHECK_EQ(CALL(t, setitimer, 1, &timer, 0), -L_EINVAL);
}

static int
make_timer(struct uthread *t, int clock, int signal)
{
	struct linux_sigevent event;
	int id = -1;
	int32_t error;

	memset(&event, 0, sizeof(event));
	event.signal = signal;
	event.value = 77;
	error = CALL(t, timer_create, clock, &event, &id);
	return error != 0 ? error : id;
}

static int32_t
arm(struct uthread *t, int id, int flags, int64_t ns, int64_t interval)
{
	struct linux_itimerspec64 spec = { { 0, interval },
		{ ns / 1000000000, ns % 1000000000 } };

	return CALL(t, timer_settime64, id, flags, &spec, 0);
}

TEST(overruns_are_counted)
{
	struct uthread *t = pretend_setup();
	uint32_t set[2] = { ~0u, ~0u };
	int32_t now[2] = { 0, 0 };
	struct linux_siginfo info;
	int id = make_timer(t, L_CLOCK_PROCESS_CPU, 40);

	CHECK(id >= 0);
	block_all(t);
	CHECK_EQ(arm(t, id, 0, 10 * (int64_t)MS, 10 * (int64_t)MS), 0);
	for (int i = 1; i <= 3; i++) {
		pretend.cpu_ns[0] += 35 * MS;
		timer_run();
		CHECK_EQ(t->process->queued, 1);
	}
	CHECK_EQ(CALL(t, timer_getoverrun, id), 0);
	CHECK_EQ(CALL(t, rt_sigtimedwait, set, &info, now, 8), 40);
	CHECK_EQ(info.code, L_SI_TIMER);
	CHECK_EQ(info.u.kill.pid, id);
	CHECK_EQ(info.u.kill.uid, 9);
	CHECK_EQ(info.u.kill.value, 77);
	CHECK_EQ(CALL(t, timer_getoverrun, id), 9);
	CHECK_EQ(CALL(t, rt_sigtimedwait, set, &info, now, 8), -L_EAGAIN);
	CHECK_EQ(CALL(t, timer_delete, id), 0);
	CHECK_EQ(CALL(t, timer_getoverrun, id), -L_EINVAL);
	/* An absolute time that has passed is due at once. */
	id = make_timer(t, L_CLOCK_REALTIME, L_SIGUSR1);
	CHECK_EQ(arm(t, id, L_TIMER_ABSTIME, 1, 0), 0);
	timer_run();
	CHECK(is_pending(t, L_SIGUSR1));
	CHECK_EQ(arm(t, id, 0, -1, 0), -L_EINVAL);
	CHECK_EQ(arm(t, id, 0, 0, 1000000000), -L_EINVAL);
}

TEST(timers_are_bounded)
{
	struct uthread *t = pretend_setup();

	for (int i = 0; i < TIMER_MAX; i++) {
		CHECK(make_timer(t, L_CLOCK_MONOTONIC, 40) >= 0);
	}
	CHECK_EQ(make_timer(t, L_CLOCK_MONOTONIC, 40), -L_EAGAIN);
	CHECK_EQ(make_timer(t, 99, 40), -L_EINVAL);
	timer_clear(t->process, false);
	CHECK(make_timer(t, L_CLOCK_MONOTONIC, 40) >= 0);
	CHECK_EQ(make_timer(t, L_CLOCK_MONOTONIC, 65), -L_EINVAL);
}

TEST(limit_on_processor_time)
{
	struct uthread *t = pretend_fork(pretend_setup());
	uint32_t limit[2] = { 2, 4 };
	struct process *p = t->process;

	process_ref(p);
	CHECK_EQ(CALL(t, setrlimit, L_RLIMIT_CPU, limit), 0);
	block_all(t);
	pretend.cpu_ns[0] = 1900 * MS;
	CHECK(timer_run() <= unix_now_ns() + 100 * MS);
	CHECK(!is_pending(t, L_SIGXCPU));
	pretend.cpu_ns[1] = 100 * MS;
	timer_run();
	CHECK(is_pending(t, L_SIGXCPU));
	signal_discard(p, &p->pending, ~(sigset_bits_t)0);
	timer_run();
	CHECK(!is_pending(t, L_SIGXCPU));
	pretend.cpu_ns[1] = 1100 * MS;
	timer_run();
	CHECK(is_pending(t, L_SIGXCPU));
	CHECK_EQ(p->state, PROCESS_LIVE);
	pretend.cpu_ns[1] = 2100 * MS;
	timer_run();
	CHECK_EQ(p->state, PROCESS_ZOMBIE);
	CHECK_EQ(p->status, L_SIGKILL);
	process_unref(p);
}
