/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Choosing what runs.
 *
 * Placing: a thread that becomes runnable goes to the processor it last ran
 * on if that is idle; else to an idle one of its set; else to the last one if
 * it is better than what runs there; else to one that runs something worse.
 * Balancing: a processor that runs out of work takes waiting threads from the
 * others' queues before it idles; and at the end of each time slice it takes one
 * that is better than all it has.
 *
 * A processor announces that it idles in sched_idle_mask and then looks at the
 * queues once more; who queues a thread looks at the mask after queueing, and
 * interrupts the processor.  So no thread waits while its processor sleeps.
 */

#include <kernel/sched.h>

#include <mach/policy.h>
#include <machine/cpu.h>
#include <machine/pcb.h>

#include <kernel/ast.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/stack.h>
#include <kernel/thread.h>

/* A tick of usage worsens a priority by 1 / SCHED_USAGE_PER_PRIORITY. */
#define SCHED_USAGE_PER_PRIORITY	8u
/* Usage older than this many seconds has decayed to nothing. */
#define SCHED_USAGE_FORGET		16u

static uint32_t sched_idle_mask;	/* [a] bit per idling processor */

void
sched_queue_init(struct sched_queue *queue)
{
	spinlock_irq_init(&queue->lock, LOCK_RANK_RUN_QUEUE);
	for (unsigned i = 0; i < SCHED_PRIORITIES; i++) {
		list_init(&queue->lists[i]);
	}
	for (unsigned i = 0; i < SCHED_PRIORITIES / 32; i++) {
		queue->bitmap[i] = 0;
	}
	queue->count = 0;
}

static void
sched_queue_insert(
    struct sched_queue *queue, struct thread *thread, bool at_head)
{
	struct thread_sched *sched = &thread->sched;
	unsigned priority = sched->priority;

	spinlock_irq_assert_held(&queue->lock);
	assert_debug(sched->queue == NULL && !sched->idle);
	if (at_head) {
		list_insert_head(&queue->lists[priority], &sched->link);
	} else {
		list_insert_tail(&queue->lists[priority], &sched->link);
	}
	queue->bitmap[priority / 32] |= 1u << (priority % 32);
	queue->count++;
	sched->queue_priority = priority;
	atomic_store_relaxed(&sched->queue, queue);
}

static void
sched_queue_remove(struct sched_queue *queue, struct thread *thread)
{
	struct thread_sched *sched = &thread->sched;
	unsigned priority = sched->queue_priority;

	spinlock_irq_assert_held(&queue->lock);
	assert_debug(sched->queue == queue);
	list_remove(&sched->link);
	if (list_empty(&queue->lists[priority])) {
		queue->bitmap[priority / 32] &= ~(1u << (priority % 32));
	}
	queue->count--;
	atomic_store_relaxed(&sched->queue, NULL);
}

/* The best priority in QUEUE, SCHED_PRIORITY_IDLE when it is empty. */
static unsigned
sched_queue_best(const struct sched_queue *queue)
{
	for (unsigned i = 0; i < SCHED_PRIORITIES / 32; i++) {
		uint32_t bits = atomic_load_relaxed(&queue->bitmap[i]);

		if (bits != 0) {
			return i * 32 + (unsigned)__builtin_ctz(bits);
		}
	}
	return SCHED_PRIORITY_IDLE;
}

/* Take the best thread whose priority is LIMIT or better; NULL if none. */
static struct thread *
sched_queue_take(struct sched_queue *queue, unsigned limit)
{
	struct thread *thread = NULL;
	unsigned best;

	if (atomic_load_relaxed(&queue->count) == 0) {
		return NULL;
	}
	spinlock_irq_lock(&queue->lock);
	best = sched_queue_best(queue);
	if (best <= limit && best != SCHED_PRIORITY_IDLE) {
		thread = list_first_entry(
		    &queue->lists[best], struct thread, sched.link);
		sched_queue_remove(queue, thread);
	}
	spinlock_irq_unlock(&queue->lock, false);
	return thread;
}

