/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel's memory.
 */

#include <kernel/kdb/kdb_mem.h>

#include <string.h>

#include <machine/peek.h>

struct task *kdb_task;

bool
kdb_mem_read(struct task *space, uintptr_t address, void *to, size_t n)
{
	return peek_read(address, to, n);
}

bool
kdb_mem_write(struct task *space, uintptr_t address, const void *from,
    size_t n)
{
	return false;
}
