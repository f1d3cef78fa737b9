/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The VGA text screen: 80 by 25 cells of a character and an attribute.  The
 * font is the adapter's own, code page 437.
 */
#include <servers/term/term.h>

#include <servers/lib/io.h>

#define SCREEN_BAR_PORTS	0
#define SCREEN_BAR_MEMORY	1
#define SCREEN_INDEX		0x3d4
#define SCREEN_VALUE		0x3d5
#define SCREEN_CURSOR_START	0x0a
#define SCREEN_CURSOR_HIGH	0x0e
#define SCREEN_CURSOR_LOW	0x0f
#define SCREEN_CURSOR_OFF	0x20
#define SCREEN_CURSOR_SHAPE	0x0d
#define SCREEN_NORMAL		0x07

static volatile uint16_t *screen_cells;

/* Beyond ASCII: what full-screen programs draw with. */
static const struct {
	uint16_t	unicode;
	uint8_t		code;
} screen_font[] = {
	{ 0x00a3, 0x9c }, { 0x00a7, 0x15 }, { 0x00ab, 0xae },
	{ 0x00b0, 0xf8 }, { 0x00b1, 0xf1 }, { 0x00b2, 0xfd },
	{ 0x00b5, 0xe6 }, { 0x00b7, 0xfa }, { 0x00bb, 0xaf },
	{ 0x00c4, 0x8e }, { 0x00d6, 0x99 }, { 0x00dc, 0x9a },
	{ 0x00df, 0xe1 }, { 0x00e0, 0x85 }, { 0x00e4, 0x84 },
	{ 0x00e7, 0x87 }, { 0x00e8, 0x8a }, { 0x00e9, 0x82 },
	{ 0x00f6, 0x94 }, { 0x00fc, 0x81 }, { 0x2500, 0xc4 },
	{ 0x2502, 0xb3 }, { 0x250c, 0xda }, { 0x2510, 0xbf },
	{ 0x2514, 0xc0 }, { 0x2518, 0xd9 }, { 0x251c, 0xc3 },
	{ 0x2524, 0xb4 }, { 0x252c, 0xc2 }, { 0x2534, 0xc1 },
	{ 0x253c, 0xc5 }, { 0x2588, 0xdb }, { 0x2591, 0xb0 },
	{ 0x2592, 0xb1 }, { 0x2593, 0xb2 }, { 0x25cf, 0x07 },
};

static void
screen_register(uint8_t index, uint8_t value)
{
	io_out8(SCREEN_INDEX, index);
	io_out8(SCREEN_VALUE, value);
}

static uint8_t
screen_code(uint32_t unicode)
{
	if (unicode == 0) {
		return ' ';
	}
	if (unicode < 0x7f) {
		return (uint8_t)unicode;
	}
	for (unsigned i = 0; i < sizeof(screen_font) /
	    sizeof(screen_font[0]); i++) {
		if (screen_font[i].unicode == unicode) {
			return screen_font[i].code;
		}
	}
	return '?';
}

bool
screen_setup(void)
{
	mach_port_t function;
	volatile void *memory;
	bus_info_t info;

	if (bus_find_legacy("vga", &function, &info) != KERN_SUCCESS ||
	    bus_use_ports(function, SCREEN_BAR_PORTS) != KERN_SUCCESS ||
	    bus_use_memory(function, SCREEN_BAR_MEMORY, &memory, NULL) !=
	    KERN_SUCCESS) {
		return false;
	}
	screen_cells = memory;
	/* Where nothing is, a store does not stay. */
	screen_cells[0] = 0x0741;
	if (screen_cells[0] != 0x0741) {
		return false;
	}
	for (int row = 0; row < SCREEN_ROWS; row++) {
		for (int column = 0; column < SCREEN_COLUMNS; column++) {
			screen_put(row, column, ' ', SCREEN_NORMAL);
		}
	}
	screen_cursor(0, 0, true);
	return true;
}

void
screen_put(int row, int column, uint32_t unicode, uint8_t attribute)
{
	screen_cells[row * SCREEN_COLUMNS + column] =
	    (uint16_t)(attribute << 8 | screen_code(unicode));
}

void
screen_cursor(int row, int column, bool visible)
{
	unsigned cell = (unsigned)(row * SCREEN_COLUMNS + column);

	screen_register(SCREEN_CURSOR_START, visible ? SCREEN_CURSOR_SHAPE
	    : SCREEN_CURSOR_OFF);
	screen_register(SCREEN_CURSOR_HIGH, (uint8_t)(cell >> 8));
	screen_register(SCREEN_CURSOR_LOW, (uint8_t)cell);
}
