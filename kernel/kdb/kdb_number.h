/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Numbers as adb writes them.  Each of these moves *ATP behind what it reads.
 */
#ifndef KERNEL_KDB_KDB_NUMBER_H
#define KERNEL_KDB_KDB_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* A digit, a letter or _: what a number must not end before. */
bool kdb_number_is_part(char c);

/* What C counts as a digit; 16 if it is none. */
unsigned kdb_number_digit(char c);

/* The number that begins with the digit at *ATP; an error if it is none. */
uintptr_t kdb_number(const char **atp);

/*
 * Up to four characters between the ' at *ATP and another; the first is the
 * lowest byte, as in memory.
 */
uintptr_t kdb_number_characters(const char **atp);

#endif /* KERNEL_KDB_KDB_NUMBER_H */
