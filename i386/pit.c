/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * 8254 interval timer (Intel data sheet 8254), channel 0 as rate generator.
 */

#include <i386/pit.h>

#include <stdint.h>

#include <i386/io.h>

#define PIT_HZ		1193182u
#define PIT_CHANNEL0	0x40
#define PIT_CONTROL	0x43
#define PIT_RATE	0x34	/* channel 0, low then high byte, mode 2 */

void
pit_start(unsigned hertz)
{
	unsigned divisor = (PIT_HZ + hertz / 2) / hertz;

	io_outb(PIT_CONTROL, PIT_RATE);
	io_outb(PIT_CHANNEL0, (uint8_t)divisor);
	io_outb(PIT_CHANNEL0, (uint8_t)(divisor >> 8));
}
