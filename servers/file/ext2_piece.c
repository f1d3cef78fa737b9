/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Pieces of files that are being written.
 */
#include <servers/file/ext2_piece.h>

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_map.h>

#include <string.h>

uint64_t
ext2_piece_limit(const struct ext2_inode *inode)
{
	const struct ext2_piece *piece = inode->piece;

	if (piece == NULL || piece->offset + piece->size < inode->size) {
		return inode->size;
	}
	return piece->offset + piece->size;
}

/* The bit of block LBLOCK in INODE's piece, or 0. */
static uint64_t
ext2_piece_bit(const struct ext2_inode *inode, uint64_t lblock)
{
	const struct ext2_piece *piece = inode->piece;
	uint64_t first;

	if (piece == NULL) {
		return 0;
	}
	first = piece->offset >> inode->fs->block_shift;
	return lblock >= first && lblock - first < 64
	    ? UINT64_C(1) << (lblock - first) : 0;
}

bool
ext2_piece_pending(const struct ext2_inode *inode, uint64_t lblock)
{
	uint64_t bit = ext2_piece_bit(inode, lblock);

	return bit != 0 && (inode->piece->pending & bit) != 0;
}

void
ext2_piece_fetch(const struct ext2_inode *inode, uint64_t lblock,
    uint8_t *to)
{
	const struct ext2_piece *piece = inode->piece;
	uint64_t start = lblock << inode->fs->block_shift;
	uint64_t end = start + inode->fs->block_size;

	memset(to, 0, inode->fs->block_size);
	if (start < piece->offset) {
		to += piece->offset - start;
		start = piece->offset;
	}
	if (end > piece->offset + piece->size) {
		end = piece->offset + piece->size;
	}
	if (start < end) {
		memcpy(to, piece->data + (start - piece->offset), end - start);
	}
}

void
ext2_piece_stored(struct ext2_inode *inode, uint64_t offset, size_t size)
{
	uint32_t shift = inode->fs->block_shift;

	for (uint64_t lblock = offset >> shift;
	    lblock << shift < offset + size; lblock++) {
		if (inode->piece != NULL) {
			inode->piece->pending &=
			    ~ext2_piece_bit(inode, lblock);
		}
	}
}

/*
 * Does PIECE say all that will be in block LBLOCK, so that what is on the disk
 * does not matter?
 */
static bool
ext2_piece_covers(const struct ext2_inode *inode,
    const struct ext2_piece *piece, uint64_t lblock)
{
	uint64_t start = lblock << inode->fs->block_shift;
	uint64_t end = piece->offset + piece->size;

	return start >= piece->offset
	    && (start + inode->fs->block_size <= end || end >= inode->size);
}

kern_return_t
ext2_piece_begin(struct ext2_inode *inode, struct ext2_piece *piece,
    bool reserve)
{
	uint32_t shift = inode->fs->block_shift;
	uint64_t max = ext2_data_size_max(inode->fs);
	uint64_t first = piece->offset >> shift;
	uint32_t count = 0;
	uint32_t block;
	bool fresh;
	kern_return_t kr = KERN_SUCCESS;

	if (piece->offset >= max) {
		return UNIX_EFBIG;
	}
	piece->size = piece->size < max - piece->offset
	    ? piece->size : max - piece->offset;
	piece->fresh = 0;
	piece->pending = 0;
	while ((first + count) << shift < piece->offset + piece->size) {
		kr = ext2_map_make(inode, first + count, reserve, &block,
		    &fresh);
		if (kr != KERN_SUCCESS) {
			break;
		}
		if (fresh) {
			piece->fresh |= UINT64_C(1) << count;
		}
		if (fresh
		    || ext2_piece_covers(inode, piece, first + count)) {
			piece->pending |= UINT64_C(1) << count;
		}
		count++;
	}
	if (count == 0) {
		return kr;
	}
	if (kr != KERN_SUCCESS) {
		piece->size = ((first + count) << shift) - piece->offset;
	}
	inode->piece = piece;
	return KERN_SUCCESS;
}

/* PIECE was not written: those of its blocks that are new hold nothing. */
static void
ext2_piece_undo(struct ext2_inode *inode, const struct ext2_piece *piece)
{
	struct ext2_fs *fs = inode->fs;
	uint64_t first = piece->offset >> fs->block_shift;
	uint64_t blocks = (inode->size + fs->block_size - 1)
	    >> fs->block_shift;
	struct cache_buf *buf;
	uint32_t block;

	for (uint32_t i = 0; i < 64 && first + i < blocks; i++) {
		if ((piece->fresh & piece->pending & UINT64_C(1) << i) != 0
		    && ext2_map_lookup(inode, first + i, &block, NULL)
			== KERN_SUCCESS && block != 0
		    && cache_fresh(&fs->cache, block, &buf) == KERN_SUCCESS) {
			cache_dirty(buf, CACHE_DATA, inode->ino);
			cache_release(buf);
		}
	}
	if (piece->fresh != 0
	    && piece->offset + piece->size > inode->size) {
		ext2_map_truncate(inode, blocks);
	}
}

kern_return_t
ext2_piece_end(struct ext2_inode *inode, struct ext2_piece *piece, bool written)
{
	uint64_t end = piece->offset + piece->size;

	inode->piece = NULL;
	if (!written) {
		ext2_piece_undo(inode, piece);
	} else if (end > inode->size) {
		ext2_data_set_size(inode, end);
	}
	return ext2_inode_update(inode);
}
