/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_history.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_command.h>

static char kdb_history_line[KDB_HISTORY_LINES][KDB_COMMAND_SIZE];
static unsigned kdb_history_added;

void
kdb_history_add(const char *line)
{
	const char *last = kdb_history_get(1);

	if (line[0] != '\0' && (last == NULL || strcmp(line, last) != 0)) {
		snprintf(kdb_history_line[kdb_history_added++ %
		    KDB_HISTORY_LINES], KDB_COMMAND_SIZE, "%s", line);
	}
}

const char *
kdb_history_get(unsigned ago)
{
	if (ago == 0 || ago > kdb_history_added || ago > KDB_HISTORY_LINES) {
		return NULL;
	}
	return kdb_history_line[(kdb_history_added - ago) % KDB_HISTORY_LINES];
}
