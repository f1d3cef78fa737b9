/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Symbols of a task's program, and after them the kernel's, which are seen in
 * each.
 */
#ifndef KERNEL_KDB_KDB_SYM_H
#define KERNEL_KDB_KDB_SYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task;

struct kdb_symbol {
	const char	*name;
	uintptr_t	value;
	size_t		size;		/* 0: not known */
	char		kind;		/* as nm's: t T d D b B a A */
};

bool kdb_sym_find(struct task *space, const char *name,
    struct kdb_symbol *symbol);

/* The nearest one at or below ADDRESS. */
bool kdb_sym_at(struct task *space, uintptr_t address,
    struct kdb_symbol *symbol);

/*
 * The next one that begins with PREFIX; *COOKIE is 0 for the first, and says
 * then where we are.
 */
bool kdb_sym_next(struct task *space, const char *prefix, unsigned *cookie,
    struct kdb_symbol *symbol);

/*
 * Where VARIABLE of FUNCTION is, in the innermost of its frames; the frame
 * itself if VARIABLE is "".
 */
bool kdb_local_find(struct task *space, const char *function,
    const char *variable, uintptr_t *address);

#endif /* KERNEL_KDB_KDB_SYM_H */
