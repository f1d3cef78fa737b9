/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Map entries that are paged out, and the memory that they go to. */

#include "fake_pager.h"

#include <string.h>
#include <tests/lib/test.h>

#include <machine/atomic.h>

#include <kernel/kmem.h>
#include <kernel/rest.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_copyout.h>
#include <ipc/ipc_kmsg.h>

#include <vm/memory_object.h>
#include <vm/vm_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_map_rest.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageable.h>
#include <vm/vm_pageout.h>

TEST_MACHINE(.cpus = 2, .memory_mib = 24, .switch_chance = 50,
    .tick_steps = 4000);

#define BASE	0x10000000u
#define P	vm_page_size
#define P_MAX	16384u
#define MANY	10000u

static unsigned
entries_in_memory(void)
{
	struct kmem_stats stats;

	for (unsigned i = 0; kmem_stats_get(i, &stats); i++) {
		if (strcmp(stats.name, "vm_map_entry") == 0) {
			return stats.used;
		}
	}
	return 0;
}

/* COUNT regions of a page each, every other one only to be read. */
static struct task *
task_with_entries(unsigned count)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = BASE;

	CHECK_OK(vm_map_allocate(task->map, &va, count * P, false));
	for (unsigned i = 1; i < count; i += 2) {
		CHECK_OK(vm_map_protect(task->map, BASE + i * P,
		    BASE + (i + 1) * P, VM_PROT_READ, false));
	}
	CHECK_EQ(task->map->count, count);
	return task;
}

static void
check_entries(struct task *task, unsigned count)
{
	struct vm_map_region region;

	for (unsigned i = 0; i < count && !test_failed(); i++) {
		CHECK_OK(vm_map_region(task->map, BASE + i * P, &region));
		CHECK_EQ(region.start, BASE + i * P);
		CHECK_EQ(region.size, P);
		CHECK_EQ(region.prot, i % 2 == 0 ? VM_PROT_DEFAULT :
		    VM_PROT_READ);
		if (region.object != NULL) {
			vm_object_unref(region.object);
		}
	}
	vm_map_check(task->map);
}

/* Page out whatever can be. */
static void
page_out_all(void)
{
	unsigned long target = vm_page_free_target;

	vm_page_free_target = ~0ul;
	for (unsigned i = 0; i < 10; i++) {
		vm_pageout_run();
		test_sleep(5);
	}
	vm_page_free_target = target;
}

static void
nothing_is_left(struct default_pager *pager)
{
	CHECK_EQ(vm_pageable_used(), 0);
	vm_pageable_check();
	CHECK_EQ(vm_object_count(), 0);
	if (pager != NULL) {
		TEST_WAIT_UNTIL(pager->objects == 0);
		CHECK_EQ(pager->pages, 0);
		default_pager_stop(pager);
	}
}

/* Wired memory shrinks when they go, and they come back as they were. */
TEST(ten_thousand_entries_leave_and_return)
{
	struct default_pager pager = { 0 };
	unsigned before = entries_in_memory();
	struct task *task = task_with_entries(MANY);
	vm_size_t wired = vm_map_rest_wired_size(task->map);

	default_pager_start(&pager);
	CHECK(vm_map_rest_try(task->map));
	CHECK_EQ(task->map->use, VM_MAP_RESTS);
	CHECK(!vm_map_rest_try(task->map));
	CHECK(entries_in_memory() < before + 100);
	CHECK(vm_map_rest_wired_size(task->map) * 10 < wired);
	CHECK(vm_pageable_used() >= MANY * 16);
	vm_map_check(task->map);
	vm_pageable_check();

	page_out_all();
	CHECK(pager.pages >= vm_pageable_used() / P);
	CHECK_EQ(pager.requests, 0);
	check_entries(task, MANY);
	CHECK(pager.requests > 0);
	CHECK_EQ(task->map->use, VM_MAP_IN_USE);
	CHECK_EQ(task->map->count, MANY);
	CHECK(entries_in_memory() >= before + MANY);
	CHECK_EQ(vm_pageable_used(), 0);
	test_end_task(task);
	nothing_is_left(&pager);
}

