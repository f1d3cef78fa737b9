/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Sampling of program counters.
 *
 * TODO: the clock takes no samples, so that switching it on fails.
 */

#include <kernel/mig_types.h>

#include <mach4_server.h>

kern_return_t
S_task_enable_pc_sampling(task_t task, int *tick, sampled_pc_flavor_t flavor)
{
	return task == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_task_disable_pc_sampling(task_t task, int *count)
{
	return task == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_task_get_sampled_pcs(task_t task, sampled_pc_seqno_t *seqno,
    sampled_pc_array_t samples, mach_msg_type_number_t *count)
{
	return task == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_thread_enable_pc_sampling(thread_t thread, int *tick,
    sampled_pc_flavor_t flavor)
{
	return thread == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_thread_disable_pc_sampling(thread_t thread, int *count)
{
	return thread == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_thread_get_sampled_pcs(thread_t thread, sampled_pc_seqno_t *seqno,
    sampled_pc_array_t samples, mach_msg_type_number_t *count)
{
	return thread == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}
