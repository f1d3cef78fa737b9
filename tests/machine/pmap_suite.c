/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What single mappings do; tasks, pages and accesses for all cases.
 */

#include "pmap_suite.h"

#include <string.h>

#include <machine/copyio.h>
#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_kern.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define RW	(VM_PROT_READ | VM_PROT_WRITE)
#define PTES	(vm_page_size / PAGE_HW_SIZE)

struct task *pmap_suite_task[SUITE_TASKS];
phys_addr_t pmap_suite_page[SUITE_PAGES];

/* ---- tasks, pages, accesses --------------------------------------------- */

struct pmap *
pmap_suite_pmap(unsigned task)
{
	return pmap_suite_task[task]->map->pmap;
}

vm_offset_t
pmap_suite_va(unsigned n)
{
	return SUITE_VA + n * vm_page_size;
}

void
pmap_suite_begin(void)
{
	for (unsigned i = 0; i < SUITE_TASKS; i++) {
		if (task_create(NULL, false, &pmap_suite_task[i]) !=
		    KERN_SUCCESS || pmap_prepare(pmap_suite_pmap(i)) !=
		    KERN_SUCCESS) {
			panic("suite: no memory for a task");
		}
	}
	for (unsigned i = 0; i < SUITE_PAGES; i++) {
		struct vm_page *page = vm_page_grab();

		if (page == NULL) {
			panic("suite: no memory for a page");
		}
		pmap_suite_page[i] = vm_page_to_phys(page);
		pmap_page_protect(pmap_suite_page[i], VM_PROT_NONE);
		pmap_zero_page(pmap_suite_page[i]);
		pmap_clear_modified(pmap_suite_page[i]);
	}
	pmap_clear_referenced(pmap_suite_page, SUITE_PAGES);
}

void
pmap_suite_end(void)
{
	for (unsigned i = 0; i < SUITE_TASKS; i++) {
		pmap_check(pmap_suite_pmap(i));
		pmap_remove(pmap_suite_pmap(i), 0, MACHINE_USER_MAX);
		SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(i)) == 0);
		(void)task_terminate(pmap_suite_task[i]);
		task_unref(pmap_suite_task[i]);
	}
	for (unsigned i = 0; i < SUITE_PAGES; i++) {
		pmap_page_protect(pmap_suite_page[i], VM_PROT_NONE);
		vm_page_release(vm_page_from_phys(pmap_suite_page[i]));
	}
}

void
pmap_suite_enter_task(struct task *task)
{
	struct thread *self = current_thread();
	bool were_on = cpu_intr_save();

	/* As if it had been switched to. */
	pmap_activate(self->task->map->pmap, task->map->pmap);
	self->task = task;
	cpu_intr_restore(were_on);
}

bool
pmap_suite_load(unsigned task, vm_offset_t va, uint32_t *valuep)
{
	struct task *home = current_thread()->task;
	kern_return_t kr;

	pmap_suite_enter_task(pmap_suite_task[task]);
	kr = copyio_load32((user_addr_t)va, valuep);
	pmap_suite_enter_task(home);
	return kr == KERN_SUCCESS;
}

bool
pmap_suite_store(unsigned task, vm_offset_t va, uint32_t value)
{
	struct task *home = current_thread()->task;
	kern_return_t kr;

	pmap_suite_enter_task(pmap_suite_task[task]);
	kr = copyio_store32((user_addr_t)va, value);
	pmap_suite_enter_task(home);
	return kr == KERN_SUCCESS;
}

bool
pmap_suite_reads(unsigned task, vm_offset_t va)
{
	uint32_t value;

	return pmap_suite_load(task, va, &value);
}

bool
pmap_suite_writes(unsigned task, vm_offset_t va)
{
	return pmap_suite_store(task, va, 1);
}

uint32_t
pmap_suite_peek(phys_addr_t pa)
{
	uint32_t value;

	pmap_copy_out(pa, 0, &value, sizeof(value));
	return value;
}

void
pmap_suite_poke(phys_addr_t pa, uint32_t value)
{
	pmap_copy_in(pa, 0, &value, sizeof(value));
}

static kern_return_t
pmap_suite_enter_page(unsigned task, unsigned n, unsigned page,
    vm_prot_t prot, bool wired)
{
	return pmap_enter(pmap_suite_pmap(task), pmap_suite_va(n),
	    pmap_suite_page[page], prot, wired);
}

