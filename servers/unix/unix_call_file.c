/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls on descriptors.
 */
#include <servers/unix/unix_call.h>

#include <stdlib.h>
#include <string.h>

static bool
file_may_read(const struct file *f)
{
	return (f->flags & L_O_ACCMODE) != L_O_WRONLY &&
	    (f->flags & L_O_PATH) == 0;
}

static bool
file_may_write(const struct file *f)
{
	return (f->flags & L_O_ACCMODE) != L_O_RDONLY &&
	    (f->flags & L_O_PATH) == 0;
}

/* Wait until F may have changed; RESULT when there is nothing to wait for. */
static int32_t
file_wait(struct file *f, struct uthread *t, uint64_t deadline)
{
	struct waitq *queue = NULL;
	int result;

	if (f->ops->poll == NULL) {
		return -L_EAGAIN;
	}
	f->ops->poll(f, t, &queue);
	result = thread_wait_on(t, queue, deadline);
	if (result == -L_EINTR) {
		return -L_ERESTARTSYS;
	}
	return result;
}

static int32_t
file_read_wait(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	uint64_t since = unix_now_ns();
	uint64_t until = 0;
	int32_t result;
	int32_t late;

	for (;;) {
		result = f->ops->read(f, t, buf, n, offset);
		if (result != -L_EAGAIN ||
		    (f->flags & L_O_NONBLOCK) != 0) {
			return result;
		}
		if (f->ops->read_until != NULL) {
			until = f->ops->read_until(f, since);
		}
		if (until != 0 && unix_now_ns() >= until) {
			return f->ops->read_late(f, buf, n);
		}
		result = file_wait(f, t, until);
		if (result == 0 || result == -L_ETIMEDOUT) {
			continue;
		}
		/* Interrupted: what came already is not lost. */
		late = f->ops->read_until != NULL && result ==
		    -L_ERESTARTSYS ? f->ops->read_late(f, buf, n) : 0;
		return late > 0 ? late : result;
	}
}

static int32_t
file_write_wait(struct file *f, struct uthread *t, const char *buf,
    uint32_t n, int64_t *offset)
{
	uint32_t done = 0;
	int32_t result;

	for (;;) {
		result = f->ops->write(f, t, buf + done, n - done, offset);
		if (result >= 0) {
			done += (uint32_t)result;
			if (done == n || offset != NULL) {
				return (int32_t)done;
			}
		} else if (result != -L_EAGAIN) {
			return done != 0 ? (int32_t)done : result;
		}
		if ((f->flags & L_O_NONBLOCK) != 0) {
			return done != 0 ? (int32_t)done : -L_EAGAIN;
		}
		if (result > 0) {
			continue;
		}
		result = file_wait(f, t, 0);
		if (result != 0) {
			return done != 0 ? (int32_t)done : result;
		}
	}
}

static int32_t
call_read_at(struct call *c, int64_t *offset)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t result;

	if (f == NULL || !file_may_read(f)) {
		return -L_EBADF;
	}
	if (c->out[1] == NULL && c->a[2] != 0) {
		return -L_EFAULT;
	}
	if (f->ops->read == NULL) {
		return -L_EINVAL;
	}
	if (offset != NULL && f->ops->seek == NULL) {
		return -L_ESPIPE;
	}
	file_ref(f);
	result = file_read_wait(f, c->t, c->out[1], c->out_size[1], offset);
	file_unref(f);
	return result;
}

int32_t
call_read(struct call *c)
{
	return call_read_at(c, NULL);
}

int32_t
call_pread64(struct call *c)
{
	int64_t offset = (int64_t)(c->a[3] | (uint64_t)c->a[4] << 32);

	if (offset < 0) {
		return -L_EINVAL;
	}
	return call_read_at(c, &offset);
}

static int32_t
call_write_at(struct call *c, int64_t *offset)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t result;

	if (f == NULL || !file_may_write(f)) {
		return -L_EBADF;
	}
	if (c->in[1] == NULL && c->a[2] != 0) {
		return -L_EFAULT;
	}
	if (f->ops->write == NULL) {
		return -L_EINVAL;
	}
	if (offset != NULL && f->ops->seek == NULL) {
		return -L_ESPIPE;
	}
	file_ref(f);
	result = file_write_wait(f, c->t, c->in[1] != NULL ? c->in[1] : "",
	    c->in_size[1], offset);
	file_unref(f);
	return result;
}

int32_t
call_write(struct call *c)
{
	return call_write_at(c, NULL);
}

int32_t
call_pwrite64(struct call *c)
{
	int64_t offset = (int64_t)(c->a[3] | (uint64_t)c->a[4] << 32);

	if (offset < 0) {
		return -L_EINVAL;
	}
	return call_write_at(c, &offset);
}

int32_t
call_close(struct call *c)
{
	return fd_close(c->p, c->a[0]);
}

