/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What one letter of a format prints: bytes of memory, or of a value.
 */
#ifndef KERNEL_KDB_KDB_ITEM_H
#define KERNEL_KDB_KDB_ITEM_H

#include <stdbool.h>
#include <stdint.h>

struct kdb_map_use;

struct kdb_item {
	const struct kdb_map_use *use;	/* NULL: the value */
	uintptr_t	value;
	uintptr_t	at;		/* the address, or the value */
	uintptr_t	step;		/* what the last letter took */
	bool		to_the_end;	/* of what is there: that is no error */
	bool		ended;
};

/*
 * Print what is at ITEM's place as LETTER wants it, and go behind it.  Variable
 * 0 becomes what was printed.
 */
void kdb_item_print(struct kdb_item *item, char letter);

/* Blanks up to the next stop of every EVERY columns. */
void kdb_item_tab(unsigned every);

#endif /* KERNEL_KDB_KDB_ITEM_H */
