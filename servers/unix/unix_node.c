/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Files in memory.  A directory holds a reference on what it names, and a
 * directory in it on its parent; a node lives while it has a name or is open.
 */
#include <servers/unix/unix_memory.h>
#include <servers/unix/unix_vfs.h>

#include <stdlib.h>
#include <string.h>

uint64_t node_bytes_max = 64 << 20;

static uint64_t node_bytes;
static uint64_t node_last_ino = 1;

static const struct file_ops node_file_ops;

uint64_t
node_bytes_used(void)
{
	return node_bytes;
}

static void
node_now(struct file_time *time)
{
	int64_t sec;
	uint32_t nsec;

	unix_time(&sec, &nsec);
	time->sec = sec;
	time->nsec = nsec;
}

static void
node_changed(struct node *n)
{
	node_now(&n->mtime);
	n->ctime = n->mtime;
}

static bool
node_is(const struct node *n, uint32_t type)
{
	return (n->mode & L_S_IFMT) == type;
}

uint8_t
node_type(uint32_t mode)
{
	return (uint8_t)((mode & L_S_IFMT) >> 12);
}

struct node *
node_create(struct mount *fs, uint32_t mode, const struct cred *cred)
{
	struct node *n = calloc(1, sizeof(*n));

	if (n == NULL) {
		return NULL;
	}
	n->refs = 1;
	n->fs = fs;
	n->mode = mode;
	n->ino = ++node_last_ino;
	n->nlink = 0;
	n->next_cookie = 3;
	list_init(&n->entries);
	if (cred != NULL) {
		n->uid = cred->fsuid;
		n->gid = cred->fsgid;
	}
	node_changed(n);
	n->atime = n->mtime;
	return n;
}

void
node_ref(struct node *n)
{
	n->refs++;
}

/* N has no contents any more. */
static void
node_data_free(struct node *n)
{
	node_bytes -= n->room;
	if (n->memory != MEMORY_NONE) {
		memory_window_drop(n->data, n->room);
		memory_release(n->memory);
	} else {
		free(n->data);
	}
	n->memory = MEMORY_NONE;
	n->data = NULL;
	n->room = 0;
}

void
node_unref(struct node *n)
{
	struct node *parent;

	while (n != NULL && --n->refs == 0) {
		parent = n->parent;
		node_data_free(n);
		free(n->name);
		free(n);
		n = parent;
	}
}

static struct dir_entry *
node_find(struct node *dir, const char *name)
{
	struct dir_entry *e;

	list_for_each(&dir->entries, e, link) {
		if (strcmp(e->name, name) == 0) {
			return e;
		}
	}
	return NULL;
}

/* NAME in DIR, with a reference; not `..', which path_walk knows. */
int32_t
node_lookup(struct node *dir, const char *name, struct process *p,
    struct node **childp)
{
	struct dir_entry *e;

	if (!node_is(dir, L_S_IFDIR)) {
		return -L_ENOTDIR;
	}
	if (strcmp(name, ".") == 0) {
		node_ref(dir);
		*childp = dir;
		return 0;
	}
	e = node_find(dir, name);
	if (e != NULL) {
		node_ref(e->node);
		*childp = e->node;
		return 0;
	}
	if (dir->ops != NULL && dir->ops->lookup != NULL) {
		return dir->ops->lookup(dir, name, p, childp);
	}
	return -L_ENOENT;
}

/* Give N the name NAME.  DIR takes a reference of its own. */
int32_t
node_enter(struct node *dir, const char *name, struct node *n)
{
	size_t length = strlen(name);
	struct dir_entry *e;

	if (length > FILE_NAME_MAX) {
		return -L_ENAMETOOLONG;
	}
	e = malloc(sizeof(*e) + length + 1);
	if (e == NULL) {
		return -L_ENOSPC;
	}
	memcpy(e->name, name, length + 1);
	e->node = n;
	e->cookie = dir->next_cookie++;
	node_ref(n);
	n->nlink++;
	if (node_is(n, L_S_IFDIR)) {
		n->nlink++;
		n->parent = dir;
		node_ref(dir);
		dir->nlink++;
	}
	list_add(&dir->entries, &e->link);
	node_changed(dir);
	return 0;
}

