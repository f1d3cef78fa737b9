/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_elf.h. */

#include <kernel/kdb/kdb_elf.h>

#include <mach/exec/elf.h>
#include <string.h>

#include <kernel/kdb/kdb_table_format.h>

#define KDB_ELF_NAME	256u	/* longer names are cut */
#define KDB_ELF_SECTIONS 256u

#define KDB_ELF_SYMTAB	2u	/* kind of section */
#define KDB_ELF_NOBITS	8u
#define KDB_ELF_ALLOC	0x2u	/* flags of sections */
#define KDB_ELF_EXEC	0x4u
#define KDB_ELF_TLS	0x400u

struct kdb_elf_section {
	uint32_t	name;
	uint32_t	type;
	uint32_t	flags;
	uint32_t	addr;
	uint32_t	offset;
	uint32_t	size;
	uint32_t	link;
	uint32_t	info;
	uint32_t	align;
	uint32_t	entry_size;
};

/* Where the symbols are, and their names. */
struct kdb_elf_walk {
	const struct kdb_elf	*elf;
	Elf32_Ehdr		ehdr;
	struct kdb_elf_section	symbols;
	struct kdb_elf_section	names;
	uint32_t		i;
};

static bool
kdb_elf_section(const struct kdb_elf_walk *walk, uint32_t i,
    struct kdb_elf_section *section)
{
	return i < walk->ehdr.e_shnum && i < KDB_ELF_SECTIONS &&
	    walk->ehdr.e_shoff <= UINT32_MAX - KDB_ELF_SECTIONS *
	    sizeof(*section) && walk->elf->read(walk->elf->arg,
	    walk->ehdr.e_shoff + i * sizeof(*section), section,
	    sizeof(*section));
}

static bool
kdb_elf_header(struct kdb_elf_walk *walk)
{
	const Elf32_Ehdr *ehdr = &walk->ehdr;

	return walk->elf->read(walk->elf->arg, 0, &walk->ehdr,
	    sizeof(walk->ehdr)) && ehdr->e_ident[EI_MAG0] == ELFMAG0 &&
	    ehdr->e_ident[EI_MAG1] == ELFMAG1 &&
	    ehdr->e_ident[EI_MAG2] == ELFMAG2 &&
	    ehdr->e_ident[EI_MAG3] == ELFMAG3 &&
	    ehdr->e_ident[EI_CLASS] == ELFCLASS32 &&
	    ehdr->e_ident[EI_DATA] == ELFDATA2LSB &&
	    ehdr->e_machine == EM_386 &&
	    ehdr->e_shentsize == sizeof(struct kdb_elf_section);
}

/* Find the symbols; false: there are none. */
static bool
kdb_elf_open(struct kdb_elf_walk *walk, const struct kdb_elf *elf)
{
	memset(walk, 0, sizeof(*walk));
	walk->elf = elf;
	if (!kdb_elf_header(walk)) {
		return false;
	}
	for (uint32_t i = 0; kdb_elf_section(walk, i, &walk->symbols); i++) {
		if (walk->symbols.type == KDB_ELF_SYMTAB) {
			return kdb_elf_section(walk, walk->symbols.link,
			    &walk->names);
		}
	}
	return false;
}

/* The kind of SYMBOL as nm(1) says it; 0: of no interest. */
static char
kdb_elf_kind(const struct kdb_elf_walk *walk,
    const struct kdb_elf_symbol *symbol)
{
	unsigned type = symbol->info & 0xf;
	char local = symbol->info >> 4 == 0 ? 'a' - 'A' : 0;
	struct kdb_elf_section section;

	if ((type != KDB_ELF_NOTYPE && type != KDB_ELF_OBJECT &&
	    type != KDB_ELF_FUNC) || symbol->section == 0 ||
	    !kdb_elf_section(walk, symbol->section, &section) ||
	    (section.flags & (KDB_ELF_ALLOC | KDB_ELF_TLS)) != KDB_ELF_ALLOC) {
		return 0;
	}
	if ((section.flags & KDB_ELF_EXEC) != 0) {
		return 'T' + local;
	}
	return (section.type == KDB_ELF_NOBITS ? 'B' : 'D') + local;
}

/* The name of SYMBOL; false if it has none to speak of. */
static bool
kdb_elf_name(const struct kdb_elf_walk *walk,
    const struct kdb_elf_symbol *symbol, char *name)
{
	uint32_t room;

	if (symbol->name >= walk->names.size ||
	    walk->names.offset > UINT32_MAX - walk->names.size) {
		return false;
	}
	room = walk->names.size - symbol->name;
	room = room < KDB_ELF_NAME ? room : KDB_ELF_NAME;
	if (!walk->elf->read(walk->elf->arg, walk->names.offset + symbol->name,
	    name, room)) {
		return false;
	}
	name[room - 1] = '\0';
	return name[0] != '\0';
}

/* The next symbol of interest. */
static bool
kdb_elf_next(struct kdb_elf_walk *walk, struct kdb_elf_symbol *symbol,
    char *kind, char *name)
{
	while (walk->i < walk->symbols.size / sizeof(*symbol) &&
	    walk->symbols.offset <= UINT32_MAX - walk->symbols.size &&
	    walk->elf->read(walk->elf->arg, walk->symbols.offset +
	    walk->i * sizeof(*symbol), symbol, sizeof(*symbol))) {
		walk->i++;
		*kind = kdb_elf_kind(walk, symbol);
		if (*kind != 0 && kdb_elf_name(walk, symbol, name)) {
			return true;
		}
	}
	return false;
}

