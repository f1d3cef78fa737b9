/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel's own address map: wired memory of any size, and ranges for
 * devices.
 */

#ifndef VM_VM_KERN_H
#define VM_VM_KERN_H

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

#include <machine/types.h>

/* Makes kernel_map.  After pmap_setup_pages, vm_page_setup, vm_map_setup. */
void vm_kern_setup(void);

/*
 * Zeroed, wired kernel memory of SIZE bytes (rounded to pages), virtually
 * contiguous; NULL when there is none.  For what is too large for kmem_alloc.
 *
 * Locks:   no spin lock, no map.  Does not wait for memory.
 */
void *vm_kern_alloc(vm_size_t size);
void vm_kern_free(void *p, vm_size_t size);

/* Kernel addresses with nothing behind them yet; NULL/0 when none. */
vm_offset_t vm_kern_reserve(vm_size_t size);
void vm_kern_unreserve(vm_offset_t addr, vm_size_t size);

#endif
