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

#include <kernel/kdb/kdb_local.h>
#include <kernel/kdb/kdb_type.h>

#include <tests/lib/server_test.h>

#include "sample.h"

#define FRAMES		16
#define SAMPLE_FILE	"tests/unit/kernel/kdb/sample.c"

/* Frames that the last run has had at a hook, with what they contain. */
struct seen {
	char		function[40];
	char		file[60];
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
static unsigned hook_seen;	/* which one is looked at */

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
	snprintf(s->file, sizeof(s->file), "%s", file);
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

/* Of one time that the hook is called. */
static void
see(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	struct kdb_view view = {
		.unwind = unwind, .table = &image->table, .callers = 3,
	};
	struct kdb_frame frames[2] = { *frame };
	enum kdb_unwind_step step = KDB_UNWIND_CALLER;

	if (hooks++ != hook_seen) {
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

/* Look at the HOOK-th call of the hook. */
static void
run_to(struct kdb_image *image, int which, unsigned hook)
{
	hooks = 0;
	hook_seen = hook;
	seen_count = 0;
	kdb_image_run(image, which, see);
	CHECK(hooks > hook);
	hook_seen = 0;
}

static void
run(struct kdb_image *image, int which)
{
	run_to(image, which, 0);
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
		CHECK(strcmp(seen[0].file, SAMPLE_FILE) == 0);
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

TEST(variables_are_those_of_blocks_in_force)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		run(kdb_image(i), SAMPLE_BLOCK);
		check_has(seen[0].variables, "inner=40; other=1; ");
		CHECK(strstr(seen[0].variables, "last") == NULL);
		run_to(kdb_image(i), SAMPLE_BLOCK, 1);
		check_has(seen[0].variables, "inner=48; last=2; ");
		CHECK(strstr(seen[0].variables, "other") == NULL);
	}
}

TEST(registers_that_a_function_does_not_touch_are_its_callers)
{
	struct kdb_image *image = kdb_image(0);

	/* What is called last is not inlined. */
	run_to(image, SAMPLE_KEPT, 1);
	REQUIRE(seen_count == 3);
	CHECK(strcmp(seen[0].function, "sample_lost") == 0);
	CHECK(strcmp(seen[1].function, "sample_keeper") == 0);
	check_has(seen[1].variables, "kept=63; ");
	check_has(seen[1].variables, "byte='\\011'; ");
}

TEST(lines_of_other_files_come_and_go)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		struct kdb_image *image = kdb_image(i);

		run(image, SAMPLE_KEPT);
		REQUIRE(seen_count == 2 && seen[0].inline_count == 1);
		CHECK(strcmp(seen[0].file, "tests/unit/kernel/kdb/sample.h") ==
		    0);
		CHECK_EQ(seen[0].line, sample_line(image, SAMPLE_HEADER));
		CHECK(strcmp(seen[0].inlines[0].name, "sample_header") == 0);
		CHECK_EQ(seen[0].inlines[0].line,
		    sample_line(image, SAMPLE_KEPT));
		run_to(image, SAMPLE_KEPT, 1);
		CHECK(strcmp(seen[1].file, SAMPLE_FILE) == 0);
		CHECK_EQ(seen[1].line, sample_line(image, SAMPLE_KEPT) + 1);
	}
}

TEST(what_only_the_caller_knows_is_asked_of_it)
{
	run(kdb_image(0), SAMPLE_LOST);
	REQUIRE(seen_count == 2);
	CHECK(strcmp(seen[0].function, "sample_lost") == 0);
	check_has(seen[0].variables, "arg=1234; ");
}

/* Its caller has called another function, with another argument. */
TEST(what_was_jumped_to_was_not_called_with_that)
{
	run(kdb_image(0), SAMPLE_TAIL);
	REQUIRE(seen_count == 2);
	CHECK(strcmp(seen[0].function, "sample_lost") == 0);
	CHECK(strcmp(seen[1].function, "sample_main") == 0);
	check_has(seen[0].variables, "arg=?; ");
}

