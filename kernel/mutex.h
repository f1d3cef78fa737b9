/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Sleeping exclusion.  The word holds the owner, with its low bit set while
 * somebody may be waiting; an uncontended lock or unlock is one instruction.
 *
 * Locks: taken with no spin lock held.  Blocks, uninterruptibly.
 */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include <machine/atomic.h>

#include <kernel/lock_rank.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>

struct mutex {
	uintptr_t owner;	/* [a] struct thread | MUTEX_WAITERS */
	uint8_t rank;		/* [I] enum lock_rank */
};

#define MUTEX_INITIALIZER(r)	{ .owner = 0, .rank = (r) }

/* The low bit of the word. */
#define MUTEX_WAITERS	((uintptr_t)1)

void mutex_init(struct mutex *mutex, enum lock_rank rank);

/* Wait for the mutex; wake who waits for it. */
void mutex_lock_slow(struct mutex *mutex);
void mutex_unlock_slow(struct mutex *mutex);

/* Panic if the current thread may not wait for MUTEX; DEBUG builds only. */
#ifdef DEBUG
void mutex_assert_may_lock(const struct mutex *mutex);
#else
static inline void
mutex_assert_may_lock(const struct mutex *mutex)
{
}
#endif

/* Take the bare mutex with BITS, if it is free. */
static inline bool
mutex_acquire(struct mutex *mutex, uintptr_t bits)
{
	uintptr_t free = 0;

	return atomic_compare_exchange_acquire(&mutex->owner, &free,
	    (uintptr_t)cpu_local_get(thread) | bits);
}

static inline void
mutex_lock(struct mutex *mutex)
{
	mutex_assert_may_lock(mutex);
	lock_rank_acquire(mutex, mutex->rank, false, NULL);
	if (!mutex_acquire(mutex, 0)) {
		mutex_lock_slow(mutex);
	}
}

/* Never waits; true if the mutex was taken.  Free of the rank order. */
static inline bool
mutex_try(struct mutex *mutex)
{
	if (!mutex_acquire(mutex, 0)) {
		return false;
	}
	lock_rank_acquire(mutex, mutex->rank, true, NULL);
	return true;
}

/* Lock two different mutexes of one rank, in the order of their addresses. */
void mutex_lock_pair(struct mutex *a, struct mutex *b);

/* True if the current thread has it. */
bool mutex_held(const struct mutex *mutex);

#define mutex_assert_held(mutex)	assert_debug(mutex_held(mutex))

static inline void
mutex_unlock(struct mutex *mutex)
{
	mutex_assert_held(mutex);
	lock_rank_release(mutex, mutex->rank);
	if ((atomic_exchange_acq_rel(&mutex->owner, 0) & MUTEX_WAITERS) != 0) {
		mutex_unlock_slow(mutex);
	}
}

#endif /* KERNEL_MUTEX_H */
