/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Interrupts to other processors are sent when no spin lock is held any more, and
 * then without fail.  The machine stands still but for the thread that looks.
 */

#include <tests/lib/test.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/ast.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>

TEST_MACHINE(.cpus = 4);

static struct spinlock outer = SPINLOCK_INITIALIZER(LOCK_RANK_IPC_PORT);
static struct spinlock inner = SPINLOCK_INITIALIZER(LOCK_RANK_VM_OBJECT);
static struct spinlock_irq irq = SPINLOCK_IRQ_INITIALIZER(LOCK_RANK_INTR);

static unsigned other;		/* the processor to be interrupted */
static unsigned before;		/* how often it was when all stood still */

/* Nothing is due on this processor and the other one. */
static bool
quiet(void)
{
	other = (cpu_id() + 1) % 4;
	return atomic_load_relaxed(&percpu_get(cpu_id())->ast) == 0 &&
	       atomic_load_relaxed(&percpu_get(other)->ast) == 0;
}

static void
stand_still(void)
{
	for (;;) {
		pretend_freeze(true);
		if (quiet()) {
			before = pretend_rescheds(other);
			return;
		}
		pretend_freeze(false);
		test_sleep(1);
	}
}

static unsigned
sent(void)
{
	return pretend_rescheds(other) - before;
}

static void
want_interrupt(void)
{
	ast_cpu_set(other, AST_RESCHED);
}

/* As code does whose caller has interrupts off and goes on to release a lock. */
static void
put_off(void)
{
	preempt_disable();
	want_interrupt();
	preempt_enable_no_resched();
	CHECK_EQ(sent(), 0);
	CHECK(ast_pending());
}

TEST(ast_interrupts_at_once_without_locks)
{
	stand_still();
	want_interrupt();
	CHECK_EQ(sent(), 1);
	/* It has not looked yet. */
	want_interrupt();
	CHECK_EQ(sent(), 1);
	pretend_freeze(false);
}

TEST(ast_interrupts_after_the_last_lock)
{
	stand_still();
	spinlock_lock(&outer);
	spinlock_lock(&inner);
	want_interrupt();
	CHECK_EQ(sent(), 0);
	spinlock_unlock(&inner);
	CHECK_EQ(sent(), 0);
	spinlock_unlock(&outer);
	CHECK_EQ(sent(), 1);
	CHECK_EQ(cpu_local_get(ast), 0);
	pretend_freeze(false);
}

TEST(ast_interrupts_after_a_lock_against_interrupts)
{
	bool were_on;

	stand_still();
	were_on = spinlock_irq_lock(&irq);
	want_interrupt();
	CHECK_EQ(sent(), 0);
	spinlock_irq_unlock(&irq, were_on);
	CHECK_EQ(sent(), 1);
	pretend_freeze(false);
}

TEST(ast_interrupts_each_processor_once)
{
	unsigned rescheds[4];

	stand_still();
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		rescheds[cpu] = pretend_rescheds(cpu);
		atomic_store_relaxed(&percpu_get(cpu)->ast, 0);
	}
	spinlock_lock(&outer);
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		if (cpu != cpu_id()) {
			ast_cpu_set(cpu, AST_RESCHED);
			atomic_store_relaxed(&percpu_get(cpu)->ast, 0);
			ast_cpu_set(cpu, AST_RESCHED);
		}
	}
	spinlock_unlock(&outer);
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		CHECK_EQ(pretend_rescheds(cpu) - rescheds[cpu],
		    cpu == cpu_id() ? 0 : 1);
	}
	pretend_freeze(false);
}

/* A handler that was entered while a lock was held must not send either. */
TEST(ast_interrupts_when_a_handler_ends)
{
	stand_still();
	cpu_intr_disable();
	put_off();
	preempt_disable();
	sched_intr_return();
	CHECK_EQ(sent(), 0);
	preempt_enable_no_resched();
	sched_intr_return();
	CHECK_EQ(sent(), 1);
	cpu_intr_enable();
	pretend_freeze(false);
}

TEST(ast_interrupts_before_user_mode)
{
	stand_still();
	cpu_intr_disable();
	put_off();
	ast_taken();
	CHECK_EQ(sent(), 1);
	CHECK(!ast_pending());
	cpu_intr_enable();
	pretend_freeze(false);
}

static unsigned seen;		/* what was sent when it went on */
static struct thread *next;
static uint32_t done;

/* Goes on whenever it is yielded to. */
static void
go_on(void *arg)
{
	next = current_thread();
	/* Wherever it was preempted, this comes before it gives way. */
	while (atomic_load_acquire(&done) == 0) {
		seen = sent();
		sched_yield();
	}
}

TEST(ast_interrupts_after_a_switch)
{
	struct thread *self = current_thread();

	test_spawn(go_on, NULL);
	TEST_WAIT_UNTIL(next != NULL);
	sched_set_processors(next, 0xf, processor_get(1));
	sched_set_processors(self, 0xf, processor_get(1));
	/* Both are there. */
	test_sleep(5);
	stand_still();
	seen = 0;
	cpu_intr_disable();
	put_off();
	CHECK(sched_yield_to(next));
	CHECK_EQ(seen, 1);
	cpu_intr_enable();
	pretend_freeze(false);
	sched_set_processors(self, 0xf, NULL);
	atomic_store_release(&done, 1);
	test_join();
}
