/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pair of 8259 interrupt controllers (Intel data sheet 8259A).
 *
 * Device interrupts come through them on every machine, also with several
 * processors, where the first local APIC passes them on: the interrupt line
 * that the firmware wrote into a PCI device's configuration is the line here,
 * so that no ACPI interpreter is needed to route it.
 *
 * Locks: intr.c calls all of these under its own.
 */

#ifndef I386_PIC_H
#define I386_PIC_H

#include <stdbool.h>

#define PIC_LINES	16u

/* Program both: lines at VECTOR and up, all masked. */
void pic_setup(unsigned vector);

void pic_mask(unsigned irq);
void pic_unmask(unsigned irq);

/* End the service of IRQ. */
void pic_eoi(unsigned irq);

/* An interrupt on line 7 or 15 that no device asked for. */
bool pic_is_spurious(unsigned irq);

#endif /* I386_PIC_H */
