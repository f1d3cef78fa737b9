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

#include <kernel/lock_rank.h>
#include <kernel/panic.h>

struct mutex {
	uintptr_t owner;	/* [a] struct thread | MUTEX_WAITERS */
	uint8_t rank;		/* [I] enum lock_rank */
};

#define MUTEX_INITIALIZER(r)	{ .owner = 0, .rank = (r) }

void mutex_init(struct mutex *mutex, enum lock_rank rank);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

/* Never waits; true if the mutex was taken.  Free of the rank order. */
bool mutex_try(struct mutex *mutex);

/* Lock two different mutexes of one rank, in the order of their addresses. */
void mutex_lock_pair(struct mutex *a, struct mutex *b);

/* True if the current thread has it. */
bool mutex_held(const struct mutex *mutex);

#define mutex_assert_held(mutex)	assert_debug(mutex_held(mutex))

#endif /* KERNEL_MUTEX_H */
