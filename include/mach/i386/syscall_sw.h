/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* How a trap looks in assembler: number in %eax, arguments where they are. */

#ifndef MACH_I386_SYSCALL_SW_H
#define MACH_I386_SYSCALL_SW_H

#include <mach/machine/asm.h>

#define kernel_trap(trap_name, trap_number, number_args) \
ENTRY(trap_name) \
	movl $trap_number, %eax; \
	SVC; \
	ret; \
END(trap_name)

#endif /* MACH_I386_SYSCALL_SW_H */
