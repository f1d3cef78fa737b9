/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * device.defs for drivers: finding the device of a request, moving data in
 * and out of messages, and the answers to what a device does not do.
 */
#include <servers/lib/device_serve.h>

#include <string.h>

#include <mig/device_server.h>
#include <mig/mach_user.h>

/* Bytes of one read or write; more is the client's to split. */
#define DEVICE_TRANSFER_MAX	(1u << 20)

static const struct object_class device_class = { .name = "device" };

kern_return_t
device_serve(struct device *device, const struct device_ops *ops)
{
	device->ops = ops;
	return object_create_service(&device->object, &device_class);
}

static struct device *
device_of(mach_port_t port)
{
	return object_lookup(port, &device_class);
}

kern_return_t
S_device_open(mach_port_t port, mach_port_t reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode,
    const_dev_name_t name, mach_port_t *opened,
    mach_msg_type_name_t *opened_type)
{
	struct device *device = device_of(port);

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	*opened_type = MACH_MSG_TYPE_MOVE_SEND;
	if (device->ops->open != NULL) {
		return device->ops->open(device, (int)mode, name, opened);
	}
	*opened = object_right(&device->object);
	return D_SUCCESS;
}

kern_return_t
S_device_close(mach_port_t port)
{
	return device_of(port) != NULL ? D_SUCCESS : D_NO_SUCH_DEVICE;
}

/* What both kinds of write do before they consume the data. */
static int
device_do_write(mach_port_t port, dev_mode_t mode, recnum_t record,
    const void *data, uint32_t size, int *written)
{
	struct device *device = device_of(port);
	uint32_t done = 0;
	int error;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->write == NULL) {
		return D_INVALID_OPERATION;
	}
	if (size > DEVICE_TRANSFER_MAX) {
		return D_INVALID_SIZE;
	}
	error = device->ops->write(device, (int)mode, record, data, size,
	    &done);
	*written = (int)done;
	return error;
}

kern_return_t
S_device_write(mach_port_t port, mach_port_t reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t record,
    io_buf_ptr_t data, mach_msg_type_number_t size, int *written)
{
	int error = device_do_write(port, mode, record, data, size, written);

	if (error == D_SUCCESS) {
		vm_deallocate(mach_task_self(), (vm_address_t)data, size);
	}
	return error;
}

kern_return_t
S_device_write_inband(mach_port_t port, mach_port_t reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t record,
    const io_buf_ptr_inband_t data, mach_msg_type_number_t size, int *written)
{
	return device_do_write(port, mode, record, data, size, written);
}

static int
device_do_read(struct device *device, dev_mode_t mode, recnum_t record,
    void *buffer, uint32_t size, mach_msg_type_number_t *got)
{
	uint32_t done = 0;
	int error;

	error = device->ops->read(device, (int)mode, record, buffer, size,
	    &done);
	*got = done;
	return error;
}

static int
device_check_read(struct device *device, int wanted)
{
	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->read == NULL) {
		return D_INVALID_OPERATION;
	}
	return wanted < 0 || (uint32_t)wanted > DEVICE_TRANSFER_MAX
	    ? D_INVALID_SIZE : D_SUCCESS;
}

/* The message takes the pages up to USED; those behind it go back. */
static void
device_trim(vm_address_t buffer, vm_size_t size, vm_size_t used)
{
	vm_size_t kept = (used + vm_page_size - 1) & ~(vm_page_size - 1);
	vm_size_t all = (size + vm_page_size - 1) & ~(vm_page_size - 1);

	if (kept < all) {
		vm_deallocate(mach_task_self(), buffer + kept, all - kept);
	}
}

kern_return_t
S_device_read(mach_port_t port, mach_port_t reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t record,
    int wanted, io_buf_ptr_t *data, mach_msg_type_number_t *size)
{
	struct device *device = device_of(port);
	int error = device_check_read(device, wanted);
	vm_address_t buffer = 0;

	if (error != D_SUCCESS) {
		return error;
	}
	if (vm_allocate(mach_task_self(), &buffer, (vm_size_t)wanted, TRUE) !=
	    KERN_SUCCESS) {
		return D_NO_MEMORY;
	}
	error = device_do_read(device, mode, record, (void *)buffer,
	    (uint32_t)wanted, size);
	if (error != D_SUCCESS) {
		vm_deallocate(mach_task_self(), buffer, (vm_size_t)wanted);
		return error;
	}
	device_trim(buffer, (vm_size_t)wanted, *size);
	*data = (io_buf_ptr_t)buffer;
	return D_SUCCESS;
}

kern_return_t
S_device_read_inband(mach_port_t port, mach_port_t reply_port,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t record,
    int wanted, io_buf_ptr_inband_t data, mach_msg_type_number_t *size)
{
	struct device *device = device_of(port);
	int error = device_check_read(device, wanted);

	if (error != D_SUCCESS) {
		return error;
	}
	return device_do_read(device, mode, record, data,
	    wanted > IO_INBAND_MAX ? IO_INBAND_MAX : (uint32_t)wanted, size);
}

kern_return_t
S_device_set_status(mach_port_t port, dev_flavor_t flavor, dev_status_t status,
    mach_msg_type_number_t count)
{
	struct device *device = device_of(port);

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	return device->ops->set_status == NULL ? D_INVALID_OPERATION
	    : device->ops->set_status(device, flavor, status, count);
}

kern_return_t
S_device_get_status(mach_port_t port, dev_flavor_t flavor, dev_status_t status,
    mach_msg_type_number_t *count)
{
	struct device *device = device_of(port);

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	return device->ops->get_status == NULL ? D_INVALID_OPERATION
	    : device->ops->get_status(device, flavor, status, count);
}

/* What no user-level device does. */

kern_return_t
S_device_map(mach_port_t port, vm_prot_t protection, vm_offset_t offset,
    vm_size_t size, mach_port_t *pager, int unmap)
{
	return D_INVALID_OPERATION;
}

kern_return_t
S_device_set_filter(mach_port_t port, mach_port_t receive_port, int priority,
    filter_array_t filter, mach_msg_type_number_t count)
{
	return D_INVALID_OPERATION;
}

kern_return_t
S_device_intr_register(mach_port_t port, int id, int flags,
    mach_port_t receive_port)
{
	return D_INVALID_OPERATION;
}

kern_return_t
S_device_intr_ack(mach_port_t port, mach_port_t receive_port)
{
	return D_INVALID_OPERATION;
}
