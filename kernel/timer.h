/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Timeouts in ticks of the clock.  Each processor has a hierarchical timing
 * wheel (Varghese and Lauck, 1987): starting and cancelling take constant
 * time, however many timers there are.  A timer runs on the processor that
 * started it.
 *
 * States: idle -> timer_start -> pending -> (cancel) idle
 *                                        -> (deadline) running -> idle
 * The function runs at interrupt level with interrupts off and may start its
 * timer again.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include <kernel/list.h>

struct timer;

typedef void (*timer_fn_t)(struct timer *timer);

/* [w] lock of the wheel of cpu */
struct timer {
	struct list_node link;	/* [w] linked while pending */
	uint64_t deadline;	/* [w] in ticks */
	timer_fn_t fn;		/* [I] */
	uint32_t cpu;		/* [w] whose wheel it is or was last on */
};

void timer_setup(void);

void timer_init(struct timer *timer, timer_fn_t fn);

/* Run at DEADLINE, at the next tick if that has passed.  Must be idle. */
void timer_start(struct timer *timer, uint64_t deadline);

/*
 * True if the timer was pending.  Otherwise it has run, or never was started;
 * its function is not running any more on another processor on return.
 *
 * Locks: none that the timer's function takes.
 */
bool timer_cancel(struct timer *timer);

bool timer_pending(const struct timer *timer);

/* Run what is due on this processor; called by clock_tick. */
void timer_tick(uint64_t now);

#endif /* KERNEL_TIMER_H */
