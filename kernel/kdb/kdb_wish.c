/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_wish.h>

#include <stddef.h>

#include <machine/atomic.h>
#include <machine/types.h>

#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_place.h>

#include <vm/vm_page.h>

static struct kdb_wish kdb_wishes[KDB_WISH_MAX];
static kern_return_t kdb_wish_results[KDB_WISH_MAX];	/* [a] the last ones */
uint32_t kdb_wish_changes;

void
kdb_wish_again(void)
{
	atomic_fetch_add_relaxed(&kdb_wish_changes, 1);
}

struct kdb_wish
kdb_wish_get(unsigned i)
{
	struct kdb_wish wish;
	uint32_t generation;

	do {
		generation = kdb_wish_generation();
		wish = kdb_wishes[i];
	} while (atomic_load_seqcst(&kdb_wish_changes) != generation);
	return wish;
}

bool
kdb_wish_covers(const struct kdb_wish *wish, const struct task *task)
{
	return wish->address != 0 &&
	    (wish->everywhere || wish->task == task);
}

bool
kdb_wish_is_at(const struct task *task, uintptr_t address)
{
	for (unsigned i = 0; i < KDB_WISH_MAX; i++) {
		struct kdb_wish wish = kdb_wish_get(i);

		if (wish.address == address && kdb_wish_covers(&wish, task)) {
			return true;
		}
	}
	return false;
}

bool
kdb_wish_is_in_page(const struct task *task, vm_offset_t page)
{
	for (unsigned i = 0; i < KDB_WISH_MAX; i++) {
		const struct kdb_wish *wish = &kdb_wishes[i];

		if (vm_page_trunc(wish->address) == page &&
		    kdb_wish_covers(wish, task)) {
			return true;
		}
	}
	return false;
}

void
kdb_wish_note(unsigned i, kern_return_t kr)
{
	atomic_store_relaxed(&kdb_wish_results[i], kr);
}

void
kdb_wish_task_gone(const struct task *task)
{
	for (unsigned i = 0; i < KDB_WISH_MAX; i++) {
		const struct task *of = task;

		(void)atomic_compare_exchange_seqcst(&kdb_wishes[i].task, &of,
		    NULL);
	}
}

/* ---- in the debugger ---------------------------------------------------- */

bool
kdb_wish_set(unsigned i, struct task *task, uintptr_t address,
    bool everywhere)
{
	unsigned left = PAGE_HW_SIZE - (address & PAGE_HW_MASK);
	struct kdb_wish wish = {
		.address = address, .task = everywhere ? NULL : task,
		.everywhere = everywhere,
		.count = left < KDB_WISH_TEXT ? left : KDB_WISH_TEXT,
	};

	if (!kdb_mem_read(task, address, wish.text, wish.count)) {
		if (everywhere) {
			return false;
		}
		wish.count = 0;
	}
	kdb_wishes[i] = wish;
	kdb_wish_results[i] = KERN_SUCCESS;
	kdb_wish_again();
	return true;
}

void
kdb_wish_drop(unsigned i)
{
	if (kdb_wishes[i].address != 0) {
		kdb_wishes[i] = (struct kdb_wish){ .address = 0 };
		kdb_wish_again();
	}
}

bool
kdb_wish_is_for(unsigned i, const struct task *task)
{
	return kdb_wish_covers(&kdb_wishes[i], task);
}

const struct task *
kdb_wish_task(unsigned i)
{
	return kdb_wishes[i].task;
}

bool
kdb_wish_is_void(unsigned i)
{
	return kdb_wishes[i].address != 0 && !kdb_wishes[i].everywhere &&
	    kdb_wishes[i].task == NULL;
}

static const char *
kdb_wish_why(kern_return_t result)
{
	switch (result) {
	case KERN_SUCCESS:
		return "nobody has that text in memory yet";
	case KERN_RESOURCE_SHORTAGE:
		return "there is no memory for a copy of the page";
	case KERN_PROTECTION_FAILURE:
		return "others write to that page, or it is wired for them";
	case KERN_NAME_EXISTS:
		return "a trap instruction is there";
	case KERN_NO_SPACE:
		return "too many tasks have some";
	default:
		return "the page cannot be had";
	}
}

unsigned
kdb_wish_count(unsigned i, const char **why)
{
	const struct kdb_wish *wish = &kdb_wishes[i];
	const struct kdb_place *place = NULL;
	unsigned count = 0;

	while ((place = kdb_place_next(NULL, place)) != NULL) {
		if (place->address == wish->address &&
		    kdb_wish_covers(wish, place->task)) {
			count++;
		}
	}
	*why = "";
	if (count == 0 || kdb_wish_results[i] != KERN_SUCCESS) {
		*why = kdb_wish_why(kdb_wish_results[i]);
	}
	return count;
}
