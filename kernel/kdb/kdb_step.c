/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_step.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_disasm.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_STEP_POLL		256u	/* steps between looks at the keyboard */
#define KDB_STEP_INDENT		2u
#define KDB_STEP_DEEPEST	20u
#define KDB_STEP_FUNCTIONS	64u

enum kdb_step_mode {
	KDB_STEP_NONE,
	KDB_STEP_SINGLE,	/* so many instructions */
	KDB_STEP_CALLS,		/* so many calls and returns */
	KDB_STEP_OVER,		/* so many, a call with what it calls as one */
	KDB_STEP_UNTIL,		/* up to an address */
	KDB_STEP_COUNT,		/* the same, but counting */
};

static struct {
	enum kdb_step_mode mode;
	bool		waits;		/* for a breakpoint */
	unsigned	left;
	unsigned	steps;
	unsigned	depth;		/* of calls */
	uintptr_t	until;
	enum kdb_flow	flow;		/* of the instruction that is next */
	unsigned	length;
	bool		user;		/* in a program */
} kdb_step;

/* Instructions of functions, by their addresses, when those are counted. */
static struct kdb_step_function {
	uintptr_t	address;
	unsigned	count;
} kdb_step_functions[KDB_STEP_FUNCTIONS];
static bool kdb_step_by_function;

/* ---- one instruction ---------------------------------------------------- */

bool
kdb_step_wanted(void)
{
	return kdb_step.mode != KDB_STEP_NONE && !kdb_step.waits;
}

void
kdb_step_wait(void)
{
	kdb_step.waits = true;
}

void
kdb_step_go_on(void)
{
	kdb_step.waits = false;
}

bool
kdb_step_waits_again(void)
{
	return kdb_step.mode == KDB_STEP_UNTIL;
}

void
kdb_step_cancel(void)
{
	kdb_step.mode = KDB_STEP_NONE;
	kdb_step.waits = false;
	kdb_break_once_cancel();
}

/* What is the next instruction? */
static void
kdb_step_look(void)
{
	uint8_t bytes[KDB_DISASM_MAX];
	uintptr_t pc = kdb_cpu_pc();
	uintptr_t target;
	size_t n = kdb_mem_read_most(current_task(), pc, bytes, sizeof(bytes));

	kdb_step.flow = KDB_FLOW_NEXT;
	kdb_step.length = kdb_disasm_flow(bytes, n, pc, &kdb_step.flow,
	    &target);
}

/*
 * Is the next instruction not executed alone, but all run until it is back?  So is
 * one that takes a program to the kernel, which is not stepped through, and a call
 * if it is to be gone over.
 */
static bool
kdb_step_is_far(uintptr_t *back, uintptr_t *above)
{
	*above = 0;
	if (kdb_cpu_leaves(back)) {
		return true;
	}
	*back = kdb_cpu_pc() + kdb_step.length;
	*above = kdb_cpu_sp() - 1;
	return kdb_step.mode == KDB_STEP_OVER && kdb_step.flow == KDB_FLOW_CALL;
}

static bool
kdb_step_finish(void)
{
	kdb_step_cancel();
	if (kdb_cpu_user()) {
		kdb_task = current_task();
	}
	kdb_out_fresh_line();
	kdb_choose_print_pc();
	return true;
}

/* A call or a return was executed: print where it led. */
static bool
kdb_step_trace(void)
{
	bool call = kdb_step.flow == KDB_FLOW_CALL;

	if (!call && kdb_step.flow != KDB_FLOW_RETURN) {
		return false;
	}
	if (!call && kdb_step.depth > 0) {
		kdb_step.depth--;
	}
	kdb_out_tab(KDB_STEP_INDENT * (kdb_step.depth < KDB_STEP_DEEPEST ?
	    kdb_step.depth : KDB_STEP_DEEPEST));
	kdb_printf(call ? "call " : "return to ");
	kdb_symbolic_print(kdb_cpu_pc());
	kdb_printf("\n");
	kdb_step.depth += call ? 1 : 0;
	return true;
}

static void
kdb_step_count_function(void)
{
	struct kdb_symbol symbol = { .value = 0 };

	(void)kdb_sym_at(current_task(), kdb_cpu_pc(), &symbol);
	for (unsigned i = 0; i < KDB_STEP_FUNCTIONS; i++) {
		struct kdb_step_function *f = &kdb_step_functions[i];

		if (f->count == 0 || f->address == symbol.value) {
			f->address = symbol.value;
			f->count++;
			return;
		}
	}
	/* More than there is room for are one. */
	kdb_step_functions[KDB_STEP_FUNCTIONS - 1].address = 0;
	kdb_step_functions[KDB_STEP_FUNCTIONS - 1].count++;
}

static void
kdb_step_print_counts(void)
{
	kdb_printf("\n%u instructions\n", kdb_step.steps);
	for (unsigned i = 0; i < KDB_STEP_FUNCTIONS &&
	    kdb_step_functions[i].count > 0; i++) {
		const struct kdb_step_function *f = &kdb_step_functions[i];

		kdb_printf("%8u ", f->count);
		if (f->address == 0) {
			kdb_printf("of others\n");
		} else {
			kdb_symbolic_print(f->address);
			kdb_printf("\n");
		}
	}
}

