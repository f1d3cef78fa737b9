/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The search tree of a map: a treap (Aragon and Seidel, 1989).  It is ordered
 * by address, and a heap by priorities that are drawn at random, which keeps
 * it O(log n) high.  Each node knows the largest gap in its subtree, so that
 * the lowest hole of some size is found on one path.
 */

#include <vm/vm_map_i.h>

#include <machine/cpu.h>

#include <kernel/panic.h>

/* Not secret, only scattered; a race costs nothing. */
static uint32_t
vm_map_tree_random(void)
{
	static uint32_t state = 2463534242u;
	uint32_t x = state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	state = x;
	return x;
}

/* Recompute max_gap of ENTRY from its own gap and its children. */
static bool
vm_map_tree_refresh(struct vm_map_entry *entry)
{
	vm_size_t max = entry->gap;

	if (entry->left != NULL && entry->left->max_gap > max) {
		max = entry->left->max_gap;
	}
	if (entry->right != NULL && entry->right->max_gap > max) {
		max = entry->right->max_gap;
	}
	if (entry->max_gap == max) {
		return false;
	}
	entry->max_gap = max;
	return true;
}

void
vm_map_tree_update(struct vm_map_entry *entry)
{
	while (entry != NULL && vm_map_tree_refresh(entry)) {
		entry = entry->parent;
	}
}

/* Where the pointer to ENTRY is kept. */
static struct vm_map_entry **
vm_map_tree_slot(struct vm_map *map, const struct vm_map_entry *entry)
{
	struct vm_map_entry *parent = entry->parent;

	if (parent == NULL) {
		return &map->root;
	}
	return parent->left == entry ? &parent->left : &parent->right;
}

/* ENTRY changes places with its parent. */
static void
vm_map_tree_rotate_up(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_map_entry *parent = entry->parent;
	struct vm_map_entry **slot = vm_map_tree_slot(map, parent);
	struct vm_map_entry *child;

	if (parent->left == entry) {
		child = entry->right;
		parent->left = child;
		entry->right = parent;
	} else {
		child = entry->left;
		parent->right = child;
		entry->left = parent;
	}
	if (child != NULL) {
		child->parent = parent;
	}
	entry->parent = parent->parent;
	parent->parent = entry;
	*slot = entry;
	vm_map_tree_refresh(parent);
	vm_map_tree_refresh(entry);
}

/*
 * Each entry in turn takes over the end of the path to the last one.  What it
 * puts below itself is complete.
 */
void
vm_map_tree_build(struct vm_map *map)
{
	struct vm_map_entry *last = NULL;
	struct vm_map_entry *entry;
	struct vm_map_entry *below;

	list_for_each_entry(&map->entries, entry, link) {
		below = NULL;
		while (last != NULL && last->priority < entry->priority) {
			(void)vm_map_tree_refresh(last);
			below = last;
			last = last->parent;
		}
		entry->left = below;
		if (below != NULL) {
			below->parent = entry;
		}
		entry->right = NULL;
		entry->parent = last;
		if (last != NULL) {
			last->right = entry;
		} else {
			map->root = entry;
		}
		last = entry;
	}
	for (; last != NULL; last = last->parent) {
		(void)vm_map_tree_refresh(last);
	}
}

void
vm_map_tree_insert(struct vm_map *map, struct vm_map_entry *entry,
    struct vm_map_entry *prev, struct vm_map_entry *next)
{
	entry->left = NULL;
	entry->right = NULL;
	entry->priority = vm_map_tree_random();
	entry->max_gap = entry->gap;
	/* Of two neighbours one is below the other, and has nothing there. */
	if (next != NULL && next->left == NULL) {
		next->left = entry;
		prev = next;
	} else if (prev != NULL) {
		prev->right = entry;
	} else {
		map->root = entry;
	}
	entry->parent = prev;
	while (entry->parent != NULL &&
	    entry->parent->priority < entry->priority) {
		vm_map_tree_rotate_up(map, entry);
	}
	vm_map_tree_update(entry->parent);
}

void
vm_map_tree_remove(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_map_entry *up;

	while (entry->left != NULL && entry->right != NULL) {
		up = entry->left->priority > entry->right->priority ?
		    entry->left : entry->right;
		vm_map_tree_rotate_up(map, up);
	}
	up = entry->left != NULL ? entry->left : entry->right;
	*vm_map_tree_slot(map, entry) = up;
	if (up != NULL) {
		up->parent = entry->parent;
	}
	vm_map_tree_update(entry->parent);
}

struct vm_map_entry *
vm_map_tree_above(const struct vm_map *map, vm_offset_t addr)
{
	struct vm_map_entry *entry = map->root;
	struct vm_map_entry *found = NULL;

	while (entry != NULL) {
		if (entry->end > addr) {
			found = entry;
			entry = entry->left;
		} else {
			entry = entry->right;
		}
	}
	return found;
}

/* The first entry in the subtree of ENTRY, which has one, with the gap. */
static struct vm_map_entry *
vm_map_tree_gap_below(struct vm_map_entry *entry, vm_size_t size)
{
	for (;;) {
		if (entry->left != NULL && entry->left->max_gap >= size) {
			entry = entry->left;
		} else if (entry->gap >= size) {
			return entry;
		} else {
			entry = entry->right;
		}
	}
}

struct vm_map_entry *
vm_map_tree_gap(struct vm_map_entry *from, vm_size_t size)
{
	struct vm_map_entry *child;

	while (from != NULL) {
		if (from->gap >= size) {
			return from;
		}
		if (from->right != NULL && from->right->max_gap >= size) {
			return vm_map_tree_gap_below(from->right, size);
		}
		/* Go up to the first ancestor that comes after. */
		do {
			child = from;
			from = from->parent;
		} while (from != NULL && from->right == child);
	}
	return NULL;
}

static vm_size_t
vm_map_tree_check_below(const struct vm_map_entry *entry, vm_offset_t *endp,
    unsigned *countp)
{
	vm_size_t max = entry->gap;
	vm_size_t below;

	if (entry->left != NULL) {
		assert(entry->left->parent == entry);
		assert(entry->left->priority <= entry->priority);
		below = vm_map_tree_check_below(entry->left, endp, countp);
		max = below > max ? below : max;
	}
	assert(entry->start >= *endp && entry->gap == entry->start - *endp);
	*endp = entry->end;
	(*countp)++;
	if (entry->right != NULL) {
		assert(entry->right->parent == entry);
		assert(entry->right->priority <= entry->priority);
		below = vm_map_tree_check_below(entry->right, endp, countp);
		max = below > max ? below : max;
	}
	assert(entry->max_gap == max);
	return max;
}

void
vm_map_tree_check(const struct vm_map *map)
{
	vm_offset_t end = map->min;
	unsigned count = 0;

	if (map->root != NULL) {
		assert(map->root->parent == NULL);
		vm_map_tree_check_below(map->root, &end, &count);
	}
	assert(count == map->count);
	assert(end <= map->max);
}
