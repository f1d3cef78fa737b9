/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_table.h: what everything in a table is read with, and symbols. */

#include <kernel/kdb/kdb_table.h>

#include <string.h>

#define KDB_SYMBOL_WORDS	(sizeof(struct kdb_table_symbol) / 4)

/* A table that is sound as far as it is there: its header. */
static bool
kdb_table_header(const void *data, size_t size,
    struct kdb_table_header *header)
{
	if (size < sizeof(*header)) {
		return false;
	}
	memcpy(header, data, sizeof(*header));
	return header->magic == KDB_TABLE_MAGIC &&
	    header->version == KDB_TABLE_VERSION &&
	    header->resident >= sizeof(*header) &&
	    header->resident <= header->size;
}

size_t
kdb_table_resident(const void *data, size_t size)
{
	struct kdb_table_header header;

	if (!kdb_table_header(data, size, &header)) {
		return 0;
	}
	return header.resident < size ? header.resident : size;
}

/* Names end with a zero, so that each of them does. */
static bool
kdb_table_names_end(const struct kdb_symtab *table, enum kdb_table_part part)
{
	uint32_t size = table->parts[part].size;

	return size == 0 ||
	    table->data[table->parts[part].offset + size - 1] == '\0';
}

bool
kdb_table_open(struct kdb_symtab *table, const void *data, size_t size,
    uint32_t bias)
{
	struct kdb_table_header header;

	memset(table, 0, sizeof(*table));
	if (!kdb_table_header(data, size, &header)) {
		return false;
	}
	table->data = data;
	table->size = header.size < size ? header.size : (uint32_t)size;
	table->bias = bias;
	for (unsigned i = 0; i < KDB_TABLE_PARTS; i++) {
		uint32_t offset = header.parts[i].offset;
		uint32_t n = header.parts[i].size;

		if (offset <= table->size && n <= table->size - offset) {
			table->parts[i].offset = offset;
			table->parts[i].size = n;
		}
	}
	if (!kdb_table_names_end(table, KDB_TABLE_NAMES) ||
	    !kdb_table_names_end(table, KDB_TABLE_STRINGS)) {
		memset(table, 0, sizeof(*table));
		return false;
	}
	return true;
}

struct kdb_cursor
kdb_cursor(const struct kdb_symtab *table, enum kdb_table_part part,
    uint32_t offset)
{
	const uint8_t *start = table->data;
	uint32_t size = table->parts[part].size;
	struct kdb_cursor cursor = { .bad = offset > size };

	if (start == NULL) {
		cursor.bad = true;
		return cursor;
	}
	start += table->parts[part].offset;
	cursor.at = start + (cursor.bad ? size : offset);
	cursor.end = start + size;
	return cursor;
}

uint8_t
kdb_cursor_byte(struct kdb_cursor *cursor)
{
	if (cursor->at == cursor->end) {
		cursor->bad = true;
		return 0;
	}
	return *cursor->at++;
}

/* Seven bits a byte, lowest first: *SHIFTP in all, *LASTP the last byte. */
static uint32_t
kdb_cursor_bits(struct kdb_cursor *cursor, unsigned *shiftp, uint8_t *lastp)
{
	uint32_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = kdb_cursor_byte(cursor);
		if (shift < 32) {
			value |= (uint32_t)(byte & 0x7f) << shift;
		}
		shift += 7;
	} while (byte >= 0x80);
	*shiftp = shift;
	*lastp = byte;
	return value;
}

uint32_t
kdb_cursor_u(struct kdb_cursor *cursor)
{
	unsigned shift;
	uint8_t last;

	return kdb_cursor_bits(cursor, &shift, &last);
}

int32_t
kdb_cursor_s(struct kdb_cursor *cursor)
{
	unsigned shift;
	uint8_t last;
	uint32_t value = kdb_cursor_bits(cursor, &shift, &last);

	if ((last & 0x40) != 0 && shift < 32) {
		value |= UINT32_MAX << shift;
	}
	return (int32_t)value;
}

uint32_t
kdb_table_word(const struct kdb_symtab *table, enum kdb_table_part part,
    uint32_t i)
{
	uint32_t word;

	if (i >= table->parts[part].size / 4) {
		return 0;
	}
	memcpy(&word, table->data + table->parts[part].offset + 4 * i, 4);
	return word;
}

