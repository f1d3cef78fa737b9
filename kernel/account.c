/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Counts of tasks and threads, with limits.
 */

#include <kernel/account.h>

#include <machine/atomic.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#include <vm/vm_page.h>
#include <vm/vm_phys.h>

/*
 * Memory there must be for each: half of it would do for the kernel's part of
 * as many threads or rights, a quarter for as many empty tasks.
 */
#define ACCOUNT_BYTES_TASK	(64u << 10)
#define ACCOUNT_BYTES_THREAD	(20u << 10)
#define ACCOUNT_BYTES_RIGHT	512u

static uint32_t account_pages;		/* [I] of hardware's size */

void
account_setup(void)
{
	struct vm_phys_stats stats;

	vm_phys_get_stats(&stats);
	/* The kernel's own memory comes from these. */
	account_pages = stats.total[VM_PHYS_ZONE_DMA] +
			stats.total[VM_PHYS_ZONE_DIRECT];
}

static uint32_t
account_per(uint32_t bytes)
{
	return (uint32_t)((uint64_t)account_pages * PAGE_HW_SIZE / bytes);
}

uint32_t
account_default_max(enum account_kind kind)
{
	return account_per(
	    kind == ACCOUNT_TASKS ? ACCOUNT_BYTES_TASK : ACCOUNT_BYTES_THREAD);
}

uint32_t
account_default_rights(void)
{
	return account_per(ACCOUNT_BYTES_RIGHT);
}

struct account *
account_create(uint32_t max_tasks, uint32_t max_threads)
{
	struct account *account = kmem_zalloc(sizeof(*account));

	if (account == NULL) {
		return NULL;
	}
	refcount_init(&account->refs, 1);
	account->max[ACCOUNT_TASKS] = max_tasks;
	account->max[ACCOUNT_THREADS] = max_threads;
	return account;
}

void
account_unref(struct account *account)
{
	if (!refcount_unref(&account->refs)) {
		return;
	}
	assert(account->used[ACCOUNT_TASKS] == 0 &&
	       account->used[ACCOUNT_THREADS] == 0);
	kmem_free(account, sizeof(*account));
}

bool
account_charge(struct account *account, enum account_kind kind)
{
	uint32_t old = atomic_fetch_add_relaxed(&account->used[kind], 1);

	if (old < account->max[kind]) {
		return true;
	}
	account_remove(account, kind, 1);
	return false;
}

void
account_add(struct account *account, enum account_kind kind, uint32_t count)
{
	atomic_fetch_add_relaxed(&account->used[kind], count);
}

void
account_remove(struct account *account, enum account_kind kind, uint32_t count)
{
	uint32_t old = atomic_fetch_sub_relaxed(&account->used[kind], count);

	assert(old >= count);
}
