/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_UNWIND_H
#define KERNEL_KDB_KDB_UNWIND_H

/*
 * From a frame to its caller's: by the call-frame rules of the debugger's
 * tables, else by those that the program has in its memory, or by the frame
 * pointer where there are none; in programs also by what looks like a return
 * address, and then there is doubt.  Nothing on a stack is trusted: what cannot be
 * is said, and each frame of a stack lies above the one before, so that every
 * walk ends.  Only a program's own rules may lead to another stack, and not
 * often.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/kdb/kdb_cfi.h>
#include <kernel/kdb/kdb_table.h>

/* Registers are in DWARF's order, KDB_REG_EAX and so on. */
struct kdb_frame {
	uint32_t	reg[KDB_REG_COUNT];
	uint32_t	known;		/* a bit for each that has its value */
	uint32_t	address;	/* the stack pointer before the call */
	bool		addressed;	/* ADDRESS is known */
	bool		exact;		/* pc is no return address, but
					 * yet to be executed */
	bool		user;		/* of user mode */
	uint8_t		stacks;		/* that were left on the way here */
};

/* What is behind a frame. */
enum kdb_unwind_step {
	KDB_UNWIND_CALLER,
	KDB_UNWIND_TRAP,	/* code that was interrupted */
	KDB_UNWIND_CALL,	/* code that made a system call, in user mode */
	KDB_UNWIND_ENTERED,	/* who called what has no rules of its own */
	KDB_UNWIND_END,
	KDB_UNWIND_LOST,	/* there should be more */
};

struct kdb_unwind {
	/* Copy N bytes from ADDRESS as FRAME sees it; false: not there. */
	bool (*read)(struct kdb_unwind *unwind, uintptr_t address, void *to,
	    size_t n);
	/* The tables of the code that FRAME is in, or NULL. */
	const struct kdb_symtab *(*table)(struct kdb_unwind *unwind,
	    const struct kdb_frame *frame);
	/* Where the program that FRAME is in has constants, and how many such
	 * places these are; or NULL: none has any. */
	unsigned (*constants)(struct kdb_unwind *unwind,
	    const struct kdb_frame *frame,
	    struct kdb_cfi_range ranges[KDB_CFI_RANGES]);
	/* Can FRAME's pc be one? */
	bool (*is_code)(struct kdb_unwind *unwind,
	    const struct kdb_frame *frame);
	/* If FRAME is no function's but of the way into the kernel: what is
	 * behind it; KDB_UNWIND_CALLER: it is a function's.  It may know who
	 * called that, too. */
	enum kdb_unwind_step (*boundary)(struct kdb_unwind *unwind,
	    const struct kdb_frame *frame, struct kdb_frame *next);
	void		*arg;
	const char	*why;		/* it is lost */
	const char	*doubt;		/* about the last step, or NULL */
};

static inline bool
kdb_frame_known(const struct kdb_frame *frame, unsigned reg)
{
	return (frame->known >> reg & 1) != 0;
}

/* Is there a frame behind it? */
static inline bool
kdb_unwind_more(enum kdb_unwind_step step)
{
	return step == KDB_UNWIND_CALLER || step == KDB_UNWIND_TRAP ||
	    step == KDB_UNWIND_CALL;
}

void kdb_frame_set(struct kdb_frame *frame, unsigned reg, uint32_t value);

/* Where in the code a frame is, for what tables say of ranges. */
uintptr_t kdb_frame_place(const struct kdb_frame *frame);

/*
 * The frame behind FRAME goes to *NEXT, and FRAME's address is set if it can
 * be.  UNWIND->why says why the way is lost, UNWIND->doubt why it may be wrong.
 */
enum kdb_unwind_step kdb_unwind_next(struct kdb_unwind *unwind,
    struct kdb_frame *frame, struct kdb_frame *next);

#endif
