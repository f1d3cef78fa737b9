/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Lines of text drawn as a tree:
 *
 *	root
 *	|- a branch
 *	|  `- its last one
 *	`- the last branch
 */
#ifndef KERNEL_KDB_KDB_TREE_H
#define KERNEL_KDB_KDB_TREE_H

#include <stdbool.h>

/* Deeper branches are not drawn: kdb_tree_down() says false. */
#define KDB_TREE_DEPTH	20u

/* Which of the branches that we are in have been the last of their parent. */
struct kdb_tree {
	unsigned	depth;
	bool		last[KDB_TREE_DEPTH];
};

/* What goes before the text of the next branch; LAST: its parent has no more. */
void kdb_tree_branch(const struct kdb_tree *tree, bool last);

/* What follows belongs to the branch just drawn; and no longer. */
bool kdb_tree_down(struct kdb_tree *tree, bool last);
void kdb_tree_up(struct kdb_tree *tree);

#endif /* KERNEL_KDB_KDB_TREE_H */
