/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_trace.h. */

#include <kernel/kdb/kdb_trace.h>

#include <string.h>

#include <machine/peek.h>
#include <machine/unwind.h>

#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_local.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_program.h>
#include <kernel/kdb/kdb_region.h>
#include <kernel/kdb/kdb_scope.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_type.h>
#include <kernel/kdb/kdb_value.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/thread.h>

/* Callers that are asked for what a function was called with. */
#define KDB_TRACE_CALLERS	4u

#define KDB_TRACE_VALUE		256u	/* characters of one value */

/* A function that is inlined, and where it is called. */
struct kdb_trace_inline {
	const char	*name;
	const char	*file;
	unsigned	line;
};

/* One trace at a time: kernel stacks are small. */
static struct kdb_trace_inline kdb_trace_inlines[KDB_INLINE_MAX];
static char kdb_trace_text[KDB_TRACE_VALUE];
static uintptr_t kdb_trace_entered;
static bool kdb_trace_interrupted;

/* The thread whose stack UNWIND walks, or NULL. */
static struct thread *
kdb_trace_thread_of(const struct kdb_unwind *unwind)
{
	return unwind->arg;
}

static struct task *
kdb_trace_task(const struct kdb_unwind *unwind)
{
	struct thread *thread = kdb_trace_thread_of(unwind);
	struct task *task;

	return thread != NULL && peek_read((uintptr_t)&thread->task, &task,
	    sizeof(task)) ? task : NULL;
}

/* Also the kernel's addresses, but nothing that a device answers for. */
static bool
kdb_trace_read(struct kdb_unwind *unwind, uintptr_t address, void *to,
    size_t n)
{
	if (address >= MACHINE_USER_MAX) {
		return peek_read(address, to, n);
	}
	return kdb_region_read(kdb_trace_task(unwind), address, to, n);
}

static const struct kdb_symtab *
kdb_trace_table(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return kdb_sym_table(kdb_trace_task(unwind), kdb_frame_place(frame));
}

static unsigned
kdb_trace_constants(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_cfi_range ranges[KDB_CFI_RANGES])
{
	const struct kdb_symtab *table = kdb_trace_table(unwind, frame);
	struct task *task = kdb_trace_task(unwind);
	uintptr_t place = kdb_frame_place(frame);
	struct kdb_symbol symbol;

	/* What tables with rules are of has no others: they were made from those. */
	if (!frame->user || task == NULL || (table != NULL &&
	    table->parts[KDB_TABLE_RULES].size != 0 &&
	    kdb_sym_at(task, place, &symbol))) {
		return 0;
	}
	return kdb_program_constants(task, place, ranges);
}

static bool
kdb_trace_is_code(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	uintptr_t pc = frame->reg[KDB_REG_PC];
	const struct task *task = kdb_trace_task(unwind);

	if (!frame->user) {
		return unwind_is_code(pc);
	}
	return pc < MACHINE_USER_MAX && task != NULL &&
	    kdb_program_is_code(task, pc);
}

static enum kdb_unwind_step
kdb_trace_boundary(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	return unwind_boundary(unwind, kdb_trace_thread_of(unwind), frame,
	    next);
}

static struct kdb_unwind
kdb_trace_unwind(struct thread *thread)
{
	return (struct kdb_unwind){
		.read = kdb_trace_read,
		.table = kdb_trace_table,
		.constants = kdb_trace_constants,
		.is_code = kdb_trace_is_code,
		.boundary = kdb_trace_boundary,
		.arg = thread,
	};
}

/* What is inlined at PLACE, outermost first; returns how many. */
static unsigned
kdb_trace_inlined(const struct kdb_symtab *table, uintptr_t place)
{
	struct kdb_function function;
	struct kdb_entry entry;
	struct kdb_walk walk;
	unsigned count = 0;

	if (table == NULL || !kdb_function_at(table, place, &function)) {
		return 0;
	}
	kdb_walk_start(&walk, table, &function, place);
	while (kdb_walk_next(&walk, &entry)) {
		if (entry.kind == KDB_SCOPE_INLINE &&
		    entry.level == count + 1 && count < KDB_INLINE_MAX) {
			kdb_trace_inlines[count].name = entry.name;
			kdb_trace_inlines[count].file = entry.file;
			kdb_trace_inlines[count].line = entry.line;
			count++;
		}
	}
	return count;
}

