/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_BOOT_H
#define MACHINE_BOOT_H

/*
 * What the boot loader told us.  All of it is copied out of the loader's
 * memory before the first page is handed out, so the strings live for ever;
 * the contents of the modules stay where they are until they are released.
 */

#include <machine/types.h>

/* [I] everything */
struct boot_module {
	phys_addr_t	start;		/* first byte */
	phys_addr_t	end;		/* past the last byte */
	const char	*args;		/* the module's line, as written */
};

typedef void (*boot_range_fn_t)(phys_addr_t start, phys_addr_t end);

/* The kernel's command line, "" when there was none. */
const char *
boot_cmdline(void);

/*
 * Find the word NAME or NAME=value in the command line.  Copies the value, ""
 * for a bare word, to BUF, cut to SIZE bytes and terminated.  BUF may be NULL
 * with SIZE 0.  Returns whether the word is there; the last one wins.
 */
bool
boot_option(const char *name, char *buf, size_t size);

unsigned
boot_module_count(void);

/* Module I, or NULL when I is not below the count. */
const struct boot_module *
boot_module(unsigned i);

/*
 * Call FN for each range of physical memory that is free for use, in
 * ascending order: page-aligned; without the kernel, the modules, the
 * firmware's areas and the first 64 KiB, which hold the start-up code of other
 * CPUs.  Ends at 4 GiB, less one page.
 */
void
boot_memory_each(boot_range_fn_t fn);

/* One past the last byte of usable physical memory, page-aligned. */
phys_addr_t
boot_memory_end(void);

/*
 * boot_modules_release() shall leave out MODULE, which begins with a page: false
 * if it does not.
 */
bool
boot_module_keep(const struct boot_module *module);

/*
 * Call FN once for each page-aligned range that the modules occupied and
 * nothing else does: memory to give to vm_phys when the modules have been
 * loaded.  boot_module() may not be used afterwards.
 */
void
boot_modules_release(boot_range_fn_t fn);

/*
 * The kernel symbol at or below ADDR and the distance from it.  Returns false
 * when ADDR is not in the kernel image.
 */
bool
boot_symbol_lookup(uintptr_t addr, const char **name, size_t *offset);

/* The kernel's own text and variables, in bytes, and where it was entered. */
struct boot_image {
	uintptr_t	text_size;
	uintptr_t	data;
	uintptr_t	data_size;
	uintptr_t	entry;
};

void
boot_image(struct boot_image *image);

/* The address of the symbol NAME. */
bool
boot_symbol_find(const char *name, uintptr_t *addr);

/*
 * The debugger's tables of the kernel (kernel/kdb/kdb_table_format.h): *SIZE
 * bytes, of which a machine with little memory keeps only the symbols.  NULL:
 * there are none.
 */
const void *
boot_tables(size_t *size);

/*
 * Is there memory to spare for the debugger's tables, of the kernel and of
 * tasks, or are they asked for by the option `kdb'?
 */
bool
boot_tables_kept(void);

#endif