/* Take the best thread of QUEUE that may run on processor CPU. */
static struct thread *
sched_queue_steal(struct sched_queue *queue, unsigned cpu)
{
	struct thread *found = NULL;

	spinlock_irq_lock(&queue->lock);
	for (unsigned i = sched_queue_best(queue); i < SCHED_PRIORITIES; i++) {
		struct thread *thread;

		list_for_each_entry(&queue->lists[i], thread, sched.link)
		{
			if (thread->sched.bound == NULL &&
			    (thread->sched.cpu_mask & (1u << cpu)) != 0) {
				found = thread;
				break;
			}
		}
		if (found != NULL) {
			sched_queue_remove(queue, found);
			break;
		}
	}
	spinlock_irq_unlock(&queue->lock, false);
	return found;
}

/* Take a thread from another processor's queue. */
static struct thread *
sched_steal(unsigned cpu)
{
	unsigned count = processor_count();

	for (unsigned i = 1; i < count; i++) {
		struct sched_queue *queue = &processor_get((cpu + i) % count)
						 ->queue;
		struct thread *thread;

		if (atomic_load_relaxed(&queue->count) == 0) {
			continue;
		}
		thread = sched_queue_steal(queue, cpu);
		if (thread != NULL) {
			return thread;
		}
	}
	return NULL;
}

static uint32_t
sched_now_seconds(void)
{
	return clock_seconds();
}

/* Let the usage fade by 5/8 for each second since it was last looked at. */
static void
sched_decay_usage(struct thread_sched *sched)
{
	uint32_t now = sched_now_seconds();
	uint32_t age = now - sched->usage_stamp;

	if (age == 0) {
		return;
	}
	sched->usage_stamp = now;
	if (age > SCHED_USAGE_FORGET) {
		sched->usage = 0;
		return;
	}
	for (; age > 0; age--) {
		sched->usage = sched->usage * 5 / 8;
	}
}

static unsigned
sched_compute_priority(struct thread *thread)
{
	struct thread_sched *sched = &thread->sched;
	unsigned priority = sched->base_priority;

	sched_decay_usage(sched);
	if ((atomic_load_relaxed(&thread->ast) & (AST_HALT | AST_TERMINATE)) !=
		0 &&
	    priority > SCHED_PRIORITY_SYSTEM) {
		/* Somebody waits for it to get to its clean point. */
		return SCHED_PRIORITY_SYSTEM;
	}
	if (sched->depressed) {
		return SCHED_PRIORITY_DEPRESS;
	}
	if (sched->policy == POLICY_TIMESHARE) {
		priority += sched->usage / SCHED_USAGE_PER_PRIORITY;
	}
	return priority > SCHED_PRIORITY_WORST ? SCHED_PRIORITY_WORST
					       : priority;
}

/* Lock the queue that THREAD is on, if it is on one; its lock is held. */
static struct sched_queue *
sched_lock_queue_of(struct thread *thread)
{
	struct sched_queue *queue = atomic_load_relaxed(&thread->sched.queue);

	if (queue == NULL) {
		return NULL;
	}
	spinlock_irq_lock(&queue->lock);
	/* Only a holder of the thread's lock puts it on a queue, so it cannot
	 * be on another one now, only on none. */
	if (thread->sched.queue == queue) {
		return queue;
	}
	spinlock_irq_unlock(&queue->lock, false);
	return NULL;
}

/* Is THREAD, which is locked, what its processor runs? */
static bool
sched_is_running(const struct thread *thread)
{
	const struct processor *processor = thread->sched.processor;

	return processor != NULL &&
	       atomic_load_relaxed(&percpu_get(processor->id)->thread) ==
		   thread;
}

void
sched_update_locked(struct thread *thread)
{
	struct thread_sched *sched = &thread->sched;
	unsigned old = sched->priority;
	struct sched_queue *queue;

	spinlock_irq_assert_held(&thread->lock);
	if (sched->idle) {
		return;
	}
	sched->priority = sched_compute_priority(thread);
	if (sched->priority == old) {
		return;
	}
	queue = sched_lock_queue_of(thread);
	if (queue != NULL) {
		sched_queue_remove(queue, thread);
		sched_queue_insert(queue, thread, false);
		spinlock_irq_unlock(&queue->lock, false);
		if (sched->priority <
		    atomic_load_relaxed(&sched->processor->current_priority)) {
			ast_cpu_set(sched->processor->id, AST_RESCHED);
		}
		return;
	}
	if (sched->state == THREAD_RUN && sched_is_running(thread)) {
		atomic_store_relaxed(
		    &sched->processor->current_priority, sched->priority);
		if (sched->priority > old) {
			ast_cpu_set(sched->processor->id, AST_RESCHED);
		}
	}
}

