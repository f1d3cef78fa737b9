/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Inodes between the disk and memory; ext2_inode.h has states and locks.
 */
#include <servers/file/ext2_inode.h>

#include <servers/errors.h>
#include <servers/file/ext2_alloc.h>
#include <servers/file/ext2_map.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Unused inodes that are kept in memory. */
#define EXT2_UNUSED_MAX		512

#define EXT2_ATIME_EVERY	(24 * 60 * 60)

static struct ext2_inode **
ext2_inode_bucket(struct ext2_fs *fs, uint32_t ino)
{
	return &fs->inodes[ino % EXT2_INODE_HASH];
}

static struct ext2_inode *
ext2_inode_find_locked(struct ext2_fs *fs, uint32_t ino)
{
	struct ext2_inode *inode = *ext2_inode_bucket(fs, ino);

	while (inode != NULL && inode->ino != ino) {
		inode = inode->hash_next;
	}
	return inode;
}

static void
ext2_inode_insert_locked(struct ext2_inode *inode)
{
	struct ext2_inode **bucket = ext2_inode_bucket(inode->fs, inode->ino);

	inode->hash_next = *bucket;
	*bucket = inode;
	inode->fs->inode_count++;
}

static void
ext2_inode_remove_locked(struct ext2_inode *inode)
{
	struct ext2_inode **link = ext2_inode_bucket(inode->fs, inode->ino);

	while (*link != inode) {
		link = &(*link)->hash_next;
	}
	*link = inode->hash_next;
	inode->fs->inode_count--;
}

static void
ext2_inode_unused_insert_locked(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;

	inode->unused_next = NULL;
	inode->unused_prev = fs->unused_last;
	if (fs->unused_last != NULL) {
		fs->unused_last->unused_next = inode;
	} else {
		fs->unused_first = inode;
	}
	fs->unused_last = inode;
	fs->unused_count++;
}

static void
ext2_inode_unused_remove_locked(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;

	if (inode->unused_prev != NULL) {
		inode->unused_prev->unused_next = inode->unused_next;
	} else {
		fs->unused_first = inode->unused_next;
	}
	if (inode->unused_next != NULL) {
		inode->unused_next->unused_prev = inode->unused_prev;
	} else {
		fs->unused_last = inode->unused_prev;
	}
	fs->unused_count--;
}

static void
ext2_inode_free(struct ext2_inode *inode)
{
	os_mutex_fini(&inode->lock);
	os_mutex_fini(&inode->write_lock);
	free(inode->name);
	free(inode);
}

void
ext2_inode_set_name(struct ext2_inode *inode, uint32_t dir, const char *name,
    size_t len)
{
	char *copy;
	char *old = NULL;
	bool same;

	os_mutex_lock(&inode->fs->inodes_lock);
	same = inode->name != NULL && inode->name_dir == dir
	    && strlen(inode->name) == len
	    && memcmp(inode->name, name, len) == 0;
	os_mutex_unlock(&inode->fs->inodes_lock);
	copy = same ? NULL : strndup(name, len);
	if (copy == NULL) {
		return;
	}
	os_mutex_lock(&inode->fs->inodes_lock);
	old = inode->name;
	inode->name = copy;
	inode->name_dir = dir;
	os_mutex_unlock(&inode->fs->inodes_lock);
	free(old);
}

void
ext2_inode_get_name(struct ext2_inode *inode, uint32_t *dirp, char *name)
{
	os_mutex_lock(&inode->fs->inodes_lock);
	*dirp = inode->name != NULL ? inode->name_dir : 0;
	strcpy(name, inode->name != NULL ? inode->name : "");
	os_mutex_unlock(&inode->fs->inodes_lock);
}

static struct ext2_inode *
ext2_inode_alloc(struct ext2_fs *fs, uint32_t ino)
{
	struct ext2_inode *inode = calloc(1, sizeof(*inode));

	if (inode == NULL) {
		return NULL;
	}
	inode->fs = fs;
	inode->ino = ino;
	inode->refs = 1;
	inode->state = EXT2_INODE_LOADING;
	os_mutex_init(&inode->write_lock);
	os_mutex_init(&inode->lock);
	return inode;
}

