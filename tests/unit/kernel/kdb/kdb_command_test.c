/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Requests: addresses and counts, memory, maps, words and what is in tables.
 */

#include <tests/lib/server_test.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_help.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_source.h>
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
#define HAS(command, text)						\
	CHECK(strstr(world_run(command), (text)) != NULL)

/* ---- some commands ------------------------------------------------------ */

static void
say(const char *name, const struct kdb_request *request)
{
	kdb_printf("%s %s%lx %s%u [%s]\n", name,
	    request->has_address ? "" : "no ", (unsigned long)request->address,
	    request->has_count ? "" : "no ", request->count, request->rest);
}

static void
show_map(struct kdb_request *request)
{
	say("map", request);
}

static void
show_all(struct kdb_request *request)
{
	say("all", request);
}

static void
trace(struct kdb_request *request)
{
	say("trace", request);
}

static void
trace_on(struct kdb_request *request)
{
	say("on", request);
}

static void
look(struct kdb_request *request)
{
	unsigned long address = kdb_argument(request);

	kdb_printf("%lx [%s]\n", address, request->rest);
}

static void
letter(struct kdb_request *request)
{
	char name[2] = { request->modifier, '\0' };

	say(name, request);
}

static const struct kdb_word words[] = {
	{ "show map", show_map, "TASK", "draws it\nas a tree" },
	{ "show all tasks", show_all, "", "all tasks" },
	{ "show all threads", show_all, "", "all threads" },
	{ "stacks", show_all, "", "all stacks" },
	{ "stack", trace, "", "one stack" },
	{ "stacked", show_all, "", "" },
	{ "trace", trace, "[ADDRESS]", "frames" },
	{ "trace on", trace_on, "TASK", "logs" },
	{ "trace off", trace_on, "TASK", "does not" },
	{ "main-loop", trace_on, "", "" },
	{ "look", look, "ADDRESS", "" },
	{ .name = NULL },
};

static const struct kdb_letter letters[] = {
	{ ':', 'b', true, false, letter, "ADDRESS,COUNT:b COMMANDS", "stop" },
	{ ':', 's', false, true, letter, ",COUNT:s", "step" },
	{ '$', 'c', false, false, letter, "$c", "calls" },
	{ .fn = NULL },
};

static struct kdb_table table = { words, letters, NULL };

static void
begin(void)
{
	world_reset();
	kdb_command_add(&table);
	kdb_command_add(&kdb_help_table);
	kdb_command_add(&kdb_source_table);
	kdb_command_add(&table);
}

/* ---- addresses and counts ----------------------------------------------- */

TEST(dot_is_the_address)
{
	begin();
	PRINTS("1800/x", MARGIN "a03     \n");
	PRINTS("/d", MARGIN "2563    \n");
	PRINTS(".+2/x", MARGIN "1811    \n");
	CHECK_EQ(kdb_vars.dot, 0x1802);
	CHECK_EQ(kdb_vars.typed, 0x1802);
	PRINTS("+/x", MARGIN "261f    \n");
	PRINTS("^/x", MARGIN "1811    \n");
	PRINTS("\"=X", MARGIN "1802            \n");
	PRINTS(" 1800 , 2 /x", MARGIN "a03     1811    \n");
	PRINTS("1800,/x", "count expected: /x\n");
}

TEST(an_empty_line_goes_on)
{
	begin();
	PRINTS("1800,2/x", MARGIN "a03     1811    \n");
	PRINTS("", MARGIN "261f    \n");
	CHECK_EQ(kdb_vars.dot, 0x1804);
	PRINTS("  ", MARGIN "342d    \n");
	PRINTS("1800/d", MARGIN "2563    \n");
	PRINTS("", MARGIN "6161    \n");
	/* An address alone, or a count. */
	PRINTS("1804", MARGIN "9759    \n");
	PRINTS(",2", MARGIN "9759    13357   \n");
	PRINTS("10=d", MARGIN "16      \n");
	PRINTS("20", MARGIN "32      \n");
}

TEST(an_empty_line_after_other_commands)
{
	begin();
	PRINTS(",5:s", "s no 0 5 []\n");
	PRINTS("", "s no 0 no 1 []\n");
	PRINTS("$c", "c no 0 no 1 []\n");
	PRINTS("", "");
	PRINTS("1800/x;trace", MARGIN "a03     \ntrace no 1800 no 1 []\n");
	PRINTS("", "");
	PRINTS("1800/w 7", "0x1800:          a03 = 7\n");
	PRINTS("", MARGIN "1811    \n");
}

