/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The one kind of reference counter.  It never wraps: passing either end is a
 * bug of ours and panics.
 */
#ifndef KERNEL_REFCOUNT_H
#define KERNEL_REFCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <machine/atomic.h>

#include <kernel/panic.h>

#define REFCOUNT_MAX	0x7fffffffu

struct refcount {
	uint32_t value;		/* [a] */
};

static inline void
refcount_init(struct refcount *ref, unsigned value)
{
	atomic_store_relaxed(&ref->value, value);
}

static inline unsigned
refcount_read(const struct refcount *ref)
{
	return atomic_load_relaxed(&ref->value);
}

/* The caller owns a reference already, or a lock that keeps one alive. */
static inline void
refcount_ref(struct refcount *ref)
{
	uint32_t old = atomic_fetch_add_relaxed(&ref->value, 1);

	assert(old != 0 && old < REFCOUNT_MAX);
}

/*
 * Drop one; true if it was the last, and then everything that other holders
 * did to the object before they dropped theirs is visible.
 */
static inline bool
refcount_unref(struct refcount *ref)
{
	uint32_t old = atomic_fetch_sub_acq_rel(&ref->value, 1);

	assert(old != 0 && old <= REFCOUNT_MAX);
	return old == 1;
}

/* Drop one unless it is the last; true if it was dropped. */
static inline bool
refcount_unref_unless_last(struct refcount *ref)
{
	uint32_t old = atomic_load_relaxed(&ref->value);

	while (old > 1) {
		assert(old <= REFCOUNT_MAX);
		if (atomic_compare_exchange_acq_rel(&ref->value, &old,
		    old - 1)) {
			return true;
		}
	}
	return false;
}

/*
 * Take a reference unless the count has reached 0, for a lookup whose table
 * holds no reference of its own.  False if the object is on its way out.
 */
static inline bool
refcount_ref_if_alive(struct refcount *ref)
{
	uint32_t old = atomic_load_relaxed(&ref->value);

	while (old != 0) {
		assert(old < REFCOUNT_MAX);
		if (atomic_compare_exchange_acq_rel(&ref->value, &old,
		    old + 1)) {
			return true;
		}
	}
	return false;
}

#endif /* KERNEL_REFCOUNT_H */
