/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Scenarios for the file server's logic: each runs on a fresh image, and
 * e2fsck judges what is left.
 */
#include "file_image.h"

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_piece.h>
#include <servers/file/file_handle.h>

#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* A mounted image with two clients. */
struct world {
	struct image		image;
	struct ext2_fs		*fs;
	struct file_handle	*root;		/* uid 0 */
	struct file_handle	*user;		/* uid 1000, gid 100 */
};

static struct file_handle *
world_client(struct world *world, uint32_t uid, uint32_t gid)
{
	struct file_handle *handle;
	struct file_cred *cred;
	uint32_t groups[1] = { gid };

	MUST_OK(file_cred_create(uid, gid, groups, 1, &cred));
	MUST_OK(file_handle_root(world->fs, cred, false, &handle));
	file_cred_unref(cred);
	return handle;
}

static size_t world_cache_bytes = 256 * 1024;

static void
world_mount(struct world *world)
{
	const char *why = "";

	MUST_OK(ext2_fs_open(&world->image.disk, world_cache_bytes, false,
	    &world->fs, &why));
	world->root = world_client(world, 0, 0);
	world->user = world_client(world, 1000, 100);
}

static void
world_unmount(struct world *world)
{
	file_handle_destroy(world->root);
	file_handle_destroy(world->user);
	cache_check(&world->fs->cache);
	MUST_OK(ext2_fs_close(world->fs));
}

static void
world_setup(struct world *world, const char *name, unsigned kib,
    const char *arguments)
{
	image_make(&world->image, name, kib, arguments);
	world_mount(world);
}

static void
world_end(struct world *world)
{
	world_unmount(world);
	image_check_clean(&world->image);
	image_remove(&world->image);
}

static kern_return_t
lookup(struct file_handle *dir, const char *path, int flags, uint32_t mode,
    struct file_handle **newp, struct file_found *found)
{
	return file_handle_lookup(dir, path, strlen(path), flags, mode, found,
	    newp);
}

static kern_return_t
open_file(struct file_handle *dir, const char *path, int flags, uint32_t mode,
    struct file_handle **newp)
{
	struct file_found found;

	return lookup(dir, path, flags, mode, newp, &found);
}

/* Open, for a result only. */
static kern_return_t
try_open(struct file_handle *dir, const char *path, int flags, uint32_t mode)
{
	struct file_handle *handle = NULL;
	kern_return_t kr;

	kr = open_file(dir, path, flags, mode, &handle);
	if (kr == KERN_SUCCESS && handle != NULL) {
		file_handle_destroy(handle);
	}
	return kr;
}

static kern_return_t
do_stat(struct file_handle *dir, const char *path, int flags,
    struct file_stat *stat)
{
	struct file_handle *handle;
	struct file_found found;
	kern_return_t kr;

	kr = lookup(dir, path, flags | FILE_O_STAT_ONLY, 0, &handle, &found);
	if (kr == KERN_SUCCESS) {
		*stat = found.result.stat;
	}
	return kr;
}

static kern_return_t
do_mkdir(struct file_handle *dir, const char *path, uint32_t mode)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_make(&from, path, strlen(path), FILE_S_IFDIR | mode,
	    0);
}

static kern_return_t
do_mknod(struct file_handle *dir, const char *path, uint32_t mode,
    uint32_t rdev)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_make(&from, path, strlen(path), mode, rdev);
}

static kern_return_t
do_unlink(struct file_handle *dir, const char *path)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_unlink(&from, path, strlen(path));
}

static kern_return_t
do_rmdir(struct file_handle *dir, const char *path)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_rmdir(&from, path, strlen(path));
}

static kern_return_t
do_symlink(struct file_handle *dir, const char *target, const char *path)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_symlink(&from, path, strlen(path), target,
	    strlen(target));
}

static kern_return_t
do_link(struct file_handle *dir, const char *old, const char *new)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_link(&from, old, strlen(old), &from, new, strlen(new),
	    0);
}

static kern_return_t
do_rename(struct file_handle *dir, const char *old, const char *new, int flags)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_rename(&from, old, strlen(old), &from, new,
	    strlen(new), flags);
}

static kern_return_t
do_set_attr(struct file_handle *dir, const char *path,
    const struct file_attr *attr)
{
	struct file_from from = file_handle_from(dir);

	return file_ops_set_attr_path(&from, path, strlen(path), 0, attr);
}

static kern_return_t
do_chmod(struct file_handle *dir, const char *path, uint32_t mode)
{
	struct file_attr attr = { .valid = FILE_ATTR_MODE, .mode = mode };

	return do_set_attr(dir, path, &attr);
}

static kern_return_t
do_chown(struct file_handle *dir, const char *path, uint32_t uid, uint32_t gid)
{
	struct file_attr attr = {
		.valid = FILE_ATTR_UID | FILE_ATTR_GID, .uid = uid, .gid = gid
	};

	return do_set_attr(dir, path, &attr);
}

static kern_return_t
do_truncate(struct file_handle *dir, const char *path, uint64_t size)
{
	struct file_attr attr = { .valid = FILE_ATTR_SIZE, .size = size };

	return do_set_attr(dir, path, &attr);
}

static kern_return_t
write_file(struct file_handle *dir, const char *path, const void *data,
    size_t size)
{
	struct file_handle *handle;
	size_t done = 0;
	size_t total = 0;
	kern_return_t kr;

	kr = open_file(dir, path, FILE_O_WRITE | FILE_O_CREAT | FILE_O_TRUNC,
	    0644, &handle);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	while (total < size && kr == KERN_SUCCESS) {
		kr = file_handle_write(handle, FILE_OFFSET_CURRENT, 0,
		    (const char *) data + total, size - total, &done);
		total += done;
	}
	file_handle_destroy(handle);
	return kr;
}

/* Read the whole file; the caller frees. */
static char *
read_file(struct file_handle *dir, const char *path, size_t *sizep)
{
	struct file_handle *handle;
	struct file_stat stat;
	char *data;

	MUST_OK(open_file(dir, path, FILE_O_READ, 0, &handle));
	file_handle_stat(handle, &stat);
	data = malloc(stat.size + 1);
	MUST_OK(file_handle_read(handle, 0, data, stat.size + 1, sizep));
	MUST(*sizep == stat.size);
	data[*sizep] = 0;
	file_handle_destroy(handle);
	return data;
}

static void
check_file(struct file_handle *dir, const char *path, const char *want)
{
	size_t size;
	char *data = read_file(dir, path, &size);

	MUST(size == strlen(want) && memcmp(data, want, size) == 0);
	free(data);
}