static void
node_leave(struct node *dir, struct dir_entry *e)
{
	struct node *n = e->node;

	list_remove(&e->link);
	free(e);
	n->nlink--;
	node_now(&n->ctime);
	if (node_is(n, L_S_IFDIR)) {
		n->nlink--;
		dir->nlink--;
		n->parent = NULL;
		node_unref(dir);
	}
	node_changed(dir);
	node_unref(n);
}

/* All that is under DIR goes; its file system is being dismantled. */
void
node_clear(struct node *dir)
{
	struct dir_entry *e;

	while (!list_empty(&dir->entries)) {
		e = list_entry(dir->entries.next, struct dir_entry, link);
		node_clear(e->node);
		node_leave(dir, e);
	}
}

int32_t
node_remove(struct node *dir, const char *name, bool directory)
{
	struct dir_entry *e = node_find(dir, name);

	if (strcmp(name, ".") == 0) {
		return directory ? -L_EINVAL : -L_EISDIR;
	}
	if (e == NULL) {
		return dir->ops != NULL ? -L_EPERM : -L_ENOENT;
	}
	if (directory) {
		if (!node_is(e->node, L_S_IFDIR)) {
			return -L_ENOTDIR;
		}
		if (!list_empty(&e->node->entries)) {
			return -L_ENOTEMPTY;
		}
		if (e->node->mounted != NULL) {
			return -L_EBUSY;
		}
	} else if (node_is(e->node, L_S_IFDIR)) {
		return -L_EISDIR;
	}
	node_leave(dir, e);
	return 0;
}

static bool
node_inside(const struct node *n, const struct node *dir)
{
	for (; n != NULL; n = n->parent) {
		if (n == dir) {
			return true;
		}
	}
	return false;
}

int32_t
node_rename(struct node *from, const char *name, struct node *to,
    const char *to_name, uint32_t flags)
{
	struct dir_entry *e = node_find(from, name);
	struct dir_entry *old = node_find(to, to_name);
	struct node *n;
	int32_t error;

	if (e == NULL) {
		return -L_ENOENT;
	}
	if ((flags & ~(uint32_t)FILE_RENAME_NOREPLACE) != 0) {
		return -L_EINVAL;
	}
	if (from->fs != to->fs) {
		return -L_EXDEV;
	}
	n = e->node;
	if (node_is(n, L_S_IFDIR) && node_inside(to, n)) {
		return -L_EINVAL;
	}
	if (old != NULL) {
		if ((flags & FILE_RENAME_NOREPLACE) != 0) {
			return -L_EEXIST;
		}
		if (old->node == n) {
			return 0;
		}
		if (node_is(n, L_S_IFDIR) && !node_is(old->node, L_S_IFDIR)) {
			return -L_ENOTDIR;
		}
		if (!node_is(n, L_S_IFDIR) && node_is(old->node, L_S_IFDIR)) {
			return -L_EISDIR;
		}
		if (!list_empty(&old->node->entries)) {
			return -L_ENOTEMPTY;
		}
	}
	node_ref(n);
	/* The new name first: it is what can fail. */
	error = node_enter(to, to_name, n);
	if (error == 0) {
		if (old != NULL) {
			node_leave(to, old);
		}
		node_leave(from, e);
		/* node_enter took the reference for this already. */
		if (node_is(n, L_S_IFDIR)) {
			n->parent = to;
		}
	}
	node_unref(n);
	return error;
}

/* A new file, directory, device or fifo. */
int32_t
node_make(struct node *dir, const char *name, uint32_t mode, uint32_t rdev,
    struct process *p, struct node **nodep)
{
	struct node *n;
	int32_t error;

	if (dir->ops != NULL) {
		return -L_EACCES;
	}
	if (dir->nlink == 0) {
		return -L_ENOENT;
	}
	if (node_find(dir, name) != NULL || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		return -L_EEXIST;
	}
	error = node_access(dir, p, 3);
	if (error != 0) {
		return error;
	}
	n = node_create(dir->fs, mode, p != NULL ? &p->cred : NULL);
	if (n == NULL) {
		return -L_ENOSPC;
	}
	n->rdev = rdev;
	if ((dir->mode & L_S_ISGID) != 0) {
		n->gid = dir->gid;
		if (node_is(n, L_S_IFDIR)) {
			n->mode |= L_S_ISGID;
		}
	}
	error = node_enter(dir, name, n);
	if (error == 0 && nodep != NULL) {
		node_ref(n);
		*nodep = n;
	}
	node_unref(n);
	return error;
}

int32_t
node_symlink(struct node *dir, const char *name, const char *target,
    struct process *p)
{
	struct node *n;
	int32_t error;

