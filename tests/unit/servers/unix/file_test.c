/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Descriptors, pipes, files in memory, paths, /proc, polling; and messages that
 * are nonsense.
 */
#include "unix_pretend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tests/lib/server_test.h>

static int32_t
put(struct uthread *t, const char *path, const char *text)
{
	int32_t fd = CALL(t, open, path, L_O_WRONLY | L_O_CREAT | L_O_TRUNC,
	    0644);
	int32_t n;

	if (fd < 0) {
		return fd;
	}
	n = CALL(t, write, fd, text, strlen(text));
	CALL(t, close, fd);
	return n;
}

static bool
holds(struct uthread *t, const char *path, const char *text)
{
	char buf[4097];
	int32_t fd = CALL(t, open, path, L_O_RDONLY, 0);
	int32_t n;

	if (fd < 0) {
		return false;
	}
	n = CALL(t, read, fd, buf, 4096);
	CALL(t, close, fd);
	return n == (int32_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

TEST(descriptors_are_lowest_first)
{
	struct uthread *t = pretend_setup();

	CHECK_EQ(CALL(t, open, "/a", L_O_CREAT | L_O_RDWR, 0600), 0);
	CHECK_EQ(CALL(t, dup, 0), 1);
	CHECK_EQ(CALL(t, dup2, 0, 5), 5);
	CHECK_EQ(CALL(t, dup, 0), 2);
	CHECK_EQ(CALL(t, close, 1), 0);
	CHECK_EQ(CALL(t, close, 1), -L_EBADF);
	CHECK_EQ(CALL(t, dup, 0), 1);
	CHECK_EQ(CALL(t, dup2, 9, 1), -L_EBADF);
	CHECK_EQ(CALL(t, dup2, 0, 0), 0);
	CHECK_EQ(CALL(t, dup3, 0, 0, 0), -L_EINVAL);
	CHECK_EQ(CALL(t, dup2, 0, 100000), -L_EBADF);
	CHECK_EQ(CALL(t, fcntl64, 0, L_F_DUPFD, 900), 900);
	CHECK_EQ(CALL(t, fcntl64, 0, L_F_GETFD, 0), 0);
	CHECK_EQ(CALL(t, fcntl64, 0, L_F_SETFD, 1), 0);
	fd_close_exec(t->process);
	CHECK_EQ(CALL(t, fcntl64, 0, L_F_GETFD, 0), -L_EBADF);
}

TEST(descriptor_limit)
{
	struct uthread *t = pretend_setup();
	int32_t fd;
	int32_t last = -1;

	while ((fd = CALL(t, open, "/a", L_O_CREAT | L_O_RDWR, 0600)) >= 0) {
		last = fd;
	}
	CHECK_EQ(fd, -L_EMFILE);
	CHECK_EQ(last, UNIX_FD_MAX - 1);
}

TEST(duplicates_share_the_offset)
{
	struct uthread *t = pretend_setup();
	struct uthread *child;
	char c;

	put(t, "/f", "abcdef");
	CHECK_EQ(CALL(t, open, "/f", L_O_RDONLY, 0), 0);
	child = pretend_fork(t);
	CALL(t, read, 0, &c, 1);
	CALL(child, read, 0, &c, 1);
	CHECK_EQ(c, 'b');
	CHECK_EQ(CALL(t, lseek, 0, -1, FILE_SEEK_END), 5);
	CALL(child, read, 0, &c, 1);
	CHECK_EQ(c, 'f');
	CHECK_EQ(CALL(t, write, 0, "x", 1), -L_EBADF);
}

TEST(pipe_basics)
{
	struct uthread *t = pretend_setup();
	int32_t fds[2];
	char buf[8192];
	int32_t n;
	int total = 0;

	CHECK_EQ(CALL(t, pipe2, fds, L_O_NONBLOCK), 0);
	CHECK_EQ(CALL(t, read, fds[0], buf, 10), -L_EAGAIN);
	CHECK_EQ(CALL(t, write, fds[0], buf, 10), -L_EBADF);
	CHECK_EQ(CALL(t, write, fds[1], "hello", 5), 5);
	CHECK_EQ(CALL(t, read, fds[0], buf, 3), 3);
	CHECK_EQ(CALL(t, read, fds[0], buf, 10), 2);
	memset(buf, 'x', sizeof(buf));
	while ((n = CALL(t, write, fds[1], buf, 4096)) > 0) {
		total += n;
	}
	CHECK_EQ(n, -L_EAGAIN);
	CHECK_EQ(total, 65536);
	/* Up to 4096 bytes go whole or not at all; more may go in part. */
	CALL(t, read, fds[0], buf, 100);
	CHECK_EQ(CALL(t, write, fds[1], buf, 200), -L_EAGAIN);
	CHECK_EQ(CALL(t, write, fds[1], buf, 8000), 100);
	CHECK_EQ(CALL(t, lseek, fds[0], 0, 0), -L_ESPIPE);
	CALL(t, close, fds[1]);
	while ((n = CALL(t, read, fds[0], buf, 8192)) > 0) {
		total -= n;
	}
	CHECK_EQ(n, 0);
}

TEST(broken_pipe)
{
	struct uthread *t = pretend_setup();
	unix_signal_t s;
	int32_t fds[2];

	t->process->actions[L_SIGPIPE].handler = 0x1000;
	CALL(t, pipe2, fds, 0);
	CALL(t, close, fds[0]);
	CHECK_EQ(CALL(t, write, fds[1], "x", 1), -L_EPIPE);
	CHECK(signal_take(t, &s));
	CHECK_EQ(s.number, L_SIGPIPE);
}

TEST(blocked_read_ends_by_signal)
{
	struct uthread *t = pretend_setup();
	int32_t fds[2];
	char c;

	t->process->actions[L_SIGUSR1].handler = 0x1000;
	CALL(t, pipe2, fds, 0);
	CALL(t, kill, 1, L_SIGUSR1);
	CHECK_EQ(CALL(t, read, fds[0], &c, 1), -L_ERESTARTSYS);
}

TEST(fifo)
{
	struct uthread *t = pretend_setup();
	int32_t r;
	int32_t w;
	char c = 0;

	CHECK_EQ(CALL(t, mknod, "/ff", L_S_IFIFO | 0600, 0), 0);
	CHECK_EQ(CALL(t, open, "/ff", L_O_WRONLY | L_O_NONBLOCK, 0),
	    -L_ENXIO);
	r = CALL(t, open, "/ff", L_O_RDONLY | L_O_NONBLOCK, 0);
	w = CALL(t, open, "/ff", L_O_WRONLY, 0);
	CHECK(r >= 0 && w >= 0);
	CHECK_EQ(CALL(t, write, w, "q", 1), 1);
	CHECK_EQ(CALL(t, read, r, &c, 1), 1);
	CHECK_EQ(c, 'q');
}

TEST(files_and_directories)
{
	struct uthread *t = pretend_setup();
	struct linux_stat64 st;
	char buf[100];

	CHECK_EQ(CALL(t, mkdir, "/d", 0777), 0);
	CHECK_EQ(CALL(t, mkdir, "/d", 0777), -L_EEXIST);
	CHECK_EQ(CALL(t, mkdir, "/no/d", 0777), -L_ENOENT);
	CHECK_EQ(put(t, "/d/f", "text"), 4);
	CHECK(holds(t, "/d/../d/./f", "text"));
	CHECK_EQ(CALL(t, open, "/d/f/", L_O_RDONLY, 0), -L_ENOTDIR);
	CHECK_EQ(CALL(t, open, "/d/f/x", L_O_RDONLY, 0), -L_ENOTDIR);
	CHECK_EQ(CALL(t, open, "/d", L_O_RDWR, 0), -L_EISDIR);
	CHECK_EQ(CALL(t, open, "/d/f", L_O_CREAT | L_O_EXCL, 0), -L_EEXIST);
	CHECK_EQ(CALL(t, stat64, "/d", &st), 0);
	CHECK_EQ(st.mode, L_S_IFDIR | 0755);
	CHECK_EQ(st.nlink, 2);
	CHECK_EQ(CALL(t, stat64, "/d/f", &st), 0);
	CHECK_EQ(st.size, 4);
	CHECK_EQ(CALL(t, rmdir, "/d"), -L_ENOTEMPTY);
	CHECK_EQ(CALL(t, unlink, "/d"), -L_EISDIR);
	CHECK_EQ(CALL(t, rmdir, "/d/f"), -L_ENOTDIR);
	CHECK_EQ(CALL(t, chdir, "/d"), 0);
	CHECK(holds(t, "f", "text"));
	CHECK_EQ(CALL(t, getcwd, buf, 100), 3);
	CHECK(strcmp(buf, "/d") == 0);
	CHECK_EQ(CALL(t, getcwd, buf, 2), -L_ERANGE);
	CHECK_EQ(CALL(t, unlink, "f"), 0);
	CHECK_EQ(CALL(t, rmdir, "/d"), 0);
	CHECK_EQ(CALL(t, getcwd, buf, 100), -L_ENOENT);
	CHECK_EQ(put(t, "g", "x"), -L_ENOENT);
	CHECK_EQ(CALL(t, chdir, "/"), 0);
	CHECK_EQ(CALL(t, open, "", L_O_RDONLY, 0), -L_ENOENT);
}

TEST(links)
{
	struct uthread *t = pretend_setup();
	struct linux_stat64 st;
	char buf[100];

	put(t, "/f", "one");
	CHECK_EQ(CALL(t, link, "/f", "/g"), 0);
	CHECK_EQ(CALL(t, link, "/f", "/g"), -L_EEXIST);
	CHECK_EQ(CALL(t, stat64, "/f", &st), 0);
	CHECK_EQ(st.nlink, 2);
	CALL(t, unlink, "/f");
	CHECK(holds(t, "/g", "one"));
	CHECK_EQ(CALL(t, symlink, "g", "/s"), 0);
	CHECK(holds(t, "/s", "one"));
	CHECK_EQ(CALL(t, readlink, "/s", buf, 100), 1);
	CHECK_EQ(CALL(t, readlink, "/g", buf, 100), -L_EINVAL);
	CHECK_EQ(CALL(t, lstat64, "/s", &st), 0);
	CHECK_EQ(st.mode, L_S_IFLNK | 0777);
	CHECK_EQ(CALL(t, symlink, "/l1", "/l2"), 0);
	CHECK_EQ(CALL(t, symlink, "/l2", "/l1"), 0);
	CHECK_EQ(CALL(t, stat64, "/l1", &st), -L_ELOOP);
	CHECK_EQ(CALL(t, open, "/s", L_O_NOFOLLOW, 0), -L_ELOOP);
	/* A link to what is not there yet: open makes it. */
	CHECK_EQ(CALL(t, symlink, "/new", "/dangling"), 0);
	CHECK_EQ(put(t, "/dangling", "made"), 4);
	CHECK(holds(t, "/new", "made"));
}

TEST(rename_rules)
{
	struct uthread *t = pretend_setup();
	char buf[100];

	CALL(t, mkdir, "/a", 0755);
	CALL(t, mkdir, "/a/b", 0755);
	CALL(t, mkdir, "/c", 0755);
	put(t, "/f", "f");
	CHECK_EQ(CALL(t, rename, "/a", "/a/b/x"), -L_EINVAL);
	CHECK_EQ(CALL(t, rename, "/f", "/a"), -L_EISDIR);
	CHECK_EQ(CALL(t, rename, "/a", "/f"), -L_ENOTDIR);
	CHECK_EQ(CALL(t, rename, "/c", "/a"), -L_ENOTEMPTY);
	CHECK_EQ(CALL(t, rename, "/a/b", "/c"), 0);
	CHECK_EQ(CALL(t, rename, "/c", "/a/c"), 0);
	CALL(t, chdir, "/a/c");
	CHECK_EQ(CALL(t, getcwd, buf, 100), 5);
	CHECK(strcmp(buf, "/a/c") == 0);
	put(t, "/g", "g");
	CHECK_EQ(CALL(t, renameat2, L_AT_FDCWD, "/f", L_AT_FDCWD, "/g", 1),
	    -L_EEXIST);
	CHECK_EQ(CALL(t, rename, "/f", "/g"), 0);
	CHECK(holds(t, "/g", "f"));
	CHECK_EQ(CALL(t, rename, "/nothing", "/x"), -L_ENOENT);
}

TEST(removed_while_open)
{
	struct uthread *t = pretend_setup();
	int32_t fd;
	char c;

	put(t, "/f", "z");
	fd = CALL(t, open, "/f", L_O_RDWR, 0);
	CALL(t, unlink, "/f");
	CHECK_EQ(CALL(t, read, fd, &c, 1), 1);
	CHECK_EQ(c, 'z');
	CALL(t, close, fd);
}

TEST(permissions)
{
	struct uthread *t = pretend_setup();
	struct uthread *user = pretend_fork(t);

	put(t, "/secret", "x");
	CALL(t, chmod, "/secret", 0600);
	put(t, "/open", "x");
	CALL(t, mkdir, "/sticky", 0777);
	CALL(t, chmod, "/sticky", 01777);
	put(t, "/sticky/root", "x");
	CALL(user, setuid32, 1000);
	CHECK_EQ(CALL(user, open, "/secret", L_O_RDONLY, 0), -L_EACCES);
	CHECK(holds(user, "/open", "x"));
	CHECK_EQ(put(user, "/open", "y"), -L_EACCES);
	CHECK_EQ(put(user, "/mine", "y"), -L_EACCES);
	CHECK_EQ(put(user, "/sticky/mine", "y"), 1);
	CHECK_EQ(CALL(user, unlink, "/sticky/root"), -L_EPERM);
	CHECK_EQ(CALL(user, unlink, "/sticky/mine"), 0);
	CHECK_EQ(CALL(user, chmod, "/open", 0777), -L_EPERM);
	CHECK_EQ(CALL(user, access, "/secret", 4), -L_EACCES);
	CHECK_EQ(CALL(user, access, "/open", 4), 0);
	CHECK_EQ(CALL(user, chroot, "/sticky"), -L_EPERM);
	CHECK_EQ(CALL(user, mknod, "/sticky/dev", L_S_IFCHR | 0666, 0x103),
	    -L_EPERM);
}

TEST(root_cannot_be_left)
{
	struct uthread *t = pretend_setup();
	struct uthread *jail = pretend_fork(t);

	CALL(t, mkdir, "/jail", 0755);
	put(t, "/outside", "o");
	put(t, "/jail/inside", "i");
	CHECK_EQ(CALL(jail, chroot, "/jail"), 0);
	CHECK_EQ(CALL(jail, chdir, "/"), 0);
	CHECK(holds(jail, "/inside", "i"));
	CHECK(holds(jail, "../../inside", "i"));
	CHECK(!holds(jail, "../outside", "o"));
}

TEST(directory_reading_survives_removal)
{
	struct uthread *t = pretend_setup();
	char name[32];
	char buf[512];
	int32_t fd;
	int32_t n;
	int seen = 0;

	CALL(t, mkdir, "/d", 0755);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "/d/file%d", i);
		put(t, name, "");
	}
	fd = CALL(t, open, "/d", L_O_RDONLY | L_O_DIRECTORY, 0);
	while ((n = CALL(t, getdents64, fd, buf, 512)) > 0) {
		for (int32_t at = 0; at < n;) {
			struct file_dirent *d = (void *)(buf + at);

			at += d->reclen;
			if (d->name[0] == '.') {
				continue;
			}
			seen++;
			snprintf(name, sizeof(name), "/d/%s", d->name);
			CHECK_EQ(CALL(t, unlink, name), 0);
		}
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(seen, 100);
	CALL(t, lseek, fd, 0, 0);
	CHECK_EQ(CALL(t, getdents64, fd, buf, 10), -L_EINVAL);
	CHECK_EQ(CALL(t, rmdir, "/d"), 0);
}

TEST(devices)
{
	struct uthread *t = pretend_setup();
	struct linux_stat64 st;
	char buf[64];
	int32_t fd;

	CALL(t, mkdir, "/dev", 0755);
	CHECK_EQ(CALL(t, mount, "devtmpfs", "/dev", "devtmpfs", 0, 0), 0);
	CHECK_EQ(CALL(t, mount, "devtmpfs", "/dev", "devtmpfs", 0, 0),
	    -L_EBUSY);
	CHECK_EQ(CALL(t, stat64, "/dev/null", &st), 0);
	CHECK_EQ(st.rdev, 0x103);
	CHECK_EQ(put(t, "/dev/null", "gone"), 4);
	CHECK(holds(t, "/dev/null", ""));
	CHECK_EQ(put(t, "/dev/full", "x"), -L_ENOSPC);
	fd = CALL(t, open, "/dev/zero", L_O_RDONLY, 0);
	memset(buf, 1, sizeof(buf));
	CHECK_EQ(CALL(t, read, fd, buf, 64), 64);
	CHECK_EQ(buf[63], 0);
	CHECK_EQ(CALL(t, open, "/dev/tty", L_O_RDONLY, 0), -L_ENXIO);
	CHECK_EQ(CALL(t, chdir, "/dev"), 0);
	CHECK_EQ(CALL(t, getcwd, buf, 64), 5);
	CHECK_EQ(CALL(t, chdir, "pts/../.."), 0);
	CHECK_EQ(CALL(t, getcwd, buf, 64), 2);
}

TEST(proc)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	char path[64];
	char buf[4096];
	int32_t fd;
	int32_t n;

	CALL(t, mkdir, "/proc", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	CHECK_EQ(CALL(t, readlink, "/proc/self", buf, 64), 1);
	snprintf(path, sizeof(path), "/proc/%d/stat", child->tid);
	fd = CALL(t, open, path, L_O_RDONLY, 0);
	CHECK(fd >= 0);
	n = CALL(t, read, fd, buf, sizeof(buf) - 1);
	CHECK(n > 50);
	buf[n > 0 ? n : 0] = '\0';
	CHECK_EQ(atoi(buf), child->tid);
	CHECK(strstr(buf, " 1 ") != NULL);
	fd = CALL(t, open, "/proc/mounts", L_O_RDONLY, 0);
	n = CALL(t, read, fd, buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	CHECK(strstr(buf, "proc /proc proc ") != NULL);
	CHECK_EQ(put(t, "/proc/new", "x"), -L_EACCES);
	CHECK_EQ(CALL(t, unlink, "/proc/uptime"), -L_EPERM);
	fd = CALL(t, open, "/proc", L_O_RDONLY, 0);
	n = CALL(t, getdents64, fd, buf, sizeof(buf));
	CHECK(n > 100);
	/* All that is there can be read. */
	for (int32_t at = 0; at < n;) {
		struct file_dirent *d = (void *)(buf + at);
		char text[4096];
		int32_t f;

		at += d->reclen;
		if (d->type != L_DT_REG) {
			continue;
		}
		snprintf(path, sizeof(path), "/proc/%s", d->name);
		f = CALL(t, open, path, L_O_RDONLY, 0);
		CHECK(f >= 0);
		CHECK(CALL(t, read, f, text, sizeof(text)) >= 0);
		CALL(t, close, f);
	}
	CHECK_EQ(CALL(t, open, "/proc/99999/stat", L_O_RDONLY, 0),
	    -L_ENOENT);
	CHECK_EQ(CALL(t, chdir, "/proc/self"), 0);
	CHECK_EQ(CALL(t, getcwd, buf, 64), 8);
	CHECK(strcmp(buf, "/proc/1") == 0);
}

static void
text_of(struct uthread *t, const char *path, char *buf, uint32_t size)
{
	int32_t fd = CALL(t, open, path, L_O_RDONLY, 0);
	int32_t n;

	CHECK(fd >= 0);
	n = CALL(t, read, fd, buf, size - 1);
	CHECK(n >= 0);
	buf[n > 0 ? n : 0] = '\0';
	CALL(t, close, fd);
}

/* Bytes of texts that descriptors below END keep. */
static uint32_t
texts_kept(struct uthread *t, int32_t end)
{
	uint32_t size = 0;

	for (int32_t fd = 0; fd < end; fd++) {
		struct file *f = fd_lookup(t->process, (uint32_t)fd);

		size += f != NULL && f->text != NULL ? f->text_size : 0;
	}
	return size;
}

static void
check_pieces(struct uthread *t, int32_t fd, const char *text)
{
	char buf[7];
	int32_t n;

	while ((n = CALL(t, read, fd, buf, sizeof(buf))) > 0) {
		CHECK(memcmp(buf, text, (size_t)n) == 0);
		text += n;
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(*text, '\0');
}

/* However many texts of /proc are open, all can be read, and few are kept. */
TEST(proc_texts_are_bounded)
{
	struct uthread *t = pretend_setup();
	char text[8192];
	int32_t last = 0;
	int32_t fd;

	CALL(t, mkdir, "/proc", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	text_of(t, "/proc/self/limits", text, sizeof(text));
	CHECK(strlen(text) > 1000);
	while ((fd = CALL(t, open, "/proc/self/limits", L_O_RDONLY, 0)) >= 0) {
		last = fd;
	}
	CHECK_EQ(fd, -L_EMFILE);
	CHECK(texts_kept(t, last + 1) <= 256 * 1024);
	CHECK(texts_kept(t, last + 1) > 128 * 1024);
	CHECK_EQ(texts_kept(t, 1), strlen(text));
	check_pieces(t, 0, text);
	check_pieces(t, last, text);
	CHECK_EQ(CALL(t, lseek, last, 0, FILE_SEEK_END), strlen(text));
	for (fd = 0; fd <= last; fd++) {
		CALL(t, close, fd);
	}
	fd = CALL(t, open, "/proc/self/limits", L_O_RDONLY, 0);
	CHECK_EQ(texts_kept(t, fd + 1), strlen(text));
}

/* What was opened in one identity is not made in another. */
TEST(proc_texts_of_another_identity)
{
	struct uthread *t = pretend_setup();
	struct uthread *child = pretend_fork(t);
	char path[64];
	char buf[64];
	int32_t last = -1;
	int32_t fd;

	CALL(t, mkdir, "/proc", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	/* Long ones, and short ones where no long one fits. */
	while ((fd = CALL(t, open, last < 400 ? "/proc/self/limits" :
	    "/proc/self/comm", L_O_RDONLY, 0)) >= 0) {
		last = fd;
	}
	CALL(t, close, last);
	child->process->image.arg_end = 8;
	child->process->image.env_start = 8;
	child->process->image.env_end = 17;
	snprintf(path, sizeof(path), "/proc/%d/environ", child->process->pid);
	CHECK_EQ(CALL(t, open, path, L_O_RDONLY, 0), last);
	CHECK_EQ(CALL(t, read, last, buf, 3), 3);
	child->process->cred.euid = 7;
	CHECK_EQ(CALL(t, read, last, buf, 3), -L_EACCES);
}

TEST(proc_of_processes)
{
	struct uthread *t = pretend_setup();
	char path[64];
	char buf[4096];

	CALL(t, mkdir, "/proc", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	t->process->image.arg_end = 8;
	t->process->image.env_start = 8;
	t->process->image.env_end = 17;
	t->process->image.heap_start = 0x800;
	text_of(t, "/proc/self/cmdline", buf, sizeof(buf));
	CHECK(strcmp(buf, "program") == 0);
	text_of(t, "/proc/self/environ", buf, sizeof(buf));
	CHECK(strcmp(buf, "argument") == 0);
	/* What is not there any more is not shown. */
	t->process->image.env_end = 100;
	text_of(t, "/proc/self/environ", buf, sizeof(buf));
	CHECK(strcmp(buf, "") == 0);
	text_of(t, "/proc/self/maps", buf, sizeof(buf));
	CHECK(strstr(buf, "00000400-00000800 r--p 00000200 08:01 12 ") == buf);
	CHECK(strstr(buf, " /bin/it\n00000800-00001000 rw-p ") != NULL);
	CHECK(strstr(buf, " [heap]\n") != NULL);
	snprintf(path, sizeof(path), "/proc/1/task/%d/stat", t->tid);
	text_of(t, path, buf, sizeof(buf));
	CHECK_EQ(atoi(buf), t->tid);
	CHECK_EQ(
	    CALL(t, open, "/proc/1/task/77/stat", L_O_RDONLY, 0), -L_ENOENT);
	text_of(t, "/proc/stat", buf, sizeof(buf));
	CHECK(strstr(buf, "cpu  2 0 4 6 ") == buf);
	CHECK(strstr(buf, "\ncpu1 1 0 2 3 ") != NULL);
	CHECK(strstr(buf, "\nintr 10\nctxt 8\n") != NULL);
	text_of(t, "/proc/partitions", buf, sizeof(buf));
	CHECK(strstr(buf, " 3       64       8192 hd1\n") != NULL);
	text_of(t, "/proc/diskstats", buf, sizeof(buf));
	CHECK(strcmp(buf, "   3      64 hd1 1 0 2 0 3 0 4 0 0 0 0\n") == 0);
	text_of(t, "/proc/cmdline", buf, sizeof(buf));
	CHECK(strcmp(buf, "console=com0\n") == 0);
}

/* What is listed at PATH, each followed by a space; asked for bit by bit. */
static void
names_of(struct uthread *t, const char *path, char *names, size_t size)
{
	int32_t fd = CALL(t, open, path, L_O_RDONLY, 0);
	char buf[64];
	int32_t n;

	CHECK(fd >= 0);
	names[0] = '\0';
	while ((n = CALL(t, getdents64, fd, buf, sizeof(buf))) > 0) {
		for (int32_t at = 0; at < n;) {
			struct file_dirent *d = (void *)(buf + at);

			at += d->reclen;
			REQUIRE(strlen(names) + strlen(d->name) + 2 < size);
			strcat(strcat(names, d->name), " ");
		}
	}
	CHECK_EQ(n, 0);
	CALL(t, close, fd);
}

/* Of processes, threads and descriptors, each is there once, and nobody else. */
TEST(proc_lists)
{
	struct uthread *t = pretend_setup();
	struct uthread *a = pretend_fork(t);
	struct uthread *b = pretend_fork(a);
	struct uthread *c = pretend_fork(t);
	struct uthread *others[2];
	char names[1024];
	char all[64];
	int32_t fd[4];
	size_t plain;

	for (unsigned i = 0; i < 2; i++) {
		others[i] = uthread_create(t->process, process_allocate_pid());
	}
	CALL(t, mkdir, "/proc", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	names_of(t, "/proc", names, sizeof(names));
	snprintf(all, sizeof(all), "%d %d %d %d ", t->tid, a->tid, b->tid,
	    c->tid);
	plain = strcspn(names, "0123456789");
	CHECK(strcmp(names + plain, all) == 0);
	names[plain] = '\0';
	CHECK(strncmp(names, ". .. ", 5) == 0);
	CHECK(strstr(names, " self ") != NULL);
	names_of(t, "/proc/self/task", names, sizeof(names));
	snprintf(all, sizeof(all), ". .. %d %d %d ", t->tid, others[0]->tid,
	    others[1]->tid);
	CHECK(strcmp(names, all) == 0);
	for (unsigned i = 0; i < 4; i++) {
		fd[i] = CALL(t, open, "/proc/mounts", L_O_RDONLY, 0);
	}
	CALL(t, close, fd[1]);
	CALL(t, close, fd[2]);
	/* With the descriptor that this is read by. */
	names_of(t, "/proc/self/fd", names, sizeof(names));
	snprintf(all, sizeof(all), "%d %d %d ", fd[0], fd[1], fd[3]);
	CHECK(strlen(names) >= strlen(all) && strcmp(names + strlen(names) -
	    strlen(all), all) == 0);
	for (unsigned i = 0; i < 2; i++) {
		uthread_detach(others[i]);
		uthread_unref(others[i]);
	}
}

TEST(proc_of_tasks)
{
	struct uthread *t = pretend_setup();
	char names[256];
	char buf[4096];

	CALL(t, mkdir, "/proc", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	names_of(t, "/proc/vmtree", names, sizeof(names));
	/* No name twice, and none that no path could have. */
	CHECK(strcmp(names, ". .. kernel file ") == 0);
	text_of(t, "/proc/vmtree/file", buf, sizeof(buf));
	CHECK(strcmp(buf, "named file\n") == 0);
	CHECK_EQ(CALL(t, open, "/proc/vmtree/nobody", L_O_RDONLY, 0),
	    -L_ENOENT);
	text_of(t, "/proc/self/vmtree", buf, sizeof(buf));
	CHECK_EQ(strlen(buf), strlen(t->process->name) + 1);
	CHECK_EQ(CALL(t, setresuid, 100, 100, 100), 0);
	CHECK_EQ(CALL(t, open, "/proc/vmtree/file", L_O_RDONLY, 0),
	    -L_EACCES);
}

TEST(names_of_descriptors)
{
	struct uthread *t = pretend_setup();
	char path[64];
	char buf[64];
	int32_t fd;
	int32_t n;

	CALL(t, mkdir, "/proc", 0755);
	CALL(t, mkdir, "/dir", 0755);
	CHECK_EQ(CALL(t, mount, "proc", "/proc", "proc", 0, 0), 0);
	CHECK(put(t, "/dir/file", "x") >= 0);
	fd = CALL(t, open, "/dir/file", L_O_RDONLY, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = CALL(t, readlink, path, buf, sizeof(buf));
	CHECK_EQ(n, 9);
	CHECK(memcmp(buf, "/dir/file", 9) == 0);
}

TEST(programs_are_not_written_to)
{
	struct uthread *t = pretend_setup();
	struct node *n = NULL;
	struct file *f;
	int32_t fd;

	CHECK(put(t, "/program", "x") >= 0);
	CHECK_EQ(node_lookup(t->process->root->node, "program", NULL, &n), 0);
	fd = CALL(t, open, "/program", L_O_WRONLY, 0);
	CHECK(fd >= 0);
	CHECK_EQ(node_open_program(n, &f), -L_ETXTBSY);
	CALL(t, close, fd);
	CHECK_EQ(node_open_program(n, &f), 0);
	CHECK_EQ(CALL(t, open, "/program", L_O_RDWR, 0), -L_ETXTBSY);
	CHECK_EQ(
	    CALL(t, open, "/program", L_O_WRONLY | L_O_TRUNC, 0), -L_ETXTBSY);
	CHECK(CALL(t, open, "/program", L_O_RDONLY, 0) >= 0);
	CHECK_EQ(n->size, 1);
	file_unref(f);
	CHECK(CALL(t, open, "/program", L_O_RDWR, 0) >= 0);
	node_unref(n);
}

TEST(extended_attributes)
{
	struct uthread *t = pretend_setup();
	char name[300];
	int32_t fd;

	CHECK(put(t, "/file", "x") >= 0);
	fd = CALL(t, open, "/file", L_O_RDONLY, 0);
	CHECK_EQ(CALL(t, getxattr, "/file", "user.x", 0, 0), -L_EOPNOTSUPP);
	CHECK_EQ(CALL(t, fsetxattr, fd, "user.x", 0, 0, 0), -L_EOPNOTSUPP);
	CHECK_EQ(CALL(t, getxattr, "/none", "user.x", 0, 0), -L_ENOENT);
	CHECK_EQ(CALL(t, getxattr, "/file", "", 0, 0), -L_ERANGE);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK_EQ(CALL(t, getxattr, "/file", name, 0, 0), -L_ERANGE);
	CHECK_EQ(CALL(t, fgetxattr, 77, "user.x", 0, 0), -L_EBADF);
	CHECK_EQ(CALL(t, listxattr, "/file", 0, 0), 0);
	CHECK_EQ(CALL(t, llistxattr, "/none", 0, 0), -L_ENOENT);
	CHECK_EQ(CALL(t, flistxattr, fd, 0, 0), 0);
}

TEST(room_for_files)
{
	struct uthread *t = pretend_setup();
	struct linux_stat64 st;
	int32_t fds[2];
	int32_t fd;

	fd = CALL(t, open, "/file", L_O_CREAT | L_O_RDWR, 0600);
	CHECK_EQ(CALL(t, fallocate, fd, 0, 100, 0, 400, 0), 0);
	CHECK_EQ(CALL(t, fstat64, fd, &st), 0);
	CHECK_EQ(st.size, 500);
	CHECK_EQ(CALL(t, fallocate, fd, 0, 0, 0, 10, 0), 0);
	CHECK_EQ(CALL(t, fstat64, fd, &st), 0);
	CHECK_EQ(st.size, 500);
	CHECK_EQ(CALL(t, fallocate, fd, 3, 0, 0, 10, 0), -L_EOPNOTSUPP);
	CHECK_EQ(CALL(t, fallocate, fd, 0, 0, 0, 0, 0), -L_EINVAL);
	CHECK_EQ(CALL(t, fallocate, fd, 0, -1, -1, 5, 0), -L_EINVAL);
	CHECK_EQ(CALL(t, fallocate, fd, 0, 0, 0, 0, 1), -L_EFBIG);
	fd = CALL(t, open, "/file", L_O_RDONLY, 0);
	CHECK_EQ(CALL(t, fallocate, fd, 0, 0, 0, 10, 0), -L_EBADF);
	CHECK_EQ(CALL(t, pipe, fds), 0);
	CHECK_EQ(CALL(t, fallocate, fds[1], 0, 0, 0, 10, 0), -L_ESPIPE);
}

TEST(log)
{
	struct uthread *t = pretend_setup();
	static const char all[] = "<6>one\n<3>server: error: 2\n";
	char buf[64];

	/* All, the last line that fits, a part of it, no line. */
	CHECK_EQ(CALL(t, syslog, 3, buf, 64, 64, 0), 27);
	CHECK(memcmp(buf, all, 27) == 0);
	CHECK_EQ(CALL(t, syslog, 3, buf, 26, 26, 0), 20);
	CHECK(memcmp(buf, all + 7, 20) == 0);
	CHECK_EQ(CALL(t, syslog, 3, buf, 8, 27, 4), 8);
	CHECK(memcmp(buf, all + 4, 8) == 0);
	CHECK_EQ(CALL(t, syslog, 3, buf, 8, 27, 27), 0);
	CHECK_EQ(CALL(t, syslog, 3, buf, 19, 19, 0), 0);
	/* Once, in pieces: whole lines, or what fits of one. */
	CHECK_EQ(CALL(t, syslog, 9, NULL, 0, 0, 0), 27);
	CHECK_EQ(CALL(t, syslog, 2, buf, 9, 9, 0), 7);
	CHECK(memcmp(buf, all, 7) == 0);
	CHECK_EQ(CALL(t, syslog, 2, buf, 5, 5, 0), 5);
	CHECK(memcmp(buf, all + 7, 5) == 0);
	CHECK_EQ(CALL(t, syslog, 9, NULL, 0, 0, 0), 15);
	CHECK_EQ(CALL(t, syslog, 2, buf, 64, 64, 0), 15);
	CHECK(memcmp(buf, all + 12, 15) == 0);
	CHECK_EQ(CALL(t, syslog, 9, NULL, 0, 0, 0), 0);
	CHECK_EQ(CALL(t, syslog, 5, NULL, 0, 0, 0), 0);
	CHECK_EQ(CALL(t, syslog, 3, buf, 64, 64, 0), 0);
	CHECK_EQ(CALL(t, syslog, 99, NULL, 0, 0, 0), -L_EINVAL);
	t->process->cred.euid = 1;
	CHECK_EQ(CALL(t, syslog, 2, buf, 16, 16, 0), -L_EPERM);
}

TEST(polling)
{
	struct uthread *t = pretend_setup();
	struct linux_pollfd fds[3];
	int32_t pipe[2];

	CALL(t, pipe2, pipe, 0);
	fds[0] = (struct linux_pollfd){ pipe[0], L_POLLIN, 0 };
	fds[1] = (struct linux_pollfd){ pipe[1], L_POLLOUT, 0 };
	fds[2] = (struct linux_pollfd){ 77, L_POLLIN, 0 };
	CHECK_EQ(CALL(t, poll, fds, 1, 0), 0);
	CHECK_EQ(CALL(t, poll, fds, 1, 20), 0);
	CHECK_EQ(CALL(t, poll, fds, 3, -1), 2);
	CHECK_EQ(fds[1].revents, L_POLLOUT);
	CHECK_EQ(fds[2].revents, L_POLLNVAL);
	CALL(t, write, pipe[1], "x", 1);
	CHECK_EQ(CALL(t, poll, fds, 1, -1), 1);
	CHECK_EQ(fds[0].revents, L_POLLIN);
	CALL(t, close, pipe[1]);
	CHECK_EQ(CALL(t, poll, fds, 1, -1), 1);
	CHECK_EQ(fds[0].revents, L_POLLIN | L_POLLHUP);
	t->process->actions[L_SIGUSR1].handler = 0x1000;
	CALL(t, kill, 1, L_SIGUSR1);
	CHECK_EQ(CALL(t, poll, fds, 0, -1), -L_ERESTARTNOHAND);
}

TEST(futex)
{
	struct uthread *t = pretend_setup();
	int64_t time[2] = { 0, 1000000 };

	pretend_word = 5;
	CHECK_EQ(CALL(t, own_futex_wait, &pretend_word, L_FUTEX_WAIT, 4, 0),
	    -L_EAGAIN);
	CHECK_EQ(CALL(t, own_futex_wait, &pretend_word, L_FUTEX_WAIT, 5, time),
	    -L_ETIMEDOUT);
	CHECK_EQ(CALL(t, own_futex_wait, 8, L_FUTEX_WAIT, 5, time),
	    -L_EFAULT);
	CHECK_EQ(CALL(t, own_futex_wake, &pretend_word, L_FUTEX_WAKE, 1), 0);
}

TEST(memory_of_files_is_bounded)
{
	struct uthread *t = pretend_setup();
	uint64_t saved = node_bytes_max;
	char buf[8192];
	int32_t fd;
	int32_t n;

	node_bytes_max = 1 << 20;
	memset(buf, 'x', sizeof(buf));
	fd = CALL(t, open, "/big", L_O_CREAT | L_O_RDWR, 0600);
	while ((n = CALL(t, write, fd, buf, 8192)) > 0) {
		continue;
	}
	CHECK(n == -L_ENOSPC || n == -L_EFBIG);
	CHECK_EQ(CALL(t, ftruncate64, fd, 0, 1), -L_EFBIG);
	CHECK_EQ(CALL(t, ftruncate, fd, 0), 0);
	CHECK_EQ(CALL(t, lseek, fd, 0, 0), 0);
	CHECK_EQ(CALL(t, write, fd, buf, 8192), 8192);
	CALL(t, unlink, "/big");
	CALL(t, close, fd);
	node_bytes_max = saved;
}

TEST(files_of_memory_are_sealed)
{
	struct uthread *t = pretend_setup();
	int32_t fd;
	uint32_t right;

	fd = CALL(t, memfd_create, "name", L_MFD_ALLOW_SEALING);
	CHECK(fd >= 0);
	CHECK_EQ(CALL(t, write, fd, "text", 4), 4);
	CHECK_EQ(node_map(fd_lookup(t->process, fd)->node, true, &right), 0);
	CHECK_EQ(CALL(t, ftruncate, fd, 10000), 0);
	CHECK_EQ(CALL(t, fcntl, fd, L_F_ADD_SEALS, L_F_SEAL_WRITE), -L_EBUSY);
	CHECK_EQ(CALL(t, fcntl, fd, L_F_ADD_SEALS, L_F_SEAL_GROW), 0);
	CHECK_EQ(CALL(t, ftruncate, fd, 10001), -L_EPERM);
	CHECK_EQ(CALL(t, ftruncate, fd, 2), 0);
	CHECK_EQ(CALL(t, fcntl, fd, L_F_ADD_SEALS, L_F_SEAL_SHRINK), 0);
	CHECK_EQ(CALL(t, ftruncate, fd, 1), -L_EPERM);
	CHECK_EQ(CALL(t, fcntl, fd, L_F_GET_SEALS, 0),
	    L_F_SEAL_GROW | L_F_SEAL_SHRINK);
	CHECK_EQ(pretend.released, 0);
	CALL(t, close, fd);
	CHECK_EQ(pretend.released, 1);
	fd = CALL(t, memfd_create, "name", 0);
	CHECK_EQ(CALL(t, fcntl, fd, L_F_ADD_SEALS, L_F_SEAL_GROW), -L_EPERM);
	CALL(t, close, fd);
	CHECK_EQ(CALL(t, memfd_create, "name", 64), -L_EINVAL);
}

/* Either may go first, the watched file or the one that watches. */
TEST(watched_files_go)
{
	struct uthread *t = pretend_setup();
	struct linux_epoll_event event = { L_POLLIN, 5 };
	struct linux_epoll_event out[2];
	int32_t fds[2];
	int32_t ep = CALL(t, epoll_create1, 0);

	CHECK_EQ(CALL(t, pipe, fds), 0);
	CHECK_EQ(CALL(t, epoll_ctl, ep, L_EPOLL_CTL_ADD, fds[0], &event), 0);
	CHECK_EQ(CALL(t, write, fds[1], "x", 1), 1);
	CHECK_EQ(CALL(t, epoll_pwait, ep, out, 2, 0, 0, 8), 1);
	CHECK_EQ(out[0].data, 5);
	CALL(t, close, fds[0]);
	CHECK_EQ(CALL(t, epoll_pwait, ep, out, 2, 0, 0, 8), 0);
	CHECK_EQ(CALL(t, epoll_ctl, ep, L_EPOLL_CTL_ADD, fds[1], &event), 0);
	CALL(t, close, ep);
	CALL(t, close, fds[1]);
}

/* What a hostile program may send: any number, any words, any data. */
TEST(random_messages)
{
	struct uthread *t = pretend_setup();
	char in[UNIX_DATA_MAX];
	char out[UNIX_DATA_MAX];
	uint32_t a[6];

	CALL(t, mkdir, "/tmp", 0777);
	for (int i = 0; i < 30000; i++) {
		struct uthread *child = pretend_fork(t);
		uint32_t size = test_random(300);
		uint32_t out_size = sizeof(out);
		uint32_t events;
		int number = (int)test_random(UNIX_CALL_END);

		REQUIRE(child != NULL);
		uthread_ref(child);
		for (int k = 0; k < 6; k++) {
			a[k] = test_random(3) == 0 ? test_random(0xffffffff) :
			    test_random(12);
		}
		for (uint32_t k = 0; k < size; k++) {
			in[k] = (char)(test_random(2) == 0 ? 0 :
			    test_random(2) == 0 ? '/' : test_random(256));
		}
		/* So that no wait lasts; these would change the mask first. */
		child->process->actions[L_SIGUSR2].handler = 0x1000;
		signal_post_thread(child, L_SIGUSR2, NULL);
		if (number != CALL_sigsuspend && number != CALL_ppoll &&
		    number != CALL_rt_sigsuspend && number != CALL_ppoll_time64) {
			call_dispatch(child, number, a, in, size, out,
			    &out_size, &events);
		}
		CHECK(out_size <= sizeof(out));
		if (!child->dying) {
			process_exit(child->process, 0);
		}
		uthread_unref(child);
		CALL(t, wait4, -1, 0, L_WNOHANG, 0);
		while (CALL(t, wait4, -1, 0, L_WNOHANG, 0) > 0) {
			continue;
		}
	}
}
