/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A UNIX program that faults in the way its argument names, or catches the
 * signal of that fault and says so.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int zero;
static volatile int *volatile nowhere = (volatile int *)8;
static sigjmp_buf back;

static int
overflow(volatile char *deeper)
{
	volatile char room[4096];

	room[0] = deeper != NULL ? deeper[0] : 1;
	return overflow(room) + room[0];
}

/* End with a list of locks, for the system to read, in a truncated file. */
static void
end_with_gone_list(void)
{
	int fd = open("/root/list", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *at;

	ftruncate(fd, 1 << 16);
	at = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ftruncate(fd, 0);
	unlink("/root/list");
	syscall(SYS_set_robust_list, at, 12);
	raise(SIGKILL);
}

static void fault(const char *how) __attribute__((noinline, noclone, used));

static void
fault(const char *how)
{
	if (strcmp(how, "null") == 0) {
		*nowhere = 1;
	} else if (strcmp(how, "divide") == 0) {
		zero = 1000 / zero;
	} else if (strcmp(how, "illegal") == 0) {
		__asm__ volatile("ud2");
	} else if (strcmp(how, "stack") == 0) {
		overflow(NULL);
	} else if (strcmp(how, "text") == 0) {
		*(volatile char *)(void *)fault = 0;
	} else if (strcmp(how, "gone") == 0) {
		end_with_gone_list();
	} else if (strcmp(how, "privileged") == 0) {
		__asm__ volatile("cli");
	} else if (strcmp(how, "abort") == 0) {
		abort();
	} else if (strcmp(how, "memory") == 0) {
		for (size_t n = 0; ; n++) {
			char *p = malloc(1 << 20);

			if (p == NULL) {
				printf("no more after %s\n",
				    n > 4 ? "some" : "nothing");
				exit(3);
			}
			memset(p, 1, 1 << 20);
		}
	}
}

static void
caught(int number)
{
	siglongjmp(back, number);
}

int
main(int argc, char **argv)
{
	int number;

	if (argc == 3) {
		signal(SIGSEGV, caught);
		signal(SIGFPE, caught);
		signal(SIGILL, caught);
		signal(SIGBUS, caught);
		number = sigsetjmp(back, 1);
		if (number != 0) {
			printf("caught %d\n", number);
			return 0;
		}
	}
	fault(argv[1]);
	printf("no fault\n");
	return 1;
}
