/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel memory: caches of equal objects (slabs: Bonwick, 1994) and a heap of
 * size classes on top of them.
 *
 * A slab is a naturally aligned block of pages with its bookkeeping at its
 * start; each processor keeps a few free objects of each cache at hand.  DEBUG
 * builds put a red zone behind each object and fill free ones with a pattern,
 * both checked.
 *
 * Locks: nothing here sleeps; callable with any spin lock below
 * LOCK_RANK_KMEM held, never from an interrupt.
 */
#ifndef KERNEL_KMEM_H
#define KERNEL_KMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/list.h>
#include <kernel/spinlock.h>

/* Where blocks of 1 << ORDER pages, so aligned, come from. */
struct kmem_backend {
	unsigned page_shift;
	void *(*alloc)(unsigned order);
	void (*free)(void *block, unsigned order);
};

#define KMEM_MAGAZINE_SIZE	14u

/* [c] its processor only, preemption off */
struct kmem_magazine {
	unsigned count;				/* [c] */
	void *objects[KMEM_MAGAZINE_SIZE];	/* [c] */
	uint32_t pad;
};

/* [I] fixed by init  [l] own lock  [a] atomic */
struct kmem_cache {
	struct spinlock lock;
	struct list_node link;		/* list of all caches */
	const char *name;		/* [I] */
	size_t size;			/* [I] what the user sees */
	size_t stride;			/* [I] from object to object */
	size_t first;			/* [I] offset of object 0 in a slab */
	unsigned per_slab;		/* [I] objects in a slab */
	unsigned order;			/* [I] pages of a slab, as order */
	struct list partial;		/* [l] slabs with free and used objects */
	struct list full;		/* [l] */
	struct list empty;		/* [l] at most KMEM_EMPTY_MAX */
	unsigned empty_count;		/* [l] */
	unsigned slab_count;		/* [l] */
	unsigned out;			/* [l] objects outside the slabs */
	uint32_t failed;		/* [a] allocations that got none */
	struct kmem_magazine *magazines; /* one per processor, or NULL */
};

struct kmem_stats {
	const char *name;
	size_t size;			/* of one object */
	size_t stride;			/* from one to the next */
	unsigned used;			/* objects in the users' hands */
	unsigned total;			/* objects that there is room for */
	unsigned slabs;
	size_t slab_size;		/* bytes */
};

/* Once at boot.  The backend must be able to allocate already. */
void kmem_setup(const struct kmem_backend *backend);

/* Once the processors are counted: from now on use per-processor magazines. */
void kmem_setup_magazines(unsigned processors);

/*
 * Make CACHE hand out objects of SIZE bytes aligned to ALIGN, a power of two
 * (0: the natural one).  Cannot fail; allocates on first use.
 */
void kmem_cache_init(struct kmem_cache *cache, const char *name, size_t size,
    size_t align);

/* NULL when memory is short.  Contents are undefined. */
void *kmem_cache_alloc(struct kmem_cache *cache);
void kmem_cache_free(struct kmem_cache *cache, void *object);

#define KMEM_ALLOC_MAX	(4u << 20)

/*
 * SIZE bytes, at most KMEM_ALLOC_MAX, aligned to 8; from a page up,
 * page-aligned and physically contiguous.  NULL when memory is short.
 */
void *kmem_alloc(size_t size);
void *kmem_zalloc(size_t size);

/* SIZE is what was asked for.  NULL is allowed. */
void kmem_free(void *ptr, size_t size);

/* Give what is kept for later back to the backend; for the pageout thread. */
void kmem_collect(void);

/* Statistics of the cache number INDEX; false past the last. */
bool kmem_stats_get(unsigned index, struct kmem_stats *stats);

/* The list of all caches, by `link': for the debugger. */
const struct list *kmem_debug_caches(void);

/* Bytes in blocks that kmem_alloc took straight from the backend. */
size_t kmem_large_used(void);

/* Walk every cache and assert its invariants. */
void kmem_check(void);

#endif /* KERNEL_KMEM_H */
