/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Users' memory is what there is of it: nothing is brought here, and what several
 * share until one writes is not written.
 */

#include <kernel/kdb/kdb_mem.h>

#include <machine/peek.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb_place.h>
#include <kernel/kdb/kdb_region.h>
#include <kernel/task.h>

#include <vm/vm_map.h>

struct task *kdb_task;

static const char *kdb_mem_reason = "";

const char *
kdb_mem_why(void)
{
	return kdb_mem_reason;
}

static bool
kdb_mem_fail(const char *why)
{
	kdb_mem_reason = why;
	return false;
}

/* A copy of the map of SPACE; false: it has none. */
static bool
kdb_mem_map(const struct task *space, struct vm_map *map)
{
	struct vm_map *address;

	return peek_read((uintptr_t)&space->map, &address, sizeof(address)) &&
	    peek_read((uintptr_t)address, map, sizeof(*map));
}

/* Why nothing can be seen at ADDRESS, of a user. */
static const char *
kdb_mem_absent(const struct task *space, const struct vm_map *map,
    uintptr_t address)
{
	static struct vm_map_entry entry;

	if (map->use != VM_MAP_RESTS &&
	    !kdb_region_find(space, address, &entry)) {
		return "not mapped";
	}
	return "not in memory";
}

/* Find the map for ADDRESS, of a user; false, with the reason, if none is. */
static bool
kdb_mem_user(const struct task *space, uintptr_t address, struct vm_map *map)
{
	if (space == NULL) {
		return kdb_mem_fail("no task is chosen");
	}
	if (!kdb_mem_map(space, map)) {
		return kdb_mem_fail("the task has no map");
	}
	return true;
}

bool
kdb_mem_read(struct task *space, uintptr_t address, void *to, size_t n)
{
	static struct vm_map map;

	kdb_mem_reason = "";
	if (address >= MACHINE_USER_MAX) {
		return peek_read(address, to, n);
	}
	if (!kdb_mem_user(space, address, &map)) {
		return false;
	}
	if (!kdb_region_read(space, address, to, n)) {
		return kdb_mem_fail(kdb_mem_absent(space, &map, address));
	}
	kdb_place_mask(space, address, to, n);
	return true;
}

size_t
kdb_mem_read_most(struct task *space, uintptr_t address, void *to, size_t n)
{
	size_t page = PAGE_HW_SIZE - (address & PAGE_HW_MASK);

	if (kdb_mem_read(space, address, to, n)) {
		return n;
	}
	return page < n && kdb_mem_read(space, address, to, page) ? page : 0;
}

bool
kdb_mem_write(struct task *space, uintptr_t address, const void *from,
    size_t n)
{
	static struct vm_map map;

	kdb_mem_reason = "";
	if (address >= MACHINE_USER_MAX) {
		return peek_write(address, from, n);
	}
	if (!kdb_mem_user(space, address, &map)) {
		return false;
	}
	switch (pmap_debug_write(map.pmap, address, from, n)) {
	case PMAP_DEBUG_WRITTEN:
		kdb_place_written(space, address, n);
		return true;
	case PMAP_DEBUG_READ_ONLY:
		return kdb_mem_fail("read-only, or shared until it is "
		    "written to");
	default:
		return kdb_mem_fail(kdb_mem_absent(space, &map, address));
	}
}
