/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Copying entries, and whole maps for child tasks.
 *
 * How the memory of an entry is copied:
 *   untouched            there is nothing to copy
 *   needs_copy already   one more reader of an object that nobody writes
 *   private, for a fork  symmetric: both sides get needs_copy; delayed, if it
 *                        is small and being written to
 *   otherwise            delayed: the copy's object is filled by pushes
 *   the pager wants to   copied as it is told, to an object with a pager
 *   know
 *   wired, or the pager  copied page by page, now
 *   forbids lazy copies
 */

#include <vm/vm_map.h>

#include <stddef.h>

#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/panic.h>

#include <vm/memory_object.h>
#include <vm/vm_fault.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_shadow.h>

bool
vm_map_entry_need_object(struct vm_map_entry *entry)
{
	if (entry->object != NULL) {
		return true;
	}
	entry->object = vm_object_create(entry->end - entry->start);
	entry->offset = 0;
	return entry->object != NULL;
}

bool
vm_map_entry_need_shadow(struct vm_map_entry *entry)
{
	struct vm_object *object = entry->object;
	struct vm_object *shadow;
	bool ours;

	if (!entry->needs_copy) {
		return true;
	}
	vm_object_lock(object);
	ours = object->refs == 1 && object->internal && !object->shared;
	if (ours) {
		object->pristine = false;
	}
	vm_object_unlock(object);
	if (ours) {
		/* Whoever shared it with us is gone. */
		entry->needs_copy = false;
		return true;
	}
	shadow = vm_shadow_create(object, entry->offset,
	    entry->end - entry->start);
	if (shadow == NULL) {
		return false;
	}
	entry->object = shadow;
	entry->offset = 0;
	entry->needs_copy = false;
	return true;
}

/* How an object may be copied. */
enum vm_map_way {
	VM_MAP_COPY_LAZY,	/* with a delayed copy */
	VM_MAP_COPY_CALL,	/* as its pager is told */
	VM_MAP_COPY_PAGES,	/* now */
};

/* OBJECT is locked, and ready if it has a pager. */
static enum vm_map_way
vm_map_copy_way(const struct vm_object *object, bool wired)
{
	if (!object->internal && !object->pager_dead &&
	    object->copy_strategy == MEMORY_OBJECT_COPY_CALL) {
		return VM_MAP_COPY_CALL;
	}
	if (wired || (!object->internal &&
			 (object->copy_strategy == MEMORY_OBJECT_COPY_NONE ||
			     object->copy_strategy == MEMORY_OBJECT_COPY_CALL))) {
		return VM_MAP_COPY_PAGES;
	}
	return VM_MAP_COPY_LAZY;
}

bool
vm_map_entry_copy_is_slow(const struct vm_map_entry *entry)
{
	struct vm_object *object = entry->object;
	bool slow;

	if (object == NULL || entry->needs_copy ||
	    (object->internal && entry->wired_count == 0)) {
		return false;
	}
	vm_object_lock(object);
	slow = !object->physical &&
	    ((!object->internal && !object->ready) ||
	    vm_map_copy_way(object, entry->wired_count > 0) !=
	    VM_MAP_COPY_LAZY);
	vm_object_unlock(object);
	return slow;
}

/*
 * Make ENTRY and its copy read-only views of the object, if that is how it is
 * copied: what several write to is not.
 */
static bool
vm_map_entry_copy_symmetric(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_object *object = entry->object;

	vm_object_lock(object);
	if (!entry->needs_copy && (!object->internal || object->shared)) {
		vm_object_unlock(object);
		return false;
	}
	object->single = false;
	vm_object_ref_locked(object);
	vm_object_unlock(object);
	if (!entry->needs_copy) {
		entry->needs_copy = true;
		pmap_protect(map->pmap, entry->start, entry->end,
		    entry->prot & ~VM_PROT_WRITE);
	}
	return true;
}

kern_return_t
vm_map_entry_copy(struct vm_map *map, struct vm_map_entry *entry,
    vm_offset_t start, vm_offset_t end, bool symmetric,
    struct vm_map_entry *to)
{
	struct vm_object *object = entry->object;
	vm_offset_t offset = entry->offset + (start - entry->start);
	struct vm_object *copy;

