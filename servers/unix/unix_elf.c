/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Checks of ELF files and scripts, and the first stack of a program.
 */
#include <servers/unix/unix_elf.h>

#include <string.h>

#include <servers/unix/emul_layout.h>
#include <servers/unix/linux.h>

#define ELF_PAGE	4096u
#define ELF_PAGE_MASK	(ELF_PAGE - 1)

struct elf_header {
	uint8_t		ident[16];
	uint16_t	type, machine;
	uint32_t	version, entry, phoff, shoff, flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	uint32_t	type, offset, vaddr, paddr, filesz, memsz, flags,
			align;
};

enum { ELF_LOAD = 1, ELF_INTERP = 3, ELF_PHDR = 6 };
enum { ELF_EXEC = 2, ELF_DYN = 3, ELF_386 = 3 };

static bool
elf_header_ok(const struct elf_header *h)
{
	return memcmp(h->ident, "\177ELF\1\1\1", 7) == 0 &&
	    (h->type == ELF_EXEC || h->type == ELF_DYN) &&
	    h->machine == ELF_386 && h->phentsize == sizeof(struct elf_phdr) &&
	    h->phnum != 0;
}

static int32_t
elf_add_segment(struct elf_image *image, const struct elf_phdr *ph,
    uint64_t file_size)
{
	struct elf_segment *s;
	uint32_t end = ph->vaddr + ph->memsz;

	if (ph->memsz == 0) {
		return 0;
	}
	if (image->count == ELF_SEGMENT_MAX || ph->filesz > ph->memsz ||
	    end < ph->vaddr || end > UNIX_USER_END - ELF_PAGE ||
	    (ph->vaddr & ELF_PAGE_MASK) != (ph->offset & ELF_PAGE_MASK) ||
	    (uint64_t)ph->offset + ph->filesz > file_size) {
		return -L_ENOEXEC;
	}
	if (!image->relocatable && ph->vaddr < UNIX_USER_MIN) {
		return -L_EPERM;
	}
	/* In order of addresses, no two in one another. */
	if (image->count != 0 && (ph->vaddr & ~ELF_PAGE_MASK) <
	    image->segments[image->count - 1].address) {
		return -L_ENOEXEC;
	}
	s = &image->segments[image->count++];
	s->address = ph->vaddr;
	s->offset = ph->offset;
	s->file_size = ph->filesz;
	s->memory_size = ph->memsz;
	s->flags = ph->flags;
	return 0;
}

int32_t
elf_parse(const void *start, uint32_t size, uint64_t file_size,
    struct elf_image *image)
{
	const char *bytes = start;
	struct elf_header h;
	struct elf_phdr ph;
	int32_t error;

	memset(image, 0, sizeof(*image));
	if (size < sizeof(h)) {
		return -L_ENOEXEC;
	}
	memcpy(&h, bytes, sizeof(h));
	if (!elf_header_ok(&h) || h.phoff > size ||
	    h.phnum > (size - h.phoff) / sizeof(ph)) {
		return -L_ENOEXEC;
	}
	image->relocatable = h.type == ELF_DYN;
	image->entry = h.entry;
	image->phnum = h.phnum;
	for (unsigned i = 0; i < h.phnum; i++) {
		memcpy(&ph, bytes + h.phoff + i * sizeof(ph), sizeof(ph));
		if (ph.type == ELF_INTERP) {
			if (ph.filesz < 2 || ph.filesz > ELF_INTERP_MAX ||
			    (uint64_t)ph.offset + ph.filesz > file_size) {
				return -L_ENOEXEC;
			}
			image->interp_offset = ph.offset;
			image->interp_size = ph.filesz;
		} else if (ph.type == ELF_PHDR) {
			image->phdr = ph.vaddr;
		} else if (ph.type == ELF_LOAD) {
			error = elf_add_segment(image, &ph, file_size);
			if (error != 0) {
				return error;
			}
			if (image->phdr == 0 && h.phoff >= ph.offset &&
			    h.phoff < ph.offset + ph.filesz) {
				image->phdr = ph.vaddr + h.phoff - ph.offset;
			}
		}
	}
	if (image->count == 0) {
		return -L_ENOEXEC;
	}
	image->low = image->segments[0].address & ~ELF_PAGE_MASK;
	image->high = (image->segments[image->count - 1].address +
	    image->segments[image->count - 1].memory_size + ELF_PAGE_MASK) &
	    ~ELF_PAGE_MASK;
	return 0;
}

