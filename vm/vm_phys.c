/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A free block of order N is 2^N hardware pages, aligned to its size; the
 * struct of its first page has state FREE, the order, and hangs on the free
 * list of its zone.  The structs inside a block are USED and on no list.
 * Zones start at multiples of the largest block, so no block spans two.
 *
 * No struct is FREE while its memory is anybody's, and two buddies are never
 * both free: free merges them at once.
 *
 * But for a few single pages of each zone, which are LOOSE, and the first to be
 * given out: to merge one, and to split the block again for the next, costs more
 * than all else.  They are merged when a larger block is wanted and there is none.
 */

#include <vm/vm_phys.h>

#include <string.h>

#include <machine/boot.h>
#include <machine/pmap.h>

#include <kernel/option.h>
#include <kernel/panic.h>
#include <kernel/printf.h>
#include <kernel/spinlock.h>

#include <vm/vm_page.h>

#define VM_PHYS_DMA_END		0x01000000u
#define VM_PHYS_PAGE_SIZE_MAX	65536u
#define VM_PHYS_LOOSE_MAX	32u

/* [p] vm_phys_lock */
struct vm_phys_free {
	struct list		blocks[VM_PHYS_ORDER_MAX + 1];	/* [p] */
	struct list		loose;		/* [p] */
	unsigned		loose_count;	/* [p] */
	unsigned long		count;		/* [p] hardware pages free */
	unsigned long		total;		/* [p] hardware pages managed */
};

vm_size_t	vm_page_size = PAGE_HW_SIZE;
vm_size_t	vm_page_mask = PAGE_HW_MASK;
unsigned	vm_page_shift = PAGE_HW_SHIFT;
unsigned	vm_page_order;

static struct spinlock		vm_phys_lock;
static struct vm_phys_free	vm_phys_zones[VM_PHYS_ZONE_COUNT];
static struct vm_page		*vm_phys_pages;		/* [I] by frame */
static unsigned long		vm_phys_frames;		/* [I] of the array */
static phys_addr_t		vm_phys_array_start;	/* [I] set at boot */
static phys_addr_t		vm_phys_array_end;

static inline unsigned long
vm_phys_frame(const struct vm_page *page)
{
	return (unsigned long)(page - vm_phys_pages);
}

static enum vm_phys_zone
vm_phys_zone_of(phys_addr_t pa)
{
	if (pa < VM_PHYS_DMA_END) {
		return VM_PHYS_ZONE_DMA;
	}
	if (pa < KERNEL_DIRECT_MAX) {
		return VM_PHYS_ZONE_DIRECT;
	}
	return VM_PHYS_ZONE_HIGH;
}

struct vm_page *
vm_page_from_phys(phys_addr_t pa)
{
	unsigned long frame = (pa >> vm_page_shift) << vm_page_order;

	if (frame >= vm_phys_frames ||
	    vm_phys_pages[frame].state == VM_PAGE_RESERVED) {
		return NULL;
	}
	return &vm_phys_pages[frame];
}

phys_addr_t
vm_page_to_phys(const struct vm_page *page)
{
	return (phys_addr_t)(vm_phys_frame(page) << PAGE_HW_SHIFT);
}

bool
vm_page_is_struct(const void *p)
{
	uintptr_t offset = (uintptr_t)p - (uintptr_t)vm_phys_pages;

	return offset % sizeof(struct vm_page) == 0 &&
	    offset / sizeof(struct vm_page) < vm_phys_frames;
}

phys_addr_t
vm_phys_end(void)
{
	return (phys_addr_t)(vm_phys_frames << PAGE_HW_SHIFT);
}

static void
vm_phys_block_insert(struct vm_page *page, unsigned order)
{
	page->state = VM_PAGE_FREE;
	page->order = (uint8_t)order;
	list_insert_head(
	    &vm_phys_zones[page->zone].blocks[order], &page->queue);
}

static void
vm_phys_block_remove(struct vm_page *page)
{
	list_remove(&page->queue);
	page->state = VM_PAGE_USED;
}

