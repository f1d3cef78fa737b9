/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Types.  Each unit has its own of those in headers: a type's key says what it
 * is, so that all of them get one number.
 */

#include "tab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dwarf.h>

#define TAB_KEY	512

static uint32_t tab_type_of(struct tab_unit *unit, Dwarf_Die *die);

/*
 * The number of the type with KEY: true if it is new, and the caller has to
 * say tab_type_set() for it.
 */
static bool
tab_type_new(struct tab *tab, const char *key, uint32_t *number)
{
	struct tab_buffer *index = &tab->parts[KDB_TABLE_TYPE_INDEX];
	uint32_t next = (uint32_t)(index->size / 4);

	*number = *tab_map_get(&tab->types, key, next);
	if (*number != next) {
		return false;
	}
	tab_put_word(index, 0);
	return true;
}

static void
tab_type_set(struct tab *tab, uint32_t number, struct tab_buffer *record)
{
	struct tab_buffer *out = &tab->parts[KDB_TABLE_TYPES];
	struct tab_buffer at = { .data = NULL };

	tab_put_word(&at, (uint32_t)out->size);
	memcpy(tab->parts[KDB_TABLE_TYPE_INDEX].data + 4 * number, at.data, 4);
	tab_put_buffer(out, record);
	free(at.data);
	free(record->data);
}

/* Something that refers to another type, and has a name or a count. */
static uint32_t
tab_type_link(struct tab *tab, enum kdb_table_type kind, const char *name,
    uint32_t type, uint32_t count)
{
	struct tab_buffer record = { .data = NULL };
	char key[TAB_KEY];
	uint32_t number;

	snprintf(key, sizeof(key), "%d %u %u %s", (int)kind, type, count,
	    name != NULL ? name : "");
	if (!tab_type_new(tab, key, &number)) {
		return number;
	}
	tab_put_byte(&record, kind);
	if (kind == KDB_TYPE_NAMED) {
		tab_put_u(&record, tab_pool_add(&tab->strings, name));
	}
	if (kind != KDB_TYPE_FUNCTION) {
		tab_put_u(&record, type);
	}
	if (kind == KDB_TYPE_ARRAY) {
		tab_put_u(&record, count);
	}
	tab_type_set(tab, number, &record);
	return number;
}

static uint32_t
tab_type_base(struct tab *tab, Dwarf_Die *die)
{
	uint32_t size = tab_number(die, DW_AT_byte_size, 0);
	uint32_t encoding = tab_number(die, DW_AT_encoding, 0);
	struct tab_buffer record = { .data = NULL };
	const char *name = tab_name(die);
	char key[TAB_KEY];
	uint32_t number;

	snprintf(key, sizeof(key), "base %u %u %s", size, encoding,
	    name != NULL ? name : "");
	if (!tab_type_new(tab, key, &number)) {
		return number;
	}
	tab_put_byte(&record, KDB_TYPE_BASE);
	tab_put_u(&record, tab_pool_add(&tab->strings, name));
	tab_put_u(&record, size);
	tab_put_u(&record, encoding);
	tab_type_set(tab, number, &record);
	return number;
}

/* How many elements a dimension has. */
static uint32_t
tab_type_bound(Dwarf_Die *range)
{
	uint32_t count = tab_number(range, DW_AT_count, UINT32_MAX);

	if (count == UINT32_MAX) {
		count = tab_number(range, DW_AT_upper_bound, UINT32_MAX) + 1;
	}
	return count;
}

/* The dimensions from CHILD on: the last one is the innermost. */
static uint32_t
tab_type_array(struct tab *tab, Dwarf_Die *child, uint32_t element)
{
	Dwarf_Die next;

	if (dwarf_siblingof(child, &next) == 0) {
		element = tab_type_array(tab, &next, element);
	}
	if (dwarf_tag(child) != DW_TAG_subrange_type) {
		return element;
	}
	return tab_type_link(tab, KDB_TYPE_ARRAY, NULL, element,
	    tab_type_bound(child));
}

/* The key of what has a declaration: one place in one file. */
static void
tab_type_place(char *key, Dwarf_Die *die)
{
	const char *file = dwarf_decl_file(die);
	const char *name = tab_name(die);
	int column = 0;
	int line = 0;

	dwarf_decl_line(die, &line);
	dwarf_decl_column(die, &column);
	snprintf(key, TAB_KEY, "%x %s %u %d %d %s", dwarf_tag(die),
	    name != NULL ? name : "", tab_number(die, DW_AT_byte_size, 0),
	    line, column, file != NULL ? file : "");
}

static uint32_t
tab_type_enum(struct tab *tab, Dwarf_Die *die)
{
	struct tab_buffer record = { .data = NULL };
	struct tab_buffer values = { .data = NULL };
	char key[TAB_KEY];
	uint32_t number;
	uint32_t count = 0;
	Dwarf_Die child;

	tab_type_place(key, die);
	if (!tab_type_new(tab, key, &number)) {
		return number;
	}
	for (int r = dwarf_child(die, &child); r == 0;
	    r = dwarf_siblingof(&child, &child)) {
		tab_put_u(&values, tab_pool_add(&tab->strings,
		    tab_name(&child)));
		tab_put_s(&values, (int32_t)tab_number(&child,
		    DW_AT_const_value, 0));
		count++;
	}
	tab_put_byte(&record, KDB_TYPE_ENUM);
	tab_put_u(&record, tab_pool_add(&tab->strings, tab_name(die)));
	tab_put_u(&record, tab_number(die, DW_AT_byte_size, 4));
	tab_put_u(&record, count);
	tab_put_buffer(&record, &values);
	tab_type_set(tab, number, &record);
	free(values.data);
	return number;
}

