/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * adb's formats, as ?, / and = print by them.
 */

#include <tests/lib/server_test.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_vars.h>

#include "kdb_world.h"

#define MARGIN	"                "

static void
prints_at(int line, const char *command, const char *text)
{
	const char *printed = world_run(command);

	if (strcmp(printed, text) != 0) {
		test_fail(__FILE__, line, "%s prints:\n%s\nnot:\n%s",
		    command, printed, text);
	}
}

#define PRINTS(command, text)	prints_at(__LINE__, command, text)

/* Four bytes at 0x1800, where no symbol is near. */
static void
put(uint32_t value)
{
	world_reset();
	memcpy(world_memory(0x1800), &value, sizeof(value));
}

TEST(numbers_of_four_bytes)
{
	put(0x80000012);
	PRINTS("1800/X", MARGIN "80000012        \n");
	PRINTS("1800/O", MARGIN "020000000022    \n");
	PRINTS("1800/Q", MARGIN "-017777777756   \n");
	PRINTS("1800/D", MARGIN "-2147483630     \n");
	PRINTS("1800/U", MARGIN "2147483666      \n");
	CHECK_EQ(kdb_vars.dot, 0x1800);
	CHECK_EQ(kdb_vars.increment, 4);
	CHECK_EQ(kdb_vars.named[0], 0x80000012);
}

TEST(numbers_of_two_bytes)
{
	put(0x1234fff0);
	PRINTS("1800/x", MARGIN "fff0    \n");
	PRINTS("1800/o", MARGIN "0177760 \n");
	PRINTS("1800/q", MARGIN "-020    \n");
	PRINTS("1800/d", MARGIN "-16     \n");
	PRINTS("1800/u", MARGIN "65520   \n");
	CHECK_EQ(kdb_vars.increment, 2);
	PRINTS("1800/b", MARGIN "0360    \n");
	CHECK_EQ(kdb_vars.increment, 1);
	CHECK_EQ(kdb_vars.named[0], 0xf0);
}

TEST(values_themselves)
{
	world_reset();
	PRINTS("0t100=X", MARGIN "64              \n");
	PRINTS("12345678=x", MARGIN "5678    \n");
	PRINTS("-2=D", MARGIN "-2              \n");
	PRINTS("0ffff=d", MARGIN "-1      \n");
	PRINTS("0ff=b", MARGIN "0377    \n");
	PRINTS("1.5=f", MARGIN "1.5             \n");
	PRINTS("'ab'=c", MARGIN "a\n");
	PRINTS("'abcd'=s", MARGIN "abcd\n");
	PRINTS("'a'=s", MARGIN "a\n");
	PRINTS("0=Y", MARGIN "1970 Jan 1 00:00:00     \n");
	PRINTS("main+4=p", MARGIN "main+0x4        \n");
	PRINTS("main+4=a", "main+0x4:       \n");
	PRINTS("90=i", MARGIN "nop\n");
	PRINTS("10=X\" is \"D", MARGIN "10               is 16              \n");
	/* Nothing of memory is meant. */
	PRINTS("5=2+3^X", MARGIN "5               \n");
	CHECK_EQ(kdb_vars.dot, 5);
	PRINTS("5=F", "bad modifier: =F\n");
	PRINTS("5,2=d", MARGIN "5       5       \n");
	PRINTS("5,0=d", "");
	PRINTS("5,-1=d", "");
}

TEST(formats_of_several_letters)
{
	put(0x44434241);
	PRINTS("1800/xx", MARGIN "4241    4443    \n");
	CHECK_EQ(kdb_vars.increment, 4);
	PRINTS("1800/2x", MARGIN "4241    4443    \n");
	PRINTS("1800/2xn2b", MARGIN "4241    4443    \n"
	    MARGIN "037     046     \n");
	PRINTS("1800/cccc", MARGIN "ABCD\n");
	PRINTS("1800/4c", MARGIN "ABCD\n");
	PRINTS("1800/c3rc", MARGIN "A   B\n");
	PRINTS("1800/\"at \"X", "at 44434241        \n");
	PRINTS("1800/\"a;b\"", "a;b\n");
	PRINTS("1800/2\"ab\"", "abab\n");
	PRINTS("1800/\"no end", "no end\n");
	PRINTS("1800/ 2c 2c ", MARGIN "ABCD\n");
	PRINTS("1800/0cc", MARGIN "A\n");
}

