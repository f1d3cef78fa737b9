/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ordered trees of embedded nodes (red-black: Guibas and Sedgewick, 1978).
 *
 * The order is given by comparison functions that the caller passes: one that
 * compares two nodes, for inserting, and one that compares a key with a node,
 * for looking up.  Both return < 0, 0, > 0 as their first argument is less,
 * equal, greater.  The owner's lock guards the tree.
 */
#ifndef KERNEL_RBTREE_H
#define KERNEL_RBTREE_H

#include <stdbool.h>
#include <stddef.h>

#include <kernel/list.h>

struct rbtree_node {
	struct rbtree_node *parent;
	struct rbtree_node *child[2];	/* RBTREE_LEFT, RBTREE_RIGHT */
	bool red;
};

struct rbtree {
	struct rbtree_node *root;
};

enum rbtree_side { RBTREE_LEFT, RBTREE_RIGHT };

typedef int (*rbtree_cmp_fn_t)(const struct rbtree_node *a,
    const struct rbtree_node *b);
typedef int (*rbtree_key_fn_t)(const void *key, const struct rbtree_node *node);

#define rbtree_entry(node, type, member)	structof(node, type, member)

static inline void
rbtree_init(struct rbtree *tree)
{
	tree->root = NULL;
}

static inline bool
rbtree_empty(const struct rbtree *tree)
{
	return tree->root == NULL;
}

/* Insert NODE; return false, changing nothing, if an equal one is there. */
bool rbtree_insert(struct rbtree *tree, struct rbtree_node *node,
    rbtree_cmp_fn_t cmp);

void rbtree_remove(struct rbtree *tree, struct rbtree_node *node);

/* The node equal to KEY, or NULL. */
struct rbtree_node *rbtree_lookup(const struct rbtree *tree, const void *key,
    rbtree_key_fn_t cmp);

/*
 * The node equal to KEY or else its nearest neighbour on SIDE: with
 * RBTREE_LEFT the greatest node that is not greater than KEY.
 */
struct rbtree_node *rbtree_lookup_nearest(const struct rbtree *tree,
    const void *key, rbtree_key_fn_t cmp, enum rbtree_side side);

/* Ends of the tree and steps along it; NULL when there is none. */
struct rbtree_node *rbtree_first(const struct rbtree *tree);
struct rbtree_node *rbtree_last(const struct rbtree *tree);
struct rbtree_node *rbtree_next(const struct rbtree_node *node);
struct rbtree_node *rbtree_prev(const struct rbtree_node *node);

/* Walk the tree and assert its shape and, with CMP, its order. */
void rbtree_check(const struct rbtree *tree, rbtree_cmp_fn_t cmp);

#endif /* KERNEL_RBTREE_H */
