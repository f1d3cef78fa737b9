/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A UNIX program that takes all memory it can get, and keeps it.
 *
 *	hog KIND [MIB]	KIND of memory: heap, map, stack, forks; asleep,
 *			which takes MIB of heap and sleeps; named, which does
 *			so under another name; again, which looks at all of
 *			MIB of heap once more; or essential, which asks the
 *			kernel to be spared, and takes heap
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE	(1 << 20)
#define CHILDREN 24
#define NO_MORE	3	/* exit status */

static void
no_more(const char *what)
{
	printf("no more: %s\n", what);
	exit(NO_MORE);
}

/* By brk itself: musl's sbrk gives nothing. */
static void
take_heap(long limit)
{
	long end = syscall(SYS_brk, 0);

	for (long n = 0; n < limit; n += PIECE) {
		if (syscall(SYS_brk, end + PIECE) != end + PIECE) {
			no_more("brk");
		}
		memset((void *)end, 1, PIECE);
		end += PIECE;
	}
}

static void
asleep(const char *size)
{
	take_heap(atol(size) * PIECE);
	printf("asleep\n");
	fflush(stdout);
	for (;;) {
		pause();
	}
}

/* Exits with 0 if SIZE MiB of heap are what was written to them. */
static void
again(const char *size)
{
	long end = syscall(SYS_brk, 0);
	long limit = atol(size) * PIECE;

	take_heap(limit);
	for (long n = 0; n < limit; n += 4096) {
		if (*(char *)(end + n) != 1) {
			exit(1);
		}
	}
	exit(0);
}

static void
take_map(void)
{
	for (;;) {
		char *p = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED) {
			no_more("mmap");
		}
		memset(p, 1, PIECE);
	}
}

static int
take_stack(int depth)
{
	volatile char room[65536];

	memset((char *)room, depth, sizeof(room));
	if (depth > 0) {
		depth = take_stack(depth - 1);
	}
	return depth + room[depth & 1023];
}

/* Many small ones: no single one has much. */
static void
take_forks(int stack)
{
	int status;

	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			break;
		}
		if (pid == 0) {
			if (stack) {
				take_stack(100);
			} else {
				take_heap(8 * PIECE);
			}
			for (;;) {
				pause();
			}
		}
	}
	/* All but what memory suffices for is ended; then end the rest. */
	if (wait(&status) < 0) {
		no_more("fork");
	}
	if ((!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) &&
	    (!WIFEXITED(status) || WEXITSTATUS(status) != NO_MORE)) {
		printf("child ended by %x\n", status);
		exit(1);
	}
	kill(0, SIGKILL);
}

/* Mach's trap NUMBER. */
static int trap(int number, ...);

__asm__("trap:\n\t"
	"popl	%ecx\n\t"		/* the return address */
	"popl	%eax\n\t"
	"pushl	%ecx\n\t"
	"lcall	$7, $0\n\t"
	"popl	%ecx\n\t"
	"subl	$4, %esp\n\t"
	"jmp	*%ecx\n");

/* task_set_essential(mach_task_self(), TRUE) */
static int
be_essential(void)
{
	unsigned self = trap(-28);
	unsigned message[] = { 19, 32, self, 0, 0, 4211, 0x10012000, 1 };

	return trap(-25, message, 1, sizeof(message), 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "heap";
	long limit;

	if (strcmp(kind, "heap") == 0) {
		limit = argc > 2 ? atol(argv[2]) : 1024;
		take_heap(limit * PIECE);
		printf("no more: %ld MiB taken\n", limit);
		return 0;
	} else if (strcmp(kind, "essential") == 0) {
		if (be_essential() != 0) {
			no_more("message");
		}
		take_heap(1024L * PIECE);
	} else if (strcmp(kind, "named") == 0) {
		prctl(PR_SET_NAME, "a\n\033pig");
		asleep(argv[2]);
	} else if (strcmp(kind, "again") == 0) {
		again(argv[2]);
	} else if (strcmp(kind, "map") == 0) {
		take_map();
	} else if (strcmp(kind, "stack") == 0) {
		setpgid(0, 0);
		take_forks(1);
	} else if (strcmp(kind, "forks") == 0) {
		setpgid(0, 0);
		take_forks(0);
	} else if (strcmp(kind, "asleep") == 0) {
		asleep(argv[2]);
	}
	return 1;
}
