/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* The pager protocol, with pagers that do as they should and others. */

#include "fake_pager.h"

#include <gnumach_server.h>
#include <mach_server.h>
#include <tests/lib/test.h>

#include <machine/pmap.h>

#include <kernel/mig_types.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/memory_object_proxy.h>
#include <vm/vm_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_shadow.h>

#define SIZE	(8 * vm_page_size)

static struct vm_page *
resident_page(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page;

	vm_object_lock(object);
	page = vm_object_page_lookup(object, offset);
	vm_object_unlock(object);
	return page;
}

/* A task whose memory is wired sees more in windows than there is memory. */
TEST(windows_of_modest_threads_stay_pageable)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct thread *self = current_thread();
	struct task *task = test_new_task(NULL);
	vm_offset_t window;
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(vm_map_wire_all(task->map, false, true));
	self->vm_modest = true;
	CHECK_OK(
	    pager_map(&pager, task, &window, SIZE, false, VM_PROT_DEFAULT));
	self->vm_modest = false;
	CHECK_EQ(pager.requests, 0);
	CHECK_OK(user_read(task, window + vm_page_size, &value));
	CHECK_EQ(value, 0x1001);
	CHECK_EQ(pager.requests, 1);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_EQ(pager.requests, 8);
	CHECK_EQ(resident_page(pager.object, vm_page_size)->wire_count, 1);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
}

TEST(pager_supplies_and_gets_back)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	for (unsigned i = 0; i < 8; i++) {
		CHECK_OK(user_read(task, va + i * vm_page_size, &value));
		CHECK_EQ(value, 0x1000 + i);
		CHECK_OK(user_read(task, va + i * vm_page_size + 4, &value));
		CHECK_EQ(value, i * vm_page_size);
	}
	CHECK_EQ(pager.requests, 8);
	CHECK_OK(user_write(task, va + 3 * vm_page_size, 77));
	CHECK_OK(user_write(task, va + 4 * vm_page_size, 78));
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	CHECK_EQ(pager.inits, 1);
	CHECK_EQ(pager.returns, 2);
	CHECK_EQ(pager.word[3], 77);
	CHECK_EQ(pager.word[4], 78);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

