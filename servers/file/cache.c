/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The block cache; cache.h has its states and rules.
 */
#include <servers/file/cache.h>

#include <servers/errors.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_CLUSTER_BYTES	(64 * 1024)
/* What a thread may hold while it waits for one more. */
#define CACHE_HELD_MAX		4
#define CACHE_MIN_BUFFERS	(CACHE_HELD_MAX * CACHE_THREADS)
/* Buffers come by so much at a time, from the kernel: malloc takes more. */
#define CACHE_CHUNK_BYTES	CACHE_CLUSTER_BYTES

struct cache_chunk {
	struct cache_chunk	*next;
	uint8_t			*pages;
	struct cache_buf	bufs[];		/* one for each block of them */
};

static void
cache_free_tables(struct cache *cache)
{
	free(cache->hash);
	free(cache->sorted);
	os_pages_free(cache->staging, CACHE_CLUSTER_BYTES);
	os_pages_free(cache->arrivals, CACHE_CLUSTER_BYTES);
}

kern_return_t
cache_init(struct cache *cache, struct disk *disk, uint32_t block_size,
    uint32_t block_count, size_t max_bytes)
{
	uint32_t buckets;

	memset(cache, 0, sizeof(*cache));
	cache->disk = disk;
	cache->block_size = block_size;
	cache->block_count = block_count;
	cache->max = max_bytes / block_size;
	if (cache->max < CACHE_MIN_BUFFERS) {
		cache->max = CACHE_MIN_BUFFERS;
	}
	buckets = 64;
	while (buckets < cache->max) {
		buckets *= 2;
	}
	cache->hash_mask = buckets - 1;
	cache->hash = calloc(buckets, sizeof(struct cache_buf *));
	cache->staging = os_pages_alloc(CACHE_CLUSTER_BYTES);
	cache->arrivals = os_pages_alloc(CACHE_CLUSTER_BYTES);
	cache->sorted = calloc(cache->max, sizeof(struct cache_buf *));
	if (cache->hash == NULL || cache->staging == NULL
	    || cache->arrivals == NULL || cache->sorted == NULL) {
		cache_free_tables(cache);
		return UNIX_ENOMEM;
	}
	os_mutex_init(&cache->lock);
	os_mutex_init(&cache->flush_lock);
	os_mutex_init(&cache->read_lock);
	os_cond_init(&cache->changed);
	return KERN_SUCCESS;
}

static struct cache_buf **
cache_bucket(struct cache *cache, uint32_t block)
{
	return &cache->hash[block & cache->hash_mask];
}

static struct cache_buf *
cache_find(struct cache *cache, uint32_t block)
{
	struct cache_buf *buf = *cache_bucket(cache, block);

	while (buf != NULL && buf->block != block) {
		buf = buf->hash_next;
	}
	return buf;
}

static void
cache_hash_remove(struct cache *cache, struct cache_buf *buf)
{
	struct cache_buf **link = cache_bucket(cache, buf->block);

	while (*link != buf) {
		link = &(*link)->hash_next;
	}
	*link = buf->hash_next;
}

static void
cache_lru_remove(struct cache *cache, struct cache_buf *buf)
{
	if (buf->lru_prev != NULL) {
		buf->lru_prev->lru_next = buf->lru_next;
	} else {
		cache->lru_first = buf->lru_next;
	}
	if (buf->lru_next != NULL) {
		buf->lru_next->lru_prev = buf->lru_prev;
	} else {
		cache->lru_last = buf->lru_prev;
	}
}

static void
cache_lru_append(struct cache *cache, struct cache_buf *buf)
{
	buf->lru_next = NULL;
	buf->lru_prev = cache->lru_last;
	if (cache->lru_last != NULL) {
		cache->lru_last->lru_next = buf;
	} else {
		cache->lru_first = buf;
	}
	cache->lru_last = buf;
}

static void
cache_clean_locked(struct cache_buf *buf)
{
	if (buf->dirty) {
		buf->dirty = false;
		buf->cache->dirty--;
	}
}

