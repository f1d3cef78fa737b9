/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * All walkers, one after the other, over all that there is.
 */

#ifndef KERNEL_WALKER_H
#define KERNEL_WALKER_H

#include <mach/kern_return.h>

/*
 * Assert the invariants of every task's map, objects and name space, of the run
 * queues, of physical memory and of the heap.  Others go on meanwhile.
 *
 * Locks:   none held.
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t walker_run(void);

#endif /* KERNEL_WALKER_H */
