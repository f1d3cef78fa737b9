/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_TABLES_TAB_BUFFER_H
#define KERNEL_KDB_TABLES_TAB_BUFFER_H

/*
 * Bytes that grow, and pools of names.  Without memory the program ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tab_buffer {
	unsigned char	*data;
	size_t		size;
	size_t		room;
};

void tab_put(struct tab_buffer *buffer, const void *data, size_t size);
void tab_put_byte(struct tab_buffer *buffer, unsigned value);
void tab_put_word(struct tab_buffer *buffer, uint32_t value);
void tab_put_u(struct tab_buffer *buffer, uint32_t value);
void tab_put_s(struct tab_buffer *buffer, int32_t value);
void tab_put_buffer(struct tab_buffer *buffer, const struct tab_buffer *from);
void tab_align(struct tab_buffer *buffer, size_t to);

/* Numbers by keys: where names are in a pool, types by what they are. */
struct tab_map {
	struct tab_map_slot {
		char		*key;
		uint32_t	value;
	}		*slots;
	size_t		room;
	size_t		used;
};

/* The value of KEY, which gets VALUE if it has none yet. */
uint32_t *tab_map_get(struct tab_map *map, const char *key, uint32_t value);

/* Names, each once, and the empty one first. */
struct tab_pool {
	struct tab_buffer	text;
	struct tab_map		offsets;
};

/* The offset of NAME in the pool; NULL is the empty one. */
uint32_t tab_pool_add(struct tab_pool *pool, const char *name);

/*
 * Records that are numbered by how often they are used: all that is made of
 * them is made twice, and the first time only counts.
 */
struct tab_rank {
	struct tab_map		map;		/* order, by contents */
	struct tab_rank_record {
		struct tab_buffer	bytes;
		uint32_t		count;
		uint32_t		found;
	}			*records;
	uint32_t		*numbers;	/* by order; NULL: counting */
	size_t			count;
};

/* The number of the record BYTES. */
uint32_t tab_rank(struct tab_rank *rank, const struct tab_buffer *bytes);

/* Counting is over: number the records, and write them. */
void tab_rank_finish(struct tab_rank *rank, struct tab_buffer *index,
    struct tab_buffer *out, size_t step);

/* Memory, or the program's end. */
void *tab_alloc(void *old, size_t size);

#endif
