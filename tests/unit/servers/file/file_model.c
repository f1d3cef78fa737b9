/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Random operations, done to the file server's logic and to a simple tree in
 * memory at the same time: results and contents must agree, also after the
 * image was closed and opened again, and e2fsck must like it.
 */
#include "file_image.h"
#include "file_pages.h"

#include <servers/errors.h>
#include <servers/file/file_handle.h>

#include <string.h>

#define MODEL_CHILDREN	12
#define MODEL_SIZE	30000
#define MODEL_NAMES	6

/* With PAGES, contents are in pages as well as in the block cache. */
void file_model_run(unsigned seed, unsigned steps, bool pages,
    const char *arguments);

struct node {
	bool		directory;
	unsigned	links;
	size_t		size;
	char		*data;
	struct node	*child[MODEL_CHILDREN];
	char		name[MODEL_CHILDREN][8];
};

struct model {
	unsigned		seed;
	bool			pages;
	struct node		*root;
	struct image		image;
	struct ext2_fs		*fs;
	struct file_handle	*handle;
};

static unsigned
model_random(struct model *m, unsigned below)
{
	return rand_r(&m->seed) % below;
}

static struct node *
node_make(bool directory)
{
	struct node *node = calloc(1, sizeof(*node));

	node->directory = directory;
	node->links = 1;
	if (!directory) {
		node->data = calloc(1, MODEL_SIZE);
	}
	return node;
}

static void
node_drop(struct node *node)
{
	if (--node->links > 0) {
		return;
	}
	for (int i = 0; i < MODEL_CHILDREN; i++) {
		if (node->child[i] != NULL) {
			node_drop(node->child[i]);
		}
	}
	free(node->data);
	free(node);
}

static int
node_find(struct node *dir, const char *name)
{
	for (int i = 0; i < MODEL_CHILDREN; i++) {
		if (dir->child[i] != NULL && strcmp(dir->name[i], name) == 0) {
			return i;
		}
	}
	return -1;
}

static int
node_free_slot(struct node *dir)
{
	for (int i = 0; i < MODEL_CHILDREN; i++) {
		if (dir->child[i] == NULL) {
			return i;
		}
	}
	return -1;
}

static bool
node_empty(struct node *dir)
{
	for (int i = 0; i < MODEL_CHILDREN; i++) {
		if (dir->child[i] != NULL) {
			return false;
		}
	}
	return true;
}

static bool
node_below(struct node *top, struct node *node)
{
	if (top == node) {
		return true;
	}
	for (int i = 0; top->directory && i < MODEL_CHILDREN; i++) {
		if (top->child[i] != NULL
		    && node_below(top->child[i], node)) {
			return true;
		}
	}
	return false;
}

/* A path of up to four names; fewer names make more hits. */
static void
model_path(struct model *m, char *path)
{
	unsigned depth = 1 + model_random(m, 4);

	path[0] = 0;
	for (unsigned i = 0; i < depth; i++) {
		sprintf(path + strlen(path), "/n%u",
		    model_random(m, MODEL_NAMES));
	}
}

/* Walk to the parent; the last name goes to NAME. */
static kern_return_t
model_walk(struct model *m, const char *path, struct node **dirp, char *name)
{
	struct node *dir = m->root;
	const char *slash;
	int slot;

	for (;;) {
		path++;
		slash = strchr(path, '/');
		if (slash == NULL) {
			strcpy(name, path);
			*dirp = dir;
			return KERN_SUCCESS;
		}
		memcpy(name, path, slash - path);
		name[slash - path] = 0;
		slot = node_find(dir, name);
		if (slot < 0) {
			return UNIX_ENOENT;
		}
		dir = dir->child[slot];
		if (!dir->directory) {
			return UNIX_ENOTDIR;
		}
		path = slash;
	}
}

static bool
model_insert(struct node *dir, const char *name, struct node *node)
{
	int slot = node_free_slot(dir);

	if (slot < 0) {
		return false;
	}
	dir->child[slot] = node;
	strcpy(dir->name[slot], name);
	return true;
}

static void
model_mkdir(struct model *m)
{
	struct file_from from = file_handle_from(m->handle);
	struct node *dir;
	char path[64];
	char name[32];
	kern_return_t want;

	model_path(m, path);
	want = model_walk(m, path, &dir, name);
	if (want == KERN_SUCCESS && node_find(dir, name) >= 0) {
		want = UNIX_EEXIST;
	}
	MUST_KR(file_ops_make(&from, path, strlen(path),
	    FILE_S_IFDIR | 0755, 0), want);
	if (want == KERN_SUCCESS) {
		MUST(model_insert(dir, name, node_make(true)));
	}
}

