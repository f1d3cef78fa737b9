/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Super block and group descriptors.  They are kept in memory and written to
 * the cache, and from there to the disk, when the file system is synced.
 */
#include <servers/file/ext2_fs.h>

#include <servers/errors.h>
#include <servers/file/ext2_inode.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define EXT2_COMPLAINTS_MAX	20

/* What stat says: the first disk, as Linux numbers them. */
#define EXT2_DEV		0x0300

kern_return_t
ext2_fs_damage(struct ext2_fs *fs, const char *what, uint32_t number)
{
	bool say;

	fs->damaged = true;
	say = fs->complaints < EXT2_COMPLAINTS_MAX;
	if (say) {
		fs->complaints++;
		os_log("file: damage on the disk: %s (%u); run e2fsck", what,
		    number);
	}
	return UNIX_EUCLEAN;
}

uint32_t
ext2_fs_group_first(const struct ext2_fs *fs, uint32_t group)
{
	return fs->super.first_data_block
	    + group * fs->super.blocks_per_group;
}

uint32_t
ext2_fs_group_blocks(const struct ext2_fs *fs, uint32_t group)
{
	uint32_t left = fs->super.blocks_count
	    - ext2_fs_group_first(fs, group);

	return left < fs->super.blocks_per_group ? left
	    : fs->super.blocks_per_group;
}

static bool
ext2_fs_is_power(uint32_t number, uint32_t base)
{
	while (number > base && number % base == 0) {
		number /= base;
	}
	return number == base;
}

/* Whether a copy of the super block is kept in GROUP. */
static bool
ext2_fs_group_has_super(const struct ext2_fs *fs, uint32_t group)
{
	if ((fs->super.feature_ro_compat & EXT2_RO_SPARSE_SUPER) == 0) {
		return true;
	}
	return group <= 1 || ext2_fs_is_power(group, 3)
	    || ext2_fs_is_power(group, 5) || ext2_fs_is_power(group, 7);
}

bool
ext2_fs_block_valid(const struct ext2_fs *fs, uint32_t block)
{
	const struct ext2_group *gd;
	uint32_t group;
	uint32_t index;

	if (block <= fs->super.first_data_block
	    || block >= fs->super.blocks_count) {
		return false;
	}
	group = (block - fs->super.first_data_block)
	    / fs->super.blocks_per_group;
	index = block - ext2_fs_group_first(fs, group);
	gd = &fs->groups[group];
	if (block == gd->block_bitmap || block == gd->inode_bitmap) {
		return false;
	}
	if (block >= gd->inode_table
	    && block - gd->inode_table < fs->itable_blocks) {
		return false;
	}
	return !ext2_fs_group_has_super(fs, group)
	    || index >= 1 + fs->desc_blocks + fs->reserved_gdt;
}

void
ext2_fs_group_dirty_locked(struct ext2_fs *fs, uint32_t group)
{
	fs->desc_dirty[group * sizeof(struct ext2_group) / fs->block_size] = 1;
	fs->super_dirty = true;
}

/* The super block's own contradictions; NULL if it makes sense. */
static const char *
ext2_fs_super_problem(const struct ext2_super *s, uint64_t disk_size)
{
	uint32_t block_size;
	uint32_t inode_size;
	uint64_t groups;

	if (s->log_block_size > 2) {
		return "its block size is not 1, 2 or 4 KiB";
	}
	block_size = 1024u << s->log_block_size;
	if (s->first_data_block != (block_size == 1024 ? 1 : 0)) {
		return "the first data block is wrong";
	}
	if (s->blocks_count <= s->first_data_block + 8
	    || (uint64_t) s->blocks_count * block_size > disk_size) {
		return "it is larger than the disk, or empty";
	}
	if (s->blocks_per_group < 256 || s->blocks_per_group > 8 * block_size
	    || s->blocks_per_group % 8 != 0) {
		return "blocks per group are out of range";
	}
	inode_size = s->rev_level == 0 ? EXT2_INODE_SIZE_REV0 : s->inode_size;
	if (inode_size < 128 || inode_size > block_size
	    || (inode_size & (inode_size - 1)) != 0) {
		return "the inode size is out of range";
	}
	if (s->inodes_per_group == 0
	    || s->inodes_per_group > 8 * block_size
	    || s->inodes_per_group % (block_size / inode_size) != 0) {
		return "inodes per group are out of range";
	}
	groups = ((uint64_t) s->blocks_count - s->first_data_block
	    + s->blocks_per_group - 1) / s->blocks_per_group;
	if (groups * s->inodes_per_group != s->inodes_count) {
		return "the number of inodes is wrong";
	}
	if (s->rev_level != 0 && (s->first_ino < EXT2_FIRST_INO_REV0
	    || s->first_ino > s->inodes_count)) {
		return "the first inode is out of range";
	}
	return NULL;
}