static void
sched_depress_timeout(struct timer *timer)
{
	struct thread *thread = list_entry(
	    timer, struct thread, sched.depress_timer);
	bool were_on = spinlock_irq_lock(&thread->lock);

	thread->sched.depressed = false;
	sched_update_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
}

void
sched_thread_init(struct thread *thread, unsigned priority)
{
	struct thread_sched *sched = &thread->sched;

	*sched = (struct thread_sched){
		.state = THREAD_NEW,
		.priority = priority,
		.base_priority = priority,
		.max_priority = priority,
		.policy = POLICY_TIMESHARE,
		.quantum = SCHED_QUANTUM,
		.cpu_mask = UINT32_MAX,
		.usage_stamp = sched_now_seconds(),
	};
	timer_init(&sched->depress_timer, sched_depress_timeout);
	list_node_init(&sched->link);
}

unsigned
sched_sleep_seconds_locked(const struct thread *thread)
{
	spinlock_irq_assert_held(&thread->lock);
	if (thread->sched.state == THREAD_RUN) {
		return 0;
	}
	return sched_now_seconds() - thread->sched.usage_stamp;
}

/* The best priority that runs or waits on PROCESSOR. */
static unsigned
sched_processor_priority(const struct processor *processor)
{
	unsigned running = atomic_load_relaxed(&processor->current_priority);
	unsigned waiting = sched_queue_best(&processor->queue);

	return waiting < running ? waiting : running;
}

/* A processor of MASK that has only worse than PRIORITY, or NULL. */
static struct processor *
sched_find_worse(uint32_t mask, unsigned priority)
{
	struct processor *worst = NULL;

	while (mask != 0) {
		struct processor *processor = processor_get(
		    (unsigned)__builtin_ctz(mask));
		unsigned its = sched_processor_priority(processor);

		mask &= mask - 1;
		if (its > priority) {
			priority = its;
			worst = processor;
		}
	}
	return worst;
}

/* Where THREAD should wait; it is locked. */
static struct processor *
sched_choose_processor(const struct thread *thread)
{
	const struct thread_sched *sched = &thread->sched;
	struct processor *last = sched->processor;
	struct processor *worse;
	uint32_t mask;
	uint32_t idle;

	if (processor_count() == 1) {
		return processor_current();
	}
	if (sched->bound != NULL) {
		return sched->bound;
	}
	if (last == NULL) {
		last = processor_current();
	}
	mask = sched->cpu_mask & processor_active_mask();
	idle = atomic_load_seqcst(&sched_idle_mask) & mask;
	if ((mask & (1u << last->id)) == 0) {
		last = processor_get((unsigned)__builtin_ctz(mask));
	}
	if ((idle & (1u << last->id)) != 0) {
		return last;
	}
	if (idle != 0) {
		return processor_get((unsigned)__builtin_ctz(idle));
	}
	if (sched->priority < sched_processor_priority(last)) {
		return last;
	}
	worse = sched_find_worse(mask, sched->priority);
	return worse != NULL ? worse : last;
}

/* Queue THREAD, which is RUN and locked, and tell the processor. */
static void
sched_enqueue_locked(struct thread *thread, bool at_head)
{
	struct processor *processor = sched_choose_processor(thread);
	uint32_t bit = 1u << processor->id;
	uint32_t idle;

	spinlock_irq_assert_held(&thread->lock);
	thread->sched.processor = processor;
	spinlock_irq_lock(&processor->queue.lock);
	sched_queue_insert(&processor->queue, thread, at_head);
	spinlock_irq_unlock(&processor->queue.lock, false);
	if ((atomic_fetch_and_seqcst(&sched_idle_mask, ~bit) & bit) != 0 ||
	    thread->sched.priority <
		atomic_load_relaxed(&processor->current_priority)) {
		ast_cpu_set(processor->id, AST_RESCHED);
		return;
	}
	/* It has to wait: has another processor run out of work meanwhile? */
	idle = atomic_load_seqcst(&sched_idle_mask) & thread->sched.cpu_mask;
	if (idle != 0 && thread->sched.bound == NULL) {
		ast_cpu_set((unsigned)__builtin_ctz(idle), AST_RESCHED);
	}
}

