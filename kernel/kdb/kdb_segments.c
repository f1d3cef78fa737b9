/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A program's ELF header is in its memory, where nothing keeps it from writing
 * there: it is looked at as anything else is.
 */

#include <kernel/kdb/kdb_segments.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/exec/elf.h>

#include <machine/boot.h>
#include <machine/unwind.h>

#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_region.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/stack.h>
#include <kernel/thread.h>

#define KDB_SEGMENTS_ENTRIES	1000u	/* of a map */
#define KDB_SEGMENTS_SEGMENTS	32u

static const uint32_t kdb_segments_magic =
    ELFMAG0 | ELFMAG1 << 8 | ELFMAG2 << 16 | (uint32_t)ELFMAG3 << 24;

struct kdb_segments {
	uint32_t	data;
	uint32_t	data_size;
	uint32_t	entry;
	uint32_t	magic;
	uint32_t	text_size;
	bool		placed;		/* it is where it wants to be */
	bool		library;	/* others use it, as a loader of those */
};

/*
 * Count the segment PHDR of a program that begins at START, and is BIAS from where
 * it was linked.
 */
static void
kdb_segments_count(struct kdb_segments *program, const Elf32_Phdr *phdr,
    uintptr_t start, uint32_t bias)
{
	if (phdr->p_type == PT_INTERP) {
		program->library = false;
	}
	if (phdr->p_type != PT_LOAD) {
		return;
	}
	if (phdr->p_offset == 0 && phdr->p_vaddr + bias == start) {
		program->placed = true;
	}
	if ((phdr->p_flags & PF_X) != 0) {
		program->text_size += phdr->p_memsz;
	} else if ((phdr->p_flags & PF_W) != 0) {
		if (program->data_size == 0) {
			program->data = phdr->p_vaddr + bias;
		}
		program->data_size += phdr->p_memsz;
	}
}

/* Does one begin at START of TASK, and not a copy of its file?  That is *PROGRAM. */
static bool
kdb_segments_read(struct task *task, uintptr_t start,
    struct kdb_segments *program)
{
	Elf32_Ehdr ehdr;
	Elf32_Phdr phdr;
	uint32_t bias;

	if (!kdb_mem_read(task, start, &program->magic,
	    sizeof(program->magic)) || program->magic != kdb_segments_magic ||
	    !kdb_mem_read(task, start, &ehdr, sizeof(ehdr))) {
		return false;
	}
	bias = ehdr.e_type == ET_DYN ? (uint32_t)start : 0;
	*program = (struct kdb_segments){
		.entry = ehdr.e_entry + bias,
		.magic = kdb_segments_magic,
		.library = ehdr.e_type == ET_DYN,
	};
	for (unsigned i = 0; i < ehdr.e_phnum && i < KDB_SEGMENTS_SEGMENTS &&
	    kdb_mem_read(task, start + ehdr.e_phoff + i * sizeof(phdr), &phdr,
	    sizeof(phdr)); i++) {
		kdb_segments_count(program, &phdr, start, bias);
	}
	return program->placed;
}

/* The first one in TASK's memory, or the first that is no library. */
static void
kdb_segments_find(struct task *task, struct kdb_segments *program)
{
	static struct vm_map_entry entry;
	struct kdb_segments next;
	uintptr_t at = 0;

	*program = (struct kdb_segments){ .library = true };
	for (unsigned left = KDB_SEGMENTS_ENTRIES; left > 0 &&
	    program->library && kdb_region_from(task, at, &entry); left--) {
		at = entry.end;
		if (kdb_segments_read(task, entry.start, &next) &&
		    (program->magic == 0 || !next.library)) {
			*program = next;
		}
	}
}

/* Of the chosen thread if that is of TASK, else of its first one. */
static uint32_t
kdb_segments_stack(struct task *task)
{
	static struct vm_map_entry entry;
	const struct thread *thread = kdb_thread;
	struct kdb_frame frame;
	struct kdb_list walk;
	uint32_t sp;

	if (thread->task != task) {
		kdb_who_threads(&walk, task);
		thread = kdb_who_next_thread(&walk);
	}
	if (thread == NULL || !unwind_user(thread, &frame)) {
		return 0;
	}
	sp = frame.reg[KDB_REG_ESP];
	return kdb_region_find(task, sp, &entry) ?
	    (uint32_t)(entry.end - entry.start) : 0;
}

void
kdb_segments_set(struct task *task)
{
	struct kdb_segments program;
	struct boot_image image;
	uint32_t stack = KERNEL_STACK_SIZE;

	if (task == NULL) {
		boot_image(&image);
		program = (struct kdb_segments){
			.data = image.data, .data_size = image.data_size,
			.entry = image.entry, .magic = kdb_segments_magic,
			.text_size = image.text_size,
		};
	} else {
		kdb_segments_find(task, &program);
		stack = kdb_segments_stack(task);
	}
	kdb_vars_set("b", program.data);
	kdb_vars_set("d", program.data_size);
	kdb_vars_set("e", program.entry);
	kdb_vars_set("m", program.magic);
	kdb_vars_set("s", stack);
	kdb_vars_set("t", program.text_size);
}
