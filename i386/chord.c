/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <i386/chord.h>

#include <stdint.h>

#include <kernel/clock.h>

#include <i386/io.h>

#define CHORD_DATA		0x60
#define CHORD_STATUS		0x64
#define CHORD_STATUS_FULL	0x01
#define CHORD_STATUS_MOUSE	0x20
#define CHORD_ABSENT		0xff

#define CHORD_ESCAPE		0x01
#define CHORD_CONTROL		0x1d
#define CHORD_ALT		0x38
#define CHORD_RELEASED		0x80

/* How many ticks codes wait for a driver, which may be paged out, for one. */
#define CHORD_PATIENCE		(2 * HZ)

#define CHORD_CODES		32u	/* at one tick */

/* Of the processor that looks. */
static bool chord_control;
static bool chord_alt;
static unsigned chord_waited;

/* Does CODE complete it? */
static bool
chord_take(uint8_t code)
{
	bool down = (code & CHORD_RELEASED) == 0;

	switch (code & ~CHORD_RELEASED) {
	case CHORD_CONTROL:
		chord_control = down;
		return false;
	case CHORD_ALT:
		chord_alt = down;
		return false;
	case CHORD_ESCAPE:
		break;
	default:
		return false;
	}
	if (!down || !chord_control || !chord_alt) {
		return false;
	}
	/* The debugger sees them released. */
	chord_control = false;
	chord_alt = false;
	return true;
}

bool
chord_pressed(bool driven)
{
	for (unsigned i = 0; i < CHORD_CODES; i++) {
		uint8_t status = io_inb(CHORD_STATUS);
		uint8_t code;

		if (status == CHORD_ABSENT ||
		    (status & CHORD_STATUS_FULL) == 0) {
			chord_waited = 0;
			return false;
		}
		if (driven && chord_waited < CHORD_PATIENCE) {
			chord_waited++;
			return false;
		}
		code = io_inb(CHORD_DATA);
		if ((status & CHORD_STATUS_MOUSE) == 0 && chord_take(code)) {
			return true;
		}
	}
	return false;
}
