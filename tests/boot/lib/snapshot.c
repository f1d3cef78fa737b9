/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Counting what the kernel has.
 */

#include "snapshot.h"

#include <mach/vm_statistics.h>

#include "mach_debug_user.h"
#include "mach_user.h"
#include "new_gnumach_user.h"

void
snapshot_take(struct snapshot *s)
{
	cache_info_array_t info = s->caches;
	mach_msg_type_number_t count = SNAPSHOT_CACHES;
	struct vm_cache_statistics cache;
	vm_statistics_data_t stats;
	vm_size_t space;
	vm_size_t no;
	unsigned stacks;

	memset(s, 0, sizeof(*s));
	need("slabs", host_slab_info(mach_host_self(), &info, &count));
	s->count = count < SNAPSHOT_CACHES ? count : SNAPSHOT_CACHES;
	if (info != s->caches) {
		memcpy(s->caches, info, s->count * sizeof(*info));
		vm_deallocate(
		    rt_task, (vm_offset_t)info, count * sizeof(*info));
	}
	need("statistics", vm_statistics(rt_task, &stats));
	s->free_pages = stats.free_count;
	need("stacks", host_stack_usage(mach_host_self(), &no, &stacks, &space,
			   &no, &no, &no));
	s->stack_pages = (int)(space / vm_page_size);
	need("cache", new_vm_cache_statistics(rt_task, &cache));
	s->cached = cache.cache_object_count;
}
