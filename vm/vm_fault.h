/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Page faults, and the same machinery for the kernel's own needs.
 */

#ifndef VM_VM_FAULT_H
#define VM_VM_FAULT_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_prot.h>

struct vm_map;
struct vm_object;
struct vm_page;

/* Look at the boot option `pmap-forget'. */
void vm_fault_setup(void);

/*
 * Make ADDR of MAP accessible for PROT; with WIRE, also wire the page once.
 *
 * Locks:   none held, interrupts on.
 * Blocks:  may, for memory and for pagers; an abort of the thread ends that.
 * Returns: KERN_SUCCESS (try the access again),
 *          KERN_INVALID_ADDRESS     nothing is allocated there,
 *          KERN_PROTECTION_FAILURE  the protection forbids it,
 *          KERN_MEMORY_ERROR        the pager failed or is dead,
 *          KERN_MEMORY_FAILURE      the object was destroyed,
 *          KERN_RESOURCE_SHORTAGE   no memory, and waiting is of no use,
 *          KERN_ABORTED             the thread was aborted meanwhile.
 */
kern_return_t vm_fault(struct vm_map *map, vm_offset_t addr, vm_prot_t prot,
    bool wire);

/* A page that is held busy, and a reference that keeps its home. */
struct vm_fault_hold {
	struct vm_object	*object;
	struct vm_page		*page;
};

/*
 * The page behind ADDR of MAP, fit for PROT, busy so that it stays; release
 * it with vm_fault_page_done, without waiting for anything before.  Nothing
 * gets mapped.
 */
kern_return_t vm_fault_page(struct vm_map *map, vm_offset_t addr,
    vm_prot_t prot, struct vm_fault_hold *hold);

/*
 * The same for a debugger, which changes what MAP's own threads may not, as text:
 * a page that MAP alone sees, its own copy if need be.  Nothing is waited for but
 * the map.  The entry may be divided, and what others put into what a page was
 * copied from is not seen any more.
 *
 * Returns: KERN_INVALID_ADDRESS, and
 *          KERN_PROTECTION_FAILURE  it cannot be MAP's alone: it is shared and
 *                                   written to, wired, or device memory,
 *          KERN_MEMORY_FAILURE      it is not in memory just now,
 *          KERN_RESOURCE_SHORTAGE   no memory for it just now.
 */
kern_return_t vm_fault_private_page(struct vm_map *map, vm_offset_t addr,
    struct vm_fault_hold *hold);

/* As vm_fault_page() for a page of an object, which the caller has a reference on. */
kern_return_t vm_fault_object_page(struct vm_object *object,
    vm_offset_t offset, vm_prot_t prot, struct vm_fault_hold *hold);

/* With DIRTY if it was written to. */
void vm_fault_page_done(struct vm_fault_hold *hold, bool dirty);

#endif
