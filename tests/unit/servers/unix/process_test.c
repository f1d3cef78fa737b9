/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Processes, waiting, groups, sessions and signals.
 */
#include "unix_pretend.h"

#include <string.h>
#include <tests/lib/server_test.h>

static void
set_handler(struct uthread *t, int signal, uint32_t handler, uint32_t flags)
{
	struct linux_sigaction action;

	memset(&action, 0, sizeof(action));
	action.handler = handler;
	action.flags = flags;
	CHECK_EQ(CALL(t, rt_sigaction, signal, &action, 0, 8), 0);
}

TEST(exit_status_reaches_parent)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	int pid = child->tid;
	int status = -1;

	CHECK_EQ(CALL(t, wait4, -1, &status, L_WNOHANG, 0), 0);
	CHECK_EQ(CALL(child, getppid), 1);
	uthread_ref(child);
	CALL(child, exit_group, 7);
	CHECK(child->dying);
	uthread_unref(child);
	CHECK_EQ(CALL(t, wait4, pid + 1, &status, 0, 0), -L_ECHILD);
	CHECK_EQ(CALL(t, wait4, -1, &status, 0, 0), pid);
	CHECK_EQ(status, 7 << 8);
	CHECK_EQ(CALL(t, wait4, -1, &status, 0, 0), -L_ECHILD);
	CHECK(process_lookup(pid) == NULL);
}

TEST(orphans_go_to_init)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	struct uthread *grandchild = pretend_fork(child);
	int pid = grandchild->tid;

	CALL(child, exit_group, 0);
	CHECK_EQ(CALL(grandchild, getppid), 1);
	CALL(grandchild, exit_group, 3);
	CHECK_EQ(CALL(t, wait4, pid, 0, 0, 0), pid);
}

TEST(ignored_children_leave_no_zombie)
{
	struct uthread *t = pretend_setup();
	struct uthread *child;
	int pid;

	set_handler(t, L_SIGCHLD, L_SIG_IGN, 0);
	child = pretend_fork(t);
	pid = child->tid;
	CALL(child, exit_group, 0);
	CHECK(process_lookup(pid) == NULL);
	CHECK_EQ(CALL(t, wait4, -1, 0, 0, 0), -L_ECHILD);
}

static void
terminate(struct process *p)
{
	signal_post_group(p->pgid, L_SIGTERM, NULL);
}

/* The parent, being the first process, is not ended by that. */
TEST(signal_during_fork_reaches_the_child)
{
	struct uthread *t = pretend_setup();
	unix_frame_t frame = { 0 };
	int status = 0;
	int pid;

	pretend_meanwhile = terminate;
	pid = call_fork(t, L_SIGCHLD, &frame, 0);
	pretend_meanwhile = NULL;
	CHECK(pid > 0);
	CHECK_EQ(CALL(t, wait4, pid, &status, L_WNOHANG, 0), pid);
	CHECK_EQ(status, L_SIGTERM);
}

TEST(default_signal_kills)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	int pid = child->tid;
	int status = 0;

	CHECK_EQ(CALL(t, kill, pid, 0), 0);
	CHECK_EQ(CALL(t, kill, pid, 65), -L_EINVAL);
	CHECK_EQ(CALL(t, kill, 9999, L_SIGTERM), -L_ESRCH);
	CHECK_EQ(CALL(t, kill, pid, L_SIGTERM), 0);
	CHECK_EQ(CALL(t, wait4, pid, &status, 0, 0), pid);
	CHECK_EQ(status, L_SIGTERM);
	/* Nothing from outside ends process 1. */
	CHECK_EQ(CALL(t, kill, 1, L_SIGKILL), 0);
	CHECK_EQ(t->process->state, PROCESS_LIVE);
}

TEST(handler_is_taken_once_with_mask)
{
	struct uthread *t = pretend_setup();
	unix_signal_t s;

	set_handler(t, L_SIGUSR1, 0x1234, 0);
	CALL(t, kill, 1, L_SIGUSR1);
	CALL(t, kill, 1, L_SIGUSR1);
	CHECK_EQ(pretend.kicks, 2);
	CHECK(signal_take(t, &s));
	CHECK_EQ(s.number, L_SIGUSR1);
	CHECK_EQ(s.handler, 0x1234);
	CHECK_EQ(s.old_mask[0], 0);
	CHECK_EQ(t->mask, SIGBIT(L_SIGUSR1));
	CHECK(!signal_take(t, &s));
	/* Blocked now: it waits. */
	CALL(t, kill, 1, L_SIGUSR1);
	CHECK(!signal_take(t, &s));
	signal_set_mask(t, 0);
	CHECK(signal_take(t, &s));
}

