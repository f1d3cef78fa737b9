/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Stopping the machine for a panic or the debugger.
 *
 * One processor becomes the owner: it stops the others by interrupts that cannot
 * be masked, and time stands still.  One that gives no answer goes on.  While the
 * owner talks, breakpoints are out of the text and its locks are lenient
 * (panic_active()).  It may hold the others while it executes one instruction of
 * what it interrupted, as if nothing were stopped.  At the end time and breakpoints
 * come back and all go on.
 *
 * Interrupts are off in all of these, and nothing of it may have breakpoints.
 */
#ifndef KERNEL_KDB_KDB_STOP_H
#define KERNEL_KDB_KDB_STOP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Become the owner, or talk again; waits while another processor is it.  FRAME:
 * where traces of this one begin meanwhile.  True if it was not the owner before.
 */
bool kdb_stop_enter(uintptr_t frame);

/* Is this processor the owner? */
bool kdb_stop_mine(void);

/* Does one talk? */
bool kdb_stop_talking(void);

/* For the owner: did processor CPU not stop, and does it go on meanwhile? */
bool kdb_stop_is_running(unsigned cpu);

/* Stop talking, but let nobody else go on. */
void kdb_stop_hold(void);

/* Let all go on, this one too; waits until they do. */
void kdb_stop_leave(void);

/*
 * Stand still here until the owner lets go; FRAME as above.  At once if there
 * is none.
 */
void kdb_stop_wait(uintptr_t frame);

#endif /* KERNEL_KDB_KDB_STOP_H */