TEST(a_script_repeats_nothing)
{
	begin();
	PRINTS("1800/x", MARGIN "a03     \n");
	kdb_command_script("1802=d;trace;0");
	CHECK(strcmp(world_printed(), MARGIN "6146    \n"
	    "trace no 1802 no 1 []\n") == 0);
	CHECK_EQ(kdb_vars.dot, 0);
	kdb_command_script("");
	PRINTS("1802", MARGIN "1811    \n");
}

TEST(several_requests)
{
	begin();
	PRINTS("1800/x;1802/x", MARGIN "a03     \n" MARGIN "1811    \n");
	PRINTS("1800/x ; 1802=x ;", MARGIN "a03     \n" MARGIN "1802    \n");
	PRINTS(";;1=x", MARGIN "1       \n");
	PRINTS("5=d;foo=d;6=d", MARGIN "5       \nno symbol: foo\n");
	PRINTS("1800/\";\"x;2=d", ";a03     \n" MARGIN "2       \n");
	PRINTS("';'=x", MARGIN "3b      \n");
}

TEST(no_such_command)
{
	begin();
	PRINTS("!ls", "no command: !ls (try help)\n");
	PRINTS("10 -2", "no command: -2 (try help)\n");
	PRINTS("10)", "no command: ) (try help)\n");
	PRINTS("$z", "bad modifier: $z\n");
	PRINTS(":z", "bad modifier: :z\n");
	PRINTS("$", "bad modifier: $?\n");
	PRINTS("$ c", "bad modifier: $ \n");
	PRINTS("1:;", "modifier expected behind :\n");
	PRINTS("foo", "no symbol: foo\n");
	PRINTS("1>a b", "end of the command expected: b\n");
}

TEST(long_lines)
{
	char line[KDB_COMMAND_SIZE + 1];

	begin();
	memset(line, ' ', sizeof(line));
	memcpy(line, "1800/x", 6);
	line[KDB_COMMAND_SIZE - 1] = '\0';
	PRINTS(line, MARGIN "a03     \n");
	line[KDB_COMMAND_SIZE - 1] = ' ';
	line[KDB_COMMAND_SIZE] = '\0';
	PRINTS(line, "line too long\n");
	memset(line, 'c', KDB_COMMAND_SIZE - 1);
	line[0] = '/';
	line[KDB_COMMAND_SIZE - 1] = '\0';
	(void)world_run(line);
	CHECK(!world_failed());
	(void)world_run("");
	CHECK(!world_failed());
}

/* ---- registers and variables -------------------------------------------- */

TEST(assignment)
{
	begin();
	PRINTS("77>a", "");
	PRINTS("<a=x", MARGIN "77      \n");
	PRINTS("1234>eax", "");
	CHECK_EQ(world_register(0), 0x1234);
	PRINTS("main>ebx", "");
	CHECK_EQ(world_register(1), WORLD_TEXT);
	PRINTS(">eip", "register cannot be changed: <eip\n");
	PRINTS(">zz", "no register or variable: <zz\n");
	PRINTS(">", "name of a register or variable expected: >\n");
	PRINTS("$v", "0 = 0x77\na = 0x77\n");
}

/* ---- memory ------------------------------------------------------------- */

TEST(search_of_two_bytes)
{
	begin();
	PRINTS("1800/l 261f", "0x1804\n");
	CHECK_EQ(kdb_vars.dot, 0x1804);
	CHECK_EQ(kdb_vars.increment, 2);
	/* The next one. */
	PRINTS("", "0x1904\n");
	PRINTS("", "0x1a04\n");
	/* From dot on; at addresses as even or odd as it is. */
	PRINTS("1804/l 261f", "0x1804\n");
	PRINTS("1801/l 261f", "not found up to 1fff: 261f\n");
	CHECK_EQ(kdb_vars.dot, 0x1801);
	PRINTS("1800/l 20 0ff", "not found up to 2000: 20\n");
	PRINTS("1800/l 1f 0ff", "0x1804\n");
	PRINTS("1800/l 9991f 0ff", "not found up to 2000: 991f\n");
	PRINTS("1800/l", "value expected: \n");
	PRINTS("1800/l 1 2 3", "not found up to 2000: 1\n");
	PRINTS("table/l 0a03 0ffff", "table\n");
}

