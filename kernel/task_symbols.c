/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See task_symbols.h. */

#include <kernel/task_symbols.h>

#include <string.h>

#include <machine/atomic.h>
#include <machine/boot.h>

#include <kernel/kdb/kdb_elf.h>
#include <kernel/kdb/kdb_table.h>
#include <kernel/kmem.h>
#include <kernel/refcount.h>
#include <kernel/task.h>

/* [I] all of it, but for the references */
struct task_symbols {
	struct refcount		refcount;	/* of tasks */
	size_t			size;		/* of this block */
	struct kdb_symtab	table;
	uint32_t		data[];
};

/* [a] of all blocks together */
static uint32_t task_symbols_used;

/* How much all tables may have. */
static uint32_t
task_symbols_limit(void)
{
	uint32_t part = boot_memory_end() / TASK_SYMBOLS_PART;

	if (!boot_tables_kept()) {
		return 0;
	}
	return part < TASK_SYMBOLS_TOTAL ? part : TASK_SYMBOLS_TOTAL;
}

/* Memory for a table of SIZE bytes. */
static kern_return_t
task_symbols_alloc(size_t size, struct task_symbols **symbolsp)
{
	uint32_t block = (uint32_t)(sizeof(**symbolsp) + size);

	if (atomic_fetch_add_relaxed(&task_symbols_used, block) + block >
	    task_symbols_limit()) {
		atomic_fetch_sub_relaxed(&task_symbols_used, block);
		return KERN_NO_SPACE;
	}
	*symbolsp = kmem_alloc(block);
	if (*symbolsp == NULL) {
		atomic_fetch_sub_relaxed(&task_symbols_used, block);
		return KERN_RESOURCE_SHORTAGE;
	}
	(*symbolsp)->size = block;
	refcount_init(&(*symbolsp)->refcount, 1);
	return KERN_SUCCESS;
}

static void
task_symbols_unref(struct task_symbols *symbols)
{
	if (symbols != NULL && refcount_unref(&symbols->refcount)) {
		atomic_fetch_sub_relaxed(&task_symbols_used,
		    (uint32_t)symbols->size);
		kmem_free(symbols, symbols->size);
	}
}

/* SYMBOLS, or NULL, take the place of those of TASK. */
static void
task_symbols_change(struct task *task, struct task_symbols *symbols)
{
	struct task_symbols *old;

	mutex_lock(&task->lock);
	old = task->symbols;
	task->symbols = symbols;
	mutex_unlock(&task->lock);
	task_symbols_unref(old);
}

kern_return_t
task_symbols_set_elf(struct task *task, const struct kdb_elf *elf,
    uint32_t bias)
{
	uint32_t size = kdb_elf_size(elf, TASK_SYMBOLS_MAX);
	struct task_symbols *symbols;
	kern_return_t kr;

	if (size == 0) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = task_symbols_alloc(size, &symbols);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (!kdb_elf_table(elf, symbols->data, size) ||
	    !kdb_table_open(&symbols->table, symbols->data, size, bias)) {
		task_symbols_unref(symbols);
		return KERN_INVALID_ARGUMENT;
	}
	task_symbols_change(task, symbols);
	return KERN_SUCCESS;
}

/* An ELF file in memory. */
struct task_symbols_file {
	const char	*data;
	size_t		size;
};

static bool
task_symbols_read(void *arg, uint32_t offset, void *to, uint32_t n)
{
	const struct task_symbols_file *file = arg;

	if (offset > file->size || n > file->size - offset) {
		return false;
	}
	memcpy(to, file->data + offset, n);
	return true;
}

kern_return_t
task_symbols_set(struct task *task, const void *data, size_t size,
    uint32_t bias)
{
	struct task_symbols_file file = { .data = data, .size = size };
	struct kdb_elf elf = { .read = task_symbols_read, .arg = &file };
	struct task_symbols *symbols;
	struct kdb_symtab table;
	kern_return_t kr;

	if (size == 0) {
		task_symbols_drop(task);
		return KERN_SUCCESS;
	}
	if (!kdb_table_open(&table, data, size, bias)) {
		return task_symbols_set_elf(task, &elf, bias);
	}
	if (size > TASK_SYMBOLS_MAX) {
		return KERN_NO_SPACE;
	}
	kr = task_symbols_alloc(size, &symbols);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy(symbols->data, data, size);
	kdb_table_open(&symbols->table, symbols->data, size, bias);
	task_symbols_change(task, symbols);
	return KERN_SUCCESS;
}

void
task_symbols_inherit(struct task *task, struct task *parent)
{
	struct task_symbols *symbols;

	if (atomic_load_relaxed(&parent->symbols) == NULL) {
		return;
	}
	mutex_lock(&parent->lock);
	symbols = parent->symbols;
	if (symbols != NULL) {
		refcount_ref(&symbols->refcount);
	}
	mutex_unlock(&parent->lock);
	/* Nobody else has the new task. */
	task->symbols = symbols;
}

void
task_symbols_drop(struct task *task)
{
	if (atomic_load_relaxed(&task->symbols) != NULL) {
		task_symbols_change(task, NULL);
	}
}

const struct kdb_symtab *
task_symbols_debug(const struct task *task)
{
	return task->symbols != NULL ? &task->symbols->table : NULL;
}

uint32_t
task_symbols_total(void)
{
	return atomic_load_relaxed(&task_symbols_used);
}
