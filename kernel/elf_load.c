/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * ELF images into address maps.
 *
 * The image is a boot module in physical memory, perhaps beyond what the
 * kernel maps, and nothing in it is trusted: every header is copied out once
 * and checked before the map changes.  Segments are copied, not shared: the
 * module's memory is given back when all are loaded.
 */

#include <kernel/elf_load.h>

#include <mach/exec/elf.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

#include <machine/pmap.h>
#include <string.h>

#include <kernel/kdb/kdb_elf.h>
#include <kernel/kmem.h>
#include <kernel/task_symbols.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

#define ELF_PHDR_MAX	32u

/* Where an image goes that can go anywhere. */
#define ELF_DYN_BASE	0x08000000u

#define ELF_STACK_SIZE	(256u * 1024)

/* Entries of the auxiliary vector. */
#define ELF_AT_NULL	0
#define ELF_AT_PHDR	3
#define ELF_AT_PHENT	4
#define ELF_AT_PHNUM	5
#define ELF_AT_PAGESZ	6
#define ELF_AT_ENTRY	9

/* An image while it is loaded; everything in it has been checked. */
struct elf_image {
	const struct elf_source	*source;
	Elf32_Ehdr		ehdr;
	Elf32_Phdr		phdr[ELF_PHDR_MAX];
	uint32_t		bias;
	char			buffer[PAGE_HW_SIZE];
};

/* Copy N bytes at OFFSET of the image, which has them, to BUF. */
static void
elf_read(const struct elf_source *source, uint32_t offset, void *buf,
    uint32_t n)
{
	phys_addr_t pa = source->start + offset;
	char *to = buf;

	while (n > 0) {
		uint32_t start = pa & PAGE_HW_MASK;
		uint32_t piece = PAGE_HW_SIZE - start;

		if (piece > n) {
			piece = n;
		}
		pmap_copy_out(pa - start, start, to, piece);
		pa += piece;
		to += piece;
		n -= piece;
	}
}

/* Does the image have N bytes at OFFSET? */
static bool
elf_has(const struct elf_source *source, uint32_t offset, uint32_t n)
{
	return offset <= source->size && n <= source->size - offset;
}

/* What is wrong with the file header, or NULL. */
static const char *
elf_check_header(const Elf32_Ehdr *ehdr)
{
	if (ehdr->e_ident[EI_MAG0] != ELFMAG0 ||
	    ehdr->e_ident[EI_MAG1] != ELFMAG1 ||
	    ehdr->e_ident[EI_MAG2] != ELFMAG2 ||
	    ehdr->e_ident[EI_MAG3] != ELFMAG3) {
		return "not an ELF file";
	}
	if (ehdr->e_ident[EI_CLASS] != ELFCLASS32 ||
	    ehdr->e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr->e_machine != EM_386) {
		return "ELF file for another machine";
	}
	if (ehdr->e_ident[EI_VERSION] != EV_CURRENT) {
		return "ELF file of an unknown version";
	}
	if (ehdr->e_type != ET_EXEC && ehdr->e_type != ET_DYN) {
		return "ELF file is not a program";
	}
	if (ehdr->e_phentsize != sizeof(Elf32_Phdr) || ehdr->e_phnum == 0 ||
	    ehdr->e_phnum > ELF_PHDR_MAX) {
		return "bad number or size of program headers";
	}
	return NULL;
}

/* What is wrong with a segment to be loaded, the last one ending at *ENDP. */
static const char *
elf_check_segment(const struct elf_image *image, const Elf32_Phdr *phdr,
    uint32_t *endp)
{
	uint32_t start = phdr->p_vaddr + image->bias;

	if (phdr->p_filesz > phdr->p_memsz) {
		return "segment larger in the file than in memory";
	}
	if (!elf_has(image->source, phdr->p_offset, phdr->p_filesz)) {
		return "file is truncated";
	}
	if (start < image->bias || start < *endp) {
		return "segments overlap or are out of order";
	}
	if (start < PAGE_HW_SIZE || start >= MACHINE_USER_MAX ||
	    phdr->p_memsz > MACHINE_USER_MAX - ELF_STACK_SIZE ||
	    start > MACHINE_USER_MAX - ELF_STACK_SIZE - phdr->p_memsz) {
		return "segment outside of what a task can map";
	}
	*endp = start + phdr->p_memsz;
	return NULL;
}

