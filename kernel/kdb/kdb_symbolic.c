/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_symbolic.h>

#include <stdbool.h>
#include <stdio.h>

#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_vars.h>

static bool
kdb_symbolic_near(uintptr_t address, struct kdb_symbol *symbol)
{
	uintptr_t offset;

	if (!kdb_sym_at(kdb_task, address, symbol)) {
		return false;
	}
	offset = address - symbol->value;
	return offset < symbol->size || offset <= kdb_vars.reach;
}

const char *
kdb_symbolic_name(uintptr_t address)
{
	struct kdb_symbol symbol;

	return kdb_sym_at(kdb_task, address, &symbol) &&
	    symbol.value == address ? symbol.name : NULL;
}

void
kdb_symbolic_text(uintptr_t address, char *text, size_t size)
{
	struct kdb_symbol symbol;

	if (!kdb_symbolic_near(address, &symbol)) {
		snprintf(text, size, "%#lx", (unsigned long)address);
	} else if (address == symbol.value) {
		snprintf(text, size, "%s", symbol.name);
	} else {
		snprintf(text, size, "%s+%#lx", symbol.name,
		    (unsigned long)(address - symbol.value));
	}
}

void
kdb_symbolic_print(uintptr_t address)
{
	char text[KDB_SYMBOLIC_TEXT];

	kdb_symbolic_text(address, text, sizeof(text));
	kdb_printf("%s", text);
}