/* Take BUF, which is idle, out of everything. */
static void
cache_destroy_locked(struct cache *cache, struct cache_buf *buf)
{
	assert(buf->refs == 0 && !buf->busy && !buf->dirty);
	cache_hash_remove(cache, buf);
	cache_lru_remove(cache, buf);
	cache->count--;
	buf->hash_next = cache->unused;
	cache->unused = buf;
}

void
cache_fini(struct cache *cache)
{
	struct cache_chunk *chunk;

	while ((chunk = cache->chunks) != NULL) {
		cache->chunks = chunk->next;
		os_pages_free(chunk->pages, CACHE_CHUNK_BYTES);
		free(chunk);
	}
	cache_free_tables(cache);
	os_cond_fini(&cache->changed);
	os_mutex_fini(&cache->read_lock);
	os_mutex_fini(&cache->flush_lock);
	os_mutex_fini(&cache->lock);
}

/* An idle clean buffer to reuse, taken out of the hash; NULL if none. */
static struct cache_buf *
cache_steal_locked(struct cache *cache)
{
	for (struct cache_buf *buf = cache->lru_first; buf != NULL;
	    buf = buf->lru_next) {
		if (buf->refs == 0 && !buf->busy && !buf->dirty) {
			cache_hash_remove(cache, buf);
			cache_lru_remove(cache, buf);
			cache->count--;
			return buf;
		}
	}
	return NULL;
}

/* Make some unused buffers; false when there is no memory. */
static bool
cache_grow_locked(struct cache *cache)
{
	uint32_t count = CACHE_CHUNK_BYTES / cache->block_size;
	struct cache_chunk *chunk;
	struct cache_buf *buf;

	chunk = calloc(1, sizeof(*chunk) + count * sizeof(chunk->bufs[0]));
	if (chunk == NULL) {
		return false;
	}
	chunk->pages = os_pages_alloc(CACHE_CHUNK_BYTES);
	if (chunk->pages == NULL) {
		free(chunk);
		return false;
	}
	chunk->next = cache->chunks;
	cache->chunks = chunk;
	for (uint32_t i = 0; i < count; i++) {
		buf = &chunk->bufs[i];
		buf->data = chunk->pages + (size_t) i * cache->block_size;
		buf->hash_next = cache->unused;
		cache->unused = buf;
	}
	return true;
}

/*
 * An unused buffer; NULL if the cache has enough, or others need the memory:
 * when it is short, pages on their way to disk come through here.
 */
static struct cache_buf *
cache_unused_locked(struct cache *cache)
{
	struct cache_buf *buf;

	if (cache->count == cache->max) {
		return NULL;
	}
	if (cache->unused == NULL && cache->count >= CACHE_MIN_BUFFERS
	    && os_memory_short()) {
		return NULL;
	}
	if (cache->unused == NULL && !cache_grow_locked(cache)) {
		return NULL;
	}
	buf = cache->unused;
	cache->unused = buf->hash_next;
	return buf;
}

/*
 * A buffer for BLOCK, which is not in the cache: empty, busy, referenced.
 * NULL when none may be had now.
 */
static struct cache_buf *
cache_insert_locked(struct cache *cache, uint32_t block)
{
	struct cache_buf *buf = cache_unused_locked(cache);
	struct cache_buf **bucket;

	if (buf == NULL) {
		buf = cache_steal_locked(cache);
	}
	if (buf == NULL) {
		return NULL;
	}
	buf->cache = cache;
	buf->block = block;
	buf->refs = 1;
	buf->owner = 0;
	buf->valid = false;
	buf->dirty = false;
	buf->busy = true;
	bucket = cache_bucket(cache, block);
	buf->hash_next = *bucket;
	*bucket = buf;
	cache_lru_append(cache, buf);
	cache->count++;
	return buf;
}

/*
 * No buffer was to be had: write some, or wait until others need theirs no
 * longer.  The cache is unlocked meanwhile.
 */
static kern_return_t
cache_make_room_locked(struct cache *cache)
{
	kern_return_t kr = KERN_SUCCESS;

	if (cache->dirty > 0) {
		os_mutex_unlock(&cache->lock);
		kr = cache_flush(cache, 0);
		os_mutex_lock(&cache->lock);
	} else if (cache->count < CACHE_MIN_BUFFERS) {
		kr = UNIX_ENOMEM;
	} else {
		os_cond_wait(&cache->changed, &cache->lock);
	}
	return kr;
}

