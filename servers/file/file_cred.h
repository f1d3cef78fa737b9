/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Who a client is, and what that allows.
 */
#ifndef SERVERS_FILE_FILE_CRED_H
#define SERVERS_FILE_FILE_CRED_H

#include <servers/file/ext2_inode.h>

#define FILE_MAY_EXEC	1
#define FILE_MAY_WRITE	2
#define FILE_MAY_READ	4

/* [I] all but refs, which is atomic */
struct file_cred {
	uint32_t	refs;
	uint32_t	uid;
	uint32_t	gid;
	uint32_t	group_count;
	uint32_t	groups[FILE_GROUPS_MAX];
};

/* Returns: UNIX_EINVAL: too many groups, UNIX_ENOMEM. */
kern_return_t file_cred_create(uint32_t uid, uint32_t gid,
    const uint32_t *groups, uint32_t group_count, struct file_cred **credp);

struct file_cred *file_cred_ref(struct file_cred *cred);
void file_cred_unref(struct file_cred *cred);

bool file_cred_in_group(const struct file_cred *cred, uint32_t gid);

/* Whether CRED is uid 0 or owns INODE. */
bool file_cred_owns(const struct file_cred *cred,
    const struct ext2_inode *inode);

/*
 * Whether the permission bits of INODE allow WANT (FILE_MAY_*).
 *
 * Locks:   INODE's held.
 * Returns: UNIX_EACCES, UNIX_EROFS for writing when nothing may be written.
 */
kern_return_t file_cred_check(const struct file_cred *cred,
    const struct ext2_inode *inode, uint32_t want);

/*
 * Whether CRED may remove or replace the name of INODE in DIR: permission to
 * write DIR and, if that is sticky, owning either.
 *
 * Locks:   DIR's and INODE's held.
 * Returns: UNIX_EACCES, UNIX_EPERM, UNIX_EROFS.
 */
kern_return_t file_cred_check_remove(const struct file_cred *cred,
    const struct ext2_inode *dir, const struct ext2_inode *inode);

#endif /* SERVERS_FILE_FILE_CRED_H */
