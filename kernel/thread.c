/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The life of threads.  See thread.h for how they stop and end.
 *
 * References: one for being in the task's list, given up by the reaper, and
 * one for whoever asked for the thread.  The scheduler and the sleep queues
 * need none: a thread that is not yet reaped is in its task's list.
 */

#include <kernel/thread.h>

#include <string.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/account.h>
#include <kernel/ast.h>
#include <kernel/clock.h>
#include <kernel/kdb/kdb_plant.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/pc_sample.h>
#include <kernel/processor.h>
#include <kernel/stack.h>

#include <ipc/mach_msg_trap.h>

#include <vm/vm_map.h>

#define THREAD_USAGE_SCALE	1000u

static struct kmem_cache thread_cache;
static struct thread thread_boot_thread;
static uint32_t thread_number;			/* [a] */

static struct spinlock_irq thread_reap_lock = SPINLOCK_IRQ_INITIALIZER(
    LOCK_RANK_REAPER);
static struct list thread_reap_list = LIST_INITIALIZER(
    thread_reap_list); /* thread_reap_lock */

struct thread *
thread_boot(void)
{
	return &thread_boot_thread;
}

/* What all kinds of threads have in common. */
static void
thread_init(struct thread *thread, struct task *task, unsigned priority)
{
	memset(thread, 0, sizeof(*thread));
	refcount_init(&thread->refcount, 2);
	spinlock_irq_init(&thread->lock, LOCK_RANK_THREAD);
	thread->active = true;
	thread->task = task;
	list_node_init(&thread->task_link);
	thread->created = clock_ticks();
	sched_thread_init(thread, priority);
	sleepq_thread_init(thread);
}

static void
thread_init_idle(struct thread *thread, unsigned cpu)
{
	thread_init(thread, kernel_task, SCHED_PRIORITY_IDLE);
	thread->kernel_only = true;
	thread->sched.idle = true;
	thread->sched.state = THREAD_RUN;
	thread->sched.processor = processor_get(cpu);
	thread->sched.bound = processor_get(cpu);
	thread->name = "idle";
}

void
thread_setup(void)
{
	kmem_cache_init(
	    &thread_cache, "thread", sizeof(struct thread), 0);
	thread_init_idle(&thread_boot_thread, 0);
}

struct thread *
thread_create_idle(unsigned cpu)
{
	struct thread *thread = kmem_cache_alloc(&thread_cache);

	if (thread == NULL) {
		return NULL;
	}
	thread_init_idle(thread, cpu);
	thread->stack = stack_alloc();
	if (thread->stack == 0) {
		kmem_cache_free(&thread_cache, thread);
		return NULL;
	}
	pcb_init(thread);
	return thread;
}

static void
thread_destroy(struct thread *thread)
{
	assert(thread->stack == 0);
	assert(!list_node_linked(&thread->task_link));
	processor_set_remove_thread(thread);
	pc_sample_free(thread->task, &thread->pc_sample);
	if (thread->name != NULL && !thread->kernel_only) {
		kmem_free((void *)thread->name, THREAD_NAME_SIZE);
	}
	task_unref(thread->task);
	kmem_cache_free(&thread_cache, thread);
	atomic_fetch_sub_relaxed(&thread_number, 1);
}

void
thread_unref(struct thread *thread)
{
	if (refcount_unref(&thread->refcount)) {
		thread_destroy(thread);
	}
}

/*
 * Allocate a thread of TASK, not yet in its list: no priority, no set, state
 * NEW, two references.
 */
static struct thread *
thread_allocate(struct task *task)
{
	struct thread *thread = kmem_cache_alloc(&thread_cache);

	if (thread == NULL) {
		return NULL;
	}
	thread_init(thread, task, SCHED_PRIORITY_USER);
	pcb_init(thread);
	if (ipc_thread_init(thread) != KERN_SUCCESS) {
		pcb_fini(thread);
		kmem_cache_free(&thread_cache, thread);
		return NULL;
	}
	task_ref(task);
	atomic_fetch_add_relaxed(&thread_number, 1);
	return thread;
}

static void
thread_free_stack(struct thread *thread)
{
	if (thread->stack != 0) {
		stack_free(thread->stack);
		thread->stack = 0;
	}
}

/* Undo thread_allocate. */
static void
thread_deallocate(struct thread *thread)
{
	ipc_thread_terminate(thread);
	pcb_fini(thread);
	thread_free_stack(thread);
	thread_unref(thread);
	thread_unref(thread);
}

/*
 * Put the new THREAD into its task; KERN_FAILURE if that is dead,
 * KERN_RESOURCE_SHORTAGE if it may have no more.
 */
