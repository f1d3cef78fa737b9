/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The contents of files: bytes at offsets, through the block cache.  Holes
 * read as zero; bytes behind the end of the file in its last block are zero on
 * the disk, so that growing a file shows zeros.
 *
 * All calls: the inode is locked.
 */
#ifndef SERVERS_FILE_EXT2_DATA_H
#define SERVERS_FILE_EXT2_DATA_H

#include <servers/file/ext2_inode.h>

/* How large files may be, and that INODE is SIZE bytes long now. */
uint64_t ext2_data_size_max(const struct ext2_fs *fs);
void ext2_data_set_size(struct ext2_inode *inode, uint64_t size);

/*
 * Copy up to SIZE bytes at OFFSET to DATA; DONE says how many, 0 at or behind
 * the end.  An error after some bytes gives those.
 *
 * Returns: UNIX_EIO, UNIX_EUCLEAN.
 */
kern_return_t ext2_data_read(struct ext2_inode *inode, uint64_t offset,
    void *data, size_t size, size_t *donep);

/*
 * The same for pages: [OFFSET, OFFSET + SIZE), whole blocks, of which none stays
 * in the block cache.  Behind the end of the file are zeros.
 *
 * Returns: UNIX_EIO, UNIX_EUCLEAN.
 */
kern_return_t ext2_data_fetch(struct ext2_inode *inode, uint64_t offset,
    void *data, size_t size);

/*
 * And back: pages that were changed, straight to the disk.  What is behind the
 * end of the file becomes zero, in DATA too, or is not written.  What the disk
 * does not take stays in the block cache, which will try again.
 *
 * Returns: UNIX_EUCLEAN; UNIX_ENOSPC for what had no block yet.
 */
kern_return_t ext2_data_store(struct ext2_inode *inode, uint64_t offset,
    void *data, size_t size);

/*
 * Write SIZE bytes of DATA at OFFSET, growing the file.  DONE says how many; an
 * error after some gives those.  Updates the inode, but no times.
 *
 * Returns: UNIX_ENOSPC, UNIX_EFBIG, UNIX_EIO, UNIX_EUCLEAN.
 */
kern_return_t ext2_data_write(struct ext2_inode *inode, uint64_t offset,
    const void *data, size_t size, bool reserve, size_t *donep);

/*
 * Make the file SIZE bytes long.  Updates the inode, but no times.
 *
 * Returns: UNIX_EFBIG, UNIX_EIO.
 */
kern_return_t ext2_data_resize(struct ext2_inode *inode, uint64_t size);

/* Give [OFFSET, OFFSET + SIZE) of the file real blocks, zero where it had none. */
kern_return_t ext2_data_reserve(struct ext2_inode *inode, uint64_t offset,
    size_t size, bool reserve);

/* Whether some of [OFFSET, OFFSET + SIZE) within the file is a hole. */
kern_return_t ext2_data_has_hole(struct ext2_inode *inode, uint64_t offset,
    size_t size, bool *holep);

/*
 * The next place at or behind OFFSET that has data, or that is in a hole.
 *
 * Returns: UNIX_ENXIO behind the end, or no data follows.
 */
kern_return_t ext2_data_seek(struct ext2_inode *inode, uint64_t offset,
    bool hole, uint64_t *foundp);

/* The target of a symbolic link, at most FILE_PATH_MAX bytes. */
kern_return_t ext2_data_read_link(struct ext2_inode *inode, char *target,
    size_t *sizep);

/* Make TARGET the target of the new symbolic link INODE. */
kern_return_t ext2_data_write_link(struct ext2_inode *inode,
    const char *target, size_t size, bool reserve);

#endif /* SERVERS_FILE_EXT2_DATA_H */