/* What a pager gives away becomes the object's, without a copy. */
TEST(pager_supplies_its_own_pages)
{
	struct pager pager = { .mood = PAGER_SILENT };
	struct task *task = test_new_task(NULL);
	struct vm_map_entry *entry;
	struct vm_copy *copy;
	struct vm_page *page;
	vm_offset_t from = 0;
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	TEST_WAIT_UNTIL(pager.object != NULL);
	CHECK_OK(vm_map_allocate(task->map, &from, vm_page_size, true));
	CHECK_OK(user_write(task, from, 55));
	entry = vm_map_lookup(task->map, from);
	page = resident_page(entry->object, entry->offset);
	CHECK(page != NULL);
	CHECK_OK(vm_copy_in(task->map, from, vm_page_size, true, &copy));
	CHECK_OK(S_memory_object_data_supply(pager.object, vm_page_size,
	    (vm_offset_t)copy, vm_page_size, VM_PROT_NONE, FALSE, IP_NULL, 0));
	CHECK(resident_page(pager.object, vm_page_size) == page);
	CHECK_OK(user_read(task, va + vm_page_size, &value));
	CHECK_EQ(value, 55);
	CHECK(!page->dirty);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	CHECK_EQ(pager.returns, 0);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

TEST(pager_same_port_same_pages)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *a = test_new_task(NULL);
	struct task *b = test_new_task(NULL);
	vm_offset_t va;
	vm_offset_t vb;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, a, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(pager_map(&pager, b, &vb, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_write(a, va, 5));
	CHECK_OK(user_read(b, vb, &value));
	CHECK_EQ(value, 5);
	CHECK_OK(user_write(b, vb, 6));
	CHECK_OK(user_read(a, va, &value));
	CHECK_EQ(value, 6);
	CHECK_EQ(pager.inits, 1);
	CHECK_EQ(pager.requests, 1);
	test_end_task(a);
	CHECK_EQ(pager.terminates, 0);
	test_end_task(b);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
}

/* Private mappings keep what they saw; the pager never sees their changes. */
static void
copies_are_private(memory_object_copy_strategy_t strategy)
{
	struct pager pager = { .strategy = strategy };
	struct task *file = test_new_task(NULL);
	struct task *user = test_new_task(NULL);
	struct task *child;
	vm_offset_t va;
	vm_offset_t vb;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, file, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_write(file, va, 1));
	CHECK_OK(pager_map(&pager, user, &vb, SIZE, true, VM_PROT_DEFAULT));
	CHECK_OK(user_read(user, vb, &value));
	CHECK_EQ(value, 1);
	CHECK_OK(user_write(file, va, 2));
	CHECK_OK(user_write(file, va + vm_page_size, 3));
	CHECK_OK(user_read(user, vb, &value));
	CHECK_EQ(value, 1);
	CHECK_OK(user_read(user, vb + vm_page_size, &value));
	CHECK_EQ(value, 0x1001);
	CHECK_OK(user_write(user, vb + 2 * vm_page_size, 9));
	CHECK_OK(user_read(file, va + 2 * vm_page_size, &value));
	CHECK_EQ(value, 0x1002);
	child = test_new_task(user);
	CHECK_OK(user_write(user, vb, 10));
	CHECK_OK(user_read(child, vb, &value));
	CHECK_EQ(value, 1);
	test_end_task(user);
	CHECK_OK(user_read(child, vb + 2 * vm_page_size, &value));
	CHECK_EQ(value, 9);
	CHECK_OK(user_read(child, vb + 5 * vm_page_size, &value));
	CHECK_EQ(value, 0x1005);
	test_end_task(child);
	test_end_task(file);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	CHECK_EQ(pager.copy_count, strategy == MEMORY_OBJECT_COPY_CALL);
	CHECK_EQ(pager.copies[0].terminates, pager.copy_count);
	CHECK_EQ(pager.returns, 2);
	CHECK_EQ(pager.word[2], 0x1002);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

TEST(pager_copy_delay)
{
	copies_are_private(MEMORY_OBJECT_COPY_DELAY);
}

TEST(pager_copy_none)
{
	copies_are_private(MEMORY_OBJECT_COPY_NONE);
}

TEST(pager_copy_call)
{
	copies_are_private(MEMORY_OBJECT_COPY_CALL);
}

/* How many objects are below what TASK has mapped at VA. */
static unsigned
depth_at(struct task *task, vm_offset_t va)
{
	struct vm_map_entry *entry;
	unsigned depth;

	mutex_lock(&task->map->lock);
	entry = vm_map_lookup(task->map, va);
	depth = vm_shadow_depth(entry->object);
	mutex_unlock(&task->map->lock);
	return depth;
}

/* A program that runs from a file: its text, and data that it changes. */
struct program {
	struct task *task;
	vm_offset_t text;
	vm_offset_t data;
	uint32_t mark;
};

static void
program_start(struct program *program, struct pager *pager, uint32_t mark)
{
	uint32_t value;

	program->task = test_new_task(NULL);
	program->mark = mark;
	CHECK_OK(pager_map(pager, program->task, &program->text, SIZE, true,
	    VM_PROT_READ | VM_PROT_EXECUTE));
	CHECK_OK(pager_map(pager, program->task, &program->data, SIZE / 2,
	    true, VM_PROT_DEFAULT));
	CHECK_OK(user_read(program->task, program->text + 4096, &value));
	CHECK_OK(user_write(program->task, program->data, mark));
}

static void
program_check(struct program *program, uint32_t text)
{
	uint32_t value;

	CHECK(depth_at(program->task, program->text) <= 2);
	CHECK(depth_at(program->task, program->data) <= 3);
	CHECK_OK(user_read(program->task, program->text, &value));
	CHECK_EQ(value, text);
	CHECK_OK(user_read(program->task, program->data, &value));
	CHECK_EQ(value, program->mark);
}

/*
 * A file that a hundred programs are made from, eight at a time: none looks
 * through what was made for others, older or newer.
 */
TEST(hundred_programs_of_a_file)
{
	enum { ALIVE = 8 };
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct program programs[ALIVE] = { { .task = NULL } };
	struct program late;
	struct task *file = test_new_task(NULL);
	vm_offset_t va;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, file, &va, SIZE, false, VM_PROT_DEFAULT));
	for (unsigned n = 0; n < 100; n++) {
		/* Not in the order in which they came. */
		struct program *program = &programs[n * 5 % ALIVE];

		if (program->task != NULL) {
			test_end_task(program->task);
		}
		program_start(program, &pager, 5000 + n);
		for (unsigned i = 0; i < ALIVE && i <= n; i++) {
			program_check(&programs[i * 5 % ALIVE], 0x1000);
		}
		/* The file's, a copy or two, and what each has written to. */
		CHECK(vm_object_count() <= 3 + ALIVE);
	}
	/* It changes: who is there keeps it as it was, but not who comes. */
	CHECK_OK(user_write(file, va, 77));
	program_start(&late, &pager, 6000);
	program_check(&late, 77);
	for (unsigned i = 0; i < ALIVE; i++) {
		program_check(&programs[i], 0x1000);
		test_end_task(programs[i].task);
	}
	program_check(&late, 77);
	test_end_task(late.task);
	test_end_task(file);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

