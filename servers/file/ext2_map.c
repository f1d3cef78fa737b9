/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Block maps.  A way to a block is a list of pointer indexes: the first in the
 * inode, the others in the map blocks of the tree.
 */
#include <servers/file/ext2_map.h>

#include <servers/errors.h>
#include <servers/file/ext2_alloc.h>

#include <string.h>

#define EXT2_DEPTH_MAX	4

struct ext2_way {
	uint32_t	depth;			/* pointers to follow, 1..4 */
	uint32_t	index[EXT2_DEPTH_MAX];
};

static kern_return_t
ext2_map_way(const struct ext2_inode *inode, uint64_t lblock,
    struct ext2_way *way)
{
	uint32_t shift = inode->fs->addr_shift;
	uint32_t mask = (1u << shift) - 1;
	uint64_t span = 1;

	if (lblock < EXT2_DIRECT_BLOCKS) {
		way->depth = 1;
		way->index[0] = lblock;
		return KERN_SUCCESS;
	}
	lblock -= EXT2_DIRECT_BLOCKS;
	for (uint32_t level = 1; level < EXT2_DEPTH_MAX; level++) {
		span <<= shift;
		if (lblock >= span) {
			lblock -= span;
			continue;
		}
		way->depth = level + 1;
		way->index[0] = EXT2_DIRECT_BLOCKS + level - 1;
		for (uint32_t i = level; i > 0; i--) {
			way->index[i] = lblock & mask;
			lblock >>= shift;
		}
		return KERN_SUCCESS;
	}
	return UNIX_EFBIG;
}

/* How many pointers from PTR on, at most COUNT, continue its run. */
static uint32_t
ext2_map_run(const uint32_t *ptr, uint32_t count)
{
	uint32_t run = 1;

	while (run < count
	    && ptr[run] == (ptr[0] == 0 ? 0 : ptr[0] + run)) {
		run++;
	}
	return run;
}

static kern_return_t
ext2_map_check(struct ext2_inode *inode, uint32_t block)
{
	if (block != 0 && !ext2_fs_block_valid(inode->fs, block)) {
		return ext2_fs_damage(inode->fs, "block number in inode",
		    inode->ino);
	}
	return KERN_SUCCESS;
}

kern_return_t
ext2_map_lookup(struct ext2_inode *inode, uint64_t lblock, uint32_t *blockp,
    uint32_t *runp)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t pointers = 1u << fs->addr_shift;
	struct cache_buf *buf;
	const uint32_t *ptr;
	struct ext2_way way;
	uint32_t block;
	uint32_t run;
	kern_return_t kr;

	kr = ext2_map_way(inode, lblock, &way);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	block = inode->block[way.index[0]];
	run = 1;
	if (way.depth == 1) {
		run = ext2_map_run(&inode->block[way.index[0]],
		    EXT2_DIRECT_BLOCKS - way.index[0]);
	}
	for (uint32_t i = 1; i < way.depth; i++) {
		kr = ext2_map_check(inode, block);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (block == 0) {
			/* The rest of this map block is a hole as well. */
			run = pointers - way.index[way.depth - 1];
			break;
		}
		kr = cache_read(&fs->cache, block, 1, &buf);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		ptr = (const uint32_t *) buf->data + way.index[i];
		block = *ptr;
		run = ext2_map_run(ptr, pointers - way.index[i]);
		cache_release(buf);
	}
	kr = ext2_map_check(inode, block);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*blockp = block;
	if (runp != NULL) {
		*runp = run;
	}
	return KERN_SUCCESS;
}

/*
 * Follow WAY as far as there are blocks.  LEVEL says how many pointers were
 * followed to a block; PARENT is the referenced map block with the next
 * pointer, NULL if that is in the inode.  BLOCK is what the last one said.
 */
