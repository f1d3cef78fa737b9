/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * adb's formats.  A letter may have a repeat count before it:
 *
 *	o q d u x	2 bytes: octal, signed octal, decimal, unsigned, hexadecimal
 *	O Q D U X	4 bytes, the same
 *	f F		4, 8 bytes as floating point
 *	b		a byte in octal
 *	c C		a character; C: those that do not print with @
 *	s S		a string up to its zero, likewise
 *	Y		4 bytes as a date
 *	i		an instruction, with its source line if that is another
 *	a		dot as a symbol
 *	p		4 bytes as a symbol
 *	r n t		a blank, a new line; 8t: to the next stop of every 8 columns
 *	"..."		this text
 *	^ + -		dot less the last increment; dot plus one, less one
 */
#ifndef KERNEL_KDB_KDB_FORMAT_H
#define KERNEL_KDB_KDB_FORMAT_H

#include <stdint.h>

#include <kernel/kdb/kdb_map.h>

/* An error if FORMAT is not one for USE. */
void kdb_format_check(const struct kdb_map_use *use, const char *format);

/*
 * Print what is at dot by FORMAT, COUNT times, dot being advanced between them;
 * dot is then where the last one began, and its increment what that took.  With
 * a negative COUNT up to where nothing is there.
 */
void kdb_format_memory(const struct kdb_map_use *use, const char *format,
    int32_t count);

/* Print VALUE itself, for `='. */
void kdb_format_value(uintptr_t value, const char *format, int32_t count);

#endif /* KERNEL_KDB_KDB_FORMAT_H */