static const char *
ext2_fs_feature_problem(const struct ext2_super *s)
{
	uint32_t unknown = s->feature_incompat & ~EXT2_INCOMPAT_KNOWN;

	if (s->rev_level == 0) {
		return NULL;
	}
	if (s->rev_level > 1) {
		return "its revision is not 0 or 1";
	}
	if (unknown & 0x0004) {
		return "its journal must be replayed first (e2fsck)";
	}
	if (unknown & 0x0040) {
		return "it uses extents (ext4), which this server does not "
		    "know";
	}
	if (unknown & 0x0080) {
		return "it is a 64-bit ext4, which this server does not know";
	}
	if (unknown != 0) {
		return "it uses incompatible features that this server does "
		    "not know";
	}
	return NULL;
}

static uint64_t
ext2_fs_size_max(uint32_t block_size)
{
	uint64_t pointers = block_size / 4;
	uint64_t blocks = EXT2_DIRECT_BLOCKS + pointers + pointers * pointers
	    + pointers * pointers * pointers;
	/* The inode counts blocks of 512 bytes in 32 bits, maps included. */
	uint64_t counted = (UINT64_C(0xffffffff) * 512 / block_size)
	    * (pointers - 2) / pointers;

	return (blocks < counted ? blocks : counted) * block_size;
}

static uint32_t
ext2_fs_log2(uint32_t number)
{
	uint32_t shift = 0;

	while ((1u << shift) < number) {
		shift++;
	}
	return shift;
}

static void
ext2_fs_geometry(struct ext2_fs *fs)
{
	struct ext2_super *s = &fs->super;

	if (s->rev_level == 0) {
		s->first_ino = EXT2_FIRST_INO_REV0;
		s->inode_size = EXT2_INODE_SIZE_REV0;
		s->feature_compat = 0;
		s->feature_incompat = 0;
		s->feature_ro_compat = 0;
		s->reserved_gdt_blocks = 0;
	}
	fs->block_size = 1024u << s->log_block_size;
	fs->block_shift = 10 + s->log_block_size;
	fs->inode_size = s->inode_size;
	fs->first_ino = s->first_ino;
	fs->group_count = (s->blocks_count - s->first_data_block
	    + s->blocks_per_group - 1) / s->blocks_per_group;
	fs->desc_blocks = (fs->group_count * sizeof(struct ext2_group)
	    + fs->block_size - 1) / fs->block_size;
	fs->inodes_per_block = fs->block_size / fs->inode_size;
	fs->itable_blocks = s->inodes_per_group / fs->inodes_per_block;
	fs->addr_shift = ext2_fs_log2(fs->block_size / 4);
	fs->size_max = ext2_fs_size_max(fs->block_size);
	if ((s->feature_compat & EXT2_COMPAT_RESIZE_INODE) != 0) {
		fs->reserved_gdt = s->reserved_gdt_blocks;
	}
	fs->filetype = (s->feature_incompat & EXT2_INCOMPAT_FILETYPE) != 0;
}

/* Whether COUNT blocks at BLOCK lie in GROUP. */
static bool
ext2_fs_in_group(const struct ext2_fs *fs, uint32_t group, uint32_t block,
    uint32_t count)
{
	uint32_t first = ext2_fs_group_first(fs, group);
	uint32_t blocks = ext2_fs_group_blocks(fs, group);

	return block >= first && block - first < blocks
	    && count <= blocks - (block - first);
}

static kern_return_t
ext2_fs_read_groups(struct ext2_fs *fs)
{
	size_t size = fs->desc_blocks * fs->block_size;
	struct cache_buf *buf;
	struct ext2_group *gd;
	kern_return_t kr;

	fs->groups = calloc(1, size);
	fs->desc_dirty = calloc(1, fs->desc_blocks);
	if (fs->groups == NULL || fs->desc_dirty == NULL) {
		return UNIX_ENOMEM;
	}
	for (uint32_t i = 0; i < fs->desc_blocks; i++) {
		kr = cache_read(&fs->cache, fs->super.first_data_block + 1 + i,
		    fs->desc_blocks - i, &buf);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		memcpy((uint8_t *) fs->groups + i * fs->block_size, buf->data,
		    fs->block_size);
		cache_release(buf);
	}
	for (uint32_t i = 0; i < fs->group_count; i++) {
		gd = &fs->groups[i];
		if (!ext2_fs_in_group(fs, i, gd->block_bitmap, 1)
		    || !ext2_fs_in_group(fs, i, gd->inode_bitmap, 1)
		    || !ext2_fs_in_group(fs, i, gd->inode_table,
			fs->itable_blocks)
		    || gd->block_bitmap == gd->inode_bitmap) {
			return UNIX_EUCLEAN;
		}
	}
	return KERN_SUCCESS;
}

