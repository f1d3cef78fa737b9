/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Radix trees.  A node at level L covers 64^(L+1) keys; its slot I holds the
 * subtree, or at level 0 the pointer, for the keys whose digit L is I.
 *
 * Invariants: no node but the root is without used slots; a node's `full' bit
 * I says that every key below slot I is taken; the root's level is the
 * tree's height, and slot 0 alone in use above level 0 does not happen in
 * the root.
 */

#include <kernel/rdxtree.h>

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#define RDXTREE_BITS	6u
#define RDXTREE_SLOTS	(1u << RDXTREE_BITS)
#define RDXTREE_LEVELS	6u	/* 6 * 6 bits hold 32 */

struct rdxtree_node {
	uint64_t used;		/* slots that are not NULL */
	uint64_t full;		/* slots with no free key below */
	void *slot[RDXTREE_SLOTS];
};

static struct kmem_cache rdxtree_cache;

void
rdxtree_setup(void)
{
	kmem_cache_init(&rdxtree_cache, "rdxtree_node",
	    sizeof(struct rdxtree_node), 0);
}

void
rdxtree_init(struct rdxtree *tree, uint32_t base)
{
	*tree = (struct rdxtree){ .base = base };
}

static struct rdxtree_node *
rdxtree_node_create(void)
{
	struct rdxtree_node *node = kmem_cache_alloc(&rdxtree_cache);

	if (node != NULL) {
		memset(node, 0, sizeof(*node));
	}
	return node;
}

static unsigned
rdxtree_digit(uint32_t key, unsigned level)
{
	return (key >> (level * RDXTREE_BITS)) & (RDXTREE_SLOTS - 1);
}

/* The greatest key that a tree of HEIGHT can hold. */
static uint32_t
rdxtree_max_key(unsigned height)
{
	unsigned bits = (height + 1) * RDXTREE_BITS;

	return bits >= 32 ? UINT32_MAX : (1u << bits) - 1;
}

/* All slots of a node at LEVEL that keys of 32 bits can name. */
static uint64_t
rdxtree_all_slots(unsigned level)
{
	return level == RDXTREE_LEVELS - 1 ? 0xf : UINT64_MAX;
}