/* The cache block that holds INO and the offset in it. */
static kern_return_t
ext2_inode_locate(struct ext2_fs *fs, uint32_t ino, struct cache_buf **bufp,
    uint32_t *offsetp)
{
	uint32_t group = (ino - 1) / fs->super.inodes_per_group;
	uint32_t index = (ino - 1) % fs->super.inodes_per_group;
	uint32_t block = index / fs->inodes_per_block;
	uint32_t ahead = fs->itable_blocks - block;

	*offsetp = index % fs->inodes_per_block * fs->inode_size;
	return cache_read(&fs->cache, fs->groups[group].inode_table + block,
	    ahead < 4 ? ahead : 4, bufp);
}

/* How much of RAW behind the first 128 bytes may be used. */
static uint32_t
ext2_inode_extra(const struct ext2_fs *fs, const struct ext2_raw_inode *raw)
{
	if (fs->inode_size < 128 + EXT2_EXTRA_CRTIME
	    || raw->extra_isize > fs->inode_size - 128) {
		return 0;
	}
	return raw->extra_isize;
}

static void
ext2_inode_time_in(struct file_time *time, uint32_t sec, uint32_t extra)
{
	time->sec = (int32_t) sec;
	time->sec += (int64_t) (extra & 3) << 32;
	time->nsec = extra >> 2;
	if (time->nsec > 999999999) {
		time->nsec = 0;
	}
}

static uint32_t
ext2_inode_time_extra(const struct file_time *time)
{
	uint32_t epoch = ((time->sec - (int32_t) time->sec) >> 32) & 3;

	return time->nsec << 2 | epoch;
}

/* Linux has kept two forms of device numbers in the block pointers. */
static uint32_t
ext2_inode_rdev_in(const struct ext2_raw_inode *raw)
{
	uint32_t old = raw->block[0];

	if (old != 0) {
		return (old & 0xff) | (old & 0xff00);
	}
	return raw->block[1];
}

static bool
ext2_inode_is_device(const struct ext2_inode *inode)
{
	return ext2_inode_is(inode, FILE_S_IFCHR)
	    || ext2_inode_is(inode, FILE_S_IFBLK);
}

static void
ext2_inode_decode(struct ext2_inode *inode, const struct ext2_raw_inode *raw)
{
	uint32_t extra = ext2_inode_extra(inode->fs, raw);
	bool times = extra >= EXT2_EXTRA_TIMES;

	inode->mode = raw->mode;
	inode->uid = raw->uid | (uint32_t) raw->uid_high << 16;
	inode->gid = raw->gid | (uint32_t) raw->gid_high << 16;
	inode->nlink = raw->links_count;
	inode->size = raw->size;
	if (ext2_inode_is(inode, FILE_S_IFREG)) {
		inode->size |= (uint64_t) raw->size_high << 32;
	}
	inode->sectors = raw->blocks;
	inode->flags = raw->flags;
	inode->xattr_block = raw->file_acl;
	inode->generation = raw->generation;
	inode->dtime = raw->dtime;
	ext2_inode_time_in(&inode->atime, raw->atime,
	    times ? raw->atime_extra : 0);
	ext2_inode_time_in(&inode->mtime, raw->mtime,
	    times ? raw->mtime_extra : 0);
	ext2_inode_time_in(&inode->ctime, raw->ctime,
	    times ? raw->ctime_extra : 0);
	memcpy(inode->block, raw->block, sizeof(inode->block));
	if (ext2_inode_is_device(inode)) {
		inode->rdev = ext2_inode_rdev_in(raw);
	}
}

