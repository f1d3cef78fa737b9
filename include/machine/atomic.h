/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_ATOMIC_H
#define MACHINE_ATOMIC_H

/*
 * Atomic operations on 32-bit objects, the memory order spelled in the name.
 *
 * Each works on a pointer to any 32-bit integer or pointer type.  The word
 * before the value (fetch_add ...) is what it returns: the old value.
 * atomic_compare_exchange_*(p, &expected, desired) returns whether it stored,
 * and updates `expected` when it did not.
 *
 * Two 64-bit operations exist for counters that one CPU writes and others
 * read: atomic_load64() and atomic_store64().
 */

#include <machine/types.h>

#define atomic_load_relaxed(p)		__atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_load_acquire(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_load_seqcst(p)		__atomic_load_n((p), __ATOMIC_SEQ_CST)

#define atomic_store_relaxed(p, v)	\
	__atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atomic_store_release(p, v)	\
	__atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atomic_store_seqcst(p, v)	\
	__atomic_store_n((p), (v), __ATOMIC_SEQ_CST)

#define atomic_fetch_add_relaxed(p, v)	\
	__atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_add_acq_rel(p, v)	\
	__atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_add_seqcst(p, v)	\
	__atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)

#define atomic_fetch_sub_relaxed(p, v)	\
	__atomic_fetch_sub((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_sub_release(p, v)	\
	__atomic_fetch_sub((p), (v), __ATOMIC_RELEASE)
#define atomic_fetch_sub_acq_rel(p, v)	\
	__atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL)

#define atomic_fetch_or_relaxed(p, v)	\
	__atomic_fetch_or((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_or_acq_rel(p, v)	\
	__atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_or_seqcst(p, v)	\
	__atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)

#define atomic_fetch_and_relaxed(p, v)	\
	__atomic_fetch_and((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_and_acq_rel(p, v)	\
	__atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_and_seqcst(p, v)	\
	__atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)

#define atomic_exchange_acquire(p, v)	\
	__atomic_exchange_n((p), (v), __ATOMIC_ACQUIRE)
#define atomic_exchange_acq_rel(p, v)	\
	__atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define atomic_exchange_seqcst(p, v)	\
	__atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)

#define atomic_compare_exchange_relaxed(p, expected, desired)	\
	__atomic_compare_exchange_n((p), (expected), (desired), false,	\
	    __ATOMIC_RELAXED, __ATOMIC_RELAXED)
#define atomic_compare_exchange_acquire(p, expected, desired)	\
	__atomic_compare_exchange_n((p), (expected), (desired), false,	\
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
#define atomic_compare_exchange_acq_rel(p, expected, desired)	\
	__atomic_compare_exchange_n((p), (expected), (desired), false,	\
	    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define atomic_compare_exchange_seqcst(p, expected, desired)	\
	__atomic_compare_exchange_n((p), (expected), (desired), false,	\
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define atomic_fence_acquire()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define atomic_fence_release()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define atomic_fence_seqcst()	__atomic_thread_fence(__ATOMIC_SEQ_CST)

/* Keep the compiler, not the processor, from moving accesses across. */
#define atomic_barrier_compiler()	__atomic_signal_fence(__ATOMIC_SEQ_CST)

/* Read 64 bits in one piece, sequentially consistent. */
static inline uint64_t
atomic_load64(uint64_t *p);

/* Write 64 bits in one piece, sequentially consistent. */
static inline void
atomic_store64(uint64_t *p, uint64_t value);

#include <i386/atomic.h>

#endif
