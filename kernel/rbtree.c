/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Red-black trees: no red node has a red child, and every way from the root
 * down to a missing child passes the same number of black nodes.  Missing
 * children are NULL and count as black.
 */

#include <kernel/rbtree.h>

#include <kernel/panic.h>

static bool
rbtree_is_red(const struct rbtree_node *node)
{
	return node != NULL && node->red;
}

/* On which side of its parent NODE hangs. */
static enum rbtree_side
rbtree_side_of(const struct rbtree_node *node)
{
	return node->parent->child[RBTREE_LEFT] == node ?
	    RBTREE_LEFT : RBTREE_RIGHT;
}

static enum rbtree_side
rbtree_other(enum rbtree_side side)
{
	return side == RBTREE_LEFT ? RBTREE_RIGHT : RBTREE_LEFT;
}

/* Put NEW, which may be NULL, where OLD hangs. */
static void
rbtree_replace(struct rbtree *tree, struct rbtree_node *old,
    struct rbtree_node *new)
{
	if (old->parent == NULL) {
		tree->root = new;
	} else {
		old->parent->child[rbtree_side_of(old)] = new;
	}
	if (new != NULL) {
		new->parent = old->parent;
	}
}

/* Move NODE down to SIDE; its child on the other side takes its place. */
static void
rbtree_rotate(struct rbtree *tree, struct rbtree_node *node,
    enum rbtree_side side)
{
	enum rbtree_side other = rbtree_other(side);
	struct rbtree_node *up = node->child[other];
	struct rbtree_node *inner = up->child[side];

	rbtree_replace(tree, node, up);
	node->child[other] = inner;
	if (inner != NULL) {
		inner->parent = node;
	}
	up->child[side] = node;
	node->parent = up;
}

/* NODE is red; repair the tree if its parent is red too. */
static void
rbtree_insert_fix(struct rbtree *tree, struct rbtree_node *node)
{
	while (rbtree_is_red(node->parent)) {
		struct rbtree_node *parent = node->parent;
		struct rbtree_node *top = parent->parent;
		enum rbtree_side side = rbtree_side_of(parent);
		struct rbtree_node *uncle = top->child[rbtree_other(side)];

		if (rbtree_is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			top->red = true;
			node = top;
			continue;
		}
		if (rbtree_side_of(node) != side) {
			rbtree_rotate(tree, parent, side);
			parent = node;
		}
		parent->red = false;
		top->red = true;
		rbtree_rotate(tree, top, rbtree_other(side));
		break;
	}
	tree->root->red = false;
}

bool
rbtree_insert(struct rbtree *tree, struct rbtree_node *node,
    rbtree_cmp_fn_t cmp)
{
	struct rbtree_node *parent = NULL;
	struct rbtree_node **slot = &tree->root;

	while (*slot != NULL) {
		int order = cmp(node, *slot);

		if (order == 0) {
			return false;
		}
		parent = *slot;
		slot = &parent->child[order < 0 ? RBTREE_LEFT : RBTREE_RIGHT];
	}
	node->parent = parent;
	node->child[RBTREE_LEFT] = NULL;
	node->child[RBTREE_RIGHT] = NULL;
	node->red = true;
	*slot = node;
	rbtree_insert_fix(tree, node);
	return true;
}

/*
 * The ways through PARENT's SIDE, where NODE (may be NULL) hangs, are one
 * black node short.
 */
static void
rbtree_remove_fix(struct rbtree *tree, struct rbtree_node *parent,
    struct rbtree_node *node, enum rbtree_side side)
{
	while (parent != NULL && !rbtree_is_red(node)) {
		enum rbtree_side other = rbtree_other(side);
		struct rbtree_node *sibling = parent->child[other];

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rbtree_rotate(tree, parent, side);
			sibling = parent->child[other];
		}
		if (!rbtree_is_red(sibling->child[RBTREE_LEFT]) &&
		    !rbtree_is_red(sibling->child[RBTREE_RIGHT])) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			if (parent != NULL) {
				side = rbtree_side_of(node);
			}
			continue;
		}
		if (!rbtree_is_red(sibling->child[other])) {
			sibling->child[side]->red = false;
			sibling->red = true;
			rbtree_rotate(tree, sibling, other);
			sibling = parent->child[other];
		}
		sibling->red = parent->red;
		parent->red = false;
		sibling->child[other]->red = false;
		rbtree_rotate(tree, parent, side);
		return;
	}
	if (node != NULL) {
		node->red = false;
	}
}

