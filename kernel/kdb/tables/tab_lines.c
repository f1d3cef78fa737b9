/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Source files and lines.
 */

#include "tab.h"

#include <stdlib.h>
#include <string.h>

/* So many rows can be passed to find one. */
#define TAB_LINE_BLOCK	128u

uint32_t
tab_file_named(struct tab_unit *unit, const char *name)
{
	struct tab_buffer *files = &unit->tab->parts[KDB_TABLE_FILES];
	size_t length = strlen(unit->directory);
	uint32_t number = (uint32_t)(files->size / 4);
	uint32_t *known;

	if (length > 0 && strncmp(name, unit->directory, length) == 0 &&
	    name[length] == '/') {
		name += length + 1;
	}
	while (strncmp(name, "./", 2) == 0) {
		name += 2;
	}
	known = tab_map_get(&unit->tab->files, name, number);
	if (*known == number) {
		tab_put_word(files, tab_pool_add(&unit->tab->strings, name));
	}
	return *known;
}

uint32_t
tab_file(struct tab_unit *unit, size_t i)
{
	const char *name;

	if (i >= unit->source_count) {
		return 0;
	}
	if (unit->files[i] == 0) {
		name = dwarf_filesrc(unit->sources, i, NULL, NULL);
		unit->files[i] = 1 + tab_file_named(unit,
		    name != NULL ? name : "");
	}
	return unit->files[i] - 1;
}

static void
tab_rows_add(struct tab_rows *rows, uint32_t address, uint32_t file,
    uint32_t line)
{
	if (rows->count == rows->room) {
		rows->room = 2 * rows->room + 4096;
		rows->rows = tab_alloc(rows->rows,
		    rows->room * sizeof(*rows->rows));
	}
	rows->rows[rows->count].address = address;
	rows->rows[rows->count].file = file;
	rows->rows[rows->count].line = line;
	rows->rows[rows->count].order = (uint32_t)rows->count;
	rows->count++;
}

void
tab_lines_unit(struct tab_unit *unit)
{
	struct tab_rows *rows = &unit->tab->rows;
	const char *last_name = NULL;
	uint32_t file = 0;
	Dwarf_Lines *lines;
	size_t count;

	if (dwarf_getsrclines(&unit->die, &lines, &count) != 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		Dwarf_Line *row = dwarf_onesrcline(lines, i);
		const char *name = dwarf_linesrc(row, NULL, NULL);
		Dwarf_Addr address = 0;
		bool end = false;
		int line = 0;

		dwarf_lineaddr(row, &address);
		dwarf_lineno(row, &line);
		dwarf_lineendsequence(row, &end);
		if (name != NULL && name != last_name) {
			file = tab_file_named(unit, name);
			last_name = name;
		}
		tab_rows_add(rows, (uint32_t)address, file,
		    end ? 0 : (uint32_t)line);
	}
}

/* By address; the last of an address counts, but ends before all others. */
static int
tab_row_compare(const void *a, const void *b)
{
	const struct tab_row *x = a;
	const struct tab_row *y = b;

	if (x->address != y->address) {
		return x->address < y->address ? -1 : 1;
	}
	if ((x->line == 0) != (y->line == 0)) {
		return x->line == 0 ? -1 : 1;
	}
	return x->order < y->order ? -1 : 1;
}

/* Drop what says nothing new. */
static void
tab_rows_merge(struct tab_rows *rows)
{
	struct tab_row *row = rows->rows;
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (i + 1 < rows->count &&
		    row[i + 1].address == row[i].address) {
			continue;
		}
		if (kept > 0 && row[kept - 1].line == row[i].line &&
		    (row[i].line == 0 || row[kept - 1].file == row[i].file)) {
			continue;
		}
		row[kept++] = row[i];
	}
	rows->count = kept;
}

/* What the reader knows after a row. */
struct tab_line_state {
	uint32_t	address;
	struct {
		uint32_t	file;
		uint32_t	line;
	}		recent[KDB_LINE_RECENT];
};

/* Make FILE, which was the recent one SLOT, the first, with LINE. */
static void
tab_line_use(struct tab_line_state *state, unsigned slot, uint32_t file,
    uint32_t line)
{
	memmove(&state->recent[1], &state->recent[0],
	    slot * sizeof(state->recent[0]));
	state->recent[0].file = file;
	state->recent[0].line = line;
}

static unsigned
tab_line_slot(const struct tab_line_state *state, uint32_t file)
{
	unsigned slot = 0;

	while (slot < KDB_LINE_RECENT && state->recent[slot].file != file) {
		slot++;
	}
	return slot;
}

/* A row in the file that is the recent one SLOT, at a distance of FAR. */
static void
tab_line_recent(struct tab_buffer *out, unsigned slot, uint32_t far,
    int32_t step)
{
	int32_t high = step + KDB_LINE_BACK;

	if (slot == 0 && high >= 0 && high < KDB_LINE_SIGNED / 16) {
		tab_put_byte(out, (unsigned)high * 16 + far);
	} else {
		tab_put_byte(out, KDB_LINE_SIGNED + slot * 16 + far);
		tab_put_s(out, step);
	}
}

static void
tab_row_put(struct tab_buffer *out, struct tab_line_state *state,
    const struct tab_row *row)
{
	uint32_t far = row->address - state->address;
	unsigned slot = tab_line_slot(state, row->file);

	state->address = row->address;
	if (row->line == 0) {
		tab_put_byte(out, KDB_LINE_NONE);
		tab_put_u(out, far);
		return;
	}
	if (slot < KDB_LINE_RECENT && far < 16) {
		tab_line_recent(out, slot, far,
		    (int32_t)(row->line - state->recent[slot].line));
	} else if (slot == 0) {
		tab_put_byte(out, KDB_LINE_FAR);
		tab_put_u(out, far);
		tab_put_s(out, (int32_t)(row->line - state->recent[0].line));
	} else {
		/* As if it had not been recent: the last one goes. */
		slot = KDB_LINE_RECENT - 1;
		tab_put_byte(out, KDB_LINE_FILE);
		tab_put_u(out, row->file);
		tab_put_u(out, far);
		tab_put_u(out, row->line);
	}
	tab_line_use(state, slot, row->file, row->line);
}

static void
tab_rows_put(struct tab *tab, const struct tab_rows *rows)
{
	struct tab_buffer *index = &tab->parts[KDB_TABLE_LINE_INDEX];
	struct tab_buffer *out = &tab->parts[KDB_TABLE_LINES];
	struct tab_line_state state;

	for (size_t i = 0; i < rows->count; i++) {
		const struct tab_row *row = &rows->rows[i];

		if (i % TAB_LINE_BLOCK == 0) {
			tab_put_word(index, row->address);
			tab_put_word(index, (uint32_t)out->size);
			memset(&state, 0, sizeof(state));
			state.address = row->address;
		}
		tab_row_put(out, &state, row);
	}
}

void
tab_lines(struct tab *tab)
{
	struct tab_rows *rows = &tab->rows;

	if (rows->count > 0) {
		qsort(rows->rows, rows->count, sizeof(*rows->rows),
		    tab_row_compare);
	}
	tab_rows_merge(rows);
	tab_rows_put(tab, rows);
}
