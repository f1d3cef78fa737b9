/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The submap is divided into segments.  A segment that is in use is an entry
 * with an object of its own, so that its end gives back what it had at the
 * default pager.  Stores fill one page after the other, the open one, while it
 * is resident; how many are left in each page is known without looking at it,
 * and the last one takes the page along.
 */

#include <vm/vm_pageable.h>

#include <machine/pmap.h>

#include <kernel/mutex.h>
#include <kernel/panic.h>

#include <vm/vm_fault.h>
#include <vm/vm_kern.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>

#define VM_PAGEABLE_SIZE	(8u << 20)
#define VM_PAGEABLE_SEGMENT	(256u << 10)
#define VM_PAGEABLE_SEGMENTS	(VM_PAGEABLE_SIZE / VM_PAGEABLE_SEGMENT)
#define VM_PAGEABLE_PAGES	(VM_PAGEABLE_SEGMENT / PAGE_HW_SIZE)
#define VM_PAGEABLE_STORES	255u	/* in a page */

/* All under vm_pageable_lock. */
struct vm_pageable_segment {
	struct vm_object	*object;	/* its entry's; NULL: unused */
	unsigned		pages;		/* with stores */
	uint8_t			stores[VM_PAGEABLE_PAGES];
};

static struct mutex	vm_pageable_lock =
    MUTEX_INITIALIZER(LOCK_RANK_VM_PAGEABLE);
static struct vm_map	*vm_pageable_map;	/* fixed by setup */
static vm_offset_t	vm_pageable_base;	/* fixed by setup */
static struct vm_pageable_segment vm_pageable_segments[VM_PAGEABLE_SEGMENTS];
static vm_offset_t	vm_pageable_open;	/* the open page, or 0 */
static vm_size_t	vm_pageable_fill;	/* bytes used of it */
static size_t		vm_pageable_bytes;	/* stored */

void
vm_pageable_setup(void)
{
	vm_offset_t base = vm_kern_reserve(VM_PAGEABLE_SIZE);

	assert(vm_page_size <= VM_PAGEABLE_SEGMENT);
	if (base == 0) {
		panic("vm_pageable: no room in the kernel map");
	}
	vm_pageable_base = base;
	vm_pageable_map = vm_map_create_ranked(kernel_pmap, base,
	    base + VM_PAGEABLE_SIZE, LOCK_RANK_VM_PAGEABLE_MAP);
	if (vm_pageable_map == NULL) {
		panic("vm_pageable: no memory for the map");
	}
}

static vm_offset_t
vm_pageable_segment_start(const struct vm_pageable_segment *segment)
{
	return vm_pageable_base +
	    (vm_offset_t)(segment - vm_pageable_segments) *
	    VM_PAGEABLE_SEGMENT;
}

/* The segment that ADDR lies in, and where. */
static struct vm_pageable_segment *
vm_pageable_find(vm_offset_t addr, vm_offset_t *offsetp)
{
	vm_offset_t at = addr - vm_pageable_base;

	assert(at < VM_PAGEABLE_SIZE);
	*offsetp = at % VM_PAGEABLE_SEGMENT;
	return &vm_pageable_segments[at / VM_PAGEABLE_SEGMENT];
}

/* Give the unused SEGMENT an object; false when memory is short. */
static bool
vm_pageable_begin_segment(struct vm_pageable_segment *segment)
{
	vm_offset_t start = vm_pageable_segment_start(segment);
	struct vm_map_request req = {
		.size = VM_PAGEABLE_SEGMENT,
		.object = vm_object_create(VM_PAGEABLE_SEGMENT),
		.prot = VM_PROT_DEFAULT,
		.max_prot = VM_PROT_DEFAULT,
		.inheritance = VM_INHERIT_NONE,
		.no_merge = true,
	};

	if (req.object == NULL) {
		return false;
	}
	if (vm_map_enter(vm_pageable_map, &start, &req) != KERN_SUCCESS) {
		vm_object_unref(req.object);
		return false;
	}
	segment->object = req.object;
	return true;
}

static void
vm_pageable_end_segment(struct vm_pageable_segment *segment)
{
	vm_offset_t start = vm_pageable_segment_start(segment);

	segment->object = NULL;
	/* A whole entry: nothing is split, so nothing can fail. */
	if (vm_map_remove(vm_pageable_map, start,
	    start + VM_PAGEABLE_SEGMENT) != KERN_SUCCESS) {
		panic("vm_pageable: cannot remove %#lx", (unsigned long)start);
	}
}

/*
 * Have PAGE, a private one, at OFFSET of OBJECT, unless something that was
 * asked for before is on its way there.  What lies there of old is as good.
 */
static bool
vm_pageable_insert(struct vm_object *object, vm_offset_t offset,
    struct vm_page *page)
{
	struct vm_page *old;
	bool usable;

	vm_object_lock(object);
	old = vm_object_page_lookup(object, offset);
	if (old == NULL) {
		vm_object_page_insert(object, offset, page);
		vm_page_activate(page);
		vm_page_unbusy(page);
	}
	usable = old == NULL || (!old->busy && !old->error);
	vm_object_unlock(object);
	if (old != NULL && usable) {
		vm_page_release(page);
	}
	return usable;
}

