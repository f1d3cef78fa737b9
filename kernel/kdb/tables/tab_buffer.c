/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "tab_buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
tab_alloc(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (p == NULL) {
		perror("tables");
		exit(1);
	}
	return p;
}

void
tab_put(struct tab_buffer *buffer, const void *data, size_t size)
{
	if (size == 0) {
		return;
	}
	if (buffer->room - buffer->size < size) {
		buffer->room = 2 * (buffer->room + size) + 64;
		buffer->data = tab_alloc(buffer->data, buffer->room);
	}
	memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
}

void
tab_put_byte(struct tab_buffer *buffer, unsigned value)
{
	unsigned char byte = (unsigned char)value;

	tab_put(buffer, &byte, 1);
}

void
tab_put_word(struct tab_buffer *buffer, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++) {
		tab_put_byte(buffer, value >> 8 * i & 0xff);
	}
}

void
tab_put_u(struct tab_buffer *buffer, uint32_t value)
{
	while (value >= 0x80) {
		tab_put_byte(buffer, (value & 0x7f) | 0x80);
		value >>= 7;
	}
	tab_put_byte(buffer, value);
}

void
tab_put_s(struct tab_buffer *buffer, int32_t value)
{
	while (value < -64 || value > 63) {
		tab_put_byte(buffer, (value & 0x7f) | 0x80);
		value >>= 7;
	}
	tab_put_byte(buffer, value & 0x7f);
}

void
tab_put_buffer(struct tab_buffer *buffer, const struct tab_buffer *from)
{
	tab_put(buffer, from->data, from->size);
}

void
tab_align(struct tab_buffer *buffer, size_t to)
{
	while (buffer->size % to != 0) {
		tab_put_byte(buffer, 0);
	}
}

static size_t
tab_map_hash(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *key != '\0'; key++) {
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	}
	return (size_t)(hash ^ hash >> 32);
}

/* Where KEY is, or where it belongs. */
static struct tab_map_slot *
tab_map_slot(struct tab_map *map, const char *key)
{
	size_t i = tab_map_hash(key) & (map->room - 1);

	while (map->slots[i].key != NULL &&
	    strcmp(map->slots[i].key, key) != 0) {
		i = (i + 1) & (map->room - 1);
	}
	return &map->slots[i];
}

static void
tab_map_grow(struct tab_map *map)
{
	struct tab_map old = *map;

	map->room = old.room == 0 ? 1024 : 2 * old.room;
	map->slots = tab_alloc(NULL, map->room * sizeof(*map->slots));
	memset(map->slots, 0, map->room * sizeof(*map->slots));
	for (size_t i = 0; i < old.room; i++) {
		if (old.slots[i].key != NULL) {
			*tab_map_slot(map, old.slots[i].key) = old.slots[i];
		}
	}
	free(old.slots);
}

uint32_t *
tab_map_get(struct tab_map *map, const char *key, uint32_t value)
{
	struct tab_map_slot *slot;

	if (2 * map->used >= map->room) {
		tab_map_grow(map);
	}
	slot = tab_map_slot(map, key);
	if (slot->key == NULL) {
		slot->key = tab_alloc(NULL, strlen(key) + 1);
		memcpy(slot->key, key, strlen(key) + 1);
		slot->value = value;
		map->used++;
	}
	return &slot->value;
}

uint32_t
tab_pool_add(struct tab_pool *pool, const char *name)
{
	uint32_t offset;

	if (pool->text.size == 0) {
		tab_put_byte(&pool->text, 0);
	}
	if (name == NULL || name[0] == '\0') {
		return 0;
	}
	offset = *tab_map_get(&pool->offsets, name, (uint32_t)pool->text.size);
	if (offset == pool->text.size) {
		tab_put(&pool->text, name, strlen(name) + 1);
	}
	return offset;
}

/* BYTES as text, which has no zeroes. */
static char *
tab_rank_key(const struct tab_buffer *bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *key = tab_alloc(NULL, 2 * bytes->size + 1);

	for (size_t i = 0; i < bytes->size; i++) {
		key[2 * i] = digits[bytes->data[i] >> 4];
		key[2 * i + 1] = digits[bytes->data[i] & 15];
	}
	key[2 * bytes->size] = '\0';
	return key;
}

uint32_t
tab_rank(struct tab_rank *rank, const struct tab_buffer *bytes)
{
	char *key = tab_rank_key(bytes);
	uint32_t found = *tab_map_get(&rank->map, key, (uint32_t)rank->count);

	free(key);
	if (rank->numbers != NULL) {
		return rank->numbers[found];
	}
	if (found == rank->count) {
		if (rank->count % 1024 == 0) {
			rank->records = tab_alloc(rank->records,
			    (rank->count + 1024) * sizeof(*rank->records));
		}
		memset(&rank->records[found], 0, sizeof(*rank->records));
		rank->records[found].found = found;
		tab_put_buffer(&rank->records[found].bytes, bytes);
		rank->count++;
	}
	rank->records[found].count++;
	return found;
}

static int
tab_rank_compare(const void *a, const void *b)
{
	const struct tab_rank_record *x = a;
	const struct tab_rank_record *y = b;

	if (x->count != y->count) {
		return x->count > y->count ? -1 : 1;
	}
	return x->found < y->found ? -1 : 1;
}

void
tab_rank_finish(struct tab_rank *rank, struct tab_buffer *index,
    struct tab_buffer *out, size_t step)
{
	rank->numbers = tab_alloc(NULL, (rank->count + 1) *
	    sizeof(*rank->numbers));
	if (rank->count > 0) {
		qsort(rank->records, rank->count, sizeof(*rank->records),
		    tab_rank_compare);
	}
	for (size_t i = 0; i < rank->count; i++) {
		const struct tab_rank_record *record = &rank->records[i];

		rank->numbers[record->found] = (uint32_t)i;
		if (i % step == 0) {
			tab_put_word(index, (uint32_t)out->size);
		}
		tab_put_u(out, (uint32_t)record->bytes.size);
		tab_put_buffer(out, &record->bytes);
	}
}