static void
kdb_trace_variable(const struct kdb_view *view, const struct kdb_entry *entry)
{
	struct kdb_value value;
	struct kdb_text text;

	kdb_text_init(&text, kdb_trace_text, sizeof(kdb_trace_text));
	if (entry->placed && kdb_value_get(view, entry->expr, &value)) {
		kdb_type_print(view, entry->type, &value, &text);
	} else {
		kdb_text_add(&text, "(not known here)");
	}
	kdb_printf("\t%s=%s\n", entry->name, kdb_trace_text);
}

/* Parameters and variables of what is LEVEL inlined functions deep. */
static void
kdb_trace_variables(const struct kdb_view *view, unsigned level)
{
	uintptr_t place = kdb_frame_place(view->frame);
	struct kdb_function function;
	struct kdb_entry entry;
	struct kdb_walk walk;

	if (view->table == NULL ||
	    !kdb_function_at(view->table, place, &function)) {
		return;
	}
	kdb_walk_start(&walk, view->table, &function, place);
	while (kdb_walk_next(&walk, &entry)) {
		if ((entry.kind == KDB_SCOPE_PARAMETER ||
		    entry.kind == KDB_SCOPE_LOCAL) && entry.level == level) {
			kdb_trace_variable(view, &entry);
		}
	}
}

/* The registers that a function keeps for its caller, as they are in it. */
static void
kdb_trace_registers(const struct kdb_frame *frame)
{
	static const struct {
		unsigned	reg;
		const char	*name;
	} kept[] = {
		{ KDB_REG_EBX, "ebx" }, { KDB_REG_ESI, "esi" },
		{ KDB_REG_EDI, "edi" }, { KDB_REG_EBP, "ebp" },
		{ KDB_REG_ESP, "esp" },
	};

	kdb_printf("\t");
	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (kdb_frame_known(frame, kept[i].reg)) {
			kdb_printf("<%s %08x ", kept[i].name,
			    frame->reg[kept[i].reg]);
		}
	}
	kdb_printf("\n");
}

static void
kdb_trace_line(const char *file, unsigned line)
{
	if (line != 0) {
		kdb_printf(" (%s:%u)", file, line);
	}
}

/* A frame: what is inlined in it from the innermost on, and its function. */
static void
kdb_trace_frame(const struct kdb_view *view, bool values)
{
	uintptr_t place = kdb_frame_place(view->frame);
	struct task *task = kdb_trace_task(view->unwind);
	uint32_t pc = view->frame->reg[KDB_REG_PC];
	unsigned level = kdb_trace_inlined(view->table, place);
	struct kdb_symbol symbol;
	const char *file = "";
	unsigned line = 0;

	kdb_line_at(task, place, &file, &line);
	for (; level > 0; level--) {
		const struct kdb_trace_inline *at =
		    &kdb_trace_inlines[level - 1];

		kdb_printf("  %08x %s", pc, at->name);
		kdb_trace_line(file, line);
		kdb_printf(" inlined\n");
		if (values) {
			kdb_trace_variables(view, level);
		}
		file = at->file;
		line = at->line;
	}
	kdb_printf("  %08x", pc);
	if (kdb_sym_at(task, place, &symbol) || (task != NULL &&
	    view->frame->user && kdb_program_symbol(task, place, &symbol))) {
		kdb_printf(" %s+%#x", symbol.name, (unsigned)(pc - symbol.value));
	}
	kdb_trace_line(file, line);
	kdb_printf("\n");
	if (values) {
		kdb_trace_variables(view, 0);
		kdb_trace_registers(view->frame);
	}
}

