/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_break.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb_break_i.h>
#include <kernel/task.h>

/* The one that gdb has at ADDRESS, or had just now; NULL: none. */
static struct kdb_break *
kdb_break_find_gdb(uintptr_t address)
{
	KDB_BREAK_EACH(b) {
		if ((b->gdb || b->kept) && b->address == address) {
			return b;
		}
	}
	return NULL;
}

/* Where one of gdb's may be put. */
static struct kdb_break *
kdb_break_new_gdb(struct task *task, uintptr_t address)
{
	struct kdb_break *b = kdb_break_find(task, address, false);

	if (b != NULL) {
		return b;
	}
	b = kdb_break_unused();
	if (b == NULL || address == 0 || (address < MACHINE_USER_MAX ?
	    task == kernel_task ||
	    !kdb_wish_set(kdb_break_number(b), task, address, false) :
	    !kdb_cpu_may_break(address))) {
		return NULL;
	}
	memset(b, 0, sizeof(*b));
	b->address = address;
	return b;
}

bool
kdb_break_plant(struct task *task, uintptr_t address)
{
	struct kdb_break *b = kdb_break_find_gdb(address);

	if (b == NULL) {
		b = kdb_break_new_gdb(task, address);
	}
	if (b == NULL) {
		return false;
	}
	b->gdb = true;
	b->kept = false;
	return true;
}

void
kdb_break_uproot(uintptr_t address)
{
	struct kdb_break *b = kdb_break_find_gdb(address);

	if (b != NULL) {
		b->gdb = false;
		b->kept = kdb_break_is_user(b);
		kdb_break_release(b);
	}
}

void
kdb_break_settle(bool all)
{
	KDB_BREAK_EACH(b) {
		if (b->kept || (all && b->gdb)) {
			b->kept = false;
			b->gdb = b->gdb && !all;
			kdb_break_release(b);
		}
	}
}
