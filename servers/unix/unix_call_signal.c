/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls about signals.
 */
#include <servers/unix/unix_call.h>

#include <stdlib.h>
#include <string.h>

static void
signal_user_info(const struct process *p, int code, struct siginfo *info)
{
	memset(info, 0, sizeof(*info));
	info->code = code;
	info->pid = p->pid;
	info->uid = p->cred.ruid;
}

/* 0 if P may send SIGNAL to WHO and it was sent. */
static int32_t
kill_one(struct process *p, struct process *who, int signal,
    const struct siginfo *info)
{
	if (signal < 0 || signal > L_SIGMAX) {
		return -L_EINVAL;
	}
	if (!cred_may_signal(p, who, signal)) {
		return -L_EPERM;
	}
	return signal != 0 ? signal_post(who, signal, info) : 0;
}

/* All that a kill of PGID means; -1: every process but the first and P. */
static int
kill_members(struct process *p, int pgid, struct process **members)
{
	struct process *other;
	int n = 0;

	list_for_each(&process_table, other, table) {
		if (pgid == -1 ? other != process_init && other != p :
		    other->pgid == pgid) {
			process_ref(other);
			members[n++] = other;
		}
	}
	return n;
}

/*
 * Those of a group that P may not signal are left out; it is an error only if
 * that leaves nobody.  Of all processes not even that is.
 */
static int32_t
kill_many(struct process *p, int pgid, int signal,
    const struct siginfo *info)
{
	struct process **members;
	int32_t result = pgid == -1 ? 0 : -L_ESRCH;
	int32_t error;
	bool any = false;
	int n;

	members = malloc((size_t)process_count * sizeof(struct process *));
	if (members == NULL) {
		return -L_ENOMEM;
	}
	n = kill_members(p, pgid, members);
	for (int i = 0; i < n; i++) {
		error = kill_one(p, members[i], signal, info);
		any = any || error == 0;
		if (pgid != -1 || error != -L_EPERM) {
			result = error;
		}
		process_unref(members[i]);
	}
	free(members);
	if (pgid == -1) {
		return n != 0 ? result : -L_ESRCH;
	}
	return any ? 0 : result;
}

static int32_t
kill_process(struct process *p, int pid, int signal,
    const struct siginfo *info)
{
	struct process *who = process_lookup(pid);

	return who != NULL ? kill_one(p, who, signal, info) : -L_ESRCH;
}

int32_t
call_kill(struct call *c)
{
	struct siginfo info;
	int pid = (int)c->a[0];
	int signal = (int)c->a[1];

	signal_user_info(c->p, L_SI_USER, &info);
	if (pid == INT32_MIN) {
		return -L_ESRCH;
	}
	if (pid <= 0) {
		return kill_many(c->p, pid == 0 ? c->p->pgid : pid == -1 ?
		    -1 : -pid, signal, &info);
	}
	return kill_process(c->p, pid, signal, &info);
}

/* PID NULL: of any process. */
static int32_t
kill_thread(struct call *c, const int *pid, int tid, int signal,
    const struct siginfo *info)
{
	struct uthread *t = uthread_lookup(tid);

	if (tid <= 0 || (pid != NULL && *pid <= 0)) {
		return -L_EINVAL;
	}
	if (t == NULL || (pid != NULL && t->process->pid != *pid)) {
		return -L_ESRCH;
	}
	if (signal < 0 || signal > L_SIGMAX) {
		return -L_EINVAL;
	}
	if (!cred_may_signal(c->p, t->process, signal)) {
		return -L_EPERM;
	}
	return signal != 0 ? signal_post_thread(t, signal, info) : 0;
}

int32_t
call_tkill(struct call *c)
{
	struct siginfo info;

	signal_user_info(c->p, L_SI_TKILL, &info);
	return kill_thread(c, NULL, (int)c->a[0], (int)c->a[1], &info);
}

int32_t
call_tgkill(struct call *c)
{
	struct siginfo info;
	int pid = (int)c->a[0];

	signal_user_info(c->p, L_SI_TKILL, &info);
	return kill_thread(c, &pid, (int)c->a[1], (int)c->a[2], &info);
}