/* A mapping may store behind the end, in the last page: for nothing. */
static void
model_store_behind(struct model *m, struct ext2_inode *inode)
{
	uint64_t offset = inode->size + model_random(m, 1000);

	if (inode->size / 4096 == offset / 4096) {
		(void) file_pages_store(inode, offset, 'b');
	}
}

static void
model_write(struct model *m)
{
	struct file_handle *handle;
	struct file_found found;
	struct node *dir;
	struct node *node = NULL;
	char path[64];
	char name[32];
	static char data[MODEL_SIZE];
	size_t offset = model_random(m, MODEL_SIZE - 1);
	size_t size = 1 + model_random(m, MODEL_SIZE - offset - 1);
	size_t done;
	kern_return_t want;
	int slot;

	if (model_random(m, 2) == 0) {
		size = 1 + size % 300;
		if (offset + size > MODEL_SIZE) {
			offset = 0;
		}
	}
	memset(data, model_random(m, 256), size);
	model_path(m, path);
	want = model_walk(m, path, &dir, name);
	if (want == KERN_SUCCESS) {
		slot = node_find(dir, name);
		node = slot < 0 ? NULL : dir->child[slot];
		if (node != NULL && node->directory) {
			want = UNIX_EISDIR;
		}
	}
	MUST_KR(file_handle_lookup(m->handle, path, strlen(path),
	    FILE_O_WRITE | FILE_O_CREAT, 0644, &found, &handle), want);
	if (want != KERN_SUCCESS) {
		return;
	}
	MUST(found.result.created == (node == NULL));
	if (node == NULL) {
		node = node_make(false);
		MUST(model_insert(dir, name, node));
	}
	MUST_OK(file_handle_write(handle, offset, 0, data, size, &done));
	MUST(done == size);
	memcpy(node->data + offset, data, size);
	if (model_random(m, 2) == 0 &&
	    file_pages_store(handle->open->inode, offset, 'm')) {
		node->data[offset] = 'm';
	}
	if (model_random(m, 4) == 0) {
		model_store_behind(m, handle->open->inode);
	}
	file_handle_destroy(handle);
	if (node->size < offset + size) {
		node->size = offset + size;
	}
}

static void
model_read(struct model *m)
{
	struct file_handle *handle;
	struct file_found found;
	struct node *dir;
	struct node *node;
	char path[64];
	char name[32];
	static char data[MODEL_SIZE];
	size_t offset = model_random(m, MODEL_SIZE);
	size_t size = model_random(m, MODEL_SIZE);
	size_t want = 0;
	size_t done;
	int slot;

	model_path(m, path);
	if (model_walk(m, path, &dir, name) != KERN_SUCCESS) {
		return;
	}
	slot = node_find(dir, name);
	node = slot < 0 ? NULL : dir->child[slot];
	if (node == NULL || node->directory) {
		return;
	}
	if (offset < node->size) {
		want = node->size - offset < size ? node->size - offset : size;
	}
	MUST_OK(file_handle_lookup(m->handle, path, strlen(path),
	    FILE_O_READ, 0, &found, &handle));
	MUST_OK(file_handle_read(handle, offset, data, size, &done));
	MUST(done == want && memcmp(data, node->data + offset, done) == 0);
	if (done > 0 && model_random(m, 4) == 0 &&
	    file_pages_store(handle->open->inode, offset, 'r')) {
		node->data[offset] = 'r';
	}
	file_handle_destroy(handle);
}

static void
model_truncate(struct model *m)
{
	struct file_from from = file_handle_from(m->handle);
	struct file_attr attr = { .valid = FILE_ATTR_SIZE };
	struct node *dir;
	struct node *node = NULL;
	char path[64];
	char name[32];
	kern_return_t want;
	int slot;

	attr.size = model_random(m, MODEL_SIZE);
	model_path(m, path);
	want = model_walk(m, path, &dir, name);
	if (want == KERN_SUCCESS) {
		slot = node_find(dir, name);
		if (slot < 0) {
			want = UNIX_ENOENT;
		} else {
			node = dir->child[slot];
			want = node->directory ? UNIX_EISDIR : KERN_SUCCESS;
		}
	}
	MUST_KR(file_ops_set_attr_path(&from, path, strlen(path), 0, &attr),
	    want);
	if (want == KERN_SUCCESS) {
		if (attr.size < node->size) {
			memset(node->data + attr.size, 0,
			    node->size - attr.size);
		}
		node->size = attr.size;
	}
}

