/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Run queues and dispatch.
 *
 * Priorities run from 0, the best, to 63.  A timesharing thread's priority is
 * its base plus its recent processor usage, which decays; a fixed-priority
 * one's is its base.  Each processor runs the best thread of its own queue;
 * an idle one takes work from others of its set.
 *
 * A thread's state, guarded by its lock:
 *
 *	NEW      created, never started       -> RUN (thread_start)
 *	RUN      on a processor or a queue    -> BLOCKED, STOPPED, DEAD
 *	BLOCKED  waits for an event           -> RUN, or STOPPED when woken
 *	                                         while suspended
 *	STOPPED  held off the processors      -> RUN (released or aborted)
 *	DEAD     gone for good, the reaper has it
 *
 * Which queue a RUN thread is on is guarded by that queue's lock.  The lock of
 * the outgoing thread is held across the switch and released by the incoming
 * one, so whoever gets a thread's lock sees it either really running or with
 * its registers saved.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

#include <machine/cpu.h>

#include <kernel/list.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>

struct processor;
struct processor_set;
struct thread;

#define SCHED_PRIORITIES	64
#define SCHED_PRIORITY_WORST	(SCHED_PRIORITIES - 1)
#define SCHED_PRIORITY_IDLE	SCHED_PRIORITIES
#define SCHED_PRIORITY_SYSTEM	6	/* kernel threads */
#define SCHED_PRIORITY_USER	25	/* users' base and best */
#define SCHED_PRIORITY_DEPRESS	SCHED_PRIORITY_WORST

#define SCHED_QUANTUM		5	/* ticks of a time slice */

enum thread_state {
	THREAD_NEW,
	THREAD_RUN,
	THREAD_BLOCKED,
	THREAD_STOPPED,
	THREAD_DEAD,
};

/* [q] own lock */
struct sched_queue {
	struct spinlock_irq lock;
	struct list lists[SCHED_PRIORITIES];	/* [q] by priority */
	uint32_t bitmap[SCHED_PRIORITIES / 32];	/* [q] lists not empty */
	unsigned count;				/* [q]; read without, as a hint */
};

/* [l] the thread's lock  [q] the queue's  [c] the processor it runs on */
struct thread_sched {
	uint8_t state;			/* [l] enum thread_state */
	bool at_clean_point;		/* [l] stopped at the edge of user mode */
	bool halted;			/* [l] stopped there by thread_abort() */
	bool stop_waiter;		/* [l] somebody waits for it to stop */
	bool starved;			/* [l] held: its set has no processor */
	uint8_t priority;		/* [l] current, what the queues use */
	uint8_t base_priority;		/* [l] */
	uint8_t max_priority;		/* [l] best it may ask for */
	uint8_t policy;			/* [l] POLICY_* */
	uint8_t queue_priority;		/* [q] on which list of its queue */
	bool depressed;			/* [l] at the worst priority for now */
	bool expired;			/* [c] slice is over: queue at the end */
	bool idle;			/* [I] an idle thread: never queued */
	bool reap;			/* [l] dead: pass on to the reaper */
	unsigned quantum;		/* [l] FIXEDPRI: ticks of a slice */
	unsigned hold_count;		/* [l] stopped while not 0 */
	struct timer depress_timer;	/* [l] */
	uint32_t usage;			/* [l] decaying ticks, scaled */
	uint32_t usage_stamp;		/* [l] second of the last decay */
	struct processor_set *pset;	/* [l] owns a reference */
	struct processor *bound;	/* [l] only there, or NULL */
	struct list_node link;		/* [q]; dead: the reaper's */
	uint32_t cpu_mask;		/* [l] its set's processors; read without */
	struct thread *next;		/* [c] RUN and on no queue: runs when
					 * this one blocks; or NULL */
	struct sched_queue *queue;	/* [q] where it is queued, or NULL */
	struct processor *processor;	/* [l] last ran on */
	uint64_t ticks_user;		/* [c] */
	uint64_t ticks_system;		/* [c] */
	uint32_t ticks_recent;		/* [l] for cpu_usage of thread_info */
};

void sched_queue_init(struct sched_queue *queue);
void sched_thread_init(struct thread *thread, unsigned priority);

/* For how many seconds THREAD, which is locked, has not run; 0 if it can. */
unsigned sched_sleep_seconds_locked(const struct thread *thread);