static bool
same_entry(const struct vm_map_entry *a, const struct vm_map_entry *b)
{
	return a->start == b->start && a->end == b->end &&
	    a->object == b->object && a->offset == b->offset &&
	    a->prot == b->prot && a->max_prot == b->max_prot &&
	    a->inheritance == b->inheritance && a->cut_low == b->cut_low &&
	    a->cut_high == b->cut_high && a->needs_copy == b->needs_copy &&
	    a->no_merge == b->no_merge && a->fresh == b->fresh &&
	    a->shared == b->shared &&
	    a->wired_count == b->wired_count &&
	    a->in_transition == b->in_transition && a->wanted == b->wanted &&
	    a->wired_access == b->wired_access && a->gap == b->gap;
}

/* Entries of all kinds: written, copied, shared, protected, cut, kept apart. */
static struct task *
task_of_all_kinds(struct task **childp)
{
	struct task *task = test_new_task(NULL);
	struct vm_map_request apart = {
		.size = 2 * P,
		.prot = VM_PROT_READ,
		.max_prot = VM_PROT_DEFAULT,
		.inheritance = VM_INHERIT_NONE,
		.no_merge = true,
	};
	vm_offset_t va = BASE;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(task->map, &va, 8 * P, false));
	for (unsigned i = 0; i < 8; i++) {
		CHECK_OK(user_write(task, BASE + i * P, 100 + i));
	}
	CHECK_OK(vm_map_inherit(task->map, BASE + 2 * P, BASE + 4 * P,
	    VM_INHERIT_SHARE));
	CHECK_OK(vm_map_protect(task->map, BASE + 4 * P, BASE + 5 * P,
	    VM_PROT_READ, true));
	CHECK_OK(task_create(task, true, childp));
	CHECK_OK(vm_copy_in(task->map, BASE + 20, P + 100, false, &copy));
	CHECK_OK(vm_copy_out(task->map, &va, copy));
	va = BASE + 64 * P;
	CHECK_OK(vm_map_enter(task->map, &va, &apart));
	va += 2 * P;
	CHECK_OK(vm_map_enter(task->map, &va, &apart));
	return task;
}

static void
entries_stay_the_same(struct vm_map *map)
{
	static struct vm_map_entry old[32];
	struct vm_map_entry *entry;
	unsigned n = 0;

	REQUIRE(map->count <= 32);
	list_for_each_entry(&map->entries, entry, link) {
		old[n++] = *entry;
	}
	CHECK(vm_map_rest_try(map));
	CHECK(list_empty(&map->entries));
	CHECK_OK(vm_map_lock(map));
	n = 0;
	list_for_each_entry(&map->entries, entry, link) {
		CHECK(same_entry(entry, &old[n]));
		n++;
	}
	CHECK_EQ(n, map->count);
	mutex_unlock(&map->lock);
}

TEST(nothing_of_an_entry_is_lost)
{
	struct task *child;
	struct task *task = task_of_all_kinds(&child);
	uint32_t value;

	entries_stay_the_same(task->map);
	entries_stay_the_same(child->map);
	CHECK(vm_map_rest_try(task->map));
	CHECK(vm_map_rest_try(child->map));
	/* Shared here, copied there. */
	CHECK_OK(user_write(child, BASE + 2 * P, 7));
	CHECK_OK(user_write(child, BASE, 8));
	CHECK_OK(user_read(task, BASE + 2 * P, &value));
	CHECK_EQ(value, 7);
	CHECK_OK(user_read(task, BASE, &value));
	CHECK_EQ(value, 100);
	vm_map_check(task->map);
	vm_map_check(child->map);
	test_end_task(child);
	test_end_task(task);
	nothing_is_left(NULL);
}

