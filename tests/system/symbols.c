/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * For kdb_symbols_test.py: says that it is ready, and is busy in a function of
 * its own until it is ended.
 *
 *	symbols			this process
 *	symbols fork		a child of it does the same
 *	symbols exec PROGRAM	becomes PROGRAM, with no argument
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Without call-frame rules a trace goes by the frame pointer. */
#pragma GCC optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")

volatile unsigned symbols_spins;
static volatile int symbols_busy = 1;
static void *volatile symbols_frame;

__attribute__((noinline)) static void
symbols_inner(unsigned n)
{
	/* It has one though it calls nothing. */
	symbols_frame = __builtin_frame_address(0);
	while (symbols_busy) {
		symbols_spins += n;
	}
}

__attribute__((noinline)) void
symbols_outer(unsigned n)
{
	symbols_inner(n + 1);
	symbols_spins = 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "exec") == 0) {
		execl(argv[2], argv[2], (char *)NULL);
		return 1;
	}
	if (argc == 2 && strcmp(argv[1], "fork") == 0 && fork() != 0) {
		pause();
	}
	printf("ready\n");
	fflush(stdout);
	symbols_outer((unsigned)argc);
	return 0;
}
