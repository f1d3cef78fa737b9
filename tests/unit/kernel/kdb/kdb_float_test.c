/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Floating point by integers alone, against the host's C library.
 */

#include <tests/lib/server_test.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kernel/kdb/kdb_float.h>

#define RANDOM	30000u

static void
single_is(uint32_t bits)
{
	char ours[KDB_FLOAT_TEXT];
	char theirs[64];
	float value;

	memcpy(&value, &bits, sizeof(value));
	snprintf(theirs, sizeof(theirs), "%.9g", (double)value);
	kdb_float_single(bits, ours);
	/* Of what is no number the sign is ours to choose. */
	if (strcmp(ours, theirs) != 0 && strstr(theirs, "nan") == NULL) {
		test_fail(__FILE__, __LINE__, "%08x is %s, not %s",
		    bits, theirs, ours);
	}
}

static void
double_is(uint64_t bits)
{
	char ours[KDB_FLOAT_TEXT];
	char theirs[64];
	double value;

	memcpy(&value, &bits, sizeof(value));
	snprintf(theirs, sizeof(theirs), "%.17g", value);
	kdb_float_double(bits, ours);
	if (strcmp(ours, theirs) != 0 && strstr(theirs, "nan") == NULL) {
		test_fail(__FILE__, __LINE__, "%016llx is %s, not %s",
		    (unsigned long long)bits, theirs, ours);
	}
}

static uint64_t
random_bits(void)
{
	return (uint64_t)test_random(1u << 16) << 48 |
	    (uint64_t)test_random(1u << 16) << 32 |
	    (uint64_t)test_random(1u << 16) << 16 | test_random(1u << 16);
}

static uint64_t
bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

TEST(singles_as_the_host_prints_them)
{
	static const uint32_t edges[] = {
		0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x7f7fffff,
		0x7f800000, 0xff800000, 0x3f800000, 0x3f7fffff, 0x4b7fffff,
		0x4b800000, 0x501502f9, 0xbf000000, 0x33d6bf95, 0x38d1b717,
	};

	for (unsigned i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		single_is(edges[i]);
	}
	for (unsigned i = 0; i < RANDOM; i++) {
		single_is((uint32_t)random_bits());
	}
}

TEST(doubles_as_the_host_prints_them)
{
	static const uint64_t edges[] = {
		0, 1, 0x8000000000000000, 0x000fffffffffffff,
		0x0010000000000000, 0x7fefffffffffffff, 0x7ff0000000000000,
		0xfff0000000000000, 0x3ff0000000000000, 0x3fefffffffffffff,
		0x4340000000000000, 0x433fffffffffffff, 0x4341c37937e08000,
	};

	for (unsigned i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		double_is(edges[i]);
	}
	for (unsigned i = 0; i < RANDOM / 3; i++) {
		double_is(random_bits());
	}
}

/* Those that people write, and numbers half way between two of 17 digits. */
TEST(doubles_of_decimal_fractions)
{
	for (int i = -400; i < 400; i++) {
		double_is(bits_of(i / 100.0));
		double_is(bits_of(i * 1e14 + 0.125));
		double_is(bits_of(9007199254740992.0 * 16 + i * 32));
		double_is(bits_of(1.0 / (i + 0.5)));
	}
}

TEST(not_a_number)
{
	char text[KDB_FLOAT_TEXT];

	kdb_float_single(0x7fc00000, text);
	CHECK(strcmp(text, "nan") == 0);
	kdb_float_double(0x7ff8000000000001, text);
	CHECK(strcmp(text, "nan") == 0);
}

static void
nearest_is(uint64_t digits, unsigned scale)
{
	char text[64];
	float value;
	uint32_t bits;

	snprintf(text, sizeof(text), "%llue-%u", (unsigned long long)digits,
	    scale);
	value = strtof(text, NULL);
	memcpy(&bits, &value, sizeof(bits));
	if (kdb_float_nearest(digits, scale) != bits) {
		test_fail(__FILE__, __LINE__, "%s is %08x, not %08x",
		    text, bits, kdb_float_nearest(digits, scale));
	}
}

TEST(text_to_single_as_the_host_reads_it)
{
	static const uint64_t limits[] = {
		10, 1000, 1u << 25, 10000000000, 1000000000000000000,
	};

	nearest_is(0, 0);
	nearest_is(1, 18);
	nearest_is(999999999999999999, 0);
	nearest_is(16777217, 0);		/* half way: to the even one */
	nearest_is(16777219, 0);
	nearest_is(167772170000000001, 10);	/* just above half way */
	nearest_is(33554431, 0);		/* carries into the exponent */
	for (unsigned i = 0; i < RANDOM; i++) {
		nearest_is(random_bits() % limits[i % 5], test_random(19));
	}
}
