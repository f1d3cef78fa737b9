/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The local APIC of each processor: its tick and the interrupts that
 * processors send each other (Intel SDM volume 3, chapter 11).
 */

#ifndef I386_LAPIC_H
#define I386_LAPIC_H

#include <stdbool.h>
#include <stdint.h>
#include <machine/types.h>

/*
 * Map the local APIC at BASE, program the first processor's, and measure its
 * timer.  After clock_machine_setup().
 */
void lapic_setup(phys_addr_t base);

/* Whether lapic_setup() was done. */
bool lapic_present(void);

/* Program the APIC of the processor that executes; FIRST gets the PICs. */
void lapic_setup_this(bool first);

/* Interrupt at VECTOR_LAPIC_TIMER, HERTZ times a second, this processor. */
void lapic_timer_start(unsigned hertz);

/* The APIC's number of the processor that executes. */
unsigned lapic_id(void);

void lapic_eoi(void);

/* Interrupt the processor whose APIC has number ID. */
void lapic_send(unsigned id, unsigned vector);

/* Interrupt several at once: bits of their cpu_id(), the first eight's only. */
#define LAPIC_SEND_MASK		0xffu
void lapic_send_all(uint32_t cpus, unsigned vector);

void lapic_send_nmi(unsigned id);

/* The start-up protocol: reset it, then run real-mode code at PAGE << 12. */
void lapic_send_init(unsigned id);
void lapic_send_startup(unsigned id, unsigned page);

#endif /* I386_LAPIC_H */
