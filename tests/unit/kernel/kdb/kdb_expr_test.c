/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * adb's expressions, each by itself.
 */

#include <tests/lib/server_test.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_map.h>
#include <kernel/kdb/kdb_vars.h>

#include "kdb_world.h"

/* What an expression came to. */
struct result {
	const char	*text;		/* before, and behind it after */
	uintptr_t	value;
	bool		there;
};

static void
evaluate(void *arg)
{
	struct result *result = arg;

	result->there = kdb_expr(&result->text, &result->value);
}

static void
is_at(int line, const char *text, uintptr_t value, const char *rest)
{
	struct result result = { .text = text };

	(void)world_printed();
	if (!kdb_error_catch(evaluate, &result) || !result.there) {
		test_fail(__FILE__, line, "%s: %s", text,
		    world_printed());
	} else if (result.value != value || strcmp(result.text, rest) != 0) {
		test_fail(__FILE__, line,
		    "%s is %lx before `%s', not %lx before `%s'", text,
		    (unsigned long)result.value, result.text,
		    (unsigned long)value, rest);
	}
}

static void
is_wrong_at(int line, const char *text, const char *message)
{
	struct result result = { .text = text };
	char wanted[200];

	(void)world_printed();
	if (kdb_error_catch(evaluate, &result)) {
		test_fail(__FILE__, line, "%s is %lx", text,
		    (unsigned long)result.value);
		return;
	}
	snprintf(wanted, sizeof(wanted), "%s\n", message);
	text = world_printed();
	if (strcmp(text, wanted) != 0) {
		test_fail(__FILE__, line, "it said: %s", text);
	}
}

#define IS(text, value)			is_at(__LINE__, text, value, "")
#define IS_BEFORE(text, value, rest)	is_at(__LINE__, text, value, rest)
#define IS_WRONG(text, message)		is_wrong_at(__LINE__, text, message)
#define IS_NONE(text_) do {						\
	struct result result_ = { .text = (text_) };			\
									\
	CHECK(kdb_error_catch(evaluate, &result_));			\
	CHECK(!result_.there);						\
	CHECK(strcmp(result_.text, (text_)) == 0);			\
} while (0)

TEST(dot_and_what_belongs_to_it)
{
	world_reset();
	kdb_vars.dot = 0x1000;
	kdb_vars.increment = 4;
	kdb_vars.typed = 0x777;
	IS(".", 0x1000);
	IS("+", 0x1004);
	IS("^", 0xffc);
	IS("\"", 0x777);
	IS("++1", 0x1005);
	IS("^-^", 0);
	IS(".+.", 0x2000);
	IS("\"+1", 0x778);
}

TEST(numbers)
{
	world_reset();
	IS("0", 0);
	IS("10", 16);
	IS("1f", 0x1f);
	IS("1F", 0x1f);
	IS("0o20", 16);
	IS("0O17", 15);
	IS("0t16", 16);
	IS("0T99", 99);
	IS("0x10", 16);
	IS("0XfF", 255);
	IS("0ff", 255);
	IS("0b", 11);
	IS("0ffffffff0", 0xfffffff0u);
	IS("0c0ffee00", 0xc0ffee00u);
	IS_BEFORE("10/X", 16, "/X");
	IS_BEFORE("  10 20", 16, " 20");
	IS_WRONG("0o", "bad number in radix 0t8: 0o");
	IS_WRONG("0o18", "bad number in radix 0t8: 0o18");
	IS_WRONG("0t1a", "bad number in radix 0t10: 0t1a");
	IS_WRONG("0xg", "bad number in radix 0t16: 0xg");
	IS_WRONG("12start", "bad number in radix 0t16: 12start");
}

TEST(numbers_in_another_radix)
{
	world_reset();
	kdb_vars.radix = 10;
	IS("10", 10);
	IS("0x10", 16);
	IS_WRONG("1f", "bad number in radix 0t10: 1f");
	kdb_vars.radix = 8;
	IS("10", 8);
	IS_WRONG("18", "bad number in radix 0t8: 18");
	kdb_vars.radix = 2;
	IS("101", 5);
}

TEST(floats)
{
	world_reset();
	IS("1.5", 0x3fc00000);
	IS("0.1", 0x3dcccccd);
	IS("-0.0", 0);
	IS("100.25", 0x42c88000);
	IS("1.5+1", 0x3fc00001);
	IS_WRONG("0.1234567890123456789",
	    "too many digits: 0.123456789012345678");
	/* Not decimal, or no fraction: a number, and what comes behind it. */
	IS_BEFORE("1.", 1, ".");
	IS_BEFORE("1f.5", 0x1f, ".5");
}

