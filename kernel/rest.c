/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The thread never waits for memory, and only tries maps' locks: nobody waits
 * for it longer than it takes to pack the entries of one map.
 */

#include <kernel/rest.h>

#include <kernel/clock.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map_rest.h>
#include <vm/vm_pageout.h>

/* Ticks from one look to the next; a map that rests was not used for so long. */
#define REST_PAUSE	HZ
/* Tasks that may come while there is no lock. */
#define REST_SPARE	16u

void
rest_idle_maps(void)
{
	unsigned max = task_count() + REST_SPARE;
	struct task **tasks = kmem_alloc(max * sizeof(*tasks));
	unsigned count;

	if (tasks == NULL) {
		return;
	}
	task_list_get(tasks, max, &count);
	/* If there are more of them now, then another time. */
	for (unsigned i = 0; count <= max && i < count; i++) {
		vm_map_rest_idle(tasks[i]->map);
		task_unref(tasks[i]);
	}
	kmem_free(tasks, max * sizeof(*tasks));
}

static void
rest_thread(void *arg)
{
	for (;;) {
		vm_pageout_wait_run();
		rest_idle_maps();
		sleepq_prepare(&rest_thread, false);
		sleepq_wait(clock_ticks() + REST_PAUSE);
	}
}

void
rest_setup(void)
{
	if (kernel_thread_create("rest", rest_thread, NULL,
	    SCHED_PRIORITY_SYSTEM) != KERN_SUCCESS) {
		panic("rest: no memory for the thread");
	}
}
