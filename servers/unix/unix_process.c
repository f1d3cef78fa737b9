/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The process table: who is whose child, in which group and session, how a
 * process ends and is waited for.
 *
 * States: NEW -> LIVE <-> STOPPED; each of them -> ZOMBIE by process_exit;
 * ZOMBIE -> REAPED by the parent's wait, or at once when the parent does not
 * want to know.  A process is in the table until it is reaped.
 */
#include <servers/unix/unix_timer.h>

#include <stdlib.h>
#include <string.h>

struct list process_table = LIST_INIT(process_table);
struct process *process_init;
int process_count;
int process_last_pid;
unsigned process_made;

struct process *
process_lookup(int pid)
{
	struct process *p;

	list_for_each(&process_table, p, table) {
		if (p->pid == pid) {
			return p;
		}
	}
	return NULL;
}

/* Numbers that name a process, thread, group or session are not given out. */
static bool
process_pid_used(int pid)
{
	struct process *p;
	struct uthread *t;

	list_for_each(&process_table, p, table) {
		if (p->pid == pid || p->pgid == pid ||
		    (p->session != NULL && p->session->sid == pid)) {
			return true;
		}
		list_for_each(&p->threads, t, link) {
			if (t->tid == pid) {
				return true;
			}
		}
	}
	return false;
}

int
process_allocate_pid(void)
{
	do {
		process_last_pid++;
		if (process_last_pid >= UNIX_PID_MAX) {
			process_last_pid = 300;
		}
	} while (process_pid_used(process_last_pid));
	return process_last_pid;
}

void
process_ref(struct process *p)
{
	p->refs++;
}

static void
session_unref(struct session *s)
{
	if (s != NULL && --s->refs == 0) {
		free(s);
	}
}

void
process_unref(struct process *p)
{
	if (--p->refs != 0) {
		return;
	}
	/* An epoll of others may watch for its signals still. */
	while (!list_empty(&p->signal_wait.waiters)) {
		list_remove(p->signal_wait.waiters.next);
	}
	session_unref(p->session);
	free(p->timers);
	free(p);
}

static void
process_limits(struct process *p)
{
	for (int i = 0; i < L_RLIM_NLIMITS; i++) {
		p->limits[i].cur = UINT64_MAX;
		p->limits[i].max = UINT64_MAX;
	}
	p->limits[L_RLIMIT_STACK].cur = 8 << 20;
	p->limits[L_RLIMIT_NOFILE].cur = UNIX_FD_MAX;
	p->limits[L_RLIMIT_NOFILE].max = UNIX_FD_MAX;
	p->limits[L_RLIMIT_NPROC].cur = UNIX_PROCESS_MAX;
	p->limits[L_RLIMIT_NPROC].max = UNIX_PROCESS_MAX;
	p->limits[L_RLIMIT_SIGPENDING].cur = UNIX_SIGPENDING_MAX;
	p->limits[L_RLIMIT_SIGPENDING].max = UNIX_SIGPENDING_MAX;
	p->limits[L_RLIMIT_NICE].cur = 0;
	p->limits[L_RLIMIT_NICE].max = 0;
	p->limits[L_RLIMIT_RTPRIO].cur = 0;
	p->limits[L_RLIMIT_RTPRIO].max = 0;
	p->limits[4].cur = 0;		/* core */
}

/*
 * A child of PARENT (NULL: the first process), with what a child gets from it.
 * It is in state NEW, without descriptors, directories and threads.
 */
struct process *
process_create(struct process *parent)
{
	struct process *p;

	if (process_count >= UNIX_PROCESS_MAX) {
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		return NULL;
	}
	p->timers = malloc(sizeof(*p->timers));
	if (p->timers == NULL) {
		free(p);
		return NULL;
	}
	timer_init(p->timers);
	p->refs = 1;
	p->pid = process_allocate_pid();
	p->state = PROCESS_NEW;
	p->start_ns = unix_now_ns();
	p->exit_signal = L_SIGCHLD;
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->threads);
	signal_pending_init(&p->pending);
	waitq_init(&p->child_wait);
	waitq_init(&p->exec_wait);
	waitq_init(&p->fork_wait);
	waitq_init(&p->signal_wait);
	if (parent == NULL) {
		p->umask = 022;
		process_limits(p);
		process_init = p;
	} else {
		p->parent = parent;
		process_ref(parent);
		list_add(&parent->children, &p->sibling);
		p->pgid = parent->pgid;
		p->session = parent->session;
		if (p->session != NULL) {
			p->session->refs++;
		}
		p->cred = parent->cred;
		memcpy(p->limits, parent->limits, sizeof(p->limits));
		p->umask = parent->umask;
		p->nice = parent->nice;
		p->policy = parent->policy;
		p->no_new_privs = parent->no_new_privs;
		p->undumpable = parent->undumpable;
		memcpy(p->name, parent->name, sizeof(p->name));
		p->image = parent->image;
		if (p->image.file != NULL) {
			file_ref(p->image.file);
		}
		signal_fork(p, parent);
	}
	list_add(&process_table, &p->table);
	process_count++;
	process_made++;
	return p;
}

