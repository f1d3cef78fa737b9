/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_SCOPE_H
#define KERNEL_KDB_KDB_SCOPE_H

/*
 * Functions in the debugger's tables, and what is in them at some instruction:
 * functions that were inlined there, parameters, local variables.
 */

#include <kernel/kdb/kdb_table.h>

/* Inlined functions within each other; there are rarely more than five. */
#define KDB_INLINE_MAX	16u

/* Addresses are linked ones. */
struct kdb_function {
	const char	*name;
	uint32_t	low;
	uint32_t	type;		/* of what it returns */
	uint32_t	contents;
};

/* The function of the instruction at PC. */
bool kdb_function_at(const struct kdb_symtab *table, uintptr_t pc,
    struct kdb_function *function);

/* Something in a function, LEVEL inlined functions deep. */
struct kdb_entry {
	enum kdb_table_scope	kind;	/* PARAMETER, LOCAL, INLINE, SITE,
					 * VARIADIC */
	unsigned		level;	/* that it is in; of INLINE: the new */
	const char		*name;	/* of SITE: what is called, or "" */
	uint32_t		type;
	bool			placed;	/* it has a value here, which is ... */
	uint32_t		expr;	/* ... this expression's; of SITE: where
					 * that is, which has no name */
	const char		*file;	/* INLINE: of the call */
	unsigned		line;
	uint32_t		pc;	/* SITE: address that it returns to */
	struct kdb_cursor	passed;	/* SITE: what it passes */
};

/* A walk over what is in force at an address. */
struct kdb_walk {
	const struct kdb_symtab	*table;
	struct kdb_cursor	cursor;
	uint32_t		low;
	uint32_t		pc;
	unsigned		depth;	/* of scopes */
	unsigned		hidden;	/* depth of one that is not in force */
	unsigned		level;
	uint64_t		inlines; /* a bit for each depth */
};

void kdb_walk_start(struct kdb_walk *walk, const struct kdb_symtab *table,
    const struct kdb_function *function, uintptr_t pc);

/* The next entry; call sites come wherever they are.  False: no more. */
bool kdb_walk_next(struct kdb_walk *walk, struct kdb_entry *entry);

/* Of SITE: the expression for what it passes in REG; false: not known. */
bool kdb_entry_passed(const struct kdb_entry *site, unsigned reg,
    uint32_t *expr);

#endif
