/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Several processors at once in the same maps and the same chains of objects.
 * Contents are checked where only one thread writes; the rest is for the
 * walkers, the lock checks and the sanitizers.
 */

#include "fake_pager.h"

#include <gnumach_server.h>
#include <mach_server.h>
#include <tests/lib/test.h>

#include <machine/copyio.h>

#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/memory_object.h>
#include <vm/vm_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define BASE	0x100000u
#define THREADS	6u
#define OWN	16u		/* pages of each thread */

TEST_MACHINE(.cpus = 4, .memory_mib = 16, .switch_chance = 6,
    .tick_steps = 300);

struct worker {
	struct task *task;
	unsigned number;
	uint32_t word[OWN];
};

static struct worker workers[THREADS];

/* In place of the thread's own task, since it plays a thread of TASK. */
static kern_return_t
move(struct task *task, vm_offset_t va, uint32_t *value, bool write)
{
	kern_return_t kr;

	kr = write ? vm_map_write_bytes(task->map, va, value, sizeof(*value)) :
	    vm_map_read_bytes(task->map, va, value, sizeof(*value));
	return kr;
}

static vm_offset_t
own_page(const struct worker *worker, unsigned i)
{
	/* Interleaved, so that neighbours belong to different threads. */
	return BASE + (i * THREADS + worker->number) * vm_page_size;
}

static void
worker_check(struct worker *worker, struct task *task)
{
	uint32_t value;

	for (unsigned i = 0; i < OWN; i++) {
		CHECK_OK(move(task, own_page(worker, i), &value, false));
		CHECK_EQ(value, worker->word[i]);
	}
}

static void
worker_fork(struct worker *worker)
{
	struct task *child;
	uint32_t word[OWN];
	uint32_t value;

	if (task_create(worker->task, true, &child) != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < OWN; i++) {
		word[i] = worker->word[i];
	}
	for (unsigned i = 0; i < OWN; i += 3) {
		worker->word[i] = test_random(1u << 30);
		CHECK_OK(move(worker->task, own_page(worker, i),
		    &worker->word[i], true));
		CHECK_OK(move(child, own_page(worker, i), &value, false));
		CHECK_EQ(value, word[i]);
	}
	test_end_task(child);
}

static void
worker_send(struct worker *worker)
{
	unsigned i = test_random(OWN);
	uint32_t value = test_random(1u << 30);
	uint32_t old = worker->word[i];
	vm_offset_t va = own_page(worker, i);
	struct vm_copy *copy;

	CHECK_OK(vm_copy_in(worker->task->map, va, vm_page_size, false,
	    &copy));
	worker->word[i] = value;
	CHECK_OK(move(worker->task, va, &value, true));
	CHECK_OK(vm_copy_read(copy, 0, &value, sizeof(value)));
	CHECK_EQ(value, old);
	if (test_random(2) == 0) {
		CHECK_OK(vm_copy_overwrite(worker->task->map, va, copy));
		worker->word[i] = old;
	} else {
		vm_copy_discard(copy);
	}
}

static void
worker_main(void *arg)
{
	struct worker *worker = arg;
	vm_offset_t va;
	unsigned i;

	for (unsigned n = 0; n < 300 && !test_failed(); n++) {
		i = test_random(OWN);
		va = own_page(worker, i);
		switch (test_random(8)) {
		case 0:
			worker_fork(worker);
			break;
		case 1:
		case 2:
			worker_send(worker);
			break;
		case 3:
			CHECK_OK(vm_map_remove(worker->task->map, va,
			    va + vm_page_size));
			CHECK_OK(vm_map_allocate(worker->task->map, &va,
			    vm_page_size, false));
			worker->word[i] = 0;
			break;
		case 4:
			CHECK_OK(vm_map_wire(worker->task->map, va,
			    va + vm_page_size, test_random(2) == 0 ?
			    VM_PROT_DEFAULT : VM_PROT_NONE));
			break;
		case 5:
			worker_check(worker, worker->task);
			break;
		default:
			worker->word[i] = test_random(1u << 30);
			CHECK_OK(move(worker->task, va, &worker->word[i],
			    true));
			break;
		}
	}
	worker_check(worker, worker->task);
}