	to->object = NULL;
	to->offset = 0;
	to->needs_copy = false;
	if (object == NULL) {
		return KERN_SUCCESS;
	}
	if (object->physical) {
		/* It cannot be copied, only shown. */
		vm_object_ref(object);
		to->object = object;
		to->offset = offset;
		return KERN_SUCCESS;
	}
	if ((entry->needs_copy || symmetric) &&
	    vm_map_entry_copy_symmetric(map, entry)) {
		to->object = object;
		to->offset = offset;
		to->needs_copy = true;
		return KERN_SUCCESS;
	}
	copy = vm_shadow_copy(object, offset, end - start);
	if (copy == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	to->object = copy;
	to->offset = offset;
	/* Older copies look through it: it may change by pushes only. */
	to->needs_copy = true;
	return KERN_SUCCESS;
}

/* Copy one page of FROM at OFFSET into the new object TO at AT. */
static kern_return_t
vm_map_copy_page(struct vm_object *from, vm_offset_t offset,
    struct vm_object *to, vm_offset_t at)
{
	struct vm_fault_hold hold;
	struct vm_page *page;
	kern_return_t kr;

	kr = vm_page_grab_wait(&page);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_fault_object_page(from, offset, VM_PROT_READ, &hold);
	if (kr != KERN_SUCCESS) {
		vm_page_release(page);
		return kr;
	}
	pmap_copy_page(vm_page_to_phys(hold.page), vm_page_to_phys(page));
	vm_fault_page_done(&hold, false);

