/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Who may have a file open for writing.
 */
#include <servers/file/file_hold.h>

#include <servers/file_types.h>

int
file_hold_flags(const struct file_cred *cred, int flags)
{
	return cred->uid == 0 && (flags & FILE_O_WRITE) != 0 ? flags :
	    flags & ~FILE_O_PAGING;
}

/* With inodes_lock held. */
static bool
file_hold_denies_locked(const struct ext2_inode *inode, bool paging)
{
	return inode->texts != 0 ||
	    (paging ? inode->writers != inode->pagings : inode->pagings != 0);
}

bool
file_hold_denies(const struct ext2_inode *inode, bool paging)
{
	bool denies;

	os_mutex_lock(&inode->fs->inodes_lock);
	denies = file_hold_denies_locked(inode, paging);
	os_mutex_unlock(&inode->fs->inodes_lock);
	return denies;
}

bool
file_hold_begin_locked(struct ext2_inode *inode, bool paging)
{
	if (file_hold_denies_locked(inode, paging)) {
		return false;
	}
	inode->writers++;
	inode->pagings += paging ? 1 : 0;
	return true;
}

void
file_hold_end_locked(struct ext2_inode *inode, bool paging)
{
	inode->writers--;
	inode->pagings -= paging ? 1 : 0;
}
