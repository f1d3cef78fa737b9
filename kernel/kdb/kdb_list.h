/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Lists and trees of a machine that stands still, which may be in the middle of
 * a change, or damaged: each node is read guarded and must lead back to the one
 * before it, so that every walk ends.
 */
#ifndef KERNEL_KDB_KDB_LIST_H
#define KERNEL_KDB_KDB_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <kernel/list.h>
#include <kernel/rbtree.h>

struct kdb_list {
	const struct list_node	*head;
	const struct list_node	*prev;
	const struct list_node	*next;
	const struct list_node	*last;	/* what the head has as such */
	const struct list_node	*bad;	/* where it is damaged, or NULL */
};

#define KDB_LIST_DEPTH	64u	/* of a tree */

/* A walk through a tree, in order. */
struct kdb_list_tree {
	const struct rbtree_node	*path[KDB_LIST_DEPTH];
	unsigned			depth;
};

/*
 * Copy N bytes of the kernel's from ADDRESS, where a struct could be; false if
 * it is none or not all of it is there.
 */
bool kdb_list_read(const void *address, void *to, size_t n);

void kdb_list_begin(struct kdb_list *walk, const struct list *list);

/* The next node; NULL at the end, and where the list is damaged. */
const struct list_node *kdb_list_next(struct kdb_list *walk);

/* Print a line if the walk did not get to the end. */
void kdb_list_end(const struct kdb_list *walk);

/*
 * From NODE, which may be NULL, to the least one below it; false: the tree is
 * damaged.
 */
bool kdb_list_tree_left(struct kdb_list_tree *walk,
    const struct rbtree_node *node);

#endif /* KERNEL_KDB_KDB_LIST_H */
