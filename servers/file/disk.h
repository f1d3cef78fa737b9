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
#include <servers/file_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* Requests that succeeded, and what they moved.  [a] */
struct disk_counts {
	uint32_t	requests;
	uint32_t	sectors;
};

/* [I] fixed at creation  [a] atomic */
struct disk {
	const struct disk_ops	*ops;		/* [I] */
	const char		*name;		/* [I] or NULL */
	uint64_t		size;		/* [I] bytes */
	bool			read_only;	/* [I] */
	struct disk_counts	reads;		/* [a] */
	struct disk_counts	writes;		/* [a] */
};

static inline void
disk_count(struct disk_counts *counts, size_t size)
{
	__atomic_add_fetch(&counts->requests, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&counts->sectors, size / DISK_SECTOR_SIZE,
	    __ATOMIC_RELAXED);
}

/* The operations, counted. */
static inline kern_return_t
disk_read(struct disk *disk, uint64_t offset, void *data, size_t size)
{
	kern_return_t kr = disk->ops->read(disk, offset, data, size);

	if (kr == KERN_SUCCESS) {
		disk_count(&disk->reads, size);
	}
	return kr;
}

static inline kern_return_t
disk_write(struct disk *disk, uint64_t offset, const void *data, size_t size)
{
	kern_return_t kr = disk->ops->write(disk, offset, data, size);

	if (kr == KERN_SUCCESS) {
		disk_count(&disk->writes, size);
	}
	return kr;
}

static inline void
disk_get_stats(const struct disk *disk, struct file_disk_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (disk->name != NULL) {
		strncpy(stats->name, disk->name, sizeof(stats->name) - 1);
	}
	stats->reads = __atomic_load_n(&disk->reads.requests, __ATOMIC_RELAXED);
	stats->sectors_read = __atomic_load_n(&disk->reads.sectors,
	    __ATOMIC_RELAXED);
	stats->writes = __atomic_load_n(&disk->writes.requests,
	    __ATOMIC_RELAXED);
	stats->sectors_written = __atomic_load_n(&disk->writes.sectors,
	    __ATOMIC_RELAXED);
}

static inline kern_return_t
disk_flush(struct disk *disk)
{
	return disk->ops->flush(disk);
}

#endif /* SERVERS_FILE_DISK_H */