TEST(nodefer_and_resethand)
{
	struct uthread *t = pretend_setup();
	unix_signal_t s;

	set_handler(t, L_SIGUSR1, 0x1234, L_SA_NODEFER | L_SA_RESETHAND);
	CALL(t, kill, 1, L_SIGUSR1);
	CHECK(signal_take(t, &s));
	CHECK_EQ(t->mask, 0);
	CHECK_EQ(t->process->actions[L_SIGUSR1].handler, L_SIG_DFL);
}

TEST(kill_and_stop_cannot_be_caught_or_blocked)
{
	struct uthread *t = pretend_setup();
	struct linux_sigaction action;
	uint32_t all[2] = { ~0u, ~0u };
	uint32_t got[2];

	memset(&action, 0, sizeof(action));
	action.handler = 0x1000;
	CHECK_EQ(CALL(t, rt_sigaction, L_SIGKILL, &action, 0, 8), -L_EINVAL);
	CHECK_EQ(CALL(t, rt_sigaction, L_SIGSTOP, &action, 0, 8), -L_EINVAL);
	CHECK_EQ(CALL(t, rt_sigaction, 65, &action, 0, 8), -L_EINVAL);
	CHECK_EQ(CALL(t, rt_sigaction, 1, &action, 0, 4), -L_EINVAL);
	CHECK_EQ(CALL(t, rt_sigprocmask, L_SIG_SETMASK, all, 0, 8), 0);
	CHECK_EQ(CALL(t, rt_sigprocmask, L_SIG_BLOCK, 0, got, 8), 0);
	CHECK_EQ(got[0], ~(uint32_t)(SIGBIT(L_SIGKILL) | SIGBIT(L_SIGSTOP)));
	CHECK_EQ(got[1], ~0u);
}

TEST(pending_default_acts_when_unblocked)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	uint32_t mask[2] = { (uint32_t)SIGBIT(L_SIGTERM), 0 };
	uint32_t pending[2];
	int pid = child->tid;
	int status;

	CALL(child, rt_sigprocmask, L_SIG_BLOCK, mask, 0, 8);
	CALL(t, kill, pid, L_SIGTERM);
	CHECK_EQ(child->process->state, PROCESS_LIVE);
	CALL(child, rt_sigpending, pending, 8);
	CHECK_EQ(pending[0], mask[0]);
	uthread_ref(child);
	CALL(child, rt_sigprocmask, L_SIG_UNBLOCK, mask, 0, 8);
	CHECK(child->dying);
	uthread_unref(child);
	CHECK_EQ(CALL(t, wait4, pid, &status, 0, 0), pid);
	CHECK_EQ(status, L_SIGTERM);
}

TEST(ignoring_drops_what_is_pending)
{
	struct uthread *t = pretend_setup();
	uint32_t mask[2] = { (uint32_t)SIGBIT(L_SIGUSR1), 0 };
	unix_signal_t s;

	set_handler(t, L_SIGUSR1, 0x1234, 0);
	CALL(t, rt_sigprocmask, L_SIG_BLOCK, mask, 0, 8);
	CALL(t, kill, 1, L_SIGUSR1);
	set_handler(t, L_SIGUSR1, L_SIG_IGN, 0);
	set_handler(t, L_SIGUSR1, 0x1234, 0);
	CALL(t, rt_sigprocmask, L_SIG_UNBLOCK, mask, 0, 8);
	CHECK(!signal_take(t, &s));
}

