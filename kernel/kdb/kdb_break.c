/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_break.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>
#include <machine/peek.h>

#include <kernel/kdb/kdb_break_i.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_place.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/task.h>
#include <kernel/thread.h>

struct kdb_break kdb_breaks[KDB_BREAK_MAX];
static uintptr_t kdb_break_stopped;	/* at one of gdb's; 0: not */
static unsigned kdb_break_passes;	/* stops that are none */

void
kdb_break_pass(unsigned stops)
{
	kdb_break_passes = stops;
}

void
kdb_break_drop(struct kdb_break *b)
{
	kdb_wish_drop(kdb_break_number(b));
	b->address = 0;
	b->once = NULL;
}

void
kdb_break_release(struct kdb_break *b)
{
	if (!b->typed && !b->gdb && !b->kept) {
		kdb_break_drop(b);
	}
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

struct kdb_break *
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

struct kdb_break *
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
	bool back = b != NULL && b->back;

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
	b->back = back;
	return true;
}

bool
kdb_break_back(uintptr_t address, const struct thread *thread)
{
	if (!kdb_break_once(address, thread, 0)) {
		return false;
	}
	kdb_break_find_once(thread, address)->back = true;
	return true;
}

void
kdb_break_once_cancel(void)
{
	KDB_BREAK_EACH(b) {
		if (b->once != NULL && !b->back) {
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
		kdb_command_script(at);
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
	if (kdb_break_passes > 0) {
		kdb_break_passes--;
		return false;
	}
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
	if (kdb_cpu_sp() <= b->above || (again && kdb_step_waits_again())) {
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

/* Is the trap instruction that ends with the byte at PC somebody else's? */
static bool
kdb_break_is_foreign(uintptr_t pc)
{
	static const uint8_t longer[] = KDB_CPU_TRAP_LONG;
	uint8_t bytes[sizeof(longer)];

	/* One of ours may have been deleted between the trap and now. */
	if (kdb_break_is_at(pc) ||
	    !kdb_mem_read(current_task(), pc, bytes, 1)) {
		return false;
	}
	return bytes[0] == KDB_CPU_BREAKPOINT ||
	    (kdb_mem_read(current_task(), pc + 1 - sizeof(longer), bytes,
	    sizeof(bytes)) && memcmp(bytes, longer, sizeof(bytes)) == 0);
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
	kdb_break_stopped = b->gdb ? pc : 0;
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

bool
kdb_break_was_gdbs(void)
{
	return kdb_break_stopped != 0 && kdb_break_stopped == kdb_cpu_pc();
}
