/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects that show physical memory.
 *
 * TODO: needs objects without page structs in vm/; until then there are none,
 * and device_map answers D_NO_MEMORY.
 */

#include <kernel/device_pager.h>

#include <ipc/ipc_types.h>

struct ipc_port *
device_pager_create(phys_addr_t pa, vm_size_t size, vm_prot_t prot)
{
	return IP_NULL;
}
