/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <machine/cpu.h>

#include <kernel/mutex.h>
#include <kernel/percpu.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>

TEST_MACHINE(.cpus = 4);

static struct spinlock low = SPINLOCK_INITIALIZER(LOCK_RANK_IPC_PORT);
static struct spinlock low_too = SPINLOCK_INITIALIZER(LOCK_RANK_IPC_PORT);
static struct spinlock high = SPINLOCK_INITIALIZER(LOCK_RANK_VM_OBJECT);
static struct spinlock_irq irq = SPINLOCK_IRQ_INITIALIZER(LOCK_RANK_INTR);
static struct mutex outer = MUTEX_INITIALIZER(LOCK_RANK_TASK);
static struct mutex inner = MUTEX_INITIALIZER(LOCK_RANK_VM_MAP);

static unsigned counter;

/* Read, let others run, write: loses counts without exclusion. */
static void
bump(void)
{
	unsigned seen = counter;

	for (unsigned i = 0; i < 3; i++) {
		cpu_pause();
	}
	counter = seen + 1;
}

static void
spin_worker(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		spinlock_lock(&low);
		bump();
		spinlock_unlock(&low);
	}
}

static void
irq_worker(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		bool were_on = spinlock_irq_lock(&irq);

		CHECK(!cpu_intr_enabled());
		bump();
		spinlock_irq_unlock(&irq, were_on);
		CHECK(cpu_intr_enabled());
	}
}

static void
mutex_worker(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		mutex_lock(&outer);
		CHECK(mutex_held(&outer));
		bump();
		if (i % 16 == 0) {
			test_sleep(1);
		}
		mutex_unlock(&outer);
	}
}

static void
race(void (*worker)(void *arg))
{
	counter = 0;
	for (unsigned i = 0; i < 6; i++) {
		test_spawn(worker, NULL);
	}
	test_join();
	CHECK_EQ(counter, 600);
}

TEST(spinlock_excludes)
{
	race(spin_worker);
}

TEST(spinlock_irq_excludes)
{
	race(irq_worker);
}

TEST(mutex_excludes)
{
	race(mutex_worker);
	CHECK_EQ(outer.owner, 0);
}

/* A structure that begins with its lock, and is itself waited for. */
static struct {
	struct mutex lock;
} thing = { MUTEX_INITIALIZER(LOCK_RANK_HOST) };
static uint32_t thing_owned;

static void
thing_waiter(void *arg)
{
	sleepq_prepare(&thing, false);
	sleepq_wait(0);
}

static void
thing_locker(void *arg)
{
	mutex_lock(&thing.lock);
	thing_owned++;
	mutex_unlock(&thing.lock);
}

TEST(mutex_unlock_wakes_no_stranger)
{
	test_spawn(thing_waiter, NULL);
	TEST_WAIT_UNTIL(sleepq_count(&thing) == 1);
	mutex_lock(&thing.lock);
	test_spawn(thing_locker, NULL);
	test_sleep(10);
	mutex_unlock(&thing.lock);
	TEST_WAIT_UNTIL(thing_owned == 1);
	CHECK_EQ(sleepq_count(&thing), 1);
	sleepq_wake_all(&thing);
	test_join();
}

static void
unlocked_worker(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		bump();
	}
}

TEST(race_test_can_fail)
{
	counter = 0;
	for (unsigned i = 0; i < 6; i++) {
		test_spawn(unlocked_worker, NULL);
	}
	test_join();
	CHECK(counter < 600);
}

TEST(locks_try)
{
	spinlock_lock(&high);
	CHECK(spinlock_try(&low));
	spinlock_unlock(&low);
	CHECK(!spinlock_try(&high));
	spinlock_unlock(&high);
	CHECK(mutex_try(&inner));
	CHECK(mutex_try(&outer));
	mutex_unlock(&outer);
	mutex_unlock(&inner);
	CHECK(!preempt_disabled());
}

TEST(locks_pairs)
{
	struct mutex twin = MUTEX_INITIALIZER(LOCK_RANK_TASK);

	spinlock_lock_pair(&low, &low_too);
	CHECK(spinlock_held(&low) && spinlock_held(&low_too));
	spinlock_unlock(&low);
	spinlock_unlock(&low_too);
	mutex_lock_pair(&outer, &twin);
	mutex_unlock(&outer);
	mutex_unlock(&twin);
}

static void
out_of_order(void *arg)
{
	spinlock_lock(&high);
	spinlock_lock(&low);
}

static void
equal_rank(void *arg)
{
	spinlock_lock(&low);
	spinlock_lock(&low_too);
}

static void
twice(void *arg)
{
	spinlock_lock(&low);
	spinlock_lock(&low);
}

static void
mutex_out_of_order(void *arg)
{
	mutex_lock(&inner);
	mutex_lock(&outer);
}

static void
mutex_under_spinlock(void *arg)
{
	spinlock_lock(&low);
	mutex_lock(&outer);
}

static void
block_under_spinlock(void *arg)
{
	spinlock_lock(&low);
	sleepq_prepare(&low, false);
	sleepq_wait(0);
}

static void
interruptible_under_mutex(void *arg)
{
	mutex_lock(&outer);
	sleepq_prepare(&low, true);
	sleepq_wait(0);
}

static void
unlock_of_another(void *arg)
{
	spinlock_unlock(&low);
}

static void
held_by_nobody(void *arg)
{
	spinlock_assert_held(&low);
}

TEST(locks_misuse_panics)
{
	test_panics(out_of_order, NULL, "out of order");
	test_panics(equal_rank, NULL, "out of order");
	test_panics(twice, NULL, "held already");
	test_panics(mutex_out_of_order, NULL, "out of order");
	test_panics(mutex_under_spinlock, NULL, "spin lock held");
	test_panics(block_under_spinlock, NULL, "spin lock held");
	test_panics(interruptible_under_mutex, NULL, "mutex held");
	test_panics(unlock_of_another, NULL, "assertion failed");
	test_panics(held_by_nobody, NULL, "assertion failed");
}
