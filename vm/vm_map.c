/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Maps and their entries: making them, finding things and places in them,
 * entering and removing.
 *
 * Removing is in two steps, so that no pager hears of it while the map is
 * locked: entries leave the map and the pmap, then what they held is released.
 */

#include <vm/vm_map.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/*
 * Below is room for who wants a certain address: 8086 code, which reaches as far
 * (i386/v86.h), and null pointers, which should not hit memory.
 */
#define VM_MAP_LOW_END	0x110000u

static struct kmem_cache	vm_map_cache;
static struct kmem_cache	vm_map_entry_cache;

void
vm_map_setup(void)
{
	kmem_cache_init(
	    &vm_map_cache, "vm_map", sizeof(struct vm_map), 0);
	kmem_cache_init(&vm_map_entry_cache, "vm_map_entry",
	    sizeof(struct vm_map_entry), 0);
}

struct vm_map *
vm_map_create_ranked(
    struct pmap *pmap, vm_offset_t min, vm_offset_t max, unsigned rank)
{
	struct vm_map *map;

	assert(vm_page_aligned(min) && vm_page_aligned(max) && min < max);
	map = kmem_cache_alloc(&vm_map_cache);
	if (map == NULL) {
		return NULL;
	}
	*map = (struct vm_map){
		.pmap = pmap,
		.min = min,
		.max = max,
		.size_cur_limit = (vm_size_t)-1,
		.size_max_limit = (vm_size_t)-1,
	};
	mutex_init(&map->lock, (enum lock_rank)rank);
	refcount_init(&map->refs, 1);
	list_init(&map->entries);
	return map;
}

struct vm_map *
vm_map_create(struct pmap *pmap, vm_offset_t min, vm_offset_t max)
{
	return vm_map_create_ranked(pmap, min, max, LOCK_RANK_VM_MAP);
}

void
vm_map_ref(struct vm_map *map)
{
	refcount_ref(&map->refs);
}

void
vm_map_unref(struct vm_map *map)
{
	if (!refcount_unref(&map->refs)) {
		return;
	}
	if (map->count > 0) {
		vm_map_clear(map);
	}
	pmap_unref(map->pmap);
	kmem_cache_free(&vm_map_cache, map);
}

struct vm_map_entry *
vm_map_entry_alloc(void)
{
	return kmem_cache_alloc(&vm_map_entry_cache);
}

void
vm_map_entry_free(struct vm_map_entry *entry)
{
	kmem_cache_free(&vm_map_entry_cache, entry);
}

void
vm_map_entry_clone(struct vm_map_entry *to, const struct vm_map_entry *from)
{
	*to = *from;
	if (to->object != NULL) {
		vm_object_ref(to->object);
	}
}

static struct vm_map_entry *
vm_map_prev(const struct vm_map *map, const struct vm_map_entry *entry)
{
	struct list_node *node = list_prev(&map->entries, &entry->link);

	return node == NULL ? NULL
			    : list_entry(node, struct vm_map_entry, link);
}

static struct vm_map_entry *
vm_map_last(const struct vm_map *map)
{
	struct list_node *node = list_last(&map->entries);

	return node == NULL ? NULL
			    : list_entry(node, struct vm_map_entry, link);
}

/* Recompute the gap below ENTRY, which may be NULL. */
static void
vm_map_update_gap(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_map_entry *prev;

	if (entry == NULL) {
		return;
	}
	prev = vm_map_prev(map, entry);
	entry->gap = entry->start - (prev != NULL ? prev->end : map->min);
	vm_map_tree_update(entry);
}

/* The entry before NEXT, which is NULL for the end. */
static struct vm_map_entry *
vm_map_before(const struct vm_map *map, const struct vm_map_entry *next)
{
	return next != NULL ? vm_map_prev(map, next) : vm_map_last(map);
}

void
vm_map_entry_link_before(
    struct vm_map *map, struct vm_map_entry *next, struct vm_map_entry *entry)
{
	struct vm_map_entry *prev = vm_map_before(map, next);

