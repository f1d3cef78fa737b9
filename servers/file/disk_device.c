/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Requests go to the driver as they come, from as many threads as make them.
 * When the driver died its device is opened again and the request is made once
 * more, for as long as it takes bootstrap to start a new one.
 */
#include <servers/file/disk_device.h>

#include <device/device_types.h>
#include <mach/mig_errors.h>
#include <pthread.h>
#include <servers/block.h>
#include <servers/errors.h>
#include <servers/lib/device.h>
#include <servers/lib/log.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/device_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define DISK_REOPEN_TRIES	30
#define DISK_FAILURES_LOGGED	50
#define DISK_TRANSFER_MAX	(128 * 1024)

/* [I] fixed at creation  [m] lock */
struct disk_device {
	struct disk		disk;		/* [I] */
	pthread_mutex_t		lock;
	mach_port_t		device;		/* [m] */
	uint32_t		failures;	/* atomic */
};

static mach_port_t
disk_device_port(struct disk_device *dev)
{
	mach_port_t port;

	pthread_mutex_lock(&dev->lock);
	port = dev->device;
	pthread_mutex_unlock(&dev->lock);
	return port;
}

static bool
disk_device_is_gone(kern_return_t kr)
{
	return kr == MACH_SEND_INVALID_DEST || kr == MIG_SERVER_DIED;
}

/* The driver behind PORT died: find its successor. */
static bool
disk_device_reopen(struct disk_device *dev, mach_port_t port)
{
	mach_port_t new;
	bool found = false;

	pthread_mutex_lock(&dev->lock);
	if (dev->device != port) {
		/* Another thread was faster. */
		found = true;
	}
	for (int i = 0; i < DISK_REOPEN_TRIES && !found; i++) {
		if (device_open_any(dev->disk.name, D_READ | D_WRITE, &new)
		    == KERN_SUCCESS) {
			(void) mach_port_deallocate(mach_task_self(), port);
			dev->device = new;
			found = true;
			log_info("%s: opened again", dev->disk.name);
		} else {
			usleep(500 * 1000);
		}
	}
	pthread_mutex_unlock(&dev->lock);
	return found;
}

/* One request of at most DISK_TRANSFER_MAX. */
static kern_return_t
disk_device_read_part(mach_port_t port, uint64_t offset, void *data,
    size_t size)
{
	mach_msg_type_number_t count = 0;
	io_buf_ptr_t buffer;
	kern_return_t kr;

	kr = device_read(port, 0, (recnum_t) (offset / DISK_SECTOR_SIZE),
	    (int) size, &buffer, &count);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy(data, (const void *) buffer, count < size ? count : size);
	(void) vm_deallocate(mach_task_self(), (vm_address_t) buffer, count);
	return count >= size ? KERN_SUCCESS : UNIX_EIO;
}

static kern_return_t
disk_device_write_part(mach_port_t port, uint64_t offset, const void *data,
    size_t size)
{
	int written = 0;
	kern_return_t kr;

	kr = device_write(port, 0, (recnum_t) (offset / DISK_SECTOR_SIZE),
	    (io_buf_ptr_t) (uintptr_t) data, (mach_msg_type_number_t) size,
	    &written);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return (size_t) written == size ? KERN_SUCCESS : UNIX_EIO;
}

/* What failed, for the log, a few times; the client hears EIO. */
static kern_return_t
disk_device_failed(struct disk_device *dev, const char *what, uint64_t offset,
    kern_return_t kr)
{
	if (__atomic_add_fetch(&dev->failures, 1, __ATOMIC_RELAXED)
	    > DISK_FAILURES_LOGGED) {
		return UNIX_EIO;
	}
	log_error("%s: cannot %s sector %u: %s", dev->disk.name, what,
	    (unsigned) (offset / DISK_SECTOR_SIZE), log_error_text(kr));
	return UNIX_EIO;
}

