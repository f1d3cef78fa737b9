/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_gdb_thread.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_who.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

void
kdb_gdb_thread_begin(struct kdb_gdb_walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	kdb_list_begin(&walk->tasks, task_debug_list());
}

/* The next one that is a task's. */
static const struct thread *
kdb_gdb_thread_of_tasks(struct kdb_gdb_walk *walk)
{
	const struct thread *thread;
	const struct task *task;

	for (;;) {
		thread = walk->inside ? kdb_who_next_thread(&walk->threads) :
		    NULL;
		if (thread != NULL) {
			return thread;
		}
		task = kdb_who_next_task(&walk->tasks);
		walk->inside = task != NULL;
		if (task == NULL) {
			return NULL;
		}
		kdb_who_threads(&walk->threads, task);
	}
}

const struct thread *
kdb_gdb_thread_next(struct kdb_gdb_walk *walk)
{
	const struct thread *thread = kdb_gdb_thread_of_tasks(walk);

	/* Idle threads are on no task's list. */
	while (thread == NULL && walk->cpu < processor_count()) {
		thread = processor_get(walk->cpu++)->idle_thread;
		if (kdb_who_is_thread(thread)) {
			thread = NULL;
		}
	}
	return thread;
}

/* The address, but to gdb a number with the highest bit is negative. */
uint32_t
kdb_gdb_thread_number(const struct thread *thread)
{
	return (uintptr_t)thread / 2;
}

struct thread *
kdb_gdb_thread_find(uint32_t number)
{
	uintptr_t address = (uintptr_t)number * 2;
	const struct thread *thread;
	struct kdb_gdb_walk walk;

	if (address == (uintptr_t)current_thread()) {
		return current_thread();
	}
	kdb_gdb_thread_begin(&walk);
	while ((thread = kdb_gdb_thread_next(&walk)) != NULL) {
		if ((uintptr_t)thread == address) {
			return (struct thread *)address;
		}
	}
	return NULL;
}

struct thread *
kdb_gdb_thread_here(void)
{
	return current_thread();
}

struct task *
kdb_gdb_thread_task(const struct thread *thread)
{
	return thread->task;
}

void
kdb_gdb_thread_text(const struct thread *thread, char *text, size_t size)
{
	char who[KDB_WHO_TEXT];
	size_t n;

	kdb_who_thread_text(thread, who, sizeof(who));
	snprintf(text, size, "%s %s, %p", who, thread_name(thread),
	    (const void *)thread);
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (percpu_get(cpu)->thread == thread) {
			n = strlen(text);
			snprintf(text + n, size - n, ", processor %u", cpu);
		}
	}
}
