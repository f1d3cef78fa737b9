/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <mach/policy.h>
#include <machine/atomic.h>

#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

TEST_MACHINE(.cpus = 4);

static uint32_t stop;
static uint32_t running;

struct spinner {
	unsigned priority;
	uint64_t rounds;
	uint32_t cpus;		/* where it was seen */
	struct thread *thread;
};

/* Use the processor until told to stop. */
static void
spin(void *arg)
{
	struct spinner *spinner = arg;

	spinner->thread = current_thread();
	if (spinner->priority != 0) {
		CHECK_OK(sched_set_priority(current_thread(),
		    spinner->priority, false));
	}
	atomic_fetch_add_seqcst(&running, 1);
	while (atomic_load_acquire(&stop) == 0) {
		spinner->rounds++;
		spinner->cpus |= 1u << cpu_id();
		cpu_pause();
	}
	atomic_fetch_sub_acq_rel(&running, 1);
}

static void
check_queues(void)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		sched_queue_check(&processor_get(cpu)->queue);
	}
}

static void
end_spinning(void)
{
	atomic_store_release(&stop, 1);
	test_join();
	atomic_store_release(&stop, 0);
	check_queues();
}

TEST(sched_uses_all_processors)
{
	static struct spinner spinners[4];
	uint32_t cpus = 0;

	for (unsigned i = 0; i < 4; i++) {
		test_spawn(spin, &spinners[i]);
	}
	test_sleep(100);
	check_queues();
	for (unsigned i = 0; i < 4; i++) {
		CHECK(spinners[i].rounds > 0);
		cpus |= spinners[i].cpus;
	}
	CHECK_EQ(cpus, 0xf);
	end_spinning();
}

TEST(sched_shares_among_equals)
{
	static struct spinner spinners[12];
	uint64_t least = UINT64_MAX;
	uint64_t most = 0;

	for (unsigned i = 0; i < 12; i++) {
		test_spawn(spin, &spinners[i]);
	}
	test_sleep(2000);
	for (unsigned i = 0; i < 12; i++) {
		uint64_t rounds = spinners[i].rounds;

		least = rounds < least ? rounds : least;
		most = rounds > most ? rounds : most;
	}
	CHECK(least > 0);
	CHECK(most < 3 * least);
	end_spinning();
}

TEST(sched_prefers_the_better)
{
	static struct spinner good[4];
	static struct spinner bad[4];
	uint64_t before[4];

	for (unsigned i = 0; i < 4; i++) {
		bad[i].priority = 60;
		test_spawn(spin, &bad[i]);
	}
	test_sleep(50);
	for (unsigned i = 0; i < 4; i++) {
		good[i].priority = 10;
		test_spawn(spin, &good[i]);
	}
	test_sleep(50);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_OK(sched_set_policy(good[i].thread, POLICY_FIXEDPRI, 5));
		before[i] = bad[i].rounds;
	}
	test_sleep(200);
	for (unsigned i = 0; i < 4; i++) {
		/* Only while the test itself runs and sleeps again. */
		CHECK(bad[i].rounds - before[i] < good[i].rounds / 10);
	}
	end_spinning();
}

TEST(sched_usage_worsens_priority_and_decays)
{
	static struct spinner spinner;
	struct thread *thread;
	unsigned busy;

	test_spawn(spin, &spinner);
	TEST_WAIT_UNTIL(running == 1);
	thread = spinner.thread;
	thread_ref(thread);
	test_sleep(300);
	busy = thread->sched.priority;
	CHECK(busy > SCHED_PRIORITY_USER + 10);
	CHECK(thread_cpu_usage(thread) > 400);
	CHECK_OK(sched_set_policy(thread, POLICY_FIXEDPRI, 3));
	CHECK_EQ(thread->sched.priority, SCHED_PRIORITY_USER);
	end_spinning();
	test_sleep(1000);
	CHECK_OK(sched_set_policy(thread, POLICY_TIMESHARE, 0));
	CHECK_EQ(thread->sched.priority, SCHED_PRIORITY_USER);
	thread_unref(thread);
}

