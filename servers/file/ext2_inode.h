/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Inodes in memory.  There is at most one for an inode number; it is found by
 * hash and lives while it is referenced, and a while longer as a cache.
 *
 * States: loading (being read by one thread, others wait), ready, bad (its
 * reader failed; goes with its last reference), dying (nlink is 0, the last
 * reference is gone, blocks are being freed; nobody may find it).
 *
 * Whoever changes a field calls ext2_inode_update before it unlocks, which
 * brings the change into the block cache.
 *
 * Lock order: rename_lock; inode locks: directories before other files, two
 * directories only under rename_lock, two other files by number; inodes_lock;
 * alloc_lock; the cache.  ext2_inode_put may free the inode, so no
 * inode lock may be held but that of the directory it was in.
 */
#ifndef SERVERS_FILE_EXT2_INODE_H
#define SERVERS_FILE_EXT2_INODE_H

#include <servers/file/ext2_fs.h>

enum ext2_inode_state {
	EXT2_INODE_LOADING,
	EXT2_INODE_READY,
	EXT2_INODE_BAD,
	EXT2_INODE_DYING
};

/*
 * [I] fixed while in memory  [i] inodes_lock  [l] own lock
 * [p] set by the pager under its table lock, read atomically
 */
struct ext2_inode {
	struct ext2_fs		*fs;		/* [I] */
	uint32_t		ino;		/* [I] */
	uint32_t		generation;	/* [I] */
	uint32_t		refs;		/* [i] */
	enum ext2_inode_state	state;		/* [i] */
	kern_return_t		error;		/* [i] why it is bad */
	struct ext2_inode	*hash_next;	/* [i] */
	struct ext2_inode	*unused_prev;	/* [i] */
	struct ext2_inode	*unused_next;	/* [i] */
	uint32_t		writers;	/* [i] handles open for writing */
	uint32_t		pagings;	/* [i] of them, those that page */
	uint32_t		texts;		/* [i] handles of programs that run */
	uint32_t		opens;		/* [i] open files of it */
	bool			paging;		/* [i] memory is paged into it: its
						   contents are not in pages */
	uint32_t		mount_id;	/* [i] not 0: a mount point */
	bool			orphaned;	/* [l] deleted from the disk while in
						   use; not in the hash */
	uint32_t		name_dir;	/* [i] inode of the directory where it */
	char			*name;		/* [i] was last found, by this name */
	uint32_t		locks_shared;	/* [i] flock */
	bool			lock_exclusive;	/* [i] flock */

	struct os_mutex		write_lock;	/* who changes contents; before
						   all but an open file's */
	struct os_mutex		lock;
	uint16_t		mode;		/* [l] */
	uint32_t		uid;		/* [l] */
	uint32_t		gid;		/* [l] */
	uint32_t		nlink;		/* [l] */
	uint64_t		size;		/* [l] */
	uint32_t		sectors;	/* [l] of 512 bytes */
	uint32_t		flags;		/* [l] EXT2_INODE_* */
	uint32_t		xattr_block;	/* [l] */
	struct file_time	atime;		/* [l] */
	struct file_time	mtime;		/* [l] */
	struct file_time	ctime;		/* [l] */
	uint32_t		dtime;		/* [l] */
	uint32_t		rdev;		/* [l] of device nodes */
	uint32_t		block[EXT2_BLOCK_POINTERS];	/* [l] */
	uint32_t		goal;		/* [l] where its next block
						   should be */
	uint64_t		read_next;	/* [l] where a reader went on
						   reading in sequence */
	struct ext2_piece	*piece;		/* [l] being written in pages */
	uint32_t		dir_hint;	/* [l] block of a directory that
						   had room */
	struct file_pager	*pager;		/* [p] */
};

static inline bool
ext2_inode_is(const struct ext2_inode *inode, uint32_t type)
{
	return (inode->mode & FILE_S_IFMT) == type;
}