int32_t
call_close_range(struct call *c)
{
	struct fd *entry;

	if (c->a[0] > c->a[1]) {
		return -L_EINVAL;
	}
	for (uint32_t fd = c->a[0]; fd <= c->a[1] && fd < UNIX_FD_MAX; fd++) {
		entry = fd_entry(c->p, fd);
		if (entry == NULL) {
			continue;
		}
		if ((c->a[2] & 4) != 0) {
			entry->cloexec = true;
		} else {
			fd_close(c->p, fd);
		}
	}
	return 0;
}

static int64_t
call_seek(struct call *c, int64_t offset, uint32_t whence)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int64_t result;

	if (f == NULL || (f->flags & L_O_PATH) != 0) {
		return -L_EBADF;
	}
	if (f->ops->seek == NULL) {
		return -L_ESPIPE;
	}
	file_ref(f);
	result = f->ops->seek(f, offset, (int)whence);
	file_unref(f);
	return result;
}

int32_t
call_lseek(struct call *c)
{
	int64_t result = call_seek(c, (int32_t)c->a[1], c->a[2]);

	return result > INT32_MAX ? -L_EOVERFLOW : (int32_t)result;
}

int32_t
call__llseek(struct call *c)
{
	int64_t result = call_seek(c, (int64_t)((uint64_t)c->a[1] << 32 |
	    c->a[2]), c->a[4]);

	if (result < 0) {
		return (int32_t)result;
	}
	if (c->out[3] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[3], &result, sizeof(result));
	return 0;
}

/*
 * Duplicates and flags.
 */

int32_t
call_dup(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);

	if (f == NULL) {
		return -L_EBADF;
	}
	file_ref(f);
	return fd_insert(c->p, f, 0, false);
}

int32_t
call_dup2(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);

	if (f == NULL) {
		return -L_EBADF;
	}
	if (c->a[0] == c->a[1]) {
		return (int32_t)c->a[1];
	}
	file_ref(f);
	return fd_install(c->p, (int)c->a[1], f, false);
}

int32_t
call_dup3(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);

	if ((c->a[2] & ~(uint32_t)L_O_CLOEXEC) != 0 || c->a[0] == c->a[1]) {
		return -L_EINVAL;
	}
	if (f == NULL) {
		return -L_EBADF;
	}
	file_ref(f);
	return fd_install(c->p, (int)c->a[1], f,
	    (c->a[2] & L_O_CLOEXEC) != 0);
}

static int32_t
file_set_status(struct file *f, uint32_t flags)
{
	/* As on Linux, L_O_ASYNC is left out where no SIGIO comes. */
	uint32_t may = L_O_APPEND | L_O_NONBLOCK | L_O_DIRECT | L_O_NOATIME;
	uint32_t remote = 0;

	f->flags = (f->flags & ~may) | (flags & may);
	if (f->port == 0) {
		return 0;
	}
	if ((f->flags & L_O_APPEND) != 0) {
		remote |= FILE_O_APPEND;
	}
	if ((f->flags & L_O_NONBLOCK) != 0) {
		remote |= FILE_O_NONBLOCK;
	}
	return remote_set_flags(f->port, remote);
}

/* A pipe has one size; a smaller one that is asked for is rounded to it. */
static int32_t
file_set_pipe_size(const struct file *f, uint32_t want)
{
	int32_t size = pipe_size(f);

	if (size < 0) {
		return size;
	}
	if (want > INT32_MAX) {
		return -L_EINVAL;
	}
	return want > (uint32_t)size ? -L_EPERM : size;
}

int32_t
call_fcntl(struct call *c)
{
	struct fd *entry = fd_entry(c->p, c->a[0]);
	struct file *f;
	int32_t result;

	if (entry == NULL) {
		return -L_EBADF;
	}
	f = entry->file;
	switch (c->a[1]) {
	case L_F_DUPFD:
	case L_F_DUPFD_CLOEXEC:
		if (c->a[2] >= UNIX_FD_MAX) {
			return -L_EINVAL;
		}
		file_ref(f);
		return fd_insert(c->p, f, (int)c->a[2],
		    c->a[1] == L_F_DUPFD_CLOEXEC);
	case L_F_GETFD:
		return entry->cloexec ? 1 : 0;
	case L_F_SETFD:
		entry->cloexec = (c->a[2] & 1) != 0;
		return 0;
	case L_F_GETFL:
		return (int32_t)(f->flags & ~(uint32_t)(L_O_CREAT | L_O_EXCL |
		    L_O_NOCTTY | L_O_TRUNC | L_O_CLOEXEC)) |
		    (f->ops == &tty_file_ops ? 0 : L_O_LARGEFILE);
	case L_F_SETFL:
		file_ref(f);
		result = file_set_status(f, c->a[2]);
		file_unref(f);
		return result;
	case L_F_GETOWN:
		return 0;		/* there is no SIGIO, so no owner */
	case L_F_ADD_SEALS:
		return node_seal(f, c->a[2]);
	case L_F_GET_SEALS:
		return node_seals(f);
	case L_F_GETPIPE_SZ:
		return pipe_size(f);
	case L_F_SETPIPE_SZ:
		return file_set_pipe_size(f, c->a[2]);
	default:
		return -L_EINVAL;
	}
}

