/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Why a walk along a list ends: a node that came twice would have to lead back
 * to two others.
 */

#include <kernel/kdb/kdb_list.h>

#include <stdint.h>

#include <machine/peek.h>

#include <kernel/kdb/kdb_out.h>

bool
kdb_list_read(const void *address, void *to, size_t n)
{
	return (uintptr_t)address % sizeof(uintptr_t) == 0 &&
	    peek_read((uintptr_t)address, to, n);
}

void
kdb_list_begin(struct kdb_list *walk, const struct list *list)
{
	struct list_node head;

	walk->head = &list->head;
	walk->prev = &list->head;
	walk->next = NULL;
	walk->bad = NULL;
	if (kdb_list_read(walk->head, &head, sizeof(head))) {
		walk->next = head.next;
		walk->last = head.prev;
	} else {
		walk->bad = walk->head;
	}
}

const struct list_node *
kdb_list_next(struct kdb_list *walk)
{
	const struct list_node *node = walk->next;
	struct list_node copy;

	if (walk->bad != NULL) {
		return NULL;
	}
	if (node == walk->head) {
		walk->bad = walk->last != walk->prev ? walk->prev : NULL;
		return NULL;
	}
	if (!kdb_list_read(node, &copy, sizeof(copy)) ||
	    copy.prev != walk->prev) {
		/* NULL is no node, and means that all is well. */
		walk->bad = node != NULL ? node : walk->prev;
		return NULL;
	}
	walk->prev = node;
	walk->next = copy.next;
	return node;
}

void
kdb_list_end(const struct kdb_list *walk)
{
	if (walk->bad != NULL) {
		kdb_printf("damaged: the list %p, at %p\n",
		    (const void *)walk->head, (const void *)walk->bad);
	}
}

bool
kdb_list_tree_left(struct kdb_list_tree *walk, const struct rbtree_node *node)
{
	struct rbtree_node copy;

	while (node != NULL) {
		if (walk->depth == KDB_LIST_DEPTH ||
		    !kdb_list_read(node, &copy, sizeof(copy))) {
			return false;
		}
		walk->path[walk->depth++] = node;
		node = copy.child[RBTREE_LEFT];
	}
	return true;
}
