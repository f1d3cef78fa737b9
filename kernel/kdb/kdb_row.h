/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A line in one row of the screen, behind a prompt; through a window that moves
 * over it when it is longer.
 */
#ifndef KERNEL_KDB_KDB_ROW_H
#define KERNEL_KDB_KDB_ROW_H

#include <stddef.h>

#define KDB_ROW_SIZE	128u	/* the widest */

struct kdb_row {
	const char	*prompt;
	char		text[KDB_ROW_SIZE];	/* what is on the screen */
	size_t		length;
	size_t		cursor;
	size_t		first;		/* character of the line */
};

/* Print PROMPT, in a new row. */
void kdb_row_begin(struct kdb_row *row, const char *prompt);

/* Make ROW show the LENGTH characters of LINE with the cursor at CURSOR. */
void kdb_row_show(struct kdb_row *row, const char *line, size_t length,
    size_t cursor);

/* Go to the row below. */
void kdb_row_end(struct kdb_row *row);

#endif /* KERNEL_KDB_KDB_ROW_H */
