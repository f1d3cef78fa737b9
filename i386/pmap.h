/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What pmap.c, pv.c, tlb.c and the start of other processors share: the form
 * of page table entries and the layout of the kernel's part of every address
 * space.
 *
 *	c0000000 - f0000000	direct map of physical memory, 4 MiB pages
 *	f0000000 - ff800000	kernel map, page tables made on demand
 *	ff800000 - ffc00000	windows: three pages for each processor
 *	ffc00000 - ffffffff	device memory that the kernel drives itself
 */

#ifndef I386_PMAP_H
#define I386_PMAP_H

#include <stdint.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <machine/pmap.h>
#include <machine/types.h>

typedef uint32_t pte_t;

#define PTE_VALID	0x001u
#define PTE_WRITE	0x002u
#define PTE_USER	0x004u
#define PTE_UNCACHED	0x018u	/* PCD and PWT */
#define PTE_ACCESSED	0x020u
#define PTE_DIRTY	0x040u
#define PTE_LARGE	0x080u	/* directory only: 4 MiB page */
#define PTE_GLOBAL	0x100u
#define PTE_WIRED	0x200u	/* ours: never forgotten by pmap_collect */
#define PTE_MANAGED	0x400u	/* ours: the frame has a mapping list */
#define PTE_STILL	0x800u	/* ours: writable again after a copy */
#define PTE_FRAME	0xfffff000u

#define PMAP_TABLE_SIZE		1024u		/* entries in a table */
#define PMAP_LARGE_SIZE		0x400000u	/* what a directory entry spans */
#define PMAP_LARGE_SHIFT	22
#define PMAP_USER_TABLES	(KERNEL_DIRECT_BASE >> PMAP_LARGE_SHIFT)

#define PMAP_WINDOW_BASE	KERNEL_MAP_MAX
#define PMAP_DEVICE_BASE	0xffc00000u
#define PMAP_DEVICE_END		0xfffff000u

/* [I] fixed at creation  [a] atomic  [l] own lock  [p] list of all pmaps */
struct pmap {
	struct refcount	refs;		/* [a] */
	struct spinlock	lock;		/* page tables come and go under it */
	pte_t		*dir;		/* [l] directory; user entries [l].  The
				 * kernel's until it needs one of its own */
	phys_addr_t	dir_phys;	/* [l] its address, for CR3 */
	uint32_t	active;		/* [a] processors that have it loaded */
	uint32_t	resident;	/* [a] hardware pages mapped */
	uint32_t	tables[PMAP_USER_TABLES / 32];	/* [l] bit for each
				 * directory entry of a user table */
	struct list_node link;		/* [p] */
};

/* The entry for VA, or NULL when it has no page table.  Lock: the pmap's. */
pte_t *pmap_pte(const struct pmap *pmap, vm_offset_t va);

/* Hardware pages in a machine-independent page. */
unsigned pmap_page_ptes(void);

/*
 * Map the first 4 MiB of physical memory at address 0 in the kernel's
 * directory, so that a starting processor can turn on paging; or take it away.
 */
void pmap_identity_map(bool on);

/*
 * Map the page PA at VA, between PMAP_DEVICE_END and the end of memory, so that
 * every task can read it.  At boot, after pmap_setup().
 */
void pmap_map_system_page(vm_offset_t va, phys_addr_t pa);

#endif /* I386_PMAP_H */
