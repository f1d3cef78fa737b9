/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Wiring: an entry with wired_count > 0 has each of its pages resident in its
 * own object (never in one below), wired once, and in the pmap.
 *
 * The pages are faulted in with the map unlocked; the entries are in
 * transition meanwhile, so that they keep their shape.
 */

#include <vm/vm_map.h>

#include <machine/pmap.h>

#include <kernel/panic.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#include <vm/memory_object_i.h>
#include <vm/vm_fault.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/* Unwire what is wired of ENTRY's pages below END. */
static void
vm_map_unwire_pages(struct vm_map *map, struct vm_map_entry *entry,
    vm_offset_t end)
{
	struct vm_object *object = entry->object;
	struct vm_page *page;
	vm_offset_t addr;

	vm_object_lock(object);
	for (addr = entry->start; addr < end; addr += vm_page_size) {
		page = vm_object_page_lookup(object,
		    entry->offset + (addr - entry->start));
		if (page == NULL || page->wire_count == 0) {
			continue;
		}
		pmap_change_wiring(map->pmap, addr, false);
		vm_page_unwire(page);
	}
	vm_object_unlock(object);
}

void
vm_map_entry_unwire(struct vm_map *map, struct vm_map_entry *entry)
{
	assert(entry->wired_count > 0);
	vm_map_unwire_pages(map, entry, entry->end);
	entry->wired_count = 0;
	entry->wired_access = VM_PROT_NONE;
	map->size_wired -= entry->end - entry->start;
}

/* Wire the pages of one entry; *DONEP says how far it got. */
static kern_return_t
vm_map_wire_pages(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    vm_prot_t prot, vm_offset_t *donep)
{
	kern_return_t kr = KERN_SUCCESS;
	vm_offset_t addr;

	for (addr = start; addr < end; addr += vm_page_size) {
		kr = vm_fault(map, addr, prot, true);
		if (kr != KERN_SUCCESS) {
			break;
		}
	}
	*donep = addr;
	return kr;
}

/*
 * Wire the entry that starts at or after *ADDRP, below END, and step over it.
 * The map is locked; it gets unlocked and locked again.
 */
static kern_return_t
vm_map_wire_entry(struct vm_map *map, struct vm_map_entry *entry,
    vm_prot_t access)
{
	vm_offset_t done;
	kern_return_t kr;

	if (entry->wired_count > 0) {
		entry->wired_access = (uint8_t)access;
		return KERN_SUCCESS;
	}
	if (!vm_map_entry_need_object(entry) ||
	    !vm_map_entry_need_shadow(entry)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	entry->wired_count = 1;
	entry->wired_access = (uint8_t)access;
	entry->in_transition = true;
	map->size_wired += entry->end - entry->start;
	vm_map_unlock_keep(map);

	kr = vm_map_wire_pages(map, entry->start, entry->end,
	    access & entry->prot, &done);

	vm_map_lock_kept(map);
	if (kr != KERN_SUCCESS) {
		vm_map_unwire_pages(map, entry, done);
		entry->wired_count = 0;
		entry->wired_access = VM_PROT_NONE;
		map->size_wired -= entry->end - entry->start;
	}
	entry->in_transition = false;
	if (entry->wanted) {
		entry->wanted = false;
		sleepq_wake_all(&map->entries);
	}
	return kr;
}

static kern_return_t
vm_map_wire_locked(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    vm_prot_t access)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	if (vm_map_check_range_locked(map, start, end, access) !=
	    KERN_SUCCESS) {
		return KERN_NO_SPACE;
	}
	if (!vm_map_clip(map, start, end)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	while (start < end) {
		/* The map may have changed while an entry was wired. */
		vm_map_wait_transition(map, start, end);
		entry = vm_map_tree_above(map, start);
		if (entry == NULL || entry->start >= end) {
			break;
		}
		if (!vm_map_clip(map, start, end)) {
			return KERN_RESOURCE_SHORTAGE;
		}
		if (vm_map_entry_is_cut(entry)) {
			kr = vm_map_entry_uncut(map, entry);
		} else {
			start = entry->end;
			kr = vm_map_wire_entry(map, entry, access);
		}
		if (kr != KERN_SUCCESS) {
			return kr == KERN_RESOURCE_SHORTAGE ||
			    kr == KERN_MEMORY_ERROR ? kr : KERN_NO_SPACE;
		}
	}
	return KERN_SUCCESS;
}

static kern_return_t
vm_map_unwire_locked(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;

	if (vm_map_check_range_locked(map, start, end, VM_PROT_NONE) !=
	    KERN_SUCCESS) {
		return KERN_NO_SPACE;
	}
	if (!vm_map_clip(map, start, end)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (entry = vm_map_tree_above(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		if (entry->wired_count > 0) {
			vm_map_entry_unwire(map, entry);
		}
	}
	vm_map_simplify(map, start, end);
	return KERN_SUCCESS;
}

/*
 * The memory that somebody asks for one by one may be anybody's: the file
 * server wires what its clients send.  So pages for it do not come out of what
 * is left for the way of pages to the disk.
 */
kern_return_t
vm_map_wire(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    vm_prot_t access)
{
	struct thread *self = current_thread();
	bool modest = self->vm_modest;
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_map_wait_transition(map, start, end);
	if (access == VM_PROT_NONE) {
		kr = vm_map_unwire_locked(map, start, end);
	} else {
		self->vm_modest = true;
		kr = vm_map_wire_locked(map, start, end, access);
		self->vm_modest = modest;
	}
	mutex_unlock(&map->lock);
	return kr;
}

/* Wire or unwire every entry, each for the access it has. */
static kern_return_t
vm_map_wire_each(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    bool wire)
{
	struct vm_map_entry *entry;
	kern_return_t kr = KERN_SUCCESS;

	while (start < end && kr == KERN_SUCCESS) {
		vm_map_wait_transition(map, start, end);
		entry = vm_map_tree_above(map, start);
		if (entry == NULL || entry->start >= end) {
			break;
		}
		if (wire && vm_map_entry_is_cut(entry)) {
			kr = vm_map_entry_uncut(map, entry);
			continue;
		}
		start = entry->end;
		if (!wire && entry->wired_count > 0) {
			vm_map_entry_unwire(map, entry);
		}
		if (wire && entry->prot != VM_PROT_NONE) {
			kr = vm_map_wire_entry(map, entry, entry->prot);
		}
	}
	return kr;
}

kern_return_t
vm_map_wire_all(struct vm_map *map, bool current, bool future)
{
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	map->wire_future = future;
	if (current || !future) {
		kr = vm_map_wire_each(map, map->min, map->max, current);
	}
	mutex_unlock(&map->lock);
	return kr;
}

/* New memory of a task that has all wired. */
kern_return_t
vm_map_wire_new(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_map_wait_transition(map, start, end);
	kr = vm_map_clip(map, start, end)
		 ? vm_map_wire_each(map, start, end, true)
		 : KERN_RESOURCE_SHORTAGE;
	mutex_unlock(&map->lock);
	return kr;
}
