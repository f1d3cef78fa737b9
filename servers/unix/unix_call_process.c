/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls about processes: fork, exit, wait, groups, sessions, identities,
 * limits, usage.
 */
#include <servers/unix/unix_call.h>

#include <servers/lib/log.h>
#include <servers/unix/unix_proc.h>
#include <servers/unix/unix_task.h>
#include <servers/unix/unix_timer.h>
#include <stdlib.h>
#include <string.h>

/*
 * fork and clone.
 */

/* What a child process gets besides what process_create gives it. */
static int32_t
fork_share(struct process *child, struct process *p, uint32_t flags)
{
	if ((flags & L_CLONE_FILES) != 0 && (flags & L_CLONE_VFORK) == 0) {
		child->fds = p->fds;
		child->fds->refs++;
	} else {
		child->fds = fd_table_copy(p->fds);
		if (child->fds == NULL) {
			return -L_ENOMEM;
		}
	}
	child->cwd = p->cwd;
	child->root = p->root;
	file_ref(child->cwd);
	file_ref(child->root);
	child->exit_signal = (int)(flags & L_CSIGNAL);
	return 0;
}

/*
 * The new thread waits for own_thread_start: the caller stores its number
 * first, where it may be the word that the thread's end clears.
 */
static int32_t
fork_thread(struct uthread *t, const unix_frame_t *frame, uint32_t flags,
    uint32_t child_tid)
{
	struct process *p = t->process;
	struct uthread *new;
	unix_frame_t start = *frame;

	new = uthread_create(p, process_allocate_pid());
	if (new == NULL) {
		return -L_EAGAIN;
	}
	new->mask = t->mask;
	new->start_gs = frame->gs;
	if ((flags & L_CLONE_CHILD_CLEARTID) != 0) {
		new->clear_tid = child_tid;
	}
	start.fs = 0;
	if (uthread_make(new, frame->tls_low, frame->tls_high) !=
	    KERN_SUCCESS) {
		uthread_kill(new);
		uthread_detach(new);
		uthread_unref(new);
		return -L_EAGAIN;
	}
	uthread_set_frame(new, &start);
	return new->tid;
}

int32_t
call_own_thread_start(struct call *c)
{
	struct uthread *t = uthread_lookup((int)c->a[0]);

	if (t == NULL || t->process != c->p || t->started) {
		return -L_ESRCH;
	}
	t->started = true;
	return uthread_start(t, task_emul.entry_thread, uthread_block(t) +
	    EMUL_THREAD_SIZE, (uint32_t)t->tid, t->start_gs) == KERN_SUCCESS ?
	    0 : -L_EAGAIN;
}

/* The child's only thread has the block of the parent's that called. */
static struct uthread *
fork_first_thread(struct process *child, const struct uthread *t)
{
	uint64_t slots = ~((uint64_t)1 << t->slot);
	struct uthread *first;

	child->slots = slots;
	first = uthread_create(child, child->pid);
	child->slots = (uint64_t)1 << t->slot;
	if (first != NULL) {
		first->started = true;
		first->mask = t->mask;
		first->port_name = t->port_name;
	}
	return first;
}

/*
 * Until CHILD has a program of its own, or none.  It may be on T's stack, so
 * nothing but T's end makes T go on before that.
 */
static void
fork_wait(struct uthread *t, struct process *child)
{
	sigset_bits_t mask = t->mask;

	signal_set_mask(t, ~(sigset_bits_t)0);
	while (child->vforked && !t->dying) {
		thread_wait_on_begun(t, &child->exec_wait, 0);
	}
	if (!t->dying) {
		signal_set_mask(t, mask);
	}
}

/* What of clone there is; the rest is an error, not left out. */
#define FORK_FLAGS	(L_CSIGNAL | L_CLONE_VM | L_CLONE_FS | \
			 L_CLONE_FILES | L_CLONE_SIGHAND | L_CLONE_PTRACE | \
			 L_CLONE_VFORK | L_CLONE_PARENT | L_CLONE_THREAD | \
			 L_CLONE_SYSVSEM | L_CLONE_SETTLS | \
			 L_CLONE_PARENT_SETTID | L_CLONE_CHILD_CLEARTID | \
			 L_CLONE_DETACHED | L_CLONE_UNTRACED | \
			 L_CLONE_CHILD_SETTID | L_CLONE_IO)
