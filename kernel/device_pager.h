/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects that show physical memory.
 */

#ifndef KERNEL_DEVICE_PAGER_H
#define KERNEL_DEVICE_PAGER_H

#include <mach/machine/vm_types.h>
#include <mach/vm_prot.h>
#include <machine/types.h>

struct ipc_port;

/*
 * A memory object of SIZE bytes whose memory is PA and what follows, and
 * that allows at most PROT.  Whole pages.  The send right is the caller's; the
 * object goes with the last right and the last mapping.
 *
 * Returns: NULL when memory is short.
 */
struct ipc_port *device_pager_create(phys_addr_t pa, vm_size_t size,
    vm_prot_t prot);

#endif /* KERNEL_DEVICE_PAGER_H */
