/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger knows no registers yet.
 */

#include <kernel/kdb/kdb_regs.h>

#include <stddef.h>

const char *const kdb_reg_names[] = { NULL };
const unsigned kdb_reg_count = 0;

bool
kdb_reg_get(unsigned i, uint32_t *value)
{
	return false;
}

bool
kdb_reg_set(unsigned i, uint32_t value)
{
	return false;
}
