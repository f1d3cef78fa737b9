/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A piece of a file that is being written in its pages.  What is on the disk in
 * its pending blocks does not matter: until such a block is stored it reads as
 * what is written, and zero around that.  The file seems to grow only at the
 * end, but its pages do so at once.
 *
 * All calls: the inode is locked.
 */
#ifndef SERVERS_FILE_EXT2_PIECE_H
#define SERVERS_FILE_EXT2_PIECE_H

#include <servers/file/ext2_inode.h>

/* A piece spans at most so many bytes of whole blocks, one bit for each. */
#define EXT2_PIECE_MAX		(64u * 1024)

/* [I] fixed between begin and end  [l] the inode's lock */
struct ext2_piece {
	uint64_t	offset;		/* [I] */
	const uint8_t	*data;		/* [I] */
	size_t		size;		/* [I] */
	uint64_t	fresh;		/* [I] blocks that were made for it */
	uint64_t	pending;	/* [l] */
};

/*
 * Begin to write PIECE, of which offset, data and size are set, with
 * the blocks that it needs, as RESERVE says; the inode's write_lock is held
 * until its end.  It gets shorter if the disk has not enough.
 *
 * Returns: UNIX_ENOSPC, UNIX_EFBIG, UNIX_EIO, UNIX_EUCLEAN; then nothing was
 *          begun.
 */
kern_return_t ext2_piece_begin(struct ext2_inode *inode,
    struct ext2_piece *piece, bool reserve);

/*
 * WRITTEN: all pages of PIECE have been changed.  Else its blocks are given
 * back, or read as zero.  Updates the inode, but no times.
 */
kern_return_t ext2_piece_end(struct ext2_inode *inode,
    struct ext2_piece *piece, bool written);

/* Where the contents of pages end. */
uint64_t ext2_piece_limit(const struct ext2_inode *inode);

/* Is block LBLOCK pending?  What it holds, if so. */
bool ext2_piece_pending(const struct ext2_inode *inode, uint64_t lblock);
void ext2_piece_fetch(const struct ext2_inode *inode, uint64_t lblock,
    uint8_t *to);

/* [OFFSET, OFFSET + SIZE) goes to the disk: that is not pending any more. */
void ext2_piece_stored(struct ext2_inode *inode, uint64_t offset,
    size_t size);

#endif /* SERVERS_FILE_EXT2_PIECE_H */
