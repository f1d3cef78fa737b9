/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * I/O ports from user mode.  They fault unless the task was given them.
 */
#ifndef SERVERS_LIB_IO_H
#define SERVERS_LIB_IO_H

#include <stdint.h>

static inline uint8_t
io_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static inline uint16_t
io_in16(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static inline uint32_t
io_in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static inline void
io_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a" (value), "Nd" (port));
}

static inline void
io_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a" (value), "Nd" (port));
}

static inline void
io_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a" (value), "Nd" (port));
}

/* COUNT 16-bit words from PORT to BUFFER. */
static inline void
io_in16_many(uint16_t port, void *buffer, uint32_t count)
{
	__asm__ volatile("rep insw"
	    : "+D" (buffer), "+c" (count) : "d" (port) : "memory");
}

#endif /* SERVERS_LIB_IO_H */
