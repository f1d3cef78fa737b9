/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Serial lines, polled.  The user-level driver may take the device over; the
 * kernel then still writes to it for panics, with nothing but the data and
 * line status registers, and looks for breaks.
 */

#include "serial.h"

#include <device/serial.h>
#include <machine/atomic.h>
#include <machine/cpu.h>

#include <i386/io.h>

#define SERIAL_DATA		0
#define SERIAL_INTR		1
#define SERIAL_DIVISOR_LOW	0
#define SERIAL_DIVISOR_HIGH	1
#define SERIAL_FIFO		2
#define SERIAL_LINE		3
#define SERIAL_MODEM		4
#define SERIAL_STATUS		5
#define SERIAL_SCRATCH		7

#define SERIAL_LINE_8N1		0x03
#define SERIAL_LINE_DIVISOR	0x80
#define SERIAL_FIFO_ON		0xc7	/* enabled, cleared, 14 bytes */
#define SERIAL_MODEM_ON		0x0b	/* DTR, RTS, OUT2 */
#define SERIAL_STATUS_DATA	0x01
#define SERIAL_STATUS_EMPTY	0x20

/* A byte takes 87 us; an absent reader must not stop the kernel for ever. */
#define SERIAL_PATIENCE		100000

#define SERIAL_STATUS_BREAK	0x10
#define SERIAL_ABSENT		0xff

static const uint16_t serial_base[] = { 0x3f8, 0x2f8 };

/* [a] bit UNIT: a break was seen on it, and nobody told */
static uint32_t serial_breaks;

bool
serial_setup(unsigned unit)
{
	uint16_t base = serial_base[unit];

	/* An absent device reads as all ones. */
	io_outb(base + SERIAL_SCRATCH, 0x5a);
	if (io_inb(base + SERIAL_SCRATCH) != 0x5a) {
		return false;
	}
	io_outb(base + SERIAL_INTR, 0);
	io_outb(base + SERIAL_LINE, SERIAL_LINE_DIVISOR);
	io_outb(base + SERIAL_DIVISOR_LOW, 1);
	io_outb(base + SERIAL_DIVISOR_HIGH, 0);
	io_outb(base + SERIAL_LINE, SERIAL_LINE_8N1);
	io_outb(base + SERIAL_FIFO, SERIAL_FIFO_ON);
	io_outb(base + SERIAL_MODEM, SERIAL_MODEM_ON);
	return true;
}

/* The device forgets a break when this is read; it is kept here. */
static uint8_t
serial_status(unsigned unit)
{
	uint8_t status = io_inb(serial_base[unit] + SERIAL_STATUS);

	if (status != SERIAL_ABSENT && (status & SERIAL_STATUS_BREAK) != 0) {
		atomic_fetch_or_relaxed(&serial_breaks, 1u << unit);
	}
	return status;
}

void
serial_putc(unsigned unit, char c)
{
	uint16_t base = serial_base[unit];

	for (unsigned i = 0; i < SERIAL_PATIENCE; i++) {
		if (serial_status(unit) & SERIAL_STATUS_EMPTY) {
			io_outb(base + SERIAL_DATA, (uint8_t)c);
			return;
		}
		cpu_pause();
	}
}

int
serial_getc_poll(unsigned unit)
{
	if ((serial_status(unit) & SERIAL_STATUS_DATA) == 0) {
		return -1;
	}
	return io_inb(serial_base[unit] + SERIAL_DATA);
}

unsigned
serial_irq(unsigned unit)
{
	return unit == 0 ? 4 : 3;
}

/* Has the line's driver seen one?  It leaves word of that. */
static bool
serial_driver_saw_break(unsigned unit)
{
	uint16_t base = serial_base[unit];

	if (io_inb(base + SERIAL_SCRATCH) != SERIAL_SCRATCH_BREAK) {
		return false;
	}
	io_outb(base + SERIAL_SCRATCH, 0);
	return true;
}

bool
serial_take_break(unsigned unit)
{
	uint32_t bit = 1u << unit;
	bool driver = serial_driver_saw_break(unit);

	(void)serial_status(unit);
	return (atomic_fetch_and_relaxed(&serial_breaks, ~bit) & bit) != 0 ||
	    driver;
}
