/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Mapped memory: of files, of nobody, shared and not.  Prints the same here and
 * on Linux.  The first argument is a directory for the files, the second the
 * part to do.
 */
#define _GNU_SOURCE
#include "show.h"
#include "touch.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096

static char *
map(int fd, int pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static void
part_resident(void)
{
	unsigned char vec[5];
	char *p = map(-1, 5, MAP_PRIVATE | MAP_ANONYMOUS);
	int status;

	p[0] = 1;
	p[3 * PAGE] = 1;
	memset(vec, 9, sizeof(vec));
	SHOW(mincore(p, 4 * PAGE + 1, vec));
	for (int i = 0; i < 5; i++) {
		SHOW(vec[i] & 1);
	}
	/* In a child they are still there, copied or not. */
	if (fork() == 0) {
		p[PAGE] = 1;
		SHOW(mincore(p, 3 * PAGE, vec));
		SHOW((vec[0] & 1) * 100 + (vec[1] & 1) * 10 + (vec[2] & 1));
		_exit(0);
	}
	wait(&status);
	SHOW(status);
	SHOW(mincore(p + 1, PAGE, vec));
	SHOW(mincore(p, PAGE, (unsigned char *)16));
	munmap(p + PAGE, PAGE);
	SHOW(mincore(p, 3 * PAGE, vec));
	SHOW(madvise(p, PAGE, MADV_WILLNEED));
	SHOW(madvise(p, 3 * PAGE, MADV_WILLNEED));
	SHOW(madvise(p, PAGE, 77));
	SHOW(madvise(p, PAGE, MADV_DONTNEED));
	SHOW(p[0]);
	p[0] = 7;
	SHOW(madvise(p, PAGE, MADV_DONTFORK));
	handle(SIGSEGV, on_fault, SA_NODEFER);
	if (fork() == 0) {
		SHOW(byte_at(p));
		SHOW(byte_at(p + 3 * PAGE));
		_exit(0);
	}
	wait(&status);
	SHOW(byte_at(p));
}

static void
part_sync(int fd)
{
	char *p = map(fd, 2, MAP_SHARED);
	char *q = map(-1, 3, MAP_PRIVATE | MAP_ANONYMOUS);

	SHOW(ftruncate(fd, 2 * PAGE));
	memcpy(p, "changed", 7);
	SHOW(msync(p, 2 * PAGE, MS_SYNC));
	SHOW(msync(p, 2 * PAGE, MS_ASYNC));
	SHOW(msync(p, 2 * PAGE, MS_INVALIDATE));
	SHOW(msync(p, 0, MS_SYNC));
	SHOW(msync(p + 1, PAGE, MS_SYNC));
	SHOW(msync(p, PAGE, MS_SYNC | MS_ASYNC));
	SHOW(msync(p, PAGE, 8));
	SHOW(msync(q, 3 * PAGE, MS_SYNC));
	munmap(q + PAGE, PAGE);
	SHOW(msync(q, 3 * PAGE, MS_SYNC));
	SHOW(msync(q, 3 * PAGE, MS_ASYNC));
	munmap(q, 3 * PAGE);
	munmap(p, 2 * PAGE);
}

/*
 * One file, by read and write, and by two mappings.  LATER: a private mapping
 * shows what is written to the file as long as it was not written to itself,
 * which POSIX leaves open; here it does so for files on the disk.
 */
static void
part_file(int fd, int later)
{
	char buf[8] = "";
	char *p;
	char *q;
	char *private;
	int status;

	SHOW(ftruncate(fd, 0));
	SHOW(ftruncate(fd, 2 * PAGE + 10));
	p = map(fd, 3, MAP_SHARED);
	q = map(fd, 3, MAP_SHARED);
	private = map(fd, 3, MAP_PRIVATE);
	SHOW(p[0] + q[2 * PAGE + 100] + private[PAGE]);
	SHOW(pwrite(fd, "abc", 3, PAGE));
	SHOW(p[PAGE] * 1000 + q[PAGE + 2]);
	if (later) {
		SHOW(private[PAGE]);
	}
	p[PAGE + 1] = 'X';
	SHOW(q[PAGE + 1]);
	SHOW(pread(fd, buf, 3, PAGE));
	SHOW(strcmp(buf, "aXc"));
	private[PAGE] = 'P';
	SHOW(p[PAGE]);
	SHOW(pwrite(fd, "Y", 1, PAGE));
	SHOW(private[PAGE]);
	if (fork() == 0) {
		q[0] = 'c';
		_exit(0);
	}
	wait(&status);
	SHOW(p[0]);
	munmap(p, 3 * PAGE);
	SHOW(q[PAGE + 1]);
	munmap(q, 3 * PAGE);
	munmap(private, 3 * PAGE);
	SHOW(pread(fd, buf, 3, PAGE));
	SHOW(strcmp(buf, "YXc"));
}

/* Tell the other one to go on, and wait until it has. */
static void
turn(const int *to, const int *from)
{
	char c = 0;

	if (write(to[1], &c, 1) != 1 || read(from[0], &c, 1) != 1) {
		_exit(1);
	}
}

/* What of the file "mapped" another process sees, that does what it says. */
static void
other_process(const int *to, const int *from)
{
	char buf[4] = "";
	int fd = open("mapped", O_RDWR);
	char *p;
	char c;

	if (read(from[0], &c, 1) != 1) {
		_exit(1);
	}
	SHOW(pread(fd, buf, 1, 3 * PAGE));
	SHOW(buf[0]);
	p = map(fd, 40, MAP_SHARED);
	SHOW(p[3 * PAGE]);
	SHOW(pwrite(fd, "B", 1, 3 * PAGE));
	turn(to, from);
	SHOW(p[3 * PAGE]);
	SHOW(p[39 * PAGE]);
	p[4 * PAGE] = 'E';
	SHOW(pread(fd, buf, 2, 3 * PAGE));
	SHOW(buf[0]);
	turn(to, from);
	SHOW(p[3 * PAGE - 1] * 1000 + p[3 * PAGE]);
	SHOW(pread(fd, buf, 1, 39 * PAGE + 1));
	_exit(0);
}

/* Two processes read, write and map the same file: all see the same at once. */
static void
part_processes(int fd)
{
	static char many[40 * PAGE];
	char buf[4] = "";
	int to[2];
	int from[2];
	char *p;
	int status;

	if (pipe(to) != 0 || pipe(from) != 0) {
		_exit(1);
	}
	memset(many, 'm', sizeof(many));
	SHOW(ftruncate(fd, 0));
	SHOW(pwrite(fd, many, sizeof(many), 0));
	if (fork() == 0) {
		other_process(from, to);
	}
	/* It is read, and then written, in all ways there are. */
	SHOW(pread(fd, many, sizeof(many), 0));
	SHOW(pwrite(fd, "A", 1, 3 * PAGE));
	SHOW(pread(fd, buf, 2, 3 * PAGE));
	SHOW(buf[0] * 1000 + buf[1]);
	turn(to, from);
	SHOW(pread(fd, buf, 1, 3 * PAGE));
	SHOW(buf[0]);
	p = map(fd, 40, MAP_SHARED);
	SHOW(p[3 * PAGE]);
	p[3 * PAGE] = 'C';
	SHOW(pwrite(fd, "DD", 2, 39 * PAGE));
	turn(to, from);
	SHOW(p[4 * PAGE]);
	SHOW(pread(fd, buf, 1, 4 * PAGE));
	SHOW(buf[0]);
	SHOW(ftruncate(fd, 39 * PAGE));
	SHOW(pwrite(fd, "FG", 2, 3 * PAGE - 1));
	if (write(to[1], buf, 1) != 1) {
		_exit(1);
	}
	SHOW(wait(&status) > 0);
	SHOW(status);
	munmap(p, 40 * PAGE);
}

/* The end of a file, and what is behind. */
static void
part_end(int fd)
{
	char *p;
	char buf[4] = "";

	handle(SIGBUS, on_fault, SA_NODEFER);
	handle(SIGSEGV, on_fault, SA_NODEFER);
	SHOW(ftruncate(fd, 0));
	SHOW(ftruncate(fd, PAGE + 10));
	p = map(fd, 4, MAP_SHARED);
	SHOW(byte_at(p + PAGE + 9));
	SHOW(store_at(p + PAGE + 11, 'z'));
	SHOW(byte_at(p + 2 * PAGE));
	SHOW(store_at(p + 3 * PAGE, 1));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(store_at(p + 3, 'k'));
	/* Shorter: what is gone stays gone, also when it grows again. */
	SHOW(store_at(p + PAGE + 5, 'l'));
	SHOW(ftruncate(fd, 10));
	SHOW(byte_at(p + 3));
	SHOW(byte_at(p + PAGE));
	SHOW(ftruncate(fd, 3 * PAGE));
	SHOW(byte_at(p + 3));
	SHOW(byte_at(p + PAGE + 5));
	SHOW(byte_at(p + 2 * PAGE));
	SHOW(store_at(p + 2 * PAGE, 'm'));
	SHOW(byte_at(p + 3 * PAGE));
	SHOW(pread(fd, buf, 1, 2 * PAGE));
	SHOW(buf[0]);
	munmap(p, 4 * PAGE);
}

/*
 * What is stored behind the end, in the last page, is not in the file when that
 * grows, as POSIX has it; Linux did not always, and does not for all files.
 */
static void
part_behind(int fd)
{
	char buf[PAGE];
	char *p = map(fd, 2, MAP_SHARED);

	SHOW(ftruncate(fd, 100));
	memset(p + 99, 'x', 300);
	SHOW(ftruncate(fd, 2 * PAGE));
	SHOW(p[99] * 1000 + p[100] + p[200]);
	SHOW(ftruncate(fd, 100));
	memset(p + 99, 'x', 300);
	SHOW(pwrite(fd, "a", 1, 200));
	SHOW(p[99] * 1000 + p[100] + p[150] + p[199]);
	SHOW(ftruncate(fd, 100));
	memset(p + 99, 'x', 300);
	SHOW(msync(p, PAGE, MS_SYNC));
	SHOW(pwrite(fd, "a", 1, PAGE + 10));
	SHOW(pread(fd, buf, PAGE, 0));
	SHOW(buf[99] * 1000 + buf[100] + buf[200]);
	SHOW(p[99] * 1000 + p[100] + p[200]);
	munmap(p, 2 * PAGE);
}

static void
part_rights(const char *name)
{
	int fd = open(name, O_RDWR);
	char *p;

	SHOW(write(fd, "text", 4));
	close(fd);
	fd = open(name, O_RDONLY);
	handle(SIGSEGV, on_fault, SA_NODEFER);
	SHOW(map(fd, 1, MAP_SHARED) == MAP_FAILED);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	SHOW(p == MAP_FAILED);
	SHOW(store_at(p, 1));
	SHOW(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	munmap(p, PAGE);
	p = map(fd, 1, MAP_PRIVATE);
	SHOW(store_at(p, 1));
	close(fd);
}

/* Of a file that only descriptors know. */
static void
part_memfd(void)
{
	int fd = memfd_create("some name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	char buf[64] = "";
	char path[40];
	char *p;
	int status;
	int again;

	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
	sprintf(path, "/proc/self/fd/%d", fd);
	SHOW(readlink(path, buf, sizeof(buf) - 1));
	puts(buf);
	part_file(fd, 0);
	SHOW(ftruncate(fd, PAGE));
	p = map(fd, 1, MAP_SHARED);
	if (fork() == 0) {
		again = open(path, O_RDWR);
		SHOW(pwrite(again, "mine", 4, 100));
		_exit(0);
	}
	wait(&status);
	SHOW(strcmp(p + 100, "mine"));
	/* It grows, and the old mapping is still of the same file. */
	SHOW(ftruncate(fd, 300 * PAGE));
	SHOW(pwrite(fd, "later", 5, 100));
	SHOW(strcmp(p + 100, "later"));
	close(fd);
	SHOW(p[100]);
	SHOW(fcntl(fd, F_GET_SEALS));
	fd = memfd_create("other", MFD_ALLOW_SEALING);
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(write(fd, "x", 1));
	SHOW(ftruncate(fd, 10));
	SHOW(map(fd, 1, MAP_SHARED) == MAP_FAILED);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	SHOW(fcntl(0, F_GET_SEALS));
	SHOW(memfd_create("bad", 0x4000));
}

/* A semaphore and a counter by name, between processes. */
static void
part_shm(void)
{
	int fd = shm_open("/tartan-shm", O_RDWR | O_CREAT | O_EXCL, 0600);
	sem_t *sem = sem_open("/tartan-sem", O_CREAT | O_EXCL, 0600, 1);
	volatile int *count;
	int status;

	SHOW(fd >= 0);
	SHOW(sem != SEM_FAILED);
	SHOW(ftruncate(fd, PAGE));
	count = (void *)map(fd, 1, MAP_SHARED);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			sem_t *mine = sem_open("/tartan-sem", 0);
			volatile int *n;

			fd = shm_open("/tartan-shm", O_RDWR, 0);
			n = (void *)map(fd, 1, MAP_SHARED);
			for (int j = 0; j < 100; j++) {
				sem_wait(mine);
				*n = *n + 1;
				sem_post(mine);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		wait(&status);
		SHOW(status);
	}
	SHOW(*count);
	SHOW(shm_unlink("/tartan-shm"));
	SHOW(sem_unlink("/tartan-sem"));
	SHOW(shm_open("/tartan-shm", O_RDWR, 0));
}

/* Store and sync, and nothing else: the plug will be pulled. */
static void
part_plug(int fd)
{
	char *p;

	ftruncate(fd, PAGE);
	fsync(fd);
	p = map(fd, 1, MAP_SHARED);
	memcpy(p, "synced by msync", 15);
	SHOW(msync(p, 4096, MS_SYNC));
}

int
main(int argc, char **argv)
{
	int fd;

	alarm(900);
	if (argc < 3 || chdir(argv[1]) != 0) {
		return 2;
	}
	fd = open("mapped", O_RDWR | O_CREAT, 0600);
	if (fd < 0) {
		return 3;
	}
	if (strcmp(argv[2], "resident") == 0) {
		part_resident();
	} else if (strcmp(argv[2], "sync") == 0) {
		part_sync(fd);
	} else if (strcmp(argv[2], "file") == 0) {
		part_file(fd, 1);
	} else if (strcmp(argv[2], "memory") == 0) {
		part_file(fd, 0);
	} else if (strcmp(argv[2], "processes") == 0) {
		part_processes(fd);
	} else if (strcmp(argv[2], "end") == 0) {
		part_end(fd);
	} else if (strcmp(argv[2], "behind") == 0) {
		part_behind(fd);
	} else if (strcmp(argv[2], "rights") == 0) {
		part_rights("mapped");
	} else if (strcmp(argv[2], "memfd") == 0) {
		part_memfd();
	} else if (strcmp(argv[2], "shm") == 0) {
		part_shm();
	} else if (strcmp(argv[2], "plug") == 0) {
		part_plug(fd);
		return 0;
	}
	unlink("mapped");
	return 0;
}
