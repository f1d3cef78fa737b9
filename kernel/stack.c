/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel stacks are page blocks of the kernel heap; a few freed ones are kept,
 * because threads come and go in bursts.
 */

#include <kernel/stack.h>

#include <stddef.h>
#include <stdint.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>

#define STACK_KEEP	8u
#define STACK_MARK	0x57ac4e0fu

/* A free stack, at its lowest address. */
struct stack_free {
	uint32_t mark;
	struct stack_free *next;
};

static struct spinlock stack_lock = SPINLOCK_INITIALIZER(LOCK_RANK_KMEM_LIST);
static struct stack_free *stack_free_list;	/* stack_lock */
static unsigned stack_free_count;		/* stack_lock */
static unsigned stack_used;			/* stack_lock */

void
stack_setup(void)
{
	assert((KERNEL_STACK_SIZE & (KERNEL_STACK_SIZE - 1)) == 0);
}

static struct stack_free *
stack_take(void)
{
	struct stack_free *stack;

	spinlock_lock(&stack_lock);
	stack = stack_free_list;
	if (stack != NULL) {
		stack_free_list = stack->next;
		stack_free_count--;
		stack_used++;
	}
	spinlock_unlock(&stack_lock);
	return stack;
}

vm_offset_t
stack_alloc(void)
{
	struct stack_free *stack = stack_take();

	if (stack == NULL) {
		stack = kmem_alloc(KERNEL_STACK_SIZE);
		if (stack == NULL) {
			return 0;
		}
		spinlock_lock(&stack_lock);
		stack_used++;
		spinlock_unlock(&stack_lock);
	}
	assert(((uintptr_t)stack & (KERNEL_STACK_SIZE - 1)) == 0);
	stack->mark = STACK_MARK;
	return (vm_offset_t)stack;
}

void
stack_free(vm_offset_t addr)
{
	struct stack_free *stack = (struct stack_free *)addr;
	bool keep;

	stack_check(addr);
	spinlock_lock(&stack_lock);
	stack_used--;
	keep = stack_free_count < STACK_KEEP;
	if (keep) {
		stack->next = stack_free_list;
		stack_free_list = stack;
		stack_free_count++;
	}
	spinlock_unlock(&stack_lock);
	if (!keep) {
		kmem_free(stack, KERNEL_STACK_SIZE);
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