static kern_return_t
disk_device_transfer(struct disk_device *dev, bool write, uint64_t offset,
    uint8_t *data, size_t size)
{
	mach_port_t port;
	size_t part;
	kern_return_t kr;

	if (offset > dev->disk.size || size > dev->disk.size - offset) {
		return UNIX_EIO;
	}
	while (size > 0) {
		part = size < DISK_TRANSFER_MAX ? size : DISK_TRANSFER_MAX;
		port = disk_device_port(dev);
		kr = write ? disk_device_write_part(port, offset, data, part)
		    : disk_device_read_part(port, offset, data, part);
		if (disk_device_is_gone(kr)
		    && disk_device_reopen(dev, port)) {
			continue;
		}
		if (kr != KERN_SUCCESS) {
			return disk_device_failed(dev,
			    write ? "write" : "read", offset, kr);
		}
		offset += part;
		data += part;
		size -= part;
	}
	return KERN_SUCCESS;
}

static kern_return_t
disk_device_read(struct disk *disk, uint64_t offset, void *data, size_t size)
{
	return disk_device_transfer((struct disk_device *) disk, false, offset,
	    data, size);
}

static kern_return_t
disk_device_write(struct disk *disk, uint64_t offset, const void *data,
    size_t size)
{
	return disk_device_transfer((struct disk_device *) disk, true, offset,
	    (uint8_t *) (uintptr_t) data, size);
}

static kern_return_t
disk_device_flush(struct disk *disk)
{
	struct disk_device *dev = (struct disk_device *) disk;
	int status[1] = { 0 };
	mach_port_t port;
	kern_return_t kr;

	do {
		port = disk_device_port(dev);
		kr = device_set_status(port, BLOCK_FLUSH, status, 0);
	} while (disk_device_is_gone(kr) && disk_device_reopen(dev, port));
	/* Drivers of the kernel itself do not know it, and write through. */
	if (kr == D_IO_ERROR || disk_device_is_gone(kr)) {
		return disk_device_failed(dev, "flush", 0, kr);
	}
	return KERN_SUCCESS;
}

static const struct disk_ops disk_device_ops = {
	.read = disk_device_read,
	.write = disk_device_write,
	.flush = disk_device_flush
};

static kern_return_t
disk_device_size(mach_port_t port, uint64_t *sizep)
{
	int status[DEV_STATUS_MAX];
	mach_msg_type_number_t count = DEV_GET_RECORDS_COUNT;
	kern_return_t kr;

	kr = device_get_status(port, DEV_GET_RECORDS, status, &count);
	if (kr == KERN_SUCCESS && count >= DEV_GET_RECORDS_COUNT) {
		*sizep = (uint64_t) (uint32_t)
		    status[DEV_GET_RECORDS_DEVICE_RECORDS]
		    * (uint32_t) status[DEV_GET_RECORDS_RECORD_SIZE];
		return KERN_SUCCESS;
	}
	count = DEV_GET_SIZE_COUNT;
	kr = device_get_status(port, DEV_GET_SIZE, status, &count);
	if (kr != KERN_SUCCESS || count < DEV_GET_SIZE_COUNT) {
		return UNIX_EIO;
	}
	*sizep = (uint32_t) status[DEV_GET_SIZE_DEVICE_SIZE];
	return KERN_SUCCESS;
}

kern_return_t
disk_device_open(const char *name, struct disk **diskp)
{
	struct disk_device *dev;
	mach_port_t port;
	kern_return_t kr;

	kr = device_open_any(name, D_READ | D_WRITE, &port);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	dev = calloc(1, sizeof(*dev));
	if (dev == NULL) {
		(void) mach_port_deallocate(mach_task_self(), port);
		return UNIX_ENOMEM;
	}
	kr = disk_device_size(port, &dev->disk.size);
	if (kr != KERN_SUCCESS) {
		(void) mach_port_deallocate(mach_task_self(), port);
		free(dev);
		return kr;
	}
	dev->disk.ops = &disk_device_ops;
	dev->disk.name = strdup(name);
	dev->device = port;
	(void) pthread_mutex_init(&dev->lock, NULL);
	*diskp = &dev->disk;
	return KERN_SUCCESS;
}
