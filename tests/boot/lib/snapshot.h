/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * How many objects of each kind our kernel has, and how many free pages.
 */

#ifndef TESTS_BOOT_LIB_SNAPSHOT_H
#define TESTS_BOOT_LIB_SNAPSHOT_H

#include "rt.h"

#include <mach_debug/slab_info.h>

#define SNAPSHOT_CACHES	96u

struct snapshot {
	cache_info_t caches[SNAPSHOT_CACHES];
	unsigned count;
	int free_pages;
	int stack_pages;	/* of the kernel's stacks, those at hand too */
	long cached;	/* memory objects that nobody uses */
};

void snapshot_take(struct snapshot *snapshot);

#endif
