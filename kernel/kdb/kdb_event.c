/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_event.h>

#include <stddef.h>
#include <string.h>

#include <machine/boot.h>
#include <machine/cpu.h>
#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/kdb/kdb_watch.h>
#include <kernel/printf.h>
#include <kernel/task.h>
#include <kernel/thread.h>

static bool kdb_event_users;	/* [I] after setup: their trap instructions */

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
	return kdb_step_done();
}

bool
kdb_event_user_wanted(void)
{
	return kdb_event_users;
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

/* The program's exception comes after the prompt, as without a debugger. */
static void
kdb_event_user(void)
{
	kdb_step_cancel();
	kdb_task = current_task();
	kdb_printf("\ntrap instruction of %s\n", kdb_task->name);
	kdb_choose_print_pc();
}

struct kdb_event_seen {
	enum kdb_event	event;
	bool		stops;
};

static void
kdb_event_see(void *arg)
{
	struct kdb_event_seen *seen = arg;

	switch (seen->event) {
	case KDB_EVENT_BREAK:
		kdb_event_over = true;
		seen->stops = kdb_break_hit();
		break;
	case KDB_EVENT_STEP:
		seen->stops = kdb_event_stepped();
		seen->stops |= kdb_watch_hit();
		break;
	case KDB_EVENT_WATCH:
		seen->stops = kdb_watch_hit();
		break;
	case KDB_EVENT_USER:
		kdb_event_user();
		seen->stops = true;
		break;
	default:
		kdb_step_cancel();
		kdb_printf("\ninterrupted\n");
		seen->stops = true;
		break;
	}
}

/* Does it end at the prompt?  So does an error, or ^C. */
static bool
kdb_event_stops(enum kdb_event event)
{
	struct kdb_event_seen seen = { event, false };

	if (!kdb_error_catch(kdb_event_see, &seen)) {
		kdb_step_cancel();
		return true;
	}
	return seen.stops;
}

/* Must an instruction be executed before all go on? */
static bool
kdb_event_must_step(void)
{
	if (kdb_cpu_user()) {
		kdb_event_over = false;
		kdb_step_cancel();
		return false;
	}
	if (kdb_event_over && kdb_break_is_at(kdb_cpu_pc())) {
		current_thread()->kdb_over = kdb_cpu_pc();
		return true;
	}
	kdb_event_over = false;
	return kdb_step_wanted();
}

void
kdb_event(enum kdb_event event, uintptr_t frame)
{
	bool stops;

	(void)kdb_stop_enter(frame);
	kdb_trace_here(frame, true);
	kdb_choose_here();
	if (event == KDB_EVENT_STEP) {
		kdb_cpu_stepped();
	}
	for (stops = kdb_event_stops(event);;
	    stops = kdb_event_stops(KDB_EVENT_STEP)) {
		if (stops) {
			kdb_enter(frame, true);
			kdb_event_over = true;
		}
		if (!kdb_event_must_step()) {
			kdb_stop_leave();
			return;
		}
		if (kdb_cpu_step()) {
			kdb_stop_hold();
			return;
		}
	}
}

void
kdb_event_fault(uintptr_t pc)
{
	if (kdb_step_wanted()) {
		(void)kdb_break_once(pc, current_thread(), 0);
		kdb_step_wait();
	}
	current_thread()->kdb_over = pc;
	kdb_event_over = false;
	kdb_stop_leave();
}
