/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* More memory in use than there is. */

#include "fake_pager.h"

#include <mach_host_server.h>
#include <mach_server.h>
#include <tests/lib/test.h>

#include <machine/pmap.h>

#include <kernel/host.h>
#include <kernel/kmem.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/memory_object_i.h>
#include <vm/vm_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_flow.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageout.h>
#include <vm/vm_phys.h>
#include <vm/vm_shadow.h>

TEST_MACHINE(.cpus = 1, .memory_mib = 8, .switch_chance = 0,
    .tick_steps = 4000);

#define HOARD_BLOCK	8192u

/* Without a default pager, whoever wants too much is told. */
TEST(exhaustion_ends_with_an_error)
{
	unsigned long before = vm_phys_free_count() >> vm_page_order;
	struct task *task = test_new_task(NULL);
	vm_size_t size = 16u << 20;
	vm_offset_t va = 0;
	kern_return_t kr = KERN_SUCCESS;
	unsigned pages = 0;

	CHECK_OK(vm_map_allocate(task->map, &va, size, true));
	for (vm_offset_t at = 0; at < size && kr == KERN_SUCCESS;
	    at += vm_page_size) {
		kr = user_write(task, va + at, (uint32_t)at);
		pages += kr == KERN_SUCCESS;
	}
	CHECK_EQ(kr, KERN_RESOURCE_SHORTAGE);
	CHECK(pages > before * 3 / 4);
	test_end_task(task);
	test_sleep(300);
	CHECK((vm_phys_free_count() >> vm_page_order) + 64 > before);

	/* And life goes on. */
	task = test_new_task(NULL);
	CHECK_OK(vm_map_allocate(task->map, &va, vm_page_size, true));
	CHECK_OK(user_write(task, va, 1));
	test_end_task(task);
}

/* What a user's calls made the kernel allocate, in a chain. */
struct hoard {
	void *first;
	unsigned blocks;
	bool done;
};

static kern_return_t
hoard_all(struct hoard *hoard)
{
	void **block;

	while ((block = kmem_alloc(HOARD_BLOCK)) != NULL) {
		*block = hoard->first;
		hoard->first = block;
		hoard->blocks++;
	}
	return KERN_SUCCESS;
}

static void
hoard_free(struct hoard *hoard)
{
	while (hoard->first != NULL) {
		void **block = hoard->first;

		hoard->first = *block;
		kmem_free(block, HOARD_BLOCK);
	}
}

static void
hoard_main(void *arg)
{
	struct hoard *hoard = arg;

	CHECK_OK(TEST_TRAP(hoard_all(hoard)));
	hoard->done = true;
}

struct grabs {
	unsigned long	left_modest;	/* free when there was none to be had */
	unsigned long	left;
	bool		done;
};

/* Room for all pages there are. */
static struct vm_page *grabbed[8u << 20 >> PAGE_HW_SHIFT];

/* How many pages stay free when the current thread takes all it can get. */
static unsigned long
grab_all(void)
{
	unsigned count = 0;
	unsigned long left;

	while ((grabbed[count] = vm_page_grab()) != NULL) {
		count++;
	}
	left = vm_phys_free_direct_count();
	while (count > 0) {
		vm_page_release(grabbed[--count]);
	}
	return left;
}

static kern_return_t
grab_both(struct grabs *grabs)
{
	struct thread *self = current_thread();

	self->vm_modest = true;
	grabs->left_modest = grab_all();
	self->vm_modest = false;
	grabs->left = grab_all();
	return KERN_SUCCESS;
}

static void
grabs_main(void *arg)
{
	struct grabs *grabs = arg;

	CHECK_OK(TEST_TRAP(grab_both(grabs)));
	grabs->done = true;
}

static kern_return_t
grab_privileged(struct grabs *grabs)
{
	current_thread()->vm_privilege = true;
	grabs->left = grab_all();
	return KERN_SUCCESS;
}

static void
grabs_privileged_main(void *arg)
{
	struct grabs *grabs = arg;

	CHECK_OK(TEST_TRAP(grab_privileged(grabs)));
	grabs->done = true;
}

/* How many pages stay free when a thread like a pager's takes all it can get. */
static unsigned long
grab_all_privileged(void)
{
	struct grabs grabs = { 0 };
	struct thread *thread;
	struct task *task;

	task = test_task_create(grabs_privileged_main, &grabs, &thread);
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(grabs.done);
	thread_unref(thread);
	test_end_task(task);
	return grabs.left;
}

/* Tasks that pages go through use the reserve, but for threads that do not. */
TEST(reserve_is_for_wired_tasks)
{
	struct grabs grabs = { 0 };
	struct thread *thread;
	struct task *task;

	task = test_task_create(grabs_main, &grabs, &thread);
	CHECK_OK(vm_map_wire_all(task->map, false, true));
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(grabs.done);
	CHECK(grabs.left_modest >= vm_page_free_reserved);
	CHECK(grabs.left_modest <
	    vm_page_free_reserved + (1u << vm_page_order));
	CHECK(grabs.left < vm_page_free_reserved / 2);
	thread_unref(thread);
	test_end_task(task);
}

struct reading {
	struct task	*task;
	vm_offset_t	va;
	bool		done;
};

