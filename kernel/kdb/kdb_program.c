/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_program.h. */

#include <kernel/kdb/kdb_program.h>

#include <string.h>

#include <mach/exec/elf.h>
#include <mach/vm_prot.h>

#include <kernel/kdb/kdb_elf.h>
#include <kernel/kdb/kdb_region.h>
#include <kernel/kdb/kdb_table.h>

#define KDB_PROGRAM_BELOW	16u	/* entries that are gone through */
#define KDB_PROGRAM_PARTS	32u
#define KDB_PROGRAM_DYNAMIC_MAX	64u	/* words of what linkers are told */
#define KDB_PROGRAM_SYMBOLS	32768u
#define KDB_PROGRAM_PIECE	64u	/* symbols that are read at once */
#define KDB_PROGRAM_NAME	64u
#define KDB_PROGRAM_STRINGS_TAG	5u
#define KDB_PROGRAM_SYMBOLS_TAG	6u

static const char kdb_program_magic[] = "\177ELF\1\1\1";

/* What a program has for linkers. */
struct kdb_program_links {
	uint32_t	symbols;
	uint32_t	strings;
};

/* One at a time: kernel stacks are small. */
static Elf32_Phdr kdb_program_parts[KDB_PROGRAM_PARTS];
static struct kdb_elf_symbol kdb_program_symbols[KDB_PROGRAM_PIECE];
static char kdb_program_name[KDB_PROGRAM_NAME];

/* Read the parts of the program at START; returns how many. */
static unsigned
kdb_program_read(const struct task *task, uint32_t start)
{
	Elf32_Ehdr header;

	if (!kdb_region_read(task, start, &header, sizeof(header)) ||
	    memcmp(header.e_ident, kdb_program_magic,
	    sizeof(kdb_program_magic) - 1) != 0 ||
	    header.e_phentsize != sizeof(kdb_program_parts[0]) ||
	    header.e_phnum > KDB_PROGRAM_PARTS ||
	    !kdb_region_read(task, start + header.e_phoff,
	    kdb_program_parts,
	    header.e_phnum * sizeof(kdb_program_parts[0]))) {
		return 0;
	}
	return header.e_phnum;
}

/* How far it is from where it was linked, if its header is at START. */
static uint32_t
kdb_program_bias(uint32_t start, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const Elf32_Phdr *part = &kdb_program_parts[i];

		if (part->p_type == PT_LOAD && part->p_offset == 0) {
			return start - part->p_vaddr;
		}
	}
	return 0;
}

/* Is PC, a linked address, in one of the parts? */
static bool
kdb_program_has(unsigned count, uint32_t pc)
{
	for (unsigned i = 0; i < count; i++) {
		const Elf32_Phdr *part = &kdb_program_parts[i];

		if (part->p_type == PT_LOAD &&
		    pc - part->p_vaddr < part->p_memsz) {
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
		const Elf32_Phdr *part = &kdb_program_parts[i];
		uint32_t start = part->p_vaddr + bias;

		if (part->p_type == PT_LOAD && (part->p_flags &
		    (PF_X | PF_W)) == flags &&
		    part->p_filesz <= UINT32_MAX - start) {
			ranges[n].start = start;
			ranges[n].end = start + part->p_filesz;
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
	return n != 0 ? n : kdb_program_ranges(count, bias, PF_X,
	    ranges);
}

/* Where symbols are for linkers: the one who has run may have moved it. */
static bool
kdb_program_linked(const struct task *task, const Elf32_Phdr *part,
    uint32_t bias, struct kdb_program_links *links)
{
	*links = (struct kdb_program_links){ 0, 0 };
	for (uint32_t i = 0; i < KDB_PROGRAM_DYNAMIC_MAX; i++) {
		uint32_t word[2];

		if (!kdb_region_read(task, part->p_vaddr + bias +
		    i * sizeof(word), word, sizeof(word)) || word[0] == 0) {
			break;
		}
		word[1] += word[1] < bias ? bias : 0;
		if (word[0] == KDB_PROGRAM_STRINGS_TAG) {
			links->strings = word[1];
		} else if (word[0] == KDB_PROGRAM_SYMBOLS_TAG) {
			links->symbols = word[1];
		}
	}
	/* Their names follow the symbols, and say how many these are. */
	return links->symbols != 0 && links->symbols < links->strings;
}

/* Look for PC, a linked address, among the COUNT symbols that were read. */
static const struct kdb_elf_symbol *
kdb_program_match(uint32_t count, uint32_t pc)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct kdb_elf_symbol *symbol =
		    &kdb_program_symbols[i];

		if ((symbol->info & 0xf) == KDB_ELF_FUNC &&
		    symbol->section != 0 && pc - symbol->value < symbol->size) {
			return symbol;
		}
	}
	return NULL;
}

/* The symbol of PC, a linked address; NULL: there is none. */
static const struct kdb_elf_symbol *
kdb_program_look(const struct task *task,
    const struct kdb_program_links *links, uint32_t pc)
{
	uint32_t count = (links->strings - links->symbols) /
	    sizeof(kdb_program_symbols[0]);

	for (uint32_t i = 0; i < count && i < KDB_PROGRAM_SYMBOLS;
	    i += KDB_PROGRAM_PIECE) {
		uint32_t n = count - i < KDB_PROGRAM_PIECE ? count - i
							   : KDB_PROGRAM_PIECE;
		const struct kdb_elf_symbol *symbol;

		if (!kdb_region_read(task, links->symbols +
		    i * sizeof(kdb_program_symbols[0]), kdb_program_symbols,
		    n * sizeof(kdb_program_symbols[0]))) {
			continue;
		}
		symbol = kdb_program_match(n, pc);
		if (symbol != NULL) {
			return symbol;
		}
	}
	return NULL;
}

/* Read the name at ADDRESS, as far as there is room; false: that is none. */
static bool
kdb_program_read_name(const struct task *task, uint32_t address)
{
	for (uint32_t i = 0; i < sizeof(kdb_program_name); i++) {
		char *at = &kdb_program_name[i];

		if (!kdb_region_read(task, address + i, at, 1)) {
			return false;
		}
		if (*at == '\0') {
			return i != 0;
		}
		if (*at <= ' ' || *at > '~') {
			return false;
		}
	}
	kdb_program_name[sizeof(kdb_program_name) - 1] = '\0';
	return true;
}

bool
kdb_program_symbol(const struct task *task, uintptr_t pc,
    struct kdb_symbol *symbol)
{
	const struct kdb_elf_symbol *found = NULL;
	struct kdb_program_links links;
	uint32_t bias = 0;
	unsigned count = kdb_program_find(task, pc, &bias);

	for (unsigned i = 0; i < count; i++) {
		const Elf32_Phdr *part = &kdb_program_parts[i];

		if (part->p_type == PT_DYNAMIC &&
		    kdb_program_linked(task, part, bias, &links)) {
			found = kdb_program_look(task, &links,
			    (uint32_t)pc - bias);
		}
	}
	if (found == NULL ||
	    !kdb_program_read_name(task, links.strings + found->name)) {
		return false;
	}
	symbol->name = kdb_program_name;
	symbol->value = found->value + bias;
	symbol->size = found->size;
	symbol->kind = 'T';
	return true;
}

bool
kdb_program_is_code(const struct task *task, uintptr_t pc)
{
	static struct vm_map_entry entry;
	char byte;

	/* A map's entries may be packed away. */
	return kdb_region_find(task, pc, &entry)
		   ? (entry.prot & VM_PROT_EXECUTE) != 0
		   : kdb_region_read(task, pc, &byte, sizeof(byte));
}
