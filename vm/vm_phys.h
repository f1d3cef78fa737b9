/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Free physical memory: a buddy allocator over hardware pages.
 *
 * Orders count hardware pages: order 0 is PAGE_HW_SIZE bytes.  Memory lies in
 * zones by physical address: DMA (below 16 MiB), DIRECT (the rest of what the
 * kernel maps directly) and HIGH (user pages only).  An allocation takes the
 * least precious zone that may serve it.
 *
 * The lowest layer of vm/: it may be called with any lock that ranks before
 * LOCK_RANK_VM_PHYS held, pmap locks included, but not at interrupt level.
 */

#ifndef VM_VM_PHYS_H
#define VM_VM_PHYS_H

#include <stdbool.h>

#include <mach/machine/vm_types.h>

#include <machine/types.h>

struct vm_page;

/* The largest block is 2^VM_PHYS_ORDER_MAX hardware pages (8 MiB). */
#define VM_PHYS_ORDER_MAX	11

enum vm_phys_zone {
	VM_PHYS_ZONE_DMA,
	VM_PHYS_ZONE_DIRECT,
	VM_PHYS_ZONE_HIGH,
	VM_PHYS_ZONE_COUNT,
};

/* Hardware pages, for statistics and conservation checks. */
struct vm_phys_stats {
	unsigned long	total[VM_PHYS_ZONE_COUNT];	/* ever given to us */
	unsigned long	free[VM_PHYS_ZONE_COUNT];
};

/*
 * Take over the free ranges of <machine/boot.h>, carve the array of struct
 * vm_page from them, and fill the free lists.  Sets vm_page_size from the
 * boot option `page-size'.  The direct map must be in place.
 */
void vm_phys_setup(void);

/*
 * Give a physical range that was in use at boot (a boot module that has been
 * loaded) to the allocator; partial pages at the ends are lost.
 */
void vm_phys_release(phys_addr_t start, phys_addr_t end);

/*
 * 2^ORDER contiguous hardware pages of directly mapped memory, or NULL.
 * Contents are undefined.  Never waits.
 */
void *vm_phys_alloc_direct(unsigned order);
void vm_phys_free_direct(void *p, unsigned order);

/*
 * One zeroed hardware page of directly mapped memory, for page tables.
 * Returns 0 when there is none.  Free it with vm_phys_free_page.
 */
phys_addr_t vm_phys_alloc_page_direct(void);
void vm_phys_free_page(phys_addr_t pa);

/*
 * 2^ORDER hardware pages from any zone, HIGH first.  RESERVE is how many
 * hardware pages must stay free afterwards.  NULL when there is none.
 */
struct vm_page *vm_phys_alloc(unsigned order, unsigned long reserve);
void vm_phys_free(struct vm_page *page, unsigned order);

/*
 * COUNT contiguous hardware pages that start at or above MIN, end at or below
 * MAX - 1 (MAX 0 means 4 GiB) and are aligned to ALIGN (a power of two, at
 * least PAGE_HW_SIZE).  NULL when there is no such block.  Any part can be
 * freed again with vm_phys_free_range.
 */
struct vm_page *vm_phys_alloc_contig(unsigned long count, phys_addr_t min,
    phys_addr_t max, phys_addr_t align);
void vm_phys_free_range(struct vm_page *page, unsigned long count);

/* Free hardware pages in all zones; a glance, without the lock. */
unsigned long vm_phys_free_count(void);
/* The same, directly mapped ones only. */
unsigned long vm_phys_free_direct_count(void);
void vm_phys_get_stats(struct vm_phys_stats *stats);

/* First physical address above all managed memory; 0 when that is 4 GiB. */
phys_addr_t vm_phys_end(void);

/* Walk the free lists and assert their invariants. */
void vm_phys_check(void);

#endif
