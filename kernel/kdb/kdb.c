/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A small debugger prompt: one line, one command, no locks taken.  Everything
 * it walks may be in the middle of a change, so lists are followed only as far
 * as a limit.
 */

#include <kernel/kdb/kdb.h>

#include <stddef.h>
#include <string.h>

#include <machine/boot.h>
#include <machine/console.h>
#include <machine/cpu.h>

#include <kernel/clock.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/kdb/kdb_vm.h>
#include <kernel/kmem.h>
#include <kernel/printf.h>
#include <kernel/processor.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_phys.h>

#define KDB_LINE	80u
#define KDB_LIST_MAX	1000u

/* Returns false if the prompt is to be left. */
typedef bool (*kdb_fn_t)(const char *args);

struct kdb_entry {
	const char *name;
	kdb_fn_t fn;
	const char *help;
};

static bool kdb_may_continue;

static const char *const kdb_states[] = {
	[THREAD_NEW] = "new",
	[THREAD_RUN] = "run",
	[THREAD_BLOCKED] = "blocked",
	[THREAD_STOPPED] = "stopped",
	[THREAD_DEAD] = "dead",
};

static void
kdb_print_thread(const struct thread *thread)
{
	const char *name = NULL;
	size_t offset = 0;

	printf("  thread %p %-16s %-8s pri %2u hold %u ast %#x",
	    (const void *)thread, thread_name(thread),
	    kdb_states[thread->sched.state], thread->sched.priority,
	    thread->sched.hold_count, thread->ast);
	if (thread->sched.processor != NULL) {
		printf(" cpu %u", thread->sched.processor->id);
	}
	if (thread->wait.event != NULL) {
		printf(" waits for %p", thread->wait.event);
		if (boot_symbol_lookup((uintptr_t)thread->wait.event, &name,
		    &offset)) {
			printf(" (%s+%#zx)", name, offset);
		}
	}
	printf("\n");
}

static void
kdb_print_threads(struct task *task, void *arg)
{
	struct thread *thread;
	unsigned left = KDB_LIST_MAX;

	printf("task %p %s\n", (void *)task, task->name);
	list_for_each_entry(&task->threads, thread, task_link) {
		if (left-- == 0) {
			break;
		}
		kdb_print_thread(thread);
		if (arg != NULL && thread->sched.state != THREAD_RUN) {
			kdb_trace_thread(thread, KDB_TRACE_MAX, false);
		}
	}
}

static void
kdb_print_task(struct task *task, void *arg)
{
	printf("task %p %-20s threads %u refs %u%s%s map %p space %p\n",
	    (void *)task, task->name, task->thread_count,
	    refcount_read(&task->refcount), task->active ? "" : " dead",
	    task->user_stop_count != 0 ? " suspended" : "",
	    (void *)task->map, (void *)task->space);
}

static bool
kdb_tasks(const char *args)
{
	task_debug_each(kdb_print_task, NULL);
	return true;
}

static bool
kdb_threads(const char *args)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		printf("processor %u runs thread %p %s, %u queued\n", cpu,
		    (void *)percpu_get(cpu)->thread,
		    thread_name(percpu_get(cpu)->thread),
		    processor_get(cpu)->queue.count);
	}
	task_debug_each(kdb_print_threads, NULL);
	return true;
}

static bool
kdb_stacks(const char *args)
{
	static char on;

	task_debug_each(kdb_print_threads, &on);
	return true;
}

static bool
kdb_memory(const char *args)
{
	struct kmem_stats stats;

	printf("free pages %lu, directly mapped %lu; stacks %u\n",
	    vm_phys_free_count(), vm_phys_free_direct_count(), stack_count());
	printf("%-20s %6s %7s %7s %6s\n", "cache", "size", "used", "total",
	    "slabs");
	for (unsigned i = 0; kmem_stats_get(i, &stats); i++) {
		printf("%-20s %6zu %7u %7u %6u\n", stats.name, stats.size,
		    stats.used, stats.total, stats.slabs);
	}
	printf("large blocks: %zu bytes\n", kmem_large_used());
	return true;
}

bool
kdb_parse_address(const char **textp, uintptr_t *valuep)
{
	const char *s = *textp;
	uintptr_t value = 0;
	unsigned digits = 0;

	while (*s == ' ') {
		s++;
	}
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		s += 2;
	}
	for (;; s++, digits++) {
		if (*s >= '0' && *s <= '9') {
			value = value * 16 + (uintptr_t)(*s - '0');
		} else if (*s >= 'a' && *s <= 'f') {
			value = value * 16 + (uintptr_t)(*s - 'a' + 10);
		} else {
			break;
		}
	}
	if (digits == 0 || digits > 2 * sizeof(value) ||
	    (*s != ' ' && *s != '\0')) {
		return false;
	}
	*textp = s;
	*valuep = value;
	return true;
}

