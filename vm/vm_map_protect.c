/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Protection and inheritance.  All of the range is checked first, then the
 * borders are made, then nothing can fail.
 *
 * Raised protection reaches the pmap by faults, which are made at once for what
 * is wired; lowered protection at once.
 */

#include <vm/vm_map.h>

#include <machine/pmap.h>

#include <kernel/panic.h>

#include <vm/vm_fault.h>
#include <vm/vm_map_i.h>

/* May every entry in [START, END) get PROT? */
static kern_return_t
vm_map_protect_check(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    vm_prot_t prot)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	kr = vm_map_check_range_locked(map, start, end, VM_PROT_NONE);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	for (entry = vm_map_lookup(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		if ((prot & ~entry->max_prot) != 0) {
			return KERN_PROTECTION_FAILURE;
		}
	}
	return KERN_SUCCESS;
}

static void
vm_map_protect_entry(struct vm_map *map, struct vm_map_entry *entry,
    vm_prot_t prot, bool set_maximum)
{
	vm_prot_t old = entry->prot;

	if (set_maximum) {
		entry->max_prot = (uint8_t)prot;
		prot &= old;
	}
	entry->prot = (uint8_t)prot;
	if (entry->wired_access != VM_PROT_NONE && prot != VM_PROT_NONE) {
		entry->wired_access = (uint8_t)prot;
	}
	if ((old & ~prot) != 0) {
		pmap_protect(map->pmap, entry->start, entry->end, prot);
	}
}

/* The access to ADDR that is not to fault. */
static vm_prot_t
vm_map_wired_prot(struct vm_map *map, vm_offset_t addr)
{
	struct vm_map_entry *entry;
	vm_prot_t prot = VM_PROT_NONE;

	/* What is wired does not rest; what rests is not wired any more. */
	if (vm_map_lock(map) != KERN_SUCCESS) {
		return VM_PROT_NONE;
	}
	entry = vm_map_lookup(map, addr);
	if (entry != NULL && entry->wired_count > 0) {
		prot = entry->prot;
	}
	mutex_unlock(&map->lock);
	return prot;
}

/* Fault for what may do more now and is wired in [START, END). */
static void
vm_map_protect_wired(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	vm_prot_t prot;

	for (vm_offset_t addr = start; addr < end; addr += vm_page_size) {
		prot = vm_map_wired_prot(map, addr);
		if (prot != VM_PROT_NONE) {
			(void)vm_fault(map, addr, prot, false);
		}
	}
}

kern_return_t
vm_map_protect(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    vm_prot_t prot, bool set_maximum)
{
	struct vm_map_entry *entry;
	kern_return_t kr;
	bool raised = false;
	bool wire;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_map_wait_transition(map, start, end);
	kr = vm_map_protect_check(map, start, end, prot);
	if (kr != KERN_SUCCESS || start == end) {
		mutex_unlock(&map->lock);
		return kr;
	}
	if (!vm_map_clip(map, start, end)) {
		mutex_unlock(&map->lock);
		return KERN_RESOURCE_SHORTAGE;
	}
	for (entry = vm_map_lookup(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		raised = raised || (!set_maximum && entry->wired_count > 0 &&
				       (prot & ~entry->prot) != 0);
		vm_map_protect_entry(map, entry, prot, set_maximum);
	}
	vm_map_simplify(map, start, end);
	wire = map->wire_future && !set_maximum && prot != VM_PROT_NONE;
	mutex_unlock(&map->lock);
	if (wire) {
		/* What had no access was not wired when it was entered. */
		(void)vm_map_wire_new(map, start, end);
	}
	if (raised) {
		vm_map_protect_wired(map, start, end);
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_map_inherit(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    vm_inherit_t inheritance)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_map_wait_transition(map, start, end);
	kr = vm_map_check_range_locked(map, start, end, VM_PROT_NONE);
	if (kr != KERN_SUCCESS || start == end) {
		mutex_unlock(&map->lock);
		return kr;
	}
	if (!vm_map_clip(map, start, end)) {
		mutex_unlock(&map->lock);
		return KERN_RESOURCE_SHORTAGE;
	}
	for (entry = vm_map_lookup(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		entry->inheritance = (uint8_t)inheritance;
	}
	vm_map_simplify(map, start, end);
	mutex_unlock(&map->lock);
	return KERN_SUCCESS;
}
