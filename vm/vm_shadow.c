/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A chain is shortened at three points, all under the family's lock:
 *   merge    the object below has no other user: its pages move up, or, when
 *            it has the larger set, the two sets are exchanged and ours move
 *   bypass   the object below has nothing that we would ever look for there
 *   drop     we have every page ourselves and need nothing below
 *
 * They are tried when a shadow is made, and when an object is left with one
 * reference.  An object below with a pager ends the chain for the purpose of
 * merging.
 */

#include <vm/vm_shadow.h>

#include <machine/pmap.h>

#include <kernel/panic.h>

#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>

/* Pages of an object that is copied in advance of writes. */
#define VM_SHADOW_SMALL	2u

/* A bypass looks at no more pages of the object below than this. */
#define VM_SHADOW_BYPASS_MAX	16

struct vm_object *
vm_shadow_create(struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	struct vm_object *shadow;

	shadow = vm_object_create_related(object, size);
	if (shadow == NULL) {
		return NULL;
	}
	vm_object_lock(object);
	vm_object_attach_shadow(shadow, object, offset);
	vm_shadow_collapse_unlock(shadow);
	return shadow;
}

/*
 * Take write access to [START, END) of the locked OBJECT from everybody.
 * False, and unlocked and waited, when a page was busy.
 */
static bool
vm_shadow_protect_unlock(
    struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	struct vm_page *page;

	for (page = vm_object_page_first(object, start);
	     page != NULL && vm_object_page_offset(page) < end;
	     page = vm_object_page_next(page)) {
		if (page->busy && !page->absent) {
			vm_object_page_sleep_unlock(object, page, false);
			return false;
		}
		pmap_page_protect(
		    vm_page_to_phys(page), VM_PROT_READ | VM_PROT_EXECUTE);
	}
	return true;
}

/*
 * The same, but for what is known to be so already: who sends again what has
 * not changed does not pay for each page.
 */
static bool
vm_shadow_freeze_unlock(
    struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	vm_offset_t from = object->frozen_start;
	vm_offset_t to = object->frozen_end;

	if (from == to || end < from || to < start) {
		from = start;
		to = start;
	}
	if (start < from && !vm_shadow_protect_unlock(object, start, from)) {
		return false;
	}
	if (to < end && !vm_shadow_protect_unlock(object, to, end)) {
		return false;
	}
	object->frozen_start = start < from ? start : from;
	object->frozen_end = to < end ? end : to;
	return true;
}

void
vm_shadow_thaw(struct vm_object *object, vm_offset_t offset)
{
	vm_offset_t start = object->frozen_start;
	vm_offset_t end = object->frozen_end;

	vm_object_assert_locked(object);
	if (offset < start || offset >= end) {
		return;
	}
	/* What is left is the larger part. */
	if (offset - start < end - offset) {
		object->frozen_start = offset + vm_page_size;
	} else {
		object->frozen_end = offset;
	}
}

/* Put COPY between the locked OBJECT and the newest copy there is. */
static void
vm_shadow_copy_insert(struct vm_object *object, struct vm_object *copy)
{
	struct vm_object *older = object->copy;
	vm_offset_t offset;

	vm_object_attach_shadow(copy, object, 0);
	object->refs++;
	if (older != NULL) {
		/* What the older copy still needs is pushed into the new. */
		offset = older->shadow_offset;
		if (older->copy_start + offset < copy->copy_start) {
			copy->copy_start = older->copy_start + offset;
		}
		if (older->copy_end + offset > copy->copy_end) {
			copy->copy_end = older->copy_end + offset;
		}
		if (older->size + offset > copy->size) {
			copy->size = older->size + offset;
		}
		vm_object_detach_shadow(older);
		object->refs--;
		vm_object_attach_shadow(older, copy, offset);
		copy->refs++;
	}
	object->copy = copy;
}

/*
 * What becomes a copy of the locked OBJECT, which may be unlocked meanwhile.
 * NULL, and unlocked, when memory is short.
 */
static struct vm_object *
vm_shadow_copy_make(struct vm_object *object, vm_size_t size)
{
	struct vm_object *copy = vm_object_take_spare(object, size);

	if (copy == NULL) {
		vm_object_unlock(object);
		copy = vm_object_create_related(object, size);
		if (copy != NULL) {
			vm_object_lock(object);
		}
	}
	if (copy != NULL) {
		copy->pristine = false;
	}
	return copy;
}

/*
 * The newest copy of the locked OBJECT, referenced, if another one of that range
 * would be the same now and always: nothing was pushed into it, or could have
 * been, gone by now, and nobody writes to it.  So programs that run from one
 * file share one copy, however many there are and however long, and none looks
 * through all that came later.
 */
