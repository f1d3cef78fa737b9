/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/walker.h>

#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/processor.h>
#include <kernel/task.h>

#include <ipc/ipc_space.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

/* Tasks that may come while there is no lock. */
#define WALKER_SPARE	16u

static void
walker_task(struct task *task)
{
	vm_map_check(task->map);
	pmap_check(task->map->pmap);
	ipc_space_lock(task->space);
	if (task->space->active) {
		ipc_space_check(task->space);
	}
	ipc_space_unlock(task->space);
}

/* Walk over TASKS, and give their references back. */
static void
walker_tasks(struct task **tasks, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		walker_task(tasks[i]);
		task_unref(tasks[i]);
	}
}

static kern_return_t
walker_all_tasks(void)
{
	unsigned max;
	unsigned count;
	struct task **tasks;

	do {
		max = task_count() + WALKER_SPARE;
		tasks = kmem_alloc(max * sizeof(*tasks));
		if (tasks == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		task_list_get(tasks, max, &count);
		if (count <= max) {
			walker_tasks(tasks, count);
		}
		kmem_free(tasks, max * sizeof(*tasks));
	} while (count > max);
	return KERN_SUCCESS;
}

kern_return_t
walker_run(void)
{
	kern_return_t kr = walker_all_tasks();

	for (unsigned i = 0; i < processor_count(); i++) {
		sched_queue_check(&processor_get(i)->queue);
	}
	vm_page_check();
	vm_phys_check();
	kmem_check();
	return kr;
}
