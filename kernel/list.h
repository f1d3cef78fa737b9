/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Intrusive, circular, doubly linked lists.
 *
 * A list is its head; a node embeds a struct list_node.  A node that is on no
 * list may be in any state, but list_node_init() gives it one that
 * list_node_linked() can tell apart, and list_remove() leaves it in that
 * state.  No locks of their own: the owner's lock guards head and nodes.
 */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *next;
	struct list_node *prev;
};

struct list {
	struct list_node head;
};

#define LIST_INITIALIZER(list)	{ { &(list).head, &(list).head } }

/* The object of TYPE whose MEMBER is at PTR. */
#define structof(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define list_entry(node, type, member)	structof(node, type, member)

static inline void
list_init(struct list *list)
{
	list->head.next = &list->head;
	list->head.prev = &list->head;
}

static inline void
list_node_init(struct list_node *node)
{
	node->next = NULL;
	node->prev = NULL;
}

static inline bool
list_node_linked(const struct list_node *node)
{
	return node->next != NULL;
}

static inline bool
list_empty(const struct list *list)
{
	return list->head.next == &list->head;
}

/* First node, or NULL when the list is empty. */
static inline struct list_node *
list_first(const struct list *list)
{
	return list_empty(list) ? NULL : list->head.next;
}

/* Last node, or NULL when the list is empty. */
static inline struct list_node *
list_last(const struct list *list)
{
	return list_empty(list) ? NULL : list->head.prev;
}

/* The node after NODE, or NULL at the end. */
static inline struct list_node *
list_next(const struct list *list, const struct list_node *node)
{
	return node->next == &list->head ? NULL : node->next;
}

/* The node before NODE, or NULL at the start. */
static inline struct list_node *
list_prev(const struct list *list, const struct list_node *node)
{
	return node->prev == &list->head ? NULL : node->prev;
}

static inline void
list_insert_before(struct list_node *next, struct list_node *node)
{
	node->next = next;
	node->prev = next->prev;
	next->prev->next = node;
	next->prev = node;
}

static inline void
list_insert_after(struct list_node *prev, struct list_node *node)
{
	list_insert_before(prev->next, node);
}

static inline void
list_insert_head(struct list *list, struct list_node *node)
{
	list_insert_before(list->head.next, node);
}

static inline void
list_insert_tail(struct list *list, struct list_node *node)
{
	list_insert_before(&list->head, node);
}

static inline void
list_remove(struct list_node *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_node_init(node);
}

/* Move every node of FROM to the end of TO; FROM becomes empty. */
static inline void
list_append(struct list *to, struct list *from)
{
	if (list_empty(from)) {
		return;
	}
	from->head.next->prev = to->head.prev;
	to->head.prev->next = from->head.next;
	from->head.prev->next = &to->head;
	to->head.prev = from->head.prev;
	list_init(from);
}

#define list_first_entry(list, type, member) \
	list_entry((list)->head.next, type, member)

#define list_last_entry(list, type, member) \
	list_entry((list)->head.prev, type, member)

/* POS walks the list; the list may not change meanwhile. */
#define list_for_each_entry(list, pos, member) \
	for (pos = list_entry((list)->head.next, typeof(*pos), member); \
	    &pos->member != &(list)->head; \
	    pos = list_entry(pos->member.next, typeof(*pos), member))

/* As above, but POS itself may be removed; TMP is of the type of POS. */
#define list_for_each_entry_safe(list, pos, tmp, member) \
	for (pos = list_entry((list)->head.next, typeof(*pos), member), \
	    tmp = list_entry(pos->member.next, typeof(*pos), member); \
	    &pos->member != &(list)->head; \
	    pos = tmp, tmp = list_entry(pos->member.next, typeof(*pos), member))

#endif /* KERNEL_LIST_H */
