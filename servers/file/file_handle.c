/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Handles and open files.
 */
#include <servers/file/file_handle.h>

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_dir.h>
#include <servers/file/file_hold.h>
#include <servers/file/file_write.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FILE_ACCESS	(FILE_O_READ | FILE_O_WRITE | FILE_O_EXEC | \
			 FILE_O_PATH)

#define FILE_PROT_WRITE	2

/* Takes over a reference of INODE, also when it fails. */
static kern_return_t
file_open_create(struct ext2_inode *inode, int flags, struct file_open **openp)
{
	struct file_open *open = calloc(1, sizeof(*open));
	bool held = false;

	if (open == NULL) {
		ext2_inode_put(inode);
		return UNIX_ENOMEM;
	}
	open->refs = 1;
	open->inode = inode;
	open->access = flags & FILE_ACCESS;
	if ((open->access & (FILE_O_READ | FILE_O_WRITE | FILE_O_EXEC)) == 0) {
		open->access |= FILE_O_PATH;
	}
	if ((flags & FILE_O_PATH) != 0) {
		open->access = FILE_O_PATH;
	}
	open->flags = flags & FILE_O_CHANGEABLE;
	open->paging = (flags & FILE_O_PAGING) != 0;
	if ((open->access & FILE_O_WRITE) != 0) {
		os_mutex_lock(&inode->fs->inodes_lock);
		held = !file_hold_begin_locked(inode, open->paging);
		os_mutex_unlock(&inode->fs->inodes_lock);
	}
	if (held) {
		ext2_inode_put(inode);
		free(open);
		return UNIX_ETXTBSY;
	}
	os_mutex_lock(&inode->fs->inodes_lock);
	inode->opens++;
	os_mutex_unlock(&inode->fs->inodes_lock);
	os_mutex_init(&open->lock);
	*openp = open;
	return KERN_SUCCESS;
}

static struct file_open *
file_open_ref(struct file_open *open)
{
	__atomic_add_fetch(&open->refs, 1, __ATOMIC_RELAXED);
	return open;
}

static void
file_open_drop_flock_locked(struct file_open *open)
{
	if (open->flock == FILE_LOCK_SHARED) {
		open->inode->locks_shared--;
	} else if (open->flock == FILE_LOCK_EXCLUSIVE) {
		open->inode->lock_exclusive = false;
	}
	open->flock = FILE_LOCK_NONE;
}

static void
file_open_unref(struct file_open *open)
{
	struct ext2_inode *inode = open->inode;
	bool last;

	if (__atomic_sub_fetch(&open->refs, 1, __ATOMIC_ACQ_REL) != 0) {
		return;
	}
	os_mutex_lock(&inode->fs->inodes_lock);
	file_open_drop_flock_locked(open);
	if (open->text) {
		inode->texts--;
	}
	if ((open->access & FILE_O_WRITE) != 0) {
		file_hold_end_locked(inode, open->paging);
	}
	inode->opens--;
	last = inode->opens == 0 && inode->nlink == 0;
	os_mutex_unlock(&inode->fs->inodes_lock);
	if (last) {
		ext2_inode_forget_pages(inode);
	}
	os_mutex_fini(&open->lock);
	ext2_inode_put(inode);
	free(open);
}

/* Takes over OPEN's reference, also when it fails. */
static kern_return_t
file_handle_create(struct file_open *open, struct ext2_inode *root,
    struct file_cred *cred, bool mounted, struct file_handle **handlep)
{
	struct file_handle *handle = calloc(1, sizeof(*handle));

	if (handle == NULL) {
		file_open_unref(open);
		return UNIX_ENOMEM;
	}
	handle->open = open;
	ext2_inode_ref(root);
	handle->root = root;
	handle->cred = file_cred_ref(cred);
	handle->mounted = mounted;
	if (file_handle_is_paging(handle)) {
		os_mutex_lock(&open->inode->fs->inodes_lock);
		open->inode->paging = true;
		os_mutex_unlock(&open->inode->fs->inodes_lock);
		ext2_inode_forget_pages(open->inode);
	}
	*handlep = handle;
	return KERN_SUCCESS;
}

