/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Paging files that are removed, and who loses his patience.
 */

#include "pager_pretend.h"

#include <mach/mig_errors.h>
#include <sched.h>

#include <servers/errors.h>

#include <tests/lib/server_test.h>

#define REPLY		7u

static struct paged *paged;

/* Two files, the first with 20 pages of an object, and the second thread. */
static bool
begin(void)
{
	static bool has_thread;

	if (!has_thread) {
		has_thread = paging_change_setup() == KERN_SUCCESS;
	}
	pretend_begin();
	(void)pretend_add_file();
	(void)pretend_add_file();
	paged = pretend_object();
	if (!has_thread || paged == NULL) {
		return false;
	}
	pretend_page_out(paged, 0, 20, 1000);
	return paging_space.files[0].store.used == 20;
}

/* All is as it was; the object goes. */
static void
end(void)
{
	pretend_page_in(paged, 0, 20);
	for (uint32_t page = 0; page < 20; page++) {
		CHECK_EQ(pretend_pages[page].told, PRETEND_DATA);
		CHECK_EQ(pretend_pages[page].word, 1000 + page);
	}
	paged_stop(paged);
	pretend_end();
}

static kern_return_t
change(const char *name, bool add, mach_port_t reply)
{
	struct paging_asker asker = { .reply = reply };

	return paging_change(name, MACH_PORT_NULL, add, asker);
}

/* Step until something has moved, but not all. */
static void
step_until_moving(void)
{
	while (paging_space.files[1].store.used == 0 && pretend_answers == 0) {
		(void)paging_change_step();
		sched_yield();
	}
	CHECK(paging_space.files[0].store.used != 0);
}

static void
step_until_answered(unsigned answers)
{
	while (pretend_answers < answers) {
		(void)paging_change_step();
		sched_yield();
	}
}

TEST(change_removes_a_file)
{
	REQUIRE(begin());
	REQUIRE(change("0", false, REPLY) == MIG_NO_REPLY);
	step_until_answered(1);
	CHECK_EQ(pretend_answer, KERN_SUCCESS);
	CHECK(!paging_space.files[0].there);
	CHECK_EQ(paging_space.files[1].store.used, 20);
	end();
}

/* What has moved has, the rest stays, and the file can be used and removed. */
TEST(change_ends_with_who_asked)
{
	uint32_t left;

	REQUIRE(begin());
	REQUIRE(change("0", false, REPLY) == MIG_NO_REPLY);
	step_until_moving();
	CHECK_EQ(change("1", false, REPLY), UNIX_EBUSY);
	left = paging_space.files[0].store.used;
	pretend_asker_gone = true;
	REQUIRE(paging_change_step() == -1);
	CHECK_EQ(pretend_answer, UNIX_EINTR);
	CHECK(paging_space.files[0].there);
	CHECK_EQ(paging_space.files[0].store.used, left);
	CHECK(!paging_space.files[0].leaving);
	CHECK_EQ(space_room(&paging_space), 2 * PRETEND_PAGES - 20);
	pretend_asker_gone = false;
	REQUIRE(change("0", false, REPLY) == MIG_NO_REPLY);
	step_until_answered(2);
	CHECK_EQ(pretend_answer, KERN_SUCCESS);
	CHECK(!paging_space.files[0].there);
	end();
}

/* The next one needs not wait for that. */
TEST(change_begins_when_who_asked_before_is_gone)
{
	REQUIRE(begin());
	REQUIRE(change("0", false, REPLY) == MIG_NO_REPLY);
	step_until_moving();
	pretend_asker_gone = true;
	REQUIRE(change("1", false, REPLY) == MIG_NO_REPLY);
	pretend_asker_gone = false;
	CHECK_EQ(pretend_answers, 1);
	step_until_answered(2);
	CHECK_EQ(pretend_answer, KERN_SUCCESS);
	CHECK(!paging_space.files[1].there);
	CHECK_EQ(paging_space.files[0].store.used, 20);
	end();
}

/* Who wants no answer has never waited; a port that is dead already is gone. */
TEST(change_for_nobody)
{
	REQUIRE(begin());
	REQUIRE(change("1", false, MACH_PORT_DEAD) == MIG_NO_REPLY);
	step_until_answered(1);
	CHECK_EQ(pretend_answer, UNIX_EINTR);
	CHECK(paging_space.files[1].there);
	pretend_asker_gone = true;
	REQUIRE(change("0", false, MACH_PORT_NULL) == MIG_NO_REPLY);
	step_until_answered(2);
	CHECK_EQ(pretend_answer, KERN_SUCCESS);
	CHECK(!paging_space.files[0].there);
	end();
}
