/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * ELF images into address maps.
 */

#ifndef KERNEL_ELF_LOAD_H
#define KERNEL_ELF_LOAD_H

#include <stdint.h>

#include <mach/kern_return.h>
#include <machine/types.h>

struct task;
struct vm_map;

/* Where the image's bytes are. */
struct elf_source {
	phys_addr_t	start;
	uint32_t	size;
};

/* What the loader found. */
struct elf_info {
	user_addr_t	entry;		/* where to start */
	user_addr_t	phdr;		/* program headers in memory, or 0 */
	uint32_t	phnum;
};

/*
 * Check all of an image of type ET_EXEC, or ET_DYN without an interpreter,
 * which is put at a fixed place, before touching MAP; then map its segments.
 * Addresses in INFO are those in MAP.
 *
 * Blocks:  may.
 * Returns: KERN_SUCCESS; else *WHYP says in words what is wrong, and MAP may
 *          be partly filled.
 */
kern_return_t elf_load(struct vm_map *map, const struct elf_source *source,
    struct elf_info *info, const char **whyp);

/*
 * Give the debugger the symbols of the image, if it has some, as those of TASK,
 * which elf_load() has made.
 *
 * Blocks:  may.
 */
void elf_load_symbols(struct task *task, const struct elf_source *source);

/*
 * Make a stack at the top of MAP with ARGC strings as a program expects them:
 * argc, the pointers and a null, no environment, a short auxiliary vector.
 * *SPP is where argc is.
 *
 * Returns: KERN_NO_SPACE when they do not fit, and what vm_map_enter does.
 */
kern_return_t elf_load_stack(struct vm_map *map, char *const *argv,
    unsigned argc, const struct elf_info *info, user_addr_t *spp);

#endif /* KERNEL_ELF_LOAD_H */
