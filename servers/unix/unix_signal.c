/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Signals.  What needs no handler is done when the signal is posted, or when a
 * change of mask lets it through: it is dropped, stops, continues or ends the
 * process.  With a handler it stays pending until the thread takes it.
 */
#include <servers/unix/unix_timer.h>

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

struct queued_signal {
	struct list	link;
	int		signal;
	struct siginfo	info;
};

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

void
signal_begin(struct process *p)
{
	p->state = PROCESS_LIVE;
	if (p->pending.set != 0) {
		signal_resettle(p);
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

void
signal_pending_init(struct pending *pending)
{
	pending->set = 0;
	list_init(&pending->queue);
}

/* How many signals are queued for processes of P's user. */
static uint64_t
signal_queued(const struct process *p)
{
	struct process *other;
	uint64_t n = 0;

	list_for_each(&process_table, other, table) {
		if (other->cred.ruid == p->cred.ruid) {
			n += other->queued;
		}
	}
	return n;
}

static bool
signal_enqueue(struct process *p, struct pending *pending, int signal,
    const struct siginfo *info)
{
	struct queued_signal *q;

	if (signal_queued(p) >= p->limits[L_RLIMIT_SIGPENDING].cur) {
		return false;
	}
	q = malloc(sizeof(*q));
	if (q == NULL) {
		return false;
	}
	q->signal = signal;
	q->info = *info;
	list_add(&pending->queue, &q->link);
	p->queued++;
	return true;
}

/*
 * SIGNAL is pending from now on.  -L_EAGAIN: there was no room for it, and it
 * did not come from kill, which never fails for that.
 */
static int32_t
signal_note(struct process *p, struct pending *pending, int signal,
    const struct siginfo *info)
{
	static const struct siginfo kernel = { .code = L_SI_KERNEL };

	if (info == NULL) {
		info = &kernel;
	}
	if (signal >= L_SIGRTMIN) {
		if (!signal_enqueue(p, pending, signal, info) &&
		    info->code != L_SI_USER) {
			return -L_EAGAIN;
		}
	} else if (!signal_is(signal, pending->set)) {
		pending->info[signal] = *info;
	}
	pending->set |= SIGBIT(signal);
	waitq_wake_for(&p->signal_wait, L_POLLIN | L_POLLRDNORM);
	return 0;
}

void
signal_discard(struct process *p, struct pending *pending, sigset_bits_t set)
{
	struct queued_signal *q;
	struct queued_signal *next;

	pending->set &= ~set;
	list_for_each_safe(&pending->queue, q, next, link) {
		if (signal_is(q->signal, set)) {
			list_remove(&q->link);
			free(q);
			p->queued--;
		}
	}
}

void
signal_dequeue(struct process *p, struct pending *pending, int signal,
    struct siginfo *info)
{
	struct queued_signal *q;
	struct queued_signal *first = NULL;
	int n = 0;

	list_for_each(&pending->queue, q, link) {
		if (q->signal == signal) {
			first = first != NULL ? first : q;
			n++;
		}
	}
	if (n <= 1) {
		pending->set &= ~SIGBIT(signal);
	}
	if (signal < L_SIGRTMIN) {
		*info = pending->info[signal];
	} else if (first != NULL) {
		*info = first->info;
		list_remove(&first->link);
		free(first);
		p->queued--;
	} else {
		memset(info, 0, sizeof(*info));
	}
	if (info->code == L_SI_TIMER) {
		timer_taken(p, info);
	}
}

int
signal_take_of(struct uthread *t, sigset_bits_t set, struct siginfo *info)
{
	struct pending *from[2] = { &t->pending, &t->process->pending };

	for (int k = 0; k < 2; k++) {
		for (int n = 1; n <= L_SIGMAX; n++) {
			if ((from[k]->set & set & SIGBIT(n)) == 0) {
				continue;
			}
			signal_dequeue(t->process, from[k], n, info);
			return n;
		}
	}
	return 0;
}

struct siginfo *
signal_find(struct pending *pending, int signal, int code, int pid)
{
	struct siginfo *info;
	struct queued_signal *q;

	if (!signal_is(signal, pending->set)) {
		return NULL;
	}
	if (signal < L_SIGRTMIN) {
		info = &pending->info[signal];
		return info->code == code && info->pid == pid ? info : NULL;
	}
	list_for_each(&pending->queue, q, link) {
		if (q->signal == signal && q->info.code == code &&
		    q->info.pid == pid) {
			return &q->info;
		}
	}
	return NULL;
}

static void
signal_drop(struct process *p, sigset_bits_t set)
{
	struct uthread *t;

	signal_discard(p, &p->pending, set);
	list_for_each(&p->threads, t, link) {
		signal_discard(p, &t->pending, set);
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

static int32_t
signal_post_live(struct process *p, int signal, const struct siginfo *info)
{
	struct uthread *t;
	int32_t error;

	t = signal_thread(p, signal);
	if (t == NULL) {
		error = signal_note(p, &p->pending, signal, info);
		t = signal_waiter(p, signal);
		if (t != NULL) {
			thread_wake(t);
		}
		return error;
	}
	if (p->state == PROCESS_STOPPED && signal != L_SIGKILL &&
	    !signal_ignored(p, signal)) {
		/* Acts when the process goes on. */
		return signal_note(p, &p->pending, signal, info);
	}
	if (signal_default(p, signal)) {
		return 0;
	}
	error = signal_note(p, &p->pending, signal, info);
	uthread_kick(t);
	return error;
}

/* P may be gone afterwards, unless the caller has a reference. */
int32_t
signal_post(struct process *p, int signal, const struct siginfo *info)
{
	int32_t error = 0;

	if (p->state == PROCESS_NEW && signal > 0 && signal <= L_SIGMAX) {
		/* Acts when it is complete. */
		return signal_note(p, &p->pending, signal, info);
	}
	if (!signal_posts(p, signal)) {
		return 0;
	}
	process_ref(p);
	signal_always(p, signal);
	if (signal_posts(p, signal)) {
		error = signal_post_live(p, signal, info);
	}
	process_unref(p);
	return error;
}

int32_t
signal_post_thread(struct uthread *t, int signal, const struct siginfo *info)
{
	struct process *p = t->process;
	int32_t error;

	if (!signal_posts(p, signal) || t->dying) {
		return 0;
	}
	signal_always(p, signal);
	if (!signal_posts(p, signal)) {
		return 0;
	}
	if (signal_is(signal, t->mask)) {
		error = signal_note(p, &t->pending, signal, info);
		thread_wake(t);
		return error;
	}
	if (p->state == PROCESS_STOPPED && !signal_ignored(p, signal)) {
		return signal_note(p, &t->pending, signal, info);
	}
	if (signal_default(p, signal)) {
		return 0;
	}
	error = signal_note(p, &t->pending, signal, info);
	uthread_kick(t);
	return error;
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
		signal_discard(p, &t->pending, SIGBIT(n));
		signal_discard(p, &p->pending, SIGBIT(n));
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
		signal_drop(p, SIGBIT(signal));
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
	struct siginfo taken;
	struct siginfo *info = &taken;
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
	signal_dequeue(p, from, n, info);
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
		signal_discard(p, &t->pending, SIGBIT(signal));
		signal_note(p, &t->pending, signal, info);
		return true;
	}
	signal_terminate(p, signal);
	return false;
}

void
signal_fork(struct process *child, const struct process *parent)
{
	memcpy(child->actions, parent->actions, sizeof(child->actions));
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
