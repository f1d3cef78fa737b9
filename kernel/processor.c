/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processors and their sets.
 *
 * A set's processors are a mask of bits, copied into each of its threads, which
 * is what the scheduler goes by.  The threads of a set without processors are
 * held at the edge of user mode; for what they have to finish in the kernel
 * they borrow the boot processor, since others may wait for it.
 */

#include <kernel/processor.h>

#include <stddef.h>

#include <mach/policy.h>
#include <machine/cpu.h>
#include <machine/intr.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define PROCESSOR_LOAD_SCALE	1000
/* Weight of the past in the load figures: 5 seconds' worth of samples. */
#define PROCESSOR_LOAD_PAST	4

struct processor processor_array[CPU_MAX];
struct processor_set processor_set_default;

static uint32_t processor_number = 1;		/* [a] */
static uint32_t processor_mask = 1;		/* [a] those taking threads */
static int processor_load_average;		/* [a] */
static int processor_mach_factor = PROCESSOR_LOAD_SCALE;	/* [a] */
static struct mutex processor_sets_lock = MUTEX_INITIALIZER(LOCK_RANK_HOST);
static struct list processor_sets = LIST_INITIALIZER(processor_sets);

static void
processor_set_init(struct processor_set *pset)
{
	*pset = (struct processor_set){
		.active = true,
		.max_priority = SCHED_PRIORITY_USER,
		.policies = 1u << POLICY_TIMESHARE,
	};
	refcount_init(&pset->refcount, 1);
	mutex_init(&pset->lock, LOCK_RANK_PROCESSOR_SET);
	list_node_init(&pset->link);
}

static void
processor_init(unsigned cpu)
{
	struct processor *processor = &processor_array[cpu];

	processor->id = cpu;
	processor->state = PROCESSOR_OFF;
	processor->pset = &processor_set_default;
	processor->quantum = SCHED_QUANTUM;
	processor->current_priority = SCHED_PRIORITY_IDLE;
	sched_queue_init(&processor->queue);
}

void
processor_setup(void)
{
	processor_set_init(&processor_set_default);
	list_insert_tail(&processor_sets, &processor_set_default.link);
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		processor_init(cpu);
	}
	processor_set_default.cpu_mask = 1;
	processor_set_default.processor_count = 1;
	processor_array[0].state = PROCESSOR_RUNNING;
}

unsigned
processor_count(void)
{
	return atomic_load_relaxed(&processor_number);
}

uint32_t
processor_active_mask(void)
{
	return atomic_load_relaxed(&processor_mask);
}

uintptr_t
processor_prepare(unsigned cpu)
{
	struct processor *processor = &processor_array[cpu];

	assert(cpu != 0 && cpu < CPU_MAX && cpu == processor_count());
	processor->idle_thread = thread_create_idle(cpu);
	if (processor->idle_thread == NULL) {
		return 0;
	}
	percpu_init(cpu);
	atomic_fetch_add_acq_rel(&processor_number, 1);
	return processor->idle_thread->stack + KERNEL_STACK_SIZE;
}

void
processor_start_secondary(unsigned cpu)
{
	struct processor *processor = &processor_array[cpu];

	assert(cpu_id() == cpu && !cpu_intr_enabled());
	processor->state = PROCESSOR_RUNNING;
	processor_set_default.processor_count++;
	atomic_fetch_or_seqcst(&processor_set_default.cpu_mask, 1u << cpu);
	atomic_fetch_or_seqcst(&processor_mask, 1u << cpu);
	intr_start_tick();
	sched_idle();
}

