/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processor features and control registers, per-CPU set-up, and switching the
 * machine off.
 */

#include <machine/cpu.h>
#include <machine/io_perm.h>
#include <machine/trap.h>

#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printf.h>

#include <i386/acpi.h>
#include <i386/fpu.h>
#include <i386/gdt.h>
#include <i386/idt.h>
#include <i386/io.h>
#include <i386/locore.h>
#include <i386/regs.h>
#include <i386/syspage.h>
#include <i386/tss.h>

#define CPU_FEATURES_NEEDED	\
	(CPU_FEATURE_FPU | CPU_FEATURE_PSE | CPU_FEATURE_TSC |	\
	CPU_FEATURE_CX8 | CPU_FEATURE_CMOV)

#define KEYBOARD_STATUS		0x64
#define KEYBOARD_STATUS_BUSY	0x02
#define KEYBOARD_RESET		0xfe

#define RESET_PORT		0xcf9
#define RESET_HARD		0x06

/* Where QEMU's two chipsets have their power management registers. */
#define PIIX4_PM_CONTROL	0x604
#define ICH9_PM_CONTROL		0xb004
#define PM_SLEEP_ENABLE		0x2000

/* [I] after cpu_detect(): leaf 1, EDX */
static uint32_t cpu_features;

bool
cpu_has(uint32_t mask)
{
	return (cpu_features & mask) == mask;
}

void
cpu_detect(void)
{
	uint32_t regs[4];

	cpu_id_leaf(0, regs);
	if (regs[0] >= 1) {
		cpu_id_leaf(1, regs);
		cpu_features = regs[3];
		/* The Pentium Pro's report of SYSENTER is a mistake. */
		if ((regs[0] & 0xfff) < 0x633) {
			cpu_features &= ~CPU_FEATURE_SEP;
		}
	}
	if (!cpu_has(CPU_FEATURES_NEEDED)) {
		panic("cpu: a 686 with FPU, PSE, TSC, CMPXCHG8B and CMOV "
		    "is needed; features %08x", cpu_features);
	}
}

static void
cpu_setup_control(void)
{
	uint32_t cr0 = cpu_read_cr0();
	uint32_t cr4 = cpu_read_cr4();

	cr0 &= ~(CPU_CR0_EM | CPU_CR0_AM | CPU_CR0_NW | CPU_CR0_CD);
	cr0 |= CPU_CR0_WP | CPU_CR0_NE | CPU_CR0_MP | CPU_CR0_TS;
	cpu_write_cr0(cr0);

	if (cpu_has(CPU_FEATURE_DE)) {
		cr4 |= CPU_CR4_DE;
	}
	if (cpu_has(CPU_FEATURE_PGE)) {
		cr4 |= CPU_CR4_PGE;
	}
	if (cpu_has(CPU_FEATURE_FXSR)) {
		cr4 |= CPU_CR4_OSFXSR;
	}
	if (cpu_has(CPU_FEATURE_SSE)) {
		cr4 |= CPU_CR4_OSXMMEXCPT;
	}
	/* A 486 without CR4 does not get here: CMOV is younger. */
	cpu_write_cr4(cr4);
}

void
cpu_setup_this(unsigned cpu)
{
	struct percpu *percpu = percpu_init(cpu);

	/* A stack is as large as its address is aligned. */
	percpu->stack_end = ((uintptr_t)__builtin_frame_address(0) |
				(KERNEL_STACK_SIZE - 1)) + 1;
	gdt_setup_this(cpu, percpu);
	if (cpu == 0) {
		cpu_detect();
		idt_setup();
	}
	idt_load();
	tss_setup_this(cpu);
	cpu_setup_control();
	fpu_setup_this(cpu);
	syspage_setup_this(cpu);
}

void
machine_setup(void)
{
	acpi_setup();
	fpu_setup();
	io_perm_setup();
	syspage_setup();
}

/* The chipset takes some time over what it was told. */
static void
cpu_wait_for_effect(void)
{
	for (unsigned i = 0; i < 10000; i++) {
		io_wait();
	}
}

/* An empty interrupt table makes the next exception a reset. */
static void
cpu_triple_fault(void)
{
	struct desc_table empty = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m" (empty));
}

static void
cpu_reset_keyboard(void)
{
	for (unsigned i = 0; i < 10000; i++) {
		if ((io_inb(KEYBOARD_STATUS) & KEYBOARD_STATUS_BUSY) == 0) {
			break;
		}
		io_wait();
	}
	io_outb(KEYBOARD_STATUS, KEYBOARD_RESET);
	cpu_wait_for_effect();
}

void
machine_reboot(void)
{
	cpu_intr_disable();
	(void)cpu_stop_others();
	cpu_reset_keyboard();
	acpi_reset();
	io_outb(RESET_PORT, RESET_HARD & ~0x04);
	io_outb(RESET_PORT, RESET_HARD);
	cpu_wait_for_effect();
	for (;;) {
		cpu_triple_fault();
	}
}

void
machine_power_off(void)
{
	cpu_intr_disable();
	(void)cpu_stop_others();
	acpi_power_off();
	io_outw(PIIX4_PM_CONTROL, PM_SLEEP_ENABLE);
	io_outw(ICH9_PM_CONTROL, PM_SLEEP_ENABLE);
	cpu_wait_for_effect();
	printf("It is now safe to switch the machine off.\n");
	for (;;) {
		__asm__ volatile("hlt");
	}
}