/* The other half of the block of 2^ORDER pages at PAGE, if it is free. */
static struct vm_page *
vm_phys_free_buddy(const struct vm_page *page, unsigned order)
{
	unsigned long frame = vm_phys_frame(page) ^ (1ul << order);
	struct vm_page *buddy;

	if (frame >= vm_phys_frames) {
		return NULL;
	}
	buddy = &vm_phys_pages[frame];
	if (buddy->state != VM_PAGE_FREE || buddy->order != order ||
	    buddy->zone != page->zone) {
		return NULL;
	}
	return buddy;
}

/* Make PAGE, a block of ORDER, a part of the largest block that it can be. */
static void
vm_phys_merge(struct vm_page *page, unsigned order)
{
	struct vm_page *buddy;

	while (order < VM_PHYS_ORDER_MAX) {
		buddy = vm_phys_free_buddy(page, order);
		if (buddy == NULL) {
			break;
		}
		vm_phys_block_remove(buddy);
		if (buddy < page) {
			page = buddy;
		}
		order++;
	}
	vm_phys_block_insert(page, order);
}

static void
vm_phys_free_locked(struct vm_page *page, unsigned order)
{
	struct vm_phys_free *free = &vm_phys_zones[page->zone];

	spinlock_assert_held(&vm_phys_lock);
	assert(page->state == VM_PAGE_USED);
	assert((vm_phys_frame(page) & ((1ul << order) - 1)) == 0);

	free->count += 1ul << order;
	if (order == 0 && free->loose_count < VM_PHYS_LOOSE_MAX) {
		page->state = VM_PAGE_LOOSE;
		list_insert_head(&free->loose, &page->queue);
		free->loose_count++;
	} else {
		vm_phys_merge(page, order);
	}
}

/* One of the loose pages, which there are. */
static struct vm_page *
vm_phys_take_loose(struct vm_phys_free *free)
{
	struct vm_page *page = list_first_entry(
	    &free->loose, struct vm_page, queue);

	assert(page->state == VM_PAGE_LOOSE);
	list_remove(&page->queue);
	free->loose_count--;
	page->state = VM_PAGE_USED;
	return page;
}

/* Merge the loose pages of FREE.  False if there are none. */
static bool
vm_phys_merge_loose(struct vm_phys_free *free)
{
	bool any = free->loose_count > 0;

	while (free->loose_count > 0) {
		vm_phys_merge(vm_phys_take_loose(free), 0);
	}
	return any;
}

/* Cut PAGE, a block of FROM that is on no list, down to ORDER. */
static void
vm_phys_split(struct vm_page *page, unsigned from, unsigned order)
{
	while (from > order) {
		from--;
		vm_phys_block_insert(page + (1ul << from), from);
	}
}

/* A block of ORDER, cut from the smallest one that has it. */
static struct vm_page *
vm_phys_alloc_block(struct vm_phys_free *free, unsigned order)
{
	struct vm_page *page;

	for (unsigned o = order; o <= VM_PHYS_ORDER_MAX; o++) {
		if (list_empty(&free->blocks[o])) {
			continue;
		}
		page = list_first_entry(
		    &free->blocks[o], struct vm_page, queue);
		vm_phys_block_remove(page);
		vm_phys_split(page, o, order);
		return page;
	}
	return NULL;
}

static struct vm_page *
vm_phys_alloc_zone(enum vm_phys_zone zone, unsigned order)
{
	struct vm_phys_free *free = &vm_phys_zones[zone];
	struct vm_page *page;

	spinlock_assert_held(&vm_phys_lock);
	if (free->count < 1ul << order) {
		return NULL;
	}
	if (order == 0 && free->loose_count > 0) {
		page = vm_phys_take_loose(free);
	} else {
		page = vm_phys_alloc_block(free, order);
		if (page == NULL && vm_phys_merge_loose(free)) {
			page = vm_phys_alloc_block(free, order);
		}
	}
	if (page != NULL) {
		free->count -= 1ul << order;
	}
	return page;
}

static unsigned long
vm_phys_direct_locked(void)
{
	return vm_phys_zones[VM_PHYS_ZONE_DMA].count +
	       vm_phys_zones[VM_PHYS_ZONE_DIRECT].count;
}

/* Directly mapped memory, the scarce DMA zone last. */
static struct vm_page *
vm_phys_alloc_direct_locked(unsigned order)
{
	struct vm_page *page;

	page = vm_phys_alloc_zone(VM_PHYS_ZONE_DIRECT, order);
	if (page == NULL) {
		page = vm_phys_alloc_zone(VM_PHYS_ZONE_DMA, order);
	}
	return page;
}