static void
test_basic(const char *arguments)
{
	struct world w;
	struct file_handle *f;
	struct file_handle *d;
	struct file_stat stat;
	char buffer[8192];
	size_t done;
	int64_t position;

	world_setup(&w, "basic", 8192, arguments);
	MUST_OK(do_stat(w.root, "/", 0, &stat));
	MUST(stat.ino == 2 && (stat.mode & FILE_S_IFMT) == FILE_S_IFDIR);
	MUST_KR(try_open(w.root, "a", FILE_O_READ, 0), UNIX_ENOENT);
	MUST_KR(try_open(w.root, "", FILE_O_READ, 0), UNIX_ENOENT);
	MUST_OK(open_file(w.root, "a", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT | FILE_O_EXCL, 0640, &f));
	MUST_KR(try_open(w.root, "a", FILE_O_WRITE | FILE_O_CREAT
	    | FILE_O_EXCL, 0640), UNIX_EEXIST);
	MUST_OK(file_handle_write(f, FILE_OFFSET_CURRENT, 0, "hello ", 6,
	    &done));
	MUST_OK(file_handle_write(f, FILE_OFFSET_CURRENT, 0, "world", 5,
	    &done));
	MUST_OK(file_handle_read(f, FILE_OFFSET_CURRENT, buffer, 10, &done));
	MUST(done == 0);
	MUST_OK(file_handle_seek(f, 6, FILE_SEEK_SET, &position));
	MUST_OK(file_handle_read(f, FILE_OFFSET_CURRENT, buffer, 10, &done));
	MUST(done == 5 && memcmp(buffer, "world", 5) == 0);
	file_handle_stat(f, &stat);
	MUST(stat.size == 11 && stat.mode == (FILE_S_IFREG | 0640)
	    && stat.nlink == 1 && stat.uid == 0);
	MUST_KR(file_handle_seek(f, -12, FILE_SEEK_END, &position),
	    UNIX_EINVAL);
	file_handle_destroy(f);
	check_file(w.root, "/a", "hello world");

	/* Append goes to the end wherever the offset is. */
	MUST_OK(open_file(w.root, "a", FILE_O_WRITE | FILE_O_APPEND, 0, &f));
	MUST_OK(file_handle_write(f, FILE_OFFSET_CURRENT, 0, "!", 1, &done));
	MUST_KR(file_handle_read(f, 0, buffer, 1, &done), UNIX_EBADF);
	file_handle_destroy(f);
	check_file(w.root, "a", "hello world!");

	/* Directories and the errors around them. */
	MUST_OK(do_mkdir(w.root, "d", 0755));
	MUST_KR(do_mkdir(w.root, "d", 0755), UNIX_EEXIST);
	MUST_KR(do_mkdir(w.root, "d/.", 0755), UNIX_EEXIST);
	MUST_KR(do_mkdir(w.root, "/", 0755), UNIX_EEXIST);
	MUST_OK(do_mkdir(w.root, "d/e/", 0755));
	MUST_KR(do_mkdir(w.root, "x/y", 0755), UNIX_ENOENT);
	MUST_KR(do_mkdir(w.root, "a/y", 0755), UNIX_ENOTDIR);
	MUST_KR(do_rmdir(w.root, "d"), UNIX_ENOTEMPTY);
	MUST_KR(do_rmdir(w.root, "d/e/."), UNIX_EINVAL);
	MUST_KR(do_rmdir(w.root, "d/e/.."), UNIX_ENOTEMPTY);
	MUST_KR(do_rmdir(w.root, "/"), UNIX_EBUSY);
	MUST_KR(do_rmdir(w.root, "a"), UNIX_ENOTDIR);
	MUST_KR(do_unlink(w.root, "d"), UNIX_EISDIR);
	MUST_KR(do_unlink(w.root, "a/"), UNIX_ENOTDIR);
	MUST_KR(try_open(w.root, "a/", FILE_O_READ, 0), UNIX_ENOTDIR);
	MUST_KR(try_open(w.root, "new/", FILE_O_WRITE | FILE_O_CREAT, 0644),
	    UNIX_EISDIR);
	MUST_KR(try_open(w.root, "d", FILE_O_WRITE, 0), UNIX_EISDIR);
	MUST_KR(try_open(w.root, "a", FILE_O_READ | FILE_O_DIRECTORY, 0),
	    UNIX_ENOTDIR);
	MUST_OK(try_open(w.root, "d/", FILE_O_READ | FILE_O_DIRECTORY, 0));
	MUST_OK(do_stat(w.root, "d", 0, &stat));
	MUST(stat.nlink == 3);
	MUST_OK(do_stat(w.root, "d/e/../../a", 0, &stat));
	MUST_OK(do_stat(w.root, "../../a", 0, &stat));
	MUST_OK(open_file(w.root, "d", FILE_O_READ, 0, &d));
	MUST_OK(do_rmdir(w.root, "d/e"));
	MUST_OK(do_rmdir(w.root, "d"));
	MUST_KR(do_mkdir(d, "late", 0755), UNIX_ENOENT);
	MUST_KR(do_stat(d, "..", 0, &stat), UNIX_ENOENT);
	MUST_OK(do_stat(d, ".", 0, &stat));
	MUST(stat.nlink == 0);
	file_handle_destroy(d);

	/* An unlinked file lives as long as it is open. */
	MUST_OK(open_file(w.root, "a", FILE_O_READ, 0, &f));
	MUST_OK(do_unlink(w.root, "a"));
	MUST_KR(do_unlink(w.root, "a"), UNIX_ENOENT);
	MUST_OK(file_handle_read(f, 0, buffer, 5, &done));
	MUST(done == 5 && memcmp(buffer, "hello", 5) == 0);
	file_handle_destroy(f);

	/* Long names and paths. */
	memset(buffer, 'x', sizeof(buffer));
	buffer[255] = 0;
	MUST_OK(write_file(w.root, buffer, "long", 4));
	check_file(w.root, buffer, "long");
	buffer[255] = 'x';
	buffer[256] = 0;
	MUST_KR(write_file(w.root, buffer, "long", 4), UNIX_ENAMETOOLONG);
	buffer[256] = '/';
	buffer[4096] = 0;
	MUST_KR(try_open(w.root, buffer, FILE_O_READ, 0),
	    UNIX_ENAMETOOLONG);
	for (int i = 0; i < 4094; i += 2) {
		buffer[i] = '.';
		buffer[i + 1] = '/';
	}
	buffer[4094] = 0;
	MUST_OK(do_stat(w.root, buffer, 0, &stat));

	/* Special files. */
	MUST_OK(do_mknod(w.root, "tty", FILE_S_IFCHR | 0620, 0x0405));
	MUST_OK(do_mknod(w.root, "big", FILE_S_IFBLK | 0620, 0x12345678));
	MUST_OK(do_mknod(w.root, "pipe", FILE_S_IFIFO | 0600, 9));
	MUST_KR(do_mknod(w.user, "tty2", FILE_S_IFCHR | 0600, 1),
	    UNIX_EPERM);
	world_unmount(&w);
	world_mount(&w);
	MUST_OK(do_stat(w.root, "tty", 0, &stat));
	MUST(stat.rdev == 0x0405 && stat.mode == (FILE_S_IFCHR | 0620));
	MUST_OK(do_stat(w.root, "big", 0, &stat));
	MUST(stat.rdev == 0x12345678);
	MUST_OK(open_file(w.root, "tty", FILE_O_READ | FILE_O_WRITE, 0, &f));
	MUST_KR(file_handle_read(f, 0, buffer, 1, &done), UNIX_ENXIO);
	file_handle_destroy(f);
	MUST_OK(do_unlink(w.root, "tty"));
	world_end(&w);
}

