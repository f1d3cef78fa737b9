/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's prompt, on the console: adb's language, and words for what the
 * kernel has.
 */
#ifndef KERNEL_KDB_KDB_H
#define KERNEL_KDB_KDB_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Read and obey commands until one says to go on.  Called with interrupts off
 * and the other processors stopped.  CAN_CONTINUE: `continue' is allowed.
 * FRAME is where the trace of this processor starts.
 */
void kdb_enter(uintptr_t frame, bool can_continue);

/* Obey one command line; false if it says to go on. */
bool kdb_command(const char *line);

/* Leave the prompt after this line; an error if that is not possible. */
void kdb_leave(void);

/* Take that back. */
void kdb_stay(void);

/* Is it possible? */
bool kdb_can_leave(void);

#endif /* KERNEL_KDB_KDB_H */
