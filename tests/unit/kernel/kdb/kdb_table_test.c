/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's tables of real programs, which gcc has optimised: symbols,
 * lines, frames and values, while the programs run.
 */

#include "kdb_ask.h"
#include "kdb_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kernel/kdb/kdb_type.h>

#include <tests/lib/server_test.h>

#include "sample.h"

#define FRAMES		16
#define SAMPLE_FILE	"tests/unit/kernel/kdb/sample.c"

/* Frames that the last run has had at a hook, with what they contain. */
struct seen {
	char		function[40];
	unsigned	line;
	char		variables[400];
	struct {
		char		name[40];
		unsigned	line;
		char		variables[200];
	}		inlines[4];
	unsigned	inline_count;
};

static struct seen seen[FRAMES];
static unsigned seen_count;
static unsigned hooks;

static void
see_variable(const struct kdb_view *view, const struct kdb_entry *entry,
    struct kdb_text *text)
{
	struct kdb_value value;

	kdb_text_add(text, "%s=", entry->name);
	if (entry->placed && kdb_value_get(view, entry->expr, &value)) {
		kdb_type_print(view, entry->type, &value, text);
	} else {
		kdb_text_add(text, "?");
	}
	kdb_text_add(text, "; ");
}

static void
see_frame(const struct kdb_view *view, struct seen *s)
{
	uintptr_t place = kdb_frame_place(view->frame);
	struct kdb_function function;
	struct kdb_entry entry;
	struct kdb_walk walk;
	struct kdb_text text[5];
	const char *file = "";

	memset(s, 0, sizeof(*s));
	REQUIRE(kdb_function_at(view->table, place, &function));
	snprintf(s->function, sizeof(s->function), "%s", function.name);
	CHECK(kdb_table_line(view->table, place, &file, &s->line));
	CHECK(strcmp(file, SAMPLE_FILE) == 0);
	kdb_text_init(&text[0], s->variables, sizeof(s->variables));
	kdb_walk_start(&walk, view->table, &function, place);
	while (kdb_walk_next(&walk, &entry)) {
		if (entry.kind == KDB_SCOPE_SITE) {
			continue;
		}
		if (entry.kind == KDB_SCOPE_INLINE) {
			REQUIRE(entry.level <= 4);
			snprintf(s->inlines[entry.level - 1].name,
			    sizeof(s->inlines[0].name), "%s", entry.name);
			s->inlines[entry.level - 1].line = entry.line;
			s->inline_count = entry.level;
			CHECK(strcmp(entry.file, SAMPLE_FILE) == 0);
			kdb_text_init(&text[entry.level],
			    s->inlines[entry.level - 1].variables,
			    sizeof(s->inlines[0].variables));
			continue;
		}
		see_variable(view, &entry, &text[entry.level]);
	}
	CHECK(!walk.cursor.bad);
}

/* Of the first time that the hook is called. */
static void
see(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	struct kdb_view view = {
		.unwind = unwind, .table = &image->table, .callers = 3,
	};
	struct kdb_frame frames[2] = { *frame };
	enum kdb_unwind_step step = KDB_UNWIND_CALLER;

	if (hooks++ > 0) {
		return;
	}
	for (seen_count = 0; step == KDB_UNWIND_CALLER; seen_count++) {
		struct kdb_frame *now = &frames[seen_count % 2];

		REQUIRE(seen_count < FRAMES);
		step = kdb_unwind_next(unwind, now,
		    &frames[(seen_count + 1) % 2]);
		view.frame = now;
		if (now->addressed) {
			see_frame(&view, &seen[seen_count]);
		}
	}
	CHECK_EQ(step, KDB_UNWIND_END);
	/* The last one is outside. */
	seen_count--;
}

static int
sample_line(struct kdb_image *image, enum sample_line i)
{
	return ((int *)kdb_image_symbol(image, "sample_lines"))[i];
}

static void
run(struct kdb_image *image, int which)
{
	hooks = 0;
	seen_count = 0;
	kdb_image_run(image, which, see);
	CHECK(hooks > 0);
}

static void
check_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL) {
		test_fail(__FILE__, __LINE__, "%s: %s", part, text);
	}
}

TEST(symbols_are_found_by_name_and_by_address)
{
	struct kdb_image *image = kdb_image(0);
	struct kdb_symbol symbol;
	struct kdb_symbol at;

	REQUIRE(kdb_table_symbol_find(&image->table, "sample_leaf", &symbol));
	CHECK_EQ(symbol.kind, 'T');
	CHECK(symbol.size > 20);
	REQUIRE(kdb_table_symbol_at(&image->table, symbol.value + 7, &at));
	CHECK(strcmp(at.name, "sample_leaf") == 0);
	CHECK_EQ(at.value, symbol.value);
	REQUIRE(kdb_table_symbol_find(&image->table, "sample_counter",
	    &symbol));
	CHECK_EQ(symbol.kind, 'D');
	CHECK_EQ(symbol.size, 4);
	CHECK_EQ(*(int *)symbol.value, 7);
	REQUIRE(kdb_table_symbol_find(&image->table, "sample_hook", &symbol));
	CHECK_EQ(symbol.kind, 'B');
	/* A static variable of a function, whose name has a number. */
	REQUIRE(kdb_table_symbol_find(&image->table, "calls", &symbol));
	CHECK_EQ(symbol.kind, 'd');
	CHECK(!kdb_table_symbol_find(&image->table, "sample", &symbol));
	CHECK(!kdb_table_symbol_at(&image->table, 0x1000, &symbol));
}