	error = node_make(dir, name, L_S_IFLNK | 0777, 0, p, &n);
	if (error != 0) {
		return error;
	}
	n->data = strdup(target);
	n->size = n->data != NULL ? (uint32_t)strlen(target) : 0;
	node_unref(n);
	return 0;
}

int32_t
node_target(struct node *n, struct process *p, char *buf, uint32_t size)
{
	if (!node_is(n, L_S_IFLNK)) {
		return -L_EINVAL;
	}
	if (n->ops != NULL && n->ops->target != NULL) {
		return n->ops->target(n, p, buf, size);
	}
	if (n->data == NULL || n->size + 1 > size) {
		return -L_ENAMETOOLONG;
	}
	memcpy(buf, n->data, n->size + 1);
	return (int32_t)n->size;
}

static int32_t
node_grow(struct node *n, uint64_t size)
{
	uint32_t room = n->room != 0 ? n->room : 4096;
	char *data;

	if (size <= n->room) {
		return 0;
	}
	if (size > node_bytes_max) {
		return -L_EFBIG;
	}
	while (room < size) {
		room += room < (1 << 20) ? room : 1 << 20;
	}
	if (node_bytes + (room - n->room) > node_bytes_max) {
		return -L_ENOSPC;
	}
	if (n->memory != MEMORY_NONE) {
		data = memory_window(n->memory, room);
		if (data != NULL) {
			memory_window_drop(n->data, n->room);
		}
	} else {
		data = realloc(n->data, room);
	}
	if (data == NULL) {
		return -L_ENOSPC;
	}
	node_bytes += room - n->room;
	n->data = data;
	n->room = room;
	return 0;
}

/* Move the contents to where programs can map them. */
static int32_t
node_share(struct node *n)
{
	uint32_t memory;
	char *data;
	int32_t error;

	if (n->memory != MEMORY_NONE) {
		return 0;
	}
	error = node_grow(n, n->size != 0 ? n->size : 1);
	if (error != 0) {
		return error;
	}
	memory = memory_create((uint32_t)node_bytes_max);
	data = memory != MEMORY_NONE ? memory_window(memory, n->room) : NULL;
	if (data == NULL) {
		if (memory != MEMORY_NONE) {
			memory_release(memory);
		}
		return -L_ENOMEM;
	}
	memcpy(data, n->data, n->size);
	free(n->data);
	n->data = data;
	n->memory = memory;
	return 0;
}

int32_t
node_map(struct node *n, bool write, uint32_t *rightp)
{
	int32_t error;

	if (!node_is(n, L_S_IFREG) || n->ops != NULL) {
		return -L_ENODEV;
	}
	if (write && (n->seals & L_F_SEAL_WRITE) != 0) {
		return -L_EPERM;
	}
	error = node_share(n);
	if (error != 0) {
		return error;
	}
	*rightp = memory_right(n->memory, (uint32_t)node_bytes_max, write);
	if (*rightp == MEMORY_NONE) {
		return -L_ENOMEM;
	}
	n->mapped_write |= write;
	return 0;
}

/* What a program wrote behind the end, by a mapping, is never seen. */
static void
node_clear_tail(struct node *n, uint32_t size)
{
	uint32_t end = size > n->size ? size : n->size;

	end = (end + 4095) & ~4095u;
	if (end > n->room) {
		end = n->room;
	}
	size = size < n->size ? size : n->size;
	if (end > size) {
		memset(n->data + size, 0, end - size);
	}
}

int32_t
node_truncate(struct node *n, uint64_t size)
{
	int32_t error;

	if (node_is(n, L_S_IFDIR)) {
		return -L_EISDIR;
	}
	if (!node_is(n, L_S_IFREG)) {
		return -L_EINVAL;
	}
	if (n->ops != NULL) {
		return 0;
	}
	if (n->texts != 0) {
		return -L_ETXTBSY;
	}
	if ((size < n->size && (n->seals & L_F_SEAL_SHRINK) != 0) ||
	    (size > n->size && (n->seals & L_F_SEAL_GROW) != 0)) {
		return -L_EPERM;
	}
	error = node_grow(n, size);
	if (error != 0) {
		return error;
	}
	node_clear_tail(n, (uint32_t)size);
	n->size = (uint32_t)size;
	if (size == 0 && n->memory == MEMORY_NONE) {
		node_data_free(n);
	}
	node_changed(n);
	return 0;
}