struct uthread *
uthread_create(struct process *p, int tid)
{
	struct uthread *t;
	unsigned slot = 0;

	while (slot < UNIX_THREAD_MAX && (p->slots >> slot & 1) != 0) {
		slot++;
	}
	if (slot == UNIX_THREAD_MAX) {
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL) {
		return NULL;
	}
	if (!thread_cond_init(t)) {
		free(t);
		return NULL;
	}
	t->refs = 1;
	t->tid = tid;
	t->slot = slot;
	t->process = p;
	process_ref(p);
	signal_pending_init(&t->pending);
	list_init(&t->futex_link);
	list_add(&p->threads, &t->link);
	p->nthreads++;
	p->slots |= (uint64_t)1 << slot;
	return t;
}

void
uthread_ref(struct uthread *t)
{
	t->refs++;
}

void
uthread_unref(struct uthread *t)
{
	if (--t->refs != 0) {
		return;
	}
	thread_cond_fini(t);
	process_unref(t->process);
	free(t);
}

/* It is no longer one of its process' threads; wake it if it waits here. */
void
uthread_detach(struct uthread *t)
{
	struct process *p = t->process;

	if (t->dying) {
		return;
	}
	t->dying = true;
	list_remove(&t->link);
	list_remove(&t->futex_link);
	signal_discard(p, &t->pending, ~(sigset_bits_t)0);
	p->nthreads--;
	p->slots &= ~((uint64_t)1 << t->slot);
	thread_wake(t);
}

struct uthread *
uthread_lookup(int tid)
{
	struct process *p;
	struct uthread *t;

	list_for_each(&process_table, p, table) {
		list_for_each(&p->threads, t, link) {
			if (t->tid == tid) {
				return t;
			}
		}
	}
	return NULL;
}

bool
process_group_known(int pgid)
{
	struct process *p;

	list_for_each(&process_table, p, table) {
		if (p->pgid == pgid || p->pid == pgid) {
			return true;
		}
	}
	return false;
}

bool
process_group_exists(int pgid, struct session *session)
{
	struct process *p;

	list_for_each(&process_table, p, table) {
		if (p->pgid == pgid && p->session == session) {
			return true;
		}
	}
	return false;
}

/* Has no member a parent in another group of the session? */
bool
process_group_orphaned(int pgid, struct process *leaving)
{
	struct process *p;

	list_for_each(&process_table, p, table) {
		if (p->pgid != pgid || p == leaving ||
		    p->state == PROCESS_ZOMBIE || p->parent == NULL ||
		    p->parent == process_init || p->parent == leaving) {
			continue;
		}
		if (p->parent->pgid != pgid &&
		    p->parent->session == p->session) {
			return false;
		}
	}
	return true;
}

static bool
process_group_stopped(int pgid)
{
	struct process *p;

	list_for_each(&process_table, p, table) {
		if (p->pgid == pgid && p->state == PROCESS_STOPPED) {
			return true;
		}
	}
	return false;
}

/* P leaves its group, which may lose its last tie to the session by that. */
static void
process_check_orphans(struct process *p, int pgid)
{
	if (!process_group_orphaned(pgid, p) || !process_group_stopped(pgid)) {
		return;
	}
	signal_post_group(pgid, L_SIGHUP, NULL);
	signal_post_group(pgid, L_SIGCONT, NULL);
}

static void
process_release(struct process *p)
{
	p->state = PROCESS_REAPED;
	list_remove(&p->table);
	list_remove(&p->sibling);
	process_count--;
	if (p->parent != NULL) {
		process_unref(p->parent);
	}
	p->parent = NULL;
	process_unref(p);
}

static void
process_notify_exit(struct process *p)
{
	struct process *parent = p->parent;
	struct siginfo info;
	const struct action *action;

	memset(&info, 0, sizeof(info));
	info.pid = p->pid;
	info.uid = p->cred.ruid;
	if ((p->status & 0x7f) != 0) {
		info.code = (p->status & 0x80) != 0 ? L_CLD_DUMPED :
		    L_CLD_KILLED;
		info.value = (uint32_t)p->status & 0x7f;
	} else {
		info.code = L_CLD_EXITED;
		info.value = (uint32_t)p->status >> 8 & 0xff;
	}
	action = &parent->actions[L_SIGCHLD];
	if (p->exit_signal == L_SIGCHLD && (action->handler == L_SIG_IGN ||
	    (action->flags & L_SA_NOCLDWAIT) != 0)) {
		parent->child_cpu_ns[0] += p->cpu_ns[0];
		parent->child_cpu_ns[1] += p->cpu_ns[1];
		process_ref(parent);
		process_release(p);
		if (action->handler != L_SIG_IGN) {
			signal_post(parent, L_SIGCHLD, &info);
		}
		waitq_wake(&parent->child_wait);
		process_unref(parent);
		return;
	}
	if (p->exit_signal != 0) {
		signal_post(parent, p->exit_signal, &info);
	}
	waitq_wake(&parent->child_wait);
}

