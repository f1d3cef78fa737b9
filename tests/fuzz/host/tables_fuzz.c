/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's tables of a program, damaged and cut, and everything asked of
 * them: nothing beyond their end may be read, and all has to end.
 */

#include <string.h>

#include <kernel/kdb/kdb_table.h>

#include <tests/unit/kernel/kdb/kdb_ask.h>

#include "fuzz_host.h"

#define TABLES_MAX	65536u

/* Of the sample program: tables_sample.asm. */
extern const uint8_t tables_sample[];
extern const uint8_t tables_sample_end[];

/* At its end, so that what is read behind it is seen. */
static uint8_t tables_copy[TABLES_MAX];

static void
tables_one(void)
{
	size_t size = (size_t)(tables_sample_end - tables_sample);
	struct kdb_symtab table;
	struct kdb_symbol symbol;
	uint8_t *at;

	if (fuzz_host_choose(4) == 0) {
		size = fuzz_host_choose((uint32_t)size + 1);
	}
	at = tables_copy + TABLES_MAX - size;
	memcpy(at, tables_sample, size);
	symbol.value = 0x50000000 + fuzz_host_choose(1024);
	while (fuzz_host_more() && size > 0) {
		uint32_t where = fuzz_host_choose((uint32_t)size);

		at[where] = (uint8_t)fuzz_host_choose(256);
	}
	if (kdb_table_open(&table, at, size, 0)) {
		fuzz_host_say("%zu bytes of answers\n",
		    kdb_ask(&table, symbol.value));
	}
}

int main(void);

int
main(void)
{
	fuzz_host_run(tables_one);
}
