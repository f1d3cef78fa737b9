/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Slots of the paging file.
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

bool
store_init(struct store *store, uint32_t slots)
{
	store->slots = slots;
	store->used = 0;
	store->next = 0;
	store->bitmap = calloc((slots + 31) / 32 + 1, sizeof(uint32_t));
	return store->bitmap != NULL;
}

void
store_fini(struct store *store)
{
	free(store->bitmap);
	store->bitmap = NULL;
}

static bool
store_is_used(const struct store *store, uint32_t slot)
{
	return (store->bitmap[slot / 32] & 1u << slot % 32) != 0;
}

static void
store_mark(struct store *store, uint32_t slot)
{
	assert(!store_is_used(store, slot));
	store->bitmap[slot / 32] |= 1u << slot % 32;
	store->used++;
}

/* The first free slot at or after `next', around the end. */
static uint32_t
store_find(const struct store *store)
{
	for (uint32_t i = 0; i < store->slots; i++) {
		uint32_t slot = (store->next + i) % store->slots;

		if (slot % 32 == 0 && store->bitmap[slot / 32] == ~0u) {
			i += 31;
			continue;
		}
		if (!store_is_used(store, slot)) {
			return slot;
		}
	}
	return STORE_NONE;
}

uint32_t
store_alloc(struct store *store, uint32_t wanted, uint32_t *got)
{
	uint32_t first = STORE_NONE;
	uint32_t n = 0;

	if (store->used < store->slots) {
		first = store_find(store);
	}
	if (first == STORE_NONE) {
		return STORE_NONE;
	}
	while (n < wanted && first + n < store->slots &&
	    !store_is_used(store, first + n)) {
		store_mark(store, first + n);
		n++;
	}
	store->next = (first + n) % store->slots;
	*got = n;
	return first;
}

void
store_free(struct store *store, uint32_t slot)
{
	assert(slot < store->slots && store_is_used(store, slot));
	store->bitmap[slot / 32] &= ~(1u << slot % 32);
	store->used--;
}

uint32_t
store_end(const struct store *store)
{
	uint32_t end = store->slots;

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
store_map_find(const struct store_map *map, uint32_t page)
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
	struct store_chunk *chunk = store_map_find(map, page);

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

	if (store_map_find(map, page) != NULL) {
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
	store_map_find(map, page)->slots[page % STORE_CHUNK] = slot;
}

static void
store_chunk_clear(struct store_chunk *chunk, struct store *store)
{
	for (uint32_t i = 0; i < STORE_CHUNK; i++) {
		if (chunk->slots[i] < STORE_BACK) {
			store_free(store, chunk->slots[i]);
		}
	}
	free(chunk);
}

void
store_map_clear(struct store_map *map, struct store *store)
{
	struct store_chunk *chunk;

	for (uint32_t i = 0; i < map->bucket_count; i++) {
		while ((chunk = map->buckets[i]) != NULL) {
			map->buckets[i] = chunk->next;
			store_chunk_clear(chunk, store);
		}
	}
	free(map->buckets);
	*map = (struct store_map){ NULL };
}
