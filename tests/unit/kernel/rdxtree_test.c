/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <kernel/rdxtree.h>

#define SLOTS	300u

static void *
value_of(uint32_t key)
{
	return (void *)(uintptr_t)((key << 3) | 4);
}

/* Keys that are dense at the start and sparse beyond. */
static uint32_t
some_key(void)
{
	switch (test_random(4)) {
	case 0:
		return test_random(70);
	case 1:
		return test_random(5000);
	case 2:
		return 0xffffff00u + test_random(256);
	default:
		return test_random(1 << 20) << 12;
	}
}

TEST(rdxtree_random_against_model)
{
	struct rdxtree tree;
	uint32_t keys[SLOTS];
	unsigned count = 0;

	rdxtree_init(&tree, 0);
	for (unsigned round = 0; round < 6000 && !test_failed(); round++) {
		uint32_t key = some_key();
		unsigned at = 0;

		while (at < count && keys[at] != key) {
			at++;
		}
		CHECK(rdxtree_lookup(&tree, key) ==
		    (at < count ? value_of(key) : NULL));
		if (at < count) {
			CHECK_EQ(rdxtree_insert(&tree, key, &tree),
			    KERN_NAME_EXISTS);
			CHECK(rdxtree_remove(&tree, key) == value_of(key));
			keys[at] = keys[--count];
		} else if (count < SLOTS) {
			CHECK_OK(rdxtree_insert(&tree, key, value_of(key)));
			keys[count++] = key;
		} else {
			key = keys[test_random(count)];
			CHECK(rdxtree_remove(&tree, key) == value_of(key));
			for (at = 0; keys[at] != key; at++) {
			}
			keys[at] = keys[--count];
		}
		CHECK_EQ(tree.count, count);
		rdxtree_check(&tree);
	}
	rdxtree_remove_all(&tree);
	CHECK_EQ(tree.count, 0);
	CHECK(tree.root == NULL);
}

TEST(rdxtree_allocates_lowest_free_key)
{
	struct rdxtree tree;
	static bool taken[400];
	uint32_t key;

	rdxtree_init(&tree, 3);
	for (unsigned round = 0; round < 3000 && !test_failed(); round++) {
		unsigned lowest = 3;

		while (lowest < 400 && taken[lowest]) {
			lowest++;
		}
		if (lowest < 399 && test_random(5) < 3) {
			CHECK_OK(rdxtree_insert_alloc(&tree, value_of(lowest),
			    &key));
			CHECK_EQ(key, lowest);
			taken[lowest] = true;
		} else {
			key = 3 + test_random(397);
			CHECK(rdxtree_remove(&tree, key) ==
			    (taken[key] ? value_of(key) : NULL));
			taken[key] = false;
		}
		rdxtree_check(&tree);
	}
	rdxtree_remove_all(&tree);
}

TEST(rdxtree_walk_is_in_order)
{
	static const uint32_t keys[] = {
		0, 1, 63, 64, 4095, 4096, 1u << 24, 0xfffffffe, 0xffffffff,
	};
	struct rdxtree tree;
	uint32_t key = 0;
	unsigned n = 0;

	rdxtree_init(&tree, 0);
	for (unsigned i = 0; i < 9; i++) {
		CHECK_OK(rdxtree_insert(&tree, keys[8 - i],
		    value_of(keys[8 - i])));
	}
	while (rdxtree_walk(&tree, &key) != NULL) {
		REQUIRE(n < 9);
		CHECK_EQ(key, keys[n]);
		n++;
		if (key++ == UINT32_MAX) {
			break;
		}
	}
	CHECK_EQ(n, 9);
	*rdxtree_lookup_slot(&tree, 63) = &tree;
	CHECK(rdxtree_lookup(&tree, 63) == &tree);
	rdxtree_remove_all(&tree);
}

TEST(rdxtree_shrinks_and_gives_memory_back)
{
	struct test_usage before;
	struct rdxtree tree;

	rdxtree_init(&tree, 0);
	test_usage_get(&before);
	for (uint32_t key = 0; key < 5000; key++) {
		CHECK_OK(rdxtree_insert(&tree, key * 7, value_of(key)));
	}
	for (uint32_t key = 0; key < 5000; key++) {
		CHECK(rdxtree_remove(&tree, key * 7) == value_of(key));
	}
	CHECK(tree.root == NULL);
	test_usage_check(&before);
}
