/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Breakpoints in the text of tasks, which have no threads here: this one does
 * for them what theirs would.
 */

#include <tests/lib/test.h>

#include <string.h>

#include <machine/copyio.h>
#include <machine/kdb_cpu.h>

#include <kernel/ast.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_place.h>
#include <kernel/kdb/kdb_plant.h>
#include <kernel/kdb/kdb_wish.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

#define AT	0x100000u
#define PLACE	(AT + 3)
#define TEXT_PAGES	4u

static struct task *saved;

static void
enter(struct task *task)
{
	saved = current_task();
	test_enter(task);
}

static void
leave(void)
{
	current_thread()->task = saved;
}

static uint8_t
seen(struct task *task)
{
	uint8_t byte = 0;

	enter(task);
	CHECK_OK(copyin(PLACE, &byte, 1));
	leave();
	return byte;
}

/*
 * Text with FIRST in the bytes at PLACE; children do not get pages of their own at
 * once, as of less.
 */
static struct task *
with_text(uint8_t first)
{
	struct task *task = test_new_task(NULL);
	uint8_t text[16];
	vm_offset_t va = AT;

	for (unsigned i = 0; i < sizeof(text); i++) {
		text[i] = (uint8_t)(first + i - 3);
	}
	CHECK_OK(vm_map_allocate(task->map, &va, TEXT_PAGES * vm_page_size,
	    false));
	enter(task);
	for (unsigned i = 0; i < TEXT_PAGES; i++) {
		CHECK_OK(copyout(text, AT + i * vm_page_size, sizeof(text)));
	}
	leave();
	CHECK_OK(vm_map_protect(task->map, AT, AT + TEXT_PAGES * vm_page_size,
	    VM_PROT_READ | VM_PROT_EXECUTE, false));
	CHECK_EQ(seen(task), first);
	return task;
}

/* What a thread of TASK does before it is in user mode again. */
static void
run(struct task *task)
{
	enter(task);
	ast_thread_set(current_thread(), AST_KDB);
	kdb_plant_ast();
	leave();
}

static uint8_t
shown(struct task *task)
{
	uint8_t byte = 0;

	CHECK(kdb_mem_read(task, PLACE, &byte, 1));
	return byte;
}

TEST(planted_shown_as_it_was_and_pulled)
{
	struct task *task = with_text(7);
	const char *why;

	CHECK(kdb_wish_set(0, task, PLACE, false));
	CHECK_EQ(kdb_wish_count(0, &why), 0);
	CHECK(why[0] != '\0');
	run(task);
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	CHECK(kdb_place_find(task, PLACE) != NULL);
	CHECK_EQ(shown(task), 7);
	CHECK_EQ(kdb_wish_count(0, &why), 1);
	CHECK_EQ(why[0], '\0');
	kdb_wish_drop(0);
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	run(task);
	CHECK_EQ(seen(task), 7);
	CHECK(kdb_place_find(task, PLACE) == NULL);
	test_end_task(task);
}

TEST(everywhere_means_where_the_text_is_the_same)
{
	struct task *one = with_text(7);
	struct task *two = with_text(7);
	struct task *other = with_text(8);

	CHECK(!kdb_wish_set(1, one, AT - vm_page_size, true));
	CHECK(kdb_wish_set(1, one, PLACE, true));
	run(one);
	run(two);
	run(other);
	CHECK_EQ(seen(one), KDB_CPU_BREAKPOINT);
	CHECK_EQ(seen(two), KDB_CPU_BREAKPOINT);
	CHECK_EQ(seen(other), 8);
	CHECK(kdb_wish_is_for(1, two));
	test_end_task(one);
	/* One near it does not hide which text it is. */
	CHECK(kdb_wish_set(2, two, PLACE + 1, true));
	kdb_wish_drop(1);
	run(two);
	CHECK_EQ(seen(two), 7);
	CHECK(kdb_place_find(two, PLACE + 1) != NULL);
	kdb_wish_drop(2);
	run(two);
	test_end_task(two);
	test_end_task(other);
}

TEST(a_child_gets_rid_of_its_parents)
{
	struct task *parent = with_text(7);
	struct task *child;

	CHECK(kdb_wish_set(0, parent, PLACE, false));
	run(parent);
	child = test_new_task(parent);
	CHECK_EQ(seen(child), KDB_CPU_BREAKPOINT);
	CHECK(kdb_place_find(child, PLACE) != NULL);
	CHECK_EQ(shown(child), 7);
	run(child);
	CHECK_EQ(seen(child), 7);
	CHECK_EQ(seen(parent), KDB_CPU_BREAKPOINT);
	test_end_task(child);
	CHECK(!kdb_wish_is_void(0));
	test_end_task(parent);
	CHECK(kdb_wish_is_void(0));
	kdb_wish_drop(0);
}

