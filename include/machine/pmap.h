/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Physical maps: the only part of the kernel that knows page tables.
 *
 * A pmap is a cache of what the address maps say.  It may forget any mapping
 * that is not wired; the upper half enters it again when the processor faults.
 * Every call works on whole machine-independent pages (vm_page_size, which is
 * a multiple of the hardware page); addresses are aligned to them.
 *
 * Physical pages that vm/ manages ("RAM") have a list of their mappings, so
 * that a page can be taken away from everybody who maps it, and collect
 * reference and modify bits.  Other physical addresses are device memory:
 * they are mapped uncached and have no such list.
 *
 * When a call that takes rights, a mapping or a bit away has returned, no
 * processor has the old state any more, in whatever it remembers of page
 * tables: nobody writes through what was write-protected, nobody sees a page
 * that was replaced, and the next access sets a bit that was cleared.
 *
 * Calls may come from several processors at a time, for one pmap and for one
 * page; each is whole.  What a fault enters while another removes is the
 * caller's order to keep: the address map's lock does.
 *
 * tests/machine is a suite of all this, which every machine passes.
 *
 * Locks: every function may be called with an object or the page queues
 * locked (ranks up to 65; pmap_enter, which may allocate, up to 60), never
 * with a spinlock_irq held: a shootdown waits for other processors.  None of
 * them sleeps.
 */

#ifndef MACHINE_PMAP_H
#define MACHINE_PMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <mach/kern_return.h>
#include <mach/vm_prot.h>
#include <machine/types.h>
#include <mach/machine/vm_types.h>

struct pmap;

/* The kernel's own map.  Its upper part is shared by every pmap. */
extern struct pmap *const kernel_pmap;

/*
 * Finish the direct map and take over the page directory that the boot code
 * made.  Called once, on the first processor, before anything allocates.
 */
void pmap_setup(void);

/*
 * Make the mapping lists of all physical memory.  Called once, when vm_phys
 * can allocate, vm_page_size is fixed and kmem works.
 */
void pmap_setup_pages(void);

/* Make an empty user pmap with one reference; NULL when memory is short. */
struct pmap *pmap_create(void);

/*
 * Threads are going to run in PMAP: give it what a processor loads for that, unless
 * it has it.  pmap_activate() is for such a pmap, or the kernel's.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t pmap_prepare(struct pmap *pmap);

void pmap_ref(struct pmap *pmap);

/*
 * Drop a reference.  The last one removes what is still mapped, wired or not,
 * and gives back the tables; no processor has the pmap loaded then.
 */
void pmap_unref(struct pmap *pmap);

/*
 * Map the page at VA to the physical page PA, replacing what was there.
 * PROT other than VM_PROT_NONE; execute is granted with read, and read with
 * execute.  WIRED mappings stay until they are removed or unwired.  The page
 * that was there keeps the bits that were set through this mapping; where it
 * was PA already, its rights and wiring become these, more or less.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, nothing changed, when there is no memory
 * for a page table: the caller waits for memory and faults again.
 */
kern_return_t pmap_enter(struct pmap *pmap, vm_offset_t va, phys_addr_t pa,
    vm_prot_t prot, bool wired);

/*
 * Forget every mapping in [START, END), wired ones too.  Their pages keep the
 * bits that were set.  Holes are fine.
 */
void pmap_remove(struct pmap *pmap, vm_offset_t start, vm_offset_t end);

/*
 * Lower the protection in [START, END) to PROT.  Never raises it.  Without
 * read and execute nothing is left: as pmap_remove().
 */
void pmap_protect(struct pmap *pmap, vm_offset_t start, vm_offset_t end,
    vm_prot_t prot);

/*
 * Change whether the mapping at VA is wired.  There may be none: a protection
 * or pmap_page_protect() can have taken it, and a fault enters it again.
 */
void pmap_change_wiring(struct pmap *pmap, vm_offset_t va, bool wired);

/* Find the physical address, to the byte, that VA maps to; false: to none. */
bool pmap_extract(struct pmap *pmap, vm_offset_t va, phys_addr_t *pap);

/*
 * Lower the protection of every mapping of the page PA to PROT; VM_PROT_NONE
 * removes them all, wired ones too.  On return no processor can still use the
 * old rights.
 */
void pmap_page_protect(phys_addr_t pa, vm_prot_t prot);

/*
 * A free page PA, mapped nowhere, gets a new owner: its bits are clear.  Free
 * of locks, as nobody else has it.
 */
void pmap_page_renew(phys_addr_t pa);

/*
 * The bits of a managed page, over all mappings past and present, as they are
 * at the moment: exactly the accesses of users, and of the kernel by addresses
 * of its own map, since the bit was cleared last.  What the kernel does by the
 * direct map, and by the calls below, sets none.  False for other pages.
 */
bool pmap_is_modified(phys_addr_t pa);
bool pmap_is_referenced(phys_addr_t pa);
void pmap_clear_modified(phys_addr_t pa);