/* Does page N of TASK show PAGE, to the last byte? */
static bool
pmap_suite_shows(unsigned task, unsigned n, unsigned page)
{
	vm_offset_t last = pmap_suite_va(n) + vm_page_size - 1;
	phys_addr_t pa;

	return pmap_extract(pmap_suite_pmap(task), last, &pa) &&
	    pa == pmap_suite_page[page] + vm_page_size - 1 &&
	    pmap_extract(pmap_suite_pmap(task), pmap_suite_va(n) + 5, &pa) &&
	    pa == pmap_suite_page[page] + 5;
}

static bool
pmap_suite_shows_nothing(unsigned task, unsigned n)
{
	phys_addr_t pa;

	return !pmap_extract(pmap_suite_pmap(task), pmap_suite_va(n), &pa) &&
	    !pmap_suite_reads(task, pmap_suite_va(n));
}

/* ---- cases -------------------------------------------------------------- */

void
pmap_suite_enter(void)
{
	uint32_t value = 0;

	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == 0);
	SUITE_CHECK(pmap_suite_shows_nothing(0, 0));
	SUITE_CHECK(pmap_suite_enter_page(0, 0, 0, VM_PROT_READ, false) ==
	    KERN_SUCCESS);
	SUITE_CHECK(pmap_suite_enter_page(0, 2, 1, RW, true) == KERN_SUCCESS);
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == 2 * PTES);
	SUITE_CHECK(pmap_suite_shows(0, 0, 0));
	SUITE_CHECK(pmap_suite_shows(0, 2, 1));
	SUITE_CHECK(pmap_suite_shows_nothing(0, 1));
	SUITE_CHECK(pmap_suite_shows_nothing(0, 3));
	/* Each has its rights and its contents, to the last word. */
	pmap_suite_poke(pmap_suite_page[0], 77);
	SUITE_CHECK(pmap_suite_load(0, pmap_suite_va(0), &value));
	SUITE_CHECK(value == 77);
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(0)));
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[0]) == 77);
	SUITE_CHECK(pmap_suite_store(0, pmap_suite_va(2), 78));
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[1]) == 78);
	SUITE_CHECK(pmap_suite_store(0, pmap_suite_va(3) - 4, 79));
	pmap_copy_out(pmap_suite_page[1], vm_page_size - 4, &value, 4);
	SUITE_CHECK(value == 79);
	/* Execute is granted with read. */
	SUITE_CHECK(pmap_suite_enter_page(0, 4, 2, VM_PROT_EXECUTE, false) ==
	    KERN_SUCCESS);
	SUITE_CHECK(pmap_suite_reads(0, pmap_suite_va(4)));
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(4)));
}

void
pmap_suite_replace(void)
{
	uint32_t value = 0;

	pmap_suite_poke(pmap_suite_page[1], 20);
	pmap_suite_enter_page(0, 0, 0, RW, false);
	SUITE_CHECK(pmap_suite_store(0, pmap_suite_va(0), 10));
	pmap_suite_enter_page(0, 0, 1, RW, false);
	/* What was there is forgotten, also by who had used it. */
	SUITE_CHECK(pmap_suite_load(0, pmap_suite_va(0), &value));
	SUITE_CHECK(value == 20);
	SUITE_CHECK(pmap_suite_store(0, pmap_suite_va(0), 21));
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[0]) == 10);
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[1]) == 21);
	SUITE_CHECK(pmap_suite_shows(0, 0, 1));
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == PTES);
	/* And what was learnt of it stays. */
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
	SUITE_CHECK(pmap_is_referenced(pmap_suite_page[0]));
	/* The old page is not mapped any more. */
	pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
	SUITE_CHECK(pmap_suite_shows(0, 0, 1));
}

void
pmap_suite_change_rights(void)
{
	pmap_suite_enter_page(0, 0, 0, RW, false);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	pmap_suite_enter_page(0, 0, 0, VM_PROT_READ, false);
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(0)));
	SUITE_CHECK(pmap_suite_reads(0, pmap_suite_va(0)));
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
	pmap_suite_enter_page(0, 0, 0, RW, true);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == PTES);
	/* The last enter said that it is wired. */
	pmap_collect(pmap_suite_pmap(0));
	SUITE_CHECK(pmap_suite_shows(0, 0, 0));
	pmap_suite_enter_page(0, 0, 0, RW, false);
	pmap_collect(pmap_suite_pmap(0));
	SUITE_CHECK(pmap_suite_shows_nothing(0, 0));
}

