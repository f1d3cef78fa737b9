/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Slabs.
 *
 * A slab is one naturally aligned block of the backend: a struct kmem_slab at
 * its start, then objects of `stride' bytes.  A free object's first word links
 * it to the next.  Slabs are on the cache's list for their state: full (no
 * free object), partial, or empty (no used one).
 *
 * In front of the slabs each processor has a magazine, a small stack of free
 * objects that it alone touches, with preemption off.  Objects in magazines
 * count as out of their slab.
 *
 * DEBUG builds fill free objects with KMEM_FREE behind the link word, new ones
 * with KMEM_NEW, and the gap after each with a mark that tells the two apart.
 */

#include <kernel/kmem.h>

#include <string.h>

#include <kernel/panic.h>
#include <kernel/percpu.h>

#define KMEM_ALIGN		8u
#define KMEM_EMPTY_MAX		1u
#define KMEM_ORDER_MAX		3u
#define KMEM_OBJECTS_MIN	8u

#define KMEM_CLASS_STEP		16u
#define KMEM_CLASS_MAX		2048u

#define KMEM_FREE		0xf5
#define KMEM_NEW		0xa7
#define KMEM_ZONE		0x9b	/* behind an object in use */
#define KMEM_ZONE_FREE		0x9f	/* behind a free one */

/* [l] lock of the cache */
struct kmem_slab {
	struct list_node link;		/* [l] list of its state */
	struct kmem_cache *cache;	/* [I] */
	void *free;			/* [l] first free object */
	unsigned used;			/* [l] objects out of the slab */
};

#ifdef DEBUG
#define KMEM_ZONE_MIN	4u
#else
#define KMEM_ZONE_MIN	0u
#endif

/* Under the address sanitizer, it knows of free objects and gaps too. */
#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(const volatile void *p, size_t n);
void __asan_unpoison_memory_region(const volatile void *p, size_t n);
#define kmem_hide(p, n)		__asan_poison_memory_region((p), (n))
#define kmem_show(p, n)		__asan_unpoison_memory_region((p), (n))
#else
#define kmem_hide(p, n)		((void)0)
#define kmem_show(p, n)		((void)0)
#endif

static struct kmem_backend kmem_backend;
static size_t kmem_page_size;
static struct spinlock kmem_list_lock =
    SPINLOCK_INITIALIZER(LOCK_RANK_KMEM_LIST);
static struct list kmem_caches = LIST_INITIALIZER(kmem_caches);
static unsigned kmem_processors;	/* magazines per cache; 0: none yet */
static uint32_t kmem_large;		/* [a] bytes in large blocks */

static const uint16_t kmem_class_sizes[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048,
};
static const char *const kmem_class_names[] = {
	"kmem_16", "kmem_32", "kmem_48", "kmem_64", "kmem_96", "kmem_128",
	"kmem_192", "kmem_256", "kmem_384", "kmem_512", "kmem_768",
	"kmem_1024", "kmem_1536", "kmem_2048",
};
#define KMEM_CLASSES	(sizeof(kmem_class_sizes) / sizeof(kmem_class_sizes[0]))

static struct kmem_cache kmem_class_caches[KMEM_CLASSES];
/* Size in steps, rounded up -> class. */
static uint8_t kmem_class_of[KMEM_CLASS_MAX / KMEM_CLASS_STEP + 1];

static size_t
kmem_round(size_t n, size_t align)
{
	return (n + align - 1) & ~(align - 1);
}

static size_t
kmem_slab_size(const struct kmem_cache *cache)
{
	return kmem_page_size << cache->order;
}

void
kmem_setup(const struct kmem_backend *backend)
{
	unsigned class = 0;

	kmem_backend = *backend;
	kmem_page_size = (size_t)1 << backend->page_shift;
	for (unsigned i = 0; i < KMEM_CLASSES; i++) {
		kmem_cache_init(&kmem_class_caches[i], kmem_class_names[i],
		    kmem_class_sizes[i], KMEM_ALIGN);
	}
	for (unsigned i = 0; i <= KMEM_CLASS_MAX / KMEM_CLASS_STEP; i++) {
		if (i * KMEM_CLASS_STEP > kmem_class_sizes[class]) {
			class++;
		}
		kmem_class_of[i] = (uint8_t)class;
	}
}

/* Choose the smallest slab that wastes little. */
static void
kmem_cache_layout(struct kmem_cache *cache, size_t align)
{
	for (cache->order = 0;; cache->order++) {
		size_t size = kmem_slab_size(cache);
		size_t waste;

		cache->first = kmem_round(sizeof(struct kmem_slab), align);
		cache->per_slab = cache->first >= size ? 0 :
		    (unsigned)((size - cache->first) / cache->stride);
		waste = size - cache->per_slab * cache->stride;
		if (cache->per_slab >= KMEM_OBJECTS_MIN ||
		    (cache->per_slab > 0 && (waste * 8 <= size ||
		    cache->order >= KMEM_ORDER_MAX))) {
			return;
		}
		assert(cache->order < 10);
	}
}

/* Give CACHE its magazines if the time has come and memory allows. */
static void
kmem_cache_add_magazines(struct kmem_cache *cache)
{
	size_t size = kmem_processors * sizeof(struct kmem_magazine);

	if (kmem_processors == 0 || cache->magazines != NULL) {
		return;
	}
	atomic_store_release(&cache->magazines, kmem_zalloc(size));
}

void
kmem_cache_init(struct kmem_cache *cache, const char *name, size_t size,
    size_t align)
{
	assert(kmem_page_size != 0);
	assert((align & (align - 1)) == 0);
	if (align < KMEM_ALIGN) {
		align = KMEM_ALIGN;
	}
	memset(cache, 0, sizeof(*cache));
	spinlock_init(&cache->lock, LOCK_RANK_KMEM);
	cache->name = name;
	cache->size = size;
	cache->stride = kmem_round(size + KMEM_ZONE_MIN, align);
	list_init(&cache->partial);
	list_init(&cache->full);
	list_init(&cache->empty);
	kmem_cache_layout(cache, align);
	kmem_cache_add_magazines(cache);
	spinlock_lock(&kmem_list_lock);
	list_insert_tail(&kmem_caches, &cache->link);
	spinlock_unlock(&kmem_list_lock);
}

void
kmem_setup_magazines(unsigned processors)
{
	struct kmem_cache *cache;

	/* Boot time: one processor, and nobody makes caches meanwhile. */
	kmem_processors = processors;
	list_for_each_entry(&kmem_caches, cache, link) {
		kmem_cache_add_magazines(cache);
	}
}

/* The link word of a free object; the sanitizer must not see us. */
static inline void
kmem_link_set(void *object, void *next)
{
	kmem_show(object, sizeof(void *));
	*(void **)object = next;
	kmem_hide(object, sizeof(void *));
}

static inline void *
kmem_link_get(void *object)
{
	void *next;

	kmem_show(object, sizeof(void *));
	next = *(void **)object;
	kmem_hide(object, sizeof(void *));
	return next;
}

#ifdef DEBUG

static void
kmem_debug_fail(const struct kmem_cache *cache, const void *object,
    const char *what)
{
	panic("kmem: %s: object %p %s", cache->name, object, what);
}

/* Is every byte of [P, P + N) equal to BYTE? */
static bool
kmem_debug_filled(const uint8_t *p, int byte, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != (uint8_t)byte) {
			return false;
		}
	}
	return true;
}

static void
kmem_debug_mark_free(const struct kmem_cache *cache, void *object)
{
	uint8_t *p = object;

	if (cache->size > sizeof(void *)) {
		memset(p + sizeof(void *), KMEM_FREE,
		    cache->size - sizeof(void *));
	}
	memset(p + cache->size, KMEM_ZONE_FREE, cache->stride - cache->size);
}

/* OBJECT, free until now, goes to a user. */
static void
kmem_debug_alloc(const struct kmem_cache *cache, void *object)
{
	uint8_t *p = object;

	if (cache->size > sizeof(void *) &&
	    !kmem_debug_filled(p + sizeof(void *), KMEM_FREE,
	    cache->size - sizeof(void *))) {
		kmem_debug_fail(cache, object, "was written to while free");
	}
	memset(p, KMEM_NEW, cache->size);
	kmem_show(object, cache->stride);
	memset(p + cache->size, KMEM_ZONE, cache->stride - cache->size);
	kmem_hide(p + cache->size, cache->stride - cache->size);
}

static void
kmem_debug_free(const struct kmem_cache *cache, void *object)
{
	uintptr_t slab_mask = kmem_slab_size(cache) - 1;
	struct kmem_slab *slab =
	    (struct kmem_slab *)((uintptr_t)object & ~slab_mask);
	uint8_t *p = object;

	if (slab->cache != cache || (((uintptr_t)object & slab_mask) -
	    cache->first) % cache->stride != 0) {
		kmem_debug_fail(cache, object, "is not from this cache");
	}
	kmem_show(object, cache->stride);
	if (kmem_debug_filled(p + cache->size, KMEM_ZONE_FREE,
	    cache->stride - cache->size)) {
		kmem_debug_fail(cache, object, "is free already");
	}
	if (!kmem_debug_filled(p + cache->size, KMEM_ZONE,
	    cache->stride - cache->size)) {
		kmem_debug_fail(cache, object, "was written past its end");
	}
	kmem_debug_mark_free(cache, object);
}

#else

static inline void
kmem_debug_mark_free(const struct kmem_cache *cache, void *object)
{
}

static inline void
kmem_debug_alloc(const struct kmem_cache *cache, void *object)
{
}

static inline void
kmem_debug_free(const struct kmem_cache *cache, void *object)
{
}

#endif /* DEBUG */

static struct kmem_slab *
kmem_slab_create(struct kmem_cache *cache)
{
	struct kmem_slab *slab = kmem_backend.alloc(cache->order);
	char *object;

	if (slab == NULL) {
		return NULL;
	}
	assert(((uintptr_t)slab & (kmem_slab_size(cache) - 1)) == 0);
	slab->cache = cache;
	slab->used = 0;
	slab->free = NULL;
	object = (char *)slab + cache->first;
	object += cache->stride * (cache->per_slab - 1);
	for (unsigned i = 0; i < cache->per_slab; i++) {
		kmem_debug_mark_free(cache, object);
		*(void **)(void *)object = slab->free;
		slab->free = object;
		kmem_hide(object, cache->stride);
		object -= cache->stride;
	}
	cache->slab_count++;
	return slab;
}

static void
kmem_slab_destroy(struct kmem_cache *cache, struct kmem_slab *slab)
{
	cache->slab_count--;
	kmem_show(slab, kmem_slab_size(cache));
	kmem_backend.free(slab, cache->order);
}

/* Take an object out of the slabs.  The cache is locked. */
static void *
kmem_cache_take(struct kmem_cache *cache)
{
	struct kmem_slab *slab;
	void *object;

	spinlock_assert_held(&cache->lock);
	if (!list_empty(&cache->partial)) {
		slab = list_first_entry(&cache->partial, struct kmem_slab,
		    link);
	} else if (!list_empty(&cache->empty)) {
		slab = list_first_entry(&cache->empty, struct kmem_slab, link);
		list_remove(&slab->link);
		cache->empty_count--;
		list_insert_head(&cache->partial, &slab->link);
	} else {
		slab = kmem_slab_create(cache);
		if (slab == NULL) {
			return NULL;
		}
		list_insert_head(&cache->partial, &slab->link);
	}
	object = slab->free;
	slab->free = kmem_link_get(object);
	slab->used++;
	cache->out++;
	if (slab->free == NULL) {
		list_remove(&slab->link);
		list_insert_tail(&cache->full, &slab->link);
	}
	return object;
}

/* Put OBJECT back where it was taken.  The cache is locked. */
static void
kmem_cache_put(struct kmem_cache *cache, void *object)
{
	struct kmem_slab *slab = (struct kmem_slab *)
	    ((uintptr_t)object & ~(kmem_slab_size(cache) - 1));

	spinlock_assert_held(&cache->lock);
	assert_debug(slab->cache == cache && slab->used > 0);
	if (slab->free == NULL) {
		list_remove(&slab->link);
		list_insert_head(&cache->partial, &slab->link);
	}
	kmem_link_set(object, slab->free);
	slab->free = object;
	slab->used--;
	cache->out--;
	if (slab->used > 0) {
		return;
	}
	list_remove(&slab->link);
	if (cache->empty_count >= KMEM_EMPTY_MAX) {
		kmem_slab_destroy(cache, slab);
		return;
	}
	list_insert_head(&cache->empty, &slab->link);
	cache->empty_count++;
}

/* The magazine of this processor, or NULL; preemption is off. */
static struct kmem_magazine *
kmem_cache_magazine(struct kmem_cache *cache)
{
	struct kmem_magazine *all = atomic_load_acquire(&cache->magazines);

	return all == NULL ? NULL : &all[cpu_id()];
}

/* Fill half of MAGAZINE from the slabs. */
static void
kmem_magazine_fill(struct kmem_cache *cache, struct kmem_magazine *magazine)
{
	spinlock_lock(&cache->lock);
	while (magazine->count < KMEM_MAGAZINE_SIZE / 2) {
		void *object = kmem_cache_take(cache);

		if (object == NULL) {
			break;
		}
		magazine->objects[magazine->count++] = object;
	}
	spinlock_unlock(&cache->lock);
}

/* Give all but KEEP of MAGAZINE's objects back to the slabs. */
static void
kmem_magazine_drain(struct kmem_cache *cache, struct kmem_magazine *magazine,
    unsigned keep)
{
	spinlock_lock(&cache->lock);
	while (magazine->count > keep) {
		kmem_cache_put(cache, magazine->objects[--magazine->count]);
	}
	spinlock_unlock(&cache->lock);
}

/* An object that the MAGAZINE, if there is one, does not have; preemption off. */
static __attribute__((noinline)) void *
kmem_cache_alloc_more(struct kmem_cache *cache,
    struct kmem_magazine *magazine)
{
	void *object = NULL;

	if (magazine == NULL) {
		spinlock_lock(&cache->lock);
		object = kmem_cache_take(cache);
		spinlock_unlock(&cache->lock);
	} else {
		kmem_magazine_fill(cache, magazine);
		if (magazine->count > 0) {
			object = magazine->objects[--magazine->count];
		}
	}
	if (object == NULL) {
		atomic_fetch_add_relaxed(&cache->failed, 1);
	}
	return object;
}

void *
kmem_cache_alloc(struct kmem_cache *cache)
{
	struct kmem_magazine *magazine;
	void *object;

	assert_debug(cpu_local_get(intr_depth) == 0);
	preempt_disable();
	magazine = kmem_cache_magazine(cache);
	if (__builtin_expect(magazine != NULL && magazine->count > 0, 1)) {
		object = magazine->objects[--magazine->count];
	} else {
		object = kmem_cache_alloc_more(cache, magazine);
	}
	preempt_enable();
	if (object == NULL) {
		return NULL;
	}
	kmem_show(object, cache->size);
	kmem_debug_alloc(cache, object);
	return object;
}

/* OBJECT has no place in the MAGAZINE, if there is one; preemption off. */
static __attribute__((noinline)) void
kmem_cache_free_more(struct kmem_cache *cache, struct kmem_magazine *magazine,
    void *object)
{
	if (magazine == NULL) {
		spinlock_lock(&cache->lock);
		kmem_cache_put(cache, object);
		spinlock_unlock(&cache->lock);
	} else {
		kmem_magazine_drain(cache, magazine, KMEM_MAGAZINE_SIZE / 2);
		magazine->objects[magazine->count++] = object;
	}
}

void
kmem_cache_free(struct kmem_cache *cache, void *object)
{
	struct kmem_magazine *magazine;

	assert_debug(cpu_local_get(intr_depth) == 0);
	kmem_debug_free(cache, object);
	kmem_hide(object, cache->stride);
	preempt_disable();
	magazine = kmem_cache_magazine(cache);
	if (__builtin_expect(magazine != NULL &&
	    magazine->count < KMEM_MAGAZINE_SIZE, 1)) {
		magazine->objects[magazine->count++] = object;
	} else {
		kmem_cache_free_more(cache, magazine, object);
	}
	preempt_enable();
}

static struct kmem_cache *
kmem_class(size_t size)
{
	return &kmem_class_caches[kmem_class_of[(size + KMEM_CLASS_STEP - 1) /
	    KMEM_CLASS_STEP]];
}

static unsigned
kmem_large_order(size_t size)
{
	unsigned order = 0;

	while (kmem_page_size << order < size) {
		order++;
	}
	return order;
}

void *
kmem_alloc(size_t size)
{
	void *block;
	unsigned order;

	if (size <= KMEM_CLASS_MAX) {
		return kmem_cache_alloc(kmem_class(size));
	}
	if (size > KMEM_ALLOC_MAX) {
		return NULL;
	}
	order = kmem_large_order(size);
	block = kmem_backend.alloc(order);
	if (block != NULL) {
		atomic_fetch_add_relaxed(&kmem_large, kmem_page_size << order);
	}
	return block;
}

void *
kmem_zalloc(size_t size)
{
	void *p = kmem_alloc(size);

	if (p != NULL) {
		memset(p, 0, size);
	}
	return p;
}

void
kmem_free(void *ptr, size_t size)
{
	unsigned order;

	if (ptr == NULL) {
		return;
	}
	if (size <= KMEM_CLASS_MAX) {
		kmem_cache_free(kmem_class(size), ptr);
		return;
	}
	order = kmem_large_order(size);
	atomic_fetch_sub_relaxed(&kmem_large, kmem_page_size << order);
	kmem_backend.free(ptr, order);
}

static void
kmem_cache_collect(struct kmem_cache *cache)
{
	struct kmem_magazine *magazine;

	preempt_disable();
	magazine = kmem_cache_magazine(cache);
	if (magazine != NULL) {
		kmem_magazine_drain(cache, magazine, 0);
	}
	preempt_enable();
	spinlock_lock(&cache->lock);
	while (!list_empty(&cache->empty)) {
		struct kmem_slab *slab = list_first_entry(&cache->empty,
		    struct kmem_slab, link);

		list_remove(&slab->link);
		cache->empty_count--;
		kmem_slab_destroy(cache, slab);
	}
	spinlock_unlock(&cache->lock);
}

void
kmem_collect(void)
{
	struct kmem_cache *cache;

	spinlock_lock(&kmem_list_lock);
	list_for_each_entry(&kmem_caches, cache, link) {
		kmem_cache_collect(cache);
	}
	spinlock_unlock(&kmem_list_lock);
}

/* A glance at the other processors' magazines is good enough. */
static unsigned
kmem_cache_in_magazines(struct kmem_cache *cache)
{
	struct kmem_magazine *all = atomic_load_acquire(&cache->magazines);
	unsigned count = 0;

	for (unsigned i = 0; all != NULL && i < kmem_processors; i++) {
		count += atomic_load_relaxed(&all[i].count);
	}
	return count;
}

bool
kmem_stats_get(unsigned index, struct kmem_stats *stats)
{
	struct kmem_cache *cache;
	bool found = false;

	spinlock_lock(&kmem_list_lock);
	list_for_each_entry(&kmem_caches, cache, link) {
		if (index-- > 0) {
			continue;
		}
		spinlock_lock(&cache->lock);
		stats->name = cache->name;
		stats->size = cache->size;
		stats->used = cache->out - kmem_cache_in_magazines(cache);
		stats->stride = cache->stride;
		stats->total = cache->slab_count * cache->per_slab;
		stats->slabs = cache->slab_count;
		stats->slab_size = kmem_slab_size(cache);
		spinlock_unlock(&cache->lock);
		found = true;
		break;
	}
	spinlock_unlock(&kmem_list_lock);
	return found;
}

const struct list *
kmem_debug_caches(void)
{
	return &kmem_caches;
}

size_t
kmem_large_used(void)
{
	return atomic_load_relaxed(&kmem_large);
}

/* Check the slabs of one list; returns how many objects are out of them. */
static unsigned
kmem_check_list(struct kmem_cache *cache, struct list *list,
    unsigned *slab_count)
{
	struct kmem_slab *slab;
	unsigned out = 0;

	list_for_each_entry(list, slab, link) {
		unsigned free = 0;

		for (void *object = slab->free; object != NULL;
		    object = kmem_link_get(object)) {
			uintptr_t offset = (uintptr_t)object - (uintptr_t)slab;

			assert(offset < kmem_slab_size(cache));
			assert((offset - cache->first) % cache->stride == 0);
			free++;
			assert(free <= cache->per_slab);
		}
		assert(slab->cache == cache);
		assert(free + slab->used == cache->per_slab);
		assert((list == &cache->full) == (free == 0));
		assert((list == &cache->empty) == (slab->used == 0));
		out += slab->used;
		(*slab_count)++;
	}
	return out;
}

void
kmem_check(void)
{
	struct kmem_cache *cache;

	spinlock_lock(&kmem_list_lock);
	list_for_each_entry(&kmem_caches, cache, link) {
		unsigned slabs = 0;
		unsigned out = 0;

		spinlock_lock(&cache->lock);
		out += kmem_check_list(cache, &cache->partial, &slabs);
		out += kmem_check_list(cache, &cache->full, &slabs);
		out += kmem_check_list(cache, &cache->empty, &slabs);
		assert(out == cache->out);
		assert(slabs == cache->slab_count);
		/* An object may be seen in two of several magazines. */
		assert(kmem_processors > 1 ||
		    kmem_cache_in_magazines(cache) <= cache->out);
		spinlock_unlock(&cache->lock);
	}
	spinlock_unlock(&kmem_list_lock);
}
