/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Lines as they are typed: what is read, and what is on the screen.
 */

#include <tests/lib/server_test.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_complete.h>
#include <kernel/kdb/kdb_history.h>
#include <kernel/kdb/kdb_line.h>
#include <kernel/kdb/kdb_out.h>

#include "kdb_world.h"

#define UP	"\033[A"
#define DOWN	"\033[B"
#define RIGHT	"\033[C"
#define LEFT	"\033[D"

/* ---- a terminal --------------------------------------------------------- */

#define ROWS	200u

static char screen[ROWS][81];
static unsigned row;
static unsigned column;
static unsigned widest;

static void
terminal_new_row(void)
{
	if (row < ROWS - 1) {
		row++;
	}
}

static void
terminal_put(char c)
{
	if (c == '\n') {
		terminal_new_row();
		column = 0;
	} else if (c == '\r') {
		column = 0;
	} else if (c == '\b') {
		column -= column > 0 ? 1 : 0;
	} else if (c != '\a') {
		if (column == 80) {
			terminal_new_row();
			column = 0;
		}
		screen[row][column++] = c;
		widest = column > widest ? column : widest;
	}
}

/* What is in the row N above the last, without blanks at its end. */
static const char *
terminal_row(unsigned n)
{
	static char text[81];
	size_t length;

	memcpy(text, screen[row - n], 81);
	length = 80;
	while (length > 0 && text[length - 1] == ' ') {
		length--;
	}
	text[length] = '\0';
	return text;
}

static void
terminal_show(const char *printed)
{
	memset(screen, ' ', sizeof(screen));
	row = 0;
	column = 0;
	widest = 0;
	for (; *printed != '\0'; printed++) {
		terminal_put(*printed);
	}
}

/* ---- lines -------------------------------------------------------------- */

/* KEYS and a return make TEXT, and that is what the screen shows. */
static void
reads_at(int line, const char *keys, const char *text)
{
	char typed[1000];
	char shown[200];
	const char *got;

	(void)world_printed();
	snprintf(typed, sizeof(typed), "%s\r", keys);
	world_type(typed);
	got = kdb_line_read("kdb> ");
	if (strcmp(got, text) != 0) {
		test_fail(__FILE__, line, "%s, not %s", got, text);
	}
	snprintf(shown, sizeof(shown), "kdb> %s", text);
	for (size_t n = strlen(shown); shown[n - 1] == ' '; n--) {
		shown[n - 1] = '\0';
	}
	terminal_show(world_printed());
	if (strlen(text) < 70 && strcmp(terminal_row(1), shown) != 0) {
		test_fail(__FILE__, line, "the screen shows: %s",
		    terminal_row(1));
	}
}

#define READS(keys, text)	reads_at(__LINE__, keys, text)

TEST(plain_lines)
{
	world_reset();
	READS("", "");
	READS("show map sh", "show map sh");
	/* As it is typed: programs wait for that. */
	world_type("1800/X\r");
	(void)kdb_line_read("kdb> ");
	CHECK(strcmp(world_printed(), "kdb> 1800/X\n") == 0);
	/* Returns of all kinds. */
	world_type("a\nb\r\nc\r\rd\n");
	CHECK(strcmp(kdb_line_read(""), "a") == 0);
	CHECK(strcmp(kdb_line_read(""), "b") == 0);
	CHECK(strcmp(kdb_line_read(""), "c") == 0);
	CHECK(strcmp(kdb_line_read(""), "") == 0);
	CHECK(strcmp(kdb_line_read(""), "d") == 0);
}

TEST(erasing)
{
	world_reset();
	READS("abc\b", "ab");
	READS("abc\177\177", "a");
	READS("a\b\b\bb", "b");
	READS("abc\25d", "d");
	READS("abc def\27x", "abc x");
	READS("abc def  \27x", "abc x");
	READS("\27\27", "");
}

TEST(moving)
{
	world_reset();
	READS("bc\1a", "abc");
	READS("bc\1a\5d", "abcd");
	READS("ac\2b", "abc");
	READS("ac" LEFT "b" RIGHT "d", "abcd");
	READS("a\2\2\2b", "ba");
	READS("a\6\6b", "ab");
	READS("xabc\1\4", "abc");
	READS("abc\4", "abc");
	READS("abcd\2\2\13", "ab");
	READS("abcd\2\2\25", "cd");
	READS("abcd\2\2\b", "acd");
	READS("one two\2\2\2\27", "two");
	READS("abc\033[H_\033[F.", "_abc.");
	READS("abc\033[1~\033OH\033[3~", "bc");
	READS("ab\1\033[5~\033x\5c", "abc");
}

TEST(interrupted_line)
{
	world_reset();
	READS("abc\3de", "de");
	READS("abc\033[\3de", "de");
}

