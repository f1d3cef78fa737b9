/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Pages of one map alone, as a debugger wants them.
 */

#include <tests/lib/test.h>

#include <machine/pmap.h>

#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

#include "fake_pager.h"

#define WORD	0x1000u	/* of the first page */
#define OTHER	0x1001u	/* of the next */

static struct pager pager;

static struct task *
task_with(bool copy, vm_prot_t prot, vm_offset_t *addrp)
{
	struct task *task = test_new_task(NULL);

	*addrp = 0x400000;
	CHECK_OK(pager_map(&pager, task, addrp, 2 * vm_page_size, copy, prot));
	return task;
}

static void
reads(struct task *task, vm_offset_t va, uint32_t wanted)
{
	uint32_t value = 0;

	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(value, wanted);
}

/* Write VALUE where the protection may forbid it. */
static kern_return_t
patch(struct task *task, vm_offset_t va, uint32_t value)
{
	struct vm_fault_hold hold;
	kern_return_t kr = vm_fault_private_page(task->map, va, &hold);

	if (kr == KERN_SUCCESS) {
		pmap_copy_in(vm_page_to_phys(hold.page), va & vm_page_mask,
		    &value, sizeof(value));
		vm_fault_page_done(&hold, true);
	}
	return kr;
}

static void
begin(void)
{
	pager = (struct pager){ .may_cache = true,
		.strategy = MEMORY_OBJECT_COPY_DELAY };
	pager_start(&pager);
}

/* Of two tasks that map the same, one is changed, and what is its stays. */
static void
one_of_two(bool copy)
{
	vm_offset_t at;
	vm_offset_t there;
	struct task *one;
	struct task *two;

	begin();
	one = task_with(copy, VM_PROT_READ | VM_PROT_EXECUTE, &at);
	two = task_with(copy, VM_PROT_READ | VM_PROT_EXECUTE, &there);
	reads(one, at, WORD);
	reads(two, there, WORD);
	CHECK_OK(patch(one, at, 9));
	reads(one, at, 9);
	reads(two, there, WORD);
	reads(one, at + vm_page_size, OTHER);
	CHECK_EQ(user_write(one, at, 1), KERN_PROTECTION_FAILURE);
	CHECK_OK(patch(one, at, WORD));
	reads(one, at, WORD);
	vm_map_check(one->map);
	CHECK_EQ(pager.returns, 0);
	test_end_task(one);
	reads(two, there, WORD);
	test_end_task(two);
	pager_stop(&pager);
}

TEST(text_that_tasks_have_copies_of)
{
	one_of_two(true);
}

TEST(text_that_tasks_share)
{
	one_of_two(false);
}

TEST(a_child_has_what_its_parent_had)
{
	vm_offset_t at;
	struct task *parent;
	struct task *child;

	begin();
	parent = task_with(true, VM_PROT_READ | VM_PROT_EXECUTE, &at);
	reads(parent, at, WORD);
	CHECK_OK(patch(parent, at, 9));
	child = test_new_task(parent);
	reads(child, at, 9);
	CHECK_OK(patch(child, at, 10));
	reads(parent, at, 9);
	CHECK_OK(patch(parent, at, 11));
	reads(child, at, 10);
	reads(parent, at, 11);
	test_end_task(parent);
	test_end_task(child);
	pager_stop(&pager);
}

TEST(what_others_write_to_is_refused)
{
	vm_offset_t at;
	struct task *task;

	begin();
	task = task_with(false, VM_PROT_READ | VM_PROT_WRITE, &at);
	reads(task, at, WORD);
	CHECK_EQ(patch(task, at, 9), KERN_PROTECTION_FAILURE);
	CHECK_EQ(patch(task, at - vm_page_size, 9), KERN_INVALID_ADDRESS);
	reads(task, at, WORD);
	test_end_task(task);
	pager_stop(&pager);
}

/* Nobody is asked, and nothing waited for. */
TEST(what_is_not_in_memory_stays_so)
{
	vm_offset_t at;
	struct task *task;

	begin();
	task = task_with(true, VM_PROT_READ | VM_PROT_EXECUTE, &at);
	reads(task, at, WORD);
	pager.mood = PAGER_SILENT;
	CHECK_EQ(patch(task, at + vm_page_size, 9), KERN_MEMORY_FAILURE);
	CHECK_EQ(pager.requests, 1);
	pager.mood = PAGER_GOOD;
	reads(task, at + vm_page_size, OTHER);
	CHECK_OK(patch(task, at + vm_page_size, 9));
	reads(task, at + vm_page_size, 9);
	test_end_task(task);
	pager_stop(&pager);
}

/* Not even its own threads may read there just now. */
TEST(what_nobody_may_touch_is_private_too)
{
	vm_offset_t at;
	struct task *task;

	begin();
	task = task_with(true, VM_PROT_READ | VM_PROT_EXECUTE, &at);
	reads(task, at, WORD);
	CHECK_OK(vm_map_protect(task->map, at, at + vm_page_size, VM_PROT_NONE,
	    false));
	CHECK_OK(patch(task, at, 9));
	CHECK_OK(vm_map_protect(task->map, at, at + vm_page_size, VM_PROT_READ,
	    false));
	reads(task, at, 9);
	test_end_task(task);
	pager_stop(&pager);
}

TEST(without_memory_nothing_is_waited_for)
{
	vm_offset_t at;
	struct task *task;

	begin();
	task = task_with(true, VM_PROT_READ | VM_PROT_EXECUTE, &at);
	reads(task, at, WORD);
	/* What is left is for whoever serves memory. */
	test_memory_take();
	current_thread()->vm_privilege = true;
	CHECK_EQ(patch(task, at, 9), KERN_RESOURCE_SHORTAGE);
	current_thread()->vm_privilege = false;
	test_memory_give();
	vm_map_check(task->map);
	reads(task, at, WORD);
	CHECK_OK(patch(task, at, 9));
	reads(task, at, 9);
	test_end_task(task);
	pager_stop(&pager);
}
