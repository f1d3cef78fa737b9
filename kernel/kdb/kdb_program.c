/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_program.h. */

#include <kernel/kdb/kdb_program.h>

#include <string.h>

#include <mach/vm_prot.h>

#include <kernel/kdb/kdb_region.h>

#define KDB_PROGRAM_BELOW	16u	/* entries that are gone through */
#define KDB_PROGRAM_PARTS	32u
#define KDB_PROGRAM_LOAD	1u
#define KDB_PROGRAM_EXECUTE	1u
#define KDB_PROGRAM_WRITE	2u

static const char kdb_program_magic[] = "\177ELF\1\1\1";

/* The part of an ELF file's header that is of use here. */
struct kdb_program_header {
	char		ident[16];
	uint16_t	type;
	uint16_t	machine;
	uint32_t	version;
	uint32_t	entry;
	uint32_t	parts_offset;
	uint32_t	sections_offset;
	uint32_t	flags;
	uint16_t	size;
	uint16_t	part_size;
	uint16_t	part_count;
};

struct kdb_program_part {
	uint32_t	type;
	uint32_t	offset;
	uint32_t	address;
	uint32_t	physical;
	uint32_t	file_size;
	uint32_t	size;
	uint32_t	flags;
	uint32_t	align;
};

/* One at a time: kernel stacks are small. */
static struct kdb_program_part kdb_program_parts[KDB_PROGRAM_PARTS];

/* Read the parts of the program at START; returns how many. */
static unsigned
kdb_program_read(const struct task *task, uint32_t start)
{
	struct kdb_program_header header;

	if (!kdb_region_read(task, start, &header, sizeof(header)) ||
	    memcmp(header.ident, kdb_program_magic,
	    sizeof(kdb_program_magic) - 1) != 0 ||
	    header.part_size != sizeof(kdb_program_parts[0]) ||
	    header.part_count > KDB_PROGRAM_PARTS ||
	    !kdb_region_read(task, start + header.parts_offset,
	    kdb_program_parts,
	    header.part_count * sizeof(kdb_program_parts[0]))) {
		return 0;
	}
	return header.part_count;
}

/* How far it is from where it was linked, if its header is at START. */
static uint32_t
kdb_program_bias(uint32_t start, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct kdb_program_part *part = &kdb_program_parts[i];

		if (part->type == KDB_PROGRAM_LOAD && part->offset == 0) {
			return start - part->address;
		}
	}
	return 0;
}

/* Is PC, a linked address, in one of the parts? */
static bool
kdb_program_has(unsigned count, uint32_t pc)
{
	for (unsigned i = 0; i < count; i++) {
		const struct kdb_program_part *part = &kdb_program_parts[i];

		if (part->type == KDB_PROGRAM_LOAD &&
		    pc - part->address < part->size) {
			return true;
		}
	}
	return false;
}

/* Find the program at PC and its parts; 0: there is none. */
static unsigned
kdb_program_find(const struct task *task, uintptr_t pc, uint32_t *bias)
{
	static struct vm_map_entry entry;

	if (!kdb_region_find(task, pc, &entry)) {
		return 0;
	}
	for (unsigned i = 0; i < KDB_PROGRAM_BELOW; i++) {
		unsigned count = kdb_program_read(task, (uint32_t)entry.start);

		*bias = kdb_program_bias((uint32_t)entry.start, count);
		if (kdb_program_has(count, (uint32_t)pc - *bias)) {
			return count;
		}
		if (!kdb_region_below(&entry)) {
			break;
		}
	}
	return 0;
}

/* Those of COUNT parts that have FLAGS, and how many these are. */
static unsigned
kdb_program_ranges(unsigned count, uint32_t bias, uint32_t flags,
    struct kdb_cfi_range ranges[KDB_CFI_RANGES])
{
	unsigned n = 0;

	for (unsigned i = 0; i < count && n < KDB_CFI_RANGES; i++) {
		const struct kdb_program_part *part = &kdb_program_parts[i];
		uint32_t start = part->address + bias;

		if (part->type == KDB_PROGRAM_LOAD && (part->flags &
		    (KDB_PROGRAM_EXECUTE | KDB_PROGRAM_WRITE)) == flags &&
		    part->file_size <= UINT32_MAX - start) {
			ranges[n].start = start;
			ranges[n].end = start + part->file_size;
			n++;
		}
	}
	return n;
}

unsigned
kdb_program_constants(const struct task *task, uintptr_t pc,
    struct kdb_cfi_range ranges[KDB_CFI_RANGES])
{
	uint32_t bias = 0;
	unsigned count = kdb_program_find(task, pc, &bias);
	unsigned n = kdb_program_ranges(count, bias, 0, ranges);

	/* Linkers that do not part them have constants among the code. */
	return n != 0 ? n : kdb_program_ranges(count, bias, KDB_PROGRAM_EXECUTE,
	    ranges);
}

bool
kdb_program_is_code(const struct task *task, uintptr_t pc)
{
	static struct vm_map_entry entry;

	return kdb_region_find(task, pc, &entry) &&
	    (entry.prot & VM_PROT_EXECUTE) != 0;
}
