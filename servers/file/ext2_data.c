/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * File contents.
 */
#include <servers/file/ext2_data.h>

#include <servers/errors.h>
#include <servers/file/ext2_map.h>
#include <servers/file/ext2_piece.h>

#include <string.h>

/* Blocks that one miss may bring in for somebody who reads in sequence. */
#define EXT2_READ_AHEAD		(64 * 1024)
/* And for somebody who does not. */
#define EXT2_READ_AROUND	4096

#define EXT2_LARGE_FILE_SIZE	UINT64_C(0x80000000)

static size_t
ext2_data_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How many blocks to read at a miss at OFFSET, when RUN are in a row. */
static uint32_t
ext2_data_ahead(struct ext2_inode *inode, uint64_t offset, size_t size,
    uint32_t run)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t left = (inode->size - offset + fs->block_size - 1)
	    >> fs->block_shift;
	uint32_t want = (offset == inode->read_next ? EXT2_READ_AHEAD
	    : EXT2_READ_AROUND) >> fs->block_shift;
	uint32_t asked = (size + fs->block_size - 1) >> fs->block_shift;

	if (want < asked) {
		want = asked;
	}
	if (want > run) {
		want = run;
	}
	if (want > left) {
		want = left;
	}
	return want > 0 ? want : 1;
}

/* Read within one block. */
static kern_return_t
ext2_data_read_block(struct ext2_inode *inode, uint64_t offset, uint8_t *data,
    size_t size, size_t total)
{
	struct ext2_fs *fs = inode->fs;
	struct cache_buf *buf;
	uint32_t block;
	uint32_t run;
	kern_return_t kr;

	kr = ext2_map_lookup(inode, offset >> fs->block_shift, &block, &run);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (block == 0) {
		memset(data, 0, size);
		return KERN_SUCCESS;
	}
	kr = cache_read(&fs->cache, block,
	    ext2_data_ahead(inode, offset, total, run), &buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy(data, buf->data + (offset & (fs->block_size - 1)), size);
	cache_release(buf);
	return KERN_SUCCESS;
}

kern_return_t
ext2_data_read(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size, size_t *donep)
{
	uint32_t block_size = inode->fs->block_size;
	size_t done = 0;
	size_t part;
	kern_return_t kr;

	if (offset >= inode->size) {
		*donep = 0;
		return KERN_SUCCESS;
	}
	size = ext2_data_min(size, inode->size - offset);
	while (done < size) {
		part = ext2_data_min(size - done,
		    block_size - (offset & (block_size - 1)));
		kr = ext2_data_read_block(inode, offset,
		    (uint8_t *) data + done, part, size - done);
		if (kr != KERN_SUCCESS) {
			if (done > 0) {
				break;
			}
			return kr;
		}
		done += part;
		offset += part;
		if (inode->read_next == offset - part) {
			inode->read_next = offset;
		}
	}
	inode->read_next = offset;
	*donep = done;
	return KERN_SUCCESS;
}

/* Up to RUN blocks from LBLOCK on, at BLOCK of the disk; how many it were. */
static kern_return_t
ext2_data_fetch_run(struct ext2_inode *inode, uint64_t lblock, uint32_t block,
    uint32_t *runp, uint8_t *to)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t run = 0;

	if (ext2_piece_pending(inode, lblock)) {
		ext2_piece_fetch(inode, lblock, to);
		*runp = 1;
		return KERN_SUCCESS;
	}
	while (run < *runp && !ext2_piece_pending(inode, lblock + run)) {
		run++;
	}
	*runp = run;
	if (block == 0) {
		memset(to, 0, (size_t) run << fs->block_shift);
		return KERN_SUCCESS;
	}
	return cache_fetch(&fs->cache, block, run, to);
}

kern_return_t
ext2_data_fetch(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t limit = ext2_piece_limit(inode);
	uint8_t *to = data;
	size_t left = offset < limit
	    ? ext2_data_min(size, limit - offset) : 0;
	uint64_t lblock;
	size_t part;
	uint32_t block;
	uint32_t run;
	kern_return_t kr = KERN_SUCCESS;

	for (size_t done = 0; done < left && kr == KERN_SUCCESS; done += part) {
		lblock = (offset + done) >> fs->block_shift;
		kr = ext2_map_lookup(inode, lblock, &block, &run);
		if (kr != KERN_SUCCESS) {
			break;
		}
		run = ext2_data_min(run, (left - done + fs->block_size - 1)
		    >> fs->block_shift);
		kr = ext2_data_fetch_run(inode, lblock, block, &run,
		    to + done);
		part = (size_t) run << fs->block_shift;
	}
	memset(to + left, 0, size - left);
	return kr;
}

/* The blocks at LBLOCK, *RUNP in a row, and one is made if there is none. */
static kern_return_t
ext2_data_find(struct ext2_inode *inode, uint64_t lblock, uint32_t *blockp,
    uint32_t *runp)
{
	bool fresh;
	kern_return_t kr;

	kr = ext2_map_lookup(inode, lblock, blockp, runp);
	if (kr == KERN_SUCCESS && *blockp == 0) {
		*runp = 1;
		kr = ext2_map_make(inode, lblock, true, blockp, &fresh);
	}
	return kr;
}