static kern_return_t
ext2_map_descend(struct ext2_inode *inode, const struct ext2_way *way,
    uint32_t *levelp, struct cache_buf **parentp, uint32_t *blockp)
{
	struct cache_buf *buf = NULL;
	struct cache_buf *next;
	uint32_t block = inode->block[way->index[0]];
	uint32_t level = 0;
	kern_return_t kr;

	for (;;) {
		kr = ext2_map_check(inode, block);
		if (kr != KERN_SUCCESS) {
			break;
		}
		if (block == 0 || level + 1 == way->depth) {
			*levelp = level;
			*parentp = buf;
			*blockp = block;
			return KERN_SUCCESS;
		}
		kr = cache_read(&inode->fs->cache, block, 1, &next);
		if (kr != KERN_SUCCESS) {
			break;
		}
		if (buf != NULL) {
			cache_release(buf);
		}
		buf = next;
		level++;
		block = ((uint32_t *) buf->data)[way->index[level]];
	}
	if (buf != NULL) {
		cache_release(buf);
	}
	return kr;
}

/* Where the next block of INODE should be. */
static uint32_t
ext2_map_goal(struct ext2_inode *inode)
{
	if (inode->goal != 0) {
		return inode->goal;
	}
	return ext2_fs_group_first(inode->fs,
	    (inode->ino - 1) / inode->fs->super.inodes_per_group);
}

/* COUNT blocks, or none. */
static kern_return_t
ext2_map_alloc(struct ext2_inode *inode, uint32_t count, bool reserve,
    uint32_t *blocks)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t goal = ext2_map_goal(inode);
	kern_return_t kr;

	for (uint32_t i = 0; i < count; i++) {
		kr = ext2_alloc_block(fs, goal, reserve, &blocks[i]);
		if (kr != KERN_SUCCESS) {
			while (i > 0) {
				i--;
				ext2_alloc_free_blocks(fs, blocks[i], 1);
			}
			return kr;
		}
		goal = blocks[i] + 1;
	}
	return KERN_SUCCESS;
}

/*
 * Make BLOCKS[0 .. COUNT-2] a chain of map blocks that leads to the last of
 * BLOCKS by the way's indexes behind LEVEL.
 */
static kern_return_t
ext2_map_chain(struct ext2_inode *inode, const struct ext2_way *way,
    uint32_t level, const uint32_t *blocks, uint32_t count)
{
	struct cache_buf *buf;
	kern_return_t kr;

	for (uint32_t i = 0; i + 1 < count; i++) {
		kr = cache_fresh(&inode->fs->cache, blocks[i], &buf);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		((uint32_t *) buf->data)[way->index[level + 1 + i]]
		    = blocks[i + 1];
		cache_dirty(buf, CACHE_META, inode->ino);
		cache_release(buf);
	}
	return KERN_SUCCESS;
}

static kern_return_t
ext2_map_grow(struct ext2_inode *inode, const struct ext2_way *way,
    uint32_t level, struct cache_buf *parent, bool reserve, uint32_t *blockp)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t count = way->depth - level;
	uint32_t blocks[EXT2_DEPTH_MAX];
	kern_return_t kr;

	kr = ext2_map_alloc(inode, count, reserve, blocks);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = ext2_map_chain(inode, way, level, blocks, count);
	if (kr != KERN_SUCCESS) {
		for (uint32_t i = 0; i < count; i++) {
			ext2_alloc_free_blocks(fs, blocks[i], 1);
		}
		return kr;
	}
	if (parent == NULL) {
		inode->block[way->index[0]] = blocks[0];
	} else {
		((uint32_t *) parent->data)[way->index[level]] = blocks[0];
		cache_dirty(parent, CACHE_META, inode->ino);
	}
	inode->sectors += count * (fs->block_size / 512);
	inode->goal = blocks[count - 1] + 1;
	*blockp = blocks[count - 1];
	return KERN_SUCCESS;
}

kern_return_t
ext2_map_make(struct ext2_inode *inode, uint64_t lblock, bool reserve,
    uint32_t *blockp, bool *fresh)
{
	struct cache_buf *parent;
	struct ext2_way way;
	uint32_t level;
	uint32_t block;
	kern_return_t kr;

	if (inode->orphaned) {
		return UNIX_EIO;
	}
	kr = ext2_map_way(inode, lblock, &way);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = ext2_map_descend(inode, &way, &level, &parent, &block);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*fresh = block == 0;
	if (block == 0) {
		kr = ext2_map_grow(inode, &way, level, parent, reserve,
		    &block);
	} else {
		inode->goal = block + 1;
	}
	if (parent != NULL) {
		cache_release(parent);
	}
	if (kr == KERN_SUCCESS) {
		*blockp = block;
	}
	return kr;
}

