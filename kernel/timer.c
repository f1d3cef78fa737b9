/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Timing wheels, one for each processor.
 *
 * Level L has 64 slots of 64^L ticks each.  A timer goes to the lowest level
 * that reaches its deadline; when a wheel's time enters a slot of a higher
 * level, the timers of that slot are placed again, one level down or more.
 * Deadlines beyond the top level are parked in its farthest slot and placed
 * again when that comes up.
 *
 * A wheel's time `now' is the last tick that it has run; every pending timer's
 * deadline is later.
 */

#include <kernel/timer.h>

#include <machine/cpu.h>
#include <machine/types.h>

#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>

#define TIMER_BITS	6u
#define TIMER_SLOTS	(1u << TIMER_BITS)
#define TIMER_LEVELS	5u

/* [w] own lock */
struct timer_wheel {
	struct spinlock_irq lock;
	uint64_t now;				/* [w] */
	struct timer *running;			/* [w] its function is called */
	struct list slots[TIMER_LEVELS][TIMER_SLOTS];	/* [w] */
};

static struct timer_wheel timer_wheels[CPU_MAX];

void
timer_setup(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		struct timer_wheel *wheel = &timer_wheels[cpu];

		spinlock_irq_init(&wheel->lock, LOCK_RANK_TIMER);
		for (unsigned level = 0; level < TIMER_LEVELS; level++) {
			for (unsigned i = 0; i < TIMER_SLOTS; i++) {
				list_init(&wheel->slots[level][i]);
			}
		}
	}
}

void
timer_init(struct timer *timer, timer_fn_t fn)
{
	list_node_init(&timer->link);
	timer->deadline = 0;
	timer->fn = fn;
	timer->cpu = 0;
}

/* Put TIMER, whose deadline is not before `now', into its slot. */
static void
timer_wheel_insert(struct timer_wheel *wheel, struct timer *timer)
{
	uint64_t delta = timer->deadline - wheel->now;
	uint64_t at = timer->deadline;
	unsigned level = 0;

	while (level < TIMER_LEVELS - 1 &&
	    delta >= (uint64_t)1 << ((level + 1) * TIMER_BITS)) {
		level++;
	}
	if (delta >= (uint64_t)1 << (TIMER_LEVELS * TIMER_BITS)) {
		at = wheel->now +
		    ((uint64_t)(TIMER_SLOTS - 1) << (level * TIMER_BITS));
	}
	list_insert_tail(&wheel->slots[level]
	    [(at >> (level * TIMER_BITS)) & (TIMER_SLOTS - 1)], &timer->link);
}

void
timer_start(struct timer *timer, uint64_t deadline)
{
	bool were_on = cpu_intr_save();
	struct timer_wheel *wheel = &timer_wheels[cpu_id()];

	spinlock_irq_lock(&wheel->lock);
	assert_debug(!list_node_linked(&timer->link));
	timer->cpu = cpu_id();
	timer->deadline = deadline > wheel->now ? deadline : wheel->now + 1;
	timer_wheel_insert(wheel, timer);
	spinlock_irq_unlock(&wheel->lock, false);
	cpu_intr_restore(were_on);
}

/* Lock the wheel that TIMER is on; it may move while we try. */
static struct timer_wheel *
timer_lock_wheel(struct timer *timer, bool *were_on)
{
	for (;;) {
		uint32_t cpu = atomic_load_relaxed(&timer->cpu);
		struct timer_wheel *wheel = &timer_wheels[cpu];

		*were_on = spinlock_irq_lock(&wheel->lock);
		if (timer->cpu == cpu) {
			return wheel;
		}
		spinlock_irq_unlock(&wheel->lock, *were_on);
	}
}

bool
timer_cancel(struct timer *timer)
{
	for (;;) {
		bool were_on;
		struct timer_wheel *wheel = timer_lock_wheel(timer, &were_on);
		bool pending = list_node_linked(&timer->link);
		bool running = wheel->running == timer &&
		    wheel != &timer_wheels[cpu_id()];

		if (pending) {
			list_remove(&timer->link);
		}
		spinlock_irq_unlock(&wheel->lock, were_on);
		if (!running) {
			return pending;
		}
		cpu_pause();
		if (pending) {
			/* It had started itself again while it ran. */
			continue;
		}
	}
}

bool
timer_pending(const struct timer *timer)
{
	return list_node_linked(&timer->link);
}

/* Place the timers of the current slot of LEVEL again. */
static void
timer_wheel_cascade(struct timer_wheel *wheel, unsigned level)
{
	struct list *slot = &wheel->slots[level]
	    [(wheel->now >> (level * TIMER_BITS)) & (TIMER_SLOTS - 1)];
	struct list moving;

	list_init(&moving);
	list_append(&moving, slot);
	while (!list_empty(&moving)) {
		struct timer *timer = list_first_entry(&moving, struct timer,
		    link);

		list_remove(&timer->link);
		timer_wheel_insert(wheel, timer);
	}
}

/* Run what is due at wheel->now; the lock is dropped around each call. */
static void
timer_wheel_run(struct timer_wheel *wheel)
{
	struct list *slot = &wheel->slots[0][wheel->now & (TIMER_SLOTS - 1)];

	while (!list_empty(slot)) {
		struct timer *timer = list_first_entry(slot, struct timer,
		    link);

		assert_debug(timer->deadline == wheel->now);
		list_remove(&timer->link);
		wheel->running = timer;
		spinlock_irq_unlock(&wheel->lock, false);
		timer->fn(timer);
		spinlock_irq_lock(&wheel->lock);
		wheel->running = NULL;
	}
}

void
timer_tick(uint64_t now)
{
	struct timer_wheel *wheel = &timer_wheels[cpu_id()];

	assert_debug(!cpu_intr_enabled());
	spinlock_irq_lock(&wheel->lock);
	while (wheel->now < now) {
		wheel->now++;
		for (unsigned level = TIMER_LEVELS - 1; level > 0; level--) {
			uint64_t mask = ((uint64_t)1 << (level * TIMER_BITS)) -
			    1;

			if ((wheel->now & mask) == 0) {
				timer_wheel_cascade(wheel, level);
			}
		}
		timer_wheel_run(wheel);
	}
	spinlock_irq_unlock(&wheel->lock, false);
}
