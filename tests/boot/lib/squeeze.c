/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A squeezed page is a row of items.  A byte below 128: so many and one more
 * bytes follow, as they are.  Another: so many less 128 and four more bytes as
 * they were as far back as the next two bytes say.
 *
 * The store is blocks in chains, so that there are never gaps too small.
 */

#include "squeeze.h"

#define HASHES		256u
#define LITERAL_MAX	128u
#define MATCH_MIN	4u
#define MATCH_MAX	(MATCH_MIN + 127)
#define BLOCK_BYTES	126u

struct block {
	uint16_t	next;		/* + 1, 0: the last */
	uint8_t		bytes[BLOCK_BYTES];
};

static struct block *blocks;
static uint16_t free_block;		/* + 1 */
static size_t used_blocks;

static unsigned
put_literals(uint8_t *out, const uint8_t *from, unsigned count)
{
	unsigned size = 0;

	while (count > 0) {
		unsigned n = count < LITERAL_MAX ? count : LITERAL_MAX;

		out[size++] = (uint8_t)(n - 1);
		memcpy(out + size, from, n);
		size += n;
		from += n;
		count -= n;
	}
	return size;
}

static unsigned
match_length(const uint8_t *page, unsigned from, unsigned at)
{
	unsigned n = 0;

	while (n < MATCH_MAX && at + n < vm_page_size &&
	       page[from + n] == page[at + n]) {
		n++;
	}
	return n;
}

static unsigned
hash(const uint8_t *p)
{
	return (p[0] * 7u + p[1] * 31u + p[2] * 61u + p[3] * 127u) % HASHES;
}

unsigned
squeeze(const uint8_t *page, uint8_t *out)
{
	uint16_t seen[HASHES] = { 0 };		/* + 1 */
	unsigned plain = 0;
	unsigned size = 0;
	unsigned at = 0;

	while (at + MATCH_MIN <= vm_page_size) {
		unsigned h = hash(page + at);
		unsigned from = seen[h];
		unsigned n = 0;

		seen[h] = (uint16_t)(at + 1);
		if (from != 0) {
			n = match_length(page, from - 1, at);
		}
		if (n < MATCH_MIN) {
			at++;
			continue;
		}
		size += put_literals(out + size, page + plain, at - plain);
		out[size++] = (uint8_t)(128 + n - MATCH_MIN);
		out[size++] = (uint8_t)((at - (from - 1)) & 0xff);
		out[size++] = (uint8_t)((at - (from - 1)) >> 8);
		at += n;
		plain = at;
	}
	return size +
	       put_literals(out + size, page + plain, vm_page_size - plain);
}

bool
unsqueeze(const uint8_t *in, unsigned size, uint8_t *page)
{
	unsigned done = 0;
	unsigned i = 0;

	while (i < size) {
		unsigned n = in[i++];
		unsigned back = 0;

		if (n < 128) {
			n++;
		} else {
			n = n - 128 + MATCH_MIN;
			back = in[i] + 256u * in[i + 1];
			i += 2;
		}
		if (done + n > vm_page_size || back > done) {
			return false;
		}
		for (; n > 0; n--, done++) {
			page[done] = back == 0 ? in[i++] : page[done - back];
		}
	}
	return done == vm_page_size;
}

/* ---- the store ---- */

void
squeeze_store_init(void *memory, size_t size)
{
	blocks = memory;
	free_block = 0;
	used_blocks = 0;
	for (size_t i = 0; i < size / sizeof(*blocks) && i < 0xfffe; i++) {
		blocks[i].next = free_block;
		free_block = (uint16_t)(i + 1);
	}
}

void
squeeze_drop(struct squeezed *at)
{
	uint16_t n = at->first;

	while (n != 0) {
		uint16_t next = blocks[n - 1].next;

		blocks[n - 1].next = free_block;
		free_block = n;
		used_blocks--;
		n = next;
	}
	at->first = 0;
	at->size = 0;
}

bool
squeeze_keep(struct squeezed *at, const uint8_t *page)
{
	static uint8_t out[SQUEEZE_MAX];
	unsigned size = squeeze(page, out);
	uint16_t *link = &at->first;

	squeeze_drop(at);
	for (unsigned done = 0; done < size; done += BLOCK_BYTES) {
		struct block *block;

		if (free_block == 0) {
			*link = 0;
			squeeze_drop(at);
			return false;
		}
		block = &blocks[free_block - 1];
		*link = free_block;
		free_block = block->next;
		memcpy(block->bytes, out + done, size - done < BLOCK_BYTES ?
		    size - done : BLOCK_BYTES);
		link = &block->next;
		used_blocks++;
	}
	*link = 0;
	at->size = size;
	return true;
}

bool
squeeze_get(const struct squeezed *at, uint8_t *page)
{
	static uint8_t in[SQUEEZE_MAX + BLOCK_BYTES];
	unsigned done = 0;

	if (at->first == 0) {
		return false;
	}
	for (uint16_t n = at->first; n != 0; n = blocks[n - 1].next) {
		memcpy(in + done, blocks[n - 1].bytes, BLOCK_BYTES);
		done += BLOCK_BYTES;
	}
	return unsqueeze(in, at->size, page);
}

size_t
squeeze_used(void)
{
	return used_blocks * sizeof(*blocks);
}
