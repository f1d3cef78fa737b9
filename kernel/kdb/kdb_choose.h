/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Which task's memory and which thread's registers commands are about.
 */
#ifndef KERNEL_KDB_KDB_CHOOSE_H
#define KERNEL_KDB_KDB_CHOOSE_H

struct kdb_table;
struct thread;

/*
 * Whose registers are meant: when the debugger is entered those of the thread
 * that this processor runs.
 */
extern struct thread *kdb_thread;

/* The debugger has been entered. */
void kdb_choose_here(void);

/* Print where the chosen thread goes on, which becomes dot. */
void kdb_choose_print_pc(void);

extern struct kdb_table kdb_choose_table;

#endif /* KERNEL_KDB_KDB_CHOOSE_H */