static void
ext2_inode_encode(const struct ext2_inode *inode, struct ext2_raw_inode *raw)
{
	uint32_t extra = ext2_inode_extra(inode->fs, raw);

	raw->mode = inode->mode;
	raw->uid = inode->uid;
	raw->uid_high = inode->uid >> 16;
	raw->gid = inode->gid;
	raw->gid_high = inode->gid >> 16;
	raw->links_count = inode->nlink;
	raw->size = inode->size;
	if (ext2_inode_is(inode, FILE_S_IFREG)) {
		raw->size_high = inode->size >> 32;
	}
	raw->blocks = inode->sectors;
	raw->flags = inode->flags;
	raw->file_acl = inode->xattr_block;
	raw->generation = inode->generation;
	raw->atime = inode->atime.sec;
	raw->mtime = inode->mtime.sec;
	raw->ctime = inode->ctime.sec;
	raw->dtime = inode->dtime;
	if (extra >= EXT2_EXTRA_TIMES) {
		raw->atime_extra = ext2_inode_time_extra(&inode->atime);
		raw->mtime_extra = ext2_inode_time_extra(&inode->mtime);
		raw->ctime_extra = ext2_inode_time_extra(&inode->ctime);
	}
	memcpy(raw->block, inode->block, sizeof(raw->block));
	if (ext2_inode_is_device(inode)) {
		memset(raw->block, 0, sizeof(raw->block));
		if (inode->rdev <= 0xffff) {
			raw->block[0] = inode->rdev;
		} else {
			raw->block[1] = inode->rdev;
		}
	}
}

/* Whether what was read can be an inode in use. */
static kern_return_t
ext2_inode_verify(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;

	switch (inode->mode & FILE_S_IFMT) {
	case FILE_S_IFDIR:
		if (inode->size == 0 || inode->size % fs->block_size != 0
		    || inode->size > UINT32_MAX) {
			return ext2_fs_damage(fs, "size of directory inode",
			    inode->ino);
		}
		break;
	case FILE_S_IFREG:
		if (inode->size > fs->size_max) {
			return ext2_fs_damage(fs, "size of file inode",
			    inode->ino);
		}
		break;
	case FILE_S_IFLNK:
		if (inode->size == 0 || inode->size > FILE_PATH_MAX
		    || inode->size >= fs->block_size) {
			return ext2_fs_damage(fs, "size of link inode",
			    inode->ino);
		}
		break;
	case FILE_S_IFCHR:
	case FILE_S_IFBLK:
	case FILE_S_IFIFO:
	case FILE_S_IFSOCK:
		break;
	default:
		return ext2_fs_damage(fs, "type of inode", inode->ino);
	}
	if (inode->nlink == 0) {
		return ext2_fs_damage(fs, "name of a deleted inode",
		    inode->ino);
	}
	if ((inode->flags & EXT2_INODE_EXTENTS) != 0) {
		return ext2_fs_damage(fs, "extents in inode", inode->ino);
	}
	return KERN_SUCCESS;
}

static kern_return_t
ext2_inode_load(struct ext2_inode *inode)
{
	struct ext2_raw_inode raw;
	struct cache_buf *buf;
	uint32_t offset;
	kern_return_t kr;

	kr = ext2_inode_locate(inode->fs, inode->ino, &buf, &offset);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memset(&raw, 0, sizeof(raw));
	memcpy(&raw, buf->data + offset,
	    inode->fs->inode_size < sizeof(raw) ? inode->fs->inode_size
	    : sizeof(raw));
	cache_release(buf);
	ext2_inode_decode(inode, &raw);
	return ext2_inode_verify(inode);
}

kern_return_t
ext2_inode_update(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t size = fs->inode_size;
	struct ext2_raw_inode raw;
	struct cache_buf *buf;
	uint32_t offset;
	kern_return_t kr;

	if (inode->orphaned) {
		/* Its place may be another's by now. */
		return KERN_SUCCESS;
	}
	if (size > sizeof(raw)) {
		size = sizeof(raw);
	}
	kr = ext2_inode_locate(fs, inode->ino, &buf, &offset);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memset(&raw, 0, sizeof(raw));
	memcpy(&raw, buf->data + offset, size);
	ext2_inode_encode(inode, &raw);
	memcpy(buf->data + offset, &raw, size);
	cache_dirty(buf, CACHE_META, 0);
	cache_release(buf);
	return KERN_SUCCESS;
}

