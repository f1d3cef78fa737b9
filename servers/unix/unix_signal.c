/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Signals.  What needs no handler is done when the signal is posted, or when a
 * change of mask lets it through: it is dropped, stops, continues or ends the
 * process.  With a handler it stays pending until the thread takes it.
 *
 * Only one of each kind can be pending; TODO: queues of real-time signals.
 */
#include <servers/unix/unix.h>

#include <stdlib.h>
#include <string.h>

#define SIGNAL_STOPS	(SIGBIT(L_SIGSTOP) | SIGBIT(L_SIGTSTP) | \
			 SIGBIT(L_SIGTTIN) | SIGBIT(L_SIGTTOU))
#define SIGNAL_DROPPED	(SIGBIT(L_SIGCHLD) | SIGBIT(L_SIGURG) | \
			 SIGBIT(L_SIGWINCH) | SIGBIT(L_SIGCONT))
#define SIGNAL_NEVER	(SIGBIT(L_SIGKILL) | SIGBIT(L_SIGSTOP))
#define SIGNAL_CORES	(SIGBIT(L_SIGQUIT) | SIGBIT(L_SIGILL) | \
			 SIGBIT(L_SIGTRAP) | SIGBIT(L_SIGABRT) | \
			 SIGBIT(L_SIGBUS) | SIGBIT(L_SIGFPE) | \
			 SIGBIT(L_SIGSEGV) | SIGBIT(L_SIGXCPU) | \
			 SIGBIT(L_SIGXFSZ) | SIGBIT(L_SIGSYS))

static bool
signal_is(int signal, sigset_bits_t set)
{
	return (SIGBIT(signal) & set) != 0;
}

bool
signal_ignored(const struct process *p, int signal)
{
	uint32_t handler = p->actions[signal].handler;

	return handler == L_SIG_IGN ||
	    (handler == L_SIG_DFL && signal_is(signal, SIGNAL_DROPPED));
}

/* Does some thread let it through now? */
static struct uthread *
signal_thread(struct process *p, int signal)
{
	struct uthread *t;

	list_for_each(&p->threads, t, link) {
		if (!signal_is(signal, t->mask)) {
			return t;
		}
	}
	return NULL;
}

static void
signal_stop(struct process *p, int signal)
{
	struct process *parent = p->parent;
	struct siginfo info;

	if (p->state != PROCESS_LIVE) {
		return;
	}
	p->state = PROCESS_STOPPED;
	p->stop_signal = signal;
	p->continued = false;
	task_stop(p);
	if (parent == NULL) {
		return;
	}
	memset(&info, 0, sizeof(info));
	info.code = L_CLD_STOPPED;
	info.pid = p->pid;
	info.uid = p->cred.ruid;
	info.value = (uint32_t)signal;
	if ((parent->actions[L_SIGCHLD].flags & L_SA_NOCLDSTOP) == 0) {
		signal_post(parent, L_SIGCHLD, &info);
	}
	waitq_wake(&parent->child_wait);
}

static void signal_settle(struct uthread *t);

/* What came while the process was stopped has its effect now. */
static void
signal_resettle(struct process *p)
{
	struct uthread *t;
	struct uthread *next;

	list_for_each_safe(&p->threads, t, next, link) {
		uthread_ref(t);
		signal_settle(t);
		if (p->state == PROCESS_LIVE && signal_deliverable(t)) {
			uthread_kick(t);
		}
		uthread_unref(t);
		if (p->state != PROCESS_LIVE) {
			break;
		}
	}
}

static void
signal_report_continue(struct process *p, struct process *parent)
{
	struct siginfo info;

	memset(&info, 0, sizeof(info));
	info.code = L_CLD_CONTINUED;
	info.pid = p->pid;
	info.uid = p->cred.ruid;
	info.value = L_SIGCONT;
	if ((parent->actions[L_SIGCHLD].flags & L_SA_NOCLDSTOP) == 0) {
		signal_post(parent, L_SIGCHLD, &info);
	}
	waitq_wake(&parent->child_wait);
}