int32_t
node_write(struct node *n, const char *buf, uint32_t size, uint64_t offset)
{
	int32_t error;

	if (size == 0) {
		return 0;
	}
	if ((n->seals & L_F_SEAL_WRITE) != 0 ||
	    (offset + size > n->size && (n->seals & L_F_SEAL_GROW) != 0)) {
		return -L_EPERM;
	}
	error = node_grow(n, offset + size);
	if (error != 0) {
		return error;
	}
	if (offset > n->size) {
		memset(n->data + n->size, 0, (uint32_t)offset - n->size);
	}
	memcpy(n->data + offset, buf, size);
	if (offset + size > n->size) {
		n->size = (uint32_t)(offset + size);
	}
	node_changed(n);
	return (int32_t)size;
}

int32_t
node_access(struct node *n, struct process *p, int want)
{
	if (p == NULL) {
		return 0;
	}
	return cred_access(&p->cred, n->mode, n->uid, n->gid, want);
}

int32_t
node_set_attr(struct node *n, const struct file_attr *attr, struct process *p)
{
	bool owner = p->cred.fsuid == 0 || p->cred.fsuid == n->uid;
	uint32_t owns = FILE_ATTR_MODE | FILE_ATTR_GID | FILE_ATTR_ATIME |
	    FILE_ATTR_MTIME;

	if (n->ops != NULL) {
		return -L_EPERM;
	}
	if ((attr->valid & owns) != 0 && !owner) {
		return -L_EPERM;
	}
	if ((attr->valid & FILE_ATTR_UID) != 0 && p->cred.fsuid != 0 &&
	    attr->uid != n->uid) {
		return -L_EPERM;
	}
	if ((attr->valid & FILE_ATTR_GID) != 0 && p->cred.fsuid != 0 &&
	    !cred_in_group(&p->cred, attr->gid)) {
		return -L_EPERM;
	}
	if ((attr->valid & FILE_ATTR_SIZE) != 0) {
		int32_t error = node_truncate(n, attr->size);

		if (error != 0) {
			return error;
		}
	}
	if ((attr->valid & FILE_ATTR_MODE) != 0) {
		n->mode = (n->mode & L_S_IFMT) | (attr->mode & 07777);
	}
	if ((attr->valid & FILE_ATTR_UID) != 0) {
		n->uid = attr->uid;
	}
	if ((attr->valid & FILE_ATTR_GID) != 0) {
		n->gid = attr->gid;
	}
	node_now(&n->ctime);
	if ((attr->valid & FILE_ATTR_ATIME_NOW) != 0) {
		n->atime = n->ctime;
	} else if ((attr->valid & FILE_ATTR_ATIME) != 0) {
		n->atime = attr->atime;
	}
	if ((attr->valid & FILE_ATTR_MTIME_NOW) != 0) {
		n->mtime = n->ctime;
	} else if ((attr->valid & FILE_ATTR_MTIME) != 0) {
		n->mtime = attr->mtime;
	}
	return 0;
}

void
node_stat(const struct node *n, struct file_stat *st)
{
	memset(st, 0, sizeof(*st));
	st->dev = n->fs != NULL ? n->fs->dev : 0;
	st->ino = n->ino;
	st->size = n->size;
	st->blocks = (n->room + 511) / 512;
	st->mode = n->mode;
	st->nlink = n->nlink != 0 ? n->nlink : node_is(n, L_S_IFDIR) ? 2 : 0;
	st->uid = n->uid;
	st->gid = n->gid;
	st->rdev = n->rdev;
	st->blksize = 4096;
	st->atime = n->atime;
	st->mtime = n->mtime;
	st->ctime = n->ctime;
}

/* The entry that leads to N, in DIR or below, and its directory. */
static struct dir_entry *
node_find_entry(struct node *dir, const struct node *n, struct node **inp)
{
	struct dir_entry *found;
	struct dir_entry *e;

	list_for_each(&dir->entries, e, link) {
		if (e->node == n) {
			*inp = dir;
			return e;
		}
		found = node_is(e->node, L_S_IFDIR)
			    ? node_find_entry(e->node, n, inp)
			    : NULL;
		if (found != NULL) {
			return found;
		}
	}
	return NULL;
}

