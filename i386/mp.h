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

#include <stdbool.h>

struct trap_frame;

/* Ask CPU to look at its shootdown requests (tlb.c). */
void mp_send_tlb(unsigned cpu);

/*
 * A non-maskable interrupt came, perhaps from cpu_stop_others(): then this
 * processor stops here for good.  Returns when it means something else.
 */
void mp_nmi(const struct trap_frame *frame);

/*
 * Where CPU was when cpu_stop_others() stopped it; NULL when it did not stop.
 */
const struct trap_frame *mp_stopped_frame(unsigned cpu);

#endif /* I386_MP_H */