static void
signal_continue(struct process *p)
{
	struct process *parent = p->parent;

	if (p->state != PROCESS_STOPPED) {
		return;
	}
	p->state = PROCESS_LIVE;
	p->stop_signal = 0;
	p->continued = true;
	task_continue(p);
	if (parent != NULL) {
		signal_report_continue(p, parent);
	}
	signal_resettle(p);
}

static void
signal_terminate(struct process *p, int signal)
{
	process_exit(p, signal);
}

/*
 * Do what a signal without handler does.  True if that was all; false when it
 * has a handler.
 */
static bool
signal_default(struct process *p, int signal)
{
	if (signal_ignored(p, signal)) {
		return true;
	}
	if (p->actions[signal].handler != L_SIG_DFL) {
		return false;
	}
	if (signal_is(signal, SIGNAL_STOPS)) {
		if (signal == L_SIGSTOP || !process_group_orphaned(p->pgid,
		    NULL)) {
			signal_stop(p, signal);
		}
		return true;
	}
	if (p == process_init) {
		return true;		/* nothing from outside ends it */
	}
	signal_terminate(p, signal);
	return true;
}

static void
signal_note(struct pending *pending, int signal, const struct siginfo *info)
{
	if (signal_is(signal, pending->set)) {
		return;
	}
	pending->set |= SIGBIT(signal);
	if (info != NULL) {
		pending->info[signal] = *info;
	} else {
		memset(&pending->info[signal], 0,
		    sizeof(pending->info[signal]));
	}
	if (info == NULL) {
		pending->info[signal].code = L_SI_KERNEL;
	}
}

static void
signal_drop(struct process *p, sigset_bits_t set)
{
	struct uthread *t;

	p->pending.set &= ~set;
	list_for_each(&p->threads, t, link) {
		t->pending.set &= ~set;
	}
}

/* Effects that a signal has even if blocked or ignored. */
static void
signal_always(struct process *p, int signal)
{
	if (signal == L_SIGCONT) {
		signal_drop(p, SIGNAL_STOPS);
		signal_continue(p);
	} else if (signal_is(signal, SIGNAL_STOPS)) {
		signal_drop(p, SIGBIT(L_SIGCONT));
	} else if (signal == L_SIGKILL && p->state == PROCESS_STOPPED) {
		p->state = PROCESS_LIVE;
		task_continue(p);
	}
}

static bool
signal_posts(struct process *p, int signal)
{
	return signal > 0 && signal <= L_SIGMAX &&
	    (p->state == PROCESS_LIVE || p->state == PROCESS_STOPPED);
}

/* Is somebody in sigtimedwait for it, though it is blocked? */
static struct uthread *
signal_waiter(struct process *p, int signal)
{
	struct uthread *t;

	list_for_each(&p->threads, t, link) {
		if (t->wait.sleeping && signal_is(signal, t->mask)) {
			return t;
		}
	}
	return NULL;
}

static void
signal_post_live(struct process *p, int signal, const struct siginfo *info)
{
	struct uthread *t;

	t = signal_thread(p, signal);
	if (t == NULL) {
		signal_note(&p->pending, signal, info);
		t = signal_waiter(p, signal);
		if (t != NULL) {
			thread_wake(t);
		}
		return;
	}
	if (p->state == PROCESS_STOPPED && signal != L_SIGKILL &&
	    !signal_ignored(p, signal)) {
		/* Acts when the process goes on. */
		signal_note(&p->pending, signal, info);
		return;
	}
	if (signal_default(p, signal)) {
		return;
	}
	signal_note(&p->pending, signal, info);
	uthread_kick(t);
}

