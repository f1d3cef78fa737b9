/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Page tables and mapping lists as they are, for the debugger: read with
 * peek_read() alone, since they may be damaged or half changed, and followed
 * only as far as there can be anything.
 */

#include <machine/peek.h>

#include <string.h>

#include <machine/atomic.h>

#include <i386/pmap.h>
#include <i386/pv.h>

#define PMAP_DEBUG_MAPPINGS	65536u	/* of one page */

static void
pmap_debug_page(const struct pmap *pmap, vm_offset_t va, pte_t pte,
    struct pmap_debug_page *page)
{
	*page = (struct pmap_debug_page){
		.pmap = pmap,
		.va = va,
		.pa = pte & PTE_FRAME,
		.prot = VM_PROT_READ | VM_PROT_EXECUTE |
		    ((pte & PTE_WRITE) != 0 ? VM_PROT_WRITE : 0),
		.wired = (pte & PTE_WIRED) != 0,
		.modified = (pte & PTE_DIRTY) != 0,
		.referenced = (pte & PTE_ACCESSED) != 0,
	};
}

/* Where MAP, a copy of a pmap, has the entry for VA; NULL: nowhere. */
static pte_t *
pmap_debug_slot(const struct pmap *map, vm_offset_t va)
{
	pte_t *table;
	pte_t entry;

	if (!peek_read((uintptr_t)&map->dir[va >> PMAP_LARGE_SHIFT], &entry,
	    sizeof(entry)) || (entry & PTE_VALID) == 0 ||
	    (entry & PTE_LARGE) != 0) {
		return NULL;
	}
	table = pmap_direct(entry & PTE_FRAME);
	return table == NULL ? NULL :
	    &table[(va >> PAGE_HW_SHIFT) & (PMAP_TABLE_SIZE - 1)];
}

/* The entry that MAP, a copy of a pmap, has for VA; 0 if none can be read. */
static pte_t
pmap_debug_entry(const struct pmap *map, vm_offset_t va)
{
	const pte_t *slot = pmap_debug_slot(map, va);
	pte_t entry;

	if (slot == NULL ||
	    !peek_read((uintptr_t)slot, &entry, sizeof(entry))) {
		return 0;
	}
	return entry;
}

/* The bytes of the page at VA; NULL: nowhere. */
static char *
pmap_debug_bytes(const struct pmap *map, vm_offset_t va)
{
	pte_t entry = pmap_debug_entry(map, va);

	if ((entry & PTE_VALID) == 0 || (entry & PTE_UNCACHED) != 0) {
		return NULL;
	}
	return pmap_debug_at((entry & PTE_FRAME) | (va & PAGE_HW_MASK));
}

bool
pmap_debug_read(const struct pmap *pmap, vm_offset_t va, void *to, size_t n)
{
	struct pmap copy;
	char *at = to;

	if (va >= MACHINE_USER_MAX || n > MACHINE_USER_MAX - va ||
	    !peek_read((uintptr_t)pmap, &copy, sizeof(copy))) {
		return false;
	}
	while (n > 0) {
		size_t part = PAGE_HW_SIZE - (va & PAGE_HW_MASK);
		const char *from = pmap_debug_bytes(&copy, va);

		if (from == NULL) {
			return false;
		}
		part = part < n ? part : n;
		memcpy(at, from, part);
		at += part;
		va += part;
		n -= part;
	}
	return true;
}

/* What would become of writing the N bytes at VA. */
static enum pmap_debug_write
pmap_debug_writable(const struct pmap *map, vm_offset_t va, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pmap_debug_bytes(map, va + i) == NULL) {
			return PMAP_DEBUG_ABSENT;
		}
		if ((pmap_debug_entry(map, va + i) & PTE_WRITE) == 0) {
			return PMAP_DEBUG_READ_ONLY;
		}
	}
	return PMAP_DEBUG_WRITTEN;
}

enum pmap_debug_write
pmap_debug_write(const struct pmap *pmap, vm_offset_t va, const void *from,
    size_t n)
{
	const uint8_t *at = from;
	enum pmap_debug_write result;
	struct pmap copy;

	if (va >= MACHINE_USER_MAX || n > MACHINE_USER_MAX - va ||
	    !peek_read((uintptr_t)pmap, &copy, sizeof(copy))) {
		return PMAP_DEBUG_ABSENT;
	}
	result = pmap_debug_writable(&copy, va, n);
	for (size_t i = 0; i < n && result == PMAP_DEBUG_WRITTEN; i++) {
		*(uint8_t *)pmap_debug_bytes(&copy, va + i) = at[i];
		/* Else it would be lost when the page is paged out. */
		atomic_fetch_or_seqcst(pmap_debug_slot(&copy, va + i),
		    PTE_DIRTY | PTE_ACCESSED);
	}
	return result;
}