static void
tab_type_member(struct tab_unit *unit, struct tab_buffer *out, Dwarf_Die *die)
{
	uint32_t at = tab_number(die, DW_AT_data_bit_offset, UINT32_MAX);

	if (at == UINT32_MAX) {
		at = 8 * tab_number(die, DW_AT_data_member_location, 0);
	}
	tab_put_u(out, tab_pool_add(&unit->tab->strings, tab_name(die)));
	tab_put_u(out, tab_type(unit, die));
	tab_put_u(out, at);
	tab_put_u(out, tab_number(die, DW_AT_bit_size, 0));
}

static uint32_t
tab_type_struct(struct tab_unit *unit, Dwarf_Die *die)
{
	bool is_union = dwarf_tag(die) == DW_TAG_union_type;
	struct tab_buffer record = { .data = NULL };
	struct tab_buffer members = { .data = NULL };
	struct tab *tab = unit->tab;
	char key[TAB_KEY];
	uint32_t number;
	uint32_t count = 0;
	Dwarf_Die child;

	tab_type_place(key, die);
	if (!tab_type_new(tab, key, &number)) {
		return number;
	}
	for (int r = dwarf_child(die, &child); r == 0;
	    r = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_member) {
			tab_type_member(unit, &members, &child);
			count++;
		}
	}
	tab_put_byte(&record, is_union ? KDB_TYPE_UNION : KDB_TYPE_STRUCT);
	tab_put_u(&record, tab_pool_add(&tab->strings, tab_name(die)));
	tab_put_u(&record, tab_number(die, DW_AT_byte_size, 0));
	tab_put_u(&record, count);
	tab_put_buffer(&record, &members);
	tab_type_set(tab, number, &record);
	free(members.data);
	return number;
}

static bool
tab_type_aggregate(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
	    tag == DW_TAG_enumeration_type;
}

void
tab_types_note(struct tab_unit *unit)
{
	Dwarf_Die child;

	if (unit->tab->parts[KDB_TABLE_TYPE_INDEX].size == 0) {
		struct tab_buffer record = { .data = NULL };
		uint32_t number;

		tab_type_new(unit->tab, "void", &number);
		tab_put_byte(&record, KDB_TYPE_VOID);
		tab_type_set(unit->tab, number, &record);
	}
	for (int r = dwarf_child(&unit->die, &child); r == 0;
	    r = dwarf_siblingof(&child, &child)) {
		if (tab_type_aggregate(&child) && tab_name(&child) != NULL &&
		    !dwarf_hasattr(&child, DW_AT_declaration)) {
			tab_map_get(&unit->tab->structs, tab_name(&child),
			    (uint32_t)dwarf_dieoffset(&child));
		}
	}
}

/* DIE may only say that there is such a structure: the one elsewhere then. */
static void
tab_type_complete(struct tab_unit *unit, Dwarf_Die *die)
{
	uint32_t *offset;
	Dwarf_Die other;

	if (!tab_type_aggregate(die) || tab_name(die) == NULL ||
	    !dwarf_hasattr(die, DW_AT_declaration)) {
		return;
	}
	offset = tab_map_get(&unit->tab->structs, tab_name(die), 0);
	if (*offset != 0 && dwarf_offdie(unit->tab->dwarf, *offset, &other) !=
	    NULL && dwarf_tag(&other) == dwarf_tag(die)) {
		*die = other;
	}
}

static uint32_t
tab_type_of(struct tab_unit *unit, Dwarf_Die *die)
{
	Dwarf_Die child;

	tab_type_complete(unit, die);
	switch (dwarf_tag(die)) {
	case DW_TAG_base_type:
		return tab_type_base(unit->tab, die);
	case DW_TAG_pointer_type:
		return tab_type_link(unit->tab, KDB_TYPE_POINTER, NULL,
		    tab_type(unit, die), 0);
	case DW_TAG_typedef:
		return tab_type_link(unit->tab, KDB_TYPE_NAMED, tab_name(die),
		    tab_type(unit, die), 0);
	case DW_TAG_subroutine_type:
		return tab_type_link(unit->tab, KDB_TYPE_FUNCTION, NULL, 0, 0);
	case DW_TAG_array_type:
		if (dwarf_child(die, &child) != 0) {
			return tab_type(unit, die);
		}
		return tab_type_array(unit->tab, &child, tab_type(unit, die));
	case DW_TAG_enumeration_type:
		return tab_type_enum(unit->tab, die);
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return tab_type_struct(unit, die);
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return tab_type(unit, die);
	default:
		return 0;
	}
}

uint32_t
tab_type(struct tab_unit *unit, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;

	if (dwarf_attr_integrate(die, DW_AT_type, &attr) == NULL ||
	    dwarf_formref_die(&attr, &type) == NULL) {
		return 0;
	}
	return tab_type_of(unit, &type);
}