TEST(moving_dot)
{
	put(0x44434241);
	PRINTS("1800/+c", MARGIN "B\n");
	CHECK_EQ(kdb_vars.increment, 2);
	PRINTS("1801/-c", MARGIN "A\n");
	CHECK_EQ(kdb_vars.increment, 0);
	PRINTS("1800/2+c2-c", MARGIN "CB\n");
	/* Back by what the last letter took. */
	PRINTS("1800/x^x", MARGIN "4241    4241    \n");
	PRINTS("1800/cc^c", MARGIN "ABB\n");
	PRINTS("1800/ccc2^c", MARGIN "ABCB\n");
	/* At first that is the last command's increment. */
	PRINTS("1800/x", MARGIN "4241    \n");
	PRINTS("1802/^c", MARGIN "A\n");
}

TEST(characters_and_strings)
{
	world_reset();
	memcpy(world_memory(0x1800), "ab\001c\177@ \200\0z", 10);
	PRINTS("1800/s", MARGIN "ab.c.@ .\n");
	CHECK_EQ(kdb_vars.increment, 9);
	PRINTS("1800/S", MARGIN "ab@Ac@?@@@`\\200\n");
	CHECK_EQ(kdb_vars.increment, 9);
	PRINTS("1802/cCC", MARGIN ".c@?\n");
	PRINTS("1802/C", MARGIN "@A\n");
	PRINTS("1808/C", MARGIN "@@\n");
	PRINTS("1808/s", MARGIN "\n");
	CHECK_EQ(kdb_vars.increment, 1);
}

TEST(floating_point)
{
	static const double value = -1234.5625;
	static const float single = 0.1f;

	world_reset();
	memcpy(world_memory(0x1800), &value, sizeof(value));
	memcpy(world_memory(0x1808), &single, sizeof(single));
	PRINTS("1800/Ff", MARGIN "-1234.5625                      "
	    "0.100000001     \n");
	CHECK_EQ(kdb_vars.increment, 12);
}

TEST(dates)
{
	put(518709600);
	PRINTS("1800/Y", MARGIN "1986 Jun 9 14:00:00     \n");
	put(951782399);
	PRINTS("1800/Y", MARGIN "2000 Feb 28 23:59:59    \n");
	put(951782400);
	PRINTS("1800/Y", MARGIN "2000 Feb 29 00:00:00    \n");
	put(1735603200);
	PRINTS("1800/Y", MARGIN "2024 Dec 31 00:00:00    \n");
	put(0xffffffff);
	PRINTS("1800/Y", MARGIN "2106 Feb 7 06:28:15     \n");
	CHECK_EQ(kdb_vars.increment, 4);
}

TEST(symbols)
{
	world_reset();
	put(WORLD_TEXT + 0x40);
	PRINTS("1800/p", MARGIN "main.cold       \n");
	put(WORLD_TEXT + 0x3f);
	PRINTS("1800/p", MARGIN "main+0x3f       \n");
	PRINTS("1800/a", "0x1800:         \n");
	CHECK_EQ(kdb_vars.increment, 0);
	PRINTS("1800/apa", "0x1800:         main+0x3f       0x1804:         \n");
	PRINTS("table+4/ax", "table+0x4:      261f    \n");
	/* By a limit, or as long as the symbol is. */
	PRINTS("table+100/ax", "tab:            a03     \n");
	PRINTS("tab+0ff/ax", "tab+0xff:       3fc     \n");
	PRINTS("8$s", "symbols reach 0x8\n");
	PRINTS("tab+9/ax", "0x1109:         4942    \n");
	PRINTS("table+0f/ax", "table+0xf:      736c    \n");
}

TEST(labels)
{
	world_reset();
	PRINTS("main/x", "main:           a03     \n");
	PRINTS("main+2/x", MARGIN "1811    \n");
	PRINTS("0c010003e,2/x", MARGIN "bcb5    \nmain.cold:      cac3    \n");
	PRINTS("main/ax", "main:           a03     \n");
}

