/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A copy is a list of map entries that are in no map; `start' of each is its
 * offset in the copy, counted from the beginning of the first page.  The first
 * of them stands for the copy and knows the others.  So putting a copy into a
 * map allocates and frees nothing.
 *
 * The first and the last page may hold bytes of the sender's that are not
 * part of the copy: their entries are cut (vm_map_cut.c).
 */

#include <vm/vm_copy.h>

#include <string.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>

#include <vm/vm_fault.h>
#include <vm/vm_flow.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

struct vm_copy {
	struct vm_map_entry	first;
};

static uint32_t			vm_copy_total;	/* [a] */

unsigned long
vm_copy_count(void)
{
	return atomic_load_relaxed(&vm_copy_total);
}

/* The copy that ENTRIES, moved there, are. */
static struct vm_copy *
vm_copy_make(struct list *entries, vm_offset_t offset, vm_size_t size)
{
	struct vm_map_entry *first;

	first = list_first_entry(entries, struct vm_map_entry, link);
	list_init(&first->copy_entries);
	list_append(&first->copy_entries, entries);
	first->copy_offset = offset;
	first->copy_size = size;
	atomic_fetch_add_relaxed(&vm_copy_total, 1);
	return (struct vm_copy *)first;
}

/* Make COPY a mere list of entries again. */
static void
vm_copy_open(struct vm_copy *copy, struct list *entries)
{
	list_init(entries);
	list_append(entries, &copy->first.copy_entries);
	atomic_fetch_sub_relaxed(&vm_copy_total, 1);
}

void
vm_copy_discard(struct vm_copy *copy)
{
	struct list entries;

	if (copy != NULL) {
		vm_copy_open(copy, &entries);
		vm_map_entries_release(&entries);
	}
}

vm_size_t
vm_copy_size(const struct vm_copy *copy)
{
	return copy == NULL ? 0 : copy->first.copy_size;
}

vm_offset_t
vm_copy_page_offset(const struct vm_copy *copy)
{
	return copy == NULL ? 0 : copy->first.copy_offset;
}

/* Whole pages that COPY touches, in bytes. */
static vm_size_t
vm_copy_span(const struct vm_copy *copy)
{
	return vm_page_round(copy->first.copy_offset + copy->first.copy_size);
}

/* A fresh entry for [START, END) of a copy, at the end of ENTRIES. */
static struct vm_map_entry *
vm_copy_append(struct list *entries, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry = vm_map_entry_alloc();

	if (entry == NULL) {
		return NULL;
	}
	*entry = (struct vm_map_entry) {
		.start = start,
		.end = end,
		.prot = VM_PROT_DEFAULT,
		.max_prot = VM_PROT_ALL,
		.inheritance = VM_INHERIT_DEFAULT,
		.fresh = true,
	};
	list_insert_tail(entries, &entry->link);
	return entry;
}

struct vm_copy *
vm_copy_from_object(struct vm_object *object, vm_size_t size)
{
	struct vm_map_entry *entry;
	struct list entries;

	list_init(&entries);
	entry = vm_copy_append(&entries, 0, vm_page_round(size));
	if (entry == NULL) {
		return NULL;
	}
	entry->object = object;
	return vm_copy_make(&entries, 0, size);
}

/* Fill OBJECT, of SIZE bytes, from kernel memory. */
static kern_return_t
vm_copy_fill_object(struct vm_object *object, const char *data,
    vm_size_t size)
{
	struct vm_page *page;
	vm_size_t part;

	for (vm_offset_t at = 0; at < size; at += vm_page_size) {
		page = vm_page_grab();
		if (page == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		part = size - at < vm_page_size ? size - at : vm_page_size;
		if (part < vm_page_size) {
			pmap_zero_page(vm_page_to_phys(page));
		}
		pmap_copy_in(vm_page_to_phys(page), 0, data + at, part);
		vm_object_lock(object);
		page->dirty = true;
		vm_object_page_insert(object, at, page);
		vm_page_activate(page);
		vm_page_unbusy(page);
		vm_object_unlock(object);
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_copy_from_kernel(const void *data, vm_size_t size, struct vm_copy **copyp)
{
	struct vm_object *object;
	struct vm_copy *copy = NULL;

	if (size == 0) {
		*copyp = NULL;
		return KERN_SUCCESS;
	}
	object = vm_object_create(size);
	if (object == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (vm_copy_fill_object(object, data, size) == KERN_SUCCESS) {
		copy = vm_copy_from_object(object, size);
	}
	if (copy == NULL) {
		vm_object_unref(object);
		return KERN_RESOURCE_SHORTAGE;
	}
	*copyp = copy;
	return KERN_SUCCESS;
}

/*
 * Copy the part of the range at *ADDRP that one entry covers to the end of
 * ENTRIES, and step over it; the same address again if the map changed.
 */
static kern_return_t
vm_copy_in_entry(struct vm_map *map, vm_offset_t base, vm_offset_t *addrp,
    vm_offset_t end, struct list *entries)
{
	struct vm_map_entry *entry;
	struct vm_map_entry *to;
	vm_offset_t start = *addrp;
	bool changed = false;
	kern_return_t kr;

	entry = vm_map_lookup(map, start);
	if (entry == NULL) {
		return KERN_INVALID_ADDRESS;
	}
	if (entry->in_transition) {
		vm_map_wait_transition(map, start, entry->end);
		return KERN_SUCCESS;
	}
	if ((entry->prot & VM_PROT_READ) == 0) {
		return KERN_PROTECTION_FAILURE;
	}
	if (end > entry->end) {
		end = entry->end;
	}
	to = vm_copy_append(entries, start - base, end - base);
	if (to == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (vm_map_entry_copy_is_slow(entry)) {
		kr = vm_map_entry_copy_slow(map, entry, start, end, to,
		    &changed);
	} else {
		kr = vm_map_entry_copy(map, entry, start, end, false, to);
	}
	if (kr != KERN_SUCCESS || changed) {
		list_remove(&to->link);
		vm_map_entry_free(to);
		return kr;
	}
	to->cut_low = start == entry->start ? entry->cut_low : 0;
	to->cut_high = end == entry->end ? entry->cut_high : 0;
	*addrp = end;
	return KERN_SUCCESS;
}

/*
 * Does only this map use the memory in [START, END), so that nobody minds when
 * it goes?
 */
static bool
vm_copy_is_private(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;
	struct vm_object *object;
	bool private;

	for (entry = vm_map_lookup(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		if (entry->in_transition) {
			return false;
		}
		object = entry->object;
		if (object == NULL || entry->needs_copy) {
			continue;
		}
		vm_object_lock(object);
		private = object->internal && !object->shared;
		vm_object_unlock(object);
		if (!private) {
			return false;
		}
	}
	return true;
}

static inline bool
vm_copy_cut_entry(struct vm_map_entry *entry, vm_offset_t low,
    vm_offset_t high)
{
	if (entry->object == NULL) {
		/* It is all zeroes. */
		return true;
	}
	if (low > entry->cut_low) {
		entry->cut_low = (uint16_t)low;
	}
	if (high > entry->cut_high) {
		entry->cut_high = (uint16_t)high;
	}
	return !entry->object->physical;
}

/* Copy [START, END), whole pages, into ENTRIES, which is empty. */
static kern_return_t
vm_copy_in_range(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    struct list *entries)
{
	vm_offset_t addr = start;
	kern_return_t kr;

	list_init(entries);
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	while (addr < end && kr == KERN_SUCCESS) {
		kr = vm_copy_in_entry(map, start, &addr, end, entries);
	}
	mutex_unlock(&map->lock);
	return kr;
}

/*
 * Cut what the pages at the ends of COPY have that is not part of it.  False
 * when that cannot be: a device's memory is shown, or not at all.
 */
static bool
vm_copy_cut(struct vm_copy *copy)
{
	struct vm_map_entry *first = &copy->first;
	vm_offset_t low = first->copy_offset;
	vm_offset_t high = vm_copy_span(copy) - (low + first->copy_size);
	struct vm_map_entry *last;

	if (low == 0 && high == 0) {
		return true;
	}
	last = list_entry(list_last(&first->copy_entries), struct vm_map_entry,
	    link);
	return vm_copy_cut_entry(first, low, 0) &&
	    vm_copy_cut_entry(last, 0, high);
}

/* The entry of COPY that holds the page at START. */
static struct vm_map_entry *
vm_copy_find(struct vm_copy *copy, vm_offset_t start)
{
	struct vm_map_entry *entry;

	list_for_each_entry(&copy->first.copy_entries, entry, link) {
		if (start < entry->end) {
			return entry;
		}
	}
	return NULL;
}

/* Make ENTRY of COPY end at ADDR, with a new one for the rest. */
static bool
vm_copy_split(struct vm_map_entry *entry, vm_offset_t addr)
{
	struct vm_map_entry *upper;

	if (addr <= entry->start || addr >= entry->end) {
		return true;
	}
	upper = vm_map_entry_alloc();
	if (upper == NULL) {
		return false;
	}
	vm_map_entry_clone(upper, entry);
	upper->start = addr;
	upper->offset += addr - entry->start;
	vm_map_entry_divide_cut(entry, upper);
	entry->end = addr;
	list_insert_after(&entry->link, &upper->link);
	return true;
}

/*
 * Take the entries of [START, END), where there are borders, out of MAP to be a
 * copy's.  What was wired is not any more, as after a deallocation.
 */
static void
vm_copy_move_entries(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    struct list *entries)
{
	struct vm_map_entry *entry;

	list_init(entries);
	vm_map_remove_locked(map, start, end, entries);
	list_for_each_entry(entries, entry, link) {
		entry->start -= start;
		entry->end -= start;
		entry->prot = VM_PROT_DEFAULT;
		entry->max_prot = VM_PROT_ALL;
		entry->inheritance = VM_INHERIT_DEFAULT;
		entry->no_merge = false;
		entry->fresh = true;
	}
}

/* Set in_transition of all of [START, END) to KEPT, and wake who waited. */
static void
vm_copy_keep(struct vm_map *map, vm_offset_t start, vm_offset_t end, bool kept)
{
	struct vm_map_entry *entry;

	for (entry = vm_map_lookup(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		entry->in_transition = kept;
		if (entry->wanted && !kept) {
			entry->wanted = false;
			sleepq_wake_all(&map->entries);
		}
	}
}

bool
vm_copy_move_begin(struct vm_map *map, vm_offset_t addr, vm_size_t size,
    struct vm_copy **copyp)
{
	vm_offset_t start = vm_page_trunc(addr);
	vm_offset_t end = vm_page_round(addr + size);
	bool kept;

	if (size == 0 || addr + size < addr || end <= start) {
		return false;
	}
	if (vm_map_lock(map) != KERN_SUCCESS) {
		return false;
	}
	vm_map_wait_transition(map, start, end);
	kept = vm_map_check_range_locked(map, start, end, VM_PROT_READ) ==
	    KERN_SUCCESS && vm_copy_is_private(map, start, end) &&
	    vm_map_clip(map, start, end);
	if (kept) {
		vm_copy_keep(map, start, end, true);
		/* It stays the first one until it is moved. */
		*copyp = (struct vm_copy *)vm_map_lookup(map, start);
	}
	mutex_unlock(&map->lock);
	return kept;
}

void
vm_copy_move_end(struct vm_map *map, vm_offset_t addr, vm_size_t size,
    struct vm_copy *copy, bool move)
{
	vm_offset_t start = vm_page_trunc(addr);
	vm_offset_t end = vm_page_round(addr + size);
	struct list entries;

	/* With something in transition it did not rest. */
	mutex_lock(&map->lock);
	vm_copy_keep(map, start, end, false);
	if (move) {
		vm_copy_move_entries(map, start, end, &entries);
	} else {
		vm_map_simplify(map, start, end);
	}
	mutex_unlock(&map->lock);
	if (move) {
		assert(list_first(&entries) == &copy->first.link);
		vm_copy_cut(vm_copy_make(&entries, addr - start, size));
	}
}

kern_return_t
vm_copy_in(struct vm_map *map, vm_offset_t addr, vm_size_t size, bool destroy,
    struct vm_copy **copyp)
{
	vm_offset_t start = vm_page_trunc(addr);
	vm_offset_t end = vm_page_round(addr + size);
	struct vm_copy *copy;
	struct list entries;
	kern_return_t kr;

	if (size == 0) {
		*copyp = NULL;
		return KERN_SUCCESS;
	}
	if (addr + size < addr || end <= start) {
		return KERN_INVALID_ADDRESS;
	}
	if (destroy && vm_copy_move_begin(map, addr, size, copyp)) {
		vm_copy_move_end(map, addr, size, *copyp, true);
		return KERN_SUCCESS;
	}
	kr = vm_copy_in_range(map, start, end, &entries);
	if (kr != KERN_SUCCESS) {
		vm_map_entries_release(&entries);
		return kr;
	}
	copy = vm_copy_make(&entries, addr - start, size);
	if (!vm_copy_cut(copy)) {
		kr = KERN_MEMORY_FAILURE;
	}
	if (kr == KERN_SUCCESS && destroy) {
		kr = vm_map_remove(map, start, end);
	}
	if (kr != KERN_SUCCESS) {
		vm_copy_discard(copy);
		return kr;
	}
	*copyp = copy;
	return KERN_SUCCESS;
}

/* Put ENTRIES, SPAN bytes, into MAP at ADDR, where there is room, before NEXT. */
static void
vm_copy_link_entries(struct vm_map *map, vm_offset_t addr, vm_size_t span,
    struct vm_map_entry *next, struct list *entries)
{
	struct vm_map_entry *first;
	struct vm_map_entry *entry;
	struct vm_map_entry *after;

	first = list_first_entry(entries, struct vm_map_entry, link);
	list_for_each_entry_safe(entries, entry, after, link) {
		entry->start += addr;
		entry->end += addr;
		vm_flow_arrive(map, entry->object);
		vm_map_entry_link_before(map, next, entry);
	}
	vm_map_simplify_from(map, first, addr + span);
}

kern_return_t
vm_copy_out(struct vm_map *map, vm_offset_t *addrp, struct vm_copy *copy)
{
	vm_offset_t addr = map->min;
	struct vm_map_entry *next;
	struct list entries;
	vm_size_t span;
	kern_return_t kr;

	if (copy == NULL) {
		*addrp = 0;
		return KERN_SUCCESS;
	}
	span = vm_copy_span(copy);
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (span > map->size_cur_limit ||
	    map->size > map->size_cur_limit - span ||
	    !vm_map_find_space(map, &addr, span, 0, &next)) {
		mutex_unlock(&map->lock);
		return KERN_NO_SPACE;
	}
	*addrp = addr + copy->first.copy_offset;
	vm_copy_open(copy, &entries);
	vm_copy_link_entries(map, addr, span, next, &entries);
	mutex_unlock(&map->lock);
	return KERN_SUCCESS;
}

/* Zero what ENTRY does not show of N bytes read at AT. */
static void
vm_copy_trim_bytes(const struct vm_map_entry *entry, vm_offset_t at, char *to,
    vm_size_t n)
{
	vm_offset_t from = entry->start + entry->cut_low;
	vm_offset_t end = entry->end - entry->cut_high;

	if (at < from) {
		memset(to, 0, from - at < n ? from - at : n);
	}
	if (at + n > end) {
		from = at > end ? at : end;
		memset(to + (from - at), 0, at + n - from);
	}
}

/* Move N bytes at OFFSET of COPY to kernel memory, within one page. */
static kern_return_t
vm_copy_read_page(struct vm_copy *copy, vm_offset_t at, char *to, vm_size_t n)
{
	struct vm_map_entry *entry = vm_copy_find(copy, at);
	struct vm_fault_hold hold;
	kern_return_t kr;

	if (entry->object == NULL) {
		memset(to, 0, n);
		return KERN_SUCCESS;
	}
	kr = vm_fault_object_page(entry->object,
	    entry->offset + (at - entry->start), VM_PROT_READ, &hold);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	pmap_copy_out(vm_page_to_phys(hold.page), at & vm_page_mask, to, n);
	vm_fault_page_done(&hold, false);
	vm_copy_trim_bytes(entry, at, to, n);
	return KERN_SUCCESS;
}

kern_return_t
vm_copy_read(struct vm_copy *copy, vm_size_t offset, void *to, vm_size_t n)
{
	vm_offset_t at;
	vm_size_t part;
	char *buf = to;
	kern_return_t kr;

	if (offset > vm_copy_size(copy) || n > vm_copy_size(copy) - offset) {
		return KERN_INVALID_ARGUMENT;
	}
	while (n > 0) {
		at = copy->first.copy_offset + offset;
		part = vm_page_size - (at & vm_page_mask);
		if (part > n) {
			part = n;
		}
		kr = vm_copy_read_page(copy, at, buf, part);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		offset += part;
		buf += part;
		n -= part;
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_copy_read_to_page(struct vm_copy *copy, vm_size_t offset,
    struct vm_page *page)
{
	vm_offset_t at = copy->first.copy_offset + offset;
	struct vm_map_entry *entry;
	struct vm_fault_hold hold;
	char *buf;
	kern_return_t kr;

	if (!vm_page_aligned(at)) {
		buf = kmem_alloc(vm_page_size);
		if (buf == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		kr = vm_copy_read(copy, offset, buf, vm_page_size);
		if (kr == KERN_SUCCESS) {
			pmap_copy_in(vm_page_to_phys(page), 0, buf,
			    vm_page_size);
		}
		kmem_free(buf, vm_page_size);
		return kr;
	}
	entry = vm_copy_find(copy, at);
	if (entry->object == NULL) {
		pmap_zero_page(vm_page_to_phys(page));
		return KERN_SUCCESS;
	}
	kr = vm_fault_object_page(entry->object,
	    entry->offset + (at - entry->start), VM_PROT_READ, &hold);
	if (kr == KERN_SUCCESS) {
		pmap_copy_page(vm_page_to_phys(hold.page),
		    vm_page_to_phys(page));
		vm_fault_page_done(&hold, false);
		vm_map_entry_trim(entry, at, page);
	}
	return kr;
}

/* Is PAGE of the locked OBJECT nobody's but the only entry's over it? */
static bool
vm_copy_owns_page(const struct vm_object *object, const struct vm_page *page)
{
	return object->internal && object->single && !object->physical &&
	    page != NULL && !page->busy && !page->error && !page->laundry &&
	    page->wire_count == 0;
}

struct vm_page *
vm_copy_take_page(struct vm_copy *copy, vm_size_t offset)
{
	vm_offset_t at = copy->first.copy_offset + offset;
	struct vm_map_entry *entry;
	struct vm_page *page;

	if (!vm_page_aligned(at) ||
	    offset + vm_page_size > copy->first.copy_size) {
		return NULL;
	}
	entry = vm_copy_find(copy, at);
	if (entry->object == NULL || entry->needs_copy ||
	    vm_map_entry_cuts_page(entry, at)) {
		return NULL;
	}
	vm_object_lock(entry->object);
	page = vm_object_page_lookup(entry->object,
	    entry->offset + (at - entry->start));
	if (!vm_copy_owns_page(entry->object, page)) {
		vm_object_unlock(entry->object);
		return NULL;
	}
	pmap_page_protect(vm_page_to_phys(page), VM_PROT_NONE);
	vm_object_page_remove(page);
	vm_object_unlock(entry->object);
	vm_page_take(page);
	return page;
}

/*
 * Can the memory in [START, END) be replaced by other objects without anybody
 * but this map noticing?
 */
static bool
vm_copy_can_replace(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;

	for (entry = vm_map_lookup(map, start);
	    entry != NULL && entry->start < end;
	    entry = vm_map_next(map, entry)) {
		if (entry->wired_count > 0) {
			return false;
		}
	}
	return vm_copy_is_private(map, start, end);
}

/*
 * Let the memory of COPY and what is at [START, END), borders, change places,
 * keeping the attributes.  The list of COPY has the same borders.
 */
static void
vm_copy_replace(struct vm_map *map, vm_offset_t start, struct vm_copy *copy)
{
	struct vm_map_entry *from;
	struct vm_map_entry *to;
	struct vm_map_entry kept;

	list_for_each_entry(&copy->first.copy_entries, from, link) {
		to = vm_map_lookup(map, start + from->start);
		assert(to->start == start + from->start &&
		    to->end == start + from->end);
		kept = *from;
		if (to->object != NULL) {
			pmap_remove(map->pmap, to->start, to->end);
		}
		from->object = to->object;
		from->offset = to->offset;
		from->needs_copy = to->needs_copy;
		from->cut_low = to->cut_low;
		from->cut_high = to->cut_high;
		to->object = kept.object;
		to->offset = kept.offset;
		to->needs_copy = kept.needs_copy;
		to->cut_low = kept.cut_low;
		to->cut_high = kept.cut_high;
	}
}

/* Give the list of COPY and the map at START the same borders. */
static bool
vm_copy_match_borders(struct vm_map *map, vm_offset_t start,
    struct vm_copy *copy)
{
	struct vm_map_entry *from;
	struct vm_map_entry *to;

	list_for_each_entry(&copy->first.copy_entries, from, link) {
		if (!vm_map_clip(map, start + from->start,
		    start + from->end)) {
			return false;
		}
		to = vm_map_lookup(map, start + from->start);
		if (!vm_copy_split(from, to->end - start)) {
			return false;
		}
	}
	return true;
}

/* Write the bytes of COPY at ADDR of MAP, page by page. */
static kern_return_t
vm_copy_write_bytes(struct vm_map *map, vm_offset_t addr,
    struct vm_copy *copy)
{
	char *buf = kmem_alloc(vm_page_size);
	vm_size_t size = vm_copy_size(copy);
	vm_size_t part;
	kern_return_t kr = KERN_SUCCESS;

	if (buf == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (vm_size_t done = 0; done < size; done += part) {
		part = size - done;
		if (part > vm_page_size) {
			part = vm_page_size;
		}
		kr = vm_copy_read(copy, done, buf, part);
		if (kr == KERN_SUCCESS) {
			kr = vm_map_write_bytes(map, addr + done, buf, part);
		}
		if (kr != KERN_SUCCESS) {
			break;
		}
	}
	kmem_free(buf, vm_page_size);
	return kr;
}

kern_return_t
vm_copy_overwrite(struct vm_map *map, vm_offset_t addr, struct vm_copy *copy)
{
	vm_offset_t end;
	kern_return_t kr;

	if (copy == NULL) {
		return KERN_SUCCESS;
	}
	end = addr + vm_copy_size(copy);
	if (end < addr) {
		return KERN_INVALID_ADDRESS;
	}
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_map_wait_transition(map, vm_page_trunc(addr), vm_page_round(end));
	kr = vm_map_check_range_locked(map, addr, end, VM_PROT_WRITE);
	if (kr == KERN_SUCCESS && vm_copy_page_offset(copy) == 0 &&
	    vm_page_aligned(addr) && vm_page_aligned(end) &&
	    vm_copy_can_replace(map, addr, end)) {
		if (vm_copy_match_borders(map, addr, copy)) {
			vm_copy_replace(map, addr, copy);
			vm_map_simplify(map, addr, end);
		} else {
			kr = KERN_RESOURCE_SHORTAGE;
		}
		mutex_unlock(&map->lock);
	} else {
		mutex_unlock(&map->lock);
		if (kr == KERN_SUCCESS) {
			kr = vm_copy_write_bytes(map, addr, copy);
		}
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	vm_copy_discard(copy);
	return KERN_SUCCESS;
}
