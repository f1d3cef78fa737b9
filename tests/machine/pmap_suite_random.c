/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Random operations on a few pages in a few places of each space, and a model
 * of tables without any machine behind them.  All is compared after each step
 * that can tell something, and all of it now and then.
 */

#include "pmap_suite.h"

#include <string.h>

#include <machine/pmap.h>

#include <kernel/task.h>

#include <vm/vm_page.h>

#define RW	(VM_PROT_READ | VM_PROT_WRITE)
#define PLACES	12u
#define STEPS	15000u
#define STAY	40u		/* steps in one task, on an average */

struct pmap_suite_mapping {
	bool		valid;
	bool		writable;
	bool		wired;
	unsigned	page;
};

struct pmap_suite_model {
	struct pmap_suite_mapping map[SUITE_TASKS][PLACES];
	bool		modified[SUITE_PAGES];
	bool		referenced[SUITE_PAGES];
	uint32_t	value[SUITE_PAGES];
};

static struct pmap_suite_model model;
static unsigned pmap_suite_home;	/* the task that we are in */

#define below	pmap_suite_random_below

static void
pmap_suite_random_enter(void)
{
	unsigned t = below(SUITE_TASKS);
	unsigned n = below(PLACES);
	struct pmap_suite_mapping *m = &model.map[t][n];

	*m = (struct pmap_suite_mapping){ true, below(2) != 0, below(3) == 0,
		below(SUITE_PAGES) };
	SUITE_CHECK(pmap_enter(pmap_suite_pmap(t), pmap_suite_va(n),
	    pmap_suite_page[m->page], m->writable ? RW : VM_PROT_READ,
	    m->wired) == KERN_SUCCESS);
}

/* Take away from M what PROT does not allow. */
static void
pmap_suite_model_protect(struct pmap_suite_mapping *m, vm_prot_t prot)
{
	if ((prot & (VM_PROT_READ | VM_PROT_EXECUTE)) == 0) {
		m->valid = false;
	}
	if ((prot & VM_PROT_WRITE) == 0) {
		m->writable = false;
	}
}

static void
pmap_suite_random_range(bool remove)
{
	static const vm_prot_t prots[] = { VM_PROT_NONE, VM_PROT_READ, RW,
		VM_PROT_EXECUTE, VM_PROT_ALL };
	vm_prot_t prot = remove ? VM_PROT_NONE : prots[below(5)];
	unsigned t = below(SUITE_TASKS);
	unsigned from = below(PLACES);
	unsigned to = from + 1 + below(PLACES - from);

	for (unsigned n = from; n < to; n++) {
		pmap_suite_model_protect(&model.map[t][n], prot);
	}
	if (remove) {
		pmap_remove(pmap_suite_pmap(t), pmap_suite_va(from),
		    pmap_suite_va(to));
	} else {
		pmap_protect(pmap_suite_pmap(t), pmap_suite_va(from),
		    pmap_suite_va(to), prot);
	}
}

static void
pmap_suite_random_page_protect(void)
{
	static const vm_prot_t prots[] = { VM_PROT_NONE, VM_PROT_READ, RW };
	vm_prot_t prot = prots[below(3)];
	unsigned page = below(SUITE_PAGES);

	for (unsigned i = 0; i < SUITE_TASKS * PLACES; i++) {
		struct pmap_suite_mapping *m =
		    &model.map[i / PLACES][i % PLACES];

		if (m->page == page) {
			pmap_suite_model_protect(m, prot);
		}
	}
	pmap_page_protect(pmap_suite_page[page], prot);
}

static void
pmap_suite_random_wiring(void)
{
	unsigned t = below(SUITE_TASKS);
	unsigned n = below(PLACES);
	bool wired = below(2) != 0;

	model.map[t][n].wired = wired;
	pmap_change_wiring(pmap_suite_pmap(t), pmap_suite_va(n), wired);
}

