/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Division of 64 bits.  The file is included, as the pretend machine has
 * nothing of i386/ otherwise, and under other names: the host's library has
 * these.
 */

#include <tests/lib/test.h>

#define __udivmoddi4 arith_udivmoddi4
#define __udivdi3 arith_udivdi3
#define __umoddi3 arith_umoddi3
#define __divmoddi4 arith_divmoddi4
#define __divdi3 arith_divdi3
#define __moddi3 arith_moddi3
#define __popcountsi2 arith_popcountsi2

#include <i386/arith.c>

/* Bits around which a digit ends, and all others at random. */
static const uint64_t edges[] = {
	0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
	0x100000001, 0x17fffffff, 0x1ffffffff, 0x7fffffffffffffff,
	0x8000000000000000, 0x8000000000000001, 0xfffffffeffffffff,
	0xffffffff00000000, 0xffffffff00000001, 0xffffffffffffffff,
};

#define EDGES	(sizeof(edges) / sizeof(edges[0]))

static uint64_t
random_number(void)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 4; i++) {
		number = number << 16 | test_random(1u << 16);
	}
	return number >> test_random(64);
}

/* A = Q * B + R with R < B, and no other Q is right. */
static void
check_unsigned(uint64_t a, uint64_t b)
{
	uint64_t rem;
	uint64_t quotient = __udivmoddi4(a, b, &rem);
	uint64_t product;

	CHECK(rem < b);
	CHECK(!__builtin_mul_overflow(quotient, b, &product));
	CHECK(product <= a && a - product == rem);
	CHECK_EQ(__udivdi3(a, b), quotient);
	CHECK_EQ(__umoddi3(a, b), rem);
}

/* The same towards 0. */
static void
check_signed(int64_t a, int64_t b)
{
	int64_t rem;
	int64_t quotient = __divmoddi4(a, b, &rem);

	CHECK_EQ((uint64_t)quotient * (uint64_t)b + (uint64_t)rem,
	    (uint64_t)a);
	CHECK(arith_magnitude(rem) < arith_magnitude(b));
	CHECK(rem == 0 || (rem < 0) == (a < 0));
	/* Of all pairs there is one whose quotient is too large. */
	CHECK(quotient == 0 || (a == INT64_MIN && b == -1) ||
	    (quotient < 0) == ((a < 0) != (b < 0)));
	CHECK_EQ(__divdi3(a, b), quotient);
	CHECK_EQ(__moddi3(a, b), rem);
}

static void
check_both(uint64_t a, uint64_t b)
{
	if (b != 0) {
		check_unsigned(a, b);
		check_signed((int64_t)a, (int64_t)b);
	}
}

TEST(divides_at_the_edges)
{
	for (unsigned i = 0; i < EDGES; i++) {
		for (unsigned j = 0; j < EDGES; j++) {
			check_both(edges[i], edges[j]);
		}
	}
}

TEST(divides_random_numbers)
{
	for (unsigned i = 0; i < 100000; i++) {
		check_both(random_number(), random_number());
		check_both(random_number(), edges[test_random(EDGES)]);
	}
}

TEST(counts_bits)
{
	unsigned x = 0;

	for (int bits = 0; bits <= 32; bits++) {
		CHECK_EQ(__popcountsi2(x), bits);
		CHECK_EQ(__popcountsi2(~x), 32 - bits);
		x = x << 1 | 1;
	}
	CHECK_EQ(__popcountsi2(0x80000001u), 2);
	CHECK_EQ(__popcountsi2(0x12345678u), 13);
}
