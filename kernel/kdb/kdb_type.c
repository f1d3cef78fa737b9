/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_type.h. */

#include <kernel/kdb/kdb_type.h>

#include <stdarg.h>
#include <string.h>

#include <kernel/printf.h>

#define KDB_TYPE_LINKS		16u	/* names of names */
#define KDB_TYPE_ELEMENTS	8u	/* of an array or structure */
#define KDB_TYPE_STRING		40u

/* DWARF's encodings of base types. */
#define KDB_ENCODING_BOOL	2u
#define KDB_ENCODING_FLOAT	4u
#define KDB_ENCODING_SIGNED	5u
#define KDB_ENCODING_CHAR	6u
#define KDB_ENCODING_UNSIGNED	7u
#define KDB_ENCODING_UCHAR	8u

/* Where a value is printed from. */
struct kdb_typed {
	const struct kdb_view	*view;
	const struct kdb_value	*value;
	struct kdb_text		*text;
	unsigned		depth;
};

/* A type's record. */
struct kdb_record {
	enum kdb_table_type	kind;
	const char		*name;
	uint32_t		size;
	uint32_t		type;		/* that it refers to */
	uint32_t		count;		/* or encoding */
	struct kdb_cursor	cursor;		/* behind that */
};

static void kdb_type_at(const struct kdb_typed *typed, uint32_t type,
    uint32_t offset);

void
kdb_text_init(struct kdb_text *text, char *buffer, size_t size)
{
	text->at = buffer;
	text->left = size;
	buffer[0] = '\0';
}

void
kdb_text_add(struct kdb_text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (n < 0) {
		return;
	}
	if ((size_t)n >= text->left) {
		n = (int)text->left - 1;
	}
	text->at += n;
	text->left -= (size_t)n;
}

static struct kdb_record
kdb_type_record(const struct kdb_symtab *table, uint32_t type)
{
	struct kdb_record record = { .kind = KDB_TYPE_VOID, .name = "" };
	struct kdb_cursor *cursor = &record.cursor;

	if (type >= table->parts[KDB_TABLE_TYPE_INDEX].size / 4) {
		return record;
	}
	*cursor = kdb_cursor(table, KDB_TABLE_TYPES, kdb_table_word(table,
	    KDB_TABLE_TYPE_INDEX, type));
	record.kind = kdb_cursor_byte(cursor);
	switch (record.kind) {
	case KDB_TYPE_BASE: case KDB_TYPE_STRUCT: case KDB_TYPE_UNION:
	case KDB_TYPE_ENUM:
		record.name = kdb_table_string(table, kdb_cursor_u(cursor));
		record.size = kdb_cursor_u(cursor);
		record.count = kdb_cursor_u(cursor);
		break;
	case KDB_TYPE_NAMED:
		record.name = kdb_table_string(table, kdb_cursor_u(cursor));
		record.type = kdb_cursor_u(cursor);
		break;
	case KDB_TYPE_ARRAY:
		record.type = kdb_cursor_u(cursor);
		record.count = kdb_cursor_u(cursor);
		break;
	case KDB_TYPE_POINTER:
		record.type = kdb_cursor_u(cursor);
		record.size = 4;
		break;
	default:
		break;
	}
	if (cursor->bad) {
		record.kind = KDB_TYPE_VOID;
	}
	return record;
}

/* What TYPE is, without its names. */
static struct kdb_record
kdb_type_plain(const struct kdb_symtab *table, uint32_t type)
{
	struct kdb_record record = kdb_type_record(table, type);

	for (unsigned i = 0; i < KDB_TYPE_LINKS &&
	    record.kind == KDB_TYPE_NAMED; i++) {
		record = kdb_type_record(table, record.type);
	}
	return record;
}

uint32_t
kdb_type_size(const struct kdb_symtab *table, uint32_t type)
{
	struct kdb_record record = kdb_type_plain(table, type);
	uint32_t count = 1;

	for (unsigned i = 0; i < KDB_TYPE_LINKS &&
	    record.kind == KDB_TYPE_ARRAY; i++) {
		count *= record.count;
		record = kdb_type_plain(table, record.type);
	}
	return record.size * count;
}

