/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <machine/atomic.h>

#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/timer.h>

#define TIMERS	200u

TEST_MACHINE(.cpus = 2);

struct clocked {
	struct timer timer;
	uint64_t deadline;
	uint64_t fired_at;
	unsigned fired;
	unsigned again;
};

static struct clocked timers[TIMERS];

static void
fire(struct timer *timer)
{
	struct clocked *clocked = list_entry(timer, struct clocked, timer);

	CHECK(!cpu_intr_enabled());
	clocked->fired++;
	clocked->fired_at = clock_ticks();
	if (clocked->again > 0) {
		clocked->again--;
		timer_start(timer, clock_ticks() + 2);
	}
}

TEST(timer_fires_once_at_its_deadline)
{
	uint64_t now = clock_ticks();
	uint64_t last = now;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct clocked *clocked = &timers[i];

		timer_init(&clocked->timer, fire);
		/* All levels of the wheel but the topmost. */
		clocked->deadline = now + (i % 4 == 0 ? test_random(64) :
		    i % 4 == 1 ? test_random(4096) : test_random(6000));
		clocked->fired = 0;
		timer_start(&clocked->timer, clocked->deadline);
		if (clocked->deadline > last) {
			last = clocked->deadline;
		}
	}
	test_sleep((unsigned)(last - now) + 3);
	for (unsigned i = 0; i < TIMERS; i++) {
		struct clocked *clocked = &timers[i];

		CHECK_EQ(clocked->fired, 1);
		/* A deadline that had passed at the start means: next tick. */
		CHECK(clocked->fired_at >= clocked->deadline);
		CHECK(clocked->fired_at <= clocked->deadline + 4);
		CHECK(!timer_pending(&clocked->timer));
		CHECK(!timer_cancel(&clocked->timer));
	}
}

TEST(timer_cancelled_does_not_fire)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		timer_init(&timers[i].timer, fire);
		timers[i].fired = 0;
		timer_start(&timers[i].timer, clock_ticks() + 20 +
		    test_random(100));
	}
	for (unsigned i = 0; i < TIMERS; i += 2) {
		CHECK(timer_cancel(&timers[i].timer));
		CHECK(!timer_cancel(&timers[i].timer));
	}
	test_sleep(150);
	for (unsigned i = 0; i < TIMERS; i++) {
		CHECK_EQ(timers[i].fired, i % 2);
	}
}

TEST(timer_starts_itself_again)
{
	timer_init(&timers[0].timer, fire);
	timers[0].fired = 0;
	timers[0].again = 5;
	timer_start(&timers[0].timer, 0);
	test_sleep(30);
	CHECK_EQ(timers[0].fired, 6);
}

static uint32_t stop;

static void
canceller(void *arg)
{
	struct clocked *clocked = arg;

	while (atomic_load_acquire(&stop) == 0) {
		unsigned before;

		timer_start(&clocked->timer, clock_ticks() +
		    test_random(2));
		test_sleep(test_random(3));
		timer_cancel(&clocked->timer);
		/* Not running any more: nothing may change now. */
		before = clocked->fired;
		test_sleep(2);
		CHECK_EQ(clocked->fired, before);
	}
}

TEST(timer_cancel_waits_for_a_running_one)
{
	stop = 0;
	for (unsigned i = 0; i < 4; i++) {
		timer_init(&timers[i].timer, fire);
		timers[i].again = 0;
		test_spawn(canceller, &timers[i]);
	}
	test_sleep(500);
	atomic_store_release(&stop, 1);
	test_join();
}
