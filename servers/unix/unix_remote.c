/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Requests to the file server.  Each releases the lock while it waits; what
 * the arguments point to must stay meanwhile, which the caller sees to with
 * references.
 */
#include <servers/unix/unix_remote.h>

#include <servers/errors.h>
#include <servers/lib/lookup.h>
#include <servers/lib/mach.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/dir_user.h>
#include <mig/file_control_user.h>
#include <mig/file_user.h>
#include <mig/mach_port_user.h>

mach_port_t remote_control;

static int32_t
remote_error(kern_return_t kr)
{
	if (kr == KERN_SUCCESS) {
		return 0;
	}
	if (kr == FILE_ECROSS) {
		return -REMOTE_CROSS;
	}
	if (UNIX_IS_ERR(kr)) {
		return -UNIX_ERRNO(kr);
	}
	if (kr == KERN_RESOURCE_SHORTAGE || kr == KERN_NO_SPACE) {
		return -L_ENOMEM;
	}
	return -L_EIO;
}

/* The request CALL, without the lock. */
#define REMOTE(call) ({ \
	kern_return_t kr_; \
	unix_unlock(); \
	kr_ = (call); \
	unix_lock(); \
	remote_error(kr_); \
})

/*
 * The same for what a file refuses that is written to, or executed.  The file
 * server hears a moment later than our clients that it was closed, so it is asked
 * again for so long.
 */
#define REMOTE_BUSY_TRIES	20
#define REMOTE_BUSY_MOMENT	5000	/* us */

#define REMOTE_UNLESS_BUSY(call) ({ \
	int32_t error_ = REMOTE(call); \
	for (unsigned i_ = 0; error_ == -L_ETXTBSY && \
	    i_ < REMOTE_BUSY_TRIES; i_++) { \
		error_ = REMOTE((usleep(REMOTE_BUSY_MOMENT), (call))); \
	} \
	error_; \
})

static mach_msg_type_number_t
remote_length(const char *path)
{
	return (mach_msg_type_number_t)strlen(path);
}

int32_t
remote_lookup(uint32_t dir, const char *path, uint32_t flags, uint32_t mode,
    uint32_t *handle, struct file_lookup *result, char *rest)
{
	mach_port_t port = MACH_PORT_NULL;
	mach_msg_type_number_t count;
	int32_t error;

	error = REMOTE_UNLESS_BUSY((count = FILE_PATH_MAX,
	    dir_lookup(dir, path, remote_length(path), (int)flags, (int)mode,
	    &port, result, rest, &count)));
	if (error != 0) {
		return error;
	}
	rest[count < FILE_PATH_MAX ? count : FILE_PATH_MAX - 1] = '\0';
	*handle = port;
	return 0;
}

int32_t
remote_read(uint32_t port, char *buf, uint32_t n, int64_t offset)
{
	mach_msg_type_number_t count = n;
	int32_t error;

	if (n > FILE_INLINE_MAX) {
		n = FILE_INLINE_MAX;
	}
	count = n;
	error = REMOTE(file_read(port, offset, n, 0, buf, &count));
	return error != 0 ? error : (int32_t)count;
}

int32_t
remote_write(uint32_t port, const char *buf, uint32_t n, int64_t offset)
{
	uint32_t written = 0;
	int32_t error;

	if (n > FILE_INLINE_MAX) {
		n = FILE_INLINE_MAX;
	}
	error = REMOTE(file_write(port, offset, 0, buf, n, &written));
	return error != 0 ? error : (int32_t)written;
}

int64_t
remote_seek(uint32_t port, int64_t offset, int whence)
{
	int64_t position = 0;
	int32_t error;

	error = REMOTE(file_seek(port, offset, whence, &position));
	return error != 0 ? error : position;
}

int32_t
remote_stat(uint32_t port, struct file_stat *st)
{
	return REMOTE(file_stat(port, st));
}

int32_t
remote_set_attr(uint32_t port, const struct file_attr *attr)
{
	return REMOTE(file_set_attr(port, *attr));
}

int32_t
remote_read_dir(uint32_t port, char *buf, uint32_t n, int64_t cookie)
{
	mach_msg_type_number_t count;
	int32_t error;

	if (n > FILE_INLINE_MAX) {
		n = FILE_INLINE_MAX;
	}
	count = n;
	error = REMOTE(file_read_dir(port, cookie, n, buf, &count));
	return error != 0 ? error : (int32_t)count;
}

