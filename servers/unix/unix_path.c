/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Paths, over nodes and over the file server.  The file server walks as far as
 * it can in one request; where its answer is a mount point, the walk goes on
 * here in the nodes of what is mounted.  `..' at the top of a mounted file
 * system goes on at the directory that holds the mount point.
 */
#include <servers/unix/unix_vfs.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE	4096

struct list mount_list = LIST_INIT(mount_list);

static uint32_t mount_last_id;

/* A walk in progress. */
struct walk {
	struct process	*p;
	unsigned	flags;
	uint32_t	remote_flags;
	uint32_t	mode;
	uint32_t	links;
	struct place	*at;
	char		rest[PATH_SIZE];
};

void
place_release(struct place *place)
{
	if (place->node != NULL) {
		node_unref(place->node);
	}
	if (place->own_port && place->port != 0) {
		remote_release(place->port);
	}
	if (place->hold != NULL) {
		file_unref(place->hold);
	}
	place->node = NULL;
	place->port = 0;
	place->own_port = false;
	place->hold = NULL;
}

/* Consumes the reference to NODE. */
static void
place_set_node(struct place *place, struct node *node)
{
	place_release(place);
	place->node = node;
}

static void
place_set_file(struct place *place, struct file *f)
{
	file_ref(f);
	place_release(place);
	if (f->node != NULL) {
		node_ref(f->node);
		place->node = f->node;
		file_unref(f);
	} else {
		place->port = f->port;
		place->hold = f;
	}
}

static void
place_set_port(struct place *place, uint32_t port)
{
	place_release(place);
	place->port = port;
	place->own_port = true;
}

/* Where PATH begins: the root, the current directory, or descriptor DIRFD. */
int32_t
path_start(struct process *p, int dirfd, const char *path,
    struct place *place)
{
	struct file *f;

	memset(place, 0, sizeof(*place));
	if (path != NULL && path[0] == '/') {
		f = p->root;
	} else if (dirfd == L_AT_FDCWD) {
		f = p->cwd;
	} else {
		f = fd_lookup(p, (uint32_t)dirfd);
	}
	if (f == NULL) {
		return dirfd == L_AT_FDCWD ? -L_ENOENT : -L_EBADF;
	}
	if (f->node == NULL && f->port == 0) {
		return -L_ENOTDIR;
	}
	place_set_file(place, f);
	return 0;
}

struct mount *
mount_lookup(uint32_t id)
{
	struct mount *m;

	list_for_each(&mount_list, m, link) {
		if (m->id == id) {
			return m;
		}
	}
	return NULL;
}

/* Put TARGET before what is left of the path. */
static int32_t
walk_prepend(struct walk *w, const char *target)
{
	size_t length = strlen(target);
	size_t rest = strlen(w->rest);

	if (length + rest + 2 > PATH_SIZE) {
		return -L_ENAMETOOLONG;
	}
	memmove(w->rest + length + 1, w->rest, rest + 1);
	memcpy(w->rest, target, length);
	w->rest[length] = '/';
	if (rest == 0) {
		w->rest[length] = '\0';
	}
	return 0;
}

/* Go to the root of mount M. */
static void
walk_enter_mount(struct walk *w, struct mount *m)
{
	node_ref(m->root);
	place_set_node(w->at, m->root);
}

/* `..' in a directory that is the root of its file system. */
static void
walk_leave_mount(struct walk *w)
{
	struct mount *m = w->at->node->fs;

	if (m == NULL || m->parent == NULL ||
	    (w->p != NULL && w->p->root != NULL &&
	    w->p->root->node == w->at->node)) {
		return;
	}
	place_set_file(w->at, m->parent);
}

/* Split the first name off; *LASTP when nothing but slashes follow. */
static int32_t
walk_name(struct walk *w, char *name, bool *lastp, bool *slashp)
{
	char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");
	char *next = start + length;

	if (length > FILE_NAME_MAX) {
		return -L_ENAMETOOLONG;
	}
	memcpy(name, start, length);
	name[length] = '\0';
	*slashp = *next == '/';
	next += strspn(next, "/");
	*lastp = *next == '\0';
	memmove(w->rest, next, strlen(next) + 1);
	return (int32_t)length;
}

