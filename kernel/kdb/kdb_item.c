/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_item.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_date.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_float.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_instruction.h>
#include <kernel/kdb/kdb_map.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_source.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>

#define KDB_ITEM_MARGIN		16u	/* where items begin in a line */
#define KDB_ITEM_FIELD		16u	/* the width of most, and of tabs */
#define KDB_ITEM_COLUMNS	1000u	/* stops further apart are none */
#define KDB_ITEM_NUMBER		32u	/* characters of a number */

/* As many of the N bytes as are there. */
static size_t
kdb_item_read_some(const struct kdb_item *item, uintptr_t address, void *to,
    size_t n)
{
	if (item->use != NULL) {
		return kdb_map_read_some(item->use, address, to, n);
	}
	n = n < sizeof(item->value) ? n : sizeof(item->value);
	memcpy(to, &item->value, n);
	return n;
}

/* N bytes; an error, or the end, if they are not there. */
static void
kdb_item_read(struct kdb_item *item, uintptr_t address, void *to, size_t n)
{
	size_t done = kdb_item_read_some(item, address, to, n);

	if (done == n) {
		return;
	}
	if (item->to_the_end) {
		item->ended = true;
		kdb_error_quit();
	}
	/* A value has all that the letters for it take. */
	kdb_map_absent(item->use, address + done);
}

/* The SIZE bytes that come next, as a number; also variable 0. */
static uint64_t
kdb_item_take(struct kdb_item *item, size_t size)
{
	uint64_t value = 0;

	kdb_item_read(item, item->at, &value, size);
	item->step = size;
	kdb_vars.named[0] = (uint32_t)value;
	return value;
}

/* Letters of numbers: bytes, radix, with a sign or not. */
struct kdb_item_kind {
	char		letter;
	uint8_t		size;
	uint8_t		radix;
	bool		is_signed;
};

static const struct kdb_item_kind kdb_item_kinds[] = {
	{ 'o', 2, 8, false },	{ 'O', 4, 8, false },
	{ 'q', 2, 8, true },	{ 'Q', 4, 8, true },
	{ 'd', 2, 10, true },	{ 'D', 4, 10, true },
	{ 'u', 2, 10, false },	{ 'U', 4, 10, false },
	{ 'x', 2, 16, false },	{ 'X', 4, 16, false },
	{ 'b', 1, 8, false },
};

static const struct kdb_item_kind *
kdb_item_kind(char letter)
{
	for (unsigned i = 0;
	    i < sizeof(kdb_item_kinds) / sizeof(kdb_item_kinds[0]); i++) {
		if (kdb_item_kinds[i].letter == letter) {
			return &kdb_item_kinds[i];
		}
	}
	return NULL;
}

static void
kdb_item_number(struct kdb_item *item, const struct kdb_item_kind *kind)
{
	uint32_t value = (uint32_t)kdb_item_take(item, kind->size);
	unsigned unused = 32 - 8u * kind->size;
	char text[KDB_ITEM_NUMBER];
	const char *sign = "";

	if (kind->is_signed && (int32_t)(value << unused) < 0) {
		value = (0 - (value << unused)) >> unused;
		sign = "-";
	}
	snprintf(text, sizeof(text), kind->radix == 8 ? "%s%#o" :
	    kind->radix == 10 ? "%s%u" : "%s%x", sign, value);
	kdb_printf("%-*s", kind->size == 4 ? 16 : 8, text);
}

static void
kdb_item_float(struct kdb_item *item, bool is_double)
{
	char text[KDB_FLOAT_TEXT];

	if (is_double) {
		kdb_float_double(kdb_item_take(item, 8), text);
	} else {
		kdb_float_single((uint32_t)kdb_item_take(item, 4), text);
	}
	kdb_printf("%-*s", is_double ? 32 : 16, text);
}

static void
kdb_item_date(struct kdb_item *item)
{
	char text[KDB_DATE_TEXT];

	kdb_date_text((uint32_t)kdb_item_take(item, 4), text);
	kdb_printf("%-24s", text);
}

/* What cannot be printed is a point, or, ESCAPED, itself with @. */
static void
kdb_item_character(unsigned char c, bool escaped)
{
	if (escaped && c <= ' ') {
		kdb_printf("@%c", c + '@');
	} else if (escaped && (c == '@' || c == 0x7f)) {
		kdb_printf("@%c", c == '@' ? '@' : '?');
	} else if (escaped && c > 0x7f) {
		kdb_printf("\\%03o", c);
	} else if (c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f)) {
		kdb_printf("%c", c);
	} else {
		kdb_printf(".");
	}
}

static void
kdb_item_string(struct kdb_item *item, bool escaped)
{
	uintptr_t at = item->at;
	unsigned char c[sizeof(item->value)];

	for (;; at++) {
		if (item->use == NULL) {
			/* The characters of the value, and what ends them. */
			c[0] = at - item->at == sizeof(item->value) ? 0 :
			    (unsigned char)(item->value >> 8 * (at - item->at));
		} else {
			kdb_item_read(item, at, c, 1);
		}
		if (c[0] == '\0') {
			break;
		}
		kdb_in_poll();
		kdb_item_character(c[0], escaped);
		kdb_out_wrap();
	}
	item->step = at + 1 - item->at;
}

static void
kdb_item_instruction(struct kdb_item *item)
{
	static char text[KDB_INSTRUCTION_TEXT];
	uint8_t bytes[KDB_INSTRUCTION_MAX];
	size_t n = kdb_item_read_some(item, item->at, bytes, sizeof(bytes));

	if (n == 0) {
		kdb_item_read(item, item->at, bytes, 1);
	}
	item->step = kdb_instruction(bytes, n, item->at, text, sizeof(text));
	kdb_printf("%s", text);
	if (item->use != NULL) {
		kdb_source_print_new(item->at);
	}
	kdb_printf("\n");
}

void
kdb_item_tab(unsigned every)
{
	if (every > 0 && every < KDB_ITEM_COLUMNS) {
		kdb_out_tab((kdb_out_column() / every + 1) * every);
	}
}

static void
kdb_item_symbol(struct kdb_item *item, bool of_dot)
{
	if (of_dot) {
		kdb_symbolic_print(item->at);
		kdb_printf(":");
		item->step = 0;
	} else {
		kdb_symbolic_print((uintptr_t)kdb_item_take(item, 4));
	}
	kdb_item_tab(KDB_ITEM_FIELD);
}

void
kdb_item_print(struct kdb_item *item, char letter)
{
	const struct kdb_item_kind *kind = kdb_item_kind(letter);

	if (kdb_out_column() == 0 && letter != 'a') {
		kdb_out_tab(KDB_ITEM_MARGIN);
	}
	if (kind != NULL) {
		kdb_item_number(item, kind);
	} else if (letter == 'f' || letter == 'F') {
		kdb_item_float(item, letter == 'F');
	} else if (letter == 'c' || letter == 'C') {
		kdb_item_character((unsigned char)kdb_item_take(item, 1),
		    letter == 'C');
	} else if (letter == 's' || letter == 'S') {
		kdb_item_string(item, letter == 'S');
	} else if (letter == 'Y') {
		kdb_item_date(item);
	} else if (letter == 'i') {
		kdb_item_instruction(item);
	} else {
		kdb_item_symbol(item, letter == 'a');
	}
	if (item->use != NULL) {
		item->at += item->step;
	}
}
