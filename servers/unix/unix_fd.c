/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Open descriptions, and the tables that give them numbers.
 */
#include <servers/unix/unix_epoll.h>
#include <servers/unix/unix_record.h>
#include <servers/unix/unix_vfs.h>

#include <stdlib.h>
#include <string.h>

#define FD_TABLE_FIRST	32

struct file *
file_create(const struct file_ops *ops, uint32_t flags)
{
	struct file *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		return NULL;
	}
	f->refs = 1;
	f->ops = ops;
	f->flags = flags;
	f->kind = UNIX_HANDLE_SERVER;
	list_init(&f->watchers);
	return f;
}

void
file_stat_nameless(const struct file *f, struct file_stat *st)
{
	memset(st, 0, sizeof(*st));
	st->dev = 12;
	st->ino = (uintptr_t)f->object;
	st->mode = 0600;
	st->nlink = 1;
	st->blksize = 4096;
}

void
file_ref(struct file *f)
{
	f->refs++;
}

void
file_unref(struct file *f)
{
	if (--f->refs != 0) {
		return;
	}
	record_release_all(&f->locks);
	epoll_forget(f);
	if (f->ops->close != NULL) {
		f->ops->close(f);
	}
	if (f->node != NULL) {
		node_unref(f->node);
	}
	free(f);
}

struct fd_table *
fd_table_create(void)
{
	struct fd_table *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		return NULL;
	}
	t->fds = calloc(FD_TABLE_FIRST, sizeof(*t->fds));
	if (t->fds == NULL) {
		free(t);
		return NULL;
	}
	t->refs = 1;
	t->size = FD_TABLE_FIRST;
	return t;
}

struct fd_table *
fd_table_copy(const struct fd_table *from)
{
	struct fd_table *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		return NULL;
	}
	t->fds = calloc((size_t)from->size, sizeof(*t->fds));
	if (t->fds == NULL) {
		free(t);
		return NULL;
	}
	t->refs = 1;
	t->size = from->size;
	for (int i = 0; i < t->size; i++) {
		t->fds[i] = from->fds[i];
		if (t->fds[i].file != NULL) {
			file_ref(t->fds[i].file);
		}
	}
	return t;
}

void
fd_table_unref(struct fd_table *t)
{
	struct file *f;

	if (--t->refs != 0) {
		return;
	}
	record_release_all(&t->locks);
	for (int i = 0; i < t->size; i++) {
		f = t->fds[i].file;
		t->fds[i].file = NULL;
		if (f != NULL) {
			file_unref(f);
		}
	}
	free(t->fds);
	free(t);
}

/*
 * T closes a descriptor of F: the process' locks on that file go, whichever
 * descriptor they came by.
 */
static void
fd_close_file(struct fd_table *t, struct file *f)
{
	uint64_t dev;
	uint64_t ino;

	if (t->locks.count != 0 && record_identity(f, &dev, &ino)) {
		record_release_file(&t->locks, dev, ino);
	}
	file_unref(f);
}

static bool
fd_table_grow(struct fd_table *t, int fd)
{
	int size = t->size;
	struct fd *fds;

	if (fd < size) {
		return true;
	}
	while (size <= fd) {
		size *= 2;
	}
	fds = realloc(t->fds, (size_t)size * sizeof(*fds));
	if (fds == NULL) {
		return false;
	}
	memset(fds + t->size, 0, (size_t)(size - t->size) * sizeof(*fds));
	t->fds = fds;
	t->size = size;
	return true;
}

static int
fd_limit(const struct process *p)
{
	uint64_t limit = p->limits[L_RLIMIT_NOFILE].cur;

	return limit < UNIX_FD_MAX ? (int)limit : UNIX_FD_MAX;
}

/*
 * Give F the lowest free number from LEAST on.  Consumes the reference, also
 * on failure.
 */
int32_t
fd_insert(struct process *p, struct file *f, int least, bool cloexec)
{
	struct fd_table *t = p->fds;
	int fd = least;

	if (t == NULL) {
		file_unref(f);
		return -L_EBADF;
	}
	while (fd < t->size && t->fds[fd].file != NULL) {
		fd++;
	}
	if (fd >= fd_limit(p)) {
		file_unref(f);
		return -L_EMFILE;
	}
	if (!fd_table_grow(t, fd)) {
		file_unref(f);
		return -L_ENOMEM;
	}
	t->fds[fd].file = f;
	t->fds[fd].cloexec = cloexec;
	return fd;
}

/* Give F the number FD, closing what had it.  Consumes the reference. */
int32_t
fd_install(struct process *p, int fd, struct file *f, bool cloexec)
{
	struct fd_table *t = p->fds;
	struct file *old;

	if (fd < 0 || fd >= fd_limit(p) || t == NULL) {
		file_unref(f);
		return -L_EBADF;
	}
	if (!fd_table_grow(t, fd)) {
		file_unref(f);
		return -L_ENOMEM;
	}
	old = t->fds[fd].file;
	t->fds[fd].file = f;
	t->fds[fd].cloexec = cloexec;
	if (old != NULL) {
		fd_close_file(t, old);
	}
	return fd;
}

struct fd *
fd_entry(struct process *p, uint32_t fd)
{
	struct fd_table *t = p->fds;

	if (t == NULL || fd >= (uint32_t)t->size || t->fds[fd].file == NULL) {
		return NULL;
	}
	return &t->fds[fd];
}

/* The description, without a reference. */
struct file *
fd_lookup(struct process *p, uint32_t fd)
{
	struct fd *entry = fd_entry(p, fd);

	return entry != NULL ? entry->file : NULL;
}

int32_t
fd_close(struct process *p, uint32_t fd)
{
	struct fd *entry = fd_entry(p, fd);
	struct file *f;

	if (entry == NULL) {
		return -L_EBADF;
	}
	f = entry->file;
	entry->file = NULL;
	entry->cloexec = false;
	fd_close_file(p->fds, f);
	return 0;
}

void
fd_close_exec(struct process *p)
{
	for (uint32_t fd = 0; p->fds != NULL && fd < (uint32_t)p->fds->size;
	    fd++) {
		if (p->fds->fds[fd].file != NULL && p->fds->fds[fd].cloexec) {
			fd_close(p, fd);
		}
	}
}
