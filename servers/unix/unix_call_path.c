/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls that name files.  Those that make or remove names ask the file server
 * directly when the path starts there; only when it leads elsewhere
 * (REMOTE_CROSS) the parent is walked to and the last name used there.
 */
#include <servers/unix/unix_call.h>

#include <stdlib.h>
#include <string.h>

/*
 * open.
 */

static uint32_t
open_remote_flags(uint32_t flags)
{
	uint32_t mode = flags & L_O_ACCMODE;
	uint32_t r = 0;

	if ((flags & L_O_PATH) != 0) {
		return FILE_O_PATH | ((flags & L_O_DIRECTORY) != 0 ?
		    FILE_O_DIRECTORY : 0);
	}
	if (mode != L_O_WRONLY) {
		r |= FILE_O_READ;
	}
	if (mode != L_O_RDONLY) {
		r |= FILE_O_WRITE;
	}
	if ((flags & L_O_CREAT) != 0) {
		r |= FILE_O_CREAT;
	}
	if ((flags & L_O_EXCL) != 0) {
		r |= FILE_O_EXCL;
	}
	if ((flags & L_O_TRUNC) != 0) {
		r |= FILE_O_TRUNC;
	}
	if ((flags & L_O_APPEND) != 0) {
		r |= FILE_O_APPEND;
	}
	if ((flags & L_O_DIRECTORY) != 0) {
		r |= FILE_O_DIRECTORY;
	}
	if ((flags & L_O_NONBLOCK) != 0) {
		r |= FILE_O_NONBLOCK;
	}
	if ((flags & L_O_DSYNC) != 0) {
		r |= FILE_O_SYNC;
	}
	if ((flags & L_O_NOATIME) != 0) {
		r |= FILE_O_NOATIME;
	}
	return r;
}

/* Open a fifo, waiting for the other end. */
static int32_t
open_fifo(struct uthread *t, struct file *f)
{
	int error = 0;

	while (error == 0 && (f->flags & L_O_NONBLOCK) == 0 &&
	    !pipe_open_ready(f)) {
		error = thread_wait_on(t, pipe_queue(f), 0);
	}
	return error == -L_EINTR ? -L_ERESTARTSYS : error;
}

static bool
open_is_fifo(const struct file *f)
{
	return strcmp(f->ops->name, "pipe") == 0;
}

/* What the file server found is a device or fifo of ours. */
static int32_t
open_remote_special(struct call *c, const struct place *place,
    uint32_t flags, struct file **filep)
{
	const struct file_stat *st = &place->stat;
	struct fifo fifo = {
		.port = place->port, .dev = st->dev, .ino = st->ino
	};

	switch (st->mode & L_S_IFMT) {
	case L_S_IFCHR:
		return dev_open(c->p, st->rdev, flags, filep);
	case L_S_IFIFO:
		return pipe_open_fifo(&fifo, flags, filep);
	default:
		return -L_ENXIO;
	}
}

static int32_t
open_place(struct call *c, struct place *place, uint32_t flags, uint32_t mode,
    struct file **filep)
{
	struct node *made = NULL;
	uint32_t type;
	int32_t error;

	if (place->node == NULL) {
		type = place->stat.mode & L_S_IFMT;
		if (type != L_S_IFREG && type != L_S_IFDIR &&
		    (flags & L_O_PATH) == 0) {
			return open_remote_special(c, place, flags, filep);
		}
		*filep = remote_file(place->port, flags);
		if (*filep == NULL) {
			return -L_ENOMEM;
		}
		(*filep)->dev = place->stat.dev;
		(*filep)->ino = place->stat.ino;
		place->own_port = false;
		return 0;
	}
	if (place->missing) {
		if ((flags & L_O_DIRECTORY) != 0 || place->last_slash) {
			return place->last_slash ? -L_EISDIR : -L_EINVAL;
		}
		error = node_make(place->node, place->last, L_S_IFREG |
		    (mode & 07777), 0, c->p, &made);
		if (error != 0) {
			return error;
		}
		/* Its maker may write it, whatever its mode. */
		error = node_open(made, NULL, flags, filep);
		node_unref(made);
		return error;
	}
	if ((flags & (L_O_CREAT | L_O_EXCL)) == (L_O_CREAT | L_O_EXCL)) {
		return -L_EEXIST;
	}
	type = place->node->mode & L_S_IFMT;
	if ((flags & L_O_DIRECTORY) != 0 && type != L_S_IFDIR) {
		return -L_ENOTDIR;
	}
	if ((flags & L_O_CREAT) != 0 && type == L_S_IFDIR) {
		return -L_EISDIR;
	}
	return node_open(place->node, c->p, flags, filep);
}

static int32_t
open_at(struct call *c, int dirfd, const char *path, uint32_t flags,
    uint32_t mode)
{
	struct place place;
	struct file *f = NULL;
	unsigned walk = 0;
	int32_t error;

	if (path == NULL) {
		return -L_EFAULT;
	}
	if ((flags & L_O_TMPFILE) != 0) {
		return -L_EOPNOTSUPP;
	}
	if ((flags & L_O_NOFOLLOW) != 0 ||
	    (flags & (L_O_CREAT | L_O_EXCL)) == (L_O_CREAT | L_O_EXCL)) {
		walk |= PATH_NOFOLLOW;
	}
	if ((flags & L_O_CREAT) != 0) {
		walk |= PATH_CREATE;
	}
	mode &= ~c->p->umask;
	error = path_walk(c->p, dirfd, path, walk, open_remote_flags(flags),
	    mode, &place);
	if (error == 0) {
		error = open_place(c, &place, flags, mode, &f);
	}
	place_release(&place);
	if (error != 0) {
		return error;
	}
	if (open_is_fifo(f)) {
		error = open_fifo(c->t, f);
		if (error != 0) {
			file_unref(f);
			return error;
		}
	}
	return fd_insert(c->p, f, 0, (flags & L_O_CLOEXEC) != 0);
}