/* Whoever has memory wired, or wants to, finds entries at once. */
TEST(wired_maps_do_not_rest)
{
	struct task *task = task_with_entries(10);
	struct vm_copy *copy;

	CHECK_OK(vm_map_wire(task->map, BASE, BASE + P, VM_PROT_READ));
	CHECK(!vm_map_rest_try(task->map));
	CHECK_OK(vm_map_wire(task->map, BASE, BASE + P, VM_PROT_NONE));
	CHECK(vm_map_rest_try(task->map));

	CHECK_OK(vm_map_wire_all(task->map, true, true));
	CHECK_EQ(task->map->use, VM_MAP_IN_USE);
	CHECK(!vm_map_rest_try(task->map));
	CHECK_OK(vm_map_wire_all(task->map, false, false));
	CHECK_OK(vm_map_wire_all(task->map, false, true));
	CHECK(!vm_map_rest_try(task->map));
	CHECK_OK(vm_map_wire_all(task->map, false, false));

	/* Nor does one that somebody unlocked who knows an entry. */
	CHECK_OK(vm_map_lock(task->map));
	vm_map_unlock_keep(task->map);
	CHECK(!vm_map_rest_try(task->map));
	vm_map_lock_kept(task->map);
	mutex_unlock(&task->map->lock);

	CHECK(vm_copy_move_begin(task->map, BASE, P, &copy));
	CHECK(!vm_map_rest_try(task->map));
	vm_copy_move_end(task->map, BASE, P, copy, false);
	CHECK(vm_map_rest_try(task->map));
	check_entries(task, 10);
	test_end_task(task);
	nothing_is_left(NULL);
}

/* It ends without its entries, wherever they are. */
TEST(maps_end_at_rest)
{
	struct default_pager pager = { 0 };
	struct task *child;
	struct task *task = task_of_all_kinds(&child);
	vm_size_t before;
	vm_size_t size;

	default_pager_start(&pager);
	CHECK(vm_map_private_size_try(task->map, &before));
	CHECK(before >= 8 * P);
	CHECK(vm_map_rest_try(task->map));
	page_out_all();
	/* As much is to be had, and what its entries take. */
	CHECK(vm_map_private_size_try(task->map, &size));
	CHECK_EQ(size, before + vm_pageable_used());
	CHECK_EQ(task->map->use, VM_MAP_RESTS);
	test_end_task(task);
	CHECK_EQ(pager.requests, 0);
	test_end_task(child);
	nothing_is_left(&pager);
}

/* Entries that died with their pager are an error, and hold nothing for ever. */
TEST(lost_entries_are_an_error)
{
	struct default_pager pager = { 0 };
	struct default_pager next = { 0 };
	struct vm_map_region region;
	struct task *child;
	struct task *task = task_of_all_kinds(&child);
	vm_offset_t va = 0;
	uint32_t value;

	default_pager_start(&pager);
	CHECK(vm_map_rest_try(task->map));
	page_out_all();
	default_pager_stop(&pager);
	default_pager_start(&next);
	CHECK_EQ(user_read(task, BASE, &value), KERN_MEMORY_ERROR);
	CHECK_EQ(vm_map_allocate(task->map, &va, P, true), KERN_MEMORY_ERROR);
	CHECK_EQ(vm_map_region(task->map, BASE, &region), KERN_MEMORY_ERROR);
	CHECK_EQ(vm_map_wire_all(task->map, true, true), KERN_MEMORY_ERROR);
	CHECK(!task->map->wire_future);
	vm_map_check(task->map);
	test_end_task(task);
	test_end_task(child);
	nothing_is_left(&next);
}

/* Fill the submap with numbered pages; how many there are. */
static unsigned
fill_submap(vm_offset_t *stores, unsigned max)
{
	static uint32_t block[P_MAX / 4];
	unsigned n = 0;

	block[0] = 0;
	while (n < max && vm_pageable_store(block, P, &stores[n])) {
		n++;
		block[0] = n;
	}
	return n;
}

/* Then entries stay where they are, and that is all. */
TEST(submap_without_room)
{
	static vm_offset_t stores[4096];
	struct default_pager pager = { 0 };
	struct task *task = task_with_entries(100);
	unsigned count;
	uint32_t word;

	default_pager_start(&pager);
	count = fill_submap(stores, 4096);
	CHECK_EQ(count, (8u << 20) / P);
	CHECK(!vm_map_rest_try(task->map));
	check_entries(task, 100);
	vm_pageable_check();
	page_out_all();
	CHECK(pager.pages > count / 2);
	for (unsigned i = 0; i < count; i++) {
		CHECK_OK(vm_pageable_load(stores[i], &word, sizeof(word)));
		CHECK_EQ(word, i);
		vm_pageable_free(stores[i], P);
		CHECK_EQ(vm_map_rest_try(task->map), true);
		check_entries(task, 4);
	}
	test_end_task(task);
	nothing_is_left(&pager);
}

