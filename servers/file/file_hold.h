/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Files that nobody may write to but who holds them: programs that run, by
 * nobody, and files that memory is paged into, by whoever opened them with
 * FILE_O_PAGING.  All others get UNIX_ETXTBSY when they open them for writing,
 * or cut them; and so does who wants to hold a file that another has open for
 * writing.  A hold goes with its handle, so also when the pager dies.
 */
#ifndef SERVERS_FILE_FILE_HOLD_H
#define SERVERS_FILE_FILE_HOLD_H

#include <servers/file/ext2_inode.h>
#include <servers/file/file_cred.h>

/* FLAGS to open a file with, without what CRED may not ask for. */
int file_hold_flags(const struct file_cred *cred, int flags);

/* May nobody open INODE for writing, PAGING or not?  Locks: none of fs. */
bool file_hold_denies(const struct ext2_inode *inode, bool paging);

/*
 * INODE is open for writing from now on, if it may be, and: it is not any more.
 * Locks: inodes_lock held.
 */
bool file_hold_begin_locked(struct ext2_inode *inode, bool paging);
void file_hold_end_locked(struct ext2_inode *inode, bool paging);

#endif /* SERVERS_FILE_FILE_HOLD_H */
