/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A line typed at a prompt.  Keys: ^A ^E start, end; ^B ^F arrows a character
 * back, on; ^H DEL erase; ^D erase under the cursor; ^K ^U erase to the end, to
 * the start; ^W a word; ^P ^N arrows older and newer lines; ^C drop the line;
 * TAB complete, twice: show what is possible.
 */
#ifndef KERNEL_KDB_KDB_LINE_H
#define KERNEL_KDB_KDB_LINE_H

#include <stddef.h>

/*
 * The I-th of all that could take the place of the last part of the LENGTH
 * characters at TEXT: its length goes to *LENGTHP, and to *REPLACEDP how many
 * characters it replaces, which it begins with: the same for all.  NULL: there
 * are no more.  It is asked for with I from 0 on.
 */
typedef const char *(*kdb_line_complete_fn_t)(const char *text, size_t length,
    unsigned i, size_t *lengthp, size_t *replacedp);

/* Who completes, from now on; NULL: nobody. */
void kdb_line_completer(kdb_line_complete_fn_t complete);

/* Read a line, good up to the next call. */
const char *kdb_line_read(const char *prompt);

#endif /* KERNEL_KDB_KDB_LINE_H */