/* Open a page of SEGMENT, in use, for PAGE; false when it has none to spare. */
static bool
vm_pageable_open_in(struct vm_pageable_segment *segment, struct vm_page *page)
{
	for (vm_offset_t offset = 0; offset < VM_PAGEABLE_SEGMENT;
	     offset += vm_page_size) {
		if (segment->stores[offset >> vm_page_shift] == 0 &&
		    vm_pageable_insert(segment->object, offset, page)) {
			vm_pageable_open =
			    vm_pageable_segment_start(segment) + offset;
			vm_pageable_fill = 0;
			return true;
		}
	}
	return false;
}

/* Open a page; false when memory is short or all are in use. */
static bool
vm_pageable_open_page(void)
{
	struct vm_pageable_segment *segment = vm_pageable_segments;
	struct vm_page *page = vm_page_grab();

	vm_pageable_open = 0;
	if (page == NULL) {
		return false;
	}
	/* What somebody had in it is not the pager's business. */
	pmap_zero_page(vm_page_to_phys(page));
	for (; segment < &vm_pageable_segments[VM_PAGEABLE_SEGMENTS];
	     segment++) {
		if (segment->object == NULL &&
		    !vm_pageable_begin_segment(segment)) {
			break;
		}
		if (vm_pageable_open_in(segment, page)) {
			return true;
		}
	}
	vm_page_release(page);
	return false;
}

/* Append DATA to the open page, if that has room and is resident. */
static bool
vm_pageable_append(const void *data, size_t size, vm_offset_t *addrp)
{
	struct vm_pageable_segment *segment;
	struct vm_page *page;
	vm_offset_t offset;
	uint8_t *stores;
	bool resident;

	if (vm_pageable_open == 0 || size > vm_page_size - vm_pageable_fill) {
		return false;
	}
	segment = vm_pageable_find(vm_pageable_open, &offset);
	stores = &segment->stores[offset >> vm_page_shift];
	if (*stores == VM_PAGEABLE_STORES) {
		return false;
	}
	vm_object_lock(segment->object);
	page = vm_object_page_lookup(segment->object, offset);
	resident = page != NULL && !page->busy && !page->error;
	if (resident) {
		pmap_copy_in(vm_page_to_phys(page), vm_pageable_fill, data,
		    size);
		page->dirty = true;
	}
	vm_object_unlock(segment->object);
	if (resident) {
		segment->pages += *stores == 0 ? 1 : 0;
		(*stores)++;
		*addrp = vm_pageable_open + vm_pageable_fill;
		vm_pageable_fill += size;
		vm_pageable_bytes += size;
	}
	return resident;
}

bool
vm_pageable_store(const void *data, size_t size, vm_offset_t *addrp)
{
	bool stored;

	assert(size > 0 && size <= vm_page_size);
	mutex_lock(&vm_pageable_lock);
	stored = vm_pageable_append(data, size, addrp) ||
	    (vm_pageable_open_page() && vm_pageable_append(data, size, addrp));
	mutex_unlock(&vm_pageable_lock);
	return stored;
}

kern_return_t
vm_pageable_load(vm_offset_t addr, void *data, size_t size)
{
	return vm_map_read_bytes(vm_pageable_map, addr, data, size);
}

/* Nothing is stored at OFFSET of OBJECT any more: forget its page. */
static void
vm_pageable_forget_page(struct vm_object *object, vm_offset_t offset)
{
	uint32_t index = vm_object_index(offset);

	vm_object_lock(object);
	vm_object_remove_range(object, offset, offset + vm_page_size);
	if (object->paged != NULL) {
		vm_paged_clear(object->paged, index);
	}
	if (object->lost != NULL) {
		vm_paged_clear(object->lost, index);
	}
	vm_object_unlock(object);
}

void
vm_pageable_free(vm_offset_t addr, size_t size)
{
	struct vm_pageable_segment *segment;
	vm_offset_t offset;
	uint8_t *stores;

	mutex_lock(&vm_pageable_lock);
	segment = vm_pageable_find(vm_page_trunc(addr), &offset);
	stores = &segment->stores[offset >> vm_page_shift];
	assert(*stores > 0 && vm_pageable_bytes >= size);
	vm_pageable_bytes -= size;
	(*stores)--;
	if (*stores == 0) {
		if (vm_pageable_open == vm_page_trunc(addr)) {
			vm_pageable_open = 0;
		}
		vm_pageable_forget_page(segment->object, offset);
		segment->pages--;
	}
	if (segment->pages == 0) {
		vm_pageable_end_segment(segment);
	}
	mutex_unlock(&vm_pageable_lock);
}

size_t
vm_pageable_used(void)
{
	size_t bytes;

	mutex_lock(&vm_pageable_lock);
	bytes = vm_pageable_bytes;
	mutex_unlock(&vm_pageable_lock);
	return bytes;
}

static void
vm_pageable_check_segment(const struct vm_pageable_segment *segment)
{
	unsigned pages = 0;

	for (unsigned i = 0; i < VM_PAGEABLE_PAGES; i++) {
		assert(segment->stores[i] == 0 ||
		       i < VM_PAGEABLE_SEGMENT >> vm_page_shift);
		pages += segment->stores[i] != 0 ? 1 : 0;
	}
	assert(pages == segment->pages);
	assert(pages == 0 || segment->object != NULL);
}

void
vm_pageable_check(void)
{
	mutex_lock(&vm_pageable_lock);
	for (unsigned i = 0; i < VM_PAGEABLE_SEGMENTS; i++) {
		vm_pageable_check_segment(&vm_pageable_segments[i]);
	}
	mutex_unlock(&vm_pageable_lock);
	vm_map_check(vm_pageable_map);
}
