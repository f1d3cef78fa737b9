/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ticks as the times that task_info and thread_info tell.
 */

#ifndef KERNEL_INFO_TIME_H
#define KERNEL_INFO_TIME_H

#include <stdint.h>

#include <mach/time_value.h>

#include <kernel/clock.h>

/* A length of time.  32 bits of ticks are 497 days. */
static inline time_value_t
info_time_from_ticks(uint64_t ticks)
{
	uint32_t n = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;

	return (time_value_t) { (long_integer_t)(n / HZ),
	    (integer_t)(n % HZ * CLOCK_TICK_US) };
}

/* The time of day when the clock stood at TICK. */
static inline time_value_t
info_time_of_tick(uint64_t tick)
{
	time_value_t ago = info_time_from_ticks(clock_ticks() - tick);
	time_value_t time;

	clock_get_time(&time);
	time_value_sub(&time, &ago);
	return time;
}

#endif /* KERNEL_INFO_TIME_H */
