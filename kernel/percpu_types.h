/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a processor has of its own.  Apart from percpu.h because the inline
 * functions of <machine/cpu.h> need the layout and percpu.h needs them.
 */
#ifndef KERNEL_PERCPU_TYPES_H
#define KERNEL_PERCPU_TYPES_H

#include <stdint.h>

#include <kernel/lock_rank.h>

struct thread;
struct processor;
struct trap_frame;

/* [c] this processor only, preemption off  [a] atomic  [I] fixed at creation */
struct percpu {
	uint32_t id;			/* [I] first: cpu_id() reads it there */
	struct percpu *self;		/* [I] */
	struct thread *thread;		/* [c] running here, never NULL */
	uint32_t preempt_count;		/* [c] 0: may be preempted */
	uint32_t ast;			/* [a] AST_* wanted of this processor */
	uint32_t unsent;		/* [a] processors to be interrupted by
					 * this one; AST_SEND is set then */
	uint32_t intr_depth;		/* [c] nested interrupt handlers */
	struct processor *processor;	/* [I] */
	uintptr_t stack_end;		/* [c] of the kernel stack; machine's */
	uint32_t switching;		/* [c] stack_end may not be that of the
					 * stack in use, which is a thread's */
	struct lock_rank_held held;	/* [c] spin locks held */
	uintptr_t panic_frame;		/* [a] not 0: stopped, trace from here */
	struct trap_frame *stopped;	/* [a] what was interrupted for that,
					 * while the debugger may look at it */
};

#endif /* KERNEL_PERCPU_TYPES_H */
