/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's prompt, and words about tasks and threads, which are copied
 * before they are shown: lists may be in the middle of a change.
 */

#include <kernel/kdb/kdb.h>

#include <stddef.h>
#include <string.h>

#include <machine/boot.h>
#include <machine/cpu.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_call.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_complete.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_gdb.h>
#include <kernel/kdb/kdb_help.h>
#include <kernel/kdb/kdb_line.h>
#include <kernel/kdb/kdb_log.h>
#include <kernel/kdb/kdb_modifier.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_show.h>
#include <kernel/kdb/kdb_source.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/kdb/kdb_vm.h>
#include <kernel/kdb/kdb_watch.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/kdb/kdb_zone.h>
#include <kernel/processor.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_phys.h>

static bool kdb_may_continue;
static bool kdb_leaving;

static const char *const kdb_states[] = {
	[THREAD_NEW] = "new",
	[THREAD_RUN] = "run",
	[THREAD_BLOCKED] = "blocked",
	[THREAD_STOPPED] = "stopped",
	[THREAD_DEAD] = "dead",
};

/* What ADDRESS is called; THREAD is a copy of it. */
static void
kdb_thread_name(const struct thread *thread, char *text, size_t size)
{
	kdb_who_string(thread->name != NULL ? thread->name :
	    thread->task->name, text, size);
}

static const char *
kdb_state(unsigned state)
{
	return state < sizeof(kdb_states) / sizeof(kdb_states[0]) ?
	    kdb_states[state] : "damaged";
}

static void
kdb_print_thread(const struct thread *address, const struct thread *thread)
{
	char text[KDB_WHO_TEXT];
	const char *name = NULL;
	size_t offset = 0;

	kdb_thread_name(thread, text, sizeof(text));
	kdb_printf("  thread %p %-16s %-8s pri %2u hold %u ast %#x",
	    (const void *)address, text, kdb_state(thread->sched.state),
	    thread->sched.priority, thread->sched.hold_count, thread->ast);
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (processor_get(cpu) == thread->sched.processor) {
			kdb_printf(" cpu %u", cpu);
		}
	}
	if (thread->wait.event != NULL) {
		kdb_printf(" waits for %p", thread->wait.event);
		if (boot_symbol_lookup((uintptr_t)thread->wait.event, &name,
		    &offset)) {
			kdb_printf(" (%s+%#zx)", name, offset);
		}
	}
	kdb_printf("\n");
}

/* With their stacks, but for those that run. */
static void
kdb_print_threads(const struct task *task, bool stacks)
{
	static struct thread copy;
	const struct thread *thread;
	struct kdb_list walk;

	kdb_printf("task %p ", (const void *)task);
	kdb_who_print_task(task);
	kdb_printf("\n");
	kdb_who_threads(&walk, task);
	while ((thread = kdb_who_next_thread(&walk)) != NULL) {
		if (!kdb_list_read(thread, &copy, sizeof(copy))) {
			kdb_printf("damaged: no thread at %p\n",
			    (const void *)thread);
			continue;
		}
		kdb_print_thread(thread, &copy);
		if (stacks && copy.sched.state != THREAD_RUN) {
			kdb_trace_thread((struct thread *)(uintptr_t)thread,
			    KDB_TRACE_MAX, false);
		}
	}
	kdb_list_end(&walk);
}

static void
kdb_print_task(const struct task *address)
{
	static struct task task;
	char name[TASK_NAME_SIZE];

	if (!kdb_list_read(address, &task, sizeof(task))) {
		kdb_printf("damaged: no task at %p\n", (const void *)address);
		return;
	}
	kdb_who_string(address->name, name, sizeof(name));
	kdb_printf("task %p %-20s threads %u refs %u%s%s map %p space %p\n",
	    (const void *)address, name, task.thread_count,
	    refcount_read(&task.refcount), task.active ? "" : " dead",
	    task.user_stop_count != 0 ? " suspended" : "",
	    (void *)task.map, (void *)task.space);
}

static void
kdb_all_threads(bool stacks)
{
	const struct task *task;
	struct kdb_list walk;

	kdb_list_begin(&walk, task_debug_list());
	while ((task = kdb_who_next_task(&walk)) != NULL) {
		kdb_print_threads(task, stacks);
	}
	kdb_list_end(&walk);
}

static void
kdb_tasks(struct kdb_request *request)
{
	const struct task *task;
	struct kdb_list walk;

	kdb_list_begin(&walk, task_debug_list());
	while ((task = kdb_who_next_task(&walk)) != NULL) {
		kdb_print_task(task);
	}
	kdb_list_end(&walk);
}

static void
kdb_threads(struct kdb_request *request)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		kdb_printf("processor %u runs thread %p %s, %u queued\n", cpu,
		    (void *)percpu_get(cpu)->thread,
		    thread_name(percpu_get(cpu)->thread),
		    processor_get(cpu)->queue.count);
	}
	kdb_all_threads(false);
}

static void
kdb_stacks(struct kdb_request *request)
{
	kdb_all_threads(true);
}

static void
kdb_memory(struct kdb_request *request)
{
	kdb_printf("free pages %lu, directly mapped %lu; stacks %u\n",
	    vm_phys_free_count(), vm_phys_free_direct_count(), stack_count());
	kdb_zone_show(request);
}

/* Of the thread at ADDRESS, or from that frame pointer on. */
static void
kdb_trace_at(uintptr_t address, unsigned count, bool values)
{
	struct thread *thread = (struct thread *)address;

	if (kdb_who_is_thread(thread)) {
		kdb_trace_thread(thread, count, values);
	} else if (!kdb_trace_from(kdb_thread, address, count, values)) {
		kdb_error("no thread: %08lx (nor a frame's pointer)",
		    (unsigned long)address);
	}
}

