/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Breakpoints.  Those in the kernel's text are in it only while all processors
 * run: kdb_stop_enter() takes them out, kdb_stop_leave() puts them back.  Those of
 * programs are wished for (kdb_wish.h), one by one by the same numbers.
 */
#ifndef KERNEL_KDB_KDB_BREAK_H
#define KERNEL_KDB_KDB_BREAK_H

#include <stdbool.h>
#include <stdint.h>

struct kdb_table;
struct task;
struct thread;

void kdb_break_remove(void);
void kdb_break_insert(void);

/* Would this processor execute one at ADDRESS? */
bool kdb_break_is_at(uintptr_t address);

/* Is one wanted there, which need not be in its program's text yet? */
bool kdb_break_is_wanted(uintptr_t address);

enum kdb_break_hit {
	KDB_BREAK_GOES_ON,
	KDB_BREAK_STOPS,	/* it has been said why */
	KDB_BREAK_FOREIGN,	/* it was the program's own, and is not touched */
};

/*
 * This processor executed one, or a trap instruction of somebody else's: set its
 * program counter to where it is to go on, and count.
 */
enum kdb_break_hit kdb_break_hit(void);

/*
 * It has stopped: say which breakpoints have come to nothing; drop those of tasks
 * that ended.
 */
void kdb_break_say(void);

/*
 * Stop without a word where THREAD next comes to ADDRESS with a stack pointer
 * above SP; it goes on with the single steps that are wanted.  False: no room, or
 * not there.
 */
bool kdb_break_once(uintptr_t address, const struct thread *thread,
    uintptr_t sp);

/*
 * The same where THREAD comes back from an instruction with a breakpoint that cannot
 * be executed alone: whatever stops meanwhile, only then is that gone over.
 */
bool kdb_break_back(uintptr_t address, const struct thread *thread);

/* None of those are wanted any more, but for kdb_break_back(). */
void kdb_break_once_cancel(void);

/*
 * One of gdb's at ADDRESS, a program's of TASK, where one of somebody's who typed it
 * may be, too: it stops each time.  False: no room, or not there.
 *
 * gdb takes all of them out whenever the machine stops, and has them put back before
 * it goes on, from whichever thread it looks at then: one in a program stays TASK's,
 * and is taken out only by kdb_break_settle(), of those that were not put back, or
 * of ALL.
 */
bool kdb_break_plant(struct task *task, uintptr_t address);
void kdb_break_uproot(uintptr_t address);
void kdb_break_settle(bool all);

/*
 * Has this processor stopped at one of gdb's?  If gdb is told so of another, it goes
 * on without a word.
 */
bool kdb_break_was_gdbs(void);

extern struct kdb_table kdb_break_table;

#endif /* KERNEL_KDB_KDB_BREAK_H */
