/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The tick, and the time of day.
 *
 * Every processor calls clock_tick HZ times a second; the boot processor
 * advances the tick counter.  Finer time comes from the machine.  Time of day
 * is the time since boot plus an offset that clock_set_time moves at once and
 * clock_adjust_time slowly.
 */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/time_value.h>

#define HZ		100
#define CLOCK_TICK_US	(1000000 / HZ)
#define CLOCK_TICK_NS	(1000000000 / HZ)

/*
 * Once at boot, after kmem_setup: reads the real-time clock and makes the
 * mapped page, of PAGE_SIZE bytes.
 */
void clock_setup(vm_size_t page_size);

/*
 * One tick on this processor.  USER and PC say what it interrupted.
 * Interrupts are off.
 */
void clock_tick(bool user, vm_offset_t pc);

/* The machine stood still for NS: only the time of day goes on with them. */
void clock_skip(uint64_t ns);

/* Ticks since boot. */
uint64_t clock_ticks(void);

/* Whole seconds of ticks since boot, without a division. */
uint32_t clock_seconds(void);

/* The tick that is at least MS milliseconds from now, for a deadline. */
uint64_t clock_deadline_ms(uint32_t ms);

/* Nanoseconds since boot, never going back. */
uint64_t clock_uptime_ns(void);

/* Time of day, and time since boot, in seconds and microseconds. */
void clock_get_time(struct time_value *time);
void clock_get_uptime(struct time_value *time);

/*
 * Set the time of day, and the real-time clock with it.
 *
 * Returns: KERN_INVALID_ARGUMENT for microseconds out of range.
 */
kern_return_t clock_set_time(const struct time_value *time);

/* Slew the time of day by DELTA; what was left of the last slew goes to OLD. */
void clock_adjust_time(const struct time_value *delta, struct time_value *old);

/*
 * The kernel address of the page that the `time' device maps; it holds a
 * struct mapped_time_value, renewed at each tick.
 */
void *clock_mapped_page(void);

#endif /* KERNEL_CLOCK_H */