TEST(sched_priority_limits)
{
	struct thread *self = current_thread();
	unsigned base = self->sched.base_priority;

	CHECK_EQ(sched_set_priority(self, 64, false), KERN_INVALID_ARGUMENT);
	CHECK_OK(sched_set_max_priority(self, 20));
	CHECK_EQ(self->sched.base_priority, 20);
	CHECK_EQ(sched_set_priority(self, 19, false), KERN_FAILURE);
	CHECK_OK(sched_set_priority(self, 30, true));
	CHECK_EQ(sched_set_priority(self, 29, false), KERN_FAILURE);
	CHECK_OK(sched_set_max_priority(self, 0));
	CHECK_OK(sched_set_priority(self, base, false));
	CHECK_EQ(sched_set_policy(self, 17, 0), KERN_INVALID_ARGUMENT);
}

TEST(sched_bound_thread_stays)
{
	static struct spinner spinner;

	test_spawn(spin, &spinner);
	TEST_WAIT_UNTIL(running == 1);
	sched_set_processors(spinner.thread, 0xf, processor_get(2));
	test_sleep(5);
	spinner.cpus = 0;
	test_sleep(100);
	CHECK_EQ(spinner.cpus, 1u << 2);
	sched_set_processors(spinner.thread, 1u << 3, NULL);
	test_sleep(5);
	spinner.cpus = 0;
	test_sleep(100);
	CHECK_EQ(spinner.cpus, 1u << 3);
	end_spinning();
}

static void
depressed(void *arg)
{
	uint32_t *phase = arg;

	sched_depress(20);
	atomic_store_release(phase, 1);
	CHECK_EQ(current_thread()->sched.priority, SCHED_PRIORITY_DEPRESS);
	test_sleep(40);
	CHECK_EQ(current_thread()->sched.priority, SCHED_PRIORITY_USER);
	CHECK_EQ(sched_depress_abort(current_thread()), KERN_FAILURE);
	sched_depress(0);
	CHECK_OK(sched_depress_abort(current_thread()));
}

TEST(sched_depression_ends)
{
	uint32_t phase = 0;

	test_spawn(depressed, &phase);
	test_join();
	CHECK_EQ(phase, 1);
}

TEST(sched_yield_to_a_waiting_thread)
{
	/* Whether one waits depends on the draw; nothing may break. */
	static struct spinner spinners[6];
	unsigned switched = 0;

	for (unsigned i = 0; i < 6; i++) {
		test_spawn(spin, &spinners[i]);
	}
	TEST_WAIT_UNTIL(running == 6);
	for (unsigned i = 0; i < 300; i++) {
		switched += sched_yield_to(spinners[i % 6].thread) ? 1 : 0;
		switched += sched_yield() ? 1 : 0;
	}
	CHECK(switched > 0);
	CHECK(!sched_yield_to(current_thread()));
	end_spinning();
}

TEST(processor_sets)
{
	static struct spinner spinner;
	struct processor_set *pset;

	CHECK_OK(processor_set_create(&pset));
	test_spawn(spin, &spinner);
	TEST_WAIT_UNTIL(running == 1);
	CHECK_EQ(processor_assign(processor_get(0), pset),
	    KERN_INVALID_ARGUMENT);
	CHECK_OK(processor_assign(processor_get(3), pset));
	CHECK_EQ(pset->processor_count, 1);
	CHECK_EQ(processor_set_default.processor_count, 3);
	CHECK_OK(thread_assign_pset(spinner.thread, pset));
	CHECK_EQ(pset->thread_count, 1);
	test_sleep(5);
	spinner.cpus = 0;
	test_sleep(50);
	CHECK_EQ(spinner.cpus, 1u << 3);
	CHECK_OK(processor_set_destroy(pset));
	CHECK_EQ(processor_set_destroy(pset), KERN_FAILURE);
	CHECK_EQ(pset->thread_count, 0);
	CHECK_EQ(processor_set_default.processor_count, 4);
	CHECK_EQ(thread_assign_pset(spinner.thread, pset), KERN_FAILURE);
	processor_set_unref(pset);
	end_spinning();
}

TEST(processor_load)
{
	static struct spinner spinners[8];
	int average;
	int factor;

	for (unsigned i = 0; i < 8; i++) {
		test_spawn(spin, &spinners[i]);
	}
	test_sleep(2000);
	processor_load_get(&average, &factor);
	/* 8 threads on 4 processors. */
	CHECK(average > 1500 && average < 2600);
	CHECK(factor < 1000);
	end_spinning();
}
