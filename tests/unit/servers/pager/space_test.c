/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Paging files together: who gets which places, files that leave, promises.
 */

#include <servers/pager/space.h>

#include <stdlib.h>
#include <string.h>

#include <tests/lib/server_test.h>

static struct space space;

static void
begin(void)
{
	memset(&space, 0, sizeof(space));
}

static uint32_t
add(uint32_t places)
{
	return space_add(&space, places, calloc(1, store_bytes(places)));
}

static void
drop(uint32_t file)
{
	void *bitmap = space.files[file].store.bitmap;

	space_remove(&space, file);
	free(bitmap);
}

/* Take COUNT places one by one; how many there were. */
static uint32_t
take(enum space_use use, uint32_t count, uint32_t *slots)
{
	uint32_t got;
	uint32_t n = 0;

	while (n < count) {
		slots[n] = space_alloc(&space, use, 1, &got);
		if (slots[n] == STORE_NONE) {
			break;
		}
		n++;
	}
	return n;
}

static void
give(const uint32_t *slots, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		space_free(&space, slots[i]);
	}
}

TEST(space_fills_one_file_after_the_other)
{
	uint32_t slots[30];
	uint32_t got;

	begin();
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 1, &got), STORE_NONE);
	CHECK_EQ(add(10), 0);
	CHECK_EQ(add(20), 1);
	CHECK_EQ(space_total(&space), 30);
	CHECK_EQ(take(SPACE_ANY, 30, slots), 30);
	CHECK_EQ(slots[9], space_slot(0, 9));
	CHECK_EQ(slots[10], space_slot(1, 0));
	CHECK_EQ(space_file_of(slots[29]), 1);
	CHECK_EQ(space_place_of(slots[29]), 19);
	CHECK_EQ(space_room(&space), 0);
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 1, &got), STORE_NONE);
	give(slots, 30);
	CHECK_EQ(space_room(&space), 30);
	drop(0);
	CHECK_EQ(space_total(&space), 20);
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 5, &got), space_slot(1, 0));
	CHECK_EQ(got, 5);
	/* The number is good again. */
	CHECK_EQ(add(3), 0);
	drop(0);
	for (uint32_t i = 0; i < 5; i++) {
		space_free(&space, space_slot(1, i));
	}
	drop(1);
}

TEST(space_has_a_bound_on_files)
{
	begin();
	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		CHECK_EQ(add(1), i);
	}
	CHECK_EQ(space_add(&space, 1, NULL), SPACE_FILES);
	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		drop(i);
	}
}

TEST(space_keeps_room_for_what_leaves)
{
	uint32_t slots[16];
	uint32_t more[16];
	uint32_t got;

	begin();
	(void)add(8);
	CHECK_EQ(take(SPACE_ANY, 6, slots), 6);
	/* Nowhere to go. */
	CHECK(!space_leave(&space, 0));
	CHECK_EQ(space_room(&space), 2);
	(void)add(5);
	CHECK(!space_leave(&space, 0));
	(void)add(4);
	CHECK(space_leave(&space, 0));
	CHECK(space_is_leaving(&space, slots[0]));
	/* Of nine others six are kept; nothing goes into the file itself. */
	CHECK_EQ(space_room(&space), 3);
	CHECK_EQ(take(SPACE_ANY, 16, more), 3);
	CHECK_EQ(space_file_of(more[0]), 1);
	/* Its pages find their places whatever others did. */
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t other = space_alloc(&space, SPACE_MOVED, 1, &got);

		REQUIRE(other != STORE_NONE && space_file_of(other) != 0);
		space_free(&space, slots[i]);
		slots[i] = other;
		CHECK_EQ(space_room(&space), 0);
	}
	drop(0);
	give(more, 3);
	give(slots, 6);
	drop(1);
	drop(2);
}

TEST(space_stays_as_it_was_when_a_file_does)
{
	uint32_t slots[20];

	begin();
	(void)add(10);
	(void)add(10);
	CHECK_EQ(take(SPACE_ANY, 4, slots), 4);
	CHECK(space_leave(&space, 0));
	CHECK_EQ(space_room(&space), 6);
	space_stay(&space, 0);
	CHECK_EQ(space_room(&space), 16);
	/* Two at once may each need the same room. */
	CHECK_EQ(take(SPACE_ANY, 8, slots + 4), 8);
	CHECK(!space_leave(&space, 0));
	give(slots, 12);
	CHECK(space_leave(&space, 0));
	CHECK(space_leave(&space, 1));
	drop(0);
	drop(1);
}

TEST(space_promises_are_kept)
{
	uint32_t slots[40];
	uint32_t mine[10];
	uint32_t got;

	begin();
	(void)add(40);
	CHECK(!space_promise(&space, 11));
	CHECK(space_promise(&space, 7));
	CHECK(!space_promise(&space, 4));
	CHECK(space_promise(&space, 3));
	CHECK_EQ(space_room(&space), 30);
	CHECK_EQ(take(SPACE_ANY, 40, slots), 30);
	CHECK_EQ(take(SPACE_PROMISED, 10, mine), 10);
	CHECK_EQ(space.promised, 0);
	CHECK_EQ(space_alloc(&space, SPACE_PROMISED, 1, &got), STORE_NONE);
	give(mine, 10);
	give(slots, 30);
	CHECK(space_promise(&space, 10));
	space_take_back(&space, 10);
	CHECK_EQ(space_room(&space), 40);
	/* A file whose places are promised cannot leave. */
	CHECK(space_promise(&space, 5));
	CHECK(!space_leave(&space, 0));
	space_take_back(&space, 5);
	drop(0);
}

