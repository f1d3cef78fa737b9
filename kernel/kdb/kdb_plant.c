/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_plant.h>

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <machine/atomic.h>
#include <machine/kdb_cpu.h>
#include <machine/pmap.h>

#include <kernel/ast.h>
#include <kernel/clock.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_place.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/kdb/kdb_wish.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>


/* task->kdb_plant */
#define KDB_PLANT_BUSY		0x1u
#define KDB_PLANT_AGAIN		0x2u	/* something has changed meanwhile */
#define KDB_PLANT_SHORT		0x4u	/* there was no memory for something */

static uint32_t kdb_plant_short;	/* [a] not 0: for somebody's */
static uint32_t kdb_plant_posted;	/* the wishes that all were told of */

/* ---- in one page -------------------------------------------------------- */

/* Read N bytes that are in one page, if the processor would see them. */
static bool
kdb_plant_peek(const struct task *task, uintptr_t address, uint8_t *bytes,
    unsigned n)
{
	phys_addr_t pa;

	if (!pmap_extract(task->map->pmap, address, &pa)) {
		return false;
	}
	pmap_copy_out(pa & ~(phys_addr_t)PAGE_HW_MASK, address & PAGE_HW_MASK,
	    bytes, n);
	return true;
}

/* Is it the text that WISH means?  BYTES are what TASK has there. */
static bool
kdb_plant_fits(const struct kdb_wish *wish, const struct task *task,
    uint8_t bytes[static KDB_WISH_TEXT])
{
	kdb_place_mask(task, wish->address, bytes, wish->count);
	return memcmp(bytes, wish->text, wish->count) == 0;
}

/* How many bytes are to be compared, and one at least looked at? */
static unsigned
kdb_plant_size(const struct kdb_wish *wish)
{
	return wish->count > 0 ? wish->count : 1;
}

/*
 * Take out what is not wished for any more, or was in what is not there any more.
 * If it fails the place stays, and is tried again later.
 */
