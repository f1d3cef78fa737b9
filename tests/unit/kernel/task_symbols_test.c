/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Symbols of tasks for the debugger: from ELF files good and damaged, found by
 * task, inherited, replaced, and no memory left behind.
 */

#include <tests/lib/test.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_sym.h>
#include <kernel/kmem.h>
#include <kernel/task.h>
#include <kernel/task_symbols.h>

#define FILE_SIZE	2048u
#define SYMBOLS		7u

struct section {
	uint32_t	name, type, flags, addr, offset, size, link, info,
			align, entry_size;
};

struct symbol {
	uint32_t	name, value, size;
	uint8_t		info, other;
	uint16_t	section;
};

/* An ELF file by hand: a header, four sections, symbols, their names. */
static struct file {
	uint8_t		ident[16];
	uint16_t	type, machine;
	uint32_t	version, entry, phoff, shoff, flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	struct section	sections[5];
	struct symbol	symbols[SYMBOLS];
	char		names[512];
} file;

static const char names[] = "\0beta\0alpha\0gamma\0hidden";

static void
file_make(void)
{
	memset(&file, 0, sizeof(file));
	memcpy(file.ident, "\177ELF\1\1\1", 7);
	file.type = 2;
	file.machine = 3;
	file.shoff = offsetof(struct file, sections);
	file.shentsize = sizeof(struct section);
	file.shnum = 5;
	/* Text, data, symbols and their names. */
	file.sections[1] = (struct section){ .type = 1, .flags = 6 };
	file.sections[2] = (struct section){ .type = 1, .flags = 3 };
	file.sections[3] = (struct section){
		.type = 2, .offset = offsetof(struct file, symbols),
		.size = sizeof(file.symbols), .link = 4,
		.entry_size = sizeof(struct symbol),
	};
	file.sections[4] = (struct section){
		.type = 3, .offset = offsetof(struct file, names),
		.size = sizeof(names),
	};
	memcpy(file.names, names, sizeof(names));
	file.symbols[1] = (struct symbol){ 1, 0x2000, 16, 0x12, 0, 1 };
	file.symbols[2] = (struct symbol){ 6, 0x1000, 32, 0x02, 0, 1 };
	file.symbols[3] = (struct symbol){ 12, 0x3000, 4, 0x11, 0, 2 };
	/* Undefined here. */
	file.symbols[4] = (struct symbol){ 18, 0x9000, 4, 0x11, 0, 0 };
	/* In a section that is not loaded; with a name behind all names. */
	file.symbols[5] = (struct symbol){ 18, 0x9000, 4, 0x11, 0, 4 };
	file.symbols[6] = (struct symbol){ 40, 0x9000, 4, 0x11, 0, 1 };
	memcpy(file.names + 40, "ghost", 6);
}

static struct task *
task_new(struct task *parent)
{
	struct task *task = NULL;

	CHECK_EQ(task_create(parent, parent != NULL, &task), KERN_SUCCESS);
	return task;
}

static void
task_end(struct task *task)
{
	task_terminate(task);
	task_unref(task);
}

/* Bytes of kernel memory in use. */
static size_t
memory_used(void)
{
	size_t used = kmem_large_used();
	struct kmem_stats stats;

	for (unsigned i = 0; kmem_stats_get(i, &stats); i++) {
		used += stats.used * stats.size;
	}
	return used;
}

static bool
at(struct task *task, uintptr_t address, const char *name, uintptr_t value)
{
	struct kdb_symbol symbol;

	return kdb_sym_at(task, address, &symbol) &&
	    strcmp(symbol.name, name) == 0 && symbol.value == value;
}

TEST(symbols_of_an_elf_file_are_its_tasks)
{
	struct task *task = task_new(NULL);
	struct task *other = task_new(NULL);
	struct kdb_symbol symbol;
	unsigned cookie = 0;

	file_make();
	CHECK_EQ(task_symbols_set(task, &file, sizeof(file), 0),
	    KERN_SUCCESS);
	CHECK(at(task, 0x1000, "alpha", 0x1000));
	CHECK(at(task, 0x1fff, "alpha", 0x1000));
	CHECK(at(task, 0x2004, "beta", 0x2000));
	CHECK(at(task, 0x3003, "gamma", 0x3000));
	CHECK(!kdb_sym_at(task, 0xfff, &symbol));
	CHECK(!kdb_sym_at(task, 0x9000, &symbol));
	CHECK(!kdb_sym_at(other, 0x1000, &symbol));
	CHECK(!kdb_sym_at(NULL, 0x1000, &symbol));
	REQUIRE(kdb_sym_find(task, "beta", &symbol));
	CHECK_EQ(symbol.value, 0x2000);
	CHECK_EQ(symbol.size, 16);
	CHECK_EQ(symbol.kind, 'T');
	REQUIRE(kdb_sym_find(task, "alpha", &symbol));
	CHECK_EQ(symbol.kind, 't');
	REQUIRE(kdb_sym_find(task, "gamma", &symbol));
	CHECK_EQ(symbol.kind, 'D');
	CHECK(!kdb_sym_find(task, "hidden", &symbol));
	CHECK(!kdb_sym_find(task, "ghost", &symbol));
	CHECK(!kdb_sym_find(other, "beta", &symbol));
	REQUIRE(kdb_sym_next(task, "b", &cookie, &symbol));
	CHECK(strcmp(symbol.name, "beta") == 0);
	CHECK(!kdb_sym_next(task, "b", &cookie, &symbol));
	task_end(task);
	task_end(other);
	CHECK_EQ(task_symbols_total(), 0);
}