/*
 * The same for COUNT pages together, a few dozen at most.  One thread at a
 * time: the pageout daemon.
 */
void pmap_clear_referenced(const phys_addr_t *pas, unsigned count);

/* Contents of whole pages, wherever they lie, the direct map or not. */
void pmap_zero_page(phys_addr_t pa);
void pmap_copy_page(phys_addr_t src, phys_addr_t dst);

/*
 * Copy the managed page SRC as it is at one moment: who writes to it by a
 * mapping faults meanwhile.  Then each mapping has the rights that it had, and
 * SRC is not modified: the caller knows that it was.  The caller keeps others
 * from changing those mappings.
 */
void pmap_copy_page_still(phys_addr_t src, phys_addr_t dst);

/* Copy N bytes between BUF and the page PA, starting OFFSET bytes into it. */
void pmap_copy_in(phys_addr_t pa, vm_offset_t offset, const void *buf,
    size_t n);
void pmap_copy_out(phys_addr_t pa, vm_offset_t offset, void *buf, size_t n);

/* Where the kernel sees PA all the time; NULL beyond the direct map. */
void *pmap_direct(phys_addr_t pa);

/* The physical address of a direct-mapped kernel address. */
phys_addr_t pmap_phys(const void *va);

/*
 * This processor leaves the address space OLD and enters NEW; called by the
 * context switch with interrupts disabled.  Either may be the kernel's.
 */
void pmap_activate(struct pmap *old, struct pmap *new);

/*
 * Throw away page tables and mappings that are not wired, to gain memory.
 * Does nothing to the kernel's.
 */
void pmap_collect(struct pmap *pmap);

/* How often a processor was interrupted to forget mappings, so far. */
unsigned pmap_shootdowns(void);

/* How many hardware pages the pmap maps now. */
unsigned pmap_resident_count(const struct pmap *pmap);

/*
 * Map SIZE bytes of device memory at PA into the kernel, uncached, for good.
 * For the few devices that the kernel itself drives.  NULL when the window
 * for them is full.
 */
void *pmap_map_device(phys_addr_t pa, size_t size);

/* Walk all of PMAP and its mapping lists and assert that they agree. */
void pmap_check(struct pmap *pmap);

/*
 * For the debugger, while the machine stands still: takes no lock, reads what
 * may be damaged or in the middle of a change, and never faults.
 */
struct pmap_debug_info {
	unsigned	refs;
	unsigned	resident;	/* hardware pages */
	unsigned	tables;		/* of users' addresses */
	uint32_t	active;		/* a bit for each processor in it */
	phys_addr_t	directory;
};

/* A hardware page, or the first of a page, as PMAP maps it. */
struct pmap_debug_page {
	const struct pmap *pmap;
	vm_offset_t	va;
	phys_addr_t	pa;
	vm_prot_t	prot;
	bool		wired;
	bool		modified;
	bool		referenced;
};

/* Returns false if it wants no more. */
typedef bool (*pmap_debug_fn_t)(const struct pmap_debug_page *page, void *arg);

/* False: PMAP is no pmap. */
bool pmap_debug_info(const struct pmap *pmap, struct pmap_debug_info *info);

/* Call FN for each hardware page below the kernel, in order; false as above. */
bool pmap_debug_each(const struct pmap *pmap, pmap_debug_fn_t fn, void *arg);

/* Call FN for each mapping of the page PA.  False: its list is damaged. */
bool pmap_debug_mappings(phys_addr_t pa, pmap_debug_fn_t fn, void *arg);

/*
 * Where the byte at PA can be seen and written, up to the end of its hardware page,
 * by this processor until it asks again; NULL: that is no memory.
 */
void *pmap_debug_at(phys_addr_t pa);

/*
 * Copy N bytes from the user address VA as PMAP maps it; false: not all of them
 * are in memory, or can be read.
 */
bool pmap_debug_read(const struct pmap *pmap, vm_offset_t va, void *to,
    size_t n);

enum pmap_debug_write {
	PMAP_DEBUG_WRITTEN,
	PMAP_DEBUG_ABSENT,	/* not all of it is in memory */
	PMAP_DEBUG_READ_ONLY,	/* program text, or what others share until
				 * somebody writes to it */
};

/*
 * The other way, where PMAP lets its users write, as one of them would.
 * Nothing changes unless all of it can be.
 */
enum pmap_debug_write pmap_debug_write(const struct pmap *pmap, vm_offset_t va,
    const void *from, size_t n);

/*
 * Put BYTE at the user address VA, also where PMAP does not let its users write.
 * False: it is not in memory, or cannot be reached.
 */
bool pmap_debug_poke(const struct pmap *pmap, vm_offset_t va, uint8_t byte);

/* As pmap_is_modified() and pmap_is_referenced(). */
void pmap_debug_bits(phys_addr_t pa, bool *modified, bool *referenced);

#endif /* MACHINE_PMAP_H */
