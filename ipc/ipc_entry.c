/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Entries outside the table.
 */

#include <ipc/ipc_entry.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <string.h>

static struct kmem_cache ipc_entry_cache;

void
ipc_entry_setup(void)
{
	kmem_cache_init(&ipc_entry_cache, "ipc_entry_node",
	    sizeof(struct ipc_entry_node), 0);
}

static int
ipc_entry_compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	mach_port_name_t x = rbtree_entry(a, struct ipc_entry_node, node)->name;
	mach_port_name_t y = rbtree_entry(b, struct ipc_entry_node, node)->name;

	return x < y ? -1 : x > y;
}

static int
ipc_entry_compare_key(const void *key, const struct rbtree_node *node)
{
	mach_port_name_t x = *(const mach_port_name_t *)key;
	mach_port_name_t y = rbtree_entry(node, struct ipc_entry_node,
	    node)->name;

	return x < y ? -1 : x > y;
}

struct ipc_entry *
ipc_entry_tree_lookup(const struct rbtree *tree, mach_port_name_t name)
{
	struct rbtree_node *node = rbtree_lookup(tree, &name,
	    ipc_entry_compare_key);

	return node == NULL ? NULL :
	    &rbtree_entry(node, struct ipc_entry_node, node)->entry;
}

struct ipc_entry *
ipc_entry_tree_next(const struct rbtree *tree, mach_port_name_t name,
    mach_port_name_t *namep)
{
	struct rbtree_node *node = rbtree_lookup_nearest(tree, &name,
	    ipc_entry_compare_key, RBTREE_RIGHT);
	struct ipc_entry_node *found;

	if (node == NULL) {
		return NULL;
	}
	found = rbtree_entry(node, struct ipc_entry_node, node);
	*namep = found->name;
	return &found->entry;
}

struct ipc_entry *
ipc_entry_tree_insert(struct rbtree *tree, mach_port_name_t name)
{
	struct ipc_entry_node *node = kmem_cache_alloc(&ipc_entry_cache);
	bool inserted;

	if (node == NULL) {
		return NULL;
	}
	memset(node, 0, sizeof(*node));
	node->name = name;
	inserted = rbtree_insert(tree, &node->node, ipc_entry_compare);
	assert(inserted);
	return &node->entry;
}

void
ipc_entry_tree_remove(struct rbtree *tree, struct ipc_entry *entry)
{
	struct ipc_entry_node *node = structof(entry, struct ipc_entry_node,
	    entry);

	rbtree_remove(tree, &node->node);
	kmem_cache_free(&ipc_entry_cache, node);
}
