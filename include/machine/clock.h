/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_CLOCK_H
#define MACHINE_CLOCK_H

/*
 * Time as the machine knows it: a steady count since boot, and the
 * battery-backed calendar.  The periodic tick is the interrupt layer's; it
 * calls clock_tick() of <kernel/clock.h> on each CPU.
 */

#include <mach/kern_return.h>
#include <machine/types.h>

/* Measure the cycle counter.  Takes about 10 ms; once, on the first CPU. */
void
clock_machine_setup(void);

/* Nanoseconds since clock_machine_setup(); 0 before. Never goes back. */
uint64_t
clock_machine_ns(void);

/*
 * Time stands still from the first of these to the second, which returns how
 * many nanoseconds it did, whatever others were in the middle of.  One processor
 * at a time; the others are stopped.
 */
void
clock_machine_pause(void);

uint64_t
clock_machine_resume(void);

/* Cycles per second of cpu_cycles(); 0 before clock_machine_setup(). */
uint64_t
clock_machine_hz(void);

/* Spin for at least NS nanoseconds, also before clock_machine_setup(). */
void
clock_machine_delay(uint32_t ns);

/*
 * Read the calendar as seconds since 1970-01-01 00:00 UTC.
 *
 * Returns: KERN_FAILURE when there is no battery-backed clock or it is unset.
 */
kern_return_t
clock_machine_read_rtc(int64_t *secs);

/* Set the calendar.  Returns KERN_FAILURE, or KERN_INVALID_ARGUMENT for a
 * year that it cannot hold. */
kern_return_t
clock_machine_write_rtc(int64_t secs);

#endif