static int32_t
walk_link(struct walk *w, struct node *link)
{
	char target[PATH_SIZE];
	int32_t n;

	if (++w->links > FILE_LINK_MAX) {
		return -L_ELOOP;
	}
	n = node_target(link, w->p, target, sizeof(target));
	if (n < 0) {
		return n;
	}
	n = walk_prepend(w, target);
	if (n != 0) {
		return n;
	}
	if (target[0] == '/') {
		place_set_file(w->at, w->p->root);
	}
	return 0;
}

/* The name NAME of the directory that the walk is in. */
static int32_t
walk_child(struct walk *w, const char *name, bool last, bool slash)
{
	struct node *dir = w->at->node;
	struct node *child;
	int32_t error;

	error = node_access(dir, w->p, 1);
	if (error != 0) {
		return error;
	}
	if (strcmp(name, "..") == 0) {
		if (dir->parent == NULL) {
			walk_leave_mount(w);
		} else if (w->p == NULL || w->p->root == NULL ||
		    w->p->root->node != dir) {
			child = dir->parent;
			node_ref(child);
			place_set_node(w->at, child);
		}
		return 0;
	}
	error = node_lookup(dir, name, w->p, &child);
	if (error == -L_ENOENT && last && (w->flags & PATH_CREATE) != 0) {
		strcpy(w->at->last, name);
		w->at->last_slash = slash;
		w->at->missing = true;
		return 0;
	}
	if (error != 0) {
		return error;
	}
	if ((child->mode & L_S_IFMT) == L_S_IFLNK &&
	    (!last || slash || (w->flags & PATH_NOFOLLOW) == 0) &&
	    !(last && child->ops != NULL && child->ops->open != NULL)) {
		error = walk_link(w, child);
		node_unref(child);
		return error;
	}
	while (child->mounted != NULL) {
		struct node *root = child->mounted->root;

		node_ref(root);
		node_unref(child);
		child = root;
	}
	if ((!last || slash) && (child->mode & L_S_IFMT) != L_S_IFDIR) {
		node_unref(child);
		return -L_ENOTDIR;
	}
	place_set_node(w->at, child);
	return 0;
}

/* Until the path is used up (returns 0) or leads to the file server (1). */
static int32_t
walk_nodes(struct walk *w)
{
	char name[FILE_NAME_MAX + 1];
	bool last;
	bool slash;
	int32_t error;

	while (w->rest[strspn(w->rest, "/")] != '\0') {
		if (w->at->node == NULL) {
			return 1;
		}
		if ((w->at->node->mode & L_S_IFMT) != L_S_IFDIR) {
			return -L_ENOTDIR;
		}
		error = walk_name(w, name, &last, &slash);
		if (error < 0) {
			return error;
		}
		if (last && (w->flags & PATH_PARENT) != 0) {
			strcpy(w->at->last, name);
			w->at->last_slash = slash;
			return node_access(w->at->node, w->p, 1);
		}
		error = walk_child(w, name, last, slash);
		if (error != 0) {
			return error;
		}
		if (w->at->missing) {
			return 0;
		}
	}
	if (w->at->node == NULL) {
		return 1;
	}
	if ((w->flags & PATH_PARENT) != 0) {
		strcpy(w->at->last, ".");
	}
	return 0;
}