TEST(stop_and_continue)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	int pid = child->tid;
	int status;

	CALL(t, kill, pid, L_SIGSTOP);
	CHECK_EQ(pretend.stops, 1);
	CHECK_EQ(CALL(t, wait4, pid, &status, L_WNOHANG, 0), 0);
	CHECK_EQ(CALL(t, wait4, pid, &status, L_WUNTRACED, 0), pid);
	CHECK_EQ(status, L_SIGSTOP << 8 | 0x7f);
	/* Told once. */
	CHECK_EQ(CALL(t, wait4, pid, &status, L_WUNTRACED | L_WNOHANG, 0), 0);
	/* A signal to a stopped process waits, SIGKILL does not. */
	CALL(t, kill, pid, L_SIGTERM);
	CHECK_EQ(child->process->state, PROCESS_STOPPED);
	CALL(t, kill, pid, L_SIGCONT);
	CHECK_EQ(pretend.continues, 1);
	CHECK_EQ(CALL(t, wait4, pid, &status, 0, 0), pid);
	CHECK_EQ(status, L_SIGTERM);
	child = pretend_fork(t);
	pid = child->tid;
	CALL(t, kill, pid, L_SIGSTOP);
	CALL(t, kill, pid, L_SIGCONT);
	CHECK_EQ(CALL(t, wait4, pid, &status, L_WCONTINUED, 0), pid);
	CHECK_EQ(status, 0xffff);
	CALL(t, kill, pid, L_SIGSTOP);
	CALL(t, kill, pid, L_SIGKILL);
	CHECK_EQ(CALL(t, wait4, pid, &status, 0, 0), pid);
	CHECK_EQ(status, L_SIGKILL);
}

TEST(orphaned_stopped_group_is_hung_up)
{
	struct uthread *t = pretend_setup();
	struct uthread *shell = pretend_fork(t);
	struct uthread *job;
	int pid;

	CALL(shell, setsid);
	job = pretend_fork(shell);
	pid = job->tid;
	CALL(shell, setpgid, pid, pid);
	CALL(shell, kill, pid, L_SIGTSTP);
	CHECK_EQ(job->process->state, PROCESS_STOPPED);
	CALL(shell, exit_group, 0);
	/* SIGHUP, then SIGCONT so that it takes effect. */
	CHECK(process_lookup(pid) == NULL ||
	    process_lookup(pid)->state == PROCESS_ZOMBIE);
}

TEST(tty_stops_do_not_stop_orphans)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);

	CALL(child, setsid);
	CALL(t, kill, child->tid, L_SIGTSTP);
	CHECK_EQ(child->process->state, PROCESS_LIVE);
	CALL(t, kill, child->tid, L_SIGSTOP);
	CHECK_EQ(child->process->state, PROCESS_STOPPED);
}

TEST(groups_and_sessions)
{
	struct uthread *t = pretend_setup();
	struct uthread *a = pretend_fork(t);
	struct uthread *b;

	CHECK_EQ(CALL(a, setsid), a->tid);
	CHECK_EQ(CALL(a, setsid), -L_EPERM);
	CHECK_EQ(CALL(a, setpgid, 0, 0), -L_EPERM);
	b = pretend_fork(a);
	CHECK_EQ(CALL(b, getpgrp), a->tid);
	CHECK_EQ(CALL(a, setpgid, b->tid, 12345), -L_EPERM);
	CHECK_EQ(CALL(a, setpgid, b->tid, 0), 0);
	CHECK_EQ(CALL(b, getpgrp), b->tid);
	CHECK_EQ(CALL(t, setpgid, b->tid, 0), -L_ESRCH);
	b->process->did_exec = true;
	CHECK_EQ(CALL(a, setpgid, b->tid, a->tid), -L_EACCES);
	CHECK_EQ(CALL(b, getsid, 0), a->tid);
	CHECK_EQ(CALL(t, kill, -a->tid, 0), 0);
	CHECK_EQ(CALL(t, kill, -9999, L_SIGTERM), -L_ESRCH);
}

TEST(identities)
{
	struct uthread *t = pretend_setup();
	struct uthread *a = pretend_fork(t);
	uint32_t ids[3];

	CHECK_EQ(CALL(a, setresuid32, 1000, 1000, 0), 0);
	CHECK_EQ(CALL(a, getuid32), 1000);
	CHECK_EQ(CALL(a, setuid32, 5), -L_EPERM);
	CHECK_EQ(CALL(a, setresuid32, -1, 0, -1), 0);
	CHECK_EQ(CALL(a, geteuid32), 0);
	CHECK_EQ(CALL(a, setuid32, 1000), 0);
	CHECK_EQ(CALL(a, setuid32, 0), -L_EPERM);
	CHECK_EQ(CALL(a, getresuid32, &ids[0], &ids[1], &ids[2]), 0);
	CHECK(ids[0] == 1000 && ids[1] == 1000 && ids[2] == 1000);
	CHECK_EQ(CALL(a, kill, 1, L_SIGTERM), -L_EPERM);
	CHECK_EQ(CALL(a, setgroups32, 0, 0), -L_EPERM);
}

