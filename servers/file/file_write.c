/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Writing, with the pages of files as ext2_pager_ops gives them.
 */
#include <servers/file/file_write.h>

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_piece.h>

/* A piece ends where this divides offsets: what one page-in brings. */
#define FILE_WRITE_PIECE	(64u * 1024)
_Static_assert(FILE_WRITE_PIECE <= EXT2_PIECE_MAX, "piece");

/* Are the contents of INODE up to END in pages, or could be? */
static bool
file_write_paged(struct ext2_inode *inode, uint64_t end)
{
	const struct ext2_pager_ops *ops = inode->fs->pager_ops;

	return ops != NULL && end <= ops->limit
	    && !__atomic_load_n(&inode->paging, __ATOMIC_RELAXED)
	    && ops->takes(inode);
}

/*
 * Write to pages, within one piece.  UNIX_EAGAIN: they are not to be had; what
 * is in them, and in their blocks, does not matter.
 */
static kern_return_t
file_write_pages(struct ext2_inode *inode, uint64_t offset, const void *data,
    size_t size, bool reserve, size_t *donep)
{
	struct ext2_piece piece = {
		.offset = offset, .data = data, .size = size
	};
	bool written;
	kern_return_t kr;

	ext2_inode_lock(inode);
	kr = ext2_piece_begin(inode, &piece, reserve);
	ext2_inode_unlock(inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	written = inode->fs->pager_ops->write(inode, offset, data, piece.size)
	    == KERN_SUCCESS;
	ext2_inode_lock(inode);
	kr = ext2_piece_end(inode, &piece, written);
	ext2_inode_unlock(inode);
	*donep = written ? piece.size : 0;
	return written ? kr : UNIX_EAGAIN;
}

/* Write to blocks, which are not in pages then. */
static kern_return_t
file_write_blocks(struct ext2_inode *inode, uint64_t offset, const void *data,
    size_t size, bool reserve, size_t *donep)
{
	struct file_pager *pager;
	kern_return_t kr;

	pager = ext2_inode_lock_change(inode, offset, size);
	kr = ext2_data_write(inode, offset, data, size, reserve, donep);
	ext2_inode_unlock_change(inode, pager);
	return kr;
}

static kern_return_t
file_write_piece(struct ext2_inode *inode, uint64_t offset, const void *data,
    size_t size, bool reserve, size_t *donep)
{
	kern_return_t kr = UNIX_EAGAIN;

	*donep = 0;
	if (file_write_paged(inode, offset + size)) {
		kr = file_write_pages(inode, offset, data, size, reserve,
		    donep);
	}
	if (kr == UNIX_EAGAIN) {
		kr = file_write_blocks(inode, offset, data, size, reserve,
		    donep);
	}
	return kr;
}

/* What is to be written at OFFSET leaves a gap of zeros behind the end. */
static void
file_write_gap(struct ext2_inode *inode, uint64_t offset)
{
	uint64_t start = ext2_inode_change_start(inode, offset);

	if (start < offset) {
		ext2_inode_unlock_change(inode,
		    ext2_inode_lock_change(inode, start, 1));
	}
}

kern_return_t
file_write(struct ext2_inode *inode, uint64_t offset, const void *data,
    size_t size, bool reserve, size_t *donep)
{
	const uint8_t *from = data;
	size_t done = 0;
	size_t part;
	size_t got;
	kern_return_t kr = KERN_SUCCESS;

	*donep = 0;
	if (inode->fs->read_only) {
		return UNIX_EROFS;
	}
	if (size == 0) {
		return KERN_SUCCESS;
	}
	if (offset > (uint64_t) INT64_MAX - size) {
		return UNIX_EFBIG;
	}
	file_write_gap(inode, offset);
	do {
		part = FILE_WRITE_PIECE - (offset + done) % FILE_WRITE_PIECE;
		if (part > size - done) {
			part = size - done;
		}
		kr = file_write_piece(inode, offset + done, from + done, part,
		    reserve, &got);
		done += got;
	} while (kr == KERN_SUCCESS && got == part && done < size);
	*donep = done;
	return done > 0 ? KERN_SUCCESS : kr;
}
