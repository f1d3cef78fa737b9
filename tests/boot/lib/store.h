/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A default memory manager for modules: it keeps whole pages, squeezed, in
 * memory of its own.  A thread of its own serves it, which waits for no other
 * pager: what those have to do may be in pages that are kept here.
 */

#ifndef TESTS_BOOT_LIB_STORE_H
#define TESTS_BOOT_LIB_STORE_H

#include "objects.h"

/*
 * Become the default memory manager, with SIZE bytes at MEMORY for squeezed
 * pages.  Everything there is is wired.
 */
void store_start(void *memory, vm_size_t size);

/* Pages that came and that were asked for; those there was no room for. */
extern volatile unsigned store_pages_in;
extern volatile unsigned store_pages_out;
extern volatile unsigned store_pages_lost;

#endif
