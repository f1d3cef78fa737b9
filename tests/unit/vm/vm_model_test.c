/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Long random walks of several address spaces beside their model.
 *
 * OPERATIONS=n in the environment makes them so long; `make vm-model' does the
 * million, by several seeds.
 */

#include <tests/lib/test.h>

#include "vm_world.h"

#include <kernel/kmem.h>

#include <vm/vm_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define OPERATIONS	100000u
/* Operations between two comparisons of everything: in quiet times, in others. */
#define RARELY		500u
#define OFTEN		20u

TEST_MACHINE(.cpus = 1, .memory_mib = 32, .switch_chance = 0);

static void
walk(bool pagers)
{
	struct test_usage usage;
	struct vm_model *model;
	unsigned operations = test_option("OPERATIONS", OPERATIONS);

	test_usage_get(&usage);
	model = vm_world_begin(pagers);
	for (unsigned i = 0; i < operations && !test_failed(); i++) {
		vm_model_operation(model);
		/* Looking changes what is resident: now and then only. */
		if (i % RARELY == 0 ||
		    ((i / 5000) % 2 == 1 && i % OFTEN == 0)) {
			vm_model_check(model);
		}
		if (i % RARELY == 0) {
			vm_page_check();
			vm_phys_check();
		}
	}
	vm_model_check(model);
	vm_world_end(model);
	test_usage_check(&usage);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
	kmem_collect();
	CHECK_EQ(vm_page_stats.wired, 0);
	CHECK_EQ(vm_page_stats.active + vm_page_stats.inactive, 0);
	vm_phys_check();
}

TEST(vm_random_operations_against_model)
{
	walk(false);
}

TEST(vm_random_operations_with_pagers_against_model)
{
	walk(true);
}
