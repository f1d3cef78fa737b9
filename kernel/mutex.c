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

void
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

#ifdef DEBUG
void
mutex_assert_may_lock(const struct mutex *mutex)
{
	assert_may_block();
}
#endif

void
mutex_unlock_slow(struct mutex *mutex)
{
	sleepq_wake_one(mutex_event(mutex));
}

void
mutex_lock_pair(struct mutex *a, struct mutex *b)
{
	struct mutex *first = a < b ? a : b;
	struct mutex *second = a < b ? b : a;

	assert_debug(a != b);
	mutex_lock(first);
	mutex_assert_may_lock(second);
	lock_rank_acquire(second, second->rank, false, first);
	if (!mutex_acquire(second, 0)) {
		mutex_lock_slow(second);
	}
}

bool
mutex_held(const struct mutex *mutex)
{
	return (atomic_load_relaxed(&mutex->owner) & ~MUTEX_WAITERS) ==
	    (uintptr_t)current_thread();
}