int32_t
remote_statfs(uint32_t port, struct file_statfs *st)
{
	return REMOTE(file_statfs(port, st));
}

int32_t
remote_sync(uint32_t port, bool data_only)
{
	return REMOTE(file_sync(port, data_only ? 1 : 0));
}

int32_t
remote_sync_all(void)
{
	if (remote_control == MACH_PORT_NULL) {
		return 0;
	}
	return REMOTE(file_control_sync(remote_control));
}

int32_t
remote_disk_stats(struct file_disk_stats *stats)
{
	if (remote_control == MACH_PORT_NULL) {
		return -L_ENODEV;
	}
	return REMOTE(file_control_disk_stats(remote_control, stats));
}

int32_t
remote_set_flags(uint32_t port, uint32_t flags)
{
	return REMOTE(file_set_flags(port, (int)flags));
}

int32_t
remote_reopen(uint32_t port, uint32_t flags, uint32_t *handle)
{
	return REMOTE_UNLESS_BUSY(file_reopen(port, (int)flags, handle));
}

int32_t
remote_dir_path(uint32_t port, char *buf, uint32_t size)
{
	file_path_t path;
	mach_msg_type_number_t count = sizeof(path);
	int32_t error;

	error = REMOTE(dir_path(port, path, &count));
	if (error == -REMOTE_CROSS) {
		return -L_ENOENT;
	}
	if (error != 0) {
		return error;
	}
	if (count + 1 > size) {
		return -L_ERANGE;
	}
	memcpy(buf, path, count);
	buf[count] = '\0';
	return 0;
}

int32_t
remote_set_root(uint32_t port, uint32_t *handle)
{
	return REMOTE(dir_set_root(port, handle));
}

int32_t
remote_root(const struct cred *cred, uint32_t *handle)
{
	return REMOTE(file_control_root(remote_control, cred->fsuid,
	    cred->fsgid, cred->groups, cred->ngroups, 0, handle));
}

int32_t
remote_reauth(uint32_t port, const struct cred *cred, uint32_t *handle)
{
	return REMOTE(file_control_reauth(remote_control, port, cred->fsuid,
	    cred->fsgid, cred->groups, cred->ngroups, handle));
}

int32_t
remote_program(uint32_t port, uint32_t *handle)
{
	return REMOTE_UNLESS_BUSY(
	    file_control_program(remote_control, port, handle));
}

int32_t
remote_mapped(struct file *root, uint32_t name, struct file_stat *st,
    char *path, uint32_t size)
{
	file_path_t text;
	mach_msg_type_number_t count = sizeof(text);
	int32_t error;

	file_ref(root);
	error = REMOTE(file_control_mapped(
	    remote_control, root->port, name, st, text, &count));
	file_unref(root);
	if (error != 0) {
		return error;
	}
	if (count >= size) {
		return -L_ENAMETOOLONG;
	}
	memcpy(path, text, count);
	path[count] = '\0';
	return 0;
}

int32_t
remote_sync_mapped(uint32_t name)
{
	return REMOTE(file_control_sync_mapped(remote_control, name));
}

int32_t
remote_mount(uint32_t port, uint32_t id)
{
	return REMOTE(file_control_mount(remote_control, port, id));
}

int32_t
remote_unmount(uint32_t id)
{
	return REMOTE(file_control_unmount(remote_control, id));
}

void
remote_keep(uint32_t port)
{
	if (port != MACH_PORT_NULL) {
		mach_port_mod_refs(mach_task_self(), port,
		    MACH_PORT_RIGHT_SEND, 1);
	}
}

void
remote_release(uint32_t port)
{
	if (port != MACH_PORT_NULL) {
		mach_port_deallocate(mach_task_self(), port);
	}
}

int32_t
remote_op_read_link(uint32_t dir, const char *path, char *buf)
{
	mach_msg_type_number_t count = FILE_PATH_MAX;
	int32_t error;

	error = REMOTE(path[0] == '\0' ? file_read_link(dir, buf, &count) :
	    dir_read_link(dir, path, remote_length(path), buf, &count));
	return error != 0 ? error : (int32_t)count;
}