static void
test_links(void)
{
	struct world w;
	struct file_stat stat;
	struct file_handle *f;
	struct file_handle *h;
	struct file_found found;
	char target[4096];
	char name[32];
	size_t len;

	world_setup(&w, "links", 8192, "-b 1024");
	MUST_OK(do_mkdir(w.root, "d", 0755));
	MUST_OK(write_file(w.root, "d/f", "data", 4));
	MUST_OK(do_symlink(w.root, "d/f", "s"));
	MUST_OK(do_symlink(w.root, "/d", "abs"));
	MUST_OK(do_symlink(w.root, "../d/f", "d/up"));
	MUST_OK(do_symlink(w.root, "nowhere", "dangling"));
	MUST_OK(do_symlink(w.root, "loop", "loop"));
	MUST_KR(do_symlink(w.root, "", "empty"), UNIX_ENOENT);
	check_file(w.root, "s", "data");
	check_file(w.root, "abs/f", "data");
	check_file(w.root, "abs/up", "data");
	MUST_KR(try_open(w.root, "loop", FILE_O_READ, 0), UNIX_ELOOP);
	MUST_KR(try_open(w.root, "loop/x", FILE_O_READ, 0), UNIX_ELOOP);
	MUST_KR(try_open(w.root, "s", FILE_O_READ | FILE_O_NOFOLLOW, 0),
	    UNIX_ELOOP);
	MUST_OK(do_stat(w.root, "s", FILE_O_NOFOLLOW, &stat));
	MUST((stat.mode & FILE_S_IFMT) == FILE_S_IFLNK && stat.size == 3);
	MUST_OK(do_stat(w.root, "abs/", FILE_O_NOFOLLOW, &stat));
	MUST((stat.mode & FILE_S_IFMT) == FILE_S_IFDIR);
	MUST_KR(try_open(w.root, "s/", FILE_O_READ, 0), UNIX_ENOTDIR);

	/* Creating through a dangling link. */
	MUST_KR(try_open(w.root, "dangling", FILE_O_WRITE | FILE_O_CREAT
	    | FILE_O_EXCL, 0644), UNIX_EEXIST);
	MUST_OK(write_file(w.root, "dangling", "made", 4));
	check_file(w.root, "nowhere", "made");

	/* Forty links are the limit. */
	MUST_OK(do_symlink(w.root, "nowhere", "c0"));
	for (int i = 1; i <= 40; i++) {
		snprintf(target, sizeof(target), "c%d", i - 1);
		snprintf(name, sizeof(name), "c%d", i);
		MUST_OK(do_symlink(w.root, target, name));
	}
	check_file(w.root, "c39", "made");
	MUST_KR(try_open(w.root, "c40", FILE_O_READ, 0), UNIX_ELOOP);

	/* Long targets. */
	memset(target, '/', sizeof(target));
	memcpy(target + 900, "nowhere", 8);
	MUST_OK(do_symlink(w.root, target, "slow"));
	check_file(w.root, "slow", "made");
	{
		struct file_from from = file_handle_from(w.root);

		MUST_OK(file_ops_read_link(&from, "slow", 4, target, &len));
		MUST(len == 907);
		MUST_KR(file_ops_read_link(&from, "d", 1, target, &len),
		    UNIX_EINVAL);
	}

	/* Hard links. */
	MUST_OK(do_link(w.root, "d/f", "hard"));
	MUST_KR(do_link(w.root, "d/f", "hard"), UNIX_EEXIST);
	MUST_KR(do_link(w.root, "d", "hard2"), UNIX_EPERM);
	MUST_OK(do_link(w.root, "s", "hard-s"));
	MUST_OK(do_stat(w.root, "hard-s", FILE_O_NOFOLLOW, &stat));
	MUST((stat.mode & FILE_S_IFMT) == FILE_S_IFLNK && stat.nlink == 2);
	MUST_OK(do_stat(w.root, "hard", 0, &stat));
	MUST(stat.nlink == 2);
	MUST_OK(do_unlink(w.root, "d/f"));
	check_file(w.root, "hard", "data");

	/* A handle's root is where `..' and absolute links end. */
	MUST_OK(open_file(w.root, "d", FILE_O_PATH, 0, &f));
	MUST_OK(file_handle_chroot(f, &h));
	file_handle_destroy(f);
	MUST_OK(write_file(h, "/inside", "in", 2));
	check_file(h, "../../inside", "in");
	check_file(w.root, "d/inside", "in");
	MUST_OK(do_symlink(h, "/inside", "l"));
	check_file(h, "l", "in");
	MUST_KR(try_open(w.root, "d/l", FILE_O_READ, 0), UNIX_ENOENT);
	{
		struct ext2_inode *dir = w.root->open->inode;

		MUST_OK(do_mkdir(w.root, "d/sub", 0755));
		MUST_OK(open_file(w.root, "d/sub", FILE_O_PATH, 0, &f));
		MUST_OK(file_path_of(dir, f->open->inode, target, &len));
		MUST(len == 6 && memcmp(target, "/d/sub", 6) == 0);
		MUST_OK(file_path_of(h->root, f->open->inode, target, &len));
		MUST(len == 4 && memcmp(target, "/sub", 4) == 0);
		MUST_OK(file_path_of(dir, dir, target, &len));
		MUST(len == 1 && target[0] == '/');
		MUST_KR(file_path_of(h->root, dir, target, &len),
		    FILE_ECROSS);
	}
	file_handle_destroy(h);

	/* Mount points. */
	MUST_OK(file_handle_mount(f, 7));
	MUST_KR(file_handle_mount(f, 8), UNIX_EBUSY);
	MUST_OK(lookup(w.root, "d/sub/x/../y/", FILE_O_READ, 0, &h, &found));
	MUST(h == NULL && found.result.retry == FILE_RETRY_MOUNT
	    && found.result.mount_id == 7 && found.rest_len == 8
	    && memcmp(found.rest, "/x/../y/", 8) == 0);
	MUST_OK(lookup(w.root, "d/sub", FILE_O_READ, 0, &h, &found));
	MUST(h == NULL && found.result.retry == FILE_RETRY_MOUNT
	    && found.rest_len == 0);
	MUST_KR(do_rmdir(w.root, "d/sub"), UNIX_EBUSY);
	MUST_KR(do_rename(w.root, "d/sub", "elsewhere", 0), UNIX_EBUSY);
	MUST_KR(do_mkdir(w.root, "d/sub/x", 0755), FILE_ECROSS);
	MUST_OK(lookup(w.root, "d/sub", FILE_O_PARENT, 0, &h, &found));
	MUST(h != NULL && found.rest_len == 3);
	file_handle_destroy(h);
	file_handle_destroy(f);
	MUST_OK(file_handle_unmount(w.fs, 7));
	MUST_KR(file_handle_unmount(w.fs, 7), UNIX_EINVAL);
	MUST_OK(do_rmdir(w.root, "d/sub"));
	world_unmount(&w);
	world_mount(&w);
	world_end(&w);
}

static void
test_links_mounted(void)
{
	struct world w;
	struct file_handle *h;
	struct file_handle *root;
	struct file_found found;
	struct file_cred *cred;

	world_setup(&w, "mounted", 4096, "");
	MUST_OK(file_cred_create(0, 0, NULL, 0, &cred));
	MUST_OK(file_handle_root(w.fs, cred, true, &root));
	file_cred_unref(cred);
	MUST_OK(do_mkdir(root, "d", 0755));
	MUST_OK(do_symlink(root, "/etc/x", "abs"));
	MUST_OK(lookup(root, "abs/y", FILE_O_READ, 0, &h, &found));
	MUST(h == NULL && found.result.retry == FILE_RETRY_ROOT
	    && found.rest_len == 8 && memcmp(found.rest, "/etc/x/y", 8) == 0);
	MUST_OK(lookup(root, "d/../../up", FILE_O_READ, 0, &h, &found));
	MUST(h == NULL && found.result.retry == FILE_RETRY_PARENT
	    && found.rest_len == 3 && memcmp(found.rest, "/up", 3) == 0);
	file_handle_destroy(root);
	world_end(&w);
}

static void
test_rename(void)
{
	struct world w;
	struct file_stat stat;

	world_setup(&w, "rename", 8192, "-b 2048");
	MUST_OK(do_mkdir(w.root, "a", 0755));
	MUST_OK(do_mkdir(w.root, "a/b", 0755));
	MUST_OK(do_mkdir(w.root, "a/b/c", 0755));
	MUST_OK(do_mkdir(w.root, "z", 0755));
	MUST_OK(write_file(w.root, "f", "f", 1));
	MUST_OK(write_file(w.root, "g", "g", 1));
	MUST_KR(do_rename(w.root, "none", "x", 0), UNIX_ENOENT);
	MUST_KR(do_rename(w.root, "a", "a/b/c/x", 0), UNIX_EINVAL);
	MUST_KR(do_rename(w.root, "a", "a/x", 0), UNIX_EINVAL);
	MUST_KR(do_rename(w.root, "a/b/c", "a/b", 0), UNIX_ENOTEMPTY);
	MUST_KR(do_rename(w.root, "f", "a", 0), UNIX_EISDIR);
	MUST_KR(do_rename(w.root, "a", "f", 0), UNIX_ENOTDIR);
	MUST_KR(do_rename(w.root, "z", "a", 0), UNIX_ENOTEMPTY);
	MUST_KR(do_rename(w.root, "f", "x/", 0), UNIX_ENOTDIR);
	MUST_KR(do_rename(w.root, "f/", "x", 0), UNIX_ENOTDIR);
	MUST_KR(do_rename(w.root, "a/.", "x", 0), UNIX_EBUSY);
	MUST_KR(do_rename(w.root, "a", "z/..", 0), UNIX_EBUSY);
	MUST_KR(do_rename(w.root, "f", "g", FILE_RENAME_NOREPLACE),
	    UNIX_EEXIST);
	MUST_OK(do_rename(w.root, "f", "f", 0));
	MUST_OK(do_rename(w.root, "f", "g", 0));
	check_file(w.root, "g", "f");
	MUST_KR(do_stat(w.root, "f", 0, &stat), UNIX_ENOENT);
	MUST_OK(do_link(w.root, "g", "h"));
	MUST_OK(do_rename(w.root, "g", "h", 0));
	MUST_OK(do_stat(w.root, "g", 0, &stat));
	MUST(stat.nlink == 2);

	/* A directory into another one: its `..' and the counts follow. */
	MUST_OK(do_rename(w.root, "a/b", "z/b/", 0));
	MUST_OK(do_stat(w.root, "a", 0, &stat));
	MUST(stat.nlink == 2);
	MUST_OK(do_stat(w.root, "z", 0, &stat));
	MUST(stat.nlink == 3);
	MUST_OK(do_stat(w.root, "z/b/../../g", 0, &stat));
	/* Over an empty directory. */
	MUST_OK(do_rename(w.root, "z/b", "a", 0));
	MUST_OK(do_stat(w.root, "a/c", 0, &stat));
	MUST_OK(do_stat(w.root, "z", 0, &stat));
	MUST(stat.nlink == 2);
	/* Exchange. */
	MUST_OK(do_rename(w.root, "a/c", "g", FILE_RENAME_EXCHANGE));
	check_file(w.root, "a/c", "f");
	MUST_OK(do_stat(w.root, "g", 0, &stat));
	MUST((stat.mode & FILE_S_IFMT) == FILE_S_IFDIR);
	MUST_KR(do_rename(w.root, "g", "none", FILE_RENAME_EXCHANGE),
	    UNIX_ENOENT);
	world_end(&w);
}