static const char *
kdb_table_text(const struct kdb_symtab *table, enum kdb_table_part part,
    uint32_t offset)
{
	if (offset >= table->parts[part].size) {
		return "";
	}
	return (const char *)table->data + table->parts[part].offset + offset;
}

const char *
kdb_table_string(const struct kdb_symtab *table, uint32_t offset)
{
	return kdb_table_text(table, KDB_TABLE_STRINGS, offset);
}

const char *
kdb_table_file(const struct kdb_symtab *table, uint32_t i)
{
	return kdb_table_string(table, kdb_table_word(table, KDB_TABLE_FILES,
	    i));
}

int
kdb_table_search(const struct kdb_symtab *table, enum kdb_table_part part,
    uint32_t words, uint32_t address)
{
	uint32_t low = 0;
	uint32_t high = table->parts[part].size / 4 / words;

	/* Records below LOW are not above ADDRESS; those from HIGH on are. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (kdb_table_word(table, part, middle * words) <= address) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return (int)low - 1;
}

struct kdb_cursor
kdb_table_pooled(const struct kdb_symtab *table, enum kdb_table_part index,
    enum kdb_table_part part, uint32_t i)
{
	struct kdb_cursor cursor = { .bad = true };
	uint32_t length;

	if (i / KDB_POOL_STEP >= table->parts[index].size / 4) {
		return cursor;
	}
	cursor = kdb_cursor(table, part, kdb_table_word(table, index,
	    i / KDB_POOL_STEP));
	for (unsigned left = i % KDB_POOL_STEP;; left--) {
		length = kdb_cursor_u(&cursor);
		if (length > (size_t)(cursor.end - cursor.at)) {
			cursor.at = cursor.end;
			cursor.bad = true;
			return cursor;
		}
		if (left == 0) {
			break;
		}
		cursor.at += length;
	}
	cursor.end = cursor.at + length;
	return cursor;
}

uint32_t
kdb_table_symbols(const struct kdb_symtab *table)
{
	return table->parts[KDB_TABLE_SYMBOLS].size /
	    sizeof(struct kdb_table_symbol);
}

static bool
kdb_table_symbol_get(const struct kdb_symtab *table, uint32_t i,
    struct kdb_symbol *symbol, bool *piece)
{
	uint32_t first = i * KDB_SYMBOL_WORDS;
	uint32_t name = kdb_table_word(table, KDB_TABLE_SYMBOLS, first + 2);

	if (i >= kdb_table_symbols(table)) {
		return false;
	}
	symbol->value = kdb_table_word(table, KDB_TABLE_SYMBOLS, first) +
	    table->bias;
	symbol->size = kdb_table_word(table, KDB_TABLE_SYMBOLS, first + 1);
	symbol->name = kdb_table_text(table, KDB_TABLE_NAMES, name & 0xffffff);
	symbol->kind = (char)(name >> 24 & ~KDB_TABLE_SYMBOL_PIECE);
	*piece = (name >> 24 & KDB_TABLE_SYMBOL_PIECE) != 0;
	return true;
}

bool
kdb_table_symbol(const struct kdb_symtab *table, uint32_t i,
    struct kdb_symbol *symbol)
{
	bool piece;

	return kdb_table_symbol_get(table, i, symbol, &piece);
}

bool
kdb_table_symbol_at(const struct kdb_symtab *table, uintptr_t address,
    struct kdb_symbol *symbol)
{
	int i = kdb_table_search(table, KDB_TABLE_SYMBOLS, KDB_SYMBOL_WORDS,
	    (uint32_t)address - table->bias);

	return i >= 0 && kdb_table_symbol(table, (uint32_t)i, symbol);
}

bool
kdb_table_symbol_find(const struct kdb_symtab *table, const char *name,
    struct kdb_symbol *symbol)
{
	struct kdb_symbol s;
	bool found = false;
	bool piece;

	for (uint32_t i = 0; kdb_table_symbol_get(table, i, &s, &piece); i++) {
		if (strcmp(s.name, name) != 0 || (found && piece)) {
			continue;
		}
		*symbol = s;
		if (!piece) {
			return true;
		}
		found = true;
	}
	return found;
}
