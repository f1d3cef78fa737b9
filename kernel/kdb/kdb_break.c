/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_break.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>
#include <machine/peek.h>
#include <machine/types.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_place.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/kdb/kdb_wish.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_BREAK_MAX	KDB_WISH_MAX
#define KDB_BREAK_FIELD	24u

struct kdb_break {
	uintptr_t	address;	/* 0: not used; a user's is wished for
					 * by the same number */
	bool		everywhere;	/* a user's, of all tasks */
	bool		said;		/* that it is not in the text */
	const struct thread *once;	/* not NULL: for that thread's steps, */
	uintptr_t	above;		/* with a stack pointer above this */
	bool		typed;		/* somebody wants it, with :b */
	bool		gdb;		/* gdb does, */
	bool		kept;		/* or did, and has not gone on since */
	bool		inserted;
	uint8_t		byte;		/* of the text, while it is */
	unsigned	count;		/* the hit that stops */
	unsigned	left;		/* hits until that */
	unsigned	hits;		/* all of them */
	char		text[KDB_COMMAND_SIZE];	/* condition and commands */
};

static struct kdb_break kdb_breaks[KDB_BREAK_MAX];
static uintptr_t kdb_break_stopped;	/* where; 0: nowhere */

#define KDB_BREAK_EACH(b_)						\
	for (struct kdb_break *b_ = kdb_breaks;				\
	    b_ < kdb_breaks + KDB_BREAK_MAX; b_++)

static bool
kdb_break_is_user(const struct kdb_break *b)
{
	return b->address != 0 && b->address < MACHINE_USER_MAX;
}

static unsigned
kdb_break_number(const struct kdb_break *b)
{
	return (unsigned)(b - kdb_breaks);
}

static void
kdb_break_drop(struct kdb_break *b)
{
	kdb_wish_drop(kdb_break_number(b));
	b->address = 0;
	b->once = NULL;
}

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

		b->inserted = b->address >= MACHINE_USER_MAX &&
		    peek_read(b->address, &b->byte, 1) &&
		    peek_write(b->address, &trap, 1);
	}
}

/*
 * The one that was asked for at ADDRESS, a user's in TASK, or one for steps; NULL:
 * none.
 */
static struct kdb_break *
kdb_break_find(const struct task *task, uintptr_t address, bool once)
{
	KDB_BREAK_EACH(b) {
		if (b->address == address && address != 0 &&
		    (b->once != NULL) == once && (!kdb_break_is_user(b) ||
		    kdb_wish_is_for(kdb_break_number(b), task))) {
			return b;
		}
	}
	return NULL;
}

