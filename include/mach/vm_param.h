/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Pages as compiled programs assume them.  The page size of a running system
 * can be a multiple of this one: ask vm_statistics.
 */

#ifndef MACH_VM_PARAM_H
#define MACH_VM_PARAM_H

#include <mach/machine/vm_param.h>
#include <mach/machine/vm_types.h>

#define PAGE_SIZE	(1 << PAGE_SHIFT)
#define PAGE_MASK	(PAGE_SIZE - 1)

#define atop(x)		(((vm_size_t)(x)) >> PAGE_SHIFT)
#define ptoa(x)		((vm_offset_t)((x) << PAGE_SHIFT))

#define trunc_page(x)	((vm_offset_t)(((vm_offset_t)(x)) & ~PAGE_MASK))
#define round_page(x)	trunc_page(((vm_offset_t)(x)) + PAGE_MASK)
#define page_aligned(x)	((((vm_offset_t)(x)) & PAGE_MASK) == 0)

#define trunc_phys(x)	((phys_addr_t)(((phys_addr_t)(x)) & ~PAGE_MASK))
#define round_phys(x)	trunc_phys(((phys_addr_t)(x)) + PAGE_MASK)
#define phys_aligned(x)	((((phys_addr_t)(x)) & PAGE_MASK) == 0)

#endif /* MACH_VM_PARAM_H */
