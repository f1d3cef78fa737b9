/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* The suite of <machine/pmap.h> on the pretend machine. */

#include <tests/lib/test.h>

#include <tests/machine/pmap_suite.h>

TEST_MACHINE(.cpus = 3, .memory_mib = 64);

void
pmap_suite_fail(const char *file, int line, const char *what)
{
	test_fail(file, line, "%s", what);
}

bool
pmap_suite_failed(void)
{
	return test_failed();
}

uint32_t
pmap_suite_random_below(uint32_t limit)
{
	return test_random(limit);
}

#define PMAP_TEST(name)			\
	TEST(pmap_##name)		\
	{				\
		pmap_suite_begin();	\
		pmap_suite_##name();	\
		pmap_suite_end();	\
	}
PMAP_SUITE_CASES(PMAP_TEST)
