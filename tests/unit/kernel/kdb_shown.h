/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the debugger's words print of the pretend machine, as it is and damaged:
 * each is obeyed, and the damage done, in a copy of the process.
 */

#ifndef TESTS_UNIT_KERNEL_KDB_SHOWN_H
#define TESTS_UNIT_KERNEL_KDB_SHOWN_H

#include <tests/lib/test.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_out.h>

#include "../../lib/pretend/host.h"

#define OUTPUT_SIZE	300000u

static char output[OUTPUT_SIZE];

struct drawing {
	const char *command;
	void (*damage)(void);
};

static void
draw(void *arg)
{
	const struct drawing *drawing = arg;

	if (drawing->damage != NULL) {
		drawing->damage();
	}
	kdb_out_lines_set(0);
	/* True: the prompt would come again. */
	if (!kdb_command(drawing->command)) {
		host_exit(3);
	}
}

/* What COMMAND prints after DAMAGE, in `output'. */
static void
run(const char *command, void (*damage)(void))
{
	struct drawing drawing = { command, damage };

	memset(output, 0, sizeof(output));
	CHECK_EQ(host_run_child(draw, &drawing, output, sizeof(output) - 1),
	    0);
}

static void
wants(const char *text)
{
	if (strstr(output, text) == NULL) {
		test_fail(__FILE__, __LINE__, "no `%s' in\n%s", text, output);
	}
}

static char command[80];

static inline const char *
show(const char *what, const void *address)
{
	snprintf(command, sizeof(command), "show %s %lx", what,
	    (unsigned long)(uintptr_t)address);
	return command;
}

#endif /* TESTS_UNIT_KERNEL_KDB_SHOWN_H */
