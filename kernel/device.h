/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Devices of the kernel, the few there are: console, time, mem, irq.
 *
 * A device is a table entry; opening it gives a port that stands for the
 * entry, the same one to everybody, and counts.  The master device port is
 * what device_open takes.
 */

#ifndef KERNEL_DEVICE_H
#define KERNEL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <device/device_types.h>
#include <mach/kern_return.h>
#include <mach/vm_prot.h>

struct ipc_port;
struct device;
struct vm_object;

/* What a kind of device can do; a missing function: D_INVALID_OPERATION. */
struct device_ops {
	const char	*name;

	io_return_t	(*open)(struct device *device, dev_mode_t mode);
	void		(*close)(struct device *device);

	/* Kernel buffers; *DONEP gets how many bytes were moved. */
	io_return_t	(*read)(struct device *device, dev_mode_t mode,
	    recnum_t recnum, void *buf, size_t count, size_t *donep);
	io_return_t	(*write)(struct device *device, dev_mode_t mode,
	    recnum_t recnum, const void *buf, size_t count, size_t *donep);

	/* *COUNT words of room at STATUS, gets those written. */
	io_return_t	(*get_status)(struct device *device,
	    dev_flavor_t flavor, int *status, unsigned *count);
	io_return_t	(*set_status)(struct device *device,
	    dev_flavor_t flavor, const int *status, unsigned count);

	/* An object that shows SIZE bytes at OFFSET, with a reference. */
	io_return_t	(*map)(struct device *device, vm_prot_t prot,
	    vm_offset_t offset, vm_size_t size, struct vm_object **objectp);
};

/* [I] fixed at set-up  [l] device list lock */
struct device {
	const struct device_ops	*ops;	/* [I] */
	struct ipc_port		*port;	/* [I] */
	unsigned		opens;	/* [l] */
};

/* Makes the ports.  After host_setup(). */
void device_setup(void);

/* A send right for the master device port, for the first tasks. */
struct ipc_port *device_make_send_master(void);

/* Is PORT the master device port? */
bool device_is_master(struct ipc_port *port);

/* For generated stubs.  Devices are never freed: no references to count. */
struct device *dev_port_lookup(struct ipc_port *port);
struct ipc_port *convert_device_to_port(struct device *device);
void device_deallocate(struct device *device);

#endif /* KERNEL_DEVICE_H */