TEST(sigtimedwait_takes_blocked)
{
	struct uthread *t = pretend_setup();
	uint32_t set[2] = { (uint32_t)SIGBIT(L_SIGUSR2), 0 };
	struct linux_siginfo info;
	int32_t now[2] = { 0, 0 };

	CALL(t, rt_sigprocmask, L_SIG_BLOCK, set, 0, 8);
	CHECK_EQ(CALL(t, rt_sigtimedwait, set, &info, now, 8), -L_EAGAIN);
	CALL(t, kill, 1, L_SIGUSR2);
	CHECK_EQ(CALL(t, rt_sigtimedwait, set, &info, now, 8), L_SIGUSR2);
	CHECK_EQ(info.signo, L_SIGUSR2);
	CHECK_EQ(info.u.kill.pid, 1);
}

static int32_t
queue_signal(struct uthread *t, int signal, uint32_t value)
{
	struct linux_siginfo info;

	memset(&info, 0, sizeof(info));
	info.code = L_SI_QUEUE;
	info.u.kill.pid = 1;
	info.u.kill.value = value;
	return CALL(t, rt_sigqueueinfo, t->process->pid, signal, &info);
}

TEST(realtime_signals_queue_in_order)
{
	struct uthread *t = pretend_setup();
	struct linux_siginfo info;
	unix_signal_t s;
	static const int signals[] = { 40, 35, 40, 35, L_SIGUSR1, 40 };
	static const uint32_t expected[] = { 4, 1, 3, 0, 2, 5 };

	for (int i = 0; i < 6; i++) {
		set_handler(t, signals[i], 0x1234, L_SA_SIGINFO |
		    L_SA_NODEFER);
	}
	for (uint32_t i = 0; i < 6; i++) {
		CHECK_EQ(queue_signal(t, signals[i], i), 0);
	}
	/* A second one that is not of real time is not kept. */
	CHECK_EQ(queue_signal(t, L_SIGUSR1, 99), 0);
	CHECK_EQ(t->process->queued, 5);
	for (int i = 0; i < 6; i++) {
		CHECK(signal_take(t, &s));
		CHECK_EQ(s.number, signals[expected[i]]);
		memcpy(&info, s.info, sizeof(info));
		CHECK_EQ(info.u.kill.value, expected[i]);
	}
	CHECK(!signal_take(t, &s));
	CHECK_EQ(t->process->queued, 0);
}

TEST(realtime_queue_is_bounded)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	uint32_t mask[2] = { 0, 1 };
	uint32_t limit[2] = { 10, 10 };
	struct linux_siginfo info;
	int32_t now[2] = { 0, 0 };

	CALL(child, rt_sigprocmask, L_SIG_BLOCK, mask, 0, 8);
	CALL(child, setrlimit, L_RLIMIT_SIGPENDING, limit);
	for (uint32_t i = 0; i < 10; i++) {
		CHECK_EQ(queue_signal(child, 33, i), 0);
	}
	CHECK_EQ(queue_signal(child, 33, 10), -L_EAGAIN);
	CHECK_EQ(CALL(child, tgkill, child->tid, child->tid, 33), -L_EAGAIN);
	CHECK_EQ(CALL(t, kill, child->tid, 33), 0);
	CHECK_EQ(CALL(child, rt_sigtimedwait, mask, &info, now, 8), 33);
	CHECK_EQ(info.u.kill.value, 0);
	CHECK_EQ(queue_signal(child, 33, 11), 0);
	/* Ignoring it drops them all, and so does the end. */
	set_handler(child, 33, L_SIG_IGN, 0);
	CHECK_EQ(child->process->queued, 0);
	set_handler(child, 33, L_SIG_DFL, 0);
	CHECK_EQ(queue_signal(child, 33, 12), 0);
	process_ref(child->process);
	uthread_ref(child);
	CALL(child, exit_group, 0);
	CHECK_EQ(child->process->queued, 0);
	process_unref(child->process);
	uthread_unref(child);
}