/* The one for the steps of THREAD at ADDRESS; NULL: none. */
static struct kdb_break *
kdb_break_find_once(const struct thread *thread, uintptr_t address)
{
	KDB_BREAK_EACH(b) {
		if (b->once == thread && b->address == address) {
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
	return address < MACHINE_USER_MAX ?
	    kdb_place_find(current_task(), address) != NULL :
	    kdb_break_is_wanted(address);
}

bool
kdb_break_is_wanted(uintptr_t address)
{
	return kdb_break_find(current_task(), address, false) != NULL ||
	    kdb_break_find(current_task(), address, true) != NULL;
}

bool
kdb_break_once(uintptr_t address, const struct thread *thread, uintptr_t sp)
{
	struct kdb_break *b = kdb_break_find_once(thread, address);
	bool user = address < MACHINE_USER_MAX;

	if (b == NULL) {
		b = kdb_break_unused();
	}
	if (b == NULL || address == 0 || (!user && !kdb_cpu_may_break(address)) ||
	    (user && !kdb_wish_set(kdb_break_number(b), thread->task,
	    address, false))) {
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
			kdb_break_drop(b);
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
	struct task *task = kdb_task;

	if (kdb_break_is_user(b)) {
		kdb_task = current_task();
	}
	kdb_vars.dot = b->address;
	if (!kdb_error_catch(kdb_break_obey, &run)) {
		return true;
	}
	kdb_task = task;
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

/* Of everybody who wants it. */
static bool
kdb_break_wants(struct kdb_break *b)
{
	bool gdb = b->gdb;

	return (b->typed && kdb_break_counts(b)) || gdb;
}

/* For the steps of this thread. */
static bool
kdb_break_hit_once(struct kdb_break *b, bool again)
{
	if (kdb_cpu_sp() <= b->above) {
		return false;
	}
	kdb_break_drop(b);
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

/* Is the trap instruction at PC the program's or the kernel's own? */
static bool
kdb_break_is_foreign(uintptr_t pc)
{
	uint8_t byte = 0;

	/* One of ours may have been deleted between the trap and now. */
	return !kdb_break_is_at(pc) &&
	    kdb_mem_read(current_task(), pc, &byte, 1) &&
	    byte == KDB_CPU_BREAKPOINT;
}

enum kdb_break_hit
kdb_break_hit(void)
{
	uintptr_t pc = kdb_cpu_pc() - 1;
	struct kdb_break *once = kdb_break_find_once(current_thread(), pc);
	struct kdb_break *b = kdb_break_find(current_task(), pc, false);
	bool again = current_thread()->kdb_over == pc;

	kdb_break_stopped = 0;
	if (kdb_break_is_foreign(pc)) {
		if (kdb_cpu_user()) {
			return KDB_BREAK_FOREIGN;
		}
		kdb_break_say_trap();
		return KDB_BREAK_STOPS;
	}
	current_thread()->kdb_over = 0;
	kdb_cpu_set_pc(pc);
	if (once != NULL && kdb_break_hit_once(once, again)) {
		return KDB_BREAK_STOPS;
	}
	if (b == NULL || again || !kdb_break_wants(b)) {
		return KDB_BREAK_GOES_ON;
	}
	kdb_break_stopped = pc;
	kdb_step_cancel();
	if (kdb_cpu_user()) {
		kdb_task = current_task();
		kdb_printf("\nbreakpoint of %s\n", kdb_task->name);
	} else {
		kdb_printf("\nbreakpoint\n");
	}
	kdb_choose_print_pc();
	return KDB_BREAK_STOPS;
}

/* Say it once; again when it had been in the text. */
static void
kdb_break_say_one(struct kdb_break *b)
{
	const char *why;

	(void)kdb_wish_count(kdb_break_number(b), &why);
	if (!b->said && why[0] != '\0') {
		kdb_printf("breakpoint %lx is not in the text: %s\n",
		    (unsigned long)b->address, why);
	}
	b->said = why[0] != '\0';
}

void
kdb_break_say(void)
{
	KDB_BREAK_EACH(b) {
		if (!kdb_break_is_user(b)) {
			continue;
		}
		if (!kdb_wish_is_void(kdb_break_number(b))) {
			kdb_break_say_one(b);
			continue;
		}
		if (b->once == NULL) {
			kdb_printf("breakpoint %lx has gone with its task\n",
			    (unsigned long)b->address);
		}
		kdb_break_drop(b);
	}
}

bool
kdb_break_was_hit(void)
{
	return kdb_break_stopped != 0 && kdb_break_stopped == kdb_cpu_pc();
}

/* ---- those of gdb ------------------------------------------------------- */

/* One that nobody wants any more is no more. */
static void
kdb_break_release(struct kdb_break *b)
{
	if (!b->typed && !b->gdb && !b->kept) {
		kdb_break_drop(b);
	}
}

/* The one that gdb has at ADDRESS, or had just now; NULL: none. */
static struct kdb_break *
kdb_break_find_gdb(uintptr_t address)
{
	KDB_BREAK_EACH(b) {
		if ((b->gdb || b->kept) && b->address == address) {
			return b;
		}
	}
	return NULL;
}

/* Where one of gdb's may be put. */
static struct kdb_break *
kdb_break_new_gdb(struct task *task, uintptr_t address)
{
	struct kdb_break *b = kdb_break_find(task, address, false);

	if (b != NULL) {
		return b;
	}
	b = kdb_break_unused();
	if (b == NULL || address == 0 || (address < MACHINE_USER_MAX ?
	    !kdb_wish_set(kdb_break_number(b), task, address, false) :
	    !kdb_cpu_may_break(address))) {
		return NULL;
	}
	memset(b, 0, sizeof(*b));
	b->address = address;
	return b;
}

bool
kdb_break_plant(struct task *task, uintptr_t address)
{
	struct kdb_break *b = kdb_break_find_gdb(address);

	if (b == NULL) {
		b = kdb_break_new_gdb(task, address);
	}
	if (b == NULL) {
		return false;
	}
	b->gdb = true;
	b->kept = false;
	return true;
}

void
kdb_break_uproot(uintptr_t address)
{
	struct kdb_break *b = kdb_break_find_gdb(address);

	if (b != NULL) {
		b->gdb = false;
		b->kept = kdb_break_is_user(b);
		kdb_break_release(b);
	}
}

void
kdb_break_settle(bool all)
{
	KDB_BREAK_EACH(b) {
		if (b->kept || (all && b->gdb)) {
			b->kept = false;
			b->gdb = b->gdb && !all;
			kdb_break_release(b);
		}
	}
}

/* ---- commands ----------------------------------------------------------- */

/* Can there be one?  A user's is of the chosen task. */
static void
kdb_break_check(uintptr_t address)
{
	if (address < MACHINE_USER_MAX) {
		if (kdb_task == NULL) {
			kdb_error("no breakpoint there: %lx is a program's, "
			    "and no task is chosen", (unsigned long)address);
		}
	} else if (!kdb_cpu_may_break(address)) {
		kdb_error("no breakpoint there: %lx is not of the kernel's "
		    "text, or the debugger needs it", (unsigned long)address);
	}
}

/* Does the text of a command begin with `all'?  Then it goes on behind that. */
static bool
kdb_break_is_all(const char **textp)
{
	const char *text = *textp;

	if (strncmp(text, "all", 3) != 0 ||
	    (text[3] != '\0' && text[3] != ' ' && text[3] != ';')) {
		return false;
	}
	text += 3;
	while (*text == ' ' || *text == ';') {
		text++;
	}
	*textp = text;
	return true;
}

static void
kdb_break_set(struct kdb_request *request)
{
	struct kdb_break *b = kdb_break_find(kdb_task, request->address,
	    false);
	const char *text = request->rest;
	bool user = request->address < MACHINE_USER_MAX;
	bool all = user && kdb_break_is_all(&text);
	bool gdb;
	bool kept;

	kdb_break_check(request->address);
	if (b == NULL) {
		b = kdb_break_unused();
	}
	if (b == NULL) {
		kdb_error("there are %u breakpoints already", KDB_BREAK_MAX);
	}
	if (user && !kdb_wish_set(kdb_break_number(b), kdb_task,
	    request->address, all)) {
		kdb_error("not in memory: %lx, so which text is meant is not "
		    "known", (unsigned long)request->address);
	}
	gdb = b->gdb;
	kept = b->kept;
	memset(b, 0, sizeof(*b));
	b->address = request->address;
	b->everywhere = all;
	b->typed = true;
	b->gdb = gdb;
	b->kept = kept;
	b->count = request->count > 0 ? request->count : 1;
	b->left = b->count;
	strlcpy(b->text, text, sizeof(b->text));
}

static void
kdb_break_delete(struct kdb_request *request)
{
	struct kdb_break *b = kdb_break_find(kdb_task, request->address,
	    false);

	if (b == NULL || !b->typed) {
		kdb_error("no breakpoint: %lx",
		    (unsigned long)request->address);
	}
	b->typed = false;
	kdb_break_release(b);
}

/* Where that of programs is. */
static void
kdb_break_list_user(const struct kdb_break *b)
{
	const struct task *task = kdb_wish_task(kdb_break_number(b));
	const char *why;
	unsigned tasks = kdb_wish_count(kdb_break_number(b), &why);

	if (b->everywhere) {
		kdb_printf("\tof all tasks, in %u of them", tasks);
	} else {
		kdb_printf("\tof task %p %s", (const void *)task,
		    task != NULL ? task->name : "that has ended");
	}
	kdb_printf("%s%s\n", why[0] != '\0' ? ": " : "", why);
}

static void
kdb_break_list(struct kdb_request *request)
{
	kdb_printf("count   hits    breakpoint");
	kdb_out_tab(16 + KDB_BREAK_FIELD);
	kdb_printf("command\n");
	KDB_BREAK_EACH(b) {
		if (b->address == 0 || !b->typed) {
			continue;
		}
		kdb_printf("%-8u%-8u", b->count, b->hits);
		kdb_symbolic_print(b->address);
		kdb_out_tab(16 + KDB_BREAK_FIELD);
		kdb_printf("%s\n", b->text);
		if (kdb_break_is_user(b)) {
			kdb_break_list_user(b);
		}
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
	b = kdb_break_find(current_task(), pc, false);
	if (request->has_count && b != NULL && request->count > 0) {
		b->left = request->count;
	}
}

static const struct kdb_letter kdb_break_letters[] = {
	{ ':', 'b', true, false, kdb_break_set,
	    "ADDRESS,COUNT:b [all] [if CONDITION;] COMMANDS",
	    "breakpoint there; each time the CONDITION is not 0 the COMMANDS are\n"
	    "obeyed, and each COUNTth time, or if these make dot 0, it stops;\n"
	    "below the kernel it is of the chosen task, or, with `all', of every\n"
	    "task that has the same text there, now or later" },
	{ ':', 'd', false, false, kdb_break_delete, "ADDRESS:d",
	    "no breakpoint there any more" },
	{ '$', 'b', false, false, kdb_break_list, "$b", "all breakpoints" },
	{ ':', 'c', false, false, kdb_break_continue, "ADDRESS,COUNT:c",
	    "go on (there); the breakpoint here stops the COUNTth time" },
	{ .fn = NULL },
};

struct kdb_table kdb_break_table = { .letters = kdb_break_letters };