static struct vm_object *
vm_shadow_copy_again(
    struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	struct vm_object *copy = object->copy;

	if (copy == NULL || !copy->pristine || copy->shadow_offset != 0 ||
	    offset < copy->copy_start || offset + size > copy->copy_end ||
	    offset < object->frozen_start ||
	    offset + size > object->frozen_end ||
	    copy->pages->count > 0 || copy->pager_made) {
		return NULL;
	}
	copy->single = false;
	vm_object_ref_locked(copy);
	return copy;
}

struct vm_object *
vm_shadow_copy(struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	struct vm_object *copy;

	vm_object_lock(object);
	copy = vm_shadow_copy_again(object, offset, size);
	if (copy != NULL) {
		vm_object_unlock(object);
		return copy;
	}
	copy = vm_shadow_copy_make(object, offset + size);
	if (copy == NULL) {
		return NULL;
	}
	copy->copy_start = offset;
	copy->copy_end = offset + size;
	copy->pristine = true;
	while (!vm_shadow_freeze_unlock(object, offset, offset + size)) {
		vm_object_lock(object);
	}
	vm_shadow_copy_insert(object, copy);
	vm_object_unlock(object);
	return copy;
}

/*
 * Push PAGE, which only its object's entry sees, into the new COPY, as it is at
 * one moment, and leave it writable.
 */
static bool
vm_shadow_push_still(struct vm_page *page, struct vm_object *copy)
{
	struct vm_page *new = vm_page_grab();

	if (new == NULL) {
		return false;
	}
	pmap_copy_page_still(vm_page_to_phys(page), vm_page_to_phys(new));
	page->dirty = true;
	new->dirty = true;
	vm_object_page_insert(copy, vm_object_page_offset(page), new);
	vm_page_activate(new);
	vm_page_unbusy(new);
	return true;
}

/* Is all of the locked OBJECT, which has no copy then, one entry's, and small? */
static bool
vm_shadow_is_small(const struct vm_object *object)
{
	return object->pages->count - 1 < VM_SHADOW_SMALL &&
	       object->refs == 1 && object->internal && !object->shared &&
	       !object->pager_made && object->lost == NULL &&
	       object->paging == 0;
}

/*
 * Nobody writes to the small OBJECT any more, but to pages that were written to
 * since the last copy, which are pushed into COPY.  False if there are none, or
 * a page is in use.
 */
static bool
vm_shadow_freeze_small(struct vm_object *object, struct vm_object *copy)
{
	vm_offset_t start = object->frozen_start;
	vm_offset_t end = object->frozen_end;
	struct vm_page *page;
	vm_offset_t offset;

	object->frozen_start = 0;
	object->frozen_end = object->size;
	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		offset = vm_object_page_offset(page);
		if (offset >= start && offset < end) {
			continue;
		}
		if (page->busy || page->error || page->lock != VM_PROT_NONE) {
			object->frozen_end = 0;
			return false;
		}
		if (pmap_is_modified(vm_page_to_phys(page)) &&
		    vm_shadow_push_still(page, copy)) {
			vm_shadow_thaw(object, offset);
		} else {
			pmap_page_protect(vm_page_to_phys(page),
			    VM_PROT_READ | VM_PROT_EXECUTE);
		}
	}
	return copy->pages->count > 0;
}

struct vm_object *
vm_shadow_copy_small(struct vm_object *object)
{
	struct vm_object *copy = NULL;

	vm_object_lock(object);
	if (!vm_shadow_is_small(object)) {
		vm_object_unlock(object);
		return NULL;
	}
	copy = vm_shadow_copy_make(object, object->size);
	if (copy == NULL) {
		return NULL;
	}
	if (!vm_shadow_is_small(object) ||
	    !vm_shadow_freeze_small(object, copy)) {
		vm_object_unlock(object);
		vm_object_unref(copy);
		return NULL;
	}
	copy->copy_start = 0;
	copy->copy_end = object->size;
	vm_shadow_copy_insert(object, copy);
	vm_object_unlock(object);
	return copy;
}

bool
vm_shadow_needs_push(struct vm_object *object, vm_offset_t offset)
{
	struct vm_object *copy = object->copy;
	vm_offset_t at;

	vm_object_assert_locked(object);
	if (copy == NULL || offset < copy->shadow_offset) {
		return false;
	}
	at = offset - copy->shadow_offset;
	if (at < copy->copy_start || at >= copy->copy_end) {
		return false;
	}
	return vm_object_page_lookup(copy, at) == NULL &&
	       !vm_object_is_paged_out(copy, at);
}