void
pmap_suite_remove(void)
{
	for (unsigned i = 0; i < 5; i++) {
		pmap_suite_enter_page(0, i, i, RW, i == 2);
		SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(i)));
	}
	pmap_remove(pmap_suite_pmap(0), pmap_suite_va(1), pmap_suite_va(4));
	SUITE_CHECK(pmap_suite_shows(0, 0, 0));
	SUITE_CHECK(pmap_suite_shows(0, 4, 4));
	for (unsigned i = 1; i < 4; i++) {
		SUITE_CHECK(pmap_suite_shows_nothing(0, i));
		SUITE_CHECK(pmap_is_modified(pmap_suite_page[i]));
	}
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == 2 * PTES);
	/* Holes and nothing at all are fine. */
	pmap_remove(pmap_suite_pmap(0), pmap_suite_va(1), pmap_suite_va(4));
	pmap_remove(pmap_suite_pmap(1), 0, MACHINE_USER_MAX);
	pmap_remove(pmap_suite_pmap(0), pmap_suite_va(1), pmap_suite_va(1));
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == 2 * PTES);
	pmap_suite_enter_page(0, 1, 5, RW, false);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(1)));
	SUITE_CHECK(pmap_suite_peek(pmap_suite_page[5]) == 1);
}

void
pmap_suite_protect(void)
{
	for (unsigned i = 0; i < 4; i++) {
		pmap_suite_enter_page(0, i, i, i == 3 ? VM_PROT_READ : RW,
		    false);
		(void)pmap_suite_writes(0, pmap_suite_va(i));
	}
	pmap_protect(pmap_suite_pmap(0), pmap_suite_va(1), pmap_suite_va(3),
	    VM_PROT_READ);
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(1)));
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(2)));
	SUITE_CHECK(pmap_suite_reads(0, pmap_suite_va(1)));
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[1]));
	/* It never raises. */
	pmap_protect(pmap_suite_pmap(0), pmap_suite_va(0), pmap_suite_va(4),
	    RW | VM_PROT_EXECUTE);
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(1)));
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(3)));
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(0)));
	pmap_protect(pmap_suite_pmap(0), pmap_suite_va(0), pmap_suite_va(1),
	    VM_PROT_EXECUTE);
	SUITE_CHECK(pmap_suite_reads(0, pmap_suite_va(0)));
	SUITE_CHECK(!pmap_suite_writes(0, pmap_suite_va(0)));
	pmap_protect(pmap_suite_pmap(0), pmap_suite_va(0), pmap_suite_va(2),
	    VM_PROT_NONE);
	SUITE_CHECK(pmap_suite_shows_nothing(0, 0));
	SUITE_CHECK(pmap_suite_shows_nothing(0, 1));
	SUITE_CHECK(pmap_suite_shows(0, 2, 2));
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == 2 * PTES);
}

void
pmap_suite_wiring(void)
{
	for (unsigned i = 0; i < 3; i++) {
		pmap_suite_enter_page(0, i, i, RW, i == 1);
		SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(i)));
	}
	pmap_change_wiring(pmap_suite_pmap(0), pmap_suite_va(2), true);
	/* Where nothing is, nothing changes. */
	pmap_change_wiring(pmap_suite_pmap(0), pmap_suite_va(3), true);
	pmap_change_wiring(pmap_suite_pmap(0), 0x70000000u, true);
	SUITE_CHECK(pmap_suite_shows_nothing(0, 3));
	pmap_collect(pmap_suite_pmap(0));
	SUITE_CHECK(pmap_suite_shows_nothing(0, 0));
	SUITE_CHECK(pmap_suite_shows(0, 1, 1));
	SUITE_CHECK(pmap_suite_shows(0, 2, 2));
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
	SUITE_CHECK(pmap_suite_writes(0, pmap_suite_va(2)));
	SUITE_CHECK(pmap_resident_count(pmap_suite_pmap(0)) == 2 * PTES);
	pmap_change_wiring(pmap_suite_pmap(0), pmap_suite_va(1), false);
	pmap_collect(pmap_suite_pmap(0));
	SUITE_CHECK(pmap_suite_shows_nothing(0, 1));
	SUITE_CHECK(pmap_suite_shows(0, 2, 2));
	pmap_collect(kernel_pmap);
	pmap_collect(pmap_suite_pmap(1));
}