/* The I/O on BUF, or its filling, is over. */
static void
cache_idle_locked(struct cache *cache, struct cache_buf *buf)
{
	buf->busy = false;
	os_cond_broadcast(&cache->changed);
}

static void
cache_unref_locked(struct cache *cache, struct cache_buf *buf)
{
	assert(buf->refs > 0);
	buf->refs--;
	if (buf->refs == 0) {
		os_cond_broadcast(&cache->changed);
	}
}

/*
 * Reference BLOCK's buffer: either it is valid, and not being read, or it is
 * new, and the caller has it busy and must fill it (*NEWP).
 */
static kern_return_t
cache_lookup_locked(struct cache *cache, uint32_t block,
    struct cache_buf **bufp, bool *newp)
{
	struct cache_buf *buf;
	kern_return_t kr = KERN_SUCCESS;

	if (block >= cache->block_count) {
		return UNIX_EUCLEAN;
	}
	for (;;) {
		buf = cache_find(cache, block);
		if (buf != NULL) {
			buf->refs++;
			while (buf->busy && !buf->valid) {
				os_cond_wait(&cache->changed, &cache->lock);
			}
			if (!buf->valid) {
				/* Its reader failed; now it is our turn. */
				buf->busy = true;
				*newp = true;
			} else {
				*newp = false;
				cache_lru_remove(cache, buf);
				cache_lru_append(cache, buf);
			}
			*bufp = buf;
			return KERN_SUCCESS;
		}
		buf = cache_insert_locked(cache, block);
		if (buf != NULL) {
			*newp = true;
			*bufp = buf;
			return KERN_SUCCESS;
		}
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		kr = cache_make_room_locked(cache);
	}
}

/*
 * Read the run of COUNT busy buffers BUFS, whose blocks are neighbours.
 */
static kern_return_t
cache_read_run(struct cache *cache, struct cache_buf **bufs, uint32_t count)
{
	uint64_t offset = (uint64_t) bufs[0]->block * cache->block_size;
	uint32_t size = cache->block_size;
	struct disk *disk = cache->disk;
	kern_return_t kr;

	os_mutex_lock(&cache->read_lock);
	kr = disk_read(disk, offset, cache->arrivals,
	    (size_t) count * size);
	for (uint32_t i = 0; i < count && kr == KERN_SUCCESS; i++) {
		memcpy(bufs[i]->data, cache->arrivals + (size_t) i * size,
		    size);
	}
	os_mutex_unlock(&cache->read_lock);
	return kr;
}

/* Blocks after the first that may come along in its request. */
static uint32_t
cache_gather_locked(struct cache *cache, struct cache_buf **bufs,
    uint32_t ahead)
{
	uint32_t block = bufs[0]->block;
	uint32_t count = 1;

	if (ahead > CACHE_CLUSTER_BYTES / cache->block_size) {
		ahead = CACHE_CLUSTER_BYTES / cache->block_size;
	}
	if (ahead > cache->max / 4) {
		ahead = cache->max / 4;
	}
	while (count < ahead && block + count < cache->block_count
	    && cache_find(cache, block + count) == NULL) {
		bufs[count] = cache_insert_locked(cache, block + count);
		if (bufs[count] == NULL) {
			break;
		}
		count++;
	}
	return count;
}

kern_return_t
cache_read(struct cache *cache, uint32_t block, uint32_t ahead,
    struct cache_buf **bufp)
{
	struct cache_buf *bufs[CACHE_CLUSTER_BYTES / 1024];
	uint32_t count;
	kern_return_t kr;
	bool new;

	os_mutex_lock(&cache->lock);
	kr = cache_lookup_locked(cache, block, &bufs[0], &new);
	if (kr != KERN_SUCCESS) {
		os_mutex_unlock(&cache->lock);
		return kr;
	}
	if (!new) {
		cache->stats.hits++;
		os_mutex_unlock(&cache->lock);
		*bufp = bufs[0];
		return KERN_SUCCESS;
	}
	count = cache_gather_locked(cache, bufs, ahead);
	cache->stats.misses++;
	cache->stats.reads++;
	os_mutex_unlock(&cache->lock);