/*
 * A copy that somebody writes to is not the next one's: nor when the writer
 * was its only user, and so writes to it itself.
 */
TEST(copy_that_was_written_to)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *file = test_new_task(NULL);
	struct task *first = test_new_task(NULL);
	struct task *second = test_new_task(NULL);
	struct vm_map_entry *entry;
	vm_offset_t va;
	vm_offset_t vb;
	vm_offset_t vc;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, file, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(pager_map(&pager, first, &vb, SIZE, true, VM_PROT_DEFAULT));
	/* It is about to write, and has none of its own yet. */
	mutex_lock(&first->map->lock);
	entry = vm_map_lookup(first->map, vb);
	CHECK(vm_map_entry_need_shadow(entry));
	mutex_unlock(&first->map->lock);
	CHECK_OK(pager_map(&pager, second, &vc, SIZE, true, VM_PROT_DEFAULT));
	CHECK_OK(user_write(first, vb, 9));
	CHECK_OK(user_read(second, vc, &value));
	CHECK_EQ(value, 0x1000);
	CHECK_OK(user_write(second, vc, 8));
	CHECK_OK(user_read(first, vb, &value));
	CHECK_EQ(value, 9);
	test_end_task(first);
	test_end_task(second);
	test_end_task(file);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
}

/* A copy of less is no copy of more: what changes there was not noted. */
TEST(copy_of_more)
{
	const vm_offset_t behind = 3 * SIZE / 4;
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *file = test_new_task(NULL);
	struct task *user = test_new_task(NULL);
	vm_offset_t va;
	vm_offset_t half;
	vm_offset_t whole;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, file, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(pager_map(&pager, user, &half, SIZE / 2, true,
	    VM_PROT_DEFAULT));
	CHECK_OK(user_write(file, va + behind, 98));
	CHECK_OK(pager_map(&pager, user, &whole, SIZE, true,
	    VM_PROT_DEFAULT));
	CHECK_OK(user_write(file, va + behind, 99));
	CHECK_OK(user_read(user, whole + behind, &value));
	CHECK_EQ(value, 98);
	test_end_task(user);
	test_end_task(file);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
}

TEST(pager_error_is_the_clients)
{
	struct pager pager = { .mood = PAGER_ERROR };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_EQ(user_read(task, va, &value), KERN_MEMORY_ERROR);
	pager.mood = PAGER_GOOD;
	CHECK_OK(user_read(task, va, &value));
	test_end_task(task);
	pager_stop(&pager);
}

TEST(pager_unavailable_is_zero)
{
	struct pager pager = { .mood = PAGER_UNAVAILABLE };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value = 1;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(value, 0);
	test_end_task(task);
	pager_stop(&pager);
}

TEST(pager_lies_help_nobody)
{
	struct pager pager = { .mood = PAGER_LYING };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_read(task, va, &value));
	/* It said first that the page has nothing. */
	CHECK_EQ(value, 0);
	/* Here its error may have come first. */
	(void)user_read(task, va + vm_page_size, &value);
	vm_object_check(pager.object);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

