/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel stacks are page blocks of the kernel heap; a few freed ones are kept,
 * because threads come and go, and wait, in bursts.
 */

#include <kernel/stack.h>

#include <stddef.h>
#include <stdint.h>

#include <machine/atomic.h>

#include <kernel/clock.h>
#include <kernel/kmem.h>
#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>

/*
 * How many to have ready, at least and at most.  Who makes some makes more than the
 * least, or else one thread that takes and puts its own, as each preemption on
 * the way to user mode does, would wake the keeper each time, for ever.
 */
#define STACK_LOW	4u
#define STACK_FILL	6u
#define STACK_HIGH	8u
#define STACK_MARK	0x57ac4e0fu

/* A free stack, at its lowest address. */
struct stack_free {
	uint32_t mark;
	struct stack_free *next;
};

static struct spinlock_irq stack_lock = SPINLOCK_IRQ_INITIALIZER(
    LOCK_RANK_STACK);
static struct stack_free *stack_free_list;	/* stack_lock */
static unsigned stack_free_count;		/* stack_lock */
static struct list stack_waiting = LIST_INITIALIZER(
    stack_waiting);				/* stack_lock; sched.link */
static unsigned stack_used;			/* [a] */
bool stack_unkept;

void
stack_setup(void)
{
	assert((KERNEL_STACK_SIZE & (KERNEL_STACK_SIZE - 1)) == 0);
}

/* Take a ready one, but leave LEAVE of them. */
static struct stack_free *
stack_take(unsigned leave)
{
	struct stack_free *stack = NULL;
	bool were_on = spinlock_irq_lock(&stack_lock);

	if (stack_free_count > leave) {
		stack = stack_free_list;
		stack_free_list = stack->next;
		stack_free_count--;
	}
	if (stack_free_count < STACK_LOW) {
		atomic_store_relaxed(&stack_unkept, true);
	}
	spinlock_irq_unlock(&stack_lock, were_on);
	if (stack != NULL) {
		atomic_fetch_add_relaxed(&stack_used, 1);
	}
	return stack;
}

/* A new one, ready for use. */
static struct stack_free *
stack_create(void)
{
	struct stack_free *stack = kmem_alloc(KERNEL_STACK_SIZE);

	if (stack != NULL) {
		assert(((uintptr_t)stack & (KERNEL_STACK_SIZE - 1)) == 0);
		stack->mark = STACK_MARK;
	}
	return stack;
}

vm_offset_t
stack_alloc(void)
{
	struct stack_free *stack = stack_take(STACK_LOW);

	if (stack == NULL) {
		stack = stack_create();
		if (stack != NULL) {
			atomic_fetch_add_relaxed(&stack_used, 1);
		}
	}
	return (vm_offset_t)stack;
}

vm_offset_t
stack_try(void)
{
	return (vm_offset_t)stack_take(0);
}

/* Make STACK a ready one. */
static void
stack_add(struct stack_free *stack)
{
	bool were_on = spinlock_irq_lock(&stack_lock);

	stack->next = stack_free_list;
	stack_free_list = stack;
	stack_free_count++;
	if (stack_free_count > STACK_HIGH || !list_empty(&stack_waiting)) {
		atomic_store_relaxed(&stack_unkept, true);
	}
	spinlock_irq_unlock(&stack_lock, were_on);
}

void
stack_put(vm_offset_t addr)
{
	stack_check(addr);
	atomic_fetch_sub_relaxed(&stack_used, 1);
	stack_add((struct stack_free *)addr);
}

void
stack_free(vm_offset_t addr)
{
	stack_check(addr);
	if (atomic_load_relaxed(&stack_free_count) < STACK_HIGH) {
		stack_put(addr);
		return;
	}
	atomic_fetch_sub_relaxed(&stack_used, 1);
	kmem_free((void *)addr, KERNEL_STACK_SIZE);
}

void
stack_await(struct thread *thread)
{
	bool were_on = spinlock_irq_lock(&stack_lock);

	list_insert_tail(&stack_waiting, &thread->sched.link);
	atomic_store_relaxed(&stack_unkept, true);
	spinlock_irq_unlock(&stack_lock, were_on);
}

/* Take the thread that has waited longest off the list, which is not empty. */
static struct thread *
stack_next_waiting(void)
{
	bool were_on = spinlock_irq_lock(&stack_lock);
	struct thread *thread = list_first_entry(
	    &stack_waiting, struct thread, sched.link);

	list_remove(&thread->sched.link);
	spinlock_irq_unlock(&stack_lock, were_on);
	return thread;
}

/* Give ready stacks to those that wait for one. */
static void
stack_serve(void)
{
	struct stack_free *stack;
	struct thread *thread;
	bool were_on;

	while (!list_empty(&stack_waiting)) {
		stack = stack_take(0);
		if (stack == NULL) {
			return;
		}
		/* Only this thread takes them from the list. */
		thread = stack_next_waiting();
		were_on = spinlock_irq_lock(&thread->lock);
		thread->stack = (vm_offset_t)stack;
		sched_setrun_locked(thread);
		spinlock_irq_unlock(&thread->lock, were_on);
	}
}

/* Make as many as are wanted, if too few are ready; false if memory is short. */
static bool
stack_fill(void)
{
	struct stack_free *stack;
	unsigned enough = STACK_LOW;

	for (;;) {
		stack_serve();
		if (atomic_load_relaxed(&stack_free_count) >= enough &&
		    list_empty(&stack_waiting)) {
			return true;
		}
		enough = STACK_FILL;
		stack = stack_create();
		if (stack == NULL) {
			return false;
		}
		stack_add(stack);
	}
}

static void
stack_trim(void)
{
	struct stack_free *stack;

	while (atomic_load_relaxed(&stack_free_count) > STACK_HIGH) {
		stack = stack_take(STACK_HIGH);
		if (stack == NULL) {
			break;
		}
		atomic_fetch_sub_relaxed(&stack_used, 1);
		kmem_free(stack, KERNEL_STACK_SIZE);
	}
}

static void
stack_keeper(void *arg)
{
	bool filled;

	/* Those who page out come first. */
	current_thread()->vm_modest = true;
	for (;;) {
		atomic_store_seqcst(&stack_unkept, false);
		filled = stack_fill();
		stack_trim();
		sleepq_prepare(&stack_unkept, false);
		if (filled && atomic_load_seqcst(&stack_unkept)) {
			sleepq_cancel();
		} else {
			sleepq_wait(filled ? 0 : clock_ticks() + 1);
		}
	}
}

void
stack_setup_keeper(void)
{
	if (kernel_thread_create("stack keeper", stack_keeper, NULL,
		SCHED_PRIORITY_SYSTEM) != KERN_SUCCESS) {
		panic("no memory for the stack keeper");
	}
}

void
stack_check(vm_offset_t addr)
{
	const struct stack_free *stack = (const struct stack_free *)addr;

	if (stack->mark != STACK_MARK) {
		panic("kernel stack %#lx has overflowed", (unsigned long)addr);
	}
}

unsigned
stack_count(void)
{
	return atomic_load_relaxed(&stack_used);
}