/* Of a group only those get it that the sender may signal. */
TEST(kill_with_mixed_permission)
{
	struct uthread *t = pretend_setup();
	struct uthread *user = pretend_fork(t);
	struct uthread *same;
	struct uthread *other;
	int group;
	int pid;

	CALL(user, setpgid, 0, 0);
	group = user->tid;
	same = pretend_fork(user);
	pid = same->tid;
	other = pretend_fork(user);
	CHECK_EQ(CALL(user, setresuid32, 1000, 1000, 1000), 0);
	CHECK_EQ(CALL(same, setresuid32, 0, 5, 1000), 0);
	CHECK_EQ(CALL(user, kill, same->tid, 0), 0);
	CHECK_EQ(CALL(user, kill, other->tid, 0), -L_EPERM);
	/* All of one session may continue each other. */
	CHECK_EQ(CALL(user, kill, other->tid, L_SIGCONT), 0);
	set_handler(user, L_SIGUSR1, 0x1000, 0);
	CHECK_EQ(CALL(user, kill, -group, L_SIGUSR1), 0);
	CHECK_EQ(process_lookup(pid)->state, PROCESS_ZOMBIE);
	CHECK_EQ(other->process->state, PROCESS_LIVE);
	CALL(user, setpgid, 0, 1);
	CHECK_EQ(CALL(user, kill, -group, L_SIGUSR1), 0);
	CHECK_EQ(CALL(user, wait4, -1, 0, 0, 0), pid);
	CHECK_EQ(CALL(user, kill, -group, L_SIGUSR1), -L_EPERM);
	CHECK_EQ(CALL(user, kill, -group, 65), -L_EINVAL);
	CHECK_EQ(CALL(user, kill, -12345, 65), -L_ESRCH);
	/* Everybody: whom it may not is no error, as on Linux. */
	CHECK_EQ(CALL(user, kill, -1, L_SIGTERM), 0);
	CHECK_EQ(other->process->state, PROCESS_LIVE);
	CHECK_EQ(user->process->state, PROCESS_LIVE);
	CHECK_EQ(CALL(user, kill, -1, 65), -L_EINVAL);
	CHECK_EQ(CALL(t, kill, -1, L_SIGKILL), 0);
	CHECK_EQ(process_init->state, PROCESS_LIVE);
	CHECK_EQ(process_lookup(group)->state, PROCESS_ZOMBIE);
	CHECK_EQ(CALL(t, tgkill, 1, 0, 0), -L_EINVAL);
	CHECK_EQ(CALL(t, tgkill, -1, 1, 0), -L_EINVAL);
	CHECK_EQ(CALL(t, tgkill, 5, 1, 0), -L_ESRCH);
	CHECK_EQ(CALL(t, tkill, 1, 0), 0);
}

TEST(nice_values_need_permission)
{
	struct uthread *t = pretend_setup();
	struct uthread *user = pretend_fork(t);
	struct uthread *other = pretend_fork(t);
	uint32_t limit[2] = { 15, 15 };
	int32_t zero = 0;
	int32_t one = 1;

	CHECK_EQ(CALL(user, setresuid32, 1000, 1000, 1000), 0);
	CHECK_EQ(CALL(user, setpriority, L_PRIO_PROCESS, 0, 10), 0);
	CHECK_EQ(pretend.last_nice, 10);
	CHECK_EQ(CALL(user, getpriority, L_PRIO_PROCESS, 0), 10);
	CHECK_EQ(CALL(user, setpriority, L_PRIO_PROCESS, 0, 5), -L_EACCES);
	CHECK_EQ(CALL(user, nice, -1), -L_EPERM);
	CHECK_EQ(CALL(user, setpriority, L_PRIO_PROCESS, other->tid, 15),
	    -L_EPERM);
	CHECK_EQ(CALL(user, setpriority, L_PRIO_PROCESS, 9999, 15),
	    -L_ESRCH);
	CHECK_EQ(pretend.last_nice, 10);
	/* As the limit says: 15 is nice 5. */
	CHECK_EQ(CALL(t, prlimit64, user->tid, L_RLIMIT_NICE,
	    ((uint64_t[]){ 15, 15 }), 0), 0);
	CHECK_EQ(CALL(user, setpriority, L_PRIO_PROCESS, 0, 5), 0);
	CHECK_EQ(CALL(user, setpriority, L_PRIO_PROCESS, 0, 4), -L_EACCES);
	CHECK_EQ(CALL(t, setpriority, L_PRIO_USER, 1000, -30), 0);
	CHECK_EQ(user->process->nice, -20);
	CHECK_EQ(other->process->nice, 0);
	CHECK_EQ(CALL(t, getpriority, L_PRIO_USER, 1000), 40);
	CHECK_EQ(CALL(t, sched_setscheduler, 0, L_SCHED_FIFO, &one),
	    -L_EPERM);
	CHECK_EQ(CALL(user, sched_setscheduler, other->tid, L_SCHED_BATCH,
	    &zero), -L_EPERM);
	/* A child has its parent's. */
	CHECK_EQ(CALL(t, sched_setscheduler, user->tid, L_SCHED_IDLE, &zero),
	    0);
	user = pretend_fork(user);
	CHECK_EQ(CALL(user, sched_getscheduler, 0), L_SCHED_IDLE);
	CHECK_EQ(user->process->nice, -20);
	CHECK_EQ(CALL(user, setrlimit, L_RLIMIT_NICE, limit), 0);
}

