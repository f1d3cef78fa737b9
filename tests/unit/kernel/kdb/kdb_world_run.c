/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Commands in the world of kdb_world.c.
 */

#include "kdb_world.h"

#include <stddef.h>
#include <stdio.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_modifier.h>
#include <kernel/kdb/kdb_out.h>

static bool world_good;

static void
world_obey(void *arg)
{
	kdb_out_pause(true);
	kdb_command_line(arg);
}

const char *
world_run(const char *line)
{
	char copy[KDB_COMMAND_SIZE * 2];

	kdb_command_add(&kdb_modifier_table);
	(void)world_printed();
	snprintf(copy, sizeof(copy), "%s", line);
	world_good = kdb_error_catch(world_obey, copy);
	kdb_out_pause(false);
	return world_printed();
}

bool
world_failed(void)
{
	return !world_good;
}