int32_t
call_open(struct call *c)
{
	return open_at(c, L_AT_FDCWD, c->in[0], c->a[1], c->a[2]);
}

int32_t
call_openat(struct call *c)
{
	return open_at(c, (int)c->a[0], c->in[1], c->a[2], c->a[3]);
}

int32_t
call_creat(struct call *c)
{
	return open_at(c, L_AT_FDCWD, c->in[0], L_O_CREAT | L_O_WRONLY |
	    L_O_TRUNC, c->a[1]);
}

/*
 * Status.
 */

static int32_t
stat_at(struct call *c, int dirfd, const char *path, uint32_t flags,
    struct file_stat *st)
{
	struct place place;
	struct file *f = NULL;
	unsigned walk = 0;
	int32_t error;

	if (path == NULL) {
		return -L_EFAULT;
	}
	if ((flags & L_AT_SYMLINK_NOFOLLOW) != 0) {
		walk |= PATH_NOFOLLOW;
	}
	if ((flags & L_AT_EMPTY_PATH) != 0) {
		walk |= PATH_EMPTY;
	}
	error = path_walk(c->p, dirfd, path, walk, FILE_O_STAT_ONLY, 0,
	    &place);
	if (error == 0 && place.node == NULL) {
		*st = place.stat;
	} else if (error == 0) {
		node_stat(place.node, st);
		/* A magic link of /proc, to be followed. */
		if (place.node->ops != NULL && place.node->ops->open != NULL &&
		    (walk & PATH_NOFOLLOW) == 0 && place.node->ops->open(
		    place.node, c->p, L_O_PATH, &f) == 0) {
			if (f->ops->stat != NULL) {
				f->ops->stat(f, st);
			}
			file_unref(f);
		}
	}
	place_release(&place);
	return error;
}

static int32_t
stat_fd(struct call *c, uint32_t fd, struct file_stat *st)
{
	struct file *f = fd_lookup(c->p, fd);
	int32_t error;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (f->ops->stat == NULL) {
		return -L_EBADF;
	}
	file_ref(f);
	error = f->ops->stat(f, st);
	file_unref(f);
	return error;
}

static int32_t
stat_give64(struct call *c, int arg, int32_t error,
    const struct file_stat *st)
{
	struct linux_stat64 out;

	if (error != 0) {
		return error;
	}
	if (c->out[arg] == NULL) {
		return -L_EFAULT;
	}
	memset(&out, 0, sizeof(out));
	out.dev = st->dev;
	out.ino32 = (uint32_t)st->ino;
	out.mode = st->mode;
	out.nlink = st->nlink;
	out.uid = st->uid;
	out.gid = st->gid;
	out.rdev = st->rdev;
	out.size = (int64_t)st->size;
	out.blksize = st->blksize;
	out.blocks = st->blocks;
	out.atime = (uint32_t)st->atime.sec;
	out.atime_nsec = st->atime.nsec;
	out.mtime = (uint32_t)st->mtime.sec;
	out.mtime_nsec = st->mtime.nsec;
	out.ctime = (uint32_t)st->ctime.sec;
	out.ctime_nsec = st->ctime.nsec;
	out.ino = st->ino;
	memcpy(c->out[arg], &out, sizeof(out));
	return 0;
}