/* Of all processors that were stopped. */
static void
kdb_trace_processors(unsigned count, bool values)
{
	kdb_trace_thread(current_thread(), count, values);
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (percpu_get(cpu)->panic_frame != 0 && cpu != cpu_id()) {
			kdb_printf("processor %u:\n", cpu);
			kdb_trace_thread(percpu_get(cpu)->thread, count,
			    values);
		}
	}
}

static unsigned
kdb_trace_count(const struct kdb_request *request)
{
	return request->has_count ? request->count : KDB_TRACE_MAX;
}

/* Of what the address means, or of the chosen thread if that is not the first. */
static void
kdb_trace_request(const struct kdb_request *request, bool values)
{
	unsigned count = kdb_trace_count(request);

	if (request->has_address) {
		kdb_trace_at(request->address, count, values);
	} else if (kdb_thread != current_thread()) {
		kdb_trace_thread(kdb_thread, count, values);
	} else {
		kdb_trace_processors(count, values);
	}
}

static void
kdb_trace_letter(struct kdb_request *request)
{
	kdb_trace_request(request, false);
}

static void
kdb_trace_values_letter(struct kdb_request *request)
{
	kdb_trace_request(request, true);
}

static void
kdb_trace_word(struct kdb_request *request)
{
	unsigned count = kdb_trace_count(request);

	if (request->has_address || request->rest[0] != '\0') {
		kdb_trace_at(kdb_who_thread_or_address(request), count, false);
	} else {
		kdb_trace_processors(count, false);
	}
}

void
kdb_leave(void)
{
	if (!kdb_may_continue) {
		kdb_error("cannot continue after a panic");
	}
	kdb_leaving = true;
}

bool
kdb_can_leave(void)
{
	return kdb_may_continue;
}

void
kdb_stay(void)
{
	kdb_leaving = false;
}

static void
kdb_continue(struct kdb_request *request)
{
	kdb_leave();
}

static void
kdb_reboot(struct kdb_request *request)
{
	machine_reboot();
}

static void
kdb_halt(struct kdb_request *request)
{
	machine_power_off();
}

static const struct kdb_word kdb_words[] = {
	{ "continue", kdb_continue, "", "go on, where that is possible" },
	{ "halt", kdb_halt, "",
	    "switch the machine off, at once: nobody is asked, and nothing that\n"
	    "tasks have not written to disk is written.  In order: `continue',\n"
	    "and then what the system has for it" },
	{ "memory", kdb_memory, "", "free memory and kernel caches" },
	{ "reboot", kdb_reboot, "",
	    "restart the machine, at once, as `halt' switches it off" },
	{ "stacks", kdb_stacks, "", "all threads with their stack traces" },
	{ "tasks", kdb_tasks, "", "all tasks" },
	{ "threads", kdb_threads, "", "processors and threads" },
	{ "trace", kdb_trace_word, "[THREAD | ADDRESS]",
	    "stack trace of the processors, or of a thread, TASK.N, too; or from a\n"
	    "frame pointer on, as $c" },
	{ .name = NULL },
};

static const struct kdb_letter kdb_letters[] = {
	{ ':', 'k', false, false, kdb_halt, ":k",
	    "end the system: switch the machine off" },
	{ ':', 'r', false, false, kdb_reboot, ":r",
	    "run the system anew: restart the machine" },
	{ '$', 'q', false, false, kdb_continue, "$q",
	    "go on, where that is possible" },
	{ '$', 'c', false, false, kdb_trace_letter, "ADDRESS,FRAMES$c",
	    "stack trace of the thread that was chosen by `thread' or `processor',\n"
	    "else of all processors; or of the thread at ADDRESS; or of the callers\n"
	    "of the chosen thread's function with that frame pointer" },
	{ '$', 'C', false, false, kdb_trace_values_letter,
	    "ADDRESS,FRAMES$C",
	    "the same with arguments, local variables and registers" },
	{ .fn = NULL },
};

static struct kdb_table kdb_table = { kdb_words, kdb_letters, NULL };

static void
kdb_setup(void)
{
	kdb_command_add(&kdb_modifier_table);
	kdb_command_add(&kdb_source_table);
	kdb_command_add(&kdb_table);
	kdb_command_add(&kdb_show_table);
	kdb_command_add(&kdb_log_table);
	kdb_command_add(&kdb_choose_table);
	kdb_command_add(&kdb_break_table);
	kdb_command_add(&kdb_step_table);
	kdb_command_add(&kdb_watch_table);
	kdb_command_add(&kdb_gdb_table);
	kdb_command_add(&kdb_call_table);
	kdb_command_add(&kdb_vm_table);
	kdb_command_add(&kdb_help_table);
	kdb_line_completer(kdb_complete);
}

static void
kdb_obey(void *line)
{
	kdb_out_pause(true);
	kdb_command_line(line);
}

bool
kdb_command(const char *line)
{
	kdb_setup();
	kdb_leaving = false;
	(void)kdb_error_catch(kdb_obey, (void *)(uintptr_t)line);
	kdb_out_pause(false);
	return !kdb_leaving;
}

/* Nothing is sure about what they are at. */
static void
kdb_say_running(void)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (kdb_stop_is_running(cpu)) {
			kdb_printf("processor %u does not stop\n", cpu);
		}
	}
}

void
kdb_enter(uintptr_t frame, bool can_continue)
{
	kdb_setup();
	kdb_trace_here(frame, can_continue);
	kdb_choose_here();
	kdb_may_continue = can_continue;
	kdb_break_say();
	kdb_watch_settle();
	kdb_say_running();
	if (kdb_gdb_stopped()) {
		return;
	}
	while (kdb_command(kdb_line_read("kdb> "))) {
	}
}