static kern_return_t
thread_enter_task(struct thread *thread, unsigned priority, bool user)
{
	struct task *task = thread->task;

	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	if (task->account != NULL &&
	    !account_charge(task->account, ACCOUNT_THREADS)) {
		mutex_unlock(&task->lock);
		return KERN_RESOURCE_SHORTAGE;
	}
	thread->sched.base_priority = priority;
	thread->sched.priority = priority;
	thread->sched.max_priority = user ? task->pset->max_priority : 0;
	if (priority < thread->sched.max_priority) {
		thread->sched.base_priority = thread->sched.max_priority;
	}
	if (user) {
		thread->user_stop_count = 1;
		thread->sched.hold_count = 1 + task->hold_count;
	}
	thread->sched.state = THREAD_STOPPED;
	thread->sched.at_clean_point = true;
	list_insert_tail(&task->threads, &thread->task_link);
	task->thread_count++;
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

/* Give THREAD its task's processor set. */
static void
thread_enter_set(struct thread *thread)
{
	struct processor_set *pset;

	mutex_lock(&thread->task->lock);
	pset = thread->task->pset;
	processor_set_ref(pset);
	mutex_unlock(&thread->task->lock);
	processor_set_add_thread(pset, thread);
	processor_set_unref(pset);
}

kern_return_t
thread_create(struct task *task, struct thread **threadp)
{
	struct thread *thread;
	kern_return_t kr;

	kr = pmap_prepare(task->map->pmap);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	thread = thread_allocate(task);
	if (thread == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	thread->continuation = pcb_return_to_user;
	thread_enter_set(thread);
	kr = thread_enter_task(thread, task->priority, true);
	if (kr != KERN_SUCCESS) {
		thread_deallocate(thread);
		return kr;
	}
	kdb_plant_new_thread(thread);
	thread_check_set(thread);
	ipc_thread_enable(thread);
	*threadp = thread;
	return KERN_SUCCESS;
}

kern_return_t
thread_start(struct thread *thread)
{
	return thread_resume(thread);
}

static void
thread_kernel_main(void *arg)
{
	struct thread *thread = arg;

	struct thread_start start = thread->start;

	start.fn(start.arg);
	thread_exit();
}

kern_return_t
kernel_thread_create(
    const char *name, void (*fn)(void *arg), void *arg, unsigned priority)
{
	struct thread *thread = thread_allocate(kernel_task);
	kern_return_t kr;
	bool were_on;

	if (thread == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	thread->stack = stack_alloc();
	if (thread->stack == 0) {
		thread_deallocate(thread);
		return KERN_RESOURCE_SHORTAGE;
	}
	thread->kernel_only = true;
	thread->start = (struct thread_start) { .fn = fn, .arg = arg };
	thread->name = name;
	pcb_setup_kernel(thread, thread_kernel_main, thread);
	processor_set_add_thread(&processor_set_default, thread);
	kr = thread_enter_task(thread, priority, false);
	assert(kr == KERN_SUCCESS);

	were_on = spinlock_irq_lock(&thread->lock);
	thread->sched.state = THREAD_RUN;
	thread->sched.at_clean_point = false;
	sched_setrun_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
	thread_unref(thread);
	return KERN_SUCCESS;
}

/* Set AST bits that make THREAD, which is locked, hurry to its clean point. */
static void
thread_hurry_locked(struct thread *thread, uint32_t bits)
{
	ast_thread_set(thread, bits);
	sched_update_locked(thread);
}

/* Let THREAD, which is locked and stopped, run. */
static void
thread_go_locked(struct thread *thread)
{
	if (thread->sched.state == THREAD_STOPPED) {
		thread->sched.state = THREAD_RUN;
		thread->sched.at_clean_point = false;
		thread->sched.halted = false;
		sched_setrun_locked(thread);
	}
}

void
thread_hold(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);

	thread->sched.hold_count++;
	thread_hurry_locked(thread, AST_HALT);
	spinlock_irq_unlock(&thread->lock, were_on);
}

static void
thread_release_locked(struct thread *thread)
{
	assert(thread->sched.hold_count > 0);
	thread->sched.hold_count--;
	if (thread->sched.hold_count == 0) {
		thread_go_locked(thread);
	}
}

void
thread_release(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);

	thread_release_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
}

void
thread_check_set(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	struct processor_set *pset = thread->sched.pset;
	bool starved = pset != NULL && !thread->kernel_only &&
		       atomic_load_relaxed(&pset->cpu_mask) == 0;

	if (starved && !thread->sched.starved) {
		thread->sched.hold_count++;
		thread_hurry_locked(thread, AST_HALT);
	} else if (!starved && thread->sched.starved) {
		assert(thread->sched.hold_count > 0);
		thread->sched.hold_count--;
		if (thread->sched.hold_count == 0) {
			thread_go_locked(thread);
		}
	}
	thread->sched.starved = starved;
	spinlock_irq_unlock(&thread->lock, were_on);
}

/* Has THREAD, which is locked, got where a waiter wants it? */
static bool
thread_has_stopped(const struct thread *thread, bool clean)
{
	switch (thread->sched.state) {
	case THREAD_DEAD:
		return true;
	case THREAD_STOPPED:
		return !clean || thread->sched.at_clean_point;
	case THREAD_BLOCKED:
		return !clean && thread->wait.interruptible;
	default:
		return false;
	}
}

/*
 * Wait until THREAD, held by the caller, has stopped; with CLEAN, at its clean
 * point and nowhere else.
 */
static kern_return_t
thread_wait_stopped(struct thread *thread, bool clean)
{
	assert(thread != current_thread());
	for (;;) {
		bool were_on;
		bool stopped;
		bool dead;

		sleepq_prepare(&thread->sched.stop_waiter, true);
		were_on = spinlock_irq_lock(&thread->lock);
		stopped = thread_has_stopped(thread, clean);
		dead = thread->sched.state == THREAD_DEAD;
		if (!stopped) {
			thread->sched.stop_waiter = true;
			thread_hurry_locked(thread, AST_HALT);
		}
		spinlock_irq_unlock(&thread->lock, were_on);
		if (stopped) {
			sleepq_cancel();
			return dead ? KERN_FAILURE : KERN_SUCCESS;
		}
		if (sleepq_wait(0) == WAIT_INTERRUPTED) {
			return KERN_ABORTED;
		}
	}
}

kern_return_t
thread_stop_wait(struct thread *thread)
{
	return thread_wait_stopped(thread, false);
}

/* Pin THREAD if it has stopped already, which is the usual case. */
static bool
thread_pin_stopped(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	bool stopped = thread_has_stopped(thread, false) &&
		       thread->sched.state != THREAD_DEAD;

	if (stopped) {
		thread->sched.hold_count++;
		thread->pins++;
	}
	spinlock_irq_unlock(&thread->lock, were_on);
	return stopped;
}

kern_return_t
thread_pin(struct thread *thread)
{
	kern_return_t kr;
	bool were_on;

	if (thread_pin_stopped(thread)) {
		return KERN_SUCCESS;
	}
	thread_hold(thread);
	kr = thread_wait_stopped(thread, false);
	if (kr == KERN_SUCCESS) {
		/* It may have been terminated since. */
		were_on = spinlock_irq_lock(&thread->lock);
		if (thread->sched.state == THREAD_DEAD) {
			kr = KERN_FAILURE;
		} else {
			thread->pins++;
		}
		spinlock_irq_unlock(&thread->lock, were_on);
	}
	if (kr != KERN_SUCCESS) {
		thread_release(thread);
	}
	return kr;
}

/* Take a pin of THREAD, which is locked, away; true if it can be buried. */
static bool
thread_unpin_locked(struct thread *thread)
{
	assert(thread->pins > 0);
	thread->pins--;
	return thread->pins == 0 && thread->sched.state == THREAD_DEAD;
}

void
thread_unpin(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	bool dead = thread_unpin_locked(thread);

	thread_release_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
	if (dead) {
		thread_reap(thread);
	}
}

/* Make THREAD leave interruptible waits and run up to its clean point. */
static void
thread_interrupt(struct thread *thread, uint32_t why)
{
	bool were_on = spinlock_irq_lock(&thread->lock);

	thread_hurry_locked(thread, why);
	if ((why & AST_TERMINATE) != 0 || !thread->sched.at_clean_point) {
		thread_go_locked(thread);
	}
	spinlock_irq_unlock(&thread->lock, were_on);
	sleepq_wake_thread(thread, NULL, WAIT_INTERRUPTED);
}

kern_return_t
thread_abort(struct thread *thread)
{
	kern_return_t kr;
	bool were_on;

	if (thread == current_thread() || thread->kernel_only) {
		return KERN_INVALID_ARGUMENT;
	}
	thread_hold(thread);
	thread_interrupt(thread, AST_ABORT | AST_HALT);
	kr = thread_wait_stopped(thread, true);
	were_on = spinlock_irq_lock(&thread->lock);
	thread->sched.halted = kr == KERN_SUCCESS;
	thread_release_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
	return kr;
}

void
thread_clean_point(void)
{
	struct thread *thread = current_thread();
	bool were_on;

	if ((atomic_load_relaxed(&thread->ast) & AST_TERMINATE) != 0) {
		thread_exit();
	}
	were_on = spinlock_irq_lock(&thread->lock);
	ast_thread_clear(thread, AST_ABORT | AST_HALT);
	sched_update_locked(thread);
	if (thread->sched.hold_count > 0 &&
	    (atomic_load_relaxed(&thread->ast) & AST_TERMINATE) == 0) {
		thread->sched.state = THREAD_STOPPED;
		thread->sched.at_clean_point = true;
		sched_block_continue_unlock(pcb_return_to_user);
		cpu_intr_restore(were_on);
		return;
	}
	spinlock_irq_unlock(&thread->lock, were_on);
}

kern_return_t
thread_suspend(struct thread *thread)
{
	struct task *task = thread->task;
	bool first;

	mutex_lock(&task->lock);
	if (!thread->active || thread->kernel_only) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	first = thread->user_stop_count == 0;
	thread->user_stop_count++;
	if (first) {
		thread_hold(thread);
	}
	mutex_unlock(&task->lock);
	if (thread == current_thread()) {
		return KERN_SUCCESS;
	}
	return thread_stop_wait(thread);
}

kern_return_t
thread_resume(struct thread *thread)
{
	struct task *task = thread->task;

	mutex_lock(&task->lock);
	if (!thread->active || thread->user_stop_count == 0) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	thread->user_stop_count--;
	if (thread->user_stop_count == 0) {
		thread_release(thread);
	}
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

bool
thread_terminating(const struct thread *thread)
{
	return (atomic_load_relaxed(&thread->ast) & AST_TERMINATE) != 0;
}

void
thread_terminate_locked(struct thread *thread)
{
	mutex_assert_held(&thread->task->lock);
	atomic_store_relaxed(&thread->active, false);
	ipc_thread_disable(thread);
	thread_interrupt(thread, AST_TERMINATE);
}

/* What THREAD, which will not run any more, had besides its memory. */
static void
thread_exit_clean(struct thread *thread)
{
	ipc_thread_terminate(thread);
	timer_cancel(&thread->sched.depress_timer);
}

void
thread_exit(void)
{
	struct thread *thread = current_thread();

	assert_may_block();
	/* Who ended it may have the lock still, and has done what needs it. */
	if (atomic_load_relaxed(&thread->active)) {
		mutex_lock(&thread->task->lock);
		atomic_store_relaxed(&thread->active, false);
		mutex_unlock(&thread->task->lock);
	}
	thread_exit_clean(thread);

	spinlock_irq_lock(&thread->lock);
	thread->sched.state = THREAD_DEAD;
	sched_block_unlock();
	panic("a dead thread runs");
}

void
thread_reap(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread_reap_lock);

	list_insert_tail(&thread_reap_list, &thread->sched.link);
	spinlock_irq_unlock(&thread_reap_lock, were_on);
	sleepq_wake_one(&thread_reap_list);
}

/* The next dead thread, or NULL. */
static struct thread *
thread_reap_next(void)
{
	bool were_on = spinlock_irq_lock(&thread_reap_lock);
	struct thread *thread = NULL;

	if (!list_empty(&thread_reap_list)) {
		thread = list_first_entry(
		    &thread_reap_list, struct thread, sched.link);
		list_remove(&thread->sched.link);
	}
	spinlock_irq_unlock(&thread_reap_lock, were_on);
	return thread;
}

/* Free all that THREAD had, and its task if this was the last of it. */
static void
thread_reap_one(struct thread *thread)
{
	struct task *task = thread->task;
	bool last;

	pcb_fini(thread);
	thread_free_stack(thread);
	task_ref(task);
	mutex_lock(&task->lock);
	list_remove(&thread->task_link);
	task->thread_count--;
	if (task->account != NULL) {
		account_remove(task->account, ACCOUNT_THREADS, 1);
	}
	task->ticks_user += thread->sched.ticks_user;
	task->ticks_system += thread->sched.ticks_system;
	last = task->thread_count == 0 && !task->active;
	mutex_unlock(&task->lock);
	thread_unref(thread);
	if (last) {
		task_finish(task);
	}
	task_unref(task);
}

/*
 * Pin THREAD, and end it on the spot if it stands at its clean point, where
 * nothing in the kernel is in its name, or RECEIVES, waiting for a message without
 * a stack.
 */
static bool
thread_pin_to_end(struct thread *thread, bool *receives)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	bool stopped = thread->sched.state == THREAD_STOPPED &&
		       thread->sched.at_clean_point;

	*receives = thread->continuation == mach_msg_trap_continue &&
		    !thread->sched.stop_waiter &&
		    sleepq_abandon_locked(thread, &thread->waiting.msg.waiter);
	stopped = stopped || *receives;
	thread->pins++;
	if (stopped) {
		ast_thread_set(thread, AST_TERMINATE);
		thread->sched.state = THREAD_DEAD;
	}
	spinlock_irq_unlock(&thread->lock, were_on);
	return stopped;
}

