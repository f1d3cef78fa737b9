/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_CONSOLE_H
#define MACHINE_CONSOLE_H

/*
 * The polled console: works from the first C instruction to the last line of
 * a panic, without interrupts.  The serial lines and the VGA text screen; a
 * missing serial port is noticed and skipped.
 */

#include <machine/types.h>

/*
 * Choose the devices by the command line's `console=` word: com0, com1 or
 * vga; com0 and vga together when the word is absent.
 */
void
console_setup(const char *cmdline);

/*
 * Put one character on the console; '\n' starts a new line.
 *
 * Locks: the caller serialises (the console lock of printf).
 */
void
console_putc(char c);

/*
 * The console is on serial line UNIT, too, from now on.
 */
void
console_add_serial(unsigned unit);

/*
 * In a panic and in the debugger the console is on screen and keyboard, too, if
 * there are any, from now on.
 */
void
console_add_screen(void);

/*
 * The debugger begins, all else stands still; and all is about to go on.  A screen
 * that is not the kernel's is given back as it was.
 */
void
console_take(void);
void
console_give_back(void);

/* Did the last typed character come from a serial line? */
bool
console_line_heard(void);

/*
 * Give that line to the debugger alone: what would be put on it goes to FN, and
 * what comes on it is no typed character any more.
 */
void
console_line_take(void (*fn)(char c));

void
console_line_release(void);

/* A character to that line, and one from it, or -1. */
void
console_line_putc(char c);

int
console_line_getc_poll(void);

/* Is it serial line UNIT? */
bool
console_line_is(unsigned unit);

/*
 * A typed character, or -1 when none waits; a break on a serial line is ^C, and while
 * the debugger talks one on any line, on which it talks from then on.
 * Serialised as console_putc().
 */
int
console_getc_poll(void);

#endif
