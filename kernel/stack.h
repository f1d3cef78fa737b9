/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel stacks, KERNEL_STACK_SIZE bytes each and so aligned.  The lowest
 * words hold a mark that is checked when a stack is freed and at each tick.
 *
 * A thread that stopped where nothing in the kernel needs its stack any more
 * (sched_block_continue_unlock()) gives it away, and gets another one when it
 * runs.  The scheduler takes and puts such stacks where it can neither wait nor
 * allocate; a thread of this module keeps some ready, and brings one later to a
 * thread that did not find any.
 */
#ifndef KERNEL_STACK_H
#define KERNEL_STACK_H

#include <stdbool.h>

#include <mach/machine/vm_types.h>
#include <machine/atomic.h>
#include <machine/types.h>

#include <kernel/sleepq.h>

struct thread;

extern bool stack_unkept;	/* [a] too few are ready, or too many */

void stack_setup(void);

/* The thread that keeps stacks ready; once kernel threads can be made. */
void stack_setup_keeper(void);

/* The lowest address of a new stack, 0 when memory is short. */
vm_offset_t stack_alloc(void);
void stack_free(vm_offset_t stack);

/*
 * The same out of what is ready.  Any context, interrupts off.
 */
vm_offset_t stack_try(void);
void stack_put(vm_offset_t stack);

/*
 * THREAD, which is to run and on no queue, has no stack: it is made to wait for a
 * processor as soon as there is one.  Any context, interrupts off.
 */
void stack_await(struct thread *thread);

/* Wake the keeper if it has something to do.  Locks: none that spins. */
static inline void
stack_care(void)
{
	if (__builtin_expect(atomic_load_relaxed(&stack_unkept), false)) {
		sleepq_wake_one(&stack_unkept);
	}
}

/* Panic if the stack has overflowed. */
void stack_check(vm_offset_t stack);

/* Stacks in use. */
unsigned stack_count(void);

#endif /* KERNEL_STACK_H */
