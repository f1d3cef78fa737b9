/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_region.h. */

#include <kernel/kdb/kdb_region.h>

#include <machine/peek.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_object.h>
#include <kernel/task.h>

/* Steps down a map's tree, of which a sound one has fewer. */
#define KDB_REGION_DEPTH	200u

static bool
kdb_region_map(const struct task *task, struct vm_map *map)
{
	struct vm_map *address;

	return kdb_list_read(&task->map, &address, sizeof(address)) &&
	    kdb_list_read(address, map, sizeof(*map));
}

bool
kdb_region_from(const struct task *task, uintptr_t address,
    struct vm_map_entry *entry)
{
	const struct vm_map_entry *first = NULL;
	const struct vm_map_entry *at;
	static struct vm_map map;

	if (!kdb_region_map(task, &map) || map.use == VM_MAP_RESTS) {
		return false;
	}
	at = map.root;
	for (unsigned i = 0; i < KDB_REGION_DEPTH && at != NULL; i++) {
		if (!kdb_list_read(at, entry, sizeof(*entry))) {
			return false;
		}
		if (address < entry->end) {
			first = at;
			at = entry->left;
		} else {
			at = entry->right;
		}
	}
	return first != NULL && kdb_list_read(first, entry, sizeof(*entry));
}

bool
kdb_region_find(const struct task *task, uintptr_t address,
    struct vm_map_entry *entry)
{
	return kdb_region_from(task, address, entry) &&
	    entry->start <= address;
}

bool
kdb_region_below(struct vm_map_entry *entry)
{
	vm_offset_t start = entry->start;

	/* The list's head has no entry around it, or one that is not below. */
	return kdb_list_read(list_entry(entry->link.prev, struct vm_map_entry,
	    link), entry, sizeof(*entry)) && entry->start < entry->end &&
	    entry->end <= start;
}

/* The bytes of a page that the processor need not map: N of them. */
static bool
kdb_region_read_page(const struct task *task, uintptr_t address, void *to,
    size_t n)
{
	static struct vm_map_entry entry;
	phys_addr_t phys;
	const void *from;

	if (!kdb_region_find(task, address, &entry) || entry.cut_low != 0 ||
	    entry.cut_high != 0 || !kdb_object_find(entry.object,
	    entry.offset + (address - entry.start), &phys)) {
		return false;
	}
	from = pmap_debug_at(phys);
	return from != NULL && peek_read((uintptr_t)from, to, n);
}

bool
kdb_region_read(const struct task *task, uintptr_t address, void *to, size_t n)
{
	static struct vm_map map;
	char *at = to;

	if (task == NULL || address >= MACHINE_USER_MAX ||
	    n > MACHINE_USER_MAX - address || !kdb_region_map(task, &map)) {
		return false;
	}
	while (n > 0) {
		size_t part = PAGE_HW_SIZE - (address & PAGE_HW_MASK);

		part = part < n ? part : n;
		if (!pmap_debug_read(map.pmap, address, at, part) &&
		    !kdb_region_read_page(task, address, at, part)) {
			return false;
		}
		at += part;
		address += part;
		n -= part;
	}
	return true;
}
