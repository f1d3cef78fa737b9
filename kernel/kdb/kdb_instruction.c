/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Instructions, with the names of addresses in them.
 */

#include <kernel/kdb/kdb_instruction.h>

#include <stdio.h>

#include <kernel/kdb/kdb_disasm.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>

_Static_assert(KDB_INSTRUCTION_MAX == KDB_DISASM_MAX &&
    KDB_INSTRUCTION_TEXT == KDB_DISASM_TEXT, "the same instructions");

static bool
kdb_instruction_name(uintptr_t address, char *name, size_t size, void *arg)
{
	kdb_symbolic_text(address, name, size);
	/* Else it is the number, which is there already. */
	return name[0] < '0' || name[0] > '9';
}

unsigned
kdb_instruction(const uint8_t *bytes, size_t count, uintptr_t address,
    char *text, size_t size)
{
	unsigned length = kdb_disasm(bytes, count, address, text, size,
	    kdb_instruction_name, NULL);

	uintptr_t offset;

	if (length > 0 && kdb_disasm_offset(address, &offset)) {
		kdb_vars.named[2] = kdb_vars.named[1];
		kdb_vars.named[1] = (uint32_t)offset;
	}
	if (length > 0) {
		return length;
	}
	if (kdb_disasm_was_cut()) {
		snprintf(text, size, "(its end is not there)");
		return (unsigned)count;
	}
	snprintf(text, size, "(bad)");
	return 1;
}