static void
pmap_suite_random_collect(void)
{
	unsigned t = below(SUITE_TASKS);

	for (unsigned n = 0; n < PLACES; n++) {
		if (!model.map[t][n].wired) {
			model.map[t][n].valid = false;
		}
	}
	pmap_collect(pmap_suite_pmap(t));
}

static void
pmap_suite_random_access(bool write)
{
	unsigned n = below(PLACES);
	struct pmap_suite_mapping *m = &model.map[pmap_suite_home][n];
	uint32_t value = below(1u << 30);
	bool may = m->valid && (m->writable || !write);
	bool did;

	did = write ?
	    pmap_suite_store(pmap_suite_home, pmap_suite_va(n), value) :
	    pmap_suite_load(pmap_suite_home, pmap_suite_va(n), &value);
	SUITE_REQUIRE(did == may);
	if (!may) {
		return;
	}
	model.referenced[m->page] = true;
	if (write) {
		model.modified[m->page] = true;
		model.value[m->page] = value;
	}
	SUITE_REQUIRE(value == model.value[m->page]);
}

static void
pmap_suite_random_clear(void)
{
	unsigned page = below(SUITE_PAGES);
	unsigned count = 1 + below(SUITE_PAGES - page);

	if (below(2) == 0) {
		model.modified[page] = false;
		pmap_clear_modified(pmap_suite_page[page]);
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		model.referenced[page + i] = false;
	}
	pmap_clear_referenced(&pmap_suite_page[page], count);
}

/* Compare all that can be asked. */
static void
pmap_suite_compare(void)
{
	for (unsigned t = 0; t < SUITE_TASKS; t++) {
		unsigned resident = 0;

		for (unsigned n = 0; n < PLACES; n++) {
			struct pmap_suite_mapping *m = &model.map[t][n];
			phys_addr_t pa;
			bool found = pmap_extract(pmap_suite_pmap(t),
			    pmap_suite_va(n), &pa);

			resident += m->valid ? 1 : 0;
			SUITE_REQUIRE(found == m->valid);
			SUITE_REQUIRE(!found ||
			    pa == pmap_suite_page[m->page]);
		}
		SUITE_REQUIRE(pmap_resident_count(pmap_suite_pmap(t)) ==
		    resident * (vm_page_size / PAGE_HW_SIZE));
		pmap_check(pmap_suite_pmap(t));
	}
	for (unsigned i = 0; i < SUITE_PAGES; i++) {
		SUITE_REQUIRE(pmap_is_modified(pmap_suite_page[i]) ==
		    model.modified[i]);
		SUITE_REQUIRE(pmap_is_referenced(pmap_suite_page[i]) ==
		    model.referenced[i]);
		SUITE_REQUIRE(pmap_suite_peek(pmap_suite_page[i]) ==
		    model.value[i]);
	}
}

static void
pmap_suite_random_step(void)
{
	switch (below(14)) {
	case 0:
	case 1:
	case 2:
		pmap_suite_random_enter();
		break;
	case 3:
		pmap_suite_random_range(below(3) == 0);
		break;
	case 4:
		pmap_suite_random_page_protect();
		break;
	case 5:
		pmap_suite_random_wiring();
		break;
	case 6:
		pmap_suite_random_clear();
		break;
	case 7:
		if (below(8) == 0) {
			pmap_suite_random_collect();
		}
		break;
	default:
		pmap_suite_random_access(below(2) == 0);
		break;
	}
	/* To stay keeps what the processor remembers of the space. */
	if (below(STAY) == 0) {
		pmap_suite_home = below(SUITE_TASKS);
		pmap_suite_enter_task(pmap_suite_task[pmap_suite_home]);
	}
}

void
pmap_suite_random(void)
{
	memset(&model, 0, sizeof(model));
	pmap_suite_home = 0;
	pmap_suite_enter_task(pmap_suite_task[0]);
	for (unsigned i = 0; i < STEPS && !pmap_suite_failed(); i++) {
		pmap_suite_random_step();
		if (i % 16 == 0) {
			pmap_suite_compare();
		}
	}
	pmap_suite_enter_task(kernel_task);
}