	assert(next == NULL || next->start >= entry->end);
	entry->gap = entry->start - (prev != NULL ? prev->end : map->min);
	assert(entry->gap <= entry->start);
	if (next != NULL) {
		next->gap = next->start - entry->end;
		list_insert_before(&next->link, &entry->link);
	} else {
		list_insert_tail(&map->entries, &entry->link);
	}
	vm_map_tree_insert(map, entry, prev, next);
	if (next != NULL) {
		vm_map_tree_update(next);
	}
	map->count++;
	map->size += entry->end - entry->start;
}

void
vm_map_entry_link(struct vm_map *map, struct vm_map_entry *entry)
{
	vm_map_entry_link_before(
	    map, vm_map_tree_above(map, entry->start), entry);
}

void
vm_map_entry_unlink(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_map_entry *next = vm_map_next(map, entry);

	list_remove(&entry->link);
	vm_map_tree_remove(map, entry);
	vm_map_update_gap(map, next);
	map->count--;
	map->size -= entry->end - entry->start;
}

struct vm_map_entry *
vm_map_lookup(const struct vm_map *map, vm_offset_t addr)
{
	struct vm_map_entry *entry = vm_map_tree_above(map, addr);

	return entry != NULL && entry->start <= addr ? entry : NULL;
}

/* Split ENTRY at ADDR, inside it. */
static bool
vm_map_entry_split(
    struct vm_map *map, struct vm_map_entry *entry, vm_offset_t addr)
{
	struct vm_map_entry *upper = vm_map_entry_alloc();

	if (upper == NULL) {
		return false;
	}
	vm_map_entry_clone(upper, entry);
	upper->start = addr;
	upper->offset += addr - entry->start;
	upper->wanted = false;
	vm_map_entry_divide_cut(entry, upper);
	map->size -= entry->end - addr;
	entry->end = addr;
	vm_map_entry_link(map, upper);
	return true;
}

static bool
vm_map_clip_at(struct vm_map *map, vm_offset_t addr)
{
	struct vm_map_entry *entry = vm_map_lookup(map, addr);

	if (entry == NULL || entry->start == addr) {
		return true;
	}
	return vm_map_entry_split(map, entry, addr);
}

bool
vm_map_clip(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	const struct vm_map_entry *entry = vm_map_tree_above(map, start);

	/* Mostly it is all of one entry. */
	if (entry != NULL && entry->start >= start && entry->end == end) {
		return true;
	}
	return vm_map_clip_at(map, start) && vm_map_clip_at(map, end);
}

/* Does B continue A so that one entry can say the same? */
static bool
vm_map_entry_continues(
    const struct vm_map_entry *a, const struct vm_map_entry *b)
{
	return a->end == b->start && a->object == b->object &&
	       (a->object == NULL ||
		   a->offset + (a->end - a->start) == b->offset) &&
	       a->prot == b->prot && a->max_prot == b->max_prot &&
	       a->inheritance == b->inheritance &&
	       a->wired_access == b->wired_access &&
	       a->wired_count == b->wired_count &&
	       a->needs_copy == b->needs_copy && a->shared == b->shared &&
	       !a->no_merge && !b->no_merge &&
	       !a->in_transition && !b->in_transition && a->cut_high == 0 &&
	       b->cut_low == 0;
}

/* Merge equal neighbours from ENTRY on, up to END. */
static void
vm_map_merge(struct vm_map *map, struct vm_map_entry *entry, vm_offset_t end)
{
	struct vm_map_entry *next;

	while (entry != NULL && entry->start <= end) {
		next = vm_map_next(map, entry);
		if (next == NULL || !vm_map_entry_continues(entry, next)) {
			entry = next;
			continue;
		}
		vm_map_entry_unlink(map, next);
		map->size += next->end - next->start;
		entry->end = next->end;
		entry->cut_high = next->cut_high;
		entry->fresh = entry->fresh && next->fresh;
		vm_map_update_gap(map, vm_map_next(map, entry));
		if (next->object != NULL) {
			/* Never the last: ENTRY has one. */
			vm_object_unref(next->object);
		}
		vm_map_entry_free(next);
	}
}