kern_return_t
thread_terminate(struct thread *thread)
{
	struct task *task = thread->task;
	bool were_on;
	bool stopped;
	bool receives;
	bool dead;

	if (thread->kernel_only) {
		return KERN_FAILURE;
	}
	mutex_lock(&task->lock);
	if (!thread->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	stopped = thread_pin_to_end(thread, &receives);
	if (stopped) {
		atomic_store_relaxed(&thread->active, false);
		ipc_thread_disable(thread);
	} else {
		thread_terminate_locked(thread);
	}
	mutex_unlock(&task->lock);
	if (receives) {
		mach_msg_trap_abandon(thread);
	}
	if (stopped) {
		thread_exit_clean(thread);
	}
	/* If it is dead by now, nobody needs to wake the reaper for it. */
	were_on = spinlock_irq_lock(&thread->lock);
	dead = thread_unpin_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
	if (dead) {
		thread_reap_one(thread);
	}
	return KERN_SUCCESS;
}

static bool
thread_is_dead(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	bool dead = thread->sched.state == THREAD_DEAD;

	spinlock_irq_unlock(&thread->lock, were_on);
	return dead;
}

void
thread_end_wait(struct thread *thread)
{
	uint64_t deadline;

	assert(thread != current_thread());
	/* As it usually is. */
	if (thread_is_dead(thread)) {
		return;
	}
	deadline = clock_ticks() + THREAD_END_TICKS;
	for (;;) {
		bool were_on;
		bool dead;

		sleepq_prepare(&thread->sched.stop_waiter, true);
		were_on = spinlock_irq_lock(&thread->lock);
		dead = thread->sched.state == THREAD_DEAD;
		thread->sched.stop_waiter = !dead;
		spinlock_irq_unlock(&thread->lock, were_on);
		if (dead) {
			sleepq_cancel();
			return;
		}
		if (sleepq_wait(deadline) != WAIT_OK) {
			return;
		}
	}
}

static void
thread_reaper(void *arg)
{
	for (;;) {
		struct thread *thread;

		thread = thread_reap_next();
		if (thread != NULL) {
			thread_reap_one(thread);
			continue;
		}
		sleepq_prepare(&thread_reap_list, false);
		if (list_empty(&thread_reap_list)) {
			sleepq_wait(0);
		} else {
			sleepq_cancel();
		}
	}
}

void
thread_setup_reaper(void)
{
	if (kernel_thread_create("reaper", thread_reaper, NULL,
		SCHED_PRIORITY_SYSTEM) != KERN_SUCCESS) {
		panic("no memory for the reaper");
	}
}

kern_return_t
thread_name_set(struct thread *thread, const char *name)
{
	char *new = kmem_alloc(THREAD_NAME_SIZE);
	const char *old;

	if (new == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	strlcpy(new, name, THREAD_NAME_SIZE);
	mutex_lock(&thread->task->lock);
	old = thread->name;
	thread->name = new;
	mutex_unlock(&thread->task->lock);
	if (old != NULL) {
		kmem_free((void *)old, THREAD_NAME_SIZE);
	}
	return KERN_SUCCESS;
}

const char *
thread_name(const struct thread *thread)
{
	return thread->name != NULL ? thread->name : thread->task->name;
}

void
thread_times(struct thread *thread, uint64_t *user, uint64_t *system)
{
	bool were_on = spinlock_irq_lock(&thread->lock);

	*user = thread->sched.ticks_user;
	*system = thread->sched.ticks_system;
	spinlock_irq_unlock(&thread->lock, were_on);
}

unsigned
thread_cpu_usage(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	/* A thread that never waits settles at HZ / (1 - 5/8) ticks. */
	unsigned usage = thread->sched.usage * THREAD_USAGE_SCALE * 3 /
			 (HZ * 8);

	spinlock_irq_unlock(&thread->lock, were_on);
	return usage > THREAD_USAGE_SCALE ? THREAD_USAGE_SCALE : usage;
}

unsigned
thread_count(void)
{
	return atomic_load_relaxed(&thread_number);
}