static void
reading_main(void *arg)
{
	struct reading *reading = arg;
	uint32_t value = 0;

	CHECK_OK(TEST_TRAP(user_read(reading->task, reading->va, &value)));
	CHECK_EQ(value, 0x1000);
	reading->done = true;
}

/*
 * Take all pages that there are for modest threads, and what the daemon finds for
 * them in the kernel's caches: how many.
 */
static unsigned
grab_all_modest(void)
{
	struct thread *self = current_thread();
	unsigned count = 0;
	unsigned before;

	self->vm_modest = true;
	do {
		before = count;
		while ((grabbed[count] = vm_page_grab()) != NULL) {
			count++;
		}
		test_sleep(20);
	} while (count > before);
	self->vm_modest = false;
	return count;
}

/* What a pager outside has is read when there is memory, whoever reads it. */
TEST(reserve_is_not_for_pages_of_others)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct reading reading = { 0 };
	struct thread *thread;
	unsigned count;

	pager_start(&pager);
	reading.task = test_task_create(reading_main, &reading, &thread);
	CHECK_OK(pager_map(&pager, reading.task, &reading.va, vm_page_size,
	    false, VM_PROT_READ));
	CHECK_OK(vm_map_wire_all(reading.task->map, false, true));
	count = grab_all_modest();
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(vm_page_has_waiters() || reading.done);
	CHECK_EQ(pager.requests, 0);
	while (count > 0) {
		vm_page_release(grabbed[--count]);
	}
	TEST_WAIT_UNTIL(reading.done);
	CHECK_EQ(pager.requests, 1);
	thread_unref(thread);
	test_end_task(reading.task);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	pager_stop(&pager);
}

/* A copy with a page that the daemon has sent to a pager outside. */
static struct vm_copy *
outgoing_copy(void)
{
	struct vm_object *object = vm_object_create(vm_page_size);

	CHECK(object != NULL);
	vm_flow_send(object);
	return vm_copy_from_object(object, vm_page_size);
}

/*
 * Who has received pages that are on their way out may take some of the reserve
 * for that, not for long, and not for the memory of pagers outside.
 */
TEST(reserve_is_for_those_who_take_pages)
{
	struct grabs grabs = { 0 };
	struct thread *thread;
	struct task *task;
	vm_offset_t va;

	task = test_task_create(grabs_main, &grabs, &thread);
	CHECK_OK(vm_copy_out(task->map, &va, outgoing_copy()));
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(grabs.done);
	CHECK(grabs.left_modest - vm_page_free_reserved <
	    1ul << vm_page_order);
	CHECK(grabs.left - (vm_page_free_reserved - vm_page_free_reserved / 4)
	    < 1ul << vm_page_order);
	CHECK(grabs.left < grabs.left_modest);
	CHECK(vm_flow_serves(task->map));
	test_sleep(VM_FLOW_PATIENCE);
	CHECK(!vm_flow_serves(task->map));
	thread_unref(thread);
	test_end_task(task);
}

/* A full message with pages for the default pager. */
static struct vm_copy *
laundry_copy(void)
{
	struct memory_object_batch batch = { .laundry = true };
	struct vm_page *page;

	for (unsigned i = 0; i < MEMORY_OBJECT_CLUSTER; i++) {
		CHECK(memory_object_batch_reserve(&batch,
		    i << vm_page_shift, true));
		page = vm_page_grab();
		CHECK(page != NULL);
		memory_object_batch_add(&batch, page);
	}
	vm_object_lock(batch.carrier);
	batch.carrier->returning = 0;
	vm_object_unlock(batch.carrier);
	return vm_copy_from_object(batch.carrier, batch.size);
}

/* What a pager has received goes as a whole, whatever it has allocated behind. */
TEST(memory_behind_what_was_received_does_not_keep_it)
{
	struct task *task = test_new_task(NULL);
	struct vm_copy *copy = laundry_copy();
	vm_size_t size = MEMORY_OBJECT_CLUSTER << vm_page_shift;
	vm_offset_t va;
	vm_offset_t behind;

	CHECK(copy != NULL);
	CHECK_OK(vm_copy_out(task->map, &va, copy));
	behind = va + size;
	CHECK_OK(vm_map_allocate(task->map, &behind, vm_page_size, false));
	CHECK_OK(user_write(task, behind, 1));
	CHECK_EQ(vm_page_stats.laundry, MEMORY_OBJECT_CLUSTER);
	CHECK_OK(vm_map_remove(task->map, va, va + size));
	CHECK_EQ(vm_page_stats.laundry, 0);
	test_end_task(task);
}

/* The kernel's objects made for users do not take the last pages. */
TEST(kernel_memory_for_users_ends_before_the_last_page)
{
	unsigned long before = vm_phys_free_count();
	struct hoard hoard = { 0 };
	struct thread *thread;
	struct task *task;
	unsigned long left;
	void *last;

	task = test_task_create(hoard_main, &hoard, &thread);
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(hoard.done);
	CHECK(hoard.blocks > before / (HOARD_BLOCK / PAGE_HW_SIZE) / 2);
	CHECK(vm_phys_free_direct_count() >=
	    vm_page_free_reserved - vm_page_free_reserved / 3);
	/* Enough for a pager of one thread, after the messages to it. */
	left = grab_all_privileged();
	CHECK(left <= vm_page_free_reserved / 4 + (1u << vm_page_order));
	/* Enough for the kernel's own threads to get on. */
	last = kmem_alloc(HOARD_BLOCK);
	CHECK(last != NULL);
	kmem_free(last, HOARD_BLOCK);
	hoard_free(&hoard);
	thread_unref(thread);
	test_end_task(task);
}