/* Of a file: only its directories know it. */
static int32_t
node_file_path(struct node *n, char *buf, uint32_t size)
{
	struct node *dir;
	struct dir_entry *e = NULL;
	size_t used;
	int32_t error;

	if (n->fs != NULL && n->fs->root != NULL) {
		e = node_find_entry(n->fs->root, n, &dir);
	}
	if (e == NULL) {
		return -L_ENOENT;
	}
	error = node_path(dir, buf, size);
	if (error != 0) {
		return error;
	}
	used = strlen(buf);
	used = used == 1 ? 0 : used;
	if (used + 1 + strlen(e->name) + 1 > size) {
		return -L_ERANGE;
	}
	buf[used] = '/';
	strcpy(buf + used + 1, e->name);
	return 0;
}

/* The path of N in its file system; "/" for its root. */
int32_t
node_path(struct node *n, char *buf, uint32_t size)
{
	uint32_t at = size;
	struct dir_entry *e;
	size_t length;

	if (!node_is(n, L_S_IFDIR)) {
		return node_file_path(n, buf, size);
	}
	buf[--at] = '\0';
	for (; n->parent != NULL; n = n->parent) {
		const char *name = n->ops != NULL ? n->data : NULL;

		list_for_each(&n->parent->entries, e, link) {
			if (e->node == n) {
				name = e->name;
			}
		}
		if (name == NULL) {
			return -L_ENOENT;
		}
		length = strlen(name);
		if (length + 1 > at) {
			return -L_ERANGE;
		}
		at -= (uint32_t)length;
		memcpy(buf + at, name, length);
		buf[--at] = '/';
	}
	if (n->nlink == 0 && (n->fs == NULL || n != n->fs->root)) {
		return -L_ENOENT;
	}
	if (at == size - 1) {
		buf[--at] = '/';
	}
	memmove(buf, buf + at, size - at);
	return 0;
}

/*
 * Open files of nodes.
 */

/*
 * A text is kept from open to close, so that who reads it bit by bit sees all
 * of one.  But this server's memory is wired, so of all that are open only so
 * much is kept; the others are made again for each read.
 */
#define NODE_TEXTS_MAX	(256u * 1024)

static uint32_t node_texts_size;

static bool
node_is_text(const struct node *n)
{
	return node_is(n, L_S_IFREG) && n->ops != NULL && n->ops->text != NULL;
}

/* F was opened by P: that is possible, and the text is kept if there is room. */
static int32_t
node_text_open(struct file *f, struct process *p)
{
	char *text;
	int32_t error = f->node->ops->text(f->node, p, &text, &f->text_size);

	if (error != 0) {
		return error;
	}
	if (f->text_size > NODE_TEXTS_MAX - node_texts_size) {
		free(text);
		return 0;
	}
	node_texts_size += f->text_size;
	f->text = text;
	return 0;
}

static void
node_text_close(struct file *f)
{
	if (f->text != NULL) {
		node_texts_size -= f->text_size;
		free(f->text);
	}
}

/* The part of DATA, SIZE bytes, that a read of N bytes of F at OFFSET gives. */
static int32_t
node_file_read_part(struct file *f, const char *data, uint32_t size, char *buf,
    uint32_t n, int64_t *offset)
{
	int64_t at = offset != NULL ? *offset : f->offset;

	if (at >= size || n == 0) {
		return 0;
	}
	if (n > size - at) {
		n = size - (uint32_t)at;
	}
	memcpy(buf, data + at, n);
	if (offset == NULL) {
		f->offset = at + n;
	}
	node_now(&f->node->atime);
	return (int32_t)n;
}

static int32_t
node_file_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct node *node = f->node;
	char *text;
	uint32_t size;
	int32_t result;

	if (node_is(node, L_S_IFDIR)) {
		return -L_EISDIR;
	}
	if (f->text != NULL) {
		return node_file_read_part(f, f->text, f->text_size, buf, n,
		    offset);
	}
	if (!node_is_text(node)) {
		return node_file_read_part(f, node->data, node->size, buf, n,
		    offset);
	}
	if (t == NULL) {
		return -L_EINVAL;
	}
	result = node->ops->text(node, t->process, &text, &size);
	if (result == 0) {
		result = node_file_read_part(f, text, size, buf, n, offset);
		free(text);
	}
	return result;
}

