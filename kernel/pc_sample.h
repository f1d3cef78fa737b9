/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Samples of where threads spend their time.  At each tick, and at faults, the
 * thread that runs leaves its user program counter in its own buffer and in its
 * task's, if somebody enabled them.
 */

#ifndef KERNEL_PC_SAMPLE_H
#define KERNEL_PC_SAMPLE_H

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/pc_sample.h>

struct pc_sample;
struct task;

/*
 * Start taking samples of FLAVORS into the buffer at *BUFFERP, which is made if
 * need be and lives as long as what it belongs to: TASK or a thread of it.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t pc_sample_enable(struct task *task, struct pc_sample **bufferp,
    sampled_pc_flavor_t flavors);

/* Stop, and say how many samples were taken. */
unsigned pc_sample_disable(struct pc_sample **bufferp);

/*
 * Copy the samples from number *SEQNOP on, as many as are still there and fit
 * into *COUNTP, to SAMPLES; *SEQNOP becomes the number after them.
 *
 * Returns: KERN_FAILURE when sampling was never enabled.
 */
kern_return_t pc_sample_get(struct pc_sample **bufferp,
    sampled_pc_seqno_t *seqnop, sampled_pc_t *samples, unsigned *countp);

/* The owner of the buffer, TASK or a thread of it, is being freed. */
void pc_sample_free(struct task *task, struct pc_sample **bufferp);

/* What buffers TASK and its threads have, in bytes. */
vm_size_t pc_sample_task_size(const struct task *task);

/*
 * Something of the kind FLAVOR happens to the current thread: a tick, with
 * interrupts off, or a fault.
 */
void pc_sample_event(sampled_pc_flavor_t flavor);

#endif /* KERNEL_PC_SAMPLE_H */