#define FORK_THREAD	(L_CLONE_VM | L_CLONE_FS | L_CLONE_FILES | \
			 L_CLONE_SIGHAND | L_CLONE_THREAD)

/*
 * A thread shares all; a process shares memory only until its exec (vfork), and
 * neither directories nor handlers.
 */
static int32_t
fork_check(const struct process *p, uint32_t flags)
{
	if ((flags & ~FORK_FLAGS) != 0 || (flags & L_CSIGNAL) > L_SIGMAX) {
		return -L_EINVAL;
	}
	if ((flags & L_CLONE_THREAD) != 0) {
		return (flags & FORK_THREAD) == FORK_THREAD &&
		    (flags & L_CLONE_VFORK) == 0 ? 0 : -L_EINVAL;
	}
	if ((flags & (L_CLONE_FS | L_CLONE_SIGHAND)) != 0 ||
	    (flags & (L_CLONE_VM | L_CLONE_VFORK)) == L_CLONE_VM) {
		return -L_EINVAL;
	}
	return (flags & L_CLONE_PARENT) != 0 && p->parent == NULL ?
	    -L_EINVAL : 0;
}

/*
 * Wait while another thread of the process forks: its memory may be marked for
 * that.  False: T ended.
 */
static bool
fork_begin(struct uthread *t)
{
	struct process *p = t->process;
	sigset_bits_t mask = t->mask;

	if (p->forking) {
		signal_set_mask(t, ~(sigset_bits_t)0);
		while (p->forking && !t->dying) {
			thread_wait_on_begun(t, &p->fork_wait, 0);
		}
		if (!t->dying) {
			signal_set_mask(t, mask);
		}
	}
	if (t->dying) {
		return false;
	}
	p->forking = true;
	return true;
}

static void
fork_end(struct process *p)
{
	p->forking = false;
	waitq_wake(&p->fork_wait);
}

/* CHILD's task and FIRST thread, of which T's are the model. */
static kern_return_t
fork_task(struct process *child, struct uthread *first, struct uthread *t,
    uint32_t flags, const unix_frame_t *frame)
{
	struct process *p = t->process;
	kern_return_t kr;

	kr = (flags & L_CLONE_VM) != 0 ?
	    task_make_sharing(child, p, p->task) :
	    task_make(child, p, p->task);
	if (kr == KERN_SUCCESS && t->dying) {
		kr = KERN_ABORTED;
	}
	if (kr == KERN_SUCCESS) {
		kr = uthread_make_forked(first, t, frame->tls_low,
		    frame->tls_high);
	}
	return kr;
}

static int32_t
fork_process(struct uthread *t, uint32_t flags, const unix_frame_t *frame,
    uint32_t child_tid)
{
	struct process *p = t->process;
	struct process *child;
	struct uthread *first;
	int32_t error;
	kern_return_t kr;
	int pid;

	if (!fork_begin(t)) {
		return -L_EINTR;
	}
	child = process_create(p);
	if (child == NULL) {
		fork_end(p);
		return -L_EAGAIN;
	}
	process_ref(child);
	pid = child->pid;
	error = fork_share(child, p, flags);
	first = error == 0 ? fork_first_thread(child, t) : NULL;
	kr = first == NULL ? KERN_RESOURCE_SHORTAGE :
	    fork_task(child, first, t, flags, frame);
	fork_end(p);
	if (kr != KERN_SUCCESS) {
		child->exit_signal = 0;
		process_exit(child, 0);
		process_reap(p, child);
		process_unref(child);
		return -L_EAGAIN;
	}
	if ((flags & L_CLONE_CHILD_CLEARTID) != 0) {
		first->clear_tid = child_tid;
	}
	if ((flags & L_CLONE_PARENT) != 0) {
		child->exit_signal = p->exit_signal;
		process_set_parent(child, p->parent);
	}
	if (child->limits[L_RLIMIT_CPU].cur != UINT64_MAX) {
		timer_kick();
	}
	child->vforked = (flags & L_CLONE_VFORK) != 0;
	uthread_start(first, task_emul.entry_child, uthread_block(first) +
	    EMUL_THREAD_SIZE, (uint32_t)pid, frame->gs);
	signal_begin(child);
	if (child->vforked) {
		fork_wait(t, child);
	}
	process_unref(child);
	return pid;
}