TEST(space_tries_full_disks_last)
{
	uint32_t got;
	uint32_t slot;

	begin();
	(void)add(4);
	(void)add(1);
	slot = space_alloc(&space, SPACE_ANY, 2, &got);
	CHECK_EQ(slot, space_slot(0, 0));
	space_set_full(&space, slot, true);
	CHECK(space_is_full(&space, slot));
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 2, &got), space_slot(1, 0));
	CHECK_EQ(got, 1);
	/* There is no other; from the beginning, where it has been written. */
	space_free(&space, slot);
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 1, &got), space_slot(0, 0));
	space_set_full(&space, slot, false);
	CHECK(!space_is_full(&space, slot));
	space_free(&space, space_slot(1, 0));
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 1, &got), space_slot(0, 2));
	for (uint32_t i = 0; i < 3; i++) {
		space_free(&space, space_slot(0, i));
	}
	drop(0);
	drop(1);
}

/* The one that was found full longest ago may have room again. */
TEST(space_tries_full_disks_in_turn)
{
	uint32_t got;

	begin();
	for (uint32_t i = 0; i < 3; i++) {
		(void)add(4);
	}
	space_set_full(&space, space_slot(1, 0), true);
	space_set_full(&space, space_slot(0, 0), true);
	space_set_full(&space, space_slot(2, 0), true);
	for (uint32_t i = 0; i < 6; i++) {
		static const uint32_t order[] = { 1, 0, 2 };
		uint32_t slot = space_alloc(&space, SPACE_ANY, 1, &got);

		CHECK_EQ(slot, space_slot(order[i % 3], 0));
		space_free(&space, slot);
		space_set_full(&space, slot, true);
	}
	space_set_full(&space, space_slot(2, 0), false);
	CHECK_EQ(space_alloc(&space, SPACE_ANY, 1, &got), space_slot(2, 0));
	space_free(&space, space_slot(2, 0));
	for (uint32_t i = 0; i < 3; i++) {
		drop(i);
	}
}

/*
 * Pages that are written, forgotten and moved while files come and go: each
 * has a slot of its own, in a file that is there, and what is to leave leaves.
 */
#define PAGES	300u

static uint32_t where[PAGES];

static uint32_t
pages_in(uint32_t file)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < PAGES; i++) {
		n += where[i] != STORE_NONE && space_file_of(where[i]) == file;
	}
	return n;
}

static void
check_pages(void)
{
	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		REQUIRE(pages_in(i) == (space.files[i].there ?
		    space.files[i].store.used : 0));
	}
	for (uint32_t i = 0; i < PAGES; i++) {
		for (uint32_t k = 0; k < i && where[i] != STORE_NONE; k++) {
			REQUIRE(where[i] != where[k]);
		}
	}
}

static void
step_page(uint32_t page)
{
	uint32_t got;

	if (where[page] != STORE_NONE) {
		space_free(&space, where[page]);
		where[page] = STORE_NONE;
	} else {
		where[page] = space_alloc(&space, SPACE_ANY, 1, &got);
		REQUIRE(where[page] == STORE_NONE ||
		    !space_is_leaving(&space, where[page]));
	}
}

/* Move one page out of FILE, which is leaving. */
static void
step_move(uint32_t file)
{
	uint32_t page = 0;
	uint32_t other;
	uint32_t got;

	while (page < PAGES && (where[page] == STORE_NONE ||
	    space_file_of(where[page]) != file)) {
		page++;
	}
	if (page == PAGES) {
		drop(file);
		return;
	}
	other = space_alloc(&space, SPACE_MOVED, 1, &got);
	REQUIRE(other != STORE_NONE && !space_is_leaving(&space, other));
	space_free(&space, where[page]);
	where[page] = other;
}

TEST(space_random_against_a_model)
{
	unsigned left = 0;

	begin();
	for (uint32_t i = 0; i < PAGES; i++) {
		where[i] = STORE_NONE;
	}
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t file = test_random(SPACE_FILES);
		bool there = space.files[file].there;

		if (there && space.files[file].leaving) {
			step_move(file);
			left += space.files[file].there ? 0 : 1;
		} else if (there && test_random(20) == 0) {
			(void)space_leave(&space, file);
		} else if (!there && test_random(20) == 0) {
			(void)add(1 + test_random(60));
		} else {
			step_page(test_random(PAGES));
		}
		if (step % 100 == 0) {
			check_pages();
		}
	}
	check_pages();
	CHECK(left > 20);
	for (uint32_t i = 0; i < PAGES; i++) {
		if (where[i] != STORE_NONE) {
			space_free(&space, where[i]);
		}
	}
	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		if (space.files[i].there) {
			drop(i);
		}
	}
}