static inline bool
ext2_inode_is_dir(const struct ext2_inode *inode)
{
	return ext2_inode_is(inode, FILE_S_IFDIR);
}

/*
 * Inode INO, referenced and ready.
 *
 * Returns: UNIX_EIO, UNIX_ENOMEM; UNIX_EUCLEAN when INO is no inode that a
 *          directory may name, or what is there makes no sense.
 */
kern_return_t ext2_inode_get(struct ext2_fs *fs, uint32_t ino,
    struct ext2_inode **inodep);

void ext2_inode_ref(struct ext2_inode *inode);

/*
 * Remember, or tell, by which name in which directory somebody opened INODE
 * last: a hint, as it may have been renamed since.  *DIRP is 0 when nobody
 * did; the name goes to NAME, of FILE_NAME_MAX + 1 bytes.
 */
void ext2_inode_set_name(struct ext2_inode *inode, uint32_t dir,
    const char *name, size_t len);
void ext2_inode_get_name(struct ext2_inode *inode, uint32_t *dirp,
    char *name);

/* Give up a reference; frees on disk what has no name any more. */
void ext2_inode_put(struct ext2_inode *inode);

void ext2_inode_lock(struct ext2_inode *inode);
void ext2_inode_unlock(struct ext2_inode *inode);

/*
 * Lock INODE, of which write_lock is held, to change [OFFSET, OFFSET + SIZE) of
 * its contents, with none of that in pages.  The result is for
 * ext2_inode_unlock_change.
 */
struct file_pager *ext2_inode_lock_change(struct ext2_inode *inode,
    uint64_t offset, uint64_t size);
void ext2_inode_unlock_change(struct ext2_inode *inode,
    struct file_pager *pager);

/*
 * Where the change begins, OFFSET or before: if the file grows by it, what
 * mappings have stored behind the old end is to be zero.  write_lock is held.
 */
uint64_t ext2_inode_change_start(struct ext2_inode *inode, uint64_t offset);

/* Nobody will use INODE's pages again, but for who has it mapped. */
void ext2_inode_forget_pages(struct ext2_inode *inode);

/* Lock INODE to read there, mapped changes included. */
void ext2_inode_lock_read(struct ext2_inode *inode, uint64_t offset,
    uint64_t size);

/*
 * A new inode near directory PARENT, referenced, with nlink 0, the current
 * times and the type and permissions MODE; nobody else can find it yet.
 *
 * Returns: UNIX_ENOSPC, UNIX_EIO, UNIX_ENOMEM.
 */
kern_return_t ext2_inode_create(struct ext2_fs *fs, uint32_t parent,
    uint16_t mode, struct ext2_inode **inodep);

/*
 * Bring the fields into the block cache.
 *
 * Locks:   INODE's held.
 * Returns: UNIX_EIO.
 */
kern_return_t ext2_inode_update(struct ext2_inode *inode);

/* Set ctime, and mtime if asked, to now.  Locks: INODE's held. */
void ext2_inode_touch(struct ext2_inode *inode, bool modified);

/* It was read: set atime to now if that is worth a write. */
void ext2_inode_accessed(struct ext2_inode *inode);

/* Write the block of INODE's table to the disk. */
kern_return_t ext2_inode_write_through(struct ext2_inode *inode);

/* Locks: INODE's held. */
void ext2_inode_stat(struct ext2_inode *inode, struct file_stat *stat);

/* A symbolic link whose target is in the inode itself. */
bool ext2_inode_is_fast_link(const struct ext2_inode *inode);

/* Forget inodes that nobody references. */
void ext2_inode_drop_unused(struct ext2_fs *fs);

/*
 * Free on the disk what has no name but is still in use, because nothing can
 * be freed later.  Its users find it empty, and cannot write to it.
 */
void ext2_inode_delete_orphans(struct ext2_fs *fs);

/* Whether there are such. */
bool ext2_inode_has_orphans(struct ext2_fs *fs);

#endif /* SERVERS_FILE_EXT2_INODE_H */
