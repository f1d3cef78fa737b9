/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The life of tasks.
 */

#include <kernel/task.h>

#include <string.h>

#include <machine/atomic.h>
#include <machine/pcb.h>
#include <machine/pmap.h>
#include <machine/types.h>

#include <kernel/account.h>
#include <kernel/clock.h>
#include <kernel/kdb/kdb_plant.h>
#include <kernel/kdb/kdb_watch.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/pc_sample.h>
#include <kernel/processor.h>
#include <kernel/syscall.h>
#include <kernel/task_symbols.h>
#include <kernel/thread.h>

#include <ipc/ipc_space.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

struct task *kernel_task;

static struct kmem_cache task_cache;
static struct mutex task_list_lock = MUTEX_INITIALIZER(LOCK_RANK_SLEEP_LEAF);
static struct list task_list = LIST_INITIALIZER(task_list);
static uint32_t task_number;			/* [a] */

/* An empty task with the one reference of being alive; neither map nor
 * ports. */
static struct task *
task_allocate(void)
{
	struct task *task = kmem_cache_alloc(&task_cache);

	if (task == NULL) {
		return NULL;
	}
	memset(task, 0, sizeof(*task));
	refcount_init(&task->refcount, 1);
	mutex_init(&task->lock, LOCK_RANK_TASK);
	list_init(&task->threads);
	task->active = true;
	task->may_assign = true;
	task->priority = SCHED_PRIORITY_USER;
	task->created = clock_ticks();
	pcb_task_init(task);
	return task;
}

/* TASK is complete: show it. */
static void
task_publish(struct task *task)
{
	mutex_lock(&task_list_lock);
	list_insert_tail(&task_list, &task->link);
	mutex_unlock(&task_list_lock);
	atomic_fetch_add_relaxed(&task_number, 1);
	ipc_task_enable(task);
}

void
task_setup(void)
{
	kmem_cache_init(&task_cache, "task", sizeof(struct task), 0);
	kernel_task = task_allocate();
	assert(kernel_task != NULL);
	kernel_task->map = kernel_map;
	vm_map_ref(kernel_map);
	strlcpy(kernel_task->name, "kernel", sizeof(kernel_task->name));
	processor_set_add_task(&processor_set_default, kernel_task);
	if (ipc_task_init(kernel_task, NULL) != KERN_SUCCESS) {
		panic("no memory for the kernel task");
	}
	task_publish(kernel_task);
	thread_boot()->task = kernel_task;
}

/* The address map of a child of PARENT; NULL when memory is short. */
static struct vm_map *
task_create_map(struct task *parent, bool inherit)
{
	struct vm_map *map = NULL;
	uint64_t since = 0;
	struct pmap *pmap;
	kern_return_t kr;

	if (inherit) {
		do {
			kr = vm_map_fork(parent->map, &map);
		} while (vm_page_wait_again(parent->map, kr, &since));
		return map;
	}
	pmap = pmap_create();
	if (pmap == NULL) {
		return NULL;
	}
	map = vm_map_create(pmap, MACHINE_USER_MIN, MACHINE_USER_MAX);
	if (map == NULL) {
		pmap_unref(pmap);
	} else if (parent != NULL) {
		vm_map_copy_limits(parent->map, map);
	}
	return map;
}

