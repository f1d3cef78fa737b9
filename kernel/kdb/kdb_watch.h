/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Watchpoints: memory that stops whoever changes or touches it, in the kernel or
 * in a task, on any processor.  There are as many as the machine has.
 */
#ifndef KERNEL_KDB_KDB_WATCH_H
#define KERNEL_KDB_KDB_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <machine/kdb_cpu.h>

struct kdb_table;
struct task;

/* Some were hit on this processor: true, having said so, if that is to stop. */
bool kdb_watch_hit(void);

/* Where and what was it, the last time; false: it has not stopped for one. */
bool kdb_watch_was_hit(uintptr_t *address, enum kdb_cpu_watch *kind);

/* What was so far is forgotten: something else has stopped. */
void kdb_watch_forget(void);

/* Those of tasks that have ended are none any more; says which. */
void kdb_watch_settle(void);

/* TASK is being freed.  No locks, never waits. */
void kdb_watch_task_gone(const struct task *task);

/*
 * For gdb: LENGTH bytes at ADDRESS, those of TASK if they are a user's, in as
 * many as that takes.  False, with nothing done: there are not so many, or no
 * task.
 */
bool kdb_watch_plant(uintptr_t address, unsigned length,
    enum kdb_cpu_watch kind, struct task *task);
void kdb_watch_uproot(uintptr_t address, unsigned length,
    enum kdb_cpu_watch kind);
void kdb_watch_uproot_all(void);

extern struct kdb_table kdb_watch_table;

#endif /* KERNEL_KDB_KDB_WATCH_H */