	kr = cache_read_run(cache, bufs, count);
	if (kr != KERN_SUCCESS && count > 1) {
		/* Somebody else's bad block must not harm the one wanted. */
		kr = cache_read_run(cache, bufs, 1);
		os_mutex_lock(&cache->lock);
		for (uint32_t i = 1; i < count; i++) {
			cache_idle_locked(cache, bufs[i]);
			cache_unref_locked(cache, bufs[i]);
		}
		count = 1;
	} else {
		os_mutex_lock(&cache->lock);
	}
	for (uint32_t i = 0; i < count; i++) {
		bufs[i]->valid = kr == KERN_SUCCESS;
		cache_idle_locked(cache, bufs[i]);
		if (i > 0 || kr != KERN_SUCCESS) {
			cache_unref_locked(cache, bufs[i]);
		}
	}
	os_mutex_unlock(&cache->lock);
	if (kr == KERN_SUCCESS) {
		*bufp = bufs[0];
	}
	return kr;
}

/*
 * Copy what the cache has of the COUNT blocks from BLOCK on to DATA, up to the
 * first that it lacks; their number.  What is as on the disk may go.
 */
static uint32_t
cache_fetch_locked(struct cache *cache, uint32_t block, uint32_t count,
    uint8_t *data)
{
	struct cache_buf *buf;
	uint32_t done = 0;

	while (done < count) {
		buf = cache_find(cache, block + done);
		if (buf == NULL || !buf->valid) {
			break;
		}
		memcpy(data + (size_t) done * cache->block_size, buf->data,
		    cache->block_size);
		if (buf->refs == 0 && !buf->busy && !buf->dirty) {
			cache_destroy_locked(cache, buf);
		}
		done++;
	}
	return done;
}

/* How many of the COUNT blocks from BLOCK on the cache lacks, in a row. */
static uint32_t
cache_missing_locked(struct cache *cache, uint32_t block, uint32_t count)
{
	struct cache_buf *buf;
	uint32_t missing = 0;

	while (missing < count) {
		buf = cache_find(cache, block + missing);
		if (buf != NULL && buf->valid) {
			break;
		}
		missing++;
	}
	return missing;
}

kern_return_t
cache_fetch(struct cache *cache, uint32_t block, uint32_t count, void *data)
{
	uint8_t *to = data;
	uint32_t run;
	bool missing;
	kern_return_t kr = KERN_SUCCESS;

	if (block >= cache->block_count
	    || count > cache->block_count - block) {
		return UNIX_EUCLEAN;
	}
	while (count > 0 && kr == KERN_SUCCESS) {
		os_mutex_lock(&cache->lock);
		run = cache_fetch_locked(cache, block, count, to);
		missing = run == 0;
		if (missing) {
			run = cache_missing_locked(cache, block, count);
			cache->stats.reads++;
		}
		os_mutex_unlock(&cache->lock);
		if (missing) {
			os_mutex_lock(&cache->read_lock);
			kr = disk_read(cache->disk,
			    (uint64_t) block * cache->block_size, to,
			    (size_t) run * cache->block_size);
			os_mutex_unlock(&cache->read_lock);
		}
		block += run;
		count -= run;
		to += (size_t) run * cache->block_size;
	}
	return kr;
}

/*
 * BLOCK is about to be written past the cache, with DATA: let go of its buffer
 * once it is not being written itself; one that is in use gets the contents.
 */
static void
cache_supersede_locked(struct cache *cache, uint32_t block,
    const uint8_t *data)
{
	struct cache_buf *buf = cache_find(cache, block);

	while (buf != NULL && buf->busy) {
		os_cond_wait(&cache->changed, &cache->lock);
		buf = cache_find(cache, block);
	}
	if (buf == NULL) {
		return;
	}
	cache_clean_locked(buf);
	if (buf->refs == 0) {
		cache_destroy_locked(cache, buf);
	} else {
		memcpy(buf->data, data, cache->block_size);
		buf->valid = true;
	}
}

