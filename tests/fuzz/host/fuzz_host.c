/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * libFuzzer's side of a host fuzzer; like tests/lib/pretend/host.c, it sees
 * the host's headers and not the kernel's.
 */

#include "fuzz_host.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUZZ_HOST_ARGS	64

/* libFuzzer's, which has no header for C. */
int LLVMFuzzerRunDriver(int *argc, char ***argv,
    int (*one)(const uint8_t *data, size_t size));

static void (*fuzz_host_one)(void);
static const uint8_t *fuzz_host_at;
static const uint8_t *fuzz_host_end;

bool
fuzz_host_more(void)
{
	return fuzz_host_at < fuzz_host_end;
}

static uint32_t
fuzz_host_byte(void)
{
	return fuzz_host_more() ? *fuzz_host_at++ : 0;
}

uint32_t
fuzz_host_choose(uint32_t limit)
{
	uint32_t value = fuzz_host_byte();

	for (uint32_t rest = (limit - 1) >> 8; rest != 0; rest >>= 8) {
		value = value << 8 | fuzz_host_byte();
	}
	return value % limit;
}

/* Takes the place of the pretend machine's host_exit(): it panicked. */
_Noreturn void __wrap_host_exit(int status);

_Noreturn void
__wrap_host_exit(int status)
{
	fuzz_host_fail();
}

static int
fuzz_host_input(const uint8_t *data, size_t size)
{
	fuzz_host_at = data;
	fuzz_host_end = data + size;
	fuzz_host_one();
	return 0;
}

/* The world that was booted has no main() that would tell us. */
static int
fuzz_host_arguments(char **argv)
{
	static char text[16384];
	FILE *file = fopen("/proc/self/cmdline", "r");
	size_t size = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);
	int argc = 0;

	if (file != NULL) {
		fclose(file);
	}
	for (char *at = text; at < text + size && argc < FUZZ_HOST_ARGS - 1;
	    at += strlen(at) + 1) {
		argv[argc++] = at;
	}
	argv[argc] = NULL;
	return argc;
}

void
fuzz_host_run(void (*one)(void))
{
	static char *arguments[FUZZ_HOST_ARGS];
	char **argv = arguments;
	int argc = fuzz_host_arguments(argv);

	fuzz_host_one = one;
	/* libFuzzer has a watchdog of its own. */
	alarm(0);
	signal(SIGALRM, SIG_DFL);
	exit(LLVMFuzzerRunDriver(&argc, &argv, fuzz_host_input));
}

void
fuzz_host_say(const char *format, ...)
{
	va_list args;

	if (getenv("FUZZ_SAY") == NULL) {
		return;
	}
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

void
fuzz_host_fail(void)
{
	fflush(stdout);
	/* libFuzzer catches it. */
	abort();
}
