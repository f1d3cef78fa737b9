/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The end of the road: panic() stops every processor, says why, prints a
 * symbolised stack trace of each and stays at the debugger's prompt.
 *
 * assert() guards what our own code guarantees and is in every build.
 * assert_debug() is for hot paths and is compiled only with DEBUG=1; its
 * condition must have no side effect.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <stdbool.h>
#include <stdint.h>

_Noreturn void panic(const char *format, ...)
    __attribute__((format(printf, 1, 2), cold));

_Noreturn void panic_assert(const char *expression, const char *file, int line)
    __attribute__((cold));

/*
 * True for the processor that has the machine in a panic or in the debugger: its
 * consoles and locks are lenient.  One that could not be stopped waits as ever for
 * locks that others were stopped with.
 */
bool panic_active(void);

#define assert(cond) \
	((cond) ? (void)0 : panic_assert(#cond, __FILE__, __LINE__))

#ifdef DEBUG
#define assert_debug(cond)	assert(cond)
#else
#define assert_debug(cond)	((void)sizeof(!(cond)))
#endif

#endif /* KERNEL_PANIC_H */
