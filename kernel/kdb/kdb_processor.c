/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_processor.h>

#include <stddef.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/kdb/kdb_thread.h>
#include <kernel/kdb/kdb_tree.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

static const char *
kdb_processor_state(const struct processor *processor)
{
	static const char *const names[] = {
		[PROCESSOR_OFF] = "off",
		[PROCESSOR_IDLE] = "idle",
		[PROCESSOR_RUNNING] = "running",
		[PROCESSOR_SHUTDOWN] = "shutdown",
	};
	unsigned state = processor->state;

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
	    "damaged";
}

void
kdb_processor_show_all(struct kdb_request *request)
{
	kdb_printf("nr state    queued prio nested ticks: user   system     "
	    "idle   switches  runs\n");
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		const struct processor *processor = processor_get(cpu);
		const struct percpu *percpu = percpu_get(cpu);

		kdb_printf("%2u %-8s %6u %4u %6u %11lu %8lu %8lu %10lu  ", cpu,
		    kdb_processor_state(processor), processor->queue.count,
		    processor->current_priority, percpu->intr_depth,
		    (unsigned long)processor->ticks_user,
		    (unsigned long)processor->ticks_system,
		    (unsigned long)processor->ticks_idle,
		    (unsigned long)processor->switches);
		kdb_who_print_thread(percpu->thread);
		kdb_printf("%s\n", kdb_stop_is_running(cpu) ?
		    ", does not stop" : "");
	}
}

/* ---- run queues --------------------------------------------------------- */

static unsigned
kdb_processor_draw_list(struct kdb_tree *tree, const struct list *list)
{
	const struct list_node *node;
	struct kdb_list walk;
	unsigned n = 0;

	kdb_list_begin(&walk, list);
	while ((node = kdb_list_next(&walk)) != NULL) {
		kdb_tree_branch(tree, false);
		kdb_thread_print(list_entry(node, struct thread, sched.link));
		n++;
	}
	kdb_list_end(&walk);
	return n;
}

static void
kdb_processor_draw_queue(unsigned cpu)
{
	const struct sched_queue *queue = &processor_get(cpu)->queue;
	struct kdb_tree tree = { .depth = 0 };
	unsigned n = 0;

	kdb_printf("processor %u runs ", cpu);
	kdb_who_print_thread(percpu_get(cpu)->thread);
	if (queue->lock.lock.owner != 0) {
		kdb_printf(", queue locked by processor %u",
		    queue->lock.lock.owner - 1);
	}
	kdb_printf("\n");
	for (unsigned i = 0; i < SCHED_PRIORITIES; i++) {
		n += kdb_processor_draw_list(&tree, &queue->lists[i]);
	}
	kdb_tree_branch(&tree, true);
	kdb_printf("%u wait", n);
	if (n != queue->count) {
		kdb_printf("; damaged: %u should", queue->count);
	}
	kdb_printf("\n");
}

void
kdb_processor_show_queues(struct kdb_request *request)
{
	uintptr_t cpu;

	kdb_printf("processor and what it runs; threads that wait for it, the "
	    "best first\n");
	if (request->rest[0] != '\0') {
		cpu = kdb_argument(request);
		if (cpu >= processor_count()) {
			kdb_error("no processor: %lu", (unsigned long)cpu);
		}
		kdb_processor_draw_queue((unsigned)cpu);
		return;
	}
	for (unsigned i = 0; i < processor_count(); i++) {
		kdb_processor_draw_queue(i);
	}
}

/* ---- sets --------------------------------------------------------------- */

static bool
kdb_processor_is_set(const struct processor_set *wanted)
{
	const struct list_node *node;
	struct kdb_list walk;

	kdb_list_begin(&walk, processor_debug_sets());
	while ((node = kdb_list_next(&walk)) != NULL) {
		if (list_entry(node, struct processor_set, link) == wanted) {
			return true;
		}
	}
	kdb_list_end(&walk);
	return false;
}

bool
kdb_processor_show_set(const struct processor_set *wanted)
{
	struct kdb_tree tree = { .depth = 0 };
	struct processor_set set;

	if (!kdb_processor_is_set(wanted) ||
	    !kdb_list_read(wanted, &set, sizeof(set))) {
		return false;
	}
	kdb_printf("processor set; its processors, as bits; what is assigned "
	    "to it\nprocessor set %p%s%s: processors %x\n",
	    (const void *)wanted, set.active ? "" : ", dead",
	    wanted == &processor_set_default ? ", the default one" : "",
	    set.cpu_mask);
	kdb_tree_branch(&tree, false);
	kdb_printf("tasks %u, threads %u; best priority %u, policies %x\n",
	    set.task_count, set.thread_count, set.max_priority, set.policies);
	kdb_tree_branch(&tree, true);
	kdb_printf("its ");
	kdb_port_print(set.self);
	kdb_printf("; by name ");
	kdb_port_print(set.name_self);
	kdb_printf("\n");
	return true;
}
