/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Which breakpoints are wished for in the text of programs; kdb_plant.h tells what
 * becomes of wishes.
 *
 * They change only in the debugger, while nobody else runs, but that a wish for one
 * task becomes void when that ends.  There is no lock: who copies a wish and is
 * stopped meanwhile sees by the generation that it has to begin again.
 */
#ifndef KERNEL_KDB_KDB_WISH_H
#define KERNEL_KDB_KDB_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <machine/atomic.h>

struct task;

#define KDB_WISH_MAX	32u
#define KDB_WISH_TEXT	8u	/* bytes that say which text it is */

/* [d] changed only in the debugger  [a] atomic, too */
struct kdb_wish {
	uintptr_t	address;	/* [d] 0: not used */
	const struct task *task;	/* [a] NULL: it has ended, or */
	bool		everywhere;	/* [d] it is any with that text */
	unsigned	count;		/* [d] of text; 0: not known */
	uint8_t		text[KDB_WISH_TEXT];	/* [d] as it is without any */
};

/* ---- in the debugger: no locks, no memory, never waits ------------------- */

/*
 * Wish number I is: ADDRESS of TASK, or of all tasks with the same text if
 * EVERYWHERE; that is TASK's.  False, and nothing has changed: that is not in
 * memory.
 */
bool kdb_wish_set(unsigned i, struct task *task, uintptr_t address,
    bool everywhere);
void kdb_wish_drop(unsigned i);

/* What was done for wishes is not so any more: have all tasks look. */
void kdb_wish_again(void);

/* Is wish I for TASK? */
bool kdb_wish_is_for(unsigned i, const struct task *task);

/* The task of wish I; NULL: all, or it has ended. */
const struct task *kdb_wish_task(unsigned i);

/* Has the one task of wish I ended? */
bool kdb_wish_is_void(unsigned i);

/*
 * How many tasks have what was wished for; the reason, and nothing else, why it
 * is not in the text if there is none, or "".
 */
unsigned kdb_wish_count(unsigned i, const char **why);

/* ---- anywhere: no locks, never waits ------------------------------------- */

extern uint32_t kdb_wish_changes;	/* [a] */

/* Other than when it was asked before, wishes have changed; 0: never yet. */
static inline uint32_t
kdb_wish_generation(void)
{
	return atomic_load_acquire(&kdb_wish_changes);
}

/* Wish I, as the debugger has left it. */
struct kdb_wish kdb_wish_get(unsigned i);

/* Is it for TASK? */
bool kdb_wish_covers(const struct kdb_wish *wish, const struct task *task);

/* Is one for TASK at ADDRESS; in the page that begins there? */
bool kdb_wish_is_at(const struct task *task, uintptr_t address);
bool kdb_wish_is_in_page(const struct task *task, vm_offset_t page);

/* What has become of wish I in a task that has its text. */
void kdb_wish_note(unsigned i, kern_return_t kr);

/* TASK is being freed. */
void kdb_wish_task_gone(const struct task *task);

#endif /* KERNEL_KDB_KDB_WISH_H */
