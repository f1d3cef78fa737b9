/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel's own symbols.
 */

#include <kernel/kdb/kdb_sym.h>

#include <string.h>

#include <machine/boot.h>

static void
kdb_sym_set(struct kdb_symbol *symbol, const char *name, uintptr_t value)
{
	*symbol = (struct kdb_symbol){ name, value, 0, 'T' };
}

bool
kdb_sym_find(struct task *space, const char *name, struct kdb_symbol *symbol)
{
	uintptr_t value;

	if (!boot_symbol_find(name, &value)) {
		return false;
	}
	kdb_sym_set(symbol, name, value);
	return true;
}

bool
kdb_sym_at(struct task *space, uintptr_t address, struct kdb_symbol *symbol)
{
	const char *name;
	size_t offset;

	if (!boot_symbol_lookup(address, &name, &offset)) {
		return false;
	}
	kdb_sym_set(symbol, name, address - offset);
	return true;
}

/* The last address that has a symbol, which is not far behind this function. */
static uintptr_t
kdb_sym_last(void)
{
	uintptr_t low = (uintptr_t)kdb_sym_last;
	uintptr_t high = UINTPTR_MAX;
	struct kdb_symbol symbol;

	while (high - low > 1) {
		uintptr_t middle = low + (high - low) / 2;

		if (kdb_sym_at(NULL, middle, &symbol)) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

/* From the last one down: the cookie is the address of the one before. */
bool
kdb_sym_next(struct task *space, const char *prefix, unsigned *cookie,
    struct kdb_symbol *symbol)
{
	size_t n = strlen(prefix);
	uintptr_t at = *cookie == 0 ? kdb_sym_last() : *cookie - 1;

	while (kdb_sym_at(space, at, symbol)) {
		*cookie = symbol->value;
		if (strncmp(symbol->name, prefix, n) == 0) {
			return true;
		}
		at = symbol->value - 1;
	}
	return false;
}

bool
kdb_local_find(struct task *space, const char *function, const char *variable,
    uintptr_t *address)
{
	return false;
}