TEST(characters)
{
	world_reset();
	IS("'a'", 'a');
	IS("'abcd'", 0x64636261);
	IS("''", 0);
	IS("'\\''", '\'');
	IS("'\\\\n'", 'n' << 8 | '\\');
	IS("' ;'", ';' << 8 | ' ');
	IS("'a'+1", 'b');
	IS_WRONG("'abcde'", "more than 4 characters: 'abcde'");
	IS_WRONG("'ab", "no ' at the end: 'ab");
	IS_WRONG("'", "no ' at the end: '");
	IS_WRONG("'\\", "no ' at the end: '\\");
}

TEST(registers_and_variables)
{
	world_reset();
	kdb_vars.named[0] = 5;
	kdb_vars.named[10] = 0xa;
	kdb_vars.named[35] = 0x2;
	IS("<0", 5);
	IS("<a", 0xa);
	IS("<z+1", 3);
	IS("<b", 0);
	IS("<eax", 0x11111111);
	IS_BEFORE("<eip/i", WORLD_TEXT + 4, "/i");
	IS_WRONG("<zz", "no register or variable: <zz");
	IS_WRONG("<A", "no register or variable: <A");
	IS_WRONG("<ea", "no register or variable: <ea");
	IS_WRONG("<cr0", "register not known here: <cr0");
	IS_WRONG("<", "name of a register or variable expected: <");
	IS_WRONG("< eax", "name of a register or variable expected: < eax");
}

TEST(symbols)
{
	world_reset();
	IS("main", WORLD_TEXT);
	IS("start+4", WORLD_TEXT + 0x104);
	IS("table", WORLD_DATA);
	IS("face", WORLD_TEXT + 512);
	IS("odd\\$name", WORLD_DATA + 512);
	IS_BEFORE("start$c", WORLD_TEXT + 0x100, "$c");
	IS_WRONG("odd$name", "no symbol: odd");
}

TEST(symbols_that_are_not_there)
{
	world_reset();
	IS_WRONG("foo", "no symbol: foo");
	IS_WRONG("c0ffee00",
	    "no symbol: c0ffee00 (for the number say 0c0ffee00)");
	IS_WRONG("a+1", "no symbol: a (for the number say 0a)");
	kdb_vars.radix = 10;
	IS_WRONG("a", "no symbol: a");
	IS_WRONG("main\\+1", "no symbol: main+1");
	IS_WRONG("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
	    "ffffffffffgggggggggghhhhhhhhhhi",
	    "name too long: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
	    "ffffffffffgggggggggghhhhhhhhhhi");
}

TEST(underscores_that_compilers_add)
{
	world_reset();
	IS("end_of", WORLD_TEXT + 768);
	IS("_end_of", WORLD_TEXT + 768);
}

TEST(variables_of_routines)
{
	world_reset();
	IS("main.count", 0xf08);
	IS("main.", 0xf00);
	IS("main.+4", 0xf04);
	IS("main.cold", WORLD_TEXT + 64);
	IS_WRONG("main.amount", "no variable amount in a frame of main");
	IS("inlined.count", 0xf08);
	IS_WRONG("main.fast", "not in memory just there: fast of main");
	IS_WRONG("start.", "no frame of start");
	IS_WRONG("foo.count", "no symbol: foo");
}

TEST(operators_before)
{
	uint32_t word;

	world_reset();
	memcpy(&word, world_memory(WORLD_DATA), sizeof(word));
	IS("*table", word);
	IS("@1000", word);
	world_memory(WORLD_DATA)[64] = 0x10;
	memset(world_memory(WORLD_DATA) + 65, 0, 3);
	world_memory(WORLD_DATA)[16] = 0x40;
	world_memory(WORLD_DATA)[17] = 0x10;
	memset(world_memory(WORLD_DATA) + 18, 0, 2);
	IS("**1010", 0x10);
	IS("-1", 0xffffffffu);
	IS("--1", 1);
	IS("~0", 0xffffffffu);
	IS("#0", 1);
	IS("#5", 0);
	IS("##5", 1);
	IS("-~#0", 2);
	/* Tighter than those between. */
	IS("-1+2", 1);
	IS("*table+1", word + 1);
	IS("~1&3", 2);
	IS_WRONG("*0", "address not there: 0");
	IS_WRONG("*1fff", "address not there: 2000");
	IS_WRONG("-", "value expected behind -");
	IS_WRONG("*", "value expected behind *");
	IS_WRONG("~/X", "value expected behind ~");
}

