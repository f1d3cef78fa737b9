/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The tick counter belongs to the boot processor, which alone advances it; its
 * 64 bits are read and written in one piece.  Time of day is uptime plus
 * clock_offset_ns.
 */

#include <kernel/clock.h>

#include <stddef.h>

#include <machine/atomic.h>
#include <machine/clock.h>
#include <machine/cpu.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/pc_sample.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/stack.h>
#include <kernel/thread.h>
#include <kernel/timer.h>

#define CLOCK_NS_PER_S	1000000000
#define CLOCK_NS_PER_US	1000
#define CLOCK_US_PER_S	1000000

/* A slew moves the clock by this much in each tick: 5 ms in a second. */
#define CLOCK_SLEW_NS	50000

static uint64_t clock_tick_count;	/* [a] written by the boot processor */
static uint32_t clock_second_count;	/* [a] of CLOCK_TICK_COUNT, the same */
static struct spinlock_irq clock_lock =
    SPINLOCK_IRQ_INITIALIZER(LOCK_RANK_CLOCK);
static int64_t clock_offset_ns;		/* clock_lock */
static int64_t clock_slew_left_ns;	/* clock_lock */
static struct mapped_time_value *clock_page;

/* Time that the machine stood still. */
static uint64_t clock_skipped_ns;	/* [a] by who stops it */
static uint64_t clock_skips_seen_ns;	/* clock_lock: of those, in the offset */

void
clock_setup(vm_size_t page_size)
{
	int64_t seconds;

	if (clock_machine_read_rtc(&seconds) == KERN_SUCCESS) {
		clock_offset_ns = seconds * CLOCK_NS_PER_S -
		    (int64_t)clock_uptime_ns();
	}
	/* kmem aligns to pages from a page up; classes end below that. */
	clock_page = kmem_zalloc(page_size);
	if (clock_page == NULL) {
		panic("no memory for the clock's page");
	}
}

uint64_t
clock_ticks(void)
{
	return atomic_load64(&clock_tick_count);
}

uint32_t
clock_seconds(void)
{
	return atomic_load_relaxed(&clock_second_count);
}

uint64_t
clock_deadline_ms(uint32_t ms)
{
	/* One more, since the current tick is partly over. */
	return clock_ticks() + ((uint64_t)ms * HZ + 999) / 1000 + 1;
}

uint64_t
clock_uptime_ns(void)
{
	uint64_t ns = clock_machine_ns();

	return ns != 0 ? ns : clock_ticks() * CLOCK_TICK_NS;
}

static void
clock_ns_to_time(int64_t ns, struct time_value *time)
{
	int64_t seconds = ns / CLOCK_NS_PER_S;
	int64_t rest = ns % CLOCK_NS_PER_S;

	if (rest < 0) {
		seconds--;
		rest += CLOCK_NS_PER_S;
	}
	time->seconds = (integer_t)seconds;
	/* Less than a second: no long division. */
	time->microseconds =
	    (integer_t)((uint32_t)rest / (uint32_t)CLOCK_NS_PER_US);
}

static int64_t
clock_time_to_ns(const struct time_value *time)
{
	return (int64_t)time->seconds * CLOCK_NS_PER_S +
	    (int64_t)time->microseconds * CLOCK_NS_PER_US;
}

/* What went by while the machine stood still belongs to the time of day. */
static void
clock_take_skips(void)
{
	uint64_t skipped = atomic_load64(&clock_skipped_ns);

	clock_offset_ns += (int64_t)(skipped - clock_skips_seen_ns);
	clock_skips_seen_ns = skipped;
}

void
clock_get_time(struct time_value *time)
{
	bool were_on = spinlock_irq_lock(&clock_lock);
	int64_t ns;

	clock_take_skips();
	ns = (int64_t)clock_uptime_ns() + clock_offset_ns;
	spinlock_irq_unlock(&clock_lock, were_on);
	clock_ns_to_time(ns, time);
}

void
clock_get_uptime(struct time_value *time)
{
	clock_ns_to_time((int64_t)clock_uptime_ns(), time);
}

void
clock_skip(uint64_t ns)
{
	atomic_store64(&clock_skipped_ns, clock_skipped_ns + ns);
}

/* Show the time to those who map the page; clock_lock is held. */
static void
clock_update_page(void)
{
	struct time_value now;

	if (clock_page == NULL) {
		return;
	}
	clock_ns_to_time((int64_t)clock_uptime_ns() + clock_offset_ns, &now);
	/*
	 * A reader takes seconds, microseconds, check_seconds in this order
	 * and tries again unless both seconds agree; so write them backwards.
	 */
	atomic_store_release(&clock_page->check_seconds, now.seconds);
	atomic_store_release(&clock_page->microseconds, now.microseconds);
	atomic_store_release(&clock_page->seconds, now.seconds);
}

kern_return_t
clock_set_time(const struct time_value *time)
{
	bool were_on;

	if (time->microseconds < 0 || time->microseconds >= CLOCK_US_PER_S) {
		return KERN_INVALID_ARGUMENT;
	}
	were_on = spinlock_irq_lock(&clock_lock);
	clock_take_skips();
	clock_offset_ns = clock_time_to_ns(time) - (int64_t)clock_uptime_ns();
	clock_slew_left_ns = 0;
	clock_update_page();
	spinlock_irq_unlock(&clock_lock, were_on);
	/* A machine without such a clock only forgets the time. */
	(void)clock_machine_write_rtc(time->seconds);
	return KERN_SUCCESS;
}

void
clock_adjust_time(const struct time_value *delta, struct time_value *old)
{
	bool were_on = spinlock_irq_lock(&clock_lock);
	int64_t left = clock_slew_left_ns;

	clock_slew_left_ns = clock_time_to_ns(delta);
	spinlock_irq_unlock(&clock_lock, were_on);
	clock_ns_to_time(left, old);
}

/* Move the time of day a little towards where it shall be. */
static void
clock_slew(void)
{
	int64_t step = clock_slew_left_ns;

	if (step > CLOCK_SLEW_NS) {
		step = CLOCK_SLEW_NS;
	} else if (step < -CLOCK_SLEW_NS) {
		step = -CLOCK_SLEW_NS;
	}
	clock_slew_left_ns -= step;
	clock_offset_ns += step;
}

void *
clock_mapped_page(void)
{
	return clock_page;
}

void
clock_tick(bool user, vm_offset_t pc)
{
	const struct thread *thread = current_thread();

	assert_debug(!cpu_intr_enabled());
	if (cpu_id() == 0) {
		atomic_store64(&clock_tick_count, clock_tick_count + 1);
		if ((uint32_t)clock_tick_count % HZ == 0) {
			atomic_store_relaxed(&clock_second_count,
			    clock_second_count + 1);
		}
		spinlock_irq_lock(&clock_lock);
		clock_slew();
		clock_take_skips();
		clock_update_page();
		spinlock_irq_unlock(&clock_lock, false);
	}
	if (thread->stack != 0) {
		stack_check(thread->stack);
	}
	pc_sample_event(SAMPLED_PC_PERIODIC);
	sched_tick(user);
	timer_tick(clock_ticks());
}
