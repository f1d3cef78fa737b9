/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Threads: creating, stopping, aborting and ending them.
 *
 * Stopping.  A thread runs only while its hold count is 0.  A held thread
 * stops at the edge of user mode (its "clean point": its user registers are
 * complete and the kernel does nothing on its behalf), or is stopped in place
 * if it is in, or enters, an interruptible wait.  Other kernel work is finished
 * first.  User suspensions (thread_suspend, task_suspend) are counted apart and
 * hold the thread once.
 *
 * Ending.  thread_terminate marks a thread; it ends itself at its clean point,
 * which interrupted waits bring near; or it is ended where it stands there.
 * Who terminated it, or else the reaper, then frees its stack and drops its
 * references; the last thread of a dead task completes that too.
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_special.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <machine/cpu.h>
#include <machine/pcb.h>

#include <kernel/list.h>
#include <kernel/lock_rank.h>
#include <kernel/percpu.h>
#include <kernel/refcount.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>

struct ipc_space;
struct pc_sample;
struct vm_map;

#define THREAD_NAME_SIZE	32

/*
 * What a thread has only from when it begins to wait, or is made, until it runs
 * again.  [l] own lock, or as the struct says
 */
struct thread_waiting {
	struct mach_msg_wait msg;	/* ipc/mach_msg_trap.c */
	struct list_node link;		/* kernel/sleepq.c */
	struct timer timer;		/* kernel/sleepq.c */
};

/* What a new thread of the kernel does. */
struct thread_start {
	void (*fn)(void *arg);
	void *arg;
};

/* [I] fixed at creation  [a] atomic  [l] own lock  [t] the task's lock
 * [o] the thread itself only */
struct thread {
	struct refcount refcount;	/* [a] one of them is the task's list */
	struct spinlock_irq lock;
	uint32_t ast;			/* [a] AST_HALT and so on */
	bool active;			/* [t] not terminated */
	bool kernel_only;		/* [I] never enters user mode */
	bool vm_privilege;		/* [o] may use the last free pages */
	bool vm_modest;			/* [o] its task may; it does not */
	bool keeps_stack;		/* [o] has a stack even while it waits: it
					 * or its task may, and memory for
					 * another might not come without it */
	bool destroying;		/* [o] messages, further up: ipc_kmsg.c */
	unsigned user_stop_count;	/* [t] thread_suspend minus _resume */
	unsigned pins;			/* [l] users of its machine state */
	vm_offset_t stack;		/* [l] lowest address; 0: none now */
	void (*continuation)(void);	/* [l] what it does when it runs next,
					 * on an empty stack; NULL: goes on
					 * where it left the processor */
	struct task *task;		/* [I] owns a reference */
	struct list_node task_link;	/* [t] task->threads */
	struct thread_sched sched;	/* kernel/sched.c */
	struct thread_wait wait;	/* kernel/sleepq.c */
#ifdef DEBUG
	struct lock_rank_held held;	/* [o] mutexes held */
#endif
	struct thread_ipc ipc;		/* ipc/ipc_special.c */
	uint64_t created;		/* [I] tick of creation */
	struct pc_sample *pc_sample;	/* [a] kernel/pc_sample.c, or NULL */
	uintptr_t kdb_over;		/* [o] the debugger: instruction whose
					 * breakpoint had its say, or 0 */
	const char *name;		/* [t] a user's: allocated, or NULL: that
					 * of its task; a kernel's: a constant */
	union {
		struct thread_waiting waiting;
		struct thread_start start;
		char room[PCB_ROOM];	/* the machine's, in and on the way to
					 * and from user mode; before PCB */
	};
	struct pcb pcb;			/* the machine's */
};

_Static_assert(sizeof(struct thread_waiting) <= PCB_ROOM &&
		   offsetof(struct thread, pcb) ==
		       offsetof(struct thread, room) + PCB_ROOM,
    "room is right before pcb");

static inline struct thread *
current_thread(void)
{
	return cpu_local_get(thread);
}

static inline struct task *
current_task(void)
{
	return current_thread()->task;
}

static inline struct vm_map *
current_map(void)
{
	return current_task()->map;
}

static inline struct ipc_space *
current_space(void)
{
	return current_task()->space;
}

/* The cache, and the boot processor's first thread. */
void thread_setup(void);

/* The first thread of the boot processor: what startup_main runs in. */
struct thread *thread_boot(void);

/* The reaper; once kernel threads can be made. */
void thread_setup_reaper(void);