/* What the sender says it is, but not that the kernel sent it. */
static int32_t
queued_info(struct call *c, const char *in, bool other, struct siginfo *info)
{
	struct linux_siginfo from;

	if (in == NULL) {
		return -L_EFAULT;
	}
	memcpy(&from, in, sizeof(from));
	if (other && (from.code >= 0 || from.code == L_SI_TKILL)) {
		return -L_EPERM;
	}
	memset(info, 0, sizeof(*info));
	info->code = from.code;
	info->pid = from.u.kill.pid;
	info->uid = from.u.kill.uid;
	info->value = from.u.kill.value;
	return 0;
}

int32_t
call_rt_sigqueueinfo(struct call *c)
{
	struct siginfo info;
	int32_t error;

	error = queued_info(c, c->in[2], (int)c->a[0] != c->p->pid, &info);
	if (error != 0) {
		return error;
	}
	return kill_process(c->p, (int)c->a[0], (int)c->a[1], &info);
}

int32_t
call_rt_tgsigqueueinfo(struct call *c)
{
	struct siginfo info;
	int pid = (int)c->a[0];
	int32_t error;

	error = queued_info(c, c->in[3], pid != c->p->pid, &info);
	if (error != 0) {
		return error;
	}
	return kill_thread(c, &pid, (int)c->a[1], (int)c->a[2], &info);
}

/*
 * Dispositions and masks.
 */

static sigset_bits_t
mask_from(const char *in)
{
	uint32_t words[2];

	memcpy(words, in, sizeof(words));
	return words[0] | (sigset_bits_t)words[1] << 32;
}

static void
mask_to(char *out, sigset_bits_t mask)
{
	uint32_t words[2] = { (uint32_t)mask, (uint32_t)(mask >> 32) };

	memcpy(out, words, sizeof(words));
}

int32_t
call_rt_sigaction(struct call *c)
{
	struct linux_sigaction new;
	struct linux_sigaction old;
	struct action action;
	uint32_t n = c->a[0];

	if (c->a[3] != 8 || n < 1 || n > L_SIGMAX) {
		return -L_EINVAL;
	}
	if (c->out[2] != NULL) {
		action = c->p->actions[n];
		old.handler = action.handler;
		old.flags = action.flags;
		old.restorer = action.restorer;
		mask_to((char *)old.mask, action.mask);
		memcpy(c->out[2], &old, sizeof(old));
	}
	if (c->in[1] == NULL) {
		return 0;
	}
	memcpy(&new, c->in[1], sizeof(new));
	action.handler = new.handler;
	action.flags = new.flags;
	action.restorer = new.restorer;
	action.mask = mask_from((const char *)new.mask);
	return signal_set_action(c->p, (int)n, &action);
}

int32_t
call_sigaction(struct call *c)
{
	struct linux_old_sigaction new;
	struct linux_old_sigaction old;
	struct action action;
	uint32_t n = c->a[0];

	if (n < 1 || n > 31) {
		return -L_EINVAL;
	}
	if (c->out[2] != NULL) {
		action = c->p->actions[n];
		old.handler = action.handler;
		old.mask = (uint32_t)action.mask;
		old.flags = action.flags;
		old.restorer = action.restorer;
		memcpy(c->out[2], &old, sizeof(old));
	}
	if (c->in[1] == NULL) {
		return 0;
	}
	memcpy(&new, c->in[1], sizeof(new));
	action.handler = new.handler;
	action.mask = new.mask;
	action.flags = new.flags;
	action.restorer = new.restorer;
	return signal_set_action(c->p, (int)n, &action);
}

int32_t
call_signal(struct call *c)
{
	struct action action;
	uint32_t n = c->a[0];
	uint32_t old;
	int32_t error;

	if (n < 1 || n > 31) {
		return -L_EINVAL;
	}
	memset(&action, 0, sizeof(action));
	old = c->p->actions[n].handler;
	action.handler = c->a[1];
	action.flags = L_SA_RESETHAND | L_SA_NODEFER;
	error = signal_set_action(c->p, (int)n, &action);
	return error != 0 ? error : (int32_t)old;
}

static int32_t
change_mask(struct uthread *t, uint32_t how, sigset_bits_t set)
{
	switch (how) {
	case L_SIG_BLOCK:
		signal_set_mask(t, t->mask | set);
		return 0;
	case L_SIG_UNBLOCK:
		signal_set_mask(t, t->mask & ~set);
		return 0;
	case L_SIG_SETMASK:
		signal_set_mask(t, set);
		return 0;
	default:
		return -L_EINVAL;
	}
}

