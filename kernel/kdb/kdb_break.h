/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Breakpoints in the kernel's text.  They are in it only while all processors
 * run: kdb_stop_enter() takes them out, kdb_stop_leave() puts them back.
 */
#ifndef KERNEL_KDB_KDB_BREAK_H
#define KERNEL_KDB_KDB_BREAK_H

#include <stdbool.h>
#include <stdint.h>

struct kdb_table;
struct thread;

void kdb_break_remove(void);
void kdb_break_insert(void);

/* Is there one at ADDRESS? */
bool kdb_break_is_at(uintptr_t address);

/*
 * This processor executed one, or a trap instruction of somebody else's: set its
 * program counter to where it is to go on, and count.  True, having said so, if
 * that is where it stops.
 */
bool kdb_break_hit(void);

/*
 * Stop without a word where THREAD next comes to ADDRESS with a stack pointer
 * above SP; it goes on with the single steps that are wanted.  False: no room, or
 * not there.
 */
bool kdb_break_once(uintptr_t address, const struct thread *thread,
    uintptr_t sp);

/* None of those are wanted any more. */
void kdb_break_once_cancel(void);

extern struct kdb_table kdb_break_table;

#endif /* KERNEL_KDB_KDB_BREAK_H */