/* P may be gone afterwards, unless the caller has a reference. */
void
signal_post(struct process *p, int signal, const struct siginfo *info)
{
	if (!signal_posts(p, signal)) {
		return;
	}
	process_ref(p);
	signal_always(p, signal);
	if (signal_posts(p, signal)) {
		signal_post_live(p, signal, info);
	}
	process_unref(p);
}

void
signal_post_thread(struct uthread *t, int signal, const struct siginfo *info)
{
	struct process *p = t->process;

	if (!signal_posts(p, signal) || t->dying) {
		return;
	}
	signal_always(p, signal);
	if (!signal_posts(p, signal)) {
		return;
	}
	if (signal_is(signal, t->mask)) {
		signal_note(&t->pending, signal, info);
		thread_wake(t);
		return;
	}
	if (p->state == PROCESS_STOPPED && !signal_ignored(p, signal)) {
		signal_note(&t->pending, signal, info);
		return;
	}
	if (signal_default(p, signal)) {
		return;
	}
	signal_note(&t->pending, signal, info);
	uthread_kick(t);
}

/* How many processes were in the group. */
int
signal_post_group(int pgid, int signal, const struct siginfo *info)
{
	struct process **members;
	struct process *p;
	int n = 0;

	members = malloc((size_t)process_count * sizeof(struct process *));
	if (members == NULL) {
		return 0;
	}
	list_for_each(&process_table, p, table) {
		if (p->pgid == pgid) {
			process_ref(p);
			members[n++] = p;
		}
	}
	for (int i = 0; i < n; i++) {
		signal_post(members[i], signal, info);
		process_unref(members[i]);
	}
	free(members);
	return n;
}

static sigset_bits_t
signal_ready(const struct uthread *t)
{
	return (t->pending.set | t->process->pending.set) & ~t->mask;
}

bool
signal_deliverable(const struct uthread *t)
{
	return signal_ready(t) != 0;
}

/* Pending signals that have no handler take effect now, as far as unblocked. */
static void
signal_settle(struct uthread *t)
{
	struct process *p = t->process;
	sigset_bits_t ready;

	ready = signal_ready(t);
	for (int n = 1; n <= L_SIGMAX && ready != 0; n++) {
		if (!signal_is(n, ready)) {
			continue;
		}
		if (p->actions[n].handler > L_SIG_IGN) {
			continue;
		}
		t->pending.set &= ~SIGBIT(n);
		p->pending.set &= ~SIGBIT(n);
		signal_default(p, n);
		if (p->state != PROCESS_LIVE) {
			return;
		}
	}
}

void
signal_set_mask(struct uthread *t, sigset_bits_t mask)
{
	t->mask = mask & ~SIGNAL_NEVER;
	signal_settle(t);
}

int32_t
signal_set_action(struct process *p, int signal, const struct action *action)
{
	struct uthread *t;

	if (signal < 1 || signal > L_SIGMAX) {
		return -L_EINVAL;
	}
	if (action == NULL) {
		return 0;
	}
	if (signal_is(signal, SIGNAL_NEVER)) {
		return -L_EINVAL;
	}
	p->actions[signal] = *action;
	p->actions[signal].mask &= ~SIGNAL_NEVER;
	if (signal_ignored(p, signal)) {
		p->pending.set &= ~SIGBIT(signal);
		list_for_each(&p->threads, t, link) {
			t->pending.set &= ~SIGBIT(signal);
		}
	}
	return 0;
}

void
signal_linux_info(int signal, const struct siginfo *info,
    struct linux_siginfo *out)
{
	memset(out, 0, sizeof(*out));
	out->signo = signal;
	out->code = info->code;
	if (signal == L_SIGCHLD && info->code > 0) {
		out->u.child.pid = info->pid;
		out->u.child.uid = info->uid;
		out->u.child.status = (int32_t)info->value;
	} else if (info->code > 0 && info->code != L_SI_KERNEL) {
		out->u.fault.address = info->value;
	} else {
		out->u.kill.pid = info->pid;
		out->u.kill.uid = info->uid;
		out->u.kill.value = info->value;
	}
}

