/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Printing for programs that have nothing else yet.
 */

#ifndef KERNEL_DEBUG_TRAP_H
#define KERNEL_DEBUG_TRAP_H

#include <mach/kern_return.h>
#include <machine/trap.h>
#include <machine/types.h>

/*
 * Print a string of the current task on the kernel's console.
 *
 * Returns: KERN_INVALID_ADDRESS, after what could be read was printed.
 */
TRAP_FUNCTION kern_return_t
sys_mach_print(user_addr_t string);

#endif /* KERNEL_DEBUG_TRAP_H */
