/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the kernel is told is an ELF file, made here, that has nothing but the
 * symbols of one program or of several: a header, the sections below, names,
 * symbols.  Each symbol has the address that it has in the task.
 */
#include <servers/unix/unix_symbols.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <servers/unix/unix_task.h>

#define SYMBOLS_RULES		".eh_frame"
#define SYMBOLS_PIECE		16384u	/* of them, read at once */
#define SYMBOLS_SECTIONS_MAX	256u	/* of a program; others' are left out */

/* Sections of the file that is made.  Of the first ones symbols may be. */
enum {
	SYMBOLS_NONE,
	SYMBOLS_TEXT,
	SYMBOLS_DATA,
	SYMBOLS_BSS,
	SYMBOLS_SYMBOLS,
	SYMBOLS_NAMES,
	SYMBOLS_SECTIONS
};

struct symbols_head {
	Elf32_Ehdr	ehdr;
	Elf32_Shdr	sections[SYMBOLS_SECTIONS];
};

/* A part of a file. */
struct symbols_part {
	uint32_t	offset;
	uint32_t	size;
};

/* Where a program has its symbols. */
struct symbols_input {
	struct file		*file;
	uint32_t		base;
	struct symbols_part	symbols;
	struct symbols_part	names;
	uint32_t		sections;
	uint8_t			kinds[SYMBOLS_SECTIONS_MAX];	/* as above */
};

/* The file being made, of which there is room for ROOM bytes. */
struct symbols_output {
	char		*data;
	uint32_t	room;
	uint32_t	names;		/* so far, and of all inputs */
	uint32_t	names_room;
	uint32_t	count;		/* of symbols so far */
};

bool symbols_wanted;

/* Bytes for symbols that are being read; unix_lock. */
static uint32_t symbols_used;

static bool
symbols_read(const struct symbols_input *in, uint32_t offset, void *to,
    uint32_t n)
{
	uint32_t done = 0;

	while (done < n) {
		int64_t at = (int64_t)offset + done;
		int32_t part = in->file->ops->read(in->file, NULL,
		    (char *)to + done, n - done, &at);

		if (part <= 0) {
			return false;
		}
		done += (uint32_t)part;
	}
	return true;
}

/* In what of ours are symbols of SECTION? */
static uint8_t
symbols_kind(const Elf32_Shdr *section)
{
	if ((section->sh_flags & (SHF_ALLOC | SHF_TLS)) != SHF_ALLOC) {
		return SYMBOLS_NONE;
	}
	if ((section->sh_flags & SHF_EXECINSTR) != 0) {
		return SYMBOLS_TEXT;
	}
	return section->sh_type == SHT_NOBITS ? SYMBOLS_BSS : SYMBOLS_DATA;
}

/* Use the table of TYPE; false: there is none of use. */
static bool
symbols_choose(struct symbols_input *in, const Elf32_Shdr *sections,
    uint32_t type)
{
	for (uint32_t i = 0; i < in->sections; i++) {
		const Elf32_Shdr *s = &sections[i];
		const Elf32_Shdr *names;

		if (s->sh_type != type || s->sh_size < sizeof(Elf32_Sym) ||
		    s->sh_entsize != sizeof(Elf32_Sym) ||
		    s->sh_link >= in->sections) {
			continue;
		}
		names = &sections[s->sh_link];
		if (names->sh_type == SHT_STRTAB && names->sh_size != 0 &&
		    (uint64_t)s->sh_size + names->sh_size < SYMBOLS_MAX) {
			in->symbols.offset = s->sh_offset;
			in->symbols.size = s->sh_size - s->sh_size %
			    sizeof(Elf32_Sym);
			in->names.offset = names->sh_offset;
			in->names.size = names->sh_size;
			return true;
		}
	}
	return false;
}

/* Is SECTION, whose names are in NAMES, the program's call-frame rules? */
static bool
symbols_is_rules(const struct symbols_input *in, const Elf32_Shdr *section,
    const Elf32_Shdr *names)
{
	char name[sizeof(SYMBOLS_RULES)];

	return section->sh_type == SHT_PROGBITS && section->sh_name <
	    names->sh_size && names->sh_size - section->sh_name >=
	    sizeof(name) && symbols_read(in, names->sh_offset +
	    section->sh_name, name, sizeof(name)) &&
	    memcmp(name, SYMBOLS_RULES, sizeof(name)) == 0;
}

