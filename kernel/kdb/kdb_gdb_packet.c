/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Outside of packets gdb sends acknowledgements and its interrupt, and never a
 * return: three of them are somebody's at a terminal.
 */

#include <kernel/kdb/kdb_gdb_packet.h>

#include <machine/console.h>
#include <machine/cpu.h>

#include <kernel/kdb/kdb_gdb_text.h>
#include <kernel/kdb/kdb_in.h>

#define KDB_GDB_RETURNS	3u

static uint8_t kdb_gdb_data[KDB_GDB_PACKET_SIZE + 1];
static unsigned kdb_gdb_returns;	/* typed one after the other */
static bool kdb_gdb_begun;		/* the $ of a packet has been seen */
static bool kdb_gdb_interrupt;		/* gdb's has, between packets */

static int
kdb_gdb_getc(void)
{
	int c;

	while ((c = console_line_getc_poll()) < 0) {
		cpu_pause();
	}
	return c;
}

/* The next character outside of packets; false: it is for a human. */
static bool
kdb_gdb_between(int *cp)
{
	*cp = kdb_gdb_getc();
	kdb_gdb_interrupt |= *cp == KDB_IN_INTERRUPT;
	if (*cp == '\r' || *cp == '\n') {
		kdb_gdb_returns++;
	} else {
		kdb_gdb_returns = 0;
	}
	return kdb_gdb_returns < KDB_GDB_RETURNS;
}

static bool
kdb_gdb_wait_begin(void)
{
	int c = 0;

	while (!kdb_gdb_begun) {
		if (!kdb_gdb_between(&c)) {
			return false;
		}
		kdb_gdb_begun = c == '$';
	}
	kdb_gdb_begun = false;
	return true;
}

/* Is SUM what the two digits say that come next? */
static bool
kdb_gdb_checks(uint8_t sum)
{
	int high = kdb_gdb_digit((char)kdb_gdb_getc());
	int low = kdb_gdb_digit((char)kdb_gdb_getc());

	return high >= 0 && low >= 0 && (high << 4 | low) == sum;
}

/* The rest of a packet; false: it is bad. */
static bool
kdb_gdb_read(size_t *sizep)
{
	size_t n = 0;
	uint8_t sum = 0;
	int c;

	while ((c = kdb_gdb_getc()) != '#') {
		if (c == '$') {
			/* The end of the one before was lost. */
			n = 0;
			sum = 0;
			continue;
		}
		sum += (uint8_t)c;
		if (n < KDB_GDB_PACKET_SIZE) {
			kdb_gdb_data[n] = (uint8_t)c;
		}
		n++;
	}
	if (!kdb_gdb_checks(sum) || n > KDB_GDB_PACKET_SIZE) {
		return false;
	}
	kdb_gdb_data[n] = '\0';
	*sizep = n;
	return true;
}

bool
kdb_gdb_packet_waits(void)
{
	/* What else comes is acknowledgements; not for ever. */
	for (unsigned left = KDB_GDB_PACKET_SIZE; left > 0 && !kdb_gdb_begun;
	    left--) {
		int c = console_line_getc_poll();

		if (c < 0 || c == KDB_IN_INTERRUPT) {
			return c == KDB_IN_INTERRUPT;
		}
		kdb_gdb_begun = c == '$';
	}
	return kdb_gdb_begun;
}

bool
kdb_gdb_packet_take_interrupt(void)
{
	bool seen = kdb_gdb_interrupt;

	kdb_gdb_interrupt = false;
	return seen;
}

const uint8_t *
kdb_gdb_packet_get(size_t *sizep)
{
	while (kdb_gdb_returns < KDB_GDB_RETURNS && kdb_gdb_wait_begin()) {
		if (kdb_gdb_read(sizep)) {
			console_line_putc('+');
			return kdb_gdb_data;
		}
		console_line_putc('-');
	}
	kdb_gdb_returns = 0;
	return NULL;
}

void
kdb_gdb_packet_say(const char *data, size_t n)
{
	uint8_t sum = 0;

	console_line_putc('$');
	for (size_t i = 0; i < n; i++) {
		console_line_putc(data[i]);
		sum += (uint8_t)data[i];
	}
	console_line_putc('#');
	console_line_putc(kdb_gdb_digits[sum >> 4]);
	console_line_putc(kdb_gdb_digits[sum & 0xf]);
}

void
kdb_gdb_packet_put(const char *data, size_t n)
{
	int c = '-';

	/* If the acknowledgement was lost, the next packet is one. */
	while (c != '+' && !kdb_gdb_begun) {
		if (c == '-') {
			kdb_gdb_packet_say(data, n);
		}
		if (!kdb_gdb_between(&c)) {
			return;
		}
		kdb_gdb_begun = c == '$';
	}
}
