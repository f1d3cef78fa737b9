/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel's symbols, and the rest of the debugger's tables, which is kept
 * where there is memory for it.
 */

#include <i386/symtab.h>

#include <string.h>

#include <machine/boot.h>

#include <kernel/kdb/kdb_table.h>

#include <i386/image.h>

/* [I] once symtab_setup() has run */
static struct kdb_symtab symtab_table;

phys_addr_t
symtab_setup(bool keep)
{
	uintptr_t start = (uintptr_t)kernel_tables_start;
	size_t size = (uintptr_t)kernel_image_end - start;

	if (!keep) {
		size = kdb_table_resident(kernel_tables_start, size);
	}
	/* Fails without tables, which is how the kernel is linked first. */
	kdb_table_open(&symtab_table, kernel_tables_start, size, 0);
	return start + size - KERNEL_DIRECT_BASE;
}

bool
boot_symbol_lookup(uintptr_t addr, const char **name, size_t *offset)
{
	struct kdb_symbol symbol;

	if (addr < (uintptr_t)kernel_text_start ||
	    addr >= (uintptr_t)kernel_tables_start ||
	    !kdb_table_symbol_at(&symtab_table, addr, &symbol)) {
		return false;
	}
	*name = symbol.name;
	*offset = addr - symbol.value;
	return true;
}

void
boot_image(struct boot_image *image)
{
	image->text_size = (uintptr_t)kernel_text_end -
	    (uintptr_t)kernel_text_start;
	image->data = (uintptr_t)kernel_rodata_end;
	image->data_size = (uintptr_t)kernel_tables_start - image->data;
	image->entry = (uintptr_t)boot_entry;
}

bool
boot_symbol_find(const char *name, uintptr_t *addr)
{
	struct kdb_symbol symbol;

	if (!kdb_table_symbol_find(&symtab_table, name, &symbol)) {
		return false;
	}
	*addr = symbol.value;
	return true;
}

const void *
boot_tables(size_t *size)
{
	*size = symtab_table.size;
	return symtab_table.data;
}
