/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See vm_evicted.h. */

#include <vm/vm_evicted.h>

#include <stddef.h>

#include <machine/atomic.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define VM_EVICTED_MIN	1024u
#define VM_EVICTED_MAX	65536u

struct vm_evicted {
	uint32_t	who;	/* [a] object and page, hashed; 0 for none */
	uint32_t	when;	/* [a] which eviction it was */
};

static struct vm_evicted *vm_evicted_table;	/* fixed after setup */
static uint32_t	vm_evicted_mask;		/* fixed after setup */
static uint32_t	vm_evicted_count;		/* [a] evictions so far */

void
vm_evicted_setup(void)
{
	uint32_t size = VM_EVICTED_MIN;

	while (size < VM_EVICTED_MAX && size < vm_phys_free_count() / 2) {
		size *= 2;
	}
	vm_evicted_table = kmem_zalloc(size * sizeof(*vm_evicted_table));
	if (vm_evicted_table == NULL) {
		panic("vm_evicted: no memory for the table");
	}
	vm_evicted_mask = size - 1;
}

/* Not 0. */
static uint32_t
vm_evicted_hash(const struct vm_object *object, uint32_t index)
{
	uint32_t hash = (uint32_t)(uintptr_t)object * 2654435761u;

	hash = (hash ^ hash >> 15 ^ index) * 2246822519u;
	return (hash ^ hash >> 13) | 1u << 31;
}

void
vm_evicted_note(const struct vm_object *object, uint32_t index)
{
	uint32_t who = vm_evicted_hash(object, index);
	struct vm_evicted *entry = &vm_evicted_table[who & vm_evicted_mask];

	atomic_store_relaxed(&entry->who, who);
	atomic_store_relaxed(&entry->when,
	    atomic_fetch_add_relaxed(&vm_evicted_count, 1));
}

bool
vm_evicted_too_soon(const struct vm_object *object, uint32_t index)
{
	uint32_t who = vm_evicted_hash(object, index);
	struct vm_evicted *entry = &vm_evicted_table[who & vm_evicted_mask];

	return atomic_load_relaxed(&entry->who) == who &&
	    atomic_load_relaxed(&vm_evicted_count) -
	    atomic_load_relaxed(&entry->when) <= vm_page_stats.active;
}
