/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Mapping lists of physical pages.
 *
 * Heads live in chunks of PV_CHUNK_PAGES pages, made for memory that exists,
 * so that holes cost nothing.  List elements come from a pool that grows by a
 * page and never shrinks: it holds no more than the most mappings there ever
 * were, and needs no allocator that could wait.
 */

#include <i386/pv.h>

#include <kernel/panic.h>
#include <kernel/spinlock.h>

#include <machine/boot.h>
#include <machine/pmap.h>
#include <string.h>

#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define PV_CHUNK_PAGES	4096u
#define PV_CHUNK_ORDER	3	/* 4096 heads of 8 bytes are 8 hardware pages */
#define PV_CHUNKS	256u	/* 4 GiB of 4 KiB pages */
#define PV_LOCKS	64u

static struct pv_head *pv_chunks[PV_CHUNKS];	/* fixed after pv_setup() */
static struct spinlock pv_locks[PV_LOCKS];	/* by head address */
static struct spinlock pv_pool_lock;
static struct pv_entry *pv_pool;		/* under pv_pool_lock */

_Static_assert(sizeof(struct pv_head) * PV_CHUNK_PAGES ==
    PAGE_HW_SIZE << PV_CHUNK_ORDER, "a chunk fills its pages");

static void
pv_setup_range(phys_addr_t start, phys_addr_t end)
{
	uint32_t first = (start >> vm_page_shift) / PV_CHUNK_PAGES;
	uint32_t last = ((end - 1) >> vm_page_shift) / PV_CHUNK_PAGES;

	for (uint32_t i = first; i <= last; i++) {
		if (pv_chunks[i] != NULL) {
			continue;
		}
		pv_chunks[i] = vm_phys_alloc_direct(PV_CHUNK_ORDER);
		if (pv_chunks[i] == NULL) {
			panic("pv: no memory for the mapping lists");
		}
		memset(pv_chunks[i], 0, PAGE_HW_SIZE << PV_CHUNK_ORDER);
	}
}

void
pv_setup(void)
{
	spinlock_init(&pv_pool_lock, LOCK_RANK_PV_POOL);
	for (unsigned i = 0; i < PV_LOCKS; i++) {
		spinlock_init(&pv_locks[i], LOCK_RANK_PV);
	}
	boot_memory_each(pv_setup_range);
	/* The modules' memory becomes ordinary memory later. */
	for (unsigned i = 0; i < boot_module_count(); i++) {
		pv_setup_range(boot_module(i)->start, boot_module(i)->end);
	}
}

struct pv_head *
pv_head(phys_addr_t pa)
{
	uint32_t page = pa >> vm_page_shift;
	struct pv_head *chunk = pv_chunks[page / PV_CHUNK_PAGES];

	if (chunk == NULL) {
		return NULL;
	}
	return &chunk[page % PV_CHUNK_PAGES];
}

static struct spinlock *
pv_lock_of(const struct pv_head *head)
{
	return &pv_locks[((uintptr_t)head / sizeof(*head)) % PV_LOCKS];
}

void
pv_lock(struct pv_head *head)
{
	spinlock_lock(pv_lock_of(head));
}

void
pv_unlock(struct pv_head *head)
{
	spinlock_unlock(pv_lock_of(head));
}

/* Cut a new page into elements, keep one and put the others into the pool. */
static struct pv_entry *
pv_pool_grow(void)
{
	struct pv_entry *entries = vm_phys_alloc_direct(0);
	size_t n = PAGE_HW_SIZE / sizeof(*entries);

	if (entries == NULL) {
		return NULL;
	}
	for (size_t i = 1; i + 1 < n; i++) {
		entries[i].next = &entries[i + 1];
	}
	spinlock_lock(&pv_pool_lock);
	entries[n - 1].next = pv_pool;
	pv_pool = &entries[1];
	spinlock_unlock(&pv_pool_lock);
	return &entries[0];
}

struct pv_entry *
pv_entry_alloc(void)
{
	struct pv_entry *entry;

	spinlock_lock(&pv_pool_lock);
	entry = pv_pool;
	if (entry != NULL) {
		pv_pool = entry->next;
	}
	spinlock_unlock(&pv_pool_lock);
	return entry != NULL ? entry : pv_pool_grow();
}

void
pv_entry_free(struct pv_entry *entry)
{
	spinlock_lock(&pv_pool_lock);
	entry->next = pv_pool;
	pv_pool = entry;
	spinlock_unlock(&pv_pool_lock);
}

void
pv_insert(struct pv_head *head, struct pv_entry *entry, struct pmap *pmap,
    vm_offset_t va)
{
	entry->pmap = pmap;
	entry->va = va;
	entry->next = head->list;
	head->list = entry;
}

struct pv_entry *
pv_remove(struct pv_head *head, struct pmap *pmap, vm_offset_t va)
{
	struct pv_entry **link = &head->list;
	struct pv_entry *entry;

	while ((entry = *link) != NULL) {
		if (entry->pmap == pmap && entry->va == va) {
			*link = entry->next;
			return entry;
		}
		link = &entry->next;
	}
	panic("pv: mapping %#x of pmap %p is not on its page's list",
	    (unsigned)va, (void *)pmap);
}