struct vm_page *
vm_phys_alloc(unsigned order, unsigned long reserve)
{
	struct vm_page *page;

	assert(order <= VM_PHYS_ORDER_MAX);
	spinlock_lock(&vm_phys_lock);
	/* Most machines have none of it. */
	page = vm_phys_zones[VM_PHYS_ZONE_HIGH].count == 0 ? NULL :
	    vm_phys_alloc_zone(VM_PHYS_ZONE_HIGH, order);
	if (page == NULL &&
	    vm_phys_direct_locked() >= reserve + (1ul << order)) {
		page = vm_phys_alloc_direct_locked(order);
	}
	spinlock_unlock(&vm_phys_lock);
	return page;
}

void
vm_phys_free(struct vm_page *page, unsigned order)
{
	spinlock_lock(&vm_phys_lock);
	vm_phys_free_locked(page, order);
	spinlock_unlock(&vm_phys_lock);
	vm_page_freed();
}

void *
vm_phys_alloc_direct(unsigned order)
{
	unsigned long reserve = vm_page_kernel_reserve();
	struct vm_page *page = NULL;

	if (order > VM_PHYS_ORDER_MAX) {
		return NULL;
	}
	spinlock_lock(&vm_phys_lock);
	if (vm_phys_direct_locked() >= reserve + (1ul << order)) {
		page = vm_phys_alloc_direct_locked(order);
	}
	spinlock_unlock(&vm_phys_lock);
	if (page == NULL) {
		return NULL;
	}
	return pmap_direct(vm_page_to_phys(page));
}

void
vm_phys_free_direct(void *p, unsigned order)
{
	vm_phys_free(&vm_phys_pages[pmap_phys(p) >> PAGE_HW_SHIFT], order);
}

phys_addr_t
vm_phys_alloc_page_direct(void)
{
	void *p = vm_phys_alloc_direct(0);

	if (p == NULL) {
		return 0;
	}
	memset(p, 0, PAGE_HW_SIZE);
	return pmap_phys(p);
}

void
vm_phys_free_page(phys_addr_t pa)
{
	vm_phys_free(&vm_phys_pages[pa >> PAGE_HW_SHIFT], 0);
}

/* Free COUNT pages from PAGE on in the largest blocks that fit. */
static void
vm_phys_free_range_locked(struct vm_page *page, unsigned long count)
{
	unsigned long frame = vm_phys_frame(page);
	unsigned order;

	while (count > 0) {
		order = 0;
		while (order < VM_PHYS_ORDER_MAX &&
		       (frame & ((2ul << order) - 1)) == 0 &&
		       (2ul << order) <= count) {
			order++;
		}
		vm_phys_free_locked(&vm_phys_pages[frame], order);
		frame += 1ul << order;
		count -= 1ul << order;
	}
}

void
vm_phys_free_range(struct vm_page *page, unsigned long count)
{
	spinlock_lock(&vm_phys_lock);
	vm_phys_free_range_locked(page, count);
	spinlock_unlock(&vm_phys_lock);
	vm_page_freed();
}

/*
 * Does the block of 2^ORDER pages at FRAME hold COUNT pages within
 * [MIN, MAX), in frames, that start at a multiple of ALIGN?  If so, where.
 */
static bool
vm_phys_block_fits(unsigned long frame, unsigned order, unsigned long count,
    unsigned long min, unsigned long max, unsigned long align,
    unsigned long *startp)
{
	unsigned long start = frame > min ? frame : min;
	unsigned long end = frame + (1ul << order);

	start = (start + align - 1) & ~(align - 1);
	if (end > max) {
		end = max;
	}
	if (start > end || end - start < count) {
		return false;
	}
	*startp = start;
	return true;
}

/* Take [START, START + COUNT) out of the free block PAGE of its order. */
static struct vm_page *
vm_phys_carve(struct vm_page *page, unsigned long start, unsigned long count)
{
	unsigned long frame = vm_phys_frame(page);
	unsigned long end = frame + (1ul << page->order);

	vm_phys_block_remove(page);
	vm_phys_zones[page->zone].count -= end - frame;
	if (start > frame) {
		vm_phys_free_range_locked(page, start - frame);
	}
	if (start + count < end) {
		vm_phys_free_range_locked(
		    &vm_phys_pages[start + count], end - start - count);
	}
	return &vm_phys_pages[start];
}

