/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a function wants to be passed, and where: by the debugger's tables, which
 * say where it finds each parameter when it begins, whatever its attributes are and
 * the compiler has made of it.  Where they say nothing it is the kernel's way: three
 * words in registers and the rest on the stack.
 */
#ifndef KERNEL_KDB_KDB_PASS_H
#define KERNEL_KDB_KDB_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include <kernel/kdb/kdb_table.h>
#include <kernel/kdb/kdb_type.h>

#define KDB_PASS_REGS	3u	/* eax, edx, ecx */
#define KDB_PASS_STACK	16u	/* words above the return address */
#define KDB_PASS_MAX	8u	/* arguments */

struct kdb_pass {
	uint32_t	reg[KDB_PASS_REGS];
	uint32_t	stack[KDB_PASS_STACK];
	bool		known;		/* the tables know it: */
	const char	*name;
	uint32_t	type;		/* of what it returns */
};

/*
 * Pass COUNT values, at most KDB_PASS_MAX, to the function at FUNCTION; TABLE may
 * be NULL.  False, and WHY says it, if that cannot be.
 */
bool kdb_pass(const struct kdb_symtab *table, uintptr_t function,
    const uint32_t *values, unsigned count, struct kdb_pass *pass,
    struct kdb_text *why);

#endif /* KERNEL_KDB_KDB_PASS_H */