/*
 * What messages to a pager cost is not taken from what it needs to go on, though
 * it has not freed anything yet.  Pages that are not beside each other are sent
 * one by one.
 */
TEST(laundry_leaves_memory_to_the_pager)
{
	vm_size_t size = 4u << 20;
	struct ipc_port *silent = ipc_port_create();
	struct task *owner = test_new_task(NULL);
	struct hoard hoard = { 0 };
	struct thread *thread;
	struct task *task;
	vm_offset_t va = 0;

	ipc_port_release_send(memory_object_set_default(
	    ipc_port_make_send(silent)));
	CHECK_OK(vm_map_allocate(owner->map, &va, size, true));
	for (vm_offset_t at = 0; at < size; at += 2 * vm_page_size) {
		CHECK_OK(user_write(owner, va + at, 1));
	}
	task = test_task_create(hoard_main, &hoard, &thread);
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(hoard.done);
	test_sleep(2 * HZ);
	CHECK(vm_page_stats.laundry > 0);
	CHECK(vm_phys_free_direct_count() >= vm_page_free_reserved / 4);
	hoard_free(&hoard);
	thread_unref(thread);
	test_end_task(task);
	ipc_port_release_send(memory_object_set_default(IP_NULL));
	ipc_port_release_receive(silent);
	test_end_task(owner);
	TEST_WAIT_UNTIL(vm_object_count() == 0);
}

/* Far more than there is room for in one page. */
#define ENTRIES		2000u
#define ENTRIES_WIRED	((400u << 12) / vm_page_size)
#define ENTRIES_VA	0x10000000u

/* What a task does for which the kernel needs memory, when there is none. */
struct entries {
	/* Beforehand. */
	void (*prepare)(struct vm_map *map);
	/* The number I of TIMES. */
	kern_return_t (*make)(struct vm_map *map, unsigned i);
	unsigned times;
	unsigned made;
	kern_return_t kr;
	bool done;
};

/* Every other page, so that each has an entry of its own. */
static vm_offset_t
entries_va(unsigned i)
{
	return ENTRIES_VA + i * 2 * vm_page_size;
}

static void
entries_prepare_memory(struct vm_map *map)
{
	vm_offset_t va = ENTRIES_VA;

	CHECK_OK(vm_map_allocate(map, &va, ENTRIES * 2 * vm_page_size, false));
}

static void
entries_prepare_page(struct vm_map *map)
{
	entries_prepare_memory(map);
	CHECK_OK(vm_fault(map, ENTRIES_VA + vm_page_size,
	    VM_PROT_READ | VM_PROT_WRITE, false));
}

/* Pages that are there: wiring them needs no more than entries. */
static void
entries_prepare_pages(struct vm_map *map)
{
	entries_prepare_memory(map);
	for (unsigned i = 0; i < ENTRIES_WIRED; i++) {
		CHECK_OK(vm_fault(map, entries_va(i),
		    VM_PROT_READ | VM_PROT_WRITE, false));
	}
}

static void
entries_prepare_entries(struct vm_map *map)
{
	entries_prepare_memory(map);
	for (unsigned i = 0; i < ENTRIES; i++) {
		CHECK_OK(vm_map_protect(map, entries_va(i),
		    entries_va(i) + vm_page_size, VM_PROT_READ, false));
	}
}

static kern_return_t
entries_allocate(struct vm_map *map, unsigned i)
{
	vm_offset_t va = entries_va(i);

	return S_vm_allocate(map, &va, vm_page_size, FALSE);
}

static kern_return_t
entries_inherit(struct vm_map *map, unsigned i)
{
	return S_vm_inherit(map, entries_va(i), vm_page_size, VM_INHERIT_NONE);
}

static struct vm_copy *entries_copies[ENTRIES];

static kern_return_t
entries_read(struct vm_map *map, unsigned i)
{
	mach_msg_type_number_t count;
	vm_offset_t data = 0;
	kern_return_t kr;

	kr = S_vm_read(map, entries_va(i), vm_page_size, &data, &count);
	entries_copies[i] = (struct vm_copy *)data;
	return kr;
}

/* From the second page, which is there, to every other. */
static kern_return_t
entries_copy(struct vm_map *map, unsigned i)
{
	return S_vm_copy(map, ENTRIES_VA + vm_page_size, vm_page_size,
	    entries_va(i));
}

static kern_return_t
entries_wire(struct vm_map *map, unsigned i)
{
	struct ipc_port *host = host_make_send_priv();
	kern_return_t kr;

	kr = S_vm_wire(host, map, entries_va(i), vm_page_size, VM_PROT_READ);
	ipc_port_release_send(host);
	return kr;
}

