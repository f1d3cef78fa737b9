/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What can be done with names: everything of dir.defs, for a client with a
 * credential who stands somewhere.
 *
 * None of the calls may be made with a lock held.  They return what dir.defs
 * says, FILE_ECROSS included.
 */
#ifndef SERVERS_FILE_FILE_OPS_H
#define SERVERS_FILE_FILE_OPS_H

#include <servers/file/file_path.h>

/* Where a path starts, and for whom. */
struct file_from {
	const struct file_cred	*cred;
	struct ext2_inode	*root;
	struct ext2_inode	*dir;		/* any file, for an empty path */
	bool			mounted;
};

/* What dir_lookup answers. */
struct file_found {
	struct ext2_inode	*inode;		/* referenced, or NULL */
	struct file_lookup	result;
	size_t			rest_len;
	char			rest[FILE_PATH_MAX];
};

kern_return_t file_ops_lookup(const struct file_from *from, const char *path,
    size_t len, int flags, uint32_t mode, struct file_found *found);

/*
 * Whether CRED may open INODE as FLAGS say; what FILE_O_TRUNC wants is done.
 * CREATED: just now, so permissions do not matter.
 */
kern_return_t file_ops_open(const struct file_cred *cred,
    struct ext2_inode *inode, int flags, bool created);

kern_return_t file_ops_set_attr_path(const struct file_from *from,
    const char *path, size_t len, int flags, const struct file_attr *attr);

/* WRITABLE: through a handle that is open for writing. */
kern_return_t file_ops_set_attr(const struct file_cred *cred,
    struct ext2_inode *inode, const struct file_attr *attr, bool writable);

/* TARGET has room for FILE_PATH_MAX bytes. */
kern_return_t file_ops_read_link(const struct file_from *from,
    const char *path, size_t len, char *target, size_t *target_len);

/* Make a file of any type but a symbolic link; MODE has the type. */
kern_return_t file_ops_make(const struct file_from *from, const char *path,
    size_t len, uint32_t mode, uint32_t rdev);

kern_return_t file_ops_symlink(const struct file_from *from, const char *path,
    size_t len, const char *target, size_t target_len);

kern_return_t file_ops_unlink(const struct file_from *from, const char *path,
    size_t len);

kern_return_t file_ops_rmdir(const struct file_from *from, const char *path,
    size_t len);

kern_return_t file_ops_link(const struct file_from *from, const char *path,
    size_t len, const struct file_from *to_from, const char *to_path,
    size_t to_len, int flags);

/* In file_rename.c. */
kern_return_t file_ops_rename(const struct file_from *from, const char *path,
    size_t len, const struct file_from *to_from, const char *to_path,
    size_t to_len, int flags);

/* Whether blocks that are kept for uid 0 may go to CRED. */
bool file_ops_reserve(const struct file_cred *cred, const struct ext2_fs *fs);

/* One name of INODE is gone; both are locked.  A directory has no other. */
void file_ops_drop_name(struct ext2_inode *inode);

#endif /* SERVERS_FILE_FILE_OPS_H */