/* CHILD is PARENT's from now on. */
void
process_set_parent(struct process *child, struct process *parent)
{
	process_ref(parent);
	list_remove(&child->sibling);
	process_unref(child->parent);
	child->parent = parent;
	list_add(&parent->children, &child->sibling);
}

/* Who has P's children when it ends: the next above it that said so. */
static struct process *
process_reaper(const struct process *p)
{
	struct process *above;

	for (above = p->parent; above != NULL; above = above->parent) {
		if (above->reaper && above->state != PROCESS_ZOMBIE) {
			return above;
		}
	}
	return process_init;
}

/* A child of REAPER that came from P and was not told so yet, or NULL. */
static struct process *
process_adopted(struct process *reaper)
{
	struct process *child;

	list_for_each(&reaper->children, child, sibling) {
		if (child->adopted) {
			child->adopted = false;
			return child;
		}
	}
	return NULL;
}

static void
process_adopt(struct process *p)
{
	struct process *reaper = process_reaper(p);
	struct process *child;
	struct siginfo info;

	memset(&info, 0, sizeof(info));
	info.pid = p->pid;
	info.uid = p->cred.ruid;
	while (!list_empty(&p->children)) {
		child = list_entry(p->children.next, struct process, sibling);
		process_set_parent(child, reaper);
		child->exit_signal = L_SIGCHLD;
		child->adopted = true;
	}
	/* What is sent to one may end others: look from the start each time. */
	while ((child = process_adopted(reaper)) != NULL) {
		process_ref(child);
		if (child->pgid != p->pgid) {
			process_check_orphans(p, child->pgid);
		}
		if (child->state == PROCESS_ZOMBIE) {
			if (!child->mourned) {
				process_notify_exit(child);
			}
		} else if (child->death_signal != 0) {
			signal_post(child, child->death_signal, &info);
		}
		process_unref(child);
	}
}

/* P's parent may know of its end. */
static void
process_tell_exit(struct process *p)
{
	if (p->parent == NULL) {
		return;
	}
	if (p->parent->pgid != p->pgid) {
		process_check_orphans(p, p->pgid);
	}
	process_notify_exit(p);
}

void
process_gone(struct process *p)
{
	p->mourned = false;
	process_tell_exit(p);
}

/*
 * P ends with STATUS, in the form of wait4.  Its task goes, its descriptors
 * are closed; it stays in the table for its parent.
 */
void
process_exit(struct process *p, int status)
{
	struct uthread *t;
	struct uthread *next;
	bool leader;

	if (p->state == PROCESS_ZOMBIE || p->state == PROCESS_REAPED) {
		return;
	}
	p->state = PROCESS_ZOMBIE;
	p->status = status;
	timer_clear(p, true);
	signal_discard(p, &p->pending, ~(sigset_bits_t)0);
	process_ref(p);
	/* A last thread that ends by itself has seen to that. */
	if ((status & 0x7f) != 0 || p->nthreads > 1) {
		task_stop(p);
		futex_process_died(p);
	}
	task_kill(p);
	list_for_each_safe(&p->threads, t, next, link) {
		uthread_detach(t);
		uthread_unref(t);
	}
	if (p->fds != NULL) {
		fd_table_unref(p->fds);
	}
	p->fds = NULL;
	if (p->image.file != NULL) {
		file_unref(p->image.file);
	}
	p->image.file = NULL;
	if (p->cwd != NULL) {
		file_unref(p->cwd);
	}
	if (p->root != NULL) {
		file_unref(p->root);
	}
	p->cwd = NULL;
	p->root = NULL;
	p->vforked = false;
	waitq_wake(&p->exec_wait);
	leader = p->session != NULL && p->session->sid == p->pid;
	if (leader && p->session->tty != NULL) {
		tty_session_exit(p->session->tty, p->session);
	}
	if (p != process_init) {
		process_adopt(p);
	}
	if (!p->mourned) {
		process_tell_exit(p);
	}
	process_unref(p);
}

/* Children that end with another signal than SIGCHLD are a kind of their own. */
static bool
process_wait_kind(const struct process *child, int options)
{
	bool clone = ((uint32_t)options & L_WCLONE) != 0;

	return (options & L_WALL) != 0 ||
	    (child->exit_signal != L_SIGCHLD) == clone;
}

