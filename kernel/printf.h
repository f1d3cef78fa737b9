/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Formatting, and the boot log.
 *
 * Formats: flags "-0+ #", width, precision (both may be '*'), sizes hh h l ll
 * z j t, conversions d i u x X o c s p %.  There is no floating point.
 * printf writes to the console with one lock held for the whole call, so lines
 * of different processors do not mix; it may be called anywhere, also from an
 * interrupt or with locks held.
 */
#ifndef KERNEL_PRINTF_H
#define KERNEL_PRINTF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef void (*printf_put_fn_t)(char c, void *arg);

/* Format, giving each character to PUT; returns how many there were. */
int printf_format(printf_put_fn_t put, void *arg, const char *format,
    va_list args);

/* Write LEN bytes to the console as they are, under the console lock. */
void printf_write(const char *bytes, size_t len);

/*
 * From now on ignore the console lock: the machine is stopped in panic and
 * its owner may never run again.
 */
void printf_force(bool on);

/* The last bytes written to the console, oldest first; for kdb and tests. */
size_t printf_log_read(char *buf, size_t size);

/* How many bytes were ever written, modulo 2^32, and how many are kept. */
uint32_t printf_log_total_get(uint32_t *keptp);

/*
 * Bytes from position FROM on, of all that were ever written; from the oldest
 * on that is kept when that one is newer.
 */
size_t printf_log_read_from(uint32_t from, char *buf, size_t size);

#endif /* KERNEL_PRINTF_H */
