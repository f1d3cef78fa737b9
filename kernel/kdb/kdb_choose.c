/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The chosen task stays chosen as long as there is one; the thread is the one
 * that is seen first, whenever the machine stops.
 */

#include <kernel/kdb/kdb_choose.h>

#include <stddef.h>
#include <stdio.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_instruction.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_segments.h>
#include <kernel/kdb/kdb_regs.h>
#include <kernel/kdb/kdb_source.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_CHOOSE_FIELD	18u	/* columns of a register */

struct thread *kdb_thread;

void
kdb_choose_here(void)
{
	static bool begun;

	kdb_thread = current_thread();
	if (!begun) {
		kdb_segments_set(NULL);
		begun = true;
	}
	if (!kdb_who_is_task(kdb_task)) {
		kdb_task = NULL;
	}
}

/* The instruction at PC, which is the chosen thread's, or why there is none. */
static void
kdb_choose_instruction(uintptr_t pc, char *text, size_t size)
{
	uint8_t bytes[KDB_INSTRUCTION_MAX];
	size_t n = kdb_mem_read_most(kdb_thread->task, pc, bytes,
	    sizeof(bytes));

	if (n == 0) {
		snprintf(text, size, "%s", kdb_mem_why()[0] != '\0' ?
		    kdb_mem_why() : "not there");
		return;
	}
	kdb_vars.increment = kdb_instruction(bytes, n, pc, text, size);
}

/* With the symbols of the chosen thread's task, whichever is chosen. */
void
kdb_choose_print_pc(void)
{
	static char text[KDB_INSTRUCTION_TEXT];
	char name[KDB_SYMBOLIC_TEXT];
	struct task *task = kdb_task;
	uintptr_t pc;

	if (!kdb_reg_pc(&pc)) {
		kdb_printf("pc not known\n");
		return;
	}
	kdb_vars.dot = pc;
	kdb_task = kdb_thread->task;
	kdb_symbolic_text(pc, name, sizeof(name));
	kdb_choose_instruction(pc, text, sizeof(text));
	kdb_task = task;
	kdb_printf("%s: ", name);
	kdb_out_tab(KDB_CHOOSE_FIELD);
	kdb_printf("%s", text);
	kdb_source_print(kdb_thread->task, pc);
	kdb_printf("\n");
}

static void
kdb_choose_registers(struct kdb_request *request)
{
	unsigned width = kdb_out_width() / KDB_CHOOSE_FIELD;
	unsigned n = 0;
	uint32_t value;

	for (unsigned i = 0; i < kdb_reg_count; i++) {
		if (!kdb_reg_get(i, &value)) {
			continue;
		}
		kdb_printf("%-8s%08x", kdb_reg_names[i], value);
		if (++n % (width > 0 ? width : 1) == 0) {
			kdb_printf("\n");
		} else {
			kdb_printf("  ");
		}
	}
	kdb_out_fresh_line();
	kdb_choose_print_pc();
}

static void
kdb_choose_task(struct kdb_request *request)
{
	const char *name = request->rest;
	struct task *task;

	if (name[0] != '\0') {
		task = kdb_who_find(&request->rest);
		if (task == NULL) {
			kdb_error("no task of that name or address: %s", name);
		}
		/* The kernel's has nothing that is not in each. */
		kdb_task = task == kernel_task ? NULL : task;
		kdb_segments_set(kdb_task);
	}
	kdb_printf("task %p %s\n", (void *)kdb_task,
	    kdb_task != NULL ? kdb_task->name : "kernel");
}

static void
kdb_choose_name_thread(void)
{
	kdb_printf("thread %p %s", (void *)kdb_thread,
	    thread_name(kdb_thread));
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (percpu_get(cpu)->thread == kdb_thread) {
			kdb_printf(" on processor %u", cpu);
		}
	}
	kdb_printf("\n");
}

static void
kdb_choose_print_thread(void)
{
	kdb_choose_name_thread();
	kdb_choose_print_pc();
}

static void
kdb_choose_status(struct kdb_request *request)
{
	kdb_choose_name_thread();
	kdb_choose_registers(request);
}

static void
kdb_choose_thread(struct kdb_request *request)
{
	struct thread *thread;

	if (request->rest[0] != '\0') {
		thread = (struct thread *)kdb_who_thread_or_address(request);
		if (!kdb_who_is_thread(thread)) {
			kdb_error("no thread: %p", (void *)thread);
		}
		kdb_thread = thread;
	}
	kdb_choose_print_thread();
}

static void
kdb_choose_processor(struct kdb_request *request)
{
	uintptr_t cpu;

	if (request->rest[0] != '\0') {
		cpu = kdb_argument(request);
		if (cpu >= processor_count()) {
			kdb_error("no processor: %lu", (unsigned long)cpu);
		}
		kdb_thread = percpu_get(cpu)->thread;
	}
	kdb_choose_print_thread();
}

static const struct kdb_word kdb_choose_words[] = {
	{ "processor", kdb_choose_processor, "[NUMBER]",
	    "commands are about the registers of the thread that it runs" },
	{ "task", kdb_choose_task, "[TASK]",
	    "commands are about the memory of that task, given by name or\n"
	    "address; `kernel' means the kernel's alone.  `help variables' says\n"
	    "which are set for its program" },
	{ "thread", kdb_choose_thread, "[THREAD]",
	    "commands are about the registers of that thread, given by address or as\n"
	    "TASK.N with its number in the task" },
	{ .name = NULL },
};

static const struct kdb_letter kdb_choose_letters[] = {
	{ '$', 'r', false, false, kdb_choose_registers, "$r",
	    "registers of the chosen thread, u... in user mode; dot becomes its pc" },
	{ '$', '?', false, false, kdb_choose_status, "$?",
	    "which thread is chosen, and $r; also without the ?" },
	{ .fn = NULL },
};

struct kdb_table kdb_choose_table = {
	.words = kdb_choose_words, .letters = kdb_choose_letters,
};
