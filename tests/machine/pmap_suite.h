/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The suite of <machine/pmap.h>.
 */

#ifndef TESTS_MACHINE_PMAP_SUITE_H
#define TESTS_MACHINE_PMAP_SUITE_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/machine/vm_types.h>
#include <machine/types.h>

struct pmap;
struct task;

#define PMAP_SUITE_CASES(X)						\
	X(enter) X(replace) X(change_rights) X(remove) X(protect)	\
	X(wiring) X(tables) X(life) X(spaces) X(kernel) X(device)	\
	X(contents) X(direct) X(copy_still)				\
	X(bits) X(bits_of_all_mappings) X(clear_again) X(renew)		\
	X(page_protect) X(many_mappings)				\
	X(random)							\
	X(shootdown_protect) X(shootdown_replace) X(shootdown_remove)	\
	X(shootdown_pending) X(bits_while_used) X(copy_while_used)

#define PMAP_SUITE_DECLARE(name) void pmap_suite_##name(void);
PMAP_SUITE_CASES(PMAP_SUITE_DECLARE)
#undef PMAP_SUITE_DECLARE

/* Supplied by who runs the cases. */
void pmap_suite_fail(const char *file, int line, const char *what);
bool pmap_suite_failed(void);
uint32_t pmap_suite_random_below(uint32_t limit);

#define SUITE_CHECK(cond) do {						\
	if (!(cond)) {							\
		pmap_suite_fail(__FILE__, __LINE__, #cond);		\
	}								\
} while (0)

/* For loops: leave the case at the first failure. */
#define SUITE_REQUIRE(cond) do {					\
	if (!(cond)) {							\
		pmap_suite_fail(__FILE__, __LINE__, #cond);		\
		return;							\
	}								\
} while (0)

/* ---- what the cases share (pmap_suite.c) -------------------------------- */

#define SUITE_TASKS	3u
#define SUITE_PAGES	8u
#define SUITE_VA	0x08000000u

/* Tasks with empty address maps, and pages with clear bits, for a case. */
extern struct task *pmap_suite_task[SUITE_TASKS];
extern phys_addr_t pmap_suite_page[SUITE_PAGES];

void pmap_suite_begin(void);
void pmap_suite_end(void);

struct pmap *pmap_suite_pmap(unsigned task);

/* The address of page N of a place that all cases use. */
vm_offset_t pmap_suite_va(unsigned n);

/* The current thread, one of the kernel's, becomes one of TASK. */
void pmap_suite_enter_task(struct task *task);

/* Access a word as user code of task N would; false: it cannot. */
bool pmap_suite_load(unsigned task, vm_offset_t va, uint32_t *valuep);
bool pmap_suite_store(unsigned task, vm_offset_t va, uint32_t value);

/* The same at page 0's place, without a look at the value. */
bool pmap_suite_reads(unsigned task, vm_offset_t va);
bool pmap_suite_writes(unsigned task, vm_offset_t va);

/* The first word of a page, behind everybody's back, and how to set it. */
uint32_t pmap_suite_peek(phys_addr_t pa);
void pmap_suite_poke(phys_addr_t pa, uint32_t value);

#endif /* TESTS_MACHINE_PMAP_SUITE_H */