TEST(what_is_not_there_yet_comes_with_a_fault)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = AT;

	CHECK(kdb_wish_set(0, task, PLACE, false));
	run(task);
	CHECK(kdb_place_find(task, PLACE) == NULL);
	CHECK_OK(vm_map_allocate(task->map, &va, vm_page_size, false));
	CHECK_EQ(current_thread()->ast & AST_KDB, 0);
	enter(task);
	current_thread()->kernel_only = false;
	leave();
	CHECK_EQ(seen(task), 0);
	CHECK(current_thread()->ast & AST_KDB);
	current_thread()->kernel_only = true;
	run(task);
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	/* Another program has come there. */
	CHECK_OK(vm_map_remove(task->map, AT, AT + vm_page_size));
	CHECK_OK(vm_map_allocate(task->map, &va, vm_page_size, false));
	CHECK_EQ(seen(task), 0);
	kdb_wish_drop(0);
	run(task);
	CHECK_EQ(seen(task), 0);
	CHECK(kdb_place_find(task, PLACE) == NULL);
	test_end_task(task);
}

TEST(what_others_write_to_has_none_and_that_is_said)
{
	struct task *task = test_new_task(NULL);
	struct task *child;
	vm_offset_t va = AT;
	const char *why;

	CHECK_OK(vm_map_allocate(task->map, &va, vm_page_size, false));
	CHECK_OK(vm_map_inherit(task->map, AT, AT + vm_page_size,
	    VM_INHERIT_SHARE));
	CHECK_EQ(seen(task), 0);
	child = test_new_task(task);
	CHECK(kdb_wish_set(0, task, PLACE, false));
	run(task);
	CHECK_EQ(seen(child), 0);
	CHECK_EQ(kdb_wish_count(0, &why), 0);
	CHECK(strstr(why, "others write") != NULL);
	kdb_wish_drop(0);
	test_end_task(child);
	test_end_task(task);
}

TEST(lifted_for_one_instruction)
{
	struct task *task = with_text(7);

	CHECK(kdb_wish_set(0, task, PLACE, false));
	run(task);
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	enter(task);
	CHECK(!kdb_place_lift(PLACE + 1, false));
	CHECK(kdb_place_lift(PLACE, false));
	leave();
	CHECK_EQ(seen(task), 7);
	enter(task);
	kdb_place_back();
	leave();
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	/* While the kernel is at work for it, others leave it so. */
	enter(task);
	CHECK(kdb_place_lift(PLACE, true));
	leave();
	run(task);
	CHECK_EQ(seen(task), 7);
	enter(task);
	kdb_place_back();
	leave();
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	kdb_wish_drop(0);
	run(task);
	test_end_task(task);
}

/* A fault of TASK, which has a thread in user mode; does that look again? */
static bool
looks_after_fault(struct task *task, vm_offset_t va)
{
	bool set;

	ast_thread_clear(current_thread(), AST_KDB);
	enter(task);
	current_thread()->kernel_only = false;
	CHECK_OK(vm_fault(task->map, va, VM_PROT_READ, false));
	current_thread()->kernel_only = true;
	leave();
	set = (current_thread()->ast & AST_KDB) != 0;
	ast_thread_clear(current_thread(), AST_KDB);
	return set;
}

TEST(without_memory_it_is_said_and_tried_again)
{
	struct task *parent = with_text(7);
	struct task *child = test_new_task(parent);
	struct task *other = with_text(8);
	vm_offset_t far = AT + 4 * vm_page_size;
	const char *why;

	CHECK_OK(vm_map_allocate(child->map, &far, vm_page_size, false));
	CHECK_EQ(seen(child), 7);
	CHECK(kdb_wish_set(0, child, PLACE, false));
	CHECK(kdb_wish_set(1, parent, PLACE, true));
	test_memory_take();
	run(child);
	/* Whom it does not concern changes nothing about that. */
	run(other);
	test_memory_give();
	CHECK(kdb_place_find(child, PLACE) == NULL);
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(kdb_wish_count(i, &why), 0);
		CHECK(strstr(why, "no memory") != NULL);
	}
	CHECK(!looks_after_fault(other, AT + vm_page_size));
	CHECK(looks_after_fault(child, far));
	kdb_wish_drop(1);
	run(child);
	CHECK_EQ(kdb_wish_count(0, &why), 1);
	CHECK_EQ(why[0], '\0');
	CHECK_EQ(seen(child), KDB_CPU_BREAKPOINT);
	CHECK_EQ(seen(parent), 7);
	CHECK(!looks_after_fault(child, far));
	test_end_task(other);
	test_end_task(child);
	test_end_task(parent);
	kdb_wish_drop(0);
}

