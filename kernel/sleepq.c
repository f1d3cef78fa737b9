/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Sleep queues: a hash table of lists of waiting threads, each bucket with its
 * own lock.
 *
 * A thread waits from sleepq_prepare until its wait.event becomes NULL, which
 * whoever ends the wait does under the locks of bucket and thread, making it
 * runnable in the same step if it had blocked already.  The thread itself
 * decides to block under its lock only; so either it sees the wait ended, or
 * the waker sees it blocked.
 */

#include <kernel/sleepq.h>

#include <stddef.h>

#include <machine/cpu.h>

#include <kernel/ast.h>
#include <kernel/lock_rank.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

#define SLEEPQ_BUCKETS	256u

/* [q] own lock */
struct sleepq_bucket {
	struct spinlock_irq lock;
	struct list waiting;	/* [q] thread->waiting.link, longest first */
};

static struct sleepq_bucket sleepq_buckets[SLEEPQ_BUCKETS];

static struct sleepq_bucket *
sleepq_bucket(const void *event)
{
	uint32_t key = (uint32_t)(uintptr_t)event;

	/* Fibonacci hashing: the top bits of the product depend on all. */
	return &sleepq_buckets[(key * 0x9e3779b1u) >> 24];
}

void
sleepq_setup(void)
{
	for (unsigned i = 0; i < SLEEPQ_BUCKETS; i++) {
		spinlock_irq_init(&sleepq_buckets[i].lock, LOCK_RANK_SLEEPQ);
		list_init(&sleepq_buckets[i].waiting);
	}
}

static void
sleepq_timeout(struct timer *timer)
{
	sleepq_wake_thread(list_entry(timer, struct thread, waiting.timer),
	    NULL, WAIT_TIMED_OUT);
}

void
sleepq_thread_init(struct thread *thread)
{
	struct thread_wait *wait = &thread->wait;

	wait->alone = false;
	wait->event = NULL;
	wait->result = WAIT_OK;
	wait->interruptible = false;
	wait->prepared = false;
}

/* End the wait of THREAD, the current one, at DEADLINE. */
static void
sleepq_start_timer(struct thread *thread, uint64_t deadline)
{
	struct timer *timer = &thread->waiting.timer;

	timer_init(timer, sleepq_timeout);
	timer_start(timer, deadline);
}

void
sleepq_assert_may_block(void)
{
	if (panic_active()) {
		return;
	}
	lock_rank_assert_no_spin();
	assert(cpu_local_get(intr_depth) == 0);
	assert(!preempt_disabled());
}

void
sleepq_prepare(const void *event, bool interruptible)
{
	struct thread *thread = current_thread();
	struct thread_wait *wait = &thread->wait;
	struct sleepq_bucket *bucket = sleepq_bucket(event);
	bool were_on = spinlock_irq_lock(&bucket->lock);

	assert_debug(event != NULL && !wait->prepared);
	assert_debug(!thread->sched.idle);
	spinlock_irq_lock(&thread->lock);
	wait->prepared = true;
	wait->interruptible = interruptible;
	wait->alone = false;
	if (interruptible && (atomic_load_relaxed(&thread->ast) &
				 (AST_ABORT | AST_TERMINATE)) != 0) {
		wait->result = WAIT_INTERRUPTED;
	} else {
		wait->event = event;
		list_node_init(&thread->waiting.link);
		list_insert_tail(&bucket->waiting, &thread->waiting.link);
	}
	spinlock_irq_unlock(&thread->lock, false);
	spinlock_irq_unlock(&bucket->lock, were_on);
}

/* End the wait of THREAD.  It and its bucket, if it is on one, are locked. */
static void
sleepq_end_wait(struct thread *thread, enum wait_result result)
{
	struct thread_wait *wait = &thread->wait;

	if (!wait->alone) {
		list_remove(&thread->waiting.link);
	}
	wait->event = NULL;
	wait->result = result;
	if (thread->sched.state != THREAD_BLOCKED) {
		return;
	}
	if (wait->interruptible && thread->sched.hold_count > 0 &&
	    (atomic_load_relaxed(&thread->ast) & (AST_ABORT | AST_TERMINATE)) ==
		0) {
		thread->sched.state = THREAD_STOPPED;
		return;
	}
	thread->sched.state = THREAD_RUN;
	sched_setrun_locked(thread);
}

