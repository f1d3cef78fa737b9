/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_TABLE_H
#define KERNEL_KDB_KDB_TABLE_H

/*
 * Reading the debugger's tables (kdb_table_format.h).  Nothing in a table is
 * trusted: one that is damaged gives wrong answers or none.  A table is
 * constant once it is open.  Nothing here allocates, locks or blocks.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/kdb/kdb_table_format.h>

struct kdb_symtab {
	const uint8_t	*data;		/* NULL: no table */
	uint32_t	size;		/* of what is there of it */
	uint32_t	bias;		/* loaded so far from where linked */
	struct {
		uint32_t	offset;
		uint32_t	size;
	}		parts[KDB_TABLE_PARTS];
};

/* KIND is nm(1)'s: t T d D b B. */
struct kdb_symbol {
	const char	*name;
	uintptr_t	value;
	size_t		size;
	char		kind;
};

/*
 * Open the SIZE bytes at DATA, which have to stay, of a program that is BIAS
 * from where it was linked.  Parts of which not all is there are empty.
 * Returns false, and TABLE has nothing in it, if there is no table.
 */
bool kdb_table_open(struct kdb_symtab *table, const void *data, size_t size,
    uint32_t bias);

/* The size of what is to be kept for symbols alone; 0: no table. */
size_t kdb_table_resident(const void *data, size_t size);

uint32_t kdb_table_symbols(const struct kdb_symtab *table);

/* The I-th symbol, by value; false: there are no more. */
bool kdb_table_symbol(const struct kdb_symtab *table, uint32_t i,
    struct kdb_symbol *symbol);

/* The symbol that is the nearest at or below ADDRESS. */
bool kdb_table_symbol_at(const struct kdb_symtab *table, uintptr_t address,
    struct kdb_symbol *symbol);

/* The symbol called NAME; a piece of a function only if nothing else is. */
bool kdb_table_symbol_find(const struct kdb_symtab *table, const char *name,
    struct kdb_symbol *symbol);

/* The source line of the instruction at PC; false: none is known. */
bool kdb_table_line(const struct kdb_symtab *table, uintptr_t pc,
    const char **file, unsigned *line);

/*
 * How to find the caller of the code at PC; false: that is not known.  The
 * rule's base is a register.
 */
bool kdb_table_rule(const struct kdb_symtab *table, uintptr_t pc,
    struct kdb_table_rule *rule);

/* Bytes of a part.  Behind the end everything is 0, and BAD is set. */
struct kdb_cursor {
	const uint8_t	*at;
	const uint8_t	*end;
	bool		bad;
};

struct kdb_cursor kdb_cursor(const struct kdb_symtab *table,
    enum kdb_table_part part, uint32_t offset);
uint8_t kdb_cursor_byte(struct kdb_cursor *cursor);
uint32_t kdb_cursor_u(struct kdb_cursor *cursor);
int32_t kdb_cursor_s(struct kdb_cursor *cursor);

/* The I-th word of PART; 0 behind its end. */
uint32_t kdb_table_word(const struct kdb_symtab *table,
    enum kdb_table_part part, uint32_t i);

/* The name at OFFSET of the strings; "" when there is none. */
const char *kdb_table_string(const struct kdb_symtab *table, uint32_t offset);

/* The name of the source file I. */
const char *kdb_table_file(const struct kdb_symtab *table, uint32_t i);

/*
 * Of the records of WORDS words in PART, which begin with addresses in
 * ascending order: the last that is not above ADDRESS, a linked one; or -1.
 */
int kdb_table_search(const struct kdb_symtab *table, enum kdb_table_part part,
    uint32_t words, uint32_t address);

/* The bytes of the I-th record of a pool; nothing if there is none. */
struct kdb_cursor kdb_table_pooled(const struct kdb_symtab *table,
    enum kdb_table_part index, enum kdb_table_part part, uint32_t i);

#endif