void
sched_setrun_locked(struct thread *thread)
{
	assert_debug(thread->sched.state == THREAD_RUN);
	thread->sched.priority = sched_compute_priority(thread);
	sched_enqueue_locked(thread, false);
}

void
sched_run_next(void)
{
	struct thread *self = current_thread();
	struct thread *next;
	bool were_on;

	/* Only this thread puts one there. */
	if (self->sched.next == NULL) {
		return;
	}
	were_on = cpu_intr_save();
	next = self->sched.next;
	if (next != NULL) {
		self->sched.next = NULL;
		spinlock_irq_lock(&next->lock);
		sched_setrun_locked(next);
		spinlock_irq_unlock(&next->lock, were_on);
	} else {
		cpu_intr_restore(were_on);
	}
}

/* Is THREAD, which is locked, off its processor in one of the stopped ways? */
static bool
sched_counts_as_stopped(const struct thread *thread)
{
	switch (thread->sched.state) {
	case THREAD_STOPPED:
	case THREAD_DEAD:
		return true;
	case THREAD_BLOCKED:
		return thread->wait.interruptible;
	default:
		return false;
	}
}

/* Does THREAD, which leaves its processor, give its stack away? */
static bool
sched_gives_stack(const struct thread *thread)
{
	return thread->continuation != NULL && !thread->keeps_stack;
}

/*
 * See that NEXT, which is to follow the current thread and is on no queue, has a
 * stack then; false if that has to wait.
 */
static bool
sched_find_stack(struct thread *next)
{
	if (next->stack != 0 || next->continuation == NULL ||
	    sched_gives_stack(current_thread())) {
		return true;
	}
	next->stack = stack_try();
	if (next->stack == 0) {
		stack_await(next);
		return false;
	}
	return true;
}

/* Send the interrupts that are due; no spin lock is held, interrupts are off. */
static inline void
sched_send(void)
{
	if ((cpu_local_get(ast) & AST_SEND) != 0) {
		ast_send();
	}
	assert_debug(cpu_local_get(unsent) == 0);
}

/* What follows pcb_switch() in every thread: PREV is off the processor. */
static void
sched_switch_done(struct thread *prev)
{
	vm_offset_t stack = 0;
	bool wake = false;
	bool dead = false;

	spinlock_irq_assert_held(&prev->lock);
	if (sched_gives_stack(prev)) {
		stack = prev->stack;
		prev->stack = 0;
	}
	if (prev->sched.state != THREAD_RUN) {
		wake = prev->sched.stop_waiter && sched_counts_as_stopped(prev);
		if (wake) {
			prev->sched.stop_waiter = false;
		}
		/* The last one that has it pinned gives it to the reaper
		 * otherwise. */
		dead = prev->sched.state == THREAD_DEAD && prev->pins == 0;
	} else if (!prev->sched.idle) {
		bool expired = prev->sched.expired;

		prev->sched.expired = false;
		sched_enqueue_locked(prev, !expired);
	}
	spinlock_irq_unlock(&prev->lock, false);
	/* PREV may run or be freed from here on: only its address counts. */
	if (stack != 0) {
		stack_put(stack);
	}
	stack_care();
	if (wake) {
		sleepq_wake_all(&prev->sched.stop_waiter);
	}
	if (dead) {
		thread_reap(prev);
	}
	sched_send();
}

void
sched_thread_begin(struct thread *prev)
{
	sched_switch_done(prev);
	cpu_intr_enable();
}

void
sched_thread_continue(struct thread *prev)
{
	struct thread *self = current_thread();
	void (*continuation)(void) = self->continuation;

	/* From now on it needs its stack. */
	self->continuation = NULL;
	sched_thread_begin(prev);
	continuation();
	panic("a continuation returned");
}

/*
 * Make NEXT, which is RUN and on no queue, what runs here in place of the current
 * thread, which is locked; the machine is still to be told.
 */
