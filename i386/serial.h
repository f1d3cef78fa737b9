/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_SERIAL_H
#define I386_SERIAL_H

/*
 * The two serial lines of the PC (16550), polled.
 */

#include <machine/types.h>

#define SERIAL_UNITS	2u

/* Set line UNIT (0, 1) to 115200 8N1.  Returns false when there is none. */
bool
serial_setup(unsigned unit);

/* Send C; gives up on a line that does not drain. */
void
serial_putc(unsigned unit, char c);

/* A received character, or -1.  A break comes as a zero byte, too. */
int
serial_getc_poll(unsigned unit);

/* The interrupt line of UNIT. */
unsigned
serial_irq(unsigned unit);

/*
 * Has somebody sent a break on UNIT since this was asked?  It does not matter who
 * has looked at the line meanwhile, nor whether there is one.
 */
bool
serial_take_break(unsigned unit);

#endif