kern_return_t
processor_set_create(struct processor_set **psetp)
{
	struct processor_set *pset = kmem_alloc(sizeof(*pset));

	if (pset == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	processor_set_init(pset);
	refcount_ref(&pset->refcount);
	mutex_lock(&processor_sets_lock);
	list_insert_head(&processor_sets, &pset->link);
	mutex_unlock(&processor_sets_lock);
	*psetp = pset;
	return KERN_SUCCESS;
}

void
processor_set_ref(struct processor_set *pset)
{
	refcount_ref(&pset->refcount);
}

void
processor_set_unref(struct processor_set *pset)
{
	if (refcount_unref(&pset->refcount)) {
		assert(!pset->active && pset != &processor_set_default);
		kmem_free(pset, sizeof(*pset));
	}
}

struct processor_set *
processor_set_by_index(unsigned index)
{
	struct processor_set *pset;
	struct processor_set *found = NULL;

	mutex_lock(&processor_sets_lock);
	list_for_each_entry(&processor_sets, pset, link)
	{
		if (index-- == 0) {
			processor_set_ref(pset);
			found = pset;
			break;
		}
	}
	mutex_unlock(&processor_sets_lock);
	return found;
}

const struct list *
processor_debug_sets(void)
{
	return &processor_sets;
}

/* The processors that threads of PSET may use. */
static uint32_t
processor_set_usable(const struct processor_set *pset)
{
	uint32_t mask = atomic_load_relaxed(&pset->cpu_mask);

	return mask != 0 ? mask : 1;
}

/* Change the thread's set; the caller gave up a reference on NEW and gets one
 * on the result. */
static struct processor_set *
processor_set_exchange(struct thread *thread, struct processor_set *new)
{
	struct processor_set *old;
	bool were_on = spinlock_irq_lock(&thread->lock);

	old = thread->sched.pset;
	thread->sched.pset = new;
	spinlock_irq_unlock(&thread->lock, were_on);
	sched_set_processors(
	    thread, processor_set_usable(new), thread->sched.bound);
	thread_check_set(thread);
	return old;
}

kern_return_t
thread_assign_pset(struct thread *thread, struct processor_set *pset)
{
	struct processor_set *old;

	mutex_lock(&pset->lock);
	if (!pset->active) {
		mutex_unlock(&pset->lock);
		return KERN_FAILURE;
	}
	pset->thread_count++;
	processor_set_ref(pset);
	old = processor_set_exchange(thread, pset);
	mutex_unlock(&pset->lock);

	mutex_lock(&old->lock);
	old->thread_count--;
	mutex_unlock(&old->lock);
	processor_set_unref(old);
	return KERN_SUCCESS;
}

void
processor_set_add_thread(struct processor_set *pset, struct thread *thread)
{
	processor_set_ref(pset);
	mutex_lock(&pset->lock);
	pset->thread_count++;
	thread->sched.pset = pset;
	thread->sched.cpu_mask = processor_set_usable(pset);
	mutex_unlock(&pset->lock);
}

void
processor_set_remove_thread(struct thread *thread)
{
	struct processor_set *pset = thread->sched.pset;

	if (pset == NULL) {
		return;
	}
	mutex_lock(&pset->lock);
	pset->thread_count--;
	mutex_unlock(&pset->lock);
	thread->sched.pset = NULL;
	processor_set_unref(pset);
}

void
processor_set_add_task(struct processor_set *pset, struct task *task)
{
	processor_set_ref(pset);
	mutex_lock(&pset->lock);
	pset->task_count++;
	task->pset = pset;
	mutex_unlock(&pset->lock);
}

void
processor_set_remove_task(struct task *task)
{
	struct processor_set *pset = task->pset;

	mutex_lock(&pset->lock);
	pset->task_count--;
	mutex_unlock(&pset->lock);
	task->pset = NULL;
	processor_set_unref(pset);
}

typedef void (*processor_thread_fn_t)(struct thread *thread, void *arg);

/*
 * Call FN for each thread of TASK, with a reference but no lock held, so that
 * it may block.  A thread that comes meanwhile may be missed.
 */
static void
processor_each_thread(struct task *task, processor_thread_fn_t fn, void *arg)
{
	unsigned max = 0;
	unsigned count = 0;
	struct thread **threads = NULL;

	while (task_threads_get(task, threads, max, &count) == KERN_SUCCESS &&
	       count > max) {
		kmem_free(threads, max * sizeof(*threads));
		max = count + 4;
		threads = kmem_alloc(max * sizeof(*threads));
		if (threads == NULL) {
			return;
		}
		count = 0;
	}
	for (unsigned i = 0; threads != NULL && i < count; i++) {
		fn(threads[i], arg);
		thread_unref(threads[i]);
	}
	kmem_free(threads, max * sizeof(*threads));
}

static void
processor_assign_one(struct thread *thread, void *arg)
{
	thread_assign_pset(thread, arg);
}

kern_return_t
task_assign_pset(
    struct task *task, struct processor_set *pset, bool with_threads)
{
	struct processor_set *old;

	mutex_lock(&pset->lock);
	if (!pset->active) {
		mutex_unlock(&pset->lock);
		return KERN_FAILURE;
	}
	pset->task_count++;
	processor_set_ref(pset);
	mutex_unlock(&pset->lock);

	mutex_lock(&task->lock);
	old = task->pset;
	task->pset = pset;
	mutex_unlock(&task->lock);

	mutex_lock(&old->lock);
	old->task_count--;
	mutex_unlock(&old->lock);
	processor_set_unref(old);
	if (with_threads) {
		processor_each_thread(task, processor_assign_one, pset);
	}
	return KERN_SUCCESS;
}

/* What processor_each_of_set looks for. */
struct processor_each_request {
	struct processor_set *pset;
	processor_thread_fn_t fn;
	void *arg;
};

static void
processor_each_of_set_one(struct thread *thread, void *arg)
{
	struct processor_each_request *request = arg;

	if (thread->sched.pset == request->pset) {
		request->fn(thread, request->arg);
	}
}

/* References of all tasks; NULL when memory is short. */
static struct task **
processor_all_tasks(unsigned *countp, unsigned *maxp)
{
	struct task **tasks = NULL;
	unsigned max = 0;
	unsigned count = 0;

	for (;;) {
		task_list_get(tasks, max, &count);
		if (count <= max) {
			break;
		}
		kmem_free(tasks, max * sizeof(*tasks));
		max = count + 8;
		tasks = kmem_alloc(max * sizeof(*tasks));
		if (tasks == NULL) {
			return NULL;
		}
	}
	*countp = count;
	*maxp = max;
	return tasks;
}

/* Call FN for each thread of PSET, in whatever task. */
static void
processor_each_of_set(
    struct processor_set *pset, processor_thread_fn_t fn, void *arg)
{
	struct processor_each_request request = { pset, fn, arg };
	unsigned count;
	unsigned max;
	struct task **tasks = processor_all_tasks(&count, &max);

	if (tasks == NULL) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		processor_each_thread(
		    tasks[i], processor_each_of_set_one, &request);
		task_unref(tasks[i]);
	}
	kmem_free(tasks, max * sizeof(*tasks));
}