/* Write the whole blocks [OFFSET, OFFSET + SIZE) past the cache. */
static kern_return_t
ext2_data_store_blocks(struct ext2_inode *inode, uint64_t offset,
    const uint8_t *data, size_t size)
{
	struct ext2_fs *fs = inode->fs;
	size_t part;
	uint32_t block;
	uint32_t run;
	kern_return_t kr = KERN_SUCCESS;

	for (size_t done = 0; done < size && kr == KERN_SUCCESS; done += part) {
		kr = ext2_data_find(inode, (offset + done) >> fs->block_shift,
		    &block, &run);
		if (kr != KERN_SUCCESS) {
			break;
		}
		run = ext2_data_min(run, (size - done) >> fs->block_shift);
		part = (size_t) run << fs->block_shift;
		kr = cache_store(&fs->cache, block, run, data + done);
	}
	return kr;
}

kern_return_t
ext2_data_store(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size)
{
	uint32_t block_size = inode->fs->block_size;
	uint64_t limit = ext2_piece_limit(inode);
	uint8_t *from = data;
	size_t left = offset < limit
	    ? ext2_data_min(size, limit - offset) : 0;
	size_t whole = (left + block_size - 1) & ~(size_t) (block_size - 1);
	size_t done;
	kern_return_t kr;
	kern_return_t kr2;

	memset(from + left, 0, whole - left);
	ext2_piece_stored(inode, offset, whole);
	kr = ext2_data_store_blocks(inode, offset, from, whole);
	if (kr == UNIX_EIO) {
		return ext2_data_write(inode, offset, data, left, true, &done);
	}
	kr2 = ext2_inode_update(inode);
	return kr != KERN_SUCCESS ? kr : kr2;
}

