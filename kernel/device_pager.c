/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects that show physical memory.
 */

#include <kernel/device_pager.h>

#include <vm/memory_object_proxy.h>

struct ipc_port *
device_pager_create(phys_addr_t pa, vm_size_t size, vm_prot_t prot)
{
	return memory_object_create_physical(pa, size, prot);
}
