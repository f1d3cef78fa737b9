/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Runs the tests of one program in the order of its file. */

#include <tests/lib/server_test.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test *tests_first;
static struct test **tests_end = &tests_first;
static const struct test *test_current;
static unsigned test_failures;		/* of the current test */
static uint32_t test_seed = 1;

void
test_register(struct test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void
test_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	if (test_failures++ < 5) {
		printf("FAIL %s: %s:%d: ", test_current->name, file, line);
		va_start(arguments, format);
		vprintf(format, arguments);
		va_end(arguments);
		printf("\n");
	}
}

uint32_t
test_random(uint32_t limit)
{
	test_seed = test_seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)test_seed * limit >> 32);
}

int
main(void)
{
	const char *pattern = getenv("TEST");
	const char *seed = getenv("SEED");
	unsigned passed = 0;
	unsigned failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (seed != NULL) {
		test_seed = (uint32_t)strtoul(seed, NULL, 0);
	}
	for (struct test *t = tests_first; t != NULL; t = t->next) {
		if (pattern != NULL && strstr(t->name, pattern) == NULL) {
			continue;
		}
		test_current = t;
		test_failures = 0;
		t->fn();
		if (test_failures == 0) {
			printf("ok %s\n", t->name);
			passed++;
		} else {
			failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