static kern_return_t
entries_fork(struct vm_map *map, unsigned i)
{
	struct task *child;
	kern_return_t kr;

	(void)map;
	(void)i;
	kr = S_task_create(current_task(), TRUE, &child);
	if (kr == KERN_SUCCESS) {
		test_end_task(child);
	}
	return kr;
}

static kern_return_t
entries_make(struct entries *entries)
{
	kern_return_t kr = KERN_SUCCESS;

	while (entries->made < entries->times && kr == KERN_SUCCESS) {
		kr = entries->make(current_map(), entries->made);
		entries->made += kr == KERN_SUCCESS ? 1 : 0;
	}
	return kr;
}

static void
entries_main(void *arg)
{
	struct entries *entries = arg;

	entries->kr = TEST_TRAP(entries_make(entries));
	entries->done = true;
}

/* Let a task hoard all that it gets, and another make its entries then. */
static struct task *
entries_start(struct entries *entries, struct hoard *hoard)
{
	struct thread *hoarder;
	struct thread *thread;
	struct task *hoarding;
	struct task *task;

	task = test_task_create(entries_main, entries, &thread);
	if (entries->prepare != NULL) {
		entries->prepare(task->map);
	}
	hoarding = test_task_create(hoard_main, hoard, &hoarder);
	CHECK_OK(thread_resume(hoarder));
	TEST_WAIT_UNTIL(hoard->done);
	thread_unref(hoarder);
	test_end_task(hoarding);
	CHECK_OK(thread_resume(thread));
	thread_unref(thread);
	return task;
}

static uint32_t
pattern(vm_offset_t at, unsigned round)
{
	return (uint32_t)(at * 2654435761u + round);
}

/* Write to all of MAP's SIZE bytes at VA, or until an error. */
static kern_return_t
fill(struct task *task, vm_offset_t va, vm_size_t size)
{
	kern_return_t kr = KERN_SUCCESS;

	for (vm_offset_t at = 0; at < size && kr == KERN_SUCCESS;
	    at += vm_page_size) {
		kr = user_write(task, va + at, (uint32_t)at);
	}
	return kr;
}

/* Who has less goes on when who has most is gone, though that sleeps. */
TEST(exhaustion_ends_who_has_most)
{
	struct task *big = test_new_task(NULL);
	struct task *small = test_new_task(NULL);
	struct task *spared = test_new_task(NULL);
	vm_size_t part = vm_phys_free_count() / 2 * PAGE_HW_SIZE;
	vm_offset_t va[3] = { 0, 0, 0 };

	spared->essential = true;
	CHECK_OK(vm_map_allocate(spared->map, &va[0], part, true));
	CHECK_OK(vm_map_allocate(big->map, &va[1], part / 2, true));
	CHECK_OK(vm_map_allocate(small->map, &va[2], part, true));
	CHECK_OK(fill(spared, va[0], part));
	CHECK_OK(fill(big, va[1], part / 2));
	CHECK(big->active);
	CHECK_OK(fill(small, va[2], part * 5 / 8));
	CHECK(!big->active && small->active && spared->active);
	task_unref(big);
	test_end_task(small);
	test_end_task(spared);
	test_sleep(300);
}

static void
exhaust_memory_and_pager(void)
{
	struct default_pager pager = { 0 };
	struct task *big = test_new_task(NULL);
	struct task *small = test_new_task(NULL);
	unsigned long target = vm_page_free_target;
	vm_size_t size = vm_phys_free_count() * PAGE_HW_SIZE;
	vm_offset_t va[2] = { 0, 0 };

	/* More of it is aimed at than comes back at once. */
	vm_page_free_target = vm_phys_free_count() * 2 / 5;
	pager.room = size / 2 / PAGE_HW_SIZE;
	default_pager_start(&pager);
	CHECK_OK(vm_map_allocate(big->map, &va[0], size, true));
	CHECK_OK(vm_map_allocate(small->map, &va[1], 2 * size, true));
	CHECK_OK(fill(big, va[0], size * 4 / 5));
	CHECK(big->active);
	CHECK_OK(fill(small, va[1], size * 6 / 5));
	CHECK(!big->active && small->active);
	CHECK(pager.refusals > 0);
	task_unref(big);
	test_end_task(small);
	vm_page_free_target = target;
	TEST_WAIT_UNTIL(pager.objects == 0 && vm_object_count() == 0);
	default_pager_stop(&pager);
	test_sleep(300);
	CHECK(!vm_page_is_exhausted());
}

/*
 * Who ends has most of it at the default pager, which has no room for more until
 * then; what is left in memory is not enough for who goes on.
 */
TEST(exhaustion_ends_when_the_pager_has_room_again)
{
	/* So small a machine has no reserve for large pages that come back. */
	if (vm_page_order == 0) {
		exhaust_memory_and_pager();
	}
}

/* Large pages count for what they are, and so make no crowd by being few. */
TEST(large_pages_are_no_crowd)
{
	unsigned long half = vm_phys_free_count() / 2;
	unsigned long target = vm_page_free_target;
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0;

	CHECK_OK(vm_map_allocate(task->map, &va, half * PAGE_HW_SIZE, true));
	CHECK_OK(fill(task, va, half * PAGE_HW_SIZE));
	/* Twice that is less than all, and more than half of it. */
	vm_page_free_target = (vm_phys_free_count() + half / 2) / 2;
	CHECK(!vm_pageout_is_crowded());
	vm_page_free_target = target;
	test_end_task(task);
}

