/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Where trap instructions of the debugger's are in the text of tasks, and what was
 * there.
 *
 * A place is of one task.  It is taken before the trap instruction is written, and
 * dropped after that is gone: whoever executes one and finds no place may find the
 * text as it was by then, but never takes it for the program's own.  Only who is
 * busy with the task (kdb_plant.h) takes and drops its places, and when the last
 * reference on the task goes, nobody is.  The debugger may stop that anywhere, and
 * reads places as they are.
 */
#ifndef KERNEL_KDB_KDB_PLACE_H
#define KERNEL_KDB_KDB_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

struct task;

#define KDB_PLACE_MAX	256u	/* of all tasks */

/*
 * [L] kdb_place_lock while task is NULL, then whoever is busy with that task, or the
 * debugger  [a] atomic
 */
struct kdb_place {
	const struct task *task;	/* [a] NULL: not used */
	uintptr_t	address;	/* [L] */
	uint8_t		byte;		/* [L] of the text */
	bool		lifted;		/* [L] that is there just now */
};

/* ---- by who is busy with TASK -------------------------------------------- */

/* Locks: takes a spin lock of no rank above others.  NULL: there is no room. */
struct kdb_place *kdb_place_take(const struct task *task, uintptr_t address,
    uint8_t byte);
void kdb_place_drop(struct kdb_place *place);

/* TASK is being freed, or was not made after all. */
void kdb_place_task_gone(const struct task *task);

/* ---- anywhere: no locks, never waits ------------------------------------- */

/* The next place of TASK, NULL for all tasks, after PLACE, or the first. */
struct kdb_place *kdb_place_next(const struct task *task,
    const struct kdb_place *place);

struct kdb_place *kdb_place_find(const struct task *task, uintptr_t address);

/* Is one in the page of TASK that begins there? */
bool kdb_place_is_in_page(const struct task *task, vm_offset_t page);

/* The N bytes at ADDRESS of TASK were read: make them what they were. */
void kdb_place_mask(const struct task *task, uintptr_t address, void *bytes,
    size_t n);

/* ---- in the debugger: no locks, no memory, never waits ------------------- */

/* The same bytes were written: what is there now is what was. */
void kdb_place_written(const struct task *task, uintptr_t address, size_t n);

/*
 * Put the text of the current task back at ADDRESS, where there is a place, for this
 * processor alone or LONGER; kdb_place_back() undoes that, in whichever task.
 * False: the page is not in memory.
 */
bool kdb_place_lift(uintptr_t address, bool longer);
void kdb_place_back(void);

#endif /* KERNEL_KDB_KDB_PLACE_H */
