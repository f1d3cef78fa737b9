/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Operations on address maps, objects and copies, chosen by the input, beside
 * the model of the unit tests.  The whole kernel has booted on the pretend
 * machine; libFuzzer runs in one of its threads.
 */

#include <tests/lib/test.h>

#include <tests/unit/vm/vm_world.h>

#include <kernel/kmem.h>

#include <vm/vm_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#include "fuzz_host.h"

TEST_MACHINE(.cpus = 1, .memory_mib = 32, .switch_chance = 0);

static struct test_usage map_usage;

static void
map_one(void)
{
	struct vm_model *model = vm_world_begin(false);

	while (fuzz_host_more() && !test_failed()) {
		vm_model_operation(model);
	}
	vm_model_check(model);
	vm_world_end(model);
	test_usage_check(&map_usage);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
	CHECK_EQ(vm_page_stats.wired, 0);
	CHECK_EQ(vm_page_stats.active + vm_page_stats.inactive, 0);
	vm_page_check();
	if (test_failed()) {
		fuzz_host_fail();
	}
}

TEST(map)
{
	/* What is made once and kept. */
	vm_world_end(vm_world_begin(false));
	test_usage_get(&map_usage);
	test_random_from(fuzz_host_choose);
	fuzz_host_run(map_one);
}
