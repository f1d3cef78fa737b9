/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * In place of the kernel: keeps pages of files as it does, gets them by
 * ext2_data_fetch and gives them back by ext2_data_store, when it is told to or
 * as chance has it.
 */
#ifndef TESTS_UNIT_SERVERS_FILE_FILE_PAGES_H
#define TESTS_UNIT_SERVERS_FILE_FILE_PAGES_H

#include <servers/file/ext2_inode.h>

/* From now on FS's files have pages; the choices follow SEED. */
void file_pages_start(struct ext2_fs *fs, unsigned seed);

/* Give up some pages, as when memory is short; and files that have ended. */
void file_pages_reclaim(void);

/*
 * Write a byte to a page of INODE that is there, as a mapping does: also behind
 * the end.
 */
bool file_pages_store(struct ext2_inode *inode, uint64_t offset, char byte);

/* Give all pages back. */
void file_pages_end(void);

#endif /* TESTS_UNIT_SERVERS_FILE_FILE_PAGES_H */