int32_t
remote_op_mkdir(uint32_t dir, const char *path, uint32_t mode)
{
	return REMOTE(dir_mkdir(dir, path, remote_length(path), (int)mode));
}

int32_t
remote_op_rmdir(uint32_t dir, const char *path)
{
	return REMOTE(dir_rmdir(dir, path, remote_length(path)));
}

int32_t
remote_op_unlink(uint32_t dir, const char *path)
{
	return REMOTE(dir_unlink(dir, path, remote_length(path)));
}

int32_t
remote_op_mknod(uint32_t dir, const char *path, uint32_t mode, uint32_t rdev)
{
	return REMOTE(dir_mknod(dir, path, remote_length(path), (int)mode,
	    rdev));
}

int32_t
remote_op_symlink(uint32_t dir, const char *path, const char *target)
{
	return REMOTE(dir_symlink(dir, path, remote_length(path), target,
	    remote_length(target)));
}

int32_t
remote_op_link(uint32_t from, const char *path, uint32_t to,
    const char *to_path, uint32_t flags)
{
	return REMOTE(dir_link(from, path, remote_length(path), to, to_path,
	    remote_length(to_path), (int)flags));
}

int32_t
remote_op_rename(uint32_t from, const char *path, uint32_t to,
    const char *to_path, uint32_t flags)
{
	return REMOTE(dir_rename(from, path, remote_length(path), to, to_path,
	    remote_length(to_path), (int)flags));
}

int32_t
remote_op_set_attr(uint32_t dir, const char *path, uint32_t flags,
    const struct file_attr *attr)
{
	return REMOTE(dir_set_attr(dir, path, remote_length(path), (int)flags,
	    *attr));
}

/*
 * Descriptors of such files.  Reads and writes come here only when somebody
 * in the server does them; the library goes to the port itself.
 */

static int32_t
remote_file_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	return remote_read(f->port, buf, n, offset != NULL ? *offset :
	    FILE_OFFSET_CURRENT);
}

static int32_t
remote_file_write(struct file *f, struct uthread *t, const char *buf,
    uint32_t n, int64_t *offset)
{
	return remote_write(f->port, buf, n, offset != NULL ? *offset :
	    FILE_OFFSET_CURRENT);
}

static int32_t
remote_file_stat(struct file *f, struct file_stat *st)
{
	return remote_stat(f->port, st);
}

static int64_t
remote_file_seek(struct file *f, int64_t offset, int whence)
{
	return remote_seek(f->port, offset, whence);
}

static int32_t
remote_file_readdir(struct file *f, char *buf, uint32_t n)
{
	return remote_read_dir(f->port, buf, n, FILE_OFFSET_CURRENT);
}

static int32_t
remote_file_truncate(struct file *f, uint64_t size)
{
	struct file_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.valid = FILE_ATTR_SIZE;
	attr.size = size;
	return remote_set_attr(f->port, &attr);
}

static int32_t
remote_file_ioctl(struct file *f, struct uthread *t, uint32_t command,
    uint32_t arg, const char *in, char *out)
{
	struct file_stat st;
	int64_t at;
	uint32_t n;

	if (command != L_FIONREAD) {
		return -L_ENOTTY;
	}
	at = remote_seek(f->port, 0, FILE_SEEK_CUR);
	if (at < 0) {
		return (int32_t)at;
	}
	if (remote_stat(f->port, &st) != 0) {
		return -L_EIO;
	}
	n = (int64_t)st.size > at ? (uint32_t)((int64_t)st.size - at) : 0;
	memcpy(out, &n, sizeof(n));
	return 0;
}

static void
remote_file_close(struct file *f)
{
	remote_release(f->port);
}

const struct file_ops remote_file_ops = {
	.name = "file",
	.read = remote_file_read,
	.write = remote_file_write,
	.ioctl = remote_file_ioctl,
	.stat = remote_file_stat,
	.seek = remote_file_seek,
	.readdir = remote_file_readdir,
	.truncate = remote_file_truncate,
	.close = remote_file_close,
};

/* A description of HANDLE, which it then owns. */
struct file *
remote_file(uint32_t handle, uint32_t flags)
{
	struct file *f = file_create(&remote_file_ops, flags);

	if (f == NULL) {
		return NULL;
	}
	f->port = handle;
	f->kind = UNIX_HANDLE_FILE;
	return f;
}