TEST(search_of_four_bytes)
{
	begin();
	PRINTS("1800/L 342d261f", "0x1804\n");
	CHECK_EQ(kdb_vars.increment, 4);
	memcpy(world_memory(0x1810), "text", 4);
	PRINTS("1800/L 'text'", "0x1810\n");
	PRINTS("1800/L 1", "not found up to 2000: 1\n");
	PRINTS("main?L 0a03 0ffff", "main\n");
}

TEST(search_up_to_the_end_of_all_memory)
{
	begin();
	PRINTS("0ffffff00/l 1", "not found up to fffffffe: 1\n");
	PRINTS("0ffffff00/L 1", "not found up to fffffffc: 1\n");
}

TEST(interrupted_search)
{
	begin();
	world_interrupt_after(2);
	PRINTS("1000/l 1", "^C\n");
	CHECK(world_failed());
}

TEST(writing)
{
	begin();
	PRINTS("1800/w 12345678", "0x1800:          a03 = 5678\n");
	CHECK_EQ(*world_memory(0x1800), 0x78);
	CHECK_EQ(*world_memory(0x1801), 0x56);
	CHECK_EQ(*world_memory(0x1802), 0x11);
	PRINTS("1800/W 1 -2", "0x1800:          18115678 = 1\n"
	    "0x1804:          342d261f = fffffffe\n");
	CHECK_EQ(kdb_vars.dot, 0x1804);
	PRINTS("1800/w", "value expected: \n");
	PRINTS("main/w 5", "cannot write: c0100000\n");
	PRINTS("2000?W 5", "address not there: 2000\n");
	PRINTS("table?w 5;table/x", "table:           a03 = 5\n"
	    "table:          5       \n");
}

TEST(maps)
{
	begin();
	HAS("$m", "? map\nb1 = 0          e1 = ffffffff   f1 = 0\n"
	    "b2 = 0          e2 = 0          f2 = 0\n/ map\n");
	PRINTS("/m 5000 5010 1800", "");
	PRINTS("5000/x", MARGIN "a03     \n");
	PRINTS("500f/x", MARGIN "\naddress not there: 5010: not in the map\n");
	PRINTS("1800/x", MARGIN "\naddress not there: 1800: not in the map\n");
	PRINTS("1800?x", MARGIN "a03     \n");
	PRINTS("5000/*x", MARGIN "\naddress not there: 5000: not in the map's "
	    "second segment\n");
	PRINTS("1800/W 5", "address not there: 1800: not in the map\n");
	PRINTS("/*m 6000 6010 1802", "");
	PRINTS("6000/x", MARGIN "1811    \n");
	PRINTS("6000/*x", MARGIN "1811    \n");
	/* Those that are left out stay. */
	PRINTS("/m 5002?", "");
	PRINTS("5002/x", MARGIN "a03     \n");
	PRINTS("/m 5000", "");
	PRINTS("500e/w 9", "0x500e:          6c65 = 9\n");
	CHECK_EQ(*world_memory(0x180e), 9);
}

TEST(writing_across_segments)
{
	begin();
	PRINTS("/m 5000 5002 1800;/*m 5002 5004 1900", "");
	PRINTS("5000/X", MARGIN "a030a03         \n");
	PRINTS("5000/W 1", "cannot write: 5000: in two segments of the map\n");
}

/* ---- $d $e $s $v $w ----------------------------------------------------- */

TEST(radix)
{
	begin();
	PRINTS("$d", "radix=0t16\n");
	PRINTS("0t10$d", "radix=0t10\n");
	PRINTS("10=x", MARGIN "a       \n");
	PRINTS("10$d", "radix=0t10\n");
	PRINTS("16$d", "radix=0t16\n");
	PRINTS("1$d", "no radix from 2 to 0t16: 1\n");
	PRINTS("11$d", "no radix from 2 to 0t16: 11\n");
	PRINTS("10=x", MARGIN "10      \n");
}

TEST(external_variables)
{
	begin();
	PRINTS("$e", "table:                           18110a03\n"
	    "tab:                             18110a03\n"
	    "odd$name:                        18110a03\n");
}

TEST(width_and_lines)
{
	begin();
	PRINTS("0t100,0t50$w", "width 0t100, lines 0t50\n");
	PRINTS(",0$w", "width 0t100, lines 0t0\n");
	CHECK_EQ(kdb_out_width(), 100);
	CHECK_EQ(kdb_out_lines(), 0);
}