static int32_t
clone_flags(struct uthread *t, uint32_t flags)
{
	unix_frame_t frame;

	memset(&frame, 0, sizeof(frame));
	return call_fork(t, flags, &frame, 0);
}

TEST(clone_refuses_what_it_cannot)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	struct uthread *made;
	int before = process_count;
	int pid;

	CHECK_EQ(clone_flags(t, L_CLONE_SIGHAND | L_SIGCHLD), -L_EINVAL);
	CHECK_EQ(clone_flags(t, L_CLONE_VM | L_SIGCHLD), -L_EINVAL);
	CHECK_EQ(clone_flags(t, L_CLONE_FS | L_SIGCHLD), -L_EINVAL);
	CHECK_EQ(clone_flags(t, L_CLONE_THREAD | L_CLONE_VM), -L_EINVAL);
	CHECK_EQ(clone_flags(t, 0x10000000 | L_SIGCHLD), -L_EINVAL);
	CHECK_EQ(clone_flags(t, 65), -L_EINVAL);
	CHECK_EQ(clone_flags(t, L_CLONE_PARENT), -L_EINVAL);
	CHECK_EQ(process_count, before);
	/* With the same parent as its maker, and told as that one is. */
	pid = clone_flags(child, L_CLONE_PARENT);
	CHECK(pid > 0);
	made = uthread_lookup(pid);
	CHECK_EQ(CALL(made, getppid), 1);
	CALL(made, exit_group, 0);
	CHECK_EQ(CALL(t, wait4, pid, 0, 0, 0), pid);
	/* Told by no signal: a kind of its own for wait. */
	pid = clone_flags(t, 0);
	CALL(uthread_lookup(pid), exit_group, 0);
	CHECK_EQ(CALL(t, wait4, pid, 0, 0, 0), -L_ECHILD);
	CHECK_EQ(CALL(t, wait4, pid, 0, L_WCLONE, 0), pid);
}

TEST(death_of_a_parent)
{
	struct uthread *t = pretend_setup();
	struct uthread *reaper = pretend_fork(t);
	struct uthread *parent = pretend_fork(reaper);
	struct uthread *child = pretend_fork(parent);
	int pid = child->tid;
	uint32_t out[4];

	CHECK_EQ(CALL(reaper, own_prctl, L_PR_SET_CHILD_SUBREAPER, 1), 0);
	CHECK_EQ(CALL(child, own_prctl, L_PR_SET_PDEATHSIG, 65), -L_EINVAL);
	CHECK_EQ(CALL(child, own_prctl, L_PR_SET_PDEATHSIG, L_SIGTERM), 0);
	CHECK_EQ(CALL(child, own_prctl, L_PR_GET_PDEATHSIG, 0, 0, out), 0);
	CHECK_EQ(out[0], L_SIGTERM);
	CALL(parent, exit_group, 0);
	CHECK_EQ(process_lookup(pid)->state, PROCESS_ZOMBIE);
	CHECK_EQ(process_lookup(pid)->parent->pid, reaper->tid);
	CHECK_EQ(CALL(reaper, wait4, pid, 0, 0, 0), pid);
	CHECK_EQ(CALL(t, own_prctl, 123, 0), -L_EINVAL);
}

