/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Devices of the kernel, the few there are: console, time, mem, irq, log, and a
 * RAM disk for each module that the boot script makes one of: rd0, rd1 ...
 *
 * A device is an entry of a table.  It has one port, which device_open gives to
 * everybody who asks and may; it is open until it was closed as often as
 * opened, or nobody has a send right for it.
 */

#ifndef KERNEL_DEVICE_H
#define KERNEL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <device/device_types.h>
#include <mach/kern_return.h>
#include <mach/vm_prot.h>

#include <machine/types.h>

struct ipc_port;
struct device;

/* What a device can do; a missing function answers D_INVALID_OPERATION. */
struct device_ops {
	/* The first user comes, the last one went. */
	io_return_t	(*open)(struct device *device);
	void		(*close)(struct device *device);

	/*
	 * Read at most COUNT bytes, at least one, without waiting:
	 * D_WOULD_BLOCK when there is nothing yet.
	 */
	io_return_t	(*read)(struct device *device, recnum_t recnum,
	    void *buf, size_t count, size_t *donep);
	io_return_t	(*write)(struct device *device, recnum_t recnum,
	    const void *buf, size_t count, size_t *donep);

	/* The most bytes of one read, if that is more than usual. */
	size_t		read_max;

	/* *COUNT words of room at STATUS, gets those written. */
	io_return_t	(*get_status)(struct device *device,
	    dev_flavor_t flavor, int *status, unsigned *count);
	io_return_t	(*set_status)(struct device *device,
	    dev_flavor_t flavor, const int *status, unsigned count);

	/* Physical memory that shows SIZE bytes at OFFSET; pages all. */
	io_return_t	(*map)(struct device *device, vm_prot_t prot,
	    vm_offset_t offset, vm_size_t size, phys_addr_t *pap);
};

/* [I] fixed when it is made  [l] device list lock */
struct device {
	const char		*name;	/* [I] */
	const struct device_ops	*ops;	/* [I] */
	void			*data;	/* [I] the operations' own */
	struct ipc_port		*port;	/* [I] receive right */
	unsigned		opens;	/* [l] */
};

extern const struct device_ops device_console_ops;
extern const struct device_ops device_mem_ops;
extern const struct device_ops device_time_ops;
extern const struct device_ops device_irq_ops;
extern const struct device_ops device_log_ops;

/* Makes the ports.  After host_setup(). */
void device_setup(void);

/*
 * Add a device.  Before there are tasks.  False when there is no memory, or there
 * are too many.
 */
bool device_add(const char *name, const struct device_ops *ops, void *data);

/* A send right for the master device port, for the first tasks. */
struct ipc_port *device_make_send_master(void);

/* Is PORT the master device port? */
bool device_is_master(struct ipc_port *port);

/*
 * Open the device NAME.
 *
 * Locks:   none held.
 * Returns: D_NO_SUCH_DEVICE, or what the device's open says.
 */
io_return_t device_open(const char *name, struct device **devicep);
void device_close(struct device *device);

/* For generated stubs.  Devices are never freed: no references to count. */
struct device *dev_port_lookup(struct ipc_port *port);
struct ipc_port *convert_device_to_port(struct device *device);
void device_deallocate(struct device *device);

#endif /* KERNEL_DEVICE_H */
