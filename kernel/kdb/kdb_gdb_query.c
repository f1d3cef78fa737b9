/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What gdb asks: what we can do, which threads there are; and `monitor', which
 * obeys one of the debugger's own commands.
 */

#include <kernel/kdb/kdb_gdb_i.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_gdb_thread.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_step.h>

#define KDB_GDB_NUMBER		9u	/* of a list, at most, with its comma */
#define KDB_GDB_THREAD_TEXT	128u

static void
kdb_gdb_supported(struct kdb_gdb_call *call)
{
	static const char word[] = "swbreak+";
	struct kdb_gdb_scan at = call->in;

	kdb_gdb_state.knows_swbreak = false;
	for (; !kdb_gdb_scan_done(&at); at.at++) {
		kdb_gdb_state.knows_swbreak |= kdb_gdb_scan_text(&at, word);
		if (kdb_gdb_scan_done(&at)) {
			break;
		}
	}
	kdb_gdb_reply_text(&call->out, "PacketSize=");
	kdb_gdb_reply_number(&call->out, KDB_GDB_PACKET_SIZE);
	kdb_gdb_reply_text(&call->out, ";swbreak+;vContSupported+");
}

/* The first threads, or the next ones, as many as there is room for. */
static void
kdb_gdb_list(struct kdb_gdb_call *call, bool first)
{
	static struct kdb_gdb_walk walk;
	static const struct thread *thread;
	bool some = false;

	if (first) {
		kdb_gdb_thread_begin(&walk);
		thread = kdb_gdb_thread_next(&walk);
	}
	for (; thread != NULL && call->out.size - call->out.used >
	    KDB_GDB_NUMBER; thread = kdb_gdb_thread_next(&walk)) {
		kdb_gdb_reply_text(&call->out, some ? "," : "m");
		kdb_gdb_reply_number(&call->out,
		    kdb_gdb_thread_number(thread));
		some = true;
	}
	if (!some) {
		kdb_gdb_reply_text(&call->out, "l");
	}
}

static void
kdb_gdb_extra(struct kdb_gdb_call *call)
{
	const struct thread *thread = kdb_gdb_scan_thread(&call->in);
	char text[KDB_GDB_THREAD_TEXT];

	if (thread == NULL) {
		kdb_gdb_bad(call);
		return;
	}
	kdb_gdb_thread_text(thread, text, sizeof(text));
	kdb_gdb_reply_bytes(&call->out, text, strlen(text));
}

static void
kdb_gdb_obey_line(void *line)
{
	kdb_command_line(line);
}

/* What the debugger prints is for gdb, or nobody. */
static void
kdb_gdb_monitoring(bool on)
{
	kdb_gdb_state.monitors = on;
	kdb_in_ask(on ? kdb_gdb_packet_waits : NULL);
	/* An error may have left half a line. */
	kdb_out_fresh_line();
	kdb_out_pause(false);
	kdb_out_mute(!on);
	kdb_gdb_state.listens = on;
}

/* It may have been one that leaves the prompt: that is gdb's to do. */
static void
kdb_gdb_monitor(struct kdb_gdb_call *call)
{
	static char line[KDB_COMMAND_SIZE];
	size_t n = kdb_gdb_scan_left(&call->in) / 2;

	if (n >= sizeof(line) || !kdb_gdb_scan_bytes(&call->in, line, n) ||
	    !kdb_gdb_scan_done(&call->in)) {
		kdb_gdb_bad(call);
		return;
	}
	line[n] = '\0';
	kdb_gdb_monitoring(true);
	(void)kdb_error_catch(kdb_gdb_obey_line, line);
	kdb_gdb_monitoring(false);
	kdb_stay();
	kdb_step_cancel();
	kdb_gdb_ok(call);
}

void
kdb_gdb_query(struct kdb_gdb_call *call)
{
	if (kdb_gdb_scan_text(&call->in, "Supported")) {
		kdb_gdb_supported(call);
	} else if (kdb_gdb_scan_text(&call->in, "fThreadInfo")) {
		kdb_gdb_list(call, true);
	} else if (kdb_gdb_scan_text(&call->in, "sThreadInfo")) {
		kdb_gdb_list(call, false);
	} else if (kdb_gdb_scan_text(&call->in, "ThreadExtraInfo,")) {
		kdb_gdb_extra(call);
	} else if (kdb_gdb_scan_text(&call->in, "Attached")) {
		kdb_gdb_reply_text(&call->out, "1");
	} else if (kdb_gdb_scan_text(&call->in, "Rcmd,")) {
		kdb_gdb_monitor(call);
	} else if (kdb_gdb_scan_text(&call->in, "C") &&
	    kdb_gdb_scan_done(&call->in)) {
		kdb_gdb_reply_text(&call->out, "QC");
		kdb_gdb_reply_number(&call->out,
		    kdb_gdb_thread_number(kdb_gdb_thread_here()));
	}
}
