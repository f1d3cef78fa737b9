/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * All go on together; one instruction is executed by the thread that stopped,
 * and by no other.
 */

#include <kernel/kdb/kdb_gdb_i.h>

#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_gdb_thread.h>
#include <kernel/kdb/kdb_step.h>

/* Where to, if that is said, and off.  An error if it is not possible. */
static void
kdb_gdb_go(struct kdb_gdb_call *call, bool step)
{
	uint32_t pc;
	bool jumps = kdb_gdb_scan_number(&call->in, &pc);

	if (!kdb_gdb_scan_done(&call->in)) {
		kdb_gdb_bad(call);
		return;
	}
	kdb_leave();
	if (jumps) {
		kdb_cpu_set_pc(pc);
	}
	if (!step) {
		kdb_break_settle(false);
	} else if (!kdb_step_one()) {
		kdb_gdb_reply_text(&call->out, "E.no room for the breakpoint "
		    "that this step needs");
		return;
	}
	call->next = KDB_GDB_GO;
}

void
kdb_gdb_continue(struct kdb_gdb_call *call)
{
	kdb_gdb_go(call, false);
}

void
kdb_gdb_step(struct kdb_gdb_call *call)
{
	kdb_gdb_go(call, true);
}

/* There are no signals; gdb gives back what it was told. */
static void
kdb_gdb_go_signal(struct kdb_gdb_call *call, bool step)
{
	uint32_t signal;

	if (!kdb_gdb_scan_number(&call->in, &signal)) {
		kdb_gdb_bad(call);
		return;
	}
	(void)kdb_gdb_scan_text(&call->in, ";");
	kdb_gdb_go(call, step);
}

void
kdb_gdb_continue_signal(struct kdb_gdb_call *call)
{
	kdb_gdb_go_signal(call, false);
}

void
kdb_gdb_step_signal(struct kdb_gdb_call *call)
{
	kdb_gdb_go_signal(call, true);
}

/* One of vCont's: c, s, with a signal, of a thread. */
struct kdb_gdb_action {
	bool	step;
	bool	here;		/* for the thread that stopped */
};

static bool
kdb_gdb_scan_action(struct kdb_gdb_scan *scan, struct kdb_gdb_action *action)
{
	uint32_t signal;
	uint32_t thread;

	action->step = kdb_gdb_scan_text(scan, ";s");
	if (!action->step && !kdb_gdb_scan_text(scan, ";c")) {
		action->step = kdb_gdb_scan_text(scan, ";S");
		if ((!action->step && !kdb_gdb_scan_text(scan, ";C")) ||
		    !kdb_gdb_scan_number(scan, &signal)) {
			return false;
		}
	}
	action->here = true;
	if (kdb_gdb_scan_text(scan, ":") && !kdb_gdb_scan_text(scan, "-1")) {
		if (!kdb_gdb_scan_number(scan, &thread)) {
			return false;
		}
		action->here = thread == 0 ||
		    thread == kdb_gdb_thread_number(kdb_gdb_thread_here());
	}
	return true;
}

/* The first action for a thread is what it does. */
static void
kdb_gdb_actions(struct kdb_gdb_call *call)
{
	struct kdb_gdb_action action;
	struct kdb_gdb_action mine = { .here = false };
	bool others_step = false;

	while (!kdb_gdb_scan_done(&call->in)) {
		if (!kdb_gdb_scan_action(&call->in, &action)) {
			kdb_gdb_bad(call);
			return;
		}
		others_step |= action.step && !action.here;
		if (action.here && !mine.here) {
			mine = action;
		}
	}
	if (others_step) {
		kdb_gdb_reply_text(&call->out,
		    "E.only the thread that stopped can step");
	} else {
		kdb_gdb_go(call, mine.step);
	}
}

void
kdb_gdb_verbose(struct kdb_gdb_call *call)
{
	if (!kdb_gdb_scan_text(&call->in, "Cont")) {
		return;
	}
	if (kdb_gdb_scan_text(&call->in, "?")) {
		kdb_gdb_reply_text(&call->out, "vCont;c;C;s;S");
	} else {
		kdb_gdb_actions(call);
	}
}
