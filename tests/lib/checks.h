/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The words of every test on the host: those of test.h and of server_test.h, who
 * each supply the functions.
 */

#ifndef TESTS_LIB_CHECKS_H
#define TESTS_LIB_CHECKS_H

#include <stdint.h>

struct test {
	const char *name;
	void (*fn)(void);
	struct test *next;
};

void test_register(struct test *test);

#define TEST(name_)							\
	static void test_fn_##name_(void);				\
	__attribute__((constructor)) static void			\
	test_register_##name_(void)					\
	{								\
		static struct test test_ = {				\
			.name = #name_, .fn = test_fn_##name_,		\
		};							\
									\
		test_register(&test_);					\
	}								\
	static void							\
	test_fn_##name_(void)

/* Record a failure of the running test, which goes on. */
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		test_fail(__FILE__, __LINE__, "%s", #cond);		\
	}								\
} while (0)

/* The same for a loop of many checks: leave the test at the first failure. */
#define REQUIRE(cond) do {						\
	if (!(cond)) {							\
		test_fail(__FILE__, __LINE__, "%s", #cond);		\
		return;							\
	}								\
} while (0)

#define CHECK_EQ(a, b) do {						\
	long long a_ = (long long)(a);					\
	long long b_ = (long long)(b);					\
									\
	if (a_ != b_) {							\
		test_fail(__FILE__, __LINE__, "%s is %lld, not %lld",	\
		    #a, a_, b_);					\
	}								\
} while (0)

/* A number below LIMIT, repeatable with the same SEED. */
uint32_t test_random(uint32_t limit);

#endif /* TESTS_LIB_CHECKS_H */
