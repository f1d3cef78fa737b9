/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The table of devices, and their ports.
 */

#include <kernel/device.h>

#include <string.h>

#include <kernel/device_irq.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>

#define DEVICE_MAX	16

/* [I] once there are tasks */
static struct device device_table[DEVICE_MAX];
static unsigned device_count;

static struct mutex device_lock;
static struct ipc_port *device_master;	/* receive right */

/* The last send right is gone: whoever had the device open lost it. */
static void
device_no_senders(struct ipc_port *port, void *object,
    mach_port_mscount_t mscount)
{
	struct device *device = object;

	mutex_lock(&device_lock);
	if (device->opens > 0 && ipc_port_no_senders(port, mscount)) {
		device->opens = 0;
		if (device->ops->close != NULL) {
			device->ops->close(device);
		}
	}
	mutex_unlock(&device_lock);
}

static const struct ipc_kobject_ops device_kobject_ops = {
	.no_senders = device_no_senders,
};

bool
device_add(const char *name, const struct device_ops *ops, void *data)
{
	struct device *device = &device_table[device_count];

	if (device_count == DEVICE_MAX) {
		return false;
	}
	device->port = ipc_kobject_create(IKOT_DEVICE, device);
	if (device->port == IP_NULL) {
		return false;
	}
	device->name = name;
	device->ops = ops;
	device->data = data;
	device_count++;
	return true;
}

static void
device_add_builtin(const char *name, const struct device_ops *ops)
{
	bool added = device_add(name, ops, NULL);

	assert(added);
}

void
device_setup(void)
{
	mutex_init(&device_lock, LOCK_RANK_DEVICE);
	ipc_kobject_set_ops(IKOT_DEVICE, &device_kobject_ops);

	device_master = ipc_kobject_create(IKOT_MASTER_DEVICE,
	    &device_master);
	assert(device_master != NULL);
	device_add_builtin("console", &device_console_ops);
	device_add_builtin("time", &device_time_ops);
	device_add_builtin("mem", &device_mem_ops);
	device_add_builtin("irq", &device_irq_ops);
	device_add_builtin("log", &device_log_ops);
	device_irq_setup();
	device_rpc_setup();
}

struct ipc_port *
device_make_send_master(void)
{
	return ipc_port_make_send(device_master);
}

bool
device_is_master(struct ipc_port *port)
{
	return ip_valid(port) && port == device_master;
}

io_return_t
device_open(const char *name, struct device **devicep)
{
	struct device *device = NULL;
	io_return_t result = D_SUCCESS;

	for (unsigned i = 0; i < device_count; i++) {
		if (strcmp(device_table[i].name, name) == 0) {
			device = &device_table[i];
		}
	}
	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}

	mutex_lock(&device_lock);
	if (device->opens == 0 && device->ops->open != NULL) {
		result = device->ops->open(device);
	}
	if (result == D_SUCCESS) {
		device->opens++;
		*devicep = device;
	}
	mutex_unlock(&device_lock);
	return result;
}

void
device_close(struct device *device)
{
	mutex_lock(&device_lock);
	if (device->opens > 0) {
		device->opens--;
		if (device->opens == 0 && device->ops->close != NULL) {
			device->ops->close(device);
		}
	}
	mutex_unlock(&device_lock);
}

struct device *
dev_port_lookup(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_DEVICE);
}

struct ipc_port *
convert_device_to_port(struct device *device)
{
	return device != NULL ? ipc_port_make_send(device->port) : IP_NULL;
}

void
device_deallocate(struct device *device)
{
}
