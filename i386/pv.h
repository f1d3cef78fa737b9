/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From a physical page to its mappings.
 *
 * Each managed page has a head: a list of (pmap, address) pairs and the
 * reference and modify bits of mappings that are gone.  The lock of a head
 * covers the list and also the page table entries that map the page: an entry
 * with PTE_MANAGED changes frame or validity only under its frame's lock.
 * That is why pmap_page_protect() needs no pmap locked.
 *
 * Lock order: pmap, then head, then the pool of list elements.
 */

#ifndef I386_PV_H
#define I386_PV_H

#include <stdbool.h>
#include <stdint.h>
#include <mach/machine/vm_types.h>
#include <machine/types.h>

struct pmap;

struct pv_entry {
	struct pv_entry	*next;
	struct pmap	*pmap;	/* alive: it unmaps before it dies */
	vm_offset_t	va;
};

/* Both fields belong to the head's lock. */
struct pv_head {
	struct pv_entry	*list;
	uint32_t	bits;	/* PTE_ACCESSED and PTE_DIRTY seen so far */
};

/* Make heads for all memory that vm/ may come to manage. */
void pv_setup(void);

/* The head of the page that holds PA; NULL when PA is not managed memory. */
struct pv_head *pv_head(phys_addr_t pa);

void pv_lock(struct pv_head *head);
void pv_unlock(struct pv_head *head);

/* A list element, NULL when memory is short.  No pmap locked. */
struct pv_entry *pv_entry_alloc(void);
void pv_entry_free(struct pv_entry *entry);

/* Lock: the head's.  The entry belongs to the list until it is removed. */
void pv_insert(struct pv_head *head, struct pv_entry *entry, struct pmap *pmap,
    vm_offset_t va);
struct pv_entry *pv_remove(struct pv_head *head, struct pmap *pmap,
    vm_offset_t va);

#endif /* I386_PV_H */
