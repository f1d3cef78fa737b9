/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Device interrupts.  A line (IRQ) has at most one handler in the kernel; the
 * kernel's irq device attaches itself here on behalf of user-level drivers.
 */

#ifndef MACHINE_INTR_H
#define MACHINE_INTR_H

#include <stdbool.h>
#include <mach/kern_return.h>

/* Called with interrupts disabled; may take only spinlock_irq locks. */
typedef void (*intr_fn_t)(unsigned irq, void *arg);

/* Set up the interrupt controllers; every line starts masked. */
void intr_setup(void);

/* Start the tick of the processor that executes. */
void intr_start_tick(void);

/* How many lines there are; valid IRQs are smaller. */
unsigned intr_count(void);

/*
 * Attach FN to the line IRQ and unmask it.
 *
 * Returns: KERN_INVALID_ARGUMENT for no such line, KERN_RESOURCE_SHORTAGE
 * when it has a handler already or belongs to the timer.
 */
kern_return_t intr_attach(unsigned irq, intr_fn_t fn, void *arg);

/* Mask the line and forget its handler; none runs any more on return. */
void intr_detach(unsigned irq);

/* May be called from the handler.  Masks do not nest. */
void intr_mask(unsigned irq);
void intr_unmask(unsigned irq);

#endif /* MACHINE_INTR_H */
