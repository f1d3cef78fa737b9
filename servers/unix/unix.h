/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The types of the UNIX server.  One lock, unix_lock, protects everything
 * here; it is released in thread_wait and around requests to other servers
 * (unix_unlock, unix_lock_again), so whatever was looked up before must be
 * referenced or looked up again after.
 *
 * Functions of logic modules are entered with the lock held and never release
 * it; calls (unix_call_*.c) may.
 */
#ifndef SERVERS_UNIX_UNIX_H
#define SERVERS_UNIX_UNIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <servers/file_types.h>
#include <servers/unix_types.h>
#include <servers/unix/calls.h>
#include <servers/unix/linux.h>

#define UNIX_FD_MAX		1024
#define UNIX_THREAD_MAX		64
#define UNIX_PROCESS_MAX	1024
#define UNIX_PID_MAX		32768
#define UNIX_GROUPS_MAX		32
#define UNIX_EXEC_MAX		(1024 * 1024)
#define UNIX_SIGPENDING_MAX	2048		/* queued signals of a user */

typedef uint64_t sigset_bits_t;
#define SIGBIT(n)	((sigset_bits_t)1 << ((n) - 1))

struct process;
struct uthread;
struct file;
struct node;
struct timers;
struct tty;

/* Circular lists; a head is a struct list, so is a link. */
struct list {
	struct list	*next;
	struct list	*prev;
};

#define LIST_INIT(l)	{ &(l), &(l) }
#define list_entry(p, type, member) \
	((type *)(void *)((char *)(p) - offsetof(type, member)))
#define list_for_each(head, p, member) \
	for ((p) = list_entry((head)->next, typeof(*(p)), member); \
	    &(p)->member != (head); \
	    (p) = list_entry((p)->member.next, typeof(*(p)), member))
#define list_for_each_safe(head, p, n, member) \
	for ((p) = list_entry((head)->next, typeof(*(p)), member), \
	    (n) = list_entry((p)->member.next, typeof(*(p)), member); \
	    &(p)->member != (head); \
	    (p) = (n), (n) = list_entry((n)->member.next, typeof(*(n)), member))

