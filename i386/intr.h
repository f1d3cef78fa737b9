/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Interrupt vectors of the i386.
 */

#ifndef I386_INTR_H
#define I386_INTR_H

struct trap_frame;

#define VECTOR_IRQ		0x20u	/* line 0 of the PICs */
#define VECTOR_LAPIC_TIMER	0xefu
#define VECTOR_RESCHED		0xf0u	/* look at your asynchronous traps */
#define VECTOR_TLB		0xf1u	/* answer shootdown requests */
#define VECTOR_SPURIOUS		0xffu

/*
 * Serve the interrupt VECTOR that interrupted FRAME.  Called by the entry
 * code with interrupts disabled.
 */
void intr_dispatch(unsigned vector, const struct trap_frame *frame);

#endif /* I386_INTR_H */
