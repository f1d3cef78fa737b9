/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_out.h>

#include <stdio.h>

#include <machine/console.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_in.h>

#define KDB_OUT_TEXT	1001u
#define KDB_OUT_WIDTH	80u
#define KDB_OUT_LINES	24u
#define KDB_OUT_TAB	8u

static unsigned kdb_out_column_now;
static unsigned kdb_out_width_now = KDB_OUT_WIDTH;
static unsigned kdb_out_lines_now = KDB_OUT_LINES;
static unsigned kdb_out_rows;		/* printed since it last waited */
static bool kdb_out_pausing;
static bool kdb_out_muted;

void
kdb_out_raw(const char *text)
{
	for (; *text != '\0'; text++) {
		console_putc(*text);
	}
}

/* ---- a screenful at a time ---------------------------------------------- */

/* Wait for a key that says how many more rows are wanted. */
static void
kdb_out_more(void)
{
	int c;

	kdb_out_raw("--more--");
	do {
		c = kdb_in_get();
	} while (c != ' ' && c != '\r' && c != '\n' && c != 'q' &&
	    c != KDB_IN_INTERRUPT);
	kdb_out_raw("\r        \r");
	kdb_out_rows = c == ' ' ? 0 : kdb_out_rows - 1;
	if (c == 'q' || c == KDB_IN_INTERRUPT) {
		kdb_out_pausing = false;
		kdb_error_quit();
	}
}

/* Before something is printed at the left margin. */
static void
kdb_out_begin_row(void)
{
	if (!kdb_out_pausing || kdb_out_lines_now == 0 ||
	    kdb_out_rows + 1 < kdb_out_lines_now) {
		return;
	}
	/* Who types ahead has seen enough, or is a program. */
	if (kdb_in_waiting()) {
		kdb_out_rows = 0;
	} else {
		kdb_out_more();
	}
}

void
kdb_out_pause(bool on)
{
	kdb_out_pausing = on;
	kdb_out_rows = 0;
}

/* ---- characters --------------------------------------------------------- */

static void
kdb_out_advance(char c)
{
	switch (c) {
	case '\n':
		kdb_out_column_now = 0;
		kdb_out_rows++;
		return;
	case '\r':
		kdb_out_column_now = 0;
		return;
	case '\b':
		kdb_out_column_now -= kdb_out_column_now > 0 ? 1 : 0;
		return;
	case '\t':
		kdb_out_column_now +=
		    KDB_OUT_TAB - kdb_out_column_now % KDB_OUT_TAB;
		return;
	default:
		/* The terminal goes to its next row by itself. */
		if (kdb_out_column_now > 0 && kdb_out_width_now > 0 &&
		    kdb_out_column_now % kdb_out_width_now == 0) {
			kdb_out_rows++;
		}
		kdb_out_column_now++;
		return;
	}
}

void
kdb_out_mute(bool on)
{
	kdb_out_muted = on;
}

static void
kdb_out_char(char c)
{
	if (kdb_out_muted) {
		kdb_out_advance(c);
		return;
	}
	if (kdb_out_column_now == 0) {
		kdb_out_begin_row();
	}
	console_putc(c);
	kdb_out_advance(c);
	if (c == '\n' && kdb_out_pausing) {
		kdb_in_poll();
	}
}

void
kdb_vprintf(const char *format, va_list args)
{
	static char text[KDB_OUT_TEXT];

	(void)vsnprintf(text, sizeof(text), format, args);
	for (const char *at = text; *at != '\0'; at++) {
		kdb_out_char(*at);
	}
}

void
kdb_printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	kdb_vprintf(format, args);
	va_end(args);
}

/* ---- columns ------------------------------------------------------------ */

unsigned
kdb_out_column(void)
{
	return kdb_out_column_now;
}

void
kdb_out_tab(unsigned column)
{
	while (kdb_out_column_now < column) {
		kdb_out_char(' ');
	}
}

void
kdb_out_fresh_line(void)
{
	if (kdb_out_column_now > 0) {
		kdb_out_char('\n');
	}
}

void
kdb_out_wrap(void)
{
	if (kdb_out_width_now > 0 && kdb_out_column_now >= kdb_out_width_now) {
		kdb_out_char('\n');
	}
}

void
kdb_out_width_set(unsigned width)
{
	kdb_out_width_now = width;
}

unsigned
kdb_out_width(void)
{
	return kdb_out_width_now;
}

void
kdb_out_lines_set(unsigned lines)
{
	kdb_out_lines_now = lines;
}

unsigned
kdb_out_lines(void)
{
	return kdb_out_lines_now;
}
