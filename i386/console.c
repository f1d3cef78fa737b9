/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The polled console: hands each character to the devices that the command
 * line chose.  Implements <machine/console.h>.
 */

#include <string.h>

#include <machine/console.h>

#include <kernel/panic.h>

#include <i386/serial.h>
#include <i386/vga.h>

#define CONSOLE_COM0		0x1
#define CONSOLE_COM1		0x2
#define CONSOLE_VGA		0x4

#define CONSOLE_INTERRUPT	3	/* ^C */

/* CONSOLE_* bits: of console_setup(), and what the debugger was asked for on */
static unsigned console_devices;

static unsigned console_heard;		/* CONSOLE_* of the last character */
static unsigned console_line;		/* CONSOLE_COM* that was taken, or 0 */
static void (*console_line_fn)(char c);

/* Besides, while the debugger talks. */
static unsigned console_debugger;

/* The last `console=` word of CMDLINE, as a set of devices; 0 for none. */
static unsigned
console_chosen(const char *cmdline)
{
	static const char option[] = "console=";
	unsigned chosen = 0;

	for (const char *p = cmdline; *p != '\0'; p++) {
		if ((p != cmdline && p[-1] != ' ') ||
		    strncmp(p, option, sizeof(option) - 1) != 0) {
			continue;
		}
		p += sizeof(option) - 1;
		if (strncmp(p, "com0", 4) == 0) {
			chosen = CONSOLE_COM0;
		} else if (strncmp(p, "com1", 4) == 0) {
			chosen = CONSOLE_COM1;
		} else if (strncmp(p, "vga", 3) == 0) {
			chosen = CONSOLE_VGA;
		}
		if (*p == '\0') {
			break;
		}
	}
	return chosen;
}

void
console_setup(const char *cmdline)
{
	unsigned chosen = console_chosen(cmdline);

	if (chosen == 0) {
		chosen = CONSOLE_COM0 | CONSOLE_VGA;
	}
	if ((chosen & CONSOLE_COM0) && !serial_setup(0)) {
		chosen &= ~CONSOLE_COM0;
	}
	if ((chosen & CONSOLE_COM1) && !serial_setup(1)) {
		chosen &= ~CONSOLE_COM1;
	}
	/* Better a screen that was not asked for than no message at all. */
	if (chosen == 0) {
		chosen = CONSOLE_VGA;
	}
	if ((chosen & CONSOLE_VGA) && !vga_setup()) {
		chosen &= ~CONSOLE_VGA;
	}
	console_devices = chosen;
}

static unsigned
console_unit(unsigned unit)
{
	return unit == 0 ? CONSOLE_COM0 : CONSOLE_COM1;
}

void
console_add_serial(unsigned unit)
{
	console_devices |= console_unit(unit);
}

void
console_add_screen(void)
{
	if ((console_devices & CONSOLE_VGA) == 0 && vga_setup()) {
		console_debugger |= CONSOLE_VGA;
	}
	vga_release_keys();
}

void
console_take(void)
{
	if (console_debugger & CONSOLE_VGA) {
		vga_save();
	}
}

void
console_give_back(void)
{
	if (console_debugger & CONSOLE_VGA) {
		vga_restore();
	}
}

static unsigned
console_now(void)
{
	unsigned devices = console_devices;

	if (panic_active()) {
		devices |= console_debugger;
	}
	return devices & ~console_line;
}

static void
console_serial_putc(unsigned unit, char c)
{
	if (c == '\n') {
		serial_putc(unit, '\r');
	}
	serial_putc(unit, c);
}

void
console_putc(char c)
{
	unsigned devices = console_now();

	if (devices & CONSOLE_COM0) {
		console_serial_putc(0, c);
	}
	if (devices & CONSOLE_COM1) {
		console_serial_putc(1, c);
	}
	if (devices & CONSOLE_VGA) {
		vga_putc(c);
	}
	if (console_line != 0) {
		console_line_fn(c);
	}
}

/* A break that comes while the debugger talks already is a ^C. */
static int
console_serial_getc(unsigned unit)
{
	return serial_take_break(unit) ? CONSOLE_INTERRUPT :
	    serial_getc_poll(unit);
}

/* A character that DEVICE has, or -1. */
static int
console_getc_from(unsigned device)
{
	switch (device) {
	case CONSOLE_COM0:
		return console_serial_getc(0);
	case CONSOLE_COM1:
		return console_serial_getc(1);
	default:
		return vga_getc_poll();
	}
}

/*
 * Has a break come on a line on which the debugger does not talk, and which gdb does
 * not have?  From then on it talks there, too.
 */
static bool
console_is_wanted(void)
{
	unsigned known = console_devices | console_line;

	for (unsigned unit = 0; unit < SERIAL_UNITS; unit++) {
		if ((known & console_unit(unit)) == 0 &&
		    serial_take_break(unit)) {
			console_add_serial(unit);
			return true;
		}
	}
	return false;
}

int
console_getc_poll(void)
{
	unsigned devices = console_now();
	int c;

	for (unsigned device = CONSOLE_COM0; device <= CONSOLE_VGA;
	    device <<= 1) {
		if ((devices & device) == 0) {
			continue;
		}
		c = console_getc_from(device);
		if (c >= 0) {
			console_heard = device;
			return c;
		}
	}
	return panic_active() && console_is_wanted() ? CONSOLE_INTERRUPT : -1;
}

/* ---- the debugger's line ------------------------------------------------ */

bool
console_line_heard(void)
{
	return (console_heard & (CONSOLE_COM0 | CONSOLE_COM1)) != 0;
}

void
console_line_take(void (*fn)(char c))
{
	console_line_fn = fn;
	console_line = console_heard;
}

void
console_line_release(void)
{
	console_line = 0;
}

void
console_line_putc(char c)
{
	serial_putc(console_line == CONSOLE_COM1 ? 1 : 0, c);
}

int
console_line_getc_poll(void)
{
	return console_getc_from(console_line);
}

bool
console_line_is(unsigned unit)
{
	return console_line == console_unit(unit);
}
