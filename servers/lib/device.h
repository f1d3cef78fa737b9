/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * For drivers: kernel devices, I/O ports, interrupts, memory for DMA.  All of
 * it needs the privileged ports (boot_privileged_ports).
 */
#ifndef SERVERS_LIB_DEVICE_H
#define SERVERS_LIB_DEVICE_H

#include <servers/lib/mach.h>

#include <device/device_types.h>

/* Open a device of the kernel itself. */
kern_return_t device_open_kernel(const char *name, dev_mode_t mode,
    mach_port_t *device);

/* Open a device that the device server has, or has from a driver. */
kern_return_t device_open_served(const char *name, dev_mode_t mode,
    mach_port_t *device);

/*
 * Open a device by name wherever it is: the device server's when that has it,
 * else the kernel's.
 */
kern_return_t device_open_any(const char *name, dev_mode_t mode,
    mach_port_t *device);

/* Let this task use I/O ports FROM to TO, both included. */
kern_return_t device_io_enable(unsigned from, unsigned to);

/*
 * Call HANDLER(ARGUMENT) on a thread of its own at each interrupt of LINE.
 * The line stays masked until the handler has returned.
 */
kern_return_t device_irq_attach(unsigned line, void (*handler)(void *),
    void *argument);

/*
 * Physically contiguous, wired memory for DMA below 4 GiB, aligned to ALIGN
 * (a power of two, 0: a page).  Given back with vm_deallocate.
 */
kern_return_t device_dma_alloc(vm_size_t size, vm_size_t align, void **memory,
    uint32_t *physical);

/* Map SIZE bytes of physical memory at PHYSICAL (device registers). */
kern_return_t device_map_physical(uint32_t physical, vm_size_t size,
    void **memory);

#endif /* SERVERS_LIB_DEVICE_H */
