/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * I/O ports for the tests of what drives a device: these play it.
 */

#ifndef PRETEND_IO_H
#define PRETEND_IO_H

#include <stdint.h>

uint8_t io_inb(uint16_t port);
void io_outb(uint16_t port, uint8_t value);

#endif
