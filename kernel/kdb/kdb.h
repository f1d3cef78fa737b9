/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The prompt behind a panic, on the console: looks at tasks, threads, memory
 * and stacks, continues where that is possible, and reboots.
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

/* Obey one command line; false if it says to go on.  For tests. */
bool kdb_command(const char *line);

/*
 * The hexadecimal number that comes next in *TEXTP, which moves behind it;
 * false if there is none.
 */
bool kdb_parse_address(const char **textp, uintptr_t *valuep);

#endif /* KERNEL_KDB_KDB_H */
