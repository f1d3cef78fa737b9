/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_VGA_H
#define I386_VGA_H

/*
 * The 80x25 text screen and the keyboard beside it, polled.
 */

#include <machine/types.h>

/* Look for a colour text screen and go on below what the loader wrote.
 * Returns false when there is none. */
bool
vga_setup(void);

void
vga_putc(char c);

/* Somebody else has read the keyboard: no shift is known to be down. */
void
vga_release_keys(void);

/* Keep what is on the screen, to go on below its cursor; and show it again. */
void
vga_save(void);
void
vga_restore(void);

/* A key pressed on the PS/2 keyboard as a character, or -1. */
int
vga_getc_poll(void);

#endif
