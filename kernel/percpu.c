/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The array of per-processor data.
 */

#include <kernel/percpu.h>

#include <kernel/panic.h>
#include <kernel/processor.h>
#include <kernel/thread.h>

struct percpu percpu_array[CPU_MAX];

struct percpu *
percpu_init(unsigned cpu)
{
	struct percpu *percpu = &percpu_array[cpu];
	struct processor *processor = &processor_array[cpu];

	if (cpu == 0) {
		processor->idle_thread = thread_boot();
	}
	percpu->id = cpu;
	percpu->self = percpu;
	percpu->thread = processor->idle_thread;
	percpu->processor = processor;
	percpu->preempt_count = 0;
	percpu->ast = 0;
	percpu->unsent = 0;
	percpu->intr_depth = 0;
	percpu->held.count = 0;
	return percpu;
}