/* NODE has two children: change places with its successor. */
static void
rbtree_swap_next(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node *next = node->child[RBTREE_RIGHT];
	struct rbtree_node copy;

	while (next->child[RBTREE_LEFT] != NULL) {
		next = next->child[RBTREE_LEFT];
	}
	copy = *next;
	rbtree_replace(tree, node, next);
	next->red = node->red;
	next->child[RBTREE_LEFT] = node->child[RBTREE_LEFT];
	next->child[RBTREE_LEFT]->parent = next;
	if (copy.parent == node) {
		next->child[RBTREE_RIGHT] = node;
		node->parent = next;
	} else {
		next->child[RBTREE_RIGHT] = node->child[RBTREE_RIGHT];
		next->child[RBTREE_RIGHT]->parent = next;
		node->parent = copy.parent;
		node->parent->child[RBTREE_LEFT] = node;
	}
	node->red = copy.red;
	node->child[RBTREE_LEFT] = NULL;
	node->child[RBTREE_RIGHT] = copy.child[RBTREE_RIGHT];
	if (node->child[RBTREE_RIGHT] != NULL) {
		node->child[RBTREE_RIGHT]->parent = node;
	}
}

void
rbtree_remove(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node *child;
	struct rbtree_node *parent;
	enum rbtree_side side = RBTREE_LEFT;

	if (node->child[RBTREE_LEFT] != NULL &&
	    node->child[RBTREE_RIGHT] != NULL) {
		rbtree_swap_next(tree, node);
	}
	child = node->child[RBTREE_LEFT] != NULL ?
	    node->child[RBTREE_LEFT] : node->child[RBTREE_RIGHT];
	parent = node->parent;
	if (parent != NULL) {
		side = rbtree_side_of(node);
	}
	rbtree_replace(tree, node, child);
	if (!node->red) {
		rbtree_remove_fix(tree, parent, child, side);
	}
}

struct rbtree_node *
rbtree_lookup(const struct rbtree *tree, const void *key, rbtree_key_fn_t cmp)
{
	struct rbtree_node *node = tree->root;

	while (node != NULL) {
		int order = cmp(key, node);

		if (order == 0) {
			break;
		}
		node = node->child[order < 0 ? RBTREE_LEFT : RBTREE_RIGHT];
	}
	return node;
}

struct rbtree_node *
rbtree_lookup_nearest(const struct rbtree *tree, const void *key,
    rbtree_key_fn_t cmp, enum rbtree_side side)
{
	struct rbtree_node *node = tree->root;
	struct rbtree_node *best = NULL;

	while (node != NULL) {
		int order = cmp(key, node);
		enum rbtree_side way = order < 0 ? RBTREE_LEFT : RBTREE_RIGHT;

		if (order == 0) {
			return node;
		}
		if (way != side) {
			/* NODE lies on SIDE of the key. */
			best = node;
		}
		node = node->child[way];
	}
	return best;
}

/* The outermost node of the subtree at NODE. */
static struct rbtree_node *
rbtree_end(struct rbtree_node *node, enum rbtree_side side)
{
	while (node != NULL && node->child[side] != NULL) {
		node = node->child[side];
	}
	return node;
}

static struct rbtree_node *
rbtree_step(const struct rbtree_node *node, enum rbtree_side side)
{
	if (node->child[side] != NULL) {
		return rbtree_end(node->child[side], rbtree_other(side));
	}
	while (node->parent != NULL && rbtree_side_of(node) == side) {
		node = node->parent;
	}
	return node->parent;
}

struct rbtree_node *
rbtree_first(const struct rbtree *tree)
{
	return rbtree_end(tree->root, RBTREE_LEFT);
}

struct rbtree_node *
rbtree_last(const struct rbtree *tree)
{
	return rbtree_end(tree->root, RBTREE_RIGHT);
}

struct rbtree_node *
rbtree_next(const struct rbtree_node *node)
{
	return rbtree_step(node, RBTREE_RIGHT);
}

struct rbtree_node *
rbtree_prev(const struct rbtree_node *node)
{
	return rbtree_step(node, RBTREE_LEFT);
}

/* Returns the number of black nodes on each way down; recursion is as deep
 * as the tree is high. */
static unsigned
rbtree_check_node(const struct rbtree_node *node,
    const struct rbtree_node *parent)
{
	unsigned left;
	unsigned right;

	if (node == NULL) {
		return 1;
	}
	assert(node->parent == parent);
	assert(!node->red || !rbtree_is_red(parent));
	left = rbtree_check_node(node->child[RBTREE_LEFT], node);
	right = rbtree_check_node(node->child[RBTREE_RIGHT], node);
	assert(left == right);
	return left + (node->red ? 0 : 1);
}

void
rbtree_check(const struct rbtree *tree, rbtree_cmp_fn_t cmp)
{
	const struct rbtree_node *prev = NULL;

	assert(!rbtree_is_red(tree->root));
	rbtree_check_node(tree->root, NULL);
	for (const struct rbtree_node *node = rbtree_first(tree); node != NULL;
	    node = rbtree_next(node)) {
		assert(cmp == NULL || prev == NULL || cmp(prev, node) < 0);
		prev = node;
	}
}
