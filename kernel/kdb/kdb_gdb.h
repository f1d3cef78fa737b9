/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * gdb in place of the prompt: its remote protocol on the serial line on which
 * `gdb' was typed, until it detaches.
 */
#ifndef KERNEL_KDB_KDB_GDB_H
#define KERNEL_KDB_KDB_GDB_H

#include <stdbool.h>

struct kdb_table;

/*
 * The machine has stopped: if gdb is there do what it wants.  True: all go on;
 * false: there is none, or no longer.
 */
bool kdb_gdb_stopped(void);

extern struct kdb_table kdb_gdb_table;

#endif /* KERNEL_KDB_KDB_GDB_H */
