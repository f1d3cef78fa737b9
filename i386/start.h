/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_START_H
#define I386_START_H

#include <machine/types.h>

/* The end of the stack that the kernel boots on (boot.asm). */
extern char boot_stack_end[];

/* Called by boot.asm with what the boot loader left in %eax and %ebx. */
__attribute__((noreturn)) void
i386_start(uint32_t magic, phys_addr_t info);

#endif