	vm_object_lock(to);
	page->dirty = true;
	vm_object_page_insert(to, at, page);
	vm_page_activate(page);
	vm_page_unbusy(page);
	vm_object_unlock(to);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_copy_pages(struct vm_object *from, vm_offset_t offset,
    vm_size_t size, struct vm_object **top)
{
	struct vm_object *to = vm_object_create(size);
	kern_return_t kr;

	if (to == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (vm_offset_t at = 0; at < size; at += vm_page_size) {
		kr = vm_map_copy_page(from, offset + at, to, at);
		if (kr != KERN_SUCCESS) {
			vm_object_unref(to);
			return kr;
		}
	}
	*top = to;
	return KERN_SUCCESS;
}

/*
 * Wait until the pager of OBJECT has said how it wants to be copied, and say
 * how.
 */
static kern_return_t
vm_map_wait_ready(struct vm_object *object, bool wired, enum vm_map_way *wayp)
{
	enum wait_result wait;

	vm_object_lock(object);
	while (!object->internal && !object->ready) {
		if (object->pager_dead) {
			vm_object_unlock(object);
			return KERN_MEMORY_ERROR;
		}
		wait = vm_object_sleep_unlock(object, true,
		    clock_ticks() + HZ);
		if (wait == WAIT_INTERRUPTED) {
			return KERN_ABORTED;
		}
		if (wait == WAIT_TIMED_OUT) {
			/* It wakes others who wait: not in turns for ever. */
			memory_object_check_pager(object);
		}
		vm_object_lock(object);
	}
	*wayp = vm_map_copy_way(object, wired);
	vm_object_unlock(object);
	return KERN_SUCCESS;
}

/* Copy the part of OBJECT in the WAY, which is not lazy; begins at 0. */
static kern_return_t
vm_map_copy_now(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    enum vm_map_way way, struct vm_object **copyp)
{
	if (way == VM_MAP_COPY_CALL) {
		return memory_object_copy_call(object, offset, size, copyp);
	}
	return vm_map_copy_pages(object, offset, size, copyp);
}

kern_return_t
vm_map_copy_object(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, struct vm_object **copyp, vm_offset_t *copy_offsetp,
    bool *needs_copyp)
{
	enum vm_map_way way;
	kern_return_t kr;

	if (object->physical) {
		vm_object_ref(object);
		*copyp = object;
		*copy_offsetp = offset;
		*needs_copyp = false;
		return KERN_SUCCESS;
	}
	kr = vm_map_wait_ready(object, false, &way);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*needs_copyp = way == VM_MAP_COPY_LAZY;
	if (way != VM_MAP_COPY_LAZY) {
		*copy_offsetp = 0;
		return vm_map_copy_now(object, offset, size, way, copyp);
	}
	*copyp = vm_shadow_copy(object, offset, size);
	*copy_offsetp = offset;
	return *copyp == NULL ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

bool
vm_map_entry_is(const struct vm_map *map, const struct vm_map_entry *entry,
    const struct vm_map_entry *as)
{
	return vm_map_lookup(map, as->start) == entry &&
	       entry->start == as->start && entry->end == as->end &&
	       entry->object == as->object && entry->offset == as->offset &&
	       entry->prot == as->prot && !entry->in_transition &&
	       entry->cut_low == as->cut_low &&
	       entry->cut_high == as->cut_high;
}

kern_return_t
vm_map_entry_copy_slow(struct vm_map *map, struct vm_map_entry *entry,
    vm_offset_t start, vm_offset_t end, struct vm_map_entry *to,
    bool *changedp)
{
	struct vm_object *object = entry->object;
	vm_offset_t offset = entry->offset + (start - entry->start);
	struct vm_map_entry as = *entry;
	struct vm_object *copy = NULL;
	enum vm_map_way way = VM_MAP_COPY_LAZY;
	kern_return_t kr;

	*changedp = false;
	vm_object_ref(object);
	vm_map_unlock_keep(map);

	kr = vm_map_wait_ready(object, as.wired_count > 0, &way);
	if (kr == KERN_SUCCESS && way != VM_MAP_COPY_LAZY) {
		kr = vm_map_copy_now(object, offset, end - start, way, &copy);
	}
	vm_object_unref(object);

	vm_map_lock_kept(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (way == VM_MAP_COPY_LAZY || !vm_map_entry_is(map, entry, &as)) {
		*changedp = true;
		if (copy != NULL) {
			vm_map_unlock_keep(map);
			vm_object_unref(copy);
			vm_map_lock_kept(map);
		}
		return KERN_SUCCESS;
	}
	to->object = copy;
	to->offset = 0;
	to->needs_copy = false;
	return KERN_SUCCESS;
}

/* ENTRY and the child's TO name the same memory from now on. */
static kern_return_t
vm_map_fork_share(struct vm_map_entry *entry, struct vm_map_entry *to)
{
	struct vm_object *object;

	if (!vm_map_entry_need_object(entry) ||
	    !vm_map_entry_need_shadow(entry)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	object = entry->object;
	vm_object_lock(object);
	object->shared = true;
	object->single = false;
	vm_object_ref_locked(object);
	vm_object_unlock(object);
	to->object = object;
	to->offset = entry->offset;
	to->needs_copy = false;
	entry->shared = to->shared = true;
	return KERN_SUCCESS;
}

kern_return_t
vm_map_region_shared(struct vm_map *map, vm_offset_t addr,
    struct vm_map_region *region)
{
	struct vm_map_entry *entry;
	struct vm_map_entry to;
	kern_return_t kr;

	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = KERN_INVALID_ADDRESS;
	entry = vm_map_lookup(map, addr);
	while (entry != NULL && vm_map_entry_is_cut(entry)) {
		kr = vm_map_entry_uncut(map, entry);
		if (kr != KERN_SUCCESS) {
			mutex_unlock(&map->lock);
			return kr;
		}
		entry = vm_map_lookup(map, addr);
	}
	if (entry != NULL) {
		kr = vm_map_fork_share(entry, &to);
	}
	if (kr == KERN_SUCCESS) {
		*region = (struct vm_map_region) {
			.start = entry->start,
			.size = entry->end - entry->start,
			.prot = entry->prot,
			.max_prot = entry->max_prot,
			.inheritance = entry->inheritance,
			.shared = true,
			.object = to.object,
			.offset = to.offset,
		};
	}
	mutex_unlock(&map->lock);
	return kr;
}

/* Put ENTRY behind all that the new CHILD has; the tree is made later. */
static void
vm_map_fork_append(struct vm_map *child, struct vm_map_entry *entry)
{
	vm_offset_t end = child->min;

	if (!list_empty(&child->entries)) {
		end = list_last_entry(&child->entries, struct vm_map_entry,
		    link)->end;
	}
	assert(entry->start >= end);
	entry->gap = entry->start - end;
	list_insert_tail(&child->entries, &entry->link);
	child->count++;
	child->size += entry->end - entry->start;
}

/* OBJECT is more than one entry's now. */
static inline void
vm_map_fork_ref(struct vm_object *object)
{
	vm_object_lock(object);
	object->single = false;
	vm_object_ref_locked(object);
	vm_object_unlock(object);
}

/*
 * Copy the private memory of ENTRY in the cheapest way: what is written to all
 * the time is made two now, nothing else is touched.
 */
static kern_return_t
vm_map_fork_private(struct vm_map *parent, struct vm_map_entry *entry,
    struct vm_map_entry *to)
{
	to->needs_copy = true;
	to->object = vm_shadow_copy_small(entry->object);
	if (to->object != NULL) {
		return KERN_SUCCESS;
	}
	return vm_map_entry_copy(parent, entry, entry->start, entry->end, true,
	    to);
}

/*
 * Copy the memory of ENTRY to the child's TO, which is a copy of ENTRY.
 * *CHANGEDP as in vm_map_entry_copy_slow.
 */
static kern_return_t
vm_map_fork_copy(struct vm_map *parent, struct vm_map_entry *entry,
    struct vm_map_entry *to, bool *changedp)
{
	if (entry->object == NULL) {
		to->offset = 0;
		return KERN_SUCCESS;
	}
	if (entry->needs_copy) {
		/* One more reader. */
		vm_map_fork_ref(entry->object);
		return KERN_SUCCESS;
	}
	if (entry->object->internal && entry->wired_count == 0) {
		return vm_map_fork_private(parent, entry, to);
	}
	if (vm_map_entry_copy_is_slow(entry)) {
		return vm_map_entry_copy_slow(parent, entry, entry->start,
		    entry->end, to, changedp);
	}
	return vm_map_entry_copy(parent, entry, entry->start, entry->end, true,
	    to);
}

/* TO is as ENTRY, but for what belongs to the moment and to a place in a map. */
static void
vm_map_fork_init(struct vm_map_entry *to, const struct vm_map_entry *entry)
{
	to->priority = entry->priority;
	__builtin_memcpy(&to->start, &entry->start,
	    sizeof(*to) - offsetof(struct vm_map_entry, start));
	to->wired_count = 0;
	to->wired_access = VM_PROT_NONE;
	to->in_transition = false;
	to->wanted = false;
	to->fresh = true;
	to->shared = false;
}

/* Give CHILD what it inherits of ENTRY, which comes after all that it has. */
static kern_return_t
vm_map_fork_entry(struct vm_map *parent, struct vm_map_entry *entry,
    struct vm_map *child, bool *changedp)
{
	struct vm_map_entry *to = vm_map_entry_alloc();
	kern_return_t kr;

	*changedp = false;
	if (to == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	vm_map_fork_init(to, entry);
	kr = entry->inheritance == VM_INHERIT_SHARE ?
	    vm_map_fork_share(entry, to) :
	    vm_map_fork_copy(parent, entry, to, changedp);
	if (kr != KERN_SUCCESS || *changedp) {
		vm_map_entry_free(to);
		return kr;
	}
	vm_map_fork_append(child, to);
	return KERN_SUCCESS;
}

/*
 * Can ENTRY, the first of PARENT above ADDR, be inherited as it is?  If not,
 * *AGAINP says to look it up again: it was made so, with the map unlocked.
 */
static kern_return_t
vm_map_fork_prepare(struct vm_map *parent, struct vm_map_entry *entry,
    vm_offset_t addr, bool *againp)
{
	*againp = true;
	if (entry->in_transition) {
		(void)vm_map_wait_transition(parent, entry->start, entry->end);
		return KERN_SUCCESS;
	}
	if (entry->start < addr) {
		/* Merged while we had the map unlocked. */
		return vm_map_clip(parent, addr, entry->end) ?
		    KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	}
	if (entry->inheritance == VM_INHERIT_SHARE &&
	    vm_map_entry_is_cut(entry)) {
		return vm_map_entry_uncut(parent, entry);
	}
	*againp = false;
	return KERN_SUCCESS;
}

static kern_return_t
vm_map_fork_entries(struct vm_map *parent, struct vm_map *child)
{
	struct vm_map_entry *entry = vm_map_first(parent);
	vm_offset_t addr = parent->min;
	kern_return_t kr;
	bool again;

	while (entry != NULL) {
		kr = vm_map_fork_prepare(parent, entry, addr, &again);
		if (kr == KERN_SUCCESS && !again &&
		    entry->inheritance != VM_INHERIT_NONE) {
			kr = vm_map_fork_entry(parent, entry, child, &again);
		}
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (again) {
			entry = vm_map_tree_above(parent, addr);
		} else {
			addr = entry->end;
			entry = vm_map_next(parent, entry);
		}
	}
	return KERN_SUCCESS;
}

void
vm_map_copy_limits(struct vm_map *parent, struct vm_map *child)
{
	mutex_lock(&parent->lock);
	child->size_cur_limit = parent->size_cur_limit;
	child->size_max_limit = parent->size_max_limit;
	mutex_unlock(&parent->lock);
}

kern_return_t
vm_map_fork(struct vm_map *parent, struct vm_map **childp)
{
	struct pmap *pmap = pmap_create();
	struct vm_map *child;
	kern_return_t kr;

	if (pmap == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	child = vm_map_create(pmap, parent->min, parent->max);
	if (child == NULL) {
		pmap_unref(pmap);
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = vm_map_lock(parent);
	if (kr == KERN_SUCCESS) {
		kr = vm_map_fork_entries(parent, child);
		child->size_cur_limit = parent->size_cur_limit;
		child->size_max_limit = parent->size_max_limit;
		mutex_unlock(&parent->lock);
	}
	vm_map_tree_build(child);
	if (kr != KERN_SUCCESS) {
		vm_map_unref(child);
		return kr;
	}
	*childp = child;
	return KERN_SUCCESS;
}