static void
sched_enter(struct thread *next)
{
	struct thread *self = current_thread();
	struct processor *processor = processor_current();

	spinlock_irq_assert_held(&self->lock);
	assert_debug(next != self);
	assert_debug(cpu_local_get(preempt_count) == 1);
	processor->switches++;
	processor->quantum = next->sched.policy == POLICY_FIXEDPRI
				 ? next->sched.quantum
				 : SCHED_QUANTUM;
	atomic_store_relaxed(
	    &processor->current_priority, next->sched.priority);
	next->sched.processor = processor;
	next->sched.expired = false;
	if (self->sched.idle) {
		atomic_fetch_and_relaxed(
		    &sched_idle_mask, ~(1u << processor->id));
	}
	/* Pairs with ast_thread_set(): it sets the bit and then looks who
	 * runs here; we say who runs here and later look at the bit. */
	atomic_store_seqcst(&cpu_local_get(self)->thread, next);
}

void
sched_handed_over(struct thread *prev)
{
	current_thread()->continuation = NULL;
	if (__builtin_expect(prev->sched.state == THREAD_BLOCKED &&
		!prev->sched.stop_waiter && prev->stack == 0, true)) {
		spinlock_irq_unlock(&prev->lock, true);
		return;
	}
	sched_thread_begin(prev);
}

uint32_t
sched_hand_over_unlock(void (*continuation)(void), vm_offset_t spare,
    uint32_t (*fn)(void *arg), void *arg, size_t size)
{
	struct thread *self = current_thread();
	struct thread *next = self->sched.next;
	vm_offset_t other = spare;

	assert_debug(next->continuation != NULL);
	if (next->stack != 0) {
		other = next->stack;
		if (spare != 0) {
			stack_put(spare);
		}
	}
	self->sched.next = NULL;
	self->continuation = continuation;
	next->stack = self->stack;
	self->stack = other;
	sched_enter(next);
	return pcb_hand_over(self, next, fn, arg, size);
}

/* Put NEXT, for which sched_find_stack() was called, in the place of the current
 * thread, which is locked. */
static void
sched_switch_unlock(struct thread *next)
{
	struct thread *self = current_thread();

	sched_enter(next);
	if (next->continuation != NULL) {
		if (next->stack == 0) {
			next->stack = self->stack;
			self->stack = 0;
			sched_switch_done(pcb_switch_stay(self, next));
			return;
		}
		pcb_setup_continue(next);
	}
	sched_switch_done(pcb_switch(self, next));
}

void
sched_block_unlock(void)
{
	struct thread_sched *sched = &current_thread()->sched;
	struct thread *next = sched->next;
	struct processor *processor;

	sched->next = NULL;
	if (next != NULL && sched_find_stack(next)) {
		sched_switch_unlock(next);
		return;
	}
	processor = processor_current();
	do {
		next = sched_queue_take(
		    &processor->queue, SCHED_PRIORITY_WORST);
		if (next == NULL) {
			next = sched_steal(processor->id);
		}
		if (next == NULL) {
			next = processor->idle_thread;
		}
	} while (!sched_find_stack(next));
	sched_switch_unlock(next);
}

void
sched_block_continue_unlock(void (*continuation)(void))
{
	current_thread()->continuation = continuation;
	sched_block_unlock();
}

/*
 * Switch to a thread of priority LIMIT or better, if one waits here, or leave
 * this processor if the current thread may not run on it any more.  It goes on
 * with CONTINUATION then, or, if that is NULL, here.  Interrupts are off.
 * Returns whether another thread ran.
 */
static bool
sched_give_way(unsigned limit, bool to_the_end, void (*continuation)(void))
{
	struct thread *self = current_thread();
	struct processor *processor = processor_current();
	struct thread *next;

	if (self->sched.next != NULL) {
		/* It waits no longer than those that nobody claimed. */
		sched_run_next();
	}
	spinlock_irq_lock(&self->lock);
	self->continuation = continuation;
	do {
		next = sched_queue_take(&processor->queue, limit);
	} while (next != NULL && !sched_find_stack(next));
	if (next == NULL && !self->sched.idle && !sched_may_run_here(&self->sched)) {
		next = processor->idle_thread;
		to_the_end = true;
	}
	if (next == NULL) {
		self->continuation = NULL;
		spinlock_irq_unlock(&self->lock, false);
		return false;
	}
	if (to_the_end) {
		self->sched.expired = true;
	}
	sched_switch_unlock(next);
	return true;
}

