/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A row of pointers to bitmaps of 256 pages each; NULL where none is set.
 */

#include <vm/vm_paged.h>

#include <stddef.h>

#include <machine/atomic.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#define VM_PAGED_BITS	256u
#define VM_PAGED_BYTES	(VM_PAGED_BITS / 8)

/* [I] fixed at creation  [f] lock of the family  [d] set by one thread */
struct vm_paged {
	uint32_t	pieces;		/* [I] */
	uint32_t	count;		/* [f] bits set */
	uint32_t	*piece[];	/* [d] */
};

static size_t
vm_paged_bytes(uint32_t pieces)
{
	return sizeof(struct vm_paged) + pieces * sizeof(uint32_t *);
}

struct vm_paged *
vm_paged_create(uint32_t pages)
{
	uint32_t pieces = pages / VM_PAGED_BITS + 1;
	struct vm_paged *paged;

	paged = kmem_zalloc(vm_paged_bytes(pieces));
	if (paged != NULL) {
		paged->pieces = pieces;
	}
	return paged;
}

void
vm_paged_destroy(struct vm_paged *paged)
{
	for (uint32_t i = 0; i < paged->pieces; i++) {
		if (paged->piece[i] != NULL) {
			kmem_free(paged->piece[i], VM_PAGED_BYTES);
		}
	}
	kmem_free(paged, vm_paged_bytes(paged->pieces));
}

/* The word that holds INDEX, or NULL when its piece does not exist. */
static uint32_t *
vm_paged_word(const struct vm_paged *paged, uint32_t index)
{
	uint32_t *bits;

	if (index / VM_PAGED_BITS >= paged->pieces) {
		return NULL;
	}
	/* Pairs with the release store in vm_paged_reserve. */
	bits = atomic_load_acquire(&paged->piece[index / VM_PAGED_BITS]);
	if (bits == NULL) {
		return NULL;
	}
	return &bits[index % VM_PAGED_BITS / 32];
}

bool
vm_paged_test(const struct vm_paged *paged, uint32_t index)
{
	uint32_t *word = vm_paged_word(paged, index);

	return word != NULL && (*word & (1u << index % 32)) != 0;
}

bool
vm_paged_reserve(struct vm_paged *paged, uint32_t index)
{
	uint32_t *bits;

	if (index / VM_PAGED_BITS >= paged->pieces) {
		return false;
	}
	if (paged->piece[index / VM_PAGED_BITS] != NULL) {
		return true;
	}
	bits = kmem_zalloc(VM_PAGED_BYTES);
	if (bits == NULL) {
		return false;
	}
	/* Pairs with the acquire load in vm_paged_word. */
	atomic_store_release(&paged->piece[index / VM_PAGED_BITS], bits);
	return true;
}

bool
vm_paged_has_room(const struct vm_paged *paged, uint32_t index)
{
	return vm_paged_word(paged, index) != NULL;
}

void
vm_paged_set(struct vm_paged *paged, uint32_t index)
{
	uint32_t *word = vm_paged_word(paged, index);

	assert(word != NULL);
	if ((*word & (1u << index % 32)) == 0) {
		*word |= 1u << index % 32;
		paged->count++;
	}
}

void
vm_paged_clear(struct vm_paged *paged, uint32_t index)
{
	uint32_t *word = vm_paged_word(paged, index);

	if (word != NULL && (*word & (1u << index % 32)) != 0) {
		*word &= ~(1u << index % 32);
		paged->count--;
	}
}

static void
vm_paged_merge_piece(struct vm_paged *paged, uint32_t *bits,
    const uint32_t *from)
{
	uint32_t new;

	for (uint32_t i = 0; i < VM_PAGED_BITS / 32; i++) {
		new = from[i] & ~bits[i];
		bits[i] |= new;
		for (; new != 0; new &= new - 1) {
			paged->count++;
		}
	}
}

void
vm_paged_merge(struct vm_paged *paged, struct vm_paged *from)
{
	assert(paged->pieces == from->pieces);
	for (uint32_t i = 0; i < paged->pieces; i++) {
		uint32_t *bits = paged->piece[i];

		if (from->piece[i] == NULL) {
			continue;
		}
		if (bits != NULL) {
			vm_paged_merge_piece(paged, bits, from->piece[i]);
			continue;
		}
		/* Not a copy: that would take memory. */
		paged->piece[i] = from->piece[i];
		from->piece[i] = NULL;
		for (uint32_t k = 0; k < VM_PAGED_BITS; k++) {
			paged->count += paged->piece[i][k / 32] >> k % 32 & 1;
		}
	}
}

uint32_t
vm_paged_count(const struct vm_paged *paged)
{
	return paged->count;
}
