/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processors that use a page while it is taken away.  When a call has
 * returned, nobody uses the old rights or the old page any more: what the
 * workers do after that has no effect.
 */

#include "pmap_suite.h"

#include <machine/atomic.h>
#include <machine/copyio.h>
#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/sched.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_page.h>

#define RW	(VM_PROT_READ | VM_PROT_WRITE)
#define WORKERS	3u
#define ROUNDS	60u

/* [a] all atomic, relaxed unless it says otherwise */
struct pmap_suite_worker {
	uint32_t	tries;		/* accesses that have ended */
	uint32_t	done;		/* of them those that succeeded */
	uint32_t	stale;		/* that saw what was too old */
};

static struct pmap_suite_worker pmap_suite_workers[WORKERS];
static uint32_t pmap_suite_running;
static uint32_t pmap_suite_stop;
static uint32_t pmap_suite_epoch;	/* what is shown is as new as this */

/* ---- workers ------------------------------------------------------------ */

/* One access of worker I; true if it could. */
typedef bool (*pmap_suite_access_fn_t)(unsigned i);

static pmap_suite_access_fn_t pmap_suite_access;

static bool
pmap_suite_access_store(unsigned i)
{
	return copyio_store32(pmap_suite_va(0) + 4 * i,
	    atomic_load_relaxed(&pmap_suite_workers[i].tries)) ==
	    KERN_SUCCESS;
}

static bool
pmap_suite_access_load(unsigned i)
{
	uint32_t epoch = atomic_load_seqcst(&pmap_suite_epoch);
	uint32_t value;

	if (copyio_load32(pmap_suite_va(0), &value) != KERN_SUCCESS) {
		return false;
	}
	if (value < epoch) {
		atomic_fetch_add_seqcst(&pmap_suite_workers[i].stale, 1);
	}
	return true;
}

/* Words of worker I: who copies upwards comes to the first one first. */
static vm_offset_t
pmap_suite_first_word(unsigned i)
{
	return 4 * i;
}

static vm_offset_t
pmap_suite_last_word(unsigned i)
{
	return vm_page_size - 4 * (i + 1);
}

/* The first word is never behind the last one. */
static bool
pmap_suite_access_store_both(unsigned i)
{
	uint32_t value = atomic_load_relaxed(&pmap_suite_workers[i].tries);

	return copyio_store32(pmap_suite_va(0) + pmap_suite_first_word(i),
	    value) == KERN_SUCCESS &&
	    copyio_store32(pmap_suite_va(0) + pmap_suite_last_word(i),
	    value) == KERN_SUCCESS;
}

/* Others may want this processor; if not, the space stays loaded. */
static void
pmap_suite_pause(void)
{
	cpu_pause();
	(void)sched_yield();
}

static void
pmap_suite_work(void *arg)
{
	unsigned i = (unsigned)(uintptr_t)arg;
	struct pmap_suite_worker *worker = &pmap_suite_workers[i];

	pmap_suite_enter_task(pmap_suite_task[0]);
	while (atomic_load_acquire(&pmap_suite_stop) == 0) {
		if (pmap_suite_access(i)) {
			atomic_fetch_add_seqcst(&worker->done, 1);
		}
		atomic_fetch_add_seqcst(&worker->tries, 1);
		pmap_suite_pause();
	}
	pmap_suite_enter_task(kernel_task);
	atomic_fetch_sub_acq_rel(&pmap_suite_running, 1);
}

static void
pmap_suite_workers_start(pmap_suite_access_fn_t access)
{
	pmap_suite_access = access;
	atomic_store_seqcst(&pmap_suite_stop, 0);
	atomic_store_seqcst(&pmap_suite_epoch, 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		pmap_suite_workers[i] = (struct pmap_suite_worker){ 0 };
		atomic_fetch_add_seqcst(&pmap_suite_running, 1);
		if (kernel_thread_create("worker", pmap_suite_work,
		    (void *)(uintptr_t)i, SCHED_PRIORITY_USER) !=
		    KERN_SUCCESS) {
			atomic_fetch_sub_acq_rel(&pmap_suite_running, 1);
			SUITE_CHECK(!"a thread");
		}
	}
}

static void
pmap_suite_workers_end(void)
{
	atomic_store_release(&pmap_suite_stop, 1);
	while (atomic_load_seqcst(&pmap_suite_running) != 0) {
		pmap_suite_pause();
	}
}

/* Wait until each worker has made N more tries, or succeeded N times more. */
static void
pmap_suite_wait(unsigned n, bool success)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		struct pmap_suite_worker *worker = &pmap_suite_workers[i];
		uint32_t *count = success ? &worker->done : &worker->tries;
		uint32_t from = atomic_load_seqcst(count);

		while (atomic_load_seqcst(count) - from < n) {
			pmap_suite_pause();
		}
	}
}

/* ---- what is taken away ------------------------------------------------- */