/* Faults first, then the thread's own, lowest number first. */
static int
signal_pick(struct uthread *t, struct pending **fromp)
{
	static const sigset_bits_t faults = SIGBIT(L_SIGSEGV) |
	    SIGBIT(L_SIGBUS) | SIGBIT(L_SIGFPE) | SIGBIT(L_SIGILL) |
	    SIGBIT(L_SIGTRAP);
	struct pending *from[2] = { &t->pending, &t->process->pending };
	sigset_bits_t sets[2] = { faults, ~(sigset_bits_t)0 };

	for (int k = 0; k < 4; k++) {
		struct pending *pending = from[k & 1];
		sigset_bits_t set = pending->set & ~t->mask & sets[k >> 1];

		for (int n = 1; n <= L_SIGMAX && set != 0; n++) {
			if (signal_is(n, set)) {
				*fromp = pending;
				return n;
			}
		}
	}
	return 0;
}

/*
 * The thread goes to a handler: fill OUT, and change mask and action as the
 * handler's flags say.  False: nothing to take (OUT says 0).
 */
bool
signal_take(struct uthread *t, unix_signal_t *out)
{
	struct process *p = t->process;
	struct pending *from;
	struct action *action;
	struct siginfo *info;
	sigset_bits_t old = t->restore_mask ? t->saved_mask : t->mask;
	int n;

	memset(out, 0, sizeof(*out));
	signal_settle(t);
	if (p->state == PROCESS_ZOMBIE) {
		return false;
	}
	n = signal_pick(t, &from);
	if (n == 0) {
		if (t->restore_mask) {
			t->restore_mask = false;
			signal_set_mask(t, t->saved_mask);
		}
		return false;
	}
	from->set &= ~SIGBIT(n);
	info = &from->info[n];
	action = &p->actions[n];
	t->restore_mask = false;
	out->number = (uint32_t)n;
	out->handler = action->handler;
	out->flags = action->flags;
	out->restorer = action->restorer;
	out->old_mask[0] = (uint32_t)old;
	out->old_mask[1] = (uint32_t)(old >> 32);
	t->mask |= action->mask;
	if ((action->flags & L_SA_NODEFER) == 0) {
		t->mask |= SIGBIT(n);
	}
	t->mask &= ~SIGNAL_NEVER;
	out->new_mask[0] = (uint32_t)t->mask;
	out->new_mask[1] = (uint32_t)(t->mask >> 32);
	out->trap = info->trap;
	out->error = info->error;
	if (info->trap == 14) {
		out->fault_address = info->value;
	}
	signal_linux_info(n, info, (struct linux_siginfo *)out->info);
	if ((action->flags & L_SA_RESETHAND) != 0) {
		action->handler = L_SIG_DFL;
	}
	return true;
}

/*
 * The thread itself did something that cannot go on.  True: its handler is to
 * run (the signal is pending); false: the process ended.
 */
bool
signal_fault(struct uthread *t, int signal, const struct siginfo *info)
{
	struct process *p = t->process;

	if (p->actions[signal].handler > L_SIG_IGN &&
	    !signal_is(signal, t->mask)) {
		t->pending.set &= ~SIGBIT(signal);
		signal_note(&t->pending, signal, info);
		return true;
	}
	signal_terminate(p, signal);
	return false;
}

void
signal_fork(struct process *child, const struct process *parent)
{
	memcpy(child->actions, parent->actions, sizeof(child->actions));
	child->pending.set = 0;
}

void
signal_exec(struct process *p)
{
	for (int n = 1; n <= L_SIGMAX; n++) {
		if (p->actions[n].handler != L_SIG_IGN) {
			p->actions[n].handler = L_SIG_DFL;
		}
		p->actions[n].flags = 0;
		p->actions[n].mask = 0;
	}
}
