/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_ELF_H
#define KERNEL_KDB_KDB_ELF_H

/*
 * The symbols of an ELF file as one of the debugger's tables, which has nothing
 * else.  Nothing in the file is trusted.
 */

#include <stdbool.h>
#include <stdint.h>

#define KDB_ELF_NOTYPE	0u	/* kinds of symbols */
#define KDB_ELF_OBJECT	1u
#define KDB_ELF_FUNC	2u

/* As it is in files. */
struct kdb_elf_symbol {
	uint32_t	name;
	uint32_t	value;
	uint32_t	size;
	uint8_t		info;
	uint8_t		other;
	uint16_t	section;
};

/* Copy N bytes at OFFSET of the file to TO; false: it does not have them. */
typedef bool (*kdb_elf_read_fn_t)(void *arg, uint32_t offset, void *to,
    uint32_t n);

struct kdb_elf {
	kdb_elf_read_fn_t	read;
	void			*arg;
};

/*
 * How many bytes the table needs, at most MAX; 0: this is no ELF file, or has
 * no symbols, or more.
 */
uint32_t kdb_elf_size(const struct kdb_elf *elf, uint32_t max);

/*
 * Make the table in the SIZE bytes at TO.  False if the file is not as it was
 * when it needed SIZE.
 */
bool kdb_elf_table(const struct kdb_elf *elf, void *to, uint32_t size);

#endif