/* A system call of a program's, which something in user mode serves. */
static void
kdb_trace_call(const struct kdb_frame *frame)
{
	static const uint8_t arguments[] = {
		KDB_REG_EBX, KDB_REG_ECX, KDB_REG_EDX, KDB_REG_ESI,
		KDB_REG_EDI, KDB_REG_EBP,
	};

	kdb_printf("  -- system call %u(", frame->reg[KDB_REG_EAX]);
	for (unsigned i = 0; i < sizeof(arguments); i++) {
		kdb_printf("%s%x", i == 0 ? "" : ", ",
		    frame->reg[arguments[i]]);
	}
	kdb_printf(")\n");
}

/* What is between a frame and the NEXT one, if something is. */
static void
kdb_trace_step(enum kdb_unwind_step step, const struct kdb_unwind *unwind,
    const struct kdb_frame *frame, const struct kdb_frame *next)
{
	if (step == KDB_UNWIND_LOST) {
		kdb_printf("  -- %s: %08x\n", unwind->why,
		    next->reg[KDB_REG_PC]);
	} else if (step == KDB_UNWIND_TRAP) {
		kdb_printf("  -- %s\n", next->user && !frame->user
					   ? "user mode" : "interrupted");
	} else if (step == KDB_UNWIND_CALL) {
		kdb_trace_call(next);
	}
	if (unwind->doubt != NULL) {
		kdb_printf("  -- perhaps: %s\n", unwind->doubt);
	}
}

void
kdb_trace_frames(struct thread *thread, const struct kdb_frame *frame,
    unsigned count, bool values)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	struct kdb_frame frames[2] = { *frame };
	struct kdb_view view = {
		.unwind = &unwind, .callers = KDB_TRACE_CALLERS,
	};

	for (unsigned i = 0; i < count; i++) {
		struct kdb_frame *next = &frames[(i + 1) % 2];
		enum kdb_unwind_step step;
		struct kdb_unwind said;

		view.frame = &frames[i % 2];
		view.table = kdb_trace_table(&unwind, view.frame);
		step = kdb_unwind_next(&unwind, view.frame, next);
		/* Values may need other frames. */
		said = unwind;
		kdb_trace_frame(&view, values);
		kdb_trace_step(step, &said, view.frame, next);
		if (!kdb_unwind_more(step)) {
			return;
		}
	}
	kdb_printf("  -- there is more\n");
}

void
kdb_trace_pointer(struct thread *thread, uintptr_t pointer, unsigned count,
    bool values)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	struct kdb_frame frame;

	if (unwind_pointer(&unwind, pointer, &frame)) {
		kdb_trace_frames(thread, &frame, count, values);
	} else {
		kdb_printf("  -- no stack at %08lx\n", (unsigned long)pointer);
	}
}

bool
kdb_trace_from(struct thread *thread, uintptr_t pointer, unsigned count,
    bool values)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	struct kdb_frame frame;

	if (!unwind_pointer(&unwind, pointer, &frame) ||
	    !kdb_trace_is_code(&unwind, &frame)) {
		return false;
	}
	kdb_trace_frames(thread, &frame, count, values);
	return true;
}

/*
 * FRAME is of what stopped a processor: make it that of what was interrupted,
 * if that can be found.
 */
static void
kdb_trace_skip(struct thread *thread, struct kdb_frame *frame)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	struct kdb_frame frames[2] = { *frame };

	for (unsigned i = 0; i < KDB_TRACE_MAX; i++) {
		switch (kdb_unwind_next(&unwind, &frames[i % 2],
		    &frames[(i + 1) % 2])) {
		case KDB_UNWIND_TRAP:
			*frame = frames[(i + 1) % 2];
			return;
		case KDB_UNWIND_CALLER:
		case KDB_UNWIND_CALL:
			break;
		default:
			return;
		}
	}
}