/* Make THREAD, whose state is RUN, wait for a processor.  Its lock is held. */
void sched_setrun_locked(struct thread *thread);

/*
 * Leave the processor, to the thread that sleepq_claim() got if there is one.
 * The current thread's lock is held, interrupts are off and its state is not
 * RUN.  Returns, the lock released and interrupts still off, when the thread
 * runs again.
 */
void sched_block_unlock(void);

/*
 * The same, but nothing is left to be done on this stack: when the thread runs
 * again, it starts with CONTINUATION on an empty one, which it has only while it
 * runs.  A thread with keeps_stack does keep its own.  Returns only on a machine
 * on which pcb_return_to_user() is what comes next here anyway.
 */
void sched_block_continue_unlock(void (*continuation)(void));

/*
 * The same, with the processor and this stack for the thread that sleepq_claim()
 * got, which waits with a continuation: in its name, and in place of that,
 * FN(ARG) is called, whose result is its trap's.  ARG, SIZE bytes, may be on this
 * stack.  SPARE is a stack for the current thread in case it keeps one and the
 * other thread has none, else 0.
 */
uint32_t sched_hand_over_unlock(void (*continuation)(void), vm_offset_t spare,
    uint32_t (*fn)(void *arg), void *arg, size_t size);

/* What follows in the other thread before FN; called by the machine. */
void sched_handed_over(struct thread *prev);

/* Let the thread that sleepq_claim() got wait for a processor as any other. */
void sched_run_next(void);

/*
 * What a new thread does first, on its own stack, called by the machine with
 * interrupts off and the thread that ran before; returns with them on.
 */
void sched_thread_begin(struct thread *prev);

/* The same for a thread that goes on with a continuation. */
_Noreturn void sched_thread_continue(struct thread *prev);

/*
 * Called by the machine when an interrupt returns to kernel mode: send what
 * interrupts are due, and reschedule, if that is wanted and allowed.  Interrupts
 * are off, before and after.
 */
void sched_intr_return(void);

/* The same when the kernel has nothing to do but to return to user mode. */
void sched_user_return(void);

/* Let other threads of the same or better priority run; true if one did. */
bool sched_yield(void);

/* Give the processor to THREAD if it waits for one; true if it did. */
bool sched_yield_to(struct thread *thread);

/* True if its thread may run on this processor; that one's lock is held. */
static inline bool
sched_may_run_here(const struct thread_sched *sched)
{
	if (sched->bound != NULL) {
		return sched->bound == cpu_local_get(processor);
	}
	return (sched->cpu_mask & (1u << cpu_id())) != 0;
}

/* True if some thread waits for this processor. */
bool sched_others_waiting(void);

/* Account one tick to what runs here; called by clock_tick. */
void sched_tick(bool user);

/* The loop of the idle thread. */
_Noreturn void sched_idle(void);

/*
 * Depress the current thread to the worst priority, for at most TICKS (0: no
 * limit); sched_depress_abort ends it early, KERN_FAILURE if it was not.
 */
void sched_depress(uint64_t ticks);
kern_return_t sched_depress_abort(struct thread *thread);

/*
 * Let others run, depressed meanwhile, for at most TICKS.  True if one did.
 */
bool sched_yield_depressed(uint64_t ticks);

/*
 * What THREAD's priority is made of, its AST bits among it, has changed:
 * recompute and requeue.  It is locked.
 */
void sched_update_locked(struct thread *thread);

/* Change the numbers the scheduler goes by.  No lock held. */
kern_return_t sched_set_priority(
    struct thread *thread, unsigned priority, bool set_max);
kern_return_t sched_set_max_priority(struct thread *thread, unsigned max);
kern_return_t sched_set_policy(
    struct thread *thread, int policy, unsigned quantum_ticks);

/*
 * From now on THREAD runs on processors of CPU_MASK only, at least one of
 * them active, or on BOUND if that is not NULL.
 */
void sched_set_processors(
    struct thread *thread, uint32_t cpu_mask, struct processor *bound);

/* Recompute priorities of threads whose usage has decayed; once a second. */
void sched_age(void);

/* Walk a run queue and assert that all in it agrees. */
void sched_queue_check(struct sched_queue *queue);

#endif /* KERNEL_SCHED_H */
