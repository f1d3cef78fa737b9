/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_in.h>

#include <machine/console.h>
#include <machine/cpu.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_out.h>

#define KDB_IN_SIZE	512u

static unsigned char kdb_in_ring[KDB_IN_SIZE];
static unsigned kdb_in_first;
static unsigned kdb_in_count;
static bool kdb_in_interrupted;		/* and nothing was read since */
static bool (*kdb_in_asked)(void);	/* or NULL */

/* A ^C makes void what was typed before it; a break on a line ends with a zero. */
static void
kdb_in_put(int c)
{
	if (c == KDB_IN_INTERRUPT) {
		kdb_in_count = 0;
		kdb_in_interrupted = true;
	} else if (c != '\0' && kdb_in_count < KDB_IN_SIZE) {
		kdb_in_ring[(kdb_in_first + kdb_in_count++) % KDB_IN_SIZE] =
		    (unsigned char)c;
	}
}

/* Take what has come. */
static void
kdb_in_take(void)
{
	/* A line that is stuck must not keep us here. */
	for (unsigned left = KDB_IN_SIZE; left > 0; left--) {
		int c = console_getc_poll();

		if (c < 0) {
			break;
		}
		kdb_in_put(c);
	}
}

bool
kdb_in_waiting(void)
{
	kdb_in_take();
	return kdb_in_interrupted || kdb_in_count > 0;
}

int
kdb_in_get(void)
{
	while (!kdb_in_waiting()) {
		cpu_pause();
	}
	if (kdb_in_interrupted) {
		kdb_in_interrupted = false;
		return KDB_IN_INTERRUPT;
	}
	kdb_in_count--;
	return kdb_in_ring[kdb_in_first++ % KDB_IN_SIZE];
}

void
kdb_in_ask(bool (*fn)(void))
{
	kdb_in_asked = fn;
}

void
kdb_in_poll(void)
{
	kdb_in_take();
	if (kdb_in_interrupted) {
		kdb_in_interrupted = false;
		kdb_out_pause(false);
		kdb_printf("^C\n");
		kdb_error_quit();
	}
	if (kdb_in_asked != NULL && kdb_in_asked()) {
		kdb_error_quit();
	}
}
