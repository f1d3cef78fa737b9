/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Runs the tests of one program in the order of its file.  TEST=pattern picks
 * some, SEED=n changes the random choices.
 */

#include <tests/lib/server_test.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct server_test *tests_first;
static struct server_test **tests_end = &tests_first;
static bool test_has_failed;
static uint32_t test_seed = 1;

void
server_test_register(struct server_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void
server_test_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	test_has_failed = true;
	printf("%s:%d: ", file, line);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
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
	for (struct server_test *t = tests_first; t != NULL; t = t->next) {
		if (pattern != NULL && strstr(t->name, pattern) == NULL) {
			continue;
		}
		test_has_failed = false;
		t->fn();
		printf("%s %s\n", test_has_failed ? "FAIL" : "ok", t->name);
		passed += !test_has_failed;
		failed += test_has_failed;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
