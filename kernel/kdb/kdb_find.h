/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks and threads, as they are named to the debugger.  No lock is taken.
 */
#ifndef KERNEL_KDB_KDB_FIND_H
#define KERNEL_KDB_KDB_FIND_H

#include <stdbool.h>
#include <stdint.h>

struct task;
struct thread;

/*
 * The task that the word means that *TEXTP begins with: its name, its address
 * or that of its map; NULL: there is none.  *TEXTP moves behind the word.
 */
struct task *kdb_find_task(const char **textp);

/* Is there such a task, such a thread? */
bool kdb_find_is_task(const struct task *task);
bool kdb_find_is_thread(const struct thread *thread);

#endif /* KERNEL_KDB_KDB_FIND_H */
