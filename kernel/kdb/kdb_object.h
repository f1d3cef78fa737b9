/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects, their chains and pages, as the debugger draws them.  All is
 * read guarded, takes no lock, and follows what is damaged only so far.
 */
#ifndef KERNEL_KDB_KDB_OBJECT_H
#define KERNEL_KDB_KDB_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/machine/vm_types.h>

#include <machine/types.h>

#include <kernel/kdb/kdb_tree.h>

struct vm_object;

/*
 * Draw OBJECT as the only branch of where TREE is, and below it what it shadows,
 * down to the end of the chain.
 */
void kdb_object_draw_chain(struct kdb_tree *tree,
    const struct vm_object *object);

/* All that is known of OBJECT: `show object'. */
void kdb_object_show(const struct vm_object *object);

/*
 * What OBJECT's chain ends in, and all that shadows that, as a tree: `show
 * chain'.
 */
void kdb_object_show_family(const struct vm_object *object);

/*
 * The page whose struct is at ADDRESS, or that has this physical address, and
 * who maps it: `show page'.
 */
void kdb_object_show_page(uintptr_t address);

/*
 * Where the byte at OFFSET of OBJECT, or of what that shadows there, is in
 * memory; false: nowhere, or it cannot be said.
 */
bool kdb_object_find(const struct vm_object *object, vm_offset_t offset,
    phys_addr_t *phys);

#endif /* KERNEL_KDB_KDB_OBJECT_H */
