/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pretend machine's answer to <machine/types.h>: the same types, and
 * numbers that leave room for a host process around the kernel.
 */

#ifndef MACHINE_TYPES_H
#define MACHINE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t phys_addr_t;
typedef uint32_t user_addr_t;

#define PAGE_HW_SHIFT		12
#define PAGE_HW_SIZE		(1u << PAGE_HW_SHIFT)
#define PAGE_HW_MASK		(PAGE_HW_SIZE - 1)

#define CPU_MAX			16
#define CPU_CACHE_LINE		64

/* Only allocated, never run on: see pretend/i386/pcb.h. */
#define KERNEL_STACK_SIZE	8192

#define MACHINE_USER_MIN	0x00000000u
#define MACHINE_USER_MAX	0xc0000000u

/* Physical memory appears here, but for what is above DIRECT_MAX. */
#define KERNEL_DIRECT_BASE	0x80000000u
#define KERNEL_DIRECT_MAX	0x01800000u

#define KERNEL_MAP_MIN		0xa0000000u
#define KERNEL_MAP_MAX		0xb0000000u

#endif