/* Act on AST_RESCHED; interrupts are off.  CONTINUATION as above. */
static void
sched_resched(void (*continuation)(void))
{
	struct thread *self = current_thread();
	struct processor *processor = processor_current();
	unsigned limit = atomic_load_relaxed(&processor->current_priority);

	atomic_fetch_and_seqcst(&cpu_local_get(self)->ast, ~AST_RESCHED);
	if (self->sched.idle) {
		limit = SCHED_PRIORITY_WORST;
	} else if (!self->sched.expired && limit > 0) {
		limit--;
	}
	/* Whoever runs it again says anew whether its slice is over. */
	sched_give_way(limit, false, continuation);
	self->sched.expired = false;
}

void
sched_preempt(void)
{
	bool were_on = cpu_intr_save();

	if (cpu_local_get(preempt_count) == 0) {
		sched_send();
		if (were_on && cpu_local_get(intr_depth) == 0 &&
		    (cpu_local_get(ast) & AST_RESCHED) != 0) {
			sched_resched(NULL);
		}
	}
	cpu_intr_restore(were_on);
}

void
sched_intr_return(void)
{
	assert_debug(!cpu_intr_enabled());
	if (cpu_local_get(preempt_count) != 0) {
		return;
	}
	sched_send();
	if (cpu_local_get(intr_depth) == 0 &&
	    (cpu_local_get(ast) & AST_RESCHED) != 0) {
		sched_resched(NULL);
	}
}

void
sched_user_return(void)
{
	assert_debug(!cpu_intr_enabled());
	sched_send();
	if ((cpu_local_get(ast) & AST_RESCHED) != 0) {
		sched_resched(pcb_return_to_user);
	}
}

bool
sched_yield(void)
{
	bool were_on = cpu_intr_save();
	bool switched = sched_give_way(
	    processor_current()->current_priority, true, NULL);

	cpu_intr_restore(were_on);
	return switched;
}

bool
sched_yield_to(struct thread *thread)
{
	struct thread *self = current_thread();
	struct sched_queue *queue;
	bool were_on;
	bool taken = false;

	if (thread == self) {
		return false;
	}
	were_on = spinlock_irq_lock(&self->lock);
	queue = atomic_load_relaxed(&thread->sched.queue);
	if (queue != NULL) {
		spinlock_irq_lock(&queue->lock);
		taken = thread->sched.queue == queue &&
			sched_may_run_here(&thread->sched);
		if (taken) {
			sched_queue_remove(queue, thread);
		}
		spinlock_irq_unlock(&queue->lock, false);
	}
	if (!taken || !sched_find_stack(thread)) {
		spinlock_irq_unlock(&self->lock, were_on);
		return false;
	}
	self->sched.expired = true;
	sched_switch_unlock(thread);
	cpu_intr_restore(were_on);
	return true;
}

bool
sched_others_waiting(void)
{
	return atomic_load_relaxed(&processor_current()->queue.count) > 0;
}

/* Charge one tick to THREAD, which runs here. */
static void
sched_charge(struct thread *thread, bool user)
{
	struct thread_sched *sched = &thread->sched;

	spinlock_irq_lock(&thread->lock);
	if (user) {
		sched->ticks_user++;
	} else {
		sched->ticks_system++;
	}
	sched_decay_usage(sched);
	sched->usage++;
	sched->priority = sched_compute_priority(thread);
	atomic_store_relaxed(
	    &processor_current()->current_priority, sched->priority);
	spinlock_irq_unlock(&thread->lock, false);
}

/*
 * If a thread waits elsewhere that is better than all that this processor has,
 * take it here.
 */
static void
sched_balance(struct processor *processor)
{
	unsigned count = processor_count();
	unsigned limit = sched_processor_priority(processor);

	for (unsigned i = 1; i < count; i++) {
		struct sched_queue
		    *queue = &processor_get((processor->id + i) % count)->queue;
		struct thread *thread;

		if (sched_queue_best(queue) >= limit) {
			continue;
		}
		thread = sched_queue_steal(queue, processor->id);
		if (thread == NULL) {
			continue;
		}
		/* On no queue and on no processor it is ours alone. */
		spinlock_irq_lock(&thread->lock);
		thread->sched.processor = processor;
		spinlock_irq_lock(&processor->queue.lock);
		sched_queue_insert(&processor->queue, thread, false);
		spinlock_irq_unlock(&processor->queue.lock, false);
		spinlock_irq_unlock(&thread->lock, false);
		return;
	}
}

