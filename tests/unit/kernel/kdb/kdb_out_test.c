/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What is printed: columns, and a screenful at a time.
 */

#include <tests/lib/server_test.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_out.h>

#include "kdb_world.h"

#define MORE	"--more--\r        \r"

static bool ended;

static void
print_lines(void *arg)
{
	unsigned *n = arg;

	for (unsigned i = 1; i <= *n; i++) {
		kdb_printf("%u\n", i);
	}
}

/* Print N lines on a screen of 5, while KEYS are typed. */
static void
lines(unsigned n, const char *keys)
{
	world_reset();
	kdb_out_lines_set(5);
	world_type(keys);
	kdb_out_pause(true);
	ended = !kdb_error_catch(print_lines, &n);
	kdb_out_pause(false);
}

#define PRINTED(text)	CHECK(strcmp(world_printed(), (text)) == 0)

/*
 * `\377' is a look at the keyboard in vain: one for each line, one before a key
 * is waited for, and one behind that key.
 */
#define WAIT		"\377"
#define SILENCE4	"\377\377\377\377"
#define KEY(c)		WAIT c WAIT

TEST(a_screenful_and_another)
{
	lines(4, "");
	PRINTED("1\n2\n3\n4\n");
	lines(5, SILENCE4 KEY(" "));
	PRINTED("1\n2\n3\n4\n" MORE "5\n");
	lines(9, SILENCE4 KEY(" ") SILENCE4 KEY(" "));
	PRINTED("1\n2\n3\n4\n" MORE "5\n6\n7\n8\n" MORE "9\n");
	CHECK(!ended);
}

TEST(a_line_more)
{
	lines(7, SILENCE4 KEY("\r") WAIT KEY("\n") WAIT KEY(" "));
	PRINTED("1\n2\n3\n4\n" MORE "5\n" MORE "6\n" MORE "7\n");
	CHECK(!ended);
}

TEST(no_more)
{
	lines(9, SILENCE4 WAIT "xq");
	PRINTED("1\n2\n3\n4\n" MORE);
	CHECK(ended);
	lines(9, SILENCE4 WAIT "\3");
	PRINTED("1\n2\n3\n4\n" MORE);
	CHECK(ended);
}

TEST(no_waiting_for_programs)
{
	/* What is typed ahead is there for the next command. */
	lines(9, SILENCE4 "abc");
	PRINTED("1\n2\n3\n4\n5\n6\n7\n8\n9\n");
	CHECK_EQ(kdb_in_get(), 'a');
	CHECK_EQ(kdb_in_get(), 'b');
	CHECK_EQ(kdb_in_get(), 'c');
	CHECK(!kdb_in_waiting());
}

static void
print_many(void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		kdb_printf("\n");
	}
}

TEST(no_waiting_where_it_is_not_wanted)
{
	world_reset();
	kdb_out_lines_set(0);
	kdb_out_pause(true);
	CHECK(kdb_error_catch(print_many, NULL));
	kdb_out_pause(false);
	kdb_out_lines_set(24);
	CHECK(kdb_error_catch(print_many, NULL));
	CHECK(strlen(world_printed()) == 200);
}

TEST(interrupted_lines)
{
	lines(9, "\377ab\3c");
	PRINTED("1\n2\n^C\n");
	CHECK(ended);
	/* What was typed before it is void. */
	CHECK_EQ(kdb_in_get(), 'c');
	CHECK(!kdb_in_waiting());
}

static void
print_wide(void *arg)
{
	kdb_printf("%0200u\n", 1);
	kdb_printf("%060u\n", 2);
	kdb_printf("3\n");
}

TEST(rows_of_long_lines)
{
	world_reset();
	kdb_out_lines_set(5);
	world_type(WAIT WAIT WAIT " ");
	kdb_out_pause(true);
	CHECK(kdb_error_catch(print_wide, NULL));
	kdb_out_pause(false);
	/* Three rows and one: full. */
	CHECK(strstr(world_printed(), "2\n" MORE "3\n") != NULL);
}

TEST(columns)
{
	world_reset();
	kdb_printf("ab");
	CHECK_EQ(kdb_out_column(), 2);
	kdb_out_tab(5);
	kdb_printf("c");
	kdb_out_tab(3);
	kdb_printf("d\tx\by");
	CHECK_EQ(kdb_out_column(), 9);
	kdb_out_fresh_line();
	kdb_out_fresh_line();
	kdb_printf("%s %-4d|%#lx", "s", -3, 16ul);
	kdb_printf("\rz\n");
	PRINTED("ab   cd\tx\by\ns -3  |0x10\rz\n");
	CHECK_EQ(kdb_out_column(), 0);
}

TEST(wrapping)
{
	world_reset();
	kdb_out_width_set(10);
	kdb_printf("123456789");
	kdb_out_wrap();
	kdb_printf("0");
	kdb_out_wrap();
	kdb_out_width_set(0);
	kdb_printf("12345678901234567890");
	kdb_out_wrap();
	PRINTED("1234567890\n12345678901234567890");
}

static void
fail(void *arg)
{
	kdb_printf("some");
	kdb_error("no %s: %x", "thing", 0xc0ffee);
}

TEST(errors_have_their_own_line)
{
	world_reset();
	kdb_out_lines_set(1);
	kdb_out_pause(true);
	world_type(WAIT " ");
	CHECK(!kdb_error_catch(fail, NULL));
	kdb_out_pause(false);
	PRINTED(MORE "some\nno thing: c0ffee\n");
}

TEST(long_text_is_cut)
{
	world_reset();
	kdb_printf("%02000u", 1);
	CHECK(strlen(world_printed()) == 1000);
}
