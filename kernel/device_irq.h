/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Interrupts for drivers outside the kernel.
 *
 * An interrupt masks its line and becomes a message to every port that is
 * registered for it; the line opens again when each of them has acknowledged,
 * or has died.
 */

#ifndef KERNEL_DEVICE_IRQ_H
#define KERNEL_DEVICE_IRQ_H

#include <stdbool.h>

#include <mach/kern_return.h>

struct ipc_port;

void device_irq_setup(void);
void device_rpc_setup(void);

/*
 * Send interrupts of LINE to PORT, with ID in the message.  Consumes PORT, a
 * send right, on success.
 *
 * Returns: KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE,
 *          D_ALREADY_OPEN when something in the kernel has the line, or PORT.
 */
kern_return_t device_irq_register(unsigned line, int id,
    struct ipc_port *port);

/*
 * PORT, which stays the caller's, is done with its interrupt.
 * D_INVALID_OPERATION if it had none.
 */
kern_return_t device_irq_ack(struct ipc_port *port);

/* Open LINE, or mask it: the older way to acknowledge. */
kern_return_t device_irq_enable(unsigned line, bool enable);

#endif /* KERNEL_DEVICE_IRQ_H */
