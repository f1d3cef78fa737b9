/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Walking paths.  A walk stands in a directory with the rest of the path in
 * front of it.  It is taken to the last name (file_path_parent); then the
 * caller looks that up, and when it is a symbolic link may go on with its
 * target (file_path_follow), or lets file_path_last do both.
 *
 * One directory is locked at a time, and only to search it.
 */
#ifndef SERVERS_FILE_FILE_PATH_H
#define SERVERS_FILE_FILE_PATH_H

#include <servers/file/ext2_inode.h>
#include <servers/file/file_cred.h>

/* Used by one thread. */
struct file_walk {
	struct ext2_fs		*fs;
	const struct file_cred	*cred;
	struct ext2_inode	*root;		/* `..' stays here; a reference
						   of the caller's */
	bool			mounted;	/* outside lies more */
	struct ext2_inode	*dir;		/* where it stands; referenced */
	char			*path;		/* the rest of the path */
	size_t			len;
	char			*buffer[2];	/* path is in one of them */
	uint32_t		links;		/* followed */

	/* Valid after file_path_parent. */
	const char		*name;		/* the last one; points into the
						   buffers */
	size_t			name_len;	/* 0: the path was only slashes;
						   dir itself is meant */
	bool			slash;		/* a slash followed it */

	/* Valid when a call said FILE_ECROSS: where, and path and len what. */
	enum file_retry		retry;
	uint32_t		mount_id;
};

/*
 * Start at DIR, or at ROOT if the path begins with a slash.  After success
 * file_path_end is due.
 *
 * Returns: UNIX_ENAMETOOLONG, UNIX_EINVAL (a NUL in it), UNIX_ENOMEM,
 *          UNIX_ENOENT if it is empty, UNIX_ENOTDIR if DIR is none.
 */
kern_return_t file_path_start(struct file_walk *walk,
    const struct file_cred *cred, struct ext2_inode *root,
    struct ext2_inode *dir, bool mounted, const char *path, size_t len);

void file_path_end(struct file_walk *walk);

/*
 * Walk on to the last name.
 *
 * Returns: UNIX_ENOENT, UNIX_ENOTDIR, UNIX_EACCES, UNIX_ELOOP,
 *          UNIX_ENAMETOOLONG, FILE_ECROSS, UNIX_EIO, UNIX_EUCLEAN.
 */
kern_return_t file_path_parent(struct file_walk *walk);

/* Whether the last name is `.', `..' or missing: not one to make or remove. */
bool file_path_is_dots(const struct file_walk *walk);

/*
 * The inode that the last name leads to, with a reference; a symbolic link as
 * such.
 *
 * Returns: as file_path_parent.
 */
kern_return_t file_path_lookup(struct file_walk *walk,
    struct ext2_inode **inodep);

/* INODE, which the last name led to, is a link: go on to its last name. */
kern_return_t file_path_follow(struct file_walk *walk,
    struct ext2_inode *inode);

/*
 * All of the path: to what it leads in the end, following a link there if
 * FOLLOW or if a slash is behind it.
 */
kern_return_t file_path_last(struct file_walk *walk, bool follow,
    struct ext2_inode **inodep);

/*
 * The path of INODE, whatever it is, from ROOT, without a NUL, into PATH of
 * FILE_PATH_MAX bytes: of a file, that by which it was last opened, with
 * " (deleted)" behind it when that leads to it no more.
 *
 * Returns: as file_path_of; UNIX_ENOENT also for a file that nobody opened.
 */
kern_return_t file_path_of_any(struct ext2_inode *root,
    struct ext2_inode *inode, char *path, size_t *lenp);

/*
 * The path of directory DIR from ROOT, without a NUL, into PATH of
 * FILE_PATH_MAX bytes.
 *
 * Returns: UNIX_ENOENT removed, FILE_ECROSS not below ROOT, UNIX_ENAMETOOLONG.
 */
kern_return_t file_path_of(struct ext2_inode *root, struct ext2_inode *dir,
    char *path, size_t *lenp);

/* The parent of directory DIR as its `..' says, referenced. */
kern_return_t file_path_dotdot(struct ext2_inode *dir,
    struct ext2_inode **parentp);

#endif /* SERVERS_FILE_FILE_PATH_H */
