/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Pages of which only a part may be seen.
 *
 * Memory in a message need not begin and end with a page, and what else is in
 * the pages at its ends is none of the receiver's business.  To copy those
 * pages when the message is sent would cost more than the rest of it, so the
 * entries of a copy say instead how many bytes at their ends read as zero.
 * Nothing maps or shows such a page.  Who touches it first, or wants to wire
 * or to share it, makes it an ordinary page before: a copy with the other
 * bytes zeroed, in an object and an entry of its own, or the page itself when
 * nobody else has it.
 */

#include <vm/vm_map_i.h>

#include <machine/pmap.h>

#include <kernel/panic.h>

#include <vm/vm_fault.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/* Zero [FROM, TO) of PAGE. */
static void
vm_map_zero_part(struct vm_page *page, vm_offset_t from, vm_offset_t to)
{
	static const char zeroes[512];
	vm_size_t part;

	for (; from < to; from += part) {
		part = to - from < sizeof(zeroes) ? to - from : sizeof(zeroes);
		pmap_copy_in(vm_page_to_phys(page), from, zeroes, part);
	}
}

void
vm_map_entry_trim(const struct vm_map_entry *entry, vm_offset_t addr,
    struct vm_page *page)
{
	if (addr == entry->start) {
		vm_map_zero_part(page, 0, entry->cut_low);
	}
	if (addr == entry->end - vm_page_size) {
		vm_map_zero_part(page, vm_page_size - entry->cut_high,
		    vm_page_size);
	}
}

bool
vm_map_entry_owns_cut(struct vm_map_entry *entry)
{
	struct vm_object *object = entry->object;
	bool own;

	vm_object_lock(object);
	own = object->internal && !object->shared &&
	    (object->refs == 1 || (object->single && !entry->needs_copy));
	if (own) {
		object->pristine = false;
	}
	vm_object_unlock(object);
	if (own) {
		/* Whoever shared it with us is gone. */
		entry->needs_copy = false;
	}
	return own;
}

void
vm_map_entry_heal(struct vm_map_entry *entry, vm_offset_t addr,
    struct vm_page *page)
{
	vm_map_entry_trim(entry, addr, page);
	page->dirty = true;
	if (addr == entry->start) {
		entry->cut_low = 0;
	}
	if (addr == entry->end - vm_page_size) {
		entry->cut_high = 0;
	}
}

/* A trimmed copy of what ENTRY, of one page, shows. */
static kern_return_t
vm_map_cut_copy(const struct vm_map_entry *entry, struct vm_object **copyp)
{
	struct vm_object *copy;
	struct vm_page *page;
	kern_return_t kr;

	kr = vm_map_copy_pages(entry->object, entry->offset, vm_page_size,
	    &copy);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_object_lock(copy);
	page = vm_object_page_lookup(copy, 0);
	if (page != NULL && !page->busy) {
		vm_map_entry_trim(entry, entry->start, page);
		page->dirty = true;
		vm_object_unlock(copy);
		*copyp = copy;
		return KERN_SUCCESS;
	}
	/* It is being paged out already: once more. */
	vm_object_unlock(copy);
	vm_object_unref(copy);
	return KERN_RESOURCE_SHORTAGE;
}

kern_return_t
vm_map_uncut(struct vm_map *map, vm_offset_t addr)
{
	struct vm_object *copy = NULL;
	struct vm_map_entry *entry;
	struct vm_map_entry old;
	kern_return_t kr;

	if (vm_map_wait_transition(map, addr, addr + vm_page_size)) {
		return KERN_SUCCESS;
	}
	if (!vm_map_clip(map, addr, addr + vm_page_size)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	entry = vm_map_lookup(map, addr);
	old = *entry;
	vm_object_ref(old.object);
	vm_map_unlock_keep(map);
	kr = vm_map_cut_copy(&old, &copy);

	vm_map_lock_kept(map);
	if (kr != KERN_SUCCESS || !vm_map_entry_is(map, entry, &old)) {
		vm_map_unlock_keep(map);
		if (copy != NULL) {
			vm_object_unref(copy);
		}
	} else {
		entry->cut_low = 0;
		entry->cut_high = 0;
		entry->object = copy;
		entry->offset = 0;
		entry->needs_copy = false;
		vm_map_unlock_keep(map);
		vm_map_entry_release_memory(&old);
	}
	vm_object_unref(old.object);
	vm_map_lock_kept(map);
	return kr;
}

kern_return_t
vm_map_entry_uncut(struct vm_map *map, const struct vm_map_entry *entry)
{
	vm_offset_t addr = entry->cut_low != 0 ? entry->start :
	    entry->end - vm_page_size;
	struct vm_fault_hold hold;
	kern_return_t kr;

	assert(vm_map_entry_is_cut(entry));
	vm_map_unlock_keep(map);
	kr = vm_fault_page(map, addr, VM_PROT_NONE, &hold);
	if (kr == KERN_SUCCESS) {
		vm_fault_page_done(&hold, false);
	}
	vm_map_lock_kept(map);
	/* Should it have gone meanwhile, the caller finds that. */
	return kr == KERN_INVALID_ADDRESS ? KERN_SUCCESS : kr;
}
