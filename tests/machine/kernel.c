/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The suite in the kernel itself, in the place of the boot script.
 */

#include "pmap_suite.h"

#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/printf.h>
#include <kernel/processor.h>

#include <vm/vm_page.h>
#include <vm/vm_phys.h>

static const struct {
	const char *name;
	void (*fn)(void);
} kernel_cases[] = {
#define KERNEL_CASE(name)	{ #name, pmap_suite_##name },
	PMAP_SUITE_CASES(KERNEL_CASE)
#undef KERNEL_CASE
};

static const char *kernel_case;
static unsigned kernel_failures;	/* of the current case */
static uint32_t kernel_generator = 1;

void __wrap_bootscript_run(void);

void
pmap_suite_fail(const char *file, int line, const char *what)
{
	if (kernel_failures++ == 0) {
		printf("FAIL %s: %s:%d: %s\n", kernel_case, file, line, what);
	}
}

bool
pmap_suite_failed(void)
{
	return kernel_failures != 0;
}

uint32_t
pmap_suite_random_below(uint32_t limit)
{
	kernel_generator = kernel_generator * 1664525u + 1013904223u;
	return (kernel_generator >> 8) % limit;
}

void
__wrap_bootscript_run(void)
{
	for (unsigned i = 0; i < sizeof(kernel_cases) /
	    sizeof(kernel_cases[0]); i++) {
		kernel_case = kernel_cases[i].name;
		kernel_failures = 0;
		pmap_suite_begin();
		kernel_cases[i].fn();
		pmap_suite_end();
		if (kernel_failures == 0) {
			printf("ok %s\n", kernel_case);
		}
	}
	printf("processors %u, page %lu, shootdowns %u, memory to %lx\n",
	    processor_count(), (unsigned long)vm_page_size, pmap_shootdowns(),
	    (unsigned long)vm_phys_end());
	printf("end\n");
	machine_reboot();
}