static int32_t
stat_give(struct call *c, int32_t error, const struct file_stat *st)
{
	struct linux_stat out;

	if (error != 0) {
		return error;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	if (st->size > INT32_MAX) {
		return -L_EOVERFLOW;
	}
	memset(&out, 0, sizeof(out));
	out.dev = (uint32_t)st->dev;
	out.ino = (uint32_t)st->ino;
	out.mode = (uint16_t)st->mode;
	out.nlink = (uint16_t)st->nlink;
	out.uid = (uint16_t)st->uid;
	out.gid = (uint16_t)st->gid;
	out.rdev = st->rdev;
	out.size = (uint32_t)st->size;
	out.blksize = st->blksize;
	out.blocks = (uint32_t)st->blocks;
	out.atime = (uint32_t)st->atime.sec;
	out.atime_nsec = st->atime.nsec;
	out.mtime = (uint32_t)st->mtime.sec;
	out.mtime_nsec = st->mtime.nsec;
	out.ctime = (uint32_t)st->ctime.sec;
	out.ctime_nsec = st->ctime.nsec;
	memcpy(c->out[1], &out, sizeof(out));
	return 0;
}

int32_t
call_stat_at(struct call *c, int dirfd, const char *path, uint32_t flags,
    struct file_stat *st)
{
	return stat_at(c, dirfd, path, flags, st);
}

int32_t
call_stat64(struct call *c)
{
	struct file_stat st;

	return stat_give64(c, 1, stat_at(c, L_AT_FDCWD, c->in[0], 0, &st),
	    &st);
}

int32_t
call_lstat64(struct call *c)
{
	struct file_stat st;

	return stat_give64(c, 1, stat_at(c, L_AT_FDCWD, c->in[0],
	    L_AT_SYMLINK_NOFOLLOW, &st), &st);
}

int32_t
call_fstat64(struct call *c)
{
	struct file_stat st;

	return stat_give64(c, 1, stat_fd(c, c->a[0], &st), &st);
}

/* An empty path may name any descriptor, not only what paths start at. */
static int32_t
stat_at_or_fd(struct call *c, int dirfd, const char *path, uint32_t flags,
    struct file_stat *st)
{
	if (path != NULL && path[0] == '\0' &&
	    (flags & L_AT_EMPTY_PATH) != 0 && dirfd != L_AT_FDCWD) {
		return stat_fd(c, (uint32_t)dirfd, st);
	}
	return stat_at(c, dirfd, path, flags, st);
}

int32_t
call_fstatat64(struct call *c)
{
	struct file_stat st;

	return stat_give64(c, 2, stat_at_or_fd(c, (int)c->a[0], c->in[1],
	    c->a[3], &st), &st);
}

int32_t
call_stat(struct call *c)
{
	struct file_stat st;

	return stat_give(c, stat_at(c, L_AT_FDCWD, c->in[0], 0, &st), &st);
}

int32_t
call_lstat(struct call *c)
{
	struct file_stat st;

	return stat_give(c, stat_at(c, L_AT_FDCWD, c->in[0],
	    L_AT_SYMLINK_NOFOLLOW, &st), &st);
}

int32_t
call_fstat(struct call *c)
{
	struct file_stat st;

	return stat_give(c, stat_fd(c, c->a[0], &st), &st);
}

static struct linux_statx_time
statx_time(const struct file_time *time)
{
	struct linux_statx_time out = { time->sec, time->nsec, 0 };

	return out;
}

static uint32_t
dev_major(uint64_t dev)
{
	return (uint32_t)(dev >> 8 & 0xfff);
}

static uint32_t
dev_minor(uint64_t dev)
{
	return (uint32_t)((dev & 0xff) | (dev >> 12 & 0xfff00));
}

int32_t
call_statx(struct call *c)
{
	struct file_stat st;
	struct linux_statx out;
	int32_t error;

	error = stat_at_or_fd(c, (int)c->a[0], c->in[1], c->a[2], &st);
	if (error != 0) {
		return error;
	}
	if (c->out[4] == NULL) {
		return -L_EFAULT;
	}
	memset(&out, 0, sizeof(out));
	out.mask = L_STATX_BASIC_STATS;
	out.blksize = st.blksize;
	out.nlink = st.nlink;
	out.uid = st.uid;
	out.gid = st.gid;
	out.mode = (uint16_t)st.mode;
	out.ino = st.ino;
	out.size = st.size;
	out.blocks = st.blocks;
	out.atime = statx_time(&st.atime);
	out.ctime = statx_time(&st.ctime);
	out.mtime = statx_time(&st.mtime);
	out.rdev_major = dev_major(st.rdev);
	out.rdev_minor = dev_minor(st.rdev);
	out.dev_major = dev_major(st.dev);
	out.dev_minor = dev_minor(st.dev);
	memcpy(c->out[4], &out, sizeof(out));
	return 0;
}

static int32_t
access_at(struct call *c, int dirfd, const char *path, uint32_t want,
    uint32_t flags)
{
	struct place place;
	struct process *p = c->p;
	struct cred saved = p->cred;
	bool swap = (flags & L_AT_EACCESS) == 0 && (p->cred.ruid !=
	    p->cred.fsuid || p->cred.rgid != p->cred.fsgid);
	uint32_t remote = FILE_O_STAT_ONLY;
	int32_t error;

	if (path == NULL) {
		return -L_EFAULT;
	}
	if ((want & ~7u) != 0) {
		return -L_EINVAL;
	}
	if ((want & 4) != 0) {
		remote |= FILE_O_READ;
	}
	if ((want & 2) != 0) {
		remote |= FILE_O_WRITE;
	}
	if ((want & 1) != 0) {
		remote |= FILE_O_EXEC;
	}
	if (swap) {
		remote &= ~(uint32_t)(FILE_O_READ | FILE_O_WRITE |
		    FILE_O_EXEC);
	}
	error = path_walk(p, dirfd, path, (flags & L_AT_SYMLINK_NOFOLLOW) !=
	    0 ? PATH_NOFOLLOW : 0, remote, 0, &place);
	/* The real identity is asked about, and the handle has the other. */
	if (swap) {
		saved.fsuid = saved.ruid;
		saved.fsgid = saved.rgid;
	}
	if (error == 0 && place.node != NULL) {
		error = cred_access(&saved, place.node->mode, place.node->uid,
		    place.node->gid, (int)want);
	} else if (error == 0 && swap) {
		error = cred_access(&saved, place.stat.mode, place.stat.uid,
		    place.stat.gid, (int)want);
	}
	place_release(&place);
	return error;
}

int32_t
call_access(struct call *c)
{
	return access_at(c, L_AT_FDCWD, c->in[0], c->a[1], 0);
}

int32_t
call_faccessat(struct call *c)
{
	return access_at(c, (int)c->a[0], c->in[1], c->a[2], 0);
}

int32_t
call_faccessat2(struct call *c)
{
	return access_at(c, (int)c->a[0], c->in[1], c->a[2], c->a[3]);
}

/*
 * Making and removing names.
 */

/*
 * The directory that holds the last name of PATH: a node, or for the file
 * server (port not 0, node NULL) after REMOTE_CROSS.
 */
static int32_t
name_parent(struct call *c, int dirfd, const char *path, struct place *place)
{
	int32_t error;

	error = path_walk(c->p, dirfd, path, PATH_PARENT, FILE_O_PATH, 0,
	    place);
	if (error == 0 && place->node != NULL &&
	    (strcmp(place->last, "..") == 0 || place->last[0] == '\0')) {
		error = -L_EBUSY;
	}
	return error;
}

/* Does the path start at the file server?  Then *PORTP, and PLACE holds it. */
static int32_t
name_start(struct call *c, int dirfd, const char *path, struct place *place,
    uint32_t *portp)
{
	int32_t error;

	memset(place, 0, sizeof(*place));
	if (path == NULL) {
		return -L_EFAULT;
	}
	if (path[0] == '\0') {
		return -L_ENOENT;
	}
	if (strlen(path) >= FILE_PATH_MAX) {
		return -L_ENAMETOOLONG;
	}
	error = path_start(c->p, dirfd, path, place);
	*portp = place->port;
	return error;
}

enum name_op { NAME_MKDIR, NAME_MKNOD, NAME_SYMLINK, NAME_UNLINK, NAME_RMDIR };

struct name_request {
	enum name_op	op;
	uint32_t	mode;
	uint32_t	rdev;
	const char	*target;
};

static int32_t
name_remote(uint32_t port, const char *path, const struct name_request *r)
{
	switch (r->op) {
	case NAME_MKDIR:
		return remote_op_mkdir(port, path, r->mode);
	case NAME_MKNOD:
		return remote_op_mknod(port, path, r->mode, r->rdev);
	case NAME_SYMLINK:
		return remote_op_symlink(port, path, r->target);
	case NAME_UNLINK:
		return remote_op_unlink(port, path);
	default:
		return remote_op_rmdir(port, path);
	}
}

static int32_t
name_node(struct call *c, struct place *place, const struct name_request *r)
{
	struct node *dir = place->node;
	struct node *child;
	uint32_t mode = r->mode;
	int32_t error;

	if (r->op == NAME_UNLINK || r->op == NAME_RMDIR) {
		error = node_access(dir, c->p, 3);
		if (error == 0 && (dir->mode & L_S_ISVTX) != 0 &&
		    c->p->cred.fsuid != 0 && node_lookup(dir, place->last,
		    c->p, &child) == 0) {
			if (child->uid != c->p->cred.fsuid &&
			    dir->uid != c->p->cred.fsuid) {
				error = -L_EPERM;
			}
			node_unref(child);
		}
		return error != 0 ? error : node_remove(dir, place->last,
		    r->op == NAME_RMDIR);
	}
	if (r->op == NAME_SYMLINK) {
		return node_symlink(dir, place->last, r->target, c->p);
	}
	if (r->op == NAME_MKDIR) {
		mode |= L_S_IFDIR;
	} else if (place->last_slash) {
		return -L_ENOENT;
	}
	return node_make(dir, place->last, mode, r->rdev, c->p, NULL);
}

static int32_t
name_do(struct call *c, int dirfd, const char *path,
    const struct name_request *r)
{
	struct place place;
	uint32_t port = 0;
	int32_t error;

	error = name_start(c, dirfd, path, &place, &port);
	if (error == 0 && port != 0) {
		error = name_remote(port, path, r);
	} else if (error == 0) {
		error = -REMOTE_CROSS;
	}
	place_release(&place);
	if (error != -REMOTE_CROSS) {
		return error;
	}
	error = name_parent(c, dirfd, path, &place);
	if (error == 0) {
		error = place.node != NULL ? name_node(c, &place, r) :
		    name_remote(place.port, place.last, r);
	}
	place_release(&place);
	return error == -REMOTE_CROSS ? -L_EBUSY : error;
}

static int32_t
mkdir_at(struct call *c, int dirfd, const char *path, uint32_t mode)
{
	struct name_request r = { .op = NAME_MKDIR };

	r.mode = mode & 01777 & ~c->p->umask;
	return name_do(c, dirfd, path, &r);
}

int32_t
call_mkdir(struct call *c)
{
	return mkdir_at(c, L_AT_FDCWD, c->in[0], c->a[1]);
}

int32_t
call_mkdirat(struct call *c)
{
	return mkdir_at(c, (int)c->a[0], c->in[1], c->a[2]);
}

static int32_t
mknod_at(struct call *c, int dirfd, const char *path, uint32_t mode,
    uint32_t rdev)
{
	struct name_request r = { .op = NAME_MKNOD, .rdev = rdev };
	uint32_t type = mode & L_S_IFMT;

	if (type == 0) {
		type = L_S_IFREG;
	}
	if (type == L_S_IFDIR) {
		return -L_EPERM;
	}
	if ((type == L_S_IFCHR || type == L_S_IFBLK) && c->p->cred.fsuid != 0) {
		return -L_EPERM;
	}
	r.mode = type | (mode & 07777 & ~c->p->umask);
	return name_do(c, dirfd, path, &r);
}

int32_t
call_mknod(struct call *c)
{
	return mknod_at(c, L_AT_FDCWD, c->in[0], c->a[1], c->a[2]);
}

int32_t
call_mknodat(struct call *c)
{
	return mknod_at(c, (int)c->a[0], c->in[1], c->a[2], c->a[3]);
}

static int32_t
symlink_at(struct call *c, const char *target, int dirfd, const char *path)
{
	struct name_request r = { .op = NAME_SYMLINK, .target = target };

	if (target == NULL) {
		return -L_EFAULT;
	}
	if (target[0] == '\0') {
		return -L_ENOENT;
	}
	return name_do(c, dirfd, path, &r);
}

int32_t
call_symlink(struct call *c)
{
	return symlink_at(c, c->in[0], L_AT_FDCWD, c->in[1]);
}

int32_t
call_symlinkat(struct call *c)
{
	return symlink_at(c, c->in[0], (int)c->a[1], c->in[2]);
}

static int32_t
unlink_at(struct call *c, int dirfd, const char *path, bool directory)
{
	struct name_request r = { .op = directory ? NAME_RMDIR : NAME_UNLINK };

	return name_do(c, dirfd, path, &r);
}

int32_t
call_unlink(struct call *c)
{
	return unlink_at(c, L_AT_FDCWD, c->in[0], false);
}

int32_t
call_rmdir(struct call *c)
{
	return unlink_at(c, L_AT_FDCWD, c->in[0], true);
}

int32_t
call_unlinkat(struct call *c)
{
	if ((c->a[2] & ~(uint32_t)L_AT_REMOVEDIR) != 0) {
		return -L_EINVAL;
	}
	return unlink_at(c, (int)c->a[0], c->in[1],
	    (c->a[2] & L_AT_REMOVEDIR) != 0);
}

/*
 * Two names.
 */

struct two_names {
	int		from_fd;
	const char	*from;
	int		to_fd;
	const char	*to;
	uint32_t	flags;
	bool		link;		/* else rename */
};

static int32_t
two_nodes(struct call *c, struct place *from, struct place *to,
    const struct two_names *n)
{
	struct node *child;
	int32_t error;

	error = node_access(to->node, c->p, 3);
	if (error == 0 && !n->link) {
		error = node_access(from->node, c->p, 3);
	}
	if (error != 0) {
		return error;
	}
	if (!n->link) {
		return node_rename(from->node, from->last, to->node,
		    to->last, n->flags);
	}
	error = node_lookup(from->node, from->last, c->p, &child);
	if (error != 0) {
		return error;
	}
	if ((child->mode & L_S_IFMT) == L_S_IFDIR) {
		error = -L_EPERM;
	} else if (child->fs != to->node->fs) {
		error = -L_EXDEV;
	} else if (to->node->ops != NULL) {
		error = -L_EPERM;
	}
	if (error == 0) {
		struct node *there;

		if (node_lookup(to->node, to->last, c->p, &there) == 0) {
			node_unref(there);
			error = -L_EEXIST;
		} else {
			error = node_enter(to->node, to->last, child);
		}
	}
	node_unref(child);
	return error;
}

static int32_t
two_remote(uint32_t from, const char *from_path, uint32_t to,
    const char *to_path, const struct two_names *n)
{
	if (!n->link) {
		return remote_op_rename(from, from_path, to, to_path,
		    n->flags);
	}
	return remote_op_link(from, from_path, to, to_path,
	    (n->flags & L_AT_SYMLINK_FOLLOW) != 0 ? FILE_O_FOLLOW : 0);
}

static int32_t
two_parents(struct call *c, const struct two_names *n)
{
	struct place from;
	struct place to;
	int32_t error;

	memset(&to, 0, sizeof(to));
	error = name_parent(c, n->from_fd, n->from, &from);
	if (error == 0) {
		error = name_parent(c, n->to_fd, n->to, &to);
	}
	if (error == 0) {
		if ((from.node != NULL) != (to.node != NULL)) {
			error = -L_EXDEV;
		} else if (from.node != NULL) {
			error = two_nodes(c, &from, &to, n);
		} else {
			error = two_remote(from.port, from.last, to.port,
			    to.last, n);
		}
	}
	place_release(&from);
	place_release(&to);
	return error == -REMOTE_CROSS ? -L_EXDEV : error;
}

static int32_t
two_names(struct call *c, const struct two_names *n)
{
	struct place from;
	struct place to;
	uint32_t from_port = 0;
	uint32_t to_port = 0;
	int32_t error;

	memset(&to, 0, sizeof(to));
	error = name_start(c, n->from_fd, n->from, &from, &from_port);
	if (error == 0) {
		error = name_start(c, n->to_fd, n->to, &to, &to_port);
	}
	if (error == 0) {
		if (from_port != 0 && to_port != 0) {
			error = two_remote(from_port, n->from, to_port, n->to,
			    n);
		} else {
			error = -REMOTE_CROSS;
		}
	}
	place_release(&from);
	place_release(&to);
	return error == -REMOTE_CROSS ? two_parents(c, n) : error;
}

int32_t
call_link(struct call *c)
{
	struct two_names n = { L_AT_FDCWD, c->in[0], L_AT_FDCWD, c->in[1], 0,
	    true };

	return two_names(c, &n);
}

int32_t
call_linkat(struct call *c)
{
	struct two_names n = { (int)c->a[0], c->in[1], (int)c->a[2], c->in[3],
	    c->a[4], true };

	return two_names(c, &n);
}

int32_t
call_rename(struct call *c)
{
	struct two_names n = { L_AT_FDCWD, c->in[0], L_AT_FDCWD, c->in[1], 0,
	    false };

	return two_names(c, &n);
}

int32_t
call_renameat(struct call *c)
{
	struct two_names n = { (int)c->a[0], c->in[1], (int)c->a[2], c->in[3],
	    0, false };

	return two_names(c, &n);
}

int32_t
call_renameat2(struct call *c)
{
	struct two_names n = { (int)c->a[0], c->in[1], (int)c->a[2], c->in[3],
	    c->a[4], false };

	return two_names(c, &n);
}

static int32_t
readlink_at(struct call *c, int dirfd, const char *path, char *out,
    uint32_t size)
{
	char target[FILE_PATH_MAX];
	struct place place;
	int32_t n;

	if (path == NULL || out == NULL) {
		return -L_EFAULT;
	}
	if (size == 0) {
		return -L_EINVAL;
	}
	n = path_walk(c->p, dirfd, path, PATH_NOFOLLOW | PATH_EMPTY,
	    FILE_O_PATH, 0, &place);
	if (n == 0) {
		n = place.node != NULL ? node_target(place.node, c->p, target,
		    sizeof(target)) : (place.stat.mode & L_S_IFMT) !=
		    L_S_IFLNK ? -L_EINVAL : remote_op_read_link(place.port,
		    "", target);
	}
	place_release(&place);
	if (n > 0) {
		if ((uint32_t)n > size) {
			n = (int32_t)size;
		}
		memcpy(out, target, (uint32_t)n);
	}
	return n;
}

int32_t
call_readlink(struct call *c)
{
	return readlink_at(c, L_AT_FDCWD, c->in[0], c->out[1],
	    c->out_size[1]);
}

int32_t
call_readlinkat(struct call *c)
{
	return readlink_at(c, (int)c->a[0], c->in[1], c->out[2],
	    c->out_size[2]);
}

/*
 * Attributes.
 */

static int32_t
attr_at(struct call *c, int dirfd, const char *path, uint32_t flags,
    const struct file_attr *attr)
{
	struct place place;
	unsigned walk = 0;
	int32_t error;

	if (path == NULL) {
		return -L_EFAULT;
	}
	if ((flags & L_AT_SYMLINK_NOFOLLOW) != 0) {
		walk |= PATH_NOFOLLOW;
	}
	if ((flags & L_AT_EMPTY_PATH) != 0) {
		walk |= PATH_EMPTY;
	}
	error = path_walk(c->p, dirfd, path, walk, FILE_O_PATH |
	    ((attr->valid & FILE_ATTR_SIZE) != 0 ? FILE_O_WRITE : 0), 0,
	    &place);
	if (error == 0 && place.node != NULL) {
		if ((attr->valid & FILE_ATTR_SIZE) != 0) {
			error = node_access(place.node, c->p, 2);
		}
		if (error == 0) {
			error = node_set_attr(place.node, attr, c->p);
		}
	} else if (error == 0) {
		error = remote_set_attr(place.port, attr);
	}
	place_release(&place);
	return error;
}

static int32_t
attr_fd(struct call *c, uint32_t fd, const struct file_attr *attr)
{
	struct file *f = fd_lookup(c->p, fd);
	int32_t error;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (f->node != NULL) {
		return node_set_attr(f->node, attr, c->p);
	}
	if (f->port == 0) {
		return 0;
	}
	file_ref(f);
	error = remote_set_attr(f->port, attr);
	file_unref(f);
	return error;
}

static void
attr_init(struct file_attr *attr, uint32_t valid)
{
	memset(attr, 0, sizeof(*attr));
	attr->valid = valid;
}

int32_t
call_chmod(struct call *c)
{
	struct file_attr attr;

	attr_init(&attr, FILE_ATTR_MODE);
	attr.mode = c->a[1] & 07777;
	return attr_at(c, L_AT_FDCWD, c->in[0], 0, &attr);
}

int32_t
call_fchmodat(struct call *c)
{
	struct file_attr attr;

	attr_init(&attr, FILE_ATTR_MODE);
	attr.mode = c->a[2] & 07777;
	return attr_at(c, (int)c->a[0], c->in[1], 0, &attr);
}

int32_t
call_fchmod(struct call *c)
{
	struct file_attr attr;

	attr_init(&attr, FILE_ATTR_MODE);
	attr.mode = c->a[1] & 07777;
	return attr_fd(c, c->a[0], &attr);
}

/* In the 16-bit calls 0xffff is -1. */
static void
attr_owner(const struct call *c, struct file_attr *attr, uint32_t uid,
    uint32_t gid)
{
	bool old = c->number == CALL_chown || c->number == CALL_lchown ||
	    c->number == CALL_fchown;

	attr_init(attr, 0);
	if (uid != ~0u && !(old && (uid & 0xffff) == 0xffff)) {
		attr->valid |= FILE_ATTR_UID;
	}
	if (gid != ~0u && !(old && (gid & 0xffff) == 0xffff)) {
		attr->valid |= FILE_ATTR_GID;
	}
	attr->uid = uid;
	attr->gid = gid;
}

int32_t
call_chown(struct call *c)
{
	struct file_attr attr;

	attr_owner(c, &attr, c->a[1], c->a[2]);
	return attr_at(c, L_AT_FDCWD, c->in[0], 0, &attr);
}

int32_t
call_lchown(struct call *c)
{
	struct file_attr attr;

	attr_owner(c, &attr, c->a[1], c->a[2]);
	return attr_at(c, L_AT_FDCWD, c->in[0], L_AT_SYMLINK_NOFOLLOW,
	    &attr);
}

int32_t
call_fchown(struct call *c)
{
	struct file_attr attr;

	attr_owner(c, &attr, c->a[1], c->a[2]);
	return attr_fd(c, c->a[0], &attr);
}

int32_t
call_fchownat(struct call *c)
{
	struct file_attr attr;

	attr_owner(c, &attr, c->a[2], c->a[3]);
	return attr_at(c, (int)c->a[0], c->in[1], c->a[4], &attr);
}

static int32_t
truncate_at(struct call *c, uint64_t size)
{
	struct place place;
	struct file_attr attr;
	int32_t error;

	if ((int64_t)size < 0) {
		return -L_EINVAL;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	attr_init(&attr, FILE_ATTR_SIZE);
	attr.size = size;
	error = path_walk(c->p, L_AT_FDCWD, c->in[0], 0, FILE_O_WRITE, 0,
	    &place);
	if (error == 0 && place.node != NULL) {
		error = node_access(place.node, c->p, 2);
		if (error == 0) {
			error = node_truncate(place.node, size);
		}
	} else if (error == 0) {
		error = remote_set_attr(place.port, &attr);
	}
	place_release(&place);
	return error;
}

int32_t
call_truncate(struct call *c)
{
	return truncate_at(c, (uint64_t)(int64_t)(int32_t)c->a[1]);
}

int32_t
call_truncate64(struct call *c)
{
	return truncate_at(c, c->a[1] | (uint64_t)c->a[2] << 32);
}

/* One time, with the two special values of utimensat. */
static int32_t
attr_time(struct file_attr *attr, bool modified, int64_t sec, int64_t nsec)
{
	struct file_time *time = modified ? &attr->mtime : &attr->atime;

	if (nsec == 0x3ffffffe) {
		return 0;
	}
	if (nsec == 0x3fffffff) {
		attr->valid |= modified ? FILE_ATTR_MTIME_NOW :
		    FILE_ATTR_ATIME_NOW;
		return 0;
	}
	if (nsec < 0 || nsec > 999999999) {
		return -L_EINVAL;
	}
	attr->valid |= modified ? FILE_ATTR_MTIME : FILE_ATTR_ATIME;
	time->sec = sec;
	time->nsec = (uint32_t)nsec;
	return 0;
}

static int32_t
times_at(struct call *c, int dirfd, const char *path, uint32_t flags,
    const struct linux_timespec64 *ts)
{
	struct file_attr attr;
	int32_t error = 0;

	attr_init(&attr, 0);
	for (int i = 0; i < 2 && error == 0; i++) {
		error = attr_time(&attr, i == 1, ts != NULL ? ts[i].sec : 0,
		    ts != NULL ? ts[i].nsec : 0x3fffffff);
	}
	if (error != 0) {
		return error;
	}
	if (path == NULL) {
		return attr_fd(c, (uint32_t)dirfd, &attr);
	}
	return attr_at(c, dirfd, path, flags, &attr);
}

int32_t
call_utime(struct call *c)
{
	struct linux_timespec64 ts[2];
	int32_t in[2];

	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	if (c->in[1] == NULL) {
		return times_at(c, L_AT_FDCWD, c->in[0], 0, NULL);
	}
	memcpy(in, c->in[1], sizeof(in));
	for (int i = 0; i < 2; i++) {
		ts[i].sec = in[i];
		ts[i].nsec = 0;
	}
	return times_at(c, L_AT_FDCWD, c->in[0], 0, ts);
}

static int32_t
times_from_val(struct call *c, int dirfd, const char *path, const char *in)
{
	struct linux_timespec64 ts[2];
	struct linux_timeval tv[2];

	if (path == NULL) {
		return -L_EFAULT;
	}
	if (in == NULL) {
		return times_at(c, dirfd, path, 0, NULL);
	}
	memcpy(tv, in, sizeof(tv));
	for (int i = 0; i < 2; i++) {
		if (tv[i].usec < 0 || tv[i].usec > 999999) {
			return -L_EINVAL;
		}
		ts[i].sec = tv[i].sec;
		ts[i].nsec = tv[i].usec * 1000;
	}
	return times_at(c, dirfd, path, 0, ts);
}

int32_t
call_utimes(struct call *c)
{
	return times_from_val(c, L_AT_FDCWD, c->in[0], c->in[1]);
}

int32_t
call_futimesat(struct call *c)
{
	return times_from_val(c, (int)c->a[0], c->in[1], c->in[2]);
}

int32_t
call_utimensat(struct call *c)
{
	struct linux_timespec64 ts[2];
	struct linux_timespec in[2];

	if (c->in[2] == NULL) {
		return times_at(c, (int)c->a[0], c->in[1], c->a[3], NULL);
	}
	memcpy(in, c->in[2], sizeof(in));
	for (int i = 0; i < 2; i++) {
		ts[i].sec = in[i].sec;
		ts[i].nsec = in[i].nsec;
	}
	return times_at(c, (int)c->a[0], c->in[1], c->a[3], ts);
}

int32_t
call_utimensat_time64(struct call *c)
{
	struct linux_timespec64 ts[2];

	if (c->in[2] == NULL) {
		return times_at(c, (int)c->a[0], c->in[1], c->a[3], NULL);
	}
	memcpy(ts, c->in[2], sizeof(ts));
	return times_at(c, (int)c->a[0], c->in[1], c->a[3], ts);
}

/*
 * Directories of the process.
 */

static int32_t
directory_open(struct call *c, const char *path, struct file **filep)
{
	struct place place;
	int32_t error;

	if (path == NULL) {
		return -L_EFAULT;
	}
	error = path_walk(c->p, L_AT_FDCWD, path, 0, FILE_O_PATH |
	    FILE_O_DIRECTORY | FILE_O_EXEC, 0, &place);
	if (error == 0 && place.node != NULL) {
		if ((place.node->mode & L_S_IFMT) != L_S_IFDIR) {
			error = -L_ENOTDIR;
		}
		if (error == 0) {
			error = node_access(place.node, c->p, 1);
		}
		if (error == 0) {
			error = node_open(place.node, c->p, L_O_PATH, filep);
		}
	} else if (error == 0) {
		*filep = remote_file(place.port, L_O_PATH);
		if (*filep == NULL) {
			error = -L_ENOMEM;
		} else {
			place.own_port = false;
		}
	}
	place_release(&place);
	return error;
}

int32_t
call_chdir(struct call *c)
{
	struct file *f;
	int32_t error;

	error = directory_open(c, c->in[0], &f);
	if (error != 0) {
		return error;
	}
	file_unref(c->p->cwd);
	c->p->cwd = f;
	return 0;
}

int32_t
call_fchdir(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	struct file_stat st;
	int32_t error;

	if (f == NULL) {
		return -L_EBADF;
	}
	if ((f->node == NULL && f->port == 0) || f->ops->stat == NULL) {
		return -L_ENOTDIR;
	}
	file_ref(f);
	error = f->ops->stat(f, &st);
	if (error == 0 && (st.mode & L_S_IFMT) != L_S_IFDIR) {
		error = -L_ENOTDIR;
	}
	if (error == 0) {
		error = cred_access(&c->p->cred, st.mode, st.uid, st.gid, 1);
	}
	if (error != 0) {
		file_unref(f);
		return error;
	}
	file_unref(c->p->cwd);
	c->p->cwd = f;
	return 0;
}

int32_t
call_chroot(struct call *c)
{
	struct file *f;
	struct file *root;
	uint32_t handle;
	int32_t error;

	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	error = directory_open(c, c->in[0], &f);
	if (error != 0) {
		return error;
	}
	if (f->port != 0) {
		error = remote_set_root(f->port, &handle);
		file_unref(f);
		if (error != 0) {
			return error;
		}
		root = remote_file(handle, L_O_PATH);
		if (root == NULL) {
			remote_release(handle);
			return -L_ENOMEM;
		}
		f = root;
	}
	file_unref(c->p->root);
	c->p->root = f;
	return 0;
}

int32_t
call_getcwd(struct call *c)
{
	struct file *f = c->p->cwd;
	int32_t error;

	if (c->out[0] == NULL || c->out_size[0] == 0) {
		return -L_EINVAL;
	}
	file_ref(f);
	error = path_of_directory(c->p, f, c->out[0], c->out_size[0]);
	file_unref(f);
	return error != 0 ? error : (int32_t)strlen(c->out[0]) + 1;
}

/*
 * File systems.
 */

static void
statfs_node(struct mount *m, struct file_statfs *st)
{
	memset(st, 0, sizeof(*st));
	st->type = m != NULL && strcmp(m->type, "proc") == 0 ? 0x9fa0 :
	    0x01021994;
	st->bsize = 4096;
	st->namelen = FILE_NAME_MAX;
	if (st->type != 0x9fa0) {
		st->blocks = node_bytes_max / 4096;
		st->bfree = st->blocks;
		st->bavail = st->blocks;
	}
}

static int32_t
statfs_at(struct call *c, const char *path, struct file_statfs *st)
{
	struct place place;
	int32_t error;

	if (path == NULL) {
		return -L_EFAULT;
	}
	error = path_walk(c->p, L_AT_FDCWD, path, 0, FILE_O_PATH, 0, &place);
	if (error == 0 && place.node != NULL) {
		statfs_node(place.node->fs, st);
	} else if (error == 0) {
		error = remote_statfs(place.port, st);
	}
	place_release(&place);
	return error;
}

static int32_t
statfs_fd(struct call *c, uint32_t fd, struct file_statfs *st)
{
	struct file *f = fd_lookup(c->p, fd);
	int32_t error = 0;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (f->port == 0) {
		statfs_node(f->node != NULL ? f->node->fs : NULL, st);
		return 0;
	}
	file_ref(f);
	error = remote_statfs(f->port, st);
	file_unref(f);
	return error;
}

static int32_t
statfs_give64(struct call *c, int32_t error, const struct file_statfs *st)
{
	struct linux_statfs64 out;

	if (error != 0) {
		return error;
	}
	if (c->out[2] == NULL) {
		return -L_EFAULT;
	}
	if (c->a[1] != sizeof(out)) {
		return -L_EINVAL;
	}
	memset(&out, 0, sizeof(out));
	out.type = st->type;
	out.bsize = st->bsize;
	out.blocks = st->blocks;
	out.bfree = st->bfree;
	out.bavail = st->bavail;
	out.files = st->files;
	out.ffree = st->ffree;
	out.fsid[0] = st->fsid[0];
	out.fsid[1] = st->fsid[1];
	out.namelen = st->namelen;
	out.frsize = st->bsize;
	out.flags = 0x20 | ((st->flags & FILE_STATFS_READ_ONLY) != 0 ? 1 : 0);
	memcpy(c->out[2], &out, sizeof(out));
	return 0;
}

static int32_t
statfs_give(struct call *c, int32_t error, const struct file_statfs *st)
{
	struct linux_statfs out;

	if (error != 0) {
		return error;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	memset(&out, 0, sizeof(out));
	out.type = st->type;
	out.bsize = st->bsize;
	out.blocks = (uint32_t)st->blocks;
	out.bfree = (uint32_t)st->bfree;
	out.bavail = (uint32_t)st->bavail;
	out.files = (uint32_t)st->files;
	out.ffree = (uint32_t)st->ffree;
	out.namelen = st->namelen;
	out.frsize = st->bsize;
	memcpy(c->out[1], &out, sizeof(out));
	return 0;
}

int32_t
call_statfs64(struct call *c)
{
	struct file_statfs st;

	return statfs_give64(c, statfs_at(c, c->in[0], &st), &st);
}

int32_t
call_fstatfs64(struct call *c)
{
	struct file_statfs st;

	return statfs_give64(c, statfs_fd(c, c->a[0], &st), &st);
}

int32_t
call_statfs(struct call *c)
{
	struct file_statfs st;

	return statfs_give(c, statfs_at(c, c->in[0], &st), &st);
}

int32_t
call_fstatfs(struct call *c)
{
	struct file_statfs st;

	return statfs_give(c, statfs_fd(c, c->a[0], &st), &st);
}

int32_t
call_mount(struct call *c)
{
	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (c->in[1] == NULL) {
		return -L_EFAULT;
	}
	/* Remounting and the like: shown as it is. */
	if ((c->a[3] & 0x20) != 0) {
		return 0;
	}
	return mount_add(c->p, c->in[0], c->in[1], c->in[2], c->a[3]);
}

int32_t
call_umount2(struct call *c)
{
	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	return mount_remove(c->p, c->in[0]);
}

int32_t
call_umount(struct call *c)
{
	return call_umount2(c);
}
