/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A long random walk of several address spaces beside their model.
 */

#include <tests/lib/test.h>

#include "vm_model.h"

#include <kernel/kmem.h>

#include <vm/vm_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define OPERATIONS	30000u

TEST_MACHINE(.cpus = 1, .memory_mib = 32, .switch_chance = 0);

TEST(vm_random_operations_against_model)
{
	struct test_usage usage;
	struct vm_phys_stats before;
	struct vm_phys_stats after;

	test_usage_get(&usage);
	vm_phys_get_stats(&before);
	vm_model_begin();
	for (unsigned i = 0; i < OPERATIONS && !test_failed(); i++) {
		vm_model_operation();
		/* Looking changes what is resident: now and then only. */
		if (i % 500 == 0 || (i / 5000) % 2 == 1) {
			vm_model_check();
		}
		if (i % 500 == 0) {
			vm_page_check();
			vm_phys_check();
		}
	}
	vm_model_end();
	test_usage_check(&usage);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
	kmem_collect();
	vm_phys_get_stats(&after);
	CHECK_EQ(vm_page_stats.wired, 0);
	CHECK_EQ(vm_page_stats.active + vm_page_stats.inactive, 0);
	vm_phys_check();
}