static void
processor_refresh_one(struct thread *thread, void *arg)
{
	sched_set_processors(
	    thread, processor_set_usable(arg), thread->sched.bound);
	thread_check_set(thread);
}

kern_return_t
processor_assign(struct processor *processor, struct processor_set *pset)
{
	uint32_t bit = 1u << processor->id;
	struct processor_set *old;

	if (processor->id == 0 || processor->state == PROCESSOR_OFF) {
		return processor->pset == pset ? KERN_SUCCESS
					       : KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&processor_sets_lock);
	if (!pset->active) {
		mutex_unlock(&processor_sets_lock);
		return KERN_FAILURE;
	}
	old = processor->pset;
	if (old != pset) {
		old->processor_count--;
		atomic_fetch_and_seqcst(&old->cpu_mask, ~bit);
		pset->processor_count++;
		atomic_fetch_or_seqcst(&pset->cpu_mask, bit);
		processor->pset = pset;
	}
	mutex_unlock(&processor_sets_lock);
	if (old != pset) {
		processor_each_of_set(old, processor_refresh_one, old);
		processor_each_of_set(pset, processor_refresh_one, pset);
	}
	return KERN_SUCCESS;
}

/* Send PSET's processors and tasks home. */
static void
processor_set_empty(struct processor_set *pset)
{
	unsigned count;
	unsigned max;
	struct task **tasks;

	for (unsigned cpu = 1; cpu < processor_count(); cpu++) {
		if (processor_get(cpu)->pset == pset) {
			processor_assign(
			    processor_get(cpu), &processor_set_default);
		}
	}
	processor_each_of_set(
	    pset, processor_assign_one, &processor_set_default);
	tasks = processor_all_tasks(&count, &max);
	if (tasks == NULL) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (tasks[i]->pset == pset) {
			task_assign_pset(
			    tasks[i], &processor_set_default, false);
		}
		task_unref(tasks[i]);
	}
	kmem_free(tasks, max * sizeof(*tasks));
}