bool
pmap_debug_poke(const struct pmap *pmap, vm_offset_t va, uint8_t byte)
{
	struct pmap copy;
	char *at;

	if (va >= MACHINE_USER_MAX ||
	    !peek_read((uintptr_t)pmap, &copy, sizeof(copy))) {
		return false;
	}
	at = pmap_debug_bytes(&copy, va);
	if (at == NULL) {
		return false;
	}
	*(volatile uint8_t *)at = byte;
	return true;
}

bool
pmap_debug_info(const struct pmap *pmap, struct pmap_debug_info *info)
{
	struct pmap copy;

	if (!peek_read((uintptr_t)pmap, &copy, sizeof(copy)) ||
	    (copy.dir_phys & PAGE_HW_MASK) != 0 ||
	    (uintptr_t)copy.dir != copy.dir_phys + KERNEL_DIRECT_BASE) {
		return false;
	}
	*info = (struct pmap_debug_info){
		.refs = copy.refs.value,
		.resident = copy.resident,
		.active = copy.active,
		.tables = 0,
		.directory = copy.dir_phys,
	};
	for (unsigned i = 0; i < PMAP_USER_TABLES / 32; i++) {
		info->tables += (unsigned)__builtin_popcount(copy.tables[i]);
	}
	return true;
}

bool
pmap_debug_each(const struct pmap *pmap, pmap_debug_fn_t fn, void *arg)
{
	struct pmap_debug_page page;
	struct pmap copy;

	if (!peek_read((uintptr_t)pmap, &copy, sizeof(copy))) {
		return false;
	}
	for (vm_offset_t va = 0; va < MACHINE_USER_MAX; va += PAGE_HW_SIZE) {
		pte_t entry;

		if ((va & (PMAP_LARGE_SIZE - 1)) == 0 &&
		    (copy.tables[va >> PMAP_LARGE_SHIFT >> 5] >>
		    (va >> PMAP_LARGE_SHIFT) % 32 & 1) == 0) {
			va += PMAP_LARGE_SIZE - PAGE_HW_SIZE;
			continue;
		}
		entry = pmap_debug_entry(&copy, va);
		if ((entry & PTE_VALID) == 0) {
			continue;
		}
		pmap_debug_page(pmap, va, entry, &page);
		if (!fn(&page, arg)) {
			break;
		}
	}
	return true;
}

bool
pmap_debug_mappings(phys_addr_t pa, pmap_debug_fn_t fn, void *arg)
{
	struct pv_head *head = pv_head(pa);
	struct pmap_debug_page page;
	struct pv_entry pv;
	struct pmap map;
	unsigned left = PMAP_DEBUG_MAPPINGS;

	if (head == NULL) {
		return true;
	}
	for (const struct pv_entry *at = head->list; at != NULL; at = pv.next) {
		if (left-- == 0 ||
		    !peek_read((uintptr_t)at, &pv, sizeof(pv)) ||
		    !peek_read((uintptr_t)pv.pmap, &map, sizeof(map))) {
			return false;
		}
		pmap_debug_page(pv.pmap, pv.va, pmap_debug_entry(&map, pv.va),
		    &page);
		if (!fn(&page, arg)) {
			break;
		}
	}
	return true;
}

struct pmap_debug_bits {
	bool	modified;
	bool	referenced;
};

/* All hardware pages of the one at PAGE count. */
static bool
pmap_debug_merge(const struct pmap_debug_page *page, void *arg)
{
	struct pmap_debug_bits *bits = arg;
	struct pmap map;
	pte_t entry;

	for (unsigned i = 0; i < pmap_page_ptes() &&
	    peek_read((uintptr_t)page->pmap, &map, sizeof(map)); i++) {
		entry = pmap_debug_entry(&map, page->va + i * PAGE_HW_SIZE);
		bits->modified = bits->modified || (entry & PTE_DIRTY) != 0;
		bits->referenced = bits->referenced ||
		    (entry & PTE_ACCESSED) != 0;
	}
	return true;
}

void
pmap_debug_bits(phys_addr_t pa, bool *modified, bool *referenced)
{
	struct pv_head *head = pv_head(pa);
	struct pmap_debug_bits bits = { false, false };

	if (head != NULL) {
		bits.modified = (head->bits & PTE_DIRTY) != 0;
		bits.referenced = (head->bits & PTE_ACCESSED) != 0;
		(void)pmap_debug_mappings(pa, pmap_debug_merge, &bits);
	}
	*modified = bits.modified;
	*referenced = bits.referenced;
}