enum kdb_type_class
kdb_type_class(const struct kdb_symtab *table, uint32_t type)
{
	struct kdb_record record = kdb_type_plain(table, type);

	switch (record.kind) {
	case KDB_TYPE_VOID:
		return KDB_CLASS_VOID;
	case KDB_TYPE_POINTER: case KDB_TYPE_ENUM:
		return KDB_CLASS_NUMBER;
	case KDB_TYPE_BASE:
		break;
	default:
		return KDB_CLASS_OTHER;
	}
	switch (record.count) {
	case KDB_ENCODING_BOOL:
		return KDB_CLASS_BOOL;
	case KDB_ENCODING_SIGNED: case KDB_ENCODING_CHAR:
		return KDB_CLASS_SIGNED;
	case KDB_ENCODING_UNSIGNED: case KDB_ENCODING_UCHAR:
		return KDB_CLASS_NUMBER;
	default:
		return KDB_CLASS_OTHER;
	}
}

static bool
kdb_type_is_char(const struct kdb_record *record)
{
	return record->kind == KDB_TYPE_BASE && record->size == 1 &&
	    (record->count == KDB_ENCODING_CHAR ||
		record->count == KDB_ENCODING_UCHAR);
}

static void
kdb_type_char(struct kdb_text *text, unsigned char c)
{
	if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
		kdb_text_add(text, "%c", c);
	} else {
		kdb_text_add(text, "\\%o%o%o", c >> 6, c >> 3 & 7, c & 7);
	}
}

/* Characters at the value's OFFSET, or memory's ADDRESS, up to a zero. */
static void
kdb_type_string(const struct kdb_typed *typed, bool in_value, uint32_t at,
    uint32_t size)
{
	struct kdb_unwind *unwind = typed->view->unwind;
	char c;

	kdb_text_add(typed->text, "\"");
	for (uint32_t i = 0; i < size; i++) {
		if (i == KDB_TYPE_STRING || !(in_value
		    ? kdb_value_read(typed->view, typed->value, at + i, &c, 1)
		    : unwind->read(unwind, at + i, &c, 1))) {
			kdb_text_add(typed->text, "\"...");
			return;
		}
		if (c == '\0') {
			break;
		}
		kdb_type_char(typed->text, (unsigned char)c);
	}
	kdb_text_add(typed->text, "\"");
}

/* The SIZE bytes at OFFSET as a number; false: they cannot be read. */
static bool
kdb_type_number(const struct kdb_typed *typed, uint32_t offset, uint32_t size,
    uint64_t *number)
{
	*number = 0;
	if (size == 0 || size > sizeof(*number) ||
	    !kdb_value_read(typed->view, typed->value, offset, number, size)) {
		kdb_text_add(typed->text, "?");
		return false;
	}
	return true;
}

static void
kdb_type_base_print(const struct kdb_typed *typed,
    const struct kdb_record *record, uint64_t number, unsigned bits)
{
	int64_t value = (int64_t)(number << (64 - bits)) >> (64 - bits);

	if (record->count == KDB_ENCODING_BOOL && number <= 1) {
		kdb_text_add(typed->text, number != 0 ? "true" : "false");
	} else if (kdb_type_is_char(record)) {
		kdb_text_add(typed->text, "'");
		kdb_type_char(typed->text, (unsigned char)number);
		kdb_text_add(typed->text, "'");
	} else if (record->count == KDB_ENCODING_SIGNED ||
	    record->count == KDB_ENCODING_CHAR) {
		kdb_text_add(typed->text, "%lld", (long long)value);
	} else if (number < 10) {
		kdb_text_add(typed->text, "%u", (unsigned)number);
	} else {
		kdb_text_add(typed->text, "%#llx", (unsigned long long)number);
	}
}

static void
kdb_type_enum(const struct kdb_typed *typed, struct kdb_record *record,
    uint64_t number)
{
	for (uint32_t i = 0; i < record->count && !record->cursor.bad; i++) {
		uint32_t name = kdb_cursor_u(&record->cursor);

		if (kdb_cursor_s(&record->cursor) == (int32_t)number) {
			kdb_text_add(typed->text, "%s", kdb_table_string(
			    typed->view->table, name));
			return;
		}
	}
	kdb_text_add(typed->text, "%d", (int)number);
}

static void
kdb_type_pointer(const struct kdb_typed *typed,
    const struct kdb_record *record, uint64_t number)
{
	struct kdb_record to = kdb_type_plain(typed->view->table, record->type);
	struct kdb_symbol symbol;

	if (number == 0) {
		kdb_text_add(typed->text, "NULL");
		return;
	}
	kdb_text_add(typed->text, "%#x", (unsigned)number);
	if (kdb_type_is_char(&to)) {
		kdb_text_add(typed->text, " ");
		kdb_type_string(typed, false, (uint32_t)number, UINT32_MAX);
	} else if (to.kind == KDB_TYPE_FUNCTION && kdb_table_symbol_at(
	    typed->view->table, (uintptr_t)number, &symbol)) {
		kdb_text_add(typed->text, " %s", symbol.name);
	}
}

