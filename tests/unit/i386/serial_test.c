/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * No break on a serial line is lost, whoever looks at the line first.
 */

#include <string.h>

#include <device/serial.h>

#include <i386/io.h>
#include <i386/serial.h>

#include <tests/lib/test.h>

#define STATUS_DATA	0x01
#define STATUS_BREAK	0x10
#define STATUS_EMPTY	0x20

/* The lines, as a 16550 has them. */
static struct line {
	uint16_t	base;
	bool		absent;
	bool		broken;		/* forgotten when the status is read */
	uint8_t		bytes[16];	/* received, in order */
	unsigned	count;
	uint8_t		scratch;
	uint8_t		sent;
} lines[] = { { .base = 0x3f8 }, { .base = 0x2f8 } };

static struct line *
line_at(uint16_t port)
{
	struct line *line = &lines[(port & ~7u) == lines[0].base ? 0 : 1];

	CHECK_EQ(port & ~7u, line->base);
	return line;
}

static uint8_t
line_status(struct line *line)
{
	uint8_t status = STATUS_EMPTY;

	status |= line->count > 0 ? STATUS_DATA : 0;
	status |= line->broken ? STATUS_BREAK : 0;
	line->broken = false;
	return status;
}

static uint8_t
line_data(struct line *line)
{
	uint8_t byte = line->bytes[0];

	CHECK(line->count > 0);
	line->count--;
	memmove(line->bytes, line->bytes + 1, line->count);
	return byte;
}

uint8_t
io_inb(uint16_t port)
{
	struct line *line = line_at(port);

	if (line->absent) {
		return 0xff;
	}
	switch (port & 7) {
	case 0:
		return line_data(line);
	case 5:
		return line_status(line);
	case 7:
		return line->scratch;
	default:
		return 0;
	}
}

void
io_outb(uint16_t port, uint8_t value)
{
	struct line *line = line_at(port);

	if ((port & 7) == 0) {
		line->sent = value;
	} else if ((port & 7) == 7) {
		line->scratch = value;
	}
}

static void
line_type(struct line *line, uint8_t byte)
{
	line->bytes[line->count++] = byte;
}

static void
line_break(struct line *line)
{
	line->broken = true;
	line_type(line, 0);
}

/* Once, and never again. */
static void
check_taken(unsigned unit)
{
	CHECK(!serial_take_break(1 - unit));
	CHECK(serial_take_break(unit));
	CHECK(!serial_take_break(unit));
	/* The byte is there, for whoever reads next. */
	CHECK_EQ(serial_getc_poll(unit), 0);
	CHECK_EQ(serial_getc_poll(unit), -1);
}

TEST(nobody_has_looked)
{
	CHECK(!serial_take_break(0));
	for (unsigned unit = 0; unit < SERIAL_UNITS; unit++) {
		line_break(&lines[unit]);
		check_taken(unit);
	}
}

TEST(somebody_has_printed)
{
	for (unsigned unit = 0; unit < SERIAL_UNITS; unit++) {
		line_break(&lines[unit]);
		serial_putc(unit, 'x');
		serial_putc(unit, 'y');
		CHECK_EQ(lines[unit].sent, 'y');
		check_taken(unit);
	}
}

TEST(somebody_has_read)
{
	line_type(&lines[0], 'a');
	line_break(&lines[0]);
	CHECK_EQ(serial_getc_poll(0), 'a');
	check_taken(0);
}

TEST(nothing_typed_is_lost)
{
	line_type(&lines[1], 'a');
	line_break(&lines[1]);
	CHECK(serial_take_break(1));
	CHECK_EQ(serial_getc_poll(1), 'a');
	CHECK_EQ(serial_getc_poll(1), 0);
	CHECK_EQ(serial_getc_poll(1), -1);
}

TEST(the_driver_has_seen_it)
{
	line_break(&lines[1]);
	CHECK(line_status(&lines[1]) & STATUS_BREAK);
	lines[1].scratch = SERIAL_SCRATCH_BREAK;
	check_taken(1);
}

TEST(no_line_no_break)
{
	lines[1].absent = true;
	CHECK(!serial_take_break(1));
	serial_putc(1, 'x');
	CHECK(!serial_take_break(1));
	lines[1].absent = false;
	CHECK(!serial_take_break(1));
}