/* Is that the last one? */
static bool
kdb_step_ends(void)
{
	bool there = kdb_cpu_pc() == kdb_step.until;

	switch (kdb_step.mode) {
	case KDB_STEP_SINGLE:
	case KDB_STEP_OVER:
		return --kdb_step.left == 0;
	case KDB_STEP_CALLS:
		return kdb_step_trace() && --kdb_step.left == 0;
	case KDB_STEP_COUNT:
		if (there) {
			kdb_step_print_counts();
		} else if (kdb_step_by_function) {
			kdb_step_count_function();
		}
		return there;
	default:
		return true;
	}
}

/* How is the next instruction executed?  True if it cannot be. */
static bool
kdb_step_next(void)
{
	uintptr_t back;
	uintptr_t above;

	kdb_step_look();
	if (!kdb_step_is_far(&back, &above)) {
		return false;
	}
	if (kdb_break_once(back, current_thread(), above)) {
		kdb_step.waits = true;
		return false;
	}
	kdb_printf("\nno room for a breakpoint where it comes back\n");
	return kdb_step_finish();
}

bool
kdb_step_done(void)
{
	if (kdb_step.mode == KDB_STEP_NONE) {
		return false;
	}
	kdb_step.steps++;
	if (kdb_step_ends()) {
		return kdb_step_finish();
	}
	if (kdb_step.steps % KDB_STEP_POLL == 0) {
		kdb_in_poll();
	}
	if (kdb_cpu_user() && !kdb_step.user) {
		kdb_printf("\nthe kernel was left\n");
		return kdb_step_finish();
	}
	return kdb_step_next();
}

/* ---- commands ----------------------------------------------------------- */

/* Leave the prompt for steps, if that can be. */
static void
kdb_step_start(enum kdb_step_mode mode, unsigned count)
{
	kdb_leave();
	kdb_step_cancel();
	memset(&kdb_step, 0, sizeof(kdb_step));
	memset(kdb_step_functions, 0, sizeof(kdb_step_functions));
	kdb_step.mode = mode;
	kdb_step.left = count > 0 ? count : 1;
	kdb_step.user = kdb_cpu_user();
}

/* The same, and begin. */
static bool
kdb_step_begin(enum kdb_step_mode mode, unsigned count)
{
	kdb_step_start(mode, count);
	if (kdb_step_next()) {
		kdb_stay();
		return false;
	}
	return true;
}

bool
kdb_step_one(void)
{
	return kdb_step_begin(KDB_STEP_SINGLE, 1);
}

/* So many, from the request's address on if it has one. */
static void
kdb_step_request(struct kdb_request *request, enum kdb_step_mode mode)
{
	kdb_leave();
	if (request->has_address) {
		kdb_cpu_set_pc(request->address);
	}
	(void)kdb_step_begin(mode, request->count);
}

static void
kdb_step_single(struct kdb_request *request)
{
	kdb_step_request(request, KDB_STEP_SINGLE);
}

static void
kdb_step_calls(struct kdb_request *request)
{
	kdb_step_request(request, KDB_STEP_CALLS);
}

static void
kdb_step_over(struct kdb_request *request)
{
	kdb_step_request(request, KDB_STEP_OVER);
}

static void
kdb_step_until(struct kdb_request *request)
{
	uintptr_t until = kdb_argument(request);

	kdb_step_start(KDB_STEP_UNTIL, 1);
	if (!kdb_break_once(until, current_thread(), 0)) {
		kdb_step_cancel();
		kdb_stay();
		kdb_error("no breakpoint there: %lx", (unsigned long)until);
	}
	kdb_step.waits = true;
}

static void
kdb_step_count(struct kdb_request *request)
{
	uintptr_t until = kdb_argument(request);

	kdb_step_by_function = strcmp(request->rest, "functions") == 0;
	if (!kdb_step_by_function && request->rest[0] != '\0') {
		kdb_error("nothing or `functions' expected: %s",
		    request->rest);
	}
	kdb_step_start(KDB_STEP_COUNT, 1);
	kdb_step.until = until;
	if (kdb_step_by_function) {
		kdb_step_count_function();
	}
	if (kdb_step_next()) {
		kdb_stay();
	}
}

static const struct kdb_word kdb_step_words[] = {
	{ "count", kdb_step_count, "ADDRESS [functions]",
	    "execute up to that address and count instructions (by function)" },
	{ "next", kdb_step_over, "",
	    "execute one instruction, a call with all that it calls; `ADDRESS,N next'\n"
	    "executes N of them, from there" },
	{ "until", kdb_step_until, "ADDRESS",
	    "go on until this thread comes to that address, again if it is there" },
	{ .name = NULL },
};

static const struct kdb_letter kdb_step_letters[] = {
	{ ':', 's', false, true, kdb_step_single, "ADDRESS,COUNT:s",
	    "execute COUNT instructions (from there)" },
	{ ':', 'S', false, true, kdb_step_calls, "ADDRESS,COUNT:S",
	    "execute up to the COUNTth call or return (from there), and print each" },
	{ .fn = NULL },
};

struct kdb_table kdb_step_table = {
	.words = kdb_step_words, .letters = kdb_step_letters,
};
