/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Bitmaps are read through the cache; counts are in the super block and the
 * group descriptors in memory.  A bitmap that says a block of metadata is free
 * is not believed.
 */
#include <servers/file/ext2_alloc.h>

#include <servers/errors.h>

#include <string.h>

#define EXT2_NO_BIT	UINT32_MAX

static bool
ext2_alloc_test(const uint8_t *map, uint32_t bit)
{
	return (map[bit / 8] & (1u << (bit % 8))) != 0;
}

static void
ext2_alloc_set(uint8_t *map, uint32_t bit)
{
	map[bit / 8] |= 1u << (bit % 8);
}

static void
ext2_alloc_clear(uint8_t *map, uint32_t bit)
{
	map[bit / 8] &= ~(1u << (bit % 8));
}

/* First clear bit in [START, END). */
static uint32_t
ext2_alloc_find(const uint8_t *map, uint32_t start, uint32_t end)
{
	uint32_t bit = start;

	while (bit < end) {
		if (bit % 8 == 0 && map[bit / 8] == 0xff) {
			bit += 8;
		} else if (ext2_alloc_test(map, bit)) {
			bit++;
		} else {
			return bit;
		}
	}
	return EXT2_NO_BIT;
}

/* First bit of a wholly clear byte in [START, END). */
static uint32_t
ext2_alloc_find_run(const uint8_t *map, uint32_t start, uint32_t end)
{
	for (uint32_t bit = (start + 7) & ~7u; bit + 8 <= end; bit += 8) {
		if (map[bit / 8] == 0) {
			return bit;
		}
	}
	return EXT2_NO_BIT;
}

/*
 * The bit to take in a group of END blocks, when bit GOAL is wished for: it, or
 * one close behind, or the start of a free run, or any.
 */
static uint32_t
ext2_alloc_choose(const uint8_t *map, uint32_t goal, uint32_t end)
{
	uint32_t near = goal + 64 < end ? goal + 64 : end;
	uint32_t bit = ext2_alloc_find(map, goal, near);

	if (bit == EXT2_NO_BIT) {
		bit = ext2_alloc_find_run(map, goal, end);
	}
	if (bit == EXT2_NO_BIT) {
		bit = ext2_alloc_find(map, goal, end);
	}
	if (bit == EXT2_NO_BIT) {
		bit = ext2_alloc_find(map, 0, goal);
	}
	return bit;
}

static bool
ext2_alloc_allowed_locked(struct ext2_fs *fs, bool reserve)
{
	uint32_t keep = reserve ? 0 : fs->super.r_blocks_count;

	return fs->super.free_blocks_count > keep;
}

