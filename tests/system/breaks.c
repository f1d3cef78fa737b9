/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * For kdb_user_test.py: functions that are called so many times, of which the
 * results and the text itself are told.
 *
 *	breaks N	calls tick() N times
 *	breaks wait N	the same after a line of input
 *	breaks exec N	the same, and once more as a new program in its place
 *	breaks fork N	the same, and a child does too
 *	breaks nap N	waits N times for a signal, which comes each three seconds
 *	breaks trap	executes trap instructions of its own, of one byte and of two
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_SIZE	64

static volatile unsigned total;

/* A call that is no call to the library. */
int enter(void);
int entered(void);
__asm__(".globl enter, entered\n"
	"enter: movl $20, %eax\n"
	"entered: int $0x80\n"
	"	ret\n");

/* A call that waits. */
void nap(void);
__asm__(".globl nap, napping\n"
	"nap:	movl $29, %eax\n"
	"napping: int $0x80\n"
	"	ret\n");

/* Its trap instructions are its own. */
void trap(void);
__asm__(".globl trap, trap_here\n"
	"trap: nop\n"
	"trap_here: int3\n"
	"	.byte 0xcd, 3\n"
	"	ret\n");

/*
 * Ways into the kernel: with a prefix, by the gates of the kernel's own traps
 * (mach_task_self), and flags that are pushed and popped.
 */
void odd(void);
__asm__(".globl odd, odd_end\n"
	"odd:	movl $20, %eax\n"
	"	.byte 0x2e\n"
	"	int $0x80\n"
	"	movl $-28, %eax\n"
	"	lcall $7, $0\n"
	"	movl $-28, %eax\n"
	"	.byte 0x3e\n"
	"	int $0x81\n"
	"	pushfl\n"
	"	popfl\n"
	"	pushfw\n"
	"	popfw\n"
	"	ret\n"
	".size odd, . - odd\n"
	".type odd, @function\n");

/* The first and the second instruction each need a page that nobody has yet. */
void need(void);
__asm__(".pushsection .data\n"
	".balign 4096\n"
	"needed: .long 0x12345678\n"
	".balign 4096\n"
	"	.long 0\n"
	".popsection\n"
	".comm wanted, 8192, 4096\n"
	".globl need, needed\n"
	"need:	movl needed, %eax\n"
	"	movl %eax, wanted + 4096\n"
	"	incl %eax\n"
	"	ret\n"
	".size need, . - need\n"
	".type need, @function\n");

__attribute__((noinline)) void
tick(unsigned i)
{
	total += i * i;
}

/* Each in a page of its own, which nobody has before. */
__attribute__((noinline, aligned(4096))) void
far_away(void)
{
	total++;
}

__attribute__((noinline, aligned(4096))) void
farther(void)
{
	total--;
}

__attribute__((noinline, aligned(4096))) void
outer(unsigned i)
{
	tick(i);
	if (enter() != getpid()) {
		total = 0;
	}
}

static unsigned
text_sum(void)
{
	const unsigned char *text = (const unsigned char *)tick;
	const unsigned char *more = (const unsigned char *)entered;
	unsigned sum = 0;

	for (unsigned i = 0; i < TEXT_SIZE; i++) {
		sum = sum * 31 + text[i] + more[i % 3];
	}
	return sum;
}

static void
run(const char *who, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		outer(i);
	}
	if (n > 0) {
		odd();
		need();
		far_away();
		farther();
	}
	printf("%s %u text %08x\n", who, total, text_sum());
	fflush(stdout);
}

static void
trapped(int signal)
{
	total++;
}

int
main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[1] : "";
	unsigned n = argc > 1 ? (unsigned)atoi(argv[argc - 1]) : 0;
	struct itimerval every = { { 3, 0 }, { 3, 0 } };
	char line[16];
	int status = 0;
	pid_t pid;

	if (argc == 2 && strcmp(argv[1], "trap") == 0) {
		signal(SIGTRAP, trapped);
		trap();
		printf("trapped %u\n", total);
		return 0;
	}
	if (strcmp(how, "nap") == 0) {
		signal(SIGALRM, trapped);
		setitimer(ITIMER_REAL, &every, NULL);
		for (unsigned i = 0; i < n; i++) {
			nap();
		}
		printf("napped %u\n", n);
		return 0;
	}
	if (strcmp(how, "wait") == 0 || strcmp(how, "exec") == 0) {
		/* It has this text in memory. */
		printf("ready %d\n", text_sum() != 0);
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL) {
			return 1;
		}
	}
	if (strcmp(how, "fork") == 0) {
		pid = fork();
		if (pid == 0) {
			run("child", n);
			return 0;
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid ||
		    status != 0) {
			printf("child %d ended %x: %m\n", pid, status);
			fflush(stdout);
		}
	}
	run("done", n);
	if (strcmp(how, "exec") == 0) {
		execl(argv[0], argv[0], argv[2], NULL);
		return 1;
	}
	return status != 0;
}