TEST(a_pointer_says_what_was_called)
{
	run_to(kdb_image(0), SAMPLE_POINTER, 0);
	REQUIRE(seen_count == 3);
	CHECK(strcmp(seen[1].function, "sample_calls") == 0);
	check_has(seen[0].variables, "arg=55; ");
	run_to(kdb_image(0), SAMPLE_POINTER, 1);
	CHECK(strcmp(seen[0].function, "sample_lost") == 0);
	check_has(seen[0].variables, "arg=?; ");
	run_to(kdb_image(0), SAMPLE_POINTER, 2);
	check_has(seen[0].variables, "arg=77; ");
	/* The compiler does not tell of others. */
	run_to(kdb_image(0), SAMPLE_POINTER, 3);
	check_has(seen[0].variables, "arg=?; ");
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

static uintptr_t local_address;
static uintptr_t frame_address;
static enum kdb_local local_found[5];

static void
find_locals(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	uintptr_t other;

	local_found[0] = kdb_local_search(unwind, frame, "sample_main", "pair",
	    &local_address);
	local_found[1] = kdb_local_search(unwind, frame, "sample_main", "",
	    &frame_address);
	/* In a register; of a function that is not there. */
	local_found[2] = kdb_local_search(unwind, frame, "sample_leaf",
	    "local", &other);
	local_found[3] = kdb_local_search(unwind, frame, "sample_deep", "",
	    &other);
	local_found[4] = kdb_local_search(unwind, frame, "sample_leaf",
	    "nothing", &other);
	/* Of the thing itself: it is read while it is there. */
	if (local_found[0] == KDB_LOCAL_FOUND) {
		CHECK_EQ(((struct sample_pair *)local_address)->second, 22);
	}
}

TEST(variables_in_memory_are_found_by_name)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		kdb_image_run(kdb_image(i), SAMPLE_LEAF, find_locals);
		CHECK_EQ(local_found[0], KDB_LOCAL_FOUND);
		CHECK_EQ(local_found[1], KDB_LOCAL_FOUND);
		CHECK_EQ(local_found[2], KDB_LOCAL_NO_ADDRESS);
		CHECK_EQ(local_found[3], KDB_LOCAL_NO_FRAME);
		CHECK_EQ(local_found[4], KDB_LOCAL_NO_VARIABLE);
		CHECK(frame_address > local_address);
		CHECK(frame_address - local_address < 200);
	}
}

static int twins[3][2];
static unsigned twins_count;

static void
find_twins(struct kdb_image *image, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	static const char *const functions[2] = { "sample_twins",
		"sample_twin" };
	uintptr_t address;

	REQUIRE(twins_count < 3);
	for (unsigned i = 0; i < 2; i++) {
		REQUIRE(kdb_local_search(unwind, frame, functions[i], "same",
		    &address) == KDB_LOCAL_FOUND);
		twins[twins_count][i] = *(int *)address;
	}
	twins_count++;
	CHECK_EQ(kdb_local_search(unwind, frame, "sample_twin", "", &address),
	    KDB_LOCAL_FOUND);
	CHECK_EQ(kdb_local_search(unwind, frame, "sample_twin", "nothing",
	    &address), KDB_LOCAL_NO_VARIABLE);
}

