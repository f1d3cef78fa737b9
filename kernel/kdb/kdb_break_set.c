/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_break.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_break_i.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_BREAK_FIELD	24u

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
	kdb_break_pass(0);
	KDB_BREAK_EACH(b) {
		if (!kdb_break_is_user(b)) {
			continue;
		}
		if (!kdb_wish_is_void(kdb_break_number(b))) {
			kdb_break_say_one(b);
			continue;
		}
		if (b->gdb || b->kept) {
			/* Else it would be put into another task. */
			continue;
		}
		if (b->once == NULL) {
			kdb_printf("breakpoint %lx has gone with its task\n",
			    (unsigned long)b->address);
		}
		kdb_break_drop(b);
	}
}

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

/*
 * Where that is, also when another task is chosen; nothing is printed meanwhile,
 * which might end it.
 */
static void
kdb_break_place(const struct kdb_break *b, char *text, size_t size,
    const char **file, unsigned *line)
{
	const struct task *task = kdb_wish_task(kdb_break_number(b));
	struct task *chosen = kdb_task;

	if (kdb_break_is_user(b) && task != NULL) {
		kdb_task = (struct task *)(uintptr_t)task;
	}
	kdb_symbolic_text(b->address, text, size);
	if (!kdb_line_at(kdb_task, b->address, file, line)) {
		*file = NULL;
	}
	kdb_task = chosen;
}

static void
kdb_break_list_one(const struct kdb_break *b)
{
	char text[KDB_SYMBOLIC_TEXT];
	const char *file;
	unsigned line;

	kdb_break_place(b, text, sizeof(text), &file, &line);
	kdb_printf("%-8u%-8u%s", b->count, b->hits, text);
	kdb_out_tab(16 + KDB_BREAK_FIELD);
	kdb_printf("%s\n", b->text);
	if (file != NULL) {
		kdb_printf("\tat %s:%u\n", file, line);
	}
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
		kdb_break_list_one(b);
		if (kdb_break_is_user(b)) {
			kdb_break_list_user(b);
		}
	}
}

static void
kdb_break_continue(struct kdb_request *request)
{
	kdb_leave();
	if (request->has_address) {
		kdb_cpu_set_pc(request->address);
	}
	kdb_break_pass(request->count > 0 ? request->count - 1 : 0);
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
	    "go on (there), up to the COUNTth time that any breakpoint would stop" },
	{ .fn = NULL },
};

struct kdb_table kdb_break_table = { .letters = kdb_break_letters };
