/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The order in which locks are taken, and its check.
 *
 * A lock may be taken only while every lock already held has a lower rank.
 * Sleeping ranks (mutexes) come first: they are recorded in the thread.  Then
 * plain spin locks; then spin locks that interrupt handlers take, which must
 * be the highest, since an interrupt may come with any plain spin lock held.
 * Both kinds of spin lock are recorded per processor.
 *
 * Release builds keep the ranks and owners but check nothing.
 */
#ifndef KERNEL_LOCK_RANK_H
#define KERNEL_LOCK_RANK_H

#include <stdbool.h>
#include <stdint.h>

enum lock_rank {
	LOCK_RANK_NONE = 0,

	/* Sleeping. */
	LOCK_RANK_HOST = 4,		/* host state, boot script */
	LOCK_RANK_DEVICE = 6,
	LOCK_RANK_PROCESSOR_SET = 8,
	LOCK_RANK_TASK = 10,
	LOCK_RANK_IPC_SPACE = 20,
	LOCK_RANK_VM_MAP = 30,
	LOCK_RANK_VM_PAGEABLE = 31,	/* stores in pageable kernel memory */
	LOCK_RANK_VM_PAGEABLE_MAP = 32,
	LOCK_RANK_VM_KERN = 34,		/* the kernel's own map */
	LOCK_RANK_VM_PAGER = 36,
	LOCK_RANK_SLEEP_LEAF = 38,	/* a mutex under which no other is */

	/* Spinning, interrupts on. */
	LOCK_RANK_SPIN = 40,		/* first spinning rank */
	LOCK_RANK_IPC_PORT = 40,
	LOCK_RANK_IPC_PSET = 45,
	LOCK_RANK_IPC_MQUEUE = 50,
	LOCK_RANK_GSYNC = 52,
	LOCK_RANK_KMEM_LIST = 54,
	LOCK_RANK_KMEM = 55,
	LOCK_RANK_PROXY = 58,		/* all proxies of memory objects */
	LOCK_RANK_VM_OBJECT = 60,
	LOCK_RANK_VM_OBJECT_CACHE = 62,
	LOCK_RANK_VM_PAGE = 65,		/* page queues */
	LOCK_RANK_PMAP = 70,
	LOCK_RANK_PMAP_LIST = 72,
	LOCK_RANK_PV = 75,
	LOCK_RANK_PV_POOL = 76,
	LOCK_RANK_VM_PHYS = 77,		/* free physical memory */
	LOCK_RANK_SPIN_LEAF = 79,

	/* Spinning, interrupts off. */
	LOCK_RANK_IRQ = 80,		/* first rank of spinlock_irq */
	LOCK_RANK_DEVICE_IRQ = 80,
	LOCK_RANK_INTR = 82,		/* interrupt controllers */
	LOCK_RANK_SLEEPQ = 85,
	LOCK_RANK_THREAD = 90,
	LOCK_RANK_RUN_QUEUE = 95,
	LOCK_RANK_REAPER = 96,
	LOCK_RANK_STACK = 96,
	LOCK_RANK_TIMER = 97,
	LOCK_RANK_CLOCK = 98,
	LOCK_RANK_CONSOLE = 99,
};

#define LOCK_RANK_DEPTH		12

/* Locks held by one thread or one processor, in the order taken. */
struct lock_rank_held {
	const void *lock[LOCK_RANK_DEPTH];
	uint8_t rank[LOCK_RANK_DEPTH];
	uint8_t count;
};

/*
 * The current thread (mutexes) or processor is about to take LOCK.  TRYING
 * waives the order, which a _try may break.  PAIR_OF, if not NULL, is a lock of
 * the same rank that was taken just before with *_lock_pair().
 */
#ifdef DEBUG
void lock_rank_acquire(const void *lock, enum lock_rank rank, bool trying,
    const void *pair_of);
void lock_rank_release(const void *lock, enum lock_rank rank);
#else
static inline void
lock_rank_acquire(const void *lock, enum lock_rank rank, bool trying,
    const void *pair_of)
{
}

static inline void
lock_rank_release(const void *lock, enum lock_rank rank)
{
}
#endif

/*
 * Panic if this processor or thread holds a lock, or print what they hold; DEBUG
 * builds only.
 */
#ifdef DEBUG
void lock_rank_assert_no_spin(void);
void lock_rank_assert_no_mutex(void);
void lock_rank_dump(void);
#else
static inline void
lock_rank_assert_no_spin(void)
{
}

static inline void
lock_rank_assert_no_mutex(void)
{
}

static inline void
lock_rank_dump(void)
{
}
#endif

#endif /* KERNEL_LOCK_RANK_H */
