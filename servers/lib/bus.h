/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * For drivers: using what they claimed from the device server (bus.defs).
 */
#ifndef SERVERS_LIB_BUS_H
#define SERVERS_LIB_BUS_H

#include <servers/bus_types.h>
#include <servers/lib/mach.h>

/*
 * bus_claim and bus_claim_legacy of the device server's bus port.  The name in
 * *FUNCTION stays good when the device server dies and is started again.
 */
kern_return_t bus_find(uint32_t class, uint32_t mask, uint32_t index,
    mach_port_t *function, bus_info_t *info);
kern_return_t bus_find_legacy(const char *name, mach_port_t *function,
    bus_info_t *info);

/*
 * Let NAME of device_open stand for DRIVER, a send right that stays the caller's,
 * also with the next device server if this one dies.
 */
kern_return_t bus_serve_name(mach_port_t function, const char *name,
    mach_port_t driver);

/* Let this task use the I/O ports FROM to TO; MASTER: the device master port. */
kern_return_t bus_enable_ports(mach_port_t master, uint16_t from, uint16_t to);

/* Let this task use the I/O ports of region BAR of FUNCTION. */
kern_return_t bus_use_ports(mach_port_t function, uint32_t bar);

/* Map the memory of region BAR; *SIZE may be NULL. */
kern_return_t bus_use_memory(mach_port_t function, uint32_t bar,
    volatile void **addressp, uint32_t *size);

/* Interrupts of one function, received by one thread at a time. */
struct bus_irq {
	mach_port_t	function;
	mach_port_t	port;		/* receive right, and a send right */
};

kern_return_t bus_irq_open(mach_port_t function, struct bus_irq *irq);

/*
 * Wait for an interrupt, at most TIMEOUT milliseconds (0: for ever).  After
 * one, the line stays off until bus_irq_done.  False: none came.
 */
bool bus_irq_wait(struct bus_irq *irq, unsigned timeout);
void bus_irq_done(struct bus_irq *irq);

#endif /* SERVERS_LIB_BUS_H */
