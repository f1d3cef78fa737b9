/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * More than one processor: starting the others, interrupting them, stopping
 * them (MultiProcessor specification 1.4, appendix B; Intel SDM volume 3).
 *
 * Processors are numbered from 0, the one that boots, in the order of the
 * firmware's table.  A number says nothing about the number of the APIC.
 */

#ifndef I386_MP_H
#define I386_MP_H

#include <stdint.h>

struct trap_frame;

/* Interrupt CPUS, bits, to look at their shootdown requests (tlb.c). */
void mp_send_tlb(uint32_t cpus);

/*
 * A non-maskable interrupt came.  If cpu_stop_others() sent it, this processor
 * stops until the debugger lets it go on; otherwise somebody wants the debugger.
 */
void mp_nmi(struct trap_frame *frame);

#endif /* I386_MP_H */
