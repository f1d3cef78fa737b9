/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Directory contents.  Everything is done by one walk over the entries, with a
 * position that knows the entry before, because removing one means giving its
 * room to that.
 */
#include <servers/file/ext2_dir.h>

#include <servers/errors.h>
#include <servers/file/ext2_map.h>

#include <string.h>

/* Where a walk is.  BUF is referenced while there is a current entry. */
struct ext2_dir_pos {
	struct ext2_inode	*dir;
	uint32_t		lblock;		/* block of the directory */
	uint32_t		offset;		/* of the entry in the block */
	struct cache_buf	*buf;
	struct ext2_dirent	*entry;
	struct ext2_dirent	*previous;	/* in the same block, or NULL */
};

static void
ext2_dir_start(struct ext2_dir_pos *pos, struct ext2_inode *dir,
    uint32_t lblock)
{
	memset(pos, 0, sizeof(*pos));
	pos->dir = dir;
	pos->lblock = lblock;
}

static void
ext2_dir_stop(struct ext2_dir_pos *pos)
{
	if (pos->buf != NULL) {
		cache_release(pos->buf);
		pos->buf = NULL;
	}
}

static uint32_t
ext2_dir_blocks(const struct ext2_inode *dir)
{
	return dir->size >> dir->fs->block_shift;
}

/* Whether the entry at OFFSET of a block may be believed, but for its name. */
static bool
ext2_dir_entry_valid(const struct ext2_fs *fs, const uint8_t *block,
    uint32_t offset)
{
	const struct ext2_dirent *entry;

	if (offset + 12 > fs->block_size) {
		return false;
	}
	entry = (const struct ext2_dirent *) (block + offset);
	if (entry->rec_len % 4 != 0 || entry->rec_len < 12
	    || entry->rec_len > fs->block_size - offset
	    || EXT2_DIRENT_SIZE(entry->name_len) > entry->rec_len) {
		return false;
	}
	if (entry->inode == 0) {
		return true;
	}
	return entry->inode <= fs->super.inodes_count && entry->name_len != 0;
}

/* Whether a client may see the entry's name; nobody can ask for a bad one. */
static bool
ext2_dir_name_valid(const struct ext2_dirent *entry)
{
	return memchr(entry->name, '/', entry->name_len) == NULL
	    && memchr(entry->name, 0, entry->name_len) == NULL;
}

/* Get block POS->lblock, or a later one if there are holes. */
static kern_return_t
ext2_dir_load(struct ext2_dir_pos *pos)
{
	struct ext2_inode *dir = pos->dir;
	uint32_t block;
	uint32_t run;
	kern_return_t kr;

	for (; pos->lblock < ext2_dir_blocks(dir); pos->lblock++) {
		kr = ext2_map_lookup(dir, pos->lblock, &block, &run);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (block != 0) {
			pos->offset = 0;
			pos->previous = NULL;
			return cache_read(&dir->fs->cache, block,
			    run < 8 ? run : 8, &pos->buf);
		}
	}
	return UNIX_ENOENT;
}

/*
 * Go to the next entry, used or not.  UNIX_ENOENT at the end of the directory;
 * after any error the walk is stopped.
 */