static void
model_remove(struct model *m, bool directory)
{
	struct file_from from = file_handle_from(m->handle);
	struct node *dir;
	struct node *node;
	char path[64];
	char name[32];
	kern_return_t want;
	int slot = -1;

	model_path(m, path);
	want = model_walk(m, path, &dir, name);
	if (want == KERN_SUCCESS) {
		slot = node_find(dir, name);
		if (slot < 0) {
			want = UNIX_ENOENT;
		} else {
			node = dir->child[slot];
			if (directory && !node->directory) {
				want = UNIX_ENOTDIR;
			} else if (directory && !node_empty(node)) {
				want = UNIX_ENOTEMPTY;
			} else if (!directory && node->directory) {
				want = UNIX_EISDIR;
			}
		}
	}
	MUST_KR(directory ? file_ops_rmdir(&from, path, strlen(path))
	    : file_ops_unlink(&from, path, strlen(path)), want);
	if (want == KERN_SUCCESS) {
		node_drop(dir->child[slot]);
		dir->child[slot] = NULL;
	}
}

static void
model_link(struct model *m)
{
	struct file_from from = file_handle_from(m->handle);
	struct node *dir;
	struct node *to_dir;
	struct node *node = NULL;
	char path[64];
	char to[64];
	char name[32];
	char to_name[32];
	kern_return_t want;
	int slot;

	model_path(m, path);
	model_path(m, to);
	want = model_walk(m, path, &dir, name);
	if (want == KERN_SUCCESS) {
		slot = node_find(dir, name);
		if (slot < 0) {
			want = UNIX_ENOENT;
		} else {
			node = dir->child[slot];
			want = model_walk(m, to, &to_dir, to_name);
		}
	}
	if (want == KERN_SUCCESS) {
		if (node->directory) {
			want = UNIX_EPERM;
		} else if (node_find(to_dir, to_name) >= 0) {
			want = UNIX_EEXIST;
		}
	}
	MUST_KR(file_ops_link(&from, path, strlen(path), &from, to,
	    strlen(to), 0), want);
	if (want == KERN_SUCCESS) {
		node->links++;
		MUST(model_insert(to_dir, to_name, node));
	}
}

/* What renaming NODE onto OLD (or nothing) in TO_DIR should say. */
static kern_return_t
model_rename_wants(struct node *dir, struct node *node, struct node *to_dir,
    struct node *old)
{
	if (node->directory && node_below(node, to_dir)) {
		return UNIX_EINVAL;
	}
	if (old == NULL || old == node) {
		return KERN_SUCCESS;
	}
	if (old->directory && node_below(old, dir)) {
		return UNIX_ENOTEMPTY;
	}
	if (old->directory != node->directory) {
		return old->directory ? UNIX_EISDIR : UNIX_ENOTDIR;
	}
	if (old->directory && !node_empty(old)) {
		return UNIX_ENOTEMPTY;
	}
	return KERN_SUCCESS;
}

static void
model_rename(struct model *m)
{
	struct file_from from = file_handle_from(m->handle);
	struct node *dir;
	struct node *to_dir;
	struct node *node = NULL;
	struct node *old = NULL;
	char path[64];
	char to[64];
	char name[32];
	char to_name[32];
	kern_return_t want;
	int slot = -1;
	int to_slot = -1;

	model_path(m, path);
	model_path(m, to);
	want = model_walk(m, path, &dir, name);
	if (want == KERN_SUCCESS) {
		want = model_walk(m, to, &to_dir, to_name);
	}
	if (want == KERN_SUCCESS) {
		slot = node_find(dir, name);
		to_slot = node_find(to_dir, to_name);
		old = to_slot < 0 ? NULL : to_dir->child[to_slot];
		if (slot < 0) {
			want = UNIX_ENOENT;
		} else {
			node = dir->child[slot];
			want = model_rename_wants(dir, node, to_dir, old);
		}
	}
	MUST_KR(file_ops_rename(&from, path, strlen(path), &from, to,
	    strlen(to), 0), want);
	if (want != KERN_SUCCESS || old == node) {
		return;
	}
	if (old != NULL) {
		node_drop(old);
		to_dir->child[to_slot] = NULL;
	}
	dir->child[slot] = NULL;
	MUST(model_insert(to_dir, to_name, node));
}

