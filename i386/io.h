/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_IO_H
#define I386_IO_H

/*
 * I/O port access.
 */

#include <machine/types.h>

static inline uint8_t
io_inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a" (v) : "Nd" (port));
	return v;
}

static inline uint16_t
io_inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a" (v) : "Nd" (port));
	return v;
}

static inline uint32_t
io_inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a" (v) : "Nd" (port));
	return v;
}

static inline void
io_outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a" (v), "Nd" (port));
}

static inline void
io_outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a" (v), "Nd" (port));
}

static inline void
io_outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a" (v), "Nd" (port));
}

/* About a microsecond, for devices of the ISA age. */
static inline void
io_wait(void)
{
	io_outb(0x80, 0);
}

#endif