TEST(lines_longer_than_the_screen)
{
	char keys[400];
	char text[KDB_COMMAND_SIZE];

	world_reset();
	for (unsigned i = 0; i < 150; i++) {
		keys[i] = (char)('a' + i % 26);
	}
	keys[150] = '\0';
	READS(keys, keys);
	/* One row, of which the last column is free. */
	CHECK_EQ(row, 1);
	CHECK(strlen(terminal_row(1)) < 80);
	CHECK(strncmp(terminal_row(1), "kdb> ", 5) == 0);
	CHECK(strstr(keys, terminal_row(1) + 5) != NULL);
	CHECK(keys[149] == terminal_row(1)[strlen(terminal_row(1)) - 1]);
	/* Back to its middle, column by column. */
	memcpy(text, keys, 100);
	text[100] = 'X';
	memcpy(text + 101, keys + 100, 51);
	for (unsigned i = 0; i < 50; i++) {
		strcat(keys, "\2");
	}
	strcat(keys, "X");
	READS(keys, text);
	CHECK_EQ(row, 1);
	CHECK(widest <= 79);
	CHECK(strncmp(terminal_row(1), "kdb> ", 5) == 0);
	keys[150] = '\0';
	/* Back at its start. */
	strcat(keys, "\1X");
	memcpy(text + 1, keys, 150);
	text[0] = 'X';
	text[151] = '\0';
	READS(keys, text);
	CHECK_EQ(row, 1);
	CHECK_EQ(widest, 79);
	/* More than there is room for is not taken. */
	memset(keys, 'y', 300);
	keys[300] = '\0';
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	READS(keys, text);
}

/* ---- history ------------------------------------------------------------ */

TEST(history)
{
	world_reset();
	READS("one", "one");
	READS("two", "two");
	READS("\20", "two");
	READS("\20\20", "one");
	READS("\20\20\20", "one");	/* of one, two, one */
	READS(UP UP DOWN, "one");
	READS("new" UP DOWN, "new");
	READS("\16\16x", "x");
	READS("\20y", "xy");
}

TEST(history_is_a_ring)
{
	char line[20];

	world_reset();
	for (unsigned i = 0; i < KDB_HISTORY_LINES + 5; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		READS(line, line);
		/* Neither the same again nor nothing is kept. */
		READS(line, line);
		READS("", "");
	}
	for (unsigned i = 1; i <= KDB_HISTORY_LINES; i++) {
		snprintf(line, sizeof(line), "line %u",
		    KDB_HISTORY_LINES + 5 - i);
		CHECK(strcmp(kdb_history_get(i), line) == 0);
	}
	CHECK(kdb_history_get(KDB_HISTORY_LINES + 1) == NULL);
	CHECK(kdb_history_get(0) == NULL);
	READS("\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20"
	    "\20\20\20", "line 5");
}

/* ---- completion --------------------------------------------------------- */

static void
nothing(struct kdb_request *request)
{
}

static const struct kdb_word words[] = {
	{ "show map", nothing, "", "" },
	{ "show all tasks", nothing, "", "" },
	{ "show all threads", nothing, "", "" },
	{ "stacks", nothing, "", "" },
	{ .name = NULL },
};

static struct kdb_table table = { .words = words };

static void
begin(void)
{
	world_reset();
	kdb_command_add(&table);
	kdb_line_completer(kdb_complete);
}

TEST(completion_of_words)
{
	begin();
	READS("sh\t", "show");
	READS("sho\t\t", "show ");
	READS("sh\t m\t", "show map");
	READS("show al\t t\ta\t", "show all tasks");
	READS("1000;sh\t", "1000;show");
	READS("foo sh\t", "foo sh");
	kdb_line_completer(NULL);
	READS("sh\t", "sh");
}

TEST(completion_of_symbols)
{
	begin();
	READS("fa\t/X", "face/X");
	READS("1000+ta\t", "1000+tab");
	READS("*ma\t\t", "*main");
	READS("main.c\t+1", "main.cold+1");
	/* In the middle of a line. */
	READS("fa/X\2\2\t", "face/X");
	READS("zz\t", "zz");
	READS("show map fa\t", "show map face");
}

TEST(completion_of_several)
{
	begin();
	/* show and stacks, and start. */
	READS("s\t", "s");
	READS("s\t\tt\t\t", "sta");
	world_type("s\t\t\r");
	(void)kdb_line_read("kdb> ");
	terminal_show(world_printed());
	CHECK(strcmp(terminal_row(2), "show  stacks  start") == 0);
	CHECK(strcmp(terminal_row(1), "kdb> s") == 0);
	CHECK_EQ(row, 3);
	READS("\t", "s");
	READS("show \t\t", "show ");
	CHECK(strcmp(terminal_row(2), "map  all") == 0);
}
