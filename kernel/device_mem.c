/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Devices that show memory: "mem", all that is physical, and "time", the page
 * that holds the time of day.
 */

#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/device.h>

#include <vm/vm_page.h>

static io_return_t
device_mem_map(struct device *device, vm_prot_t prot, vm_offset_t offset,
    vm_size_t size, phys_addr_t *pap)
{
	if (offset + size < offset) {
		return D_INVALID_SIZE;
	}
	*pap = offset;
	return D_SUCCESS;
}

const struct device_ops device_mem_ops = {
	.map = device_mem_map,
};

static io_return_t
device_time_map(struct device *device, vm_prot_t prot, vm_offset_t offset,
    vm_size_t size, phys_addr_t *pap)
{
	if (prot & VM_PROT_WRITE) {
		return D_READ_ONLY;
	}
	if (offset != 0 || size > vm_page_size) {
		return D_INVALID_SIZE;
	}
	*pap = pmap_phys(clock_mapped_page());
	return D_SUCCESS;
}

static io_return_t
device_time_get_status(struct device *device, dev_flavor_t flavor,
    int *status, unsigned *count)
{
	if (flavor != DEV_GET_SIZE || *count < DEV_GET_SIZE_COUNT) {
		return D_INVALID_OPERATION;
	}
	status[DEV_GET_SIZE_DEVICE_SIZE] = vm_page_size;
	status[DEV_GET_SIZE_RECORD_SIZE] = 1;
	*count = DEV_GET_SIZE_COUNT;
	return D_SUCCESS;
}

const struct device_ops device_time_ops = {
	.get_status = device_time_get_status,
	.map = device_time_map,
};