static int32_t
node_file_write(struct file *f, struct uthread *t, const char *buf,
    uint32_t n, int64_t *offset)
{
	struct node *node = f->node;
	int64_t at = offset != NULL ? *offset : f->offset;
	int32_t result;

	if (node->ops != NULL) {
		return node->ops->set_text != NULL ?
		    node->ops->set_text(node, t != NULL ? t->process : NULL,
		    buf, n) : -L_EACCES;
	}
	if ((f->flags & L_O_APPEND) != 0) {
		at = node->size;
	}
	result = node_write(node, buf, n, (uint64_t)at);
	if (result > 0 && offset == NULL) {
		f->offset = at + result;
	}
	return result;
}

static int32_t
node_file_stat(struct file *f, struct file_stat *st)
{
	node_stat(f->node, st);
	return 0;
}

static int64_t
node_file_seek(struct file *f, int64_t offset, int whence)
{
	int64_t base = whence == FILE_SEEK_SET ? 0 :
	    whence == FILE_SEEK_CUR ? f->offset :
	    node_is_text(f->node) ? f->text_size : f->node->size;

	if (whence > FILE_SEEK_END) {
		return -L_EINVAL;
	}
	if (base + offset < 0) {
		return -L_EINVAL;
	}
	f->offset = base + offset;
	return f->offset;
}

/* The entry after cookie AFTER; 1 is `.', 2 is `..'. */
static int
node_list(struct node *dir, int64_t after, struct process *p,
    struct node_entry *entry)
{
	struct dir_entry *e;

	if (after < 2) {
		strcpy(entry->name, after < 1 ? "." : "..");
		entry->ino = after < 1 || dir->parent == NULL ? dir->ino :
		    dir->parent->ino;
		entry->type = L_DT_DIR;
		entry->cookie = after < 1 ? 1 : 2;
		return 1;
	}
	list_for_each(&dir->entries, e, link) {
		if (e->cookie <= after) {
			continue;
		}
		strcpy(entry->name, e->name);
		entry->ino = e->node->ino;
		entry->type = node_type(e->node->mode);
		entry->cookie = e->cookie;
		return 1;
	}
	if (dir->ops != NULL && dir->ops->list != NULL) {
		return dir->ops->list(dir, after, p, entry);
	}
	return 0;
}

static int32_t
node_file_readdir(struct file *f, char *buf, uint32_t n)
{
	struct node_entry entry;
	uint32_t used = 0;

	if (!node_is(f->node, L_S_IFDIR)) {
		return -L_ENOTDIR;
	}
	while (node_list(f->node, f->offset, f->object, &entry) != 0) {
		struct file_dirent *d = (void *)(buf + used);
		uint32_t length = (uint32_t)strlen(entry.name);
		uint32_t size = (uint32_t)(offsetof(struct file_dirent, name) +
		    length + 1 + 7) & ~7u;

		if (size > n - used) {
			return used != 0 ? (int32_t)used : -L_EINVAL;
		}
		memset(d, 0, size);
		d->ino = entry.ino;
		d->next = entry.cookie;
		d->reclen = (uint16_t)size;
		d->type = entry.type;
		memcpy(d->name, entry.name, length + 1);
		f->offset = entry.cookie;
		used += size;
	}
	return (int32_t)used;
}

static int32_t
node_file_truncate(struct file *f, uint64_t size)
{
	return node_truncate(f->node, size);
}

static int32_t
node_file_ioctl(struct file *f, struct uthread *t, uint32_t command,
    uint32_t arg, const char *in, char *out)
{
	uint32_t n = 0;

	if (command != L_FIONREAD) {
		return -L_ENOTTY;
	}
	if (f->node->size > f->offset) {
		n = f->node->size - (uint32_t)f->offset;
	}
	memcpy(out, &n, sizeof(n));
	return 0;
}

static bool
node_file_writes(const struct file *f)
{
	return node_is(f->node, L_S_IFREG) && (f->flags & L_O_PATH) == 0 &&
	       (f->flags & L_O_ACCMODE) != L_O_RDONLY;
}

static void
node_file_close(struct file *f)
{
	node_text_close(f);
	if (f->program) {
		f->node->texts--;
	} else if (node_file_writes(f)) {
		f->node->writers--;
	}
}

static const struct file_ops node_file_ops = {
	.name = "file",
	.close = node_file_close,
	.read = node_file_read,
	.write = node_file_write,
	.ioctl = node_file_ioctl,
	.stat = node_file_stat,
	.seek = node_file_seek,
	.readdir = node_file_readdir,
	.truncate = node_file_truncate,
};