void
vm_map_simplify(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	vm_map_merge(
	    map, vm_map_tree_above(map, start > 0 ? start - 1 : 0), end);
}

void
vm_map_simplify_from(
    struct vm_map *map, struct vm_map_entry *first, vm_offset_t end)
{
	struct vm_map_entry *prev = vm_map_prev(map, first);

	if (prev == NULL || prev->end != first->start ||
	    prev->object != first->object) {
		prev = first;
	}
	vm_map_merge(map, prev, end);
}

bool
vm_map_range_valid(const struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	return start >= map->min && end <= map->max && start <= end;
}

/* The lowest fitting address from ADDR up that ends by END. */
static bool
vm_map_fit_mask(vm_offset_t addr, vm_offset_t end, vm_size_t size,
    vm_offset_t mask, vm_offset_t *addrp)
{
	vm_offset_t low = mask;
	vm_offset_t fit = addr;

	/* Masks of low bits are alignments; others are tried page by page. */
	if ((low & (low + 1)) == 0) {
		fit = (addr + low) & ~low;
		if (fit < addr) {
			return false;
		}
	}
	while ((fit & mask) != 0) {
		fit += vm_page_size;
		if (fit >= end || fit < addr) {
			return false;
		}
	}
	if (fit > end || end - fit < size) {
		return false;
	}
	*addrp = fit;
	return true;
}

static inline bool
vm_map_fit(vm_offset_t addr, vm_offset_t end, vm_size_t size, vm_offset_t mask,
    vm_offset_t *addrp)
{
	if (mask != 0) {
		return vm_map_fit_mask(addr, end, size, mask, addrp);
	}
	*addrp = addr;
	return addr <= end && end - addr >= size;
}

static bool
vm_map_find_above(const struct vm_map *map, vm_offset_t *addrp, vm_size_t size,
    vm_offset_t mask, struct vm_map_entry **nextp)
{
	vm_offset_t low = *addrp > map->min ? *addrp : map->min;
	struct vm_map_entry *entry;
	struct vm_map_entry *last;
	vm_offset_t hole;

	/* Null pointers must not hit memory that nobody wanted there. */
	if (low < vm_page_size) {
		low = vm_page_size;
	}
	entry = vm_map_first(map);
	if (entry != NULL && entry->end <= low) {
		entry = vm_map_tree_above(map, low);
	}
	if (low >= map->max) {
		return false;
	}
	*nextp = entry;
	if (entry != NULL && entry->start > low &&
	    vm_map_fit(low, entry->start, size, mask, addrp)) {
		return true;
	}
	if (entry != NULL) {
		entry = vm_map_next(map, entry);
	}
	for (entry = vm_map_tree_gap(entry, size); entry != NULL;
	     entry = vm_map_tree_gap(vm_map_next(map, entry), size)) {
		hole = entry->start - entry->gap;
		*nextp = entry;
		if (vm_map_fit(hole, entry->start, size, mask, addrp)) {
			return true;
		}
	}
	last = vm_map_last(map);
	if (last != NULL && last->end > low) {
		low = last->end;
	}
	*nextp = NULL;
	return vm_map_fit(low, map->max, size, mask, addrp);
}

bool
vm_map_find_space(const struct vm_map *map, vm_offset_t *addrp, vm_size_t size,
    vm_offset_t mask, struct vm_map_entry **nextp)
{
	vm_offset_t low = VM_MAP_LOW_END;

	if (*addrp == 0 && vm_map_find_above(map, &low, size, mask, nextp)) {
		*addrp = low;
		return true;
	}
	return vm_map_find_above(map, addrp, size, mask, nextp);
}

