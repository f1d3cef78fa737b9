/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * How many tasks and threads some tasks may have together.
 *
 * Each task has an account, and its children share it: a task that makes tasks
 * without end only harms its own kin.  A task that the boot script makes gets
 * an account of its own; later, task_set_limits (tartan.defs) gives one to a
 * task and the children that it has from then on.
 *
 * Tasks of an account also answer together for the memory they hold, when there
 * is none left (shortage.c).
 *
 * Rights are limited for each task by itself (ipc_space_set_limit), memory too
 * (vm_set_size_limit).
 */

#ifndef KERNEL_ACCOUNT_H
#define KERNEL_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/machine/vm_types.h>

#include <kernel/refcount.h>

enum account_kind { ACCOUNT_TASKS, ACCOUNT_THREADS, ACCOUNT_KIND_COUNT };

/* [I] fixed at creation  [a] atomic  [s] kernel/shortage.c's thread */
struct account {
	struct refcount	refs;				/* [a] */
	uint32_t	used[ACCOUNT_KIND_COUNT];	/* [a] relaxed */
	uint32_t	max[ACCOUNT_KIND_COUNT];	/* [I] */
	vm_size_t	held;		/* [s] by the tasks, when counted last */
};

/* Once physical memory is known. */
void account_setup(void);

/* What is allowed when nobody said anything: follows from the memory. */
uint32_t account_default_max(enum account_kind kind);
uint32_t account_default_rights(void);

/* NULL when memory is short. */
struct account *account_create(uint32_t max_tasks, uint32_t max_threads);

static inline void
account_ref(struct account *account)
{
	refcount_ref(&account->refs);
}

void account_unref(struct account *account);

/* One more, unless that is too many. */
bool account_charge(struct account *account, enum account_kind kind);

/* So many more, even if that is too many; and so many less. */
void account_add(
    struct account *account, enum account_kind kind, uint32_t count);
void account_remove(
    struct account *account, enum account_kind kind, uint32_t count);

#endif /* KERNEL_ACCOUNT_H */
