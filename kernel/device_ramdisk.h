/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * RAM disks: boot modules as devices rd0, rd1 ... with records of 512 bytes.
 */

#ifndef KERNEL_DEVICE_RAMDISK_H
#define KERNEL_DEVICE_RAMDISK_H

#include <machine/types.h>

/*
 * Make a RAM disk of the memory from START, the beginning of a page, to END.
 * What is left of its last page is zero, and counts.  These are the hardware's
 * pages: a disk that does not begin with one of ours, or that ends within one,
 * cannot be mapped to the end.
 *
 * Returns: its name, or NULL when there are too many or no memory.
 */
const char *device_ramdisk_create(phys_addr_t start, phys_addr_t end);

#endif /* KERNEL_DEVICE_RAMDISK_H */