int32_t
call_fork(struct uthread *t, uint32_t flags, const unix_frame_t *frame,
    uint32_t child_tid)
{
	int32_t result = fork_check(t->process, flags);

	if (result != 0) {
		return result;
	}
	if ((flags & L_CLONE_THREAD) != 0) {
		return fork_thread(t, frame, flags, child_tid);
	}
	/* It waits for memory, for others that fork, for a child of vfork. */
	result = sleep_begin(t->process);
	if (result == 0) {
		result = fork_process(t, flags, frame, child_tid);
		sleep_end(t->process);
	}
	return result;
}

/*
 * The end.
 */

/* A thread ends by itself; with the last one, the process. */
int32_t
call_exit(struct call *c)
{
	struct uthread *t = c->t;

	if (c->p->nthreads <= 1) {
		process_exit(c->p, (int)(c->a[0] & 0xff) << 8);
		return 0;
	}
	if (t->clear_tid != 0) {
		/* The library has cleared it. */
		c->a[0] = t->clear_tid;
		c->a[1] = L_FUTEX_WAKE;
		c->a[2] = 1;
		call_own_futex_wake(c);
	}
	uthread_kill(t);
	uthread_detach(t);
	uthread_unref(t);
	return 0;
}

int32_t
call_exit_group(struct call *c)
{
	process_exit(c->p, (int)(c->a[0] & 0xff) << 8);
	return 0;
}

/*
 * Waiting.
 */

static void
usage_linux(struct linux_rusage *out, uint64_t user, uint64_t system)
{
	memset(out, 0, sizeof(*out));
	out->utime.sec = (int32_t)(user / 1000000000);
	out->utime.usec = (int32_t)(user / 1000 % 1000000);
	out->stime.sec = (int32_t)(system / 1000000000);
	out->stime.usec = (int32_t)(system / 1000 % 1000000);
}

/* Of a child and all that it waited for itself. */
static void
usage_child(struct linux_rusage *out, struct process *child)
{
	struct proc_usage usage;

	proc_machine_usage(child, &usage);
	usage_linux(out, usage.user_ns + child->child_cpu_ns[0],
	    usage.system_ns + child->child_cpu_ns[1]);
}

static int32_t
wait_child(struct call *c, int type, int id, int options,
    struct process **childp, int *statusp)
{
	int result;

	for (;;) {
		result = process_wait(c->p, type, id, options, childp,
		    statusp);
		if (result != -L_EAGAIN || (options & L_WNOHANG) != 0) {
			return result;
		}
		result = thread_wait_on(c->t, &c->p->child_wait, 0);
		if (result != 0) {
			return result == -L_EINTR ? -L_ERESTARTSYS : result;
		}
	}
}

#define WAIT_KINDS	((int)(L_WNOTHREAD | L_WALL | L_WCLONE))

int32_t
call_wait4(struct call *c)
{
	struct process *child = NULL;
	int pid = (int)c->a[0];
	int options = (int)c->a[2];
	int status;
	int32_t result;

	if ((options & ~(L_WNOHANG | L_WUNTRACED | L_WCONTINUED |
	    WAIT_KINDS)) != 0) {
		return -L_EINVAL;
	}
	if (pid == INT32_MIN) {
		return -L_ESRCH;
	}
	result = wait_child(c, pid > 0 ? L_P_PID : pid == -1 ? L_P_ALL :
	    L_P_PGID, pid < 0 ? -pid : pid, options | L_WEXITED, &child,
	    &status);
	if (result == -L_EAGAIN && (options & L_WNOHANG) != 0) {
		return 0;
	}
	if (result != 0) {
		return result;
	}
	if (c->out[1] != NULL) {
		memcpy(c->out[1], &status, sizeof(status));
	}
	if (c->out[3] != NULL) {
		usage_child((struct linux_rusage *)(void *)c->out[3], child);
	}
	result = child->pid;
	process_reap(c->p, child);
	return result;
}

