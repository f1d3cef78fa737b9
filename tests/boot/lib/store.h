/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A default memory manager for modules: it keeps whole pages, squeezed, in
 * memory of its own.  objects.h serves it.
 */

#ifndef TESTS_BOOT_LIB_STORE_H
#define TESTS_BOOT_LIB_STORE_H

#include "objects.h"

/*
 * Become the default memory manager, with SIZE bytes at MEMORY for squeezed
 * pages.  Starts the threads of objects.h, wired like everything there is.
 */
void store_start(void *memory, vm_size_t size);

/* Pages that came and that were asked for; those there was no room for. */
extern volatile unsigned store_pages_in;
extern volatile unsigned store_pages_out;
extern volatile unsigned store_pages_lost;

#endif