/* Does nobody write to PAGE any more? */
static bool
pmap_suite_is_quiet(phys_addr_t page)
{
	uint32_t before[WORKERS];
	uint32_t after[WORKERS];

	pmap_copy_out(page, 0, before, sizeof(before));
	pmap_suite_wait(3, false);
	pmap_copy_out(page, 0, after, sizeof(after));
	for (unsigned i = 0; i < WORKERS; i++) {
		if (before[i] != after[i]) {
			return false;
		}
	}
	return true;
}

static void
pmap_suite_take(unsigned how)
{
	struct pmap *pmap = pmap_suite_pmap(0);
	vm_offset_t va = pmap_suite_va(0);

	switch (how) {
	case 0:
		pmap_page_protect(pmap_suite_page[0], VM_PROT_READ);
		break;
	case 1:
		pmap_protect(pmap, va, va + vm_page_size, VM_PROT_READ);
		break;
	case 2:
		(void)pmap_enter(pmap, va, pmap_suite_page[0], VM_PROT_READ,
		    false);
		break;
	case 3:
		pmap_page_protect(pmap_suite_page[0], VM_PROT_NONE);
		break;
	case 4:
		pmap_remove(pmap, va, va + vm_page_size);
		break;
	case 5:
		pmap_collect(pmap);
		break;
	case 6:
		pmap_remove(pmap, 0, MACHINE_USER_MAX);
		break;
	default:
		(void)pmap_enter(pmap, va, pmap_suite_page[1], VM_PROT_READ,
		    false);
		break;
	}
}

/* Take a page away that all write to, in the ways from FIRST to LAST. */
static void
pmap_suite_take_all(unsigned first, unsigned last)
{
	pmap_suite_workers_start(pmap_suite_access_store);
	for (unsigned round = 0; round < ROUNDS && !pmap_suite_failed();
	    round++) {
		unsigned how = first + round % (last - first + 1);

		SUITE_CHECK(pmap_enter(pmap_suite_pmap(0), pmap_suite_va(0),
		    pmap_suite_page[0], RW, false) == KERN_SUCCESS);
		pmap_suite_wait(1, true);
		pmap_suite_take(how);
		SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
		SUITE_CHECK(pmap_suite_is_quiet(pmap_suite_page[0]));
	}
	pmap_suite_workers_end();
}

void
pmap_suite_shootdown_protect(void)
{
	pmap_suite_take_all(0, 2);
}

void
pmap_suite_shootdown_remove(void)
{
	pmap_suite_take_all(3, 7);
}

/* Each page that is entered is newer than the one that it replaces. */
void
pmap_suite_shootdown_replace(void)
{
	uint32_t stale = 0;

	pmap_suite_workers_start(pmap_suite_access_load);
	for (uint32_t epoch = 1; epoch < 2 * ROUNDS; epoch++) {
		phys_addr_t page = pmap_suite_page[epoch % 2];

		pmap_suite_poke(page, epoch);
		SUITE_CHECK(pmap_enter(pmap_suite_pmap(0), pmap_suite_va(0),
		    page, VM_PROT_READ, false) == KERN_SUCCESS);
		atomic_store_seqcst(&pmap_suite_epoch, epoch);
		pmap_suite_wait(2, true);
	}
	pmap_suite_workers_end();
	for (unsigned i = 0; i < WORKERS; i++) {
		stale += atomic_load_seqcst(&pmap_suite_workers[i].stale);
	}
	SUITE_CHECK(stale == 0);
}

/* Who goes on writing sets bits again that were cleared. */
void
pmap_suite_bits_while_used(void)
{
	SUITE_CHECK(pmap_enter(pmap_suite_pmap(0), pmap_suite_va(0),
	    pmap_suite_page[0], RW, false) == KERN_SUCCESS);
	pmap_suite_workers_start(pmap_suite_access_store);
	for (unsigned round = 0; round < ROUNDS && !pmap_suite_failed();
	    round++) {
		if (round % 2 == 0) {
			pmap_clear_modified(pmap_suite_page[0]);
		} else {
			pmap_clear_referenced(pmap_suite_page, 4);
		}
		pmap_suite_wait(2, true);
		SUITE_CHECK(pmap_is_modified(pmap_suite_page[0]));
		SUITE_CHECK(pmap_is_referenced(pmap_suite_page[0]));
	}
	pmap_suite_workers_end();
}

static uint32_t
pmap_suite_word(phys_addr_t page, vm_offset_t at)
{
	uint32_t word;

	pmap_copy_out(page, at, &word, sizeof(word));
	return word;
}

/* A copy shows a page that others write to as it is at one moment. */
void
pmap_suite_copy_while_used(void)
{
	phys_addr_t from = pmap_suite_page[0];
	phys_addr_t to = pmap_suite_page[1];

	pmap_zero_page(from);
	SUITE_CHECK(pmap_enter(pmap_suite_pmap(0), pmap_suite_va(0), from, RW,
	    false) == KERN_SUCCESS);
	pmap_suite_workers_start(pmap_suite_access_store_both);
	for (unsigned round = 0; round < 10 * ROUNDS && !pmap_suite_failed();
	    round++) {
		pmap_copy_page_still(from, to);
		for (unsigned i = 0; i < WORKERS; i++) {
			SUITE_CHECK(
			    pmap_suite_word(to, pmap_suite_first_word(i)) >=
			    pmap_suite_word(to, pmap_suite_last_word(i)));
		}
		pmap_suite_wait(1, true);
	}
	pmap_suite_workers_end();
}