/* The smallest order that holds COUNT pages; may exceed the maximum. */
static unsigned
vm_phys_order_for(unsigned long count)
{
	unsigned order = 0;

	while ((1ul << order) < count && order <= VM_PHYS_ORDER_MAX) {
		order++;
	}
	return order;
}

static struct vm_page *
vm_phys_contig_zone(enum vm_phys_zone zone, unsigned long count,
    unsigned long min, unsigned long max, unsigned long align)
{
	struct vm_page *page;
	unsigned long start;

	(void)vm_phys_merge_loose(&vm_phys_zones[zone]);
	for (unsigned o = vm_phys_order_for(count); o <= VM_PHYS_ORDER_MAX;
	     o++) {
		list_for_each_entry(&vm_phys_zones[zone].blocks[o], page, queue)
		{
			if (vm_phys_block_fits(vm_phys_frame(page), o, count,
				min, max, align, &start)) {
				return vm_phys_carve(page, start, count);
			}
		}
	}
	return NULL;
}

struct vm_page *
vm_phys_alloc_contig(
    unsigned long count, phys_addr_t min, phys_addr_t max, phys_addr_t align)
{
	unsigned long first = (min + (unsigned long)PAGE_HW_MASK) >>
			      PAGE_HW_SHIFT;
	unsigned long end = max == 0 ? 1ul << (32 - PAGE_HW_SHIFT)
				     : max >> PAGE_HW_SHIFT;
	struct vm_page *page = NULL;

	if (min > (phys_addr_t)-PAGE_HW_SIZE || count == 0) {
		return NULL;
	}
	spinlock_lock(&vm_phys_lock);
	for (int zone = VM_PHYS_ZONE_COUNT - 1; zone >= 0 && page == NULL;
	     zone--) {
		page = vm_phys_contig_zone((enum vm_phys_zone)zone, count,
		    first, end, align >> PAGE_HW_SHIFT);
	}
	spinlock_unlock(&vm_phys_lock);
	return page;
}

unsigned long
vm_phys_free_count(void)
{
	return vm_phys_direct_locked() + vm_phys_zones[VM_PHYS_ZONE_HIGH].count;
}

unsigned long
vm_phys_free_direct_count(void)
{
	return vm_phys_direct_locked();
}

void
vm_phys_get_stats(struct vm_phys_stats *stats)
{
	spinlock_lock(&vm_phys_lock);
	for (unsigned z = 0; z < VM_PHYS_ZONE_COUNT; z++) {
		stats->total[z] = vm_phys_zones[z].total;
		stats->free[z] = vm_phys_zones[z].count;
	}
	spinlock_unlock(&vm_phys_lock);
}

/* Hand over the frames [FRAME, END) for the first time. */
static void
vm_phys_add_frames(unsigned long frame, unsigned long end)
{
	struct vm_page *page;

	for (unsigned long f = frame; f < end; f++) {
		page = &vm_phys_pages[f];
		assert(page->state == VM_PAGE_RESERVED);
		page->state = VM_PAGE_USED;
		vm_phys_zones[page->zone].total++;
	}
	vm_phys_free_range_locked(&vm_phys_pages[frame], end - frame);
}

void
vm_phys_release(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t unit = (phys_addr_t)vm_page_size - 1;

	/* Only whole machine-independent pages, so that each has its struct. */
	if (start > end || start + unit < start) {
		return;
	}
	start = (start + unit) & ~unit;
	end &= ~unit;
	if (start >= end) {
		return;
	}
	spinlock_lock(&vm_phys_lock);
	vm_phys_add_frames(start >> PAGE_HW_SHIFT, end >> PAGE_HW_SHIFT);
	spinlock_unlock(&vm_phys_lock);
	vm_page_freed();
}

