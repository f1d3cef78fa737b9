/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * One file that two processes write, map, grow and cut: each sees at once what
 * the other does.  Prints the same here and on Linux.  The first argument is a
 * directory for the file.
 */
#define _GNU_SOURCE
#include "show.h"
#include "touch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	64
#define LARGE	100000
#define RECORDS	300
#define RECORD	100

static int to_other[2];
static int from_other[2];

static void
say(const int *to)
{
	char c = 0;

	if (write(to[1], &c, 1) != 1) {
		_exit(1);
	}
}

static void
hear(const int *from)
{
	char c;

	if (read(from[0], &c, 1) != 1) {
		_exit(1);
	}
}

static char *
map(int fd)
{
	return mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
}

static long
sum(const char *data, int size)
{
	long value = 0;

	for (int i = 0; i < size; i++) {
		value = value * 31 + (unsigned char)data[i];
	}
	return value & 0xffffff;
}

static void
fill(char *data, int size, int seed)
{
	for (int i = 0; i < size; i++) {
		data[i] = 'a' + (i * 7 + i / 100 + seed) % 26;
	}
}

static void
other_grows(int fd, char *p)
{
	static char many[LARGE];
	char c = 0;

	SHOW(p[0]);
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(write(fd, "second", 6));
	say(from_other);
	hear(to_other);
	/* Over the end of a page, with a hole before. */
	SHOW(pwrite(fd, "wxyz", 4, 3 * PAGE - 2));
	say(from_other);
	hear(to_other);
	/* The hole was written to by a mapping. */
	SHOW(pread(fd, &c, 1, PAGE));
	SHOW(c);
	SHOW(pwrite(fd, "i", 1, PAGE + 1));
	say(from_other);
	hear(to_other);
	fill(many, LARGE, 1);
	SHOW(pwrite(fd, many, LARGE, 10));
	SHOW(sum(p + 10, LARGE));
	say(from_other);
	hear(to_other);
	SHOW(pread(fd, &c, 1, 50000));
	SHOW(c);
	/* It was cut. */
	SHOW(byte_at(p + 6 * PAGE));
	SHOW(byte_at(p + 19999));
	SHOW(byte_at(p + 20000));
	SHOW(pwrite(fd, "e", 1, 30000));
	say(from_other);
	_exit(0);
}

static void
part_grow(int fd)
{
	char *p;
	int status;

	SHOW(pwrite(fd, "first", 5, 0));
	p = map(fd);
	if (fork() == 0) {
		fd = open("growing", O_RDWR);
		other_grows(fd, map(fd));
	}
	hear(from_other);
	SHOW(strcmp(p, "firstsecond"));
	say(to_other);
	hear(from_other);
	SHOW(p[3 * PAGE - 2] * 1000 + p[3 * PAGE + 1]);
	SHOW(p[PAGE] + p[3 * PAGE + 2]);
	SHOW(byte_at(p + 4 * PAGE));
	p[PAGE] = 'h';
	say(to_other);
	hear(from_other);
	SHOW(p[PAGE] * 1000 + p[PAGE + 1]);
	say(to_other);
	hear(from_other);
	SHOW(sum(p, 10 + LARGE));
	SHOW(byte_at(p + 10 + LARGE));
	p[50000] = '!';
	SHOW(ftruncate(fd, 60000));
	SHOW(ftruncate(fd, 20000));
	SHOW(pwrite(fd, "!", 1, 50000));
	SHOW(ftruncate(fd, 50001));
	SHOW(p[20000] + p[49999]);
	SHOW(p[50000]);
	SHOW(pwrite(fd, "", 0, 70000));
	SHOW(lseek(fd, 0, SEEK_END));
	if (fork() == 0) {
		SHOW(ftruncate(fd, 20000));
		SHOW(ftruncate(fd, 50001));
		SHOW(pwrite(fd, "?", 1, 50000));
		_exit(0);
	}
	wait(&status);
	SHOW(p[49999] * 1000 + p[50000]);
	SHOW(ftruncate(fd, 20000));
	say(to_other);
	wait(&status);
	SHOW(status);
}

/* How many bytes of the file are not what only ever is written to it. */
static long
wrong(int fd, const char *p)
{
	static char data[RECORDS * RECORD];
	long size = lseek(fd, 0, SEEK_END);
	long count = 0;

	if (pread(fd, data, size, 0) != size) {
		return -1;
	}
	for (long i = 0; i < size; i++) {
		count += data[i] != 'r' || p[i] != 'r';
	}
	return count;
}

/* What has been appended is there as soon as the file is that long. */
static void
part_append(int fd)
{
	char record[RECORD];
	char *p = map(fd);
	long bad = 0;
	int status;

	memset(record, 'r', sizeof(record));
	SHOW(ftruncate(fd, 0));
	if (fork() == 0) {
		fd = open("growing", O_RDWR | O_APPEND);
		for (int i = 0; i < RECORDS; i++) {
			if (write(fd, record, sizeof(record)) != RECORD) {
				_exit(1);
			}
		}
		_exit(0);
	}
	while (lseek(fd, 0, SEEK_END) < RECORDS * RECORD
	    && waitpid(-1, &status, WNOHANG) == 0) {
		bad += wrong(fd, p);
	}
	wait(NULL);
	SHOW(bad + wrong(fd, p));
	SHOW(lseek(fd, 0, SEEK_END));
}

/* Contents that go to the disk later do not change the times that were set. */
static void
part_times(int fd)
{
	struct timespec old[2] = { { 1000000000, 0 }, { 1100000000, 0 } };
	struct stat st;

	SHOW(pwrite(fd, "contents", 8, 0));
	SHOW(futimens(fd, old));
	SHOW(fsync(fd));
	SHOW(fstat(fd, &st));
	SHOW(st.st_mtime);
}

int
main(int argc, char **argv)
{
	int fd;

	alarm(900);
	if (argc < 3 || chdir(argv[1]) != 0 || pipe(to_other) != 0
	    || pipe(from_other) != 0) {
		return 2;
	}
	handle(SIGBUS, on_fault, SA_NODEFER);
	handle(SIGSEGV, on_fault, SA_NODEFER);
	fd = open("growing", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0) {
		return 3;
	}
	if (strcmp(argv[2], "grow") == 0) {
		part_grow(fd);
	} else if (strcmp(argv[2], "append") == 0) {
		part_append(fd);
	} else if (strcmp(argv[2], "times") == 0) {
		part_times(fd);
	}
	unlink("growing");
	return 0;
}