/* ---- what is just being taken away --------------------------------------- */

/*
 * One processor does not hear, so that another one, which takes a page away, has
 * to wait for it.  A third one changes the same place of the map, and must not
 * come back before both are done.
 */

#define DEAF_LONG	(1u << 24)	/* looks of who does not hear, at most */
#define DEAF_MOMENT	(1u << 20)

static uint32_t pmap_suite_taking;	/* [a] by the second processor */
static uint32_t pmap_suite_deaf;	/* [a] the first one does not hear */
static uint32_t pmap_suite_changing;	/* [a] the third one is about to */
static uint32_t pmap_suite_changed;	/* [a] and has come back */

static bool
pmap_suite_look_for(uint32_t *flag, unsigned looks)
{
	while (looks-- > 0 && atomic_load_seqcst(flag) == 0) {
		cpu_pause();
	}
	return atomic_load_seqcst(flag) != 0;
}

static void
pmap_suite_be_deaf(void *arg)
{
	vm_offset_t va = pmap_suite_va(0);
	bool were_on;

	pmap_suite_enter_task(pmap_suite_task[0]);
	SUITE_CHECK(copyio_store32(va, 1) == KERN_SUCCESS);
	were_on = cpu_intr_save();
	atomic_store_seqcst(&pmap_suite_deaf, 1);
	(void)pmap_suite_look_for(&pmap_suite_changing, DEAF_LONG);
	if (pmap_suite_look_for(&pmap_suite_changed, DEAF_MOMENT)) {
		(void)copyio_store32(va, 2);
	}
	cpu_intr_restore(were_on);
	pmap_suite_enter_task(kernel_task);
	atomic_fetch_sub_acq_rel(&pmap_suite_running, 1);
}

static void
pmap_suite_take_page(void *arg)
{
	vm_prot_t left = (vm_prot_t)(uintptr_t)arg;

	while (atomic_load_seqcst(&pmap_suite_deaf) == 0) {
		pmap_suite_pause();
	}
	atomic_store_seqcst(&pmap_suite_taking, 1);
	pmap_page_protect(pmap_suite_page[0], left);
	atomic_fetch_sub_acq_rel(&pmap_suite_running, 1);
}

static void
pmap_suite_start(const char *name, void (*fn)(void *), uintptr_t arg)
{
	atomic_fetch_add_seqcst(&pmap_suite_running, 1);
	if (kernel_thread_create(name, fn, (void *)arg,
	    SCHED_PRIORITY_USER) != KERN_SUCCESS) {
		atomic_fetch_sub_acq_rel(&pmap_suite_running, 1);
		SUITE_CHECK(!"a thread");
	}
}

/* Change the place in the way HOW while its page is left with the rights LEFT. */
static void
pmap_suite_change_taken(unsigned how, vm_prot_t left)
{
	uint32_t word;

	pmap_suite_poke(pmap_suite_page[0], 0);
	SUITE_CHECK(pmap_enter(pmap_suite_pmap(0), pmap_suite_va(0),
	    pmap_suite_page[0], RW, false) == KERN_SUCCESS);
	atomic_store_seqcst(&pmap_suite_deaf, 0);
	atomic_store_seqcst(&pmap_suite_taking, 0);
	atomic_store_seqcst(&pmap_suite_changing, 0);
	atomic_store_seqcst(&pmap_suite_changed, 0);
	pmap_suite_start("deaf", pmap_suite_be_deaf, 0);
	pmap_suite_start("taker", pmap_suite_take_page, (uintptr_t)left);
	while (atomic_load_seqcst(&pmap_suite_taking) == 0) {
		pmap_suite_pause();
	}
	/* The entry is changed when the taker begins to wait. */
	(void)pmap_suite_look_for(&pmap_suite_changed, DEAF_MOMENT / 16);
	atomic_store_seqcst(&pmap_suite_changing, 1);
	pmap_suite_take(how);
	atomic_store_seqcst(&pmap_suite_changed, 1);
	while (atomic_load_seqcst(&pmap_suite_running) != 0) {
		pmap_suite_pause();
	}
	pmap_copy_out(pmap_suite_page[0], 0, &word, sizeof(word));
	SUITE_CHECK(word != 2);
}

void
pmap_suite_shootdown_pending(void)
{
	for (unsigned round = 0; round < 4 && !pmap_suite_failed(); round++) {
		pmap_suite_change_taken(1, VM_PROT_READ);
		pmap_suite_change_taken(4, VM_PROT_NONE);
		pmap_suite_change_taken(7, VM_PROT_NONE);
	}
}
