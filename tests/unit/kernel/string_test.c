/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <stdint.h>

/* The kernel's functions, under names that leave the host's alone. */
#define memcpy		kernel_memcpy
#define memcmp		kernel_memcmp
#define memchr		kernel_memchr
#define strlen		kernel_strlen
#define strnlen		kernel_strnlen
#define strcmp		kernel_strcmp
#define strncmp		kernel_strncmp
#define strchr		kernel_strchr
#define strrchr		kernel_strrchr
#define strstr		kernel_strstr
#define strlcpy		kernel_strlcpy

#include "../../../kernel/string.c"

/* Only used for cutting: the machine's own. */
void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = ((const char *)from)[i];
	}
	return to;
}

TEST(string_compare)
{
	CHECK_EQ(memcmp("abc", "abc", 3), 0);
	CHECK(memcmp("abc", "abd", 3) < 0);
	CHECK(memcmp("ab\xff", "ab\x01", 3) > 0);
	CHECK_EQ(memcmp("abc", "xyz", 0), 0);
	CHECK_EQ(strcmp("", ""), 0);
	CHECK(strcmp("a", "") > 0);
	CHECK(strcmp("a", "b") < 0);
	CHECK(strcmp("\x80", "\x7f") > 0);
	CHECK_EQ(strncmp("abcd", "abxx", 2), 0);
	CHECK(strncmp("abcd", "abxx", 3) < 0);
	CHECK_EQ(strncmp("ab", "ab", 10), 0);
}

TEST(string_search)
{
	const char *s = "hello, world";

	CHECK_EQ(strlen(s), 12);
	CHECK_EQ(strnlen(s, 5), 5);
	CHECK_EQ(strnlen(s, 50), 12);
	CHECK(strchr(s, 'o') == s + 4);
	CHECK(strrchr(s, 'o') == s + 8);
	CHECK(strchr(s, '\0') == s + 12);
	CHECK(strrchr(s, '\0') == s + 12);
	CHECK(strchr(s, 'z') == NULL && strrchr(s, 'z') == NULL);
	CHECK(strstr(s, "world") == s + 7);
	CHECK(strstr(s, "") == s);
	CHECK(strstr(s, "worlds") == NULL);
	CHECK(memchr(s, 'w', 7) == NULL);
	CHECK(memchr(s, 'w', 8) == s + 7);
}

TEST(string_copy_cuts)
{
	char buf[4] = "xyz";

	CHECK_EQ(strlcpy(buf, "abcdef", sizeof(buf)), 6);
	CHECK_EQ(strcmp(buf, "abc"), 0);
	CHECK_EQ(strlcpy(buf, "q", sizeof(buf)), 1);
	CHECK_EQ(strcmp(buf, "q"), 0);
	CHECK_EQ(strlcpy(buf, "zz", 0), 2);
	CHECK_EQ(strcmp(buf, "q"), 0);
}