TEST(maps_are_used)
{
	static const uintptr_t values[3] = { 0x5000, 0x6000, 0x1000 };
	static const struct kdb_map_use use = { '/', false };
	uint32_t word;

	world_reset();
	memcpy(&word, world_memory(WORLD_DATA), sizeof(word));
	kdb_map_set(&use, values, 3);
	IS("*5000", word);
	IS_WRONG("@5000", "address not there: 5000");
	IS_WRONG("*1000", "address not there: 1000: not in the map");
}

TEST(operators_between)
{
	world_reset();
	IS("2+3", 5);
	IS("2-3", 0xffffffffu);
	IS("6*7", 0x2a);
	IS("17%5", 4);
	IS("0c0001000%1000", 0xc0001);
	IS("0ff&3c", 0x3c);
	IS("0f0|0f", 0xff);
	IS("11#10", 0x20);
	IS("10#10", 0x10);
	IS("0#10", 0);
	/* From left to right, all alike. */
	IS("2+3*4", 0x14);
	IS("2*3+4", 0xa);
	IS("10-4-4", 8);
	IS("100%10%4", 4);
	IS("1|2&1", 1);
	/* Blanks behind one, but not before. */
	IS("2+ 3", 5);
	IS_BEFORE("2 +3", 2, " +3");
	/* Overflow wraps. */
	IS("0ffffffff+2", 1);
	IS("10000*10000", 0);
	IS("0ffffffff#10", 0);
	IS("80000000*3", 0x80000000u);
	IS_WRONG("1%0", "division by zero: %");
	IS_WRONG("1#0", "division by zero: #");
	IS_WRONG("1%(2-2)", "division by zero: %");
	IS_WRONG("1+", "value expected behind +");
	IS_WRONG("1*/X", "value expected behind *");
}

TEST(parentheses)
{
	world_reset();
	IS("(1)", 1);
	IS("2+(3*4)", 0xe);
	IS("((1+2)*(3+4))", 0x15);
	IS("( 1 + 2 )", 3);
	IS("-(1+2)", 0xfffffffdu);
	IS_BEFORE("(1))", 1, ")");
	IS_WRONG("(", "expression expected: (");
	IS_WRONG("()", "expression expected: ()");
	IS_WRONG("(1", "no ) at the end: (1");
	IS_WRONG("(1 2)", "no ) at the end: (1 2)");
	IS("((((((((1))))))))", 1);
	IS("1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", 0x14);
	IS_WRONG("(((((((((((((((((1)))))))))))))))))",
	    "expression too deep: (1)))))))))))))))))");
	IS_WRONG("-----------------1", "expression too deep: -1");
}

TEST(no_expression)
{
	world_reset();
	IS_NONE("");
	IS_NONE("  ");
	IS_NONE("/X");
	IS_NONE(",5");
	IS_NONE("$c");
	IS_NONE(";");
	IS_NONE(")");
	IS_NONE("\\");
}

/* ---- random ones, beside another way to work them out ------------------- */

#define RANDOM		20000u
#define VALUES		6u

static uint32_t
apply(uint32_t a, char operator, uint32_t b)
{
	uint64_t wide = a;

	switch (operator) {
	case '+':
		return (uint32_t)(wide + b);
	case '-':
		return (uint32_t)(wide + (uint64_t)~b + 1);
	case '*':
		return (uint32_t)(wide * b);
	case '%':
		return (uint32_t)(wide / b);
	case '&':
		return a & b;
	case '|':
		return a | b;
	default:
		return (uint32_t)((wide + b - 1) / b * b);
	}
}

/* A number, to the end of TEXT, as somebody may write it. */
static uint32_t
random_number(char *text, size_t size)
{
	static const char *const formats[] = {
		"0%x", "0x%x", "0t%u", "0o%o", "(0%x)", "( 0X%X )", "~0%x",
		"-0%x",
	};
	unsigned bits = test_random(32);
	uint32_t value = test_random(1u << 16) << 16 | test_random(1u << 16);
	unsigned kind = test_random(8);
	size_t n = strlen(text);

	value = value >> bits | 1;
	snprintf(text + n, size - n, formats[kind], value);
	return kind == 6 ? ~value : kind == 7 ? 0 - value : value;
}

TEST(random_sums)
{
	static const char operators[] = "+-*%&|#";

	world_reset();
	for (unsigned i = 0; i < RANDOM; i++) {
		char text[200] = "";
		uint32_t value = random_number(text, sizeof(text));
		uint32_t right;

		for (unsigned n = test_random(VALUES); n > 0; n--) {
			size_t end = strlen(text);

			text[end] = operators[test_random(7)];
			text[end + 1] = '\0';
			right = random_number(text, sizeof(text));
			if (right == 0) {
				text[end] = '\0';
				continue;
			}
			value = apply(value, text[end], right);
		}
		IS(text, value);
	}
}
