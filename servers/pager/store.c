/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Slots of the paging file.
 */
#include <servers/pager/store.h>

#include <assert.h>
#include <stdlib.h>

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

uint32_t
store_map_get(const struct store_map *map, uint32_t page)
{
	assert(page < STORE_CHUNK * STORE_CHUNKS);
	if (map->chunks == NULL || map->chunks[page / STORE_CHUNK] == NULL) {
		return STORE_NONE;
	}
	return map->chunks[page / STORE_CHUNK][page % STORE_CHUNK];
}

static bool
store_map_reserve_chunk(struct store_map *map, uint32_t chunk)
{
	uint32_t *slots;

	if (map->chunks[chunk] != NULL) {
		return true;
	}
	slots = malloc(STORE_CHUNK * sizeof(*slots));
	if (slots == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < STORE_CHUNK; i++) {
		slots[i] = STORE_NONE;
	}
	map->chunks[chunk] = slots;
	return true;
}

bool
store_map_reserve(struct store_map *map, uint32_t page, uint32_t count)
{
	if (map->chunks == NULL) {
		map->chunks = calloc(STORE_CHUNKS, sizeof(*map->chunks));
		if (map->chunks == NULL) {
			return false;
		}
	}
	assert(count > 0 && page + count <= STORE_CHUNK * STORE_CHUNKS);
	for (uint32_t chunk = page / STORE_CHUNK;
	    chunk <= (page + count - 1) / STORE_CHUNK; chunk++) {
		if (!store_map_reserve_chunk(map, chunk)) {
			return false;
		}
	}
	return true;
}

void
store_map_set(struct store_map *map, uint32_t page, uint32_t slot)
{
	map->chunks[page / STORE_CHUNK][page % STORE_CHUNK] = slot;
}

void
store_map_clear(struct store_map *map, struct store *store)
{
	if (map->chunks == NULL) {
		return;
	}
	for (uint32_t i = 0; i < STORE_CHUNKS; i++) {
		uint32_t *slots = map->chunks[i];

		for (uint32_t j = 0; slots != NULL && j < STORE_CHUNK; j++) {
			if (slots[j] < STORE_BACK) {
				store_free(store, slots[j]);
			}
		}
		free(slots);
	}
	free(map->chunks);
	map->chunks = NULL;
}
