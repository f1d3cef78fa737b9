/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What is typed to the debugger.  What comes while a command is at work is kept
 * for the next one; a ^C ends the command instead.
 */
#ifndef KERNEL_KDB_KDB_IN_H
#define KERNEL_KDB_KDB_IN_H

#include <stdbool.h>

#define KDB_IN_INTERRUPT	3	/* ^C */

/* The next character; waits for it. */
int kdb_in_get(void);

/* Is one there? */
bool kdb_in_waiting(void);

/*
 * End the command, as kdb_error_quit() does, if somebody typed ^C.  Whatever
 * may take long calls this again and again; kdb_printf() does for each line.
 */
void kdb_in_poll(void);

/* It is ended, too, when FN says so; NULL: when nobody does but by ^C. */
void kdb_in_ask(bool (*fn)(void));

#endif /* KERNEL_KDB_KDB_IN_H */
