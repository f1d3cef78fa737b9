/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory of tasks by their maps, and programs in it, as the debugger's stack
 * traces find them.
 */

#include <tests/lib/test.h>

#include <string.h>

#include <mach/exec/elf.h>

#include <machine/copyio.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb_program.h>
#include <kernel/kdb/kdb_region.h>
#include <kernel/kdb/kdb_table.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>
#include <vm/vm_map_rest.h>
#include <vm/vm_page.h>

/* Of which the kernel always sees all. */
TEST_MACHINE(.memory_mib = 16);

#define AT	0x100000u
#define LINKED	0x4000u		/* where the program was linked */
#define P	vm_page_size

static void
put(struct task *task, vm_offset_t va, const void *from, size_t n)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;

	test_enter(task);
	CHECK_OK(copyout(from, va, n));
	self->task = saved;
}

/* Four pages, of which the last is not there. */
static struct task *
task_with_pages(void)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = AT;

	CHECK_OK(vm_map_allocate(task->map, &va, 4 * P, false));
	for (uint32_t i = 0; i < 3; i++) {
		put(task, AT + i * P, &i, sizeof(i));
	}
	return task;
}

static uint32_t
word_at(struct task *task, vm_offset_t va)
{
	uint32_t word;

	return kdb_region_read(task, va, &word, sizeof(word)) ? word
							       : 0xdeaddead;
}

TEST(what_the_processor_does_not_map_is_read_where_it_is)
{
	struct task *parent = task_with_pages();
	struct task *child = test_new_task(parent);
	uint32_t value = 77;
	char bytes[8];

	/* Nobody has mapped anything of the child's. */
	CHECK(!pmap_debug_read(child->map->pmap, AT + P, &value,
	    sizeof(value)));
	CHECK_EQ(word_at(child, AT + P), 1);
	CHECK_EQ(word_at(child, AT + 2 * P), 2);
	put(child, AT + P, &value, sizeof(value));
	CHECK_EQ(word_at(child, AT + P), 77);
	CHECK_EQ(word_at(parent, AT + P), 1);
	CHECK(kdb_region_read(child, AT + P - 4, bytes, sizeof(bytes)));
	/* What is not there, not in a task, and not below the kernel. */
	CHECK(!kdb_region_read(child, AT + 3 * P - 4, bytes, sizeof(bytes)));
	CHECK_EQ(word_at(child, AT + 3 * P), 0xdeaddead);
	CHECK_EQ(word_at(child, AT - P), 0xdeaddead);
	CHECK_EQ(word_at(NULL, AT), 0xdeaddead);
	CHECK_EQ(word_at(child, MACHINE_USER_MAX), 0xdeaddead);
	CHECK_EQ(word_at(child, MACHINE_USER_MAX - 2), 0xdeaddead);
	test_end_task(child);
	test_end_task(parent);
}

struct program {
	Elf32_Ehdr	header;
	Elf32_Phdr	parts[4];
	uint32_t	dynamic[6];
	struct {
		uint32_t	name;
		uint32_t	value;
		uint32_t	size;
		uint32_t	info;
	}		symbols[3];
	char		strings[32];
};

static Elf32_Phdr
part_at(uint32_t type, uint32_t offset, uint32_t size, uint32_t flags)
{
	return (Elf32_Phdr){
		.p_type = type, .p_offset = offset,
		.p_vaddr = LINKED + offset, .p_filesz = size,
		.p_memsz = size, .p_flags = flags,
	};
}

/* Constants, code, and data. */
static struct program
program_made(void)
{
	struct program p = {
		.header = {
			.e_ident = "\177ELF\1\1\1",
			.e_phoff = offsetof(struct program, parts),
			.e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 4,
		},
		.dynamic = { 6, LINKED + offsetof(struct program, symbols), 5,
		    LINKED + offsetof(struct program, strings) },
		.symbols = {
			[1] = { 1, LINKED + P, 0x20, 0x00010002 },
			[2] = { 7, LINKED + P + 0x40, 0x20, 0x00010012 },
		},
		.strings = "\0first\0second",
	};

	p.parts[0] = part_at(PT_LOAD, 0, 0x400, PF_R);
	p.parts[1] = part_at(PT_LOAD, P, P, PF_R | PF_X);
	p.parts[2] = part_at(PT_LOAD, 2 * P, 0x300, PF_R | PF_W);
	p.parts[3] = part_at(PT_DYNAMIC, offsetof(struct program, dynamic),
	    sizeof(p.dynamic), PF_R);
	return p;
}

static struct task *task_parent;

/* A program at AT, as a child has it. */
static struct task *
task_with_program(const struct program *program)
{
	struct task *parent = task_with_pages();

	put(parent, AT, program, sizeof(*program));
	CHECK_OK(vm_map_protect(parent->map, AT, AT + P, VM_PROT_READ,
	    false));
	CHECK_OK(vm_map_protect(parent->map, AT + P, AT + 2 * P,
	    VM_PROT_READ | VM_PROT_EXECUTE, false));
	task_parent = parent;
	return test_new_task(parent);
}

static void
task_end(struct task *task)
{
	test_end_task(task);
	test_end_task(task_parent);
}

