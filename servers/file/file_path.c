/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Path walking.
 */
#include <servers/file/file_path.h>

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_dir.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Directories above a directory before we call it a loop. */
#define FILE_DEPTH_MAX	4096

/* Stand in DIR instead, whose reference the walk takes over. */
static void
file_path_move(struct file_walk *walk, struct ext2_inode *dir)
{
	ext2_inode_put(walk->dir);
	walk->dir = dir;
}

static void
file_path_to_root(struct file_walk *walk)
{
	ext2_inode_ref(walk->root);
	file_path_move(walk, walk->root);
}

static void
file_path_skip_slashes(struct file_walk *walk)
{
	while (walk->len > 0 && walk->path[0] == '/') {
		walk->path++;
		walk->len--;
	}
}

kern_return_t
file_path_start(struct file_walk *walk, const struct file_cred *cred,
    struct ext2_inode *root, struct ext2_inode *dir, bool mounted,
    const char *path, size_t len)
{
	if (len >= FILE_PATH_MAX) {
		return UNIX_ENAMETOOLONG;
	}
	if (len == 0) {
		return UNIX_ENOENT;
	}
	if (memchr(path, 0, len) != NULL) {
		return UNIX_EINVAL;
	}
	if (!ext2_inode_is_dir(dir)) {
		return UNIX_ENOTDIR;
	}
	memset(walk, 0, sizeof(*walk));
	walk->buffer[0] = malloc(2 * FILE_PATH_MAX);
	if (walk->buffer[0] == NULL) {
		return UNIX_ENOMEM;
	}
	walk->buffer[1] = walk->buffer[0] + FILE_PATH_MAX;
	memcpy(walk->buffer[0], path, len);
	walk->fs = root->fs;
	walk->cred = cred;
	walk->root = root;
	walk->mounted = mounted;
	walk->path = walk->buffer[0];
	walk->len = len;
	ext2_inode_ref(dir);
	walk->dir = dir;
	if (path[0] == '/') {
		file_path_to_root(walk);
	}
	return KERN_SUCCESS;
}

void
file_path_end(struct file_walk *walk)
{
	ext2_inode_put(walk->dir);
	free(walk->buffer[0]);
}

/* The path leads out: leave behind what is to be walked there. */
static kern_return_t
file_path_leave(struct file_walk *walk, enum file_retry retry,
    uint32_t mount_id)
{
	walk->retry = retry;
	walk->mount_id = mount_id;
	return FILE_ECROSS;
}

static bool
file_path_is_dot(const char *name, size_t len)
{
	return len == 1 && name[0] == '.';
}

