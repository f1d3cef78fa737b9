/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What is done to a page wherever it is mapped: its bits, its rights.
 */

#include "pmap_suite.h"

#include <machine/pmap.h>

#include <kernel/task.h>

#include <vm/vm_page.h>

#define RW	(VM_PROT_READ | VM_PROT_WRITE)
#define PTES	(vm_page_size / PAGE_HW_SIZE)
#define MANY	100u

static void
pmap_suite_map(unsigned task, unsigned n, unsigned page, vm_prot_t prot)
{
	SUITE_CHECK(pmap_enter(pmap_suite_pmap(task), pmap_suite_va(n),
	    pmap_suite_page[page], prot, false) == KERN_SUCCESS);
}

static bool
pmap_suite_is(unsigned page, bool modified, bool referenced)
{
	return pmap_is_modified(pmap_suite_page[page]) == modified &&
	    pmap_is_referenced(pmap_suite_page[page]) == referenced;
}

void
pmap_suite_bits(void)
{
	SUITE_CHECK(pmap_suite_is(0, false, false));
	pmap_suite_map(0, 0, 0, RW);
	SUITE_CHECK(pmap_suite_is(0, false, false));
	SUITE_CHECK(pmap_suite_reads(0, pmap_suite_va(0)));
	SUITE_CHECK(pmap_suite_is(0, false, true));
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	SUITE_CHECK(pmap_suite_is(0, true, true));
	/* Each is cleared alone. */
	pmap_clear_modified(pmap_suite_page[0]);
	SUITE_CHECK(pmap_suite_is(0, false, true));
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	pmap_clear_referenced(pmap_suite_page, 1);
	SUITE_CHECK(pmap_suite_is(0, true, false));
	/* The last word of a page counts as well as the first. */
	pmap_clear_modified(pmap_suite_page[0]);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(1) - 4));
	SUITE_CHECK(pmap_suite_is(0, true, true));
	/* What failed did nothing. */
	pmap_suite_map(0, 1, 1, VM_PROT_READ);
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(1)));
	SUITE_CHECK(!pmap_is_modified(pmap_suite_page[1]));
	SUITE_CHECK(pmap_suite_is(2, false, false));
}

/* Ways in which a mapping ends or changes. */
static void
pmap_suite_lose(unsigned how)
{
	struct pmap *pmap = pmap_suite_pmap(0);
	vm_offset_t va = pmap_suite_va(0);

	switch (how) {
	case 0:
		pmap_remove(pmap, va, va + vm_page_size);
		break;
	case 1:
		pmap_protect(pmap, va, va + vm_page_size, VM_PROT_NONE);
		break;
	case 2:
		pmap_collect(pmap);
		break;
	case 3:
		pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
		break;
	case 4:
		pmap_suite_map(0, 0, 5, RW);
		break;
	case 5:
		pmap_page_protect(pmap_suite_page[0], VM_PROT_READ);
		break;
	case 6:
		pmap_suite_map(0, 0, 0, VM_PROT_READ);
		break;
	case 7:
		pmap_protect(pmap, va, va + vm_page_size, VM_PROT_READ);
		break;
	default:
		pmap_change_wiring(pmap, va, true);
		break;
	}
}

/* Bits outlive the mappings that they were set through, however these end. */
void
pmap_suite_bits_of_all_mappings(void)
{
	for (unsigned how = 0; how < 9; how++) {
		for (unsigned write = 0; write < 2; write++) {
			pmap_suite_map(0, 0, 0, RW);
			pmap_suite_map(1, 3, 0, RW);
			SUITE_REQUIRE(write ?
			    pmap_suite_writes(0, pmap_suite_va(0)) :
			    pmap_suite_reads(0, pmap_suite_va(0)));
			pmap_suite_lose(how);
			SUITE_REQUIRE(pmap_suite_is(0, write, true));
			pmap_clear_modified(pmap_suite_page[0]);
			SUITE_REQUIRE(pmap_suite_is(0, false, true));
			pmap_clear_referenced(pmap_suite_page, 1);
			SUITE_REQUIRE(pmap_suite_is(0, false, false));
			pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
			pmap_remove(pmap_suite_pmap(0), 0, MACHINE_USER_MAX);
		}
	}
	/* Through any of several. */
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		pmap_suite_map(t, 0, 1, RW);
		pmap_suite_map(t, 1, 1, VM_PROT_READ);
	}
	SUITE_CHECK(pmap_suite_reads(2, pmap_suite_va(1)));
	SUITE_CHECK(pmap_suite_is(1, false, true));
	SUITE_CHECK(pmap_suite_writes(1, pmap_suite_va(0)));
	SUITE_CHECK(pmap_suite_is(1, true, true));
	pmap_clear_modified(pmap_suite_page[1]);
	pmap_clear_referenced(pmap_suite_page, SUITE_PAGES);
	SUITE_CHECK(pmap_suite_is(1, false, false));
}

/* A new owner finds no bits; who maps the page then sets them as ever. */
void
pmap_suite_renew(void)
{
	pmap_suite_map(0, 0, 0, RW);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
	SUITE_CHECK(pmap_suite_is(0, true, true));
	pmap_page_renew(pmap_suite_page[0]);
	SUITE_CHECK(pmap_suite_is(0, false, false));
	pmap_suite_map(1, 0, 0, RW);
	SUITE_CHECK(pmap_suite_writes(1, pmap_suite_va(0)));
	SUITE_CHECK(pmap_suite_is(0, true, true));
}

