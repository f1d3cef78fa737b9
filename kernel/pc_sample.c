/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Samples of program counters.
 *
 * A buffer is a ring of the last PC_SAMPLE_COUNT samples, counted by a number
 * that only grows.  Once made it stays until its task or thread is freed, so
 * that the tick may look at it without a lock on its owner.
 */

#include <kernel/pc_sample.h>

#include <machine/atomic.h>
#include <machine/pcb.h>

#include <kernel/kmem.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define PC_SAMPLE_COUNT	512u

/* [l] own lock */
struct pc_sample {
	struct spinlock_irq	lock;
	sampled_pc_flavor_t	flavors;	/* [l] 0 when switched off */
	bool			enabled;	/* [l] */
	sampled_pc_seqno_t	seqno;		/* [l] number of the next one */
	sampled_pc_t		ring[PC_SAMPLE_COUNT];	/* [l] */
};

/* The buffer at *BUFFERP, made if need be; NULL when memory is short. */
static struct pc_sample *
pc_sample_make(struct task *task, struct pc_sample **bufferp)
{
	struct pc_sample *seen = NULL;
	struct pc_sample *buffer;

	buffer = __atomic_load_n(bufferp, __ATOMIC_ACQUIRE);
	if (buffer != NULL) {
		return buffer;
	}
	buffer = kmem_zalloc(sizeof(*buffer));
	if (buffer == NULL) {
		return NULL;
	}
	spinlock_irq_init(&buffer->lock, LOCK_RANK_CLOCK);
	if (!__atomic_compare_exchange_n(bufferp, &seen, buffer, false,
	    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		kmem_free(buffer, sizeof(*buffer));
		return seen;
	}
	atomic_fetch_add_relaxed(&task->pc_sample_count, 1);
	return buffer;
}

kern_return_t
pc_sample_enable(struct task *task, struct pc_sample **bufferp,
    sampled_pc_flavor_t flavors)
{
	struct pc_sample *buffer = pc_sample_make(task, bufferp);
	bool state;

	if (buffer == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	state = spinlock_irq_lock(&buffer->lock);
	buffer->flavors = flavors;
	buffer->enabled = true;
	buffer->seqno = 0;
	spinlock_irq_unlock(&buffer->lock, state);
	return KERN_SUCCESS;
}

unsigned
pc_sample_disable(struct pc_sample **bufferp)
{
	struct pc_sample *buffer;
	unsigned count;
	bool state;

	buffer = __atomic_load_n(bufferp, __ATOMIC_ACQUIRE);
	if (buffer == NULL) {
		return 0;
	}
	state = spinlock_irq_lock(&buffer->lock);
	buffer->flavors = 0;
	buffer->enabled = false;
	count = buffer->seqno;
	spinlock_irq_unlock(&buffer->lock, state);
	return count;
}

kern_return_t
pc_sample_get(struct pc_sample **bufferp, sampled_pc_seqno_t *seqnop,
    sampled_pc_t *samples, unsigned *countp)
{
	struct pc_sample *buffer;
	sampled_pc_seqno_t from = *seqnop;
	unsigned n;
	bool state;

	buffer = __atomic_load_n(bufferp, __ATOMIC_ACQUIRE);
	if (buffer == NULL) {
		return KERN_FAILURE;
	}
	state = spinlock_irq_lock(&buffer->lock);
	if (!buffer->enabled) {
		spinlock_irq_unlock(&buffer->lock, state);
		return KERN_FAILURE;
	}
	n = from > buffer->seqno ? 0 : buffer->seqno - from;
	if (n > PC_SAMPLE_COUNT) {
		n = PC_SAMPLE_COUNT;
	}
	from = buffer->seqno - n;
	if (n > *countp) {
		n = *countp;
	}
	for (unsigned i = 0; i < n; i++) {
		samples[i] = buffer->ring[(from + i) % PC_SAMPLE_COUNT];
	}
	*seqnop = from + n;
	*countp = n;
	spinlock_irq_unlock(&buffer->lock, state);
	return KERN_SUCCESS;
}

void
pc_sample_free(struct task *task, struct pc_sample **bufferp)
{
	if (*bufferp == NULL) {
		return;
	}
	kmem_free(*bufferp, sizeof(**bufferp));
	*bufferp = NULL;
	atomic_fetch_sub_relaxed(&task->pc_sample_count, 1);
}

vm_size_t
pc_sample_task_size(const struct task *task)
{
	return atomic_load_relaxed(&task->pc_sample_count) *
	    sizeof(struct pc_sample);
}

static void
pc_sample_add(struct pc_sample *buffer, struct thread *thread,
    sampled_pc_flavor_t flavor)
{
	bool state = spinlock_irq_lock(&buffer->lock);

	if (buffer->flavors & flavor) {
		sampled_pc_t *sample;

		sample = &buffer->ring[buffer->seqno++ % PC_SAMPLE_COUNT];
		sample->id = (rpc_vm_offset_t)(uintptr_t)thread;
		sample->pc = pcb_user_pc(thread);
		sample->sampletype = flavor;
	}
	spinlock_irq_unlock(&buffer->lock, state);
}

void
pc_sample_event(sampled_pc_flavor_t flavor)
{
	struct thread *thread = current_thread();
	struct pc_sample *buffer;

	if (thread->kernel_only) {
		return;
	}
	buffer = __atomic_load_n(&thread->pc_sample, __ATOMIC_ACQUIRE);
	if (buffer != NULL) {
		pc_sample_add(buffer, thread, flavor);
	}
	buffer = __atomic_load_n(&thread->task->pc_sample, __ATOMIC_ACQUIRE);
	if (buffer != NULL) {
		pc_sample_add(buffer, thread, flavor);
	}
}