struct victim {
	struct task *task;
	vm_offset_t va;
	kern_return_t kr;
	bool done;
};

static void
victim_thread(void *arg)
{
	struct victim *victim = arg;
	uint32_t value;

	victim->kr = user_read(victim->task, victim->va, &value);
	victim->done = true;
}

TEST(pager_dies_while_clients_wait)
{
	struct pager pager = { .mood = PAGER_SILENT };
	struct victim victims[3];
	struct task *task = test_new_task(NULL);
	vm_offset_t va;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	for (unsigned i = 0; i < 3; i++) {
		victims[i] = (struct victim){
			.task = task, .va = va + i / 2 * vm_page_size,
		};
		test_spawn(victim_thread, &victims[i]);
	}
	TEST_WAIT_UNTIL(pager.requests == 2);
	CHECK(!victims[0].done && !victims[1].done);
	pager_stop(&pager);
	for (unsigned i = 0; i < 3; i++) {
		TEST_WAIT_UNTIL(victims[i].done);
		CHECK_EQ(victims[i].kr, KERN_MEMORY_ERROR);
	}
	CHECK_EQ(user_write(task, va + 4 * vm_page_size, 1), KERN_MEMORY_ERROR);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

/* What a dead pager was to be sent stays where it is. */
TEST(pager_dies_before_it_gets_data)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	struct vm_object *object;
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	for (unsigned i = 0; i < 8; i++) {
		CHECK_OK(user_write(task, va + i * vm_page_size, 50 + i));
	}
	object = pager.object;
	pager_stop(&pager);
	memory_object_lock(object, 0, SIZE, MEMORY_OBJECT_RETURN_ALL, true,
	    VM_PROT_NO_CHANGE);
	vm_object_check(object);
	memory_object_lock(object, 0, SIZE, MEMORY_OBJECT_RETURN_DIRTY, false,
	    VM_PROT_NO_CHANGE);
	CHECK_EQ(memory_object_sync(object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_ALL, true), KERN_MEMORY_ERROR);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_OK(user_read(task, va + i * vm_page_size, &value));
		CHECK_EQ(value, 50 + i);
	}
	CHECK_EQ(pager.returns, 0);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

TEST(pager_destroys_object)
{
	struct pager pager = { .mood = PAGER_GOOD };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_read(task, va, &value));
	pager.mood = PAGER_DESTROYS;
	CHECK_EQ(user_read(task, va + vm_page_size, &value), KERN_MEMORY_ERROR);
	/* What is here stays here. */
	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(value, 0x1000);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	test_end_task(task);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

TEST(pager_never_ready)
{
	struct pager pager = { .not_ready = true };
	struct victim victim;
	struct task *task = test_new_task(NULL);
	vm_offset_t va;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	victim = (struct victim){ .task = task, .va = va };
	test_spawn(victim_thread, &victim);
	test_sleep(300);
	CHECK(!victim.done);
	CHECK_EQ(pager.requests, 0);
	memory_object_set_attributes(pager.object, true, false,
	    MEMORY_OBJECT_COPY_DELAY);
	TEST_WAIT_UNTIL(victim.done);
	CHECK_OK(victim.kr);
	test_end_task(task);
	pager_stop(&pager);
}

static void
copier_thread(void *arg)
{
	struct victim *victim = arg;
	struct vm_copy *copy;

	victim->kr = vm_copy_in(victim->task->map, victim->va, SIZE, false,
	    &copy);
	if (victim->kr == KERN_SUCCESS) {
		vm_copy_discard(copy);
	}
	victim->done = true;
}

static uint64_t
switches_during(unsigned ticks)
{
	uint64_t before = processor_get(0)->switches;

	test_sleep(ticks);
	return processor_get(0)->switches - before;
}

