/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel's formatting and string functions under other names, against the
 * host's.
 */

#include <tests/lib/test.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int (*const host_snprintf)(char *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4))) = snprintf;

#define printf(...)		kernel_printf(__VA_ARGS__)
#define vprintf(...)		kernel_vprintf(__VA_ARGS__)
#define snprintf(...)		kernel_snprintf(__VA_ARGS__)
#define vsnprintf(...)	kernel_vsnprintf(__VA_ARGS__)
#define printf_write(...)	kernel_printf_write(__VA_ARGS__)
#define printf_force(...)	kernel_printf_force(__VA_ARGS__)
#define printf_log_total_get(...) kernel_printf_log_total_get(__VA_ARGS__)
#define printf_log_read_from(...) kernel_printf_log_read_from(__VA_ARGS__)
#define printf_log_read(...)	kernel_printf_log_read(__VA_ARGS__)

int kernel_printf(const char *format, ...);
int kernel_vprintf(const char *format, va_list args);
int kernel_snprintf(char *buf, size_t size, const char *format, ...);
int kernel_vsnprintf(char *buf, size_t size, const char *format,
    va_list args);
void kernel_printf_write(const char *bytes, size_t len);
void kernel_printf_force(bool on);
size_t kernel_printf_log_read(char *buf, size_t size);
uint32_t kernel_printf_log_total_get(uint32_t *keptp);
size_t kernel_printf_log_read_from(uint32_t from, char *buf, size_t size);

#include "../../../kernel/printf.c"

#define SAME(size, ...) do {						\
	char ours_[100];						\
	char theirs_[100];						\
	int our_count_;							\
	int their_count_;						\
									\
	memset(ours_, '~', sizeof(ours_));				\
	memset(theirs_, '~', sizeof(theirs_));				\
	our_count_ = kernel_snprintf(ours_, (size), __VA_ARGS__);	\
	their_count_ = host_snprintf(theirs_, (size), __VA_ARGS__);	\
	CHECK_EQ(our_count_, their_count_);				\
	if (memcmp(ours_, theirs_, sizeof(ours_)) != 0) {		\
		test_fail(__FILE__, __LINE__, "%.40s, not %.40s",	\
		    ours_, theirs_);					\
	}								\
} while (0)

TEST(printf_integers_as_the_host)
{
	static const int values[] = { 0, 1, -1, 42, -12345, INT32_MAX,
	    INT32_MIN };
	static const char *const formats[] = {
		"%d", "%5d|", "%-8d|", "%08d", "%+d", "% d", "%.5d", "%10.4d",
		"%-10.4d|", "%u", "%x", "%X", "%#x", "%#010x", "%o", "%#o",
		"%hhd", "%hd", "%hhu", "%hu", "%.0d|", "%#.0o|",
	};

	for (unsigned f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
		for (unsigned v = 0; v < 7; v++) {
			SAME(100, formats[f], values[v]);
		}
	}
}

TEST(printf_long_values_as_the_host)
{
	SAME(100, "%lld %llu", INT64_MIN, UINT64_MAX);
	SAME(100, "%llx %#llo", 0x123456789abcdefull, UINT64_MAX);
	SAME(100, "%ld %lu %zu %zd %td %jd", -5L, 7UL, (size_t)9,
	    (ptrdiff_t)-9, (ptrdiff_t)3, (intmax_t)-77);
	SAME(100, "%20lld|%-20llu|", -1LL, 1ULL);
}

TEST(printf_text_as_the_host)
{
	SAME(100, "%s|%10s|%-10s|%.2s|%*s", "abc", "def", "ghi", "jkl", 7,
	    "mno");
	SAME(100, "%c%c%%%5c|%-5c|", 'a', 'b', 'c', 'd');
	SAME(100, "%.*s %*d %-*d|", 2, "xyz", 6, 1, 6, 2);
	SAME(100, "%p", (void *)0x1234);
	SAME(100, "plain");
	SAME(100, "%s", "");
}

TEST(printf_cuts_to_fit)
{
	SAME(1, "%d", 12345);
	SAME(4, "%d", 12345);
	SAME(6, "%d", 12345);
	SAME(3, "%s", "abcdef");
	CHECK_EQ(kernel_snprintf(NULL, 0, "%s", "abcdef"), 6);
}

TEST(printf_survives_bad_formats)
{
	char buf[40];

	kernel_snprintf(buf, sizeof(buf), "%s", (char *)NULL);
	CHECK_EQ(strcmp(buf, "(null)"), 0);
	kernel_snprintf(buf, sizeof(buf), "%");
	CHECK_EQ(strcmp(buf, ""), 0);
	kernel_snprintf(buf, sizeof(buf), "a%k");
	CHECK_EQ(strcmp(buf, "a%k"), 0);
}

TEST(printf_log_keeps_the_end)
{
	char buf[16];

	for (unsigned i = 0; i < 3000; i++) {
		kernel_printf("%05u\n", i);
	}
	CHECK_EQ(kernel_printf_log_read(buf, 12), 12);
	CHECK_EQ(memcmp(buf, "02998\n02999\n", 12), 0);
}

TEST(printf_log_by_position)
{
	char buf[16];
	uint32_t kept;
	uint32_t end;

	for (unsigned i = 0; i < 4000; i++) {
		kernel_printf("%05u\n", i);
	}
	end = kernel_printf_log_total_get(&kept);
	CHECK(kept >= 8192 && kept < 24000);
	CHECK_EQ(kernel_printf_log_read_from(end - 12, buf, 6), 6);
	CHECK_EQ(memcmp(buf, "03998\n", 6), 0);
	/* What is to come, and what is gone. */
	CHECK_EQ(kernel_printf_log_read_from(end, buf, 6), 0);
	CHECK_EQ(kernel_printf_log_read_from(end + 5, buf, 6), 0);
	CHECK_EQ(kernel_printf_log_read_from(end - kept - 7, buf, 6), 6);
	CHECK_EQ(kernel_printf_log_read_from(end - kept, buf + 6, 6), 6);
	CHECK_EQ(memcmp(buf, buf + 6, 6), 0);
}
