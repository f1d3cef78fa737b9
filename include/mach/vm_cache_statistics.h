/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Counts of memory that is kept for speed only. */

#ifndef MACH_VM_CACHE_STATISTICS_H
#define MACH_VM_CACHE_STATISTICS_H

#include <mach/machine/vm_types.h>

struct vm_cache_statistics {
	integer_t	cache_object_count;	/* objects nobody maps */
	integer_t	cache_count;		/* their pages */
	integer_t	active_tmp_count;	/* pages: paged to default pager */
	integer_t	inactive_tmp_count;
	integer_t	active_perm_count;	/* pages: paged to others */
	integer_t	inactive_perm_count;
	integer_t	dirty_count;
	integer_t	laundry_count;		/* being written */
	integer_t	writeback_count;
	integer_t	slab_count;		/* kernel's small objects */
	integer_t	slab_reclaim_count;
};

typedef struct vm_cache_statistics	*vm_cache_statistics_t;
typedef struct vm_cache_statistics	vm_cache_statistics_data_t;

_Static_assert(sizeof(vm_cache_statistics_data_t) == 44, "vm_cache_statistics");

#endif /* MACH_VM_CACHE_STATISTICS_H */
