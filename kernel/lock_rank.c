/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The run-time check of the lock order.  A processor records its spin locks,
 * a thread its mutexes; both lists are short and searched linearly.
 */

#ifdef DEBUG

#include <kernel/lock_rank.h>

#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printf.h>
#include <kernel/thread.h>

static void
lock_rank_print(const char *what, const struct lock_rank_held *held)
{
	printf("%s:", what);
	for (unsigned i = 0; i < held->count; i++) {
		printf(" %p(rank %u)", held->lock[i], held->rank[i]);
	}
	printf("\n");
}

void
lock_rank_dump(void)
{
	lock_rank_print("spin locks held", &cpu_local_get(self)->held);
	lock_rank_print("mutexes held", &current_thread()->held);
}

void
lock_rank_assert_no_spin(void)
{
	if (cpu_local_get(self)->held.count != 0 && !panic_active()) {
		lock_rank_dump();
		panic("may block with a spin lock held");
	}
}

void
lock_rank_assert_no_mutex(void)
{
	if (current_thread()->held.count != 0 && !panic_active()) {
		lock_rank_dump();
		panic("interruptible wait with a mutex held");
	}
}

static struct lock_rank_held *
lock_rank_list(enum lock_rank rank)
{
	return rank < LOCK_RANK_SPIN ? &current_thread()->held :
	    &cpu_local_get(self)->held;
}

/* Whether taking RANK is in order with what is in HELD. */
static bool
lock_rank_in_order(const struct lock_rank_held *held, enum lock_rank rank,
    const void *pair_of)
{
	for (unsigned i = 0; i < held->count; i++) {
		if (held->rank[i] > rank) {
			return false;
		}
		if (held->rank[i] == rank && held->lock[i] != pair_of) {
			return false;
		}
	}
	return true;
}

static bool
lock_rank_has(const struct lock_rank_held *held, const void *lock)
{
	for (unsigned i = 0; i < held->count; i++) {
		if (held->lock[i] == lock) {
			return true;
		}
	}
	return false;
}

void
lock_rank_acquire(const void *lock, enum lock_rank rank, bool trying,
    const void *pair_of)
{
	bool were_on = cpu_intr_save();
	struct lock_rank_held *held = lock_rank_list(rank);

	if (panic_active()) {
		cpu_intr_restore(were_on);
		return;
	}
	if (lock_rank_has(held, lock)) {
		lock_rank_dump();
		panic("lock %p, rank %d, is held already", lock, rank);
	}
	if (!trying && !lock_rank_in_order(held, rank, pair_of)) {
		lock_rank_dump();
		panic("lock %p, rank %d, taken out of order", lock, rank);
	}
	if (rank < LOCK_RANK_SPIN && !trying &&
	    cpu_local_get(self)->held.count != 0) {
		lock_rank_dump();
		panic("mutex %p taken with a spin lock held", lock);
	}
	assert(held->count < LOCK_RANK_DEPTH);
	held->lock[held->count] = lock;
	held->rank[held->count] = (uint8_t)rank;
	held->count++;
	cpu_intr_restore(were_on);
}

void
lock_rank_release(const void *lock, enum lock_rank rank)
{
	bool were_on = cpu_intr_save();
	struct lock_rank_held *held = lock_rank_list(rank);

	for (unsigned i = held->count; i > 0; i--) {
		if (held->lock[i - 1] != lock) {
			continue;
		}
		held->count--;
		for (unsigned j = i - 1; j < held->count; j++) {
			held->lock[j] = held->lock[j + 1];
			held->rank[j] = held->rank[j + 1];
		}
		cpu_intr_restore(were_on);
		return;
	}
	cpu_intr_restore(were_on);
	if (!panic_active()) {
		panic("lock %p, rank %d, released but not held", lock, rank);
	}
}

#endif /* DEBUG */