static void
use_twice_the_memory(unsigned rounds)
{
	struct default_pager pager = { 0 };
	struct task *task = test_new_task(NULL);
	vm_size_t size = 16u << 20;
	vm_offset_t va = 0;
	uint32_t value;

	default_pager_start(&pager);
	CHECK_OK(vm_map_allocate(task->map, &va, size, true));
	for (unsigned round = 0; round < rounds && !test_failed(); round++) {
		for (vm_offset_t at = 0; at < size && !test_failed();
		    at += vm_page_size) {
			if (round > 0) {
				CHECK_OK(user_read(task, va + at, &value));
				CHECK_EQ(value, pattern(at, round - 1));
			}
			/* Every third page is only read from then on. */
			CHECK_OK(user_write(task, va + at,
			    pattern(at, round)));
		}
	}
	CHECK(pager.returns > size / vm_page_size / 2);
	vm_page_check();
	vm_phys_check();
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.objects == 0);
	CHECK_EQ(vm_object_count(), 0);
	default_pager_stop(&pager);
}

TEST(twice_the_memory_with_a_default_pager)
{
	use_twice_the_memory(3);
}

/* Programs that use all they have all the time are not out of memory. */
TEST(memory_in_use_all_the_time_is_paged)
{
	pretend_mapped_is_used = true;
	use_twice_the_memory(2);
	pretend_mapped_is_used = false;
	test_sleep(300);
	CHECK(!vm_page_is_exhausted());
}

#define DEATH_SIZE	(12u << 20)

/*
 * Look at memory of which some is gone, and write what is there in the next
 * ROUND: how many pages are gone, whose bytes in GONE say so.
 */
static unsigned
look_after_death(struct task *task, vm_offset_t va, unsigned round,
    uint8_t *gone)
{
	unsigned count = 0;
	uint32_t value;

	for (vm_offset_t at = 0; at < DEATH_SIZE && !test_failed();
	    at += vm_page_size) {
		kern_return_t kr = user_read(task, va + at, &value);
		unsigned page = at / vm_page_size;

		if (kr != KERN_SUCCESS) {
			CHECK_EQ(kr, KERN_MEMORY_ERROR);
			CHECK(round == 1 || gone[page] == 1);
			/* To write there does not help. */
			CHECK_EQ(user_write(task, va + at, 1),
			    KERN_MEMORY_ERROR);
			gone[page] = 1;
			count++;
			continue;
		}
		CHECK_EQ(gone[page], 0);
		CHECK_EQ(value, pattern(at, round - 1));
		CHECK_OK(user_write(task, va + at, pattern(at, round)));
	}
	return count;
}

/* What it held is gone, for good; what is there goes to the next one. */
TEST(default_pager_that_dies)
{
	static uint8_t gone[DEATH_SIZE / PAGE_HW_SIZE];
	struct default_pager pagers[3] = { { 0 } };
	struct task *task = test_new_task(NULL);
	struct task *other = test_new_task(NULL);
	struct task *child;
	unsigned count;
	vm_offset_t va = 0;
	vm_offset_t other_va = 0;

	default_pager_start(&pagers[0]);
	CHECK_OK(vm_map_allocate(task->map, &va, DEATH_SIZE, true));
	for (vm_offset_t at = 0; at < DEATH_SIZE; at += vm_page_size) {
		CHECK_OK(user_write(task, va + at, pattern(at, 0)));
	}
	default_pager_stop(&pagers[0]);
	CHECK(pagers[0].returns > 0);
	default_pager_start(&pagers[1]);
	count = look_after_death(task, va, 1, gone);
	CHECK(count > 0 && count < DEATH_SIZE / vm_page_size);
	/* To make room the next pager takes pages of the same object. */
	CHECK_OK(vm_map_allocate(other->map, &other_va, DEATH_SIZE, true));
	CHECK_OK(fill(other, other_va, DEATH_SIZE));
	CHECK(pagers[1].returns > 0);
	test_end_task(other);
	child = test_new_task(task);
	CHECK_EQ(look_after_death(child, va, 2, gone), count);
	CHECK_EQ(look_after_death(task, va, 2, gone), count);
	CHECK(pagers[1].requests > 0);
	/* And again. */
	default_pager_stop(&pagers[1]);
	default_pager_start(&pagers[2]);
	test_end_task(child);
	for (vm_offset_t at = 0; at < DEATH_SIZE; at += vm_page_size) {
		uint32_t value;

		if (user_read(task, va + at, &value) == KERN_SUCCESS) {
			CHECK_EQ(gone[at / vm_page_size], 0);
			CHECK_EQ(value, pattern(at, 2));
		}
	}
	test_end_task(task);
	TEST_WAIT_UNTIL(pagers[2].objects == 0);
	TEST_WAIT_UNTIL(vm_object_count() == 0);
	default_pager_stop(&pagers[2]);
	vm_page_check();
	vm_phys_check();
}