/* Put new roots on top until KEY fits. */
static kern_return_t
rdxtree_grow(struct rdxtree *tree, uint32_t key)
{
	if (tree->root == NULL) {
		tree->root = rdxtree_node_create();
		tree->height = 0;
		if (tree->root == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	while (key > rdxtree_max_key(tree->height)) {
		struct rdxtree_node *root = rdxtree_node_create();

		if (root == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		if (tree->root->used != 0) {
			root->slot[0] = tree->root;
			root->used = 1;
			if (tree->root->full ==
			    rdxtree_all_slots(tree->height)) {
				root->full = 1;
			}
		} else {
			kmem_cache_free(&rdxtree_cache, tree->root);
		}
		tree->root = root;
		tree->height++;
	}
	return KERN_SUCCESS;
}

/* Take away roots that only lead to their slot 0, and an empty one. */
static void
rdxtree_shrink(struct rdxtree *tree)
{
	while (tree->root != NULL && tree->height > 0 &&
	    (tree->root->used & ~(uint64_t)1) == 0) {
		struct rdxtree_node *root = tree->root;

		tree->root = root->slot[0];
		tree->height--;
		kmem_cache_free(&rdxtree_cache, root);
	}
	if (tree->root == NULL) {
		tree->height = 0;
	} else if (tree->root->used == 0) {
		kmem_cache_free(&rdxtree_cache, tree->root);
		tree->root = NULL;
		tree->height = 0;
	}
}

/*
 * Free the nodes of PATH, indexed by level, that became empty below the root,
 * and let their parents forget them.
 */
static void
rdxtree_prune(struct rdxtree *tree, struct rdxtree_node **path, uint32_t key)
{
	for (unsigned level = 0; level < tree->height; level++) {
		struct rdxtree_node *up = path[level + 1];
		unsigned digit = rdxtree_digit(key, level + 1);

		if (path[level] != NULL && path[level]->used != 0) {
			break;
		}
		if (path[level] != NULL) {
			kmem_cache_free(&rdxtree_cache, path[level]);
			up->slot[digit] = NULL;
			up->used &= ~((uint64_t)1 << digit);
		}
	}
	rdxtree_shrink(tree);
}

/* After KEY was taken: mark full nodes in their parents. */
static void
rdxtree_mark_full(struct rdxtree *tree, struct rdxtree_node **path,
    uint32_t key)
{
	for (unsigned level = 0; level <= tree->height; level++) {
		path[level]->full |= (uint64_t)1 << rdxtree_digit(key, level);
		if (path[level]->full != rdxtree_all_slots(level)) {
			break;
		}
	}
}

kern_return_t
rdxtree_insert(struct rdxtree *tree, uint32_t key, void *ptr)
{
	struct rdxtree_node *path[RDXTREE_LEVELS] = { NULL };
	kern_return_t kr = rdxtree_grow(tree, key);
	struct rdxtree_node *node;
	uint64_t bit = (uint64_t)1 << rdxtree_digit(key, 0);

	assert(ptr != NULL);
	if (kr != KERN_SUCCESS) {
		rdxtree_shrink(tree);
		return kr;
	}
	node = tree->root;
	for (unsigned level = tree->height; level > 0; level--) {
		unsigned digit = rdxtree_digit(key, level);

		path[level] = node;
		if (node->slot[digit] == NULL) {
			node->slot[digit] = rdxtree_node_create();
			if (node->slot[digit] == NULL) {
				rdxtree_prune(tree, path, key);
				return KERN_RESOURCE_SHORTAGE;
			}
			node->used |= (uint64_t)1 << digit;
		}
		node = node->slot[digit];
	}
	path[0] = node;
	if ((node->used & bit) != 0) {
		return KERN_NAME_EXISTS;
	}
	node->slot[rdxtree_digit(key, 0)] = ptr;
	node->used |= bit;
	rdxtree_mark_full(tree, path, key);
	tree->count++;
	return KERN_SUCCESS;
}

/*
 * Find the lowest free key at or above *KEYP, both relative to NODE, which may
 * be NULL: nothing taken.  Recursion is at most RDXTREE_LEVELS deep.
 */
static bool
rdxtree_find_free(const struct rdxtree_node *node, unsigned level,
    uint32_t *keyp)
{
	unsigned shift = level * RDXTREE_BITS;
	unsigned first = rdxtree_digit(*keyp, level);
	uint32_t low = *keyp & ((1u << shift) - 1);

	if (node == NULL) {
		return true;
	}
	for (unsigned i = first; i < RDXTREE_SLOTS; i++, low = 0) {
		uint64_t bit = (uint64_t)1 << i;
		uint32_t key = low;

		if ((rdxtree_all_slots(level) & bit) == 0) {
			break;
		}
		if ((node->full & bit) != 0) {
			continue;
		}
		if (level == 0 || rdxtree_find_free(node->slot[i], level - 1,
		    &key)) {
			*keyp = (i << shift) | key;
			return true;
		}
	}
	return false;
}

kern_return_t
rdxtree_insert_alloc(struct rdxtree *tree, void *ptr, uint32_t *keyp)
{
	uint32_t key = tree->base;
	kern_return_t kr;

	if (tree->root != NULL && key <= rdxtree_max_key(tree->height) &&
	    !rdxtree_find_free(tree->root, tree->height, &key)) {
		if (rdxtree_max_key(tree->height) == UINT32_MAX) {
			return KERN_NO_SPACE;
		}
		key = rdxtree_max_key(tree->height) + 1;
	}
	kr = rdxtree_insert(tree, key, ptr);
	if (kr == KERN_SUCCESS) {
		*keyp = key;
	}
	return kr;
}

void **
rdxtree_lookup_slot(const struct rdxtree *tree, uint32_t key)
{
	struct rdxtree_node *node = tree->root;
	unsigned digit = rdxtree_digit(key, 0);

	if (node == NULL || key > rdxtree_max_key(tree->height)) {
		return NULL;
	}
	for (unsigned level = tree->height; level > 0; level--) {
		node = node->slot[rdxtree_digit(key, level)];
		if (node == NULL) {
			return NULL;
		}
	}
	return node->slot[digit] == NULL ? NULL : &node->slot[digit];
}

void *
rdxtree_lookup(const struct rdxtree *tree, uint32_t key)
{
	void **slot = rdxtree_lookup_slot(tree, key);

	return slot == NULL ? NULL : *slot;
}

void *
rdxtree_remove(struct rdxtree *tree, uint32_t key)
{
	struct rdxtree_node *path[RDXTREE_LEVELS] = { NULL };
	struct rdxtree_node *node = tree->root;
	unsigned digit = rdxtree_digit(key, 0);
	void *ptr;

	if (rdxtree_lookup_slot(tree, key) == NULL) {
		return NULL;
	}
	for (unsigned level = tree->height; level > 0; level--) {
		path[level] = node;
		node = node->slot[rdxtree_digit(key, level)];
	}
	path[0] = node;
	ptr = node->slot[digit];
	node->slot[digit] = NULL;
	node->used &= ~((uint64_t)1 << digit);
	for (unsigned level = 0; level <= tree->height; level++) {
		path[level]->full &=
		    ~((uint64_t)1 << rdxtree_digit(key, level));
	}
	tree->count--;
	rdxtree_prune(tree, path, key);
	return ptr;
}

/* The same as rdxtree_walk within one node; *KEYP is relative to it. */
static void *
rdxtree_walk_node(const struct rdxtree_node *node, unsigned level,
    uint32_t *keyp)
{
	unsigned shift = level * RDXTREE_BITS;
	uint32_t low = *keyp & ((1u << shift) - 1);

	for (unsigned i = rdxtree_digit(*keyp, level); i < RDXTREE_SLOTS;
	    i++, low = 0) {
		uint32_t key = low;
		void *ptr;

		if ((node->used & ((uint64_t)1 << i)) == 0) {
			continue;
		}
		ptr = level == 0 ? node->slot[i] :
		    rdxtree_walk_node(node->slot[i], level - 1, &key);
		if (ptr != NULL) {
			*keyp = (i << shift) | key;
			return ptr;
		}
	}
	return NULL;
}

void *
rdxtree_walk(const struct rdxtree *tree, uint32_t *keyp)
{
	if (tree->root == NULL || *keyp > rdxtree_max_key(tree->height)) {
		return NULL;
	}
	return rdxtree_walk_node(tree->root, tree->height, keyp);
}

static void
rdxtree_free_node(struct rdxtree_node *node, unsigned level)
{
	if (level > 0) {
		for (unsigned i = 0; i < RDXTREE_SLOTS; i++) {
			if (node->slot[i] != NULL) {
				rdxtree_free_node(node->slot[i], level - 1);
			}
		}
	}
	kmem_cache_free(&rdxtree_cache, node);
}

void
rdxtree_remove_all(struct rdxtree *tree)
{
	if (tree->root != NULL) {
		rdxtree_free_node(tree->root, tree->height);
	}
	rdxtree_init(tree, tree->base);
}

static unsigned
rdxtree_check_node(const struct rdxtree_node *node, unsigned level)
{
	unsigned count = 0;

	for (unsigned i = 0; i < RDXTREE_SLOTS; i++) {
		uint64_t bit = (uint64_t)1 << i;
		const struct rdxtree_node *child = node->slot[i];
		bool full = child != NULL;

		assert(((node->used & bit) != 0) == (child != NULL));
		if (level == 0) {
			count += child != NULL ? 1 : 0;
		} else if (child != NULL) {
			assert(child->used != 0);
			count += rdxtree_check_node(child, level - 1);
			full = child->full == rdxtree_all_slots(level - 1);
		}
		assert(((node->full & bit) != 0) == full);
	}
	return count;
}

void
rdxtree_check(const struct rdxtree *tree)
{
	unsigned count = 0;

	if (tree->root != NULL) {
		assert(tree->root->used != 0);
		assert(tree->height == 0 ||
		    (tree->root->used & ~(uint64_t)1) != 0);
		count = rdxtree_check_node(tree->root, tree->height);
	}
	assert(count == tree->count);
}