static const char *
elf_check_segments(struct elf_image *image)
{
	uint32_t entry = image->ehdr.e_entry;
	uint32_t end = 0;
	bool entry_found = false;
	const char *why;

	for (unsigned i = 0; i < image->ehdr.e_phnum; i++) {
		const Elf32_Phdr *phdr = &image->phdr[i];

		if (phdr->p_type == PT_INTERP) {
			return "program wants an interpreter";
		}
		if (phdr->p_type != PT_LOAD || phdr->p_memsz == 0) {
			continue;
		}
		why = elf_check_segment(image, phdr, &end);
		if (why != NULL) {
			return why;
		}
		if ((phdr->p_flags & PF_X) && entry >= phdr->p_vaddr &&
		    entry - phdr->p_vaddr < phdr->p_memsz) {
			entry_found = true;
		}
	}
	return entry_found ? NULL : "no code at the entry point";
}

/* Read and check everything. */
static const char *
elf_open(struct elf_image *image)
{
	const struct elf_source *source = image->source;
	Elf32_Ehdr *ehdr = &image->ehdr;
	const char *why;

	if (!elf_has(source, 0, sizeof(*ehdr))) {
		return "file is too short for an ELF header";
	}
	elf_read(source, 0, ehdr, sizeof(*ehdr));
	why = elf_check_header(ehdr);
	if (why != NULL) {
		return why;
	}
	if (!elf_has(source, ehdr->e_phoff,
	    ehdr->e_phnum * sizeof(Elf32_Phdr))) {
		return "program headers lie outside of the file";
	}
	elf_read(source, ehdr->e_phoff, image->phdr,
	    ehdr->e_phnum * sizeof(Elf32_Phdr));
	image->bias = ehdr->e_type == ET_DYN ? ELF_DYN_BASE : 0;
	return elf_check_segments(image);
}

static vm_prot_t
elf_prot(const Elf32_Phdr *phdr)
{
	vm_prot_t prot = VM_PROT_NONE;

	if (phdr->p_flags & PF_R) {
		prot |= VM_PROT_READ;
	}
	if (phdr->p_flags & PF_W) {
		prot |= VM_PROT_WRITE;
	}
	if (phdr->p_flags & PF_X) {
		prot |= VM_PROT_EXECUTE;
	}
	return prot;
}

/* Zero-filled memory, writable for now, at the whole pages [START, END). */
static kern_return_t
elf_enter(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	struct vm_map_request req = {
		.size = end - start,
		.prot = VM_PROT_DEFAULT,
		.max_prot = VM_PROT_ALL,
		.inheritance = VM_INHERIT_DEFAULT,
	};

	return vm_map_enter(map, &start, &req);
}

/*
 * Map one segment.  *ENDP is where the last page ends that the segments
 * before made, *PROTP what that page must allow: a page that two segments
 * share allows what either wants.
 */
static kern_return_t
elf_map_segment(struct vm_map *map, struct elf_image *image,
    const Elf32_Phdr *phdr, vm_offset_t *endp, vm_prot_t *protp)
{
	vm_offset_t addr = phdr->p_vaddr + image->bias;
	vm_offset_t start = vm_page_trunc(addr);
	vm_offset_t end = vm_page_round(addr + phdr->p_memsz);
	vm_prot_t prot = elf_prot(phdr);
	kern_return_t kr = KERN_SUCCESS;

	if (start < *endp) {
		*protp |= prot;
		kr = vm_map_protect(map, start, *endp,
		    *protp | VM_PROT_DEFAULT, false);
		start = *endp;
	}
	if (kr == KERN_SUCCESS && start < end) {
		kr = elf_enter(map, start, end);
	}
	for (uint32_t done = 0; done < phdr->p_filesz && kr == KERN_SUCCESS;) {
		uint32_t n = phdr->p_filesz - done;

		if (n > sizeof(image->buffer)) {
			n = sizeof(image->buffer);
		}
		elf_read(image->source, phdr->p_offset + done, image->buffer,
		    n);
		kr = vm_map_write_bytes(map, addr + done, image->buffer, n);
		done += n;
	}
	if (kr == KERN_SUCCESS && start > vm_page_trunc(addr)) {
		kr = vm_map_protect(map, vm_page_trunc(addr), start, *protp,
		    false);
	}
	if (kr == KERN_SUCCESS && start < end) {
		kr = vm_map_protect(map, start, end, prot, false);
		*endp = end;
		*protp = prot;
	}
	return kr;
}

