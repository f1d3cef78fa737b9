/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Division of 64 bits by way of DIVL, which divides 64 bits by 32 if the
 * quotient fits into 32.
 */

#include <i386/arith.h>

#include <stddef.h>

/* (HIGH << 32 | LOW) / B; HIGH is less than B. */
static uint32_t
arith_divl(uint32_t high, uint32_t low, uint32_t b, uint32_t *rem)
{
	uint32_t quotient;

	__asm__("divl	%4"
	    : "=a" (quotient), "=d" (*rem)
	    : "0" (low), "1" (high), "rm" (b)
	    : "cc");
	return quotient;
}

/* By digits of 32 bits, as by hand. */
static uint64_t
arith_divide_short(uint64_t a, uint32_t b, uint64_t *rem)
{
	uint32_t high = (uint32_t)(a >> 32);
	uint32_t rest = 0;
	uint32_t quotient = arith_divl(0, high, b, &rest);
	uint32_t low = arith_divl(rest, (uint32_t)a, b, &rest);

	*rem = rest;
	return (uint64_t)quotient << 32 | low;
}

/*
 * B has more than 32 bits, so the quotient has fewer.  An estimate by the 32
 * highest bits of B is right or one too much.
 */
static uint64_t
arith_divide_long(uint64_t a, uint64_t b, uint64_t *rem)
{
	unsigned shift = (unsigned)__builtin_clz((uint32_t)(b >> 32));
	uint32_t top = (uint32_t)(b << shift >> 32);
	uint64_t half = a >> 1;		/* so that the estimate fits */
	uint32_t unused;
	uint64_t quotient = arith_divl((uint32_t)(half >> 32), (uint32_t)half,
	    top, &unused) >> (31 - shift);

	if (quotient > 0) {
		quotient--;
	}
	*rem = a - quotient * b;
	if (*rem >= b) {
		*rem -= b;
		quotient++;
	}
	return quotient;
}

uint64_t
__udivmoddi4(uint64_t a, uint64_t b, uint64_t *rem)
{
	uint64_t rest;
	uint64_t quotient = b >> 32 == 0 ?
	    arith_divide_short(a, (uint32_t)b, &rest) :
	    arith_divide_long(a, b, &rest);

	if (rem != NULL) {
		*rem = rest;
	}
	return quotient;
}

uint64_t
__udivdi3(uint64_t a, uint64_t b)
{
	return __udivmoddi4(a, b, NULL);
}

uint64_t
__umoddi3(uint64_t a, uint64_t b)
{
	uint64_t rem;

	(void)__udivmoddi4(a, b, &rem);
	return rem;
}

static uint64_t
arith_magnitude(int64_t x)
{
	return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

int64_t
__divmoddi4(int64_t a, int64_t b, int64_t *rem)
{
	uint64_t rest;
	uint64_t quotient = __udivmoddi4(arith_magnitude(a),
	    arith_magnitude(b), &rest);

	if (rem != NULL) {
		*rem = (int64_t)(a < 0 ? -rest : rest);
	}
	return (int64_t)((a < 0) != (b < 0) ? -quotient : quotient);
}

int64_t
__divdi3(int64_t a, int64_t b)
{
	return __divmoddi4(a, b, NULL);
}

int64_t
__moddi3(int64_t a, int64_t b)
{
	int64_t rem;

	(void)__divmoddi4(a, b, &rem);
	return rem;
}

int
__popcountsi2(unsigned x)
{
	/* Sums of 1, 2, 4 bits side by side, then of the bytes. */
	x -= x >> 1 & 0x55555555u;
	x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0fu;
	return (int)(x * 0x01010101u >> 24);
}