kern_return_t
file_handle_root(struct ext2_fs *fs, struct file_cred *cred, bool mounted,
    struct file_handle **handlep)
{
	struct ext2_inode *inode;
	struct file_open *open;
	kern_return_t kr;

	kr = ext2_inode_get(fs, EXT2_ROOT_INO, &inode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (!ext2_inode_is_dir(inode)) {
		ext2_inode_put(inode);
		return ext2_fs_damage(fs, "root is no directory", 0);
	}
	kr = file_open_create(inode, FILE_O_PATH, &open);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_handle_create(open, inode, cred, mounted, handlep);
}

kern_return_t
file_handle_reauth(const struct file_handle *handle, struct file_cred *cred,
    struct file_handle **handlep)
{
	return file_handle_create(file_open_ref(handle->open), handle->root,
	    cred, handle->mounted, handlep);
}

kern_return_t
file_handle_chroot(const struct file_handle *handle,
    struct file_handle **handlep)
{
	struct ext2_inode *inode = handle->open->inode;
	struct file_open *open;
	kern_return_t kr;

	if (!ext2_inode_is_dir(inode)) {
		return UNIX_ENOTDIR;
	}
	ext2_inode_ref(inode);
	kr = file_open_create(inode, FILE_O_PATH, &open);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_handle_create(open, inode, handle->cred, false, handlep);
}

kern_return_t
file_handle_reopen(const struct file_handle *handle, int flags,
    struct file_handle **handlep)
{
	struct ext2_inode *inode = handle->open->inode;
	struct file_open *open;
	kern_return_t kr;

	if ((flags & FILE_O_DIRECTORY) != 0 && !ext2_inode_is_dir(inode)) {
		return UNIX_ENOTDIR;
	}
	if (ext2_inode_is(inode, FILE_S_IFLNK)
	    && (flags & FILE_O_PATH) == 0) {
		return UNIX_ELOOP;
	}
	flags = file_hold_flags(handle->cred, flags & ~FILE_O_STAT_ONLY);
	kr = file_ops_open(handle->cred, inode, flags, false);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ext2_inode_ref(inode);
	kr = file_open_create(inode, flags, &open);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_handle_create(open, handle->root, handle->cred,
	    handle->mounted, handlep);
}

kern_return_t
file_handle_program(
    const struct file_handle *handle, struct file_handle **handlep)
{
	struct ext2_inode *inode = handle->open->inode;
	struct file_open *open;
	bool busy;
	kern_return_t kr;

	if ((handle->open->access & FILE_O_EXEC) == 0 ||
	    !ext2_inode_is(inode, FILE_S_IFREG)) {
		return UNIX_EACCES;
	}
	ext2_inode_ref(inode);
	kr = file_open_create(inode, FILE_O_READ | FILE_O_EXEC, &open);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	os_mutex_lock(&inode->fs->inodes_lock);
	busy = inode->writers != 0;
	if (!busy) {
		inode->texts++;
		open->text = true;
	}
	os_mutex_unlock(&inode->fs->inodes_lock);
	if (busy) {
		file_open_unref(open);
		return UNIX_ETXTBSY;
	}
	return file_handle_create(
	    open, handle->root, handle->cred, handle->mounted, handlep);
}

void
file_handle_destroy(struct file_handle *handle)
{
	file_open_unref(handle->open);
	ext2_inode_put(handle->root);
	file_cred_unref(handle->cred);
	free(handle);
}

bool
file_handle_is_paging(const struct file_handle *handle)
{
	return handle->open->paging && handle->cred->uid == 0;
}

int
file_handle_flags(struct file_handle *handle)
{
	struct file_open *open = handle->open;
	int flags;

	os_mutex_lock(&open->lock);
	flags = open->access | open->flags;
	os_mutex_unlock(&open->lock);
	return flags;
}

void
file_handle_set_flags(struct file_handle *handle, int flags)
{
	struct file_open *open = handle->open;

	os_mutex_lock(&open->lock);
	open->flags = flags & FILE_O_CHANGEABLE;
	os_mutex_unlock(&open->lock);
}

struct file_from
file_handle_from(const struct file_handle *handle)
{
	return (struct file_from) {
		.cred = handle->cred,
		.root = handle->root,
		.dir = handle->open->inode,
		.mounted = handle->mounted
	};
}

kern_return_t
file_handle_lookup(const struct file_handle *handle, const char *path,
    size_t len, int flags, uint32_t mode, struct file_found *found,
    struct file_handle **newp)
{
	struct file_from from = file_handle_from(handle);
	struct ext2_inode *inode;
	struct file_open *open;
	kern_return_t kr;

