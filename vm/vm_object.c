/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The life of objects, and the set of resident pages of each.
 *
 * States of an object: alive with references; alive, unreferenced and cached
 * (external objects only, see memory_object.c); dead, being torn down by the
 * one thread that took the last reference.
 *
 * The heap ranks before objects: objects are made and freed unlocked.
 */

#include <vm/vm_object.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>

#include <vm/memory_object.h>
#include <vm/vm_flow.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>
#include <vm/vm_shadow.h>

static struct kmem_cache	vm_object_cache;
static struct kmem_cache	vm_object_family_cache;
static struct kmem_cache	vm_object_pages_cache;
static uint32_t			vm_object_total;	/* [a] */

void
vm_object_setup(void)
{
	kmem_cache_init(
	    &vm_object_cache, "vm_object", sizeof(struct vm_object), 0);
	kmem_cache_init(&vm_object_family_cache, "vm_family",
	    sizeof(struct vm_family), 0);
	kmem_cache_init(&vm_object_pages_cache, "vm_pages",
	    sizeof(struct vm_pages), 0);
}

unsigned long
vm_object_count(void)
{
	return atomic_load_relaxed(&vm_object_total);
}

static void
vm_object_family_unref(struct vm_family *family)
{
	/* Not to be looked at afterwards: others may free it. */
	bool watched = family->watched;

	if (refcount_unref(&family->refs)) {
		kmem_cache_free(&vm_object_family_cache, family);
	} else if (watched) {
		sleepq_wake_all(family);
	}
}

/* A new object in FAMILY, whose reference it takes over on success. */
static struct vm_object *
vm_object_create_in(struct vm_family *family, vm_size_t size)
{
	struct vm_object *object;
	struct vm_pages *pages;

	object = kmem_cache_alloc(&vm_object_cache);
	if (object == NULL) {
		return NULL;
	}
	pages = kmem_cache_alloc(&vm_object_pages_cache);
	if (pages == NULL) {
		kmem_cache_free(&vm_object_cache, object);
		return NULL;
	}
	rbtree_init(&pages->tree);
	pages->object = object;
	pages->bias = 0;
	pages->count = 0;
	pages->wired = 0;

	*object = (struct vm_object){
		.family = family,
		.pages = pages,
		.size = vm_page_round(size),
		.refs = 1,
		.internal = true,
		.alive = true,
		.single = true,
		.copy_strategy = MEMORY_OBJECT_COPY_TEMPORARY,
	};
	list_init(&object->shadows);
	atomic_fetch_add_relaxed(&vm_object_total, 1);
	return object;
}

struct vm_object *
vm_object_create(vm_size_t size)
{
	struct vm_family *family;
	struct vm_object *object;

	family = kmem_cache_alloc(&vm_object_family_cache);
	if (family == NULL) {
		return NULL;
	}
	spinlock_init(&family->lock, LOCK_RANK_VM_OBJECT);
	refcount_init(&family->refs, 1);
	family->watched = false;
	object = vm_object_create_in(family, size);
	if (object == NULL) {
		kmem_cache_free(&vm_object_family_cache, family);
	}
	return object;
}

struct vm_object *
vm_object_create_related(struct vm_object *parent, vm_size_t size)
{
	struct vm_object *object;

	refcount_ref(&parent->family->refs);
	object = vm_object_create_in(parent->family, size);
	if (object == NULL) {
		vm_object_family_unref(parent->family);
	}
	return object;
}

struct vm_object *
vm_object_create_watched(void)
{
	struct vm_object *object = vm_object_create(0);

	if (object != NULL) {
		object->family->watched = true;
	}
	return object;
}

bool
vm_object_wait_alone(struct vm_object *object)
{
	struct vm_family *family = object->family;

	assert(family->watched);
	for (;;) {
		sleepq_prepare(family, true);
		if (refcount_read(&family->refs) == 1) {
			sleepq_cancel();
			return true;
		}
		if (sleepq_wait(0) == WAIT_INTERRUPTED) {
			return false;
		}
	}
}

struct vm_object *
vm_object_take_spare(struct vm_object *object, vm_size_t size)
{
	struct vm_object *spare = object->spare;

	vm_object_assert_locked(object);
	if (spare != NULL) {
		object->spare = NULL;
		spare->size = vm_page_round(size);
		spare->refs = 1;
		spare->alive = true;
		spare->single = true;
		spare->frozen_start = 0;
		spare->frozen_end = 0;
		atomic_fetch_add_relaxed(&vm_object_total, 1);
	}
	return spare;
}

/*
 * OBJECT, a copy of SHADOW that has just died, stays as its spare if it is as
 * it was made and SHADOW lives on: who sends a region of memory will do so
 * again.  Locked.
 */
