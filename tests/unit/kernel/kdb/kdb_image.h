/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef TESTS_UNIT_KERNEL_KDB_KDB_IMAGE_H
#define TESTS_UNIT_KERNEL_KDB_KDB_IMAGE_H

/*
 * A sample program in this process, and its tables.  There is one with frame
 * pointers, as the kernel has them, one without, and one that has its call-frame
 * rules in memory.
 */

#include <stddef.h>

#include <kernel/kdb/kdb_unwind.h>

struct kdb_image {
	struct kdb_symtab	table;
	void			*tables;
	size_t			tables_size;
	void			*elf;
	size_t			elf_size;
};

#define KDB_IMAGES	3u

/* The I-th image: mapped and opened. */
struct kdb_image *kdb_image(unsigned i);

/* The address of a symbol in it; the test fails if there is none. */
void *kdb_image_symbol(struct kdb_image *image, const char *name);

/*
 * Run sample_main(WHICH) in IMAGE: FN is called each time that the hook is,
 * with the frame that called it.
 */
typedef void (*kdb_image_fn_t)(struct kdb_image *image,
    struct kdb_unwind *unwind, struct kdb_frame *frame);
int kdb_image_run(struct kdb_image *image, int which, kdb_image_fn_t fn);

#endif
