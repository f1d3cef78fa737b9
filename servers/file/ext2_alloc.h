/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Free blocks and inodes: the bitmaps and the counts.
 *
 * Locality: a file's next block is looked for right behind its last one, the
 * first in the group of its inode; a file's inode in the group of its
 * directory; a directory's inode in the emptiest group around.
 */
#ifndef SERVERS_FILE_EXT2_ALLOC_H
#define SERVERS_FILE_EXT2_ALLOC_H

#include <servers/file/ext2_fs.h>

/*
 * One free block, as near behind GOAL (0: anywhere) as there is.  Blocks that
 * are reserved for uid 0 are given when RESERVE.
 *
 * Locks:   takes alloc_lock.
 * Returns: UNIX_ENOSPC, UNIX_EIO.
 */
kern_return_t ext2_alloc_block(struct ext2_fs *fs, uint32_t goal, bool reserve,
    uint32_t *blockp);

/* COUNT blocks from BLOCK on are free; what is not right is only noted. */
void ext2_alloc_free_blocks(struct ext2_fs *fs, uint32_t block,
    uint32_t count);

/*
 * A free inode number for a file in directory PARENT.
 *
 * Returns: UNIX_ENOSPC, UNIX_EIO.
 */
kern_return_t ext2_alloc_inode(struct ext2_fs *fs, uint32_t parent,
    bool directory, uint32_t *inop);

void ext2_alloc_free_inode(struct ext2_fs *fs, uint32_t ino, bool directory);

#endif /* SERVERS_FILE_EXT2_ALLOC_H */
