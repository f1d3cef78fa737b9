/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * One mounted ext2 file system: super block, group descriptors, geometry, and
 * the check that a block number found on the disk may be believed.
 *
 * State on the disk: while it is mounted for writing the super block does not
 * say valid, so e2fsck looks at it after a crash.  It says valid again after
 * ext2_fs_close or a change to read-only, unless it did not before or damage
 * was seen in between.
 */
#ifndef SERVERS_FILE_EXT2_FS_H
#define SERVERS_FILE_EXT2_FS_H

#include <servers/file/cache.h>
#include <servers/file/disk.h>
#include <servers/file/ext2_disk.h>
#include <servers/file/os.h>
#include <stdbool.h>
#include <stdint.h>

struct ext2_inode;
struct file_pager;

/*
 * How the pager hears of changes, so that mapped pages and the cache agree.
 * All are called without inode locks but for `deleted'.
 */
struct ext2_pager_ops {
	/* Offsets from here on are none of it. */
	uint64_t		limit;
	/*
	 * Copy SIZE bytes at OFFSET, within the file and below the limit, out
	 * of its pages; DONE says how many, less than SIZE only after an error.
	 * UNIX_EAGAIN: not now; read them in another way.
	 */
	kern_return_t		(*read)(struct ext2_inode *inode,
				    uint64_t offset, void *data, size_t size,
				    size_t *donep);
	/* May INODE be written to in its pages? */
	bool			(*takes)(struct ext2_inode *inode);
	/* May a mapping have written to INODE, also behind its end? */
	bool			(*mapped)(struct ext2_inode *inode);
	/*
	 * Change all of SIZE bytes at OFFSET, below the limit and within the
	 * file or the piece that it has (ext2_piece.h), in its pages.  The
	 * inode's write_lock is held, no other.  UNIX_EAGAIN: they are not
	 * there; some may have been changed.
	 */
	kern_return_t		(*write)(struct ext2_inode *inode,
				    uint64_t offset, const void *data,
				    size_t size);
	/* It was written to: have some of that on the disk if it is much. */
	void			(*throttle)(struct ext2_inode *inode);
	/*
	 * [OFFSET, OFFSET + SIZE) is about to be changed: bring what is mapped
	 * there back into the file, out of the kernel, and let none in until
	 * `release'.  NULL when INODE has no pager.
	 */
	struct file_pager	*(*hold)(struct ext2_inode *inode,
				    uint64_t offset, uint64_t size);
	void			(*release)(struct file_pager *pager);
	/* It is about to be read: bring back what was changed by mappings. */
	void			(*clean)(struct ext2_inode *inode,
				    uint64_t offset, uint64_t size);
	/*
	 * The last name is gone, or the last handle, or pages are not to be
	 * used any more: do not keep them once it is unmapped.
	 */
	void			(*deleted)(struct ext2_inode *inode);
};

#define EXT2_INODE_HASH		256

/* [I] fixed at opening  [a] alloc_lock  [i] inodes_lock  [o] one-way flag */
struct ext2_fs {
	struct disk		*disk;			/* [I] */
	struct cache		cache;
	uint32_t		dev;			/* [I] for stat */
	uint32_t		block_size;		/* [I] */
	uint32_t		block_shift;		/* [I] */
	uint32_t		inode_size;		/* [I] */
	uint32_t		first_ino;		/* [I] */
	uint32_t		group_count;		/* [I] */
	uint32_t		desc_blocks;		/* [I] */
	uint32_t		reserved_gdt;		/* [I] blocks */
	uint32_t		inodes_per_block;	/* [I] */
	uint32_t		itable_blocks;		/* [I] per group */
	uint32_t		addr_shift;		/* [I] log2 pointers per
							   block */
	uint64_t		size_max;		/* [I] of a file */
	bool			filetype;		/* [I] */
	bool			was_valid;		/* [I] */
	bool			may_write;		/* [I] */
	const struct ext2_pager_ops *pager_ops;		/* [I] or NULL */
	bool			read_only;		/* [a] */
	bool			damaged;		/* [o] */
	uint32_t		complaints;		/* [o] lines logged */

	/* Before it: inode locks.  After it: cache. */
	struct os_mutex		alloc_lock;
	struct ext2_super	super;			/* [a] counts; else I */
	struct ext2_group	*groups;		/* [a] counts; else I */
	bool			super_dirty;		/* [a] */
	uint8_t			*desc_dirty;		/* [a] per block */
	uint32_t		next_generation;	/* [a] */

	/* Renames that move a directory; before all inode locks. */
	struct os_mutex		rename_lock;

	/* After inode locks; nothing is locked inside. */
	struct os_mutex		inodes_lock;
	struct os_cond		inodes_changed;
	struct ext2_inode	*inodes[EXT2_INODE_HASH];	/* [i] */
	struct ext2_inode	*unused_first;		/* [i] oldest first */
	struct ext2_inode	*unused_last;		/* [i] */
	uint32_t		unused_count;		/* [i] */
	uint32_t		inode_count;		/* [i] */
};

/*
 * Mount what is on DISK, in a cache of CACHE_BYTES.  WHY gets a sentence when
 * it cannot be done, or NULL.
 *
 * Returns: UNIX_EINVAL not ext2, or features that we do not know,
 *          UNIX_EUCLEAN a damaged super block, UNIX_EIO, UNIX_ENOMEM.
 */
kern_return_t ext2_fs_open(struct disk *disk, size_t cache_bytes,
    bool read_only, struct ext2_fs **fsp, const char **why);

/*
 * Write everything, mark it clean and forget it.  No inode may be referenced.
 */
kern_return_t ext2_fs_close(struct ext2_fs *fs);

/* Write everything; the disk stays marked as in use. */
kern_return_t ext2_fs_sync(struct ext2_fs *fs);

/*
 * Change between writable and read-only.  To read-only: the caller sees to it
 * that nothing changes any more; marks clean.
 *
 * Returns: UNIX_EROFS, UNIX_EIO.
 */
kern_return_t ext2_fs_set_read_only(struct ext2_fs *fs, bool read_only);

void ext2_fs_statfs(struct ext2_fs *fs, struct file_statfs *statfs);

/*
 * Something on the disk contradicts itself: note that for e2fsck, say so in the
 * log (at most a few times), and return UNIX_EUCLEAN.
 */
kern_return_t ext2_fs_damage(struct ext2_fs *fs, const char *what,
    uint32_t number);

/* Whether BLOCK may hold file contents: on the disk, and no metadata. */
bool ext2_fs_block_valid(const struct ext2_fs *fs, uint32_t block);

uint32_t ext2_fs_group_first(const struct ext2_fs *fs, uint32_t group);
uint32_t ext2_fs_group_blocks(const struct ext2_fs *fs, uint32_t group);

/* Group GROUP's descriptor was changed.  Locks: alloc_lock held. */
void ext2_fs_group_dirty_locked(struct ext2_fs *fs, uint32_t group);

#endif /* SERVERS_FILE_EXT2_FS_H */
