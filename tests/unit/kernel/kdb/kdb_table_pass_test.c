/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Functions of the sample programs are called with what kdb_pass() says: those of
 * one have their parameters in registers, as the kernel's, of the other on the
 * stack.
 */

#include "kdb_image.h"

#include <string.h>

#include <kernel/kdb/kdb_pass.h>

#include <tests/lib/server_test.h>

static struct kdb_pass pass;
static char why[200];

static bool
prepare(struct kdb_image *image, const char *name, const uint32_t *values,
    unsigned count)
{
	struct kdb_text text;

	kdb_text_init(&text, why, sizeof(why));
	return kdb_pass(&image->table, (uintptr_t)kdb_image_symbol(image, name),
	    values, count, &pass, &text);
}

/* What it returns. */
static uint64_t
call(void *function)
{
	static uint32_t eax;
	static uint32_t edx;
	static uint32_t ecx;
	static void *fn;
	const uint32_t *stack = pass.stack;

	eax = pass.reg[0];
	edx = pass.reg[1];
	ecx = pass.reg[2];
	fn = function;
	__asm__ volatile(
	    "movl %%esp, %%ebx\n\t"
	    "subl $64, %%esp\n\t"
	    "movl %%esp, %%edi\n\t"
	    "movl $16, %%ecx\n\t"
	    "rep movsl\n\t"
	    "movl %0, %%eax\n\t"
	    "movl %1, %%edx\n\t"
	    "movl %2, %%ecx\n\t"
	    "call *%3\n\t"
	    "movl %%ebx, %%esp\n\t"
	    "movl %%eax, %0\n\t"
	    "movl %%edx, %1"
	    : "+m"(eax), "+m"(edx), "+m"(ecx), "+m"(fn), "+S"(stack)
	    :
	    : "eax", "ebx", "ecx", "edx", "edi", "memory", "cc");
	return (uint64_t)edx << 32 | eax;
}

static uint64_t
result(struct kdb_image *image, const char *name, const uint32_t *values,
    unsigned count)
{
	CHECK(prepare(image, name, values, count));
	CHECK(strcmp(why, "") == 0);
	CHECK(pass.known && strcmp(pass.name, name) == 0);
	return call(kdb_image_symbol(image, name));
}

TEST(each_parameter_gets_its_argument)
{
	static const uint32_t values[] = {
		7, 0x87654321, (uint32_t)-5, 1, 0x1234, (uint32_t)-77,
	};
	uint64_t sum = 7 * 31 + 0x87654321ull;

	sum = (sum * 31 - 5) * 31 + 1;
	sum = (sum * 31 + 0x1234) * 31 - 77;
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		CHECK_EQ(result(kdb_image(i), "sample_pass", values, 6), sum);
		CHECK_EQ(kdb_type_size(&kdb_image(i)->table, pass.type), 8);
	}
}

TEST(attributes_are_obeyed)
{
	static const uint32_t values[] = { 3, 200, 17, 60000 };

	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		CHECK_EQ((uint32_t)result(kdb_image(i), "sample_pass_stack",
		    values, 4), (3 * 31 + 200) * 31 + 60000);
	}
}

TEST(more_arguments_come_after_the_others)
{
	static const uint32_t values[] = { 3, 5, 6, 7 };

	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		CHECK_EQ((uint32_t)result(kdb_image(i), "sample_pass_more",
		    values, 4), ((3 * 31 + 5) * 31 + 6) * 31 + 7);
		CHECK(!prepare(kdb_image(i), "sample_pass_more", values, 0));
		CHECK(strcmp(why, "it wants (n, ...)") == 0);
	}
}

static void
refused(unsigned i, const char *name, const uint32_t *values, unsigned count,
    const char *text)
{
	CHECK(!prepare(kdb_image(i), name, values, count));
	CHECK(strcmp(why, text) == 0);
}

TEST(what_cannot_be_passed_is_refused)
{
	uint32_t values[] = { 7, 1, 5, 1, 0, 0, 0, 0 };

	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		refused(i, "sample_pass_pair", values, 1,
		    "its parameter pair is no number");
		refused(i, "sample_pass_back", values, 1,
		    "it returns no number");
		refused(i, "sample_pass", values, 5,
		    "it wants (a, b, c, d, e, f)");
		refused(i, "sample_pass", values, 7,
		    "it wants (a, b, c, d, e, f)");
		values[2] = 128;
		refused(i, "sample_pass", values, 6,
		    "0x80 is too large for its parameter c");
		values[2] = (uint32_t)-128;
		CHECK(prepare(kdb_image(i), "sample_pass", values, 6));
		values[2] = (uint32_t)-129;
		refused(i, "sample_pass", values, 6,
		    "0xffffff7f is too large for its parameter c");
		values[2] = 5;
		values[3] = 2;
		refused(i, "sample_pass", values, 6,
		    "0x2 is too large for its parameter d");
		values[3] = 1;
	}
}

TEST(a_function_begins_where_it_begins)
{
	struct kdb_image *image = kdb_image(0);
	uintptr_t at = (uintptr_t)kdb_image_symbol(image, "sample_static");
	struct kdb_text text;

	kdb_text_init(&text, why, sizeof(why));
	CHECK(!kdb_pass(&image->table, at + 1, NULL, 0, &pass, &text));
	CHECK(strcmp(why, "sample_static does not begin there") == 0);
}

/* Without tables: three in registers, the others on the stack. */
TEST(an_unknown_function_gets_words)
{
	static const uint32_t values[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct kdb_text text;

	kdb_text_init(&text, why, sizeof(why));
	CHECK(kdb_pass(NULL, 0x1000, values, 8, &pass, &text));
	CHECK(!pass.known);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_EQ(i < 3 ? pass.reg[i] : pass.stack[i - 3], i + 1);
	}
}
