/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Free physical memory. */

#include <tests/lib/test.h>

#include <vm/vm_page.h>
#include <vm/vm_phys.h>

TEST_MACHINE(.memory_mib = 24);

#define LARGE		8u	/* order: 1 MiB */
#define LARGE_MOST	32u
#define SINGLE_MOST	6144u	/* 24 MiB */

static struct vm_page *large[LARGE_MOST];
static struct vm_page *single[SINGLE_MOST];

/* Take blocks of ORDER, up to MOST, until there is none. */
static unsigned
take(struct vm_page **pages, unsigned most, unsigned order)
{
	unsigned count = 0;

	while (count < most &&
	    (pages[count] = vm_phys_alloc(order, 0)) != NULL) {
		count++;
	}
	return count;
}

/* Give back every second one of COUNT, from FIRST on. */
static void
give(struct vm_page **pages, unsigned first, unsigned count, unsigned order)
{
	for (unsigned i = first; i < count; i += 2) {
		vm_phys_free(pages[i], order);
	}
	vm_phys_check();
}

static unsigned
large_blocks(void)
{
	unsigned count = take(large, LARGE_MOST, LARGE);

	give(large, 0, count, LARGE);
	give(large, 1, count, LARGE);
	return count;
}

/* All memory in single pages, and back, is as whole as it was. */
TEST(single_pages_become_large_blocks)
{
	unsigned long before;
	unsigned blocks;
	unsigned count;

	pretend_freeze(true);
	before = vm_phys_free_count();
	blocks = large_blocks();
	CHECK(blocks > 0 && blocks < LARGE_MOST);
	count = take(single, SINGLE_MOST, 0);
	CHECK_EQ(count, before);
	CHECK_EQ(large_blocks(), 0);
	give(single, 0, count, 0);
	give(single, 1, count, 0);
	CHECK_EQ(vm_phys_free_count(), before);
	CHECK_EQ(large_blocks(), blocks);
	pretend_freeze(false);
}

/* The same for a part of a block. */
TEST(single_pages_become_a_range)
{
	struct vm_page *range;
	unsigned count;

	pretend_freeze(true);
	count = take(single, SINGLE_MOST, 0);
	/* So few that all are on their own. */
	for (unsigned i = 0; i < count; i++) {
		phys_addr_t pa = vm_page_to_phys(single[i]);

		if (pa >= 0x400000 && pa < 0x400000 + 8 * PAGE_HW_SIZE) {
			vm_phys_free(single[i], 0);
			single[i] = NULL;
		}
	}
	range = vm_phys_alloc_contig(5, 0, 0, PAGE_HW_SIZE);
	CHECK(range != NULL);
	vm_phys_check();
	vm_phys_free_range(range, 5);
	for (unsigned i = 0; i < count; i++) {
		if (single[i] != NULL) {
			vm_phys_free(single[i], 0);
		}
	}
	vm_phys_check();
	pretend_freeze(false);
}
