/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_ATOMIC_H
#define I386_ATOMIC_H

/*
 * The i386 part of <machine/atomic.h>: 64 bits at a time need CMPXCHG8B.
 */

#include <machine/types.h>

static inline uint64_t
atomic_load64(uint64_t *p)
{
	uint64_t value = 0;

	/* Compares with zero and at worst writes back the zero it found. */
	__asm__ volatile("lock; cmpxchg8b %1"
	    : "+A" (value), "+m" (*p)
	    : "b" (0), "c" (0)
	    : "cc", "memory");
	return value;
}

static inline void
atomic_store64(uint64_t *p, uint64_t value)
{
	uint64_t old = *p;

	/* A torn first guess only costs another turn. */
	__asm__ volatile("1: lock; cmpxchg8b %1; jnz 1b"
	    : "+A" (old), "+m" (*p)
	    : "b" ((uint32_t)value), "c" ((uint32_t)(value >> 32))
	    : "cc", "memory");
}

#endif
