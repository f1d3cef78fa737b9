/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <string.h>

#include <kernel/kmem.h>

#define OBJECTS	300u

TEST_MACHINE(.cpus = 2);

struct object {
	uint8_t *p;
	size_t size;
	uint8_t fill;
};

static struct object objects[OBJECTS];

static size_t
some_size(void)
{
	switch (test_random(3)) {
	case 0:
		return test_random(100);
	case 1:
		return test_random(3000);
	default:
		return test_random(20000);
	}
}

static bool
intact(const struct object *object)
{
	for (size_t i = 0; i < object->size; i++) {
		if (object->p[i] != object->fill) {
			return false;
		}
	}
	return true;
}

TEST(kmem_random_blocks_keep_their_contents)
{
	for (unsigned round = 0; round < 5000 && !test_failed(); round++) {
		struct object *object = &objects[test_random(OBJECTS)];

		if (object->p != NULL) {
			CHECK(intact(object));
			kmem_free(object->p, object->size);
			object->p = NULL;
			continue;
		}
		object->size = some_size();
		object->fill = (uint8_t)test_random(256);
		object->p = kmem_alloc(object->size);
		REQUIRE(object->p != NULL);
		CHECK(((uintptr_t)object->p & 7) == 0);
		CHECK(object->size < 4096 ||
		    ((uintptr_t)object->p & 4095) == 0);
		memset(object->p, object->fill, object->size);
		if (round % 500 == 0) {
			kmem_check();
		}
	}
	for (unsigned i = 0; i < OBJECTS; i++) {
		kmem_free(objects[i].p, objects[i].size);
	}
	kmem_check();
	kmem_collect();
	kmem_check();
}

TEST(kmem_cache_counts)
{
	static struct kmem_cache cache;
	static void *all[500];
	struct kmem_stats stats;
	unsigned index = 0;

	kmem_cache_init(&cache, "test", 40, 32);
	for (unsigned i = 0; i < 500; i++) {
		all[i] = kmem_cache_alloc(&cache);
		REQUIRE(all[i] != NULL);
		CHECK(((uintptr_t)all[i] & 31) == 0);
	}
	while (kmem_stats_get(index, &stats) &&
	    strcmp(stats.name, "test") != 0) {
		index++;
	}
	CHECK_EQ(stats.used, 500);
	CHECK(stats.total >= 500);
	kmem_check();
	for (unsigned i = 0; i < 500; i++) {
		kmem_cache_free(&cache, all[i]);
	}
	kmem_collect();
	CHECK(kmem_stats_get(index, &stats));
	CHECK_EQ(stats.used, 0);
	kmem_check();
}

TEST(kmem_runs_out_and_recovers)
{
	static void *blocks[64];
	unsigned n = 0;

	CHECK(kmem_alloc(KMEM_ALLOC_MAX + 1) == NULL);
	while (n < 64 && (blocks[n] = kmem_alloc(1 << 20)) != NULL) {
		n++;
	}
	CHECK(n > 2 && n < 64);
	CHECK_EQ(kmem_large_used() >= (size_t)n << 20, true);
	while (n > 0) {
		kmem_free(blocks[--n], 1 << 20);
	}
	blocks[0] = kmem_zalloc(1 << 20);
	REQUIRE(blocks[0] != NULL);
	CHECK_EQ(*(char *)blocks[0], 0);
	kmem_free(blocks[0], 1 << 20);
}

TEST(kmem_counts_what_fails)
{
	static struct kmem_cache cache;
	void **first = NULL;
	void **object;

	kmem_cache_init(&cache, "test", 3000, 0);
	while ((object = kmem_cache_alloc(&cache)) != NULL) {
		*object = first;
		first = object;
	}
	CHECK_EQ(cache.failed, 1);
	CHECK(kmem_cache_alloc(&cache) == NULL);
	CHECK_EQ(cache.failed, 2);
	while (first != NULL) {
		object = first;
		first = *object;
		kmem_cache_free(&cache, object);
	}
	object = kmem_cache_alloc(&cache);
	CHECK(object != NULL);
	kmem_cache_free(&cache, object);
	CHECK_EQ(cache.failed, 2);
}

static void
churn(void *arg)
{
	void *mine[20] = { NULL };

	for (unsigned round = 0; round < 500; round++) {
		unsigned i = round * 7 % 20;

		if (mine[i] != NULL) {
			kmem_free(mine[i], 96);
		}
		mine[i] = kmem_alloc(96);
		memset(mine[i], 1, 96);
	}
	for (unsigned i = 0; i < 20; i++) {
		kmem_free(mine[i], 96);
	}
}

TEST(kmem_magazines_of_several_processors)
{
	struct test_usage before;

	test_usage_get(&before);
	for (unsigned i = 0; i < 6; i++) {
		test_spawn(churn, NULL);
	}
	test_join();
	test_usage_check(&before);
	kmem_check();
}

static void
overrun(void *arg)
{
	char *p = kmem_alloc(48);

	/* Unseen by the compiler's checks: the sanitizer would be first. */
	__asm__ volatile("movb $1, 48(%0)" : : "r" (p) : "memory");
	kmem_free(p, 48);
}

static void
double_free(void *arg)
{
	void *p = kmem_alloc(40);

	kmem_free(p, 40);
	kmem_free(p, 40);
}

static void
use_after_free(void *arg)
{
	char *p = kmem_alloc(200);

	kmem_free(p, 200);
	__asm__ volatile("movb $1, 100(%0)" : : "r" (p) : "memory");
	for (unsigned i = 0; i < 100; i++) {
		kmem_alloc(200);
	}
}

static void
wrong_cache(void *arg)
{
	kmem_free(kmem_alloc(40), 400);
}

TEST(kmem_debugging_sees_misuse)
{
	test_panics(overrun, NULL, "written past its end");
	test_panics(double_free, NULL, "free already");
	test_panics(use_after_free, NULL, "written to while free");
	test_panics(wrong_cache, NULL, "not from this cache");
}
