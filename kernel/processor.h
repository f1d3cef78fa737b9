/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processors and processor sets.
 *
 * Every processor has its own run queue; a set is the processors that may run
 * the threads assigned to it.  There is the default set, and whatever
 * processor_set_create made; a destroyed set gives all it had back to the
 * default one.
 *
 * Processor states: OFF (never started) -> IDLE <-> RUNNING; SHUTDOWN when the
 * machine stops it.
 */
#ifndef KERNEL_PROCESSOR_H
#define KERNEL_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <machine/types.h>

#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/percpu.h>
#include <kernel/refcount.h>
#include <kernel/sched.h>

struct ipc_port;
struct task;
struct thread;

enum processor_state {
	PROCESSOR_OFF,
	PROCESSOR_IDLE,
	PROCESSOR_RUNNING,
	PROCESSOR_SHUTDOWN,
};

/* [I] fixed at creation  [l] own lock  [a] atomic  [c] its own processor */
struct processor_set {
	struct refcount refcount;	/* [a] */
	struct mutex lock;
	bool active;			/* [l] */
	uint32_t cpu_mask;		/* [a] written with lock held */
	unsigned processor_count;	/* [l] */
	unsigned task_count;		/* [l] */
	unsigned thread_count;		/* [l] */
	unsigned max_priority;		/* [l] best for its new threads */
	uint32_t policies;		/* [l] bit 1 << policy */
	struct ipc_port *self;		/* [l] */
	struct ipc_port *name_self;	/* [l] */
	struct list_node link;		/* list of all sets */
};

struct processor {
	unsigned id;			/* [I] */
	enum processor_state state;	/* [a] */
	struct sched_queue queue;	/* own lock */
	struct thread *idle_thread;	/* [I] */
	struct processor_set *pset;	/* [a] */
	struct ipc_port *self;		/* [I] after host_setup */
	unsigned quantum;		/* [c] ticks left to the thread */
	unsigned current_priority;	/* [a] of what runs here */
	uint64_t ticks_idle;		/* [c] */
	uint64_t ticks_user;		/* [c] */
	uint64_t ticks_system;		/* [c] */
	uint64_t switches;		/* [c] */
	uint64_t interrupts;		/* [c] from the PICs */
};

extern struct processor processor_array[CPU_MAX];
extern struct processor_set processor_set_default;

/* For the boot processor alone, before threads. */
void processor_setup(void);

/* How many processors the machine has started or is about to. */
unsigned processor_count(void);

/* A bit for each processor that takes threads. */
uint32_t processor_active_mask(void);

static inline struct processor *
processor_get(unsigned cpu)
{
	return &processor_array[cpu];
}

static inline struct processor *
processor_current(void)
{
	return cpu_local_get(processor);
}

/*
 * Make the data of the processor CPU, which the machine is about to start,
 * and return the top of the stack that it starts on (its idle thread's); 0
 * when memory is short.  CPU numbers are dense.
 */
uintptr_t processor_prepare(unsigned cpu);

/*
 * The processor CPU has set up its hardware, its percpu among it, and has
 * interrupts off: let it take threads.
 */
_Noreturn void processor_start_secondary(unsigned cpu);

/* Sets.  Results carry a reference. */
kern_return_t processor_set_create(struct processor_set **psetp);
kern_return_t processor_set_destroy(struct processor_set *pset);
void processor_set_ref(struct processor_set *pset);
void processor_set_unref(struct processor_set *pset);

/* The most recent sets first; returns a reference, NULL past the end. */
struct processor_set *processor_set_by_index(unsigned index);

/* The list of all sets, by `link': for the debugger. */
const struct list *processor_debug_sets(void);

/*
 * Move PROCESSOR to PSET.  The boot processor stays in the default set.
 *
 * Returns: KERN_INVALID_ARGUMENT, KERN_FAILURE when PSET is dead.
 */
kern_return_t processor_assign(
    struct processor *processor, struct processor_set *pset);

/*
 * Assign THREAD, or TASK and (WITH_THREADS) its threads, to PSET.
 *
 * Returns: KERN_FAILURE when PSET is dead.
 */
kern_return_t thread_assign_pset(
    struct thread *thread, struct processor_set *pset);
kern_return_t task_assign_pset(
    struct task *task, struct processor_set *pset, bool with_threads);

/* Bookkeeping of thread.c and task.c: the first set, and the last. */
void processor_set_add_thread(
    struct processor_set *pset, struct thread *thread);
void processor_set_remove_thread(struct thread *thread);
void processor_set_add_task(struct processor_set *pset, struct task *task);
void processor_set_remove_task(struct task *task);

/* The best priority that new threads of PSET get, and those of its threads
 * too if CHANGE_THREADS.  KERN_INVALID_ARGUMENT for no priority. */
kern_return_t processor_set_max_priority_set(
    struct processor_set *pset, unsigned priority, bool change_threads);

/*
 * Allow or forbid POLICY in PSET; forbidding moves its threads to
 * timesharing if CHANGE_THREADS, else they keep it.
 *
 * Returns: KERN_INVALID_ARGUMENT.
 */
kern_return_t processor_set_policy_enable_set(
    struct processor_set *pset, int policy);
kern_return_t processor_set_policy_disable_set(
    struct processor_set *pset, int policy, bool change_threads);

/* Load figures, scaled by 1000, over the last 5 seconds. */
void processor_load_get(int *load_averagep, int *mach_factorp);

/* The average lengths of the run queues; called once a second. */
void processor_load_update(void);

/* Sum over the processors, in ticks. */
void processor_ticks_get(uint64_t *user, uint64_t *system, uint64_t *idle);

#endif /* KERNEL_PROCESSOR_H */
