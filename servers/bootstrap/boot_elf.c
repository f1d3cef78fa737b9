/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The checks.  All sums are made in 64 bits; headers are copied out before use
 * because the image may be unaligned.
 */

#include <servers/bootstrap/boot_elf.h>

#include <elf.h>
#include <string.h>

static const char *
boot_elf_check_header(const Elf32_Ehdr *h, size_t size)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0) {
		return "not an ELF file";
	}
	if (h->e_ident[EI_CLASS] != ELFCLASS32 ||
	    h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_386) {
		return "not for this processor";
	}
	if (h->e_type != ET_EXEC || h->e_ident[EI_VERSION] != EV_CURRENT) {
		return "not a static program";
	}
	if (h->e_phentsize != sizeof(Elf32_Phdr) || h->e_phnum == 0) {
		return "no program headers";
	}
	if ((uint64_t)h->e_phoff + (uint64_t)h->e_phnum * sizeof(Elf32_Phdr) >
	    size) {
		return "truncated program headers";
	}
	return NULL;
}

static const char *
boot_elf_check_segment(const Elf32_Phdr *ph, size_t size, uint32_t page,
    uint32_t limit)
{
	if (ph->p_filesz > ph->p_memsz) {
		return "segment larger in the file than in memory";
	}
	if ((uint64_t)ph->p_offset + ph->p_filesz > size) {
		return "truncated segment";
	}
	if (ph->p_vaddr < page || (uint64_t)ph->p_vaddr + ph->p_memsz > limit) {
		return "segment outside user memory";
	}
	return NULL;
}

/* Does SEGMENT share a page with one that is in PROGRAM already? */
static bool
boot_elf_overlaps(const struct boot_program *program,
    const struct boot_segment *segment, uint32_t page)
{
	uint64_t start = segment->address & ~(page - 1);
	uint64_t end = (uint64_t)segment->address + segment->memory_size;
	const struct boot_segment *s;

	for (unsigned i = 0; i < program->segments; i++) {
		s = &program->segment[i];
		if (start < (uint64_t)s->address + s->memory_size &&
		    (s->address & ~(page - 1)) < end) {
			return true;
		}
	}
	return false;
}

static const char *
boot_elf_add(struct boot_program *program, const Elf32_Phdr *ph,
    uint32_t page)
{
	struct boot_segment s = {
		.address = ph->p_vaddr,
		.memory_size = ph->p_memsz,
		.file_offset = ph->p_offset,
		.file_size = ph->p_filesz,
		.writable = (ph->p_flags & PF_W) != 0,
		.executable = (ph->p_flags & PF_X) != 0,
	};

	if (program->segments == BOOT_ELF_SEGMENTS_MAX) {
		return "too many segments";
	}
	/* Our own programs are laid out for 4 KiB; larger pages may mix. */
	if (page == 4096 && boot_elf_overlaps(program, &s, page)) {
		return "segments overlap";
	}
	if (boot_elf_overlaps(program, &s, 1)) {
		return "segments overlap";
	}
	program->segment[program->segments++] = s;
	return NULL;
}

static bool
boot_elf_entry_valid(const struct boot_program *program)
{
	const struct boot_segment *s;

	for (unsigned i = 0; i < program->segments; i++) {
		s = &program->segment[i];
		if (s->executable && program->entry >= s->address &&
		    program->entry - s->address < s->file_size) {
			return true;
		}
	}
	return false;
}

const char *
boot_elf_parse(const void *image, size_t size, uint32_t page, uint32_t limit,
    struct boot_program *program)
{
	const unsigned char *bytes = image;
	Elf32_Ehdr header;
	Elf32_Phdr ph;
	const char *why;

	if (size < sizeof(header)) {
		return "too short";
	}
	memcpy(&header, bytes, sizeof(header));
	why = boot_elf_check_header(&header, size);
	if (why != NULL) {
		return why;
	}
	program->entry = header.e_entry;
	program->segments = 0;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		memcpy(&ph, bytes + header.e_phoff + i * sizeof(ph),
		    sizeof(ph));
		if (ph.p_type == PT_INTERP || ph.p_type == PT_DYNAMIC) {
			return "not a static program";
		}
		if (ph.p_type != PT_LOAD || ph.p_memsz == 0) {
			continue;
		}
		why = boot_elf_check_segment(&ph, size, page, limit);
		if (why == NULL) {
			why = boot_elf_add(program, &ph, page);
		}
		if (why != NULL) {
			return why;
		}
	}
	if (!boot_elf_entry_valid(program)) {
		return "entry point outside the program";
	}
	return NULL;
}
