/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The block cache: metadata that the file server looks at or changes, and the
 * file data that is not in pages (README), so there is one copy of it, one bound
 * on memory and one order of writing.  What is in pages passes by (cache_fetch,
 * cache_store).
 *
 * A buffer is in the hash as long as it stands for a block.  States:
 *   empty    no contents yet; whoever made it reads or fills it
 *   valid    contents are those of the file system
 *   dirty    valid, and newer than the disk
 *   busy     being read or written by some thread, which will broadcast
 * Only buffers that nobody references are reused, clean ones first, least
 * recently used first.  What is inside a buffer is protected by the locks of
 * whoever owns the block (inode lock, allocation lock).  A buffer may change
 * while it is being written; then it is dirty again and is written again.
 *
 * Changes are written behind: by cache_flush from the flusher thread every few
 * seconds, or by whoever finds too many of them.  A flush writes file data
 * first, then inodes, maps and bitmaps, then directories, so that after a
 * crash a name leads to an inode that is there; clusters of neighbours go in
 * one request.
 */
#ifndef SERVERS_FILE_CACHE_H
#define SERVERS_FILE_CACHE_H

#include <mach/kern_return.h>
#include <servers/file/disk.h>
#include <servers/file/os.h>
#include <stdbool.h>
#include <stdint.h>

/* Threads that may use a cache at a time. */
#define CACHE_THREADS	52

/* What a dirty block is, in the order of writing. */
enum cache_class {
	CACHE_DATA,
	CACHE_META,
	CACHE_DIR,
	CACHE_CLASSES
};

struct cache;

/* [I] fixed while it stands for a block  [c] cache lock  [o] owner's lock */
struct cache_buf {
	struct cache		*cache;		/* [I] */
	uint32_t		block;		/* [I] */
	uint8_t			*data;		/* [o] one block */
	uint32_t		refs;		/* [c] */
	uint32_t		owner;		/* [c] inode it belongs to, or 0 */
	uint8_t			class;		/* [c] enum cache_class */
	bool			valid;		/* [c] */
	bool			dirty;		/* [c] */
	bool			busy;		/* [c] */
	struct cache_buf	*hash_next;	/* [c] */
	struct cache_buf	*lru_prev;	/* [c] all buffers, oldest first */
	struct cache_buf	*lru_next;	/* [c] */
};

struct cache_stats {
	uint32_t	hits;
	uint32_t	misses;
	uint32_t	reads;		/* requests to the disk */
	uint32_t	writes;
	uint32_t	buffers;
	uint32_t	dirty;
};

struct cache {
	struct disk		*disk;		/* [I] */
	uint32_t		block_size;	/* [I] */
	uint32_t		block_count;	/* [I] blocks beyond are refused */
	uint32_t		max;		/* [I] buffers */
	uint32_t		hash_mask;	/* [I] */
	struct os_mutex		lock;
	struct os_cond		changed;	/* some buffer is no longer busy
						   or referenced */
	struct os_mutex		flush_lock;	/* one flush at a time; before
						   lock */
	struct os_mutex		read_lock;	/* one read at a time: a disk
						   does no more, and each
						   takes memory */
	struct cache_buf	**hash;		/* [c] */
	struct cache_buf	*lru_first;	/* [c] */
	struct cache_buf	*lru_last;	/* [c] */
	uint32_t		count;		/* [c] */
	uint32_t		dirty;		/* [c] */
	struct cache_chunk	*chunks;	/* [c] all buffers there are */
	struct cache_buf	*unused;	/* [c] by hash_next */
	struct cache_buf	**sorted;	/* [flush_lock] max of them */
	uint8_t			*staging;	/* [flush_lock] */
	uint8_t			*arrivals;	/* [read_lock] */
	struct cache_stats	stats;		/* [c] */
};

/*
 * A cache of BLOCK_COUNT blocks of BLOCK_SIZE on DISK, in at most MAX_BYTES, or
 * a little more, since each thread must be able to hold a few buffers.
 *
 * Returns: UNIX_ENOMEM.
 */
kern_return_t cache_init(struct cache *cache, struct disk *disk,
    uint32_t block_size, uint32_t block_count, size_t max_bytes);

/* Drops everything, also what is dirty.  No references may be left. */
void cache_fini(struct cache *cache);

/*
 * The buffer of BLOCK with its contents; on a miss up to AHEAD blocks (at
 * least 1) from there on are read in one request.
 *
 * Refs:    the caller gets one, for cache_release.
 * Blocks:  for the disk.
 * Returns: UNIX_EIO, UNIX_ENOMEM; UNIX_EUCLEAN for a block outside the disk.
 */
kern_return_t cache_read(struct cache *cache, uint32_t block, uint32_t ahead,
    struct cache_buf **bufp);

/*
 * Copy COUNT blocks from BLOCK on to DATA, and keep none of them: those that the
 * cache has come from there, the others straight from the disk.  The caller
 * sees to it that nobody changes them meanwhile.
 *
 * Returns: UNIX_EIO; UNIX_EUCLEAN for blocks outside the disk.
 */
kern_return_t cache_fetch(struct cache *cache, uint32_t block, uint32_t count,
    void *data);

/*
 * The way back: write DATA to COUNT blocks from BLOCK on, straight to the disk.
 * What the cache has of them, newer than the disk or not, no longer matters.
 *
 * Returns: UNIX_EIO; UNIX_EUCLEAN for blocks outside the disk.
 */
kern_return_t cache_store(struct cache *cache, uint32_t block, uint32_t count,
    const void *data);

/*
 * The buffer of BLOCK, which was just allocated: all zero, not read.
 */
kern_return_t cache_fresh(struct cache *cache, uint32_t block,
    struct cache_buf **bufp);

/*
 * The buffer of BLOCK, whose contents the caller overwrites entirely.
 */
kern_return_t cache_overwrite(struct cache *cache, uint32_t block,
    struct cache_buf **bufp);

/* BUF was changed on behalf of inode OWNER (0: of the file system). */
void cache_dirty(struct cache_buf *buf, enum cache_class class,
    uint32_t owner);

void cache_release(struct cache_buf *buf);

/* These blocks were freed: their contents no longer matter. */
void cache_forget(struct cache *cache, uint32_t block, uint32_t count);

/*
 * Write what is dirty; with OWNER not 0 only what belongs to that inode.
 *
 * Returns: UNIX_EIO if some block could not be written; it stays dirty.
 */
kern_return_t cache_flush(struct cache *cache, uint32_t owner);

/* Write this one block now. */
kern_return_t cache_write_through(struct cache_buf *buf);

/* If more is dirty than is good, write some; call without other locks. */
void cache_throttle(struct cache *cache);

void cache_get_stats(struct cache *cache, struct cache_stats *stats);

/* Assert the invariants. */
void cache_check(struct cache *cache);

#endif /* SERVERS_FILE_CACHE_H */
