/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_event.h>

#include <stddef.h>
#include <string.h>

#include <machine/boot.h>
#include <machine/cpu.h>
#include <machine/kdb_cpu.h>

#include <kernel/ast.h>
#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_place.h>
#include <kernel/kdb/kdb_plant.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/kdb/kdb_watch.h>
#include <kernel/kdb/kdb_wish.h>
#include <kernel/printf.h>
#include <kernel/task.h>
#include <kernel/thread.h>

static bool kdb_event_users;	/* [I] after setup: their trap instructions */

static enum kdb_event kdb_event_last;

/* The instruction here has a breakpoint that has had its say. */
static bool kdb_event_over;

/* [a] what each processor is about to enter the debugger for */
static const char *kdb_event_whys[CPU_MAX];

void
kdb_event_request(const char *why)
{
	bool were_on = cpu_intr_save();

	kdb_event_whys[cpu_id()] = why;
	kdb_cpu_enter();
	kdb_event_whys[cpu_id()] = NULL;
	cpu_intr_restore(were_on);
}

const char *
kdb_event_requested(void)
{
	return kdb_event_whys[cpu_id()];
}

bool
kdb_event_is_request(void)
{
	return kdb_event_last == KDB_EVENT_INTERRUPT ||
	    kdb_event_requested() != NULL;
}

/* An instruction was executed alone; true if that is where to stop. */
static bool
kdb_event_stepped(void)
{
	struct thread *thread = current_thread();

	if (kdb_event_over && kdb_cpu_pc() == thread->kdb_over &&
	    kdb_cpu_repeats()) {
		return false;
	}
	kdb_event_over = false;
	thread->kdb_over = 0;
	/* Else it is one that went over what the steps of another wait for. */
	return kdb_step_wanted() && kdb_step_done();
}

bool
kdb_event_user_wanted(void)
{
	return kdb_event_users || kdb_wish_generation() != 0;
}

void
kdb_event_setup(void)
{
	char how[8];

	if (!boot_option("kdb", how, sizeof(how))) {
		return;
	}
	kdb_event_users = strcmp(how, "user") == 0;
	if (how[0] == '\0') {
		kdb_event_request("no task runs yet");
	} else if (!kdb_event_users) {
		printf("option kdb=%s: not known, but `kdb' and `kdb=user'\n",
		    how);
	}
}

struct kdb_event_seen {
	enum kdb_event	event;
	bool		stops;
	bool		foreign;	/* a program's own trap instruction */
};

static void
kdb_event_break(struct kdb_event_seen *seen)
{
	enum kdb_break_hit hit = kdb_break_hit();

	seen->stops = hit == KDB_BREAK_STOPS;
	seen->foreign = hit == KDB_BREAK_FOREIGN;
	kdb_event_over = !seen->foreign;
	if (!seen->foreign || !kdb_event_users) {
		return;
	}
	/* The exception comes after the prompt, as without a debugger. */
	seen->stops = true;
	kdb_step_cancel();
	kdb_task = current_task();
	kdb_printf("\ntrap instruction of %s\n", kdb_task->name);
	kdb_choose_print_pc();
}

static void
kdb_event_see(void *arg)
{
	struct kdb_event_seen *seen = arg;

	switch (seen->event) {
	case KDB_EVENT_BREAK:
	case KDB_EVENT_USER:
		kdb_event_break(seen);
		break;
	case KDB_EVENT_STEP:
		seen->stops = kdb_event_stepped();
		seen->stops |= kdb_watch_hit();
		break;
	case KDB_EVENT_WATCH:
		seen->stops = kdb_watch_hit();
		break;
	case KDB_EVENT_FAULT:
		break;
	default:
		kdb_step_cancel();
		kdb_printf("\ninterrupted\n");
		seen->stops = true;
		break;
	}
}

/* Does EVENT end at the prompt?  So does an error, or ^C. */
static void
kdb_event_look(enum kdb_event event, struct kdb_event_seen *seen)
{
	*seen = (struct kdb_event_seen){ event, false, false };
	kdb_event_last = event;
	kdb_watch_forget();
	if (!kdb_error_catch(kdb_event_see, seen)) {
		kdb_step_cancel();
		seen->stops = true;
	}
}

/* ---- how all go on ------------------------------------------------------ */

enum kdb_event_way {
	KDB_EVENT_WAY_OUT,
	KDB_EVENT_WAY_STEP,	/* after one instruction, alone */
	KDB_EVENT_WAY_PROMPT,	/* not at all, and it has been said why */
};

/* The thread cannot come back at ADDRESS. */
static enum kdb_event_way
kdb_event_no_return(uintptr_t address)
{
	kdb_step_cancel();
	/* For gdb, too. */
	printf("\ncannot go on: that needs a breakpoint at %lx, for which there "
	    "is no room\n", (unsigned long)address);
	return KDB_EVENT_WAY_PROMPT;
}

