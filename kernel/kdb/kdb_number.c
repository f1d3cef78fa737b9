/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_number.h>

#include <stddef.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_float.h>
#include <kernel/kdb/kdb_vars.h>

#define KDB_NUMBER_FRACTION	18u	/* digits of one with a fraction */
#define KDB_NUMBER_CHARACTERS	4u

static bool
kdb_number_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
kdb_number_is_part(char c)
{
	return kdb_number_is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

unsigned
kdb_number_digit(char c)
{
	if (kdb_number_is_digit(c)) {
		return (unsigned)(c - '0');
	}
	if (c >= 'a' && c <= 'f') {
		return (unsigned)(c - 'a' + 10);
	}
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 16;
}

/* The radix that a prefix says, which is passed over; 0: there is none. */
static unsigned
kdb_number_prefix(const char **atp)
{
	static const struct {
		char letter;
		unsigned radix;
	} prefixes[] = { { 'o', 8 }, { 't', 10 }, { 'x', 16 } };

	if ((*atp)[0] != '0') {
		return 0;
	}
	for (unsigned i = 0; i < 3; i++) {
		if (((*atp)[1] | 0x20) == prefixes[i].letter) {
			*atp += 2;
			return prefixes[i].radix;
		}
	}
	return 0;
}

/* A decimal number with a fraction. */
static uintptr_t
kdb_number_float(const char **atp)
{
	const char *start = *atp;
	uint64_t digits = 0;
	unsigned scale = 0;
	bool point = false;

	for (; kdb_number_is_digit(**atp) || (**atp == '.' && !point);
	    (*atp)++) {
		if (**atp == '.') {
			point = true;
			continue;
		}
		digits = digits * 10 + kdb_number_digit(**atp);
		scale += point ? 1 : 0;
		if (*atp - start > (ptrdiff_t)KDB_NUMBER_FRACTION) {
			kdb_error("too many digits: %.*s",
			    (int)(*atp - start + 1), start);
		}
	}
	return kdb_float_nearest(digits, scale);
}

/* Decimal digits, a point, a decimal digit. */
static bool
kdb_number_is_float(const char *at)
{
	while (kdb_number_is_digit(*at)) {
		at++;
	}
	return at[0] == '.' && kdb_number_is_digit(at[1]);
}

uintptr_t
kdb_number(const char **atp)
{
	const char *start = *atp;
	unsigned radix = kdb_number_prefix(atp);
	const char *first = *atp;
	uintptr_t value = 0;

	if (radix == 0 && kdb_number_is_float(start)) {
		return kdb_number_float(atp);
	}
	if (radix == 0) {
		radix = kdb_vars.radix;
	}
	while (kdb_number_digit(**atp) < radix) {
		value = value * radix + kdb_number_digit(**atp);
		(*atp)++;
	}
	if (*atp == first || kdb_number_is_part(**atp)) {
		while (kdb_number_is_part(**atp)) {
			(*atp)++;
		}
		kdb_error("bad number in radix 0t%u: %.*s", radix,
		    (int)(*atp - start), start);
	}
	return value;
}

uintptr_t
kdb_number_characters(const char **atp)
{
	const char *start = (*atp)++;
	uintptr_t value = 0;
	unsigned n = 0;

	for (; **atp != '\'' && **atp != '\0'; (*atp)++) {
		if ((*atp)[0] == '\\' && (*atp)[1] != '\0') {
			(*atp)++;
		}
		if (n == KDB_NUMBER_CHARACTERS) {
			kdb_error("more than %u characters: %s",
			    KDB_NUMBER_CHARACTERS, start);
		}
		value |= (uintptr_t)(unsigned char)**atp << (8 * n);
		n++;
	}
	if (**atp == '\0') {
		kdb_error("no ' at the end: %s", start);
	}
	(*atp)++;
	return value;
}
