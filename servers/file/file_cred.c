/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Credentials and permission bits.
 */
#include <servers/file/file_cred.h>

#include <servers/errors.h>

#include <stdlib.h>

kern_return_t
file_cred_create(uint32_t uid, uint32_t gid, const uint32_t *groups,
    uint32_t group_count, struct file_cred **credp)
{
	struct file_cred *cred;

	if (group_count > FILE_GROUPS_MAX) {
		return UNIX_EINVAL;
	}
	cred = calloc(1, sizeof(*cred));
	if (cred == NULL) {
		return UNIX_ENOMEM;
	}
	cred->refs = 1;
	cred->uid = uid;
	cred->gid = gid;
	cred->group_count = group_count;
	for (uint32_t i = 0; i < group_count; i++) {
		cred->groups[i] = groups[i];
	}
	*credp = cred;
	return KERN_SUCCESS;
}

struct file_cred *
file_cred_ref(struct file_cred *cred)
{
	__atomic_add_fetch(&cred->refs, 1, __ATOMIC_RELAXED);
	return cred;
}

void
file_cred_unref(struct file_cred *cred)
{
	if (__atomic_sub_fetch(&cred->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		free(cred);
	}
}

bool
file_cred_in_group(const struct file_cred *cred, uint32_t gid)
{
	if (cred->gid == gid) {
		return true;
	}
	for (uint32_t i = 0; i < cred->group_count; i++) {
		if (cred->groups[i] == gid) {
			return true;
		}
	}
	return false;
}

bool
file_cred_owns(const struct file_cred *cred, const struct ext2_inode *inode)
{
	return cred->uid == 0 || cred->uid == inode->uid;
}

kern_return_t
file_cred_check(const struct file_cred *cred, const struct ext2_inode *inode,
    uint32_t want)
{
	bool special = ext2_inode_is(inode, FILE_S_IFCHR)
	    || ext2_inode_is(inode, FILE_S_IFBLK)
	    || ext2_inode_is(inode, FILE_S_IFIFO)
	    || ext2_inode_is(inode, FILE_S_IFSOCK);
	uint32_t allowed;

	if ((want & FILE_MAY_WRITE) != 0) {
		if (inode->fs->read_only && !special) {
			return UNIX_EROFS;
		}
		if ((inode->flags & EXT2_INODE_IMMUTABLE) != 0) {
			return UNIX_EPERM;
		}
	}
	if (cred->uid == 0) {
		if ((want & FILE_MAY_EXEC) != 0 && !ext2_inode_is_dir(inode)
		    && (inode->mode & 0111) == 0) {
			return UNIX_EACCES;
		}
		return KERN_SUCCESS;
	}
	if (cred->uid == inode->uid) {
		allowed = inode->mode >> 6;
	} else if (file_cred_in_group(cred, inode->gid)) {
		allowed = inode->mode >> 3;
	} else {
		allowed = inode->mode;
	}
	return (want & ~allowed & 7) == 0 ? KERN_SUCCESS : UNIX_EACCES;
}

kern_return_t
file_cred_check_remove(const struct file_cred *cred,
    const struct ext2_inode *dir, const struct ext2_inode *inode)
{
	kern_return_t kr;

	kr = file_cred_check(cred, dir, FILE_MAY_WRITE | FILE_MAY_EXEC);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((dir->mode & FILE_S_ISVTX) != 0 && !file_cred_owns(cred, dir)
	    && !file_cred_owns(cred, inode)) {
		return UNIX_EPERM;
	}
	if ((inode->flags & (EXT2_INODE_IMMUTABLE | EXT2_INODE_APPEND)) != 0
	    || (dir->flags & EXT2_INODE_APPEND) != 0) {
		return UNIX_EPERM;
	}
	return KERN_SUCCESS;
}