/*
 * Make a thread in TASK: stopped at its clean point with one user suspension,
 * user registers cleared.  The result carries a reference.
 *
 * Locks:   none held.  Takes the task.
 * Returns: KERN_FAILURE when the task is dead, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t thread_create(struct task *task, struct thread **threadp);

/* Undo the suspension that thread_create left: same as thread_resume. */
kern_return_t thread_start(struct thread *thread);

/*
 * Run FN(ARG) in a new thread of the kernel task.  The thread ends when FN
 * returns.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t kernel_thread_create(
    const char *name, void (*fn)(void *arg), void *arg, unsigned priority);

/* Make the idle thread of a processor; NULL when memory is short. */
struct thread *thread_create_idle(unsigned cpu);

/* THREAD is dead and off its stack: let the reaper have it.  Any context. */
void thread_reap(struct thread *thread);

/*
 * End the current thread at once.  Locks: none held.
 */
_Noreturn void thread_exit(void);

static inline void
thread_ref(struct thread *thread)
{
	refcount_ref(&thread->refcount);
}

/* Locks: none held.  Frees the thread if this was the last reference. */
void thread_unref(struct thread *thread);

/*
 * Ask THREAD to end.  Returns at once; the current thread ends when it next
 * leaves the kernel.
 *
 * Locks:   none held.  Takes the task.
 * Returns: KERN_FAILURE when it was terminated before.
 */
kern_return_t thread_terminate(struct thread *thread);

/* How many ticks to wait for another's end. */
#define THREAD_END_TICKS HZ

/*
 * Wait until THREAD, which was terminated and is not the current one, has ended
 * and its port is dead; but not for ever: it may wait for what only the caller
 * could give it.
 */
void thread_end_wait(struct thread *thread);

/* The same for task_terminate, which has the task locked. */
void thread_terminate_locked(struct thread *thread);

/* True once the thread has been asked to end; for loops in the kernel. */
bool thread_terminating(const struct thread *thread);

/*
 * User suspension: count it, and wait until THREAD has stopped (not if it is
 * the current one, which stops when it leaves the kernel).
 *
 * Returns: KERN_FAILURE for a thread that is dead, or resumed too often,
 *          KERN_ABORTED if the wait was.
 */
kern_return_t thread_suspend(struct thread *thread);
kern_return_t thread_resume(struct thread *thread);

/* Hold and release without waiting.  Locks: may have the task locked. */
void thread_hold(struct thread *thread);
void thread_release(struct thread *thread);

/*
 * Hold THREAD while its processor set has no processors, and not longer: to be
 * called after either has changed.  Its work inside the kernel goes on.
 */
void thread_check_set(struct thread *thread);

/*
 * Wait until THREAD, which is held by the caller and not the current one, has
 * stopped or is dead; its registers may then be read and written.
 *
 * Returns: KERN_ABORTED if the caller was interrupted, KERN_FAILURE if THREAD
 *          has ended.
 */
kern_return_t thread_stop_wait(struct thread *thread);

/*
 * Stop THREAD, which is not the current one, and keep its stack and machine
 * state until thread_unpin(), even if it is terminated meanwhile.
 *
 * Locks:   none held.  Takes the thread.
 * Blocks:  until it has stopped, interruptibly.
 * Returns: KERN_FAILURE if it is dead; KERN_ABORTED.  Not pinned then.
 */
kern_return_t thread_pin(struct thread *thread);

/* Let THREAD go on, or, if it has ended, go.  Locks: none held. */
void thread_unpin(struct thread *thread);

/*
 * Hold THREAD and wait until it stopped at its clean point, interrupting
 * interruptible waits on its way; then let go of it.  What it was doing
 * returns an "interrupted" code to it.
 *
 * Returns: as thread_stop_wait; KERN_INVALID_ARGUMENT for the current thread.
 */
kern_return_t thread_abort(struct thread *thread);

/* Stop here until released, or end; from ast_taken, with interrupts on. */
void thread_clean_point(void);

/*
 * Give THREAD a name of its own, cut to fit; and what it is called.
 *
 * Locks:   (set) none held.  Takes the task.  (get) the task, but for display
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t thread_name_set(struct thread *thread, const char *name);
const char *thread_name(const struct thread *thread);

/* Processor time used, in ticks. */
void thread_times(struct thread *thread, uint64_t *user, uint64_t *system);

/* How busy the thread was recently, scaled so that 1000 is all the time. */
unsigned thread_cpu_usage(struct thread *thread);

/* All threads there are. */
unsigned thread_count(void);

#endif /* KERNEL_THREAD_H */