static bool
vm_object_keep_spare(struct vm_object *object, struct vm_object *shadow)
{
	if (shadow->spare != NULL || shadow->refs == 1 || object->shared ||
	    object->pager_made || object->paged != NULL ||
	    object->below != NULL || object->spare != NULL ||
	    object->pages->bias != 0 ||
	    object->wanted || object->family->watched) {
		return false;
	}
	shadow->spare = object;
	atomic_fetch_sub_relaxed(&vm_object_total, 1);
	return true;
}

/* Free the memory of OBJECT. */
static void
vm_object_free(struct vm_object *object)
{
	struct vm_family *family = object->family;

	kmem_cache_free(&vm_object_pages_cache, object->pages);
	kmem_cache_free(&vm_object_cache, object);
	vm_object_family_unref(family);
}

void
vm_object_destroy(struct vm_object *object)
{
	assert(!object->alive && object->refs == 0 && object->paging == 0);
	assert(object->shadow == NULL && object->copy == NULL);
	assert(list_empty(&object->shadows));
	assert(object->pages->count == 0);
	assert(object->pager == NULL);

	if (object->outgoing) {
		vm_flow_done();
	}
	if (object->paged != NULL) {
		vm_paged_destroy(object->paged);
	}
	if (object->lost != NULL) {
		vm_paged_destroy(object->lost);
	}
	if (object->below != NULL) {
		vm_paged_destroy(object->below);
	}
	if (object->spare != NULL) {
		vm_object_free(object->spare);
	}
	vm_object_free(object);
	atomic_fetch_sub_relaxed(&vm_object_total, 1);
}

void
vm_object_ref(struct vm_object *object)
{
	vm_object_lock(object);
	vm_object_ref_locked(object);
	vm_object_unlock(object);
}

struct vm_object *
vm_object_detach_shadow(struct vm_object *object)
{
	struct vm_object *shadow = object->shadow;

	vm_object_assert_locked(object);
	if (shadow == NULL) {
		return NULL;
	}
	if (shadow->copy == object) {
		shadow->copy = NULL;
	}
	list_remove(&object->shadows_link);
	object->shadow = NULL;
	object->shadow_offset = 0;
	return shadow;
}

void
vm_object_attach_shadow(
    struct vm_object *object, struct vm_object *shadow, vm_offset_t offset)
{
	vm_object_assert_locked(object);
	assert(object->shadow == NULL);
	assert(vm_object_same_family(object, shadow));
	object->shadow = shadow;
	object->shadow_offset = offset;
	shadow->single = false;
	list_insert_tail(&shadow->shadows, &object->shadows_link);
}

/* Free all pages.  Whoever waits for one that is absent finds it gone. */
static void
vm_object_free_pages(struct vm_object *object)
{
	struct vm_page *page;

	while (object->pages->count > 0) {
		page = vm_object_page_first(object, 0);
		assert(!page->busy || page->absent);
		while (page->wire_count > 0) {
			vm_page_unwire(page);
		}
		vm_object_page_free(page);
	}
}

/*
 * One reference on the locked OBJECT is gone, others are not.  If the rest is
 * one shadow, the two can become one.
 */
static inline void
vm_object_unref_rest_unlock(struct vm_object *object)
{
	if (object->refs == 1 && !list_empty(&object->shadows)) {
		vm_shadow_collapse_unlock(list_first_entry(
		    &object->shadows, struct vm_object, shadows_link));
	} else {
		vm_object_unlock(object);
	}
}

/*
 * The last reference on the locked internal OBJECT is gone: free it and
 * unlock.  Returns its shadow, whose reference the caller must drop.
 */
static struct vm_object *
vm_object_terminate_unlock(struct vm_object *object)
{
	struct vm_object *shadow = object->shadow;
	bool was_copy = shadow != NULL && shadow->copy == object;

	assert(object->refs == 0 && object->paging == 0);
	assert(list_empty(&object->shadows));
	object->alive = false;
	vm_object_free_pages(object);
	vm_object_detach_shadow(object);
	if (was_copy && vm_object_keep_spare(object, shadow)) {
		shadow->refs--;
		vm_object_unref_rest_unlock(shadow);
		return NULL;
	}
	vm_object_unlock(object);
	vm_object_destroy(object);
	return shadow;
}

/* Drop the last reference on the locked OBJECT, and then those of its chain. */
static __attribute__((noinline)) void
vm_object_unref_last_unlock(struct vm_object *object)
{
	for (;;) {
		if (object->pager != NULL || object->name != NULL ||
		    !object->internal) {
			vm_object_unlock(object);
			memory_object_unref_last(object);
			return;
		}
		object->refs = 0;
		object = vm_object_terminate_unlock(object);
		if (object == NULL) {
			return;
		}
		vm_object_lock(object);
		assert(object->refs > 0);
		if (object->refs > 1) {
			object->refs--;
			vm_object_unref_rest_unlock(object);
			return;
		}
	}
}