TEST(addresses_are_those_where_a_program_is_loaded)
{
	struct kdb_image *image = kdb_image(0);
	struct kdb_symtab moved;
	struct kdb_symbol symbol;
	struct kdb_symbol there;
	struct kdb_function function;
	const char *file;
	unsigned line;
	unsigned line_there;

	REQUIRE(kdb_table_symbol_find(&image->table, "sample_leaf", &symbol));
	REQUIRE(kdb_table_line(&image->table, symbol.value, &file, &line));
	REQUIRE(kdb_table_open(&moved, image->tables, image->tables_size,
	    0x5000));
	REQUIRE(kdb_table_symbol_find(&moved, "sample_leaf", &there));
	CHECK_EQ(there.value, symbol.value + 0x5000);
	REQUIRE(kdb_table_line(&moved, there.value, &file, &line_there));
	CHECK_EQ(line_there, line);
	REQUIRE(kdb_function_at(&moved, there.value, &function));
	CHECK(strcmp(function.name, "sample_leaf") == 0);
}

TEST(symbols_remain_when_the_rest_is_given_back)
{
	struct kdb_image *image = kdb_image(0);
	size_t size = kdb_table_resident(image->tables, image->tables_size);
	void *kept = malloc(size);
	struct kdb_symtab table;
	struct kdb_symbol symbol;
	struct kdb_function function;
	struct kdb_table_rule rule;
	const char *file;
	unsigned line;

	REQUIRE(size > 0 && size < image->tables_size);
	memcpy(kept, image->tables, size);
	REQUIRE(kdb_table_open(&table, kept, size, 0));
	REQUIRE(kdb_table_symbol_find(&table, "sample_leaf", &symbol));
	CHECK(!kdb_table_line(&table, symbol.value, &file, &line));
	CHECK(!kdb_function_at(&table, symbol.value, &function));
	CHECK(!kdb_table_rule(&table, symbol.value, &rule));
	free(kept);
}

TEST(frames_have_their_callers_lines_and_values)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		struct kdb_image *image = kdb_image(i);

		run(image, SAMPLE_LEAF);
		REQUIRE(seen_count == 2);
		CHECK(strcmp(seen[0].function, "sample_leaf") == 0);
		CHECK_EQ(seen[0].line, sample_line(image, SAMPLE_LEAF));
		check_has(seen[0].variables, "number=14; ");
		check_has(seen[0].variables, "\"a text\"; ");
		check_has(seen[0].variables, "local=42; ");
		check_has(seen[0].variables, "color=SAMPLE_GREEN; ");
		CHECK(strcmp(seen[1].function, "sample_main") == 0);
		check_has(seen[1].variables,
		    "pair={first=11, second=22, color=SAMPLE_GREEN}; ");
	}
}

TEST(inlined_functions_are_named_with_their_values)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		struct kdb_image *image = kdb_image(i);

		run(image, SAMPLE_INLINED);
		REQUIRE(seen_count == 2);
		CHECK(strcmp(seen[0].function, "sample_inliner") == 0);
		CHECK_EQ(seen[0].line, sample_line(image, SAMPLE_INLINED));
		check_has(seen[0].variables, "start=5; ");
		REQUIRE(seen[0].inline_count == 2);
		CHECK(strcmp(seen[0].inlines[0].name, "sample_outer") == 0);
		CHECK_EQ(seen[0].inlines[0].line,
		    sample_line(image, SAMPLE_INLINER));
		check_has(seen[0].inlines[0].variables, "twice=12; ");
		CHECK(strcmp(seen[0].inlines[1].name, "sample_inlined") == 0);
		CHECK_EQ(seen[0].inlines[1].line,
		    sample_line(image, SAMPLE_OUTER));
		check_has(seen[0].inlines[1].variables, "value=12; ");
		check_has(seen[0].inlines[1].variables, "shift=4; ");
		check_has(seen[0].inlines[1].variables, "shifted=192; ");
	}
}

TEST(what_only_the_caller_knows_is_asked_of_it)
{
	run(kdb_image(0), SAMPLE_LOST);
	REQUIRE(seen_count == 2);
	CHECK(strcmp(seen[0].function, "sample_lost") == 0);
	check_has(seen[0].variables, "arg=1234; ");
}

TEST(static_and_wide_variables_have_values)
{
	run(kdb_image(0), SAMPLE_STATIC);
	REQUIRE(seen_count == 2);
	check_has(seen[0].variables, "calls=");
	CHECK(atoi(strstr(seen[0].variables, "calls=") + 6) > 40);
	check_has(seen[0].variables, "wide=0x123456789a");
}

