/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The FPU's and the vector registers, as wide as they are, of a Linux program:
 * across handlers, in their frames, across fork, and at exec.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "../lib/vector.h"

/* What of the frame's fpstate we look at. */
#define FX 112
#define FX_MXCSR (FX + 24)
#define FX_XMM (FX + 160)
#define FX_MAGIC (FX + 464)
#define FX_ALL (FX + 468)
#define FX_FEATURES (FX + 472)
#define FX_SIZE (FX + 480)
#define FX_HEADER (FX + 512)
#define FX_RESERVED (FX + 528)

enum change {
	CHANGE_NOTHING,
	CHANGE_REGISTER,
	CHANGE_RESERVED,
	CHANGE_SETS,
	CHANGE_MXCSR,
	CHANGE_MAGIC,
	CHANGE_NO_FPU,
};

static struct regs pattern;
static enum change change;
static volatile int handled;
static volatile int wrong;

/* The registers are as at the start of a program. */
static int
regs_are_new(void)
{
	struct regs zero;
	struct regs now;
	unsigned env[7];
	unsigned mxcsr;

	memset(&zero, 0, sizeof(zero));
	regs_store(&now);
	__asm__ volatile("fnstenv %0; fldenv %0" : "=m"(env));
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	return regs_differ(&zero, &now) == 0 && (env[0] & 0xffff) == 0x37f &&
	       (env[2] & 0xffff) == 0xffff && mxcsr == 0x1f80;
}

/* Use all of the FPU, leaving its stack full. */
static void
clobber(void)
{
	struct regs ones;

	memset(&ones, 0xff, sizeof(ones));
	regs_load(&ones);
	__asm__ volatile("fninit; fldz; fldz; fldz; fldz; fldz; fldz; fldz; "
			 "fldz");
}

static uint32_t *
word(unsigned char *fp, unsigned offset)
{
	return (uint32_t *)(fp + offset);
}

static int
frame_is_good(ucontext_t *context, unsigned char *fp)
{
	unsigned size = have_xsave ? *word(fp, FX_SIZE) : 512;
	int good = *(uint16_t *)(fp + 110) == 0 &&
		   ((uintptr_t)fp + FX) % 64 == 0;

	for (int i = 0; i < REGS; i++) {
		good &= memcmp(fp + FX_XMM + 16 * i, pattern.r[i], 16) == 0;
		if (have_avx) {
			good &= memcmp(fp + FX + avx_offset + 16 * i,
				    pattern.r[i] + 16, 16) == 0;
		}
	}
	if (have_xsave) {
		good &= (context->uc_flags & 1) != 0;
		good &= *word(fp, FX_MAGIC) == 0x46505853;
		good &= *word(fp, FX_ALL) == FX + size + 4;
		good &= (*word(fp, FX_FEATURES) & 3) == 3;
		good &= *word(fp, FX + size) == 0x46505845;
	}
	return good;
}

static void
frame_change(ucontext_t *context, unsigned char *fp)
{
	switch (change) {
	case CHANGE_REGISTER:
		fp[FX_XMM + 16 * 3] ^= 0xff;
		pattern.r[3][0] ^= 0xff;
		if (have_avx) {
			fp[FX + avx_offset + 16 * 5 + 1] ^= 0xff;
			pattern.r[5][17] ^= 0xff;
		}
		break;
	case CHANGE_RESERVED:
		fp[FX_RESERVED + 7] = 1;
		break;
	case CHANGE_SETS:
		fp[FX_HEADER + 7] = 0x40;
		break;
	case CHANGE_MXCSR:
		fp[FX_MXCSR + 3] = 0x80;
		break;
	case CHANGE_MAGIC:
		*word(fp, FX_MAGIC) = 0;
		for (int i = 0; i < REGS; i++) {
			memset(pattern.r[i] + 16, 0, 16);
		}
		break;
	case CHANGE_NO_FPU:
		context->uc_mcontext.fpregs = NULL;
		memset(&pattern, 0, sizeof(pattern));
		break;
	default:
		break;
	}
}