/* A member in a few bits of a word. */
static void
kdb_type_bits(const struct kdb_typed *typed, uint32_t type, uint32_t at,
    uint32_t bits)
{
	struct kdb_record record = kdb_type_plain(typed->view->table, type);
	uint64_t number;

	if (bits > 32 || !kdb_type_number(typed, at / 8,
	    (at % 8 + bits + 7) / 8, &number)) {
		return;
	}
	number = number >> at % 8 & ((1ull << bits) - 1);
	if (record.kind == KDB_TYPE_ENUM) {
		kdb_type_enum(typed, &record, number);
	} else {
		kdb_type_base_print(typed, &record, number, bits);
	}
}

static void
kdb_type_struct(const struct kdb_typed *typed, struct kdb_record *record,
    uint32_t offset)
{
	struct kdb_typed member = *typed;

	if (typed->depth > 0) {
		kdb_text_add(typed->text, "{...}");
		return;
	}
	member.depth++;
	kdb_text_add(typed->text, "{");
	for (uint32_t i = 0; i < record->count && !record->cursor.bad; i++) {
		uint32_t name = kdb_cursor_u(&record->cursor);
		uint32_t type = kdb_cursor_u(&record->cursor);
		uint32_t at = 8 * offset + kdb_cursor_u(&record->cursor);
		uint32_t bits = kdb_cursor_u(&record->cursor);

		if (i == KDB_TYPE_ELEMENTS) {
			kdb_text_add(typed->text, ", ...");
			break;
		}
		kdb_text_add(typed->text, "%s%s=", i > 0 ? ", " : "",
		    kdb_table_string(typed->view->table, name));
		if (bits != 0) {
			kdb_type_bits(&member, type, at, bits);
		} else {
			kdb_type_at(&member, type, at / 8);
		}
	}
	kdb_text_add(typed->text, "}");
}

static void
kdb_type_array(const struct kdb_typed *typed, const struct kdb_record *record,
    uint32_t offset)
{
	uint32_t size = kdb_type_size(typed->view->table, record->type);
	struct kdb_record of = kdb_type_plain(typed->view->table,
	    record->type);
	struct kdb_typed element = *typed;

	if (kdb_type_is_char(&of)) {
		kdb_type_string(typed, true, offset, record->count);
		return;
	}
	if (typed->depth > 1) {
		kdb_text_add(typed->text, "{...}");
		return;
	}
	element.depth++;
	kdb_text_add(typed->text, "{");
	for (uint32_t i = 0; i < record->count; i++) {
		if (i > 0) {
			kdb_text_add(typed->text, ", ");
		}
		if (i == KDB_TYPE_ELEMENTS) {
			kdb_text_add(typed->text, "...");
			break;
		}
		kdb_type_at(&element, record->type, offset + i * size);
	}
	kdb_text_add(typed->text, "}");
}

static void
kdb_type_at(const struct kdb_typed *typed, uint32_t type, uint32_t offset)
{
	struct kdb_record record = kdb_type_plain(typed->view->table, type);
	uint64_t number;

	switch (record.kind) {
	case KDB_TYPE_STRUCT:
	case KDB_TYPE_UNION:
		kdb_type_struct(typed, &record, offset);
		return;
	case KDB_TYPE_ARRAY:
		kdb_type_array(typed, &record, offset);
		return;
	default:
		break;
	}
	if (record.size > 8) {
		kdb_text_add(typed->text, "{...}");
		return;
	}
	if (!kdb_type_number(typed, offset,
	    record.size != 0 ? record.size : 4, &number)) {
		return;
	}
	if (record.kind == KDB_TYPE_BASE && record.size > 0) {
		kdb_type_base_print(typed, &record, number, 8 * record.size);
	} else if (record.kind == KDB_TYPE_ENUM) {
		kdb_type_enum(typed, &record, number);
	} else if (record.kind == KDB_TYPE_POINTER) {
		kdb_type_pointer(typed, &record, number);
	} else {
		kdb_text_add(typed->text, "%#x", (unsigned)number);
	}
}

void
kdb_type_print(const struct kdb_view *view, uint32_t type,
    const struct kdb_value *value, struct kdb_text *text)
{
	struct kdb_typed typed = {
		.view = view,
		.value = value,
		.text = text,
	};

	kdb_type_at(&typed, type, 0);
}
