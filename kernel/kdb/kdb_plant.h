/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Breakpoints in the text of programs.
 *
 * The debugger only wishes (kdb_wish.h): that there be one at an address of a task,
 * or of all tasks that have the same text there.  When it is left all threads get
 * AST_KDB, and each sees to its own task before it is in user mode again: the page
 * becomes the task's own, and gets the trap instruction, or the old byte back.  It
 * waits for no pager and no memory: who has not got the page in memory cannot
 * execute it either, and looks again after the fault that brings it; what there
 * was no memory for is tried again after each fault of the task, and when the
 * debugger is left.
 *
 * What is in which task's text is a place (kdb_place.h).  It may be there longer
 * than the wish, until a thread of the task runs; a child begins with its parent's.
 *
 * One thread at a time does that for a task, and is busy with it; others that come
 * meanwhile leave it to that one.  Whoever is busy takes the lock of the task's
 * map, and never the other way round.
 */
#ifndef KERNEL_KDB_KDB_PLANT_H
#define KERNEL_KDB_KDB_PLANT_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

#include <kernel/kdb/kdb_wish.h>

struct task;
struct thread;
struct vm_map;

/*
 * The debugger is about to be left: have wishes fulfilled, if there is anything to
 * do.  In the debugger: no locks, no memory.
 */
void kdb_plant_leave(void);

/*
 * AST_KDB: do what is wished for the current task.
 *
 * Locks:  none held.  Takes the task's map.
 * Blocks: for that.
 */
void kdb_plant_ast(void);

/* Has there ever been a wish?  Until then nothing below need be called. */
static inline bool
kdb_plant_is_used(void)
{
	return __builtin_expect(kdb_wish_generation() != 0, false);
}

/* A fault has made ADDRESS of MAP accessible.  No locks, never waits. */
void kdb_plant_faulted(const struct vm_map *map, vm_offset_t address);

/*
 * The memory of PARENT is copied to a child between these two: be busy with it, so
 * that nothing changes meanwhile, and give CHILD its places, as far as there is room
 * for them, else its text without; NULL: there is none.
 * If the first wish of all came in between, both are called at the end.
 *
 * Locks:   none held.  The end takes the parent's map, and the child's.
 * Blocks:  may.
 * Returns: KERN_RESOURCE_SHORTAGE: no room for its places, nor memory for text
 *          without.
 */
void kdb_plant_fork_begin(struct task *parent);
kern_return_t kdb_plant_fork_end(struct task *parent, struct task *child);

/* THREAD is new and on its task's list, and has not been in user mode yet. */
void kdb_plant_new_thread(struct thread *thread);

/* TASK is being freed, or was not made after all.  No locks, never waits. */
void kdb_plant_task_gone(const struct task *task);

#endif /* KERNEL_KDB_KDB_PLANT_H */
