/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_break.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>
#include <machine/peek.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/thread.h>

#define KDB_BREAK_MAX	32u
#define KDB_BREAK_FIELD	24u

struct kdb_break {
	uintptr_t	address;	/* 0: not used */
	const struct thread *once;	/* not NULL: for that thread's steps, */
	uintptr_t	above;		/* with a stack pointer above this */
	bool		inserted;
	uint8_t		byte;		/* of the text, while it is */
	unsigned	count;		/* the hit that stops */
	unsigned	left;		/* hits until that */
	unsigned	hits;		/* all of them */
	char		text[KDB_COMMAND_SIZE];	/* condition and commands */
};

static struct kdb_break kdb_breaks[KDB_BREAK_MAX];

#define KDB_BREAK_EACH(b_)						\
	for (struct kdb_break *b_ = kdb_breaks;				\
	    b_ < kdb_breaks + KDB_BREAK_MAX; b_++)

void
kdb_break_remove(void)
{
	KDB_BREAK_EACH(b) {
		if (b->inserted) {
			(void)peek_write(b->address, &b->byte, 1);
			b->inserted = false;
		}
	}
}

/* Two at one address: the one that is taken out last has the text's byte. */
void
kdb_break_insert(void)
{
	static const uint8_t trap = KDB_CPU_BREAKPOINT;

	for (unsigned i = KDB_BREAK_MAX; i-- > 0;) {
		struct kdb_break *b = &kdb_breaks[i];

		b->inserted = b->address != 0 &&
		    peek_read(b->address, &b->byte, 1) &&
		    peek_write(b->address, &trap, 1);
	}
}

/* The one that was asked for at ADDRESS, or one for steps; NULL: none. */
static struct kdb_break *
kdb_break_find(uintptr_t address, bool once)
{
	KDB_BREAK_EACH(b) {
		if (b->address == address && address != 0 &&
		    (b->once != NULL) == once) {
			return b;
		}
	}
	return NULL;
}

static struct kdb_break *
kdb_break_unused(void)
{
	KDB_BREAK_EACH(b) {
		if (b->address == 0) {
			return b;
		}
	}
	return NULL;
}

bool
kdb_break_is_at(uintptr_t address)
{
	return kdb_break_find(address, false) != NULL ||
	    kdb_break_find(address, true) != NULL;
}

bool
kdb_break_once(uintptr_t address, const struct thread *thread, uintptr_t sp)
{
	struct kdb_break *b = kdb_break_unused();

	if (b == NULL || !kdb_cpu_may_break(address)) {
		return false;
	}
	memset(b, 0, sizeof(*b));
	b->address = address;
	b->once = thread;
	b->above = sp;
	return true;
}

void
kdb_break_once_cancel(void)
{
	KDB_BREAK_EACH(b) {
		if (b->once != NULL) {
			b->address = 0;
			b->once = NULL;
		}
	}
}

/* ---- hits --------------------------------------------------------------- */

struct kdb_break_run {
	const char	*text;
	bool		holds;		/* the condition */
	bool		zero;		/* dot, after commands */
};

/* What is to be done at a hit; an error stops there. */
static void
kdb_break_obey(void *arg)
{
	struct kdb_break_run *run = arg;
	const char *at = run->text;
	uintptr_t value;

	if (strncmp(at, "if ", 3) == 0) {
		at += 3;
		value = kdb_expr_need(&at, "condition");
		if (value == 0) {
			run->holds = false;
			return;
		}
		while (*at == ' ' || *at == ';') {
			at++;
		}
	}
	if (*at != '\0') {
		kdb_command_line(at);
		run->zero = kdb_vars.dot == 0;
	}
}

/* Is it the hit of B that stops? */
static bool
kdb_break_counts(struct kdb_break *b)
{
	struct kdb_break_run run = { b->text, true, false };

	kdb_vars.dot = b->address;
	if (!kdb_error_catch(kdb_break_obey, &run)) {
		return true;
	}
	if (!run.holds) {
		return false;
	}
	b->hits++;
	if (!run.zero && --b->left > 0) {
		return false;
	}
	b->left = b->count;
	return true;
}

/* For the steps of a thread, which may be this one. */
static bool
kdb_break_hit_once(struct kdb_break *b, bool again)
{
	if (b->once != current_thread() || kdb_cpu_sp() <= b->above) {
		return false;
	}
	b->address = 0;
	b->once = NULL;
	kdb_step_go_on();
	/* An instruction that is begun again has not been executed yet. */
	return !again && kdb_step_done();
}

