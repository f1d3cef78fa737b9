/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Changed pages for pagers that are in no hurry, while others want memory. */

#include "fake_pager.h"

#include <tests/lib/test.h>

#include <kernel/clock.h>
#include <kernel/task.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/vm_flow.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

TEST_MACHINE(.cpus = 1, .memory_mib = 8, .switch_chance = 0,
    .tick_steps = 4000);

#define CHANGED		(4u << 20)	/* of the pager's memory */
#define WANTED		(5u << 20)	/* by somebody else */

/* A task that wants memory, and has the pager's, too, unless that is NULL. */
struct wanting {
	struct task	*task;
	vm_offset_t	changed;
	vm_offset_t	va;
	kern_return_t	kr;
	bool		done;
};

static kern_return_t
change(struct task *task, vm_offset_t va, vm_size_t size)
{
	kern_return_t kr = KERN_SUCCESS;

	for (vm_offset_t at = 0; at < size && kr == KERN_SUCCESS;
	    at += vm_page_size) {
		kr = user_write(task, va + at, at + 1);
	}
	return kr;
}

static void
wanting_thread(void *arg)
{
	struct wanting *wanting = arg;

	wanting->kr = change(wanting->task, wanting->va, WANTED);
	wanting->done = true;
}

static unsigned
waiting(struct pager *pager)
{
	unsigned count;

	ipc_port_lock(pager->port);
	count = ipc_kmsg_queue_count(&pager->port->mqueue.messages);
	ipc_port_unlock(pager->port);
	return count;
}

/* Change memory of PAGER, which holds still from then on, and want more. */
static void
begin(struct pager *pager, struct wanting *wanting)
{
	pager_start(pager);
	wanting->task = test_new_task(NULL);
	CHECK_OK(pager_map(pager, wanting->task, &wanting->changed, CHANGED,
	    false, VM_PROT_DEFAULT));
	CHECK_OK(change(wanting->task, wanting->changed, CHANGED));
	pager->hold = true;
	CHECK_OK(vm_map_allocate(wanting->task->map, &wanting->va, WANTED,
	    true));
	test_spawn(wanting_thread, wanting);
	TEST_WAIT_UNTIL(waiting(pager) >= VM_FLOW_MESSAGES);
}

static void
end(struct pager *pager, struct wanting *wanting)
{
	CHECK(wanting->done);
	pager->hold = false;
	test_end_task(wanting->task);
	TEST_WAIT_UNTIL(pager->terminates == 1);
	CHECK_EQ(pager->returns, CHANGED / vm_page_size);
	pager_stop(pager);
	test_sleep(300);
	CHECK(!vm_page_is_exhausted());
	CHECK_EQ(vm_object_count(), 0);
}

static void
wait_ticks(unsigned ticks)
{
	uint64_t start = clock_ticks();

	while (clock_ticks() - start < ticks) {
		test_sleep(1);
	}
}

static void
wait_done(struct wanting *wanting, unsigned ticks)
{
	for (unsigned i = 0; i < 10 && !wanting->done; i++) {
		wait_ticks(ticks / 10);
	}
	CHECK(wanting->done);
}

/* A pager that is slow has but so much to do, and is waited for. */
TEST(slow_pager_is_waited_for)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct wanting wanting = { 0 };

	begin(&pager, &wanting);
	wait_ticks(VM_FLOW_PATIENCE / 2);
	CHECK_EQ(waiting(&pager), VM_FLOW_MESSAGES);
	CHECK(!vm_page_is_exhausted() && !wanting.done);
	pager.hold = false;
	wait_done(&wanting, 1000);
	CHECK_OK(wanting.kr);
	CHECK(pager.returns > VM_FLOW_MESSAGES);
	end(&pager, &wanting);
}

/*
 * One that does nothing at all costs nobody more than some time: what is its is
 * paged out from its queue.
 */
TEST(stalled_pager_is_not_waited_for)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct default_pager swap = { 0 };
	struct wanting wanting = { 0 };

	begin(&pager, &wanting);
	wait_ticks(VM_FLOW_PATIENCE + VM_FLOW_PATIENCE / 2);
	CHECK(waiting(&pager) > 2 * VM_FLOW_MESSAGES);
	CHECK(!vm_page_is_exhausted() && !wanting.done);
	default_pager_start(&swap);
	wait_done(&wanting, VM_FLOW_PATIENCE / 2);
	CHECK_OK(wanting.kr);
	CHECK_EQ(pager.returns, 0);
	end(&pager, &wanting);
	TEST_WAIT_UNTIL(swap.objects == 0);
	default_pager_stop(&swap);
}

/* Nor does it keep it a secret that there is no memory. */
TEST(stalled_pager_is_no_hope)
{
	struct pager pager = { .strategy = MEMORY_OBJECT_COPY_DELAY };
	struct wanting wanting = { 0 };

	begin(&pager, &wanting);
	CHECK(!vm_page_is_exhausted());
	wait_done(&wanting, 3 * VM_FLOW_PATIENCE);
	CHECK_EQ(wanting.kr, KERN_RESOURCE_SHORTAGE);
	end(&pager, &wanting);
}