int32_t
call_ioctl(struct call *c)
{
	struct fd *entry = fd_entry(c->p, c->a[0]);
	struct file *f;
	int32_t value;
	int32_t result;

	if (entry == NULL) {
		return -L_EBADF;
	}
	if (c->in[3] == NULL || c->out[4] == NULL) {
		return -L_EINVAL;
	}
	f = entry->file;
	switch (c->a[1]) {
	case L_FIOCLEX:
	case L_FIONCLEX:
		entry->cloexec = c->a[1] == L_FIOCLEX;
		return 0;
	case L_FIONBIO:
		memcpy(&value, c->in[3], sizeof(value));
		f->flags = (f->flags & ~(uint32_t)L_O_NONBLOCK) |
		    (value != 0 ? L_O_NONBLOCK : 0);
		return 0;
	default:
		break;
	}
	if (f->ops->ioctl == NULL) {
		return -L_ENOTTY;
	}
	file_ref(f);
	while ((result = f->ops->ioctl(f, c->t, c->a[1], c->a[2], c->in[3],
	    c->out[4])) == -L_EAGAIN) {
		result = file_wait(f, c->t, 0);
		if (result != 0) {
			break;
		}
	}
	file_unref(f);
	return result;
}

int32_t
call_pipe2(struct call *c)
{
	struct file *reader;
	struct file *writer;
	int32_t fds[2];
	bool cloexec = (c->a[1] & L_O_CLOEXEC) != 0;
	int32_t error;

	if (c->out[0] == NULL) {
		return -L_EFAULT;
	}
	if ((c->a[1] & ~(uint32_t)(L_O_CLOEXEC | L_O_NONBLOCK |
	    L_O_DIRECT)) != 0) {
		return -L_EINVAL;
	}
	error = pipe_create(&reader, &writer, c->a[1]);
	if (error != 0) {
		return error;
	}
	fds[0] = fd_insert(c->p, reader, 0, cloexec);
	if (fds[0] < 0) {
		file_unref(writer);
		return fds[0];
	}
	fds[1] = fd_insert(c->p, writer, 0, cloexec);
	if (fds[1] < 0) {
		fd_close(c->p, (uint32_t)fds[0]);
		return fds[1];
	}
	memcpy(c->out[0], fds, sizeof(fds));
	return 0;
}

int32_t
call_pipe(struct call *c)
{
	c->a[1] = 0;
	return call_pipe2(c);
}

static int32_t
call_truncate_fd(struct call *c, uint64_t size)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t result;

	if (f == NULL) {
		return -L_EBADF;
	}
	if ((int64_t)size < 0 || !file_may_write(f) || f->ops->truncate ==
	    NULL) {
		return -L_EINVAL;
	}
	file_ref(f);
	result = f->ops->truncate(f, size);
	file_unref(f);
	return result;
}

int32_t
call_ftruncate(struct call *c)
{
	return call_truncate_fd(c, (uint64_t)(int64_t)(int32_t)c->a[1]);
}

int32_t
call_ftruncate64(struct call *c)
{
	return call_truncate_fd(c, c->a[1] | (uint64_t)c->a[2] << 32);
}

int32_t
call_fsync(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t result;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (f->port == 0) {
		return f->node != NULL ? 0 : -L_EINVAL;
	}
	file_ref(f);
	result = remote_sync(f->port, c->number == 148);
	file_unref(f);
	return result;
}

int32_t
call_sync(struct call *c)
{
	remote_sync_all();
	return 0;
}

int32_t
call_syncfs(struct call *c)
{
	return fd_lookup(c->p, c->a[0]) != NULL ? remote_sync_all() :
	    -L_EBADF;
}

/*
 * Directories.
 */

int32_t
call_getdents64(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t result;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (f->ops->readdir == NULL) {
		return -L_ENOTDIR;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	file_ref(f);
	result = f->ops->readdir(f, c->out[1], c->out_size[1]);
	file_unref(f);
	return result;
}

struct linux_dirent {
	uint32_t	ino;
	uint32_t	off;
	uint16_t	reclen;
	char		name[];		/* then the type in the last byte */
};

/* The older entries are shorter than those they are made from. */
int32_t
call_getdents(struct call *c)
{
	int32_t n = call_getdents64(c);
	int32_t from = 0;
	int32_t to = 0;

	while (from < n) {
		struct file_dirent *d = (void *)(c->out[1] + from);
		struct linux_dirent *o = (void *)(c->out[1] + to);
		uint64_t ino = d->ino;
		int64_t next = d->next;
		uint8_t type = d->type;
		uint32_t length = (uint32_t)strlen(d->name);
		uint32_t size = (uint32_t)(sizeof(*o) + length + 2 + 3) & ~3u;

		from += d->reclen;
		memmove(o->name, d->name, length + 1);
		o->ino = (uint32_t)ino;
		o->off = (uint32_t)next;
		o->reclen = (uint16_t)size;
		((char *)o)[size - 1] = (char)type;
		to += (int32_t)size;
	}
	return n < 0 ? n : to;
}