static void
test_permissions(void)
{
	struct world w;
	struct file_handle *other;
	struct file_handle *f;
	struct file_stat stat;
	struct file_attr attr;
	size_t done;
	int prot;

	world_setup(&w, "perm", 8192, "");
	other = world_client(&w, 1001, 100);
	MUST_KR(do_mkdir(w.user, "no", 0755), UNIX_EACCES);
	MUST_OK(do_mkdir(w.root, "tmp", 01777));
	MUST_OK(do_mkdir(w.user, "tmp/mine", 0700));
	MUST_OK(write_file(w.user, "tmp/mine/f", "x", 1));
	MUST_OK(do_stat(w.root, "tmp/mine/f", 0, &stat));
	MUST(stat.uid == 1000 && stat.gid == 100);
	MUST_KR(do_stat(other, "tmp/mine/f", 0, &stat), UNIX_EACCES);
	MUST_OK(do_stat(other, "tmp/mine", 0, &stat));
	MUST_OK(write_file(w.user, "tmp/f", "x", 1));
	MUST_KR(do_unlink(other, "tmp/f"), UNIX_EPERM);
	MUST_KR(do_rename(other, "tmp/f", "tmp/g", 0), UNIX_EPERM);
	MUST_KR(try_open(other, "tmp/f", FILE_O_WRITE, 0), UNIX_EACCES);
	MUST_OK(try_open(other, "tmp/f", FILE_O_READ, 0));
	MUST_KR(do_chmod(other, "tmp/f", 0777), UNIX_EPERM);
	MUST_OK(do_chmod(w.user, "tmp/f", 0620));
	MUST_OK(try_open(other, "tmp/f", FILE_O_WRITE, 0));
	MUST_KR(try_open(other, "tmp/f", FILE_O_READ, 0), UNIX_EACCES);
	MUST_KR(do_chown(w.user, "tmp/f", 1001, 100), UNIX_EPERM);
	MUST_KR(do_chown(w.user, "tmp/f", 1000, 5), UNIX_EPERM);
	MUST_OK(do_chown(w.user, "tmp/f", 1000, 100));
	MUST_KR(try_open(w.root, "tmp/f", FILE_O_EXEC, 0), UNIX_EACCES);
	MUST_OK(do_chmod(w.user, "tmp/f", 04711));
	MUST_OK(try_open(other, "tmp/f", FILE_O_EXEC, 0));
	MUST_KR(try_open(other, "tmp/f", FILE_O_EXEC | FILE_O_READ, 0),
	    UNIX_EACCES);
	/* To run it is not to read it. */
	MUST_OK(open_file(other, "tmp/f", FILE_O_EXEC, 0, &f));
	MUST_KR(file_handle_read(f, 0, &done, 1, &done), UNIX_EBADF);
	MUST_KR(file_handle_check_map(f, 1, &prot), UNIX_EACCES);
	file_handle_destroy(f);
	MUST_KR(try_open(w.root, "tmp", FILE_O_EXEC, 0), UNIX_EACCES);
	MUST_OK(try_open(w.user, "tmp/mine", FILE_O_EXEC | FILE_O_DIRECTORY,
	    0));
	MUST_KR(try_open(other, "tmp/mine", FILE_O_EXEC | FILE_O_DIRECTORY,
	    0), UNIX_EACCES);
	/* Set-id bits do not survive a write by somebody else than root. */
	MUST_OK(open_file(w.user, "tmp/f", FILE_O_WRITE, 0, &f));
	MUST_OK(file_handle_write(f, 0, 0, "y", 1, &done));
	file_handle_stat(f, &stat);
	MUST((stat.mode & 07777) == 0711);
	file_handle_destroy(f);
	/* Nor a change of owner. */
	MUST_OK(do_chmod(w.root, "tmp/f", 06755));
	MUST_OK(do_chown(w.root, "tmp/f", 1001, 7));
	MUST_OK(do_stat(w.root, "tmp/f", 0, &stat));
	MUST((stat.mode & 07777) == 0755 && stat.uid == 1001
	    && stat.gid == 7);
	/* A set-gid directory gives its group on. */
	MUST_OK(do_mkdir(w.root, "share", 02777));
	MUST_OK(do_chown(w.root, "share", 0, 55));
	MUST_OK(do_mkdir(w.user, "share/d", 0755));
	MUST_OK(do_stat(w.root, "share/d", 0, &stat));
	MUST(stat.gid == 55 && (stat.mode & 07777) == 02755);
	/* Times. */
	memset(&attr, 0, sizeof(attr));
	attr.valid = FILE_ATTR_ATIME | FILE_ATTR_MTIME;
	attr.atime.sec = 1000;
	attr.atime.nsec = 5;
	attr.mtime.sec = 5000000000LL;
	attr.mtime.nsec = 999999999;
	MUST_KR(do_set_attr(w.user, "tmp/f", &attr), UNIX_EPERM);
	MUST_OK(do_set_attr(other, "tmp/f", &attr));
	attr.mtime.nsec = 1000000000;
	MUST_KR(do_set_attr(other, "tmp/f", &attr), UNIX_EINVAL);
	attr.valid = FILE_ATTR_ATIME_NOW;
	MUST_KR(do_set_attr(w.user, "tmp/f", &attr), UNIX_EACCES);
	MUST_OK(do_chmod(w.root, "tmp/f", 0666));
	file_handle_destroy(other);
	world_unmount(&w);
	world_mount(&w);
	MUST_OK(do_stat(w.root, "tmp/f", 0, &stat));
	MUST(stat.atime.sec == 1000 && stat.atime.nsec == 5);
	MUST(stat.mtime.sec == 5000000000LL && stat.mtime.nsec == 999999999);
	attr.valid = FILE_ATTR_ATIME_NOW;
	MUST_OK(do_set_attr(w.user, "tmp/f", &attr));
	world_end(&w);
}

static void
test_sparse(const char *arguments)
{
	static const uint64_t places[] = {
		0, 11 * 1024, 12 * 1024, 13 * 1024, 267 * 1024, 268 * 1024,
		269 * 1024, 48 << 10, 4 << 20, 65 << 20, 70 << 20,
		(UINT64_C(1) << 31) - 3, (UINT64_C(5) << 30) + 7,
		(UINT64_C(15) << 30) + 1
	};
	struct world w;
	struct file_handle *f;
	struct file_stat stat;
	struct file_statfs before;
	struct file_statfs after;
	char buffer[16];
	size_t count = sizeof(places) / sizeof(places[0]);
	size_t done;
	int64_t position;

	world_setup(&w, "sparse", 8192, arguments);
	ext2_fs_statfs(w.fs, &before);
	MUST_OK(open_file(w.root, "s", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT, 0644, &f));
	for (size_t i = 0; i < count; i++) {
		snprintf(buffer, sizeof(buffer), "at %10u",
		    (unsigned) (places[i] >> 10));
		MUST_OK(file_handle_write(f, places[i], 0, buffer, 8,
		    &done));
		MUST(done == 8);
	}
	MUST_KR(file_handle_write(f, INT64_C(1) << 50, 0, "x", 1, &done),
	    UNIX_EFBIG);
	for (size_t i = 0; i < count; i++) {
		char want[16];

		snprintf(want, sizeof(want), "at %10u",
		    (unsigned) (places[i] >> 10));
		MUST_OK(file_handle_read(f, places[i], buffer, 8, &done));
		MUST(done == 8 && memcmp(buffer, want, 8) == 0);
	}
	MUST_OK(file_handle_read(f, 30 << 20, buffer, 8, &done));
	MUST(done == 8 && memcmp(buffer, "\0\0\0\0\0\0\0\0", 8) == 0);
	MUST_OK(file_handle_seek(f, 10 << 20, FILE_SEEK_DATA, &position));
	MUST(position <= 65 << 20 && position > 64 << 20);
	MUST_OK(file_handle_seek(f, 0, FILE_SEEK_HOLE, &position));
	MUST(position > 0 && position < 300 * 1024);
	MUST_KR(file_handle_seek(f, INT64_C(1) << 40, FILE_SEEK_DATA,
	    &position), UNIX_ENXIO);
	file_handle_stat(f, &stat);
	MUST(stat.size == places[count - 1] + 8 && stat.blocks < 1000);
	file_handle_destroy(f);
	world_unmount(&w);
	image_check_clean(&w.image);
	world_mount(&w);
	/* Cut it shorter and shorter. */
	for (size_t i = count; i > 0; i--) {
		MUST_OK(do_truncate(w.root, "s", places[i - 1] + 4));
		MUST_OK(do_truncate(w.root, "s", places[i - 1] + 9));
		MUST_OK(open_file(w.root, "s", FILE_O_READ, 0, &f));
		MUST_OK(file_handle_read(f, places[i - 1] + 3, buffer, 8,
		    &done));
		MUST(done == 6 && memcmp(buffer + 1, "\0\0\0\0\0", 5) == 0);
		file_handle_destroy(f);
	}
	MUST_OK(do_truncate(w.root, "s", 0));
	MUST_OK(do_stat(w.root, "s", 0, &stat));
	MUST(stat.size == 0 && stat.blocks == 0);
	MUST_OK(do_unlink(w.root, "s"));
	ext2_fs_statfs(w.fs, &after);
	MUST(after.bfree == before.bfree && after.ffree == before.ffree);
	world_end(&w);
}

