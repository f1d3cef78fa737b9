/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_CHORD_H
#define I386_CHORD_H

/*
 * Ctrl-Alt-Esc on a keyboard whose codes nobody takes: there is no driver, or it
 * hangs.  A driver that lives sees to that itself (bus_debugger() of mig/bus.defs),
 * since a code that the kernel takes is lost to it.
 */

#include <stdbool.h>

/*
 * Has it been pressed?  DRIVEN: somebody has attached to the keyboard's line.  Called
 * at each tick by one processor, interrupts off.
 */
bool chord_pressed(bool driven);

#define CHORD_IRQ	1u

#endif /* I386_CHORD_H */
