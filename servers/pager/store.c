/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Bitmaps of places, and maps of pages to slots.
 *
 * Most objects have few pages in it, here and there: a map has them in chunks
 * of a few pages each, found by a hash table that grows with their number.
 */
#include <servers/pager/store.h>

#include <assert.h>
#include <stdlib.h>

#define STORE_CHUNK		16u	/* pages */
#define STORE_BUCKETS_MIN	4u

struct store_chunk {
	struct store_chunk *next;
	uint32_t	number;		/* of its first page / STORE_CHUNK */
	uint32_t	slots[STORE_CHUNK];
};

size_t
store_bytes(uint32_t places)
{
	return ((size_t)places + 31) / 32 * sizeof(uint32_t);
}

void
store_init(struct store *store, uint32_t places, void *bitmap)
{
	store->places = places;
	store->used = 0;
	store->next = 0;
	store->bitmap = bitmap;
}

static bool
store_is_used(const struct store *store, uint32_t place)
{
	return (store->bitmap[place / 32] & 1u << place % 32) != 0;
}

static void
store_mark(struct store *store, uint32_t place)
{
	assert(!store_is_used(store, place));
	store->bitmap[place / 32] |= 1u << place % 32;
	store->used++;
}

/* The first free place at or after `next', around the end. */
static uint32_t
store_find(const struct store *store)
{
	for (uint32_t i = 0; i < store->places; i++) {
		uint32_t place = (store->next + i) % store->places;

		if (place % 32 == 0 && store->bitmap[place / 32] == ~0u) {
			i += 31;
			continue;
		}
		if (!store_is_used(store, place)) {
			return place;
		}
	}
	return STORE_NONE;
}

uint32_t
store_alloc(struct store *store, uint32_t wanted, uint32_t *got)
{
	uint32_t first = STORE_NONE;
	uint32_t n = 0;

	if (store->used < store->places) {
		first = store_find(store);
	}
	if (first == STORE_NONE) {
		return STORE_NONE;
	}
	while (n < wanted && first + n < store->places &&
	    !store_is_used(store, first + n)) {
		store_mark(store, first + n);
		n++;
	}
	store->next = (first + n) % store->places;
	*got = n;
	return first;
}

void
store_free(struct store *store, uint32_t place)
{
	assert(place < store->places && store_is_used(store, place));
	store->bitmap[place / 32] &= ~(1u << place % 32);
	store->used--;
}

uint32_t
store_end(const struct store *store)
{
	uint32_t end = store->places;

	while (end > 0 && !store_is_used(store, end - 1)) {
		end -= end % 32 == 0 && store->bitmap[end / 32 - 1] == 0 ? 32
									 : 1;
	}
	return end;
}

static struct store_chunk **
store_map_bucket(const struct store_map *map, uint32_t number)
{
	return &map->buckets[number & (map->bucket_count - 1)];
}

static struct store_chunk *
store_map_chunk(const struct store_map *map, uint32_t page)
{
	uint32_t number = page / STORE_CHUNK;
	struct store_chunk *chunk;

	assert(page < STORE_PAGES);
	if (map->buckets == NULL) {
		return NULL;
	}
	chunk = *store_map_bucket(map, number);
	while (chunk != NULL && chunk->number != number) {
		chunk = chunk->next;
	}
	return chunk;
}

uint32_t
store_map_get(const struct store_map *map, uint32_t page)
{
	struct store_chunk *chunk = store_map_chunk(map, page);

	return chunk != NULL ? chunk->slots[page % STORE_CHUNK] : STORE_NONE;
}

static void
store_map_insert(struct store_map *map, struct store_chunk *chunk)
{
	struct store_chunk **bucket = store_map_bucket(map, chunk->number);

	chunk->next = *bucket;
	*bucket = chunk;
}

