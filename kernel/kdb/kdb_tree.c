/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Trees of text: the lines to the left of each branch.
 */

#include <kernel/kdb/kdb_tree.h>

#include <kernel/kdb/kdb_out.h>

void
kdb_tree_branch(const struct kdb_tree *tree, bool last)
{
	for (unsigned i = 0; i < tree->depth; i++) {
		kdb_printf("%s", tree->last[i] ? "   " : "|  ");
	}
	kdb_printf("%s", last ? "`- " : "|- ");
}

bool
kdb_tree_down(struct kdb_tree *tree, bool last)
{
	if (tree->depth == KDB_TREE_DEPTH) {
		return false;
	}
	tree->last[tree->depth++] = last;
	return true;
}

void
kdb_tree_up(struct kdb_tree *tree)
{
	tree->depth--;
}
