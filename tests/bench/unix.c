/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The benchmark of UNIX: one static program for Tartan's emulator and for
 * Linux, where it is the first process.  It measures as the module does: the
 * time stamp counter steps once an instruction.
 */

#include <fcntl.h>
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

#define FILE_SIZE	(256 << 10)

static char buffer[FILE_SIZE];
static const char *self;
static int pipes[4];
static int file;

static inline uint64_t
now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32) | low;
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
	printf("BENCH unix/%s %llu instructions\n", name,
	    (unsigned long long)best);
	fflush(stdout);
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
	for (int left = FILE_SIZE; left > 0;) {
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

static void
bench_file(void)
{
	file = open("/root/bench.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0 || write(file, buffer, FILE_SIZE) != FILE_SIZE) {
		return;
	}
	measure("file-re-read-256k", 5, 2, do_read);
	measure("file-re-read-512", 5, 50, do_read_small);
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
	bench_pipe();
	bench_file();
	measure("fork-exit-wait", 5, 5, do_fork);
	measure("fork-exec-wait", 5, 5, do_fork_exec);
	if (getpid() == 1) {
		reboot(RB_AUTOBOOT);
	}
	return 0;
}
