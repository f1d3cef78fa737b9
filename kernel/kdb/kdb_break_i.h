/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * All breakpoints, between kdb_break.c, which has them hit, kdb_break_set.c, where
 * somebody types them, and kdb_break_gdb.c.  Used in the debugger alone.
 */
#ifndef KERNEL_KDB_KDB_BREAK_I_H
#define KERNEL_KDB_KDB_BREAK_I_H

#include <stdbool.h>
#include <stdint.h>

#include <machine/types.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_wish.h>

struct task;
struct thread;

#define KDB_BREAK_MAX	KDB_WISH_MAX

struct kdb_break {
	uintptr_t	address;	/* 0: not used; a user's is wished for
					 * by the same number */
	bool		everywhere;	/* a user's, of all tasks */
	bool		said;		/* that it is not in the text */
	const struct thread *once;	/* not NULL: for that thread's steps, */
	uintptr_t	above;		/* with a stack pointer above this; */
	bool		back;		/* or where it went over a breakpoint */
	bool		typed;		/* somebody wants it, with :b */
	bool		gdb;		/* gdb does, */
	bool		kept;		/* or did, and has not gone on since */
	bool		inserted;
	uint8_t		byte;		/* of the text, while it is */
	unsigned	count;		/* the hit that stops */
	unsigned	left;		/* hits until that */
	unsigned	hits;		/* all of them */
	char		text[KDB_COMMAND_SIZE];	/* condition and commands */
};

extern struct kdb_break kdb_breaks[KDB_BREAK_MAX];

#define KDB_BREAK_EACH(b_)						\
	for (struct kdb_break *b_ = kdb_breaks;				\
	    b_ < kdb_breaks + KDB_BREAK_MAX; b_++)

static inline bool
kdb_break_is_user(const struct kdb_break *b)
{
	return b->address != 0 && b->address < MACHINE_USER_MAX;
}

static inline unsigned
kdb_break_number(const struct kdb_break *b)
{
	return (unsigned)(b - kdb_breaks);
}

/*
 * The one that was asked for at ADDRESS, a user's in TASK, or one for steps; NULL:
 * none.
 */
struct kdb_break *kdb_break_find(const struct task *task, uintptr_t address,
    bool once);

/* NULL: there is no room. */
struct kdb_break *kdb_break_unused(void);

/* Go on at so many stops at those that somebody typed, until another one. */
void kdb_break_pass(unsigned stops);

/* It is no more; or only if nobody wants it. */
void kdb_break_drop(struct kdb_break *b);
void kdb_break_release(struct kdb_break *b);

#endif /* KERNEL_KDB_KDB_BREAK_I_H */
