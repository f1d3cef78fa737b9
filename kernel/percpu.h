/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Per-processor data.  On i386 %gs points here in the kernel; single members
 * are reached by cpu_local_get/set/add of <machine/cpu.h>, which are one
 * instruction each and so need no protection against preemption.
 */
#ifndef KERNEL_PERCPU_H
#define KERNEL_PERCPU_H

#include <stdbool.h>
#include <stdint.h>

#include <machine/cpu.h>
#include <machine/types.h>

#include <kernel/percpu_types.h>

extern struct percpu percpu_array[CPU_MAX];

/*
 * Give processor CPU its percpu and a thread to be (the one that becomes its
 * idle thread), so that locks and current_thread() work.  Called by the
 * machine on the processor itself, before anything else here, with interrupts
 * off.  The machine makes the result reachable for cpu_local_* itself.
 */
struct percpu *percpu_init(unsigned cpu);

static inline struct percpu *
percpu_get(unsigned cpu)
{
	return &percpu_array[cpu];
}

/*
 * Called by preempt_enable() when a reschedule is due, which may switch, or
 * interrupts to other processors.
 */
void sched_preempt(void);

static inline void
preempt_disable(void)
{
	cpu_local_add(preempt_count, 1);
	__asm__ volatile("" ::: "memory");
}

/* Leave the section without acting on a reschedule that became due. */
static inline void
preempt_enable_no_resched(void)
{
	__asm__ volatile("" ::: "memory");
	cpu_local_add(preempt_count, -1);
}

static inline void
preempt_enable(void)
{
	preempt_enable_no_resched();
	if (__builtin_expect(cpu_local_any(ast), 0) &&
	    !cpu_local_any(preempt_count)) {
		sched_preempt();
	}
}

static inline bool
preempt_disabled(void)
{
	return cpu_local_any(preempt_count);
}

#endif /* KERNEL_PERCPU_H */