/* The pages of TASK's memory at VA that are resident. */
static void
look_resident(struct task *task, vm_offset_t va, uint8_t *resident)
{
	struct vm_map_region region;

	CHECK_OK(vm_map_region(task->map, va, &region));
	for (vm_offset_t at = 0; at < DEATH_SIZE; at += vm_page_size) {
		vm_object_lock(region.object);
		resident[at / vm_page_size] = vm_object_page_lookup(
		    region.object, region.offset + at) != NULL;
		vm_object_unlock(region.object);
	}
	vm_object_unref(region.object);
}

/*
 * What was clean and in memory when it died is not lost, though nobody has found
 * out when memory is short.
 */
TEST(default_pager_that_dies_unnoticed)
{
	static uint8_t resident[DEATH_SIZE / 4096];
	struct default_pager pagers[2] = { { 0 } };
	struct task *task = test_new_task(NULL);
	struct task *other = test_new_task(NULL);
	vm_size_t size = 5u << 20;
	vm_offset_t va = 0;
	vm_offset_t other_va = 0;
	unsigned lost = 0;
	uint32_t value;

	default_pager_start(&pagers[0]);
	CHECK_OK(vm_map_allocate(task->map, &va, DEATH_SIZE, true));
	CHECK_OK(fill(task, va, DEATH_SIZE));
	/* All of it has been out, and what is here is clean. */
	for (vm_offset_t at = 0; at < DEATH_SIZE; at += vm_page_size) {
		CHECK_OK(user_read(task, va + at, &value));
	}
	default_pager_stop(&pagers[0]);
	look_resident(task, va, resident);
	default_pager_start(&pagers[1]);
	CHECK_OK(vm_map_allocate(other->map, &other_va, size, true));
	CHECK_OK(fill(other, other_va, size));
	for (vm_offset_t at = 0; at < DEATH_SIZE; at += vm_page_size) {
		if (user_read(task, va + at, &value) != KERN_SUCCESS) {
			CHECK_EQ(resident[at / vm_page_size], 0);
			lost++;
		} else {
			CHECK_EQ(value, (uint32_t)at);
		}
	}
	CHECK(lost > 0 && lost < DEATH_SIZE / vm_page_size);
	test_end_task(task);
	test_end_task(other);
	TEST_WAIT_UNTIL(pagers[1].objects == 0 && vm_object_count() == 0);
	default_pager_stop(&pagers[1]);
}

/* One that says that there is no such page has lost it: it was not zero. */
TEST(default_pager_that_forgets)
{
	struct default_pager pager = { .forgets = true };
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0;
	unsigned lost = 0;
	uint32_t value;

	default_pager_start(&pager);
	CHECK_OK(vm_map_allocate(task->map, &va, DEATH_SIZE, true));
	CHECK_OK(fill(task, va, DEATH_SIZE));
	for (vm_offset_t at = 0; at < DEATH_SIZE; at += vm_page_size) {
		kern_return_t kr = user_read(task, va + at, &value);

		if (kr == KERN_SUCCESS) {
			CHECK_EQ(value, (uint32_t)at);
		} else {
			CHECK_EQ(kr, KERN_MEMORY_ERROR);
			lost++;
		}
	}
	CHECK(lost > 0 && lost < DEATH_SIZE / vm_page_size);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.objects == 0 && vm_object_count() == 0);
	default_pager_stop(&pager);
}

/*
 * As faults do, calls wait for memory: until who has most of it has lost it.
 */
static void
check_entries_wait(struct entries *entries)
{
	struct hoard hoard = { 0 };
	struct task *big = test_new_task(NULL);
	struct task *task;
	vm_size_t size = 5u << 20;
	vm_offset_t va = 0;

	CHECK_OK(vm_map_allocate(big->map, &va, size, true));
	CHECK_OK(fill(big, va, size));
	task = entries_start(entries, &hoard);
	TEST_WAIT_UNTIL(entries->done);
	CHECK_OK(entries->kr);
	CHECK_EQ(entries->made, entries->times);
	CHECK(!big->active);
	vm_map_check(task->map);
	hoard_free(&hoard);
	task_unref(big);
	test_end_task(task);
	test_sleep(300);
	CHECK(!vm_page_is_exhausted());
}

TEST(vm_allocate_waits_for_memory)
{
	struct entries entries = {
		.make = entries_allocate, .times = ENTRIES,
	};

	check_entries_wait(&entries);
}

TEST(vm_inherit_waits_for_memory)
{
	struct entries entries = {
		.prepare = entries_prepare_memory,
		.make = entries_inherit, .times = ENTRIES,
	};

	check_entries_wait(&entries);
}

TEST(vm_read_waits_for_memory)
{
	struct entries entries = {
		.prepare = entries_prepare_memory,
		.make = entries_read, .times = ENTRIES,
	};

	check_entries_wait(&entries);
	for (unsigned i = 0; i < ENTRIES; i++) {
		vm_copy_discard(entries_copies[i]);
	}
}

TEST(vm_copy_waits_for_memory)
{
	struct entries entries = {
		.prepare = entries_prepare_page,
		.make = entries_copy, .times = ENTRIES,
	};

	check_entries_wait(&entries);
}