/* Make it have COUNT buckets; false when memory is short. */
static bool
store_map_resize(struct store_map *map, uint32_t count)
{
	struct store_map old = *map;
	struct store_chunk *chunk;

	map->buckets = calloc(count, sizeof(*map->buckets));
	if (map->buckets == NULL) {
		map->buckets = old.buckets;
		return false;
	}
	map->bucket_count = count;
	for (uint32_t i = 0; i < old.bucket_count; i++) {
		while ((chunk = old.buckets[i]) != NULL) {
			old.buckets[i] = chunk->next;
			store_map_insert(map, chunk);
		}
	}
	free(old.buckets);
	return true;
}

static bool
store_map_reserve_chunk(struct store_map *map, uint32_t page)
{
	struct store_chunk *chunk;

	if (store_map_chunk(map, page) != NULL) {
		return true;
	}
	chunk = malloc(sizeof(*chunk));
	if (chunk == NULL) {
		return false;
	}
	chunk->number = page / STORE_CHUNK;
	for (uint32_t i = 0; i < STORE_CHUNK; i++) {
		chunk->slots[i] = STORE_NONE;
	}
	if (map->chunk_count >= map->bucket_count * 2) {
		/* That it cannot grow makes it slower, no more. */
		(void)store_map_resize(map, map->bucket_count * 2);
	}
	store_map_insert(map, chunk);
	map->chunk_count++;
	return true;
}

bool
store_map_reserve(struct store_map *map, uint32_t page, uint32_t count)
{
	assert(count > 0 && page < STORE_PAGES && count <= STORE_PAGES - page);
	if (map->buckets == NULL &&
	    !store_map_resize(map, STORE_BUCKETS_MIN)) {
		return false;
	}
	for (uint32_t first = page - page % STORE_CHUNK; first < page + count;
	    first += STORE_CHUNK) {
		if (!store_map_reserve_chunk(map, first)) {
			return false;
		}
	}
	return true;
}

void
store_map_set(struct store_map *map, uint32_t page, uint32_t slot)
{
	store_map_chunk(map, page)->slots[page % STORE_CHUNK] = slot;
}

/* The first page of CHUNK whose slot is as store_map_find says. */
static uint32_t
store_chunk_find(const struct store_chunk *chunk, uint32_t mask,
    uint32_t bits)
{
	for (uint32_t i = 0; i < STORE_CHUNK; i++) {
		uint32_t slot = chunk->slots[i];

		if (slot < STORE_BACK && (slot & mask) == bits) {
			return chunk->number * STORE_CHUNK + i;
		}
	}
	return STORE_NONE;
}

uint32_t
store_map_find(const struct store_map *map, uint32_t mask, uint32_t bits,
    uint32_t *hint)
{
	for (uint32_t n = 0; n < map->bucket_count; n++, (*hint)++) {
		const struct store_chunk *chunk;
		uint32_t page;

		for (chunk = *store_map_bucket(map, *hint); chunk != NULL;
		    chunk = chunk->next) {
			page = store_chunk_find(chunk, mask, bits);
			if (page != STORE_NONE) {
				return page;
			}
		}
	}
	return STORE_NONE;
}

uint32_t
store_map_list(const struct store_map *map, uint32_t *page, uint32_t *pages,
    uint32_t max)
{
	uint32_t n = 0;

	while (n < max && *page < STORE_PAGES) {
		const struct store_chunk *chunk = store_map_chunk(map, *page);

		if (chunk == NULL) {
			*page += STORE_CHUNK - *page % STORE_CHUNK;
			continue;
		}
		if (chunk->slots[*page % STORE_CHUNK] < STORE_BACK) {
			pages[n++] = *page;
		}
		(*page)++;
	}
	return n;
}

void
store_map_clear(struct store_map *map, void (*drop)(uint32_t slot))
{
	struct store_chunk *chunk;

	for (uint32_t i = 0; i < map->bucket_count; i++) {
		while ((chunk = map->buckets[i]) != NULL) {
			map->buckets[i] = chunk->next;
			for (uint32_t k = 0; k < STORE_CHUNK; k++) {
				if (chunk->slots[k] < STORE_BACK) {
					drop(chunk->slots[k]);
				}
			}
			free(chunk);
		}
	}
	free(map->buckets);
	*map = (struct store_map){ NULL };
}