/* Several who wait for a pager do not keep each other awake. */
TEST(copiers_of_a_pager_never_ready)
{
	enum { COPIERS = 8 };
	struct pager pager = { .not_ready = true };
	struct victim victims[COPIERS];
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint64_t quiet;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	quiet = switches_during(500);
	for (unsigned i = 0; i < COPIERS; i++) {
		victims[i] = (struct victim){ .task = task, .va = va };
		test_spawn(copier_thread, &victims[i]);
	}
	test_sleep(50);
	/* Each has a look at it now and then. */
	CHECK(switches_during(500) < 2 * quiet);
	CHECK(!victims[0].done);
	memory_object_set_attributes(pager.object, true, false,
	    MEMORY_OBJECT_COPY_DELAY);
	for (unsigned i = 0; i < COPIERS; i++) {
		TEST_WAIT_UNTIL(victims[i].done);
		CHECK_OK(victims[i].kr);
	}
	test_end_task(task);
	pager_stop(&pager);
}

TEST(pager_locks_and_unlocks)
{
	struct pager pager = { .lock = VM_PROT_WRITE };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(pager.unlocks, 0);
	CHECK_OK(user_write(task, va, 5));
	CHECK_EQ(pager.unlocks, 1);
	CHECK_OK(user_write(task, va, 6));
	CHECK_EQ(pager.unlocks, 1);

	/* Locked again, the next writer asks again; data stay. */
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_NONE, FALSE, VM_PROT_WRITE, IP_NULL, 0));
	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(value, 6);
	CHECK_EQ(pager.unlocks, 1);
	CHECK_OK(user_write(task, va, 7));
	CHECK_EQ(pager.unlocks, 2);
	test_end_task(task);
	pager_stop(&pager);
}

TEST(pager_cleans_and_flushes)
{
	struct pager pager = { .precious = true };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	for (unsigned i = 0; i < 4; i++) {
		CHECK_OK(user_read(task, va + i * vm_page_size, &value));
	}
	CHECK_OK(user_write(task, va + vm_page_size, 21));

	/* Only what is dirty, and it stays. */
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_DIRTY, FALSE, VM_PROT_NO_CHANGE, IP_NULL,
	    0));
	TEST_WAIT_UNTIL(pager.returns == 1);
	CHECK_EQ(pager.word[1], 21);
	CHECK_EQ(pager.clean_returns, 0);
	CHECK_OK(user_read(task, va + vm_page_size, &value));
	CHECK_EQ(value, 21);
	CHECK_EQ(pager.requests, 4);

	/* A second time there is nothing new, until somebody writes. */
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_DIRTY, FALSE, VM_PROT_NO_CHANGE, IP_NULL,
	    0));
	CHECK_OK(user_write(task, va + vm_page_size, 22));
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_DIRTY, FALSE, VM_PROT_NO_CHANGE, IP_NULL,
	    0));
	TEST_WAIT_UNTIL(pager.returns == 2);
	CHECK_EQ(pager.word[1], 22);

	/* All of it, precious pages too, and out. */
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_ALL, TRUE, VM_PROT_NO_CHANGE, IP_NULL, 0));
	TEST_WAIT_UNTIL(pager.returns == 6);
	CHECK_OK(user_read(task, va + vm_page_size, &value));
	CHECK_EQ(value, 22);
	CHECK_EQ(pager.requests, 5);

	/* Thrown away without being returned. */
	CHECK_OK(user_write(task, va + vm_page_size, 23));
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_NONE, TRUE, VM_PROT_NO_CHANGE, IP_NULL, 0));
	CHECK_OK(user_read(task, va + vm_page_size, &value));
	CHECK_EQ(value, 22);
	test_end_task(task);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

static bool wrote;

static void
write_now(phys_addr_t pa)
{
	wrote = wrote || pretend_write(pa, 3);
}

/* A processor that may write does so just when its page seems to be clean. */
TEST(flushing_loses_no_write)
{
	struct pager pager = { .precious = false };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(vm_fault(task->map, va, VM_PROT_WRITE, false));
	pretend_looked = write_now;
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_DIRTY, TRUE, VM_PROT_NO_CHANGE, IP_NULL, 0));
	pretend_looked = NULL;
	if (!wrote) {
		CHECK_OK(user_write(task, va, 3));
	}
	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(value, 3);
	test_end_task(task);
	pager_stop(&pager);
}