int32_t
call_rt_sigprocmask(struct call *c)
{
	if (c->a[3] != 8) {
		return -L_EINVAL;
	}
	if (c->out[2] != NULL) {
		mask_to(c->out[2], c->t->mask);
	}
	if (c->in[1] == NULL) {
		return 0;
	}
	return change_mask(c->t, c->a[0], mask_from(c->in[1]));
}

int32_t
call_sigprocmask(struct call *c)
{
	sigset_bits_t high = c->t->mask & ~(sigset_bits_t)0xffffffffu;
	uint32_t word = (uint32_t)c->t->mask;

	if (c->out[2] != NULL) {
		memcpy(c->out[2], &word, sizeof(word));
	}
	if (c->in[1] == NULL) {
		return 0;
	}
	memcpy(&word, c->in[1], sizeof(word));
	return change_mask(c->t, c->a[0], word |
	    (c->a[0] == L_SIG_SETMASK ? high : 0));
}

int32_t
call_rt_sigpending(struct call *c)
{
	sigset_bits_t set = (c->t->pending.set | c->p->pending.set) &
	    c->t->mask;

	if (c->out[0] == NULL) {
		return -L_EFAULT;
	}
	mask_to(c->out[0], set);
	return 0;
}

int32_t
call_sigpending(struct call *c)
{
	uint32_t set = (uint32_t)((c->t->pending.set | c->p->pending.set) &
	    c->t->mask);

	if (c->out[0] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[0], &set, sizeof(set));
	return 0;
}

static int32_t
wait_for_signal(struct uthread *t)
{
	int result;

	do {
		t->wait.woken = false;
		result = thread_wait(t, 0);
	} while (result == 0);
	return result == -L_EINTR ? -L_ERESTARTNOHAND : result;
}

/* With MASK until a handler ran; the old mask comes back after that. */
static int32_t
suspend_with(struct uthread *t, sigset_bits_t mask)
{
	t->saved_mask = t->mask;
	signal_set_mask(t, mask);
	t->restore_mask = true;
	return wait_for_signal(t);
}

int32_t
call_rt_sigsuspend(struct call *c)
{
	if (c->a[1] != 8) {
		return -L_EINVAL;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	return suspend_with(c->t, mask_from(c->in[0]));
}

int32_t
call_sigsuspend(struct call *c)
{
	return suspend_with(c->t, c->a[2]);
}

int32_t
call_pause(struct call *c)
{
	return wait_for_signal(c->t);
}

static int32_t
timed_wait(struct call *c, const char *time, bool wide)
{
	struct linux_timespec64 ts = { 0, 0 };
	struct linux_timespec old;
	struct siginfo info;
	struct linux_siginfo out;
	uint64_t deadline = 0;
	sigset_bits_t set;
	int result;
	int n;

	if (c->a[3] != 8) {
		return -L_EINVAL;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	set = mask_from(c->in[0]);
	if (time != NULL) {
		if (wide) {
			memcpy(&ts, time, sizeof(ts));
		} else {
			memcpy(&old, time, sizeof(old));
			ts.sec = old.sec;
			ts.nsec = old.nsec;
		}
		if (ts.nsec < 0 || ts.nsec > 999999999 || ts.sec < 0) {
			return -L_EINVAL;
		}
		deadline = call_deadline(ts.sec, ts.nsec);
	}
	while ((n = signal_take_of(c->t, set, &info)) == 0) {
		c->t->wait.woken = false;
		result = thread_wait(c->t, deadline);
		if (result == -L_ETIMEDOUT) {
			return -L_EAGAIN;
		}
		if (result != 0) {
			return result;
		}
	}
	if (c->out[1] != NULL) {
		signal_linux_info(n, &info, &out);
		memcpy(c->out[1], &out, sizeof(out));
	}
	return n;
}

int32_t
call_rt_sigtimedwait(struct call *c)
{
	return timed_wait(c, c->in[2], false);
}

int32_t
call_rt_sigtimedwait_time64(struct call *c)
{
	return timed_wait(c, c->in[2], true);
}

/* The library could not put a signal's frame on the stack. */
int32_t
call_own_bad_frame(struct call *c)
{
	c->p->actions[L_SIGSEGV].handler = L_SIG_DFL;
	process_exit(c->p, L_SIGSEGV);
	return 0;
}