static bool
file_path_is_dotdot(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

bool
file_path_is_dots(const struct file_walk *walk)
{
	return walk->name_len == 0
	    || file_path_is_dot(walk->name, walk->name_len)
	    || file_path_is_dotdot(walk->name, walk->name_len);
}

/* Look NAME up in the directory where the walk stands. */
static kern_return_t
file_path_search(struct file_walk *walk, const char *name, size_t len,
    struct ext2_inode **inodep)
{
	struct ext2_inode *dir = walk->dir;
	uint32_t ino = 0;
	kern_return_t kr;

	if (len > FILE_NAME_MAX) {
		return UNIX_ENAMETOOLONG;
	}
	ext2_inode_lock(dir);
	kr = file_cred_check(walk->cred, dir, FILE_MAY_EXEC);
	if (kr == KERN_SUCCESS && dir->nlink == 0 && len != 0
	    && !file_path_is_dot(name, len)) {
		/* Removed: whatever `..' in it says may be gone as well. */
		kr = UNIX_ENOENT;
	}
	if (kr == KERN_SUCCESS && (len == 0 || file_path_is_dot(name, len)
	    || (file_path_is_dotdot(name, len) && dir == walk->root))) {
		ext2_inode_unlock(dir);
		ext2_inode_ref(dir);
		*inodep = dir;
		return KERN_SUCCESS;
	}
	if (kr == KERN_SUCCESS) {
		kr = ext2_dir_lookup(dir, name, len, &ino);
	}
	if (kr == KERN_SUCCESS) {
		/*
		 * Still locked: nobody may remove and free it in between.
		 * Getting an inode locks no other.
		 */
		kr = ext2_inode_get(walk->fs, ino, inodep);
	}
	ext2_inode_unlock(dir);
	return kr;
}

/*
 * The same, and see whether that leads out of the file system.  The rest of
 * the path must be what is behind NAME.
 */
static kern_return_t
file_path_step(struct file_walk *walk, const char *name, size_t len,
    struct ext2_inode **inodep)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	if (walk->mounted && walk->dir == walk->root
	    && file_path_is_dotdot(name, len)) {
		return file_path_leave(walk, FILE_RETRY_PARENT, 0);
	}
	kr = file_path_search(walk, name, len, &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (inode->mount_id != 0 && inode != walk->dir) {
		kr = file_path_leave(walk, FILE_RETRY_MOUNT, inode->mount_id);
		ext2_inode_put(inode);
		return kr;
	}
	*inodep = inode;
	return KERN_SUCCESS;
}

/* Put the target of link INODE in front of the rest of the path. */
static kern_return_t
file_path_expand(struct file_walk *walk, struct ext2_inode *inode)
{
	char *target;
	size_t size;
	kern_return_t kr;

	walk->links++;
	if (walk->links > FILE_LINK_MAX) {
		return UNIX_ELOOP;
	}
	target = walk->path >= walk->buffer[1] ? walk->buffer[0]
	    : walk->buffer[1];
	ext2_inode_lock(inode);
	kr = ext2_data_read_link(inode, target, &size);
	ext2_inode_unlock(inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (size == 0) {
		return UNIX_ENOENT;
	}
	if (size + 1 + walk->len >= FILE_PATH_MAX) {
		return UNIX_ENAMETOOLONG;
	}
	if (memchr(target, 0, size) != NULL) {
		return ext2_fs_damage(walk->fs, "target of link inode",
		    inode->ino);
	}
	if (walk->len > 0) {
		/* The rest begins with the slash that was behind the link. */
		memcpy(target + size, walk->path, walk->len);
	}
	walk->path = target;
	walk->len += size;
	if (target[0] == '/') {
		if (walk->mounted) {
			return file_path_leave(walk, FILE_RETRY_ROOT, 0);
		}
		file_path_to_root(walk);
	}
	return KERN_SUCCESS;
}

/*
 * Take the next name off the path, into walk->name.  True if it is the last.
 */
static bool
file_path_take(struct file_walk *walk)
{
	const char *end;

	file_path_skip_slashes(walk);
	walk->name = walk->path;
	end = memchr(walk->path, '/', walk->len);
	walk->name_len = end != NULL ? (size_t) (end - walk->path) : walk->len;
	walk->path += walk->name_len;
	walk->len -= walk->name_len;
	walk->slash = walk->len > 0;
	for (size_t i = 0; i < walk->len; i++) {
		if (walk->path[i] != '/') {
			return false;
		}
	}
	return true;
}

kern_return_t
file_path_parent(struct file_walk *walk)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	while (!file_path_take(walk)) {
		kr = file_path_step(walk, walk->name, walk->name_len, &inode);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (ext2_inode_is(inode, FILE_S_IFLNK)) {
			kr = file_path_expand(walk, inode);
			ext2_inode_put(inode);
			if (kr != KERN_SUCCESS) {
				return kr;
			}
			continue;
		}
		if (!ext2_inode_is_dir(inode)) {
			ext2_inode_put(inode);
			return UNIX_ENOTDIR;
		}
		file_path_move(walk, inode);
	}
	if (walk->name_len > FILE_NAME_MAX) {
		return UNIX_ENAMETOOLONG;
	}
	return KERN_SUCCESS;
}

kern_return_t
file_path_lookup(struct file_walk *walk, struct ext2_inode **inodep)
{
	return file_path_step(walk, walk->name, walk->name_len, inodep);
}

kern_return_t
file_path_follow(struct file_walk *walk, struct ext2_inode *inode)
{
	kern_return_t kr;

	kr = file_path_expand(walk, inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_path_parent(walk);
}

kern_return_t
file_path_last(struct file_walk *walk, bool follow,
    struct ext2_inode **inodep)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	kr = file_path_parent(walk);
	for (;;) {
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		kr = file_path_lookup(walk, &inode);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (!ext2_inode_is(inode, FILE_S_IFLNK)
		    || !(follow || walk->slash)) {
			break;
		}
		kr = file_path_follow(walk, inode);
		ext2_inode_put(inode);
	}
	if (walk->slash && !ext2_inode_is_dir(inode)) {
		ext2_inode_put(inode);
		return UNIX_ENOTDIR;
	}
	*inodep = inode;
	return KERN_SUCCESS;
}

kern_return_t
file_path_dotdot(struct ext2_inode *dir, struct ext2_inode **parentp)
{
	uint32_t ino;
	kern_return_t kr;

	ext2_inode_lock(dir);
	kr = dir->nlink == 0 ? UNIX_ENOENT
	    : ext2_dir_lookup(dir, "..", 2, &ino);
	if (kr == KERN_SUCCESS) {
		kr = ext2_inode_get(dir->fs, ino, parentp);
	}
	ext2_inode_unlock(dir);
	if (kr == KERN_SUCCESS && !ext2_inode_is_dir(*parentp)) {
		ext2_inode_put(*parentp);
		return ext2_fs_damage(dir->fs, "parent of directory inode",
		    dir->ino);
	}
	return kr;
}

/* Put `/NAME' of DIR in PARENT in front of PATH[*START]. */
static kern_return_t
file_path_prepend(struct ext2_inode *parent, struct ext2_inode *dir,
    char *path, size_t *start)
{
	char name[FILE_NAME_MAX];
	size_t len;
	kern_return_t kr;

	ext2_inode_lock(parent);
	kr = ext2_dir_find_name(parent, dir->ino, name, &len);
	ext2_inode_unlock(parent);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (len + 1 > *start) {
		return UNIX_ENAMETOOLONG;
	}
	*start -= len;
	memcpy(path + *start, name, len);
	*start -= 1;
	path[*start] = '/';
	return KERN_SUCCESS;
}

kern_return_t
file_path_of(struct ext2_inode *root, struct ext2_inode *dir, char *path,
    size_t *lenp)
{
	size_t start = FILE_PATH_MAX;
	struct ext2_inode *parent;
	uint32_t depth = 0;
	kern_return_t kr = KERN_SUCCESS;

	if (!ext2_inode_is_dir(dir)) {
		return UNIX_ENOTDIR;
	}
	ext2_inode_ref(dir);
	while (dir != root && kr == KERN_SUCCESS) {
		if (dir->nlink == 0) {
			kr = UNIX_ENOENT;
			break;
		}
		if (dir->ino == EXT2_ROOT_INO) {
			kr = FILE_ECROSS;
			break;
		}
		if (depth++ == FILE_DEPTH_MAX) {
			kr = ext2_fs_damage(dir->fs, "loop of directories",
			    dir->ino);
			break;
		}
		kr = file_path_dotdot(dir, &parent);
		if (kr == KERN_SUCCESS) {
			kr = file_path_prepend(parent, dir, path, &start);
			ext2_inode_put(dir);
			dir = parent;
		}
	}
	ext2_inode_put(dir);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (start == FILE_PATH_MAX) {
		path[--start] = '/';
	}
	*lenp = FILE_PATH_MAX - start;
	memmove(path, path + start, *lenp);
	return KERN_SUCCESS;
}

kern_return_t
file_path_of_any(struct ext2_inode *root, struct ext2_inode *inode,
    char *path, size_t *lenp)
{
	static const char deleted[] = " (deleted)";
	char name[FILE_NAME_MAX + 1];
	struct ext2_inode *dir;
	uint32_t dir_ino;
	uint32_t ino = 0;
	size_t n;
	kern_return_t kr;

	if (ext2_inode_is_dir(inode)) {
		return file_path_of(root, inode, path, lenp);
	}
	ext2_inode_get_name(inode, &dir_ino, name);
	if (dir_ino == 0) {
		return UNIX_ENOENT;
	}
	kr = ext2_inode_get(root->fs, dir_ino, &dir);
	if (kr != KERN_SUCCESS) {
		return UNIX_ENOENT;
	}
	/* Its number may be another file's by now, or a directory's. */
	kr = file_path_of(root, dir, path, lenp);
	if (kr == KERN_SUCCESS) {
		ext2_inode_lock(dir);
		if (ext2_dir_lookup(dir, name, strlen(name), &ino) !=
		    KERN_SUCCESS) {
			ino = 0;
		}
		ext2_inode_unlock(dir);
	}
	ext2_inode_put(dir);
	if (kr != KERN_SUCCESS) {
		return kr == UNIX_ENOTDIR ? UNIX_ENOENT : kr;
	}
	n = *lenp > 1 ? *lenp : 0;
	if (n + 1 + strlen(name) + sizeof(deleted) > FILE_PATH_MAX) {
		return UNIX_ENAMETOOLONG;
	}
	n += (size_t) sprintf(path + n, "/%s%s", name,
	    ino == inode->ino ? "" : deleted);
	*lenp = n;
	return KERN_SUCCESS;
}