/* A device or fifo: what it leads to, and the node to ask for its status. */
static int32_t
node_open_special(struct node *n, struct process *p, uint32_t flags,
    struct file **filep)
{
	struct fifo fifo = { .node = n, .ino = n->ino };
	int32_t error;

	if (node_is(n, L_S_IFCHR)) {
		error = dev_open(p, n->rdev, flags, filep);
	} else if (node_is(n, L_S_IFIFO)) {
		error = pipe_open_fifo(&fifo, flags, filep);
	} else {
		error = -L_ENXIO;
	}
	/* It is this file that was opened: ttyname compares the two. */
	if (error == 0 && (*filep)->node == NULL) {
		(*filep)->node = n;
		node_ref(n);
	}
	return error;
}

/* Open with FLAGS (L_O_*), permissions checked. */
int32_t
node_open(struct node *n, struct process *p, uint32_t flags,
    struct file **filep)
{
	uint32_t mode = flags & L_O_ACCMODE;
	int want = mode == L_O_RDONLY ? 4 : mode == L_O_WRONLY ? 2 : 6;
	struct file *f;
	int32_t error = 0;

	if ((flags & L_O_PATH) == 0) {
		error = node_access(n, p, want);
		if (error == 0 && node_is(n, L_S_IFDIR) && mode != L_O_RDONLY) {
			error = -L_EISDIR;
		}
		if (error == 0 && node_is(n, L_S_IFLNK) && (n->ops == NULL ||
		    n->ops->open == NULL)) {
			error = -L_ELOOP;
		}
		if (error != 0) {
			return error;
		}
		if (n->ops != NULL && n->ops->open != NULL) {
			return n->ops->open(n, p, flags, filep);
		}
		if (!node_is(n, L_S_IFREG) && !node_is(n, L_S_IFDIR)) {
			return node_open_special(n, p, flags, filep);
		}
	}
	f = file_create(&node_file_ops, flags);
	if (f == NULL) {
		return -L_ENOMEM;
	}
	f->node = n;
	node_ref(n);
	if (node_file_writes(f)) {
		n->writers++;
		error = n->texts != 0 ? -L_ETXTBSY : 0;
	}
	if (error != 0) {
		file_unref(f);
		return error;
	}
	if (node_is_text(n)) {
		error = node_text_open(f, p);
	} else if ((flags & L_O_TRUNC) != 0 && node_is(n, L_S_IFREG)) {
		error = node_truncate(n, 0);
	}
	if (error != 0) {
		file_unref(f);
		return error;
	}
	*filep = f;
	return 0;
}

int32_t
node_open_program(struct node *n, struct file **filep)
{
	int32_t error;

	if (n->writers != 0) {
		return -L_ETXTBSY;
	}
	error = node_open(n, NULL, L_O_RDONLY, filep);
	if (error == 0) {
		(*filep)->program = true;
		n->texts++;
	}
	return error;
}

/*
 * Files without a name in a directory: memfd_create.
 */

int32_t
node_create_memory(const char *name, uint32_t flags, uint32_t seals,
    const struct cred *cred, struct file **filep)
{
	struct node *n = node_create(NULL, L_S_IFREG | 0777, cred);
	int32_t error;

	if (n == NULL) {
		return -L_ENOMEM;
	}
	n->seals = seals;
	n->name = strdup(name);
	error = n->name == NULL ? -L_ENOMEM :
	    node_open(n, NULL, flags, filep);
	node_unref(n);
	return error;
}

/* Of such a file, -L_EINVAL: others cannot be sealed. */
int32_t
node_seals(const struct file *f)
{
	return f->ops == &node_file_ops && f->node->name != NULL ?
	    (int32_t)f->node->seals : -L_EINVAL;
}

int32_t
node_seal(struct file *f, uint32_t seals)
{
	int32_t now = node_seals(f);

	if (now < 0) {
		return now;
	}
	if ((f->flags & L_O_ACCMODE) == L_O_RDONLY ||
	    (now & L_F_SEAL_SEAL) != 0) {
		return -L_EPERM;
	}
	if ((seals & ~(uint32_t)L_F_SEAL_ALL) != 0) {
		return -L_EINVAL;
	}
	/* Nobody tells when such a mapping goes: it is taken to be there. */
	if ((seals & L_F_SEAL_WRITE) != 0 && f->node->mapped_write) {
		return -L_EBUSY;
	}
	f->node->seals |= seals;
	return 0;
}