static kern_return_t
kdb_plant_pull(const struct task *task, struct kdb_place *place)
{
	vm_offset_t offset = place->address & vm_page_mask;
	struct vm_fault_hold hold;
	uint8_t byte;
	kern_return_t kr;

	kr = vm_fault_private_page(task->map, place->address, &hold);
	if (kr == KERN_INVALID_ADDRESS) {
		kdb_place_drop(place);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	pmap_copy_out(vm_page_to_phys(hold.page), offset, &byte, 1);
	if (byte == KDB_CPU_BREAKPOINT) {
		pmap_copy_in(vm_page_to_phys(hold.page), offset, &place->byte,
		    1);
	}
	vm_fault_page_done(&hold, true);
	kdb_place_drop(place);
	return KERN_SUCCESS;
}

/* The page is TASK's own and held: put one in. */
static kern_return_t
kdb_plant_into(const struct kdb_wish *wish, const struct task *task,
    const struct vm_fault_hold *hold)
{
	static const uint8_t trap = KDB_CPU_BREAKPOINT;
	vm_offset_t offset = wish->address & vm_page_mask;
	phys_addr_t pa = vm_page_to_phys(hold->page);
	uint8_t bytes[KDB_WISH_TEXT];

	pmap_copy_out(pa, offset, bytes, kdb_plant_size(wish));
	if (!kdb_plant_fits(wish, task, bytes)) {
		return KERN_MEMORY_FAILURE;
	}
	if (bytes[0] == KDB_CPU_BREAKPOINT) {
		return KERN_NAME_EXISTS;
	}
	if (kdb_place_take(task, wish->address, bytes[0]) == NULL) {
		return KERN_NO_SPACE;
	}
	pmap_copy_in(pa, offset, &trap, 1);
	return KERN_SUCCESS;
}

/*
 * Have what WISH says in TASK's text; KERN_MEMORY_FAILURE: that is not the text, or
 * not in memory.  After the fault that brings it, it will be looked at again.
 */
static kern_return_t
kdb_plant_put(const struct kdb_wish *wish, const struct task *task)
{
	uint8_t bytes[KDB_WISH_TEXT];
	struct vm_fault_hold hold;
	kern_return_t kr;

	if (!kdb_plant_peek(task, wish->address, bytes,
	    kdb_plant_size(wish)) || !kdb_plant_fits(wish, task, bytes)) {
		return KERN_MEMORY_FAILURE;
	}
	kr = vm_fault_private_page(task->map, wish->address, &hold);
	if (kr == KERN_SUCCESS) {
		kr = kdb_plant_into(wish, task, &hold);
		vm_fault_page_done(&hold, true);
	}
	return kr;
}

/*
 * CHILD has a copy of PARENT's memory, and gets the same places, or, where there is
 * no room for one, the text as it was.
 */
static kern_return_t
kdb_plant_inherit(const struct task *parent, const struct task *child)
{
	struct kdb_place *place = NULL;
	struct kdb_place without;
	kern_return_t kr;

	while ((place = kdb_place_next(parent, place)) != NULL) {
		without = *place;
		if (kdb_place_take(child, place->address, place->byte) !=
		    NULL) {
			continue;
		}
		kr = kdb_plant_pull(child, &without);
		if (kr != KERN_SUCCESS && kr != KERN_INVALID_ADDRESS) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	return KERN_SUCCESS;
}

/* Is there something else at PLACE by now, as another program? */
static bool
kdb_plant_is_stale(const struct task *task, const struct kdb_place *place)
{
	uint8_t byte;

	return !place->lifted &&
	    kdb_plant_peek(task, place->address, &byte, 1) &&
	    byte != KDB_CPU_BREAKPOINT;
}

/* ---- of one task -------------------------------------------------------- */

static void
kdb_plant_note_short(struct task *task, kern_return_t kr)
{
	if (kr == KERN_RESOURCE_SHORTAGE) {
		atomic_fetch_or_seqcst(&task->kdb_plant, KDB_PLANT_SHORT);
		atomic_store_seqcst(&kdb_plant_short, 1);
	}
}

/*
 * We are busy with TASK.  A stale place is pulled like others, as the page may have
 * left memory while it was looked at.
 */
static void
kdb_plant_do(struct task *task)
{
	struct kdb_place *place = NULL;
	kern_return_t kr;

	while ((place = kdb_place_next(task, place)) != NULL) {
		if (kdb_plant_is_stale(task, place) ||
		    !kdb_wish_is_at(task, place->address)) {
			kdb_plant_note_short(task,
			    kdb_plant_pull(task, place));
		}
	}
	for (unsigned i = 0; i < KDB_WISH_MAX; i++) {
		struct kdb_wish wish = kdb_wish_get(i);

		if (!kdb_wish_covers(&wish, task) ||
		    kdb_place_find(task, wish.address) != NULL) {
			continue;
		}
		kr = kdb_plant_put(&wish, task);
		kdb_plant_note_short(task, kr);
		if (kr != KERN_MEMORY_FAILURE) {
			kdb_wish_note(i, kr);
		}
	}
}

/* We are busy with TASK: do what is left to do, and let it be. */
static void
kdb_plant_finish(struct task *task)
{
	uint32_t state = atomic_load_relaxed(&task->kdb_plant);

	for (;;) {
		if ((state & KDB_PLANT_AGAIN) != 0) {
			atomic_fetch_and_seqcst(&task->kdb_plant,
			    ~(KDB_PLANT_AGAIN | KDB_PLANT_SHORT));
			kdb_plant_do(task);
			state = atomic_load_relaxed(&task->kdb_plant);
		} else if (atomic_compare_exchange_seqcst(&task->kdb_plant,
		    &state, state & ~KDB_PLANT_BUSY)) {
			return;
		}
	}
}

void
kdb_plant_ast(void)
{
	struct thread *self = current_thread();

	if ((atomic_load_relaxed(&self->ast) & AST_KDB) == 0) {
		return;
	}
	ast_thread_clear(self, AST_KDB);
	if ((atomic_fetch_or_seqcst(&self->task->kdb_plant,
	    KDB_PLANT_BUSY | KDB_PLANT_AGAIN) & KDB_PLANT_BUSY) == 0) {
		kdb_plant_finish(self->task);
	}
}

/* Has a fault of TASK, in the page that begins there, brought what waits? */
static bool
kdb_plant_waits(const struct task *task, vm_offset_t page)
{
	return (atomic_load_relaxed(&task->kdb_plant) & KDB_PLANT_SHORT) != 0 ||
	    kdb_wish_is_in_page(task, page) || kdb_place_is_in_page(task, page);
}

void
kdb_plant_faulted(const struct vm_map *map, vm_offset_t address)
{
	struct thread *self = current_thread();

	if (map == self->task->map && !self->kernel_only &&
	    kdb_plant_waits(self->task, vm_page_trunc(address))) {
		ast_thread_set(self, AST_KDB);
	}
}

/* ---- tasks and threads come and go -------------------------------------- */

void
kdb_plant_new_thread(struct thread *thread)
{
	if (kdb_plant_is_used()) {
		ast_thread_set(thread, AST_KDB);
	}
}

void
kdb_plant_fork_begin(struct task *parent)
{
	while ((atomic_fetch_or_seqcst(&parent->kdb_plant, KDB_PLANT_BUSY) &
	    KDB_PLANT_BUSY) != 0) {
		sleepq_prepare(&parent->kdb_plant, false);
		(void)sleepq_wait(clock_ticks() + 1);
	}
}

kern_return_t
kdb_plant_fork_end(struct task *parent, struct task *child)
{
	kern_return_t kr = KERN_SUCCESS;

	if (child != NULL) {
		kr = kdb_plant_inherit(parent, child);
	}
	kdb_plant_finish(parent);
	return kr;
}

void
kdb_plant_task_gone(const struct task *task)
{
	if (kdb_plant_is_used()) {
		kdb_place_task_gone(task);
		kdb_wish_task_gone(task);
	}
}

/* ---- in the debugger ---------------------------------------------------- */

static void
kdb_plant_post_task(const struct task *task)
{
	const struct thread *thread;
	struct kdb_list walk;

	kdb_who_threads(&walk, task);
	while ((thread = kdb_who_next_thread(&walk)) != NULL) {
		if (!thread->kernel_only) {
			atomic_fetch_or_seqcst(
			    &((struct thread *)(uintptr_t)thread)->ast,
			    AST_KDB);
		}
	}
}

static void
kdb_plant_post(void *arg)
{
	const struct task *task;
	struct kdb_list walk;

	kdb_list_begin(&walk, task_debug_list());
	while ((task = kdb_who_next_task(&walk)) != NULL) {
		kdb_plant_post_task(task);
	}
}

void
kdb_plant_leave(void)
{
	uint32_t generation = kdb_wish_generation();
	bool was_short = kdb_plant_short != 0;

	if (kdb_plant_posted == generation && !was_short) {
		return;
	}
	kdb_plant_posted = generation;
	kdb_plant_short = 0;
	(void)kdb_error_catch(kdb_plant_post, NULL);
}