void
vm_object_unref(struct vm_object *object)
{
	vm_object_lock(object);
	assert(object->refs > 0);
	if (object->refs > 1) {
		object->refs--;
		vm_object_unref_rest_unlock(object);
	} else {
		vm_object_unref_last_unlock(object);
	}
}

uint32_t
vm_object_index(vm_offset_t offset)
{
	return (uint32_t)(offset >> vm_page_shift);
}

static inline struct vm_page *
vm_object_node_page(struct rbtree_node *node)
{
	return node == NULL ? NULL : rbtree_entry(node, struct vm_page, node);
}

static int
vm_object_page_cmp(const struct rbtree_node *a, const struct rbtree_node *b)
{
	uint32_t x = rbtree_entry(a, struct vm_page, node)->index;
	uint32_t y = rbtree_entry(b, struct vm_page, node)->index;

	return x < y ? -1 : x > y;
}

static int
vm_object_page_key_cmp(const void *key, const struct rbtree_node *node)
{
	uint32_t x = *(const uint32_t *)key;
	uint32_t y = rbtree_entry(node, struct vm_page, node)->index;

	return x < y ? -1 : x > y;
}

struct vm_page *
vm_object_page_lookup(struct vm_object *object, vm_offset_t offset)
{
	struct vm_pages *pages = object->pages;
	uint32_t index = vm_object_index(offset) + pages->bias;
	struct rbtree_node *node = pages->tree.root;
	struct vm_page *page;

	vm_object_assert_locked(object);
	/* Written out: this is the heart of every fault. */
	while (node != NULL) {
		page = rbtree_entry(node, struct vm_page, node);
		if (page->index == index) {
			return page;
		}
		node = node->child[page->index < index];
	}
	return NULL;
}

struct vm_page *
vm_object_page_seen(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page;

	for (; object != NULL; object = object->shadow) {
		page = vm_object_page_lookup(object, offset);
		if (page != NULL) {
			return page->absent || page->error ? NULL : page;
		}
		if (vm_object_has_paged(object, offset)) {
			return NULL;
		}
		offset += object->shadow_offset;
	}
	return NULL;
}

struct vm_page *
vm_object_page_first(struct vm_object *object, vm_offset_t offset)
{
	uint32_t index = vm_object_index(offset) + object->pages->bias;

	vm_object_assert_locked(object);
	return vm_object_node_page(rbtree_lookup_nearest(&object->pages->tree,
	    &index, vm_object_page_key_cmp, RBTREE_RIGHT));
}

struct vm_page *
vm_object_page_next(struct vm_page *page)
{
	return vm_object_node_page(rbtree_next(&page->node));
}

vm_offset_t
vm_object_page_offset(const struct vm_page *page)
{
	return (vm_offset_t)(page->index - page->pages->bias) << vm_page_shift;
}

struct vm_object *
vm_object_page_object(const struct vm_page *page)
{
	return page->pages->object;
}

void
vm_object_page_insert(
    struct vm_object *object, vm_offset_t offset, struct vm_page *page)
{
	bool inserted;

	vm_object_assert_locked(object);
	assert(page->pages == NULL && vm_page_aligned(offset));
	page->index = vm_object_index(offset) + object->pages->bias;
	page->pages = object->pages;
	inserted = rbtree_insert(
	    &object->pages->tree, &page->node, vm_object_page_cmp);
	assert(inserted);
	object->pages->count++;
}

void
vm_object_page_move(
    struct vm_page *page, struct vm_object *object, vm_offset_t offset)
{
	struct spinlock *queues = vm_page_queue_lock();

	vm_object_assert_locked(object);
	rbtree_remove(&page->pages->tree, &page->node);
	page->pages->count--;
	/* The pageout daemon goes from a queued page to its family. */
	spinlock_lock(queues);
	page->pages = NULL;
	vm_object_page_insert(object, offset, page);
	spinlock_unlock(queues);
}

void
vm_object_page_remove(struct vm_page *page)
{
	struct vm_pages *pages = page->pages;

	vm_object_assert_locked(pages->object);
	assert(page->wire_count == 0);
	vm_page_unqueue(page);
	rbtree_remove(&pages->tree, &page->node);
	pages->count--;
	page->pages = NULL;
}

void
vm_object_page_free(struct vm_page *page)
{
	pmap_page_protect(vm_page_to_phys(page), VM_PROT_NONE);
	vm_object_page_remove(page);
	vm_page_unbusy(page);
	vm_page_release(page);
}

