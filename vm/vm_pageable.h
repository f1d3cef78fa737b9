/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel memory that need not be wired: a submap of the kernel's map, whose
 * memory goes to the default pager like a task's.
 *
 * What is kept here is written once, read any number of times, and freed.  It
 * is not at the processor's addresses, but copied in and out: where a page has
 * to be brought in, or cannot be since its pager has died, that is the result of
 * a call, and not a fault in the middle of whatever the kernel was doing.  So
 * what must not get lost does not belong here, nor what is on the way of pages
 * to the disk.
 */

#ifndef VM_VM_PAGEABLE_H
#define VM_VM_PAGEABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

/* Makes the submap.  After vm_kern_setup. */
void vm_pageable_setup(void);

/*
 * Keep a copy of the SIZE bytes at DATA, a page at most; *ADDRP is where.
 * False when memory is short or there is no room: never waits for either.
 *
 * Locks: no spin lock; a map of a task may be locked.
 */
bool vm_pageable_store(const void *data, size_t size, vm_offset_t *addrp);

/*
 * Copy SIZE bytes that were stored together at ADDR.
 *
 * Locks:   none held.
 * Blocks:  until the page is in memory; interruptibly.
 * Returns: KERN_MEMORY_ERROR (lost with its pager), KERN_ABORTED,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_pageable_load(vm_offset_t addr, void *data, size_t size);

/* Free what was stored.  Locks as vm_pageable_store. */
void vm_pageable_free(vm_offset_t addr, size_t size);

/* Bytes that are stored now. */
size_t vm_pageable_used(void);

/* Walk all that is there and assert its invariants. */
void vm_pageable_check(void);

#endif
