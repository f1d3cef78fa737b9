/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What is written past the block cache is what the disk has in the end, and what
 * everybody sees, whatever the cache had of it.
 */
#include "file_image.h"

#include <servers/file/cache.h>

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1024, BLOCKS = 1024, AT = 500 };

static struct image image;
static struct cache cache;

static void
begin(void)
{
	image_make(&image, "cache", BLOCKS * BLOCK / 1024, "-b 1024");
	MUST_OK(cache_init(&cache, &image.disk, BLOCK, BLOCKS, 256 * 1024));
}

static void
end(void)
{
	cache_check(&cache);
	cache_fini(&cache);
	image_remove(&image);
}

/* The buffer of the block, full of BYTE and dirty. */
static struct cache_buf *
change(char byte)
{
	struct cache_buf *buf;

	MUST_OK(cache_overwrite(&cache, AT, &buf));
	memset(buf->data, byte, BLOCK);
	cache_dirty(buf, CACHE_DATA, 0);
	return buf;
}

static void
store(char byte)
{
	char data[BLOCK];

	memset(data, byte, sizeof(data));
	MUST_OK(cache_store(&cache, AT, 1, data));
}

/* The block is full of BYTE, for who reads, and on the disk after a flush. */
static void
check(char byte)
{
	struct cache_buf *buf;
	char data[BLOCK];

	MUST_OK(cache_read(&cache, AT, 1, &buf));
	CHECK_EQ(buf->data[0], byte);
	CHECK_EQ(buf->data[BLOCK - 1], byte);
	cache_release(buf);
	MUST_OK(cache_flush(&cache, 0));
	MUST(pread(image.fd, data, BLOCK, AT * BLOCK) == BLOCK);
	CHECK_EQ(data[0], byte);
	CHECK_EQ(data[BLOCK - 1], byte);
}

TEST(cache_store_of_a_dirty_block)
{
	begin();
	cache_release(change('o'));
	store('n');
	check('n');
	end();
}

TEST(cache_store_of_a_block_in_use)
{
	struct cache_buf *buf;

	begin();
	buf = change('o');
	store('n');
	CHECK_EQ(buf->data[0], 'n');
	CHECK_EQ(buf->data[BLOCK - 1], 'n');
	cache_release(buf);
	check('n');
	end();
}

static void *
flush_main(void *argument)
{
	MUST_OK(cache_flush(&cache, 0));
	return argument;
}

static void *
store_main(void *argument)
{
	bool *stored = argument;

	store('n');
	__atomic_store_n(stored, true, __ATOMIC_RELEASE);
	return NULL;
}

/* An older write, which is on its way, does not come after it. */
TEST(cache_store_of_a_block_on_its_way)
{
	bool stored = false;
	pthread_t flusher;
	pthread_t storer;

	begin();
	cache_release(change('o'));
	image_hold_write(&image);
	MUST(pthread_create(&flusher, NULL, flush_main, NULL) == 0);
	image_await_write(&image);
	MUST(pthread_create(&storer, NULL, store_main, &stored) == 0);
	/* Time enough to do it wrong. */
	usleep(50000);
	CHECK(!__atomic_load_n(&stored, __ATOMIC_ACQUIRE));
	image_release_write(&image);
	pthread_join(flusher, NULL);
	pthread_join(storer, NULL);
	check('n');
	end();
}
