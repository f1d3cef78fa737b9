/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Short exclusion.  A struct spinlock keeps its holder from being preempted; a
 * struct spinlock_irq also keeps interrupts off, and is the only kind that an
 * interrupt handler may take.  The lock word holds the owner, so every build
 * knows who has a lock; DEBUG builds check ranks (lock_rank.h).
 *
 * Locks: nothing may sleep while it holds one.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/lock_rank.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>

struct spinlock {
	uint32_t owner;		/* [a] processor + 1, 0 when free */
	uint8_t rank;		/* [I] enum lock_rank */
	uint8_t spare[3];	/* the struct's that the lock is in */
};

struct spinlock_irq {
	struct spinlock lock;
};

#define SPINLOCK_INITIALIZER(r)		{ .owner = 0, .rank = (r) }
#define SPINLOCK_IRQ_INITIALIZER(r)	{ .lock = SPINLOCK_INITIALIZER(r) }

static inline void
spinlock_init(struct spinlock *lock, enum lock_rank rank)
{
	lock->owner = 0;
	lock->rank = (uint8_t)rank;
}

/* Wait for the lock word; preemption is off already. */
void spinlock_lock_slow(struct spinlock *lock);

/* Take the bare lock: the caller deals with preemption and ranks. */
static inline void
spinlock_acquire(struct spinlock *lock)
{
	uint32_t free = 0;

	if (!atomic_compare_exchange_acquire(&lock->owner, &free,
	    cpu_id() + 1)) {
		spinlock_lock_slow(lock);
	}
}

static inline void
spinlock_lock(struct spinlock *lock)
{
	preempt_disable();
	lock_rank_acquire(lock, lock->rank, false, NULL);
	spinlock_acquire(lock);
}

/* Returns true if the lock was taken.  Free of the rank order. */
static inline bool
spinlock_try(struct spinlock *lock)
{
	uint32_t free = 0;

	preempt_disable();
	if (!atomic_compare_exchange_acquire(&lock->owner, &free,
	    cpu_id() + 1)) {
		preempt_enable();
		return false;
	}
	lock_rank_acquire(lock, lock->rank, true, NULL);
	return true;
}

/*
 * The same and its undoing where preemption is off for longer than the lock is
 * held.
 */
static inline bool
spinlock_try_nested(struct spinlock *lock)
{
	uint32_t free = 0;

	assert_debug(preempt_disabled());
	if (!atomic_compare_exchange_acquire(&lock->owner, &free,
	    cpu_id() + 1)) {
		return false;
	}
	lock_rank_acquire(lock, lock->rank, true, NULL);
	return true;
}

static inline bool
spinlock_held(const struct spinlock *lock)
{
	return atomic_load_relaxed(&lock->owner) == cpu_id() + 1;
}

static inline void
spinlock_assert_held(const struct spinlock *lock)
{
	assert_debug(preempt_disabled() && spinlock_held(lock));
}

static inline void
spinlock_release(struct spinlock *lock)
{
	assert_debug(spinlock_held(lock));
	lock_rank_release(lock, lock->rank);
	atomic_store_release(&lock->owner, 0);
}

static inline void
spinlock_unlock_nested(struct spinlock *lock)
{
	assert_debug(preempt_disabled());
	spinlock_release(lock);
}

static inline void
spinlock_unlock(struct spinlock *lock)
{
	spinlock_release(lock);
	preempt_enable();
}

/* Lock two different locks of one rank, in the order of their addresses. */
void spinlock_lock_pair(struct spinlock *a, struct spinlock *b);

static inline void
spinlock_irq_init(struct spinlock_irq *lock, enum lock_rank rank)
{
	spinlock_init(&lock->lock, rank);
}

/* Returns whether interrupts were on, which the unlock wants to know. */
static inline bool
spinlock_irq_lock(struct spinlock_irq *lock)
{
	bool were_on = cpu_intr_save();

	preempt_disable();
	lock_rank_acquire(lock, lock->lock.rank, false, NULL);
	spinlock_acquire(&lock->lock);
	return were_on;
}

/* The same for a caller that has interrupts on; unlocked with true. */
static inline void
spinlock_irq_lock_on(struct spinlock_irq *lock)
{
	assert_debug(cpu_intr_enabled());
	cpu_intr_disable();
	preempt_disable();
	lock_rank_acquire(lock, lock->lock.rank, false, NULL);
	spinlock_acquire(&lock->lock);
}

static inline bool
spinlock_irq_held(const struct spinlock_irq *lock)
{
	return spinlock_held(&lock->lock);
}

static inline void
spinlock_irq_assert_held(const struct spinlock_irq *lock)
{
	assert_debug(!cpu_intr_enabled() && spinlock_irq_held(lock));
}

static inline void
spinlock_irq_unlock(struct spinlock_irq *lock, bool were_on)
{
	assert_debug(spinlock_held(&lock->lock));
	lock_rank_release(lock, lock->lock.rank);
	atomic_store_release(&lock->lock.owner, 0);
	cpu_intr_restore(were_on);
	if (were_on) {
		preempt_enable();
	} else {
		preempt_enable_no_resched();
	}
}

#endif /* KERNEL_SPINLOCK_H */
