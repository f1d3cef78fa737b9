/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_task.h>

#include <stddef.h>

#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_thread.h>
#include <kernel/kdb/kdb_tree.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/task.h>

#include <ipc/ipc_space.h>
#include <vm/vm_map.h>

static bool
kdb_task_read(const struct task *address, struct task *task)
{
	if (!kdb_list_read(address, task, sizeof(*task))) {
		kdb_printf("damaged: no task at %p\n", (const void *)address);
		return false;
	}
	return true;
}

static const char *
kdb_task_state(const struct task *task)
{
	return task->active ? "" : task->gone ? " gone" : " dead";
}

static void
kdb_task_print(const struct task *address, unsigned number)
{
	static struct task task;
	struct ipc_space space = { .used = 0 };
	struct vm_map map = { .size = 0 };
	char name[TASK_NAME_SIZE];

	if (!kdb_task_read(address, &task)) {
		return;
	}
	kdb_who_string(address->name, name, sizeof(name));
	(void)kdb_list_read(task.space, &space, sizeof(space));
	(void)kdb_list_read(task.map, &map, sizeof(map));
	kdb_printf("%2u  %p  %-16s %7u %9u %6u %8luK%s\n", number,
	    (const void *)address, name, task.thread_count,
	    task.user_stop_count, space.used, (unsigned long)map.size / 1024,
	    kdb_task_state(&task));
}

void
kdb_task_show_all(struct kdb_request *request)
{
	const struct task *task;
	struct kdb_list walk;
	unsigned number = 0;

	kdb_printf("nr  task        name             threads suspended  names "
	    "   memory\n");
	kdb_list_begin(&walk, task_debug_list());
	while ((task = kdb_who_next_task(&walk)) != NULL) {
		kdb_task_print(task, number++);
	}
	kdb_list_end(&walk);
}

/* ---- one task ----------------------------------------------------------- */

static void
kdb_task_draw_port(struct kdb_tree *tree, const char *what,
    const struct ipc_port *port)
{
	if (port != NULL) {
		kdb_tree_branch(tree, false);
		kdb_printf("%s", what);
		kdb_port_print(port);
		kdb_printf("\n");
	}
}

static void
kdb_task_draw_ports(struct kdb_tree *tree, const struct task_ipc *ipc)
{
	kdb_task_draw_port(tree, "its ", ipc->self);
	if (ipc->sself != ipc->self) {
		kdb_task_draw_port(tree, "given out as its own: ", ipc->sself);
	}
	kdb_task_draw_port(tree, "exceptions go to ", ipc->exception);
	kdb_task_draw_port(tree, "bootstrap is ", ipc->bootstrap);
	for (unsigned i = 0; i < TASK_PORT_REGISTER_MAX; i++) {
		kdb_task_draw_port(tree, "registered: ", ipc->registered[i]);
	}
}

static void
kdb_task_draw_counts(struct kdb_tree *tree, const struct task *task)
{
	kdb_tree_branch(tree, false);
	kdb_printf("map %p, space %p, set %p; references %u, priority %u\n",
	    (void *)task->map, (void *)task->space, (void *)task->pset,
	    refcount_read(&task->refcount), task->priority);
	kdb_tree_branch(tree, false);
	kdb_printf("messages sent %u, received %u; faults %u, paged in %u\n",
	    task->events.messages_sent, task->events.messages_received,
	    task->events.faults, task->events.pageins);
	kdb_tree_branch(tree, false);
	kdb_printf("ticks of ended threads: user %lu, system %lu\n",
	    (unsigned long)task->ticks_user, (unsigned long)task->ticks_system);
}

static void
kdb_task_draw_threads(struct kdb_tree *tree, const struct task *address,
    unsigned count)
{
	const struct thread *thread;
	struct kdb_list walk;

	kdb_tree_branch(tree, true);
	kdb_printf("%u threads: state, priority, holds, what they wait for\n",
	    count);
	(void)kdb_tree_down(tree, true);
	kdb_who_threads(&walk, address);
	while ((thread = kdb_who_next_thread(&walk)) != NULL) {
		kdb_tree_branch(tree, walk.next == walk.head);
		kdb_thread_print(thread);
	}
	kdb_list_end(&walk);
}

void
kdb_task_show(struct kdb_request *request)
{
	const struct task *address = kdb_who_task(request);
	static struct task task;
	struct kdb_tree tree = { .depth = 0 };

	if (!kdb_task_read(address, &task)) {
		return;
	}
	kdb_printf("task, its name and suspensions; memory, ports, threads\n"
	    "task %p ", (const void *)address);
	kdb_who_print_task(address);
	kdb_printf("%s: suspended by users %u times, held %u times%s\n",
	    kdb_task_state(&task), task.user_stop_count, task.hold_count,
	    task.essential ? ", essential" : "");
	kdb_task_draw_counts(&tree, &task);
	kdb_task_draw_ports(&tree, &task.ipc);
	kdb_task_draw_threads(&tree, address, task.thread_count);
}