/* Write within one block; DATA NULL only makes sure that it is there. */
static kern_return_t
ext2_data_write_block(struct ext2_inode *inode, uint64_t offset,
    const uint8_t *data, size_t size, bool reserve)
{
	struct ext2_fs *fs = inode->fs;
	struct cache_buf *buf;
	uint32_t block;
	bool fresh;
	kern_return_t kr;

	kr = ext2_map_make(inode, offset >> fs->block_shift, reserve, &block,
	    &fresh);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (data == NULL && !fresh) {
		return KERN_SUCCESS;
	}
	if (fresh) {
		kr = cache_fresh(&fs->cache, block, &buf);
	} else if (size == fs->block_size) {
		kr = cache_overwrite(&fs->cache, block, &buf);
	} else {
		kr = cache_read(&fs->cache, block, 1, &buf);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (data != NULL) {
		memcpy(buf->data + (offset & (fs->block_size - 1)), data,
		    size);
	}
	cache_dirty(buf, CACHE_DATA, inode->ino);
	cache_release(buf);
	return KERN_SUCCESS;
}

/* The disk must say so before it holds a file of 2 GiB or more. */
static void
ext2_data_mark_large(struct ext2_fs *fs)
{
	os_mutex_lock(&fs->alloc_lock);
	if ((fs->super.feature_ro_compat & EXT2_RO_LARGE_FILE) == 0
	    && fs->super.rev_level > 0) {
		fs->super.feature_ro_compat |= EXT2_RO_LARGE_FILE;
		fs->super_dirty = true;
	}
	os_mutex_unlock(&fs->alloc_lock);
}

void
ext2_data_set_size(struct ext2_inode *inode, uint64_t size)
{
	inode->size = size;
	if (size >= EXT2_LARGE_FILE_SIZE) {
		ext2_data_mark_large(inode->fs);
	}
}

uint64_t
ext2_data_size_max(const struct ext2_fs *fs)
{
	if (fs->super.rev_level == 0) {
		return EXT2_LARGE_FILE_SIZE - 1;
	}
	return fs->size_max;
}

kern_return_t
ext2_data_write(struct ext2_inode *inode, uint64_t offset, const void *data,
    size_t size, bool reserve, size_t *donep)
{
	uint32_t block_size = inode->fs->block_size;
	uint64_t max = ext2_data_size_max(inode->fs);
	kern_return_t kr = KERN_SUCCESS;
	size_t done = 0;
	size_t part;

	if (size == 0) {
		*donep = 0;
		return KERN_SUCCESS;
	}
	if (offset >= max) {
		return UNIX_EFBIG;
	}
	size = ext2_data_min(size, max - offset);
	while (done < size) {
		part = ext2_data_min(size - done,
		    block_size - (offset & (block_size - 1)));
		kr = ext2_data_write_block(inode, offset,
		    (const uint8_t *) data + done, part, reserve);
		if (kr != KERN_SUCCESS) {
			break;
		}
		done += part;
		offset += part;
		if (offset > inode->size) {
			ext2_data_set_size(inode, offset);
		}
	}
	/* Also after an error: the map may have grown. */
	if (ext2_inode_update(inode) != KERN_SUCCESS) {
		return UNIX_EIO;
	}
	if (done == 0) {
		return kr;
	}
	*donep = done;
	return KERN_SUCCESS;
}

/* Zero the rest of the block in which SIZE ends. */
static kern_return_t
ext2_data_zero_tail(struct ext2_inode *inode, uint64_t size)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t offset = size & (fs->block_size - 1);
	struct cache_buf *buf;
	uint32_t block;
	kern_return_t kr;

	if (offset == 0) {
		return KERN_SUCCESS;
	}
	kr = ext2_map_lookup(inode, size >> fs->block_shift, &block, NULL);
	if (kr != KERN_SUCCESS || block == 0) {
		return kr;
	}
	kr = cache_read(&fs->cache, block, 1, &buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memset(buf->data + offset, 0, fs->block_size - offset);
	cache_dirty(buf, CACHE_DATA, inode->ino);
	cache_release(buf);
	return KERN_SUCCESS;
}

kern_return_t
ext2_data_resize(struct ext2_inode *inode, uint64_t size)
{
	struct ext2_fs *fs = inode->fs;
	kern_return_t kr;

	if (size > ext2_data_size_max(fs)) {
		return UNIX_EFBIG;
	}
	if (size < inode->size) {
		kr = ext2_data_zero_tail(inode, size);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	ext2_data_set_size(inode, size);
	ext2_map_truncate(inode,
	    (size + fs->block_size - 1) >> fs->block_shift);
	return ext2_inode_update(inode);
}

kern_return_t
ext2_data_reserve(struct ext2_inode *inode, uint64_t offset, size_t size,
    bool reserve)
{
	uint32_t block_size = inode->fs->block_size;
	uint64_t end = offset + size;
	kern_return_t kr = KERN_SUCCESS;
	kern_return_t kr2;

	if (end > inode->size) {
		end = inode->size;
	}
	for (offset &= ~(uint64_t) (block_size - 1);
	    offset < end && kr == KERN_SUCCESS; offset += block_size) {
		kr = ext2_data_write_block(inode, offset, NULL, block_size,
		    reserve);
	}
	kr2 = ext2_inode_update(inode);
	return kr != KERN_SUCCESS ? kr : kr2;
}

kern_return_t
ext2_data_has_hole(struct ext2_inode *inode, uint64_t offset, size_t size,
    bool *holep)
{
	uint32_t shift = inode->fs->block_shift;
	uint64_t end = offset + size;
	uint32_t block;
	kern_return_t kr;

	*holep = false;
	if (end > inode->size) {
		end = inode->size;
	}
	for (uint64_t lblock = offset >> shift; lblock << shift < end;
	    lblock++) {
		kr = ext2_map_lookup(inode, lblock, &block, NULL);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (block == 0) {
			*holep = true;
			return KERN_SUCCESS;
		}
	}
	return KERN_SUCCESS;
}

kern_return_t
ext2_data_seek(struct ext2_inode *inode, uint64_t offset, bool hole,
    uint64_t *foundp)
{
	uint32_t shift = inode->fs->block_shift;
	uint64_t lblock;
	uint32_t block;
	uint32_t run;
	kern_return_t kr;

	if (offset >= inode->size) {
		return UNIX_ENXIO;
	}
	for (lblock = offset >> shift; lblock << shift < inode->size;
	    lblock += run) {
		kr = ext2_map_lookup(inode, lblock, &block, &run);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if ((block == 0) == hole) {
			if (lblock << shift > offset) {
				offset = lblock << shift;
			}
			*foundp = offset;
			return KERN_SUCCESS;
		}
	}
	if (!hole) {
		return UNIX_ENXIO;
	}
	*foundp = inode->size;
	return KERN_SUCCESS;
}

kern_return_t
ext2_data_read_link(struct ext2_inode *inode, char *target, size_t *sizep)
{
	if (!ext2_inode_is(inode, FILE_S_IFLNK)) {
		return UNIX_EINVAL;
	}
	if (ext2_inode_is_fast_link(inode)) {
		memcpy(target, inode->block, inode->size);
		*sizep = inode->size;
		return KERN_SUCCESS;
	}
	if (inode->size > FILE_PATH_MAX) {
		return ext2_fs_damage(inode->fs, "size of link inode",
		    inode->ino);
	}
	return ext2_data_read(inode, 0, target, inode->size, sizep);
}

kern_return_t
ext2_data_write_link(struct ext2_inode *inode, const char *target, size_t size,
    bool reserve)
{
	size_t done;
	kern_return_t kr;

	if (size <= EXT2_FAST_LINK_MAX) {
		memcpy(inode->block, target, size);
		inode->size = size;
		return KERN_SUCCESS;
	}
	if (size >= inode->fs->block_size) {
		return UNIX_ENAMETOOLONG;
	}
	kr = ext2_data_write(inode, 0, target, size, reserve, &done);
	if (kr == KERN_SUCCESS && done < size) {
		kr = UNIX_ENOSPC;
	}
	return kr;
}