/* Page tables come and go at any place, the last address among them. */
void
pmap_suite_tables(void)
{
	static const vm_offset_t places[] = {
		0, 0x003f0000, 0x00400000, 0x07ff0000, 0x40000000, 0xbfff0000,
	};
	unsigned count = sizeof(places) / sizeof(places[0]);
	struct pmap *pmap = pmap_suite_pmap(0);
	phys_addr_t pa;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < count; i++) {
			SUITE_CHECK(pmap_enter(pmap, places[i],
			    pmap_suite_page[i], RW, false) == KERN_SUCCESS);
			SUITE_CHECK(pmap_suite_store(0, places[i], i + 1));
		}
		for (unsigned i = 0; i < count; i++) {
			SUITE_CHECK(pmap_suite_peek(pmap_suite_page[i]) ==
			    i + 1);
			SUITE_CHECK(pmap_extract(pmap, places[i], &pa) &&
			    pa == pmap_suite_page[i]);
		}
		SUITE_CHECK(pmap_resident_count(pmap) == count * PTES);
		if (round == 0) {
			pmap_collect(pmap);
		} else {
			pmap_remove(pmap, 0, MACHINE_USER_MAX);
		}
		SUITE_CHECK(pmap_resident_count(pmap) == 0);
		for (unsigned i = 0; i < count; i++) {
			SUITE_CHECK(!pmap_suite_reads(0, places[i]));
		}
	}
}

static void
pmap_suite_live(void)
{
	struct pmap *pmap = pmap_create();

	SUITE_REQUIRE(pmap != NULL);
	SUITE_CHECK(pmap_resident_count(pmap) == 0);
	for (unsigned i = 0; i < SUITE_PAGES; i++) {
		SUITE_CHECK(pmap_enter(pmap, (i << 28) + SUITE_VA,
		    pmap_suite_page[i], RW, i % 2 == 0) == KERN_SUCCESS);
	}
	pmap_ref(pmap);
	pmap_unref(pmap);
	SUITE_CHECK(pmap_resident_count(pmap) == SUITE_PAGES * PTES);
	SUITE_CHECK(pmap_prepare(pmap) == KERN_SUCCESS);
	SUITE_CHECK(pmap_prepare(pmap) == KERN_SUCCESS);
	pmap_unref(pmap);
	for (unsigned i = 0; i < SUITE_PAGES; i++) {
		/* The mapping that is gone is not looked for. */
		pmap_page_protect(pmap_suite_page[i], VM_PROT_NONE);
		SUITE_CHECK(!pmap_is_modified(pmap_suite_page[i]));
	}
	pmap = pmap_create();
	SUITE_REQUIRE(pmap != NULL);
	pmap_unref(pmap);
}

/* The last reference takes what is mapped, and its tables, with it. */
void
pmap_suite_life(void)
{
	unsigned long free;

	/* The first ones fill caches. */
	for (unsigned i = 0; i < 4; i++) {
		pmap_suite_live();
	}
	free = vm_phys_free_count();
	for (unsigned i = 0; i < 4; i++) {
		pmap_suite_live();
	}
	SUITE_CHECK(vm_phys_free_count() == free);
}

/* One address shows in each space what that has there. */
void
pmap_suite_spaces(void)
{
	uint32_t value;

	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		pmap_suite_enter_page(t, 0, t, RW, false);
		pmap_suite_enter_page(t, 1, 7, RW, false);
	}
	for (unsigned round = 1; round < 4; round++) {
		for (unsigned t = 0; t < SUITE_TASKS; t++) {
			SUITE_CHECK(pmap_suite_store(t, pmap_suite_va(0),
			    round * 10 + t));
		}
		for (unsigned t = 0; t < SUITE_TASKS; t++) {
			SUITE_CHECK(pmap_suite_load(t, pmap_suite_va(0),
			    &value) && value == round * 10 + t);
			SUITE_CHECK(pmap_suite_peek(pmap_suite_page[t]) ==
			    round * 10 + t);
		}
		/* What is shared is shared. */
		SUITE_CHECK(pmap_suite_store(round % 3, pmap_suite_va(1),
		    round));
		SUITE_CHECK(pmap_suite_load((round + 1) % 3, pmap_suite_va(1),
		    &value) && value == round);
	}
	pmap_remove(pmap_suite_pmap(1), pmap_suite_va(1), pmap_suite_va(2));
	SUITE_CHECK(pmap_suite_shows_nothing(1, 1));
	SUITE_CHECK(pmap_suite_shows(0, 1, 7));
	SUITE_CHECK(pmap_suite_shows(2, 1, 7));
}

