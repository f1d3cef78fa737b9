/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_IMAGE_H
#define I386_IMAGE_H

/*
 * What kernel.lds defines: where the parts of the kernel's image lie.
 */

#include <machine/types.h>

/* An instruction that may fault on a user address, and where to go then. */
struct image_recover {
	uintptr_t	instruction;
	uintptr_t	target;
};

/* The whole image: the first address is physical, as the boot section is. */
extern char kernel_image_start[];
extern char kernel_image_end[];

extern char kernel_text_start[];
extern char kernel_text_end[];

/* Of that, what the debugger needs for itself, and how a function gets there. */
extern char kernel_debug_start[];
extern char kernel_debug_end[];

#define IMAGE_DEBUG_TEXT	__attribute__((section(".text.debug")))

/* Behind it what is never written, and then variables. */
extern char kernel_rodata_end[];

/* Where a loader enters, at a physical address. */
extern char boot_entry[];

extern const struct image_recover kernel_recover_start[];
extern const struct image_recover kernel_recover_end[];

/* The debugger's tables; symtab.c says what of them is there. */
extern const char kernel_tables_start[];

#endif
