/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A number is an integer times a power of two; times a power of five as well,
 * that is an integer with the decimal point elsewhere.  It has up to 2552 bits
 * and 767 digits, all of which count for the rounding.
 */

#include <kernel/kdb/kdb_float.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define KDB_FLOAT_WORDS		84u
#define KDB_FLOAT_DIGITS	800u
#define KDB_FLOAT_GROUP		9u		/* digits of a word */
#define KDB_FLOAT_GROUP_LIMIT	1000000000u

/* The low word first; there is one debugger, and its stack is small. */
static uint32_t kdb_float_word[KDB_FLOAT_WORDS];
static unsigned kdb_float_words;

/* What an IEEE format is like. */
struct kdb_float_kind {
	unsigned	fraction;	/* bits of it */
	unsigned	exponent;
	int		bias;		/* with the fraction as an integer */
	unsigned	precision;	/* digits that are printed */
};

static const struct kdb_float_kind kdb_float_kinds[2] = {
	{ 23, 8, 127 + 23, 9 },
	{ 52, 11, 1023 + 52, 17 },
};

/* ---- large integers ----------------------------------------------------- */

static void
kdb_float_set(uint64_t value)
{
	kdb_float_word[0] = (uint32_t)value;
	kdb_float_word[1] = (uint32_t)(value >> 32);
	kdb_float_words = value >> 32 != 0 ? 2 : value != 0 ? 1 : 0;
}

static void
kdb_float_multiply(uint32_t factor)
{
	uint32_t carry = 0;

	for (unsigned i = 0; i < kdb_float_words; i++) {
		uint64_t product =
		    (uint64_t)kdb_float_word[i] * factor + carry;

		kdb_float_word[i] = (uint32_t)product;
		carry = (uint32_t)(product >> 32);
	}
	if (carry != 0) {
		kdb_float_word[kdb_float_words++] = carry;
	}
}

static void
kdb_float_multiply_power(uint32_t factor, unsigned power)
{
	for (; power > 0; power--) {
		kdb_float_multiply(factor);
	}
}

/* Divide; returns the remainder. */
static uint32_t
kdb_float_divide(uint32_t divisor)
{
	uint64_t rest = 0;

	for (unsigned i = kdb_float_words; i-- > 0;) {
		rest = rest << 32 | kdb_float_word[i];
		kdb_float_word[i] = (uint32_t)(rest / divisor);
		rest %= divisor;
	}
	while (kdb_float_words > 0 && kdb_float_word[kdb_float_words - 1] == 0) {
		kdb_float_words--;
	}
	return (uint32_t)rest;
}

/* ---- to text ------------------------------------------------------------ */

/*
 * The decimal digits of the large integer, which becomes 0, to the end of
 * DIGITS; returns where they begin.
 */
static unsigned
kdb_float_digits(char *digits)
{
	unsigned at = KDB_FLOAT_DIGITS;

	while (kdb_float_words > 0) {
		uint32_t group = kdb_float_divide(KDB_FLOAT_GROUP_LIMIT);

		for (unsigned i = 0; i < KDB_FLOAT_GROUP; i++) {
			digits[--at] = (char)('0' + group % 10);
			group /= 10;
		}
	}
	while (digits[at] == '0') {
		at++;
	}
	return at;
}

static bool
kdb_float_rounds_up(const char *digits, unsigned n, unsigned keep)
{
	if (digits[keep] != '5') {
		return digits[keep] > '5';
	}
	for (unsigned i = keep + 1; i < n; i++) {
		if (digits[i] != '0') {
			return true;
		}
	}
	/* Half way: to the even one. */
	return (digits[keep - 1] - '0') % 2 != 0;
}

/*
 * Round the N DIGITS to KEEP, and leave out zeros at the end; returns how many
 * are left.  One is added to *POINT if there is a digit more before it.
 */
static unsigned
kdb_float_shorten(char *digits, unsigned n, unsigned keep, int *point)
{
	if (n > keep) {
		bool up = kdb_float_rounds_up(digits, n, keep);

		n = keep;
		while (up && n > 0 && digits[n - 1] == '9') {
			n--;
		}
		if (up && n == 0) {
			digits[n++] = '1';
			(*point)++;
		} else if (up) {
			digits[n - 1]++;
		}
	}
	while (n > 1 && digits[n - 1] == '0') {
		n--;
	}
	return n;
}

