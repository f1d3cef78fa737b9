/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory of tasks as the debugger reads and writes it.
 */

#include <tests/lib/test.h>

#include <string.h>

#include <machine/copyio.h>

#include <kernel/kdb/kdb_mem.h>
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