/* Stores of all sizes, some of them freed in between, keep their bytes. */
TEST(stores_keep_what_they_hold)
{
	static struct {
		vm_offset_t addr;
		uint32_t size;
		uint8_t byte;
	} held[300];
	static uint8_t buf[P_MAX];
	struct default_pager pager = { 0 };

	default_pager_start(&pager);
	for (unsigned i = 0; i < 6000 && !test_failed(); i++) {
		unsigned n = test_random(300);

		if (held[n].size != 0) {
			CHECK_OK(vm_pageable_load(held[n].addr, buf,
			    held[n].size));
			for (uint32_t at = 0; at < held[n].size; at++) {
				REQUIRE(buf[at] == held[n].byte);
			}
			vm_pageable_free(held[n].addr, held[n].size);
		}
		held[n].size = 1 + test_random(i % 7 == 0 ? P : 200);
		held[n].byte = (uint8_t)test_random(256);
		memset(buf, held[n].byte, held[n].size);
		CHECK(vm_pageable_store(buf, held[n].size, &held[n].addr));
		if (i % 500 == 0) {
			page_out_all();
			vm_pageable_check();
		}
	}
	CHECK(pager.requests > 0);
	for (unsigned n = 0; n < 300; n++) {
		if (held[n].size != 0) {
			vm_pageable_free(held[n].addr, held[n].size);
		}
	}
	nothing_is_left(&pager);
}

static unsigned long
queued_pages(void)
{
	return vm_page_stats.active + vm_page_stats.inactive;
}

/* A page goes with the last store in it, not with its neighbours. */
TEST(empty_pages_are_given_back)
{
	unsigned long before = queued_pages();
	vm_offset_t stores[8];

	CHECK_EQ(fill_submap(stores, 8), 8);
	CHECK_EQ(queued_pages(), before + 8);
	for (unsigned i = 7; i > 0; i--) {
		vm_pageable_free(stores[i], P);
		CHECK_EQ(queued_pages(), before + i);
	}
	vm_pageable_free(stores[0], P);
	CHECK_EQ(queued_pages(), before);
	nothing_is_left(NULL);
}

/* Only what nobody has used since the last look rests. */
TEST(only_idle_maps_rest)
{
	struct task *used = task_with_entries(10);
	struct task *idle = task_with_entries(10);

	rest_idle_maps();
	check_entries(used, 10);
	CHECK_EQ(idle->map->use, VM_MAP_IDLE);
	rest_idle_maps();
	CHECK_EQ(used->map->use, VM_MAP_IDLE);
	CHECK_EQ(idle->map->use, VM_MAP_RESTS);
	rest_idle_maps();
	CHECK_EQ(idle->map->use, VM_MAP_RESTS);
	check_entries(idle, 10);
	CHECK_EQ(idle->map->use, VM_MAP_IN_USE);
	CHECK_EQ(kernel_map->use, VM_MAP_IN_USE);
	CHECK(!vm_map_rest_try(kernel_map));
	test_end_task(used);
	test_end_task(idle);
	nothing_is_left(NULL);
}

/* ---- several at a time ---- */

#define READERS		6u
#define ROUNDS		2000u	/* of who takes them away, at most */

static struct task *crowd_task;
static bool crowd_stop;
static uint32_t crowd_left;

static void
crowd_reader(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;
	struct vm_map_region region;

	for (unsigned i = 0; !crowd_stop && !test_failed(); i++) {
		vm_offset_t va = BASE + (i * 7 + n) % 200 * P;
		vm_offset_t own = 0;

		CHECK_OK(vm_map_region(crowd_task->map, va, &region));
		CHECK_EQ(region.start, va);
		CHECK_OK(vm_map_allocate(crowd_task->map, &own, P, true));
		CHECK_OK(vm_map_write_bytes(crowd_task->map, own, &i,
		    sizeof(i)));
		CHECK_OK(vm_map_remove(crowd_task->map, own, own + P));
		/* Now and then several come at once. */
		test_sleep(i % 4 == 0 ? test_random(200) : 1);
	}
	atomic_fetch_sub_relaxed(&crowd_left, 1);
}

