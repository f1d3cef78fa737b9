/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Directory contents: linear lists of entries in blocks.  A hashed directory
 * (dir_index) looks like one too, its index hidden in unused entries; it loses
 * its index mark before its first change, for e2fsck to build anew.
 *
 * Every entry is checked before it is believed; a bad one ends the work on the
 * directory with UNIX_EUCLEAN.
 *
 * All calls: the directory is locked, and was found to be a directory.  Those
 * that change it update its inode, times included.
 */
#ifndef SERVERS_FILE_EXT2_DIR_H
#define SERVERS_FILE_EXT2_DIR_H

#include <servers/file/ext2_inode.h>

/* Returns: UNIX_ENOENT, UNIX_EIO, UNIX_EUCLEAN. */
kern_return_t ext2_dir_lookup(struct ext2_inode *dir, const char *name,
    size_t len, uint32_t *inop);

/*
 * Add NAME, which is known not to be there, for inode INO of type MODE.
 *
 * Returns: UNIX_ENOSPC, UNIX_EIO; then the directory is as it was.
 */
kern_return_t ext2_dir_insert(struct ext2_inode *dir, const char *name,
    size_t len, uint32_t ino, uint16_t mode, bool reserve);

kern_return_t ext2_dir_remove(struct ext2_inode *dir, const char *name,
    size_t len);

/* Let NAME, `..' included, lead to INO from now on. */
kern_return_t ext2_dir_replace(struct ext2_inode *dir, const char *name,
    size_t len, uint32_t ino, uint16_t mode);

/* Give the new directory DIR its `.' and `..'. */
kern_return_t ext2_dir_make(struct ext2_inode *dir, uint32_t parent,
    bool reserve);

kern_return_t ext2_dir_is_empty(struct ext2_inode *dir, bool *emptyp);

/* The name of INO in DIR, of at most FILE_NAME_MAX bytes. */
kern_return_t ext2_dir_find_name(struct ext2_inode *dir, uint32_t ino,
    char *name, size_t *lenp);

/*
 * Entries from *COOKIE on as struct file_dirent, at most SIZE bytes; moves
 * *COOKIE on.
 *
 * Returns: UNIX_EINVAL: not even one fits.
 */
kern_return_t ext2_dir_read(struct ext2_inode *dir, uint64_t *cookie,
    void *data, size_t size, size_t *usedp);

#endif /* SERVERS_FILE_EXT2_DIR_H */