/* The debugger looks in memory for what is mapped: reading brings it there. */
static void
symbols_bring(const struct symbols_input *in, const Elf32_Shdr *section)
{
	uint32_t size = section->sh_size < SYMBOLS_MAX ? section->sh_size
						       : SYMBOLS_MAX;
	char *bytes = malloc(SYMBOLS_PIECE);

	for (uint32_t at = 0; bytes != NULL && at < size;
	    at += SYMBOLS_PIECE) {
		uint32_t n = size - at < SYMBOLS_PIECE ? size - at
						       : SYMBOLS_PIECE;

		if (!symbols_read(in, section->sh_offset + at, bytes, n)) {
			break;
		}
	}
	free(bytes);
}

static void
symbols_rules(const struct symbols_input *in, const Elf32_Shdr *sections,
    uint32_t names)
{
	for (uint32_t i = 0; names < in->sections && i < in->sections; i++) {
		if (symbols_is_rules(in, &sections[i], &sections[names])) {
			symbols_bring(in, &sections[i]);
			return;
		}
	}
}

static bool
symbols_sections(struct symbols_input *in, uint32_t offset, uint32_t names)
{
	uint32_t size = in->sections * sizeof(Elf32_Shdr);
	Elf32_Shdr *sections = malloc(size);
	bool good = sections != NULL &&
	    symbols_read(in, offset, sections, size);

	for (uint32_t i = 0; good && i < in->sections; i++) {
		in->kinds[i] = symbols_kind(&sections[i]);
	}
	if (good) {
		symbols_rules(in, sections, names);
	}
	good = good && (symbols_choose(in, sections, SHT_SYMTAB) ||
	    symbols_choose(in, sections, SHT_DYNSYM));
	free(sections);
	return good;
}

/* Find the symbols of PROGRAM; false: it has none. */
static bool
symbols_open(struct symbols_input *in, const struct symbols_program *program)
{
	Elf32_Ehdr ehdr;

	memset(in, 0, sizeof(*in));
	in->file = program->file;
	in->base = program->base;
	if (!symbols_read(in, 0, &ehdr, sizeof(ehdr)) ||
	    memcmp(ehdr.e_ident, ELFMAG, SELFMAG) != 0 ||
	    ehdr.e_ident[EI_CLASS] != ELFCLASS32 ||
	    ehdr.e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr.e_machine != EM_386 ||
	    ehdr.e_shentsize != sizeof(Elf32_Shdr) || ehdr.e_shnum == 0) {
		return false;
	}
	in->sections = ehdr.e_shnum < SYMBOLS_SECTIONS_MAX ? ehdr.e_shnum :
	    SYMBOLS_SECTIONS_MAX;
	return symbols_sections(in, ehdr.e_shoff, ehdr.e_shstrndx);
}

/*
 * Make SYMBOL of IN, whose names are at NAMES of ours, one of ours; false: it
 * is of no interest.
 */
static bool
symbols_take(const struct symbols_input *in, uint32_t names, Elf32_Sym *symbol)
{
	unsigned type = ELF32_ST_TYPE(symbol->st_info);

	if ((type != STT_NOTYPE && type != STT_OBJECT && type != STT_FUNC) ||
	    symbol->st_name == 0 || symbol->st_name >= in->names.size ||
	    symbol->st_shndx >= in->sections ||
	    in->kinds[symbol->st_shndx] == SYMBOLS_NONE) {
		return false;
	}
	symbol->st_name += names;
	symbol->st_value += in->base;
	symbol->st_shndx = in->kinds[symbol->st_shndx];
	return true;
}

/* Where the symbols are in what is made. */
static uint32_t
symbols_place(const struct symbols_output *out)
{
	return (sizeof(struct symbols_head) + out->names_room + 3) & ~3u;
}

/* Append those of IN, for which there is room; none of one that lies. */
static void
symbols_append(struct symbols_output *out, const struct symbols_input *in)
{
	Elf32_Sym *to = (Elf32_Sym *)(void *)(out->data +
	    symbols_place(out)) + out->count;
	uint32_t count = in->symbols.size / sizeof(*to);
	char *names = out->data + sizeof(struct symbols_head) + out->names;
	uint32_t taken = 0;

	if (!symbols_read(in, in->names.offset, names, in->names.size) ||
	    !symbols_read(in, in->symbols.offset, to, in->symbols.size)) {
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		Elf32_Sym symbol = to[i];

		if (symbols_take(in, out->names, &symbol)) {
			to[taken++] = symbol;
		}
	}
	/* The last name ends, whatever the file says. */
	names[in->names.size] = '\0';
	out->names += in->names.size + 1;
	out->count += taken;
}

