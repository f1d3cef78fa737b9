/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Instructions one at a time, in the kernel or in a program.  The other processors
 * stand still meanwhile, but not while a function is stepped over, or what a program
 * asks of the kernel.
 */
#ifndef KERNEL_KDB_KDB_STEP_H
#define KERNEL_KDB_KDB_STEP_H

#include <stdbool.h>

struct kdb_table;

/* Is one to be executed next? */
bool kdb_step_wanted(void);

/* One was; true, having said so, if that is where to stop. */
bool kdb_step_done(void);

/* The next one cannot be executed yet; this says that now it can. */
void kdb_step_wait(void);
void kdb_step_go_on(void);

/*
 * Is it an address that is waited for, and the instruction there, if it is the next
 * one, to be executed first?
 */
bool kdb_step_waits_again(void);

/*
 * Leave the prompt to execute one instruction.  False: there is no room for the
 * breakpoint that it needs, and it stays.
 */
bool kdb_step_one(void);

/* No more of them. */
void kdb_step_cancel(void);

extern struct kdb_table kdb_step_table;

#endif /* KERNEL_KDB_KDB_STEP_H */
