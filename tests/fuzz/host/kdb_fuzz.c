/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Keys typed at the debugger's prompt, in the world of its unit tests: lines
 * are edited, completed and obeyed.  Whatever they are, the next prompt comes;
 * and nothing but what kdb_mem_read() knows of is touched, as addresses of that
 * world are none of this process.
 */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_complete.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_help.h>
#include <kernel/kdb/kdb_line.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_source.h>

#include <tests/unit/kernel/kdb/kdb_world.h>

#include "fuzz_host.h"

#define KDB_FUZZ_KEYS	2000u
#define KDB_FUZZ_POLLS	20000u		/* looks at the keyboard before a ^C */
#define KDB_FUZZ_SILENT	300u		/* and before a return */

int main(void);

/* What a processor of the pretend machine does while it waits. */
void pretend_pause(void);

void
pretend_pause(void)
{
}

/* What is rarely made of single bytes. */
static const char *const kdb_fuzz_parts[] = {
	"\r", "\r", ";", "main", "table", "start", "main.count", "<eax", "<0",
	"0xc0100", "0x1800", "0t10", "0o17", "1.5", "'ab'", "/X", "/x", "?i",
	"?ia", "=X", "=p", "/s", "/F", "/Y", "/l ", "/L ", "/w ", "/W ", "?*",
	"/m ", "$d", "$e", "$m", "$s", "$v", "$w", ",-1", ",5", ",0$w", ">a",
	">eax", "help ", "he\t", "ma\t\t", "\033[A", "\033[D", "\20", "*", "@",
	"line ", "start+", "?ai", "main.fast", "$", "$?",
	"~", "#", "(", ")", "\"", "^", "+", ".", "%", "-1", "0ffffffff", "\3",
};

#define KDB_FUZZ_PARTS	(sizeof(kdb_fuzz_parts) / sizeof(kdb_fuzz_parts[0]))

/* Half parts, half bytes; but no \377, with which the world waits. */
static const char *
kdb_fuzz_keys(void)
{
	static char keys[KDB_FUZZ_KEYS];
	size_t n = 0;

	while (fuzz_host_more() && n < sizeof(keys) - 20) {
		unsigned c = fuzz_host_choose(256);

		if (c >= 128) {
			n += (size_t)snprintf(keys + n, sizeof(keys) - n, "%s",
			    kdb_fuzz_parts[c % KDB_FUZZ_PARTS]);
		} else if (c != 0) {
			keys[n++] = (char)c;
		}
	}
	keys[n] = '\0';
	return keys;
}

static void
kdb_fuzz_one(void)
{
	world_reset();
	/* Formats are remembered from one input to the next. */
	(void)world_run("=X;main/X");
	world_type(kdb_fuzz_keys());
	world_return_after(KDB_FUZZ_SILENT);
	while (world_keys_left()) {
		const char *line = kdb_line_read("kdb> ");

		fuzz_host_say("%s", line);
		world_interrupt_after(KDB_FUZZ_POLLS);
		fuzz_host_say("%s", world_run(line));
		world_interrupt_after(0);
		if (kdb_out_column() != 0) {
			fuzz_host_fail();
		}
	}
}

int
main(void)
{
	kdb_command_add(&kdb_help_table);
	kdb_command_add(&kdb_source_table);
	kdb_line_completer(kdb_complete);
	fuzz_host_run(kdb_fuzz_one);
}
