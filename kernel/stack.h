/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel stacks, KERNEL_STACK_SIZE bytes each and so aligned.  The lowest
 * words hold a mark that is checked when a stack is freed and at each tick.
 */
#ifndef KERNEL_STACK_H
#define KERNEL_STACK_H

#include <mach/machine/vm_types.h>
#include <machine/types.h>

void stack_setup(void);

/* The lowest address of a new stack, 0 when memory is short. */
vm_offset_t stack_alloc(void);
void stack_free(vm_offset_t stack);

/* Panic if the stack has overflowed. */
void stack_check(vm_offset_t stack);

/* Stacks in use. */
unsigned stack_count(void);

#endif /* KERNEL_STACK_H */