kern_return_t
ext2_inode_write_through(struct ext2_inode *inode)
{
	struct cache_buf *buf;
	uint32_t offset;
	kern_return_t kr;

	kr = ext2_inode_locate(inode->fs, inode->ino, &buf, &offset);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = cache_write_through(buf);
	cache_release(buf);
	return kr;
}

/* Drop the oldest of too many unused inodes. */
static struct ext2_inode *
ext2_inode_trim_locked(struct ext2_fs *fs, uint32_t max)
{
	struct ext2_inode *inode = fs->unused_first;

	if (fs->unused_count <= max) {
		return NULL;
	}
	ext2_inode_unused_remove_locked(inode);
	ext2_inode_remove_locked(inode);
	return inode;
}

void
ext2_inode_drop_unused(struct ext2_fs *fs)
{
	struct ext2_inode *inode;

	os_mutex_lock(&fs->inodes_lock);
	inode = ext2_inode_trim_locked(fs, 0);
	while (inode != NULL) {
		ext2_inode_free(inode);
		inode = ext2_inode_trim_locked(fs, 0);
	}
	os_mutex_unlock(&fs->inodes_lock);
}

/* Drop a reference to an inode whose loading failed. */
static void
ext2_inode_unref_bad_locked(struct ext2_inode *inode)
{
	inode->refs--;
	if (inode->refs == 0) {
		ext2_inode_free(inode);
	}
}

/* INODE was found by number: wait until it is ready. */
static kern_return_t
ext2_inode_wait_locked(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	kern_return_t kr;

	if (inode->state == EXT2_INODE_DYING) {
		/* Only a damaged directory still names it. */
		return ext2_fs_damage(fs, "name of a deleted inode",
		    inode->ino);
	}
	if (inode->refs == 0) {
		ext2_inode_unused_remove_locked(inode);
	}
	inode->refs++;
	while (inode->state == EXT2_INODE_LOADING) {
		os_cond_wait(&fs->inodes_changed, &fs->inodes_lock);
	}
	if (inode->state == EXT2_INODE_BAD) {
		kr = inode->error;
		ext2_inode_unref_bad_locked(inode);
		return kr;
	}
	return KERN_SUCCESS;
}

kern_return_t
ext2_inode_get(struct ext2_fs *fs, uint32_t ino, struct ext2_inode **inodep)
{
	struct ext2_inode *inode;
	struct ext2_inode *new;
	kern_return_t kr;

	if (ino == 0 || ino > fs->super.inodes_count
	    || (ino < fs->first_ino && ino != EXT2_ROOT_INO)) {
		return ext2_fs_damage(fs, "inode number", ino);
	}
	new = ext2_inode_alloc(fs, ino);
	if (new == NULL) {
		return UNIX_ENOMEM;
	}
	os_mutex_lock(&fs->inodes_lock);
	inode = ext2_inode_find_locked(fs, ino);
	if (inode != NULL) {
		kr = ext2_inode_wait_locked(inode);
		os_mutex_unlock(&fs->inodes_lock);
		ext2_inode_free(new);
		if (kr == KERN_SUCCESS) {
			*inodep = inode;
		}
		return kr;
	}
	ext2_inode_insert_locked(new);
	os_mutex_unlock(&fs->inodes_lock);

	kr = ext2_inode_load(new);

	os_mutex_lock(&fs->inodes_lock);
	if (kr == KERN_SUCCESS) {
		new->state = EXT2_INODE_READY;
		*inodep = new;
	} else {
		new->state = EXT2_INODE_BAD;
		new->error = kr;
		ext2_inode_remove_locked(new);
		ext2_inode_unref_bad_locked(new);
	}
	os_cond_broadcast(&fs->inodes_changed);
	os_mutex_unlock(&fs->inodes_lock);
	return kr;
}

void
ext2_inode_ref(struct ext2_inode *inode)
{
	os_mutex_lock(&inode->fs->inodes_lock);
	assert(inode->refs > 0);
	inode->refs++;
	os_mutex_unlock(&inode->fs->inodes_lock);
}