/* ---- source lines ------------------------------------------------------- */

TEST(lines_of_addresses)
{
	begin();
	PRINTS("line start+5", "start+0x5 (start.c:11)\n");
	CHECK_EQ(kdb_vars.dot, WORLD_LINES + 5);
	PRINTS("line", "start+0x5 (start.c:11)\n");
	PRINTS("start line", "start (start.c:10)\n");
	PRINTS("line main", "no line is known of: main\n");
	PRINTS("line 5", "no line is known of: 0x5\n");
	PRINTS("line foo", "no symbol: foo\n");
	CHECK_EQ(kdb_vars.dot, WORLD_LINES);
}

TEST(listings_say_lines_that_are_others)
{
	begin();
	memset(world_memory(WORLD_LINES), 0x90, 24);
	PRINTS("start+2,3?i", MARGIN "nop (start.c:10)\n" MARGIN "nop\n"
	    MARGIN "nop (start.c:11)\n");
	/* It goes on. */
	PRINTS("", MARGIN "nop\n");
	PRINTS(",2", MARGIN "nop (start.c:11)\n" MARGIN "nop\n");
	PRINTS("", MARGIN "nop\n");
	PRINTS("", MARGIN "nop (start.c:12)\n");
	/* The same again; and elsewhere. */
	PRINTS(".?i", MARGIN "nop (start.c:12)\n");
	PRINTS("start?ai", "start:          nop (start.c:10)\n");
	PRINTS("start+0f,2?i", MARGIN "nop (start.c:13)\n" MARGIN "nop\n");
	PRINTS("start+0f?x", MARGIN "9090    \n");
	PRINTS("90=i", MARGIN "nop\n");
}

/* ---- tables ------------------------------------------------------------- */

TEST(what_letters_are_given)
{
	begin();
	PRINTS("main,3:b x ; $c", "b c0100000 3 [x ; $c]\n");
	PRINTS("main:s ; $c", "s c0100000 no 1 []\n"
	    "c no c0100000 no 1 []\n");
	PRINTS("$c 2", "end of the command expected: 2\n");
	PRINTS(",5$c", "c no c0100000 5 []\n");
}

TEST(words)
{
	begin();
	PRINTS("trace", "trace no 0 no 1 []\n");
	PRINTS("trace 5 6 ;trace", "trace no 0 no 1 [5 6]\n"
	    "trace no 0 no 1 []\n");
	PRINTS("show map sh", "map no 0 no 1 [sh]\n");
	PRINTS("  show   map   sh  ", "map no 0 no 1 [sh]\n");
	PRINTS("main,3 show map sh", "map c0100000 3 [sh]\n");
	PRINTS("10show map sh", "bad number in radix 0t16: 10show\n");
	PRINTS("show all threads", "all no c0100000 no 1 []\n");
	PRINTS("trace on 5", "on no c0100000 no 1 [5]\n");
	PRINTS("main-loop", "on no c0100000 no 1 []\n");
}

TEST(beginnings_of_words)
{
	begin();
	PRINTS("sh m", "map no 0 no 1 []\n");
	PRINTS("sh a ta", "all no 0 no 1 []\n");
	PRINTS("tr", "trace no 0 no 1 []\n");
	PRINTS("tr on", "on no 0 no 1 []\n");
	PRINTS("tr of x", "on no 0 no 1 [x]\n");
	/* What may be several words is an argument, where there can be one. */
	PRINTS("tr o", "trace no 0 no 1 [o]\n");
	PRINTS("tr onx", "trace no 0 no 1 [onx]\n");
	/* All of a word is not the beginning of another. */
	PRINTS("stack", "trace no 0 no 1 []\n");
	PRINTS("stacks", "all no 0 no 1 []\n");
	PRINTS("s", "which? show stacks stack stacked\n");
	CHECK(world_failed());
	PRINTS("sh a t", "show all which? tasks threads\n");
	PRINTS("show", "show which? map all\n");
	PRINTS("show x", "no command: show x\nshow which? map all\n");
	PRINTS("sh a x", "no command: show all x\n"
	    "show all which? tasks threads\n");
	PRINTS("shows", "no symbol: shows\n");
}

