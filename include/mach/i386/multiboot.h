/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Multiboot 1: what a loader finds in a kernel and what it hands over.
 */

#ifndef MACH_I386_MULTIBOOT_H
#define MACH_I386_MULTIBOOT_H

#include <stdint.h>

/* The header lies in the first so many bytes of the image. */
#define MULTIBOOT_SEARCH	8192
#define MULTIBOOT_MAGIC		0x1badb002
#define MULTIBOOT_MUSTKNOW	0x0000ffff	/* flags not to be ignored */
#define MULTIBOOT_PAGE_ALIGN	0x00000001
#define MULTIBOOT_MEMORY_INFO	0x00000002
#define MULTIBOOT_AOUT_KLUDGE	0x00010000

/* In %eax at entry. */
#define MULTIBOOT_VALID		0x2badb002

/* Which fields of the information are there. */
#define MULTIBOOT_MEMORY	0x00000001
#define MULTIBOOT_BOOT_DEVICE	0x00000002
#define MULTIBOOT_CMDLINE	0x00000004
#define MULTIBOOT_MODS		0x00000008
#define MULTIBOOT_AOUT_SYMS	0x00000010
#define MULTIBOOT_ELF_SHDR	0x00000020
#define MULTIBOOT_MEM_MAP	0x00000040

/* All addresses here are physical. */
struct multiboot_raw_module {
	uint32_t	mod_start;
	uint32_t	mod_end;
	uint32_t	string;
	uint32_t	reserved;
} __attribute__((packed));

struct multiboot_raw_mmap_entry {
	uint32_t	size;		/* of what follows */
	uint64_t	base_addr;
	uint64_t	length;
	uint32_t	type;
} __attribute__((packed));

#define MB_ARD_MEMORY	1		/* type: usable memory */

struct multiboot_raw_info {
	uint32_t	flags;
	uint32_t	mem_lower;	/* KiB */
	uint32_t	mem_upper;	/* KiB above the first MiB */
	uint32_t	unused0;
	uint32_t	cmdline;
	uint32_t	mods_count;
	uint32_t	mods_addr;
	uint32_t	shdr_num;
	uint32_t	shdr_size;
	uint32_t	shdr_addr;
	uint32_t	shdr_strndx;
	uint32_t	mmap_length;	/* bytes */
	uint32_t	mmap_addr;
	uint32_t	unused1[9];
} __attribute__((packed));

_Static_assert(sizeof(struct multiboot_raw_module) == 16, "module");
_Static_assert(sizeof(struct multiboot_raw_mmap_entry) == 24, "mmap_entry");
_Static_assert(sizeof(struct multiboot_raw_info) == 88, "info");

#endif /* MACH_I386_MULTIBOOT_H */