/* Free the block of extended attributes, unless other inodes share it. */
static void
ext2_inode_free_xattr(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t block = inode->xattr_block;
	struct ext2_xattr_head *head;
	struct cache_buf *buf;

	inode->xattr_block = 0;
	if (block == 0) {
		return;
	}
	if (!ext2_fs_block_valid(fs, block)
	    || cache_read(&fs->cache, block, 1, &buf) != KERN_SUCCESS) {
		(void) ext2_fs_damage(fs, "attributes of inode", inode->ino);
		return;
	}
	head = (struct ext2_xattr_head *) buf->data;
	if (head->magic != EXT2_XATTR_MAGIC || head->refcount == 0) {
		(void) ext2_fs_damage(fs, "attributes of inode", inode->ino);
		cache_release(buf);
		return;
	}
	if (head->refcount > 1) {
		head->refcount--;
		cache_dirty(buf, CACHE_META, 0);
		cache_release(buf);
		return;
	}
	cache_release(buf);
	ext2_alloc_free_blocks(fs, block, 1);
}

static void
ext2_inode_remove(struct ext2_inode *inode)
{
	os_mutex_lock(&inode->fs->inodes_lock);
	ext2_inode_remove_locked(inode);
	os_mutex_unlock(&inode->fs->inodes_lock);
}

/*
 * Free on the disk an inode that has no name and no user.  It is out of the
 * hash before its number is free, since that is another's at once.
 */
static void
ext2_inode_delete(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	struct file_time now;

	os_clock(&now);
	ext2_inode_lock(inode);
	ext2_map_truncate(inode, 0);
	ext2_inode_free_xattr(inode);
	inode->size = 0;
	inode->sectors = 0;
	inode->dtime = now.sec;
	(void) ext2_inode_update(inode);
	inode->orphaned = true;
	ext2_inode_unlock(inode);
	ext2_inode_remove(inode);
	ext2_alloc_free_inode(fs, inode->ino, ext2_inode_is_dir(inode));
}

static bool
ext2_inode_is_orphan_locked(const struct ext2_inode *inode)
{
	return inode->nlink == 0 && inode->refs > 0
	    && inode->state == EXT2_INODE_READY;
}

/* Some orphan, with a reference, or NULL. */
static struct ext2_inode *
ext2_inode_find_orphan_locked(struct ext2_fs *fs)
{
	for (uint32_t i = 0; i < EXT2_INODE_HASH; i++) {
		for (struct ext2_inode *inode = fs->inodes[i]; inode != NULL;
		    inode = inode->hash_next) {
			if (ext2_inode_is_orphan_locked(inode)) {
				return inode;
			}
		}
	}
	return NULL;
}

bool
ext2_inode_has_orphans(struct ext2_fs *fs)
{
	bool has;

	os_mutex_lock(&fs->inodes_lock);
	has = ext2_inode_find_orphan_locked(fs) != NULL;
	os_mutex_unlock(&fs->inodes_lock);
	return has;
}

void
ext2_inode_delete_orphans(struct ext2_fs *fs)
{
	struct ext2_inode *inode;

	os_mutex_lock(&fs->inodes_lock);
	inode = ext2_inode_find_orphan_locked(fs);
	while (inode != NULL) {
		inode->refs++;
		inode->state = EXT2_INODE_DYING;
		os_mutex_unlock(&fs->inodes_lock);
		ext2_inode_delete(inode);
		os_mutex_lock(&fs->inodes_lock);
		/* The caller's world still counts on it. */
		fs->inode_count++;
		os_mutex_unlock(&fs->inodes_lock);
		ext2_inode_put(inode);
		os_mutex_lock(&fs->inodes_lock);
		inode = ext2_inode_find_orphan_locked(fs);
	}
	os_mutex_unlock(&fs->inodes_lock);
}

