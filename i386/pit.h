/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Channel 0 of the 8254 interval timer: the tick of a machine that has no
 * local APIC.  Channel 2, which measures other clocks, is clock.c's.
 */

#ifndef I386_PIT_H
#define I386_PIT_H

#define PIT_IRQ		0u

/* Interrupt on line PIT_IRQ, HERTZ times a second. */
void pit_start(unsigned hertz);

#endif /* I386_PIT_H */
