/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Mutexes on top of sleep queues.
 *
 * Word: 0 free; thread: owned; thread | MUTEX_WAITERS: owned, and somebody may
 * sleep on it.  A thread that has slept takes the mutex with MUTEX_WAITERS
 * set, since there may be more like it; so no waiter is forgotten, at the
 * price of a wakeup too many at the end.
 */

#include <kernel/mutex.h>

#include <stddef.h>

#include <machine/atomic.h>

#include <kernel/percpu.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#define MUTEX_WAITERS	((uintptr_t)1)

/*
 * What waiters wait for.  Not the mutex's address: a structure that begins with
 * its mutex may be waited for by its own.
 */
static const void *
mutex_event(const struct mutex *mutex)
{
	return &mutex->rank;
}

void
mutex_init(struct mutex *mutex, enum lock_rank rank)
{
	assert(rank < LOCK_RANK_SPIN);
	mutex->owner = 0;
	mutex->rank = (uint8_t)rank;
}

static bool
mutex_acquire(struct mutex *mutex, uintptr_t bits)
{
	uintptr_t free = 0;

	return atomic_compare_exchange_acquire(&mutex->owner, &free,
	    (uintptr_t)current_thread() | bits);
}

/* Make the owner, if there is one, wake somebody at the end. */
static bool
mutex_mark_waiters(struct mutex *mutex)
{
	uintptr_t owner = atomic_load_relaxed(&mutex->owner);

	while (owner != 0 && (owner & MUTEX_WAITERS) == 0) {
		if (atomic_compare_exchange_acquire(&mutex->owner, &owner,
		    owner | MUTEX_WAITERS)) {
			return true;
		}
	}
	return owner != 0;
}

static void
mutex_lock_slow(struct mutex *mutex)
{
	uintptr_t bits = 0;

	assert_debug(!mutex_held(mutex));
	while (!mutex_acquire(mutex, bits)) {
		/*
		 * Enqueue first, mark then: an owner that unlocks after the
		 * mark finds us, and one that unlocked before it makes the
		 * mark fail.
		 */
		sleepq_prepare(mutex_event(mutex), false);
		if (mutex_mark_waiters(mutex)) {
			sleepq_wait(0);
			bits = MUTEX_WAITERS;
		} else if (!sleepq_cancel()) {
			/* A wakeup was spent on us: others may need it. */
			bits = MUTEX_WAITERS;
		}
	}
}

static void
mutex_lock_ranked(struct mutex *mutex, const struct mutex *pair_of)
{
	assert_may_block();
	lock_rank_acquire(mutex, mutex->rank, false, pair_of);
	if (!mutex_acquire(mutex, 0)) {
		mutex_lock_slow(mutex);
	}
}

void
mutex_lock(struct mutex *mutex)
{
	mutex_lock_ranked(mutex, NULL);
}

bool
mutex_try(struct mutex *mutex)
{
	if (!mutex_acquire(mutex, 0)) {
		return false;
	}
	lock_rank_acquire(mutex, mutex->rank, true, NULL);
	return true;
}

void
mutex_unlock(struct mutex *mutex)
{
	uintptr_t old;

	assert_debug(mutex_held(mutex));
	lock_rank_release(mutex, mutex->rank);
	old = atomic_exchange_acq_rel(&mutex->owner, 0);
	if ((old & MUTEX_WAITERS) != 0) {
		sleepq_wake_one(mutex_event(mutex));
	}
}

void
mutex_lock_pair(struct mutex *a, struct mutex *b)
{
	struct mutex *first = a < b ? a : b;
	struct mutex *second = a < b ? b : a;

	assert_debug(a != b);
	mutex_lock(first);
	mutex_lock_ranked(second, first);
}

bool
mutex_held(const struct mutex *mutex)
{
	return (atomic_load_relaxed(&mutex->owner) & ~MUTEX_WAITERS) ==
	    (uintptr_t)current_thread();
}