int32_t
call_waitid(struct call *c)
{
	struct process *child = NULL;
	struct linux_siginfo info;
	int options = (int)c->a[3];
	int status;
	int32_t result;

	if (c->a[0] > L_P_PGID || (options & (L_WEXITED | L_WSTOPPED |
	    L_WCONTINUED)) == 0 || (options & ~(L_WNOHANG | L_WNOWAIT |
	    L_WEXITED | L_WSTOPPED | L_WCONTINUED | WAIT_KINDS)) != 0 ||
	    (c->a[0] == L_P_PID && (int)c->a[1] <= 0) ||
	    (c->a[0] == L_P_PGID && (int)c->a[1] < 0)) {
		return -L_EINVAL;
	}
	result = wait_child(c, (int)c->a[0], (int)c->a[1], options, &child,
	    &status);
	memset(&info, 0, sizeof(info));
	if (result == 0) {
		info.signo = L_SIGCHLD;
		info.u.child.pid = child->pid;
		info.u.child.uid = child->cred.ruid;
		if (status == 0xffff) {
			info.code = L_CLD_CONTINUED;
			info.u.child.status = L_SIGCONT;
		} else if ((status & 0xff) == 0x7f) {
			info.code = L_CLD_STOPPED;
			info.u.child.status = status >> 8;
		} else if ((status & 0x7f) != 0) {
			info.code = L_CLD_KILLED;
			info.u.child.status = status & 0x7f;
		} else {
			info.code = L_CLD_EXITED;
			info.u.child.status = status >> 8;
		}
		if (c->out[4] != NULL) {
			usage_child((struct linux_rusage *)(void *)c->out[4],
			    child);
		}
		if ((options & L_WNOWAIT) == 0) {
			process_reap(c->p, child);
		}
	} else if (result != -L_EAGAIN || (options & L_WNOHANG) == 0) {
		return result;
	}
	if (c->out[2] != NULL) {
		memcpy(c->out[2], &info, sizeof(info));
	}
	return 0;
}

/*
 * Numbers.
 */

int32_t
call_getpid(struct call *c)
{
	return c->p->pid;
}

int32_t
call_gettid(struct call *c)
{
	return c->t->tid;
}

int32_t
call_getppid(struct call *c)
{
	return c->p->parent != NULL ? c->p->parent->pid : 0;
}

int32_t
call_getpgrp(struct call *c)
{
	return c->p->pgid;
}

static struct process *
process_argument(struct call *c, int i)
{
	return c->a[i] == 0 ? c->p : process_lookup((int)c->a[i]);
}

int32_t
call_getpgid(struct call *c)
{
	struct process *p = process_argument(c, 0);

	return p != NULL ? p->pgid : -L_ESRCH;
}

int32_t
call_getsid(struct call *c)
{
	struct process *p = process_argument(c, 0);

	if (p == NULL) {
		return -L_ESRCH;
	}
	return p->session != NULL ? p->session->sid : 0;
}

int32_t
call_setpgid(struct call *c)
{
	return process_setpgid(c->p, (int)c->a[0], (int)c->a[1]);
}

int32_t
call_setsid(struct call *c)
{
	return process_setsid(c->p);
}

int32_t
call_set_tid_address(struct call *c)
{
	c->t->clear_tid = c->a[0];
	return c->t->tid;
}

/*
 * Identities.
 */

/* The file server must know the process by its new identity. */
void
call_reauth(struct process *p)
{
	struct file *old;
	struct file *fresh;
	uint32_t handle;

	for (int i = 0; i < 2; i++) {
		old = i == 0 ? p->root : p->cwd;
		if (old == NULL || old->port == 0) {
			continue;
		}
		file_ref(old);
		if (remote_reauth(old->port, &p->cred, &handle) == 0) {
			fresh = remote_file(handle, L_O_PATH);
			if (fresh != NULL && p->cwd != NULL) {
				if (i == 0) {
					p->root = fresh;
				} else {
					p->cwd = fresh;
				}
				file_unref(old);
			}
		}
		file_unref(old);
	}
}