void
vm_shadow_push(
    struct vm_object *object, struct vm_page *page, struct vm_page *new)
{
	struct vm_object *copy = object->copy;
	vm_offset_t offset = vm_object_page_offset(page);

	vm_object_assert_locked(object);
	pmap_page_protect(vm_page_to_phys(page), VM_PROT_NONE);
	new->dirty = true;
	vm_object_page_insert(copy, offset - copy->shadow_offset, new);
	vm_page_activate(new);
	vm_page_unbusy(new);
}

/* Is OFFSET of OBJECT covered by a page of its own, here or at its pager? */
static bool
vm_shadow_has_own(struct vm_object *object, vm_offset_t offset)
{
	return vm_object_page_lookup(object, offset) != NULL ||
	       vm_object_is_paged_out(object, offset);
}

/*
 * Where the page at OFFSET of the object below is seen in OBJECT; false when
 * it is outside.
 */
static bool
vm_shadow_window(
    const struct vm_object *object, vm_offset_t offset, vm_offset_t *atp)
{
	if (offset < object->shadow_offset ||
	    offset - object->shadow_offset >= object->size) {
		return false;
	}
	*atp = offset - object->shadow_offset;
	return true;
}

/* Move the pages of the object below into OBJECT, or free them. */
static void
vm_shadow_merge_up(struct vm_object *object)
{
	struct vm_object *below = object->shadow;
	struct vm_page *page;
	struct vm_page *next;
	vm_offset_t at;

	for (page = vm_object_page_first(below, 0); page != NULL; page = next) {
		next = vm_object_page_next(page);
		if (!vm_shadow_window(
			object, vm_object_page_offset(page), &at) ||
		    vm_shadow_has_own(object, at)) {
			vm_object_page_free(page);
			continue;
		}
		if (object->pager_made) {
			page->dirty = true;
		}
		vm_object_page_move(page, object, at);
	}
}

/* Free the pages of OBJECT at and after START, before END. */
static void
vm_shadow_free_range(
    struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	struct vm_page *page;
	struct vm_page *next;

	for (page = vm_object_page_first(object, start);
	     page != NULL && vm_object_page_offset(page) < end; page = next) {
		next = vm_object_page_next(page);
		vm_object_page_free(page);
	}
}

/* Move the pages of OBJECT into the larger set below, and take that set. */
static void
vm_shadow_merge_down(struct vm_object *object)
{
	struct vm_object *below = object->shadow;
	struct vm_pages *mine = object->pages;
	struct vm_pages *theirs = below->pages;
	struct vm_page *page;
	struct vm_page *old;
	vm_offset_t at;

	vm_shadow_free_range(below, 0, object->shadow_offset);
	if (object->shadow_offset + object->size > object->shadow_offset) {
		vm_shadow_free_range(below,
		    object->shadow_offset + object->size, (vm_offset_t)-1);
	}
	while ((page = vm_object_page_first(object, 0)) != NULL) {
		at = vm_object_page_offset(page) + object->shadow_offset;
		old = vm_object_page_lookup(below, at);
		if (old != NULL) {
			vm_object_page_free(old);
		}
		theirs->wired += page->wire_count > 0 ? 1 : 0;
		vm_object_page_move(page, below, at);
	}
	mine->wired = 0;
	object->pages = theirs;
	/* As in vm_object_page_move. */
	spinlock_lock(vm_page_queue_lock());
	theirs->object = object;
	spinlock_unlock(vm_page_queue_lock());
	theirs->bias += vm_object_index(object->shadow_offset);
	below->pages = mine;
	mine->object = below;
}

static bool
vm_shadow_can_merge(struct vm_object *object)
{
	struct vm_object *below = object->shadow;

	return below->refs == 1 && below->internal && below->pager == NULL &&
	       !below->pager_made && below->name == NULL &&
	       below->paging == 0 && below->pages->wired == 0 &&
	       object->internal;
}

/*
 * Make OBJECT and the object below, which nobody else uses, one.  Returns
 * the empty one, dead.
 */
