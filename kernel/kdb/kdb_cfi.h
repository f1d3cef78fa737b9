/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_CFI_H
#define KERNEL_KDB_KDB_CFI_H

/*
 * The call-frame rules that programs have in their own memory (.eh_frame), as
 * the processor's ABI and DWARF 5, section 6.4, have them.  Where the section
 * begins only the linker knew, so entries are looked for in all of a program's
 * constant memory: words that say "from here", that lead to a sound entry and
 * to a sound common one, and whose range has the address.  So what is missing
 * of the memory hides no more than the entries that are in it.
 *
 * Nothing that is read is trusted.  One search at a time.
 */

#include <stdbool.h>
#include <stdint.h>

struct kdb_frame;
struct kdb_unwind;

/* What has constants: [START, END). */
struct kdb_cfi_range {
	uintptr_t	start;
	uintptr_t	end;
};

#define KDB_CFI_RANGES	8u	/* of a program; no more are looked at */

enum kdb_cfi {
	KDB_CFI_NONE,		/* there are no rules, or none of use */
	KDB_CFI_ABSENT,		/* memory that may have them is not there */
	KDB_CFI_CALLER,
	KDB_CFI_INTERRUPTED,	/* what was interrupted, not a caller */
	KDB_CFI_OUTERMOST,	/* they say that nobody called it */
};

/*
 * The rules at FRAME's place: its address is set, and *NEXT is the frame behind
 * it.  The caller has other registers than functions keep only if the rules say
 * so.
 */
enum kdb_cfi kdb_cfi_caller(struct kdb_unwind *unwind,
    struct kdb_frame *frame, struct kdb_frame *next);

#endif /* KERNEL_KDB_KDB_CFI_H */
