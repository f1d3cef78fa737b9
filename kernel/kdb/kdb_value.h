/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_VALUE_H
#define KERNEL_KDB_KDB_VALUE_H

/*
 * What the expressions of the debugger's tables give in a frame.
 */

#include <kernel/kdb/kdb_scope.h>
#include <kernel/kdb/kdb_unwind.h>

#define KDB_VALUE_SIZE	16u

/* In memory at ADDRESS, or nowhere and here: SIZE bytes. */
struct kdb_value {
	bool		in_memory;
	uint32_t	address;
	uint32_t	size;
	uint8_t		bytes[KDB_VALUE_SIZE];
};

/* A frame of UNWIND, with its tables. */
struct kdb_view {
	struct kdb_unwind		*unwind;
	struct kdb_frame		*frame;
	const struct kdb_symtab		*table;
	unsigned			callers;	/* that may be asked */
};

/*
 * The value of the expression numbered EXPR; false: what it needs is not known
 * any more.
 */
bool kdb_value_get(const struct kdb_view *view, uint32_t expr,
    struct kdb_value *value);

/*
 * What N bytes of DWARF's operations leave on the stack, which begins with
 * *PUSHED unless that is NULL; false: they need what is not known, or are none.
 */
bool kdb_value_operations(const struct kdb_view *view,
    const uint8_t *operations, size_t n, const uint32_t *pushed,
    uint32_t *result);

/* Copy N bytes of VALUE from OFFSET on; false: they are not there. */
bool kdb_value_read(const struct kdb_view *view,
    const struct kdb_value *value, uint32_t offset, void *to, size_t n);

#endif
