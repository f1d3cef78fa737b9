/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The device server: who has which hardware, and which driver serves which
 * name.  It does no input or output itself.
 */
#include <servers/device/device.h>

#include <stdlib.h>

#include <mig/device_user.h>
#include <mig/mach_port_user.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>

mach_port_t device_host_priv;
mach_port_t device_master;

static struct device device_service;

/* Ask the driver of NAME; the kernel's own devices have no entry here. */
static int
device_service_open(struct device *device, int mode, const char *name,
    mach_port_t *port)
{
	mach_port_t driver = names_lookup(name);
	kern_return_t kr;

	if (driver == MACH_PORT_NULL) {
		return D_NO_SUCH_DEVICE;
	}
	kr = device_open(driver, (dev_mode_t)mode, name, port);
	mach_port_deallocate(mach_task_self(), driver);
	return kr == MACH_SEND_INVALID_DEST || kr == MIG_SERVER_DIED
	    ? D_DEVICE_DOWN : kr;
}

static const struct device_ops device_service_ops = {
	.open = device_service_open,
};

static void
device_must(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", what, log_error_text(kr));
		exit(1);
	}
}

int
main(void)
{
	static const server_demux_fn_t demux[] = {
		device_server, bus_server, NULL,
	};
	static const struct server_options options = { .demux = demux };

	server_setup(&options);
	device_must(boot_privileged_ports(&device_host_priv, &device_master),
	    "privileged ports");
	device_must(hardware_setup(), "PCI configuration");
	device_must(bus_setup(), "kernel devices");
	device_must(device_serve(&device_service, &device_service_ops),
	    "service port");
	device_must(boot_offer("bus", bus_right()), "bus port");
	device_must(boot_ready(&device_service.object, NULL), "bootstrap");
	server_loop();
}
