/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_scope.h. */

#include <kernel/kdb/kdb_scope.h>

#include <string.h>

#define KDB_FUNCTION_WORDS	(sizeof(struct kdb_table_function) / 4)
#define KDB_SCOPE_DEPTH		63u

/* Name and type that the cursor refers to. */
static void
kdb_scope_named(const struct kdb_symtab *table, struct kdb_cursor *cursor,
    const char **name, uint32_t *type)
{
	struct kdb_cursor record = kdb_table_pooled(table,
	    KDB_TABLE_NAMED_INDEX, KDB_TABLE_NAMED, kdb_cursor_u(cursor));

	*name = kdb_table_string(table, kdb_cursor_u(&record));
	*type = kdb_cursor_u(&record);
}

bool
kdb_function_at(const struct kdb_symtab *table, uintptr_t pc,
    struct kdb_function *function)
{
	uint32_t address = (uint32_t)pc - table->bias;
	int i = kdb_table_search(table, KDB_TABLE_FUNCTIONS,
	    KDB_FUNCTION_WORDS, address);
	uint32_t first = (uint32_t)i * KDB_FUNCTION_WORDS;
	struct kdb_cursor cursor;

	if (i < 0 || address - kdb_table_word(table, KDB_TABLE_FUNCTIONS,
	    first) >= kdb_table_word(table, KDB_TABLE_FUNCTIONS, first + 1)) {
		return false;
	}
	cursor = kdb_cursor(table, KDB_TABLE_SCOPES, kdb_table_word(table,
	    KDB_TABLE_FUNCTIONS, first + 2));
	function->low = kdb_cursor_u(&cursor);
	kdb_scope_named(table, &cursor, &function->name, &function->type);
	kdb_cursor_u(&cursor);
	kdb_cursor_u(&cursor);
	if (cursor.bad) {
		return false;
	}
	function->contents = (uint32_t)(cursor.at - table->data -
	    table->parts[KDB_TABLE_SCOPES].offset);
	return true;
}

/* Pass a range; *LAST is the end of the one before.  Does it have PC? */
static bool
kdb_scope_range(struct kdb_cursor *cursor, uint32_t *last, uint32_t pc)
{
	uint32_t size = kdb_cursor_u(cursor);
	uint32_t start = *last;

	if ((size & 1) != 0) {
		start += (uint32_t)kdb_cursor_s(cursor);
	}
	*last = start + size / 2;
	return pc - start < size / 2;
}

static bool
kdb_scope_ranges(struct kdb_walk *walk)
{
	uint32_t count = kdb_cursor_u(&walk->cursor);
	uint32_t last = walk->low;
	bool covers = false;

	while (count-- > 0 && !walk->cursor.bad) {
		covers = kdb_scope_range(&walk->cursor, &last, walk->pc) ||
		    covers;
	}
	return covers;
}

/* Pass a place, and note what it says for here. */
static void
kdb_scope_place(struct kdb_walk *walk, struct kdb_entry *entry)
{
	uint32_t count = kdb_cursor_u(&walk->cursor);
	uint32_t last = walk->low;

	entry->placed = count == KDB_PLACE_ALL;
	if (entry->placed) {
		entry->expr = kdb_cursor_u(&walk->cursor);
		return;
	}
	while (count-- > 0 && !walk->cursor.bad) {
		bool covers = kdb_scope_range(&walk->cursor, &last, walk->pc);
		uint32_t expr = kdb_cursor_u(&walk->cursor);

		if (covers && !entry->placed) {
			entry->placed = true;
			entry->expr = expr;
		}
	}
}

static void
kdb_scope_site(struct kdb_walk *walk, struct kdb_entry *entry)
{
	entry->pc = walk->low + (uint32_t)kdb_cursor_s(&walk->cursor) +
	    walk->table->bias;
	kdb_scope_named(walk->table, &walk->cursor, &entry->name,
	    &entry->type);
	if (entry->name[0] == '\0') {
		entry->expr = kdb_cursor_u(&walk->cursor);
		entry->placed = entry->expr-- != 0;
	}
	entry->passed = walk->cursor;
	for (uint32_t n = kdb_cursor_u(&walk->cursor); n > 0 &&
	    !walk->cursor.bad; n--) {
		kdb_cursor_u(&walk->cursor);
		kdb_cursor_u(&walk->cursor);
	}
}

