/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Work to be done at a safe point: before the return to user mode, or, for a
 * reschedule, whenever preemption is enabled again.  (AST: asynchronous system
 * trap.)  Processor bits live in percpu->ast, thread bits in thread->ast.
 */
#ifndef KERNEL_AST_H
#define KERNEL_AST_H

#include <stdbool.h>
#include <stdint.h>

struct thread;

/* Of a processor. */
#define AST_RESCHED	0x01u	/* a better thread waits, or the slice is over */
#define AST_SEND	0x02u	/* others wait for an interrupt of this one */

/* Of a thread. */
#define AST_HALT	0x10u	/* somebody wants it to stop */
#define AST_TERMINATE	0x20u	/* it must end */
#define AST_ABORT	0x40u	/* interruptible waits end until user mode */
#define AST_KDB		0x80u	/* breakpoints of its task are to change */
#define AST_TRACE	0x100u	/* the log wants to know its trap's result */

/*
 * Called by the machine before every return to user mode, with interrupts
 * disabled, if percpu->ast or thread->ast is not 0; returns the same way, when
 * both are 0.  May switch threads, stop, or never return.
 */
void ast_taken(void);

/* True if ast_taken has something to do. */
bool ast_pending(void);

/*
 * Set BITS for processor CPU and make it look, by an interrupt if need be: at once,
 * or when this processor holds no spin lock any more.
 */
void ast_cpu_set(unsigned cpu, uint32_t bits);

/*
 * Send the interrupts that were put off; AST_SEND is set.
 *
 * Locks: none; preemption on, interrupts off.
 */
void ast_send(void);

/* Set BITS for THREAD; if it runs on another processor, make that look. */
void ast_thread_set(struct thread *thread, uint32_t bits);
void ast_thread_clear(struct thread *thread, uint32_t bits);

#endif /* KERNEL_AST_H */
