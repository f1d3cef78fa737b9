/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects: what the kernel gets of what it sent.
 */

#include "pager_pretend.h"

#include <tests/lib/server_test.h>

/* Was the kernel TOLD that of pages FROM to END? */
static bool
told(enum pretend_told told_of, uint32_t from, uint32_t end)
{
	while (from < end && pretend_pages[from].told == told_of) {
		from++;
	}
	return from == end;
}

/* Are pages FROM to END those that went out with WORD? */
static bool
is_data(uint32_t from, uint32_t end, uint32_t word)
{
	while (from < end && pretend_pages[from].told == PRETEND_DATA &&
	    pretend_pages[from].word == word + from) {
		from++;
	}
	return from == end;
}

TEST(paged_gives_back_what_it_got)
{
	struct paged *paged;

	pretend_begin();
	(void)pretend_add_file();
	paged = pretend_object();
	REQUIRE(paged != NULL);
	pretend_page_out(paged, 10, 20, 1000);
	pretend_page_out(paged, 15, 2, 2000);
	pretend_page_in(paged, 8, 24);
	CHECK(told(PRETEND_ZEROS, 8, 10));
	CHECK(is_data(10, 15, 1000));
	CHECK(is_data(15, 17, 2000));
	CHECK(is_data(17, 30, 1000));
	CHECK(told(PRETEND_ZEROS, 30, 32));
	CHECK_EQ(paging_space.files[0].store.used, 20);
	paged_stop(paged);
	CHECK_EQ(paged_count(), 0);
	CHECK_EQ(paging_space.files[0].store.used, 0);
	pretend_end();
}

/*
 * No memory for the map of PAGED, of which pages 0 to 8 are stored: from now on
 * all of it is an error, and nothing of it takes any room.
 */
static void
lose(struct paged *paged)
{
	pretend_no_memory = true;
	pretend_page_out(paged, 4, 8, 2000);
	pretend_no_memory = false;
	CHECK_EQ(pretend_destroyed, 1);
	CHECK_EQ(paging_space.files[0].store.used, 0);
	CHECK_EQ(paging_space.promised, 0);
	/* What was on its way, too. */
	pretend_page_out(paged, 0, 16, 3000);
	CHECK_EQ(paging_space.files[0].store.used, 0);
	CHECK_EQ(pretend_destroyed, 1);
	pretend_page_in(paged, 0, 16);
	CHECK(told(PRETEND_ERROR, 0, 16));
}

TEST(paged_without_memory_is_lost)
{
	struct paged *paged;

	pretend_begin();
	(void)pretend_add_file();
	paged = pretend_object();
	REQUIRE(paged != NULL);
	pretend_page_out(paged, 0, 8, 1000);
	lose(paged);
	paged_stop(paged);
	CHECK_EQ(paged_count(), 0);
	pretend_end();
}

/* It may be mapped again, and shows neither zeros nor what it was before. */
TEST(paged_client_without_memory_is_lost)
{
	struct paged *paged;

	pretend_begin();
	(void)pretend_add_file();
	paged = pretend_client(16);
	REQUIRE(paged != NULL);
	pretend_page_out(paged, 0, 8, 1000);
	CHECK_EQ(paging_space.promised, 8);
	lose(paged);
	paged_stop(paged);
	paged_start(paged, PRETEND_CONTROL, MACH_PORT_NULL);
	pretend_page_in(paged, 0, 16);
	CHECK(told(PRETEND_ERROR, 0, 16));
	object_kill(&paged->object);
	CHECK_EQ(paged_count(), 0);
	CHECK_EQ(paging_space.promised, 0);
	pretend_end();
}
