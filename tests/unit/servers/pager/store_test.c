/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Places of a paging file, and maps of pages to slots.
 */

#include <servers/pager/store.h>

#include <stdlib.h>
#include <string.h>

#include <tests/lib/server_test.h>

/* Of the test that runs. */
static struct store store;

static void
begin(uint32_t places)
{
	store_init(&store, places, calloc(1, store_bytes(places)));
}

static void
end(void)
{
	free(store.bitmap);
}

static void
drop(uint32_t slot)
{
	store_free(&store, slot);
}

static void
forget(uint32_t slot)
{
}

TEST(store_gives_runs)
{
	uint32_t got;

	begin(100);
	CHECK_EQ(store_alloc(&store, 10, &got), 0);
	CHECK_EQ(got, 10);
	CHECK_EQ(store_alloc(&store, 90, &got), 10);
	CHECK_EQ(got, 90);
	CHECK_EQ(store_alloc(&store, 1, &got), STORE_NONE);
	store_free(&store, 40);
	store_free(&store, 41);
	store_free(&store, 43);
	CHECK_EQ(store_alloc(&store, 3, &got), 40);
	CHECK_EQ(got, 2);
	CHECK_EQ(store_alloc(&store, 3, &got), 43);
	CHECK_EQ(got, 1);
	CHECK_EQ(store.used, 100);
	CHECK_EQ(store_end(&store), 100);
	store_free(&store, 99);
	CHECK_EQ(store_end(&store), 99);
	for (uint32_t slot = 99; slot > 7; slot--) {
		store_free(&store, slot - 1);
	}
	CHECK_EQ(store_end(&store), 7);
	for (uint32_t slot = 0; slot < 7; slot++) {
		store_free(&store, slot);
	}
	CHECK_EQ(store_end(&store), 0);
	CHECK_EQ(store.used, 0);
	end();
}

TEST(store_random_against_a_model)
{
	static uint8_t model[333];
	uint32_t used = 0;

	memset(model, 0, sizeof(model));
	begin(sizeof(model));
	for (unsigned step = 0; step < 100000; step++) {
		uint32_t slot = test_random(sizeof(model));
		uint32_t got = 0;

		if (model[slot] != 0) {
			store_free(&store, slot);
			model[slot] = 0;
			used--;
			continue;
		}
		slot = store_alloc(&store, 1 + test_random(5), &got);
		REQUIRE(slot != STORE_NONE && got >= 1 && got <= 5);
		for (uint32_t i = 0; i < got; i++) {
			REQUIRE(slot + i < sizeof(model));
			REQUIRE(model[slot + i] == 0);
			model[slot + i] = 1;
			used++;
		}
		REQUIRE(store.used == used);
	}
	end();
}

TEST(store_map_holds_what_was_set)
{
	struct store_map map = { NULL };
	uint32_t got;

	begin(4096);
	CHECK_EQ(store_map_get(&map, 0), STORE_NONE);
	REQUIRE(store_map_reserve(&map, 1020, 10));
	for (uint32_t i = 0; i < 10; i++) {
		store_map_set(&map, 1020 + i, store_alloc(&store, 1, &got));
	}
	CHECK_EQ(store_map_get(&map, 1019), STORE_NONE);
	CHECK_EQ(store_map_get(&map, 1020), 0);
	CHECK_EQ(store_map_get(&map, 1029), 9);
	REQUIRE(store_map_reserve(&map, (1u << 20) - 1, 1));
	CHECK_EQ(store_map_get(&map, (1u << 20) - 1), STORE_NONE);
	/* A page that was lost has no slot to free. */
	REQUIRE(store_map_reserve(&map, 5, 1));
	store_map_set(&map, 5, STORE_LOST);
	store_map_clear(&map, drop);
	CHECK_EQ(store.used, 0);
	CHECK_EQ(store_map_get(&map, 1020), STORE_NONE);
	end();
}

TEST(store_map_grows)
{
	static uint32_t model[1u << 15];
	struct store_map map = { NULL };
	uint32_t seed = 1;

	begin(4096);
	for (uint32_t i = 0; i < 1u << 15; i++) {
		model[i] = STORE_NONE;
	}
	for (uint32_t i = 0; i < 4096; i++) {
		uint32_t page;
		uint32_t got;

		seed = seed * 1664525 + 1013904223;
		page = seed >> 17;
		REQUIRE(store_map_reserve(&map, page, 1));
		if (model[page] == STORE_NONE) {
			model[page] = store_alloc(&store, 1, &got);
			store_map_set(&map, page, model[page]);
		}
	}
	for (uint32_t i = 0; i < 1u << 15; i++) {
		REQUIRE(store_map_get(&map, i) == model[i]);
	}
	store_map_clear(&map, drop);
	CHECK_EQ(store.used, 0);
	end();
}

/* Every page with a slot of one file is found, whatever changes meanwhile. */
TEST(store_map_finds_slots)
{
	struct store_map map = { NULL };
	uint32_t hint = 12345;
	uint32_t found = 0;
	uint32_t page;

	begin(1000);
	CHECK_EQ(store_map_find(&map, 3, 1, &hint), STORE_NONE);
	for (uint32_t i = 0; i < 1000; i++) {
		page = i * 7 % 1000 * 5;
		REQUIRE(store_map_reserve(&map, page, 1));
		store_map_set(&map, page, i);
	}
	/* These are none, though their bits fit. */
	store_map_set(&map, 5, STORE_LOST);
	store_map_set(&map, 10, STORE_BACK);
	while ((page = store_map_find(&map, 3, 1, &hint)) != STORE_NONE) {
		uint32_t slot = store_map_get(&map, page);

		REQUIRE(slot < 1000 && slot % 4 == 1);
		store_map_set(&map, page, slot - 1);
		found++;
		if (found % 10 == 0) {
			REQUIRE(store_map_reserve(&map, 5000 + found * 16, 1));
		}
	}
	CHECK_EQ(found, 250);
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t slot = store_map_get(&map, i * 5);

		REQUIRE(slot % 4 != 1 || slot >= STORE_BACK);
	}
	store_map_clear(&map, forget);
	end();
}

TEST(store_map_lists_pages)
{
	static const uint32_t stored[] = { 0, 15, 16, 400, 401,
	    STORE_PAGES - 1 };
	struct store_map map = { NULL };
	uint32_t pages[4];
	uint32_t page = 0;
	uint32_t got;
	uint32_t n;

	begin(10);
	for (unsigned i = 0; i < 6; i++) {
		REQUIRE(store_map_reserve(&map, stored[i], 1));
		store_map_set(&map, stored[i], store_alloc(&store, 1, &got));
	}
	REQUIRE(store_map_reserve(&map, 17, 1));
	store_map_set(&map, 17, STORE_LOST);
	CHECK_EQ(store_map_list(&map, &page, pages, 4), 4);
	CHECK(memcmp(pages, stored, sizeof(pages)) == 0);
	n = store_map_list(&map, &page, pages, 4);
	CHECK_EQ(n, 2);
	CHECK_EQ(pages[0], 401);
	CHECK_EQ(pages[1], STORE_PAGES - 1);
	CHECK_EQ(store_map_list(&map, &page, pages, 4), 0);
	/* From where nothing is. */
	page = 35;
	CHECK_EQ(store_map_list(&map, &page, pages, 4), 3);
	CHECK_EQ(pages[0], 400);
	store_map_clear(&map, drop);
	CHECK_EQ(store.used, 0);
	end();
}
