/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <kernel/clock.h>
#include <kernel/list.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>

TEST_MACHINE(.cpus = 4);

static struct spinlock lock = SPINLOCK_INITIALIZER(LOCK_RANK_IPC_PORT);
static unsigned tokens;
static unsigned taken;
static uint32_t waiting;

static void
consumer(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		spinlock_lock(&lock);
		while (tokens == 0) {
			sleepq_sleep(&tokens, &lock, false, 0);
		}
		tokens--;
		taken++;
		spinlock_unlock(&lock);
	}
}

static void
producer(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		spinlock_lock(&lock);
		tokens++;
		spinlock_unlock(&lock);
		sleepq_wake_one(&tokens);
	}
}

TEST(sleepq_loses_no_wakeup)
{
	for (unsigned i = 0; i < 5; i++) {
		test_spawn(consumer, NULL);
		test_spawn(producer, NULL);
	}
	test_join();
	CHECK_EQ(taken, 500);
	CHECK_EQ(tokens, 0);
}

TEST(sleepq_wake_between_prepare_and_wait)
{
	sleepq_prepare(&tokens, false);
	CHECK_EQ(sleepq_count(&tokens), 1);
	CHECK(sleepq_wake_one(&tokens));
	CHECK_EQ(sleepq_wait(0), WAIT_OK);
	CHECK(!sleepq_wake_one(&tokens));
	sleepq_prepare(&tokens, false);
	CHECK(sleepq_cancel());
	sleepq_prepare(&tokens, false);
	sleepq_wake_all(&tokens);
	CHECK(!sleepq_cancel());
}

TEST(sleepq_times_out)
{
	uint64_t start = clock_ticks();

	sleepq_prepare(&tokens, false);
	CHECK_EQ(sleepq_wait(start + 25), WAIT_TIMED_OUT);
	CHECK(clock_ticks() >= start + 25);
	CHECK(clock_ticks() < start + 35);
	CHECK_EQ(sleepq_count(&tokens), 0);
}

static void
waiter(void *arg)
{
	sleepq_prepare(arg, false);
	atomic_fetch_add_seqcst(&waiting, 1);
	sleepq_wait(0);
	atomic_fetch_sub_acq_rel(&waiting, 1);
}

TEST(sleepq_wakes_only_its_event)
{
	static char a;
	static char b;

	for (unsigned i = 0; i < 3; i++) {
		test_spawn(waiter, &a);
		test_spawn(waiter, &b);
	}
	TEST_WAIT_UNTIL(waiting == 6);
	CHECK_EQ(sleepq_count(&a), 3);
	sleepq_wake_one(&a);
	TEST_WAIT_UNTIL(waiting == 5);
	CHECK_EQ(sleepq_count(&a), 2);
	CHECK_EQ(sleepq_count(&b), 3);
	CHECK(sleepq_wake_all(&b));
	CHECK(sleepq_wake_all(&a));
	test_join();
	CHECK_EQ(waiting, 0);
	CHECK(!sleepq_wake_all(&a));
}

static uint32_t outcomes[3];

static void
racer(void *arg)
{
	static char event;

	for (unsigned i = 0; i < 60; i++) {
		sleepq_prepare(&event, false);
		if (i % 5 == 0) {
			sleepq_wake_all(&event);
		}
		atomic_fetch_add_seqcst(
		    &outcomes[sleepq_wait(clock_ticks() + 1 + i % 3)], 1);
	}
}

TEST(sleepq_timeouts_and_wakeups_race)
{
	for (unsigned i = 0; i < 8; i++) {
		test_spawn(racer, NULL);
	}
	test_join();
	CHECK_EQ(outcomes[WAIT_OK] + outcomes[WAIT_TIMED_OUT], 480);
	CHECK(outcomes[WAIT_OK] > 0 && outcomes[WAIT_TIMED_OUT] > 0);
	CHECK_EQ(outcomes[WAIT_INTERRUPTED], 0);
}

/* Threads that wait alone, each found by its record under the lock. */
struct loner {
	struct list_node node;
	struct thread *thread;
	bool done;
};

static struct list loners;
static unsigned calls;
static uint32_t lonely[3];

static void
loner(void *arg)
{
	for (unsigned i = 0; i < 200; i++) {
		uint64_t deadline = i % 4 == 0 ? clock_ticks() + 1 : 0;
		struct loner me = { .thread = current_thread() };
		enum wait_result result;

		spinlock_lock(&lock);
		list_insert_tail(&loners, &me.node);
		result = sleepq_sleep_alone_unlock(&me, &lock, deadline);
		spinlock_lock(&lock);
		if (result == WAIT_OK) {
			CHECK(me.done);
		} else if (!me.done) {
			list_remove(&me.node);
		}
		lonely[result]++;
		spinlock_unlock(&lock);
	}
	spinlock_lock(&lock);
	calls--;
	spinlock_unlock(&lock);
}

/* Call the loners, every third time giving the processor to one. */
static void
caller(void *arg)
{
	bool more = true;

	for (unsigned i = 0; more; i++) {
		spinlock_lock(&lock);
		more = calls > 0;
		if (!list_empty(&loners)) {
			struct loner *one = list_first_entry(
			    &loners, struct loner, node);
			struct thread *thread = one->thread;

			list_remove(&one->node);
			one->done = true;
			if (i % 3 != 0 || !sleepq_claim(thread, one)) {
				sleepq_wake_thread(thread, one, WAIT_OK);
			}
		}
		spinlock_unlock(&lock);
		sched_run_next();
		sched_yield();
	}
}

TEST(sleepq_loners_lose_no_wakeup)
{
	list_init(&loners);
	calls = 6;
	for (unsigned i = 0; i < 6; i++) {
		test_spawn(loner, NULL);
	}
	for (unsigned i = 0; i < 3; i++) {
		test_spawn(caller, NULL);
	}
	test_join();
	CHECK(list_empty(&loners));
	CHECK(lonely[WAIT_OK] >= 900);
	CHECK_EQ(lonely[WAIT_OK] + lonely[WAIT_TIMED_OUT], 1200);
}

/* Two threads hand the processor to and fro. */
static struct thread *players[2];
static unsigned turns;
static unsigned handed;

static void
player(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	players[me] = current_thread();
	for (unsigned i = 0; i < 100; i++) {
		struct thread *other = players[1 - me];

		spinlock_lock(&lock);
		turns++;
		if (other != NULL && sleepq_claim(other, &players[1 - me])) {
			handed++;
		} else if (other != NULL) {
			sleepq_wake_thread(other, &players[1 - me], WAIT_OK);
		}
		sleepq_sleep_alone_unlock(
		    &players[me], &lock, clock_ticks() + 5);
		sched_run_next();
	}
}

TEST(sleepq_hands_off)
{
	test_spawn(player, (void *)0);
	test_spawn(player, (void *)1);
	test_join();
	CHECK_EQ(turns, 200);
	CHECK(handed > 0);
}