void
kdb_trace_stopped(struct thread *thread, uintptr_t pointer, unsigned count,
    bool values)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	struct kdb_frame frame;

	if (unwind_pointer(&unwind, pointer, &frame)) {
		kdb_trace_skip(thread, &frame);
		kdb_trace_frames(thread, &frame, count, values);
	} else {
		kdb_printf("  -- no stack at %08lx\n", (unsigned long)pointer);
	}
}

void
kdb_trace_here(uintptr_t pointer, bool interrupted)
{
	kdb_trace_entered = pointer;
	kdb_trace_interrupted = interrupted;
}

/* The frame pointer where THREAD stopped on a processor; 0: it is on none. */
static uintptr_t
kdb_trace_running(const struct thread *thread)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (percpu_get(cpu)->thread == thread) {
			return cpu == cpu_id() ? kdb_trace_entered
					       : percpu_get(cpu)->panic_frame;
		}
	}
	return 0;
}

bool
kdb_trace_start(struct thread *thread, struct kdb_frame *frame,
    uintptr_t *continuation)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	uintptr_t pointer = kdb_trace_running(thread);

	*continuation = 0;
	memset(frame, 0, sizeof(*frame));
	if (pointer != 0) {
		if (!unwind_pointer(&unwind, pointer, frame)) {
			return false;
		}
		if (thread != current_thread() || kdb_trace_interrupted) {
			kdb_trace_skip(thread, frame);
		}
		return true;
	}
	if (thread->continuation == NULL && thread->stack != 0) {
		return unwind_waiting(thread, frame);
	}
	*continuation = (uintptr_t)thread->continuation;
	return unwind_user(thread, frame) || *continuation != 0;
}

/* A continuation is a function that is about to begin. */
static void
kdb_trace_continuation(uintptr_t pc)
{
	struct kdb_symbol symbol;

	kdb_printf("  %08lx", (unsigned long)pc);
	if (kdb_sym_at(NULL, pc, &symbol)) {
		kdb_printf(" %s+%#lx", symbol.name,
		    (unsigned long)(pc - symbol.value));
	}
	kdb_printf(" is next\n");
}

void
kdb_trace_thread(struct thread *thread, unsigned count, bool values)
{
	struct kdb_frame frame;
	uintptr_t continuation;

	if (!kdb_trace_start(thread, &frame, &continuation)) {
		kdb_printf("  -- it has no stack\n");
		return;
	}
	if (continuation != 0) {
		kdb_trace_continuation(continuation);
		if (frame.user) {
			kdb_printf("  -- user mode\n");
		}
	}
	if (kdb_frame_known(&frame, KDB_REG_PC)) {
		kdb_trace_frames(thread, &frame, count, values);
	}
}

/* In the stack of THREAD. */
static enum kdb_local
kdb_trace_local(struct thread *thread, const char *function,
    const char *variable, uintptr_t *address)
{
	struct kdb_unwind unwind = kdb_trace_unwind(thread);
	struct kdb_frame frame;
	uintptr_t continuation;

	if (!kdb_trace_start(thread, &frame, &continuation) ||
	    !kdb_frame_known(&frame, KDB_REG_PC)) {
		return KDB_LOCAL_NO_FRAME;
	}
	return kdb_local_search(&unwind, &frame, function, variable, address);
}

enum kdb_local
kdb_local_find(struct task *space, const char *function, const char *variable,
    uintptr_t *address)
{
	enum kdb_local found = KDB_LOCAL_NO_FRAME;
	const struct thread *thread;
	struct kdb_list walk;

	if (space == NULL || kdb_thread->task == space) {
		return kdb_trace_local(kdb_thread, function, variable,
		    address);
	}
	kdb_who_threads(&walk, space);
	while (found == KDB_LOCAL_NO_FRAME &&
	    (thread = kdb_who_next_thread(&walk)) != NULL) {
		found = kdb_trace_local((struct thread *)(uintptr_t)thread,
		    function, variable, address);
	}
	return found;
}