void
sched_tick(bool user)
{
	struct processor *processor = processor_current();
	struct thread *thread = current_thread();
	unsigned best;

	if (thread->sched.idle) {
		processor->ticks_idle++;
		return;
	}
	if (user) {
		processor->ticks_user++;
	} else {
		processor->ticks_system++;
	}
	sched_charge(thread, user);
	if (processor->quantum > 0) {
		processor->quantum--;
	}
	if (processor->quantum == 0) {
		processor->quantum = thread->sched.policy == POLICY_FIXEDPRI
					 ? thread->sched.quantum
					 : SCHED_QUANTUM;
		thread->sched.expired = true;
		sched_balance(processor);
	}
	best = sched_queue_best(&processor->queue);
	/* A thread may be assigned elsewhere just when it is on its way here,
	 * on no queue and not running: then it is sent off now. */
	if (best < thread->sched.priority ||
	    (thread->sched.expired && best == thread->sched.priority) ||
	    !sched_may_run_here(&thread->sched)) {
		ast_cpu_set(processor->id, AST_RESCHED);
	}
}

void
sched_idle(void)
{
	struct thread *self = current_thread();
	struct processor *processor = processor_current();
	uint32_t bit = 1u << processor->id;

	assert(self->sched.idle);
	for (;;) {
		struct thread *next;

		cpu_intr_disable();
		sched_send();
		atomic_fetch_and_relaxed(
		    &cpu_local_get(self)->ast, ~AST_RESCHED);
		atomic_fetch_or_seqcst(&sched_idle_mask, bit);
		next = sched_queue_take(
		    &processor->queue, SCHED_PRIORITY_WORST);
		if (next == NULL) {
			next = sched_steal(processor->id);
		}
		if (next == NULL) {
			assert_debug(cpu_local_get(unsent) == 0);
			cpu_idle();
			continue;
		}
		if (sched_find_stack(next)) {
			spinlock_irq_lock(&self->lock);
			sched_switch_unlock(next);
		} else {
			/* There is nothing to be switched from. */
			stack_care();
		}
	}
}

void
sched_depress(uint64_t ticks)
{
	struct thread *thread = current_thread();
	bool were_on;

	/* The last one's timer may be pending, or be running right now. */
	timer_cancel(&thread->sched.depress_timer);
	were_on = spinlock_irq_lock(&thread->lock);
	thread->sched.depressed = true;
	sched_update_locked(thread);
	if (ticks != 0) {
		timer_start(
		    &thread->sched.depress_timer, clock_ticks() + ticks);
	}
	spinlock_irq_unlock(&thread->lock, were_on);
}

/*
 * Lock the current thread, and let its depression end in TICKS, or earlier if
 * the timer of the last one, which nobody stops, runs out before.
 */
static bool
sched_depress_lock(struct thread *thread, uint64_t ticks)
{
	struct timer *timer = &thread->sched.depress_timer;
	uint64_t deadline = clock_ticks() + ticks;
	bool were_on;

	for (;;) {
		if (!timer_pending(timer) || timer->deadline > deadline) {
			timer_cancel(timer);
			were_on = spinlock_irq_lock(&thread->lock);
			timer_start(timer, deadline);
			return were_on;
		}
		were_on = spinlock_irq_lock(&thread->lock);
		if (timer_pending(timer)) {
			/* What it does comes after this lock. */
			return were_on;
		}
		spinlock_irq_unlock(&thread->lock, were_on);
	}
}

bool
sched_yield_depressed(uint64_t ticks)
{
	struct thread *self = current_thread();
	bool were_on = sched_depress_lock(self, ticks);
	bool switched;

	self->sched.depressed = true;
	self->sched.priority = sched_compute_priority(self);
	spinlock_irq_unlock(&self->lock, false);
	switched = sched_give_way(SCHED_PRIORITY_WORST, true, NULL);
	cpu_intr_restore(were_on);
	sched_depress_abort(self);
	return switched;
}

kern_return_t
sched_depress_abort(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&thread->lock);
	bool was = thread->sched.depressed;

	thread->sched.depressed = false;
	sched_update_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
	/* The timer runs out by itself: to cancel it here might hit the next
	 * depression's, which then would not end. */
	return was ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t
