/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Steady time from the cycle counter.
 *
 * The counter's rate is measured once against channel 2 of the interval
 * timer, which nobody else uses.  The counters of all CPUs are taken to run
 * together, as they do on QEMU and on every machine with local APICs that has
 * not stopped one of them.
 */

#include <machine/clock.h>

#include <machine/cpu.h>

#include <i386/io.h>

#define CLOCK_PIT_HZ		1193182u
#define CLOCK_PIT_CHANNEL2	0x42
#define CLOCK_PIT_CONTROL	0x43
#define CLOCK_PIT_MODE		0xb0	/* channel 2, both bytes, one shot */
#define CLOCK_PORT_B		0x61
#define CLOCK_PORT_B_GATE	0x01
#define CLOCK_PORT_B_SPEAKER	0x02
#define CLOCK_PORT_B_OUT	0x20

/* The time that is measured: 50 ms. */
#define CLOCK_MEASURE_TICKS	(CLOCK_PIT_HZ / 20)
#define CLOCK_MEASURE_PER_SEC	20

#define CLOCK_NS_PER_SEC	1000000000ull

/* Until the rate is known: as fast as can be, so that no delay is short. */
#define CLOCK_HZ_GUESS		5000000000ull

/* ns = cycles * clock_scale >> CLOCK_SHIFT */
#define CLOCK_SHIFT		24

/* [I] after clock_machine_setup() */
static uint64_t clock_hz;
static uint32_t clock_scale;
static uint64_t clock_start;

/* Cycles that channel 2 needs to count CLOCK_MEASURE_TICKS down. */
static uint64_t
clock_measure(void)
{
	uint8_t port_b = io_inb(CLOCK_PORT_B) &
	    (uint8_t)~(CLOCK_PORT_B_SPEAKER | CLOCK_PORT_B_GATE);
	uint64_t start;

	io_outb(CLOCK_PORT_B, port_b);
	io_outb(CLOCK_PIT_CONTROL, CLOCK_PIT_MODE);
	io_outb(CLOCK_PIT_CHANNEL2, CLOCK_MEASURE_TICKS & 0xff);
	io_outb(CLOCK_PIT_CHANNEL2, CLOCK_MEASURE_TICKS >> 8);
	io_outb(CLOCK_PORT_B, port_b | CLOCK_PORT_B_GATE);
	start = cpu_cycles();
	while ((io_inb(CLOCK_PORT_B) & CLOCK_PORT_B_OUT) == 0) {
		cpu_pause();
	}
	return cpu_cycles() - start;
}

void
clock_machine_setup(void)
{
	bool saved = cpu_intr_save();

	clock_hz = clock_measure() * CLOCK_MEASURE_PER_SEC;
	cpu_intr_restore(saved);
	clock_scale = (uint32_t)((CLOCK_NS_PER_SEC << CLOCK_SHIFT) / clock_hz);
	clock_start = cpu_cycles();
}

uint64_t
clock_machine_hz(void)
{
	return clock_hz;
}

/* The product with the scale can have more than 64 bits: in two halves. */
uint64_t
clock_machine_ns(void)
{
	uint64_t cycles;

	if (clock_hz == 0) {
		return 0;
	}
	cycles = cpu_cycles();
	if ((int64_t)(cycles - clock_start) < 0) {
		return 0;
	}
	cycles -= clock_start;
	return ((cycles >> 32) * clock_scale << (32 - CLOCK_SHIFT)) +
	    ((cycles & 0xffffffff) * clock_scale >> CLOCK_SHIFT);
}

void
clock_machine_delay(uint32_t ns)
{
	uint64_t hz = clock_hz != 0 ? clock_hz : CLOCK_HZ_GUESS;
	uint64_t start = cpu_cycles();
	uint64_t wait = hz / 1000000 * ns / 1000 + 1;

	while (cpu_cycles() - start < wait) {
		cpu_pause();
	}
}
