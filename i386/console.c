/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The polled console: hands each character to the devices that the command
 * line chose.  Implements <machine/console.h>.
 */

#include <string.h>

#include <machine/console.h>

#include <i386/serial.h>
#include <i386/vga.h>

#define CONSOLE_COM0		0x1
#define CONSOLE_COM1		0x2
#define CONSOLE_VGA		0x4

/* CONSOLE_* bits: of console_setup(), and what the debugger was asked for on */
static unsigned console_devices;

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

void
console_add_serial(unsigned unit)
{
	console_devices |= unit == 0 ? CONSOLE_COM0 : CONSOLE_COM1;
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
	if (console_devices & CONSOLE_COM0) {
		console_serial_putc(0, c);
	}
	if (console_devices & CONSOLE_COM1) {
		console_serial_putc(1, c);
	}
	if (console_devices & CONSOLE_VGA) {
		vga_putc(c);
	}
}

int
console_getc_poll(void)
{
	int c = -1;

	if (console_devices & CONSOLE_COM0) {
		c = serial_getc_poll(0);
	}
	if (c < 0 && (console_devices & CONSOLE_COM1)) {
		c = serial_getc_poll(1);
	}
	if (c < 0 && (console_devices & CONSOLE_VGA)) {
		c = vga_getc_poll();
	}
	return c;
}
