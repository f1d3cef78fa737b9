/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the debugger prints, straight to the console: it is not part of the
 * kernel's log.  Knows the column; after a screenful it says --more-- and waits
 * for a space (another screenful), a return (a line) or q (no more of this
 * command), unless something is typed already, as by a program.
 */
#ifndef KERNEL_KDB_KDB_OUT_H
#define KERNEL_KDB_KDB_OUT_H

#include <stdarg.h>
#include <stdbool.h>

/*
 * As printf(), up to 1000 characters at once.  May end the command: by ^C, or q
 * at --more--.
 */
void kdb_printf(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void kdb_vprintf(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

/* Blanks up to COLUMN, counted from 0; nothing when it is passed. */
void kdb_out_tab(unsigned column);

unsigned kdb_out_column(void);

/* End the line, if there is something on it. */
void kdb_out_fresh_line(void);

/* End the line, if it is as wide as $w wants: between two items. */
void kdb_out_wrap(void);

/* Columns of a line, and lines of a screen; no lines: it never waits. */
void kdb_out_width_set(unsigned width);
unsigned kdb_out_width(void);
void kdb_out_lines_set(unsigned lines);
unsigned kdb_out_lines(void);

/*
 * Wait after each screenful from here on, or not.  Whoever reads commands says
 * true before each and false after it; before the first it does not.
 */
void kdb_out_pause(bool on);

/* Print nothing from here on, or do again. */
void kdb_out_mute(bool on);

/* Put TEXT on the console and nothing else: for what echoes what is typed. */
void kdb_out_raw(const char *text);

#endif /* KERNEL_KDB_KDB_OUT_H */
