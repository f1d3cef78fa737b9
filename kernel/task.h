/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks: an address map, a name space and threads.
 *
 * States: active, or dead.  A dead task has no new threads; once its last
 * thread is gone, its name space and map are emptied, by the reaper or by
 * task_terminate itself.
 */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include <ipc/ipc_special.h>
#include <mach/kern_return.h>
#include <machine/pcb.h>

#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/refcount.h>

struct account;
struct ipc_space;
struct pc_sample;
struct processor_set;
struct task_emulation;
struct task_symbols;
struct thread;
struct vm_map;

#define TASK_NAME_SIZE	32

/* Counters of task_info; each [a], relaxed. */
struct task_events {
	uint32_t faults;
	uint32_t zero_fills;
	uint32_t reactivations;
	uint32_t pageins;
	uint32_t cow_faults;
	uint32_t messages_sent;
	uint32_t messages_received;
};

/* [I] fixed at creation  [a] atomic  [t] own lock  [T] lock of the task list */
struct task {
	struct refcount refcount;	/* [a] */
	struct mutex lock;
	bool active;			/* [t] */
	bool finished;			/* [t] nothing runs in it any more */
	bool gone;			/* [a] space and map are empty, too */
	bool essential;			/* [t] shortage.c spares it */
	bool may_assign;		/* [t] */
	struct vm_map *map;		/* [I] owns a reference */
	struct ipc_space *space;	/* [I] owns a reference */
	struct list threads;		/* [t] thread->task_link */
	unsigned thread_count;		/* [t] each is in the account too */
	unsigned hold_count;		/* [t] new threads start with it */
	unsigned user_stop_count;	/* [t] task_suspend minus _resume */
	unsigned priority;		/* [t] base of new threads */
	struct processor_set *pset;	/* [t] owns a reference */
	struct account *account;	/* [t] owns a reference; none for
					 * kernel_task */
	struct task_ipc ipc;		/* ipc/ipc_special.c */
	struct task_symbols *symbols;	/* [t] kernel/task_symbols.c, or NULL;
					 * owns a reference */
	struct task_emulation *emulation; /* [a] redirected traps, or NULL */
	struct pc_sample *pc_sample;	/* [a] kernel/pc_sample.c, or NULL */
	uint32_t pc_sample_count;	/* [a] buffers, its threads' too */
	struct task_events events;	/* [a] */
	struct pcb_task pcb;		/* the machine's */
	uint64_t ticks_user;		/* [t] of threads that have ended */
	uint64_t ticks_system;		/* [t] */
	uint64_t created;		/* [I] tick of creation */
	uint32_t kdb_plant;		/* [a] kernel/kdb/kdb_plant.h */
	uint32_t held;			/* kernel/shortage.c's thread alone */
	struct list_node link;		/* [T] list of all tasks */
	char name[TASK_NAME_SIZE];	/* [t] */
};

extern struct task *kernel_task;

/* Makes kernel_task; needs kmem, kernel_map and the kernel space. */
void task_setup(void);

/*
 * Make a task without threads.  With INHERIT its memory is what PARENT's
 * inheritance attributes say, otherwise empty; PARENT gives its name,
 * priority, set and special ports, and may be NULL.  The result carries a
 * reference.
 *
 * Locks:   none held.
 * Returns: KERN_FAILURE when PARENT is dead, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t task_create(struct task *parent, bool inherit,
    struct task **taskp);

static inline void
task_ref(struct task *task)
{
	refcount_ref(&task->refcount);
}

/* Locks: none held.  Frees the task if this was the last reference. */
void task_unref(struct task *task);

/* Does all memory of TASK stay resident?  An unlocked look: it may change. */
bool task_is_resident(const struct task *task);

/*
 * End TASK: its threads end as soon as each can, then its rights and memory
 * go.  Its port answers nobody on return.
 *
 * Returns: KERN_FAILURE when it was terminated before.
 */
kern_return_t task_terminate(struct task *task);

/*
 * Wait until TASK, which was terminated and is not the current one, has nothing
 * left; as thread_end_wait().
 */
void task_end_wait(struct task *task);

/* The last thread of the dead TASK is gone; called by the reaper. */
void task_finish(struct task *task);

/*
 * User suspension: count it, and wait until all threads of TASK but the
 * current one have stopped.
 *
 * Returns: KERN_FAILURE for a dead task or one resumed too often,
 *          KERN_ABORTED.
 */
kern_return_t task_suspend(struct task *task);
kern_return_t task_resume(struct task *task);

/* Hold or release all threads, present and future, without waiting. */
kern_return_t task_hold(struct task *task);
kern_return_t task_release(struct task *task);

/*
 * Write references of TASK's threads to THREADS, which has room for MAX, and
 * their number to COUNTP, even if it is greater than MAX: then nothing is
 * written to THREADS and the caller comes again with more room.
 *
 * Returns: KERN_FAILURE for a dead task.
 */
kern_return_t task_threads_get(struct task *task, struct thread **threads,
    unsigned max, unsigned *countp);

/* The same for all tasks of the host, in the order of creation. */
void task_list_get(struct task **tasks, unsigned max, unsigned *countp);

/* The list of all tasks, by `link': for the debugger, while nothing else runs. */
const struct list *task_debug_list(void);

/* Processor time of the ended threads, and of the living ones, in ticks. */
void task_times(struct task *task, uint64_t *user, uint64_t *system);
void task_thread_times(struct task *task, uint64_t *user, uint64_t *system);

/* Base priority for new threads, and for those there are if CHANGE_THREADS. */
kern_return_t task_set_priority(struct task *task, unsigned priority,
    bool change_threads);

void task_name_set(struct task *task, const char *name);

/*
 * Give TASK and its future children an account of their own, and TASK's space
 * a limit (its children's follow from it).
 *
 * Locks:   none held.  Takes the task, then the space.
 * Returns: KERN_FAILURE for kernel_task and dead ones,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t task_set_limits(struct task *task, unsigned tasks,
    unsigned threads, unsigned rights);

/* TASK's account, with a reference; NULL for kernel_task. */
struct account *task_account(struct task *task);

/* The same without waiting: NULL as well when TASK is locked just now. */
struct account *task_account_try(struct task *task);

unsigned task_count(void);

#endif /* KERNEL_TASK_H */
