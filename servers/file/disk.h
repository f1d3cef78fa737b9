/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The disk as the file system sees it: bytes at offsets, whole sectors of 512.
 * Calls may come from many threads at a time.  disk_device.c is the one on
 * device.defs; host tests bring their own.
 */
#ifndef SERVERS_FILE_DISK_H
#define SERVERS_FILE_DISK_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_SECTOR_SIZE	512

struct disk;

struct disk_ops {
	/* All of SIZE bytes or UNIX_EIO. */
	kern_return_t (*read)(struct disk *disk, uint64_t offset, void *data,
	    size_t size);
	kern_return_t (*write)(struct disk *disk, uint64_t offset,
	    const void *data, size_t size);
	/* What was written before is on the medium when this returns. */
	kern_return_t (*flush)(struct disk *disk);
};

/* [I] fixed at creation */
struct disk {
	const struct disk_ops	*ops;		/* [I] */
	uint64_t		size;		/* [I] bytes */
	bool			read_only;	/* [I] */
};

#endif /* SERVERS_FILE_DISK_H */