static inline void
list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void
list_add(struct list *head, struct list *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

/* L is then a list by itself; removing it again does no harm. */
static inline void
list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

/* Threads that wait for something to change. */
struct waitq {
	struct list	waiters;	/* struct waiter.link */
};

struct waiter {
	struct list	link;
	struct uthread	*thread;
	/* Instead of waking THREAD: EVENTS (L_POLL*) may have come. */
	void		(*notify)(struct waiter *w, int events);
};

/* The program of a process: its file, and where in its memory things are. */
struct process_image {
	struct file	*file;		/* keeps it from being written to */
	uint32_t	code_start;
	uint32_t	code_end;
	uint32_t	heap_start;
	uint32_t	stack_start;
	uint32_t	arg_start;	/* strings, as exec put them there */
	uint32_t	arg_end;
	uint32_t	env_start;
	uint32_t	env_end;
};

/* Who a process is. */
struct cred {
	uint32_t	ruid, euid, suid, fsuid;
	uint32_t	rgid, egid, sgid, fsgid;
	uint32_t	ngroups;
	uint32_t	groups[UNIX_GROUPS_MAX];
};

/* What is known of a signal that is pending. */
struct siginfo {
	int32_t		code;
	int32_t		pid;
	uint32_t	uid;
	uint32_t	value;		/* status, value, or fault address */
	uint32_t	trap;
	uint32_t	error;
};

struct action {
	uint32_t	handler;	/* L_SIG_DFL, L_SIG_IGN or an address */
	uint32_t	flags;
	uint32_t	restorer;
	sigset_bits_t	mask;
};

/*
 * Of each signal below L_SIGRTMIN one can be pending, of those above as many
 * as there is room in the queue: in the order that they came.  One that is in
 * SET but not in the queue found no room; nothing is known of it.
 */
struct pending {
	sigset_bits_t	set;
	struct siginfo	info[L_SIGRTMIN];
	struct list	queue;		/* struct queued_signal.link */
};

struct session {
	int		refs;
	int		sid;
	struct tty	*tty;		/* controlling terminal */
};

struct fd {
	struct file	*file;
	bool		cloexec;
};

/* Who has locks on files, and how many: unix_record.c. */
struct record_owner {
	int		count;
};

struct fd_table {
	int			refs;
	int			size;	/* of fds; grows */
	struct fd		*fds;
	struct record_owner	locks;
};

enum process_state {
	PROCESS_NEW,		/* being made */
	PROCESS_LIVE,
	PROCESS_STOPPED,
	PROCESS_ZOMBIE,		/* waits for its parent */
	PROCESS_REAPED		/* out of the table; somebody still refers */
};

struct process {
	int			refs;
	int			pid;
	enum process_state	state;
	struct list		table;		/* all processes, by age */
	struct process		*parent;	/* referenced; NULL: pid 1 */
	struct list		children;	/* their sibling links */
	struct list		sibling;
	struct list		threads;	/* struct uthread.link */
	int			nthreads;
	int			sleeps;		/* unix_sync.c: its calls that
						   may wait for ever */
	uint64_t		slots;		/* thread blocks in use */
	int			pgid;
	struct session		*session;
	struct cred		cred;
	struct linux_limit {
		uint64_t	cur;
		uint64_t	max;
	}			limits[L_RLIM_NLIMITS];
	uint32_t		umask;
	struct file		*cwd;
	struct file		*root;
	struct fd_table		*fds;
	struct action		actions[L_SIGMAX + 1];
	struct pending		pending;
	uint32_t		queued;		/* signals, its threads' too */
	struct waitq		child_wait;	/* wait4 of the parent */
	struct waitq		exec_wait;	/* vfork's parent */
	struct waitq		fork_wait;	/* of threads that would fork, */
	bool			forking;	/* while another does */
	const struct task_lent	*lent;		/* task_is_lent; or NULL */
	struct waitq		signal_wait;	/* a signal is pending */
	bool			vforked;	/* parent waits for exec, exit */
	bool			mourned;	/* task_mourn ends its task, and
						   nobody is told before */
	bool			did_exec;	/* setpgid of a child is late */
	int			exit_signal;	/* to the parent, at the end */
	int			death_signal;	/* to it, at the parent's end */
	bool			adopted;	/* and not told so yet */
	bool			reaper;		/* of its descendants' orphans */
	bool			no_new_privs;	/* exec gives no identity */
	bool			undumpable;
	int			status;		/* as of wait4, of a zombie */
	int			stop_signal;	/* to report, 0: reported */
	bool			continued;	/* to report */
	uint32_t		task;		/* its Mach task */
	uint64_t		start_ns;	/* when it was made */
	uint64_t		cpu_ns[2];	/* user, system: at its end */
	uint64_t		child_cpu_ns[2]; /* of children waited for */
	struct timers		*timers;	/* [I] unix_timer.c */
	int			nice;
	int			policy;		/* L_SCHED_* */
	char			name[16];
	struct process_image	image;
};

/* What a futex is known by: process and address, or object and offset. */
struct futex_key {
	uint32_t	space;
	uint32_t	offset;
	bool		shared;
};

/* How a thread that is in a call of ours stands. */
struct uthread_wait {
	bool		woken;
	bool		sleeping;
	/*
	 * It waits without the lock for another server, which answers to PORT:
	 * to be called when a signal comes, or its end.  Or NULL.
	 */
	void		(*stop)(uint32_t port);
	uint32_t	port;
};

struct uthread {
	int			refs;
	struct list		link;
	struct process		*process;	/* referenced */
	int			tid;
	unsigned		slot;		/* of its thread block */
	uint32_t		thread;		/* its Mach thread */
	sigset_bits_t		mask;
	sigset_bits_t		saved_mask;	/* to restore after sigsuspend */
	bool			restore_mask;
	struct pending		pending;
	bool			dying;
	int			in_call;	/* requests being answered */
	struct uthread_wait	wait;
	void			*cond;		/* unix_sync.c */
	uint32_t		clear_tid;	/* address, of set_tid_address */
	bool			started;	/* a clone waits for its start */
	uint32_t		start_gs;
	uint64_t		restart_ns;	/* of restart_syscall: deadline */
	struct futex_key	futex;		/* waited for */
	uint32_t		futex_bits;
	bool			futex_waits;
	uint64_t		futex_number;	/* of all waits */
	struct list		futex_link;
	void			*port;		/* unix_task.c: its object */
	uint32_t		port_name;	/* in its task */
	void			*block;		/* unix_task.c: its block, which
						   this server maps too */
	uint32_t		robust;		/* of it, when it had ended */
};

/* What an open file does.  Results are values or negative errnos. */
struct file_ops {
	const char	*name;
	int32_t		(*read)(struct file *f, struct uthread *t, char *buf,
			    uint32_t n, int64_t *offset);
	/*
	 * Until when a read waits that began at SINCE and found too little,
	 * 0: for ever; and what it gives then.  NULL: no such limit.
	 */
	uint64_t	(*read_until)(struct file *f, uint64_t since);
	int32_t		(*read_late)(struct file *f, char *buf, uint32_t n);
	int32_t		(*write)(struct file *f, struct uthread *t,
			    const char *buf, uint32_t n, int64_t *offset);
	int32_t		(*ioctl)(struct file *f, struct uthread *t,
			    uint32_t command, uint32_t arg, const char *in,
			    char *out);
	/* Which of L_POLL* hold for T; QUEUE tells when that may change. */
	int		(*poll)(struct file *f, struct uthread *t,
			    struct waitq **queue);
	int32_t		(*stat)(struct file *f, struct file_stat *st);
	int64_t		(*seek)(struct file *f, int64_t offset, int whence);
	int32_t		(*readdir)(struct file *f, char *buf, uint32_t n);
	int32_t		(*truncate)(struct file *f, uint64_t size);
	void		(*close)(struct file *f);
};

/* An open description: shared by dup and fork. */
struct file {
	int			refs;
	const struct file_ops	*ops;
	uint32_t		flags;		/* L_O_* */
	int64_t			offset;
	uint32_t		port;		/* file server's handle, or 0 */
	uint32_t		kind;		/* UNIX_HANDLE_* */
	struct node		*node;		/* file in memory, or NULL;
						   referenced */
	void			*object;	/* pipe, terminal ... */
	uint64_t		dev;		/* with a port: which file, */
	uint64_t		ino;		/* if not 0 */
	struct list		watchers;	/* of unix_epoll.c */
	struct record_owner	locks;		/* of flock and F_OFD_* */
	bool			program;	/* runs: counted in node->texts */
	char			*text;		/* of /proc, if it is kept, */
	uint32_t		text_size;	/* as it was at open */
};

/* A call being handled: what IN points to has the size that calls.h says. */
struct call {
	struct uthread		*t;
	struct process		*p;
	uint32_t		number;
	uint32_t		a[6];
	const char		*in[6];		/* NULL: none */
	uint32_t		in_size[6];
	char			*out[6];
	uint32_t		out_size[6];
	bool			no_reply;
	bool			write_out;	/* OUT is valid though failed */
};

/* unix_sync.c */
void unix_lock(void);
void unix_unlock(void);
uint64_t unix_now_ns(void);		/* since the boot; never set */
struct timespec;
/* DEADLINE, of that clock, as CLOCK_MONOTONIC has it. */
void unix_deadline(uint64_t deadline_ns, struct timespec *ts);
void unix_time(int64_t *sec, uint32_t *nsec);	/* of day */
void waitq_init(struct waitq *q);
void waitq_wake(struct waitq *q);
/* The same where only those EVENTS (L_POLL*) may have come. */
void waitq_wake_for(struct waitq *q, int events);
void waiter_add(struct waiter *w, struct waitq *q, struct uthread *t);
void waiter_remove(struct waiter *w);
void thread_wake(struct uthread *t);
/* Is T to stop waiting, for a signal or for good? */
bool thread_is_interrupted(const struct uthread *t);
/*
 * A call on behalf of P is about to wait, perhaps for ever: that keeps a thread
 * of this server, so there is a bound for all, a lower one for each user, and
 * some are left to root.  Not 0 but -L_EAGAIN: it must not wait.
 */
int sleep_begin(struct process *p);
void sleep_end(struct process *p);
extern int sleep_max;			/* [I] of all */
/*
 * Sleep until thread_wake, DEADLINE (0: none) or a signal; releases the lock.
 * Returns 0, -L_ETIMEDOUT, -L_EINTR, or what sleep_begin does.
 */
int thread_wait(struct uthread *t, uint64_t deadline_ns);
/* The same for who has called sleep_begin. */
int thread_wait_begun(struct uthread *t, uint64_t deadline_ns);
/* The same, with one queue. */
int thread_wait_on(struct uthread *t, struct waitq *q, uint64_t deadline_ns);
int thread_wait_on_begun(struct uthread *t, struct waitq *q,
    uint64_t deadline_ns);
bool thread_cond_init(struct uthread *t);
void thread_cond_fini(struct uthread *t);

/* unix_process.c */
extern struct list process_table;
extern struct process *process_init;		/* pid 1 */
extern int process_count;
extern int process_last_pid;
extern unsigned process_made;		/* since the start */
struct process *process_create(struct process *parent);
void process_ref(struct process *p);
void process_unref(struct process *p);
struct process *process_lookup(int pid);	/* no reference */
struct uthread *uthread_create(struct process *p, int tid);
struct uthread *uthread_lookup(int tid);
void uthread_ref(struct uthread *t);
void uthread_unref(struct uthread *t);
void uthread_detach(struct uthread *t);
int process_allocate_pid(void);
void process_exit(struct process *p, int status);
/* What was left of P, which had ended, is gone now: its parent is told. */
void process_gone(struct process *p);
int process_wait(struct process *p, int type, int id, int options,
    struct process **childp, int *statusp);
void process_reap(struct process *p, struct process *child);
void process_set_parent(struct process *child, struct process *parent);
bool process_group_known(int pgid);	/* or a process of that number */
bool process_group_exists(int pgid, struct session *session);
bool process_group_orphaned(int pgid, struct process *leaving);
int32_t process_setpgid(struct process *p, int pid, int pgid);
int32_t process_setsid(struct process *p);
void process_session_tty_gone(struct session *session);
bool cred_in_group(const struct cred *c, uint32_t gid);
bool cred_may_signal(const struct process *from, const struct process *to,
    int signal);
int32_t cred_access(const struct cred *c, uint32_t mode, uint32_t uid,
    uint32_t gid, int want);

/* unix_signal.c */
/* 0, or -L_EAGAIN: too many wait already for the one they are sent to. */
int32_t signal_post_thread(struct uthread *t, int signal,
    const struct siginfo *info);
int32_t signal_post(struct process *p, int signal, const struct siginfo *info);
void signal_pending_init(struct pending *pending);
/* Drop those of SET that are pending there, for P or one of its threads. */
void signal_discard(struct process *p, struct pending *pending,
    sigset_bits_t set);
/* Take the first SIGNAL, which is pending there. */
void signal_dequeue(struct process *p, struct pending *pending, int signal,
    struct siginfo *info);
/* The one that is pending there with that CODE and PID, or NULL. */
struct siginfo *signal_find(struct pending *pending, int signal, int code,
    int pid);
int signal_post_group(int pgid, int signal, const struct siginfo *info);
bool signal_deliverable(const struct uthread *t);
void signal_set_mask(struct uthread *t, sigset_bits_t mask);
int32_t signal_set_action(struct process *p, int signal,
    const struct action *action);
bool signal_take(struct uthread *t, unix_signal_t *out);
bool signal_fault(struct uthread *t, int signal, const struct siginfo *info);
void signal_fork(struct process *child, const struct process *parent);
/* P, which was NEW, lives; what was sent to it before has its effect. */
void signal_begin(struct process *p);
void signal_exec(struct process *p);
/* Take one of SET that is pending for T; 0: none is. */
int signal_take_of(struct uthread *t, sigset_bits_t set,
    struct siginfo *info);
bool signal_ignored(const struct process *p, int signal);
void signal_linux_info(int signal, const struct siginfo *info,
    struct linux_siginfo *out);

/* unix_task.c: what the logic asks of Mach.  None of it waits. */
void task_stop(struct process *p);
void task_continue(struct process *p);
void task_kill(struct process *p);
void uthread_kick(struct uthread *t);	/* make it look for signals */
void uthread_kill(struct uthread *t);

/*
 * unix_call_futex.c: threads that do not end by themselves.  The locks of T's
 * robust list, or of all threads of P, tell who waits for them that their owner
 * died.  The threads must not run any more.  The lock is released meanwhile, for
 * T; P's are looked at later, and its task kept until then.
 */
void futex_thread_died(struct uthread *t);
void futex_process_died(struct process *p);

/* unix_fd.c */
struct file *file_create(const struct file_ops *ops, uint32_t flags);
void file_ref(struct file *f);
void file_unref(struct file *f);
/* The status of a file that is of no file system, nor ever was. */
void file_stat_nameless(const struct file *f, struct file_stat *st);
struct fd_table *fd_table_create(void);
struct fd_table *fd_table_copy(const struct fd_table *from);
void fd_table_unref(struct fd_table *t);
int32_t fd_insert(struct process *p, struct file *f, int least, bool cloexec);
int32_t fd_install(struct process *p, int fd, struct file *f, bool cloexec);
struct file *fd_lookup(struct process *p, uint32_t fd);
struct fd *fd_entry(struct process *p, uint32_t fd);
int32_t fd_close(struct process *p, uint32_t fd);
void fd_close_exec(struct process *p);

/* unix_pipe.c */
/* Which file a fifo is: one of ours, or the file server's, with a handle. */
struct fifo {
	struct node	*node;
	uint32_t	port;
	uint64_t	dev;
	uint64_t	ino;
};
int32_t pipe_create(struct file **readp, struct file **writep, uint32_t flags);
int32_t pipe_open_fifo(const struct fifo *fifo, uint32_t flags,
    struct file **filep);
int32_t pipe_size(const struct file *f);	/* -L_EBADF: is none */
bool pipe_open_ready(const struct file *f);
struct waitq *pipe_queue(struct file *f);

/* unix_tty.c */
struct tty_driver {
	/* Take up to N bytes for output; less when full. */
	uint32_t	(*output)(struct tty *tty, const char *buf, uint32_t n);
	/* What tty_input() did not take may be tried again. */
	void		(*input_ready)(struct tty *tty);
	void		(*settings)(struct tty *tty);
	void		(*unused)(struct tty *tty);	/* closed by all */
};

struct tty *tty_create(const struct tty_driver *driver, void *data,
    uint32_t rdev);
void tty_destroy(struct tty *tty);		/* nobody has it open */
void *tty_data(struct tty *tty);
bool tty_is_open(const struct tty *tty);
/* N bytes from outside; how many of them there is room for. */
uint32_t tty_input(struct tty *tty, const char *buf, uint32_t n);
bool tty_input_is_full(const struct tty *tty);
void tty_output_ready(struct tty *tty);
void tty_hangup(struct tty *tty);
void tty_set_size(struct tty *tty, uint16_t rows, uint16_t columns);
/* P must not open it: somebody has it alone. */
bool tty_refuses(const struct tty *tty, const struct process *p);
struct file *tty_open(struct tty *tty, struct process *p, uint32_t flags);
uint32_t tty_rdev(const struct tty *tty);
int tty_foreground(const struct tty *tty);
struct waitq *tty_queue(struct tty *tty);
void tty_session_exit(struct tty *tty, struct session *session);
extern const struct file_ops tty_file_ops;

/* unix_pty.c */
int32_t pty_open_master(uint32_t flags, struct file **filep);
struct tty *pty_slave(unsigned number);

/* unix_dev.c */
extern struct tty *dev_console;
int32_t dev_open(struct process *p, uint32_t rdev, uint32_t flags,
    struct file **filep);
void dev_random(void *buf, uint32_t n);

#endif /* SERVERS_UNIX_UNIX_H */
