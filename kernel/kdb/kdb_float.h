/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Floating point numbers as text, by integers alone and exactly.
 */
#ifndef KERNEL_KDB_KDB_FLOAT_H
#define KERNEL_KDB_KDB_FLOAT_H

#include <stdint.h>

#define KDB_FLOAT_TEXT	32u

/*
 * What the bits of a float or double mean, rounded to so many digits that they
 * can be told from all others (9, 17), without zeros at the end.
 */
void kdb_float_single(uint32_t bits, char text[static KDB_FLOAT_TEXT]);
void kdb_float_double(uint64_t bits, char text[static KDB_FLOAT_TEXT]);

/* The float nearest to DIGITS / 10^SCALE; SCALE is at most 18. */
uint32_t kdb_float_nearest(uint64_t digits, unsigned scale);

#endif /* KERNEL_KDB_KDB_FLOAT_H */