sched_set_priority(struct thread *thread, unsigned priority, bool set_max)
{
	kern_return_t kr = KERN_SUCCESS;
	bool were_on;

	if (priority >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	were_on = spinlock_irq_lock(&thread->lock);
	if (priority < thread->sched.max_priority) {
		kr = KERN_FAILURE;
	} else {
		thread->sched.base_priority = priority;
		if (set_max) {
			thread->sched.max_priority = priority;
		}
		sched_update_locked(thread);
	}
	spinlock_irq_unlock(&thread->lock, were_on);
	return kr;
}

kern_return_t
sched_set_max_priority(struct thread *thread, unsigned max)
{
	bool were_on;

	if (max >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	were_on = spinlock_irq_lock(&thread->lock);
	thread->sched.max_priority = max;
	if (thread->sched.base_priority < max) {
		thread->sched.base_priority = max;
		sched_update_locked(thread);
	}
	spinlock_irq_unlock(&thread->lock, were_on);
	return KERN_SUCCESS;
}

kern_return_t
sched_set_policy(struct thread *thread, int policy, unsigned quantum_ticks)
{
	bool were_on;

	if (policy != POLICY_TIMESHARE && policy != POLICY_FIXEDPRI) {
		return KERN_INVALID_ARGUMENT;
	}
	were_on = spinlock_irq_lock(&thread->lock);
	thread->sched.policy = policy;
	if (policy == POLICY_FIXEDPRI) {
		thread->sched.quantum = quantum_ticks == 0 ? 1 : quantum_ticks;
	}
	sched_update_locked(thread);
	spinlock_irq_unlock(&thread->lock, were_on);
	return KERN_SUCCESS;
}

void
sched_set_processors(
    struct thread *thread, uint32_t cpu_mask, struct processor *bound)
{
	struct thread_sched *sched = &thread->sched;
	struct sched_queue *queue;
	bool were_on;

	assert((cpu_mask & processor_active_mask()) != 0);
	were_on = spinlock_irq_lock(&thread->lock);
	sched->cpu_mask = cpu_mask;
	sched->bound = bound;
	queue = sched_lock_queue_of(thread);
	if (queue != NULL) {
		sched_queue_remove(queue, thread);
		spinlock_irq_unlock(&queue->lock, false);
		sched_enqueue_locked(thread, false);
	} else if (sched->state == THREAD_RUN && sched_is_running(thread)) {
		ast_cpu_set(sched->processor->id, AST_RESCHED);
	}
	spinlock_irq_unlock(&thread->lock, were_on);
}

/* A thread of QUEUE whose usage was not looked at in this second, with a
 * reference; NULL when there is none. */
static struct thread *
sched_find_stale(struct sched_queue *queue)
{
	uint32_t now = sched_now_seconds();
	struct thread *found = NULL;
	bool were_on = spinlock_irq_lock(&queue->lock);

	for (unsigned i = sched_queue_best(queue);
	     i < SCHED_PRIORITIES && found == NULL; i++) {
		struct thread *thread;

		list_for_each_entry(&queue->lists[i], thread, sched.link)
		{
			if (thread->sched.usage_stamp != now) {
				thread_ref(thread);
				found = thread;
				break;
			}
		}
	}
	spinlock_irq_unlock(&queue->lock, were_on);
	return found;
}

void
sched_age(void)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		struct sched_queue *queue = &processor_get(cpu)->queue;
		struct thread *thread;

		while ((thread = sched_find_stale(queue)) != NULL) {
			bool were_on = spinlock_irq_lock(&thread->lock);

			sched_update_locked(thread);
			spinlock_irq_unlock(&thread->lock, were_on);
			thread_unref(thread);
		}
	}
}

void
sched_queue_check(struct sched_queue *queue)
{
	bool were_on = spinlock_irq_lock(&queue->lock);
	unsigned count = 0;

	for (unsigned i = 0; i < SCHED_PRIORITIES; i++) {
		bool marked = (queue->bitmap[i / 32] & (1u << (i % 32))) != 0;
		struct thread *thread;

		assert(marked == !list_empty(&queue->lists[i]));
		list_for_each_entry(&queue->lists[i], thread, sched.link)
		{
			assert(thread->sched.queue == queue);
			assert(thread->sched.queue_priority == i);
			assert(!thread->sched.idle);
			count++;
		}
	}
	assert(count == queue->count);
	spinlock_irq_unlock(&queue->lock, were_on);
}