TEST(vm_wire_waits_for_memory)
{
	struct entries entries = {
		.prepare = entries_prepare_pages,
		.make = entries_wire, .times = ENTRIES_WIRED,
	};

	check_entries_wait(&entries);
}

TEST(task_create_waits_for_memory)
{
	struct entries entries = {
		.prepare = entries_prepare_entries,
		.make = entries_fork, .times = 1,
	};

	check_entries_wait(&entries);
}

/* When nearly all is wired, paging the rest out and in helps nobody. */
TEST(crowd_ends_though_there_is_room_to_page)
{
	struct default_pager pager = { 0 };
	struct hoard hoard = { 0 };
	struct task *task = test_new_task(NULL);
	vm_size_t size = 256 * vm_page_size;
	vm_offset_t va = 0;

	default_pager_start(&pager);
	CHECK_OK(vm_map_allocate(task->map, &va, size, true));
	CHECK_OK(fill(task, va, size));
	for (unsigned more = 0; more < 16;
	    more += vm_pageout_is_crowded() ? 1 : 0) {
		void **block;

		if (vm_phys_free_count() < vm_page_free_target) {
			/* The daemon needs some to page the task out. */
			vm_pageout_wakeup();
			test_sleep(50);
			continue;
		}
		block = kmem_alloc(HOARD_BLOCK);
		REQUIRE(block != NULL);
		*block = hoard.first;
		hoard.first = block;
	}
	for (unsigned i = 0; i < 1000 && task->active; i++) {
		if (fill(task, va, size) != KERN_SUCCESS) {
			test_sleep(20);
		}
	}
	CHECK(!task->active);
	hoard_free(&hoard);
	task_unref(task);
	TEST_WAIT_UNTIL(pager.objects == 0);
	TEST_WAIT_UNTIL(vm_object_count() == 0);
	default_pager_stop(&pager);
	test_sleep(300);
	CHECK(!vm_page_is_exhausted());
}

/* Copy-on-write through a fork when most of it has been paged out. */
TEST(fork_of_paged_memory)
{
	struct default_pager pager = { 0 };
	struct task *parent = test_new_task(NULL);
	struct task *child;
	vm_size_t size = 10u << 20;
	vm_offset_t va = 0;
	uint32_t value;

	default_pager_start(&pager);
	CHECK_OK(vm_map_allocate(parent->map, &va, size, true));
	for (vm_offset_t at = 0; at < size; at += vm_page_size) {
		CHECK_OK(user_write(parent, va + at, pattern(at, 0)));
	}
	child = test_new_task(parent);
	for (vm_offset_t at = 0; at < size && !test_failed();
	    at += 4 * vm_page_size) {
		CHECK_OK(user_write(parent, va + at, pattern(at, 1)));
		CHECK_OK(user_write(child, va + at + vm_page_size,
		    pattern(at, 2)));
	}
	for (vm_offset_t at = 0; at < size && !test_failed();
	    at += 4 * vm_page_size) {
		CHECK_OK(user_read(child, va + at, &value));
		CHECK_EQ(value, pattern(at, 0));
		CHECK_OK(user_read(parent, va + at, &value));
		CHECK_EQ(value, pattern(at, 1));
		CHECK_OK(user_read(child, va + at + vm_page_size, &value));
		CHECK_EQ(value, pattern(at, 2));
		CHECK_OK(user_read(parent, va + at + vm_page_size, &value));
		CHECK_EQ(value, pattern(at + vm_page_size, 0));
	}
	test_end_task(parent);
	for (vm_offset_t at = 0; at < size && !test_failed();
	    at += 4 * vm_page_size) {
		CHECK_OK(user_read(child, va + at + 2 * vm_page_size,
		    &value));
		CHECK_EQ(value, pattern(at + 2 * vm_page_size, 0));
	}
	test_end_task(child);
	TEST_WAIT_UNTIL(pager.objects == 0);
	CHECK_EQ(vm_object_count(), 0);
	default_pager_stop(&pager);
}

/* A file that is larger than memory is read through, and its changes kept. */
TEST(external_object_larger_than_memory)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	vm_size_t size = 12u << 20;
	vm_offset_t va;
	uint32_t value;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, size, false, VM_PROT_DEFAULT));
	for (vm_offset_t at = 0; at < size && !test_failed();
	    at += vm_page_size) {
		CHECK_OK(user_read(task, va + at + 4, &value));
		CHECK_EQ(value, at);
	}
	CHECK_EQ(pager.returns, 0);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	CHECK_EQ(pager.returns, 0);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

static void
end_task_main(void *arg)
{
	test_end_task(arg);
}

