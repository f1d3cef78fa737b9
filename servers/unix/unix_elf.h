/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * ELF programs: what of a file goes where.  Knows no messages.
 */
#ifndef SERVERS_UNIX_UNIX_ELF_H
#define SERVERS_UNIX_UNIX_ELF_H

#include <stdbool.h>
#include <stdint.h>

#define ELF_SEGMENT_MAX	16
#define ELF_INTERP_MAX	256

struct elf_segment {
	uint32_t	address;	/* of its first byte, unrounded */
	uint32_t	offset;		/* in the file */
	uint32_t	file_size;
	uint32_t	memory_size;
	uint32_t	flags;		/* 1 execute, 2 write, 4 read */
};

struct elf_image {
	struct elf_segment	segments[ELF_SEGMENT_MAX];
	unsigned		count;
	bool			relocatable;	/* goes to any address */
	uint32_t		low;		/* addresses used, page aligned */
	uint32_t		high;
	uint32_t		entry;
	uint32_t		phdr;		/* address of the table, 0: none */
	uint32_t		phnum;
	uint32_t		interp_offset;	/* in the file, of its name */
	uint32_t		interp_size;	/* 0: no interpreter */
};

/*
 * Look at the first SIZE bytes of a file of FILE_SIZE.  0, or -L_ENOEXEC and
 * the like.  The program headers must lie in those bytes.
 */
int32_t elf_parse(const void *start, uint32_t size, uint64_t file_size,
    struct elf_image *image);

/*
 * A script's first line "#!interpreter argument": 0 and the two strings (each
 * of ELF_INTERP_MAX; ARGUMENT may be empty), or -L_ENOEXEC.
 */
int32_t script_parse(const char *start, uint32_t size, char *interpreter,
    char *argument);

/* Write-then-read layout of a new program's stack. */
struct elf_auxv {
	uint32_t	type;
	uint32_t	value;
};

/*
 * Lay out strings, vectors and auxiliary values below TOP in BUFFER, whose last
 * byte stands for the one below TOP.  STRINGS holds ARGC + ENVC strings of
 * SIZE bytes together; AUXV (COUNT pairs, the last AT_NULL) gets AT_RANDOM,
 * AT_EXECFN and AT_PLATFORM filled in.  Returns the initial stack pointer, or
 * 0 when BUFFER is too small.
 */
uint32_t elf_stack(char *buffer, uint32_t room, uint32_t top,
    const char *strings, uint32_t size, uint32_t argc, uint32_t envc,
    const char *path, const void *random, struct elf_auxv *auxv,
    unsigned count);

#endif /* SERVERS_UNIX_UNIX_ELF_H */
