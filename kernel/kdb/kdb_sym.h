/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_SYM_H
#define KERNEL_KDB_KDB_SYM_H

/*
 * Symbols and lines of the kernel and of tasks.  SPACE is whose are meant, NULL
 * the kernel's alone; the kernel's are seen in each task, after its own.
 */

#include <kernel/kdb/kdb_table.h>

struct task;

/* The tables for ADDRESS in SPACE; NULL: there are none. */
const struct kdb_symtab *kdb_sym_table(const struct task *space,
    uintptr_t address);

bool kdb_sym_find(struct task *space, const char *name,
    struct kdb_symbol *symbol);

/* The nearest one at or below ADDRESS, which is in the same program. */
bool kdb_sym_at(struct task *space, uintptr_t address,
    struct kdb_symbol *symbol);

/*
 * The next one that begins with PREFIX; *COOKIE is 0 for the first, and says
 * then where we are.
 */
bool kdb_sym_next(struct task *space, const char *prefix, unsigned *cookie,
    struct kdb_symbol *symbol);

/* The source line of the instruction at PC; false: no line tables. */
bool kdb_line_at(struct task *space, uintptr_t pc, const char **file,
    unsigned *line);

enum kdb_local {
	KDB_LOCAL_FOUND,
	KDB_LOCAL_NO_FRAME,	/* of that function */
	KDB_LOCAL_NO_VARIABLE,	/* of that name, where the frame is */
	KDB_LOCAL_NO_ADDRESS,	/* it is in a register, or nowhere just there */
};

/*
 * Where VARIABLE of FUNCTION is in memory, in the innermost of its frames on
 * the stack of the chosen thread if that is of SPACE, or of NULL, else of one
 * of SPACE's threads; the frame itself if VARIABLE is "".
 */
enum kdb_local kdb_local_find(struct task *space, const char *function,
    const char *variable, uintptr_t *address);

#endif /* KERNEL_KDB_KDB_SYM_H */
