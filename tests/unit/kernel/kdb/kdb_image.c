/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_image.h. */

#include "kdb_image.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tests/lib/server_test.h>

/* Registers at the return from the hook, in the order of DWARF's numbers. */
uint32_t kdb_image_registers[KDB_REG_COUNT];
void kdb_image_hook(void);
void kdb_image_hooked(void);

/*
 * Saves what a function keeps, and where it was called.  A kernel's stack is
 * less aligned than the host's code wants.
 */
__asm__("	.text\n"
	"	.globl	kdb_image_hook\n"
	"kdb_image_hook:\n"
	"	movl	%ebx, kdb_image_registers + 12\n"
	"	movl	%ebp, kdb_image_registers + 20\n"
	"	movl	%esi, kdb_image_registers + 24\n"
	"	movl	%edi, kdb_image_registers + 28\n"
	"	movl	(%esp), %eax\n"
	"	movl	%eax, kdb_image_registers + 32\n"
	"	leal	4(%esp), %eax\n"
	"	movl	%eax, kdb_image_registers + 16\n"
	"	pushl	%ebp\n"
	"	movl	%esp, %ebp\n"
	"	andl	$-32, %esp\n"
	"	call	kdb_image_hooked\n"
	"	leave\n"
	"	ret\n");

/* Not more than each of its segments' last page is mapped for. */
#define KDB_IMAGE_ROOM	0x3000u

static struct kdb_image kdb_images[KDB_IMAGES];
static struct kdb_image *kdb_image_now;
static kdb_image_fn_t kdb_image_fn;

/* Beyond this there is nothing of the stack's. */
static uintptr_t kdb_image_stack;

/* Where the image is: one page has all its symbols' beginning. */
static uintptr_t
kdb_image_start(void)
{
	struct kdb_symbol symbol = { .value = 0 };

	kdb_table_symbol(&kdb_image_now->table, 0, &symbol);
	return symbol.value & ~0xfffu;
}

static bool
kdb_image_read(struct kdb_unwind *unwind, uintptr_t address, void *to,
    size_t n)
{
	const char *at = (const char *)address;
	uintptr_t here = kdb_image_registers[KDB_REG_ESP];

	if ((address >= here && address < kdb_image_stack &&
	    n <= kdb_image_stack - address) ||
	    address - kdb_image_start() < KDB_IMAGE_ROOM) {
		/* The sanitizer's own marks are not ours to mind. */
		for (size_t i = 0; i < n; i++) {
			((char *)to)[i] = ((const volatile char *)at)[i];
		}
		return true;
	}
	return false;
}

static const struct kdb_symtab *
kdb_image_table(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return &kdb_image_now->table;
}

static bool
kdb_image_is_code(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return frame->reg[KDB_REG_PC] >= 0x1000;
}

/* What is not in the image has called it: there all ends. */
static enum kdb_unwind_step
kdb_image_boundary(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	struct kdb_table_rule rule;

	return kdb_table_rule(&kdb_image_now->table, kdb_frame_place(frame),
	    &rule) ? KDB_UNWIND_CALLER : KDB_UNWIND_END;
}

/* Run on the sample's stack, which the address sanitizer does not know. */
__attribute__((no_sanitize("address"))) void
kdb_image_hooked(void)
{
	struct kdb_unwind unwind = {
		.read = kdb_image_read,
		.table = kdb_image_table,
		.is_code = kdb_image_is_code,
		.boundary = kdb_image_boundary,
	};
	struct kdb_frame frame = { .known = 0 };

	for (unsigned i = KDB_REG_EBX; i < KDB_REG_COUNT; i++) {
		kdb_frame_set(&frame, i, kdb_image_registers[i]);
	}
	kdb_image_fn(kdb_image_now, &unwind, &frame);
}

static void *
kdb_image_file(const char *name, const char *end, size_t *size)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 200);
	char *data = NULL;
	FILE *file;

	path[n > 0 ? n : 0] = '\0';
	strrchr(path, '/')[1] = '\0';
	strcat(path, name);
	strcat(path, end);
	file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		perror(path);
		abort();
	}
	*size = (size_t)ftell(file);
	rewind(file);
	data = malloc(*size);
	if (fread(data, 1, *size, file) != *size) {
		abort();
	}
	fclose(file);
	return data;
}

static void
kdb_image_map(struct kdb_image *image)
{
	const Elf32_Ehdr *ehdr = image->elf;
	const Elf32_Phdr *phdr =
	    (const void *)((char *)image->elf + ehdr->e_phoff);

	for (unsigned i = 0; i < ehdr->e_phnum; i++) {
		uintptr_t start = phdr[i].p_vaddr & ~0xfffu;
		size_t size = phdr[i].p_vaddr + phdr[i].p_memsz - start;

		if (phdr[i].p_type != PT_LOAD || phdr[i].p_memsz == 0) {
			continue;
		}
		if (mmap((void *)start, size, PROT_READ | PROT_WRITE |
		    PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == MAP_FAILED) {
			perror("mmap");
			abort();
		}
		memcpy((void *)(uintptr_t)phdr[i].p_vaddr,
		    (char *)image->elf + phdr[i].p_offset, phdr[i].p_filesz);
	}
}

struct kdb_image *
kdb_image(unsigned i)
{
	static const char *const names[KDB_IMAGES] = {
		"sample", "frameless", "rules",
	};
	struct kdb_image *image = &kdb_images[i];

	if (image->elf == NULL) {
		image->elf = kdb_image_file(names[i], ".elf",
		    &image->elf_size);
		image->tables = kdb_image_file(names[i], ".tables",
		    &image->tables_size);
		kdb_image_map(image);
		CHECK(kdb_table_open(&image->table, image->tables,
		    image->tables_size, 0));
	}
	return image;
}

void *
kdb_image_symbol(struct kdb_image *image, const char *name)
{
	struct kdb_symbol symbol;

	if (!kdb_table_symbol_find(&image->table, name, &symbol)) {
		printf("no symbol: %s\n", name);
		abort();
	}
	return (void *)symbol.value;
}

int
kdb_image_run(struct kdb_image *image, int which, kdb_image_fn_t fn)
{
	int (*sample_main)(int) = kdb_image_symbol(image, "sample_main");

	*(void (**)(void))kdb_image_symbol(image, "sample_hook") =
	    kdb_image_hook;
	kdb_image_now = image;
	kdb_image_fn = fn;
	kdb_image_stack = (uintptr_t)__builtin_frame_address(0);
	return sample_main(which);
}
