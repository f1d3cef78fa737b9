/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Structures of mig/bus.defs: what the device server tells a driver about the
 * hardware it has claimed.
 */

#ifndef SERVERS_BUS_TYPES_H
#define SERVERS_BUS_TYPES_H

#include <stdint.h>

#define BUS_BARS	6
#define BUS_NO_IRQ	0xffffffffu
#define BUS_NO_LOCATION	0xffffffffu

/* Most bytes of DMA memory that one function gets. */
#define BUS_DMA_MAX	(4u << 20)

/* Flags of a region. */
#define BUS_BAR_IO	0x1u	/* I/O ports; otherwise memory */

typedef struct bus_info {
	uint32_t	location;	/* bus << 8 | device << 3 | function */
	uint32_t	vendor;
	uint32_t	device;
	uint32_t	class_code;	/* class, subclass, interface */
	uint32_t	irq;		/* interrupt line or BUS_NO_IRQ */
	uint32_t	reserved;
	uint32_t	base[BUS_BARS];
	uint32_t	size[BUS_BARS];	/* 0: there is no such region */
	uint32_t	flags[BUS_BARS];
} bus_info_t;

typedef char bus_name_t[32];
typedef const char *const_bus_name_t;

_Static_assert(sizeof(bus_info_t) == 24 * 4, "as in bus.defs");

#endif /* SERVERS_BUS_TYPES_H */
