/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What disk drivers have in common: requests of any size and alignment of
 * memory become transfers through a buffer that the hardware can reach.
 */
#ifndef SERVERS_LIB_BLOCK_H
#define SERVERS_LIB_BLOCK_H

#include <pthread.h>
#include <servers/block.h>
#include <servers/lib/device_serve.h>

struct block;

/* Both are called with the block's lock held and return D_ codes. */
struct block_ops {
	/* Move COUNT sectors between the disk and the start of the buffer. */
	int	(*transfer)(struct block *block, bool write, uint64_t sector,
	    uint32_t count);
	int	(*flush)(struct block *block);
};

/* Memory that the hardware reaches.  [I] all */
struct block_buffer {
	void		*memory;
	uint32_t	physical;
	uint32_t	size;		/* a multiple of BLOCK_SECTOR */
};

struct block {
	struct device			device;
	const struct block_ops		*ops;		/* [I] */
	pthread_mutex_t			*lock;		/* [I] its channel's */
	const struct block_buffer	*buffer;	/* its lock */
	uint64_t			sectors;	/* [I] */
};

/*
 * Serve BLOCK, all of whose [I] fields are set, and publish it as NAME through
 * FUNCTION, the driver's claim.
 */
kern_return_t block_serve(struct block *block, mach_port_t function,
    const char *name);

/* DMA memory of SIZE bytes for the claim FUNCTION. */
kern_return_t block_buffer_create(struct block_buffer *buffer,
    mach_port_t function, uint32_t size);

#endif /* SERVERS_LIB_BLOCK_H */