/* New kernel memory is in every space at once, in those that are used, too. */
void
pmap_suite_kernel(void)
{
	vm_size_t size = 8 << 20;
	uint32_t seen;
	char *memory;
	phys_addr_t pa;

	pmap_suite_enter_task(pmap_suite_task[0]);
	memory = vm_kern_alloc(size);
	if (memory != NULL) {
		for (vm_size_t at = 0; at < size; at += 1 << 20) {
			*(volatile uint32_t *)(memory + at) = (uint32_t)at + 1;
		}
		pmap_suite_enter_task(pmap_suite_task[1]);
		seen = 0;
		for (vm_size_t at = 0; at < size; at += 1 << 20) {
			seen += *(volatile uint32_t *)(memory + at) == at + 1;
		}
		SUITE_CHECK(seen == size >> 20);
		SUITE_CHECK(pmap_extract(kernel_pmap, (vm_offset_t)memory + 9,
		    &pa) && (pa & PAGE_HW_MASK) == 9);
		vm_kern_free(memory, size);
		SUITE_CHECK(!pmap_extract(kernel_pmap, (vm_offset_t)memory,
		    &pa));
	}
	pmap_suite_enter_task(kernel_task);
	SUITE_CHECK(memory != NULL);
}

/* What vm/ does not manage has no bits and no list, but mappings. */
void
pmap_suite_device(void)
{
	phys_addr_t device = 0xf0000000u;
	struct pmap *pmap = pmap_suite_pmap(0);
	phys_addr_t pa;

	SUITE_CHECK(pmap_enter(pmap, SUITE_VA, device, RW, false) ==
	    KERN_SUCCESS);
	SUITE_CHECK(pmap_extract(pmap, SUITE_VA + 3, &pa) && pa == device + 3);
	SUITE_CHECK(pmap_resident_count(pmap) == PTES);
	/* Another device, and memory, in its place. */
	SUITE_CHECK(pmap_enter(pmap, SUITE_VA, device + vm_page_size,
	    VM_PROT_READ, true) == KERN_SUCCESS);
	SUITE_CHECK(pmap_extract(pmap, SUITE_VA, &pa) &&
	    pa == device + vm_page_size);
	pmap_collect(pmap);
	SUITE_CHECK(pmap_extract(pmap, SUITE_VA, &pa));
	pmap_suite_enter_page(0, 0, 0, RW, false);
	SUITE_CHECK(pmap_suite_shows(0, 0, 0));
	SUITE_CHECK(pmap_suite_writes(0, SUITE_VA));
	SUITE_CHECK(pmap_resident_count(pmap) == PTES);
	SUITE_CHECK(pmap_enter(pmap, SUITE_VA, device, RW, false) ==
	    KERN_SUCCESS);
	SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
	pmap_protect(pmap, SUITE_VA, SUITE_VA + vm_page_size, VM_PROT_READ);
	pmap_remove(pmap, SUITE_VA, SUITE_VA + vm_page_size);
	SUITE_CHECK(!pmap_extract(pmap, SUITE_VA, &pa));
	SUITE_CHECK(pmap_resident_count(pmap) == 0);
}

/* ---- contents ----------------------------------------------------------- */

static char pmap_suite_buffer[1 << 16];

static void
pmap_suite_fill(phys_addr_t pa, unsigned seed)
{
	for (unsigned i = 0; i < vm_page_size; i++) {
		pmap_suite_buffer[i] = (char)(i * 7 + i / 256 + seed);
	}
	pmap_copy_in(pa, 0, pmap_suite_buffer, vm_page_size);
}