void
ext2_inode_put(struct ext2_inode *inode)
{
	struct ext2_fs *fs = inode->fs;
	struct ext2_inode *old;

	os_mutex_lock(&fs->inodes_lock);
	assert(inode->refs > 0);
	inode->refs--;
	if (inode->refs > 0) {
		os_mutex_unlock(&fs->inodes_lock);
		return;
	}
	if (inode->state == EXT2_INODE_DYING) {
		/* An orphan: long gone from the disk and the hash. */
		fs->inode_count--;
		os_mutex_unlock(&fs->inodes_lock);
		ext2_inode_free(inode);
		return;
	}
	if (inode->nlink != 0) {
		ext2_inode_unused_insert_locked(inode);
		old = ext2_inode_trim_locked(fs, EXT2_UNUSED_MAX);
		os_mutex_unlock(&fs->inodes_lock);
		if (old != NULL) {
			ext2_inode_free(old);
		}
		return;
	}
	inode->state = EXT2_INODE_DYING;
	os_mutex_unlock(&fs->inodes_lock);
	if (fs->read_only) {
		ext2_inode_remove(inode);
	} else {
		ext2_inode_delete(inode);
	}
	ext2_inode_free(inode);
}

void
ext2_inode_lock(struct ext2_inode *inode)
{
	os_mutex_lock(&inode->lock);
}

void
ext2_inode_unlock(struct ext2_inode *inode)
{
	os_mutex_unlock(&inode->lock);
}

static struct file_pager *
ext2_inode_pager(struct ext2_inode *inode)
{
	return __atomic_load_n(&inode->pager, __ATOMIC_ACQUIRE);
}

struct file_pager *
ext2_inode_lock_change(struct ext2_inode *inode, uint64_t offset,
    uint64_t size)
{
	const struct ext2_pager_ops *ops = inode->fs->pager_ops;
	struct file_pager *pager;

	for (;;) {
		pager = NULL;
		if (ext2_inode_pager(inode) != NULL) {
			pager = ops->hold(inode, offset, size);
		}
		ext2_inode_lock(inode);
		/*
		 * A pager that came since then may have read old contents; one
		 * that comes later finds the inode locked.
		 */
		if (ext2_inode_pager(inode) == pager
		    || ext2_inode_pager(inode) == NULL) {
			return pager;
		}
		ext2_inode_unlock_change(inode, pager);
	}
}

uint64_t
ext2_inode_change_start(struct ext2_inode *inode, uint64_t offset)
{
	return offset > inode->size && ext2_inode_pager(inode) != NULL
	    && inode->fs->pager_ops->mapped(inode) ? inode->size : offset;
}

void
ext2_inode_unlock_change(struct ext2_inode *inode, struct file_pager *pager)
{
	ext2_inode_unlock(inode);
	if (pager != NULL) {
		inode->fs->pager_ops->release(pager);
	}
}

void
ext2_inode_forget_pages(struct ext2_inode *inode)
{
	if (ext2_inode_pager(inode) != NULL) {
		inode->fs->pager_ops->deleted(inode);
	}
}

void
ext2_inode_lock_read(struct ext2_inode *inode, uint64_t offset, uint64_t size)
{
	if (ext2_inode_pager(inode) != NULL) {
		inode->fs->pager_ops->clean(inode, offset, size);
	}
	ext2_inode_lock(inode);
}

/*
 * Make INO's place in the table that of a new inode; UNIX_EUCLEAN if there is
 * one in use.
 */
static kern_return_t
ext2_inode_clear_raw(struct ext2_fs *fs, uint32_t ino,
    const struct file_time *now)
{
	struct ext2_raw_inode *raw;
	struct cache_buf *buf;
	uint32_t offset;
	kern_return_t kr;

	kr = ext2_inode_locate(fs, ino, &buf, &offset);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	raw = (struct ext2_raw_inode *) (buf->data + offset);
	if (raw->links_count != 0) {
		cache_release(buf);
		return ext2_fs_damage(fs, "inode in use marked free", ino);
	}
	memset(raw, 0, fs->inode_size);
	if (fs->inode_size >= sizeof(*raw)) {
		raw->extra_isize = EXT2_EXTRA_CRTIME;
		raw->crtime = now->sec;
		raw->crtime_extra = ext2_inode_time_extra(now);
	}
	cache_release(buf);
	return KERN_SUCCESS;
}

