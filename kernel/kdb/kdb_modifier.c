/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Those of adb's $ commands that are about the language itself.
 */

#include <kernel/kdb/kdb_modifier.h>

#include <stddef.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_map.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_vars.h>

#define KDB_MODIFIER_FIELD	32u

static void
kdb_modifier_radix(struct kdb_request *request)
{
	if (request->has_address) {
		if (request->address < 2 || request->address > 16) {
			kdb_error("no radix from 2 to 0t16: %lx",
			    (unsigned long)request->address);
		}
		kdb_vars.radix = request->address;
	}
	kdb_printf("radix=0t%u\n", kdb_vars.radix);
}

static void
kdb_modifier_reach(struct kdb_request *request)
{
	if (request->has_address) {
		kdb_vars.reach = request->address;
	}
	kdb_printf("symbols reach 0x%lx\n", (unsigned long)kdb_vars.reach);
}

static void
kdb_modifier_width(struct kdb_request *request)
{
	if (request->has_address) {
		kdb_out_width_set(request->address);
	}
	if (request->has_count) {
		kdb_out_lines_set(request->count);
	}
	kdb_printf("width 0t%u, lines 0t%u\n", kdb_out_width(),
	    kdb_out_lines());
}

static void
kdb_modifier_variables(struct kdb_request *request)
{
	kdb_vars_print();
}

static void
kdb_modifier_maps(struct kdb_request *request)
{
	kdb_map_print();
}

/* Variables, as the symbols say, with what they are. */
static void
kdb_modifier_externals(struct kdb_request *request)
{
	struct kdb_symbol symbol;
	unsigned cookie = 0;
	unsigned n = 0;
	uint32_t value;

	while (kdb_sym_next(kdb_task, "", &cookie, &symbol)) {
		if (strchr("bBdD", symbol.kind) == NULL ||
		    !kdb_mem_read(kdb_task, symbol.value, &value,
		    sizeof(value))) {
			continue;
		}
		kdb_printf("%s:", symbol.name);
		kdb_out_tab(KDB_MODIFIER_FIELD);
		kdb_printf(" %x\n", value);
		n++;
	}
	if (n == 0) {
		kdb_error("no variables are known");
	}
}

static const struct kdb_letter kdb_modifier_letters[] = {
	{ '$', 'd', false, false, kdb_modifier_radix, "RADIX$d",
	    "radix of numbers without prefix; RADIX is read in the old one" },
	{ '$', 'e', false, false, kdb_modifier_externals, "$e",
	    "all variables with their first word" },
	{ '$', 'm', false, false, kdb_modifier_maps, "$m",
	    "the maps of ? and /" },
	{ '$', 's', false, false, kdb_modifier_reach, "LIMIT$s",
	    "name addresses up to so far behind a symbol" },
	{ '$', 'v', false, false, kdb_modifier_variables, "$v",
	    "variables that are not 0" },
	{ '$', 'w', false, false, kdb_modifier_width, "WIDTH,LINES$w",
	    "columns of a line, and lines before --more--; 0: no end" },
	{ .fn = NULL },
};

struct kdb_table kdb_modifier_table = { .letters = kdb_modifier_letters };
