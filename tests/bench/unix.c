/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The benchmark of UNIX: one static program for Tartan's emulator and for
 * Linux, where it is the first process.  It measures as the module does: the
 * time stamp counter steps once an instruction.
 */

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096
#define FILE_SIZE	(256 << 10)
#define LARGE_SIZE	(4 << 20)

static char buffer[FILE_SIZE];
static char large[LARGE_SIZE];
static const char *self;
static int pipes[4];
static int file;
static int file_size;

static inline uint64_t
now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32) | low;
}

static void
report(const char *name, uint64_t value)
{
	printf("BENCH unix/%s %llu instructions\n", name,
	    (unsigned long long)value);
	fflush(stdout);
}

static void
measure(const char *name, unsigned rounds, unsigned count, void (*fn)(void))
{
	uint64_t best = UINT64_MAX;

	fn();
	for (unsigned r = 0; r < rounds; r++) {
		uint64_t from = now();
		uint64_t spent;

		for (unsigned i = 0; i < count; i++) {
			fn();
		}
		spent = (now() - from) / count;
		if (spent < best) {
			best = spent;
		}
	}
	report(name, best);
}

static void
do_getpid(void)
{
	syscall(SYS_getpid);
}

static void
do_getppid(void)
{
	getppid();
}

static void
do_fork(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

static void
do_fork_exec(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl(self, self, "exit", (char *)NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
}

static void
do_pipe(void)
{
	char c = 'x';

	if (write(pipes[1], &c, 1) != 1 || read(pipes[2], &c, 1) != 1) {
		_exit(2);
	}
}

static void
do_read(void)
{
	lseek(file, 0, SEEK_SET);
	for (int left = file_size; left > 0;) {
		int n = read(file, buffer, 65536);

		if (n <= 0) {
			_exit(3);
		}
		left -= n;
	}
}

static void
do_read_small(void)
{
	lseek(file, 0, SEEK_SET);
	if (read(file, buffer, 512) != 512) {
		_exit(3);
	}
}

static void
do_stat(void)
{
	struct stat st;

	stat(self, &st);
}

static void
do_open(void)
{
	close(open(self, O_RDONLY));
}

static void
do_mmap(void)
{
	volatile char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 65536; i += 4096) {
		p[i] = 1;
	}
	munmap((void *)p, 65536);
}

static void
bench_pipe(void)
{
	char c;
	pid_t pid;

	if (pipe(pipes) < 0 || pipe(pipes + 2) < 0) {
		return;
	}
	pid = fork();
	if (pid == 0) {
		close(pipes[1]);
		while (read(pipes[0], &c, 1) == 1) {
			if (write(pipes[3], &c, 1) != 1) {
				break;
			}
		}
		_exit(0);
	}
	measure("pipe-round-trip", 5, 100, do_pipe);
	close(pipes[1]);
	waitpid(pid, NULL, 0);
}

/* ---- memory ---- */

/* Write to each page; instructions for one. */
static uint64_t
touch(volatile char *p, int size)
{
	uint64_t from = now();

	for (int i = 0; i < size; i += PAGE) {
		p[i] = 1;
	}
	return (now() - from) / (uint64_t)(size / PAGE);
}

/* The best of some times a write to each page of a new private mapping. */
static void
touch_mapping(const char *name, int size, int flags, int fd)
{
	uint64_t best = UINT64_MAX;

	for (int r = 0; r < 5; r++) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | flags, fd, 0);
		uint64_t spent;

		if (p == MAP_FAILED) {
			return;
		}
		spent = touch(p, size);
		if (spent < best) {
			best = spent;
		}
		munmap(p, size);
	}
	report(name, best);
}

/* What a child pays that writes to memory of before the fork. */
static void
bench_copy_after_fork(void)
{
	volatile uint64_t *best = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (best == MAP_FAILED) {
		return;
	}
	*best = UINT64_MAX;
	touch(large, LARGE_SIZE);
	for (int r = 0; r < 5; r++) {
		pid_t pid = fork();

		if (pid == 0) {
			uint64_t spent = touch(large, LARGE_SIZE);

			if (spent < *best) {
				*best = spent;
			}
			_exit(0);
		}
		waitpid(pid, &status, 0);
	}
	if (*best != UINT64_MAX) {
		report("copy-after-fork-page", *best);
	}
	munmap((void *)best, PAGE);
}

/* ---- files ---- */

/* Read a byte of each page of the file, mapped for that. */
static void
do_map(void)
{
	volatile char *p = mmap(NULL, file_size, PROT_READ, MAP_SHARED, file,
	    0);

	if (p == MAP_FAILED) {
		_exit(3);
	}
	for (int i = 0; i < file_size; i += PAGE) {
		(void)p[i];
	}
	munmap((void *)p, file_size);
}

/* Make the file SIZE bytes long. */
static bool
fill(int size)
{
	for (file_size = 0; file_size < size; file_size += FILE_SIZE) {
		if (write(file, buffer, FILE_SIZE) != FILE_SIZE) {
			return false;
		}
	}
	return true;
}

static void
bench_file(void)
{
	file = open("/root/bench.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0 || !fill(FILE_SIZE)) {
		return;
	}
	measure("file-re-read-256k", 5, 2, do_read);
	measure("file-re-read-512", 5, 50, do_read_small);
	measure("file-re-map-256k", 5, 2, do_map);
	lseek(file, 0, SEEK_SET);
	if (fill(LARGE_SIZE)) {
		measure("file-re-read-4m", 5, 1, do_read);
		measure("file-re-map-4m", 5, 1, do_map);
		touch_mapping("copy-private-file-page", file_size, 0, file);
	}
	close(file);
	unlink("/root/bench.tmp");
}

int
main(int argc, char **argv)
{
	uint64_t start = now();

	if (argc > 1) {
		return 0;
	}
	printf("BENCH boot/to-program-by-shell %llu kilo-instructions\n",
	    (unsigned long long)start / 1000);
	self = argv[0];
	measure("getpid", 5, 1000, do_getpid);
	measure("getppid", 5, 100, do_getppid);
	measure("stat", 5, 50, do_stat);
	measure("open-close", 5, 50, do_open);
	measure("mmap-touch-64k", 5, 10, do_mmap);
	touch_mapping("zero-fill-page", LARGE_SIZE, MAP_ANONYMOUS, -1);
	bench_pipe();
	bench_file();
	measure("fork-exit-wait", 5, 5, do_fork);
	measure("fork-exec-wait", 5, 5, do_fork_exec);
	bench_copy_after_fork();
	measure("fork-4m-exit-wait", 5, 5, do_fork);
	if (getpid() == 1) {
		reboot(RB_AUTOBOOT);
	}
	return 0;
}
