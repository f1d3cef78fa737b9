/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel's symbols: a table in ascending order of addresses that symtab.awk
 * makes from the linked kernel, for the next link.  The first link has an
 * empty one.
 */

#include <string.h>

#include <machine/boot.h>

#include <i386/image.h>

struct symtab_entry {
	uint32_t	addr;
	uint32_t	name;		/* offset from the table's start */
};

/* The table: the number of entries, the entries, the strings. */
static uint32_t
symtab_count(void)
{
	return kernel_symtab_start[0];
}

static const struct symtab_entry *
symtab_entry(uint32_t i)
{
	return (const struct symtab_entry *)(kernel_symtab_start + 1) + i;
}

static const char *
symtab_name(uint32_t i)
{
	return (const char *)kernel_symtab_start + symtab_entry(i)->name;
}

bool
boot_symbol_lookup(uintptr_t addr, const char **name, size_t *offset)
{
	uint32_t low = 0;
	uint32_t high = symtab_count();

	if (addr < (uintptr_t)kernel_text_start ||
	    addr >= (uintptr_t)kernel_image_end) {
		return false;
	}
	/* Entries below LOW are not above ADDR; those from HIGH on are. */
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (symtab_entry(middle)->addr <= addr) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0) {
		return false;
	}
	*name = symtab_name(low - 1);
	*offset = addr - symtab_entry(low - 1)->addr;
	return true;
}

bool
boot_symbol_find(const char *name, uintptr_t *addr)
{
	for (uint32_t i = 0; i < symtab_count(); i++) {
		if (strcmp(symtab_name(i), name) == 0) {
			*addr = symtab_entry(i)->addr;
			return true;
		}
	}
	return false;
}
