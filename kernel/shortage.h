/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * When memory and paging space are exhausted: whom it costs.
 */
#ifndef KERNEL_SHORTAGE_H
#define KERNEL_SHORTAGE_H

/* Start the thread that watches; after the pageout daemon. */
void shortage_setup(void);

/*
 * vm_phys_alloc_direct for the kernel's own structures: sees when there is too
 * little, and gives none of it to the task that has too much.
 */
void *shortage_alloc_direct(unsigned order);

#endif /* KERNEL_SHORTAGE_H */
