/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Writing to files: piece by piece in their pages, which are all there is of
 * new contents until they go to the disk; the blocks for them are found before,
 * so that a full disk is told of in time.  What is not in pages (ext2_fs.h) is
 * written to the block cache.
 */
#ifndef SERVERS_FILE_FILE_WRITE_H
#define SERVERS_FILE_FILE_WRITE_H

#include <servers/file/ext2_inode.h>

/*
 * Write SIZE bytes of DATA at OFFSET of INODE, a file, which grows by that;
 * RESERVE as for ext2_alloc_block.  DONE says how many; an error after some
 * gives those.  No times are changed.
 *
 * Locks:   INODE's write_lock held, no other.
 * Returns: UNIX_EROFS, UNIX_ENOSPC, UNIX_EFBIG, UNIX_EIO, UNIX_EUCLEAN.
 */
kern_return_t file_write(struct ext2_inode *inode, uint64_t offset,
    const void *data, size_t size, bool reserve, size_t *donep);

#endif /* SERVERS_FILE_FILE_WRITE_H */
