/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects: what the kernel gets of what it sent.
 */

#include "pager_pretend.h"

#include <servers/errors.h>

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

/* Move all pages out of file 1; the last result. */
static kern_return_t
move_all(void)
{
	kern_return_t kr;

	do {
		kr = paged_move(1, 8);
	} while (kr == KERN_SUCCESS);
	return kr;
}

/*
 * Pages 0 to 20 of an object are in file 1, which is to leave for 0 and 2, and
 * 20 of another one in 0.
 */
static struct paged *
begin_move(struct paged **other)
{
	struct paged *paged;

	pretend_begin();
	for (unsigned i = 0; i < 3; i++) {
		(void)pretend_add_file();
	}
	*other = pretend_object();
	paged = pretend_object();
	pretend_page_out(*other, 0, 20, 5000);
	pretend_write[0] = UNIX_ENOSPC;
	pretend_page_out(paged, 0, 20, 1000);
	CHECK_EQ(paging_space.files[1].store.used, 20);
	CHECK(space_leave(&paging_space, 1));
	return paged;
}

/* All of PAGED is in FILE, and as it was. */
static void
check_moved(struct paged *paged, uint32_t file)
{
	CHECK_EQ(paging_space.files[1].store.used, 0);
	CHECK_EQ(paging_space.files[file].store.used, file == 0 ? 40 : 20);
	pretend_page_in(paged, 0, 20);
	CHECK(is_data(0, 20, 1000));
}

static void
end_move(struct paged *paged, struct paged *other)
{
	pretend_page_in(other, 0, 20);
	CHECK(is_data(0, 20, 5000));
	paged_stop(paged);
	paged_stop(other);
	pretend_end();
}

/* The first file's disk is full, and nobody knew: there is another. */
TEST(paged_moves_to_where_there_is_room)
{
	struct paged *other;
	struct paged *paged = begin_move(&other);

	space_set_full(&paging_space, space_slot(0, 0), false);
	CHECK_EQ(move_all(), KERN_FAILURE);
	check_moved(paged, 2);
	end_move(paged, other);
}

/* A disk that was full is asked again when the others are. */
TEST(paged_moves_to_where_there_is_room_again)
{
	struct paged *other;
	struct paged *paged = begin_move(&other);

	pretend_write[0] = KERN_SUCCESS;
	pretend_write[2] = UNIX_ENOSPC;
	CHECK_EQ(move_all(), KERN_FAILURE);
	check_moved(paged, 0);
	end_move(paged, other);
}

/* All are full: nothing changes.  If one only lacked memory, that is told. */
TEST(paged_stays_when_there_is_no_room)
{
	struct paged *other;
	struct paged *paged = begin_move(&other);

	pretend_write[2] = UNIX_ENOSPC;
	CHECK_EQ(move_all(), UNIX_ENOSPC);
	pretend_write[2] = UNIX_ENOMEM;
	CHECK_EQ(move_all(), UNIX_ENOMEM);
	CHECK_EQ(move_all(), UNIX_ENOMEM);
	CHECK_EQ(paging_space.files[0].store.used, 20);
	CHECK_EQ(paging_space.files[1].store.used, 20);
	CHECK_EQ(paging_space.files[2].store.used, 0);
	pretend_write[2] = KERN_SUCCESS;
	CHECK_EQ(move_all(), KERN_FAILURE);
	check_moved(paged, 2);
	end_move(paged, other);
}