/* Threads that need the entries, and one that takes them away all the time. */
TEST(many_wake_a_map)
{
	struct default_pager pager = { 0 };
	unsigned rests = 0;

	default_pager_start(&pager);
	crowd_task = task_with_entries(200);
	crowd_stop = false;
	crowd_left = READERS;
	for (unsigned i = 0; i < READERS; i++) {
		test_spawn(crowd_reader, (void *)(uintptr_t)i);
	}
	for (unsigned i = 0; i < ROUNDS &&
	    (rests <= 10 || pager.requests <= 10); i++) {
		rests += vm_map_rest_try(crowd_task->map) ? 1 : 0;
		if (i % 8 == 0) {
			page_out_all();
		}
		test_sleep(1);
	}
	CHECK(rests > 10);
	CHECK(pager.requests > 10);
	crowd_stop = true;
	TEST_WAIT_UNTIL(atomic_load_acquire(&crowd_left) == 0);
	check_entries(crowd_task, 200);
	test_end_task(crowd_task);
	nothing_is_left(&pager);
}

struct sleeper {
	struct task *task;
	kern_return_t kr;
	bool done;
};

static void
sleeper_main(void *arg)
{
	struct sleeper *sleeper = arg;
	vm_offset_t va = 0;

	sleeper->kr = TEST_TRAP(vm_map_allocate(current_map(), &va, P, true));
	sleeper->done = true;
}

/*
 * Who waits for a pager that does not answer can be aborted; then the entries
 * are still there.  The task can end meanwhile, too.
 */
TEST(waiting_for_entries_can_be_aborted)
{
	struct default_pager pager = { 0 };
	struct sleeper sleeper = { 0 };
	struct thread *thread;
	vm_offset_t va = BASE;

	default_pager_start(&pager);
	sleeper.task = test_task_create(sleeper_main, &sleeper, &thread);
	CHECK_OK(vm_map_allocate(sleeper.task->map, &va, P, false));
	CHECK(vm_map_rest_try(sleeper.task->map));
	page_out_all();
	pager.silent = true;
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(pager.requests > 0);
	CHECK(!sleeper.done);
	CHECK_OK(thread_abort(thread));
	TEST_WAIT_UNTIL(sleeper.done);
	CHECK_EQ(sleeper.kr, KERN_ABORTED);
	CHECK_EQ(sleeper.task->map->use, VM_MAP_RESTS);
	vm_map_check(sleeper.task->map);
	thread_unref(thread);
	test_end_task(sleeper.task);
	pager.silent = false;
	test_sleep(20);
	nothing_is_left(&pager);
}

struct looker {
	struct vm_map *map;
	kern_return_t kr;
	bool done;
};

static void
looker_main(void *arg)
{
	struct looker *looker = arg;
	struct vm_map_region region;

	looker->kr = vm_map_region(looker->map, BASE, &region);
	looker->done = true;
}

/* A task does not wait for who reads its entries, who finds none then. */
TEST(maps_end_while_entries_are_read)
{
	struct default_pager pager = { 0 };
	struct task *child;
	struct task *task = task_of_all_kinds(&child);
	struct looker looker = { .map = task->map };

	default_pager_start(&pager);
	CHECK(vm_map_rest_try(task->map));
	page_out_all();
	pager.silent = true;
	vm_map_ref(looker.map);
	test_spawn(looker_main, &looker);
	TEST_WAIT_UNTIL(pager.requests > 0);
	test_end_task(task);
	CHECK(!looker.done);
	CHECK_EQ(looker.map->count, 0);
	vm_map_check(looker.map);
	pager.silent = false;
	TEST_WAIT_UNTIL(looker.done);
	CHECK_EQ(looker.kr, KERN_NO_SPACE);
	vm_map_check(looker.map);
	vm_map_unref(looker.map);
	test_end_task(child);
	nothing_is_left(&pager);
}

/* A message with a region of two words out of line. */
struct parcel {
	mach_msg_header_t header;
	mach_msg_type_t type;
	uint32_t data;		/* a copy, then an address */
};

static const uint32_t parcel_words[2] = { 11, 22 };

