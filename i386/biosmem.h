/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_BIOSMEM_H
#define I386_BIOSMEM_H

/*
 * Physical memory as the firmware reports it, and the rest of the loader's
 * information: implements <machine/boot.h>.
 */

#include <machine/boot.h>
#include <machine/types.h>

/*
 * Copy everything of use out of the Multiboot information at INFO.  MAGIC is
 * what the loader left in %eax.  First thing on the first CPU.
 */
void
biosmem_setup(uint32_t magic, phys_addr_t info);

#endif
