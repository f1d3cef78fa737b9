/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The parts of spin locks that are not worth inlining.
 */

#include <kernel/spinlock.h>

#include <kernel/panic.h>

/* In a panic the holder may be stopped: break its lock after so many looks. */
#define SPINLOCK_PATIENCE	1000000u

/*
 * Waits by reading, so that the cache line stays shared until it changes.  A
 * processor that waits for itself would wait for ever: say so instead.
 */
void
spinlock_lock_slow(struct spinlock *lock)
{
	uint32_t self = cpu_id() + 1;
	uint32_t owner;

	for (unsigned looks = 0;; looks++) {
		owner = atomic_load_relaxed(&lock->owner);
		if (owner == self && !panic_active()) {
			panic("spin lock %p is held by this processor already",
			    (void *)lock);
		}
		if (owner == 0 && atomic_compare_exchange_acquire(&lock->owner,
		    &owner, self)) {
			return;
		}
		if (panic_active() && (owner == self ||
		    looks > SPINLOCK_PATIENCE)) {
			atomic_store_relaxed(&lock->owner, self);
			return;
		}
		cpu_pause();
	}
}

void
spinlock_lock_pair(struct spinlock *a, struct spinlock *b)
{
	struct spinlock *first = a < b ? a : b;
	struct spinlock *second = a < b ? b : a;

	assert_debug(a != b);
	spinlock_lock(first);
	preempt_disable();
	lock_rank_acquire(second, second->rank, false, first);
	spinlock_acquire(second);
}