/* Remember the highest directly mapped range that the page array fits into. */
static void
vm_phys_find_array(phys_addr_t start, phys_addr_t end)
{
	vm_size_t need = (vm_phys_frames * sizeof(struct vm_page) +
			     PAGE_HW_MASK) &
			 ~(vm_size_t)PAGE_HW_MASK;

	if (end > KERNEL_DIRECT_MAX) {
		end = KERNEL_DIRECT_MAX;
	}
	if (start < end && end - start >= need) {
		vm_phys_array_start = end - need;
		vm_phys_array_end = end;
	}
}

/* Release a boot range except for what the page array occupies. */
static void
vm_phys_add_range(phys_addr_t start, phys_addr_t end)
{
	if (vm_phys_array_start >= start && vm_phys_array_start < end) {
		vm_phys_release(start, vm_phys_array_start);
		start = vm_phys_array_end;
	}
	vm_phys_release(start, end);
}

static void
vm_phys_setup_page_size(void)
{
	unsigned long value;

	if (!option_number("page-size", PAGE_HW_SIZE, VM_PHYS_PAGE_SIZE_MAX,
	    &value)) {
		return;
	}
	if ((value & (value - 1)) != 0) {
		printf("tartan: page-size=%lu: not a power of two\n", value);
		return;
	}
	while (vm_page_size < value) {
		vm_page_size <<= 1;
		vm_page_shift++;
		vm_page_order++;
	}
	vm_page_mask = vm_page_size - 1;
}

void
vm_phys_setup(void)
{
	spinlock_init(&vm_phys_lock, LOCK_RANK_VM_PHYS);
	vm_phys_setup_page_size();
	for (unsigned z = 0; z < VM_PHYS_ZONE_COUNT; z++) {
		list_init(&vm_phys_zones[z].loose);
		for (unsigned o = 0; o <= VM_PHYS_ORDER_MAX; o++) {
			list_init(&vm_phys_zones[z].blocks[o]);
		}
	}

	vm_phys_frames = boot_memory_end() >> PAGE_HW_SHIFT;
	boot_memory_each(vm_phys_find_array);
	if (vm_phys_array_end == 0) {
		panic(
		    "vm_phys: no room for %lu page structures", vm_phys_frames);
	}
	vm_phys_pages = pmap_direct(vm_phys_array_start);
	memset(vm_phys_pages, 0, vm_phys_frames * sizeof(struct vm_page));
	for (unsigned long f = 0; f < vm_phys_frames; f++) {
		vm_phys_pages[f].zone = (uint8_t)vm_phys_zone_of(
		    (phys_addr_t)(f << PAGE_HW_SHIFT));
	}
	boot_memory_each(vm_phys_add_range);
}

/* PAGE is the first one of free memory. */
static void
vm_phys_check_page(const struct vm_page *page, enum vm_phys_zone zone)
{
	assert(page->zone == zone);
	assert(page->pages == NULL);
	assert(page->wire_count == 0);
	assert(page->on_queue == VM_PAGE_Q_NONE);
}

static void
vm_phys_check_block(
    struct vm_page *page, enum vm_phys_zone zone, unsigned order)
{
	assert(page->state == VM_PAGE_FREE);
	assert(page->order == order);
	vm_phys_check_page(page, zone);
	assert((vm_phys_frame(page) & ((1ul << order) - 1)) == 0);
	if (order < VM_PHYS_ORDER_MAX) {
		assert(vm_phys_free_buddy(page, order) == NULL);
	}
}

void
vm_phys_check(void)
{
	struct vm_page *page;
	unsigned long count;

	spinlock_lock(&vm_phys_lock);
	for (unsigned z = 0; z < VM_PHYS_ZONE_COUNT; z++) {
		count = 0;
		list_for_each_entry(&vm_phys_zones[z].loose, page, queue) {
			assert(page->state == VM_PAGE_LOOSE);
			vm_phys_check_page(page, (enum vm_phys_zone)z);
			count++;
		}
		assert(count == vm_phys_zones[z].loose_count);
		for (unsigned o = 0; o <= VM_PHYS_ORDER_MAX; o++) {
			list_for_each_entry(
			    &vm_phys_zones[z].blocks[o], page, queue)
			{
				vm_phys_check_block(
				    page, (enum vm_phys_zone)z, o);
				count += 1ul << o;
			}
		}
		assert(count == vm_phys_zones[z].count);
		assert(count <= vm_phys_zones[z].total);
	}
	spinlock_unlock(&vm_phys_lock);
}