TEST(without_memory_it_stays_in_and_known)
{
	struct task *parent = with_text(7);
	struct task *child;

	CHECK(kdb_wish_set(0, parent, PLACE, false));
	run(parent);
	/* Now its page has to be copied once more. */
	child = test_new_task(parent);
	kdb_wish_drop(0);
	test_memory_take();
	run(parent);
	test_memory_give();
	CHECK_EQ(seen(parent), KDB_CPU_BREAKPOINT);
	CHECK_EQ(shown(parent), 7);
	CHECK(kdb_place_find(parent, PLACE) != NULL);
	run(parent);
	CHECK_EQ(seen(parent), 7);
	CHECK(kdb_place_find(parent, PLACE) == NULL);
	CHECK_EQ(seen(child), KDB_CPU_BREAKPOINT);
	run(child);
	CHECK_EQ(seen(child), 7);
	test_end_task(child);
	test_end_task(parent);
}

TEST(pulled_where_nobody_may_read)
{
	struct task *task = with_text(7);

	CHECK(kdb_wish_set(0, task, PLACE, false));
	run(task);
	CHECK_OK(vm_map_protect(task->map, AT, AT + vm_page_size,
	    VM_PROT_NONE, false));
	kdb_wish_drop(0);
	run(task);
	CHECK(kdb_place_find(task, PLACE) == NULL);
	CHECK_OK(vm_map_protect(task->map, AT, AT + vm_page_size,
	    VM_PROT_READ, false));
	CHECK_EQ(seen(task), 7);
	test_end_task(task);
}

/* How many trap instructions are where wishes are for, in more_than_...()? */
static unsigned
traps_in(struct task *task)
{
	uint8_t bytes[KDB_WISH_MAX];
	unsigned count = 0;

	enter(task);
	CHECK_OK(copyin(AT + 64, bytes, sizeof(bytes)));
	leave();
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		count += bytes[i] == KDB_CPU_BREAKPOINT ? 1 : 0;
	}
	return count;
}

/* All places are taken: that is said, and a child has those for which there are. */
TEST(more_than_there_is_room_for)
{
	struct task *tasks[KDB_PLACE_MAX / KDB_WISH_MAX];
	unsigned count = sizeof(tasks) / sizeof(tasks[0]);
	struct task *last = with_text(7);
	struct task *child;
	const char *why;

	for (unsigned i = 0; i < KDB_WISH_MAX; i++) {
		CHECK(kdb_wish_set(i, last, AT + 64 + i, true));
	}
	for (unsigned i = 0; i < count; i++) {
		tasks[i] = with_text(7);
		run(tasks[i]);
	}
	CHECK_EQ(kdb_wish_count(0, &why), count);
	CHECK_EQ(why[0], '\0');
	run(last);
	CHECK_EQ(kdb_wish_count(0, &why), count);
	CHECK(strstr(why, "too many") != NULL);
	child = test_new_task(tasks[0]);
	CHECK_EQ(traps_in(child), 0);
	CHECK_EQ(traps_in(tasks[0]), KDB_WISH_MAX);
	run(child);
	CHECK_EQ(traps_in(child), 0);
	test_end_task(child);
	/* Room for one. */
	kdb_wish_drop(KDB_WISH_MAX - 1);
	run(tasks[1]);
	child = test_new_task(tasks[0]);
	CHECK_EQ(traps_in(child), 1);
	CHECK_EQ(kdb_wish_count(0, &why), count + 1);
	test_end_task(child);
	CHECK_EQ(kdb_wish_count(0, &why), count);
	/* Without memory, too, there is no child. */
	test_memory_take();
	CHECK_EQ(task_create(tasks[0], true, &child), KERN_RESOURCE_SHORTAGE);
	test_memory_give();
	test_end_task(tasks[1]);
	child = test_new_task(tasks[0]);
	CHECK_EQ(kdb_wish_count(0, &why), count);
	test_end_task(child);
	for (unsigned i = 0; i < count; i++) {
		if (i != 1) {
			test_end_task(tasks[i]);
		}
	}
	test_end_task(last);
	for (unsigned i = 0; i < KDB_WISH_MAX; i++) {
		kdb_wish_drop(i);
	}
	CHECK(kdb_place_next(NULL, NULL) == NULL);
}

/* Who is busy with a task leaves nothing to others that come meanwhile. */
TEST(while_memory_is_copied_nothing_changes)
{
	struct task *task = with_text(7);

	CHECK(kdb_wish_set(0, task, PLACE, false));
	kdb_plant_fork_begin(task);
	run(task);
	CHECK_EQ(seen(task), 7);
	CHECK_OK(kdb_plant_fork_end(task, NULL));
	CHECK_EQ(seen(task), KDB_CPU_BREAKPOINT);
	kdb_wish_drop(0);
	run(task);
	CHECK_EQ(seen(task), 7);
	test_end_task(task);
}