/* Is byte AT of the page what pmap_suite_fill() wrote? */
static bool
pmap_suite_filled(phys_addr_t pa, unsigned seed, vm_offset_t start,
    vm_offset_t end)
{
	pmap_copy_out(pa, start, pmap_suite_buffer, end - start);
	for (vm_offset_t i = start; i < end; i++) {
		if (pmap_suite_buffer[i - start] !=
		    (char)(i * 7 + i / 256 + seed)) {
			return false;
		}
	}
	return true;
}

static void
pmap_suite_contents_of(phys_addr_t a, phys_addr_t b)
{
	static const char word[] = "0123456789";
	char back[sizeof(word)];

	pmap_suite_fill(a, 1);
	pmap_suite_fill(b, 2);
	SUITE_CHECK(pmap_suite_filled(a, 1, 0, vm_page_size));
	pmap_copy_page(a, b);
	SUITE_CHECK(pmap_suite_filled(b, 1, 0, vm_page_size));
	SUITE_CHECK(pmap_suite_filled(a, 1, 0, vm_page_size));
	/* Parts, at odd places and at the end. */
	pmap_copy_in(b, 13, word, 7);
	pmap_copy_in(b, vm_page_size - 3, word, 3);
	pmap_copy_in(b, 0, word, 0);
	pmap_copy_out(b, 13, back, 7);
	SUITE_CHECK(memcmp(back, word, 7) == 0);
	pmap_copy_out(b, vm_page_size - 3, back, 3);
	SUITE_CHECK(memcmp(back, word, 3) == 0);
	SUITE_CHECK(pmap_suite_filled(b, 1, 0, 13));
	SUITE_CHECK(pmap_suite_filled(b, 1, 20, vm_page_size - 3));
	SUITE_CHECK(pmap_suite_filled(a, 1, 0, vm_page_size));
	pmap_zero_page(b);
	pmap_copy_out(b, 0, pmap_suite_buffer, vm_page_size);
	for (unsigned i = 0; i < vm_page_size; i++) {
		SUITE_REQUIRE(pmap_suite_buffer[i] == 0);
	}
	SUITE_CHECK(pmap_suite_filled(a, 1, 0, vm_page_size));
}

/* A page above the direct map, or NULL where there is none. */
static struct vm_page *
pmap_suite_high_page(void)
{
	return vm_phys_alloc_contig(PTES, KERNEL_DIRECT_MAX, 0, vm_page_size);
}

/* A page of any order of addresses, those above the direct map too. */
void
pmap_suite_contents(void)
{
	struct vm_page *high = pmap_suite_high_page();
	phys_addr_t pa;

	pmap_suite_contents_of(pmap_suite_page[0], pmap_suite_page[1]);
	pmap_suite_contents_of(pmap_suite_page[3], pmap_suite_page[2]);
	if (high == NULL) {
		return;
	}
	pa = vm_page_to_phys(high);
	pmap_suite_contents_of(pa, pmap_suite_page[1]);
	pmap_suite_contents_of(pmap_suite_page[1], pa);
	/* Users see it as any other. */
	SUITE_CHECK(pmap_enter(pmap_suite_pmap(0), SUITE_VA, pa, RW, false) ==
	    KERN_SUCCESS);
	SUITE_CHECK(pmap_suite_store(0, SUITE_VA, 1234));
	SUITE_CHECK(pmap_suite_peek(pa) == 1234);
	SUITE_CHECK(pmap_is_modified(pa));
	pmap_page_protect(pa, VM_PROT_NONE);
	SUITE_CHECK(!pmap_suite_reads(0, SUITE_VA));
	vm_phys_free_range(high, PTES);
}

void
pmap_suite_direct(void)
{
	struct vm_page *high = pmap_suite_high_page();
	void *low = vm_phys_alloc_direct(0);

	SUITE_REQUIRE(low != NULL);
	SUITE_CHECK(pmap_direct(pmap_phys(low)) == low);
	SUITE_CHECK(pmap_direct(pmap_phys((char *)low + 17)) ==
	    (char *)low + 17);
	*(uint32_t *)low = 4321;
	SUITE_CHECK(pmap_suite_peek(pmap_phys(low) & ~vm_page_mask) == 4321 ||
	    (pmap_phys(low) & vm_page_mask) != 0);
	vm_phys_free_direct(low, 0);
	if (high != NULL) {
		SUITE_CHECK(pmap_direct(vm_page_to_phys(high)) == NULL);
		vm_phys_free_range(high, PTES);
	}
}