static bool cleaned;

static void
clean_now(phys_addr_t pa)
{
	if (!cleaned) {
		cleaned = true;
		pmap_clear_modified(pa);
	}
}

/* Others clean a page just when it was to be sent: the next one is none the less
 * sent as what it is. */
TEST(pages_are_returned_where_they_are)
{
	struct pager pager = { .precious = false };
	struct task *task = test_new_task(NULL);
	uint32_t before;
	vm_offset_t va;

	pager_start(&pager);
	before = pager.word[1];
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_write(task, va + vm_page_size, 31));
	CHECK_OK(user_write(task, va + 3 * vm_page_size, 33));
	pretend_looked = clean_now;
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, SIZE,
	    MEMORY_OBJECT_RETURN_DIRTY, FALSE, VM_PROT_NO_CHANGE, IP_NULL, 0));
	pretend_looked = NULL;
	CHECK(cleaned);
	TEST_WAIT_UNTIL(pager.returns == 1);
	CHECK_EQ(pager.word[1], before);
	CHECK_EQ(pager.word[3], 33);
	test_end_task(task);
	pager_stop(&pager);
}

/* A range that reaches to the end of an object, or beyond it. */
TEST(pager_gets_all)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, SIZE, false, VM_PROT_DEFAULT));
	CHECK_OK(user_write(task, va + vm_page_size, 5));
	CHECK_OK(S_vm_object_sync(pager.object, 0, 0xffffffff, FALSE, TRUE,
	    FALSE));
	TEST_WAIT_UNTIL(pager.returns == 1);
	CHECK_OK(user_write(task, va + vm_page_size, 6));
	CHECK_OK(S_vm_object_sync(pager.object, 4097, 0xfffffff0, FALSE, TRUE,
	    FALSE));
	TEST_WAIT_UNTIL(pager.returns == 2);
	test_end_task(task);
	pager_stop(&pager);
}

TEST(pager_object_is_cached)
{
	struct pager pager = {
		.may_cache = true, .strategy = MEMORY_OBJECT_COPY_DELAY,
	};
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_OK(pager_map(&pager, task, &va, SIZE, false,
		    VM_PROT_DEFAULT));
		CHECK_OK(user_read(task, va, &value));
		CHECK_EQ(value, i == 0 ? 0x1000 : 40 + i);
		CHECK_OK(user_write(task, va, 41 + i));
		CHECK_OK(vm_map_remove(task->map, va, va + SIZE));
		test_sleep(2);
		CHECK_EQ(memory_object_cached_count(), 1);
	}
	CHECK_EQ(pager.requests, 1);
	CHECK_EQ(pager.inits, 1);
	CHECK_EQ(pager.terminates, 0);
	CHECK_EQ(memory_object_cache_trim(0), 1);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	CHECK_EQ(pager.word[0], 43);
	test_end_task(task);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

TEST(proxy_limits)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	struct ipc_port *right;
	struct ipc_port *proxy;
	vm_offset_t va = 0;
	uint32_t value;

	pager_start(&pager);
	right = ipc_port_copy_send(pager.right);
	CHECK_OK(memory_object_proxy_create(right, 2 * vm_page_size,
	    3 * vm_page_size, VM_PROT_READ, &proxy));
	CHECK_EQ(S_vm_map(task->map, &va, 4 * vm_page_size, 0, TRUE, proxy, 0,
	    FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_COPY),
	    KERN_INVALID_ARGUMENT);
	CHECK_EQ(S_vm_map(task->map, &va, vm_page_size, 0, TRUE, proxy, 0,
	    FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_PROTECTION_FAILURE);
	CHECK_OK(S_vm_map(task->map, &va, 2 * vm_page_size, 0, TRUE, proxy,
	    vm_page_size, FALSE, VM_PROT_READ, VM_PROT_ALL, VM_INHERIT_COPY));
	CHECK_OK(user_read(task, va, &value));
	CHECK_EQ(value, 0x1003);
	CHECK_EQ(vm_map_protect(task->map, va, va + vm_page_size,
	    VM_PROT_DEFAULT, false), KERN_PROTECTION_FAILURE);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == pager.inits);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}