/* Children that ignore their end, in a stopped group that it orphans. */
TEST(end_of_a_parent_that_ignores_children)
{
	struct uthread *t = pretend_setup();
	struct uthread *shell = pretend_fork(t);
	struct uthread *a;
	struct uthread *b;
	int group;

	CALL(shell, setsid);
	set_handler(shell, L_SIGCHLD, L_SIG_IGN, 0);
	a = pretend_fork(shell);
	b = pretend_fork(shell);
	group = a->tid;
	CALL(shell, setpgid, a->tid, group);
	CALL(shell, setpgid, b->tid, group);
	CALL(shell, kill, -group, L_SIGSTOP);
	CALL(shell, exit_group, 0);
	CHECK_EQ(CALL(t, kill, -group, 0), 0);
	CHECK_EQ(CALL(t, wait4, -1, 0, 0, 0) > 0, 1);
	CHECK_EQ(CALL(t, wait4, -1, 0, 0, 0) > 0, 1);
	CHECK_EQ(CALL(t, wait4, -1, 0, 0, 0) > 0, 1);
	CHECK_EQ(CALL(t, wait4, -1, 0, 0, 0), -L_ECHILD);
}

TEST(interrupted_sleep_restarts)
{
	struct uthread *t = pretend_setup();
	int32_t time[2] = { 100, 0 };
	int32_t left[2] = { 0, 0 };

	set_handler(t, L_SIGUSR1, 0x1234, L_SA_RESTART);
	CALL(t, kill, 1, L_SIGUSR1);
	CHECK_EQ(CALL(t, nanosleep, time, left), -L_ERESTARTBLOCK);
	CHECK(left[0] >= 98 && left[0] <= 100);
}

static uint32_t stopped_port;

static void
stop_waiting(uint32_t port)
{
	stopped_port = port;
}

/* Who waits for another server is told of what ends a sleep, and only of that. */
TEST(signals_end_waits_for_other_servers)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);

	stopped_port = 0;
	t->wait.stop = stop_waiting;
	t->wait.port = 77;
	thread_wake(t);
	CHECK_EQ(stopped_port, 0);
	set_handler(t, L_SIGUSR1, 0x1234, 0);
	signal_set_mask(t, SIGBIT(L_SIGUSR1));
	CALL(child, tgkill, t->process->pid, t->tid, L_SIGUSR1);
	CHECK_EQ(stopped_port, 0);
	set_handler(t, L_SIGUSR2, 0x1234, 0);
	CALL(child, kill, t->process->pid, L_SIGUSR2);
	CHECK_EQ(stopped_port, 77);
	t->wait.stop = NULL;
	child->wait.stop = stop_waiting;
	child->wait.port = 78;
	uthread_ref(child);
	CALL(t, kill, child->process->pid, L_SIGKILL);
	CHECK_EQ(stopped_port, 78);
	uthread_unref(child);
}

TEST(process_limit)
{
	struct uthread *t = pretend_setup();
	int n = 1;

	while (pretend_fork(t) != NULL) {
		n++;
	}
	CHECK_EQ(n, UNIX_PROCESS_MAX);
	CHECK_EQ(process_count, UNIX_PROCESS_MAX);
}

/* Random processes doing random things: counts stay right. */
TEST(random_life)
{
	struct uthread *t = pretend_setup();
	struct uthread *who;
	struct process *p;
	int signals[] = { L_SIGTERM, L_SIGSTOP, L_SIGCONT, L_SIGTSTP,
		L_SIGKILL, L_SIGCHLD, L_SIGHUP };
	int count;

	for (int i = 0; i < 20000; i++) {
		int skip = (int)test_random((uint32_t)process_count);

		list_for_each(&process_table, p, table) {
			if (skip-- == 0) {
				break;
			}
		}
		if (list_empty(&p->threads)) {
			continue;
		}
		who = list_entry(p->threads.next, struct uthread, link);
		uthread_ref(who);
		switch (test_random(8)) {
		case 0:
		case 1:
			if (process_count < 60) {
				pretend_fork(who);
			}
			break;
		case 2:
			if (p != process_init) {
				CALL(who, exit_group, 1);
			}
			break;
		case 3:
			CALL(who, wait4, -1, 0, L_WNOHANG | L_WUNTRACED, 0);
			break;
		case 4:
			CALL(who, setpgid, 0, 0);
			break;
		case 5:
			CALL(who, setsid);
			break;
		default:
			CALL(who, kill, test_random(4) == 0 ?
			    -(int)test_random(300) - 2 :
			    (int)test_random(300) + 1,
			    signals[test_random(7)]);
			break;
		}
		uthread_unref(who);
	}
	CHECK_EQ(t->process->state, PROCESS_LIVE);
	count = 0;
	list_for_each(&process_table, p, table) {
		count++;
		CHECK(p == process_init || p->parent != NULL);
		CHECK(p->state != PROCESS_REAPED);
	}
	CHECK_EQ(count, process_count);
}

