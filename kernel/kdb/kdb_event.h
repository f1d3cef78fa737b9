/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Why the debugger is entered, and how it is left: what it is to do with
 * breakpoints and single instructions is done on the way.
 */
#ifndef KERNEL_KDB_KDB_EVENT_H
#define KERNEL_KDB_KDB_EVENT_H

#include <stdbool.h>
#include <stdint.h>

enum kdb_event {
	KDB_EVENT_INTERRUPT,	/* somebody wants the debugger */
	KDB_EVENT_BREAK,	/* a breakpoint was executed in the kernel */
	KDB_EVENT_STEP,		/* one instruction was, as was wanted */
	KDB_EVENT_WATCH,	/* a watchpoint was hit, also by a user */
	KDB_EVENT_USER,		/* a program executed a trap instruction, or
				 * a breakpoint */
	KDB_EVENT_FAULT,	/* an instruction that was to be executed alone did
				 * not end, but has to wait for something; it
				 * will be begun again */
};

/*
 * Do what the option `kdb' says: stop now, before there are tasks, or at programs'
 * trap instructions.
 */
void kdb_event_setup(void);

/*
 * Called by the machine with interrupts off; traces begin at FRAME.  What was
 * interrupted goes on when this returns.  False: the trap instruction is the
 * program's own, which is to have its exception.
 */
bool kdb_event(enum kdb_event event, uintptr_t frame);

/*
 * May programs' trap instructions be for the debugger: by the option `kdb=user',
 * or since there are breakpoints of programs?
 */
bool kdb_event_user_wanted(void);

/*
 * Enter the debugger, which says WHY, and go on when it is left.
 *
 * Locks: any, also with interrupts disabled.
 */
void kdb_event_request(const char *why);

/* Why, if this processor's trap instruction is that one; NULL: another. */
const char *kdb_event_requested(void);

/* Was the last event somebody's wish for the debugger? */
bool kdb_event_is_request(void);

#endif /* KERNEL_KDB_KDB_EVENT_H */