static void
test_directory(const char *arguments)
{
	struct world w;
	struct file_handle *d;
	struct file_dirent *entry;
	static char seen[3000];
	char name[64];
	char buffer[1000];
	size_t used;
	unsigned count = 0;
	int64_t cookie = 0;
	int64_t half = 0;

	world_setup(&w, "dir", 16384, arguments);
	MUST_OK(do_mkdir(w.root, "d", 0755));
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "d/a-rather-long-name-%d", i);
		MUST_OK(do_mknod(w.root, name, FILE_S_IFREG | 0644, 0));
	}
	for (int i = 0; i < 3000; i += 3) {
		snprintf(name, sizeof(name), "d/a-rather-long-name-%d", i);
		MUST_OK(do_unlink(w.root, name));
	}
	MUST_OK(open_file(w.root, "d", FILE_O_READ, 0, &d));
	MUST_KR(file_handle_read(d, 0, buffer, 10, &used), UNIX_EISDIR);
	MUST_KR(file_handle_read_dir(d, 0, buffer, 10, &used), UNIX_EINVAL);
	memset(seen, 0, sizeof(seen));
	for (;;) {
		MUST_OK(file_handle_read_dir(d, FILE_OFFSET_CURRENT, buffer,
		    sizeof(buffer), &used));
		if (used == 0) {
			break;
		}
		for (size_t at = 0; at < used; at += entry->reclen) {
			int number = -1;

			entry = (struct file_dirent *) (buffer + at);
			count++;
			cookie = entry->next;
			if (count == 500) {
				half = cookie;
			}
			if (sscanf(entry->name, "a-rather-long-name-%d",
			    &number) == 1) {
				MUST(number % 3 != 0 && !seen[number]);
				MUST(entry->type == 8);
				seen[number] = 1;
			} else {
				MUST(strcmp(entry->name, ".") == 0
				    || strcmp(entry->name, "..") == 0);
				MUST(entry->type == 4);
			}
		}
	}
	MUST(count == 2002);
	/* Cookies still work when entries around them go. */
	for (int i = 1; i < 3000; i += 3) {
		snprintf(name, sizeof(name), "d/a-rather-long-name-%d", i);
		MUST_OK(do_unlink(w.root, name));
	}
	MUST_OK(file_handle_read_dir(d, half, buffer, sizeof(buffer),
	    &used));
	MUST(used > 0);
	file_handle_destroy(d);
	MUST_KR(do_rmdir(w.root, "d"), UNIX_ENOTEMPTY);
	for (int i = 2; i < 3000; i += 3) {
		snprintf(name, sizeof(name), "d/a-rather-long-name-%d", i);
		MUST_OK(do_unlink(w.root, name));
	}
	MUST_OK(do_rmdir(w.root, "d"));
	world_end(&w);
}

/* A directory that mke2fs has hashed stays readable and can be changed. */
static void
test_hashed(void)
{
	struct world w;
	struct file_stat stat;
	char command[1024];
	char name[64];

	snprintf(command, sizeof(command), "rm -rf /tmp/hashed.%d && "
	    "mkdir -p /tmp/hashed.%d/d && cd /tmp/hashed.%d/d && "
	    "for i in $(seq 0 799); do : >file-with-a-name-$i; done",
	    (int) getpid(), (int) getpid(), (int) getpid());
	MUST(system(command) == 0);
	snprintf(command, sizeof(command), "-b 1024 -d /tmp/hashed.%d",
	    (int) getpid());
	image_make(&w.image, "hashed", 8192, command);
	snprintf(command, sizeof(command),
	    "rm -rf /tmp/hashed.%d; /sbin/e2fsck -fyD %s >/dev/null 2>&1",
	    (int) getpid(), w.image.path);
	(void) system(command);
	world_mount(&w);
	for (int i = 0; i < 800; i++) {
		snprintf(name, sizeof(name), "d/file-with-a-name-%d", i);
		MUST_OK(do_stat(w.root, name, 0, &stat));
	}
	MUST_OK(do_unlink(w.root, "d/file-with-a-name-400"));
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "d/another-%d", i);
		MUST_OK(write_file(w.root, name, name, strlen(name)));
	}
	for (int i = 0; i < 800; i++) {
		snprintf(name, sizeof(name), "d/file-with-a-name-%d", i);
		MUST_KR(do_stat(w.root, name, 0, &stat),
		    i == 400 ? UNIX_ENOENT : KERN_SUCCESS);
	}
	world_end(&w);
}

static void
test_full(const char *arguments)
{
	struct world w;
	struct file_handle *f;
	struct file_statfs before;
	struct file_statfs after;
	static char block[64 * 1024];
	char name[32];
	size_t done;
	kern_return_t kr;
	int files;

	world_setup(&w, "full", 1024, arguments);
	MUST_OK(do_mkdir(w.root, "u", 0777));
	ext2_fs_statfs(w.fs, &before);
	MUST_OK(open_file(w.user, "u/big", FILE_O_WRITE | FILE_O_CREAT, 0644,
	    &f));
	do {
		kr = file_handle_write(f, FILE_OFFSET_CURRENT, 0, block,
		    sizeof(block), &done);
	} while (kr == KERN_SUCCESS);
	MUST(kr == UNIX_ENOSPC);
	/* What is left is for uid 0, who uses it up. */
	ext2_fs_statfs(w.fs, &after);
	MUST(after.bavail == 0 && after.bfree > 0);
	MUST_KR(do_mkdir(w.user, "u/d", 0755), UNIX_ENOSPC);
	MUST_OK(do_mkdir(w.root, "u/d", 0755));
	file_handle_destroy(f);
	MUST_OK(open_file(w.root, "u/big", FILE_O_WRITE | FILE_O_APPEND, 0,
	    &f));
	do {
		kr = file_handle_write(f, FILE_OFFSET_CURRENT, 0, block, 100,
		    &done);
	} while (kr == KERN_SUCCESS);
	MUST(kr == UNIX_ENOSPC);
	file_handle_destroy(f);
	MUST_KR(do_mkdir(w.root, "u/e", 0755), UNIX_ENOSPC);
	MUST_KR(do_symlink(w.root, "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789", "u/l"), UNIX_ENOSPC);
	/* Files without contents, until there are no inodes. */
	for (files = 0;; files++) {
		snprintf(name, sizeof(name), "u/%d", files);
		kr = do_mknod(w.root, name, FILE_S_IFREG | 0600, 0);
		if (kr != KERN_SUCCESS) {
			break;
		}
	}
	MUST(kr == UNIX_ENOSPC);
	world_unmount(&w);
	image_check_clean(&w.image);
	world_mount(&w);
	MUST_OK(do_unlink(w.root, "u/big"));
	for (int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "u/%d", i);
		MUST_OK(do_unlink(w.root, name));
	}
	MUST_OK(do_rmdir(w.root, "u/d"));
	MUST_OK(do_rmdir(w.root, "u"));
	MUST_OK(do_mkdir(w.root, "u", 0777));
	ext2_fs_statfs(w.fs, &after);
	MUST(after.bfree == before.bfree && after.ffree == before.ffree);
	world_end(&w);
}

/* Second reading costs no disk; a big file does not push out everything. */
static void
test_cache(void)
{
	struct world w;
	static char data[100 * 1024];
	size_t size;
	uint32_t reads;

	world_setup(&w, "cache", 8192, "-b 4096");
	for (size_t i = 0; i < sizeof(data); i++) {
		data[i] = i * 7;
	}
	MUST_OK(write_file(w.root, "f", data, sizeof(data)));
	world_unmount(&w);
	world_mount(&w);
	w.image.reads = 0;
	free(read_file(w.root, "f", &size));
	reads = w.image.reads;
	MUST(reads < 12);
	for (int i = 0; i < 5; i++) {
		char *copy = read_file(w.root, "f", &size);

		MUST(memcmp(copy, data, size) == 0);
		free(copy);
	}
	MUST(w.image.reads == reads);
	world_end(&w);

	/* Without memory it makes do with little, and loses nothing. */
	world_cache_bytes = 1024 * 1024;
	file_image_memory_short = true;
	world_setup(&w, "cache", 8192, "-b 1024");
	for (int i = 0; i < 10; i++) {
		char name[] = { 'a' + i, 0 };
		char *copy;

		MUST_OK(write_file(w.root, name, data, sizeof(data)));
		MUST(w.fs->cache.count <= 4 * CACHE_THREADS + 64);
		copy = read_file(w.root, name, &size);
		MUST(size == sizeof(data) && memcmp(copy, data, size) == 0);
		free(copy);
	}
	file_image_memory_short = false;
	world_cache_bytes = 256 * 1024;
	world_end(&w);
}