/* The head of what was made; returns the size of all. */
static uint32_t
symbols_finish(const struct symbols_output *out)
{
	static const struct symbols_head head = {
		.ehdr = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
			    ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_386,
			.e_version = EV_CURRENT,
			.e_shoff = offsetof(struct symbols_head, sections),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_shentsize = sizeof(Elf32_Shdr),
			.e_shnum = SYMBOLS_SECTIONS,
		},
		.sections = {
			[SYMBOLS_TEXT] = { .sh_type = SHT_PROGBITS,
			    .sh_flags = SHF_ALLOC | SHF_EXECINSTR },
			[SYMBOLS_DATA] = { .sh_type = SHT_PROGBITS,
			    .sh_flags = SHF_ALLOC | SHF_WRITE },
			[SYMBOLS_BSS] = { .sh_type = SHT_NOBITS,
			    .sh_flags = SHF_ALLOC | SHF_WRITE },
			[SYMBOLS_SYMBOLS] = { .sh_type = SHT_SYMTAB,
			    .sh_link = SYMBOLS_NAMES,
			    .sh_entsize = sizeof(Elf32_Sym) },
			[SYMBOLS_NAMES] = { .sh_type = SHT_STRTAB,
			    .sh_offset = sizeof(struct symbols_head) },
		},
	};
	struct symbols_head *to = (struct symbols_head *)(void *)out->data;
	Elf32_Shdr *symbols = &to->sections[SYMBOLS_SYMBOLS];

	*to = head;
	to->sections[SYMBOLS_NAMES].sh_size = out->names;
	symbols->sh_offset = symbols_place(out);
	symbols->sh_size = out->count * sizeof(Elf32_Sym);
	return symbols->sh_offset + symbols->sh_size;
}

/* Find those of the programs that fit; the room that is needed goes to OUT. */
static unsigned
symbols_plan(const struct symbols_program *programs, unsigned count,
    struct symbols_input *inputs, struct symbols_output *out)
{
	uint32_t symbols = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		struct symbols_input *in = &inputs[n];

		if (symbols_open(in, &programs[i]) &&
		    in->symbols.size + in->names.size <
		    SYMBOLS_MAX - out->names_room - symbols) {
			out->names_room += in->names.size + 1;
			symbols += in->symbols.size;
			n++;
		}
	}
	out->room = symbols_place(out) + symbols;
	return n;
}

/* Make it, and tell it; false: there is nothing to tell, or no memory. */
static bool
symbols_hand_over(mach_port_t task, const char *name,
    const struct symbols_input *inputs, unsigned count,
    struct symbols_output *out)
{
	kern_return_t kr = KERN_INVALID_ARGUMENT;

	out->data = malloc(out->room);
	if (out->data == NULL) {
		return false;
	}
	for (unsigned i = 0; i < count; i++) {
		symbols_append(out, &inputs[i]);
	}
	if (out->count != 0) {
		kr = task_tell_symbols(task, name, out->data,
		    symbols_finish(out));
	}
	free(out->data);
	return kr == KERN_SUCCESS;
}

void
symbols_tell(mach_port_t task, const char *name,
    const struct symbols_program *programs, unsigned count)
{
	struct symbols_output out = { .data = NULL };
	struct symbols_input *inputs;
	bool told = false;

	if (!symbols_wanted) {
		return;
	}
	inputs = calloc(count, sizeof(*inputs));
	if (inputs != NULL) {
		count = symbols_plan(programs, count, inputs, &out);
		/* Many may execute programs at once. */
		if (count != 0 && out.room <= SYMBOLS_TOTAL - symbols_used) {
			symbols_used += out.room;
			told = symbols_hand_over(task, name, inputs, count,
			    &out);
			symbols_used -= out.room;
		}
	}
	free(inputs);
	if (!told) {
		task_tell_symbols(task, name, NULL, 0);
	}
}

bool
symbols_tell_tables(mach_port_t task, const char *name, struct file *file)
{
	const struct symbols_input in = { .file = file };
	struct file_stat stat;
	bool told = false;
	uint32_t size;
	char *data;

	if (file->ops->stat(file, &stat) != 0 || stat.size == 0 ||
	    stat.size > SYMBOLS_MAX ||
	    stat.size > SYMBOLS_TOTAL - symbols_used) {
		return false;
	}
	size = (uint32_t)stat.size;
	data = malloc(size);
	if (data != NULL) {
		symbols_used += size;
		told = symbols_read(&in, 0, data, size) &&
		    task_tell_symbols(task, name, data, size) == KERN_SUCCESS;
		symbols_used -= size;
		free(data);
	}
	return told;
}
