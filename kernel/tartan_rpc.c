/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls that only this kernel has.
 */

#include <string.h>

#include <machine/pmap.h>

#include <kernel/account.h>
#include <kernel/mig_types.h>
#include <kernel/task.h>
#include <kernel/walker.h>

#include <ipc/ipc_space.h>

#include <vm/memory_object.h>
#include <vm/vm_page.h>

#include <tartan_server.h>

kern_return_t
S_task_set_limits(host_t host, task_t task, natural_t tasks, natural_t threads,
    natural_t rights)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return task_set_limits(task, tasks, threads, rights);
}

kern_return_t
S_task_get_limits(task_t task, natural_t *tasks, natural_t *threads,
    natural_t *rights, natural_t *used_tasks, natural_t *used_threads,
    natural_t *used_rights)
{
	struct account *account;

	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	account = task_account(task);
	if (account == NULL) {
		return KERN_FAILURE;
	}
	*tasks = account->max[ACCOUNT_TASKS];
	*threads = account->max[ACCOUNT_THREADS];
	*used_tasks = account->used[ACCOUNT_TASKS];
	*used_threads = account->used[ACCOUNT_THREADS];
	account_unref(account);
	ipc_space_get_limit(task->space, rights, used_rights);
	return KERN_SUCCESS;
}

kern_return_t
S_host_walk(host_t host)
{
	return host == NULL ? KERN_INVALID_HOST : walker_run();
}

kern_return_t
S_vm_set_default_pager_cluster(host_t host, vm_size_t size)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (size == 0 || !vm_page_aligned(size)) {
		return KERN_INVALID_ARGUMENT;
	}
	memory_object_set_cluster(size);
	return KERN_SUCCESS;
}

kern_return_t
S_host_shootdowns(host_t host, natural_t *count)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	*count = pmap_shootdowns();
	return KERN_SUCCESS;
}

kern_return_t
S_task_get_name(task_t task, kernel_debug_name_t name,
    mach_msg_type_number_t *count)
{
	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&task->lock);
	strlcpy(name, task->name, KERNEL_DEBUG_NAME_MAX);
	mutex_unlock(&task->lock);
	*count = strlen(name) + 1;
	return KERN_SUCCESS;
}

kern_return_t
S_host_paging_counts(host_t host, natural_t *pageins, natural_t *pageouts)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	*pageins = (natural_t)vm_page_stats.default_pageins;
	*pageouts = (natural_t)vm_page_stats.default_pageouts;
	return KERN_SUCCESS;
}