int32_t
call_getuid(struct call *c)
{
	return (int32_t)c->p->cred.ruid;
}

int32_t
call_geteuid(struct call *c)
{
	return (int32_t)c->p->cred.euid;
}

int32_t
call_getgid(struct call *c)
{
	return (int32_t)c->p->cred.rgid;
}

int32_t
call_getegid(struct call *c)
{
	return (int32_t)c->p->cred.egid;
}

/* Real, effective, saved: -1 leaves one alone. */
static int32_t
set_ids(struct call *c, bool group, uint32_t r, uint32_t e, uint32_t s)
{
	struct cred *cred = &c->p->cred;
	uint32_t *ids[3] = { group ? &cred->rgid : &cred->ruid,
	    group ? &cred->egid : &cred->euid,
	    group ? &cred->sgid : &cred->suid };
	uint32_t want[3] = { r, e, s };

	for (int i = 0; i < 3 && cred->euid != 0; i++) {
		if (want[i] != ~0u && want[i] != *ids[0] &&
		    want[i] != *ids[1] && want[i] != *ids[2]) {
			return -L_EPERM;
		}
	}
	for (int i = 0; i < 3; i++) {
		if (want[i] != ~0u) {
			*ids[i] = want[i];
		}
	}
	cred->fsuid = cred->euid;
	cred->fsgid = cred->egid;
	call_reauth(c->p);
	return 0;
}

int32_t
call_setuid(struct call *c)
{
	bool root = c->p->cred.euid == 0;

	return set_ids(c, false, root ? c->a[0] : ~0u, c->a[0],
	    root ? c->a[0] : ~0u);
}

int32_t
call_setgid(struct call *c)
{
	bool root = c->p->cred.euid == 0;

	return set_ids(c, true, root ? c->a[0] : ~0u, c->a[0],
	    root ? c->a[0] : ~0u);
}

int32_t
call_setreuid(struct call *c)
{
	uint32_t saved = c->a[0] != ~0u || (c->a[1] != ~0u &&
	    c->a[1] != c->p->cred.ruid) ? c->a[1] : ~0u;

	return set_ids(c, false, c->a[0], c->a[1], saved);
}

int32_t
call_setregid(struct call *c)
{
	uint32_t saved = c->a[0] != ~0u || (c->a[1] != ~0u &&
	    c->a[1] != c->p->cred.rgid) ? c->a[1] : ~0u;

	return set_ids(c, true, c->a[0], c->a[1], saved);
}

int32_t
call_setresuid(struct call *c)
{
	return set_ids(c, false, c->a[0], c->a[1], c->a[2]);
}

int32_t
call_setresgid(struct call *c)
{
	return set_ids(c, true, c->a[0], c->a[1], c->a[2]);
}

/* Of two or four bytes, as the call has it. */
static int32_t
give_ids(struct call *c, uint32_t r, uint32_t e, uint32_t s)
{
	uint32_t ids[3] = { r, e, s };

	for (int i = 0; i < 3; i++) {
		if (c->out[i] == NULL) {
			return -L_EFAULT;
		}
		memcpy(c->out[i], &ids[i], c->out_size[i]);
	}
	return 0;
}

int32_t
call_getresuid(struct call *c)
{
	return give_ids(c, c->p->cred.ruid, c->p->cred.euid, c->p->cred.suid);
}

int32_t
call_getresuid32(struct call *c)
{
	return call_getresuid(c);
}

int32_t
call_getresgid(struct call *c)
{
	return give_ids(c, c->p->cred.rgid, c->p->cred.egid, c->p->cred.sgid);
}

int32_t
call_getresgid32(struct call *c)
{
	return call_getresgid(c);
}

int32_t
call_setfsuid(struct call *c)
{
	struct cred *cred = &c->p->cred;
	uint32_t old = cred->fsuid;

	if (cred->euid == 0 || c->a[0] == cred->ruid ||
	    c->a[0] == cred->euid || c->a[0] == cred->suid) {
		cred->fsuid = c->a[0];
		call_reauth(c->p);
	}
	return (int32_t)old;
}