/* Take a block in GROUP; UNIX_ENOSPC if it has none. */
static kern_return_t
ext2_alloc_in_group_locked(struct ext2_fs *fs, uint32_t group, uint32_t goal,
    uint32_t *blockp)
{
	struct ext2_group *gd = &fs->groups[group];
	uint32_t first = ext2_fs_group_first(fs, group);
	uint32_t end = ext2_fs_group_blocks(fs, group);
	struct cache_buf *buf;
	kern_return_t kr;
	uint32_t bit;

	kr = cache_read(&fs->cache, gd->block_bitmap, 1, &buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = UNIX_ENOSPC;
	for (;;) {
		bit = ext2_alloc_choose(buf->data, goal, end);
		if (bit == EXT2_NO_BIT) {
			break;
		}
		ext2_alloc_set(buf->data, bit);
		cache_dirty(buf, CACHE_META, 0);
		if (ext2_fs_block_valid(fs, first + bit)) {
			gd->free_blocks_count--;
			fs->super.free_blocks_count--;
			ext2_fs_group_dirty_locked(fs, group);
			*blockp = first + bit;
			kr = KERN_SUCCESS;
			break;
		}
		(void) ext2_fs_damage(fs, "metadata marked free", first + bit);
	}
	cache_release(buf);
	return kr;
}

kern_return_t
ext2_alloc_block(struct ext2_fs *fs, uint32_t goal, bool reserve,
    uint32_t *blockp)
{
	uint32_t group = 0;
	uint32_t bit = 0;
	kern_return_t kr = UNIX_ENOSPC;
	kern_return_t failure = KERN_SUCCESS;

	if (goal > fs->super.first_data_block
	    && goal < fs->super.blocks_count) {
		group = (goal - fs->super.first_data_block)
		    / fs->super.blocks_per_group;
		bit = goal - ext2_fs_group_first(fs, group);
	}
	os_mutex_lock(&fs->alloc_lock);
	for (uint32_t i = 0; i < fs->group_count
	    && ext2_alloc_allowed_locked(fs, reserve); i++) {
		if (fs->groups[group].free_blocks_count != 0) {
			kr = ext2_alloc_in_group_locked(fs, group, bit,
			    blockp);
			if (kr == KERN_SUCCESS) {
				break;
			}
			if (kr != UNIX_ENOSPC) {
				failure = kr;
			}
		}
		group = (group + 1) % fs->group_count;
		bit = 0;
	}
	os_mutex_unlock(&fs->alloc_lock);
	if (kr != KERN_SUCCESS && failure != KERN_SUCCESS) {
		return failure;
	}
	return kr;
}

/* Free what of [BLOCK, BLOCK + COUNT) lies in its first group; say how much. */
static uint32_t
ext2_alloc_free_locked(struct ext2_fs *fs, uint32_t block, uint32_t count)
{
	uint32_t group = (block - fs->super.first_data_block)
	    / fs->super.blocks_per_group;
	uint32_t bit = block - ext2_fs_group_first(fs, group);
	uint32_t left = ext2_fs_group_blocks(fs, group) - bit;
	struct ext2_group *gd = &fs->groups[group];
	struct cache_buf *buf;

	if (count > left) {
		count = left;
	}
	if (cache_read(&fs->cache, gd->block_bitmap, 1, &buf)
	    != KERN_SUCCESS) {
		(void) ext2_fs_damage(fs, "bitmap cannot be read", group);
		return count;
	}
	for (uint32_t i = bit; i < bit + count; i++) {
		if (!ext2_alloc_test(buf->data, i)) {
			(void) ext2_fs_damage(fs, "block freed twice",
			    block + (i - bit));
			continue;
		}
		ext2_alloc_clear(buf->data, i);
		gd->free_blocks_count++;
		fs->super.free_blocks_count++;
	}
	cache_dirty(buf, CACHE_META, 0);
	cache_release(buf);
	ext2_fs_group_dirty_locked(fs, group);
	return count;
}

void
ext2_alloc_free_blocks(struct ext2_fs *fs, uint32_t block, uint32_t count)
{
	uint32_t done;

	/* While they are still ours: nobody else may get them before. */
	cache_forget(&fs->cache, block, count);
	os_mutex_lock(&fs->alloc_lock);
	while (count > 0) {
		done = ext2_alloc_free_locked(fs, block, count);
		block += done;
		count -= done;
	}
	os_mutex_unlock(&fs->alloc_lock);
}

/* The group for a new directory in group PARENT. */
static uint32_t
ext2_alloc_group_directory_locked(struct ext2_fs *fs, uint32_t parent)
{
	uint32_t average = fs->super.free_inodes_count / fs->group_count;
	uint32_t best = parent;
	uint32_t best_blocks = 0;
	struct ext2_group *gd;
	uint32_t group;

	for (uint32_t i = 0; i < fs->group_count; i++) {
		group = (parent + i) % fs->group_count;
		gd = &fs->groups[group];
		if (gd->free_inodes_count == 0
		    || gd->free_inodes_count < average) {
			continue;
		}
		if (gd->free_blocks_count > best_blocks) {
			best = group;
			best_blocks = gd->free_blocks_count;
		}
	}
	return best;
}

static kern_return_t
ext2_alloc_inode_in_group_locked(struct ext2_fs *fs, uint32_t group,
    bool directory, uint32_t *inop)
{
	struct ext2_group *gd = &fs->groups[group];
	uint32_t first = group * fs->super.inodes_per_group;
	uint32_t start = 0;
	struct cache_buf *buf;
	kern_return_t kr;
	uint32_t bit;

	kr = cache_read(&fs->cache, gd->inode_bitmap, 1, &buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (first < fs->first_ino) {
		start = fs->first_ino - 1 - first;
	}
	bit = ext2_alloc_find(buf->data, start, fs->super.inodes_per_group);
	if (bit == EXT2_NO_BIT) {
		cache_release(buf);
		return UNIX_ENOSPC;
	}
	ext2_alloc_set(buf->data, bit);
	cache_dirty(buf, CACHE_META, 0);
	cache_release(buf);
	gd->free_inodes_count--;
	fs->super.free_inodes_count--;
	if (directory) {
		gd->used_dirs_count++;
	}
	ext2_fs_group_dirty_locked(fs, group);
	*inop = first + bit + 1;
	return KERN_SUCCESS;
}

kern_return_t
ext2_alloc_inode(struct ext2_fs *fs, uint32_t parent, bool directory,
    uint32_t *inop)
{
	uint32_t group = (parent - 1) / fs->super.inodes_per_group;
	kern_return_t kr = UNIX_ENOSPC;
	kern_return_t failure = KERN_SUCCESS;

	os_mutex_lock(&fs->alloc_lock);
	if (directory) {
		group = ext2_alloc_group_directory_locked(fs, group);
	}
	for (uint32_t i = 0; i < fs->group_count
	    && fs->super.free_inodes_count != 0; i++) {
		if (fs->groups[group].free_inodes_count != 0) {
			kr = ext2_alloc_inode_in_group_locked(fs, group,
			    directory, inop);
			if (kr == KERN_SUCCESS) {
				break;
			}
			if (kr != UNIX_ENOSPC) {
				failure = kr;
			}
		}
		group = (group + 1) % fs->group_count;
	}
	os_mutex_unlock(&fs->alloc_lock);
	if (kr != KERN_SUCCESS && failure != KERN_SUCCESS) {
		return failure;
	}
	return kr;
}

void
ext2_alloc_free_inode(struct ext2_fs *fs, uint32_t ino, bool directory)
{
	uint32_t group = (ino - 1) / fs->super.inodes_per_group;
	uint32_t bit = (ino - 1) % fs->super.inodes_per_group;
	struct ext2_group *gd = &fs->groups[group];
	struct cache_buf *buf;

	os_mutex_lock(&fs->alloc_lock);
	if (cache_read(&fs->cache, gd->inode_bitmap, 1, &buf)
	    != KERN_SUCCESS) {
		(void) ext2_fs_damage(fs, "bitmap cannot be read", group);
		goto out_unlock;
	}
	if (!ext2_alloc_test(buf->data, bit)) {
		(void) ext2_fs_damage(fs, "inode freed twice", ino);
		goto out_release;
	}
	ext2_alloc_clear(buf->data, bit);
	cache_dirty(buf, CACHE_META, 0);
	gd->free_inodes_count++;
	fs->super.free_inodes_count++;
	if (directory && gd->used_dirs_count > 0) {
		gd->used_dirs_count--;
	}
	ext2_fs_group_dirty_locked(fs, group);
out_release:
	cache_release(buf);
out_unlock:
	os_mutex_unlock(&fs->alloc_lock);
}
