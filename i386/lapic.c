/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Local APIC.  Its registers are at the same address on every processor and
 * each one reaches only its own, so no lock is needed; sending takes two
 * writes, which must not be torn apart by an interrupt that also sends.
 */

#include <i386/lapic.h>

#include <machine/clock.h>
#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/panic.h>
#include <kernel/printf.h>

#include <i386/intr.h>

enum lapic_register {
	LAPIC_ID = 0x020,
	LAPIC_TPR = 0x080,
	LAPIC_EOI = 0x0b0,
	LAPIC_LDR = 0x0d0,
	LAPIC_DFR = 0x0e0,
	LAPIC_SPURIOUS = 0x0f0,
	LAPIC_ESR = 0x280,
	LAPIC_ICR_LOW = 0x300,
	LAPIC_ICR_HIGH = 0x310,
	LAPIC_LVT_TIMER = 0x320,
	LAPIC_LVT_LINT0 = 0x350,
	LAPIC_LVT_LINT1 = 0x360,
	LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INITIAL = 0x380,
	LAPIC_TIMER_CURRENT = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
};

#define LAPIC_SIZE		0x400
#define LAPIC_ENABLE		0x100u
#define LAPIC_MASKED		0x10000u
#define LAPIC_PERIODIC		0x20000u
#define LAPIC_DIVIDE_16		0x3u
#define LAPIC_DELIVER_NMI	0x400u
#define LAPIC_DELIVER_INIT	0x500u
#define LAPIC_DELIVER_STARTUP	0x600u
#define LAPIC_DELIVER_EXTINT	0x700u
#define LAPIC_LOGICAL		0x800u
#define LAPIC_ASSERT		0x4000u
#define LAPIC_PENDING		0x1000u
#define LAPIC_MSR_ENABLE	0x800u

#define LAPIC_CALIBRATE_NS	10000000u	/* 10 ms */

static volatile uint32_t *lapic_base;	/* fixed after lapic_setup() */
static uint32_t lapic_timer_hz;		/* same for all processors */

static uint32_t
lapic_read(enum lapic_register reg)
{
	return lapic_base[reg / 4];
}

static void
lapic_write(enum lapic_register reg, uint32_t value)
{
	lapic_base[reg / 4] = value;
}

bool
lapic_present(void)
{
	return lapic_base != NULL;
}

unsigned
lapic_id(void)
{
	return lapic_read(LAPIC_ID) >> 24;
}

void
lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

void
lapic_setup_this(bool first)
{
	cpu_write_msr(CPU_MSR_APIC_BASE,
	    cpu_read_msr(CPU_MSR_APIC_BASE) | LAPIC_MSR_ENABLE);
	lapic_write(LAPIC_DFR, 0xffffffff);
	/* The flat model: a bit for each of eight. */
	lapic_write(LAPIC_LDR, (LAPIC_SEND_MASK & 1u << cpu_id()) << 24);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_MASKED);
	lapic_write(LAPIC_LVT_LINT0, first ? LAPIC_DELIVER_EXTINT
	    : LAPIC_MASKED);
	lapic_write(LAPIC_LVT_LINT1, first ? LAPIC_DELIVER_NMI
	    : LAPIC_MASKED);
	lapic_write(LAPIC_LVT_ERROR, LAPIC_MASKED);
	lapic_write(LAPIC_SPURIOUS, LAPIC_ENABLE | VECTOR_SPURIOUS);
	lapic_eoi();
}

/* Count how far the timer runs in a known time. */
static void
lapic_calibrate(void)
{
	uint32_t left;

	lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_16);
	lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
	clock_machine_delay(LAPIC_CALIBRATE_NS);
	left = lapic_read(LAPIC_TIMER_CURRENT);
	lapic_write(LAPIC_TIMER_INITIAL, 0);
	lapic_timer_hz = (UINT32_MAX - left) * (1000000000u /
	    LAPIC_CALIBRATE_NS);
}

void
lapic_setup(phys_addr_t base)
{
	lapic_base = pmap_map_device(base, LAPIC_SIZE);
	assert(lapic_base != NULL);
	lapic_setup_this(true);
	lapic_calibrate();
}

void
lapic_timer_start(unsigned hertz)
{
	lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_16);
	lapic_write(LAPIC_LVT_TIMER, LAPIC_PERIODIC | VECTOR_LAPIC_TIMER);
	lapic_write(LAPIC_TIMER_INITIAL, lapic_timer_hz / hertz);
}

static void
lapic_command(unsigned id, uint32_t command)
{
	bool enabled = cpu_intr_save();

	while ((lapic_read(LAPIC_ICR_LOW) & LAPIC_PENDING) != 0) {
		cpu_pause();
	}
	lapic_write(LAPIC_ICR_HIGH, id << 24);
	lapic_write(LAPIC_ICR_LOW, command);
	cpu_intr_restore(enabled);
}

void
lapic_send(unsigned id, unsigned vector)
{
	lapic_command(id, LAPIC_ASSERT | vector);
}

void
lapic_send_all(uint32_t cpus, unsigned vector)
{
	assert_debug((cpus & ~LAPIC_SEND_MASK) == 0);
	lapic_command(cpus, LAPIC_ASSERT | LAPIC_LOGICAL | vector);
}

void
lapic_send_nmi(unsigned id)
{
	/* This may be an NMI that came between the writes of another command. */
	uint32_t high = lapic_read(LAPIC_ICR_HIGH);

	lapic_command(id, LAPIC_ASSERT | LAPIC_DELIVER_NMI);
	lapic_write(LAPIC_ICR_HIGH, high);
}

void
lapic_send_init(unsigned id)
{
	lapic_write(LAPIC_ESR, 0);
	lapic_command(id, LAPIC_ASSERT | LAPIC_DELIVER_INIT);
}

void
lapic_send_startup(unsigned id, unsigned page)
{
	lapic_command(id, LAPIC_ASSERT | LAPIC_DELIVER_STARTUP | page);
}
