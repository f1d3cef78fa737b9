/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_GUESS_H
#define KERNEL_KDB_KDB_GUESS_H

/*
 * Who called a function of which nobody knows how it keeps its stack: a return
 * address is behind a call, and a call that says where it goes must go to where
 * the function can begin.
 */

#include <stdbool.h>
#include <stdint.h>

struct kdb_frame;
struct kdb_unwind;

/* Can PC be where FRAME's function returns to? */
bool kdb_guess_returns(struct kdb_unwind *unwind,
    const struct kdb_frame *frame, uint32_t pc);

/*
 * A function that aligns its stack copies its return address to above its frame
 * pointer EBP, and keeps where the stack was: *ADDRESS becomes that, if it is
 * so.
 */
void kdb_guess_aligned(struct kdb_unwind *unwind, uint32_t ebp,
    uint32_t *address);

/*
 * Look for such an address from FRAME's stack pointer on: NEXT has it and the
 * stack pointer above it, and nothing else is known.  False: there is none.
 */
bool kdb_guess_caller(struct kdb_unwind *unwind,
    const struct kdb_frame *frame, struct kdb_frame *next);

#endif /* KERNEL_KDB_KDB_GUESS_H */
