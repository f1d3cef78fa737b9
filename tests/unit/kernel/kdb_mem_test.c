/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory of tasks as the debugger reads and writes it.
 */

#include <tests/lib/test.h>

#include <string.h>

#include <mach/exec/elf.h>

#include <machine/copyio.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_region.h>
#include <kernel/kdb/kdb_segments.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

#define AT	0x100000u

static void
access_user(struct task *task, vm_offset_t va, uint32_t *value, bool write)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;

	test_enter(task);
	if (write) {
		CHECK_OK(copyout(value, va, sizeof(*value)));
	} else {
		CHECK_OK(copyin(va, value, sizeof(*value)));
	}
	self->task = saved;
}

/* Two pages, the first of which is there. */
static struct task *
task_with_memory(const char *name)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = AT;
	uint32_t value = 1;

	task_name_set(task, name);
	CHECK_OK(vm_map_allocate(task->map, &va, 2 * vm_page_size, false));
	access_user(task, AT, &value, true);
	return task;
}

static void
fails(struct task *task, vm_offset_t va, const char *why)
{
	uint32_t value = 9;

	CHECK(!kdb_mem_write(task, va, &value, sizeof(value)));
	CHECK_EQ(strcmp(kdb_mem_why(), why), 0);
}

TEST(memory_of_a_task)
{
	struct task *task = task_with_memory("one");
	uint32_t value = 0;

	CHECK(kdb_mem_read(task, AT, &value, sizeof(value)));
	CHECK_EQ(value, 1);
	value = 77;
	CHECK(kdb_mem_write(task, AT, &value, sizeof(value)));
	value = 0;
	access_user(task, AT, &value, false);
	CHECK_EQ(value, 77);
	/* Not of any task, not there yet, nowhere, and all or nothing. */
	fails(NULL, AT, "no task is chosen");
	fails(task, AT + vm_page_size, "not in memory");
	fails(task, AT - vm_page_size, "not mapped");
	fails(task, AT + vm_page_size - 2, "not in memory");
	value = 77;
	CHECK(kdb_mem_read(task, AT + vm_page_size - 4, &value, 4));
	CHECK_EQ(value, 0);
	CHECK(!kdb_mem_read(task, AT + vm_page_size - 2, &value, 4));
	CHECK_OK(task_terminate(task));
	task_unref(task);
}

/* The processor does not map it just now. */
TEST(memory_that_is_there)
{
	struct task *task = task_with_memory("unmapped");
	uint32_t value = 0;

	pmap_remove(task->map->pmap, AT, AT + vm_page_size);
	CHECK(kdb_mem_read(task, AT, &value, sizeof(value)));
	CHECK_EQ(value, 1);
	fails(task, AT, "not in memory");
	test_end_task(task);
}

/* The second page is not there. */
TEST(as_many_bytes_as_there_are)
{
	struct task *task = task_with_memory("bytes");
	vm_offset_t end = AT + vm_page_size;
	uint8_t bytes[16];

	CHECK_EQ(kdb_mem_read_most(task, AT, bytes, sizeof(bytes)), 16);
	CHECK_EQ(bytes[0], 1);
	CHECK_EQ(kdb_mem_read_most(task, end - 16, bytes, sizeof(bytes)), 16);
	CHECK_EQ(kdb_mem_read_most(task, end - 7, bytes, sizeof(bytes)), 7);
	CHECK_EQ(kdb_mem_read_most(task, end, bytes, sizeof(bytes)), 0);
	test_end_task(task);
}

static void
write_user(struct task *task, vm_offset_t va, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i += sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, (const char *)from + i, sizeof(word));
		access_user(task, va + i, &word, true);
	}
}

static void
variables_are(const uint32_t wanted[6])
{
	static const char *const names[6] = { "b", "d", "e", "m", "s", "t" };

	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(kdb_vars_get(names[i]), wanted[i]);
	}
}

/*
 * Linked to be anywhere, as a library, unless it names its interpreter, and as a
 * program that is to be at LINKED.
 */
