/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Posting asynchronous work and doing it.
 *
 * Who posts sets the bit first and then looks where the target runs; who
 * leaves the kernel looks at the bits with interrupts off.  An interrupt sent
 * in between is taken right after, and brings the target back.
 */

#include <kernel/ast.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

bool
ast_pending(void)
{
	return (cpu_local_get(ast) |
	    atomic_load_relaxed(&current_thread()->ast)) != 0;
}

void
ast_cpu_set(unsigned cpu, uint32_t bits)
{
	uint32_t old = atomic_fetch_or_seqcst(&percpu_get(cpu)->ast, bits);

	if (cpu != cpu_id() && (old & bits) != bits) {
		cpu_send_resched(cpu);
	}
}

void
ast_thread_set(struct thread *thread, uint32_t bits)
{
	const struct processor *processor;
	unsigned cpu;

	atomic_fetch_or_seqcst(&thread->ast, bits);
	processor = atomic_load_relaxed(&thread->sched.processor);
	if (processor == NULL) {
		return;
	}
	cpu = processor->id;
	if (cpu != cpu_id() &&
	    atomic_load_seqcst(&percpu_get(cpu)->thread) == thread) {
		cpu_send_resched(cpu);
	}
}

void
ast_thread_clear(struct thread *thread, uint32_t bits)
{
	atomic_fetch_and_seqcst(&thread->ast, ~bits);
}

void
ast_taken(void)
{
	assert_debug(!cpu_intr_enabled());
	assert_debug(!preempt_disabled());
	while (ast_pending()) {
		if (atomic_load_relaxed(&current_thread()->ast) != 0) {
			cpu_intr_enable();
			thread_clean_point();
			cpu_intr_disable();
		}
		sched_user_return();
	}
}