kern_return_t
processor_set_destroy(struct processor_set *pset)
{
	if (pset == &processor_set_default) {
		return KERN_FAILURE;
	}
	mutex_lock(&processor_sets_lock);
	mutex_lock(&pset->lock);
	if (!pset->active) {
		mutex_unlock(&pset->lock);
		mutex_unlock(&processor_sets_lock);
		return KERN_FAILURE;
	}
	pset->active = false;
	list_remove(&pset->link);
	mutex_unlock(&pset->lock);
	mutex_unlock(&processor_sets_lock);
	processor_set_empty(pset);
	processor_set_unref(pset);
	return KERN_SUCCESS;
}

static void
processor_max_priority_one(struct thread *thread, void *arg)
{
	sched_set_max_priority(thread, *(unsigned *)arg);
}

kern_return_t
processor_set_max_priority_set(
    struct processor_set *pset, unsigned priority, bool change_threads)
{
	if (priority >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&pset->lock);
	pset->max_priority = priority;
	mutex_unlock(&pset->lock);
	if (change_threads) {
		processor_each_of_set(
		    pset, processor_max_priority_one, &priority);
	}
	return KERN_SUCCESS;
}

static bool
processor_policy_valid(int policy)
{
	return policy == POLICY_TIMESHARE || policy == POLICY_FIXEDPRI;
}

kern_return_t
processor_set_policy_enable_set(struct processor_set *pset, int policy)
{
	if (!processor_policy_valid(policy)) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&pset->lock);
	pset->policies |= 1u << policy;
	mutex_unlock(&pset->lock);
	return KERN_SUCCESS;
}

static void
processor_to_timeshare_one(struct thread *thread, void *arg)
{
	sched_set_policy(thread, POLICY_TIMESHARE, 0);
}

kern_return_t
processor_set_policy_disable_set(
    struct processor_set *pset, int policy, bool change_threads)
{
	if (!processor_policy_valid(policy) || policy == POLICY_TIMESHARE) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&pset->lock);
	pset->policies &= ~(1u << policy);
	mutex_unlock(&pset->lock);
	if (change_threads) {
		processor_each_of_set(pset, processor_to_timeshare_one, NULL);
	}
	return KERN_SUCCESS;
}

void
processor_load_get(int *load_averagep, int *mach_factorp)
{
	*load_averagep = atomic_load_relaxed(&processor_load_average);
	*mach_factorp = atomic_load_relaxed(&processor_mach_factor);
}

/* Move *AVERAGE a part of the way to SAMPLE. */
static void
processor_load_blend(int *average, int sample)
{
	int old = atomic_load_relaxed(average);

	atomic_store_relaxed(average,
	    (old * PROCESSOR_LOAD_PAST + sample) / (PROCESSOR_LOAD_PAST + 1));
}

void
processor_load_update(void)
{
	int processors = (int)processor_count();
	int runnable = 0;
	int factor;

	for (int cpu = 0; cpu < processors; cpu++) {
		struct processor *processor = processor_get((unsigned)cpu);

		runnable += (int)atomic_load_relaxed(&processor->queue.count);
		if (atomic_load_relaxed(&processor->current_priority) !=
		    SCHED_PRIORITY_IDLE) {
			runnable++;
		}
	}
	/* The caller itself runs now and does not count. */
	runnable = runnable > 0 ? runnable - 1 : 0;
	factor = runnable < processors
		     ? (processors - runnable) * PROCESSOR_LOAD_SCALE
		     : processors * PROCESSOR_LOAD_SCALE / (runnable + 1);
	processor_load_blend(&processor_load_average,
	    runnable * PROCESSOR_LOAD_SCALE / processors);
	processor_load_blend(&processor_mach_factor, factor);
}

void
processor_ticks_get(uint64_t *user, uint64_t *system, uint64_t *idle)
{
	*user = 0;
	*system = 0;
	*idle = 0;
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		const struct processor *processor = processor_get(cpu);

		*user += processor->ticks_user;
		*system += processor->ticks_system;
		*idle += processor->ticks_idle;
	}
}