/* Put the super block into its cache block. */
static kern_return_t
ext2_fs_write_super(struct ext2_fs *fs)
{
	uint32_t block = EXT2_SUPER_OFFSET / fs->block_size;
	struct cache_buf *buf;
	struct file_time now;
	kern_return_t kr;

	os_clock(&now);
	kr = cache_read(&fs->cache, block, 1, &buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	fs->super.wtime = now.sec;
	if (fs->super.rev_level == 0) {
		/* What geometry filled in is not on such a disk. */
		memcpy(buf->data + EXT2_SUPER_OFFSET % fs->block_size,
		    &fs->super, offsetof(struct ext2_super, first_ino));
	} else {
		memcpy(buf->data + EXT2_SUPER_OFFSET % fs->block_size,
		    &fs->super, sizeof(fs->super));
	}
	cache_dirty(buf, CACHE_META, 0);
	kr = cache_write_through(buf);
	cache_release(buf);
	return kr;
}

static kern_return_t
ext2_fs_write_groups_locked(struct ext2_fs *fs)
{
	struct cache_buf *buf;
	kern_return_t kr;

	for (uint32_t i = 0; i < fs->desc_blocks; i++) {
		if (!fs->desc_dirty[i]) {
			continue;
		}
		kr = cache_read(&fs->cache, fs->super.first_data_block + 1 + i,
		    1, &buf);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		memcpy(buf->data, (uint8_t *) fs->groups + i * fs->block_size,
		    fs->block_size);
		cache_dirty(buf, CACHE_META, 0);
		cache_release(buf);
		fs->desc_dirty[i] = 0;
	}
	return KERN_SUCCESS;
}

kern_return_t
ext2_fs_sync(struct ext2_fs *fs)
{
	kern_return_t kr;
	kern_return_t kr2;

	os_mutex_lock(&fs->alloc_lock);
	if (fs->read_only) {
		os_mutex_unlock(&fs->alloc_lock);
		return KERN_SUCCESS;
	}
	kr = ext2_fs_write_groups_locked(fs);
	if (kr == KERN_SUCCESS && fs->super_dirty) {
		if (fs->damaged) {
			fs->super.state |= EXT2_STATE_ERRORS;
		}
		fs->super_dirty = false;
		kr = ext2_fs_write_super(fs);
	}
	os_mutex_unlock(&fs->alloc_lock);
	kr2 = cache_flush(&fs->cache, 0);
	if (kr2 == KERN_SUCCESS) {
		kr2 = disk_flush(fs->disk);
	}
	return kr != KERN_SUCCESS ? kr : kr2;
}

/* Say on the disk that it is in use, or that it is clean. */
static kern_return_t
ext2_fs_write_state(struct ext2_fs *fs, bool in_use)
{
	kern_return_t kr;

	os_mutex_lock(&fs->alloc_lock);
	if (fs->damaged) {
		fs->super.state |= EXT2_STATE_ERRORS;
	}
	if (in_use || fs->damaged || !fs->was_valid) {
		fs->super.state &= ~EXT2_STATE_VALID;
	} else {
		fs->super.state |= EXT2_STATE_VALID;
	}
	kr = ext2_fs_write_super(fs);
	os_mutex_unlock(&fs->alloc_lock);
	if (kr == KERN_SUCCESS) {
		kr = disk_flush(fs->disk);
	}
	return kr;
}

kern_return_t
ext2_fs_set_read_only(struct ext2_fs *fs, bool read_only)
{
	kern_return_t kr;

	if (read_only == fs->read_only) {
		return KERN_SUCCESS;
	}
	if (!read_only) {
		if (!fs->may_write) {
			return UNIX_EROFS;
		}
		kr = ext2_fs_write_state(fs, true);
		if (kr == KERN_SUCCESS) {
			fs->read_only = false;
		}
		return kr;
	}
	ext2_inode_delete_orphans(fs);
	kr = ext2_fs_sync(fs);
	if (kr == KERN_SUCCESS) {
		kr = ext2_fs_write_state(fs, false);
	}
	fs->read_only = true;
	return kr;
}

static kern_return_t
ext2_fs_load(struct ext2_fs *fs, const char **why)
{
	struct ext2_super *s = &fs->super;
	uint8_t sector[EXT2_SUPER_SIZE];
	kern_return_t kr;

	if (fs->disk->size < 2 * EXT2_SUPER_OFFSET) {
		*why = "the disk is too small";
		return UNIX_EINVAL;
	}
	kr = disk_read(fs->disk, EXT2_SUPER_OFFSET, sector,
	    sizeof(sector));
	if (kr != KERN_SUCCESS) {
		*why = "its super block cannot be read";
		return kr;
	}
	memcpy(s, sector, sizeof(*s));
	if (s->magic != EXT2_MAGIC) {
		*why = "there is no ext2 on it";
		return UNIX_EINVAL;
	}
	*why = ext2_fs_feature_problem(s);
	if (*why != NULL) {
		return UNIX_EINVAL;
	}
	*why = ext2_fs_super_problem(s, fs->disk->size);
	if (*why != NULL) {
		return UNIX_EUCLEAN;
	}
	ext2_fs_geometry(fs);
	return KERN_SUCCESS;
}

static void
ext2_fs_free(struct ext2_fs *fs)
{
	os_cond_fini(&fs->inodes_changed);
	os_mutex_fini(&fs->inodes_lock);
	os_mutex_fini(&fs->rename_lock);
	os_mutex_fini(&fs->alloc_lock);
	free(fs->groups);
	free(fs->desc_dirty);
	free(fs);
}

kern_return_t
ext2_fs_open(struct disk *disk, size_t cache_bytes, bool read_only,
    struct ext2_fs **fsp, const char **why)
{
	struct ext2_fs *fs = calloc(1, sizeof(*fs));
	struct file_time now;
	kern_return_t kr;

	*why = "there is not enough memory";
	if (fs == NULL) {
		return UNIX_ENOMEM;
	}
	fs->disk = disk;
	os_mutex_init(&fs->alloc_lock);
	os_mutex_init(&fs->rename_lock);
	os_mutex_init(&fs->inodes_lock);
	os_cond_init(&fs->inodes_changed);
	kr = ext2_fs_load(fs, why);
	if (kr != KERN_SUCCESS) {
		goto out_free;
	}
	kr = cache_init(&fs->cache, disk, fs->block_size,
	    fs->super.blocks_count, cache_bytes);
	if (kr != KERN_SUCCESS) {
		*why = "there is not enough memory";
		goto out_free;
	}
	kr = ext2_fs_read_groups(fs);
	if (kr != KERN_SUCCESS) {
		*why = "its group descriptors are damaged";
		goto out_cache;
	}
	os_clock(&now);
	fs->dev = EXT2_DEV;
	fs->next_generation = now.sec ^ now.nsec;
	fs->was_valid = (fs->super.state & EXT2_STATE_VALID) != 0
	    && (fs->super.state & EXT2_STATE_ERRORS) == 0;
	fs->may_write = !disk->read_only
	    && (fs->super.feature_ro_compat & ~EXT2_RO_KNOWN) == 0;
	fs->read_only = true;
	if (!read_only && fs->may_write) {
		fs->super.mnt_count++;
		fs->super.mtime = now.sec;
		kr = ext2_fs_set_read_only(fs, false);
		if (kr != KERN_SUCCESS) {
			*why = "its super block cannot be written";
			goto out_cache;
		}
	}
	*why = NULL;
	*fsp = fs;
	return KERN_SUCCESS;

out_cache:
	cache_fini(&fs->cache);
out_free:
	ext2_fs_free(fs);
	return kr;
}

kern_return_t
ext2_fs_close(struct ext2_fs *fs)
{
	kern_return_t kr;

	ext2_inode_drop_unused(fs);
	assert(fs->inode_count == 0);
	kr = ext2_fs_set_read_only(fs, true);
	cache_fini(&fs->cache);
	ext2_fs_free(fs);
	return kr;
}

void
ext2_fs_statfs(struct ext2_fs *fs, struct file_statfs *statfs)
{
	const struct ext2_super *s = &fs->super;
	uint64_t overhead = s->first_data_block;

	memset(statfs, 0, sizeof(*statfs));
	for (uint32_t i = 0; i < fs->group_count; i++) {
		overhead += 2 + fs->itable_blocks;
		if (ext2_fs_group_has_super(fs, i)) {
			overhead += 1 + fs->desc_blocks;
		}
	}
	os_mutex_lock(&fs->alloc_lock);
	statfs->blocks = s->blocks_count - overhead;
	statfs->bfree = s->free_blocks_count;
	statfs->bavail = s->free_blocks_count > s->r_blocks_count
	    ? s->free_blocks_count - s->r_blocks_count : 0;
	statfs->files = s->inodes_count;
	statfs->ffree = s->free_inodes_count;
	statfs->flags = fs->read_only ? FILE_STATFS_READ_ONLY : 0;
	os_mutex_unlock(&fs->alloc_lock);
	statfs->bsize = fs->block_size;
	statfs->namelen = FILE_NAME_MAX;
	statfs->type = EXT2_MAGIC;
	statfs->dev = fs->dev;
	memcpy(statfs->fsid, s->uuid, sizeof(statfs->fsid));
}