static void
run_workers(vm_inherit_t inherit)
{
	struct vm_phys_stats stats;
	struct task *task;
	vm_offset_t va = BASE;
	vm_size_t size = THREADS * OWN * vm_page_size;

	task = test_new_task(NULL);
	CHECK_OK(vm_map_allocate(task->map, &va, size, false));
	CHECK_OK(vm_map_inherit(task->map, va, va + size, inherit));
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .task = task, .number = i };
		test_spawn(worker_main, &workers[i]);
	}
	test_join();
	vm_map_check(task->map);
	test_end_task(task);
	test_sleep(20);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
	CHECK_EQ(vm_page_stats.wired, 0);
	vm_page_check();
	vm_phys_check();
	vm_phys_get_stats(&stats);
}

TEST(threads_in_one_map)
{
	run_workers(VM_INHERIT_COPY);
}

/* Tasks that share one region, each forking copies of it. */
static void
sharer_main(void *arg)
{
	struct worker *worker = arg;
	struct task *task;

	task = test_new_task(worker->task);
	worker->task = task;
	for (unsigned n = 0; n < 100 && !test_failed(); n++) {
		unsigned i = test_random(OWN);

		switch (test_random(4)) {
		case 0:
			worker_send(worker);
			break;
		case 1:
			worker_check(worker, worker->task);
			break;
		default:
			worker->word[i] = test_random(1u << 30);
			CHECK_OK(move(task, own_page(worker, i),
			    &worker->word[i], true));
			break;
		}
	}
	worker_check(worker, task);
	test_end_task(task);
}

TEST(tasks_that_share)
{
	struct task *task;
	vm_offset_t va = BASE;
	vm_size_t size = THREADS * OWN * vm_page_size;

	task = test_new_task(NULL);
	CHECK_OK(vm_map_allocate(task->map, &va, size, false));
	CHECK_OK(vm_map_inherit(task->map, va, va + size, VM_INHERIT_SHARE));
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .task = task, .number = i };
		test_spawn(sharer_main, &workers[i]);
	}
	test_join();
	for (unsigned i = 0; i < THREADS; i++) {
		worker_check(&workers[i], task);
	}
	test_end_task(task);
	test_sleep(20);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
	vm_page_check();
}

#define CLEANED		(4 * vm_page_size)
#define CLEANERS	3u
#define CLEANINGS	40u

static unsigned cleaned;

static void
cleaner_thread(void *arg)
{
	struct pager *pager = arg;

	for (unsigned i = 0; i < CLEANINGS; i++) {
		CHECK_OK(S_memory_object_lock_request(pager->object, 0,
		    CLEANED, MEMORY_OBJECT_RETURN_DIRTY, FALSE,
		    VM_PROT_NO_CHANGE, IP_NULL, 0));
	}
	cleaned++;
}

/* Whoever sends a page, the pager gets it last as it was last. */
TEST(cleaning_keeps_the_order)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct task *task = test_new_task(NULL);
	vm_offset_t va;
	uint32_t last = 0;
	uint32_t kept;

	pager_start(&pager);
	pager.word[0] = last;
	CHECK_OK(pager_map(&pager, task, &va, CLEANED, false,
	    VM_PROT_DEFAULT));
	CHECK_OK(user_write(task, va, last));
	for (unsigned i = 0; i < CLEANERS; i++) {
		test_spawn(cleaner_thread, &pager);
	}
	while (cleaned < CLEANERS) {
		kept = pager.word[0];
		CHECK_OK(user_write(task, va, ++last));
		CHECK(pager.word[0] >= kept);
	}
	CHECK_OK(S_memory_object_lock_request(pager.object, 0, CLEANED,
	    MEMORY_OBJECT_RETURN_DIRTY, TRUE, VM_PROT_NO_CHANGE, IP_NULL, 0));
	CHECK_OK(user_read(task, va, &kept));
	CHECK_EQ(kept, last);
	test_end_task(task);
	pager_stop(&pager);
}
