/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_SYMTAB_H
#define I386_SYMTAB_H

/*
 * The debugger's tables in the kernel's image: implements a part of
 * <machine/boot.h>.
 */

#include <machine/types.h>

/*
 * Use the tables: all of them, or just the symbols if they are not to be kept.
 * Returns where in physical memory what is used of the image ends.
 */
phys_addr_t
symtab_setup(bool keep);

#endif