/* A name is a symbol rather than the beginning of a word. */
TEST(words_and_symbols)
{
	begin();
	PRINTS("main=X", MARGIN "c0100000        \n");
	PRINTS("main", MARGIN "c0100000        \n");
	PRINTS("start", MARGIN "c0100100        \n");
	PRINTS("sho m", "map no c0100100 no 1 []\n");
	PRINTS("trace=X", "no symbol: trace\n");
	PRINTS("(tab)=X", MARGIN "1100            \n");
}

TEST(addresses_of_words)
{
	begin();
	PRINTS("look c0ffee00 x y", "c0ffee00 [x y]\n");
	PRINTS("look 0xc0ffee00", "c0ffee00 []\n");
	PRINTS("look 1f", "1f []\n");
	PRINTS("look face", "c0100200 []\n");
	PRINTS("look fac", "fac []\n");
	PRINTS("look start+4 z", "c0100104 [z]\n");
	PRINTS("look <eax", "11111111 []\n");
	PRINTS("look 0t16", "10 []\n");
	PRINTS("main look", "c0100000 []\n");
	PRINTS("main look 5", "5 []\n");
	PRINTS("look", "address expected: \n");
	PRINTS("look xyz", "no symbol: xyz\n");
	PRINTS("look fa+1", "no symbol: fa (for the number say 0fa)\n");
	PRINTS("0t10$d;look 10;0t16$d", "radix=0t10\n10 []\nradix=0t16\n");
}

TEST(help)
{
	begin();
	kdb_out_lines_set(0);
	HAS("help", "  show map TASK             draws it\n");
	HAS("help", "  ADDRESS,COUNT:b COMMANDS  stop\n");
	HAS("help", "  LIMIT$s                   name addresses");
	PRINTS("help show map", "show map TASK\ndraws it\nas a tree\n");
	PRINTS("help sh ma", "show map TASK\ndraws it\nas a tree\n");
	PRINTS("help :b", "ADDRESS,COUNT:b COMMANDS\nstop\n");
	HAS("help $d", "RADIX$d\n");
	HAS("help formats", "date");
	HAS("help expressions", "rounds up");
	HAS("help requests", "ADDRESS becomes dot");
	PRINTS("help foo", "no help for: foo\n");
	PRINTS("help $z", "no help for: $z\n");
	PRINTS("help $dx", "no help for: $dx\n");
	PRINTS("help trace foo", "no help for: trace foo\n");
	HAS("help ?", "ADDRESS becomes dot");
	HAS("help =", "ADDRESS becomes dot");
	PRINTS("help :", "  ADDRESS,COUNT:b COMMANDS  stop\n"
	    "  ,COUNT:s                  step\n");
	PRINTS("help show", "  show map TASK             draws it\n"
	    "  show all tasks            all tasks\n"
	    "  show all threads          all threads\n");
	PRINTS("help trace", "trace [ADDRESS]\nframes\n");
	PRINTS("help show al", "show all which? tasks threads\n");
	PRINTS("help !", "no help for: !\n");
}

/* ---- errors and interrupts ---------------------------------------------- */

static void
inner(void *arg)
{
	kdb_error("inner");
}

static void
outer(void *arg)
{
	bool *seen = arg;

	*seen = !kdb_error_catch(inner, NULL);
	kdb_error("outer");
}

TEST(errors_inside_of_others)
{
	bool seen = false;

	begin();
	CHECK(!kdb_error_catch(outer, &seen));
	CHECK(seen);
	CHECK(strcmp(world_printed(), "inner\nouter\n") == 0);
}

TEST(interrupted_output)
{
	begin();
	PRINTS(",0$w", "width 0t80, lines 0t0\n");
	world_interrupt_after(50);
	HAS("1800,0fffffff/\"a\"n", "a\na\n");
	CHECK(world_failed());
	world_interrupt_after(50);
	HAS("1800/1000000000\"a\"", "aaa");
	CHECK(world_failed());
	world_interrupt_after(50);
	HAS("1800,-1/a", "0x1800:");
	CHECK(world_failed());
	world_interrupt_after(50);
	HAS("1800,-1/+-", "^C\n");
	CHECK(world_failed());
	/* A string without end, in one line. */
	memset(world_memory(WORLD_DATA), 'a', WORLD_SIZE);
	PRINTS("0,0$w", "width 0t0, lines 0t0\n");
	world_interrupt_after(50);
	HAS("1000/s", "aaa^C\n");
	CHECK(world_failed());
}