/* The same for TASK, with what the debugger has put into PARENT's text. */
static kern_return_t
task_enter_map(struct task *task, struct task *parent, bool inherit)
{
	bool busy = inherit && kdb_plant_is_used();
	kern_return_t kr = KERN_SUCCESS;

	if (busy) {
		kdb_plant_fork_begin(parent);
	}
	task->map = task_create_map(parent, inherit);
	if (inherit && !busy && kdb_plant_is_used()) {
		busy = true;
		kdb_plant_fork_begin(parent);
	}
	if (busy) {
		kr = kdb_plant_fork_end(parent,
		    task->map != NULL ? task : NULL);
	}
	if (task->map == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (kr != KERN_SUCCESS) {
		kdb_plant_task_gone(task);
		vm_map_unref(task->map);
	}
	return kr;
}

/* What a child gets from PARENT besides memory and ports. */
static void
task_inherit(struct task *task, struct task *parent)
{
	struct processor_set *pset = &processor_set_default;

	if (parent == NULL) {
		processor_set_add_task(pset, task);
		return;
	}
	mutex_lock(&parent->lock);
	task->priority = parent->priority;
	memcpy(task->name, parent->name, sizeof(task->name));
	pset = parent->pset;
	processor_set_ref(pset);
	mutex_unlock(&parent->lock);
	processor_set_add_task(pset, task);
	processor_set_unref(pset);
}

struct account *
task_account(struct task *task)
{
	struct account *account;

	mutex_lock(&task->lock);
	account = task->account;
	if (account != NULL) {
		account_ref(account);
	}
	mutex_unlock(&task->lock);
	return account;
}

struct account *
task_account_try(struct task *task)
{
	struct account *account;

	if (!mutex_try(&task->lock)) {
		return NULL;
	}
	account = task->account;
	if (account != NULL) {
		account_ref(account);
	}
	mutex_unlock(&task->lock);
	return account;
}

/* Find TASK an account, its parent's if it has one, and count it there. */
static kern_return_t
task_open_account(struct task *task, struct task *parent)
{
	struct account *account = NULL;

	if (parent != NULL) {
		account = task_account(parent);
	}
	if (account == NULL) {
		account = account_create(account_default_max(ACCOUNT_TASKS),
		    account_default_max(ACCOUNT_THREADS));
	}
	if (account == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (!account_charge(account, ACCOUNT_TASKS)) {
		account_unref(account);
		return KERN_RESOURCE_SHORTAGE;
	}
	task->account = account;
	return KERN_SUCCESS;
}

static void
task_close_account(struct task *task)
{
	if (task->account != NULL) {
		account_remove(task->account, ACCOUNT_TASKS, 1);
		account_unref(task->account);
	}
}

/* How many rights a child of PARENT may have. */
static void
task_limit_rights(struct task *task, struct task *parent)
{
	unsigned limit = account_default_rights();
	unsigned used;

	if (parent != NULL) {
		ipc_space_get_limit(parent->space, &limit, &used);
	}
	ipc_space_set_limit(task->space, limit);
}

/* Move the locked TASK from its account to ACCOUNT, whose reference it gets. */
static void
task_change_account_locked(struct task *task, struct account *account)
{
	struct account *old = task->account;

	account_add(account, ACCOUNT_TASKS, 1);
	account_add(account, ACCOUNT_THREADS, task->thread_count);
	account_remove(old, ACCOUNT_TASKS, 1);
	account_remove(old, ACCOUNT_THREADS, task->thread_count);
	task->account = account;
	account_unref(old);
}

kern_return_t
task_set_limits(struct task *task, unsigned tasks, unsigned threads,
    unsigned rights)
{
	struct account *account;

	if (task == kernel_task) {
		return KERN_FAILURE;
	}
	account = account_create(tasks, threads);
	if (account == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		account_unref(account);
		return KERN_FAILURE;
	}
	task_change_account_locked(task, account);
	ipc_space_set_limit(task->space, rights);
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

kern_return_t
task_create(struct task *parent, bool inherit, struct task **taskp)
{
	struct task *task;

	if (parent != NULL && !parent->active) {
		return KERN_FAILURE;
	}
	task = task_allocate();
	if (task == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (task_open_account(task, parent) != KERN_SUCCESS) {
		goto out_free;
	}
	if (task_enter_map(task, parent, inherit && parent != NULL) !=
	    KERN_SUCCESS) {
		goto out_account;
	}
	if (ipc_task_init(task, parent) != KERN_SUCCESS) {
		goto out_map;
	}
	if (parent != NULL &&
	    syscall_emulation_inherit(task, parent) != KERN_SUCCESS) {
		goto out_ipc;
	}
	task_limit_rights(task, parent);
	task_inherit(task, parent);
	if (parent != NULL && inherit) {
		task_symbols_inherit(task, parent);
	}
	task_ref(task);
	task_publish(task);
	*taskp = task;
	return KERN_SUCCESS;

out_ipc:
	ipc_task_terminate(task);
	ipc_task_fini(task);
out_map:
	kdb_plant_task_gone(task);
	vm_map_unref(task->map);
out_account:
	task_close_account(task);
out_free:
	pcb_task_fini(task);
	kmem_cache_free(&task_cache, task);
	return KERN_RESOURCE_SHORTAGE;
}

void
task_unref(struct task *task)
{
	if (refcount_unref_unless_last(&task->refcount)) {
		return;
	}
	/*
	 * The list has no reference of its own: the last one goes under the
	 * list's lock, so that task_list_get never finds a task without.
	 */
	mutex_lock(&task_list_lock);
	if (!refcount_unref(&task->refcount)) {
		mutex_unlock(&task_list_lock);
		return;
	}
	list_remove(&task->link);
	mutex_unlock(&task_list_lock);
	assert(task->finished && list_empty(&task->threads));
	kdb_plant_task_gone(task);
	kdb_watch_task_gone(task);
	syscall_emulation_free(task);
	task_symbols_drop(task);
	pc_sample_free(task, &task->pc_sample);
	ipc_task_fini(task);
	vm_map_unref(task->map);
	pcb_task_fini(task);
	processor_set_remove_task(task);
	task_close_account(task);
	kmem_cache_free(&task_cache, task);
	atomic_fetch_sub_relaxed(&task_number, 1);
}

bool
task_is_resident(const struct task *task)
{
	return task->map != NULL && task->map->wire_future;
}

void
task_finish(struct task *task)
{
	bool first;

	mutex_lock(&task->lock);
	assert(!task->active && task->thread_count == 0);
	first = !task->finished;
	task->finished = true;
	mutex_unlock(&task->lock);
	if (!first) {
		return;
	}
	ipc_task_terminate(task);
	vm_map_clear(task->map);
	atomic_store_release(&task->gone, true); /* task_end_wait */
	sleepq_wake_all(&task->gone);
	/* The reference of being alive. */
	task_unref(task);
}

void
task_end_wait(struct task *task)
{
	uint64_t deadline;

	assert(task != current_task());
	/* As it usually is. */
	if (atomic_load_acquire(&task->gone)) { /* task_finish */
		return;
	}
	deadline = clock_ticks() + THREAD_END_TICKS;
	sleepq_prepare(&task->gone, true);
	if (atomic_load_acquire(&task->gone)) { /* task_finish */
		sleepq_cancel();
	} else {
		sleepq_wait(deadline);
	}
}

kern_return_t
task_terminate(struct task *task)
{
	struct thread *thread;
	bool empty;

	if (task == kernel_task) {
		return KERN_FAILURE;
	}
	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	task->active = false;
	/* Whoever is told that it is dead already gets no more answers. */
	ipc_task_disable(task);
	list_for_each_entry(&task->threads, thread, task_link) {
		if (thread->active) {
			thread_terminate_locked(thread);
		}
	}
	empty = task->thread_count == 0;
	mutex_unlock(&task->lock);
	if (empty) {
		task_finish(task);
	}
	return KERN_SUCCESS;
}

/* Hold every thread; the task is locked. */
static void
task_hold_locked(struct task *task)
{
	struct thread *thread;

	mutex_assert_held(&task->lock);
	task->hold_count++;
	list_for_each_entry(&task->threads, thread, task_link) {
		thread_hold(thread);
	}
}

static void
task_release_locked(struct task *task)
{
	struct thread *thread;

	mutex_assert_held(&task->lock);
	assert(task->hold_count > 0);
	task->hold_count--;
	list_for_each_entry(&task->threads, thread, task_link) {
		thread_release(thread);
	}
}

kern_return_t
task_hold(struct task *task)
{
	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	task_hold_locked(task);
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

kern_return_t
task_release(struct task *task)
{
	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	task_release_locked(task);
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

/* A thread of the held TASK after PREV (first, if NULL), with a reference. */
static struct thread *
task_next_thread(struct task *task, struct thread *prev)
{
	struct list_node *node;
	struct thread *thread = NULL;

	mutex_lock(&task->lock);
	if (prev == NULL) {
		node = list_first(&task->threads);
	} else if (list_node_linked(&prev->task_link)) {
		node = list_next(&task->threads, &prev->task_link);
	} else {
		/* PREV was reaped: start again, which only repeats waits. */
		node = list_first(&task->threads);
	}
	if (node != NULL) {
		thread = list_entry(node, struct thread, task_link);
		thread_ref(thread);
	}
	mutex_unlock(&task->lock);
	if (prev != NULL) {
		thread_unref(prev);
	}
	return thread;
}

/* Wait until the threads of the held TASK have stopped. */
static kern_return_t
task_stop_wait(struct task *task)
{
	struct thread *thread = task_next_thread(task, NULL);

	while (thread != NULL) {
		if (thread != current_thread() &&
		    thread_stop_wait(thread) == KERN_ABORTED) {
			thread_unref(thread);
			return KERN_ABORTED;
		}
		thread = task_next_thread(task, thread);
	}
	return KERN_SUCCESS;
}

kern_return_t
task_suspend(struct task *task)
{
	if (task == kernel_task) {
		return KERN_FAILURE;
	}
	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	if (task->user_stop_count++ == 0) {
		task_hold_locked(task);
	}
	mutex_unlock(&task->lock);
	return task_stop_wait(task);
}

kern_return_t
task_resume(struct task *task)
{
	mutex_lock(&task->lock);
	if (!task->active || task->user_stop_count == 0) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	if (--task->user_stop_count == 0) {
		task_release_locked(task);
	}
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

kern_return_t
task_threads_get(struct task *task, struct thread **threads, unsigned max,
    unsigned *countp)
{
	struct thread *thread;
	unsigned i = 0;

	mutex_lock(&task->lock);
	if (!task->active) {
		mutex_unlock(&task->lock);
		return KERN_FAILURE;
	}
	*countp = task->thread_count;
	if (task->thread_count <= max) {
		list_for_each_entry(&task->threads, thread, task_link) {
			thread_ref(thread);
			threads[i++] = thread;
		}
	}
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

void
task_list_get(struct task **tasks, unsigned max, unsigned *countp)
{
	struct task *task;
	unsigned count = 0;

	mutex_lock(&task_list_lock);
	list_for_each_entry(&task_list, task, link) {
		count++;
	}
	*countp = count;
	if (count <= max) {
		count = 0;
		list_for_each_entry(&task_list, task, link) {
			task_ref(task);
			tasks[count++] = task;
		}
	}
	mutex_unlock(&task_list_lock);
}

const struct list *
task_debug_list(void)
{
	return &task_list;
}

void
task_times(struct task *task, uint64_t *user, uint64_t *system)
{
	mutex_lock(&task->lock);
	*user = task->ticks_user;
	*system = task->ticks_system;
	mutex_unlock(&task->lock);
}

void
task_thread_times(struct task *task, uint64_t *user, uint64_t *system)
{
	struct thread *thread;

	*user = 0;
	*system = 0;
	mutex_lock(&task->lock);
	list_for_each_entry(&task->threads, thread, task_link) {
		uint64_t its_user;
		uint64_t its_system;

		thread_times(thread, &its_user, &its_system);
		*user += its_user;
		*system += its_system;
	}
	mutex_unlock(&task->lock);
}

kern_return_t
task_set_priority(struct task *task, unsigned priority, bool change_threads)
{
	struct thread *thread;
	kern_return_t kr = KERN_SUCCESS;

	if (priority >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&task->lock);
	task->priority = priority;
	if (change_threads) {
		list_for_each_entry(&task->threads, thread, task_link) {
			if (sched_set_priority(thread, priority, false) !=
			    KERN_SUCCESS) {
				kr = KERN_FAILURE;
			}
		}
	}
	mutex_unlock(&task->lock);
	return kr;
}

void
task_name_set(struct task *task, const char *name)
{
	mutex_lock(&task->lock);
	strlcpy(task->name, name, sizeof(task->name));
	mutex_unlock(&task->lock);
}

unsigned
task_count(void)
{
	return atomic_load_relaxed(&task_number);
}
