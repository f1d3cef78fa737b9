/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_place.h>

#include <machine/atomic.h>
#include <machine/kdb_cpu.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb_wish.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

static struct kdb_place kdb_places[KDB_PLACE_MAX];
static struct spinlock kdb_place_lock =
    SPINLOCK_INITIALIZER(LOCK_RANK_SPIN_LEAF);

/* Of the debugger's owner. */
static struct kdb_place *kdb_place_lifted;

#define KDB_PLACE_EACH(task_, p_)					\
	for (struct kdb_place *p_ = kdb_place_next(task_, NULL);	\
	    p_ != NULL; p_ = kdb_place_next(task_, p_))

struct kdb_place *
kdb_place_next(const struct task *task, const struct kdb_place *place)
{
	struct kdb_place *p = place == NULL ? kdb_places :
	    &kdb_places[place - kdb_places + 1];

	if (kdb_wish_generation() == 0) {
		return NULL;
	}
	for (; p < kdb_places + KDB_PLACE_MAX; p++) {
		const struct task *of = atomic_load_acquire(&p->task);

		if (of != NULL && (of == task || task == NULL)) {
			return p;
		}
	}
	return NULL;
}

struct kdb_place *
kdb_place_find(const struct task *task, uintptr_t address)
{
	KDB_PLACE_EACH(task, p) {
		if (p->address == address) {
			return p;
		}
	}
	return NULL;
}

bool
kdb_place_is_in_page(const struct task *task, vm_offset_t page)
{
	KDB_PLACE_EACH(task, p) {
		if (vm_page_trunc(p->address) == page) {
			return true;
		}
	}
	return false;
}

struct kdb_place *
kdb_place_take(const struct task *task, uintptr_t address, uint8_t byte)
{
	struct kdb_place *place = NULL;

	spinlock_lock(&kdb_place_lock);
	for (unsigned i = 0; i < KDB_PLACE_MAX && place == NULL; i++) {
		if (kdb_places[i].task == NULL) {
			place = &kdb_places[i];
		}
	}
	if (place != NULL) {
		place->address = address;
		place->byte = byte;
		place->lifted = false;
		atomic_store_release(&place->task, task);
	}
	spinlock_unlock(&kdb_place_lock);
	return place;
}

void
kdb_place_drop(struct kdb_place *place)
{
	atomic_store_release(&place->task, NULL);
}

void
kdb_place_task_gone(const struct task *task)
{
	KDB_PLACE_EACH(task, p) {
		kdb_place_drop(p);
	}
}

void
kdb_place_mask(const struct task *task, uintptr_t address, void *bytes,
    size_t n)
{
	uint8_t *at = bytes;

	KDB_PLACE_EACH(task, p) {
		if (p->address - address < n &&
		    at[p->address - address] == KDB_CPU_BREAKPOINT) {
			at[p->address - address] = p->byte;
		}
	}
}

/* ---- in the debugger ---------------------------------------------------- */

void
kdb_place_written(const struct task *task, uintptr_t address, size_t n)
{
	uint8_t byte;

	KDB_PLACE_EACH(task, p) {
		if (p->address - address < n &&
		    pmap_debug_read(task->map->pmap, p->address, &byte, 1)) {
			p->byte = byte;
			(void)pmap_debug_poke(task->map->pmap, p->address,
			    KDB_CPU_BREAKPOINT);
		}
	}
}

/* What the processor sees there in the current task. */
static bool
kdb_place_holds(const struct kdb_place *place, uint8_t wanted)
{
	uint8_t byte;

	return place->task == current_task() &&
	    pmap_debug_read(place->task->map->pmap, place->address, &byte,
	    1) && byte == wanted;
}

bool
kdb_place_lift(uintptr_t address, bool longer)
{
	struct kdb_place *place = kdb_place_find(current_task(), address);

	if (place == NULL || !kdb_place_holds(place, KDB_CPU_BREAKPOINT) ||
	    !pmap_debug_poke(place->task->map->pmap, address, place->byte)) {
		return false;
	}
	place->lifted = longer;
	kdb_place_lifted = place;
	return true;
}

void
kdb_place_back(void)
{
	struct kdb_place *place = kdb_place_lifted;

	kdb_place_lifted = NULL;
	if (place == NULL) {
		return;
	}
	place->lifted = false;
	if (!kdb_place_holds(place, place->byte) ||
	    !pmap_debug_poke(place->task->map->pmap, place->address,
	    KDB_CPU_BREAKPOINT)) {
		/* Have its task see to it. */
		kdb_wish_again();
	}
}
