/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef DEVICE_SERIAL_H
#define DEVICE_SERIAL_H

/*
 * A serial line of the PC forgets that there was a break as soon as somebody reads
 * the line status.  Breaks are for the kernel's debugger; so a driver that has seen
 * one writes this into the line's scratch register, where the kernel looks.
 */
#define SERIAL_SCRATCH_BREAK	0xb4

#endif
