/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Pages that are kept small: a compressor that replaces what came before by
 * how far back and how long, and a store of fixed size for what it makes.
 */

#ifndef TESTS_BOOT_LIB_SQUEEZE_H
#define TESTS_BOOT_LIB_SQUEEZE_H

#include "rt.h"

/* Of a page that cannot be made smaller. */
#define SQUEEZE_MAX	(RT_PAGE_MAX + RT_PAGE_MAX / 128)

/* Make PAGE smaller; how long it is in OUT, of SQUEEZE_MAX bytes. */
unsigned squeeze(const uint8_t *page, uint8_t *out);

/* Make a page of SIZE bytes at IN; false if that is no page of ours. */
bool unsqueeze(const uint8_t *in, unsigned size, uint8_t *page);

/* A page in the store; all zero while there is none. */
struct squeezed {
	uint16_t	first;		/* block + 1 */
	uint32_t	size;
};

/* Where SIZE bytes at MEMORY are the store; one at a time uses it. */
void squeeze_store_init(void *memory, size_t size);

/* Keep PAGE instead of what *AT was; false if there is no room. */
bool squeeze_keep(struct squeezed *at, const uint8_t *page);

/* Get the page back; false if there is none, or not one of ours. */
bool squeeze_get(const struct squeezed *at, uint8_t *page);

void squeeze_drop(struct squeezed *at);

/* Bytes of the store that are in use. */
size_t squeeze_used(void);

#endif