static void
model_compare_file(struct model *m, const char *path, struct node *node)
{
	struct file_handle *handle;
	struct file_found found;
	static char data[MODEL_SIZE + 1];
	size_t done;

	MUST_OK(file_handle_lookup(m->handle, path, strlen(path),
	    FILE_O_READ, 0, &found, &handle));
	MUST(found.result.stat.size == node->size);
	MUST(found.result.stat.nlink == node->links);
	MUST_OK(file_handle_read(handle, 0, data, sizeof(data), &done));
	MUST(done == node->size && memcmp(data, node->data, done) == 0);
	file_handle_destroy(handle);
}

static void
model_compare(struct model *m, const char *path, struct node *dir)
{
	struct file_handle *handle;
	struct file_found found;
	char data[2048];
	char child[128];
	size_t used;
	unsigned count = 0;
	unsigned want = 0;
	unsigned subdirectories = 0;

	for (int i = 0; i < MODEL_CHILDREN; i++) {
		if (dir->child[i] == NULL) {
			continue;
		}
		want++;
		snprintf(child, sizeof(child), "%s/%s", path, dir->name[i]);
		if (dir->child[i]->directory) {
			subdirectories++;
			model_compare(m, child, dir->child[i]);
		} else {
			model_compare_file(m, child, dir->child[i]);
		}
	}
	snprintf(child, sizeof(child), "%s/.", path);
	MUST_OK(file_handle_lookup(m->handle, child, strlen(child),
	    FILE_O_READ, 0, &found, &handle));
	if (dir != m->root) {
		MUST(found.result.stat.nlink == 2 + subdirectories);
		want += 2;
	} else {
		want += 3;	/* lost+found */
	}
	MUST_OK(file_handle_read_dir(handle, 0, data, sizeof(data), &used));
	for (size_t at = 0; at < used;
	    at += ((struct file_dirent *) (data + at))->reclen) {
		count++;
	}
	MUST(count == want);
	file_handle_destroy(handle);
}

static void
model_mount(struct model *m)
{
	struct file_cred *cred;
	const char *why;

	/* A small cache, so that it has to give up buffers. */
	MUST_OK(ext2_fs_open(&m->image.disk, 64 * 1024, false, &m->fs,
	    &why));
	if (m->pages) {
		file_pages_start(m->fs, m->seed);
	}
	MUST_OK(file_cred_create(0, 0, NULL, 0, &cred));
	MUST_OK(file_handle_root(m->fs, cred, false, &m->handle));
	file_cred_unref(cred);
}

static void
model_unmount(struct model *m)
{
	file_handle_destroy(m->handle);
	file_pages_end();
	cache_check(&m->fs->cache);
	MUST_OK(ext2_fs_close(m->fs));
	image_check_clean(&m->image);
}

static void
model_step(struct model *m)
{
	switch (model_random(m, 20)) {
	case 0:
	case 1:
	case 2:
		model_mkdir(m);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
		model_write(m);
		break;
	case 8:
		model_truncate(m);
		break;
	case 9:
	case 10:
		model_remove(m, false);
		break;
	case 11:
		model_remove(m, true);
		break;
	case 12:
		model_link(m);
		break;
	case 13:
	case 14:
		model_rename(m);
		break;
	case 15:
		MUST_OK(ext2_fs_sync(m->fs));
		break;
	default:
		model_read(m);
		break;
	}
	if (m->pages) {
		file_pages_reclaim();
	}
}

void
file_model_run(unsigned seed, unsigned steps, bool pages,
    const char *arguments)
{
	struct model m;

	memset(&m, 0, sizeof(m));
	m.pages = pages;
	m.seed = seed;
	m.root = node_make(true);
	image_make(&m.image, "model", 64 * 1024, arguments);
	model_mount(&m);
	for (unsigned i = 0; i < steps; i++) {
		model_step(&m);
		if (i % 1000 == 999) {
			model_compare(&m, "", m.root);
			model_unmount(&m);
			model_mount(&m);
			model_compare(&m, "", m.root);
		}
	}
	model_unmount(&m);
	image_remove(&m.image);
	node_drop(m.root);
}
