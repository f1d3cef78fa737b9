/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * An ELF program, checked before anything is done with it: a static i386
 * executable whose segments lie inside the file and inside user space, do not
 * overlap in any page, and contain the entry point.  Knows no messages.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_ELF_H
#define SERVERS_BOOTSTRAP_BOOT_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOT_ELF_SEGMENTS_MAX	8

struct boot_segment {
	uint32_t	address;	/* of the first byte */
	uint32_t	memory_size;
	uint32_t	file_offset;
	uint32_t	file_size;
	bool		writable;
	bool		executable;
};

struct boot_program {
	uint32_t		entry;
	unsigned		segments;
	struct boot_segment	segment[BOOT_ELF_SEGMENTS_MAX];
};

/*
 * Check the SIZE bytes at IMAGE for pages of PAGE bytes and user addresses
 * below LIMIT.  NULL when all is well, else what is wrong.
 */
const char *boot_elf_parse(const void *image, size_t size, uint32_t page,
    uint32_t limit, struct boot_program *program);

#endif /* SERVERS_BOOTSTRAP_BOOT_ELF_H */