/* A run of blocks about to be freed. */
struct ext2_gather {
	struct ext2_inode	*inode;
	uint32_t		first;
	uint32_t		count;
};

static void
ext2_map_gather_flush(struct ext2_gather *gather)
{
	struct ext2_inode *inode = gather->inode;
	uint32_t sectors = gather->count * (inode->fs->block_size / 512);

	if (gather->count == 0) {
		return;
	}
	ext2_alloc_free_blocks(inode->fs, gather->first, gather->count);
	inode->sectors -= sectors < inode->sectors ? sectors : inode->sectors;
	gather->count = 0;
}

static void
ext2_map_gather_add(struct ext2_gather *gather, uint32_t block)
{
	if (gather->count != 0 && block == gather->first + gather->count) {
		gather->count++;
		return;
	}
	ext2_map_gather_flush(gather);
	gather->first = block;
	gather->count = 1;
}

/*
 * Free what pointer PTR leads to, LEVELS of map blocks and then data, as far
 * as it is at or behind block START of the part of the file that it covers.
 * The pointer becomes a hole if START is 0.
 */
static void
ext2_map_free(struct ext2_gather *gather, uint32_t *ptr, uint32_t levels,
    uint64_t start)
{
	struct ext2_fs *fs = gather->inode->fs;
	uint32_t pointers = 1u << fs->addr_shift;
	uint32_t block = *ptr;
	struct cache_buf *buf;
	uint64_t span;
	uint32_t first;

	if (block == 0) {
		return;
	}
	if (start == 0) {
		*ptr = 0;
	}
	if (ext2_map_check(gather->inode, block) != KERN_SUCCESS) {
		return;
	}
	if (levels == 0) {
		ext2_map_gather_add(gather, block);
		return;
	}
	if (cache_read(&fs->cache, block, 1, &buf) != KERN_SUCCESS) {
		(void) ext2_fs_damage(fs, "map block unreadable", block);
		return;
	}
	span = UINT64_C(1) << (fs->addr_shift * (levels - 1));
	first = start / span;
	for (uint32_t i = first; i < pointers; i++) {
		ext2_map_free(gather, (uint32_t *) buf->data + i, levels - 1,
		    i == first ? start % span : 0);
	}
	if (start == 0) {
		cache_release(buf);
		ext2_map_gather_add(gather, block);
	} else {
		cache_dirty(buf, CACHE_META, gather->inode->ino);
		cache_release(buf);
	}
}

void
ext2_map_truncate(struct ext2_inode *inode, uint64_t lblock)
{
	struct ext2_gather gather = { inode, 0, 0 };
	uint32_t shift = inode->fs->addr_shift;
	uint64_t base = EXT2_DIRECT_BLOCKS;
	uint64_t span;

	inode->goal = 0;
	if (ext2_inode_is_fast_link(inode)
	    || !(ext2_inode_is(inode, FILE_S_IFREG)
		|| ext2_inode_is(inode, FILE_S_IFDIR)
		|| ext2_inode_is(inode, FILE_S_IFLNK))) {
		return;
	}
	for (uint64_t i = lblock; i < EXT2_DIRECT_BLOCKS; i++) {
		ext2_map_free(&gather, &inode->block[i], 0, 0);
	}
	for (uint32_t level = 1; level < EXT2_DEPTH_MAX; level++) {
		span = UINT64_C(1) << (shift * level);
		if (lblock < base + span) {
			ext2_map_free(&gather,
			    &inode->block[EXT2_DIRECT_BLOCKS + level - 1],
			    level, lblock > base ? lblock - base : 0);
		}
		base += span;
	}
	ext2_map_gather_flush(&gather);
}