/*
 * Put INODE, a new one, where others find it.  UNIX_EUCLEAN if its number is
 * in use although the bitmap said free; the bitmap is right from then on.
 */
static kern_return_t
ext2_inode_publish(struct ext2_inode *inode, const struct file_time *now)
{
	struct ext2_fs *fs = inode->fs;
	bool taken;
	kern_return_t kr;

	os_mutex_lock(&fs->inodes_lock);
	taken = ext2_inode_find_locked(fs, inode->ino) != NULL;
	if (!taken) {
		ext2_inode_insert_locked(inode);
	}
	os_mutex_unlock(&fs->inodes_lock);
	if (taken) {
		return ext2_fs_damage(fs, "inode in use marked free",
		    inode->ino);
	}
	kr = ext2_inode_clear_raw(fs, inode->ino, now);
	if (kr != KERN_SUCCESS) {
		ext2_inode_remove(inode);
	}
	return kr;
}

kern_return_t
ext2_inode_create(struct ext2_fs *fs, uint32_t parent, uint16_t mode,
    struct ext2_inode **inodep)
{
	bool directory = (mode & FILE_S_IFMT) == FILE_S_IFDIR;
	struct ext2_inode *inode;
	struct file_time now;
	uint32_t ino;
	kern_return_t kr;

	os_clock(&now);
	kr = ext2_alloc_inode(fs, parent, directory, &ino);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	inode = ext2_inode_alloc(fs, ino);
	if (inode == NULL) {
		ext2_alloc_free_inode(fs, ino, directory);
		return UNIX_ENOMEM;
	}
	inode->mode = mode;
	inode->atime = now;
	inode->mtime = now;
	inode->ctime = now;
	inode->state = EXT2_INODE_READY;
	os_mutex_lock(&fs->alloc_lock);
	inode->generation = fs->next_generation++;
	os_mutex_unlock(&fs->alloc_lock);
	kr = ext2_inode_publish(inode, &now);
	if (kr != KERN_SUCCESS) {
		ext2_inode_free(inode);
		if (kr != UNIX_EUCLEAN) {
			ext2_alloc_free_inode(fs, ino, directory);
		}
		return kr;
	}
	*inodep = inode;
	return KERN_SUCCESS;
}

void
ext2_inode_touch(struct ext2_inode *inode, bool modified)
{
	os_clock(&inode->ctime);
	if (modified) {
		inode->mtime = inode->ctime;
	}
}

static bool
ext2_inode_time_before(const struct file_time *a, const struct file_time *b)
{
	return a->sec < b->sec || (a->sec == b->sec && a->nsec <= b->nsec);
}

void
ext2_inode_accessed(struct ext2_inode *inode)
{
	struct file_time now;

	if (inode->fs->read_only) {
		return;
	}
	os_clock(&now);
	if (!ext2_inode_time_before(&inode->atime, &inode->mtime)
	    && !ext2_inode_time_before(&inode->atime, &inode->ctime)
	    && now.sec - inode->atime.sec < EXT2_ATIME_EVERY) {
		return;
	}
	inode->atime = now;
	(void) ext2_inode_update(inode);
}

void
ext2_inode_stat(struct ext2_inode *inode, struct file_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->dev = inode->fs->dev;
	stat->ino = inode->ino;
	stat->size = inode->size;
	stat->blocks = inode->sectors;
	stat->mode = inode->mode;
	stat->nlink = inode->nlink;
	stat->uid = inode->uid;
	stat->gid = inode->gid;
	stat->rdev = inode->rdev;
	stat->blksize = 4096;
	stat->atime = inode->atime;
	stat->mtime = inode->mtime;
	stat->ctime = inode->ctime;
	stat->generation = inode->generation;
	stat->mount_id = inode->mount_id;
}

bool
ext2_inode_is_fast_link(const struct ext2_inode *inode)
{
	uint32_t xattr_sectors = inode->xattr_block != 0
	    ? inode->fs->block_size / 512 : 0;

	return ext2_inode_is(inode, FILE_S_IFLNK)
	    && inode->sectors <= xattr_sectors
	    && inode->size <= EXT2_FAST_LINK_MAX;
}