static kern_return_t
ext2_dir_next(struct ext2_dir_pos *pos)
{
	struct ext2_fs *fs = pos->dir->fs;
	kern_return_t kr;

	if (pos->buf != NULL) {
		pos->offset += pos->entry->rec_len;
		pos->previous = pos->entry;
		if (pos->offset >= fs->block_size) {
			ext2_dir_stop(pos);
			pos->lblock++;
		}
	}
	if (pos->buf == NULL) {
		kr = ext2_dir_load(pos);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	if (!ext2_dir_entry_valid(fs, pos->buf->data, pos->offset)) {
		ext2_dir_stop(pos);
		return ext2_fs_damage(fs, "entry in directory inode",
		    pos->dir->ino);
	}
	pos->entry = (struct ext2_dirent *) (pos->buf->data + pos->offset);
	return KERN_SUCCESS;
}

static bool
ext2_dir_is_name(const struct ext2_dirent *entry, const char *name, size_t len)
{
	return entry->inode != 0 && entry->name_len == len
	    && memcmp(entry->name, name, len) == 0;
}

/* Leave POS at the entry NAME. */
static kern_return_t
ext2_dir_find(struct ext2_dir_pos *pos, struct ext2_inode *dir,
    const char *name, size_t len)
{
	kern_return_t kr;

	ext2_dir_start(pos, dir, 0);
	do {
		kr = ext2_dir_next(pos);
	} while (kr == KERN_SUCCESS
	    && !ext2_dir_is_name(pos->entry, name, len));
	return kr;
}

kern_return_t
ext2_dir_lookup(struct ext2_inode *dir, const char *name, size_t len,
    uint32_t *inop)
{
	struct ext2_dir_pos pos;
	kern_return_t kr;

	kr = ext2_dir_find(&pos, dir, name, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*inop = pos.entry->inode;
	ext2_dir_stop(&pos);
	return KERN_SUCCESS;
}

static uint8_t
ext2_dir_type(const struct ext2_fs *fs, uint16_t mode)
{
	static const uint8_t types[16] = {
		[FILE_S_IFIFO >> 12] = EXT2_FT_FIFO,
		[FILE_S_IFCHR >> 12] = EXT2_FT_CHR,
		[FILE_S_IFDIR >> 12] = EXT2_FT_DIR,
		[FILE_S_IFBLK >> 12] = EXT2_FT_BLK,
		[FILE_S_IFREG >> 12] = EXT2_FT_REG,
		[FILE_S_IFLNK >> 12] = EXT2_FT_LINK,
		[FILE_S_IFSOCK >> 12] = EXT2_FT_SOCK,
	};

	return fs->filetype ? types[mode >> 12] : EXT2_FT_UNKNOWN;
}

static void
ext2_dir_fill(struct ext2_inode *dir, struct ext2_dirent *entry,
    const char *name, size_t len, uint32_t ino, uint16_t mode)
{
	entry->inode = ino;
	entry->name_len = len;
	entry->file_type = ext2_dir_type(dir->fs, mode);
	memcpy(entry->name, name, len);
}

/* The directory's contents were changed. */
static kern_return_t
ext2_dir_changed(struct ext2_inode *dir)
{
	dir->flags &= ~EXT2_INODE_INDEX;
	ext2_inode_touch(dir, true);
	return ext2_inode_update(dir);
}

/* Bytes behind what ENTRY itself needs. */
static uint32_t
ext2_dir_room(const struct ext2_dirent *entry)
{
	if (entry->inode == 0) {
		return entry->rec_len;
	}
	return entry->rec_len - EXT2_DIRENT_SIZE(entry->name_len);
}

/* Put the name into the room of the entry at POS. */
static kern_return_t
ext2_dir_insert_at(struct ext2_dir_pos *pos, const char *name, size_t len,
    uint32_t ino, uint16_t mode)
{
	struct ext2_inode *dir = pos->dir;
	struct ext2_dirent *entry = pos->entry;
	struct ext2_dirent *new = entry;
	uint32_t used;

	if (entry->inode != 0) {
		used = EXT2_DIRENT_SIZE(entry->name_len);
		new = (struct ext2_dirent *) ((uint8_t *) entry + used);
		new->rec_len = entry->rec_len - used;
		entry->rec_len = used;
	}
	ext2_dir_fill(dir, new, name, len, ino, mode);
	cache_dirty(pos->buf, CACHE_DIR, dir->ino);
	dir->dir_hint = pos->lblock;
	ext2_dir_stop(pos);
	return ext2_dir_changed(dir);
}

/* Another block at the end of DIR, one empty entry in it. */
static kern_return_t
ext2_dir_grow(struct ext2_inode *dir, bool reserve, struct cache_buf **bufp)
{
	struct ext2_fs *fs = dir->fs;
	uint32_t block;
	struct cache_buf *buf;
	struct ext2_dirent *entry;
	bool fresh;
	kern_return_t kr;

	if (dir->size + fs->block_size > INT32_MAX) {
		return UNIX_ENOSPC;
	}
	kr = ext2_map_make(dir, ext2_dir_blocks(dir), reserve, &block, &fresh);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = cache_fresh(&fs->cache, block, &buf);
	if (kr != KERN_SUCCESS) {
		ext2_map_truncate(dir, ext2_dir_blocks(dir));
		return kr;
	}
	entry = (struct ext2_dirent *) buf->data;
	entry->rec_len = fs->block_size;
	cache_dirty(buf, CACHE_DIR, dir->ino);
	dir->size += fs->block_size;
	*bufp = buf;
	return KERN_SUCCESS;
}

kern_return_t
ext2_dir_insert(struct ext2_inode *dir, const char *name, size_t len,
    uint32_t ino, uint16_t mode, bool reserve)
{
	uint32_t need = EXT2_DIRENT_SIZE(len);
	struct ext2_dir_pos pos;
	kern_return_t kr;

	ext2_dir_start(&pos, dir, dir->dir_hint);
	for (;;) {
		kr = ext2_dir_next(&pos);
		if (kr != KERN_SUCCESS) {
			break;
		}
		if (ext2_dir_room(pos.entry) >= need) {
			return ext2_dir_insert_at(&pos, name, len, ino, mode);
		}
	}
	if (kr != UNIX_ENOENT) {
		return kr;
	}
	pos.lblock = ext2_dir_blocks(dir);
	kr = ext2_dir_grow(dir, reserve, &pos.buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	pos.entry = (struct ext2_dirent *) pos.buf->data;
	return ext2_dir_insert_at(&pos, name, len, ino, mode);
}

kern_return_t
ext2_dir_remove(struct ext2_inode *dir, const char *name, size_t len)
{
	struct ext2_dir_pos pos;
	kern_return_t kr;

	kr = ext2_dir_find(&pos, dir, name, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (pos.previous != NULL) {
		pos.previous->rec_len += pos.entry->rec_len;
	}
	pos.entry->inode = 0;
	cache_dirty(pos.buf, CACHE_DIR, dir->ino);
	if (pos.lblock < dir->dir_hint) {
		dir->dir_hint = pos.lblock;
	}
	ext2_dir_stop(&pos);
	return ext2_dir_changed(dir);
}

kern_return_t
ext2_dir_replace(struct ext2_inode *dir, const char *name, size_t len,
    uint32_t ino, uint16_t mode)
{
	struct ext2_dir_pos pos;
	kern_return_t kr;

	kr = ext2_dir_find(&pos, dir, name, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	pos.entry->inode = ino;
	pos.entry->file_type = ext2_dir_type(dir->fs, mode);
	cache_dirty(pos.buf, CACHE_DIR, dir->ino);
	ext2_dir_stop(&pos);
	return ext2_dir_changed(dir);
}

kern_return_t
ext2_dir_make(struct ext2_inode *dir, uint32_t parent, bool reserve)
{
	struct ext2_dirent *entry;
	struct cache_buf *buf;
	kern_return_t kr;

	kr = ext2_dir_grow(dir, reserve, &buf);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	entry = (struct ext2_dirent *) buf->data;
	ext2_dir_fill(dir, entry, ".", 1, dir->ino, FILE_S_IFDIR);
	entry->rec_len = EXT2_DIRENT_SIZE(1);
	entry = (struct ext2_dirent *) (buf->data + EXT2_DIRENT_SIZE(1));
	entry->rec_len = dir->fs->block_size - EXT2_DIRENT_SIZE(1);
	ext2_dir_fill(dir, entry, "..", 2, parent, FILE_S_IFDIR);
	cache_dirty(buf, CACHE_DIR, dir->ino);
	cache_release(buf);
	return ext2_inode_update(dir);
}

static bool
ext2_dir_is_dots(const struct ext2_dirent *entry)
{
	return entry->name[0] == '.' && (entry->name_len == 1
	    || (entry->name_len == 2 && entry->name[1] == '.'));
}

kern_return_t
ext2_dir_is_empty(struct ext2_inode *dir, bool *emptyp)
{
	struct ext2_dir_pos pos;
	kern_return_t kr;

	ext2_dir_start(&pos, dir, 0);
	for (;;) {
		kr = ext2_dir_next(&pos);
		if (kr == UNIX_ENOENT) {
			*emptyp = true;
			return KERN_SUCCESS;
		}
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (pos.entry->inode != 0 && !ext2_dir_is_dots(pos.entry)) {
			ext2_dir_stop(&pos);
			*emptyp = false;
			return KERN_SUCCESS;
		}
	}
}

kern_return_t
ext2_dir_find_name(struct ext2_inode *dir, uint32_t ino, char *name,
    size_t *lenp)
{
	struct ext2_dir_pos pos;
	kern_return_t kr;

	ext2_dir_start(&pos, dir, 0);
	for (;;) {
		kr = ext2_dir_next(&pos);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (pos.entry->inode == ino && !ext2_dir_is_dots(pos.entry)
		    && ext2_dir_name_valid(pos.entry)) {
			memcpy(name, pos.entry->name, pos.entry->name_len);
			*lenp = pos.entry->name_len;
			ext2_dir_stop(&pos);
			return KERN_SUCCESS;
		}
	}
}

/* The type byte of file_dirent for that of an entry. */
static uint8_t
ext2_dir_client_type(const struct ext2_dirent *entry)
{
	static const uint8_t types[EXT2_FT_MAX] = {
		[EXT2_FT_REG] = FILE_S_IFREG >> 12,
		[EXT2_FT_DIR] = FILE_S_IFDIR >> 12,
		[EXT2_FT_CHR] = FILE_S_IFCHR >> 12,
		[EXT2_FT_BLK] = FILE_S_IFBLK >> 12,
		[EXT2_FT_FIFO] = FILE_S_IFIFO >> 12,
		[EXT2_FT_SOCK] = FILE_S_IFSOCK >> 12,
		[EXT2_FT_LINK] = FILE_S_IFLNK >> 12,
	};

	return entry->file_type < EXT2_FT_MAX ? types[entry->file_type] : 0;
}

kern_return_t
ext2_dir_read(struct ext2_inode *dir, uint64_t *cookie, void *data,
    size_t size, size_t *usedp)
{
	uint32_t shift = dir->fs->block_shift;
	struct ext2_dir_pos pos;
	struct file_dirent *out;
	uint64_t here;
	size_t used = 0;
	size_t reclen;
	kern_return_t kr;

	if (*cookie >= dir->size) {
		*usedp = 0;
		return KERN_SUCCESS;
	}
	ext2_dir_start(&pos, dir, *cookie >> shift);
	for (;;) {
		kr = ext2_dir_next(&pos);
		if (kr != KERN_SUCCESS) {
			break;
		}
		here = ((uint64_t) pos.lblock << shift) + pos.offset;
		if (pos.entry->inode == 0 || here < *cookie) {
			continue;
		}
		if (!ext2_dir_name_valid(pos.entry)) {
			ext2_dir_stop(&pos);
			kr = ext2_fs_damage(dir->fs, "name in directory inode",
			    dir->ino);
			break;
		}
		/* Name, its NUL, and up to a multiple of 8. */
		reclen = (sizeof(*out) + pos.entry->name_len + 8) & ~7u;
		if (reclen > size - used) {
			ext2_dir_stop(&pos);
			*usedp = used;
			return used > 0 ? KERN_SUCCESS : UNIX_EINVAL;
		}
		out = (struct file_dirent *) ((uint8_t *) data + used);
		memset(out, 0, reclen);
		out->ino = pos.entry->inode;
		out->next = here + pos.entry->rec_len;
		out->reclen = reclen;
		out->type = ext2_dir_client_type(pos.entry);
		memcpy(out->name, pos.entry->name, pos.entry->name_len);
		used += reclen;
		*cookie = out->next;
	}
	if (kr != UNIX_ENOENT && used == 0) {
		return kr;
	}
	if (kr == UNIX_ENOENT) {
		*cookie = dir->size;
	}
	*usedp = used;
	return KERN_SUCCESS;
}
