/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From interrupt vectors to handlers.
 *
 * Lines belong to the PICs and are served by the first processor.  The service
 * ends (EOI) before the handler runs, with interrupts disabled: a handler
 * that cannot quiet its device at once masks the line, as the irq device does
 * until the user-level driver has acknowledged.
 */

#include <machine/intr.h>

#include <machine/atomic.h>
#include <machine/console.h>
#include <machine/cpu.h>
#include <machine/trap.h>

#include <kernel/clock.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_gdb_packet.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/spinlock.h>

#include <i386/acpi.h>
#include <i386/chord.h>
#include <i386/intr.h>
#include <i386/lapic.h>
#include <i386/pic.h>
#include <i386/pit.h>
#include <i386/serial.h>
#include <i386/tlb.h>

#define INTR_LINE_BYTES	64u	/* of a serial line, at once */

/* All under intr_lock. */
struct intr_line {
	intr_fn_t	fn;		/* NULL: no handler */
	void		*arg;
	bool		busy;		/* the handler is running */
	bool		withheld;	/* an interrupt, while gdb has the line */
};

static struct spinlock_irq intr_lock;
static struct intr_line intr_lines[PIC_LINES];

/* Each processor's own: the first one's ticks, when it had its last itself. */
static uint64_t intr_seen[CPU_MAX];

void
intr_setup(void)
{
	spinlock_irq_init(&intr_lock, LOCK_RANK_INTR);
	pic_setup(VECTOR_IRQ);
	if (cpu_has(CPU_FEATURE_APIC | CPU_FEATURE_MSR) &&
	    acpi_lapic_base() != 0) {
		lapic_setup(acpi_lapic_base());
	}
}

unsigned
intr_count(void)
{
	return PIC_LINES;
}

static bool
intr_is_kernels(unsigned irq)
{
	/* The cascade, and the timer where it makes the tick. */
	return irq == 2 || (irq == PIT_IRQ && !lapic_present());
}

kern_return_t
intr_attach(unsigned irq, intr_fn_t fn, void *arg)
{
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;
	bool saved;

	if (irq >= PIC_LINES) {
		return KERN_INVALID_ARGUMENT;
	}
	saved = spinlock_irq_lock(&intr_lock);
	if (intr_lines[irq].fn == NULL && !intr_is_kernels(irq)) {
		intr_lines[irq].fn = fn;
		intr_lines[irq].arg = arg;
		pic_unmask(irq);
		kr = KERN_SUCCESS;
	}
	spinlock_irq_unlock(&intr_lock, saved);
	return kr;
}

void
intr_detach(unsigned irq)
{
	bool saved;
	bool busy;

	assert(irq < PIC_LINES);
	saved = spinlock_irq_lock(&intr_lock);
	pic_mask(irq);
	intr_lines[irq].fn = NULL;
	spinlock_irq_unlock(&intr_lock, saved);
	do {
		saved = spinlock_irq_lock(&intr_lock);
		busy = intr_lines[irq].busy;
		spinlock_irq_unlock(&intr_lock, saved);
	} while (busy);
}

void
intr_mask(unsigned irq)
{
	bool saved;

	assert(irq < PIC_LINES);
	saved = spinlock_irq_lock(&intr_lock);
	pic_mask(irq);
	spinlock_irq_unlock(&intr_lock, saved);
}

void
intr_unmask(unsigned irq)
{
	bool saved;

	assert(irq < PIC_LINES);
	saved = spinlock_irq_lock(&intr_lock);
	if (intr_lines[irq].fn != NULL) {
		pic_unmask(irq);
	}
	spinlock_irq_unlock(&intr_lock, saved);
}

/* The serial line of IRQ, or SERIAL_UNITS. */
static unsigned
intr_serial_unit(unsigned irq)
{
	unsigned unit = 0;

	while (unit < SERIAL_UNITS && serial_irq(unit) != irq) {
		unit++;
	}
	return unit;
}

/*
 * Is IRQ of a line that gdb has?  Its driver, once it is told of something, would
 * look for all that comes after it, too.
 */
static bool
intr_is_gdbs(unsigned irq)
{
	unsigned unit = intr_serial_unit(irq);

	return unit < SERIAL_UNITS && console_line_is(unit);
}

/* gdb has gone, and the driver may be told. */
static void
intr_release_line(unsigned irq)
{
	struct intr_line *line = &intr_lines[irq];
	bool saved;

	saved = spinlock_irq_lock(&intr_lock);
	if (line->withheld && line->fn != NULL) {
		pic_unmask(irq);
	}
	line->withheld = false;
	spinlock_irq_unlock(&intr_lock, saved);
}

