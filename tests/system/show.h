/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the programs have in common that run on Linux and on Tartan and must
 * print the same.
 */
#ifndef TESTS_SYSTEM_SHOW_H
#define TESTS_SYSTEM_SHOW_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The expression, its value, and the error if there was one. */
#define SHOW(expression) \
	do { \
		long value_; \
		errno = 0; \
		value_ = (long)(expression); \
		printf("%s: %ld %s\n", #expression, value_, \
		    value_ == -1 ? strerror(errno) : ""); \
		fflush(stdout); \
	} while (0)

static void
handle(int number, void (*function)(int), int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = function;
	action.sa_flags = flags;
	sigaction(number, &action, NULL);
}

static void
milliseconds(int n)
{
	struct timespec ts = { n / 1000, n % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

#endif /* TESTS_SYSTEM_SHOW_H */