static bool
script_blank(char c)
{
	return c == ' ' || c == '\t';
}

int32_t
script_parse(const char *start, uint32_t size, char *interpreter,
    char *argument)
{
	uint32_t at = 2;
	uint32_t end;
	uint32_t from;

	if (size < 3 || start[0] != '#' || start[1] != '!') {
		return -L_ENOEXEC;
	}
	end = at;
	while (end < size && start[end] != '\n' && start[end] != '\0') {
		end++;
	}
	while (at < end && script_blank(start[at])) {
		at++;
	}
	from = at;
	while (at < end && !script_blank(start[at])) {
		at++;
	}
	if (at == from || at - from >= ELF_INTERP_MAX) {
		return -L_ENOEXEC;
	}
	memcpy(interpreter, start + from, at - from);
	interpreter[at - from] = '\0';
	while (at < end && script_blank(start[at])) {
		at++;
	}
	while (end > at && (script_blank(start[end - 1]) ||
	    start[end - 1] == '\r')) {
		end--;
	}
	if (end - at >= ELF_INTERP_MAX) {
		end = at + ELF_INTERP_MAX - 1;
	}
	memcpy(argument, start + at, end - at);
	argument[end - at] = '\0';
	return 0;
}

/* The stack being built, downward. */
struct elf_builder {
	char		*buffer;
	uint32_t	room;
	uint32_t	top;
	uint32_t	used;
};

/* The address of what was put. */
static uint32_t
elf_push(struct elf_builder *b, const void *data, uint32_t n)
{
	if (n > b->room - b->used) {
		return 0;
	}
	b->used += n;
	memcpy(b->buffer + b->room - b->used, data, n);
	return b->top - b->used;
}

uint32_t
elf_stack(char *buffer, uint32_t room, uint32_t top, const char *strings,
    uint32_t size, uint32_t argc, uint32_t envc, const char *path,
    const void *random, struct elf_auxv *auxv, unsigned count)
{
	struct elf_builder b = { buffer, room, top, 0 };
	uint32_t words = 1 + argc + 1 + envc + 1;
	uint32_t *out;
	uint32_t platform;
	uint32_t name;
	uint32_t bytes;
	uint32_t text;

	if (size > room / 2 || (argc + envc) > room / 8) {
		return 0;
	}
	elf_push(&b, "\0\0\0\0", 4);
	name = elf_push(&b, path, (uint32_t)strlen(path) + 1);
	platform = elf_push(&b, "i686", 5);
	text = elf_push(&b, strings, size);
	b.used = (b.used + 15) & ~15u;
	bytes = elf_push(&b, random, 16);
	if (name == 0 || platform == 0 || (text == 0 && size != 0) ||
	    bytes == 0) {
		return 0;
	}
	for (unsigned i = 0; i < count; i++) {
		if (auxv[i].type == L_AT_RANDOM) {
			auxv[i].value = bytes;
		} else if (auxv[i].type == L_AT_EXECFN) {
			auxv[i].value = name;
		} else if (auxv[i].type == L_AT_PLATFORM) {
			auxv[i].value = platform;
		}
	}
	words += 2 * count;
	b.used = ((b.used + words * 4 + 15) & ~15u) - words * 4;
	if (words * 4 > room - b.used) {
		return 0;
	}
	b.used += words * 4;
	out = (uint32_t *)(void *)(buffer + room - b.used);
	*out++ = argc;
	for (uint32_t i = 0; i < argc + envc; i++) {
		if (i == argc) {
			*out++ = 0;
		}
		*out++ = text;
		text += (uint32_t)strlen(strings) + 1;
		strings += strlen(strings) + 1;
	}
	if (envc == 0) {
		*out++ = 0;
	}
	*out++ = 0;
	memcpy(out, auxv, count * sizeof(*auxv));
	return top - b.used;
}