TEST(a_task_with_its_parents_memory_has_its_symbols)
{
	struct task *task = task_new(NULL);
	struct task *child;
	struct task *empty = NULL;
	struct kdb_symbol symbol;
	size_t used;

	file_make();
	used = memory_used();
	CHECK_EQ(task_symbols_set(task, &file, sizeof(file), 0x100000),
	    KERN_SUCCESS);
	CHECK(memory_used() > used);
	task_symbols_drop(task);
	CHECK_EQ(memory_used(), used);
	CHECK_EQ(task_symbols_set(task, &file, sizeof(file), 0x100000),
	    KERN_SUCCESS);
	child = task_new(task);
	CHECK_EQ(task_create(task, false, &empty), KERN_SUCCESS);
	CHECK(!kdb_sym_find(empty, "beta", &symbol));
	task_end(empty);
	/* They stay when the parent has others, or is gone. */
	file.symbols[1].value = 0x2800;
	CHECK_EQ(task_symbols_set(task, &file, sizeof(file), 0),
	    KERN_SUCCESS);
	CHECK(at(task, 0x2900, "beta", 0x2800));
	CHECK(at(child, 0x102900, "beta", 0x102000));
	task_end(task);
	CHECK(at(child, 0x102000, "beta", 0x102000));
	CHECK_EQ(task_symbols_set(child, NULL, 0, 0), KERN_SUCCESS);
	CHECK(!kdb_sym_find(child, "beta", &symbol));
	CHECK_EQ(task_symbols_total(), 0);
	task_end(child);
}

TEST(what_is_no_elf_file_with_symbols_is_refused)
{
	struct task *task = task_new(NULL);
	struct kdb_symbol symbol;

	file_make();
	CHECK_EQ(task_symbols_set(task, &file, sizeof(file), 0),
	    KERN_SUCCESS);
	CHECK_EQ(task_symbols_set(task, "\177ELF", 4, 0),
	    KERN_INVALID_ARGUMENT);
	CHECK_EQ(task_symbols_set(task, names, sizeof(names), 0),
	    KERN_INVALID_ARGUMENT);
	/* A stripped one. */
	file.sections[3].type = 3;
	CHECK_EQ(task_symbols_set(task, &file, sizeof(file), 0),
	    KERN_INVALID_ARGUMENT);
	/* Those it had are there. */
	CHECK(kdb_sym_find(task, "beta", &symbol));
	task_end(task);
	CHECK_EQ(task_symbols_total(), 0);
}

TEST(there_is_a_limit_for_all_tasks)
{
	struct kdb_symbol symbol;
	struct task *tasks[100];
	unsigned count = 0;
	char *data;
	struct kdb_table_header *header;
	kern_return_t kr = KERN_SUCCESS;

	/* A table that is mostly nothing. */
	data = kmem_zalloc(TASK_SYMBOLS_MAX);
	REQUIRE(data != NULL);
	header = (struct kdb_table_header *)data;
	header->magic = KDB_TABLE_MAGIC;
	header->version = KDB_TABLE_VERSION;
	header->size = 200000;
	header->resident = sizeof(*header);
	while (count < 100 && kr == KERN_SUCCESS) {
		tasks[count] = task_new(NULL);
		kr = task_symbols_set(tasks[count], data, 200000, 0);
		count++;
	}
	CHECK_EQ(kr, KERN_NO_SPACE);
	CHECK(count > 2);
	CHECK_EQ(task_symbols_total() / 200000, count - 1);
	CHECK(!kdb_sym_find(tasks[count - 1], "x", &symbol));
	while (count > 0) {
		task_end(tasks[--count]);
	}
	CHECK_EQ(task_symbols_total(), 0);
	kmem_free(data, TASK_SYMBOLS_MAX);
}

TEST(damaged_files_do_no_harm)
{
	struct task *task = task_new(NULL);
	struct kdb_symbol symbol;
	unsigned taken = 0;

	for (unsigned round = 0; round < 4000; round++) {
		uint8_t *bytes = (uint8_t *)&file;
		size_t size = sizeof(file);

		file_make();
		for (unsigned i = 1 + test_random(6); i > 0; i--) {
			bytes[test_random(sizeof(file))] =
			    (uint8_t)test_random(256);
		}
		if (round % 8 == 0) {
			size = test_random(sizeof(file));
		}
		if (task_symbols_set(task, &file, size, 0) == KERN_SUCCESS) {
			taken++;
		}
		kdb_sym_find(task, "nothing", &symbol);
		kdb_sym_at(task, test_random(0x10000), &symbol);
	}
	CHECK(taken > 100);
	task_end(task);
	CHECK_EQ(task_symbols_total(), 0);
}
