/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_TABLES_TAB_H
#define KERNEL_KDB_TABLES_TAB_H

/*
 * What the files of this program share: the file that is read, and the parts
 * of the table that is made.  kernel/kdb/kdb_table_format.h says how they look.
 */

#include <elfutils/libdw.h>

#include "tab_buffer.h"

#include "kernel/kdb/kdb_table_format.h"

struct tab_row {
	uint32_t	address;
	uint32_t	file;
	uint32_t	line;		/* 0: none from here on */
	uint32_t	order;		/* in which they were found */
};

struct tab_rows {
	struct tab_row	*rows;
	size_t		count;
	size_t		room;
};

struct tab {
	Elf			*elf;
	Dwarf			*dwarf;		/* NULL: none */
	struct tab_buffer	parts[KDB_TABLE_PARTS];
	struct tab_pool		names;
	struct tab_pool		strings;
	struct tab_map		files;		/* numbers by name */
	struct tab_map		types;		/* numbers by tab_type's keys */
	struct tab_map		structs;	/* complete ones, by name */
	struct tab_rank		exprs;
	struct tab_rank		named;		/* name and type */
	struct tab_rows		rows;		/* of all lines */
	struct tab_range	*ranges;	/* all code, by address */
	size_t			range_count;
	size_t			range_room;
};

/* Code, and its scope. */
struct tab_range {
	uint32_t	low;
	uint32_t	high;
	uint32_t	scope;
};

/* The unit that is being read. */
struct tab_unit {
	struct tab	*tab;
	Dwarf_Die	die;
	const char	*directory;	/* where it was compiled */
	Dwarf_Files	*sources;
	size_t		source_count;
	uint32_t	*files;		/* numbers of its files, plus one */
};

/* Symbols, sorted, and their names. */
void tab_symbols(struct tab *tab);

/* Remember [LOW, HIGH), which has the scope SCOPE. */
void tab_range_add(struct tab *tab, uint32_t low, uint32_t high,
    uint32_t scope);

/* The number of the I-th file of UNIT, or of the one called NAME. */
uint32_t tab_file(struct tab_unit *unit, size_t i);
uint32_t tab_file_named(struct tab_unit *unit, const char *name);

/* Collect the lines of each unit, then write them. */
void tab_lines_unit(struct tab_unit *unit);
void tab_lines(struct tab *tab);

/*
 * Functions and what is in them: of all units, then tab_scopes_again(), and
 * of all of them again.
 */
void tab_scopes(struct tab_unit *unit);
void tab_scopes_again(struct tab *tab);
void tab_functions(struct tab *tab);

/* Append the expression OPS; false, and nothing, if there is no way. */
bool tab_expr(struct tab_buffer *out, Dwarf_Attribute *attr, Dwarf_Op *ops,
    size_t count);

/* Note the complete structures of UNIT, before any type is asked for. */
void tab_types_note(struct tab_unit *unit);

/* The number of the type that DIE's DW_AT_type says. */
uint32_t tab_type(struct tab_unit *unit, Dwarf_Die *die);

/* Call-frame rules of all ranges. */
void tab_frames(struct tab *tab);

/* DIE's attribute as a number, or OTHERWISE; as a name, or NULL. */
uint32_t tab_number(Dwarf_Die *die, unsigned name, uint32_t otherwise);
const char *tab_name(Dwarf_Die *die);

#endif
