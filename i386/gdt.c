/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Global and local descriptor tables.
 */

#include "gdt.h"

#include <machine/cpu.h>

#include <i386/locore.h>
#include <i386/regs.h>

#define GDT_ENTRIES	(SEL_USER_GDT / 8 + PCB_GDT_SLOTS)

/* [I] but the TSS, LDT and user slots, which their CPU changes */
static uint64_t gdt_tables[CPU_MAX][GDT_ENTRIES]
    __attribute__((aligned(8)));

/* [I] */
static uint64_t gdt_ldt[GDT_LDT_FIXED] __attribute__((aligned(8)));

static void
gdt_ldt_setup(void)
{
	gdt_ldt[SEL_USER_CALL / 8] = desc_gate(SEL_KERNEL_CS,
	    (uint32_t)locore_call_gate,
	    DESC_PRESENT | DESC_DPL3 | DESC_CALL_GATE);
	gdt_ldt[SEL_USER_CS / 8] = desc_segment(0, 0xfffff,
	    DESC_PRESENT | DESC_DPL3 | DESC_CODE, DESC_FLAT);
	gdt_ldt[SEL_USER_DS / 8] = desc_segment(0, 0xfffff,
	    DESC_PRESENT | DESC_DPL3 | DESC_DATA, DESC_FLAT);
}

void
gdt_setup_this(unsigned cpu, void *percpu)
{
	uint64_t *gdt = gdt_tables[cpu];
	struct desc_table operand = {
		.limit = sizeof(gdt_tables[cpu]) - 1,
		.base = (uint32_t)gdt,
	};

	gdt[SEL_KERNEL_CS / 8] = desc_segment(0, 0xfffff,
	    DESC_PRESENT | DESC_CODE, DESC_FLAT);
	gdt[SEL_KERNEL_DS / 8] = desc_segment(0, 0xfffff,
	    DESC_PRESENT | DESC_DATA, DESC_FLAT);
	gdt[SEL_FLAT_CS / 8] = desc_segment(0, 0xfffff,
	    DESC_PRESENT | DESC_DPL3 | DESC_CODE, DESC_FLAT);
	gdt[SEL_FLAT_DS / 8] = desc_segment(0, 0xfffff,
	    DESC_PRESENT | DESC_DPL3 | DESC_DATA, DESC_FLAT);
	gdt[SEL_PERCPU / 8] = desc_segment((uint32_t)percpu, 0xfffff,
	    DESC_PRESENT | DESC_DATA, DESC_FLAT);
	gdt[SEL_FAULT_TSS / 8] = desc_segment((uint32_t)tss_fault(cpu),
	    sizeof(struct tss) - 1, DESC_PRESENT | DESC_TSS, 0);

	__asm__ volatile(
	    "lgdt %0\n\t"
	    "ljmp %1, $1f\n"
	    "1:\n\t"
	    "movl %2, %%ds\n\t"
	    "movl %2, %%es\n\t"
	    "movl %2, %%fs\n\t"
	    "movl %2, %%ss\n\t"
	    "movl %3, %%gs"
	    : : "m" (operand), "i" (SEL_KERNEL_CS),
	    "r" (SEL_KERNEL_DS), "r" (SEL_PERCPU) : "memory");

	if (cpu == 0) {
		gdt_ldt_setup();
	}
	gdt_load_ldt(cpu, NULL, 0);
}

void
gdt_load_tss(unsigned cpu, struct tss *tss, size_t size)
{
	gdt_tables[cpu][SEL_TSS / 8] = desc_segment((uint32_t)tss, size - 1,
	    DESC_PRESENT | DESC_TSS, 0);
	__asm__ volatile("ltr %w0" : : "r" (SEL_TSS) : "memory");
}

void
gdt_load_user(unsigned cpu, const uint64_t slots[PCB_GDT_SLOTS])
{
	for (unsigned i = 0; i < PCB_GDT_SLOTS; i++) {
		gdt_tables[cpu][SEL_USER_GDT / 8 + i] = slots[i];
	}
}

void
gdt_load_ldt(unsigned cpu, const uint64_t *table, unsigned count)
{
	if (table == NULL) {
		table = gdt_ldt;
		count = GDT_LDT_FIXED;
	}
	gdt_tables[cpu][SEL_LDT / 8] = desc_segment((uint32_t)table,
	    count * sizeof(*table) - 1, DESC_PRESENT | DESC_LDT, 0);
	__asm__ volatile("lldt %w0" : : "r" (SEL_LDT) : "memory");
}

void
gdt_ldt_copy(uint64_t table[GDT_LDT_FIXED])
{
	for (unsigned i = 0; i < GDT_LDT_FIXED; i++) {
		table[i] = gdt_ldt[i];
	}
}

bool
gdt_descriptor_valid(uint64_t desc)
{
	unsigned access = (unsigned)(desc >> 40) & 0xff;

	if ((access & DESC_PRESENT) == 0) {
		return true;
	}
	return (access & DESC_SEGMENT) != 0 &&
	    (access & DESC_DPL3) == DESC_DPL3;
}