/* Somebody else's trap instruction, behind which it goes on. */
static void
kdb_break_say_trap(void)
{
	const char *why = kdb_event_requested();

	kdb_step_cancel();
	kdb_printf("\n%s\n", why != NULL ? why : "trap instruction");
	if (why == NULL) {
		kdb_choose_print_pc();
	}
}

bool
kdb_break_hit(void)
{
	uintptr_t pc = kdb_cpu_pc() - 1;
	struct kdb_break *once = kdb_break_find(pc, true);
	struct kdb_break *b = kdb_break_find(pc, false);
	bool again = current_thread()->kdb_over == pc;
	uint8_t byte = 0;

	current_thread()->kdb_over = 0;
	if (once == NULL && b == NULL) {
		/* It may have been deleted between the trap and now. */
		if (peek_read(pc, &byte, 1) && byte == KDB_CPU_BREAKPOINT) {
			kdb_break_say_trap();
			return true;
		}
		kdb_cpu_set_pc(pc);
		return false;
	}
	kdb_cpu_set_pc(pc);
	if (once != NULL && kdb_break_hit_once(once, again)) {
		return true;
	}
	if (b == NULL || again || !kdb_break_counts(b)) {
		return false;
	}
	kdb_step_cancel();
	kdb_printf("\nbreakpoint\n");
	kdb_choose_print_pc();
	return true;
}

/* ---- commands ----------------------------------------------------------- */

static void
kdb_break_set(struct kdb_request *request)
{
	struct kdb_break *b = kdb_break_find(request->address, false);

	if (!kdb_cpu_may_break(request->address)) {
		kdb_error("no breakpoint there: %lx is not of the kernel's "
		    "text, or the debugger needs it",
		    (unsigned long)request->address);
	}
	if (b == NULL) {
		b = kdb_break_unused();
	}
	if (b == NULL) {
		kdb_error("there are %u breakpoints already", KDB_BREAK_MAX);
	}
	memset(b, 0, sizeof(*b));
	b->address = request->address;
	b->count = request->count > 0 ? request->count : 1;
	b->left = b->count;
	strlcpy(b->text, request->rest, sizeof(b->text));
}

static void
kdb_break_delete(struct kdb_request *request)
{
	struct kdb_break *b = kdb_break_find(request->address, false);

	if (b == NULL) {
		kdb_error("no breakpoint: %lx",
		    (unsigned long)request->address);
	}
	b->address = 0;
}

static void
kdb_break_list(struct kdb_request *request)
{
	kdb_printf("count   hits    breakpoint");
	kdb_out_tab(16 + KDB_BREAK_FIELD);
	kdb_printf("command\n");
	KDB_BREAK_EACH(b) {
		if (b->address == 0 || b->once != NULL) {
			continue;
		}
		kdb_printf("%-8u%-8u", b->count, b->hits);
		kdb_symbolic_print(b->address);
		kdb_out_tab(16 + KDB_BREAK_FIELD);
		kdb_printf("%s\n", b->text);
	}
}

/* Go on; ADDRESS: there; COUNT: not stopping at the breakpoint here before. */
static void
kdb_break_continue(struct kdb_request *request)
{
	uintptr_t pc;
	struct kdb_break *b;

	kdb_leave();
	if (request->has_address) {
		kdb_cpu_set_pc(request->address);
	}
	pc = kdb_cpu_pc();
	b = kdb_break_find(pc, false);
	if (request->has_count && b != NULL && request->count > 0) {
		b->left = request->count;
	}
}

static const struct kdb_letter kdb_break_letters[] = {
	{ ':', 'b', true, false, kdb_break_set,
	    "ADDRESS,COUNT:b [if CONDITION;] COMMANDS",
	    "breakpoint there; each time the CONDITION is not 0 the COMMANDS are\n"
	    "obeyed, and each COUNTth time, or if these make dot 0, it stops" },
	{ ':', 'd', false, false, kdb_break_delete, "ADDRESS:d",
	    "no breakpoint there any more" },
	{ '$', 'b', false, false, kdb_break_list, "$b", "all breakpoints" },
	{ ':', 'c', false, false, kdb_break_continue, "ADDRESS,COUNT:c",
	    "go on (there); the breakpoint here stops the COUNTth time" },
	{ .fn = NULL },
};

struct kdb_table kdb_break_table = { .letters = kdb_break_letters };
