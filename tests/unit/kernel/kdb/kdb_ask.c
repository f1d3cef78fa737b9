/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_ask.h. */

#include "kdb_ask.h"

#include <string.h>

#include <kernel/kdb/kdb_type.h>

#define KDB_ASK_FRAMES	8u

static const struct kdb_symtab *kdb_ask_now;

static bool
kdb_ask_read(struct kdb_unwind *unwind, uintptr_t address, void *to, size_t n)
{
	memset(to, (int)(address >> 2), n);
	return true;
}

static const struct kdb_symtab *
kdb_ask_table(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return kdb_ask_now;
}

static bool
kdb_ask_is_code(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return true;
}

static enum kdb_unwind_step
kdb_ask_boundary(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	return KDB_UNWIND_CALLER;
}

static size_t
kdb_ask_entries(const struct kdb_view *view, uintptr_t pc)
{
	static char buffer[600];
	struct kdb_function function;
	struct kdb_entry entry;
	struct kdb_value value;
	struct kdb_text text;
	struct kdb_walk walk;
	size_t length = 0;

	if (!kdb_function_at(view->table, pc, &function)) {
		return 0;
	}
	length += strlen(function.name);
	kdb_walk_start(&walk, view->table, &function, pc);
	while (kdb_walk_next(&walk, &entry)) {
		length += entry.name != NULL ? strlen(entry.name) : 0;
		if (entry.placed && kdb_value_get(view, entry.expr, &value)) {
			kdb_text_init(&text, buffer, sizeof(buffer));
			kdb_type_print(view, entry.type, &value, &text);
			length += strlen(buffer);
		}
	}
	return length;
}

static size_t
kdb_ask_frames(const struct kdb_symtab *table, uintptr_t pc)
{
	struct kdb_unwind unwind = {
		.read = kdb_ask_read,
		.table = kdb_ask_table,
		.is_code = kdb_ask_is_code,
		.boundary = kdb_ask_boundary,
	};
	struct kdb_frame frames[2] = { { .exact = true } };
	struct kdb_view view = {
		.unwind = &unwind, .table = table, .callers = 3,
	};
	size_t length = 0;

	for (unsigned i = 0; i < KDB_REG_PC; i++) {
		kdb_frame_set(&frames[0], i, 0x1000 * i);
	}
	kdb_frame_set(&frames[0], KDB_REG_PC, (uint32_t)pc);
	for (unsigned i = 0; i < KDB_ASK_FRAMES; i++) {
		enum kdb_unwind_step step = kdb_unwind_next(&unwind,
		    &frames[i % 2], &frames[(i + 1) % 2]);

		view.frame = &frames[i % 2];
		length += kdb_ask_entries(&view, kdb_frame_place(view.frame));
		if (step != KDB_UNWIND_CALLER) {
			break;
		}
		/* The stack has no addresses of code. */
		kdb_frame_set(&frames[(i + 1) % 2], KDB_REG_PC, (uint32_t)pc);
	}
	return length;
}

size_t
kdb_ask(const struct kdb_symtab *table, uintptr_t pc)
{
	struct kdb_symbol symbol;
	const char *file;
	unsigned line;
	size_t length = 0;

	kdb_ask_now = table;
	if (kdb_table_symbol_at(table, pc, &symbol)) {
		length += strlen(symbol.name);
	}
	if (kdb_table_line(table, pc, &file, &line)) {
		length += strlen(file);
	}
	kdb_table_symbol_find(table, "sample_main", &symbol);
	return length + kdb_ask_frames(table, pc);
}
