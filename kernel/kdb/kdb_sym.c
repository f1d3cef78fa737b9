/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * See kdb_sym.h.  A task's tables are read while it may be changing them on
 * another processor, which stands still: kernel/task_symbols.h says why that is
 * safe.
 */

#include <kernel/kdb/kdb_sym.h>

#include <string.h>

#include <machine/boot.h>
#include <machine/types.h>

#include <kernel/task_symbols.h>

/* Cookies from here on are of the kernel's symbols. */
#define KDB_SYM_KERNEL	0x80000000u

#define KDB_SYM_FAR	0x10000u

static struct kdb_symtab kdb_sym_kernel;

/* The kernel's, which are opened when they are first wanted. */
static const struct kdb_symtab *
kdb_sym_kernel_table(void)
{
	const void *data;
	size_t size;

	if (kdb_sym_kernel.data == NULL) {
		data = boot_tables(&size);
		if (data == NULL ||
		    !kdb_table_open(&kdb_sym_kernel, data, size, 0)) {
			return NULL;
		}
	}
	return &kdb_sym_kernel;
}

static const struct kdb_symtab *
kdb_sym_task_table(const struct task *space)
{
	return space != NULL ? task_symbols_debug(space) : NULL;
}

const struct kdb_symtab *
kdb_sym_table(const struct task *space, uintptr_t address)
{
	return address >= MACHINE_USER_MAX ? kdb_sym_kernel_table()
					   : kdb_sym_task_table(space);
}

bool
kdb_sym_find(struct task *space, const char *name, struct kdb_symbol *symbol)
{
	const struct kdb_symtab *own = kdb_sym_task_table(space);
	const struct kdb_symtab *kernel = kdb_sym_kernel_table();

	return (own != NULL && kdb_table_symbol_find(own, name, symbol)) ||
	    (kernel != NULL && kdb_table_symbol_find(kernel, name, symbol));
}

/* Is ADDRESS in what the symbols of TABLE are of? */
static bool
kdb_sym_within(const struct kdb_symtab *table, uintptr_t address)
{
	uint32_t count = kdb_table_symbols(table);
	struct kdb_symbol last;

	return count > 0 && kdb_table_symbol(table, count - 1, &last) &&
	    (address <= last.value || address - last.value < PAGE_HW_SIZE ||
		address - last.value < last.size);
}

bool
kdb_sym_at(struct task *space, uintptr_t address, struct kdb_symbol *symbol)
{
	const struct kdb_symtab *table = kdb_sym_table(space, address);

	/* What is far behind one is of something else that has none. */
	return table != NULL && kdb_sym_within(table, address) &&
	    kdb_table_symbol_at(table, address, symbol) &&
	    (address - symbol->value < KDB_SYM_FAR ||
		address - symbol->value < symbol->size);
}

/* The next from *I on. */
static bool
kdb_sym_next_of(const struct kdb_symtab *table, const char *prefix,
    unsigned *i, struct kdb_symbol *symbol)
{
	while (table != NULL && kdb_table_symbol(table, *i, symbol)) {
		(*i)++;
		if (strncmp(symbol->name, prefix, strlen(prefix)) == 0) {
			return true;
		}
	}
	return false;
}

bool
kdb_sym_next(struct task *space, const char *prefix, unsigned *cookie,
    struct kdb_symbol *symbol)
{
	unsigned i;
	bool found;

	if (*cookie < KDB_SYM_KERNEL) {
		if (kdb_sym_next_of(kdb_sym_task_table(space), prefix, cookie,
		    symbol)) {
			return true;
		}
		*cookie = KDB_SYM_KERNEL;
	}
	i = *cookie - KDB_SYM_KERNEL;
	found = kdb_sym_next_of(kdb_sym_kernel_table(), prefix, &i, symbol);
	*cookie = i + KDB_SYM_KERNEL;
	return found;
}

bool
kdb_line_at(struct task *space, uintptr_t pc, const char **file,
    unsigned *line)
{
	const struct kdb_symtab *table = kdb_sym_table(space, pc);

	return table != NULL && kdb_table_line(table, pc, file, line);
}