/* A child of T's that another user, or that one, has. */
static struct process *
process_of(struct uthread *t, uint32_t user)
{
	struct process *p = pretend_fork(t)->process;

	p->cred.ruid = user;
	return p;
}

static int
sleeps_of(struct process *p, int most)
{
	int n = 0;

	while (n < most && sleep_begin(p) == 0) {
		n++;
	}
	return n;
}

TEST(sleeping_calls_are_bounded)
{
	struct uthread *t = pretend_setup();
	struct process *first = process_of(t, 1000);
	struct process *same = process_of(t, 1000);
	struct process *other = process_of(t, 1001);

	sleep_max = 16;
	/* A user has half of them, in all processes; root what there is. */
	CHECK_EQ(sleeps_of(first, 6), 6);
	CHECK_EQ(sleeps_of(same, 16), 2);
	CHECK_EQ(sleep_begin(first), -L_EAGAIN);
	CHECK_EQ(sleeps_of(other, 16), 6);
	CHECK_EQ(sleeps_of(t->process, 16), 2);
	CHECK_EQ(sleep_begin(t->process), -L_EAGAIN);
	sleep_end(same);
	CHECK_EQ(sleep_begin(other), -L_EAGAIN);
	CHECK_EQ(sleep_begin(t->process), 0);
	for (int i = 0; i < 6; i++) {
		sleep_end(first);
		sleep_end(other);
	}
	for (int i = 0; i < 3; i++) {
		sleep_end(t->process);
	}
	CHECK_EQ(same->sleeps, 1);
	sleep_end(same);
	CHECK_EQ(sleeps_of(other, 16), 8);
	for (int i = 0; i < 8; i++) {
		sleep_end(other);
	}
}

/* Each kind of call that would sleep says that it cannot. */
TEST(calls_that_cannot_sleep_say_so)
{
	struct uthread *t = pretend_setup();
	struct linux_timespec ts = { 1, 0 };
	struct linux_pollfd poll = { 0, L_POLLIN, 0 };
	struct linux_epoll_event event;
	uint32_t mask[2] = { L_SIGUSR1, 0 };
	unix_frame_t frame;
	uint32_t ends[2];
	int fd;
	char c;

	memset(&frame, 0, sizeof(frame));
	pretend_fork(t);
	CHECK_EQ(CALL(t, pipe, ends), 0);
	fd = CALL(t, epoll_create1, 0);
	CHECK(fd >= 0);
	poll.fd = (int32_t)ends[0];
	pretend_no_threads = true;
	CHECK_EQ(CALL(t, read, ends[0], &c, 1), -L_EAGAIN);
	CHECK_EQ(CALL(t, nanosleep, &ts, NULL), -L_EAGAIN);
	CHECK_EQ(CALL(t, clock_nanosleep, L_CLOCK_REALTIME, 0, &ts, NULL),
	    -L_EAGAIN);
	CHECK_EQ(CALL(t, poll, &poll, 1, 1000), -L_EAGAIN);
	CHECK_EQ(CALL(t, epoll_pwait, fd, &event, 1, 1000, NULL, 8), -L_EAGAIN);
	CHECK_EQ(CALL(t, wait4, -1, NULL, 0, NULL), -L_EAGAIN);
	CHECK_EQ(CALL(t, waitid, L_P_ALL, 0, NULL, L_WEXITED, NULL), -L_EAGAIN);
	CHECK_EQ(CALL(t, pause), -L_EAGAIN);
	CHECK_EQ(CALL(t, rt_sigsuspend, mask, 8), -L_EAGAIN);
	CHECK_EQ(CALL(t, rt_sigtimedwait, mask, NULL, NULL, 8), -L_EAGAIN);
	pretend_word = 5;
	CHECK_EQ(CALL(t, own_futex_wait, &pretend_word, L_FUTEX_WAIT, 5, NULL),
	    -L_EAGAIN);
	CHECK_EQ(call_fork(t, L_SIGCHLD, &frame, 0), -L_EAGAIN);
	CHECK_EQ(t->process->sleeps, 0);
	/* What need not sleep does not. */
	CHECK_EQ(CALL(t, write, ends[1], "x", 1), 1);
	CHECK_EQ(CALL(t, read, ends[0], &c, 1), 1);
	pretend_no_threads = false;
}
