/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What gdb's protocol needs more than the language does: a line, threads, a
 * processor that goes on, breakpoints and watchpoints.
 *
 * Threads have the numbers 1 to GDB_WORLD_THREADS; the first one has stopped.
 * Only it has registers, as kdb_world.h has them.  Thread N is "thread N".
 */
#ifndef TESTS_UNIT_KERNEL_KDB_GDB_WORLD_H
#define TESTS_UNIT_KERNEL_KDB_GDB_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_WORLD_THREADS	500u

struct gdb_world {
	bool		stopped_at_break;
	uintptr_t	watch_hit;	/* 0: none */
	bool		cannot_leave;
	bool		cannot_step;
	bool		left;
	bool		stepped;
	uint32_t	pc;		/* where to go on; 0: where it was */
	unsigned	points;		/* breakpoints and watchpoints now */
	uintptr_t	point;		/* the last that was set */
	unsigned	length;		/* 0: a breakpoint */
};

extern struct gdb_world gdb_world;

void gdb_world_reset(void);

/*
 * Type `gdb', then N bytes of INPUT on the line, and return three times as
 * often as needed; what was sent on the line.
 */
const char *gdb_world_attach(const char *input, size_t n);

/* The machine stops again: the same, without typing `gdb'; did it go on? */
bool gdb_world_stop(const char *input, size_t n, const char **sentp);

#endif
