/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What clients and servers of file.defs, dir.defs and file_control.defs share.
 * Structures travel in messages as arrays of 32-bit words, so their layout is
 * fixed here, without padding; numbers follow Linux i386 where a UNIX program
 * sees them, so that the emulator hands them on as they are.
 */
#ifndef SERVERS_FILE_TYPES_H
#define SERVERS_FILE_TYPES_H

#include <stdint.h>

#define FILE_PATH_MAX		4096	/* bytes of a path, no NUL needed */
#define FILE_NAME_MAX		255
#define FILE_LINK_MAX		40	/* symbolic links in one walk */
#define FILE_INLINE_MAX		8192
#define FILE_OOL_MAX		(1024 * 1024)
#define FILE_GROUPS_MAX		64

/* A path in a message: bytes and count, no NUL. */
typedef char file_path_t[FILE_PATH_MAX];
typedef const char *file_path_in_t;
typedef char *file_path_out_t;
typedef char file_inline_t[FILE_INLINE_MAX];
typedef const char *file_inline_in_t;
typedef char *file_inline_out_t;
typedef const uint32_t *file_ids_in_t;

/* As an offset: where the handle's shared offset is. */
#define FILE_OFFSET_CURRENT	((int64_t) -1)

/* Flags of file_read and file_write. */
#define FILE_IO_NONBLOCK	0x0001	/* EAGAIN rather than wait */
#define FILE_IO_SYNC		0x0002	/* on the disk before the reply */

/*
 * Flags of dir_lookup.  The access that is asked for is checked against the
 * file; none of READ, WRITE, EXEC only looks it up (as with PATH).
 */
#define FILE_O_READ		0x00000001
#define FILE_O_WRITE		0x00000002
#define FILE_O_EXEC		0x00000004	/* x permission is there; with
						   DIRECTORY: of searching it.
						   Contents want READ as well:
						   whoever runs a program that
						   its user may not read opens
						   it as uid 0 (reauth,
						   file_reopen) */
#define FILE_O_CREAT		0x00000010
#define FILE_O_EXCL		0x00000020	/* with CREAT: EEXIST */
#define FILE_O_TRUNC		0x00000040
#define FILE_O_APPEND		0x00000080
#define FILE_O_DIRECTORY	0x00000100	/* ENOTDIR if it is not one */
#define FILE_O_NOFOLLOW		0x00000200	/* a link at the end: ELOOP, or
						   the link itself with PATH or
						   STAT_ONLY */
#define FILE_O_NONBLOCK		0x00000400
#define FILE_O_SYNC		0x00000800
#define FILE_O_PATH		0x00001000	/* no access to the contents;
						   good for stat, set_attr and
						   as a start of paths */
#define FILE_O_STAT_ONLY	0x00002000	/* no handle wanted, only
						   RESULT; READ, WRITE, EXEC
						   then check as access(2) */
#define FILE_O_PARENT		0x00004000	/* the directory that holds the
						   last name, which is in REST;
						   the name need not exist */
#define FILE_O_EMPTY_PATH	0x00008000	/* "" is the handle's file */
#define FILE_O_FOLLOW		0x00010000	/* dir_link: follow at the end */
#define FILE_O_NOATIME		0x00020000
#define FILE_O_PAGING		0x00040000	/* of the superuser: requests
						   on the handle wait for none
						   of others; with WRITE nobody
						   else may write to the file */
/* What file_set_flags may change. */
#define FILE_O_CHANGEABLE	(FILE_O_APPEND | FILE_O_NONBLOCK | \
				 FILE_O_SYNC | FILE_O_NOATIME)

/* Mode bits, as in Linux. */
#define FILE_S_IFMT		0170000
#define FILE_S_IFSOCK		0140000
#define FILE_S_IFLNK		0120000
#define FILE_S_IFREG		0100000
#define FILE_S_IFBLK		0060000
#define FILE_S_IFDIR		0040000
#define FILE_S_IFCHR		0020000
#define FILE_S_IFIFO		0010000
#define FILE_S_ISUID		0004000
#define FILE_S_ISGID		0002000
#define FILE_S_ISVTX		0001000

/* Times are seconds since 1970 and nanoseconds. */
struct file_time {
	int64_t		sec;
	uint32_t	nsec;
};

struct file_stat {
	uint64_t		dev;
	uint64_t		ino;
	uint64_t		size;
	uint64_t		blocks;		/* of 512 bytes */
	uint32_t		mode;		/* type and permissions */
	uint32_t		nlink;
	uint32_t		uid;
	uint32_t		gid;
	uint32_t		rdev;		/* Linux: minor & 0xff |
						   major << 8 |
						   (minor & ~0xff) << 12 */
	uint32_t		blksize;
	struct file_time	atime;
	struct file_time	mtime;
	struct file_time	ctime;
	uint32_t		generation;	/* tells reuses of ino apart */
	uint32_t		mount_id;	/* of a mount point, else 0 */
	uint32_t		pad;
} __attribute__((packed, aligned(4)));
typedef struct file_stat file_stat_t;
_Static_assert(sizeof(struct file_stat) == 26 * 4, "layout of file_stat");