/* Can the zero-filled request at ADDR just make PREV, before it, longer? */
static bool
vm_map_extend_prev(
    struct vm_map *map, struct vm_map_entry *prev, vm_offset_t addr,
    const struct vm_map_request *req)
{
	struct vm_object *object;
	bool extended;

	if (req->object != NULL) {
		return false;
	}
	if (prev == NULL || prev->end != addr || prev->prot != req->prot ||
	    prev->max_prot != req->max_prot ||
	    prev->inheritance != req->inheritance || prev->needs_copy ||
	    prev->wired_count != 0 || prev->in_transition || prev->no_merge ||
	    req->no_merge || prev->cut_high != 0) {
		return false;
	}
	object = prev->object;
	if (object != NULL) {
		/*
		 * The new part must read as zero: nothing may be there.  And
		 * the parts must go one by one, with their pages: a message
		 * that a pager got would otherwise stay for what the pager
		 * allocates behind it.
		 */
		vm_object_lock(object);
		extended = object->internal && object->refs == 1 &&
			   object->single && !object->pager_made &&
			   object->shadow == NULL && object->copy == NULL &&
			   object->size ==
			       prev->offset + (prev->end - prev->start);
		if (extended) {
			object->size += req->size;
		}
		vm_object_unlock(object);
		if (!extended) {
			return false;
		}
	}
	prev->end += req->size;
	map->size += req->size;
	vm_map_update_gap(map, vm_map_next(map, prev));
	return true;
}