/* One request to the file server; 1: go on with the rest. */
static int32_t
walk_remote(struct walk *w)
{
	struct file_lookup result;
	struct mount *m;
	uint32_t flags = w->remote_flags;
	uint32_t handle = 0;
	char rest[FILE_PATH_MAX];
	int32_t error;

	if ((w->flags & PATH_NOFOLLOW) != 0) {
		flags |= FILE_O_NOFOLLOW;
	}
	if ((w->flags & PATH_PARENT) != 0) {
		flags = FILE_O_PARENT | FILE_O_PATH;
	}
	if (w->rest[0] == '\0') {
		flags |= FILE_O_EMPTY_PATH;
	}
	error = remote_lookup(w->at->port, w->rest, flags, w->mode, &handle,
	    &result, rest);
	if (error != 0) {
		return error;
	}
	w->links += result.links;
	if (w->links > FILE_LINK_MAX) {
		return -L_ELOOP;
	}
	if (result.retry == FILE_RETRY_NONE) {
		place_set_port(w->at, handle);
		w->at->stat = result.stat;
		w->at->created = result.created;
		if ((w->flags & PATH_PARENT) != 0) {
			size_t n = strcspn(rest, "/");

			if (n > FILE_NAME_MAX) {
				return -L_ENAMETOOLONG;
			}
			memcpy(w->at->last, rest, n);
			w->at->last[n] = '\0';
			w->at->last_slash = rest[n] == '/';
		}
		return 0;
	}
	strcpy(w->rest, rest);
	m = mount_lookup(result.mount_id);
	if (result.retry == FILE_RETRY_MOUNT && m != NULL) {
		walk_enter_mount(w, m);
	} else {
		place_set_file(w->at, w->p->root);
	}
	return 1;
}

/*
 * Walk PATH from DIRFD.  REMOTE_FLAGS (FILE_O_*) and MODE are what to ask the
 * file server for at the end; nodes are only found, permission to open them is
 * node_open's business.  OUT is to be released whatever the result.
 */
int32_t
path_walk(struct process *p, int dirfd, const char *path, unsigned flags,
    uint32_t remote_flags, uint32_t mode, struct place *out)
{
	struct walk w;
	int32_t error;

	memset(out, 0, sizeof(*out));
	if (path == NULL) {
		return -L_EFAULT;
	}
	if (path[0] == '\0' && (flags & PATH_EMPTY) == 0) {
		return -L_ENOENT;
	}
	if (strlen(path) >= PATH_SIZE) {
		return -L_ENAMETOOLONG;
	}
	error = path_start(p, dirfd, path, out);
	if (error != 0) {
		return error;
	}
	w.p = p;
	w.flags = flags;
	w.remote_flags = remote_flags;
	w.mode = mode;
	w.links = 0;
	w.at = out;
	strcpy(w.rest, path);
	do {
		error = out->node != NULL ? walk_nodes(&w) : walk_remote(&w);
	} while (error == 1);
	return error;
}

/* The path of the directory that F is, as the process sees it. */
int32_t
path_of_directory(struct process *p, struct file *f, char *buf, uint32_t size)
{
	char inner[PATH_SIZE];
	struct mount *m;
	int32_t error;
	int n;

	if (f->node == NULL) {
		return remote_dir_path(f->port, buf, size);
	}
	error = node_path(f->node, inner, sizeof(inner));
	if (error != 0) {
		return error;
	}
	m = f->node->fs;
	if (m == NULL || strcmp(m->where, "/") == 0) {
		n = snprintf(buf, size, "%s", inner);
	} else {
		n = snprintf(buf, size, "%s%s", m->where,
		    strcmp(inner, "/") == 0 ? "" : inner);
	}
	return n < 0 || (uint32_t)n >= size ? -L_ERANGE : 0;
}

/*
 * Mounts.
 */

static char *
mount_text(const char *text)
{
	return strdup(text != NULL ? text : "none");
}

void
mount_destroy(struct mount *m)
{
	list_remove(&m->link);
	if (m->root != NULL) {
		node_clear(m->root);
		node_unref(m->root);
	}
	if (m->over != NULL) {
		node_unref(m->over);
	}
	if (m->parent != NULL) {
		file_unref(m->parent);
	}
	free(m->where);
	free(m->source);
	free(m->type);
	free(m->options);
	free(m);
}

/* A file system with its root, mounted nowhere yet. */
struct mount *
mount_create(const char *type, const char *source, const char *where,
    const char *options)
{
	struct mount *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		return NULL;
	}
	list_init(&m->link);
	m->id = ++mount_last_id;
	m->dev = 0x10 + m->id;
	m->type = mount_text(type);
	m->source = mount_text(source);
	m->where = mount_text(where);
	m->options = mount_text(options);
	list_add(&mount_list, &m->link);
	return m;
}

