/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * How everything in the debugger fails: a message, and the command line that
 * was being obeyed is dropped.  What an error may interrupt keeps nothing that
 * it would have to give back.
 */
#ifndef KERNEL_KDB_KDB_ERROR_H
#define KERNEL_KDB_KDB_ERROR_H

#include <stdbool.h>

/* Say what is wrong, on a line of its own, and go to where it is caught. */
_Noreturn void kdb_error(const char *format, ...)
    __attribute__((format(printf, 1, 2), cold));

/* The same without a word: somebody wants no more of it. */
_Noreturn void kdb_error_quit(void);

/*
 * Call FN(ARG); false if an error ended it.  One may be inside another: an
 * error ends the innermost.
 */
bool kdb_error_catch(void (*fn)(void *arg), void *arg);

/* Would it? */
bool kdb_error_caught(void);

/* There is no way back to where it would be caught: the next error is a panic. */
void kdb_error_abandon(void);

#endif /* KERNEL_KDB_KDB_ERROR_H */