/* Enter the request at ADDR, which is free, before NEXT. */
static kern_return_t
vm_map_enter_at(struct vm_map *map, vm_offset_t addr, struct vm_map_entry *next,
    const struct vm_map_request *req)
{
	struct vm_map_entry *prev = vm_map_before(map, next);
	struct vm_map_entry *entry;

	if (vm_map_extend_prev(map, prev, addr, req)) {
		vm_map_merge(map, prev, addr + req->size);
		return KERN_SUCCESS;
	}
	entry = vm_map_entry_alloc();
	if (entry == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	*entry = (struct vm_map_entry){
		.start = addr,
		.end = addr + req->size,
		.object = req->object,
		.offset = req->object != NULL ? req->offset : 0,
		.prot = (uint8_t)req->prot,
		.max_prot = (uint8_t)req->max_prot,
		.inheritance = (uint8_t)req->inheritance,
		.needs_copy = req->object != NULL && req->needs_copy,
		.no_merge = req->no_merge,
	};
	vm_map_entry_link_before(map, next, entry);
	vm_map_simplify_from(map, entry, entry->end);
	return KERN_SUCCESS;
}

static kern_return_t
vm_map_enter_locked(
    struct vm_map *map, vm_offset_t *addrp, const struct vm_map_request *req)
{
	vm_offset_t addr = *addrp;
	struct vm_map_entry *next;
	kern_return_t kr;

	if (!req->anywhere &&
	    (!vm_map_range_valid(map, addr, addr + req->size) ||
		(addr & req->mask) != 0)) {
		return KERN_INVALID_ADDRESS;
	}
	if (req->size > map->size_cur_limit ||
	    map->size > map->size_cur_limit - req->size) {
		return KERN_NO_SPACE;
	}
	if (req->anywhere) {
		if (!vm_map_find_space(
			map, &addr, req->size, req->mask, &next)) {
			return KERN_NO_SPACE;
		}
	} else {
		next = vm_map_tree_above(map, addr);
		if (next != NULL && next->start < addr + req->size) {
			return KERN_NO_SPACE;
		}
	}
	kr = vm_map_enter_at(map, addr, next, req);
	if (kr == KERN_SUCCESS) {
		*addrp = addr;
	}
	return kr;
}

/*
 * Windows on memory objects, which a task whose memory is wired looks through
 * with a thread that leaves the reserve alone, stay pageable: what is seen
 * there is not the task's, and may be more than there is memory.
 */
static bool
vm_map_stays_pageable(const struct vm_map_request *req)
{
	return req->object != NULL && current_thread()->vm_modest;
}

kern_return_t
vm_map_enter(
    struct vm_map *map, vm_offset_t *addrp, const struct vm_map_request *req)
{
	kern_return_t kr;
	bool wire;

	if (req->size == 0 || !vm_page_aligned(req->size) ||
	    !vm_page_aligned(req->offset) ||
	    (!req->anywhere && !vm_page_aligned(*addrp)) ||
	    (req->prot & ~req->max_prot) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (req->anywhere) {
		*addrp = vm_page_trunc(*addrp);
	}
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_map_enter_locked(map, addrp, req);
	wire = map->wire_future && !vm_map_stays_pageable(req);
	mutex_unlock(&map->lock);
	if (kr == KERN_SUCCESS && wire) {
		/* As with any later vm_wire, what fails stays pageable. */
		(void)vm_map_wire_new(map, *addrp, *addrp + req->size);
	}
	return kr;
}

kern_return_t
vm_map_allocate(
    struct vm_map *map, vm_offset_t *addrp, vm_size_t size, bool anywhere)
{
	struct vm_map_request req = {
		.size = vm_page_round(size),
		.anywhere = anywhere,
		.prot = VM_PROT_DEFAULT,
		.max_prot = VM_PROT_ALL,
		.inheritance = VM_INHERIT_DEFAULT,
	};
	vm_offset_t addr = anywhere ? map->min : vm_page_trunc(*addrp);
	kern_return_t kr;

	if (size == 0) {
		*addrp = 0;
		return KERN_SUCCESS;
	}
	kr = vm_map_enter(map, &addr, &req);
	if (kr == KERN_SUCCESS) {
		*addrp = addr;
	}
	return kr;
}

bool
vm_map_wait_transition(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;
	bool waited = false;

	mutex_assert_held(&map->lock);
	entry = vm_map_tree_above(map, start);
	while (entry != NULL && entry->start < end) {
		if (!entry->in_transition) {
			entry = vm_map_next(map, entry);
			continue;
		}
		entry->wanted = true;
		map->kept++;
		sleepq_sleep_mutex(&map->entries, &map->lock, 0);
		map->kept--;
		waited = true;
		entry = vm_map_tree_above(map, start);
	}
	return waited;
}

/*
 * Pages that only ENTRY could reach go now rather than with the object, which
 * other parts of the map may keep alive.
 */
static void
vm_map_entry_free_pages(const struct vm_map_entry *entry)
{
	struct vm_object *object = entry->object;

	vm_object_lock(object);
	if (object->single && object->internal && object->refs > 1) {
		vm_object_remove_range(object, entry->offset,
		    entry->offset + (entry->end - entry->start));
	}
	vm_object_unlock(object);
}

void
vm_map_entry_release_memory(const struct vm_map_entry *entry)
{
	struct vm_object *object = entry->object;

	if (object == NULL) {
		return;
	}
	/*
	 * Unlocked look: the only reference is ours, or somebody's help; and
	 * what was copied once stays so.
	 */
	if (atomic_load_relaxed(&object->refs) > 1 &&
	    atomic_load_relaxed(&object->single)) {
		vm_map_entry_free_pages(entry);
	}
	vm_object_unref(object);
}

/* Take ENTRY and those after it that begin below END, a border, out of MAP. */
static void
vm_map_remove_from(struct vm_map *map, struct vm_map_entry *entry,
    vm_offset_t end, struct list *removed)
{
	struct vm_map_entry *next;

	for (; entry != NULL && entry->start < end; entry = next) {
		next = vm_map_next(map, entry);
		assert(entry->end <= end);
		if (entry->wired_count > 0) {
			vm_map_entry_unwire(map, entry);
		}
		vm_map_entry_unlink(map, entry);
		if (entry->object != NULL && !entry->fresh) {
			pmap_remove(map->pmap, entry->start, entry->end);
		}
		list_insert_tail(removed, &entry->link);
	}
}

void
vm_map_remove_locked(struct vm_map *map, vm_offset_t start, vm_offset_t end,
    struct list *removed)
{
	struct vm_map_entry *entry = vm_map_tree_above(map, start);

	mutex_assert_held(&map->lock);
	assert(entry == NULL || entry->start >= start);
	vm_map_remove_from(map, entry, end, removed);
}

void
vm_map_entries_release(struct list *entries)
{
	struct vm_map_entry *entry;
	struct vm_map_entry *next;

	list_for_each_entry_safe(entries, entry, next, link)
	{
		vm_map_entry_release_memory(entry);
		vm_map_entry_free(entry);
	}
	list_init(entries);
}

/*
 * Unwire all that the locked MAP has.  False if somebody else was at work on
 * an entry: that is over now, and the caller starts afresh.
 */
static bool
vm_map_unwire_all(struct vm_map *map)
{
	struct vm_map_entry *entry;

	list_for_each_entry(&map->entries, entry, link)
	{
		if (entry->in_transition) {
			vm_map_wait_transition(map, entry->start, entry->end);
			return false;
		}
		if (entry->wired_count > 0) {
			vm_map_entry_unwire(map, entry);
		}
	}
	return true;
}

void
vm_map_clear(struct vm_map *map)
{
	struct vm_map_rest *rest;
	struct list removed;

	list_init(&removed);
	mutex_lock(&map->lock);
	while (!vm_map_unwire_all(map)) {
		;
	}
	/* Entries at rest need not be there to go. */
	rest = vm_map_rest_take(map);
	pmap_remove(map->pmap, map->min, map->max);
	list_append(&removed, &map->entries);
	map->root = NULL;
	map->count = 0;
	map->size = 0;
	atomic_store_relaxed(&map->clearing, true);
	mutex_unlock(&map->lock);
	vm_map_entries_release(&removed);
	vm_map_rest_release(rest);
	atomic_store_release(&map->clearing, false);
}

kern_return_t
vm_map_remove(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_entry *entry;
	struct list removed;
	kern_return_t kr;

	if (!vm_map_range_valid(map, start, end) || !vm_page_aligned(start) ||
	    !vm_page_aligned(end)) {
		return KERN_INVALID_ADDRESS;
	}
	list_init(&removed);
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	entry = vm_map_tree_above(map, start);
	/* Mostly it is all of one entry. */
	if (entry == NULL || entry->start < start || entry->end != end ||
	    entry->in_transition) {
		vm_map_wait_transition(map, start, end);
		if (!vm_map_clip(map, start, end)) {
			mutex_unlock(&map->lock);
			return KERN_RESOURCE_SHORTAGE;
		}
		entry = vm_map_tree_above(map, start);
	}
	vm_map_remove_from(map, entry, end, &removed);
	mutex_unlock(&map->lock);
	vm_map_entries_release(&removed);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_check_range_locked(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t prot)
{
	struct vm_map_entry *entry;
	vm_offset_t addr = start;

	if (!vm_map_range_valid(map, start, end)) {
		return KERN_INVALID_ADDRESS;
	}
	for (entry = vm_map_lookup(map, start); addr < end;
	     entry = vm_map_next(map, entry)) {
		if (entry == NULL || entry->start > addr) {
			return KERN_INVALID_ADDRESS;
		}
		if ((entry->prot & prot) != prot) {
			return KERN_PROTECTION_FAILURE;
		}
		addr = entry->end;
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_map_check_range(
    struct vm_map *map, vm_offset_t start, vm_offset_t end, vm_prot_t prot)
{
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr == KERN_SUCCESS) {
		kr = vm_map_check_range_locked(map, start, end, prot);
		mutex_unlock(&map->lock);
	}
	return kr;
}

kern_return_t
vm_map_region(
    struct vm_map *map, vm_offset_t addr, struct vm_map_region *region)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	entry = vm_map_tree_above(map, addr);
	if (entry == NULL) {
		mutex_unlock(&map->lock);
		return KERN_NO_SPACE;
	}
	*region = (struct vm_map_region){
		.start = entry->start,
		.size = entry->end - entry->start,
		.prot = entry->prot,
		.max_prot = entry->max_prot,
		.inheritance = entry->inheritance,
		.shared = entry->shared,
		.object = entry->object,
		.offset = entry->offset,
	};
	if (entry->object != NULL) {
		vm_object_ref(entry->object);
	}
	mutex_unlock(&map->lock);
	return KERN_SUCCESS;
}

/* The same for ENTRY, which holds ADDR and has an object. */
static phys_addr_t
vm_map_entry_page_phys(const struct vm_map_entry *entry, vm_offset_t addr)
{
	struct vm_object *object = entry->object;
	vm_offset_t offset = entry->offset + (addr - entry->start);
	struct vm_page *page;
	phys_addr_t pa;

	if (object->physical) {
		return object->phys + offset;
	}
	vm_object_lock(object);
	page = vm_object_page_seen(object, offset);
	pa = page != NULL ? vm_page_to_phys(page) : 0;
	vm_object_unlock(object);
	return pa;
}

phys_addr_t
vm_map_page_phys(struct vm_map *map, vm_offset_t addr)
{
	struct vm_map_entry *entry;
	phys_addr_t pa = 0;

	if (vm_map_lock(map) != KERN_SUCCESS) {
		return 0;
	}
	entry = vm_map_lookup(map, addr);
	/* Of a page that is shown in part only, the task will have another. */
	if (entry != NULL && entry->object != NULL &&
	    !vm_map_entry_cuts_page(entry, addr)) {
		pa = vm_map_entry_page_phys(entry, addr);
	}
	mutex_unlock(&map->lock);
	return pa;
}

vm_size_t
vm_map_resident_size(struct vm_map *map)
{
	return (vm_size_t)pmap_resident_count(map->pmap) << PAGE_HW_SHIFT;
}

/* Pages of ENTRY's chain that are kept for users, and that COUNT lacks yet. */
static uint32_t
vm_map_entry_private_pages(const struct vm_map_entry *entry, uint32_t count)
{
	uint32_t pages;

	vm_object_lock(entry->object);
	pages = vm_object_private_pages_locked(entry->object,
	    (entry->end - entry->start) >> vm_page_shift, count);
	vm_object_unlock(entry->object);
	return pages;
}

vm_size_t
vm_map_private_size(const struct vm_map *map)
{
	uint32_t count = vm_object_count_begin();
	struct vm_map_entry *entry;
	uint32_t pages = 0;

	list_for_each_entry(&map->entries, entry, link)
	{
		if (entry->object != NULL) {
			pages += vm_map_entry_private_pages(entry, count);
		}
	}
	return (vm_size_t)pages << vm_page_shift;
}

bool
vm_map_private_size_try(struct vm_map *map, vm_size_t *sizep)
{
	bool known;

	if (!mutex_try(&map->lock)) {
		return false;
	}
	known = !atomic_load_acquire(&map->clearing);
	if (known) {
		*sizep = map->use == VM_MAP_RESTS
			     ? vm_map_rest_private_size(map)
			     : vm_map_private_size(map);
	}
	mutex_unlock(&map->lock);
	return known;
}

static void
vm_map_check_entry(const struct vm_map_entry *entry)
{
	assert(vm_page_aligned(entry->start) && vm_page_aligned(entry->end));
	assert(entry->start < entry->end);
	assert(vm_page_aligned(entry->offset));
	assert((entry->prot & ~entry->max_prot) == 0);
	assert(entry->object != NULL || !entry->needs_copy);
	assert(entry->object == NULL || entry->object->refs > 0);
	assert(entry->wired_count == 0 || !entry->needs_copy);
	assert(!vm_map_entry_is_cut(entry) ||
	       (entry->object != NULL && entry->wired_count == 0));
	assert((vm_size_t)entry->cut_low + entry->cut_high <
	       entry->end - entry->start);
}

void
vm_map_check_locked(struct vm_map *map)
{
	struct vm_map_entry *entry;
	vm_offset_t end = map->min;
	vm_size_t size = 0;
	uint32_t count = 0;

	if (map->use == VM_MAP_RESTS) {
		vm_map_rest_check(map);
		return;
	}
	vm_map_tree_check(map);
	list_for_each_entry(&map->entries, entry, link)
	{
		assert(entry->start >= end);
		vm_map_check_entry(entry);
		end = entry->end;
		size += entry->end - entry->start;
		count++;
	}
	assert(end <= map->max && size == map->size && count == map->count);
}

void
vm_map_check(struct vm_map *map)
{
	struct vm_map_entry *entry;

	mutex_lock(&map->lock);
	vm_map_check_locked(map);
	list_for_each_entry(&map->entries, entry, link)
	{
		if (entry->object != NULL) {
			vm_object_check(entry->object);
		}
	}
	mutex_unlock(&map->lock);
}