static int32_t
mount_fill(struct mount *m)
{
	uint32_t mode = strcmp(m->type, "proc") == 0 ? 0555 :
	    strcmp(m->type, "tmpfs") == 0 ? 01777 : 0755;

	m->root = node_create(m, L_S_IFDIR | mode, NULL);
	if (m->root == NULL) {
		return -L_ENOMEM;
	}
	m->root->nlink = 2;
	if (strcmp(m->type, "proc") == 0) {
		return proc_fill(m);
	}
	if (strcmp(m->type, "devtmpfs") == 0) {
		return dev_fill(m);
	}
	return 0;
}

/* Cover the directory at PLACE, whose parent directory is M->parent. */
static int32_t
mount_cover(struct mount *m, struct place *place)
{
	if (place->node != NULL) {
		if ((place->node->mode & L_S_IFMT) != L_S_IFDIR) {
			return -L_ENOTDIR;
		}
		if (place->node->mounted != NULL ||
		    place->node->parent == NULL) {
			return -L_EBUSY;
		}
		m->over = place->node;
		node_ref(m->over);
		m->over->mounted = m;
		return 0;
	}
	if ((place->stat.mode & L_S_IFMT) != L_S_IFDIR) {
		return -L_ENOTDIR;
	}
	return remote_mount(place->port, m->id);
}

int32_t
mount_add(struct process *p, const char *source, const char *where,
    const char *type, uint32_t flags)
{
	struct place parent;
	struct place place;
	struct mount *m;
	int32_t error;

	if (type == NULL || where == NULL) {
		return -L_EINVAL;
	}
	if (strcmp(type, "sysfs") == 0) {
		type = "tmpfs";
	}
	if (strcmp(type, "proc") != 0 && strcmp(type, "tmpfs") != 0 &&
	    strcmp(type, "devtmpfs") != 0 && strcmp(type, "ramfs") != 0) {
		return -L_ENODEV;
	}
	error = path_walk(p, L_AT_FDCWD, where, 0, FILE_O_PATH |
	    FILE_O_DIRECTORY, 0, &place);
	if (error != 0) {
		place_release(&place);
		return error;
	}
	error = path_walk(p, L_AT_FDCWD, where, PATH_PARENT, FILE_O_PATH, 0,
	    &parent);
	m = error == 0 ? mount_create(type, source, where, (flags & 1) != 0 ?
	    "ro,relatime" : "rw,relatime") : NULL;
	if (m != NULL) {
		m->parent = parent.node != NULL ? NULL :
		    remote_file(parent.port, L_O_PATH);
		if (parent.node != NULL) {
			error = node_open(parent.node, p, L_O_PATH,
			    &m->parent);
		} else if (m->parent != NULL && parent.own_port) {
			parent.own_port = false;
		}
		if (error == 0) {
			error = mount_fill(m);
		}
		if (error == 0) {
			error = mount_cover(m, &place);
		}
		if (error != 0) {
			mount_destroy(m);
		}
	} else if (error == 0) {
		error = -L_ENOMEM;
	}
	place_release(&place);
	place_release(&parent);
	return error;
}

int32_t
mount_remove(struct process *p, const char *where)
{
	struct mount *m;
	struct mount *found = NULL;
	struct place place;
	int32_t error;

	error = path_walk(p, L_AT_FDCWD, where, 0, FILE_O_PATH, 0, &place);
	if (error == 0 && place.node != NULL && place.node->parent == NULL) {
		list_for_each(&mount_list, m, link) {
			if (m->root == place.node) {
				found = m;
			}
		}
	}
	place_release(&place);
	if (error != 0) {
		return error;
	}
	if (found == NULL) {
		return -L_EINVAL;
	}
	if (found->parent == NULL) {
		return -L_EBUSY;
	}
	/* Somebody is in it when its root has more than its own reference. */
	if (found->root->refs > 1 + (int)found->root->nlink - 2) {
		return -L_EBUSY;
	}
	if (found->over != NULL) {
		found->over->mounted = NULL;
	} else {
		error = remote_unmount(found->id);
		if (error != 0) {
			return error;
		}
	}
	mount_destroy(found);
	return 0;
}
