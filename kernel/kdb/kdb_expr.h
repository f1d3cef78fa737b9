/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * adb's expressions, in 32 bits without a sign, where overflow wraps.
 *
 *	.  +  ^  "	dot, dot plus or minus its increment, the last address
 *	1f 0o17 0t10 0x1f	numbers, in $d's radix or that of a prefix; in hexadecimal
 *			one begins with a digit
 *	2.5		a single float
 *	'abcd'		characters, the first in the lowest byte; \ before any
 *	<name		a register or variable
 *	symbol routine.variable routine.	\ before odd characters
 *	( )		blanks are allowed inside
 *	* @ - ~ #	before a value: what is there by `/', by `?'; negation,
 *			complement, not
 *	+ - * % & | #	between two: % divides, # rounds up to a multiple; all
 *			from left to right
 */
#ifndef KERNEL_KDB_KDB_EXPR_H
#define KERNEL_KDB_KDB_EXPR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The expression that comes next in *TEXTP, behind blanks; *TEXTP moves behind
 * it.  False if there is none; an error if it is wrong.
 */
bool kdb_expr(const char **textp, uintptr_t *valuep);

/* The same, where there must be one: WHAT it is to mean. */
uintptr_t kdb_expr_need(const char **textp, const char *what);

#endif /* KERNEL_KDB_KDB_EXPR_H */
