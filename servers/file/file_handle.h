/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Handles: what a client's port stands for.  A handle is an open file together
 * with the identity and the root under which it was opened; two handles made
 * by reauth share one open file, and with it offset and flags.
 *
 * A handle is used by many threads at a time and destroyed when nobody can
 * reach it any more (file_rpc.c's table sees to that).  The calls answer
 * those of file.defs of the same name.
 */
#ifndef SERVERS_FILE_FILE_HANDLE_H
#define SERVERS_FILE_FILE_HANDLE_H

#include <servers/file/file_ops.h>

/* [I] fixed at creation  [a] atomic  [m] own lock  [i] fs->inodes_lock */
struct file_open {
	uint32_t		refs;		/* [a] */
	struct ext2_inode	*inode;		/* [I] referenced */
	int			access;		/* [I] READ WRITE EXEC PATH */
	struct os_mutex		lock;		/* before inode locks */
	int			flags;		/* [m] FILE_O_CHANGEABLE */
	uint64_t		offset;		/* [m] */
	int			flock;		/* [i] FILE_LOCK_* */
	bool			text;		/* [i] counted in inode->texts */
	bool			paging;		/* [I] opened with PAGING */
};

struct file_handle {
	struct file_open	*open;		/* [I] referenced */
	struct ext2_inode	*root;		/* [I] referenced */
	struct file_cred	*cred;		/* [I] referenced */
	bool			mounted;	/* [I] */
};

kern_return_t file_handle_root(struct ext2_fs *fs, struct file_cred *cred,
    bool mounted, struct file_handle **handlep);

kern_return_t file_handle_reauth(const struct file_handle *handle,
    struct file_cred *cred, struct file_handle **handlep);

/* The same directory as a root. */
kern_return_t file_handle_chroot(const struct file_handle *handle,
    struct file_handle **handlep);

kern_return_t file_handle_reopen(const struct file_handle *handle, int flags,
    struct file_handle **handlep);

void file_handle_destroy(struct file_handle *handle);

/* Was it opened with PAGING by the superuser? */
bool file_handle_is_paging(const struct file_handle *handle);

/* How it was opened: access and changeable flags. */
int file_handle_flags(struct file_handle *handle);
void file_handle_set_flags(struct file_handle *handle, int flags);

/* The start of paths that HANDLE stands for; refers to HANDLE. */
struct file_from file_handle_from(const struct file_handle *handle);

/*
 * dir_lookup.  *NEWP is NULL when there is no handle to give; FOUND->inode is
 * NULL on return.
 */
kern_return_t file_handle_lookup(const struct file_handle *handle,
    const char *path, size_t len, int flags, uint32_t mode,
    struct file_found *found, struct file_handle **newp);

kern_return_t file_handle_read(struct file_handle *handle, int64_t offset,
    void *data, size_t size, size_t *donep);

kern_return_t file_handle_write(struct file_handle *handle, int64_t offset,
    int flags, const void *data, size_t size, size_t *donep);

kern_return_t file_handle_seek(struct file_handle *handle, int64_t offset,
    int whence, int64_t *positionp);

void file_handle_stat(struct file_handle *handle, struct file_stat *stat);

kern_return_t file_handle_set_attr(struct file_handle *handle,
    const struct file_attr *attr);

kern_return_t file_handle_sync(struct file_handle *handle);

/* The same for a file that is known by its inode; none locked. */
kern_return_t file_handle_sync_inode(struct ext2_inode *inode);

kern_return_t file_handle_lock(struct file_handle *handle, int operation);

kern_return_t file_handle_read_dir(struct file_handle *handle, int64_t cookie,
    void *data, size_t size, size_t *usedp);

/*
 * Whether the handle's file may be mapped with PROTECTION (VM_PROT_READ 1,
 * WRITE 2, EXECUTE 4), and how much the handle would allow.
 */
kern_return_t file_handle_check_map(struct file_handle *handle,
    int protection, int *maxp);

/*
 * HANDLE was opened with EXEC, to run the file: a handle that may be read, and
 * that keeps others from opening the file for writing.  UNIX_ETXTBSY: somebody
 * has.  UNIX_EACCES: it was not opened so.
 */
kern_return_t file_handle_program(
    const struct file_handle *handle, struct file_handle **handlep);

/*
 * Make DIR a mount point, or no longer one (MOUNT_ID 0 in INODE's place).  The
 * inode stays in memory meanwhile.
 */
kern_return_t file_handle_mount(struct file_handle *handle, uint32_t mount_id);
kern_return_t file_handle_unmount(struct ext2_fs *fs, uint32_t mount_id);

/* Whether some handle is open for writing. */
bool file_handle_any_writer(struct ext2_fs *fs);

#endif /* SERVERS_FILE_FILE_HANDLE_H */
