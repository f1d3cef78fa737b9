/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_KDB_CPU_WATCH_H
#define I386_KDB_CPU_WATCH_H

/*
 * The debug registers: a thread's own, and those that the debugger has taken,
 * which the thread does without.
 */

#include <stdbool.h>
#include <stdint.h>

struct pcb_extra;

/* Load them for a thread with EXTRA.  Interrupts are off. */
void kdb_cpu_watch_load(const struct pcb_extra *extra);

/* Is one of the debugger's for the instruction at PC? */
bool kdb_cpu_watch_executes(uintptr_t pc);

/* None of them is looked at, while the debugger is at work. */
void kdb_cpu_watch_off(void);

/*
 * A debug trap came: take note of the debugger's watchpoints among DR6, and
 * return the others.
 */
uint32_t kdb_cpu_watch_note(uint32_t dr6);

#endif /* I386_KDB_CPU_WATCH_H */