static bool
process_wait_matches(const struct process *p, const struct process *child,
    int type, int id)
{
	switch (type) {
	case L_P_PID:
		return child->pid == id;
	case L_P_PGID:
		return child->pgid == (id != 0 ? id : p->pgid);
	default:
		return true;
	}
}

/*
 * Find a child with something to tell: *CHILDP and its *STATUSP.  The caller
 * takes note with process_reap.  -L_ECHILD: there is no such child at all.
 * -L_EAGAIN: none has anything to tell now.
 */
int
process_wait(struct process *p, int type, int id, int options,
    struct process **childp, int *statusp)
{
	struct process *child;
	bool any = false;

	list_for_each(&p->children, child, sibling) {
		if (!process_wait_matches(p, child, type, id) ||
		    !process_wait_kind(child, options)) {
			continue;
		}
		*childp = child;
		if (child->state == PROCESS_ZOMBIE && !child->mourned) {
			/* It will have nothing else to tell. */
			if ((options & L_WEXITED) == 0) {
				continue;
			}
			*statusp = child->status;
			return 0;
		}
		any = true;
		if ((options & L_WSTOPPED) != 0 && child->stop_signal != 0 &&
		    child->state == PROCESS_STOPPED) {
			*statusp = child->stop_signal << 8 | 0x7f;
			return 0;
		}
		if ((options & L_WCONTINUED) != 0 && child->continued) {
			*statusp = 0xffff;
			return 0;
		}
	}
	return any ? -L_EAGAIN : -L_ECHILD;
}

/* What process_wait found of CHILD was told. */
void
process_reap(struct process *p, struct process *child)
{
	if (child->state != PROCESS_ZOMBIE) {
		if (child->state == PROCESS_STOPPED) {
			child->stop_signal = 0;
		}
		child->continued = false;
		return;
	}
	for (int i = 0; i < 2; i++) {
		p->child_cpu_ns[i] += child->cpu_ns[i] +
		    child->child_cpu_ns[i];
	}
	process_release(child);
}

int32_t
process_setpgid(struct process *p, int pid, int pgid)
{
	struct process *who = pid == 0 ? p : process_lookup(pid);
	int old;

	if (pgid < 0) {
		return -L_EINVAL;
	}
	if (who == NULL || (who != p && who->parent != p)) {
		return -L_ESRCH;
	}
	if (pgid == 0) {
		pgid = who->pid;
	}
	if (who->session != p->session) {
		return -L_EPERM;
	}
	if (who != p && who->did_exec) {
		return -L_EACCES;
	}
	if (who->session != NULL && who->session->sid == who->pid) {
		return -L_EPERM;
	}
	if (pgid != who->pid && !process_group_exists(pgid, p->session)) {
		return -L_EPERM;
	}
	old = who->pgid;
	who->pgid = pgid;
	if (old != pgid) {
		process_check_orphans(who, old);
	}
	return 0;
}

int32_t
process_setsid(struct process *p)
{
	struct session *s;
	struct process *other;
	int old = p->pgid;

	list_for_each(&process_table, other, table) {
		if (other->pgid == p->pid) {
			return -L_EPERM;
		}
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		return -L_ENOMEM;
	}
	s->refs = 1;
	s->sid = p->pid;
	session_unref(p->session);
	p->session = s;
	p->pgid = p->pid;
	process_check_orphans(p, old);
	return p->pid;
}

bool
cred_in_group(const struct cred *c, uint32_t gid)
{
	if (c->fsgid == gid) {
		return true;
	}
	for (uint32_t i = 0; i < c->ngroups; i++) {
		if (c->groups[i] == gid) {
			return true;
		}
	}
	return false;
}

bool
cred_may_signal(const struct process *from, const struct process *to,
    int signal)
{
	const struct cred *c = &from->cred;

	if (c->euid == 0 || c->euid == to->cred.suid ||
	    c->euid == to->cred.ruid || c->ruid == to->cred.suid ||
	    c->ruid == to->cred.ruid) {
		return true;
	}
	return signal == L_SIGCONT && from->session == to->session;
}

/* WANT: 4 read, 2 write, 1 execute. */
int32_t
cred_access(const struct cred *c, uint32_t mode, uint32_t uid, uint32_t gid,
    int want)
{
	uint32_t bits;

	if (c->fsuid == 0) {
		if ((want & 1) != 0 && (mode & 0111) == 0 &&
		    (mode & L_S_IFMT) != L_S_IFDIR) {
			return -L_EACCES;
		}
		return 0;
	}
	if (c->fsuid == uid) {
		bits = mode >> 6 & 7;
	} else if (cred_in_group(c, gid)) {
		bits = mode >> 3 & 7;
	} else {
		bits = mode & 7;
	}
	return ((uint32_t)want & ~bits) != 0 ? -L_EACCES : 0;
}
