/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* The keeper of kernel stacks. */

#include <tests/lib/test.h>

#include <machine/atomic.h>

#include <kernel/sleepq.h>
#include <kernel/stack.h>

#define MOST 64

/* Take ready stacks until too few are left; how many there were. */
static unsigned
take_all(vm_offset_t *taken)
{
	unsigned count = 0;

	while (!atomic_load_relaxed(&stack_unkept)) {
		CHECK(count < MOST);
		taken[count] = stack_try();
		CHECK(taken[count] != 0);
		count++;
	}
	return count;
}

static void
put_all(const vm_offset_t *taken, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		stack_free(taken[i]);
	}
	stack_care();
}

/*
 * A thread that gives its stack away and takes it again, over and over, does not
 * wake the keeper when that has just made what was missing.
 */
TEST(keeper_makes_more_than_the_least)
{
	vm_offset_t taken[MOST];
	unsigned count;
	bool asked;

	test_sleep(10);
	pretend_freeze(true);
	count = take_all(taken);
	pretend_freeze(false);
	stack_care();
	test_sleep(10);

	pretend_freeze(true);
	CHECK(!atomic_load_relaxed(&stack_unkept));
	taken[count] = stack_try();
	CHECK(taken[count] != 0);
	count++;
	asked = atomic_load_relaxed(&stack_unkept);
	pretend_freeze(false);
	CHECK(!asked);
	put_all(taken, count);
}

/* However many come back, no more than some are kept. */
TEST(keeper_frees_what_is_too_much)
{
	vm_offset_t taken[MOST];
	unsigned count;

	for (unsigned i = 0; i < MOST; i++) {
		taken[i] = stack_alloc();
		CHECK(taken[i] != 0);
	}
	for (unsigned i = 0; i < MOST; i++) {
		stack_put(taken[i]);
	}
	stack_care();
	test_sleep(10);
	pretend_freeze(true);
	CHECK(!atomic_load_relaxed(&stack_unkept));
	count = take_all(taken);
	pretend_freeze(false);
	CHECK(count < 16);
	put_all(taken, count);
}