/* The end of every kind of waiting. */
static enum wait_result
sleepq_finish_wait(struct thread *thread, uint64_t deadline)
{
	thread->wait.prepared = false;
	if (deadline != 0) {
		timer_cancel(&thread->waiting.timer);
	}
	return thread->wait.result;
}

static void
sleepq_assert_wait(const struct thread *thread)
{
#ifdef DEBUG
	assert(thread->wait.prepared);
	assert_may_block();
	if (thread->wait.interruptible) {
		lock_rank_assert_no_mutex();
	}
#endif
}

enum wait_result
sleepq_wait(uint64_t deadline)
{
	struct thread *thread = current_thread();
	bool were_on;

	sleepq_assert_wait(thread);
	if (deadline != 0) {
		sleepq_start_timer(thread, deadline);
	}
	were_on = spinlock_irq_lock(&thread->lock);
	if (thread->wait.event != NULL) {
		thread->sched.state = THREAD_BLOCKED;
		sched_block_unlock();
		cpu_intr_restore(were_on);
	} else {
		spinlock_irq_unlock(&thread->lock, were_on);
	}
	return sleepq_finish_wait(thread, deadline);
}

enum wait_result
sleepq_sleep_alone_unlock(
    const void *event, struct spinlock *lock, uint64_t deadline)
{
	return sleepq_sleep_alone_continue_unlock(event, lock, deadline, NULL);
}

enum wait_result
sleepq_sleep_alone_continue_unlock(const void *event, struct spinlock *lock,
    uint64_t deadline, void (*continuation)(void))
{
	struct thread *thread = current_thread();
	struct thread_wait *wait = &thread->wait;
	bool were_on;

	assert_debug(event != NULL && !wait->prepared);
	lock_rank_assert_no_mutex();
	were_on = spinlock_irq_lock(&thread->lock);
	wait->interruptible = true;
	if ((atomic_load_relaxed(&thread->ast) & (AST_ABORT | AST_TERMINATE)) !=
	    0) {
		wait->result = WAIT_INTERRUPTED;
		spinlock_unlock(lock);
		spinlock_irq_unlock(&thread->lock, were_on);
		return WAIT_INTERRUPTED;
	}
	atomic_store_relaxed(&wait->alone, true);
	atomic_store_relaxed(&wait->event, event);
	/* From here on it can be found, and then its event is looked at. */
	spinlock_unlock(lock);
	if (deadline != 0) {
		sleepq_start_timer(thread, deadline);
	}
	thread->sched.state = THREAD_BLOCKED;
	sched_block_continue_unlock(continuation);
	cpu_intr_restore(were_on);
	if (deadline != 0) {
		timer_cancel(&thread->waiting.timer);
	}
	return wait->result;
}

void
sleepq_commit_alone_locked(void)
{
	struct thread *thread = current_thread();
	struct thread_wait *wait = &thread->wait;

	spinlock_irq_assert_held(&thread->lock);
	if (wait->event == NULL) {
		return;
	}
	/* Who aborts it sets the bit, and then looks for the event. */
	if ((atomic_load_relaxed(&thread->ast) & (AST_ABORT | AST_TERMINATE)) !=
	    0) {
		wait->event = NULL;
		wait->result = WAIT_INTERRUPTED;
	} else {
		thread->sched.state = THREAD_BLOCKED;
	}
}

bool
sleepq_cancel(void)
{
	struct thread *thread = current_thread();
	bool waited = sleepq_wake_thread(thread, NULL, WAIT_OK);

	assert_debug(thread->wait.prepared);
	thread->wait.prepared = false;
	return waited;
}

enum wait_result
sleepq_sleep(const void *event, struct spinlock *lock, bool interruptible,
    uint64_t deadline)
{
	enum wait_result result;

	spinlock_assert_held(lock);
	sleepq_prepare(event, interruptible);
	spinlock_unlock(lock);
	result = sleepq_wait(deadline);
	spinlock_lock(lock);
	return result;
}

enum wait_result
sleepq_sleep_mutex(const void *event, struct mutex *mutex, uint64_t deadline)
{
	enum wait_result result;

	mutex_assert_held(mutex);
	sleepq_prepare(event, false);
	mutex_unlock(mutex);
	result = sleepq_wait(deadline);
	mutex_lock(mutex);
	return result;
}