/* Where the program headers are in memory, if a segment contains them. */
static user_addr_t
elf_phdr_address(const struct elf_image *image)
{
	uint32_t offset = image->ehdr.e_phoff;

	for (unsigned i = 0; i < image->ehdr.e_phnum; i++) {
		const Elf32_Phdr *phdr = &image->phdr[i];

		if (phdr->p_type == PT_LOAD && offset >= phdr->p_offset &&
		    offset - phdr->p_offset < phdr->p_filesz) {
			return image->bias + phdr->p_vaddr +
			    (offset - phdr->p_offset);
		}
	}
	return 0;
}

kern_return_t
elf_load(struct vm_map *map, const struct elf_source *source,
    struct elf_info *info, const char **whyp)
{
	struct elf_image *image = kmem_alloc(sizeof(*image));
	kern_return_t kr = KERN_SUCCESS;
	vm_offset_t end = 0;
	vm_prot_t prot = VM_PROT_NONE;

	if (image == NULL) {
		*whyp = "no memory";
		return KERN_RESOURCE_SHORTAGE;
	}
	image->source = source;
	*whyp = elf_open(image);
	if (*whyp != NULL) {
		kr = KERN_INVALID_ARGUMENT;
		goto out;
	}

	for (unsigned i = 0; i < image->ehdr.e_phnum; i++) {
		const Elf32_Phdr *phdr = &image->phdr[i];

		if (phdr->p_type != PT_LOAD || phdr->p_memsz == 0) {
			continue;
		}
		kr = elf_map_segment(map, image, phdr, &end, &prot);
		if (kr != KERN_SUCCESS) {
			*whyp = "no memory for its segments";
			goto out;
		}
	}
	info->entry = image->ehdr.e_entry + image->bias;
	info->phdr = elf_phdr_address(image);
	info->phnum = image->ehdr.e_phnum;

out:
	kmem_free(image, sizeof(*image));
	return kr;
}

static bool
elf_read_checked(void *arg, uint32_t offset, void *to, uint32_t n)
{
	const struct elf_source *source = arg;

	if (!elf_has(source, offset, n)) {
		return false;
	}
	elf_read(source, offset, to, n);
	return true;
}

void
elf_load_symbols(struct task *task, const struct elf_source *source)
{
	struct elf_source copy = *source;
	struct kdb_elf elf = { .read = elf_read_checked, .arg = &copy };
	Elf32_Ehdr ehdr;

	/* Without symbols, or memory, there are none. */
	elf_read(source, 0, &ehdr, sizeof(ehdr));
	(void)task_symbols_set_elf(task, &elf,
	    ehdr.e_type == ET_DYN ? ELF_DYN_BASE : 0);
}

kern_return_t
elf_load_stack(struct vm_map *map, char *const *argv, unsigned argc,
    const struct elf_info *info, user_addr_t *spp)
{
	const uint32_t aux[] = {
		ELF_AT_PHDR, info->phdr,
		ELF_AT_PHENT, sizeof(Elf32_Phdr),
		ELF_AT_PHNUM, info->phnum,
		ELF_AT_PAGESZ, vm_page_size,
		ELF_AT_ENTRY, info->entry,
		ELF_AT_NULL, 0,
	};
	const uint32_t aux_words = sizeof(aux) / sizeof(aux[0]);
	vm_offset_t top = vm_page_trunc(MACHINE_USER_MAX);
	uint32_t words = 1 + argc + 1 + 1 + aux_words;
	uint32_t strings = 0;
	uint32_t *image;
	uint32_t size;
	vm_offset_t sp;
	char *string;
	kern_return_t kr;

	for (unsigned i = 0; i < argc; i++) {
		strings += strlen(argv[i]) + 1;
	}
	size = (words * sizeof(*image) + strings + 15) & ~15u;
	if (size > ELF_STACK_SIZE / 4) {
		return KERN_NO_SPACE;
	}
	image = kmem_zalloc(size);
	if (image == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}

	sp = top - size;
	string = (char *)(image + words);
	image[0] = argc;
	for (unsigned i = 0; i < argc; i++) {
		image[1 + i] = sp + (string - (char *)image);
		strlcpy(string, argv[i], strlen(argv[i]) + 1);
		string += strlen(argv[i]) + 1;
	}
	memcpy(&image[words - aux_words], aux, sizeof(aux));

	kr = elf_enter(map, top - vm_page_round(ELF_STACK_SIZE), top);
	if (kr == KERN_SUCCESS) {
		kr = vm_map_write_bytes(map, sp, image, size);
	}
	kmem_free(image, size);
	*spp = sp;
	return kr;
}
