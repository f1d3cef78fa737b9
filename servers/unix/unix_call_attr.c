/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Extended attributes, of which no file system here has any: the errors are
 * those of Linux for a file system without them, after those of the path.
 * And room for files.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_vfs.h>
#include <string.h>

#define ATTR_NAME_MAX	255

static int32_t
attr_name(const char *name)
{
	if (name == NULL) {
		return -L_EFAULT;
	}
	return name[0] == '\0' || strlen(name) > ATTR_NAME_MAX ? -L_ERANGE : 0;
}

/* Of a path. */
static int32_t
attr_path(struct call *c, uint32_t flags, int32_t result)
{
	struct file_stat st;
	int32_t error = 0;

	if (result != 0) {
		error = attr_name(c->in[1]);
	}
	if (error == 0) {
		error = call_stat_at(c, L_AT_FDCWD, c->in[0], flags, &st);
	}
	return error != 0 ? error : result;
}

static int32_t
attr_fd(struct call *c, int32_t result)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t error = 0;

	if (f == NULL || (f->flags & L_O_PATH) != 0) {
		return -L_EBADF;
	}
	if (result != 0) {
		error = attr_name(c->in[1]);
	}
	return error != 0 ? error : result;
}

int32_t
call_setxattr(struct call *c)
{
	return attr_path(c, 0, -L_EOPNOTSUPP);
}

int32_t
call_lsetxattr(struct call *c)
{
	return attr_path(c, L_AT_SYMLINK_NOFOLLOW, -L_EOPNOTSUPP);
}

int32_t
call_fsetxattr(struct call *c)
{
	return attr_fd(c, -L_EOPNOTSUPP);
}

/* There is nothing to list, and that is no error. */
int32_t
call_listxattr(struct call *c)
{
	return attr_path(c, 0, 0);
}

int32_t
call_llistxattr(struct call *c)
{
	return attr_path(c, L_AT_SYMLINK_NOFOLLOW, 0);
}

int32_t
call_flistxattr(struct call *c)
{
	return attr_fd(c, 0);
}

/*
 * Files in memory get room by being written to; those of the file server have
 * no such operation yet, and say so.
 */
int32_t
call_fallocate(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int64_t offset = (int64_t)(c->a[2] | (uint64_t)c->a[3] << 32);
	int64_t length = (int64_t)(c->a[4] | (uint64_t)c->a[5] << 32);

	if (f == NULL || (f->flags & L_O_PATH) != 0) {
		return -L_EBADF;
	}
	if (offset < 0 || length <= 0) {
		return -L_EINVAL;
	}
	if ((f->flags & L_O_ACCMODE) == L_O_RDONLY) {
		return -L_EBADF;
	}
	if (f->ops->seek == NULL) {
		return -L_ESPIPE;
	}
	if (offset > INT64_MAX - length) {
		return -L_EFBIG;
	}
	if (f->port != 0 || f->node == NULL || c->a[1] != 0) {
		return -L_EOPNOTSUPP;
	}
	if (f->ops->truncate == NULL) {
		return -L_ENODEV;
	}
	if ((uint64_t)(offset + length) <= f->node->size) {
		return 0;
	}
	return f->ops->truncate(f, (uint64_t)(offset + length));
}