TEST(arrays_in_large_frames_have_values)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		run(kdb_image(i), SAMPLE_LARGE);
		REQUIRE(seen_count == 2);
		check_has(seen[0].variables, "squares={9, 16, 25, 36}; ");
	}
}

TEST(recursion_is_followed_to_its_end)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		run(kdb_image(i), SAMPLE_DEEP);
		REQUIRE(seen_count == 7);
		check_has(seen[1].variables, "depth=1; ");
		check_has(seen[5].variables, "depth=5; ");
		CHECK(strcmp(seen[6].function, "sample_main") == 0);
	}
}

static enum kdb_unwind_step smashed_step;
static const char *smashed_why;
static unsigned smashed_frames;

/* Follow a stack with one word of it damaged. */
static void
smash(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame, unsigned word, uint32_t value)
{
	struct kdb_frame frames[2] = { *frame };
	uint32_t *at;
	uint32_t was;

	/* The caller's frame pointer is right below its return address. */
	REQUIRE(kdb_unwind_next(unwind, &frames[0], &frames[1]) ==
	    KDB_UNWIND_CALLER);
	at = (uint32_t *)(uintptr_t)frames[0].address - 2 + word;
	was = *(volatile uint32_t *)at;
	*(volatile uint32_t *)at = value;
	smashed_frames = 0;
	do {
		smashed_step = kdb_unwind_next(unwind,
		    &frames[smashed_frames % 2],
		    &frames[(smashed_frames + 1) % 2]);
		smashed_frames++;
	} while (smashed_step == KDB_UNWIND_CALLER && smashed_frames < 1000);
	smashed_why = unwind->why;
	*(volatile uint32_t *)at = was;
}

static void
smash_pc(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	smash(image, unwind, frame, 1, 0x11);
}

/* A chain of frame pointers that leads to itself. */
static void
smash_pointer(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	smash(image, unwind, frame, 0, frame->reg[KDB_REG_EBP]);
}

static void
smash_far(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	smash(image, unwind, frame, 0, 0xdeadbee0);
}

TEST(smashed_stacks_end_with_a_reason)
{
	kdb_image_run(kdb_image(0), SAMPLE_DEEP, smash_pc);
	CHECK_EQ(smashed_step, KDB_UNWIND_LOST);
	CHECK(strcmp(smashed_why, "the return address is none") == 0);
	CHECK_EQ(smashed_frames, 1);
	kdb_image_run(kdb_image(0), SAMPLE_DEEP, smash_pointer);
	CHECK_EQ(smashed_step, KDB_UNWIND_LOST);
	CHECK(strcmp(smashed_why, "the stack leads back") == 0);
	CHECK_EQ(smashed_frames, 2);
	kdb_image_run(kdb_image(0), SAMPLE_DEEP, smash_far);
	CHECK_EQ(smashed_step, KDB_UNWIND_LOST);
	CHECK(strcmp(smashed_why, "the return address cannot be read") == 0);
}

static bool
no_table_boundary(const struct kdb_frame *frame)
{
	return frame->reg[KDB_REG_PC] < 0x50000000;
}

static enum kdb_unwind_step
pointers_boundary(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	return no_table_boundary(frame) ? KDB_UNWIND_END : KDB_UNWIND_CALLER;
}

static const struct kdb_symtab *
pointers_table(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return NULL;
}

static void
follow_pointers(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	unwind->table = pointers_table;
	unwind->boundary = pointers_boundary;
	see(image, unwind, frame);
}

TEST(frame_pointers_lead_on_where_there_are_no_rules)
{
	hooks = 0;
	kdb_image_run(kdb_image(0), SAMPLE_DEEP, follow_pointers);
	REQUIRE(seen_count == 7);
	CHECK(strcmp(seen[6].function, "sample_main") == 0);
}

TEST(asking_finds_what_is_there)
{
	struct kdb_image *image = kdb_image(0);

	CHECK(kdb_ask(&image->table, (uintptr_t)kdb_image_symbol(image,
	    "sample_inliner") + 40) > 100);
}

TEST(damaged_tables_do_no_harm)
{
	struct kdb_image *image = kdb_image(0);
	uintptr_t start = (uintptr_t)kdb_image_symbol(image, "sample_leaf");

	for (unsigned round = 0; round < 3000; round++) {
		/* Of its own size, for the sanitizer to see its end. */
		size_t size = round % 4 == 0
				  ? test_random((uint32_t)image->tables_size)
				  : image->tables_size;
		uint8_t *copy = malloc(size != 0 ? size : 1);
		struct kdb_symtab table;

		memcpy(copy, image->tables, size);
		for (unsigned i = test_random(20); i > 0 && size > 0; i--) {
			/* In the header every other time. */
			copy[test_random(i % 2 == 0 && size > 120
				? 120 : (uint32_t)size)] =
			    (uint8_t)test_random(256);
		}
		if (kdb_table_open(&table, copy, size, 0)) {
			CHECK(kdb_ask(&table, start + test_random(900)) <
			    100000000);
		}
		free(copy);
	}
}
