/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_TYPES_H
#define MACHINE_TYPES_H

/*
 * Address kinds and the fixed numbers of the machine.
 *
 * A physical address, a kernel virtual address (vm_offset_t or a pointer) and
 * an address that a user handed us are three different types; they mix only
 * through a named conversion.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t phys_addr_t;
typedef uint32_t user_addr_t;

/* The page of the hardware; the machine-independent page is a multiple. */
#define PAGE_HW_SHIFT		12
#define PAGE_HW_SIZE		(1u << PAGE_HW_SHIFT)
#define PAGE_HW_MASK		(PAGE_HW_SIZE - 1)

#define CPU_MAX			16

/* The kernel stack of a thread; aligned to its size. */
#define KERNEL_STACK_SIZE	8192
#define CPU_CACHE_LINE		64

/* A user address is valid when USER_MIN <= a < USER_MAX. */
#define MACHINE_USER_MIN	0x00000000u
#define MACHINE_USER_MAX	0xc0000000u

/* Physical memory that is always mapped, and where. */
#define KERNEL_DIRECT_BASE	0xc0000000u
#define KERNEL_DIRECT_MAX	0x30000000u

/* The range in which vm_kern hands out kernel addresses. */
#define KERNEL_MAP_MIN		0xf0000000u
#define KERNEL_MAP_MAX		0xff800000u

#endif