/* A copy changes nothing of the page but that it is not modified. */
void
pmap_suite_copy_still(void)
{
	pmap_suite_map(0, 0, 0, RW);
	pmap_suite_map(0, 1, 0, VM_PROT_READ);
	pmap_suite_map(1, 2, 0, RW);
	pmap_suite_poke(pmap_suite_page[1], 1);
	SUITE_CHECK(pmap_suite_store(0, pmap_suite_va(0), 77));
	SUITE_CHECK(pmap_suite_is(0, true, true));
	pmap_copy_page_still(pmap_suite_page[0], pmap_suite_page[1]);
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[1]) == 77);
	SUITE_CHECK(pmap_suite_is(0, false, true));
	SUITE_CHECK(pmap_suite_is(1, false, false));
	/* Each has the rights that it had, and sets the bit again. */
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(1)));
	SUITE_CHECK(pmap_suite_is(0, false, true));
	SUITE_CHECK(pmap_suite_store(0, pmap_suite_va(0), 78));
	SUITE_CHECK(pmap_suite_is(0, true, true));
	pmap_copy_page_still(pmap_suite_page[0], pmap_suite_page[1]);
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[1]) == 78);
	SUITE_CHECK(pmap_suite_store(1, pmap_suite_va(2), 79));
	SUITE_CHECK(pmap_suite_is(0, true, true));
	/* One that is not mapped any more was modified, too. */
	pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
	pmap_copy_page_still(pmap_suite_page[0], pmap_suite_page[1]);
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[1]) == 79);
	SUITE_CHECK(pmap_suite_is(0, false, true));
}

/* Who used a page before its bits were cleared sets them again. */
void
pmap_suite_clear_again(void)
{
	for (unsigned i = 0; i < SUITE_PAGES; i++) {
		pmap_suite_map(0, i, i, RW);
	}
	/* All along in the task: leaving it would flush what is remembered. */
	pmap_suite_enter_task(pmap_suite_task[0]);
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < SUITE_PAGES; i++) {
			if (!pmap_suite_writes(0, pmap_suite_va(i)) ||
			    !pmap_suite_is(i, true, true)) {
				SUITE_CHECK(!"set again");
			}
		}
		for (unsigned i = 0; i < SUITE_PAGES; i += 2) {
			pmap_clear_modified(pmap_suite_page[i]);
		}
		pmap_clear_referenced(pmap_suite_page, SUITE_PAGES / 2);
		for (unsigned i = 0; i < SUITE_PAGES; i++) {
			SUITE_CHECK(pmap_suite_is(i, i % 2 != 0,
			    i >= SUITE_PAGES / 2));
		}
	}
	pmap_suite_enter_task(kernel_task);
}

void
pmap_suite_page_protect(void)
{
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		pmap_suite_map(t, t, 0, RW);
		pmap_suite_map(t, 4, 1, RW);
		SUITE_CHECK(pmap_suite_writes(t, pmap_suite_va(t)));
	}
	pmap_change_wiring(pmap_suite_pmap(2), pmap_suite_va(2), true);
	pmap_page_protect(pmap_suite_page[0], RW);
	pmap_page_protect(pmap_suite_page[0], VM_PROT_ALL);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	pmap_page_protect(pmap_suite_page[0], VM_PROT_READ);
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		SUITE_CHECK(!pmap_suite_writes(t, pmap_suite_va(t)));
		SUITE_CHECK(pmap_suite_reads(t, pmap_suite_va(t)));
		SUITE_CHECK(pmap_suite_writes(t, pmap_suite_va(4)));
	}
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
	pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		SUITE_CHECK(!pmap_suite_reads(t, pmap_suite_va(t)));
		SUITE_CHECK(pmap_suite_writes(t, pmap_suite_va(4)));
		SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(t)) == PTES);
	}
	/* It may be mapped again. */
	pmap_suite_map(1, 1, 0, RW);
	SUITE_CHECK(pmap_suite_writes(1, pmap_suite_va(1)));
}

/* A page in a hundred places of each space. */
void
pmap_suite_many_mappings(void)
{
	for (unsigned i = 0; i < MANY; i++) {
		for (unsigned t = 0; t < SUITE_TASKS; t++) {
			pmap_suite_map(t, i * 5 + t, 0, RW);
		}
	}
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(t)) ==
		    MANY * PTES);
		pmap_check(pmap_suite_pmap(t));
	}
	SUITE_CHECK(pmap_suite_store(1, pmap_suite_va(99 * 5 + 1), 55));
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
	pmap_remove(pmap_suite_pmap(1), pmap_suite_va(20), pmap_suite_va(40));
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(1)) ==
	    (MANY - 4) * PTES);
	pmap_page_protect(pmap_suite_page[0], VM_PROT_READ);
	for (unsigned i = 0; i < MANY; i++) {
		SUITE_REQUIRE(!pmap_suite_writes(0, pmap_suite_va(i * 5)));
		SUITE_REQUIRE(pmap_suite_reads(2, pmap_suite_va(i * 5 + 2)));
	}
	pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(t)) == 0);
	}
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[0]) == 55);
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
}