kern_return_t
cache_store(struct cache *cache, uint32_t block, uint32_t count,
    const void *data)
{
	const uint8_t *from = data;
	size_t size = cache->block_size;

	if (block >= cache->block_count
	    || count > cache->block_count - block) {
		return UNIX_EUCLEAN;
	}
	os_mutex_lock(&cache->lock);
	for (uint32_t i = 0; i < count; i++) {
		cache_supersede_locked(cache, block + i, from + i * size);
	}
	cache->stats.writes++;
	os_mutex_unlock(&cache->lock);
	return disk_write(cache->disk, block * (uint64_t) size, data,
	    count * size);
}

static kern_return_t
cache_take(struct cache *cache, uint32_t block, bool zero,
    struct cache_buf **bufp)
{
	struct cache_buf *buf;
	kern_return_t kr;
	bool new;

	os_mutex_lock(&cache->lock);
	kr = cache_lookup_locked(cache, block, &buf, &new);
	if (kr != KERN_SUCCESS) {
		os_mutex_unlock(&cache->lock);
		return kr;
	}
	if (zero || new) {
		memset(buf->data, 0, cache->block_size);
	}
	if (new) {
		buf->valid = true;
		cache_idle_locked(cache, buf);
	}
	os_mutex_unlock(&cache->lock);
	*bufp = buf;
	return KERN_SUCCESS;
}

kern_return_t
cache_fresh(struct cache *cache, uint32_t block, struct cache_buf **bufp)
{
	return cache_take(cache, block, true, bufp);
}

kern_return_t
cache_overwrite(struct cache *cache, uint32_t block, struct cache_buf **bufp)
{
	return cache_take(cache, block, false, bufp);
}

void
cache_dirty(struct cache_buf *buf, enum cache_class class, uint32_t owner)
{
	struct cache *cache = buf->cache;

	os_mutex_lock(&cache->lock);
	assert(buf->refs > 0 && buf->valid);
	buf->class = class;
	buf->owner = owner;
	if (!buf->dirty) {
		buf->dirty = true;
		cache->dirty++;
	}
	os_mutex_unlock(&cache->lock);
}

void
cache_release(struct cache_buf *buf)
{
	struct cache *cache = buf->cache;

	os_mutex_lock(&cache->lock);
	cache_unref_locked(cache, buf);
	os_mutex_unlock(&cache->lock);
}

void
cache_forget(struct cache *cache, uint32_t block, uint32_t count)
{
	struct cache_buf *buf;

	os_mutex_lock(&cache->lock);
	for (uint32_t i = 0; i < count; i++) {
		buf = cache_find(cache, block + i);
		if (buf == NULL) {
			continue;
		}
		cache_clean_locked(buf);
		/*
		 * One that is being written stays: whoever reuses the block
		 * finds it and writes after it.
		 */
		if (buf->refs == 0 && !buf->busy) {
			cache_destroy_locked(cache, buf);
		}
	}
	os_mutex_unlock(&cache->lock);
}

static int
cache_compare(const void *a, const void *b)
{
	const struct cache_buf *x = *(struct cache_buf *const *) a;
	const struct cache_buf *y = *(struct cache_buf *const *) b;

	if (x->class != y->class) {
		return x->class < y->class ? -1 : 1;
	}
	return x->block < y->block ? -1 : x->block > y->block;
}

/*
 * Put the dirty buffers of OWNER (0: all), referenced, in order of writing
 * into cache->sorted.
 */
static uint32_t
cache_collect_locked(struct cache *cache, uint32_t owner)
{
	uint32_t count = 0;

	for (struct cache_buf *buf = cache->lru_first;
	    buf != NULL; buf = buf->lru_next) {
		if (buf->dirty && (owner == 0 || buf->owner == owner)) {
			buf->refs++;
			cache->sorted[count++] = buf;
		}
	}
	qsort(cache->sorted, count, sizeof(cache->sorted[0]), cache_compare);
	return count;
}

/* Wait until BUF is not busy and make it busy for writing. */
static bool
cache_claim_locked(struct cache *cache, struct cache_buf *buf)
{
	while (buf->busy) {
		os_cond_wait(&cache->changed, &cache->lock);
	}
	if (!buf->dirty) {
		return false;
	}
	cache_clean_locked(buf);
	buf->busy = true;
	return true;
}

