/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * From the blocks of a file to the blocks of the disk: 12 direct pointers, then
 * a tree of one, two and three levels.  A zero pointer is a hole.
 *
 * All calls: the inode is locked.
 */
#ifndef SERVERS_FILE_EXT2_MAP_H
#define SERVERS_FILE_EXT2_MAP_H

#include <servers/file/ext2_inode.h>

/*
 * The disk block of file block LBLOCK, 0 for a hole, and in RUN (if not NULL)
 * how many blocks of the file from there on follow each other on the disk, or
 * how many are holes, as far as is known without more reading; at least 1.
 *
 * Returns: UNIX_EIO, UNIX_EUCLEAN, UNIX_EFBIG.
 */
kern_return_t ext2_map_lookup(struct ext2_inode *inode, uint64_t lblock,
    uint32_t *blockp, uint32_t *runp);

/*
 * The same, but a hole gets a block (*FRESH: its contents on the disk are
 * somebody's old ones).  RESERVE as for ext2_alloc_block.  The inode is changed
 * but not updated.
 *
 * Returns: UNIX_ENOSPC too; then nothing has changed.
 */
kern_return_t ext2_map_make(struct ext2_inode *inode, uint64_t lblock,
    bool reserve, uint32_t *blockp, bool *fresh);

/*
 * Free all blocks of the file from LBLOCK on.  What is damaged is left to
 * e2fsck.  The inode is changed but not updated.
 */
void ext2_map_truncate(struct ext2_inode *inode, uint64_t lblock);

#endif /* SERVERS_FILE_EXT2_MAP_H */