static unsigned
constants(struct task *task, uintptr_t pc, struct kdb_cfi_range *range)
{
	struct kdb_cfi_range ranges[KDB_CFI_RANGES];
	unsigned n = kdb_program_constants(task, pc, ranges);

	*range = ranges[0];
	return n;
}

TEST(a_program_is_found_by_its_header)
{
	struct program program = program_made();
	struct task *task = task_with_program(&program);
	struct kdb_cfi_range range;

	CHECK_EQ(constants(task, AT + P + 5, &range), 1);
	CHECK_EQ(range.start, AT);
	CHECK_EQ(range.end, AT + 0x400);
	CHECK_EQ(constants(task, AT + 3 * P + 5, &range), 0);
	CHECK_EQ(constants(task, AT - 5, &range), 0);
	CHECK(kdb_program_is_code(task, AT + P));
	CHECK(!kdb_program_is_code(task, AT + 2 * P));
	CHECK(!kdb_program_is_code(task, AT - P));
	task_end(task);
}

static bool
is_called(struct task *task, uintptr_t pc, const char *name)
{
	struct kdb_symbol symbol;

	return kdb_program_symbol(task, pc, &symbol) &&
	    strcmp(symbol.name, name) == 0;
}

TEST(what_is_for_linkers_has_names)
{
	struct program program = program_made();
	struct task *task = task_with_program(&program);
	struct kdb_symbol symbol;

	CHECK(is_called(task, AT + P, "first"));
	CHECK(is_called(task, AT + P + 0x5f, "second"));
	CHECK(!kdb_program_symbol(task, AT + P + 0x20, &symbol));
	CHECK(!kdb_program_symbol(task, AT + P + 0x60, &symbol));
	CHECK(!kdb_program_symbol(task, AT - P, &symbol));
	task_end(task);
	/* An interpreter has moved it. */
	program.dynamic[1] += AT - LINKED;
	program.dynamic[3] += AT - LINKED;
	task = task_with_program(&program);
	CHECK(is_called(task, AT + P + 0x40, "second"));
	task_end(task);
}

/* Whatever it says, nothing else is read. */
static void
lies(const struct program *program, bool none)
{
	struct kdb_cfi_range range;
	struct kdb_symbol symbol;
	struct task *task = task_with_program(program);
	unsigned n = constants(task, AT + P + 5, &range);

	CHECK(!none || n == 0);
	CHECK(!kdb_program_symbol(task, AT + P, &symbol));
	task_end(task);
}

TEST(programs_that_lie)
{
	struct program p;

#define LIE(change, none) do { \
	p = program_made(); \
	change; \
	lies(&p, none); \
} while (0)
	LIE(p.header.e_ident[1] = 'e', true);
	LIE(p.header.e_phnum = 0, true);
	LIE(p.header.e_phnum = 0xffff, true);
	LIE(p.header.e_phentsize = 31, true);
	LIE(p.header.e_phoff = 0xffffffff, true);
	LIE(p.header.e_phoff = 3 * P, true);
	LIE(p.parts[1].p_memsz = 0, true);
	LIE(p.parts[0].p_offset = 1, true);
	LIE(p.parts[3].p_vaddr = 0, false);
	LIE(p.dynamic[0] = 7, false);
	LIE(p.dynamic[1] = 0xfffffff0, false);
	LIE(p.dynamic[3] = 0xfffffff0, false);
	LIE(p.symbols[1].name = 0xfffffff0, false);
	LIE(p.symbols[1].name = 0, false);
	LIE(p.symbols[1].info = 2, false);
}

TEST(damaged_maps_end)
{
	struct program program = program_made();
	struct kdb_cfi_range range;
	struct vm_map_entry *root;
	struct vm_map_entry was;
	struct task *task = task_with_program(&program);

	root = task->map->root;
	was = *root;
	root->left = root;
	root->right = root;
	CHECK_EQ(word_at(task, root->start - 4), 0xdeaddead);
	CHECK_EQ(word_at(task, root->end), 0xdeaddead);
	root->left = (struct vm_map_entry *)0x10;
	root->right = root->left;
	CHECK_EQ(word_at(task, root->start - 4), 0xdeaddead);
	*root = was;
	/* Those below it lead back to it. */
	for (struct vm_map_entry *entry = root; entry != NULL;
	    entry = entry->left) {
		struct list_node *prev = entry->link.prev;

		entry->link.prev = &entry->link;
		constants(task, entry->start + 5, &range);
		entry->link.prev = (struct list_node *)0x10;
		constants(task, entry->start + 5, &range);
		entry->link.prev = prev;
	}
	root->object = (struct vm_object *)0x11;
	CHECK_EQ(word_at(task, root->start), 0xdeaddead);
	*root = was;
	CHECK_EQ(constants(task, AT + P + 5, &range), 1);
	task_end(task);
}

TEST(a_map_at_rest_has_what_the_processor_maps)
{
	struct task *task = task_with_pages();

	if (!vm_map_rest_try(task->map)) {
		test_fail(__FILE__, __LINE__, "it does not rest");
	}
	CHECK_EQ(word_at(task, AT + P), 1);
	CHECK(kdb_program_is_code(task, AT + P));
	CHECK(!kdb_program_is_code(task, AT + 3 * P));
	test_end_task(task);
}
