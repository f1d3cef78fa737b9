/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Breakpoints, and what the debug registers do.  Those in programs are of the task of
 * the thread that gdb has chosen.
 */

#include <kernel/kdb/kdb_gdb_i.h>

#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_gdb_thread.h>
#include <kernel/kdb/kdb_watch.h>

struct kdb_gdb_point {
	uint32_t	address;
	uint32_t	length;		/* gdb's "kind" of a breakpoint */
	bool		breaks;
	enum kdb_cpu_watch watch;	/* else */
};

/* TYPE,ADDRESS,LENGTH.  Conditions are gdb's own to find out. */
static bool
kdb_gdb_scan_point(struct kdb_gdb_scan *scan, struct kdb_gdb_point *point)
{
	static const enum kdb_cpu_watch kinds[] = {
		KDB_CPU_WATCH_EXECUTE, KDB_CPU_WATCH_EXECUTE,
		KDB_CPU_WATCH_WRITE, KDB_CPU_WATCH_ACCESS,
		KDB_CPU_WATCH_ACCESS,
	};
	uint32_t type;

	if (!kdb_gdb_scan_number(scan, &type) || type > 4 ||
	    !kdb_gdb_scan_text(scan, ",") ||
	    !kdb_gdb_scan_number(scan, &point->address) ||
	    !kdb_gdb_scan_text(scan, ",") ||
	    !kdb_gdb_scan_number(scan, &point->length) ||
	    !kdb_gdb_scan_done(scan)) {
		return false;
	}
	point->breaks = type == 0;
	point->watch = kinds[type];
	if (point->watch == KDB_CPU_WATCH_EXECUTE) {
		point->length = 1;
	}
	return true;
}

void
kdb_gdb_set_point(struct kdb_gdb_call *call)
{
	struct kdb_gdb_point point;
	bool good = kdb_gdb_scan_point(&call->in, &point);

	if (good && point.breaks) {
		good = kdb_break_plant(
		    kdb_gdb_thread_task(kdb_gdb_state.thread), point.address);
	} else if (good) {
		good = kdb_watch_plant(point.address, point.length,
		    point.watch, kdb_gdb_thread_task(kdb_gdb_state.thread));
	}
	if (good) {
		kdb_gdb_ok(call);
	} else {
		kdb_gdb_bad(call);
	}
}

void
kdb_gdb_clear_point(struct kdb_gdb_call *call)
{
	struct kdb_gdb_point point;

	if (!kdb_gdb_scan_point(&call->in, &point)) {
		kdb_gdb_bad(call);
		return;
	}
	if (point.breaks) {
		kdb_break_uproot(point.address);
	} else {
		kdb_watch_uproot(point.address, point.length, point.watch);
	}
	kdb_gdb_ok(call);
}