TEST(instructions)
{
	static const uint8_t code[] = {
		0x90, 0xe8, 0xf8, 0xff, 0xff, 0xff, 0xcc, 0x90,
	};

	world_reset();
	memcpy(world_memory(WORLD_TEXT + 2), code, sizeof(code));
	PRINTS("main+2?i", MARGIN "nop\n");
	CHECK_EQ(kdb_vars.increment, 1);
	PRINTS("main+3?i", MARGIN "call   0xc0100000\n");
	CHECK_EQ(kdb_vars.increment, 5);
	PRINTS("main+8?i", MARGIN "(bad)\n");
	CHECK_EQ(kdb_vars.increment, 1);
	PRINTS("main+2,2?ia", MARGIN "nop\nmain+0x3:       call   0xc0100000\n"
	    "main+0x8:       \n");
	/* At the end of what is there. */
	world_memory(WORLD_DATA)[0xfff] = 0x90;
	PRINTS("1fff?i", MARGIN "nop\n");
	world_memory(WORLD_DATA)[0xfff] = 0xe8;
	PRINTS("1fff?i", MARGIN "(its end is not there)\n");
	CHECK_EQ(kdb_vars.increment, 1);
	PRINTS("2000?i", MARGIN "\naddress not there: 2000\n");
}

TEST(tabs)
{
	world_reset();
	PRINTS("1800/\"a\"8t\"b\"8t\"c\"", "a       b       c\n");
	PRINTS("1800/\"a\"t\"b\"", "a b\n");
	PRINTS("1800/\"a\"0t\"b\"", "ab\n");
	PRINTS("1800/\"a\"4000000000t\"b\"", "ab\n");
}

TEST(counts)
{
	world_reset();
	PRINTS("1800,3/x", MARGIN "a03     1811    261f    \n");
	CHECK_EQ(kdb_vars.dot, 0x1804);
	CHECK_EQ(kdb_vars.increment, 2);
	PRINTS("1800,0/x", "");
	CHECK_EQ(kdb_vars.dot, 0x1800);
	/* Eight columns each, up to the width of a line. */
	PRINTS("1800,9/x", MARGIN
	    "a03     1811    261f    342d    423b    5049    5e57    6c65    \n"
	    MARGIN "7a73    \n");
	PRINTS("0t40$w", "width 0t40, lines 0t24\n");
	PRINTS("1800,4/x", MARGIN "a03     1811    261f    \n"
	    MARGIN "342d    \n");
}

TEST(up_to_the_end)
{
	world_reset();
	PRINTS("1ffc,-1/x", MARGIN "eee7    fcf5    \n");
	CHECK(!world_failed());
	CHECK_EQ(kdb_vars.dot, 0x2000);
	PRINTS("1ffe,-1/x;5=x", MARGIN "fcf5    \n" MARGIN "5       \n");
	/* Another error is one. */
	world_interrupt_after(5);
	CHECK(strstr(world_run("1800,-1/xn"), "^C\n") != NULL);
	CHECK(world_failed());
}

TEST(what_is_not_there)
{
	world_reset();
	PRINTS("2000/x", MARGIN "\naddress not there: 2000\n");
	CHECK(world_failed());
	PRINTS("1fff/x", MARGIN "\naddress not there: 2000\n");
	PRINTS("1ffe/X", MARGIN "\naddress not there: 2000\n");
	PRINTS("1ffe,2/x", MARGIN "fcf5    \naddress not there: 2000\n");
	CHECK_EQ(kdb_vars.dot, 0x2000);
	memset(world_memory(0x1ff0), 'a', 16);
	PRINTS("1ff0/s", MARGIN "aaaaaaaaaaaaaaaa\naddress not there: 2000\n");
}

TEST(bad_letters)
{
	world_reset();
	PRINTS("1800/xz", "bad modifier: /z\n");
	PRINTS("1800?k", "bad modifier: ?k\n");
	PRINTS("1800=!", "bad modifier: =!\n");
	PRINTS("1800/x5", "letter expected behind a count: 5\n");
}

TEST(formats_are_remembered)
{
	world_reset();
	PRINTS("1800/d", MARGIN "2563    \n");
	PRINTS("1802/", MARGIN "6161    \n");
	/* ? and / share one, = has its own. */
	PRINTS("1802?", MARGIN "6161    \n");
	PRINTS("10=o", MARGIN "020     \n");
	PRINTS("11=", MARGIN "021     \n");
	PRINTS("1802/", MARGIN "6161    \n");
	/* A bad one is not. */
	PRINTS("1802/kk", "bad modifier: /k\n");
	PRINTS("1802/", MARGIN "6161    \n");
}
