/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_REGION_H
#define KERNEL_KDB_KDB_REGION_H

/*
 * Tasks' memory by their maps: what is in memory can be read also where the
 * processor does not map it, as are most pages of programs' files.  Reads
 * guarded, takes no lock, brings nothing in, and ends in damaged maps, too.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vm/vm_map.h>

struct task;

/* Copy TASK's first entry that ends above ADDRESS; false: there is none. */
bool kdb_region_from(const struct task *task, uintptr_t address,
    struct vm_map_entry *entry);

/* Copy the one that ADDRESS is in. */
bool kdb_region_find(const struct task *task, uintptr_t address,
    struct vm_map_entry *entry);

/* Make ENTRY, a copy, that of the entry below it; false: it is the first. */
bool kdb_region_below(struct vm_map_entry *entry);

/* Copy N bytes from TASK's ADDRESS; false: not all of them are in memory. */
bool kdb_region_read(const struct task *task, uintptr_t address, void *to,
    size_t n);

#endif /* KERNEL_KDB_KDB_REGION_H */