static void
test_locks(void)
{
	struct world w;
	struct file_handle *a;
	struct file_handle *b;

	world_setup(&w, "locks", 2048, "");
	MUST_OK(write_file(w.root, "f", "", 0));
	MUST_OK(open_file(w.root, "f", FILE_O_READ, 0, &a));
	MUST_OK(open_file(w.root, "f", FILE_O_READ, 0, &b));
	MUST_OK(file_handle_lock(a, FILE_LOCK_SHARED));
	MUST_OK(file_handle_lock(b, FILE_LOCK_SHARED));
	MUST_KR(file_handle_lock(a, FILE_LOCK_EXCLUSIVE),
	    UNIX_EWOULDBLOCK);
	MUST_OK(file_handle_lock(b, FILE_LOCK_NONE));
	MUST_OK(file_handle_lock(a, FILE_LOCK_EXCLUSIVE));
	MUST_KR(file_handle_lock(b, FILE_LOCK_SHARED), UNIX_EWOULDBLOCK);
	file_handle_destroy(a);
	MUST_OK(file_handle_lock(b, FILE_LOCK_EXCLUSIVE));
	file_handle_destroy(b);
	world_end(&w);
}

#define PAGING	(FILE_O_READ | FILE_O_WRITE | FILE_O_PAGING)

/* What others get that want to change a file under a pager. */
static void
check_held(struct world *w, kern_return_t want)
{
	MUST_KR(try_open(w->root, "swap", FILE_O_WRITE, 0), want);
	MUST_KR(try_open(w->root, "swap", FILE_O_WRITE | FILE_O_CREAT, 0644),
	    want);
	MUST_KR(try_open(w->root, "swap", FILE_O_READ | FILE_O_TRUNC, 0),
	    want);
	MUST_KR(do_truncate(w->root, "swap", 2), want);
	MUST_OK(try_open(w->root, "swap", FILE_O_READ, 0));
	MUST_OK(do_chmod(w->root, "swap", 0666));
}

/* A file that memory is paged into is the pager's alone, while it has it. */
static void
test_hold(void)
{
	struct file_attr attr = { .valid = FILE_ATTR_SIZE, .size = 5 };
	struct file_handle *pager;
	struct file_handle *other;
	struct world w;

	world_setup(&w, "hold", 4096, "-b 1024");
	MUST_OK(write_file(w.root, "swap", "to be paged into", 16));
	MUST_OK(do_chmod(w.root, "swap", 0666));
	MUST_OK(open_file(w.root, "swap", FILE_O_WRITE, 0, &other));
	MUST_KR(try_open(w.root, "swap", PAGING, 0), UNIX_ETXTBSY);
	MUST_KR(try_open(w.root, "swap", PAGING | FILE_O_TRUNC, 0),
	    UNIX_ETXTBSY);
	file_handle_destroy(other);

	MUST_OK(open_file(w.root, "swap", PAGING, 0, &pager));
	check_held(&w, UNIX_ETXTBSY);
	/* The next pager, before the death of this one is known. */
	MUST_OK(open_file(w.root, "swap", PAGING, 0, &other));
	file_handle_destroy(pager);
	check_held(&w, UNIX_ETXTBSY);
	check_file(w.root, "swap", "to be paged into");
	MUST_OK(file_handle_set_attr(other, &attr));
	check_file(w.root, "swap", "to be");
	file_handle_destroy(other);

	/* For others than the superuser it is a file like any other. */
	MUST_OK(open_file(w.user, "swap", PAGING, 0, &pager));
	check_held(&w, KERN_SUCCESS);
	file_handle_destroy(pager);
	world_end(&w);
}

static void
test_read_only(void)
{
	struct world w;
	struct file_handle *f;
	size_t done;

	world_setup(&w, "readonly", 2048, "");
	MUST_OK(write_file(w.root, "f", "abc", 3));
	MUST_OK(open_file(w.root, "f", FILE_O_READ | FILE_O_WRITE, 0, &f));
	MUST(file_handle_any_writer(w.fs));
	MUST_OK(ext2_fs_set_read_only(w.fs, true));
	image_check_clean(&w.image);
	MUST_KR(file_handle_write(f, 0, 0, "x", 1, &done), UNIX_EROFS);
	MUST_KR(do_mkdir(w.root, "d", 0755), UNIX_EROFS);
	MUST_KR(do_unlink(w.root, "f"), UNIX_EROFS);
	MUST_KR(do_chmod(w.root, "f", 0), UNIX_EROFS);
	MUST_KR(do_rename(w.root, "f", "g", 0), UNIX_EROFS);
	MUST_KR(do_link(w.root, "f", "g"), UNIX_EROFS);
	check_file(w.root, "f", "abc");
	file_handle_destroy(f);
	MUST(!file_handle_any_writer(w.fs));
	MUST_OK(ext2_fs_set_read_only(w.fs, false));
	/* In use without a name: it must not stay on the disk. */
	MUST_OK(open_file(w.root, "f", FILE_O_READ | FILE_O_WRITE, 0, &f));
	MUST_OK(do_unlink(w.root, "f"));
	MUST(ext2_inode_has_orphans(w.fs));
	MUST_OK(ext2_fs_set_read_only(w.fs, true));
	image_check_clean(&w.image);
	MUST(!ext2_inode_has_orphans(w.fs));
	MUST_OK(ext2_fs_set_read_only(w.fs, false));
	MUST_OK(write_file(w.root, "g", "new", 3));
	MUST_KR(file_handle_write(f, 0, 0, "x", 1, &done), UNIX_EIO);
	file_handle_destroy(f);
	check_file(w.root, "g", "new");
	world_end(&w);
}

/* An unreadable or unwritable disk gives errors, and loses nothing else. */
static void
test_disk_errors(void)
{
	struct world w;
	struct file_handle *f;
	static char data[300000];
	char byte;
	size_t done;

	world_setup(&w, "ioerror", 8192, "-b 1024");
	MUST_OK(write_file(w.root, "f", data, sizeof(data)));
	world_unmount(&w);
	world_mount(&w);
	MUST_OK(open_file(w.root, "f", FILE_O_READ | FILE_O_WRITE, 0, &f));
	w.image.read_fails = true;
	MUST_KR(file_handle_read(f, 200000, &byte, 1, &done), UNIX_EIO);
	w.image.read_fails = false;
	MUST_OK(file_handle_read(f, 200000, &byte, 1, &done));
	w.image.write_fails = true;
	MUST_OK(file_handle_write(f, 5, 0, "x", 1, &done));
	MUST_KR(file_handle_sync(f), UNIX_EIO);
	MUST_KR(ext2_fs_sync(w.fs), UNIX_EIO);
	w.image.write_fails = false;
	MUST_OK(file_handle_sync(f));
	file_handle_destroy(f);
	world_end(&w);
}

static void
test_store(void)
{
	enum { SIZE = 64 * 1024, END = SIZE - 100 };
	struct world w;
	struct file_handle *f;
	struct ext2_inode *inode;
	char *pages = malloc(SIZE);
	char *copy;
	size_t size;

	world_setup(&w, "store", 8192, "-b 1024");
	memset(pages, 'o', SIZE);
	MUST_OK(write_file(w.root, "f", pages, END));
	MUST_OK(open_file(w.root, "f", FILE_O_READ | FILE_O_WRITE, 0, &f));
	inode = f->open->inode;
	/* What the cache has of it is dirty, and older. */
	memset(pages, 'n', SIZE);
	w.image.writes = 0;
	ext2_inode_lock(inode);
	MUST_OK(ext2_data_store(inode, 0, pages, SIZE));
	ext2_inode_unlock(inode);
	/* Its blocks, with a map block in between. */
	MUST(w.image.writes == 2);
	MUST(pages[END] == 0);
	copy = read_file(w.root, "f", &size);
	MUST(size == END && memcmp(copy, pages, END) == 0);
	free(copy);
	/* What cannot be written is written later. */
	memset(pages, 'l', SIZE);
	w.image.write_fails = true;
	ext2_inode_lock(inode);
	MUST_OK(ext2_data_store(inode, 4096, pages, 8192));
	ext2_inode_unlock(inode);
	MUST_KR(file_handle_sync(f), UNIX_EIO);
	w.image.write_fails = false;
	file_handle_destroy(f);
	world_unmount(&w);
	world_mount(&w);
	copy = read_file(w.root, "f", &size);
	MUST(size == END && copy[4095] == 'n' && copy[4096] == 'l'
	    && copy[12287] == 'l' && copy[12288] == 'n');
	free(copy);
	free(pages);
	world_end(&w);
}

