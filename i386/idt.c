/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Interrupt descriptors: every vector goes to its stub in locore.asm through
 * an interrupt gate, so interrupts are off at each entry; a double fault goes
 * through a task gate to a stack of its own.
 */

#include "idt.h"

#include <stdbool.h>

#include <i386/locore.h>
#include <i386/regs.h>

#define IDT_ENTRIES	256

/* [I] */
static uint64_t idt_table[IDT_ENTRIES] __attribute__((aligned(8)));

/* Whether a user may execute `int $VECTOR'. */
static bool
idt_user_callable(unsigned vector)
{
	return vector == TRAP_BREAKPOINT || vector == TRAP_OVERFLOW ||
	    vector == TRAP_SYSCALL_INT || vector == TRAP_SYSCALL_FAST;
}

void
idt_setup(void)
{
	for (unsigned i = 0; i < IDT_ENTRIES; i++) {
		unsigned access = DESC_PRESENT | DESC_INTR_GATE;

		if (idt_user_callable(i)) {
			access |= DESC_DPL3;
		}
		idt_table[i] = desc_gate(SEL_KERNEL_CS,
		    (uint32_t)locore_stubs + i * LOCORE_STUB_SIZE, access);
	}
	idt_table[TRAP_DOUBLE_FAULT] = desc_gate(SEL_FAULT_TSS, 0,
	    DESC_PRESENT | DESC_TASK_GATE);
}

void
idt_load(void)
{
	struct desc_table operand = {
		.limit = sizeof(idt_table) - 1,
		.base = (uint32_t)idt_table,
	};

	__asm__ volatile("lidt %0" : : "m" (operand));
}
