/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What is on an ext2 disk: little-endian, as this machine is.
 */
#ifndef SERVERS_FILE_EXT2_DISK_H
#define SERVERS_FILE_EXT2_DISK_H

#include <stddef.h>
#include <stdint.h>

#define EXT2_SUPER_OFFSET	1024
#define EXT2_SUPER_SIZE		1024
#define EXT2_MAGIC		0xef53
#define EXT2_STATE_VALID	1
#define EXT2_STATE_ERRORS	2

#define EXT2_COMPAT_EXT_ATTR	0x0008
#define EXT2_COMPAT_RESIZE_INODE	0x0010
#define EXT2_COMPAT_DIR_INDEX	0x0020

#define EXT2_INCOMPAT_FILETYPE	0x0002
#define EXT2_INCOMPAT_KNOWN	EXT2_INCOMPAT_FILETYPE

#define EXT2_RO_SPARSE_SUPER	0x0001
#define EXT2_RO_LARGE_FILE	0x0002
#define EXT2_RO_EXTRA_ISIZE	0x0040
#define EXT2_RO_KNOWN		(EXT2_RO_SPARSE_SUPER | EXT2_RO_LARGE_FILE | \
				 EXT2_RO_EXTRA_ISIZE)

#define EXT2_ROOT_INO		2
#define EXT2_FIRST_INO_REV0	11
#define EXT2_INODE_SIZE_REV0	128
#define EXT2_LINK_MAX		32000

struct ext2_super {
	uint32_t	inodes_count;
	uint32_t	blocks_count;
	uint32_t	r_blocks_count;
	uint32_t	free_blocks_count;
	uint32_t	free_inodes_count;
	uint32_t	first_data_block;
	uint32_t	log_block_size;
	uint32_t	log_frag_size;
	uint32_t	blocks_per_group;
	uint32_t	frags_per_group;
	uint32_t	inodes_per_group;
	uint32_t	mtime;
	uint32_t	wtime;
	uint16_t	mnt_count;
	uint16_t	max_mnt_count;
	uint16_t	magic;
	uint16_t	state;
	uint16_t	errors;
	uint16_t	minor_rev_level;
	uint32_t	lastcheck;
	uint32_t	checkinterval;
	uint32_t	creator_os;
	uint32_t	rev_level;
	uint16_t	def_resuid;
	uint16_t	def_resgid;
	uint32_t	first_ino;		/* from here on: revision 1 */
	uint16_t	inode_size;
	uint16_t	block_group_nr;
	uint32_t	feature_compat;
	uint32_t	feature_incompat;
	uint32_t	feature_ro_compat;
	uint8_t		uuid[16];
	char		volume_name[16];
	char		last_mounted[64];
	uint32_t	algorithm_bitmap;
	uint8_t		prealloc_blocks;
	uint8_t		prealloc_dir_blocks;
	uint16_t	reserved_gdt_blocks;
	uint8_t		rest[816];
};
_Static_assert(sizeof(struct ext2_super) == EXT2_SUPER_SIZE, "super block");
_Static_assert(offsetof(struct ext2_super, reserved_gdt_blocks) == 206,
    "super block");

struct ext2_group {
	uint32_t	block_bitmap;
	uint32_t	inode_bitmap;
	uint32_t	inode_table;
	uint16_t	free_blocks_count;
	uint16_t	free_inodes_count;
	uint16_t	used_dirs_count;
	uint16_t	flags;
	uint8_t		rest[12];
};
_Static_assert(sizeof(struct ext2_group) == 32, "group descriptor");

#define EXT2_DIRECT_BLOCKS	12
#define EXT2_BLOCK_POINTERS	15

struct ext2_raw_inode {
	uint16_t	mode;
	uint16_t	uid;
	uint32_t	size;
	uint32_t	atime;
	uint32_t	ctime;
	uint32_t	mtime;
	uint32_t	dtime;
	uint16_t	gid;
	uint16_t	links_count;
	uint32_t	blocks;			/* of 512 bytes */
	uint32_t	flags;
	uint32_t	version;
	uint32_t	block[EXT2_BLOCK_POINTERS];
	uint32_t	generation;
	uint32_t	file_acl;
	uint32_t	size_high;		/* of regular files */
	uint32_t	faddr;
	uint16_t	blocks_high;
	uint16_t	file_acl_high;
	uint16_t	uid_high;
	uint16_t	gid_high;
	uint32_t	reserved;
	/* Only in inodes of more than 128 bytes, as far as extra_isize. */
	uint16_t	extra_isize;
	uint16_t	checksum_high;
	uint32_t	ctime_extra;		/* nanoseconds << 2 | epoch */
	uint32_t	mtime_extra;
	uint32_t	atime_extra;
	uint32_t	crtime;
	uint32_t	crtime_extra;
};
_Static_assert(offsetof(struct ext2_raw_inode, extra_isize) == 128, "inode");
_Static_assert(sizeof(struct ext2_raw_inode) == 152, "inode");

/* extra_isize that covers all three nanosecond words. */
#define EXT2_EXTRA_TIMES	16
#define EXT2_EXTRA_CRTIME	24

#define EXT2_INODE_IMMUTABLE	0x00000010
#define EXT2_INODE_APPEND	0x00000020
#define EXT2_INODE_INDEX	0x00001000
#define EXT2_INODE_EXTENTS	0x00080000

#define EXT2_FAST_LINK_MAX	59

/* A directory entry; never crosses a block. */
struct ext2_dirent {
	uint32_t	inode;			/* 0: unused */
	uint16_t	rec_len;
	uint8_t		name_len;
	uint8_t		file_type;		/* enum ext2_file_type */
	char		name[];
};

#define EXT2_DIRENT_SIZE(name_len)	((8u + (name_len) + 3u) & ~3u)

enum ext2_file_type {
	EXT2_FT_UNKNOWN,
	EXT2_FT_REG,
	EXT2_FT_DIR,
	EXT2_FT_CHR,
	EXT2_FT_BLK,
	EXT2_FT_FIFO,
	EXT2_FT_SOCK,
	EXT2_FT_LINK,
	EXT2_FT_MAX
};

/* Head of a block of extended attributes. */
struct ext2_xattr_head {
	uint32_t	magic;
	uint32_t	refcount;
};

#define EXT2_XATTR_MAGIC	0xea020000

#endif /* SERVERS_FILE_EXT2_DISK_H */