/*
 * Write a run of busy buffers; those that fail are dirty again.
 */
static kern_return_t
cache_write_run(struct cache *cache, struct cache_buf **bufs, uint32_t count,
    uint8_t *staging)
{
	uint64_t offset = (uint64_t) bufs[0]->block * cache->block_size;
	size_t size = (size_t) count * cache->block_size;
	const uint8_t *data = bufs[0]->data;
	struct disk *disk = cache->disk;
	kern_return_t kr;

	if (count > 1) {
		for (uint32_t i = 0; i < count; i++) {
			memcpy(staging + (size_t) i * cache->block_size,
			    bufs[i]->data, cache->block_size);
		}
		data = staging;
	}
	kr = disk_write(disk, offset, data, size);
	os_mutex_lock(&cache->lock);
	cache->stats.writes++;
	for (uint32_t i = 0; i < count; i++) {
		if (kr != KERN_SUCCESS && !bufs[i]->dirty) {
			bufs[i]->dirty = true;
			cache->dirty++;
		}
		cache_idle_locked(cache, bufs[i]);
	}
	os_mutex_unlock(&cache->lock);
	return kr;
}

kern_return_t
cache_flush(struct cache *cache, uint32_t owner)
{
	kern_return_t result = KERN_SUCCESS;
	kern_return_t kr;
	uint32_t limit = CACHE_CLUSTER_BYTES / cache->block_size;
	uint32_t total;
	uint32_t run;

	os_mutex_lock(&cache->flush_lock);
	os_mutex_lock(&cache->lock);
	total = cache_collect_locked(cache, owner);
	for (uint32_t i = 0; i < total; i += run) {
		run = 1;
		if (!cache_claim_locked(cache, cache->sorted[i])) {
			continue;
		}
		while (i + run < total && run < limit
		    && cache->sorted[i + run]->block
			== cache->sorted[i]->block + run
		    && !cache->sorted[i + run]->busy
		    && cache_claim_locked(cache, cache->sorted[i + run])) {
			run++;
		}
		os_mutex_unlock(&cache->lock);
		kr = cache_write_run(cache, &cache->sorted[i], run,
		    cache->staging);
		if (kr != KERN_SUCCESS) {
			result = kr;
		}
		os_mutex_lock(&cache->lock);
	}
	for (uint32_t i = 0; i < total; i++) {
		cache_unref_locked(cache, cache->sorted[i]);
	}
	os_mutex_unlock(&cache->lock);
	os_mutex_unlock(&cache->flush_lock);
	return result;
}

kern_return_t
cache_write_through(struct cache_buf *buf)
{
	struct cache *cache = buf->cache;
	bool claimed;

	os_mutex_lock(&cache->lock);
	claimed = cache_claim_locked(cache, buf);
	os_mutex_unlock(&cache->lock);
	if (!claimed) {
		return KERN_SUCCESS;
	}
	return cache_write_run(cache, &buf, 1, NULL);
}

void
cache_throttle(struct cache *cache)
{
	bool much;

	os_mutex_lock(&cache->lock);
	much = cache->dirty > cache->max / 2;
	os_mutex_unlock(&cache->lock);
	if (much) {
		(void) cache_flush(cache, 0);
	}
}

void
cache_get_stats(struct cache *cache, struct cache_stats *stats)
{
	os_mutex_lock(&cache->lock);
	*stats = cache->stats;
	stats->buffers = cache->count;
	stats->dirty = cache->dirty;
	os_mutex_unlock(&cache->lock);
}

void
cache_check(struct cache *cache)
{
	uint32_t count = 0;
	uint32_t dirty = 0;

	os_mutex_lock(&cache->lock);
	for (struct cache_buf *buf = cache->lru_first; buf != NULL;
	    buf = buf->lru_next) {
		assert(cache_find(cache, buf->block) == buf);
		assert(buf->block < cache->block_count);
		assert(!buf->dirty || buf->valid);
		count++;
		dirty += buf->dirty;
	}
	assert(count == cache->count);
	assert(dirty == cache->dirty);
	os_mutex_unlock(&cache->lock);
}
