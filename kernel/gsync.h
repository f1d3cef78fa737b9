/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Waiting for and waking threads by the contents of user memory: the base of
 * user-level locks.
 *
 * A word is known by task and address, or with GSYNC_SHARED by memory object
 * and offset, so that tasks which map it at different addresses meet.
 */
#ifndef KERNEL_GSYNC_H
#define KERNEL_GSYNC_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <machine/types.h>

struct task;

/* Flags of the ABI (gnumach.defs). */
#define GSYNC_SHARED	0x01
#define GSYNC_QUAD	0x02
#define GSYNC_TIMED	0x04
#define GSYNC_BROADCAST	0x08
#define GSYNC_MUTATE	0x10

void gsync_setup(void);

/* A word that somebody waits for: an address in the map, or in the object. */
struct gsync_word {
	const void *space;	/* the map, or the memory object */
	vm_offset_t offset;
};

/*
 * For the debugger, while nothing else runs: is EVENT, which may be any address,
 * what a thread in gsync_wait() sleeps on?
 */
bool gsync_debug_word(const void *event, struct gsync_word *word);

/*
 * Wait until the word at ADDR of TASK is woken, unless it does not hold LOW
 * (and the one after it HIGH, with GSYNC_QUAD).
 *
 * Locks:   none held.  Blocks, interruptibly.
 * Returns: KERN_INVALID_ARGUMENT when the words hold something else,
 *          KERN_INVALID_ADDRESS (also for one that is not aligned),
 *          KERN_TIMEDOUT, KERN_INTERRUPTED.
 */
kern_return_t gsync_wait(struct task *task, user_addr_t addr, uint32_t low,
    uint32_t high, uint32_t msec, int flags);

/*
 * Wake one thread, or all with GSYNC_BROADCAST, after storing VALUE with
 * GSYNC_MUTATE.
 *
 * Returns: KERN_INVALID_ARGUMENT when nobody waited, KERN_INVALID_ADDRESS.
 */
kern_return_t gsync_wake(struct task *task, user_addr_t addr, uint32_t value,
    int flags);

/*
 * Make one thread that waits for SRC, or all with GSYNC_BROADCAST, wait for DST
 * instead, after waking one if WAKE_ONE.
 *
 * Returns: as gsync_wake.
 */
kern_return_t gsync_requeue(struct task *task, user_addr_t src,
    user_addr_t dst, bool wake_one, int flags);

#endif /* KERNEL_GSYNC_H */