/* A piece is there for pages before the file is that long. */
static void
test_piece(void)
{
	struct ext2_piece piece = { .offset = 100, .data = (const uint8_t *)
	    "0123456789", .size = 10 };
	struct world w;
	struct file_handle *f;
	struct ext2_inode *inode;
	char *copy;
	char page[4096];
	size_t size;

	world_setup(&w, "piece", 8192, "-b 1024");
	MUST_OK(open_file(w.root, "f", FILE_O_CREAT | FILE_O_WRITE, 0, &f));
	inode = f->open->inode;
	ext2_inode_lock(inode);
	MUST_OK(ext2_piece_begin(inode, &piece, true));
	MUST(inode->size == 0 && ext2_piece_limit(inode) == 110);
	memset(page, 'x', sizeof(page));
	MUST_OK(ext2_data_fetch(inode, 0, page, sizeof(page)));
	MUST(page[99] == 0 && page[109] == '9' && page[110] == 0);
	/* From the time it was stored on it is what was. */
	memset(page, 's', sizeof(page));
	MUST_OK(ext2_data_store(inode, 0, page, sizeof(page)));
	MUST_OK(ext2_data_fetch(inode, 0, page, sizeof(page)));
	MUST(page[0] == 's' && page[109] == 's' && page[110] == 0);
	MUST_OK(ext2_piece_end(inode, &piece, true));
	MUST(inode->size == 110);
	ext2_inode_unlock(inode);
	file_handle_destroy(f);
	copy = read_file(w.root, "f", &size);
	MUST(size == 110 && copy[0] == 's' && copy[109] == 's');
	free(copy);
	world_end(&w);
}

struct racer {
	struct world	*world;
	unsigned	seed;
};

static void *
race(void *argument)
{
	struct racer *racer = argument;
	struct file_handle *h = racer->world->root;
	unsigned seed = racer->seed;
	char a[64];
	char b[64];
	struct file_stat stat;

	for (int i = 0; i < 1500; i++) {
		int kind = rand_r(&seed) % 8;

		snprintf(a, sizeof(a), "d%d/%d", rand_r(&seed) % 3,
		    rand_r(&seed) % 6);
		snprintf(b, sizeof(b), "d%d/%d", rand_r(&seed) % 3,
		    rand_r(&seed) % 6);
		switch (kind) {
		case 0:
			(void) write_file(h, a, b, strlen(b));
			break;
		case 1:
			(void) do_unlink(h, a);
			break;
		case 2:
			(void) do_rename(h, a, b, 0);
			break;
		case 3:
			(void) do_mkdir(h, a, 0755);
			break;
		case 4:
			(void) do_rmdir(h, a);
			break;
		case 5:
			(void) do_link(h, a, b);
			break;
		case 6:
			strcat(a, "/x");
			(void) do_rename(h, b, a, 0);
			break;
		default:
			(void) do_stat(h, a, 0, &stat);
			break;
		}
	}
	return NULL;
}

static void
test_race(void)
{
	struct world w;
	struct racer racers[6];
	pthread_t threads[6];

	world_setup(&w, "race", 8192, "-b 1024");
	MUST_OK(do_mkdir(w.root, "d0", 0755));
	MUST_OK(do_mkdir(w.root, "d1", 0755));
	MUST_OK(do_mkdir(w.root, "d2", 0755));
	for (unsigned i = 0; i < 6; i++) {
		racers[i].world = &w;
		racers[i].seed = i + 1;
		pthread_create(&threads[i], NULL, race, &racers[i]);
	}
	for (int i = 0; i < 20; i++) {
		MUST_OK(ext2_fs_sync(w.fs));
	}
	for (unsigned i = 0; i < 6; i++) {
		pthread_join(threads[i], NULL);
	}
	world_end(&w);
}

static void *
reuse(void *argument)
{
	struct racer *racer = argument;
	char name[8];

	snprintf(name, sizeof(name), "n%u", racer->seed);
	MUST_OK(do_mkdir(racer->world->root, name, 0755));
	strcat(name, "/n");
	for (int i = 0; i < 3000; i++) {
		MUST_OK(do_mkdir(racer->world->root, name, 0755));
		MUST_OK(do_rmdir(racer->world->root, name));
	}
	return NULL;
}

/* The number of an inode is another's at once when it is free. */
static void
test_reuse(void)
{
	struct world w;
	struct racer racers[6];
	pthread_t threads[6];

	world_setup(&w, "reuse", 8192, "-b 1024");
	for (unsigned i = 0; i < 6; i++) {
		racers[i].world = &w;
		racers[i].seed = i;
		pthread_create(&threads[i], NULL, reuse, &racers[i]);
	}
	for (unsigned i = 0; i < 6; i++) {
		pthread_join(threads[i], NULL);
	}
	world_end(&w);
}

/* The disk stops taking writes in the middle; e2fsck can repair it. */
static void
test_crash(void)
{
	struct world w;
	char name[64];
	static char data[5000];

	for (unsigned cut = 3; cut < 120; cut += 13) {
		world_setup(&w, "crash", 4096, "-b 1024");
		MUST_OK(write_file(w.root, "kept", "kept", 4));
		MUST_OK(ext2_fs_sync(w.fs));
		w.image.writes_left = cut;
		for (int i = 0; i < 40; i++) {
			snprintf(name, sizeof(name), "d%d", i);
			MUST_OK(do_mkdir(w.root, name, 0755));
			snprintf(name, sizeof(name), "d%d/f", i);
			MUST_OK(write_file(w.root, name, data,
			    sizeof(data)));
			if (i > 3) {
				snprintf(name, sizeof(name), "d%d/f", i - 3);
				MUST_OK(do_unlink(w.root, name));
			}
			if (i % 5 == 0) {
				MUST_OK(ext2_fs_sync(w.fs));
			}
		}
		file_handle_destroy(w.root);
		file_handle_destroy(w.user);
		(void) ext2_fs_close(w.fs);
		if (w.image.writes_left == 0) {
			image_repair(&w.image);
		}
		image_detach(&w.image);
		image_attach(&w.image);
		world_mount(&w);
		check_file(w.root, "kept", "kept");
		world_end(&w);
	}
}

static void
test_refused(void)
{
	struct image image;
	struct ext2_fs *fs;
	const char *why = NULL;
	static const char *const unknown[] = {
		"-O extents", "-O 64bit,extents", "-O meta_bg,^resize_inode",
		"-O has_journal,extents", "-O journal_dev"
	};
	static const struct {
		uint32_t offset;
		uint32_t value;
	} damage[] = {
		{ 0, 0 }, { 0, 0xffffffff }, { 4, 0xffffffff }, { 4, 0 },
		{ 20, 77 }, { 24, 3 }, { 24, 0xffffffff }, { 32, 0 },
		{ 32, 0xffffffff }, { 40, 0 }, { 40, 7 }, { 40, 0x7fffffff },
		{ 76, 99 }, { 84, 1 }, { 88, 100 }, { 88, 0 }, { 56, 0 }
	};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		image_make(&image, "unknown", 2048, unknown[i]);
		MUST_KR(ext2_fs_open(&image.disk, 65536, false, &fs, &why),
		    UNIX_EINVAL);
		MUST(why != NULL);
		image_remove(&image);
	}
	image_make(&image, "damage", 2048, "");
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		uint32_t old;
		kern_return_t kr;

		MUST(pread(image.fd, &old, 4, 1024 + damage[i].offset) == 4);
		MUST(pwrite(image.fd, &damage[i].value, 4,
		    1024 + damage[i].offset) == 4);
		kr = ext2_fs_open(&image.disk, 65536, false, &fs, &why);
		MUST(kr == UNIX_EUCLEAN || kr == UNIX_EINVAL);
		MUST(pwrite(image.fd, &old, 4, 1024 + damage[i].offset)
		    == 4);
	}
	image.read_fails = true;
	MUST_KR(ext2_fs_open(&image.disk, 65536, false, &fs, &why),
	    UNIX_EIO);
	image.read_fails = false;
	MUST_OK(ext2_fs_open(&image.disk, 65536, true, &fs, &why));
	MUST_OK(ext2_fs_close(fs));
	image_check_clean(&image);
	image_remove(&image);
}

