/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Operations on names, but for rename, which is in file_rename.c.
 *
 * Their common shape: walk to the directory, lock it, look the name up once
 * more (somebody may have been faster), check everything, then change the
 * directory, and last the inode.
 */
#include <servers/file/file_ops.h>

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_dir.h>
#include <servers/file/file_hold.h>

#include <string.h>

#define FILE_MODE_BITS	07777

bool
file_ops_reserve(const struct file_cred *cred, const struct ext2_fs *fs)
{
	return cred->uid == 0 || cred->uid == fs->super.def_resuid;
}

static kern_return_t
file_ops_start(struct file_walk *walk, const struct file_from *from,
    const char *path, size_t len)
{
	return file_path_start(walk, from->cred, from->root, from->dir,
	    from->mounted, path, len);
}

/* Start and go to the last name. */
static kern_return_t
file_ops_walk(struct file_walk *walk, const struct file_from *from,
    const char *path, size_t len)
{
	kern_return_t kr;

	kr = file_ops_start(walk, from, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_path_parent(walk);
	if (kr != KERN_SUCCESS) {
		file_path_end(walk);
	}
	return kr;
}

/* The inode at PATH, as the flags NOFOLLOW and EMPTY_PATH say. */
static kern_return_t
file_ops_find(const struct file_from *from, const char *path, size_t len,
    int flags, struct ext2_inode **inodep)
{
	struct file_walk walk;
	kern_return_t kr;

	if (len == 0 && (flags & FILE_O_EMPTY_PATH) != 0) {
		ext2_inode_ref(from->dir);
		*inodep = from->dir;
		return KERN_SUCCESS;
	}
	kr = file_ops_start(&walk, from, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_path_last(&walk, (flags & FILE_O_NOFOLLOW) == 0, inodep);
	file_path_end(&walk);
	return kr;
}

/*
 * What a new inode in DIR belongs to.  Both are locked.
 */
static void
file_ops_own(struct ext2_inode *inode, const struct ext2_inode *dir,
    const struct file_cred *cred)
{
	inode->uid = cred->uid;
	inode->gid = cred->gid;
	if ((dir->mode & FILE_S_ISGID) != 0) {
		inode->gid = dir->gid;
		if (ext2_inode_is_dir(inode)) {
			inode->mode |= FILE_S_ISGID;
		}
	}
	if (!ext2_inode_is_dir(inode) && cred->uid != 0
	    && !file_cred_in_group(cred, inode->gid)
	    && (inode->mode & 0010) != 0) {
		inode->mode &= ~FILE_S_ISGID;
	}
}

/* What is to be made. */
struct file_new {
	uint32_t		mode;
	uint32_t		rdev;
	const char		*target;	/* of a symbolic link */
	size_t			target_len;
};

/* Fill the new INODE, which is locked, as DIR is. */
static kern_return_t
file_ops_fill(struct ext2_inode *inode, struct ext2_inode *dir,
    const struct file_new *new, bool reserve)
{
	switch (new->mode & FILE_S_IFMT) {
	case FILE_S_IFDIR:
		inode->nlink = 2;
		return ext2_dir_make(inode, dir->ino, reserve);
	case FILE_S_IFLNK:
		inode->nlink = 1;
		return ext2_data_write_link(inode, new->target,
		    new->target_len, reserve);
	default:
		inode->nlink = 1;
		inode->rdev = new->rdev;
		return KERN_SUCCESS;
	}
}

/*
 * Make NEW under the walk's last name, in its directory, which is locked.
 */
static kern_return_t
file_ops_make_locked(struct file_walk *walk, const struct file_new *new,
    struct ext2_inode **inodep)
{
	bool reserve = file_ops_reserve(walk->cred, walk->fs);
	struct ext2_inode *dir = walk->dir;
	struct ext2_inode *inode;
	uint32_t ino;
	kern_return_t kr;

	if (dir->nlink == 0) {
		return UNIX_ENOENT;
	}
	kr = ext2_dir_lookup(dir, walk->name, walk->name_len, &ino);
	if (kr != UNIX_ENOENT) {
		return kr == KERN_SUCCESS ? UNIX_EEXIST : kr;
	}
	kr = file_cred_check(walk->cred, dir, FILE_MAY_WRITE | FILE_MAY_EXEC);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((new->mode & FILE_S_IFMT) == FILE_S_IFDIR
	    && dir->nlink >= EXT2_LINK_MAX) {
		return UNIX_EMLINK;
	}
	kr = ext2_inode_create(walk->fs, dir->ino, new->mode, &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ext2_inode_lock(inode);
	file_ops_own(inode, dir, walk->cred);
	kr = file_ops_fill(inode, dir, new, reserve);
	if (kr == KERN_SUCCESS) {
		kr = ext2_inode_update(inode);
	}
	if (kr == KERN_SUCCESS) {
		kr = ext2_dir_insert(dir, walk->name, walk->name_len,
		    inode->ino, inode->mode, reserve);
	}
	if (kr != KERN_SUCCESS) {
		inode->nlink = 0;
		ext2_inode_unlock(inode);
		ext2_inode_put(inode);
		return kr;
	}
	ext2_inode_unlock(inode);
	if (ext2_inode_is_dir(inode)) {
		dir->nlink++;
		(void) ext2_inode_update(dir);
	}
	*inodep = inode;
	return KERN_SUCCESS;
}

static kern_return_t
file_ops_make_at(struct file_walk *walk, const struct file_new *new,
    struct ext2_inode **inodep)
{
	kern_return_t kr;

	ext2_inode_lock(walk->dir);
	kr = file_ops_make_locked(walk, new, inodep);
	ext2_inode_unlock(walk->dir);
	cache_throttle(&walk->fs->cache);
	return kr;
}

/* Make NEW at PATH, for calls that want nothing but that. */
static kern_return_t
file_ops_make_path(const struct file_from *from, const char *path, size_t len,
    const struct file_new *new)
{
	struct file_walk walk;
	struct ext2_inode *inode;
	kern_return_t kr;

	kr = file_ops_walk(&walk, from, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (file_path_is_dots(&walk)) {
		kr = UNIX_EEXIST;
	} else if (walk.slash
	    && (new->mode & FILE_S_IFMT) != FILE_S_IFDIR) {
		kr = file_path_lookup(&walk, &inode);
		if (kr == KERN_SUCCESS) {
			ext2_inode_put(inode);
			kr = UNIX_EEXIST;
		}
	} else {
		kr = file_ops_make_at(&walk, new, &inode);
		if (kr == KERN_SUCCESS) {
			ext2_inode_put(inode);
		}
	}
	file_path_end(&walk);
	return kr;
}

kern_return_t
file_ops_make(const struct file_from *from, const char *path, size_t len,
    uint32_t mode, uint32_t rdev)
{
	struct file_new new = { .mode = mode, .rdev = rdev };

	switch (mode & FILE_S_IFMT) {
	case FILE_S_IFBLK:
	case FILE_S_IFCHR:
		if (from->cred->uid != 0) {
			return UNIX_EPERM;
		}
		break;
	case FILE_S_IFREG:
	case FILE_S_IFIFO:
	case FILE_S_IFSOCK:
	case FILE_S_IFDIR:
		new.rdev = 0;
		break;
	case 0:
		new.mode |= FILE_S_IFREG;
		new.rdev = 0;
		break;
	default:
		return UNIX_EINVAL;
	}
	new.mode &= FILE_S_IFMT | FILE_MODE_BITS;
	return file_ops_make_path(from, path, len, &new);
}

kern_return_t
file_ops_symlink(const struct file_from *from, const char *path, size_t len,
    const char *target, size_t target_len)
{
	struct file_new new = {
		.mode = FILE_S_IFLNK | 0777,
		.target = target,
		.target_len = target_len
	};

	if (target_len == 0) {
		return UNIX_ENOENT;
	}
	if (target_len >= FILE_PATH_MAX) {
		return UNIX_ENAMETOOLONG;
	}
	if (memchr(target, 0, target_len) != NULL) {
		return UNIX_EINVAL;
	}
	return file_ops_make_path(from, path, len, &new);
}

static kern_return_t
file_ops_truncate(const struct file_cred *cred, struct ext2_inode *inode)
{
	struct file_attr attr = { .valid = FILE_ATTR_SIZE };

	return file_ops_set_attr(cred, inode, &attr, true);
}

/* Permissions and type, with INODE locked. */
static kern_return_t
file_ops_check_open(const struct file_cred *cred,
    const struct ext2_inode *inode, int flags)
{
	uint32_t want = 0;
	kern_return_t kr;

	if ((flags & FILE_O_READ) != 0) {
		want |= FILE_MAY_READ;
	}
	if ((flags & (FILE_O_WRITE | FILE_O_TRUNC)) != 0) {
		want |= FILE_MAY_WRITE;
	}
	if ((flags & FILE_O_EXEC) != 0) {
		want |= FILE_MAY_EXEC;
	}
	if ((flags & FILE_O_STAT_ONLY) == 0 && want != 0) {
		if (ext2_inode_is_dir(inode)
		    && (want & FILE_MAY_WRITE) != 0) {
			return UNIX_EISDIR;
		}
		if ((want & FILE_MAY_EXEC) != 0
		    && !ext2_inode_is(inode, FILE_S_IFREG)
		    && !(ext2_inode_is_dir(inode)
			&& (flags & FILE_O_DIRECTORY) != 0)) {
			return UNIX_EACCES;
		}
		if (ext2_inode_is(inode, FILE_S_IFSOCK)) {
			return UNIX_ENXIO;
		}
	}
	kr = file_cred_check(cred, inode, want);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((inode->flags & EXT2_INODE_APPEND) != 0
	    && (want & FILE_MAY_WRITE) != 0
	    && (flags & (FILE_O_APPEND | FILE_O_TRUNC)) != FILE_O_APPEND) {
		return UNIX_EPERM;
	}
	return KERN_SUCCESS;
}

kern_return_t
file_ops_open(const struct file_cred *cred, struct ext2_inode *inode,
    int flags, bool created)
{
	kern_return_t kr = KERN_SUCCESS;

	if ((flags & FILE_O_PATH) != 0) {
		return KERN_SUCCESS;
	}
	if (!created) {
		ext2_inode_lock(inode);
		kr = file_ops_check_open(cred, inode, flags);
		ext2_inode_unlock(inode);
	}
	if (kr == KERN_SUCCESS && (flags & FILE_O_STAT_ONLY) == 0 &&
	    (flags & (FILE_O_WRITE | FILE_O_TRUNC)) != 0 &&
	    file_hold_denies(inode, (flags & FILE_O_PAGING) != 0)) {
		/* Before it is truncated. */
		kr = UNIX_ETXTBSY;
	}
	if (kr == KERN_SUCCESS && (flags & FILE_O_TRUNC) != 0 && !created
	    && ext2_inode_is(inode, FILE_S_IFREG)) {
		kr = file_ops_truncate(cred, inode);
	}
	return kr;
}

/* Whether a link at the end of the path is to be followed. */
static bool
file_ops_follows(const struct file_walk *walk, int flags)
{
	if (walk->slash) {
		return true;
	}
	return (flags & FILE_O_NOFOLLOW) == 0
	    && (flags & (FILE_O_CREAT | FILE_O_EXCL))
		!= (FILE_O_CREAT | FILE_O_EXCL);
}

/*
 * From the last name of the first directory on: follow links there, make the
 * file if it is asked for.
 */
static kern_return_t
file_ops_reach(struct file_walk *walk, int flags, uint32_t mode,
    struct ext2_inode **inodep, bool *createdp)
{
	struct file_new new = {
		.mode = FILE_S_IFREG | (mode & FILE_MODE_BITS)
	};
	struct ext2_inode *inode;
	kern_return_t kr;

	*createdp = false;
	for (;;) {
		kr = file_path_lookup(walk, &inode);
		if (kr == UNIX_ENOENT && (flags & FILE_O_CREAT) != 0) {
			if (walk->slash) {
				return UNIX_EISDIR;
			}
			kr = file_ops_make_at(walk, &new, inodep);
			if (kr == UNIX_EEXIST && (flags & FILE_O_EXCL) == 0) {
				continue;
			}
			*createdp = kr == KERN_SUCCESS;
			return kr;
		}
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (!ext2_inode_is(inode, FILE_S_IFLNK)
		    || !file_ops_follows(walk, flags)) {
			break;
		}
		kr = file_path_follow(walk, inode);
		ext2_inode_put(inode);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	*inodep = inode;
	return KERN_SUCCESS;
}

/* Whether what was found may be what the flags ask for. */
static kern_return_t
file_ops_check_kind(const struct file_walk *walk,
    const struct ext2_inode *inode, int flags)
{
	if ((flags & FILE_O_CREAT) != 0 && (flags & FILE_O_EXCL) != 0) {
		return UNIX_EEXIST;
	}
	if ((walk->slash || (flags & FILE_O_DIRECTORY) != 0)
	    && !ext2_inode_is_dir(inode)) {
		return UNIX_ENOTDIR;
	}
	if (ext2_inode_is_dir(inode) && (flags & FILE_O_CREAT) != 0) {
		return UNIX_EISDIR;
	}
	if (ext2_inode_is(inode, FILE_S_IFLNK)
	    && (flags & (FILE_O_PATH | FILE_O_STAT_ONLY)) == 0) {
		return UNIX_ELOOP;
	}
	return KERN_SUCCESS;
}

static void
file_ops_found(struct ext2_inode *inode, struct file_found *found)
{
	found->inode = inode;
	ext2_inode_lock(inode);
	ext2_inode_stat(inode, &found->result.stat);
	ext2_inode_unlock(inode);
}

/* FILE_O_PARENT: the directory, and the last name. */
static kern_return_t
file_ops_found_parent(struct file_walk *walk, struct file_found *found)
{
	ext2_inode_ref(walk->dir);
	file_ops_found(walk->dir, found);
	memcpy(found->rest, walk->name, walk->name_len);
	found->rest_len = walk->name_len;
	if (walk->slash && walk->name_len > 0) {
		found->rest[found->rest_len++] = '/';
	}
	return KERN_SUCCESS;
}

static kern_return_t
file_ops_lookup_walk(struct file_walk *walk, int flags, uint32_t mode,
    struct file_found *found)
{
	struct ext2_inode *inode;
	bool created;
	kern_return_t kr;

	kr = file_path_parent(walk);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((flags & FILE_O_PARENT) != 0) {
		return file_ops_found_parent(walk, found);
	}
	kr = file_ops_reach(walk, flags, mode, &inode, &created);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (!created) {
		kr = file_ops_check_kind(walk, inode, flags);
	}
	if (kr == KERN_SUCCESS) {
		kr = file_ops_open(walk->cred, inode, flags, created);
	}
	if (kr != KERN_SUCCESS) {
		ext2_inode_put(inode);
		return kr;
	}
	if ((flags & FILE_O_STAT_ONLY) == 0 && !ext2_inode_is_dir(inode)) {
		ext2_inode_set_name(inode, walk->dir->ino, walk->name,
		    walk->name_len);
	}
	found->result.created = created;
	file_ops_found(inode, found);
	return KERN_SUCCESS;
}

kern_return_t
file_ops_lookup(const struct file_from *from, const char *path, size_t len,
    int flags, uint32_t mode, struct file_found *found)
{
	struct file_walk walk;
	kern_return_t kr;

	memset(&found->result, 0, sizeof(found->result));
	found->inode = NULL;
	found->rest_len = 0;
	if (len == 0 && (flags & FILE_O_EMPTY_PATH) != 0) {
		kr = file_ops_open(from->cred, from->dir, flags, false);
		if (kr == KERN_SUCCESS) {
			ext2_inode_ref(from->dir);
			file_ops_found(from->dir, found);
		}
		return kr;
	}
	kr = file_ops_start(&walk, from, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_ops_lookup_walk(&walk, flags, mode, found);
	if (kr == FILE_ECROSS) {
		found->result.retry = walk.retry;
		found->result.mount_id = walk.mount_id;
		memcpy(found->rest, walk.path, walk.len);
		found->rest_len = walk.len;
		kr = KERN_SUCCESS;
	}
	found->result.links = walk.links;
	file_path_end(&walk);
	return kr;
}

/* Whether CRED may change INODE, which is locked, as ATTR says. */
static kern_return_t
file_ops_check_attr(const struct file_cred *cred,
    const struct ext2_inode *inode, const struct file_attr *attr,
    bool writable)
{
	uint32_t valid = attr->valid;
	bool owns = file_cred_owns(cred, inode);

	if (inode->fs->read_only) {
		return UNIX_EROFS;
	}
	if ((inode->flags & (EXT2_INODE_IMMUTABLE | EXT2_INODE_APPEND)) != 0) {
		return UNIX_EPERM;
	}
	if ((valid & FILE_ATTR_SIZE) != 0) {
		if (ext2_inode_is_dir(inode)) {
			return UNIX_EISDIR;
		}
		if (!ext2_inode_is(inode, FILE_S_IFREG)) {
			return UNIX_EINVAL;
		}
		if (!writable && file_cred_check(cred, inode, FILE_MAY_WRITE)
		    != KERN_SUCCESS) {
			return UNIX_EACCES;
		}
		if (!writable && file_hold_denies(inode, false)) {
			return UNIX_ETXTBSY;
		}
	}
	if ((valid & (FILE_ATTR_MODE | FILE_ATTR_ATIME | FILE_ATTR_MTIME)) != 0
	    && !owns) {
		return UNIX_EPERM;
	}
	if ((valid & (FILE_ATTR_ATIME_NOW | FILE_ATTR_MTIME_NOW)) != 0
	    && !owns
	    && file_cred_check(cred, inode, FILE_MAY_WRITE)
		!= KERN_SUCCESS) {
		return UNIX_EACCES;
	}
	if ((valid & FILE_ATTR_UID) != 0 && cred->uid != 0
	    && (!owns || attr->uid != inode->uid)) {
		return UNIX_EPERM;
	}
	if ((valid & FILE_ATTR_GID) != 0 && cred->uid != 0
	    && (!owns || (attr->gid != inode->gid
		&& !file_cred_in_group(cred, attr->gid)))) {
		return UNIX_EPERM;
	}
	return KERN_SUCCESS;
}

/* Bits that must not survive a change of owner or contents. */
static void
file_ops_drop_set_id(struct ext2_inode *inode)
{
	inode->mode &= ~FILE_S_ISUID;
	if ((inode->mode & 0010) != 0) {
		inode->mode &= ~FILE_S_ISGID;
	}
}

static void
file_ops_apply_owner(struct ext2_inode *inode, const struct file_attr *attr)
{
	if ((attr->valid & FILE_ATTR_UID) != 0) {
		inode->uid = attr->uid;
	}
	if ((attr->valid & FILE_ATTR_GID) != 0) {
		inode->gid = attr->gid;
	}
	if ((attr->valid & (FILE_ATTR_UID | FILE_ATTR_GID)) != 0
	    && !ext2_inode_is_dir(inode)) {
		file_ops_drop_set_id(inode);
	}
}

static void
file_ops_apply_mode(const struct file_cred *cred, struct ext2_inode *inode,
    const struct file_attr *attr)
{
	if ((attr->valid & FILE_ATTR_MODE) == 0) {
		return;
	}
	inode->mode = (inode->mode & FILE_S_IFMT)
	    | (attr->mode & FILE_MODE_BITS);
	if (cred->uid != 0 && !file_cred_in_group(cred, inode->gid)) {
		inode->mode &= ~FILE_S_ISGID;
	}
}

static void
file_ops_apply_times(struct ext2_inode *inode, const struct file_attr *attr)
{
	struct file_time now;

	os_clock(&now);
	if ((attr->valid & FILE_ATTR_ATIME) != 0) {
		inode->atime = attr->atime;
	}
	if ((attr->valid & FILE_ATTR_ATIME_NOW) != 0) {
		inode->atime = now;
	}
	if ((attr->valid & (FILE_ATTR_MTIME_NOW | FILE_ATTR_SIZE)) != 0) {
		inode->mtime = now;
	}
	if ((attr->valid & FILE_ATTR_MTIME) != 0) {
		inode->mtime = attr->mtime;
	}
	inode->ctime = now;
}

static bool
file_ops_time_valid(const struct file_time *time)
{
	return time->nsec < 1000000000;
}

kern_return_t
file_ops_set_attr(const struct file_cred *cred, struct ext2_inode *inode,
    const struct file_attr *attr, bool writable)
{
	struct file_pager *pager = NULL;
	kern_return_t kr;

	if ((attr->valid & ~FILE_ATTR_ALL) != 0
	    || ((attr->valid & FILE_ATTR_ATIME) != 0
		&& !file_ops_time_valid(&attr->atime))
	    || ((attr->valid & FILE_ATTR_MTIME) != 0
		&& !file_ops_time_valid(&attr->mtime))) {
		return UNIX_EINVAL;
	}
	if ((attr->valid & FILE_ATTR_SIZE) != 0) {
		os_mutex_lock(&inode->write_lock);
		pager = ext2_inode_lock_change(inode,
		    ext2_inode_change_start(inode, attr->size), UINT32_MAX);
	} else {
		ext2_inode_lock(inode);
	}
	kr = file_ops_check_attr(cred, inode, attr, writable);
	if (kr == KERN_SUCCESS && (attr->valid & FILE_ATTR_SIZE) != 0) {
		kr = ext2_data_resize(inode, attr->size);
		if (kr == KERN_SUCCESS && cred->uid != 0) {
			file_ops_drop_set_id(inode);
		}
	}
	if (kr == KERN_SUCCESS) {
		file_ops_apply_owner(inode, attr);
		file_ops_apply_mode(cred, inode, attr);
		file_ops_apply_times(inode, attr);
		kr = ext2_inode_update(inode);
	}
	ext2_inode_unlock_change(inode, pager);
	if ((attr->valid & FILE_ATTR_SIZE) != 0) {
		os_mutex_unlock(&inode->write_lock);
	}
	return kr;
}

kern_return_t
file_ops_set_attr_path(const struct file_from *from, const char *path,
    size_t len, int flags, const struct file_attr *attr)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	kr = file_ops_find(from, path, len, flags, &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_ops_set_attr(from->cred, inode, attr, false);
	ext2_inode_put(inode);
	return kr;
}

kern_return_t
file_ops_read_link(const struct file_from *from, const char *path, size_t len,
    char *target, size_t *target_len)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	kr = file_ops_find(from, path, len,
	    FILE_O_NOFOLLOW | FILE_O_EMPTY_PATH, &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ext2_inode_lock(inode);
	kr = ext2_data_read_link(inode, target, target_len);
	ext2_inode_unlock(inode);
	ext2_inode_put(inode);
	return kr;
}

void
file_ops_drop_name(struct ext2_inode *inode)
{
	if (ext2_inode_is_dir(inode)) {
		inode->nlink = 0;
	} else if (inode->nlink > 0) {
		inode->nlink--;
	}
	ext2_inode_touch(inode, false);
	(void) ext2_inode_update(inode);
	if (inode->nlink == 0) {
		ext2_inode_forget_pages(inode);
	}
}

/* Remove the walk's last name; its directory is locked. */
static kern_return_t
file_ops_unlink_locked(struct file_walk *walk, struct ext2_inode **inodep)
{
	struct ext2_inode *dir = walk->dir;
	struct ext2_inode *inode;
	uint32_t ino;
	kern_return_t kr;

	kr = ext2_dir_lookup(dir, walk->name, walk->name_len, &ino);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = ext2_inode_get(walk->fs, ino, &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*inodep = inode;
	if (ext2_inode_is_dir(inode)) {
		return UNIX_EISDIR;
	}
	if (walk->slash) {
		return UNIX_ENOTDIR;
	}
	ext2_inode_lock(inode);
	kr = file_cred_check_remove(walk->cred, dir, inode);
	if (kr == KERN_SUCCESS) {
		kr = ext2_dir_remove(dir, walk->name, walk->name_len);
	}
	if (kr == KERN_SUCCESS) {
		file_ops_drop_name(inode);
	}
	ext2_inode_unlock(inode);
	return kr;
}

kern_return_t
file_ops_unlink(const struct file_from *from, const char *path, size_t len)
{
	struct ext2_inode *inode = NULL;
	struct file_walk walk;
	kern_return_t kr;

	kr = file_ops_walk(&walk, from, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (file_path_is_dots(&walk)) {
		kr = UNIX_EISDIR;
	} else {
		ext2_inode_lock(walk.dir);
		kr = file_ops_unlink_locked(&walk, &inode);
		ext2_inode_unlock(walk.dir);
	}
	if (inode != NULL) {
		ext2_inode_put(inode);
	}
	file_path_end(&walk);
	return kr;
}

/*
 * Remove directory INODE, the walk's last name; it, its directory and renames
 * are locked.
 */
static kern_return_t
file_ops_rmdir_locked(struct file_walk *walk, struct ext2_inode *inode)
{
	struct ext2_inode *dir = walk->dir;
	uint32_t ino;
	bool empty;
	kern_return_t kr;

	kr = ext2_dir_lookup(dir, walk->name, walk->name_len, &ino);
	if (kr == KERN_SUCCESS && ino != inode->ino) {
		kr = UNIX_ENOENT;
	}
	if (kr == KERN_SUCCESS) {
		kr = file_cred_check_remove(walk->cred, dir, inode);
	}
	if (kr == KERN_SUCCESS) {
		kr = ext2_dir_is_empty(inode, &empty);
	}
	if (kr == KERN_SUCCESS && !empty) {
		kr = UNIX_ENOTEMPTY;
	}
	if (kr == KERN_SUCCESS && dir->nlink <= 2) {
		kr = ext2_fs_damage(walk->fs, "link count of inode", dir->ino);
	}
	if (kr == KERN_SUCCESS) {
		kr = ext2_dir_remove(dir, walk->name, walk->name_len);
	}
	if (kr == KERN_SUCCESS) {
		dir->nlink--;
		(void) ext2_inode_update(dir);
		file_ops_drop_name(inode);
	}
	return kr;
}

/* With renames locked. */
static kern_return_t
file_ops_rmdir_at(struct file_walk *walk)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	kr = file_path_lookup(walk, &inode);
	if (kr != KERN_SUCCESS) {
		return kr == FILE_ECROSS ? UNIX_EBUSY : kr;
	}
	if (!ext2_inode_is_dir(inode)) {
		kr = UNIX_ENOTDIR;
	} else if (inode == walk->dir) {
		kr = ext2_fs_damage(walk->fs, "loop of directories",
		    inode->ino);
	} else if (inode == walk->root || inode->ino == EXT2_ROOT_INO) {
		kr = UNIX_EBUSY;
	} else {
		ext2_inode_lock(walk->dir);
		ext2_inode_lock(inode);
		kr = file_ops_rmdir_locked(walk, inode);
		ext2_inode_unlock(inode);
		ext2_inode_unlock(walk->dir);
	}
	ext2_inode_put(inode);
	return kr;
}

kern_return_t
file_ops_rmdir(const struct file_from *from, const char *path, size_t len)
{
	struct file_walk walk;
	kern_return_t kr;

	kr = file_ops_walk(&walk, from, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (walk.name_len == 0) {
		kr = UNIX_EBUSY;
	} else if (file_path_is_dots(&walk)) {
		kr = walk.name_len == 1 ? UNIX_EINVAL : UNIX_ENOTEMPTY;
	} else {
		os_mutex_lock(&walk.fs->rename_lock);
		kr = file_ops_rmdir_at(&walk);
		os_mutex_unlock(&walk.fs->rename_lock);
	}
	file_path_end(&walk);
	return kr;
}

/* Give INODE the walk's last name; its directory is locked. */
static kern_return_t
file_ops_link_locked(struct file_walk *walk, struct ext2_inode *inode)
{
	struct ext2_inode *dir = walk->dir;
	uint32_t ino;
	kern_return_t kr;

	if (dir->nlink == 0) {
		return UNIX_ENOENT;
	}
	kr = ext2_dir_lookup(dir, walk->name, walk->name_len, &ino);
	if (kr != UNIX_ENOENT) {
		return kr == KERN_SUCCESS ? UNIX_EEXIST : kr;
	}
	kr = file_cred_check(walk->cred, dir, FILE_MAY_WRITE | FILE_MAY_EXEC);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ext2_inode_lock(inode);
	if (inode->nlink == 0) {
		kr = UNIX_ENOENT;
	} else if (inode->nlink >= EXT2_LINK_MAX) {
		kr = UNIX_EMLINK;
	} else if ((inode->flags
	    & (EXT2_INODE_IMMUTABLE | EXT2_INODE_APPEND)) != 0) {
		kr = UNIX_EPERM;
	} else {
		kr = ext2_dir_insert(dir, walk->name, walk->name_len,
		    inode->ino, inode->mode,
		    file_ops_reserve(walk->cred, walk->fs));
	}
	if (kr == KERN_SUCCESS) {
		inode->nlink++;
		ext2_inode_touch(inode, false);
		(void) ext2_inode_update(inode);
	}
	ext2_inode_unlock(inode);
	return kr;
}

kern_return_t
file_ops_link(const struct file_from *from, const char *path, size_t len,
    const struct file_from *to_from, const char *to_path, size_t to_len,
    int flags)
{
	struct ext2_inode *inode;
	struct file_walk walk;
	kern_return_t kr;

	kr = file_ops_find(from, path, len, (flags & FILE_O_EMPTY_PATH)
	    | ((flags & FILE_O_FOLLOW) != 0 ? 0 : FILE_O_NOFOLLOW), &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_ops_walk(&walk, to_from, to_path, to_len);
	if (kr != KERN_SUCCESS) {
		goto out_put;
	}
	if (file_path_is_dots(&walk)) {
		kr = UNIX_EEXIST;
	} else if (walk.slash) {
		kr = UNIX_ENOENT;
	} else if (ext2_inode_is_dir(inode)) {
		kr = UNIX_EPERM;
	} else if (inode->fs != walk.fs) {
		kr = UNIX_EXDEV;
	} else {
		ext2_inode_lock(walk.dir);
		kr = file_ops_link_locked(&walk, inode);
		ext2_inode_unlock(walk.dir);
	}
	file_path_end(&walk);
out_put:
	ext2_inode_put(inode);
	return kr;
}