static void
handler_info(int signal, siginfo_t *info, void *arg)
{
	ucontext_t *context = arg;
	unsigned char *fp = (unsigned char *)context->uc_mcontext.fpregs;

	wrong += !regs_are_new();
	wrong += !frame_is_good(context, fp);
	if (signal == SIGFPE) {
		context->uc_mcontext.gregs[REG_EIP] += 2;
	}
	frame_change(context, fp);
	clobber();
	handled++;
}

static void
handler_plain(int signal)
{
	wrong += !regs_are_new();
	clobber();
	handled++;
}

static void
take(int signal, int info)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	if (info) {
		action.sa_flags = SA_SIGINFO;
		action.sa_sigaction = handler_info;
	} else {
		action.sa_handler = handler_plain;
	}
	sigaction(signal, &action, NULL);
}

static void
begin(int seed)
{
	handled = 0;
	wrong = 0;
	regs_fill(&pattern, seed);
	regs_load(&pattern);
}

static void
end(const char *what)
{
	struct regs now;

	regs_store(&now);
	printf("%s: handled %d, wrong %d, lost %d\n", what, handled, wrong,
	    regs_differ(&pattern, &now));
}

static void
test_handlers(void)
{
	take(SIGUSR1, 1);
	take(SIGUSR2, 0);
	take(SIGFPE, 1);
	begin(1);
	raise(SIGUSR1);
	end("handler");
	begin(2);
	raise(SIGUSR2);
	end("plain handler");
	begin(3);
	__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx"
			 :
			 :
			 : "eax", "ecx", "edx");
	end("exception");
	change = CHANGE_REGISTER;
	begin(4);
	raise(SIGUSR1);
	end("changed in the frame");
	change = CHANGE_NO_FPU;
	begin(5);
	raise(SIGUSR1);
	end("no registers in the frame");
	change = CHANGE_NOTHING;
}

/* Signals that come at any time; x87 holds values, too. */
static void
test_alarms(void)
{
	struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };
	double out = 0;

	take(SIGALRM, 1);
	begin(6);
	__asm__ volatile("fldpi");
	setitimer(ITIMER_REAL, &every, NULL);
	while (handled < 20) {
		continue;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	__asm__ volatile("fstpl %0" : "=m"(out));
	handled = 20;
	end("alarms");
	printf("x87 %d\n", out > 3.14159 && out < 3.1416);
}

/* A process that does what comes after; its status. */
static int
child(void)
{
	int status;
	int pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		return -1;
	}
	waitpid(pid, &status, 0);
	return status;
}

static void
test_fork(void)
{
	int status;

	begin(7);
	status = child();
	if (status == -1) {
		end("child");
		exit(0);
	}
	end("parent");
}

static void
test_malformed(const char *what, enum change how)
{
	int status = child();

	if (status == -1) {
		change = how;
		begin(8);
		raise(SIGUSR1);
		end("after it");
		exit(0);
	}
	if (WIFSIGNALED(status)) {
		printf("%s: signal %d\n", what, WTERMSIG(status));
	} else {
		printf("%s: status %d\n", what, WEXITSTATUS(status));
	}
}

int
main(int argc, char **argv)
{
	regs_find();
	if (argc > 1) {
		printf("new after exec %d\n", regs_are_new());
		return 0;
	}
	printf("%d bits\n", have_avx ? 256 : 128);
	test_handlers();
	test_alarms();
	test_fork();
	test_malformed("MXCSR", CHANGE_MXCSR);
	if (have_xsave) {
		test_malformed("reserved", CHANGE_RESERVED);
		test_malformed("unknown set", CHANGE_SETS);
		test_malformed("no magic", CHANGE_MAGIC);
	}
	fflush(stdout);
	clobber();
	execl(argv[0], argv[0], "new", NULL);
	return 1;
}
