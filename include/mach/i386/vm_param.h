/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Addresses and pages of this processor. */

#ifndef MACH_I386_VM_PARAM_H
#define MACH_I386_VM_PARAM_H

#include <mach/machine/vm_types.h>

#define BYTE_SIZE	8

#define I386_PGBYTES	4096
#define I386_PGSHIFT	12
#define PAGE_SHIFT	I386_PGSHIFT

#define i386_btop(x)	(((unsigned long)(x)) >> I386_PGSHIFT)
#define i386_ptob(x)	(((unsigned long)(x)) << I386_PGSHIFT)
#define i386_trunc_page(x)	(((unsigned long)(x)) & ~(I386_PGBYTES - 1))
#define i386_round_page(x)	i386_trunc_page((x) + I386_PGBYTES - 1)

/* What a task may map. */
#define VM_MIN_ADDRESS	(0)
#define VM_MAX_ADDRESS	(0xc0000000UL)

#endif /* MACH_I386_VM_PARAM_H */
