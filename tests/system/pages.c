/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A UNIX program that uses more memory than there is, and looks whether it
 * keeps what is written into it.
 *
 *	pages MIB FILE MIB FILE	write MIB of pages, then look at each and change
 *				it, again and again in other orders, until FILE
 *				exists; the same with more pages, until the
 *				other FILE exists
 *	pages death MIB		write MIB, kill the default pager, and look what
 *				is gone by SIGBUS when there is another; then
 *				use as much again.  All in one process: whoever
 *				sleeps meanwhile may lose what he needs
 */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096u
#define WORDS	(PAGE / sizeof(uint32_t))

static sigjmp_buf back;

/* What is in word WORD of page PAGE_NUMBER after so many ROUNDS. */
static uint32_t
content(uint32_t page, uint32_t round, uint32_t word)
{
	uint32_t x = page * 2654435761u ^ round * 40503u ^ word * 2246822519u;

	x ^= x >> 15;
	return x * 3266489917u;
}

static void
fill(uint32_t *at, uint32_t page, uint32_t round)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		at[i] = content(page, round, i);
	}
}

static int
is_right(const uint32_t *at, uint32_t page, uint32_t round)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		if (at[i] != content(page, round, i)) {
			return 0;
		}
	}
	return 1;
}

static uint32_t *
get(uint32_t pages)
{
	uint32_t *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		printf("no memory\n");
		exit(1);
	}
	return at;
}

static void
fill_all(uint32_t *at, uint32_t from, uint32_t pages, uint32_t round)
{
	for (uint32_t page = from; page < pages; page++) {
		fill(at + page * WORDS, page, round);
	}
	printf("filled %u\n", (unsigned)pages / 256);
	fflush(stdout);
}

/* A number without common factors with how many pages there are. */
static uint32_t
stride(uint32_t round)
{
	return round % 2 == 0 ? 1 : 17;
}

static uint32_t
look(uint32_t *at, uint32_t pages, uint32_t round)
{
	uint32_t page = 0;
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < pages; i++) {
		uint32_t *p = at + page * WORDS;

		wrong += !is_right(p, page, round - 1);
		fill(p, page, round);
		page = (page + stride(round)) % pages;
	}
	return wrong;
}

static void
caught(int number)
{
	siglongjmp(back, 1);
}

/* The number in the line of FILE that begins with NAME. */
static long
number(const char *file, const char *name)
{
	FILE *f = fopen(file, "r");
	char line[256];
	long found = -1;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0) {
			found = atol(line + strlen(name));
		}
	}
	if (f != NULL) {
		fclose(f);
	}
	return found;
}

static void
kill_pager(void)
{
	FILE *f = fopen("/proc/servers", "w");

	fputs("kill pager\n", f);
	fclose(f);
	while (number("/proc/servers", "pager ready") != 2) {
		usleep(100000);
	}
}

/* How many pages are gone; WRONG others are not what they were. */
static uint32_t
count_gone(const uint32_t *at, uint32_t pages, uint32_t *wrong)
{
	volatile uint32_t page;
	volatile uint32_t gone = 0;

	signal(SIGBUS, caught);
	for (page = 0; page < pages; page++) {
		if (sigsetjmp(back, 1) != 0) {
			gone++;
			continue;
		}
		*wrong += !is_right(at + page * WORDS, page, 0);
	}
	signal(SIGBUS, SIG_DFL);
	return gone;
}

/*
 * What this process needs from now on shall be in memory: do the same with a
 * page that no file has, which is gone like those that no pager has.
 */
static uint32_t
rehearse(void)
{
	int fd = open("/tmp/rehearse", O_RDWR | O_CREAT | O_TRUNC, 0600);
	uint32_t *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	uint32_t wrong = 0;
	uint32_t gone = count_gone(at, 1, &wrong);

	munmap(at, PAGE);
	close(fd);
	unlink("/tmp/rehearse");
	(void)number("/proc/servers", "pager ready");
	usleep(1000);
	return gone;
}

/* Is what was free free again, but for 2 MiB that others may have now? */
static int
is_free(long before)
{
	for (int i = 0; i < 600; i++) {
		if (number("/proc/meminfo", "MemFree:") > before - 2048) {
			return 1;
		}
		usleep(100000);
	}
	return 0;
}

static void
death(uint32_t pages)
{
	long before = number("/proc/meminfo", "MemFree:");
	uint32_t *at = get(pages);
	uint32_t wrong = 0;
	uint32_t gone;

	fill_all(at, 0, pages, 0);
	if (rehearse() != 1) {
		printf("no SIGBUS\n");
		exit(1);
	}
	kill_pager();
	gone = count_gone(at, pages, &wrong);
	printf("gone: %s, wrong: %u\n", gone == 0 ? "none" :
	    gone == pages ? "all" : "some", (unsigned)wrong);
	munmap(at, pages * PAGE);
	at = get(pages);
	fill_all(at, 0, pages, 0);
	wrong = look(at, pages, 1) + look(at, pages, 2);
	munmap(at, pages * PAGE);
	printf("wrong: %u, memory %s\n", (unsigned)wrong,
	    is_free(before) ? "is free again" : "is missing");
}

/* Look at PAGES until FILE exists; how many are wrong. */
static uint32_t
look_until(uint32_t *at, uint32_t pages, const char *file, uint32_t *round)
{
	uint32_t wrong = 0;

	do {
		(*round)++;
		wrong += look(at, pages, *round);
		printf("round %u\n", (unsigned)*round);
		fflush(stdout);
	} while (access(file, F_OK) != 0);
	return wrong;
}

int
main(int argc, char **argv)
{
	uint32_t round = 0;
	uint32_t pages;
	uint32_t more;
	uint32_t wrong;
	uint32_t *at;

	if (strcmp(argv[1], "death") == 0) {
		death((uint32_t)atoi(argv[2]) * 256);
		return 0;
	}
	pages = (uint32_t)atoi(argv[1]) * 256;
	more = (uint32_t)atoi(argv[3]) * 256;
	at = get(more);
	fill_all(at, 0, pages, round);
	wrong = look_until(at, pages, argv[2], &round);
	fill_all(at, pages, more, round);
	wrong += look_until(at, more, argv[4], &round);
	printf("%s\n", wrong == 0 ? "all is right" : "wrong");
	return wrong != 0;
}