	flags = file_hold_flags(handle->cred, flags);
	kr = file_ops_lookup(&from, path, len, flags, mode, found);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*newp = NULL;
	inode = found->inode;
	found->inode = NULL;
	if (inode == NULL) {
		return KERN_SUCCESS;
	}
	if ((flags & FILE_O_STAT_ONLY) != 0) {
		ext2_inode_put(inode);
		return KERN_SUCCESS;
	}
	if ((flags & FILE_O_PARENT) != 0) {
		flags = FILE_O_PATH;
	}
	kr = file_open_create(inode, flags, &open);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_handle_create(open, handle->root, handle->cred,
	    handle->mounted, newp);
}

/* Whether the contents may be used as ACCESS says. */
static kern_return_t
file_handle_check_access(const struct file_handle *handle, int access)
{
	struct ext2_inode *inode = handle->open->inode;

	if ((handle->open->access & access) == 0) {
		return UNIX_EBADF;
	}
	if (ext2_inode_is_dir(inode)) {
		return UNIX_EISDIR;
	}
	if (!ext2_inode_is(inode, FILE_S_IFREG)) {
		return UNIX_ENXIO;
	}
	return KERN_SUCCESS;
}

/* Out of the block cache, mapped changes included. */
static kern_return_t
file_handle_read_blocks(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size, size_t *donep)
{
	kern_return_t kr;

	ext2_inode_lock_read(inode, offset, size);
	kr = ext2_data_read(inode, offset, data, size, donep);
	ext2_inode_unlock(inode);
	return kr;
}

/* How much of SIZE bytes at OFFSET the file has now. */
static size_t
file_handle_extent(struct ext2_inode *inode, uint64_t offset, size_t size)
{
	uint64_t left;

	ext2_inode_lock(inode);
	left = offset < inode->size ? inode->size - offset : 0;
	ext2_inode_unlock(inode);
	return size < left ? size : left;
}

/* Out of the file's pages, as far as those go; else out of the block cache. */
static kern_return_t
file_handle_read_pages(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size, size_t *donep)
{
	const struct ext2_pager_ops *ops = inode->fs->pager_ops;
	kern_return_t kr;

	size = file_handle_extent(inode, offset, size);
	if (size > ops->limit - offset) {
		size = ops->limit - offset;
	}
	if (size == 0) {
		*donep = 0;
		return KERN_SUCCESS;
	}
	kr = ops->read(inode, offset, data, size, donep);
	if (kr == UNIX_EAGAIN) {
		return file_handle_read_blocks(inode, offset, data, size,
		    donep);
	}
	if (kr != KERN_SUCCESS
	    && file_handle_extent(inode, offset, size) == 0) {
		/* It was cut meanwhile. */
		*donep = 0;
		kr = KERN_SUCCESS;
	}
	return kr;
}

static kern_return_t
file_handle_read_at(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size, size_t *donep)
{
	const struct ext2_pager_ops *ops = inode->fs->pager_ops;

	if (ops != NULL && offset < ops->limit
	    && !__atomic_load_n(&inode->paging, __ATOMIC_RELAXED)) {
		return file_handle_read_pages(inode, offset, data, size, donep);
	}
	return file_handle_read_blocks(inode, offset, data, size, donep);
}

kern_return_t
file_handle_read(struct file_handle *handle, int64_t offset, void *data,
    size_t size, size_t *donep)
{
	struct file_open *open = handle->open;
	struct ext2_inode *inode = open->inode;
	bool shared = offset == FILE_OFFSET_CURRENT;
	kern_return_t kr;

	kr = file_handle_check_access(handle, FILE_O_READ);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (offset < 0 && !shared) {
		return UNIX_EINVAL;
	}
	if (shared) {
		os_mutex_lock(&open->lock);
		offset = open->offset;
	}
	kr = file_handle_read_at(inode, offset, data, size, donep);
	if (kr == KERN_SUCCESS && (open->flags & FILE_O_NOATIME) == 0) {
		ext2_inode_lock(inode);
		ext2_inode_accessed(inode);
		ext2_inode_unlock(inode);
	}
	if (shared) {
		if (kr == KERN_SUCCESS) {
			open->offset += *donep;
		}
		os_mutex_unlock(&open->lock);
	}
	return kr;
}

/* What was written changes besides the contents; the inode is locked. */
static kern_return_t
file_handle_written(const struct file_handle *handle)
{
	struct ext2_inode *inode = handle->open->inode;

	if (handle->cred->uid != 0) {
		inode->mode &= ~FILE_S_ISUID;
		if ((inode->mode & 0010) != 0) {
			inode->mode &= ~FILE_S_ISGID;
		}
	}
	ext2_inode_touch(inode, true);
	return ext2_inode_update(inode);
}

/* *OFFSETP is where, or where it was. */
static kern_return_t
file_handle_write_at(const struct file_handle *handle, bool append,
    uint64_t *offsetp, const void *data, size_t size, size_t *donep)
{
	struct ext2_inode *inode = handle->open->inode;
	kern_return_t kr;

	os_mutex_lock(&inode->write_lock);
	if (append) {
		ext2_inode_lock(inode);
		*offsetp = inode->size;
		ext2_inode_unlock(inode);
	}
	kr = file_write(inode, *offsetp, data, size,
	    file_ops_reserve(handle->cred, inode->fs), donep);
	if (*donep > 0) {
		ext2_inode_lock(inode);
		kr = file_handle_written(handle);
		ext2_inode_unlock(inode);
	}
	os_mutex_unlock(&inode->write_lock);
	return kr;
}

kern_return_t
file_handle_write(struct file_handle *handle, int64_t offset, int flags,
    const void *data, size_t size, size_t *donep)
{
	struct file_open *open = handle->open;
	struct ext2_inode *inode = open->inode;
	bool shared = offset == FILE_OFFSET_CURRENT;
	uint64_t where;
	bool sync;
	kern_return_t kr;

	kr = file_handle_check_access(handle, FILE_O_WRITE);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (offset < 0 && !shared) {
		return UNIX_EINVAL;
	}
	os_mutex_lock(&open->lock);
	where = shared ? open->offset : (uint64_t) offset;
	sync = ((open->flags & FILE_O_SYNC) | (flags & FILE_IO_SYNC)) != 0;
	kr = file_handle_write_at(handle, (open->flags & FILE_O_APPEND) != 0,
	    &where, data, size, donep);
	if (shared && kr == KERN_SUCCESS) {
		open->offset = where + *donep;
	}
	os_mutex_unlock(&open->lock);
	if (kr == KERN_SUCCESS && sync) {
		kr = file_handle_sync(handle);
	}
	if (inode->fs->pager_ops != NULL) {
		inode->fs->pager_ops->throttle(inode);
	}
	cache_throttle(&inode->fs->cache);
	return kr;
}

/* Where WHENCE and OFFSET lead; the open file and the inode are locked. */
static kern_return_t
file_handle_seek_locked(struct file_handle *handle, int64_t offset,
    int whence, int64_t *positionp)
{
	struct file_open *open = handle->open;
	struct ext2_inode *inode = open->inode;
	uint64_t found;
	int64_t base = 0;
	kern_return_t kr;

	switch (whence) {
	case FILE_SEEK_SET:
		break;
	case FILE_SEEK_CUR:
		base = open->offset;
		break;
	case FILE_SEEK_END:
		base = inode->size;
		break;
	case FILE_SEEK_DATA:
	case FILE_SEEK_HOLE:
		if (!ext2_inode_is(inode, FILE_S_IFREG) || offset < 0) {
			return UNIX_EINVAL;
		}
		kr = ext2_data_seek(inode, offset, whence == FILE_SEEK_HOLE,
		    &found);
		*positionp = found;
		return kr;
	default:
		return UNIX_EINVAL;
	}
	if (offset > 0 && base > INT64_MAX - offset) {
		return UNIX_EOVERFLOW;
	}
	if (base + offset < 0) {
		return UNIX_EINVAL;
	}
	*positionp = base + offset;
	return KERN_SUCCESS;
}

kern_return_t
file_handle_seek(struct file_handle *handle, int64_t offset, int whence,
    int64_t *positionp)
{
	struct file_open *open = handle->open;
	int64_t position = 0;
	kern_return_t kr;

	if ((open->access & FILE_O_PATH) != 0) {
		return UNIX_EBADF;
	}
	os_mutex_lock(&open->lock);
	ext2_inode_lock(open->inode);
	kr = file_handle_seek_locked(handle, offset, whence, &position);
	ext2_inode_unlock(open->inode);
	if (kr == KERN_SUCCESS) {
		open->offset = position;
		*positionp = position;
	}
	os_mutex_unlock(&open->lock);
	return kr;
}

void
file_handle_stat(struct file_handle *handle, struct file_stat *stat)
{
	struct ext2_inode *inode = handle->open->inode;

	ext2_inode_lock(inode);
	ext2_inode_stat(inode, stat);
	ext2_inode_unlock(inode);
}

kern_return_t
file_handle_set_attr(struct file_handle *handle, const struct file_attr *attr)
{
	struct file_open *open = handle->open;
	bool writable = (open->access & FILE_O_WRITE) != 0;

	if ((attr->valid & FILE_ATTR_SIZE) != 0 && !writable) {
		return UNIX_EINVAL;
	}
	return file_ops_set_attr(handle->cred, open->inode, attr, writable);
}

kern_return_t
file_handle_sync_inode(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	kern_return_t kr;
	kern_return_t kr2;

	if (fs->read_only) {
		return KERN_SUCCESS;
	}
	if (__atomic_load_n(&inode->pager, __ATOMIC_ACQUIRE) != NULL) {
		fs->pager_ops->clean(inode, 0, UINT32_MAX);
	}
	/*
	 * Its data and map; then the inode.  The name, bitmaps and counts are
	 * no part of it: e2fsck finds those.
	 */
	kr = cache_flush(&fs->cache, inode->ino);
	kr2 = ext2_inode_write_through(inode);
	if (kr == KERN_SUCCESS) {
		kr = kr2;
	}
	kr2 = disk_flush(fs->disk);
	return kr != KERN_SUCCESS ? kr : kr2;
}

kern_return_t
file_handle_sync(struct file_handle *handle)
{
	return file_handle_sync_inode(handle->open->inode);
}

kern_return_t
file_handle_lock(struct file_handle *handle, int operation)
{
	struct file_open *open = handle->open;
	struct ext2_inode *inode = open->inode;
	kern_return_t kr = KERN_SUCCESS;
	int old;

	if (operation != FILE_LOCK_NONE && operation != FILE_LOCK_SHARED
	    && operation != FILE_LOCK_EXCLUSIVE) {
		return UNIX_EINVAL;
	}
	os_mutex_lock(&inode->fs->inodes_lock);
	old = open->flock;
	file_open_drop_flock_locked(open);
	if (operation != FILE_LOCK_NONE && (inode->lock_exclusive
	    || (operation == FILE_LOCK_EXCLUSIVE
		&& inode->locks_shared > 0))) {
		/* Keep what it had: it fitted a moment ago. */
		operation = old;
		kr = UNIX_EWOULDBLOCK;
	}
	if (operation == FILE_LOCK_SHARED) {
		inode->locks_shared++;
	} else if (operation == FILE_LOCK_EXCLUSIVE) {
		inode->lock_exclusive = true;
	}
	open->flock = operation;
	os_mutex_unlock(&inode->fs->inodes_lock);
	return kr;
}

kern_return_t
file_handle_read_dir(struct file_handle *handle, int64_t cookie, void *data,
    size_t size, size_t *usedp)
{
	struct file_open *open = handle->open;
	struct ext2_inode *inode = open->inode;
	bool shared = cookie == FILE_OFFSET_CURRENT;
	uint64_t position;
	kern_return_t kr;

	if ((open->access & FILE_O_READ) == 0) {
		return UNIX_EBADF;
	}
	if (!ext2_inode_is_dir(inode)) {
		return UNIX_ENOTDIR;
	}
	if (cookie < 0 && !shared) {
		return UNIX_EINVAL;
	}
	os_mutex_lock(&open->lock);
	position = shared ? open->offset : (uint64_t) cookie;
	ext2_inode_lock(inode);
	kr = ext2_dir_read(inode, &position, data, size, usedp);
	if (kr == KERN_SUCCESS) {
		ext2_inode_accessed(inode);
	}
	ext2_inode_unlock(inode);
	if (shared && kr == KERN_SUCCESS) {
		open->offset = position;
	}
	os_mutex_unlock(&open->lock);
	return kr;
}

kern_return_t
file_handle_check_map(struct file_handle *handle, int protection, int *maxp)
{
	struct file_open *open = handle->open;
	int max;

	if ((open->access & FILE_O_PATH) != 0) {
		return UNIX_EBADF;
	}
	if (!ext2_inode_is(open->inode, FILE_S_IFREG)) {
		return UNIX_ENODEV;
	}
	if ((open->access & FILE_O_READ) == 0) {
		return UNIX_EACCES;
	}
	/* Whoever may read a file may execute a copy of it: no secret. */
	max = 1 | 4;
	if ((open->access & FILE_O_WRITE) != 0 && !open->inode->fs->read_only) {
		max |= FILE_PROT_WRITE;
	}
	if ((protection & ~max) != 0) {
		return UNIX_EACCES;
	}
	*maxp = max;
	return KERN_SUCCESS;
}

kern_return_t
file_handle_mount(struct file_handle *handle, uint32_t mount_id)
{
	struct ext2_inode *inode = handle->open->inode;
	struct ext2_fs *fs = inode->fs;
	kern_return_t kr = KERN_SUCCESS;

	if (mount_id == 0) {
		return UNIX_EINVAL;
	}
	if (!ext2_inode_is_dir(inode)) {
		return UNIX_ENOTDIR;
	}
	os_mutex_lock(&fs->inodes_lock);
	if (inode->mount_id != 0 || inode->ino == EXT2_ROOT_INO
	    || inode->nlink == 0) {
		kr = UNIX_EBUSY;
	} else {
		inode->mount_id = mount_id;
		inode->refs++;
	}
	os_mutex_unlock(&fs->inodes_lock);
	return kr;
}

kern_return_t
file_handle_unmount(struct ext2_fs *fs, uint32_t mount_id)
{
	struct ext2_inode *found = NULL;

	if (mount_id == 0) {
		return UNIX_EINVAL;
	}
	os_mutex_lock(&fs->inodes_lock);
	for (uint32_t i = 0; i < EXT2_INODE_HASH && found == NULL; i++) {
		found = fs->inodes[i];
		while (found != NULL && found->mount_id != mount_id) {
			found = found->hash_next;
		}
	}
	if (found != NULL) {
		found->mount_id = 0;
	}
	os_mutex_unlock(&fs->inodes_lock);
	if (found == NULL) {
		return UNIX_EINVAL;
	}
	ext2_inode_put(found);
	return KERN_SUCCESS;
}

bool
file_handle_any_writer(struct ext2_fs *fs)
{
	bool any = false;

	os_mutex_lock(&fs->inodes_lock);
	for (uint32_t i = 0; i < EXT2_INODE_HASH; i++) {
		for (struct ext2_inode *inode = fs->inodes[i]; inode != NULL;
		    inode = inode->hash_next) {
			any = any || inode->writers > 0;
		}
	}
	os_mutex_unlock(&fs->inodes_lock);
	return any;
}
