/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* The parts of kdb_table.h that are rows by address: lines and frames. */

#include <kernel/kdb/kdb_table.h>

#include <string.h>

#define KDB_INDEX_WORDS	(sizeof(struct kdb_table_index) / 4)

/*
 * The rows where ADDRESS is, as INDEX says; *START is the address where they
 * begin.
 */
static struct kdb_cursor
kdb_rows(const struct kdb_symtab *table, enum kdb_table_part index,
    enum kdb_table_part part, uint32_t address, uint32_t *start)
{
	int i = kdb_table_search(table, index, KDB_INDEX_WORDS, address);
	struct kdb_cursor cursor = { .bad = true };
	uint32_t first = (uint32_t)i * KDB_INDEX_WORDS;
	uint32_t offset;
	uint32_t next;

	if (i < 0) {
		return cursor;
	}
	*start = kdb_table_word(table, index, first);
	offset = kdb_table_word(table, index, first + 1);
	cursor = kdb_cursor(table, part, offset);
	/* The last ones end where the part does. */
	next = kdb_table_word(table, index, first + KDB_INDEX_WORDS + 1);
	if (next > offset && next - offset < (size_t)(cursor.end - cursor.at)) {
		cursor.end = cursor.at + (next - offset);
	}
	return cursor;
}

/* What is known after a row; LINE 0 of the row itself: there is none. */
struct kdb_line_state {
	uint32_t	address;
	bool		none;
	struct {
		uint32_t	file;
		uint32_t	line;
	}		recent[KDB_LINE_RECENT];
};

/* The recent file SLOT is FILE now, and the first. */
static void
kdb_line_use(struct kdb_line_state *state, unsigned slot, uint32_t file,
    uint32_t line)
{
	memmove(&state->recent[1], &state->recent[0],
	    slot * sizeof(state->recent[0]));
	state->recent[0].file = file;
	state->recent[0].line = line;
	state->none = false;
}

/* A row with a code of one byte for the address. */
static void
kdb_line_near(struct kdb_line_state *state, struct kdb_cursor *cursor,
    unsigned code)
{
	unsigned slot = 0;
	int32_t step;

	if (code >= KDB_LINE_SIGNED) {
		slot = (code - KDB_LINE_SIGNED) / 16;
		step = kdb_cursor_s(cursor);
	} else {
		step = (int32_t)(code / 16) - KDB_LINE_BACK;
	}
	state->address += code % 16;
	kdb_line_use(state, slot, state->recent[slot].file,
	    state->recent[slot].line + (uint32_t)step);
}

static void
kdb_line_next(struct kdb_line_state *state, struct kdb_cursor *cursor)
{
	unsigned code = kdb_cursor_byte(cursor);
	uint32_t file;

	if (code < KDB_LINE_FAR) {
		kdb_line_near(state, cursor, code);
		return;
	}
	file = code == KDB_LINE_FILE ? kdb_cursor_u(cursor)
				     : state->recent[0].file;
	state->address += kdb_cursor_u(cursor);
	if (code == KDB_LINE_FILE) {
		kdb_line_use(state, KDB_LINE_RECENT - 1, file,
		    kdb_cursor_u(cursor));
	} else if (code == KDB_LINE_FAR) {
		kdb_line_use(state, 0, file, state->recent[0].line +
		    (uint32_t)kdb_cursor_s(cursor));
	} else {
		state->none = true;
	}
}

bool
kdb_table_line(const struct kdb_symtab *table, uintptr_t pc, const char **file,
    unsigned *line)
{
	uint32_t address = (uint32_t)pc - table->bias;
	struct kdb_line_state state = { .none = true };
	struct kdb_line_state next = { .none = true };
	struct kdb_cursor cursor = kdb_rows(table, KDB_TABLE_LINE_INDEX,
	    KDB_TABLE_LINES, address, &next.address);

	while (!cursor.bad && next.address <= address) {
		state = next;
		if (cursor.at == cursor.end) {
			break;
		}
		kdb_line_next(&next, &cursor);
	}
	if (cursor.bad || state.none || state.recent[0].line == 0) {
		return false;
	}
	*file = kdb_table_file(table, state.recent[0].file);
	*line = state.recent[0].line;
	return true;
}

bool
kdb_table_rule(const struct kdb_symtab *table, uintptr_t pc,
    struct kdb_table_rule *rule)
{
	uint32_t address = (uint32_t)pc - table->bias;
	uint32_t number = KDB_RULE_UNKNOWN;
	uint32_t row = 0;
	struct kdb_cursor cursor = kdb_rows(table, KDB_TABLE_FRAME_INDEX,
	    KDB_TABLE_FRAMES, address, &row);

	while (!cursor.bad && cursor.at != cursor.end) {
		uint32_t next = row + kdb_cursor_u(&cursor);
		uint32_t n = kdb_cursor_u(&cursor);

		if (next > address) {
			break;
		}
		row = next;
		number = n;
	}
	if (cursor.bad || number == KDB_RULE_UNKNOWN ||
	    number >= table->parts[KDB_TABLE_RULES].size / sizeof(*rule)) {
		return false;
	}
	memcpy(rule, table->data + table->parts[KDB_TABLE_RULES].offset +
	    number * sizeof(*rule), sizeof(*rule));
	return rule->base < KDB_REG_PC;
}