/* A scope begins, in which we are or not. */
static void
kdb_walk_enter(struct kdb_walk *walk, bool covers, bool is_inline)
{
	walk->depth++;
	if (walk->depth >= KDB_SCOPE_DEPTH) {
		walk->cursor.bad = true;
		return;
	}
	if (walk->hidden == 0 && !covers) {
		walk->hidden = walk->depth;
	}
	walk->inlines &= ~(1ull << walk->depth);
	if (walk->hidden == 0 && is_inline) {
		walk->inlines |= 1ull << walk->depth;
		walk->level++;
	}
}

static void
kdb_walk_leave(struct kdb_walk *walk)
{
	if ((walk->inlines & 1ull << walk->depth) != 0) {
		walk->inlines &= ~(1ull << walk->depth);
		walk->level--;
	}
	if (walk->hidden == walk->depth) {
		walk->hidden = 0;
	}
	walk->depth--;
}

static void
kdb_walk_inline(struct kdb_walk *walk, struct kdb_entry *entry)
{
	uint32_t file;

	kdb_scope_named(walk->table, &walk->cursor, &entry->name,
	    &entry->type);
	file = kdb_cursor_u(&walk->cursor);
	entry->file = kdb_table_file(walk->table, file);
	entry->line = kdb_cursor_u(&walk->cursor);
	kdb_walk_enter(walk, kdb_scope_ranges(walk), true);
}

void
kdb_walk_start(struct kdb_walk *walk, const struct kdb_symtab *table,
    const struct kdb_function *function, uintptr_t pc)
{
	memset(walk, 0, sizeof(*walk));
	walk->table = table;
	walk->cursor = kdb_cursor(table, KDB_TABLE_SCOPES,
	    function->contents);
	walk->low = function->low;
	walk->pc = (uint32_t)pc - table->bias;
	walk->depth = 1;
}

/* One element; true if it is to be told of, as far as it is in force. */
static bool
kdb_walk_element(struct kdb_walk *walk, struct kdb_entry *entry)
{
	entry->kind = kdb_cursor_byte(&walk->cursor);
	switch (entry->kind) {
	case KDB_SCOPE_END:
		kdb_walk_leave(walk);
		return false;
	case KDB_SCOPE_PARAMETER:
	case KDB_SCOPE_LOCAL:
		kdb_scope_named(walk->table, &walk->cursor, &entry->name,
		    &entry->type);
		kdb_scope_place(walk, entry);
		return true;
	case KDB_SCOPE_BLOCK:
		kdb_walk_enter(walk, kdb_scope_ranges(walk), false);
		return false;
	case KDB_SCOPE_INLINE:
		kdb_walk_inline(walk, entry);
		return true;
	case KDB_SCOPE_SITE:
		kdb_scope_site(walk, entry);
		return true;
	case KDB_SCOPE_VARIADIC:
		return true;
	default:
		walk->cursor.bad = true;
		return false;
	}
}

bool
kdb_walk_next(struct kdb_walk *walk, struct kdb_entry *entry)
{
	while (!walk->cursor.bad && walk->depth > 0) {
		memset(entry, 0, sizeof(*entry));
		if (!kdb_walk_element(walk, entry) || walk->cursor.bad) {
			continue;
		}
		entry->level = walk->level;
		if (walk->hidden == 0 || entry->kind == KDB_SCOPE_SITE) {
			return true;
		}
	}
	return false;
}

bool
kdb_entry_passed(const struct kdb_entry *site, unsigned reg, uint32_t *expr)
{
	struct kdb_cursor cursor = site->passed;

	for (uint32_t n = kdb_cursor_u(&cursor); n > 0 && !cursor.bad; n--) {
		uint32_t its = kdb_cursor_u(&cursor);

		*expr = kdb_cursor_u(&cursor);
		if (its == reg) {
			return !cursor.bad;
		}
	}
	return false;
}
