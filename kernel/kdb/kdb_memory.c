/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_memory.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>

#define KDB_MEMORY_FIELD	16u
#define KDB_MEMORY_POLL		1024u	/* words between looks at the keyboard */

/* Where VALUE is from START on; an error if it is nowhere. */
static uintptr_t
kdb_memory_find(const struct kdb_map_use *use, size_t size, uintptr_t start,
    uint32_t value, uint32_t mask)
{
	uintptr_t at = start;
	unsigned n = 0;

	for (;;) {
		uint32_t word = 0;

		if (n++ % KDB_MEMORY_POLL == 0) {
			kdb_in_poll();
		}
		if (kdb_map_read_some(use, at, &word, size) < size ||
		    at + size < size) {
			kdb_error("not found up to %lx: %x",
			    (unsigned long)at, value);
		}
		if ((word & mask) == value) {
			return at;
		}
		at += size;
	}
}

void
kdb_memory_search(const struct kdb_map_use *use, size_t size,
    const char **atp)
{
	uint32_t all = UINT32_MAX >> (32 - 8 * size);
	uintptr_t value = kdb_expr_need(atp, "value");
	uintptr_t mask = all;

	(void)kdb_expr(atp, &mask);
	kdb_vars.dot = kdb_memory_find(use, size, kdb_vars.dot, value & all,
	    mask & all);
	kdb_vars.increment = size;
	kdb_symbolic_print(kdb_vars.dot);
}

void
kdb_memory_write(const struct kdb_map_use *use, size_t size,
    const char **atp)
{
	uintptr_t value = kdb_expr_need(atp, "value");
	uintptr_t at = kdb_vars.dot;

	do {
		uint32_t was = 0;

		kdb_map_read(use, at, &was, size);
		kdb_map_write(use, at, &value, size);
		kdb_vars.dot = at;
		kdb_vars.increment = size;
		kdb_symbolic_print(at);
		kdb_printf(":");
		kdb_out_tab(KDB_MEMORY_FIELD);
		kdb_printf(" %x = %lx\n", was, (unsigned long)value &
		    (UINT32_MAX >> (32 - 8 * size)));
		at += size;
	} while (kdb_expr(atp, &value));
}

void
kdb_memory_map(const struct kdb_map_use *use, const char **atp)
{
	uintptr_t values[3];
	unsigned n = 0;

	while (n < 3 && kdb_expr(atp, &values[n])) {
		n++;
	}
	kdb_map_set(use, values, n);
	while (**atp == ' ') {
		++*atp;
	}
	if (**atp == '?' || **atp == '/') {
		++*atp;
	}
}