static bool
sleepq_wake(const void *event, bool all)
{
	struct sleepq_bucket *bucket = sleepq_bucket(event);
	bool were_on = spinlock_irq_lock(&bucket->lock);
	struct thread *thread;
	struct thread *next;
	bool found = false;

	list_for_each_entry_safe(&bucket->waiting, thread, next, waiting.link)
	{
		if (thread->wait.event != event) {
			continue;
		}
		spinlock_irq_lock(&thread->lock);
		sleepq_end_wait(thread, WAIT_OK);
		spinlock_irq_unlock(&thread->lock, false);
		found = true;
		if (!all) {
			break;
		}
	}
	spinlock_irq_unlock(&bucket->lock, were_on);
	return found;
}

bool
sleepq_wake_one(const void *event)
{
	return sleepq_wake(event, false);
}

bool
sleepq_wake_all(const void *event)
{
	return sleepq_wake(event, true);
}

/*
 * Lock THREAD and before it the bucket that it is on if it waits for EVENT;
 * that may have changed meanwhile.
 */
static struct sleepq_bucket *
sleepq_lock_wait(struct thread *thread, const void *event, bool *were_on)
{
	struct sleepq_bucket *bucket;

	if (atomic_load_relaxed(&thread->wait.alone)) {
		*were_on = spinlock_irq_lock(&thread->lock);
		return NULL;
	}
	bucket = sleepq_bucket(event);
	*were_on = spinlock_irq_lock(&bucket->lock);
	spinlock_irq_lock(&thread->lock);
	return bucket;
}

static void
sleepq_unlock_wait(
    struct thread *thread, struct sleepq_bucket *bucket, bool were_on)
{
	if (bucket == NULL) {
		spinlock_irq_unlock(&thread->lock, were_on);
	} else {
		spinlock_irq_unlock(&thread->lock, false);
		spinlock_irq_unlock(&bucket->lock, were_on);
	}
}

bool
sleepq_wake_thread(
    struct thread *thread, const void *event, enum wait_result result)
{
	for (;;) {
		const void *seen = atomic_load_relaxed(&thread->wait.event);
		struct sleepq_bucket *bucket;
		bool were_on;
		bool same;
		bool ended = false;

		if (seen == NULL || (event != NULL && seen != event)) {
			return false;
		}
		bucket = sleepq_lock_wait(thread, seen, &were_on);
		same = thread->wait.event == seen &&
		       thread->wait.alone == (bucket == NULL);
		if (same && (result != WAIT_INTERRUPTED ||
				thread->wait.interruptible)) {
			sleepq_end_wait(thread, result);
			ended = true;
		}
		sleepq_unlock_wait(thread, bucket, were_on);
		if (same) {
			return ended;
		}
	}
}

bool
sleepq_abandon_locked(struct thread *thread, const void *event)
{
	struct thread_wait *wait = &thread->wait;

	spinlock_irq_assert_held(&thread->lock);
	if (thread->sched.state != THREAD_BLOCKED || !wait->alone ||
	    wait->event != event) {
		return false;
	}
	wait->event = NULL;
	wait->result = WAIT_INTERRUPTED;
	return true;
}

bool
sleepq_claim(struct thread *thread, const void *event)
{
	struct thread *self = current_thread();
	bool claimed;

	if (self->sched.next != NULL) {
		return false;
	}
	spinlock_irq_lock_on(&thread->lock);
	claimed = thread->wait.event == event && thread->wait.alone &&
		  thread->sched.state == THREAD_BLOCKED &&
		  thread->sched.hold_count == 0 &&
		  sched_may_run_here(&thread->sched);
	if (claimed) {
		thread->wait.event = NULL;
		thread->wait.result = WAIT_OK;
		thread->sched.state = THREAD_RUN;
		self->sched.next = thread;
	}
	spinlock_irq_unlock(&thread->lock, true);
	return claimed;
}

unsigned
sleepq_count(const void *event)
{
	struct sleepq_bucket *bucket = sleepq_bucket(event);
	bool were_on = spinlock_irq_lock(&bucket->lock);
	struct thread *thread;
	unsigned count = 0;

	list_for_each_entry(&bucket->waiting, thread, waiting.link)
	{
		if (thread->wait.event == event) {
			count++;
		}
	}
	spinlock_irq_unlock(&bucket->lock, were_on);
	return count;
}