/* Which fields of struct file_attr are to be set. */
#define FILE_ATTR_MODE		0x0001
#define FILE_ATTR_UID		0x0002
#define FILE_ATTR_GID		0x0004
#define FILE_ATTR_SIZE		0x0008
#define FILE_ATTR_ATIME		0x0010
#define FILE_ATTR_MTIME		0x0020
#define FILE_ATTR_ATIME_NOW	0x0040	/* the server's clock instead */
#define FILE_ATTR_MTIME_NOW	0x0080
#define FILE_ATTR_ALL		0x00ff

struct file_attr {
	uint32_t		valid;
	uint32_t		mode;		/* permissions, 07777 */
	uint32_t		uid;
	uint32_t		gid;
	uint64_t		size;
	struct file_time	atime;
	struct file_time	mtime;
} __attribute__((packed, aligned(4)));
typedef struct file_attr file_attr_t;
_Static_assert(sizeof(struct file_attr) == 12 * 4, "layout of file_attr");

/* What to do with the rest of a path. */
enum file_retry {
	FILE_RETRY_NONE,	/* nothing: this is the answer */
	FILE_RETRY_MOUNT,	/* go on at the root of mount_id */
	FILE_RETRY_ROOT,	/* an absolute link: go on at your root */
	FILE_RETRY_PARENT	/* `..' at the top of a mounted file system: go
				   on at the parent of its mount point */
};

struct file_lookup {
	uint32_t		retry;		/* enum file_retry */
	uint32_t		mount_id;
	uint32_t		created;	/* 1: did not exist before */
	uint32_t		links;		/* links followed so far */
	struct file_stat	stat;		/* of what was found */
} __attribute__((packed, aligned(4)));
typedef struct file_lookup file_lookup_t;
_Static_assert(sizeof(struct file_lookup) == 30 * 4, "layout of file_lookup");

/*
 * A directory entry, the layout of Linux' getdents64.  Entries are multiples
 * of 8 bytes; name ends with a NUL.
 */
struct file_dirent {
	uint64_t	ino;
	int64_t		next;		/* cookie of the entry after this one */
	uint16_t	reclen;
	uint8_t		type;		/* (mode & FILE_S_IFMT) >> 12, 0 unknown */
	char		name[];
} __attribute__((packed, aligned(4)));

struct file_statfs {
	uint64_t	blocks;
	uint64_t	bfree;
	uint64_t	bavail;
	uint64_t	files;
	uint64_t	ffree;
	uint32_t	bsize;
	uint32_t	namelen;
	uint32_t	type;			/* 0xef53 */
	uint32_t	flags;			/* FILE_STATFS_* */
	uint64_t	dev;
	uint32_t	fsid[2];
	uint32_t	spare[2];
} __attribute__((packed, aligned(4)));
typedef struct file_statfs file_statfs_t;
_Static_assert(sizeof(struct file_statfs) == 20 * 4, "layout of file_statfs");

/* What was read from the disk and written to it. */
struct file_disk_stats {
	char		name[16];		/* ends with a NUL */
	uint32_t	reads;			/* requests */
	uint32_t	sectors_read;		/* of 512 bytes */
	uint32_t	writes;
	uint32_t	sectors_written;
};
typedef struct file_disk_stats file_disk_stats_t;
_Static_assert(sizeof(struct file_disk_stats) == 8 * 4,
    "layout of file_disk_stats");

#define FILE_STATFS_READ_ONLY	0x0001

/* WHENCE of file_seek. */
#define FILE_SEEK_SET		0
#define FILE_SEEK_CUR		1
#define FILE_SEEK_END		2
#define FILE_SEEK_DATA		3
#define FILE_SEEK_HOLE		4

/* Events of file_poll, the numbers of poll(2). */
#define FILE_POLL_IN		0x0001
#define FILE_POLL_PRI		0x0002
#define FILE_POLL_OUT		0x0004
#define FILE_POLL_ERR		0x0008
#define FILE_POLL_HUP		0x0010
#define FILE_POLL_RDNORM	0x0040
#define FILE_POLL_WRNORM	0x0100
#define FILE_POLL_NOTIFY_ID	71190

/* Operations of file_lock. */
#define FILE_LOCK_NONE		0
#define FILE_LOCK_SHARED	1
#define FILE_LOCK_EXCLUSIVE	2

/* Flags of dir_rename, as renameat2(2). */
#define FILE_RENAME_NOREPLACE	1
#define FILE_RENAME_EXCHANGE	2

/* Flags of file_control_root. */
#define FILE_ROOT_MOUNTED	1

#endif /* SERVERS_FILE_TYPES_H */