static struct ipc_kmsg *
parcel_make(void)
{
	struct ipc_kmsg *kmsg = ipc_kmsg_alloc(sizeof(struct parcel));
	struct parcel *parcel = (struct parcel *)&kmsg->user;
	struct vm_copy *copy;

	CHECK_OK(vm_copy_from_kernel(parcel_words, sizeof(parcel_words),
	    &copy));
	*parcel = (struct parcel) {
		.header = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX,
			.msgh_size = sizeof(*parcel),
		},
		.type = {
			.msgt_name = MACH_MSG_TYPE_INTEGER_32,
			.msgt_size = 32,
			.msgt_number = 2,
		},
		.data = (uint32_t)(uintptr_t)copy,
	};
	return kmsg;
}

struct taker {
	struct task *task;
	struct thread *thread;
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;
	bool done;
};

static void
taker_main(void *arg)
{
	struct taker *taker = arg;
	struct ipc_receiver receiver = {
		.space = current_space(),
		.map = current_map(),
	};

	taker->mr = TEST_TRAP(ipc_copyout_body(&receiver, taker->kmsg));
	taker->done = true;
}

/* A task that takes a message whose entries are with PAGER, and not here. */
static void
taker_start(struct taker *taker, struct default_pager *pager)
{
	vm_offset_t va = BASE;

	*taker = (struct taker) { .kmsg = parcel_make() };
	taker->task = test_task_create(taker_main, taker, &taker->thread);
	CHECK_OK(vm_map_allocate(taker->task->map, &va, P, false));
	CHECK(vm_map_rest_try(taker->task->map));
	default_pager_start(pager);
	page_out_all();
}

/* It got no region, knows that, and nobody has the memory any more. */
static void
taker_lost(struct taker *taker)
{
	struct parcel *parcel = (struct parcel *)&taker->kmsg->user;

	TEST_WAIT_UNTIL(taker->done);
	CHECK_EQ(taker->mr, MACH_MSG_VM_KERNEL);
	CHECK_EQ(parcel->data, 0);
	CHECK_EQ(parcel->type.msgt_size, 0);
	CHECK_EQ(vm_copy_count(), 0);
}

static void
taker_end(struct taker *taker)
{
	ipc_kmsg_free(taker->kmsg);
	thread_unref(taker->thread);
	test_end_task(taker->task);
}

/* Entries come back for what a message brings. */
TEST(messages_bring_entries_back)
{
	struct default_pager pager = { 0 };
	struct taker taker;
	struct parcel *parcel;
	uint32_t value;

	taker_start(&taker, &pager);
	CHECK_OK(thread_resume(taker.thread));
	TEST_WAIT_UNTIL(taker.done);
	CHECK_EQ(taker.mr, MACH_MSG_SUCCESS);
	CHECK(pager.requests > 0);
	parcel = (struct parcel *)&taker.kmsg->user;
	CHECK_OK(user_read(taker.task, parcel->data + 4, &value));
	CHECK_EQ(value, 22);
	/* The pager's thread may have what it supplied for a moment. */
	TEST_WAIT_UNTIL(vm_copy_count() == 0);
	taker_end(&taker);
	/* Its thread may have the map for a moment. */
	TEST_WAIT_UNTIL(vm_object_count() == 0);
	nothing_is_left(&pager);
}

/*
 * Who is aborted while they come, or has lost them, does not get the region: the
 * message is out of its queue by then.  That is told as the manual has it.
 */
TEST(messages_lose_regions_without_entries)
{
	struct default_pager pager = { 0 };
	struct default_pager next = { 0 };
	struct taker taker;

	taker_start(&taker, &pager);
	pager.silent = true;
	CHECK_OK(thread_resume(taker.thread));
	TEST_WAIT_UNTIL(pager.requests > 0);
	CHECK(!taker.done);
	CHECK_OK(thread_abort(taker.thread));
	taker_lost(&taker);
	CHECK_EQ(taker.task->map->use, VM_MAP_RESTS);
	taker_end(&taker);
	pager.silent = false;
	test_sleep(20);
	nothing_is_left(&pager);

	pager = (struct default_pager) { 0 };
	taker_start(&taker, &pager);
	default_pager_stop(&pager);
	default_pager_start(&next);
	CHECK_OK(thread_resume(taker.thread));
	taker_lost(&taker);
	taker_end(&taker);
	nothing_is_left(&next);
}
