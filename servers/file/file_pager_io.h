/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Reading and writing files in their pages, through windows.  As struct
 * ext2_pager_ops (ext2_fs.h) says.
 */
#ifndef SERVERS_FILE_FILE_PAGER_IO_H
#define SERVERS_FILE_FILE_PAGER_IO_H

#include <servers/file/ext2_inode.h>

kern_return_t file_pager_io_read(struct ext2_inode *inode, uint64_t offset,
    void *data, size_t size, size_t *donep);

bool file_pager_io_takes(struct ext2_inode *inode);

kern_return_t file_pager_io_write(struct ext2_inode *inode, uint64_t offset,
    const void *data, size_t size);

#endif /* SERVERS_FILE_FILE_PAGER_IO_H */