/* Loops, wild pointers and shared inodes, made with debugfs. */
static void
test_damaged(void)
{
	struct world w;
	struct file_stat stat;
	struct file_handle *f;
	char data[32];
	size_t done;

	world_setup(&w, "damaged", 4096, "-b 1024");
	MUST_OK(do_mkdir(w.root, "a", 0755));
	MUST_OK(do_mkdir(w.root, "a/b", 0755));
	MUST_OK(write_file(w.root, "f", "data", 4));
	MUST_OK(write_file(w.root, "g", "data", 4));
	MUST_OK(write_file(w.root, "h", "data", 4));
	world_unmount(&w);
	image_detach(&w.image);
	image_debugfs(&w.image, "link a a/b/loop");
	image_debugfs(&w.image, "link a/b a/b/self");
	image_debugfs(&w.image, "set_inode_field f block[0] 1");
	image_debugfs(&w.image, "set_inode_field g block[0] 0x7fffffff");
	image_debugfs(&w.image, "set_inode_field h mode 0170644");
	image_attach(&w.image);
	world_mount(&w);
	MUST_OK(do_stat(w.root, "a/b/loop/b/loop/b/self/self", 0, &stat));
	MUST(do_rmdir(w.root, "a/b/self") != KERN_SUCCESS);
	MUST(do_rmdir(w.root, "a/b/loop") != KERN_SUCCESS);
	MUST(do_rename(w.root, "a", "a/b/self/x", 0) != KERN_SUCCESS);
	(void) do_rename(w.root, "a/b/loop", "b2", 0);
	(void) do_rename(w.root, "a/b", "a/b/loop/c", 0);
	MUST_OK(open_file(w.root, "f", FILE_O_READ | FILE_O_WRITE, 0, &f));
	MUST_KR(file_handle_read(f, 0, data, 4, &done), UNIX_EUCLEAN);
	MUST_KR(file_handle_write(f, 0, 0, data, 4, &done), UNIX_EUCLEAN);
	file_handle_destroy(f);
	MUST_KR(try_open(w.root, "h", FILE_O_READ, 0), UNIX_EUCLEAN);
	MUST_OK(do_unlink(w.root, "g"));
	MUST_OK(do_unlink(w.root, "f"));
	MUST(w.fs->damaged);
	world_unmount(&w);
	image_repair(&w.image);
	image_remove(&w.image);
}

/* Whatever bytes change on the disk: errors perhaps, but never a crash. */
static void
test_random_damage(unsigned rounds)
{
	struct world w;
	const char *why;
	char name[64];
	static char data[20000];
	static char good[2048 * 1024];
	unsigned seed = 12345;
	struct file_handle *d;
	size_t used;

	image_make(&w.image, "random", 2048, "-b 1024 -I 128 -N 64");
	world_mount(&w);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "d%d", i % 5);
		(void) do_mkdir(w.root, name, 0755);
		snprintf(name, sizeof(name), "d%d/f%d", i % 5, i);
		MUST_OK(write_file(w.root, name, data, 1000 * i));
	}
	world_unmount(&w);
	MUST(pread(w.image.fd, good, sizeof(good), 0) == sizeof(good));
	for (unsigned round = 0; round < rounds; round++) {
		MUST(pwrite(w.image.fd, good, sizeof(good), 0)
		    == sizeof(good));
		/* Group descriptors, bitmaps, inodes, directories. */
		for (unsigned i = 0; i < 5 + round % 60; i++) {
			uint8_t byte = rand_r(&seed);
			off_t where = 2048 + rand_r(&seed) % (60 * 1024);

			MUST(pwrite(w.image.fd, &byte, 1, where) == 1);
		}
		if (ext2_fs_open(&w.image.disk, 65536, false, &w.fs, &why)
		    != KERN_SUCCESS) {
			continue;
		}
		{
			struct file_cred *cred;
			kern_return_t kr;

			MUST_OK(file_cred_create(0, 0, NULL, 0, &cred));
			kr = file_handle_root(w.fs, cred, false, &w.root);
			file_cred_unref(cred);
			if (kr != KERN_SUCCESS) {
				(void) ext2_fs_close(w.fs);
				continue;
			}
		}
		for (int i = 0; i < 20; i++) {
			struct file_handle *f;
			size_t done;

			snprintf(name, sizeof(name), "d%d/f%d", i % 5, i);
			if (open_file(w.root, name, FILE_O_READ
			    | FILE_O_WRITE, 0, &f) == KERN_SUCCESS) {
				(void) file_handle_read(f, 0, data,
				    sizeof(data), &done);
				(void) file_handle_write(f, 500 * i, 0, data,
				    3000, &done);
				file_handle_destroy(f);
			}
			(void) do_rename(w.root, name, "moved", 0);
			(void) do_truncate(w.root, name, 100);
			snprintf(name, sizeof(name), "d%d", i % 5);
			if (open_file(w.root, name, FILE_O_READ, 0, &d)
			    == KERN_SUCCESS) {
				(void) file_handle_read_dir(d, 0, data, 4096,
				    &used);
				file_handle_destroy(d);
			}
			snprintf(name, sizeof(name), "d%d/n%d", i % 5, i);
			(void) write_file(w.root, name, data, 2000);
			if (i % 3 == 0) {
				(void) do_unlink(w.root, name);
			}
			snprintf(name, sizeof(name), "d%d", i % 4);
			(void) do_rmdir(w.root, name);
			(void) do_mkdir(w.root, name, 0755);
		}
		file_handle_destroy(w.root);
		(void) ext2_fs_close(w.fs);
	}
	image_remove(&w.image);
}

/* mke2fs' default layouts, revision 0, group boundaries. */
static void
test_layouts(void)
{
	static const char *const layouts[] = {
		"", "-b 1024", "-b 2048", "-b 4096", "-r 0 -b 1024",
		"-I 128", "-O ^filetype", "-O none",
		"-b 1024 -g 256 -O ^resize_inode",
		"-b 1024 -g 512 -O ^sparse_super,^resize_inode", "-N 2000", "-m 0"
	};
	static char data[200000];

	for (size_t i = 0; i < sizeof(data); i++) {
		data[i] = i >> 8 ^ i;
	}
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct world w;
		size_t size;
		char *copy;
		char name[32];

		world_setup(&w, "layout", 4096, layouts[i]);
		MUST_OK(do_mkdir(w.root, "d", 0755));
		MUST_OK(do_symlink(w.root, "d/f", "s"));
		MUST_OK(write_file(w.root, "d/f", data, sizeof(data)));
		for (int j = 0; j < 20; j++) {
			snprintf(name, sizeof(name), "d%d", j);
			MUST_OK(do_mkdir(w.root, name, 0700));
		}
		world_unmount(&w);
		image_check_clean(&w.image);
		world_mount(&w);
		copy = read_file(w.root, "s", &size);
		MUST(size == sizeof(data) && memcmp(copy, data, size) == 0);
		free(copy);
		world_end(&w);
	}
}

void file_model_run(unsigned seed, unsigned steps, bool pages,
    const char *arguments);

TEST(file_basic)
{
	test_basic("-b 1024");
	test_basic("-b 4096");
}

TEST(file_links)
{
	test_links();
}

TEST(file_links_mounted)
{
	test_links_mounted();
}

TEST(file_rename)
{
	test_rename();
}

TEST(file_permissions)
{
	test_permissions();
}

TEST(file_sparse)
{
	test_sparse("-b 1024 -O large_file");
	test_sparse("-b 1024 -O ^large_file");
	test_sparse("-b 4096");
}

TEST(file_directory)
{
	test_directory("-b 1024 -N 4000");
	test_directory("-b 4096 -N 4000");
}

TEST(file_hashed_directory)
{
	test_hashed();
}

TEST(file_full)
{
	test_full("-b 1024 -m 10");
	test_full("-b 1024 -N 32 -m 10");
}

TEST(file_cache)
{
	test_cache();
}

TEST(file_locks)
{
	test_locks();
}

TEST(file_hold)
{
	test_hold();
}

TEST(file_read_only)
{
	test_read_only();
}

TEST(file_disk_errors)
{
	test_disk_errors();
}

TEST(file_layouts)
{
	test_layouts();
}

TEST(file_refused)
{
	test_refused();
}

TEST(file_damaged)
{
	test_damaged();
}

TEST(file_store)
{
	test_store();
}

TEST(file_piece)
{
	test_piece();
}

TEST(file_crash)
{
	test_crash();
}

TEST(file_race)
{
	test_race();
}

TEST(file_reuse)
{
	test_reuse();
}

TEST(file_random_damage)
{
	test_random_damage(500);
}

TEST(file_model)
{
	file_model_run(1, 4000, false, "-b 1024");
	file_model_run(2, 4000, false, "-b 4096");
	file_model_run(3, 4000, false, "-b 2048 -I 128");
}

TEST(file_model_with_pages)
{
	file_model_run(4, 8000, true, "-b 1024");
	file_model_run(5, 8000, true, "-b 4096");
	file_model_run(6, 8000, true, "-b 2048 -I 128");
}
