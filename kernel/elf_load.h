/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * ELF images into address maps.
 */

#ifndef KERNEL_ELF_LOAD_H
#define KERNEL_ELF_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <machine/types.h>

struct vm_map;

/* Where the image's bytes are.  Returns false past the end. */
struct elf_source {
	bool		(*read)(const struct elf_source *source, uint32_t offset,
	    void *buf, uint32_t n);
	uint32_t	size;
	phys_addr_t	start;		/* for elf_load's caller */
};

/* What the loader found. */
struct elf_info {
	user_addr_t	entry;		/* where to start */
	user_addr_t	phdr;		/* program headers in memory, or 0 */
	uint32_t	phnum;
	bool		stack_exec;	/* the image asks for such a stack */
};

/*
 * Check all of an image of type ET_EXEC (or ET_DYN without interpreter, put at
 * a fixed place) before touching MAP, then map its segments.
 *
 * Returns: KERN_SUCCESS; else MAP may be partly filled and *WHYP says in words
 *          what is wrong.
 */
kern_return_t elf_load(struct vm_map *map, const struct elf_source *source,
    struct elf_info *info, const char **whyp);

/*
 * Make a stack at the top of MAP with ARGC strings as a program expects
 * them: argc, argv[], NULL, envp NULL, an empty auxiliary vector.
 *
 * Returns: KERN_NO_SPACE when they do not fit, and what vm_map_enter does.
 */
kern_return_t elf_load_stack(struct vm_map *map, const char *const *argv,
    unsigned argc, const struct elf_info *info, user_addr_t *spp);

#endif /* KERNEL_ELF_LOAD_H */
