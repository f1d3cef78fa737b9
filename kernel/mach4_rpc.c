/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Sampling of program counters.
 */

#include <kernel/clock.h>
#include <kernel/mig_types.h>
#include <kernel/pc_sample.h>

#include <mach4_server.h>

kern_return_t
S_task_enable_pc_sampling(task_t task, int *tick, sampled_pc_flavor_t flavor)
{
	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*tick = CLOCK_TICK_US;
	return pc_sample_enable(task, &task->pc_sample, flavor);
}

kern_return_t
S_task_disable_pc_sampling(task_t task, int *count)
{
	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*count = pc_sample_disable(&task->pc_sample);
	return KERN_SUCCESS;
}

kern_return_t
S_task_get_sampled_pcs(task_t task, sampled_pc_seqno_t *seqno,
    sampled_pc_array_t samples, mach_msg_type_number_t *count)
{
	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*count = 512;
	return pc_sample_get(&task->pc_sample, seqno, samples, count);
}

kern_return_t
S_thread_enable_pc_sampling(thread_t thread, int *tick,
    sampled_pc_flavor_t flavor)
{
	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*tick = CLOCK_TICK_US;
	return pc_sample_enable(thread->task, &thread->pc_sample, flavor);
}

kern_return_t
S_thread_disable_pc_sampling(thread_t thread, int *count)
{
	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*count = pc_sample_disable(&thread->pc_sample);
	return KERN_SUCCESS;
}

kern_return_t
S_thread_get_sampled_pcs(thread_t thread, sampled_pc_seqno_t *seqno,
    sampled_pc_array_t samples, mach_msg_type_number_t *count)
{
	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*count = 512;
	return pc_sample_get(&thread->pc_sample, seqno, samples, count);
}