/* 0.DIGITS times ten to the power POINT, as %g has it. */
static void
kdb_float_layout(char *text, const char *digits, unsigned n, int point,
    unsigned precision)
{
	if (point < -3 || point > (int)precision) {
		snprintf(text, KDB_FLOAT_TEXT, "%c%s%.*se%c%02u", digits[0],
		    n > 1 ? "." : "", (int)n - 1, digits + 1,
		    point > 0 ? '+' : '-',
		    (unsigned)(point > 0 ? point - 1 : 1 - point));
	} else if (point <= 0) {
		snprintf(text, KDB_FLOAT_TEXT, "0.%.*s%.*s", -point, "000",
		    (int)n, digits);
	} else if ((int)n <= point) {
		snprintf(text, KDB_FLOAT_TEXT, "%.*s%.*s", (int)n, digits,
		    point - (int)n, "0000000000000000");
	} else {
		snprintf(text, KDB_FLOAT_TEXT, "%.*s.%.*s", point, digits,
		    (int)n - point, digits + point);
	}
}

/* MANTISSA times two to the power EXPONENT; neither is 0 for nothing. */
static void
kdb_float_finite(char *text, uint64_t mantissa, int exponent,
    unsigned precision)
{
	static char digits[KDB_FLOAT_DIGITS];
	unsigned start;
	unsigned n;
	int point;

	kdb_float_set(mantissa);
	kdb_float_multiply_power(exponent < 0 ? 5 : 2,
	    (unsigned)(exponent < 0 ? -exponent : exponent));
	start = kdb_float_digits(digits);
	n = KDB_FLOAT_DIGITS - start;
	point = (int)n + (exponent < 0 ? exponent : 0);
	n = kdb_float_shorten(digits + start, n, precision, &point);
	kdb_float_layout(text, digits + start, n, point, precision);
}

static void
kdb_float_text(uint64_t bits, const struct kdb_float_kind *kind, char *text)
{
	uint64_t mantissa = bits & (((uint64_t)1 << kind->fraction) - 1);
	unsigned limit = (1u << kind->exponent) - 1;
	unsigned exponent = (unsigned)(bits >> kind->fraction) & limit;

	if ((bits >> (kind->fraction + kind->exponent) & 1) != 0) {
		*text++ = '-';
	}
	if (exponent == limit) {
		memcpy(text, mantissa == 0 ? "inf" : "nan", 4);
	} else if (exponent == 0 && mantissa == 0) {
		memcpy(text, "0", 2);
	} else {
		mantissa |= (uint64_t)(exponent != 0) << kind->fraction;
		kdb_float_finite(text, mantissa,
		    (int)(exponent != 0 ? exponent : 1) - kind->bias,
		    kind->precision);
	}
}

void
kdb_float_single(uint32_t bits, char text[static KDB_FLOAT_TEXT])
{
	kdb_float_text(bits, &kdb_float_kinds[0], text);
}

void
kdb_float_double(uint64_t bits, char text[static KDB_FLOAT_TEXT])
{
	kdb_float_text(bits, &kdb_float_kinds[1], text);
}

/* ---- from text ---------------------------------------------------------- */

#define KDB_FLOAT_SHIFT		128u	/* so that enough bits are left */

/* The large integer has this many bits. */
static unsigned
kdb_float_length(void)
{
	uint32_t top = kdb_float_word[kdb_float_words - 1];
	unsigned length = 32 * (kdb_float_words - 1);

	for (; top != 0; top >>= 1) {
		length++;
	}
	return length;
}

/*
 * Leave out the last N bits of the large integer; says whether what is left is
 * to be rounded up. REST: there were bits behind those already.
 */
static bool
kdb_float_cut(unsigned n, bool rest)
{
	bool half = false;

	for (; n > 0; n--) {
		rest |= half;
		half = kdb_float_divide(2) != 0;
	}
	return half && (rest || kdb_float_word[0] % 2 != 0);
}

uint32_t
kdb_float_nearest(uint64_t digits, unsigned scale)
{
	const struct kdb_float_kind *kind = &kdb_float_kinds[0];
	bool rest = false;
	unsigned cut;
	uint32_t fraction;
	bool up;

	if (digits == 0) {
		return 0;
	}
	kdb_float_set(digits);
	kdb_float_multiply_power(2, KDB_FLOAT_SHIFT);
	for (; scale > 0; scale--) {
		rest |= kdb_float_divide(10) != 0;
	}
	cut = kdb_float_length() - (kind->fraction + 1);
	up = kdb_float_cut(cut, rest);
	fraction = kdb_float_word[0] - (1u << kind->fraction);
	/* A carry out of the fraction is just what the exponent needs. */
	return ((cut - KDB_FLOAT_SHIFT + (unsigned)kind->bias) <<
	    kind->fraction) + fraction + (up ? 1 : 0);
}
