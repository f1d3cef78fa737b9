/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Disks as devices: bounds, pieces, copying.
 */
#include <servers/lib/block.h>

#include <string.h>

#include <servers/lib/bus.h>

#include <mig/bus_user.h>
#include <mig/mach_port_user.h>

/* Are SIZE bytes at RECORD whole sectors of the disk? */
static int
block_check(const struct block *block, uint32_t record, uint32_t size)
{
	if (size % BLOCK_SECTOR != 0) {
		return D_INVALID_SIZE;
	}
	if (record > block->sectors ||
	    size / BLOCK_SECTOR > block->sectors - record) {
		return D_INVALID_RECNUM;
	}
	return D_SUCCESS;
}

/* Move one piece, at most a buffer full.  Lock: the block's. */
static int
block_move(struct block *block, bool write, uint64_t sector, char *data,
    uint32_t size)
{
	int error;

	if (write) {
		memcpy(block->buffer->memory, data, size);
	}
	error = block->ops->transfer(block, write, sector,
	    size / BLOCK_SECTOR);
	if (error == D_SUCCESS && !write) {
		memcpy(data, block->buffer->memory, size);
	}
	return error;
}

/* *DONE counts what was moved before an error; some is a success. */
static int
block_request(struct block *block, bool write, uint32_t record, char *data,
    uint32_t size, uint32_t *done)
{
	int error = block_check(block, record, size);
	uint32_t piece;

	*done = 0;
	while (error == D_SUCCESS && *done < size) {
		piece = size - *done < block->buffer->size ? size - *done
		    : block->buffer->size;
		pthread_mutex_lock(block->lock);
		error = block_move(block, write,
		    (uint64_t)record + *done / BLOCK_SECTOR, data + *done,
		    piece);
		pthread_mutex_unlock(block->lock);
		if (error == D_SUCCESS) {
			*done += piece;
		}
	}
	return *done > 0 ? D_SUCCESS : error;
}

static int
block_read(struct device *device, int mode, uint32_t record, void *buffer,
    uint32_t size, uint32_t *got)
{
	return block_request((struct block *)device, false, record, buffer,
	    size, got);
}

static int
block_write(struct device *device, int mode, uint32_t record,
    const void *data, uint32_t size, uint32_t *written)
{
	/* A write only reads what it is given. */
	return block_request((struct block *)device, true, record,
	    (char *)(uintptr_t)data, size, written);
}

static int
block_get_status(struct device *device, unsigned flavor, int *status,
    unsigned *count)
{
	struct block *block = (struct block *)device;

	if ((flavor != DEV_GET_SIZE && flavor != DEV_GET_RECORDS) ||
	    *count < DEV_GET_SIZE_COUNT) {
		return D_INVALID_OPERATION;
	}
	if (flavor == DEV_GET_RECORDS) {
		status[DEV_GET_RECORDS_DEVICE_RECORDS] = (int)block->sectors;
		status[DEV_GET_RECORDS_RECORD_SIZE] = BLOCK_SECTOR;
	} else {
		status[DEV_GET_SIZE_DEVICE_SIZE] =
		    (int)(block->sectors * BLOCK_SECTOR);
		status[DEV_GET_SIZE_RECORD_SIZE] = BLOCK_SECTOR;
	}
	*count = DEV_GET_SIZE_COUNT;
	return D_SUCCESS;
}

static int
block_set_status(struct device *device, unsigned flavor, const int *status,
    unsigned count)
{
	struct block *block = (struct block *)device;
	int error;

	if (flavor != BLOCK_FLUSH) {
		return D_INVALID_OPERATION;
	}
	pthread_mutex_lock(block->lock);
	error = block->ops->flush(block);
	pthread_mutex_unlock(block->lock);
	return error;
}

static const struct device_ops block_device_ops = {
	.read = block_read,
	.write = block_write,
	.get_status = block_get_status,
	.set_status = block_set_status,
};

kern_return_t
block_serve(struct block *block, mach_port_t function, const char *name)
{
	mach_port_t right;
	kern_return_t kr;

	kr = device_serve(&block->device, &block_device_ops);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	right = object_right(&block->device.object);
	kr = bus_serve_name(function, name, right);
	mach_port_deallocate(mach_task_self(), right);
	return kr;
}

kern_return_t
block_buffer_create(struct block_buffer *buffer, mach_port_t function,
    uint32_t size)
{
	vm_address_t address;
	kern_return_t kr;

	kr = bus_dma_memory(function, mach_task_self(), size, &address,
	    &buffer->physical);
	if (kr == KERN_SUCCESS) {
		buffer->memory = (void *)address;
		buffer->size = size;
	}
	return kr;
}