static struct vm_object *
vm_shadow_merge(struct vm_object *object)
{
	struct vm_object *below = object->shadow;
	struct vm_object *next = below->shadow;
	vm_offset_t offset = object->shadow_offset;
	vm_offset_t next_offset = below->shadow_offset;
	bool was_copy = next != NULL && next->copy == below;

	assert(below->copy == NULL || below->copy == object);
	object->frozen_start = 0;
	object->frozen_end = 0;
	if (object->paged == NULL && object->lost == NULL &&
	    object->pages->count < below->pages->count) {
		vm_shadow_merge_down(object);
	} else {
		vm_shadow_merge_up(object);
	}
	vm_object_detach_shadow(object);
	vm_object_detach_shadow(below);
	below->refs = 0;
	below->alive = false;
	if (next == NULL) {
		return below;
	}
	vm_object_attach_shadow(object, next, next_offset + offset);
	if (was_copy) {
		/* OBJECT now is what NEXT pushes into, as far as it goes. */
		next->copy = object;
		object->copy_start = below->copy_start > offset
					 ? below->copy_start - offset
					 : 0;
		object->copy_end = below->copy_end > offset
				       ? below->copy_end - offset
				       : 0;
		if (object->copy_end > object->size) {
			object->copy_end = object->size;
		}
	}
	return below;
}

/* Does OBJECT have every page of its own? */
static bool
vm_shadow_is_full(const struct vm_object *object)
{
	return object->internal && !object->pager_made &&
	       ((vm_size_t)object->pages->count << vm_page_shift) >=
		   object->size;
}

bool
vm_shadow_wants_collapse(const struct vm_object *object)
{
	return object->shadow != NULL &&
	       (object->shadow->refs == 1 || vm_shadow_is_full(object));
}

/* Is there nothing below OBJECT, one level, that OBJECT could look for? */
static bool
vm_shadow_below_useless(struct vm_object *object)
{
	struct vm_object *below = object->shadow;
	struct vm_page *page;
	vm_offset_t at;

	if (!below->internal || below->paging > 0 ||
	    (below->paged != NULL && vm_paged_count(below->paged) > 0) ||
	    (below->lost != NULL && vm_paged_count(below->lost) > 0) ||
	    below->pages->count > VM_SHADOW_BYPASS_MAX) {
		return false;
	}
	for (page = vm_object_page_first(below, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		if (vm_shadow_window(
			object, vm_object_page_offset(page), &at) &&
		    !vm_shadow_has_own(object, at)) {
			return false;
		}
	}
	return true;
}

/* OBJECT looks past the object below, which others use too. */
static void
vm_shadow_bypass(struct vm_object *object)
{
	struct vm_object *below = object->shadow;
	struct vm_object *next = below->shadow;
	vm_offset_t offset = object->shadow_offset + below->shadow_offset;

	vm_object_detach_shadow(object);
	if (next != NULL) {
		vm_object_attach_shadow(object, next, offset);
		vm_object_ref_locked(next);
	}
}

/*
 * May OBJECT stop looking at the object below?  Not if that can still change:
 * because somebody writes to it, or because old contents are pushed into it.
 */
static bool
vm_shadow_can_bypass(struct vm_object *object)
{
	struct vm_object *below = object->shadow;

	if (below->copy == object || below->shared ||
	    (below->shadow != NULL && below->shadow->copy == below)) {
		return false;
	}
	return vm_shadow_below_useless(object);
}

void
vm_shadow_collapse_unlock(struct vm_object *object)
{
	struct vm_object *below;
	struct vm_object *unref = NULL;
	struct list dead;

	vm_object_assert_locked(object);
	list_init(&dead);
	while ((below = object->shadow) != NULL) {
		if (vm_shadow_can_merge(object)) {
			list_insert_tail(
			    &dead, &vm_shadow_merge(object)->cache_link);
			continue;
		}
		if (vm_shadow_is_full(object)) {
			vm_object_detach_shadow(object);
		} else if (vm_shadow_can_bypass(object)) {
			vm_shadow_bypass(object);
		} else {
			break;
		}
		if (below->refs == 1) {
			unref = below;
			break;
		}
		below->refs--;
		if (below->refs == 1 && !list_empty(&below->shadows)) {
			/* Its last user may now take it over. */
			object = list_first_entry(
			    &below->shadows, struct vm_object, shadows_link);
		}
	}
	if (!list_empty(&dead)) {
		/* Keeps the family while the lock is being released. */
		below = list_first_entry(&dead, struct vm_object, cache_link);
		vm_object_unlock(below);
	} else {
		vm_object_unlock(object);
	}
	while (!list_empty(&dead)) {
		below = list_first_entry(&dead, struct vm_object, cache_link);
		list_remove(&below->cache_link);
		vm_object_destroy(below);
	}
	if (unref != NULL) {
		vm_object_unref(unref);
	}
}

unsigned
vm_shadow_depth(struct vm_object *object)
{
	unsigned depth = 0;

	vm_object_lock(object);
	for (struct vm_object *o = object->shadow; o != NULL; o = o->shadow) {
		depth++;
	}
	vm_object_unlock(object);
	return depth;
}
