/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Posting asynchronous work and doing it.
 *
 * Who posts sets the bit first and then looks where the target runs; who
 * leaves the kernel looks at the bits with interrupts off.  An interrupt sent
 * in between is taken right after, and brings the target back.
 *
 * An interrupt is sent when the sender's last spin lock is free again.  Who is
 * woken wants those locks first of all, and on a virtual machine sending takes
 * long.  Until then AST_SEND in the sender's own bits says that one is due: so
 * preempt_enable() finds it, every return from an interrupt or to user mode, the
 * end of each switch, and the idle loop.
 */

#include <kernel/ast.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/kdb/kdb_log.h>
#include <kernel/kdb/kdb_plant.h>
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

/* Interrupt CPU, when preemption is on. */
static void
ast_interrupt(unsigned cpu)
{
	struct percpu *self;

	preempt_disable();
	self = cpu_local_get(self);
	atomic_fetch_or_relaxed(&self->unsent, 1u << cpu);
	atomic_fetch_or_relaxed(&self->ast, AST_SEND);
	preempt_enable();
}

void
ast_send(void)
{
	struct percpu *self = cpu_local_get(self);
	uint32_t cpus;

	assert_debug(!cpu_intr_enabled());
	assert_debug(!preempt_disabled());
	atomic_fetch_and_relaxed(&self->ast, ~AST_SEND);
	cpus = atomic_exchange_acquire(&self->unsent, 0);
	for (; cpus != 0; cpus &= cpus - 1) {
		cpu_send_resched((unsigned)__builtin_ctz(cpus));
	}
}

void
ast_cpu_set(unsigned cpu, uint32_t bits)
{
	uint32_t old = atomic_fetch_or_seqcst(&percpu_get(cpu)->ast, bits);

	if (cpu != cpu_id() && (old & bits) != bits) {
		ast_interrupt(cpu);
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
		ast_interrupt(cpu);
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
			kdb_log_leave();
			kdb_plant_ast();
			thread_clean_point();
			cpu_intr_disable();
		}
		sched_user_return();
	}
}