/*
 * The instruction here cannot be executed just now.  It will be begun again, and
 * its breakpoint has had its say.
 */
static enum kdb_event_way
kdb_event_postpone(void)
{
	uintptr_t pc = kdb_cpu_pc();

	if (kdb_step_wanted()) {
		if (!kdb_break_once(pc, current_thread(), 0)) {
			return kdb_event_no_return(pc);
		}
		kdb_step_wait();
	}
	current_thread()->kdb_over = pc;
	kdb_event_over = false;
	return KDB_EVENT_WAY_OUT;
}

/*
 * A program's breakpoint at its PC is to be gone over.  What enters the kernel
 * cannot be executed alone: others may go past there meanwhile.
 */
static enum kdb_event_way
kdb_event_lift(uintptr_t pc)
{
	uintptr_t back;

	if (!kdb_cpu_leaves(&back)) {
		return kdb_place_lift(pc, false) ? KDB_EVENT_WAY_STEP :
		    kdb_event_postpone();
	}
	/* It does not come back to 0. */
	if (back != 0 && !kdb_break_back(back, current_thread())) {
		return kdb_event_no_return(back);
	}
	(void)kdb_place_lift(pc, true);
	return kdb_event_postpone();
}

/*
 * A program is to go on.  On the way to its instruction the thread would do first
 * what it has been asked for, as to stand still for somebody, and all wait for it:
 * it comes back when that is done.
 */
static enum kdb_event_way
kdb_event_user_way(uintptr_t pc)
{
	if (!kdb_event_over && !kdb_step_wanted()) {
		return KDB_EVENT_WAY_OUT;
	}
	if (ast_pending()) {
		return kdb_event_postpone();
	}
	return kdb_event_over ? kdb_event_lift(pc) : KDB_EVENT_WAY_STEP;
}

/* The instruction here is the next. */
static enum kdb_event_way
kdb_event_next_way(void)
{
	uintptr_t pc = kdb_cpu_pc();
	bool at = kdb_event_over && kdb_break_is_at(pc);

	kdb_event_over = at || (kdb_event_over && kdb_break_is_wanted(pc));
	if (kdb_event_over) {
		/* It may not be there yet, or its page not be in memory. */
		current_thread()->kdb_over = pc;
	}
	if (kdb_cpu_user()) {
		kdb_event_over = at;
		return kdb_event_user_way(pc);
	}
	return kdb_event_over || kdb_step_wanted() ? KDB_EVENT_WAY_STEP :
	    KDB_EVENT_WAY_OUT;
}

static enum kdb_event_way
kdb_event_way(const struct kdb_event_seen *seen)
{
	if (seen->event == KDB_EVENT_FAULT ||
	    (seen->foreign && kdb_step_wanted())) {
		/* Steps begin behind the exception. */
		return kdb_event_postpone();
	}
	return seen->foreign ? KDB_EVENT_WAY_OUT : kdb_event_next_way();
}

/* After the prompt, if it comes to that. */
static enum kdb_event_way
kdb_event_talk(const struct kdb_event_seen *seen, uintptr_t frame)
{
	enum kdb_event_way way = seen->stops ? KDB_EVENT_WAY_PROMPT :
	    kdb_event_way(seen);

	while (way == KDB_EVENT_WAY_PROMPT) {
		kdb_enter(frame, true);
		kdb_event_over = !seen->foreign;
		way = kdb_event_way(seen);
	}
	return way;
}

/*
 * While breakpoints are out of the kernel's text.  True: an instruction is to be
 * executed alone.
 */
static __attribute__((noinline)) bool
kdb_event_stopped(enum kdb_event event, uintptr_t frame,
    struct kdb_event_seen *seen)
{
	kdb_place_back();
	kdb_trace_here(frame, true);
	kdb_choose_here();
	if (event == KDB_EVENT_STEP) {
		kdb_cpu_stepped();
	}
	kdb_event_look(event, seen);
	while (kdb_event_talk(seen, frame) == KDB_EVENT_WAY_STEP) {
		if (kdb_cpu_step()) {
			kdb_stop_hold();
			return true;
		}
		kdb_event_look(KDB_EVENT_STEP, seen);
	}
	kdb_plant_leave();
	return false;
}

bool
kdb_event(enum kdb_event event, uintptr_t frame)
{
	struct kdb_event_seen seen;

	(void)kdb_stop_enter(frame);
	if (kdb_event_stopped(event, frame, &seen)) {
		return true;
	}
	kdb_stop_leave();
	return !seen.foreign;
}
