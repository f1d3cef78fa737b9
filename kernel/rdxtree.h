/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A map from 32-bit keys to pointers: a radix tree with 64 slots per node,
 * only as tall as its greatest key needs, so small keys cost one or two loads.
 * Each node knows which of its subtrees are full, which finds the lowest free
 * key without a search.  The owner's lock guards the tree; nodes come from a
 * kmem cache.
 */
#ifndef KERNEL_RDXTREE_H
#define KERNEL_RDXTREE_H

#include <stdint.h>

#include <mach/kern_return.h>

struct rdxtree_node;

struct rdxtree {
	struct rdxtree_node *root;	/* NULL when empty */
	uint32_t base;			/* lowest key insert_alloc gives */
	unsigned count;			/* pointers stored */
	unsigned height;		/* levels below root; 0 = one leaf */
};

/* Once at boot, after kmem_setup. */
void rdxtree_setup(void);

void rdxtree_init(struct rdxtree *tree, uint32_t base);

/*
 * Store PTR, which is not NULL, under KEY.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_NAME_EXISTS.
 */
kern_return_t rdxtree_insert(struct rdxtree *tree, uint32_t key, void *ptr);

/*
 * Store PTR under the lowest free key that is at least the tree's base.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE.
 */
kern_return_t rdxtree_insert_alloc(struct rdxtree *tree, void *ptr,
    uint32_t *keyp);

/* The pointer under KEY, or NULL. */
void *rdxtree_lookup(const struct rdxtree *tree, uint32_t key);

/* Where the pointer under KEY is kept, to replace it in place, or NULL. */
void **rdxtree_lookup_slot(const struct rdxtree *tree, uint32_t key);

/* Take KEY out and return what was there, NULL if nothing. */
void *rdxtree_remove(struct rdxtree *tree, uint32_t key);

/*
 * The pointer with the lowest key that is at least *KEYP, whose key is left in
 * *KEYP; NULL at the end.  The tree may change between two calls.
 */
void *rdxtree_walk(const struct rdxtree *tree, uint32_t *keyp);

/* Free every node; the pointers themselves are the caller's business. */
void rdxtree_remove_all(struct rdxtree *tree);

void rdxtree_check(const struct rdxtree *tree);

#endif /* KERNEL_RDXTREE_H */
