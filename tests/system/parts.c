/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A UNIX program that relies on pages of 4 KiB, whatever the kernel's are:
 * it maps, unmaps, protects and reads files in parts of larger pages.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	4096
#define COUNT	64

static sigjmp_buf back;

static void
check(int right, const char *what)
{
	if (!right) {
		printf("wrong: %s\n", what);
		exit(1);
	}
}

static char *
map(char *where, int pages, int prot, int flags, int fd, off_t offset)
{
	return mmap(where, pages * PAGE, prot, MAP_PRIVATE | flags, fd, offset);
}

static int
all(const char *at, int value, int n)
{
	for (int i = 0; i < n; i++) {
		if (at[i] != value) {
			return 0;
		}
	}
	return 1;
}

static void
faulted(int number)
{
	siglongjmp(back, number);
}

static int
faults(volatile char *at, int write)
{
	if (sigsetjmp(back, 1) != 0) {
		return 1;
	}
	if (write) {
		*at = 1;
	} else {
		(void)*at;
	}
	return 0;
}

/* A file whose page N is full of 'a' + N. */
static int
make_file(void)
{
	char page[PAGE];
	int fd = open("/root/parts", O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0, "open");
	for (int i = 0; i < 8; i++) {
		memset(page, 'a' + i, PAGE);
		check(write(fd, page, PAGE) == PAGE, "write");
	}
	return fd;
}

static void
zeros(void)
{
	char *p = map(NULL, COUNT, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1,
	    0);

	check(p != MAP_FAILED, "mmap");
	memset(p, 7, COUNT * PAGE);
	for (int i = 1; i < COUNT; i += 2) {
		check(map(p + i * PAGE, 1, PROT_READ | PROT_WRITE,
		    MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + i * PAGE,
		    "fixed");
	}
	for (int i = 0; i < COUNT; i++) {
		check(all(p + i * PAGE, i % 2 == 0 ? 7 : 0, PAGE), "zeros");
	}
	/* In odd steps, so that every page is gone in the end. */
	for (int i = 0; i < COUNT; i++) {
		check(munmap(p + i * 37 % COUNT * PAGE, PAGE) == 0, "munmap");
	}
	for (int i = 0; i < COUNT; i++) {
		check(faults(p + i * PAGE, 0), "unmapped");
	}
}

static void
files(int fd)
{
	char *p = map(NULL, 8, PROT_READ, 0, fd, 0);
	char *q;

	for (int i = 0; i < 8; i++) {
		check(all(p + i * PAGE, 'a' + i, PAGE), "file");
		q = map(NULL, 1, PROT_READ, 0, fd, i * PAGE);
		check(all(q, 'a' + i, PAGE), "page of a file");
		check(munmap(q, PAGE) == 0, "munmap of a file");
	}
	check(map(p + PAGE, 3, PROT_READ | PROT_WRITE, MAP_FIXED, fd,
	    4 * PAGE) == p + PAGE, "file over file");
	memset(p + 2 * PAGE, 'x', PAGE);
	check(all(p, 'a', PAGE) && all(p + PAGE, 'e', PAGE) &&
	    all(p + 2 * PAGE, 'x', PAGE) && all(p + 3 * PAGE, 'g', PAGE) &&
	    all(p + 4 * PAGE, 'e', PAGE), "file in a file");
	lseek(fd, 5 * PAGE, SEEK_SET);
	check(read(fd, p + 2 * PAGE, 1) == 1 && p[2 * PAGE] == 'f',
	    "private");
}

/* What is cut off a file is gone, also from the page that is left. */
static void
shared(int fd)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);

	check(p != MAP_FAILED, "shared");
	p[3] = 'X';
	p[PAGE + 5] = 'Y';
	check(ftruncate(fd, 10) == 0 && ftruncate(fd, 2 * PAGE) == 0, "cut");
	check(p[3] == 'X' && p[PAGE + 5] == 0, "what was cut");
	check(munmap(p, 2 * PAGE) == 0, "munmap of shared");
}

static void
protection(void)
{
	char *p = map(NULL, 48, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1, 0);

	check(mprotect(p + PAGE, 46 * PAGE, PROT_READ) == 0, "mprotect");
	check(!faults(p, 1) && !faults(p + 47 * PAGE, 1), "still writable");
	check(faults(p + 24 * PAGE, 1), "not writable");
	check(!faults(p + 24 * PAGE, 0), "readable");
	check(munmap(p, 48 * PAGE) == 0, "munmap of all");
}

/* What the heap gives back comes again as zeros. */
static void
heap(void)
{
	char *p = (char *)syscall(SYS_brk, 0);

	check(syscall(SYS_brk, p + 3 * PAGE) == (long)p + 3 * PAGE, "brk");
	memset(p, 5, 3 * PAGE);
	check(syscall(SYS_brk, p + PAGE) == (long)p + PAGE, "brk down");
	check(syscall(SYS_brk, p + 3 * PAGE) == (long)p + 3 * PAGE, "brk up");
	check(all(p, 5, PAGE) && all(p + PAGE, 0, 2 * PAGE), "heap");
	check(syscall(SYS_brk, p) == (long)p, "brk back");
}

/* What grows keeps what it has, and grows by zeros. */
static void
growth(void)
{
	char *p = map(NULL, 3, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1, 0);
	char *q = map(NULL, 48, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1, 0);

	memset(p, 3, 3 * PAGE);
	check(mremap(p, 3 * PAGE, PAGE, 0) == p, "shrink");
	p = mremap(p, PAGE, 50 * PAGE, MREMAP_MAYMOVE);
	check(p != MAP_FAILED, "grow");
	check(all(p, 3, PAGE) && all(p + PAGE, 0, 49 * PAGE), "grown");
	memset(q, 4, 48 * PAGE);
	q = mremap(q, 48 * PAGE, 49 * PAGE, MREMAP_MAYMOVE);
	check(q != MAP_FAILED, "grow by one");
	check(all(q, 4, 48 * PAGE) && all(q + 48 * PAGE, 0, PAGE), "by one");
	check(munmap(p, 50 * PAGE) == 0 && munmap(q, 49 * PAGE) == 0,
	    "munmap of what grew");
}

/* More than memory holds in all: nothing of what is unmapped may stay. */
static void
again(void)
{
	static char *p[100];

	for (int i = 0; i < 40000; i++) {
		char **at = &p[i % 100];
		int pages = 1 + i % 3;

		if (*at != NULL) {
			check(munmap(*at, (1 + (i - 100) % 3) * PAGE) == 0,
			    "munmap again");
		}
		*at = map(NULL, pages, PROT_READ | PROT_WRITE, MAP_ANONYMOUS,
		    -1, 0);
		check(*at != MAP_FAILED, "mmap again");
		**at = 1;
		if (i % 5 == 0) {
			*at = mremap(*at, pages * PAGE, (pages + 2) * PAGE,
			    MREMAP_MAYMOVE);
			check(*at != MAP_FAILED, "mremap again");
			check(mremap(*at, (pages + 2) * PAGE, pages * PAGE,
			    0) == *at, "mremap back");
		}
	}
}

int
main(void)
{
	int fd;

	signal(SIGSEGV, faulted);
	signal(SIGBUS, faulted);
	check(getauxval(AT_PAGESZ) == PAGE, "page size");
	fd = make_file();
	zeros();
	files(fd);
	shared(fd);
	protection();
	heap();
	growth();
	again();
	printf("parts are right\n");
	return 0;
}
