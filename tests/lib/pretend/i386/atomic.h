/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pretend machine's part of <machine/atomic.h>.  One host thread plays all
 * processors, so plain accesses are atomic; what makes races possible is that
 * every read-modify-write first gives the others a chance to run.
 */

#ifndef PRETEND_ATOMIC_H
#define PRETEND_ATOMIC_H

#include <stdint.h>

/* Let time pass: maybe another processor runs, maybe an interrupt comes. */
void pretend_step(void);

static inline uint64_t
atomic_load64(uint64_t *p)
{
	return *p;
}

static inline void
atomic_store64(uint64_t *p, uint64_t value)
{
	*p = value;
}

#undef atomic_compare_exchange_acquire
#define atomic_compare_exchange_acquire(p, expected, desired)	\
	(pretend_step(),						\
	__atomic_compare_exchange_n((p), (expected), (desired), false,	\
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
#undef atomic_compare_exchange_acq_rel
#define atomic_compare_exchange_acq_rel(p, expected, desired)	\
	(pretend_step(),						\
	__atomic_compare_exchange_n((p), (expected), (desired), false,	\
	    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
#undef atomic_exchange_acq_rel
#define atomic_exchange_acq_rel(p, v)				\
	(pretend_step(), __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL))
#undef atomic_fetch_or_seqcst
#define atomic_fetch_or_seqcst(p, v)				\
	(pretend_step(), __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST))
#undef atomic_fetch_sub_acq_rel
#define atomic_fetch_sub_acq_rel(p, v)				\
	(pretend_step(), __atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL))

#endif
