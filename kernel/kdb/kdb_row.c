/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * With as few characters as need change, so that a line that is typed is echoed
 * as it is; of the terminal nothing is asked but \b.
 */

#include <kernel/kdb/kdb_row.h>

#include <string.h>

#include <kernel/kdb/kdb_out.h>

static void
kdb_row_put(char c)
{
	const char text[2] = { c, '\0' };

	kdb_out_raw(text);
}

/* Columns behind the prompt; the last is left free, or the terminal wraps. */
static size_t
kdb_row_columns(const struct kdb_row *row)
{
	size_t width = kdb_out_width();
	size_t prompt = strlen(row->prompt);

	if (width < prompt + 10) {
		width = 80;
	}
	width -= prompt + 1;
	return width < KDB_ROW_SIZE ? width : KDB_ROW_SIZE;
}

static void
kdb_row_move(struct kdb_row *row, size_t to)
{
	for (; row->cursor > to; row->cursor--) {
		kdb_row_put('\b');
	}
	for (; row->cursor < to; row->cursor++) {
		kdb_row_put(row->text[row->cursor]);
	}
}

/* Make character AT of the row be C. */
static void
kdb_row_change(struct kdb_row *row, size_t at, char c)
{
	if (at < row->length && row->text[at] == c) {
		return;
	}
	kdb_row_move(row, at);
	row->text[at] = c;
	kdb_row_put(c);
	row->cursor++;
	row->length = at < row->length ? row->length : at + 1;
}

void
kdb_row_show(struct kdb_row *row, const char *line, size_t length,
    size_t cursor)
{
	size_t columns = kdb_row_columns(row);
	size_t shown;

	if (cursor < row->first) {
		row->first = cursor;
	} else if (cursor - row->first >= columns) {
		row->first = cursor - columns / 2;
	}
	shown = length - row->first;
	shown = shown < columns ? shown : columns;
	for (size_t i = 0; i < shown; i++) {
		kdb_row_change(row, i, line[row->first + i]);
	}
	for (size_t i = shown; i < row->length; i++) {
		kdb_row_change(row, i, ' ');
	}
	kdb_row_move(row, cursor - row->first);
	row->length = shown;
}

void
kdb_row_begin(struct kdb_row *row, const char *prompt)
{
	row->prompt = prompt;
	row->length = 0;
	row->cursor = 0;
	row->first = 0;
	kdb_out_raw(prompt);
}

void
kdb_row_end(struct kdb_row *row)
{
	kdb_row_move(row, row->length);
	kdb_out_raw("\n");
}
