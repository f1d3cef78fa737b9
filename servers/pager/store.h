/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Where pages are: for each paging file a bitmap of its places, of one page
 * each; and for each memory object a map from page to slot, which names a file
 * and a place (space.h).  Knows no messages and no locks: its users serialize.
 */
#ifndef SERVERS_PAGER_STORE_H
#define SERVERS_PAGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_NONE	0xffffffffu	/* no slot */
/* In a map: the page was given to us and could not be stored. */
#define STORE_LOST	(STORE_NONE - 1)
/* In a map: there was no room for the page, and the kernel has it again. */
#define STORE_BACK	(STORE_NONE - 2)

struct store {
	uint32_t	places;		/* how many there are */
	uint32_t	used;
	uint32_t	next;		/* where to look first */
	uint32_t	*bitmap;	/* 1: used */
};

/* How many bytes of zeros, the caller's, the bitmap of PLACES takes. */
size_t store_bytes(uint32_t places);
void store_init(struct store *store, uint32_t places, void *bitmap);

/*
 * Take up to WANTED places in a row; returns the first and how many, or
 * STORE_NONE when the store is full.
 */
uint32_t store_alloc(struct store *store, uint32_t wanted, uint32_t *got);
void store_free(struct store *store, uint32_t place);

/* The place behind the last one that is used. */
uint32_t store_end(const struct store *store);

/* Pages to slots; starts as zeros. */
#define STORE_PAGES	(1u << 20)	/* that a map may have */

struct store_map {
	struct store_chunk **buckets;	/* NULL: nothing stored */
	uint32_t	bucket_count;	/* a power of 2 */
	uint32_t	chunk_count;
};

/* The slot of PAGE, below STORE_PAGES, or STORE_NONE. */
uint32_t store_map_get(const struct store_map *map, uint32_t page);

/*
 * Make room for the entries of PAGE to PAGE + COUNT - 1, so that setting them
 * cannot fail.  False when memory is short.
 */
bool store_map_reserve(struct store_map *map, uint32_t page, uint32_t count);

/* Set the slot of a page for which there is room. */
void store_map_set(struct store_map *map, uint32_t page, uint32_t slot);

/*
 * A page whose slot S has (S & MASK) == BITS, or STORE_NONE when there is none.
 * Looks from *HINT on, around the end, and leaves there where it was: who asks
 * for one after the other, and makes each another, walks the map but once.
 */
uint32_t store_map_find(const struct store_map *map, uint32_t mask,
    uint32_t bits, uint32_t *hint);

/*
 * Up to MAX of the pages that have slots, in order, those from *PAGE on;
 * *PAGE is then where to go on.
 */
uint32_t store_map_list(const struct store_map *map, uint32_t *page,
    uint32_t *pages, uint32_t max);

/* Free the memory of MAP, after DROP(SLOT) for each slot in it. */
void store_map_clear(struct store_map *map, void (*drop)(uint32_t slot));

#endif /* SERVERS_PAGER_STORE_H */