int32_t
call_setfsgid(struct call *c)
{
	struct cred *cred = &c->p->cred;
	uint32_t old = cred->fsgid;

	if (cred->euid == 0 || c->a[0] == cred->rgid ||
	    c->a[0] == cred->egid || c->a[0] == cred->sgid) {
		cred->fsgid = c->a[0];
		call_reauth(c->p);
	}
	return (int32_t)old;
}

int32_t
call_getgroups32(struct call *c)
{
	struct cred *cred = &c->p->cred;
	uint32_t size = c->number == CALL_getgroups ? 2 : 4;

	if (c->a[0] == 0) {
		return (int32_t)cred->ngroups;
	}
	if (c->a[0] < cred->ngroups) {
		return -L_EINVAL;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	for (uint32_t i = 0; i < cred->ngroups; i++) {
		memcpy(c->out[1] + i * size, &cred->groups[i], size);
	}
	return (int32_t)cred->ngroups;
}

int32_t
call_getgroups(struct call *c)
{
	return call_getgroups32(c);
}

int32_t
call_setgroups32(struct call *c)
{
	struct cred *cred = &c->p->cred;
	uint32_t size = c->number == CALL_setgroups ? 2 : 4;

	if (cred->euid != 0) {
		return -L_EPERM;
	}
	if (c->a[0] > UNIX_GROUPS_MAX) {
		return -L_EINVAL;
	}
	if (c->a[0] != 0 && c->in[1] == NULL) {
		return -L_EFAULT;
	}
	memset(cred->groups, 0, sizeof(cred->groups));
	for (uint32_t i = 0; i < c->a[0]; i++) {
		memcpy(&cred->groups[i], c->in[1] + i * size, size);
	}
	cred->ngroups = c->a[0];
	call_reauth(c->p);
	return 0;
}

int32_t
call_setgroups(struct call *c)
{
	return call_setgroups32(c);
}

int32_t
call_umask(struct call *c)
{
	uint32_t old = c->p->umask;

	c->p->umask = c->a[0] & 0777;
	return (int32_t)old;
}

/*
 * Limits, usage.
 */

static uint32_t
limit_to_linux(uint64_t limit)
{
	return limit > 0xfffffffeu ? L_RLIM_INFINITY : (uint32_t)limit;
}

static uint64_t
limit_from_linux(uint32_t limit)
{
	return limit == L_RLIM_INFINITY ? UINT64_MAX : limit;
}

int32_t
call_getrlimit(struct call *c)
{
	uint32_t out[2];

	if (c->a[0] >= L_RLIM_NLIMITS) {
		return -L_EINVAL;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	out[0] = limit_to_linux(c->p->limits[c->a[0]].cur);
	out[1] = limit_to_linux(c->p->limits[c->a[0]].max);
	memcpy(c->out[1], out, sizeof(out));
	return 0;
}

static int32_t
limit_set(struct process *p, struct process *who, uint32_t which,
    uint64_t cur, uint64_t max)
{
	struct linux_limit *limit = &who->limits[which];

	if (cur > max) {
		return -L_EINVAL;
	}
	if (max > limit->max && p->cred.euid != 0) {
		return -L_EPERM;
	}
	limit->cur = cur;
	limit->max = max;
	if (which == L_RLIMIT_CPU) {
		who->timers->limit_ns = 0;
		timer_kick();
	}
	return 0;
}

int32_t
call_setrlimit(struct call *c)
{
	uint32_t in[2];

	if (c->a[0] >= L_RLIM_NLIMITS) {
		return -L_EINVAL;
	}
	if (c->in[1] == NULL) {
		return -L_EFAULT;
	}
	memcpy(in, c->in[1], sizeof(in));
	return limit_set(c->p, c->p, c->a[0], limit_from_linux(in[0]),
	    limit_from_linux(in[1]));
}

int32_t
call_prlimit64(struct call *c)
{
	struct process *who = process_argument(c, 0);
	uint64_t values[2];

	if (c->a[1] >= L_RLIM_NLIMITS) {
		return -L_EINVAL;
	}
	if (who == NULL) {
		return -L_ESRCH;
	}
	if (who != c->p && c->p->cred.euid != 0 &&
	    c->p->cred.euid != who->cred.ruid) {
		return -L_EPERM;
	}
	if (c->out[3] != NULL) {
		values[0] = who->limits[c->a[1]].cur;
		values[1] = who->limits[c->a[1]].max;
		memcpy(c->out[3], values, sizeof(values));
	}
	if (c->in[2] == NULL) {
		return 0;
	}
	memcpy(values, c->in[2], sizeof(values));
	return limit_set(c->p, who, c->a[1], values[0], values[1]);
}

int32_t
call_getrusage(struct call *c)
{
	struct proc_usage usage;
	struct linux_rusage *out = (void *)c->out[1];

	if (out == NULL) {
		return -L_EFAULT;
	}
	if ((int32_t)c->a[0] == -1) {
		usage_linux(out, c->p->child_cpu_ns[0],
		    c->p->child_cpu_ns[1]);
		return 0;
	}
	if (c->a[0] > L_RUSAGE_THREAD) {
		return -L_EINVAL;
	}
	if (c->a[0] == L_RUSAGE_THREAD) {
		proc_machine_thread_usage(c->t, &usage);
	} else {
		proc_machine_usage(c->p, &usage);
	}
	usage_linux(out, usage.user_ns, usage.system_ns);
	return 0;
}

int32_t
call_times(struct call *c)
{
	struct proc_usage usage;
	uint32_t out[4];

	if (c->out[0] != NULL) {
		proc_machine_usage(c->p, &usage);
		out[0] = (uint32_t)(usage.user_ns / 10000000);
		out[1] = (uint32_t)(usage.system_ns / 10000000);
		out[2] = (uint32_t)(c->p->child_cpu_ns[0] / 10000000);
		out[3] = (uint32_t)(c->p->child_cpu_ns[1] / 10000000);
		memcpy(c->out[0], out, sizeof(out));
	}
	return (int32_t)(unix_now_ns() / 10000000 & 0x3fffffff);
}

/* What of prctl is of the process and not in the library. */
int32_t
call_own_prctl(struct call *c)
{
	struct process *p = c->p;
	uint32_t value = c->a[1];

	switch (c->a[0]) {
	case L_PR_SET_PDEATHSIG:
		if (value > L_SIGMAX) {
			return -L_EINVAL;
		}
		p->death_signal = (int)value;
		return 0;
	case L_PR_GET_PDEATHSIG:
		value = (uint32_t)p->death_signal;
		break;
	case L_PR_GET_DUMPABLE:
		return p->undumpable ? 0 : 1;
	case L_PR_SET_DUMPABLE:
		if (value > 1) {
			return -L_EINVAL;
		}
		p->undumpable = value == 0;
		return 0;
	case L_PR_GET_NAME:
		if (c->out[3] == NULL) {
			return -L_EFAULT;
		}
		memcpy(c->out[3], p->name, sizeof(p->name));
		return 0;
	case L_PR_SET_CHILD_SUBREAPER:
		p->reaper = value != 0;
		return 0;
	case L_PR_GET_CHILD_SUBREAPER:
		value = p->reaper ? 1 : 0;
		break;
	case L_PR_SET_NO_NEW_PRIVS:
		if (value != 1) {
			return -L_EINVAL;
		}
		p->no_new_privs = true;
		return 0;
	case L_PR_GET_NO_NEW_PRIVS:
		return p->no_new_privs ? 1 : 0;
	default:
		return -L_EINVAL;
	}
	if (c->out[3] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[3], &value, sizeof(value));
	return 0;
}

int32_t
call_own_set_name(struct call *c)
{
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->p->name, c->in[0], sizeof(c->p->name));
	c->p->name[sizeof(c->p->name) - 1] = '\0';
	task_tell_name(c->p);
	return 0;
}

/* A call that does not exist: said once for each. */
int32_t
call_own_unknown(struct call *c)
{
	static uint32_t seen[512 / 32];
	uint32_t n = c->a[0];

	if (n < 512 && (seen[n / 32] >> n % 32 & 1) != 0) {
		return -L_ENOSYS;
	}
	if (n < 512) {
		seen[n / 32] |= 1u << n % 32;
	}
	log_info("%s (%d): unknown call %u", c->p->name, c->p->pid, n);
	return -L_ENOSYS;
}