struct kdb_search {
	uintptr_t	address;
	struct thread	*found;
};

static void
kdb_match_thread(struct task *task, void *arg)
{
	struct kdb_search *search = arg;
	struct thread *thread;
	unsigned left = KDB_LIST_MAX;

	list_for_each_entry(&task->threads, thread, task_link) {
		if (left-- == 0) {
			break;
		}
		if ((uintptr_t)thread == search->address) {
			search->found = thread;
		}
	}
}

/* Of the thread at ADDRESS, if there is one. */
static void
kdb_trace_at(uintptr_t address, bool values)
{
	struct kdb_search search = { .address = address };

	task_debug_each(kdb_match_thread, &search);
	if (search.found == NULL) {
		printf("no thread: %08lx\n", (unsigned long)address);
		return;
	}
	kdb_trace_thread(search.found, KDB_TRACE_MAX, values);
}

/* Of the processors, or the thread that ARGS say. */
static bool
kdb_trace_any(const char *args, bool values)
{
	uintptr_t thread;

	if (kdb_parse_address(&args, &thread)) {
		kdb_trace_at(thread, values);
		return true;
	}
	kdb_trace_thread(current_thread(), KDB_TRACE_MAX, values);
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		uintptr_t frame = percpu_get(cpu)->panic_frame;

		if (frame != 0 && cpu != cpu_id()) {
			printf("processor %u:\n", cpu);
			kdb_trace_thread(percpu_get(cpu)->thread,
			    KDB_TRACE_MAX, values);
		}
	}
	return true;
}

static bool
kdb_trace_command(const char *args)
{
	return kdb_trace_any(args, false);
}

static bool
kdb_values_command(const char *args)
{
	return kdb_trace_any(args, true);
}

static bool
kdb_continue(const char *args)
{
	if (!kdb_may_continue) {
		printf("cannot continue after a panic\n");
		return true;
	}
	return false;
}

static bool
kdb_reboot(const char *args)
{
	machine_reboot();
}

static bool
kdb_halt(const char *args)
{
	machine_power_off();
}

static bool kdb_help(const char *args);

static const struct kdb_entry kdb_entries[] = {
	{ "$C", kdb_values_command, "trace with values" },
	{ "$c", kdb_trace_command, "trace" },
	{ "continue", kdb_continue, "go on, where that is possible" },
	{ "halt", kdb_halt, "switch the machine off" },
	{ "help", kdb_help, "this list" },
	{ "memory", kdb_memory, "free memory and kernel caches" },
	{ "reboot", kdb_reboot, "restart the machine" },
	{ "show", kdb_vm_show,
	    "map or pmap TASK, object, chain or page ADDRESS, vm: as trees" },
	{ "stacks", kdb_stacks, "all threads with their stack traces" },
	{ "tasks", kdb_tasks, "all tasks" },
	{ "threads", kdb_threads, "processors and threads" },
	{ "trace", kdb_trace_command,
	    "stack trace of the processors, or of the thread given" },
};

#define KDB_ENTRIES	(sizeof(kdb_entries) / sizeof(kdb_entries[0]))

static bool
kdb_help(const char *args)
{
	for (unsigned i = 0; i < KDB_ENTRIES; i++) {
		printf("%-10s %s\n", kdb_entries[i].name, kdb_entries[i].help);
	}
	return true;
}

bool
kdb_command(const char *line)
{
	const char *space;
	size_t len;

	while (*line == ' ') {
		line++;
	}
	space = strchr(line, ' ');
	len = space == NULL ? strlen(line) : (size_t)(space - line);
	if (len == 0) {
		return true;
	}
	/* Any beginning of a name will do; the first that fits is meant. */
	for (unsigned i = 0; i < KDB_ENTRIES; i++) {
		if (strncmp(line, kdb_entries[i].name, len) == 0) {
			line += len;
			while (*line == ' ') {
				line++;
			}
			return kdb_entries[i].fn(line);
		}
	}
	printf("no such command; try help\n");
	return true;
}

/* Read a line from the console, with erasing. */
static void
kdb_read_line(char *line, size_t size)
{
	size_t len = 0;

	for (;;) {
		int c = console_getc_poll();

		if (c < 0) {
			cpu_pause();
			continue;
		}
		if (c == '\r' || c == '\n') {
			printf("\n");
			break;
		}
		if ((c == '\b' || c == 0x7f) && len > 0) {
			len--;
			printf("\b \b");
		} else if (c >= ' ' && c < 0x7f && len < size - 1) {
			line[len++] = (char)c;
			printf("%c", c);
		}
	}
	line[len] = '\0';
}

void
kdb_enter(uintptr_t frame, bool can_continue)
{
	char line[KDB_LINE];

	kdb_trace_here(frame, can_continue);
	kdb_may_continue = can_continue;
	do {
		printf("kdb> ");
		kdb_read_line(line, sizeof(line));
	} while (kdb_command(line));
}
