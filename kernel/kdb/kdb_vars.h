/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the debugger's language keeps from one command to the next.
 */
#ifndef KERNEL_KDB_KDB_VARS_H
#define KERNEL_KDB_KDB_VARS_H

#include <stdbool.h>
#include <stdint.h>

#define KDB_VARS_NAMED	36u	/* 0 to 9, a to z */

struct kdb_vars {
	uintptr_t	dot;
	uintptr_t	increment;	/* of dot, by the last command */
	uintptr_t	typed;		/* the last address that was */
	unsigned	radix;		/* of numbers without a prefix */
	uintptr_t	reach;		/* how far behind a symbol it is named */
	uint32_t	named[KDB_VARS_NAMED];
};

extern struct kdb_vars kdb_vars;

/* The register or variable NAME; an error if there is none. */
uint32_t kdb_vars_get(const char *name);
void kdb_vars_set(const char *name, uint32_t value);

/* All that are not 0. */
void kdb_vars_print(void);

#endif /* KERNEL_KDB_KDB_VARS_H */