uint32_t
kdb_elf_size(const struct kdb_elf *elf, uint32_t max)
{
	uint32_t size = sizeof(struct kdb_table_header) + 1;
	struct kdb_elf_symbol symbol;
	struct kdb_elf_walk walk;
	char name[KDB_ELF_NAME];
	bool any = false;
	char kind;

	if (!kdb_elf_open(&walk, elf)) {
		return 0;
	}
	while (kdb_elf_next(&walk, &symbol, &kind, name)) {
		size += sizeof(struct kdb_table_symbol) + strlen(name) + 1;
		any = true;
		if (size > max) {
			return 0;
		}
	}
	return any ? size : 0;
}

/* Is X to come before Y?  Functions and variables after labels of theirs. */
static bool
kdb_elf_before(const struct kdb_table_symbol *x,
    const struct kdb_table_symbol *y)
{
	return x->value != y->value ? x->value < y->value : x->size < y->size;
}

/* Let the symbol I sink to where it belongs in a heap of COUNT. */
static void
kdb_elf_sink(struct kdb_table_symbol *symbols, uint32_t i, uint32_t count)
{
	for (;;) {
		uint32_t child = 2 * i + 1;
		struct kdb_table_symbol swapped;

		if (child >= count) {
			return;
		}
		if (child + 1 < count &&
		    kdb_elf_before(&symbols[child], &symbols[child + 1])) {
			child++;
		}
		if (!kdb_elf_before(&symbols[i], &symbols[child])) {
			return;
		}
		swapped = symbols[i];
		symbols[i] = symbols[child];
		symbols[child] = swapped;
		i = child;
	}
}

static void
kdb_elf_sort(struct kdb_table_symbol *symbols, uint32_t count)
{
	for (uint32_t i = count / 2; i > 0; i--) {
		kdb_elf_sink(symbols, i - 1, count);
	}
	for (uint32_t left = count; left > 1; left--) {
		struct kdb_table_symbol last = symbols[left - 1];

		symbols[left - 1] = symbols[0];
		symbols[0] = last;
		kdb_elf_sink(symbols, 0, left - 1);
	}
}

/* The symbols, of which there is room for COUNT, and their names to NAMES. */
static bool
kdb_elf_fill(struct kdb_elf_walk *walk, struct kdb_table_symbol *symbols,
    uint32_t count, char *names, uint32_t names_size)
{
	struct kdb_elf_symbol symbol;
	char name[KDB_ELF_NAME];
	uint32_t used = 1;
	uint32_t i = 0;
	char kind;

	names[0] = '\0';
	while (kdb_elf_next(walk, &symbol, &kind, name)) {
		uint32_t length = (uint32_t)strlen(name) + 1;

		if (i == count || length > names_size - used) {
			return false;
		}
		memcpy(names + used, name, length);
		symbols[i].value = symbol.value;
		symbols[i].size = symbol.size;
		symbols[i].name = used | (uint32_t)(uint8_t)kind << 24;
		used += length;
		i++;
	}
	return i == count && used == names_size;
}

/* How many symbols of interest there are. */
static uint32_t
kdb_elf_count(const struct kdb_elf *elf)
{
	struct kdb_elf_symbol symbol;
	struct kdb_elf_walk walk;
	char name[KDB_ELF_NAME];
	uint32_t count = 0;
	char kind;

	if (kdb_elf_open(&walk, elf)) {
		while (kdb_elf_next(&walk, &symbol, &kind, name)) {
			count++;
		}
	}
	return count;
}

bool
kdb_elf_table(const struct kdb_elf *elf, void *to, uint32_t size)
{
	uint32_t count = kdb_elf_count(elf);
	uint32_t symbols_size = count * sizeof(struct kdb_table_symbol);
	struct kdb_table_header *header = to;
	struct kdb_elf_walk walk;
	uint32_t names;

	if (size <= sizeof(*header) ||
	    count > size / sizeof(struct kdb_table_symbol) ||
	    symbols_size >= size - sizeof(*header) ||
	    !kdb_elf_open(&walk, elf)) {
		return false;
	}
	names = sizeof(*header) + symbols_size;
	memset(header, 0, sizeof(*header));
	header->magic = KDB_TABLE_MAGIC;
	header->version = KDB_TABLE_VERSION;
	header->size = size;
	header->resident = size;
	header->parts[KDB_TABLE_SYMBOLS].offset = sizeof(*header);
	header->parts[KDB_TABLE_SYMBOLS].size = symbols_size;
	header->parts[KDB_TABLE_NAMES].offset = names;
	header->parts[KDB_TABLE_NAMES].size = size - names;
	if (!kdb_elf_fill(&walk, (struct kdb_table_symbol *)(header + 1),
	    count, (char *)to + names, size - names)) {
		return false;
	}
	kdb_elf_sort((struct kdb_table_symbol *)(header + 1), count);
	return true;
}