static void
make_program(struct task *task, vm_offset_t at, bool library, uint32_t entry,
    vm_offset_t linked)
{
	Elf32_Phdr phdrs[5] = {
		{ .p_type = PT_LOAD, .p_memsz = 0x100,
		    .p_vaddr = (uint32_t)linked },
		{ .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_memsz = 0x2345,
		    .p_flags = PF_X },
		{ .p_type = PT_LOAD, .p_vaddr = 0x4120, .p_memsz = 0x1111,
		    .p_flags = PF_W },
		{ .p_type = PT_LOAD, .p_vaddr = 0x6000, .p_memsz = 0x22,
		    .p_flags = PF_W },
		{ .p_type = library ? PT_NULL : PT_INTERP },
	};
	Elf32_Ehdr ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3 },
		.e_type = linked != 0 ? ET_EXEC : ET_DYN,
		.e_entry = entry, .e_phoff = 64, .e_phnum = 5,
	};

	write_user(task, at, &ehdr, sizeof(ehdr));
	write_user(task, at + 64, phdrs, sizeof(phdrs));
}

TEST(variables_of_a_program)
{
	struct task *task = task_with_memory("elf");
	vm_offset_t other = AT + 4 * vm_page_size;
	struct vm_map_entry entry;

	CHECK_OK(vm_map_allocate(task->map, &other, vm_page_size, false));
	REQUIRE(kdb_region_from(task, 0, &entry));
	CHECK_EQ(entry.start, AT);
	REQUIRE(kdb_region_from(task, entry.end, &entry));
	CHECK_EQ(entry.start, other);
	CHECK(!kdb_region_from(task, entry.end, &entry));
	/* None; somebody's file; a library; programs behind and before that. */
	kdb_thread = current_thread();
	kdb_segments_set(task);
	variables_are((uint32_t[]){ 0, 0, 0, 0, 0, 0 });
	make_program(task, AT, true, 0x1010, AT + vm_page_size);
	kdb_segments_set(task);
	variables_are((uint32_t[]){ 0, 0, 0, 0, 0, 0 });
	make_program(task, AT, true, 0x1010, 0);
	kdb_segments_set(task);
	variables_are((uint32_t[]){ AT + 0x4120, 0x1133, AT + 0x1010,
	    0x464c457f, 0, 0x2345 });
	make_program(task, other, false, 0x1020, 0);
	kdb_segments_set(task);
	variables_are((uint32_t[]){ (uint32_t)other + 0x4120, 0x1133,
	    (uint32_t)other + 0x1020, 0x464c457f, 0, 0x2345 });
	make_program(task, AT, true, 0x1030, AT);
	kdb_segments_set(task);
	variables_are((uint32_t[]){ 0x4120, 0x1133, 0x1030, 0x464c457f, 0,
	    0x2345 });
	test_end_task(task);
}

/* Whoever may write, nobody else sees it. */
TEST(shared_memory_is_not_written)
{
	struct task *parent = task_with_memory("parent");
	struct task *child = test_new_task(parent);
	uint32_t value = 0;

	access_user(parent, AT, &value, false);
	access_user(child, AT, &value, false);
	value = 9;
	CHECK(!kdb_mem_write(parent, AT, &value, sizeof(value)) ||
	    !kdb_mem_write(child, AT, &value, sizeof(value)));
	value = 2;
	access_user(child, AT, &value, true);
	access_user(parent, AT, &value, true);
	value = 3;
	CHECK(kdb_mem_write(child, AT, &value, sizeof(value)));
	access_user(parent, AT, &value, false);
	CHECK_EQ(value, 2);
	CHECK_OK(task_terminate(child));
	CHECK_OK(task_terminate(parent));
	task_unref(child);
	task_unref(parent);
}

TEST(tasks_and_threads_by_name_or_address)
{
	struct task *task = task_with_memory("alone");
	const char *text = "alone rest";

	CHECK(kdb_who_find(&text) == task);
	CHECK_EQ(strcmp(text, "rest"), 0);
	text = "alon";
	CHECK(kdb_who_find(&text) == NULL);
	text = "";
	CHECK(kdb_who_find(&text) == NULL);
	CHECK(kdb_who_is_task(task));
	CHECK(!kdb_who_is_task(NULL));
	CHECK(!kdb_who_is_task((struct task *)AT));
	CHECK(kdb_who_is_thread(current_thread()));
	CHECK(!kdb_who_is_thread((struct thread *)task));
	CHECK_OK(task_terminate(task));
	task_unref(task);
}
