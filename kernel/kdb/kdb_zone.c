/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_zone.h>

#include <stddef.h>

#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/kmem.h>
#include <kernel/processor.h>

#include <vm/vm_page.h>

#define KDB_ZONE_NAME	24u

/* Objects of CACHE that are free in the processors' magazines. */
static unsigned
kdb_zone_at_hand(const struct kmem_cache *cache)
{
	struct kmem_magazine magazine;
	unsigned count = 0;

	for (unsigned i = 0; i < processor_count(); i++) {
		uintptr_t at = (uintptr_t)cache->magazines +
		    i * sizeof(magazine);

		if (cache->magazines == NULL ||
		    !kdb_list_read((const void *)at, &magazine,
		    sizeof(magazine))) {
			break;
		}
		count += magazine.count;
	}
	return count;
}

static unsigned long
kdb_zone_kilobytes(const struct kmem_cache *cache)
{
	return ((unsigned long)vm_page_size / 1024 << (cache->order & 15)) *
	    cache->slab_count;
}

static unsigned long
kdb_zone_print(const struct kmem_cache *address)
{
	static struct kmem_cache cache;
	char name[KDB_ZONE_NAME];
	unsigned free;

	if (!kdb_list_read(address, &cache, sizeof(cache))) {
		kdb_printf("damaged: no cache at %p\n", (const void *)address);
		return 0;
	}
	kdb_who_string(cache.name, name, sizeof(name));
	free = kdb_zone_at_hand(&cache);
	kdb_printf("%p  %-18s %6lu %8u %8u %8luK %7u\n", (const void *)address,
	    name, (unsigned long)cache.size, cache.out - free,
	    cache.slab_count * cache.per_slab, kdb_zone_kilobytes(&cache),
	    cache.failed);
	return kdb_zone_kilobytes(&cache);
}

void
kdb_zone_show(struct kdb_request *request)
{
	const struct list_node *node;
	struct kdb_list walk;
	unsigned long sum = 0;

	kdb_printf("cache       name                 size     used     room   "
	    " memory  failed\n");
	kdb_list_begin(&walk, kmem_debug_caches());
	while ((node = kdb_list_next(&walk)) != NULL) {
		sum += kdb_zone_print(list_entry(node, struct kmem_cache, link));
	}
	kdb_list_end(&walk);
	kdb_printf("%luK in all, and %luK in large blocks\n", sum,
	    (unsigned long)kmem_large_used() / 1024);
}
