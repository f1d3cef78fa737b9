/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Watchpoints: memory that stops whoever changes or touches it, in the kernel or
 * in a task, on any processor.  There are as many as the machine has.
 */
#ifndef KERNEL_KDB_KDB_WATCH_H
#define KERNEL_KDB_KDB_WATCH_H

#include <stdbool.h>

struct kdb_table;

/* Some were hit on this processor: true, having said so, if that is to stop. */
bool kdb_watch_hit(void);

extern struct kdb_table kdb_watch_table;

#endif /* KERNEL_KDB_KDB_WATCH_H */
