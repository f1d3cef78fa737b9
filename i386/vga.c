/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Text screen, polled.  Writes characters straight to the frame buffer at
 * 0xb8000 and scrolls by copying; the keyboard part knows the letters,
 * digits and signs of a US keyboard, enough to type to the debugger.
 */

#include "vga.h"

#include <i386/io.h>

#define VGA_BUFFER		(KERNEL_DIRECT_BASE + 0xb8000)
#define VGA_COLUMNS		80
#define VGA_ROWS		25
#define VGA_ATTRIBUTE		0x0700

#define VGA_CRTC_INDEX		0x3d4
#define VGA_CRTC_DATA		0x3d5
#define VGA_CRTC_CURSOR_HIGH	0x0e
#define VGA_CRTC_CURSOR_LOW	0x0f

#define KEYBOARD_DATA		0x60
#define KEYBOARD_STATUS		0x64
#define KEYBOARD_STATUS_FULL	0x01
#define KEYBOARD_STATUS_AUX	0x20

#define KEY_RELEASED		0x80
#define KEY_LEFT_SHIFT		0x2a
#define KEY_RIGHT_SHIFT		0x36
#define KEY_CONTROL		0x1d

/* Serialised as console_putc(). */
static unsigned vga_position;
static bool vga_shift;
static bool vga_control;

/* Somebody else's screen and its cursor. */
static uint16_t vga_saved[VGA_COLUMNS * VGA_ROWS];
static unsigned vga_saved_position;
static uint8_t vga_saved_index;

static const char vga_keys[] =
    "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char vga_keys_shifted[] =
    "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static volatile uint16_t *
vga_cell(unsigned position)
{
	return (volatile uint16_t *)VGA_BUFFER + position;
}

static uint8_t
vga_crtc_read(uint8_t index)
{
	io_outb(VGA_CRTC_INDEX, index);
	return io_inb(VGA_CRTC_DATA);
}

static void
vga_crtc_write(uint8_t index, uint8_t value)
{
	io_outb(VGA_CRTC_INDEX, index);
	io_outb(VGA_CRTC_DATA, value);
}

static void
vga_find_cursor(void)
{
	vga_position = (unsigned)vga_crtc_read(VGA_CRTC_CURSOR_HIGH) << 8 |
	    vga_crtc_read(VGA_CRTC_CURSOR_LOW);
	if (vga_position >= VGA_COLUMNS * VGA_ROWS) {
		vga_position = 0;
	}
}

static void
vga_show_cursor(void)
{
	vga_crtc_write(VGA_CRTC_CURSOR_HIGH, (uint8_t)(vga_position >> 8));
	vga_crtc_write(VGA_CRTC_CURSOR_LOW, (uint8_t)vga_position);
}

bool
vga_setup(void)
{
	uint16_t saved = *vga_cell(0);

	*vga_cell(0) = 0x5aa5;
	if (*vga_cell(0) != 0x5aa5) {
		return false;
	}
	*vga_cell(0) = saved;
	vga_find_cursor();
	return true;
}

void
vga_save(void)
{
	for (unsigned i = 0; i < VGA_COLUMNS * VGA_ROWS; i++) {
		vga_saved[i] = *vga_cell(i);
	}
	/* It may be about to use that. */
	vga_saved_index = io_inb(VGA_CRTC_INDEX);
	vga_find_cursor();
	vga_saved_position = vga_position;
}

void
vga_restore(void)
{
	for (unsigned i = 0; i < VGA_COLUMNS * VGA_ROWS; i++) {
		*vga_cell(i) = vga_saved[i];
	}
	vga_position = vga_saved_position;
	vga_show_cursor();
	io_outb(VGA_CRTC_INDEX, vga_saved_index);
}

static void
vga_scroll(void)
{
	for (unsigned i = 0; i < VGA_COLUMNS * (VGA_ROWS - 1); i++) {
		*vga_cell(i) = *vga_cell(i + VGA_COLUMNS);
	}
	for (unsigned i = 0; i < VGA_COLUMNS; i++) {
		*vga_cell(VGA_COLUMNS * (VGA_ROWS - 1) + i) =
		    VGA_ATTRIBUTE | ' ';
	}
	vga_position -= VGA_COLUMNS;
}

void
vga_putc(char c)
{
	switch (c) {
	case '\n':
		vga_position += VGA_COLUMNS - vga_position % VGA_COLUMNS;
		break;
	case '\r':
		vga_position -= vga_position % VGA_COLUMNS;
		break;
	case '\b':
		if (vga_position % VGA_COLUMNS != 0) {
			vga_position--;
		}
		break;
	case '\t':
		vga_position = (vga_position + 8) & ~7u;
		break;
	default:
		*vga_cell(vga_position) = VGA_ATTRIBUTE | (uint8_t)c;
		vga_position++;
		break;
	}
	if (vga_position >= VGA_COLUMNS * VGA_ROWS) {
		vga_scroll();
	}
	vga_show_cursor();
}

void
vga_release_keys(void)
{
	vga_shift = false;
	vga_control = false;
}

int
vga_getc_poll(void)
{
	uint8_t status = io_inb(KEYBOARD_STATUS);
	uint8_t code;
	bool down;
	char c;

	/* All ones: no controller. */
	if (status == 0xff || (status & KEYBOARD_STATUS_FULL) == 0) {
		return -1;
	}
	code = io_inb(KEYBOARD_DATA);
	if ((status & KEYBOARD_STATUS_AUX) != 0) {
		/* A mouse's, which is in the way. */
		return -1;
	}
	down = (code & KEY_RELEASED) == 0;
	code &= (uint8_t)~KEY_RELEASED;
	if (code == KEY_LEFT_SHIFT || code == KEY_RIGHT_SHIFT) {
		vga_shift = down;
		return -1;
	}
	if (code == KEY_CONTROL) {
		vga_control = down;
		return -1;
	}
	if (!down || code >= sizeof(vga_keys) - 1) {
		return -1;
	}
	c = vga_shift ? vga_keys_shifted[code] : vga_keys[code];
	if (c == '\0') {
		return -1;
	}
	return vga_control ? c & 0x1f : c;
}