static void
intr_serve_line(unsigned irq)
{
	struct intr_line *line = &intr_lines[irq];
	intr_fn_t fn;
	bool saved;

	saved = spinlock_irq_lock(&intr_lock);
	if (pic_is_spurious(irq)) {
		spinlock_irq_unlock(&intr_lock, saved);
		return;
	}
	line->withheld |= intr_is_gdbs(irq);
	fn = line->withheld ? NULL : line->fn;
	if (fn == NULL) {
		pic_mask(irq);
	}
	line->busy = fn != NULL;
	pic_eoi(irq);
	spinlock_irq_unlock(&intr_lock, saved);
	if (fn == NULL) {
		return;
	}
	fn(irq, line->arg);
	saved = spinlock_irq_lock(&intr_lock);
	line->busy = false;
	spinlock_irq_unlock(&intr_lock, saved);
}

/*
 * A break on a serial line is for the debugger, on that line.  To be seen before
 * the line's driver looks, which does not know, and also if it never does.
 */
static void
intr_look_for_break(unsigned unit)
{
	if (serial_take_break(unit)) {
		console_add_serial(unit);
		kdb_event_request("break");
	}
}

/*
 * What comes on a line on which gdb waits is acknowledgements, and the character by
 * which gdb interrupts; that may have come before all went on.
 */
static void
intr_look_for_gdb(unsigned unit)
{
	bool wanted = kdb_gdb_packet_take_interrupt();
	int c;

	for (unsigned left = INTR_LINE_BYTES; left > 0 &&
	    (c = serial_getc_poll(unit)) >= 0; left--) {
		wanted |= c == KDB_IN_INTERRUPT;
	}
	if (wanted) {
		kdb_event_request("interrupted by gdb");
	}
}

static void
intr_look_for_breaks(void)
{
	for (unsigned unit = 0; unit < SERIAL_UNITS; unit++) {
		intr_look_for_break(unit);
		if (console_line_is(unit)) {
			intr_look_for_gdb(unit);
		} else if (intr_lines[serial_irq(unit)].withheld) {
			intr_release_line(serial_irq(unit));
		}
	}
}

/* The chord is, on the screen. */
static void
intr_look_for_chord(void)
{
	if (chord_pressed(intr_lines[CHORD_IRQ].fn != NULL)) {
		console_add_screen();
		kdb_event_request("keyboard");
	}
}

/*
 * Is this processor to look?  The first is, or any if that has had no tick for a
 * second, as it waits with interrupts off for what never comes.
 */
static bool
intr_is_to_look(void)
{
	static unsigned waited[CPU_MAX];
	unsigned cpu = cpu_id();
	uint64_t ticks = clock_ticks();

	waited[cpu] = ticks == intr_seen[cpu] ? waited[cpu] + 1 : 0;
	intr_seen[cpu] = ticks;
	return cpu == 0 || waited[cpu] > HZ;
}

/* For the chord, too, at a tick; one processor at a time. */
static void
intr_look(bool tick)
{
	static uint32_t busy;		/* [a] */

	if (atomic_exchange_acquire(&busy, 1) != 0) {
		return;
	}
	intr_look_for_breaks();
	if (tick) {
		intr_look_for_chord();
	}
	atomic_store_release(&busy, 0);
}

static void
intr_tick(const struct trap_frame *frame)
{
	if (intr_is_to_look()) {
		intr_look(true);
	}
	clock_tick(trap_frame_user(frame), trap_frame_pc(frame));
}

static void
intr_serve(unsigned vector, const struct trap_frame *frame)
{
	switch (vector) {
	case VECTOR_LAPIC_TIMER:
		lapic_eoi();
		intr_tick(frame);
		return;
	case VECTOR_RESCHED:
		/* The way back out of the interrupt does the work. */
		lapic_eoi();
		return;
	case VECTOR_TLB:
		/* First: another processor waits for it with locks held. */
		tlb_answer();
		lapic_eoi();
		return;
	case VECTOR_SPURIOUS:
		return;
	default:
		break;
	}
	if (vector < VECTOR_IRQ || vector >= VECTOR_IRQ + PIC_LINES) {
		return;
	}
	processor_current()->interrupts++;
	if (vector == VECTOR_IRQ + PIT_IRQ && !lapic_present()) {
		pic_eoi(PIT_IRQ);
		intr_tick(frame);
		return;
	}
	if (vector == VECTOR_IRQ + serial_irq(0) ||
	    vector == VECTOR_IRQ + serial_irq(1)) {
		intr_look(false);
	}
	intr_serve_line(vector - VECTOR_IRQ);
}

void
intr_dispatch(unsigned vector, const struct trap_frame *frame)
{
	cpu_local_add(intr_depth, 1);
	intr_serve(vector, frame);
	cpu_local_add(intr_depth, -1);
}

void
intr_start_tick(void)
{
	bool saved;

	if (lapic_present()) {
		lapic_timer_start(HZ);
		return;
	}
	pit_start(HZ);
	saved = spinlock_irq_lock(&intr_lock);
	pic_unmask(PIT_IRQ);
	spinlock_irq_unlock(&intr_lock, saved);
}
