/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <kernel/rbtree.h>

#define KEYS	200u

struct item {
	struct rbtree_node node;
	unsigned key;
	bool in;
};

static struct item items[KEYS];

static unsigned
key_of(const struct rbtree_node *node)
{
	return rbtree_entry(node, const struct item, node)->key;
}

static int
compare_nodes(const struct rbtree_node *a, const struct rbtree_node *b)
{
	return (int)key_of(a) - (int)key_of(b);
}

static int
compare_key(const void *key, const struct rbtree_node *node)
{
	return (int)*(const unsigned *)key - (int)key_of(node);
}

/* The tree must say the same as the `in' flags. */
static void
check_model(const struct rbtree *tree, unsigned key)
{
	struct rbtree_node *node;
	int below = -1;
	int above = -1;

	for (unsigned i = 0; i <= key; i++) {
		below = items[i].in ? (int)i : below;
	}
	for (unsigned i = KEYS; i-- > key;) {
		above = items[i].in ? (int)i : above;
	}
	node = rbtree_lookup(tree, &key, compare_key);
	CHECK((node != NULL) == items[key].in);
	node = rbtree_lookup_nearest(tree, &key, compare_key, RBTREE_LEFT);
	CHECK_EQ(node == NULL ? -1 : (int)key_of(node), below);
	node = rbtree_lookup_nearest(tree, &key, compare_key, RBTREE_RIGHT);
	CHECK_EQ(node == NULL ? -1 : (int)key_of(node), above);
}

static void
check_walk(const struct rbtree *tree)
{
	struct rbtree_node *node = rbtree_first(tree);
	struct rbtree_node *last = NULL;

	for (unsigned i = 0; i < KEYS; i++) {
		if (!items[i].in) {
			continue;
		}
		REQUIRE(node != NULL && key_of(node) == i);
		CHECK(rbtree_prev(node) == last);
		last = node;
		node = rbtree_next(node);
	}
	CHECK(node == NULL);
	CHECK(rbtree_last(tree) == last);
}

TEST(rbtree_random_against_model)
{
	struct rbtree tree;

	rbtree_init(&tree);
	CHECK(rbtree_empty(&tree));
	for (unsigned i = 0; i < KEYS; i++) {
		items[i].key = i;
		items[i].in = false;
	}
	for (unsigned round = 0; round < 4000 && !test_failed(); round++) {
		struct item *item = &items[test_random(KEYS)];

		if (item->in && test_random(3) != 0) {
			rbtree_remove(&tree, &item->node);
			item->in = false;
		} else if (!item->in) {
			CHECK(rbtree_insert(&tree, &item->node,
			    compare_nodes));
			item->in = true;
		} else {
			struct item twin = { .key = item->key };

			CHECK(!rbtree_insert(&tree, &twin.node,
			    compare_nodes));
		}
		rbtree_check(&tree, compare_nodes);
		check_model(&tree, test_random(KEYS));
		if (round % 100 == 0) {
			check_walk(&tree);
		}
	}
}