/* An object is torn down, page by page, and the daemon meets one of them. */
TEST(pages_of_a_dying_object)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	unsigned long target = vm_page_free_target;
	struct vm_object *object;
	struct vm_page *busy;
	phys_addr_t other;
	vm_offset_t va;

	pager_start(&pager);
	CHECK_OK(pager_map(&pager, task, &va, 2 * vm_page_size, false,
	    VM_PROT_DEFAULT));
	CHECK_OK(user_write(task, va, 1));
	CHECK_OK(user_write(task, va + vm_page_size, 2));
	object = pager.object;
	vm_object_lock(object);
	busy = vm_object_page_lookup(object, 0);
	busy->busy = true;
	other = vm_page_to_phys(vm_object_page_lookup(object, vm_page_size));
	vm_object_unlock(object);
	test_spawn(end_task_main, task);
	TEST_WAIT_UNTIL(!object->alive);

	vm_page_free_target = ~0ul;
	for (unsigned i = 0; i < 3; i++) {
		pmap_clear_referenced(&other, 1);
		vm_pageout_run();
	}
	vm_page_free_target = target;
	CHECK_EQ(pager.returns, 0);
	vm_object_lock(object);
	vm_page_unbusy(busy);
	vm_object_unlock(object);
	TEST_WAIT_UNTIL(pager.terminates == 1);
	CHECK_EQ(pager.returns, 2);
	CHECK_EQ(pager.word[0], 1);
	CHECK_EQ(pager.word[1], 2);
	pager_stop(&pager);
	CHECK_EQ(vm_object_count(), 0);
}

/* Read the page at AT of TASK's memory at VA, where its pager keeps numbers. */
static void
read_through(struct task *task, vm_offset_t va, vm_offset_t at)
{
	uint32_t value;

	CHECK_OK(user_read(task, va + at + 4, &value));
	CHECK_EQ(value, at);
}

/*
 * A file larger than memory is read through beside a program at work and a file
 * that was of use before: these stay.
 */
TEST(reading_once_leaves_what_is_in_use)
{
	struct pager large = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct pager small = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct default_pager swap = { 0 };
	struct task *task = test_new_task(NULL);
	vm_size_t large_size = 12u << 20;
	vm_size_t small_size = 64 * vm_page_size;
	vm_size_t set_size = 2u << 20;
	vm_offset_t large_va, small_va;
	vm_offset_t set_va = 0;
	vm_offset_t in_set = 0;
	uint32_t value;

	pager_start(&large);
	pager_start(&small);
	default_pager_start(&swap);
	CHECK_OK(vm_map_allocate(task->map, &set_va, set_size, true));
	CHECK_OK(fill(task, set_va, set_size));
	CHECK_OK(pager_map(&large, task, &large_va, large_size, false,
	    VM_PROT_READ));
	CHECK_OK(pager_map(&small, task, &small_va, small_size, false,
	    VM_PROT_READ));
	for (vm_offset_t at = 0; at < large_size && !test_failed();
	    at += vm_page_size) {
		read_through(task, large_va, at);
		read_through(task, small_va, at % small_size);
		CHECK_OK(user_read(task, set_va + in_set, &value));
		in_set = (in_set + vm_page_size) % set_size;
	}
	CHECK_EQ(large.requests, large_size / vm_page_size);
	CHECK(small.requests < 2 * small_size / vm_page_size);
	CHECK(swap.requests < set_size / vm_page_size / 10);
	test_end_task(task);
	TEST_WAIT_UNTIL(large.terminates == 1 && small.terminates == 1 &&
	    swap.objects == 0);
	pager_stop(&large);
	pager_stop(&small);
	default_pager_stop(&swap);
}

/* A file that is read again and again gets what nobody uses any more. */
TEST(reading_again_gets_idle_memory)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct default_pager swap = { 0 };
	struct task *task = test_new_task(NULL);
	vm_size_t size = 4u << 20;
	vm_offset_t idle_va = 0;
	vm_offset_t va;
	unsigned before = 0;

	pager_start(&pager);
	default_pager_start(&swap);
	CHECK_OK(vm_map_allocate(task->map, &idle_va, size, true));
	CHECK_OK(fill(task, idle_va, size));
	CHECK_OK(pager_map(&pager, task, &va, size, false, VM_PROT_READ));
	for (unsigned round = 0; round < 24 && !test_failed(); round++) {
		before = pager.requests;
		for (vm_offset_t at = 0; at < size; at += vm_page_size) {
			read_through(task, va, at);
		}
	}
	CHECK(pager.requests - before < size / vm_page_size / 10);
	CHECK(swap.returns > size / vm_page_size / 4);
	test_end_task(task);
	TEST_WAIT_UNTIL(pager.terminates == 1 && swap.objects == 0);
	pager_stop(&pager);
	default_pager_stop(&swap);
}

/* Memory that was paged out and is read in order comes in clusters. */
TEST(paged_memory_comes_in_clusters)
{
	struct default_pager swap = { 0 };
	struct task *task = test_new_task(NULL);
	vm_size_t size = 12u << 20;
	vm_offset_t va = 0;
	uint32_t value;

	default_pager_start(&swap);
	CHECK_OK(vm_map_allocate(task->map, &va, size, true));
	CHECK_OK(fill(task, va, size));
	swap.requests = 0;
	for (vm_offset_t at = 0; at < size && !test_failed();
	    at += vm_page_size) {
		CHECK_OK(user_read(task, va + at, &value));
	}
	CHECK(swap.requests > 0);
	CHECK(swap.requests < size / vm_page_size / 3);
	test_end_task(task);
	TEST_WAIT_UNTIL(swap.objects == 0);
	default_pager_stop(&swap);
}