void
vm_object_remove_range(
    struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	struct vm_page *page;
	struct vm_page *next;

	vm_object_assert_locked(object);
	for (page = vm_object_page_first(object, start);
	     page != NULL && vm_object_page_offset(page) < end; page = next) {
		next = vm_object_page_next(page);
		if (!page->busy && page->wire_count == 0) {
			vm_object_page_free(page);
		}
	}
}

bool
vm_object_page_sleep_unlock(
    struct vm_object *object, struct vm_page *page, bool interruptible)
{
	page->wanted = true;
	sleepq_prepare(page, interruptible);
	vm_object_unlock(object);
	return sleepq_wait(0) != WAIT_INTERRUPTED;
}

void
vm_object_paging_begin(struct vm_object *object)
{
	vm_object_assert_locked(object);
	object->paging++;
}

void
vm_object_paging_end(struct vm_object *object)
{
	vm_object_assert_locked(object);
	assert(object->paging > 0);
	object->paging--;
	vm_object_wakeup(object);
}

enum wait_result
vm_object_sleep_unlock(
    struct vm_object *object, bool interruptible, uint64_t deadline)
{
	object->wanted = true;
	sleepq_prepare(object, interruptible);
	vm_object_unlock(object);
	return sleepq_wait(deadline);
}

void
vm_object_wakeup(struct vm_object *object)
{
	vm_object_assert_locked(object);
	if (object->wanted) {
		object->wanted = false;
		sleepq_wake_all(object);
	}
}

bool
vm_object_has_paged(struct vm_object *object, vm_offset_t offset)
{
	vm_object_assert_locked(object);
	if (!object->internal) {
		return object->below == NULL ||
		       !vm_paged_test(object->below, vm_object_index(offset));
	}
	return vm_object_is_paged_out(object, offset);
}

bool
vm_object_is_lost(const struct vm_object *object, vm_offset_t offset)
{
	return object->lost != NULL &&
	       vm_paged_test(object->lost, vm_object_index(offset));
}

bool
vm_object_is_paged_out(const struct vm_object *object, vm_offset_t offset)
{
	return (object->paged != NULL &&
		   vm_paged_test(object->paged, vm_object_index(offset))) ||
	       vm_object_is_lost(object, offset);
}

uint32_t
vm_object_count_begin(void)
{
	static uint32_t counts; /* [a] */

	return atomic_fetch_add_relaxed(&counts, 1) + 1;
}

/* Up to MOST pages of OBJECT alone that COUNT has left so far. */
static uint32_t
vm_object_count_locked(struct vm_object *object, uint32_t most, uint32_t count)
{
	uint32_t pages;

	if (object->counted_by != count) {
		object->counted_by = count;
		object->uncounted = object->pages->count;
		if (object->paged != NULL) {
			object->uncounted += vm_paged_count(object->paged);
		}
	}
	pages = object->uncounted < most ? object->uncounted : most;
	object->uncounted -= pages;
	return pages;
}

uint32_t
vm_object_private_pages_locked(
    struct vm_object *object, uint32_t most, uint32_t count)
{
	uint32_t pages = 0;

	vm_object_assert_locked(object);
	while (object != NULL && object->internal && !object->physical &&
	       pages < most) {
		pages += vm_object_count_locked(object, most - pages, count);
		object = object->shadow;
	}
	return pages;
}

static void
vm_object_check_pages(struct vm_object *object)
{
	struct vm_page *page;
	uint32_t count = 0;
	uint32_t wired = 0;

	assert(object->pages->object == object);
	rbtree_check(&object->pages->tree, vm_object_page_cmp);
	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		assert(page->pages == object->pages);
		assert(page->state == VM_PAGE_USED);
		assert(
		    page->wire_count == 0 || page->on_queue == VM_PAGE_Q_NONE);
		count++;
		wired += page->wire_count > 0 ? 1 : 0;
	}
	assert(count == object->pages->count);
	assert(wired == object->pages->wired);
}

static void
vm_object_check_links(struct vm_object *object)
{
	struct vm_object *child;
	uint32_t children = 0;

	list_for_each_entry(&object->shadows, child, shadows_link)
	{
		assert(child->shadow == object);
		assert(vm_object_same_family(child, object));
		children++;
	}
	assert(object->refs >= children);
	if (object->copy != NULL) {
		assert(object->copy->shadow == object);
	}
	assert(object->internal || object->pager != NULL ||
	       object->pager_dead || object->paging > 0);
}

void
vm_object_check(struct vm_object *object)
{
	vm_object_lock(object);
	for (struct vm_object *o = object; o != NULL; o = o->shadow) {
		assert(o->alive);
		vm_object_check_pages(o);
		vm_object_check_links(o);
	}
	vm_object_unlock(object);
}
