/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The log device: what the kernel and the servers wrote to the console, as far
 * as it is kept.  A record is a byte; its number counts all that were written.
 */

#include <kernel/device.h>
#include <kernel/printf.h>

static io_return_t
device_log_read(struct device *device, recnum_t recnum, void *buf,
    size_t count, size_t *donep)
{
	size_t done = printf_log_read_from(recnum, buf, count);

	if (done == 0) {
		return D_WOULD_BLOCK;
	}
	*donep = done;
	return D_SUCCESS;
}

/* The number of the next record to come, and how many are kept before it. */
static io_return_t
device_log_get_status(struct device *device, dev_flavor_t flavor, int *status,
    unsigned *count)
{
	uint32_t kept;

	if (flavor != DEV_GET_RECORDS || *count < DEV_GET_RECORDS_COUNT) {
		return D_INVALID_OPERATION;
	}
	status[DEV_GET_RECORDS_DEVICE_RECORDS] =
	    (int)printf_log_total_get(&kept);
	status[DEV_GET_RECORDS_RECORD_SIZE] = (int)kept;
	*count = DEV_GET_RECORDS_COUNT;
	return D_SUCCESS;
}

const struct device_ops device_log_ops = {
	.read = device_log_read,
	.get_status = device_log_get_status,
};
