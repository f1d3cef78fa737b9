/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/device_ramdisk.h>

#include <machine/pmap.h>
#include <stdio.h>

#include <kernel/device.h>
#include <kernel/printf.h>

#include <vm/vm_page.h>

#define RAMDISK_RECORD	512u
#define RAMDISK_MAX	8

/* The most that one read moves; there is a copy of it meanwhile. */
#define RAMDISK_READ_MAX	(4u * 1024 * 1024)

/* [I] all */
struct ramdisk {
	char		name[4];
	phys_addr_t	start;		/* a page */
	uint32_t	size;		/* in bytes, whole pages */
};

/* [I] once there are tasks */
static struct ramdisk ramdisks[RAMDISK_MAX];
static unsigned ramdisk_count;

/* The offset of RECNUM, and how many of COUNT bytes there are from it on. */
static io_return_t
ramdisk_range(const struct ramdisk *disk, recnum_t recnum, size_t count,
    uint32_t *offsetp, size_t *donep)
{
	if (recnum >= disk->size / RAMDISK_RECORD) {
		return D_INVALID_RECNUM;
	}
	*offsetp = recnum * RAMDISK_RECORD;
	*donep = disk->size - *offsetp < count ? disk->size - *offsetp : count;
	return D_SUCCESS;
}

/* The bytes from AT on that are in the same page, at most N. */
static uint32_t
ramdisk_piece(uint32_t at, uint32_t n)
{
	uint32_t left = PAGE_HW_SIZE - (at & PAGE_HW_MASK);

	return left < n ? left : n;
}

/* Read LEFT bytes at AT into TO, or write them from FROM if that is NULL. */
static void
ramdisk_move(const struct ramdisk *disk, uint32_t at, uint32_t left, char *to,
    const char *from)
{
	for (uint32_t n, done = 0; done < left; done += n, at += n) {
		phys_addr_t page = disk->start + (at & ~PAGE_HW_MASK);

		n = ramdisk_piece(at, left - done);
		if (to != NULL) {
			pmap_copy_out(page, at & PAGE_HW_MASK, to + done, n);
		} else {
			pmap_copy_in(page, at & PAGE_HW_MASK, from + done, n);
		}
	}
}

static io_return_t
ramdisk_read(struct device *device, recnum_t recnum, void *buf, size_t count,
    size_t *donep)
{
	const struct ramdisk *disk = device->data;
	uint32_t at;
	io_return_t result = ramdisk_range(disk, recnum, count, &at, donep);

	if (result == D_SUCCESS) {
		ramdisk_move(disk, at, *donep, buf, NULL);
	}
	return result;
}

static io_return_t
ramdisk_write(struct device *device, recnum_t recnum, const void *buf,
    size_t count, size_t *donep)
{
	const struct ramdisk *disk = device->data;
	uint32_t at;
	io_return_t result = ramdisk_range(disk, recnum, count, &at, donep);

	if (result == D_SUCCESS) {
		ramdisk_move(disk, at, *donep, NULL, buf);
	}
	return result;
}

static io_return_t
ramdisk_get_status(struct device *device, dev_flavor_t flavor, int *status,
    unsigned *count)
{
	const struct ramdisk *disk = device->data;

	switch (flavor) {
	case DEV_GET_SIZE:
		if (*count < DEV_GET_SIZE_COUNT) {
			return D_INVALID_OPERATION;
		}
		status[DEV_GET_SIZE_DEVICE_SIZE] = (int)disk->size;
		status[DEV_GET_SIZE_RECORD_SIZE] = RAMDISK_RECORD;
		*count = DEV_GET_SIZE_COUNT;
		return D_SUCCESS;
	case DEV_GET_RECORDS:
		if (*count < DEV_GET_RECORDS_COUNT) {
			return D_INVALID_OPERATION;
		}
		status[DEV_GET_RECORDS_DEVICE_RECORDS] =
		    (int)(disk->size / RAMDISK_RECORD);
		status[DEV_GET_RECORDS_RECORD_SIZE] = RAMDISK_RECORD;
		*count = DEV_GET_RECORDS_COUNT;
		return D_SUCCESS;
	default:
		return D_INVALID_OPERATION;
	}
}

static io_return_t
ramdisk_map(struct device *device, vm_prot_t prot, vm_offset_t offset,
    vm_size_t size, phys_addr_t *pap)
{
	const struct ramdisk *disk = device->data;

	if (offset > disk->size || size > disk->size - offset) {
		return D_INVALID_SIZE;
	}
	/* The loader knows only the hardware's pages. */
	if (!vm_page_aligned(disk->start)) {
		return D_INVALID_OPERATION;
	}
	*pap = disk->start + offset;
	return D_SUCCESS;
}

static const struct device_ops ramdisk_ops = {
	.read = ramdisk_read,
	.write = ramdisk_write,
	.read_max = RAMDISK_READ_MAX,
	.get_status = ramdisk_get_status,
	.map = ramdisk_map,
};

const char *
device_ramdisk_create(phys_addr_t start, phys_addr_t end)
{
	static const char zeroes[PAGE_HW_SIZE];
	struct ramdisk *disk = &ramdisks[ramdisk_count];
	uint32_t tail = -end & PAGE_HW_MASK;

	if (ramdisk_count == RAMDISK_MAX) {
		return NULL;
	}
	snprintf(disk->name, sizeof(disk->name), "rd%u", ramdisk_count);
	disk->start = start;
	disk->size = end + tail - start;
	if (!device_add(disk->name, &ramdisk_ops, disk)) {
		return NULL;
	}
	if (tail != 0) {
		pmap_copy_in(end & ~PAGE_HW_MASK, end & PAGE_HW_MASK, zeroes,
		    tail);
	}
	ramdisk_count++;
	printf("%s: %u bytes\n", disk->name, disk->size);
	return disk->name;
}
