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

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/panic.h>

#include <i386/io.h>

#define CLOCK_PIT_HZ		1193182u
#define CLOCK_PIT_CHANNEL2	0x42
#define CLOCK_PIT_CONTROL	0x43
#define CLOCK_PIT_MODE		0xb0	/* channel 2, both bytes, one shot */
#define CLOCK_PIT_LATCH		0x80	/* channel 2 */
#define CLOCK_PIT_MAX		0xffff
#define CLOCK_PORT_B		0x61
#define CLOCK_PORT_B_GATE	0x01
#define CLOCK_PORT_B_SPEAKER	0x02

/* Cycles of the first, rough measurement; the second takes 1/100 second. */
#define CLOCK_ROUGH_CYCLES	1000000
#define CLOCK_MEASURE_PER_SEC	100

/* Readings of the timer at each end; the quickest one counts. */
#define CLOCK_READINGS		5

#define CLOCK_NS_PER_SEC	1000000000ull

/* Until the rate is known: as fast as can be, so that no delay is short. */
#define CLOCK_HZ_GUESS		5000000000ull

/*
 * ns = cycles * clock_scale >> CLOCK_SHIFT, and cycles = ns * clock_rate >>
 * CLOCK_SHIFT: the debugger stops processors without a division, which may have a
 * breakpoint.
 */
#define CLOCK_SHIFT		24
#define CLOCK_RATE(hz)		(((hz) << CLOCK_SHIFT) / CLOCK_NS_PER_SEC)

/* [I] after clock_machine_setup() */
static uint64_t clock_hz;
static uint32_t clock_scale;
static uint64_t clock_rate = CLOCK_RATE(CLOCK_HZ_GUESS);

/*
 * When time began, which moves on while it stands still.  The generation says
 * which of both counts: whoever is stopped between looking at a half of it and
 * the other, or at the counter, sees another one at the end.
 */
static uint64_t clock_starts[2];
static uint32_t clock_generation;	/* [a] */
static uint64_t clock_paused;		/* cycles then */

/* The timer and the cycle counter at the same moment, or nearly so. */
struct clock_reading {
	uint64_t	cycles;
	uint32_t	timer;		/* counts down */
};

static void
clock_start_timer(void)
{
	uint8_t port_b = io_inb(CLOCK_PORT_B) &
	    (uint8_t)~(CLOCK_PORT_B_SPEAKER | CLOCK_PORT_B_GATE);

	io_outb(CLOCK_PORT_B, port_b);
	io_outb(CLOCK_PIT_CONTROL, CLOCK_PIT_MODE);
	io_outb(CLOCK_PIT_CHANNEL2, CLOCK_PIT_MAX & 0xff);
	io_outb(CLOCK_PIT_CHANNEL2, CLOCK_PIT_MAX >> 8);
	io_outb(CLOCK_PORT_B, port_b | CLOCK_PORT_B_GATE);
}

static struct clock_reading
clock_read_timer(void)
{
	struct clock_reading best = { 0, 0 };
	uint64_t shortest = UINT64_MAX;

	for (unsigned i = 0; i < CLOCK_READINGS; i++) {
		uint64_t before = cpu_cycles();
		uint64_t after;
		uint32_t timer;

		io_outb(CLOCK_PIT_CONTROL, CLOCK_PIT_LATCH);
		after = cpu_cycles();
		timer = io_inb(CLOCK_PIT_CHANNEL2);
		timer |= (uint32_t)io_inb(CLOCK_PIT_CHANNEL2) << 8;
		if (after - before < shortest) {
			shortest = after - before;
			best.cycles = before + shortest / 2;
			best.timer = timer;
		}
	}
	return best;
}

/* Cycles per second, measured over at least WAIT cycles. */
static uint64_t
clock_measure(uint64_t wait)
{
	struct clock_reading first;
	struct clock_reading last;

	clock_start_timer();
	first = clock_read_timer();
	do {
		for (unsigned i = 0; i < 100; i++) {
			cpu_pause();
		}
	} while (cpu_cycles() - first.cycles < wait);
	last = clock_read_timer();
	if (last.timer >= first.timer) {
		return 0;
	}
	return (last.cycles - first.cycles) * CLOCK_PIT_HZ /
	    (first.timer - last.timer);
}

void
clock_machine_setup(void)
{
	bool saved = cpu_intr_save();
	uint64_t rough = clock_measure(CLOCK_ROUGH_CYCLES);

	clock_hz = clock_measure(rough / CLOCK_MEASURE_PER_SEC);
	cpu_intr_restore(saved);
	if (clock_hz == 0) {
		panic("clock: the interval timer does not count");
	}
	clock_scale = (uint32_t)((CLOCK_NS_PER_SEC << CLOCK_SHIFT) / clock_hz);
	clock_rate = CLOCK_RATE(clock_hz);
	clock_starts[0] = cpu_cycles();
}

uint64_t
clock_machine_hz(void)
{
	return clock_hz;
}

/* The product with the scale can have more than 64 bits: in two halves. */
static uint64_t
clock_cycles_to_ns(uint64_t cycles)
{
	return ((cycles >> 32) * clock_scale << (32 - CLOCK_SHIFT)) +
	    ((cycles & 0xffffffff) * clock_scale >> CLOCK_SHIFT);
}

uint64_t
clock_machine_ns(void)
{
	uint32_t generation;
	uint64_t cycles;

	if (clock_hz == 0) {
		return 0;
	}
	do {
		generation = atomic_load_acquire(&clock_generation);
		cycles = cpu_cycles() - clock_starts[generation % 2];
	} while (atomic_load_acquire(&clock_generation) != generation);
	return (int64_t)cycles < 0 ? 0 : clock_cycles_to_ns(cycles);
}

void
clock_machine_pause(void)
{
	clock_paused = cpu_cycles();
}

uint64_t
clock_machine_resume(void)
{
	uint64_t cycles = cpu_cycles() - clock_paused;
	uint32_t generation = clock_generation;

	if (clock_hz == 0) {
		return 0;
	}
	clock_starts[(generation + 1) % 2] = clock_starts[generation % 2] +
	    cycles;
	atomic_store_release(&clock_generation, generation + 1);
	return clock_cycles_to_ns(cycles);
}

void
clock_machine_delay(uint32_t ns)
{
	uint64_t start = cpu_cycles();
	uint64_t wait = (ns * clock_rate >> CLOCK_SHIFT) + 1;

	while (cpu_cycles() - start < wait) {
		cpu_pause();
	}
}
