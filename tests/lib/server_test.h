/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The harness for servers' logic, which needs no pretend machine: an ordinary
 * host program with the sanitizers on.  Same words as tests/lib/test.h.
 */

#ifndef TESTS_LIB_SERVER_TEST_H
#define TESTS_LIB_SERVER_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct server_test {
	const char		*name;
	void			(*fn)(void);
	struct server_test	*next;
};

void server_test_register(struct server_test *test);
void server_test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A number below LIMIT, repeatable with the same SEED. */
uint32_t test_random(uint32_t limit);

#define TEST(name_)							\
	static void test_fn_##name_(void);				\
	__attribute__((constructor)) static void			\
	test_register_##name_(void)					\
	{								\
		static struct server_test test_ = {			\
			.name = #name_, .fn = test_fn_##name_,		\
		};							\
									\
		server_test_register(&test_);				\
	}								\
	static void							\
	test_fn_##name_(void)

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		server_test_fail(__FILE__, __LINE__, "%s", #cond);	\
	}								\
} while (0)

#define REQUIRE(cond) do {						\
	if (!(cond)) {							\
		server_test_fail(__FILE__, __LINE__, "%s", #cond);	\
		return;							\
	}								\
} while (0)

#define CHECK_EQ(a, b) do {						\
	long long a_ = (long long)(a);					\
	long long b_ = (long long)(b);					\
									\
	if (a_ != b_) {							\
		server_test_fail(__FILE__, __LINE__,			\
		    "%s is %lld, not %lld", #a, a_, b_);		\
	}								\
} while (0)

#endif /* TESTS_LIB_SERVER_TEST_H */
