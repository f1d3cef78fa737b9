/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The server side of device.defs, for drivers.
 *
 * A driver embeds struct device in whatever it drives and fills in the
 * operations that it has; the others answer D_INVALID_OPERATION.  A device
 * port is shared by all who opened the device.
 */
#ifndef SERVERS_LIB_DEVICE_SERVE_H
#define SERVERS_LIB_DEVICE_SERVE_H

#include <device/device_types.h>
#include <servers/lib/object.h>
#include <servers/lib/server.h>

struct device;

/*
 * Operations return 0 (D_SUCCESS), D_ codes or kernel errors.  Each may block;
 * any number of threads may be in them.
 */
struct device_ops {
	/* A send right for the device NAME; absent: the device itself. */
	int	(*open)(struct device *device, int mode, const char *name,
	    mach_port_t *port);
	/* Read up to SIZE bytes at record RECORD into BUFFER. */
	int	(*read)(struct device *device, int mode, uint32_t record,
	    void *buffer, uint32_t size, uint32_t *got);
	int	(*write)(struct device *device, int mode, uint32_t record,
	    const void *data, uint32_t size, uint32_t *written);
	/* *COUNT is the room in STATUS, then what was put there. */
	int	(*get_status)(struct device *device, unsigned flavor,
	    int *status, unsigned *count);
	int	(*set_status)(struct device *device, unsigned flavor,
	    const int *status, unsigned count);
};

struct device {
	struct object			object;
	const struct device_ops		*ops;	/* [I] */
};

/* Make DEVICE live; it stays when it has no clients. */
kern_return_t device_serve(struct device *device,
    const struct device_ops *ops);

/* MIG's demultiplexer for device.defs, for struct server_options. */
boolean_t device_server(mach_msg_header_t *request, mach_msg_header_t *reply);

#endif /* SERVERS_LIB_DEVICE_SERVE_H */