/* It stops in the innermost of three, in that of two, and in the last one. */
TEST(variables_of_inlined_functions_are_their_own)
{
	for (unsigned i = 0; i < KDB_IMAGES; i++) {
		twins_count = 0;
		kdb_image_run(kdb_image(i), SAMPLE_TWINS, find_twins);
		REQUIRE(twins_count == 3);
		for (int n = 1; n <= 3; n++) {
			CHECK_EQ(twins[n - 1][0], n * 100);
			CHECK_EQ(twins[n - 1][1], n * 10);
		}
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

/* The image's tables, in a block of their own size. */
static uint8_t *
tables_copy(const struct kdb_image *image)
{
	uint8_t *copy = malloc(image->tables_size);

	memcpy(copy, image->tables, image->tables_size);
	return copy;
}

TEST(names_without_an_end_are_refused)
{
	static const enum kdb_table_part parts[] = {
		KDB_TABLE_NAMES, KDB_TABLE_STRINGS,
	};
	struct kdb_image *image = kdb_image(0);
	struct kdb_symtab table;

	for (unsigned i = 0; i < 2; i++) {
		uint8_t *copy = tables_copy(image);

		copy[image->table.parts[parts[i]].offset +
		    image->table.parts[parts[i]].size - 1] = 'x';
		CHECK(!kdb_table_open(&table, copy, image->tables_size, 0));
		free(copy);
	}
}

TEST(scopes_within_scopes_without_end_are_given_up)
{
	struct kdb_image *image = kdb_image(0);
	uint8_t *copy = tables_copy(image);
	uintptr_t pc = (uintptr_t)kdb_image_symbol(image, "sample_main") + 9;
	struct kdb_function function;
	struct kdb_symtab table;
	struct kdb_walk walk;
	struct kdb_entry entry;
	uint32_t at = image->table.parts[KDB_TABLE_SCOPES].offset;

	REQUIRE(kdb_function_at(&image->table, pc, &function));
	/* Blocks that have no ranges; the compiler's first function is last. */
	REQUIRE(image->table.parts[KDB_TABLE_SCOPES].size -
	    function.contents > 200);
	for (uint32_t i = function.contents;
	    i + 1 < image->table.parts[KDB_TABLE_SCOPES].size; i += 2) {
		copy[at + i] = KDB_SCOPE_BLOCK;
		copy[at + i + 1] = 0;
	}
	REQUIRE(kdb_table_open(&table, copy, image->tables_size, 0));
	kdb_walk_start(&walk, &table, &function, pc);
	CHECK(!kdb_walk_next(&walk, &entry));
	CHECK(walk.cursor.bad);
	free(copy);
}

/* Operations at random, many of which take or leave something. */
static void
expressions_damage(const struct kdb_image *image, uint8_t *copy, bool full)
{
	static const uint8_t ops[] = {
		0x12, 0x12, 0x12, 0x12, 0x13, 0x14, 0x16, 0x17, 0x1b, 0x22,
		0x24, 0x50, 0x9c, 0x9f, 0x06, 0x1d,
	};
	uint32_t at = image->table.parts[KDB_TABLE_EXPRS].offset;
	uint32_t end = at + image->table.parts[KDB_TABLE_EXPRS].size;

	/* The first one is long, and only adds to its stack. */
	if (full && end - at > 60) {
		memset(copy + at, 0x12, 60);
		copy[at] = 59;
		copy[at + 1] = KDB_EXPR_DWARF;
		copy[at + 2] = 57;
		copy[at + 3] = 0x9c;
		return;
	}
	while (at < end) {
		uint32_t length = copy[at] & 0x7f;

		/* A record: what kind, length, operations. */
		for (uint32_t i = 3; i <= length && at + i < end; i++) {
			copy[at + i] = ops[test_random(sizeof(ops))];
		}
		if (length >= 2 && at + 2 < end) {
			copy[at + 1] = KDB_EXPR_DWARF;
			copy[at + 2] = (uint8_t)(length - 2);
		}
		at += 1 + length;
	}
}

TEST(expressions_at_random_do_no_harm)
{
	struct kdb_image *image = kdb_image(1);
	uintptr_t start = (uintptr_t)kdb_image_symbol(image, "sample_leaf");

	for (unsigned round = 0; round < 300; round++) {
		uint8_t *copy = tables_copy(image);
		struct kdb_symtab table;

		expressions_damage(image, copy, round % 8 == 0);
		REQUIRE(kdb_table_open(&table, copy, image->tables_size, 0));
		for (unsigned i = 0; i < 40; i++) {
			kdb_ask(&table, start + test_random(900));
		}
		free(copy);
	}
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
