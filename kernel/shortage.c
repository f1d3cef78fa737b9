/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pageout daemon finds that nothing can be reclaimed any more.  Then
 *
 *   - everybody who needs a page waits, as long as it takes, except that
 *   - the task that holds most is told so: its faults raise EXC_BAD_ACCESS
 *     with KERN_RESOURCE_SHORTAGE, and calls that it makes fail with that.  It,
 *     or who handles its exceptions, may give memory back;
 *   - if others wait for memory meanwhile and get none, or so much is wired
 *     that what they get is taken from each other at once, that task is
 *     terminated, since it may be asleep or may not care;
 *   - and so on with the next one, until there is memory again.
 *
 * Tasks that share an account answer together: of those that hold most as a
 * whole, the biggest is told.  So many small tasks of one family do not outlive
 * others, each of which is bigger than any of them.
 *
 * A task holds its memory, and what the kernel keeps for it: map entries,
 * threads and what the machine keeps for them, samples, ports, messages that
 * wait for it or that its threads wait to send.  What a proxy of a memory object
 * keeps is held by all of the account that made it.
 *
 * Who asks for nothing but the kernel's structures does not wait, but is
 * refused; so that is taken for a wait, too.
 *
 * Spared are tasks whose memory is wired as a whole, since pages go through
 * them on their way to disk, and those that task_set_essential named; either
 * takes the privileged host port.  If no other is left, everybody's waits fail.
 */

#include <kernel/shortage.h>

#include <stddef.h>

#include <machine/atomic.h>

#include <kernel/account.h>
#include <kernel/clock.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/pc_sample.h>
#include <kernel/printf.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_cost.h>

#include <vm/memory_object_proxy.h>
#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_map_rest.h>
#include <vm/vm_page.h>
#include <vm/vm_pageout.h>
#include <vm/vm_phys.h>

#define SHORTAGE_STEP		(HZ / 20)
/* Ticks for a map to be free for a moment. */
#define SHORTAGE_TRIES		10u
/*
 * Steps in which others wait in vain before a task is terminated: when it was
 * told, and when it was not since it needs no more memory or is asleep.
 */
#define SHORTAGE_PATIENCE	20u
#define SHORTAGE_PATIENCE_UNTOLD 4u
/*
 * Steps that a terminated task has for giving its memory back, with what is on its
 * way to the default pager.
 */
#define SHORTAGE_FUNERAL	100u

/* Compared, never used: it is dead, and kept its memory all the same. */
static const struct task *shortage_hopeless;

/* [a] Compared, never used: it is told that there is no memory. */
static const struct task *shortage_told;

/* [a] How often others were refused memory for the kernel's structures. */
static uint32_t shortage_missed;

/* ---- the kernel's own structures ---- */

/*
 * Is THREAD's task to get nothing more, and is there too little to give?  Who
 * wants pages leaves enough for the message about that; who wants what the
 * kernel makes leaves some to others, who can go on to two thirds of the reserve.
 */
static bool
shortage_refuses(const struct thread *thread)
{
	return thread != NULL && thread->task != NULL &&
	    thread->task == atomic_load_relaxed(&shortage_told) &&
	    vm_page_is_exhausted() &&
	    vm_phys_free_direct_count() <
	    vm_page_free_reserved - vm_page_free_reserved / 4;
}

void *
shortage_alloc_direct(unsigned order)
{
	const struct thread *thread = current_thread();
	void *block;

	if (shortage_refuses(thread)) {
		return NULL;
	}
	block = vm_phys_alloc_direct(order);
	if (thread == NULL || thread->task == NULL) {
		return block;
	}
	if (block == NULL && !thread->kernel_only) {
		atomic_fetch_add_relaxed(&shortage_missed, 1);
	}
	if (block == NULL || vm_phys_free_direct_count() < vm_page_free_min) {
		vm_pageout_wakeup();
	}
	return block;
}

/* ---- who has most ---- */

/* Dead tasks are chosen too: their memory is on its way. */
static bool
shortage_spares(const struct task *task)
{
	return task == kernel_task || task == shortage_hopeless ||
	    task->essential || task->map->wire_future;
}

static void
shortage_sleep(uint64_t ticks)
{
	sleepq_prepare(&shortage_sleep, false);
	sleepq_wait(clock_ticks() + ticks);
}

/*
 * What TASK's end may bring.  Its map may be in use for a moment; false when it
 * is all the time.  (That is no time to guess: the pages of who has most have
 * long been unmapped.)
 */
static bool
shortage_size(struct task *task, vm_size_t *sizep)
{
	for (unsigned i = 0; i < SHORTAGE_TRIES; i++) {
		if (vm_map_private_size_try(task->map, sizep)) {
			return true;
		}
		shortage_sleep(1);
	}
	return false;
}

/* A thread that waits to send holds the message for its task. */
static void
shortage_add_sender(struct thread *thread, vm_size_t size)
{
	thread->task->held += size;
}

static const struct ipc_cost_helpers shortage_helpers = {
	.sender = shortage_add_sender,
	.memory = vm_copy_size,
};

/* An unlocked look: the lock's holder may wait for memory. */
static vm_size_t
shortage_threads_size(const struct task *task)
{
	return task->thread_count * sizeof(struct thread) +
	    pcb_task_size(task) + pc_sample_task_size(task);
}

/*
 * Find out what each of COUNT tasks holds; false when that cannot be said.
 * Where threads wait to send counts, even if nobody asks what else is there.
 */
static bool
shortage_measure(struct task **tasks, unsigned count)
{
	vm_size_t size;

	for (unsigned i = 0; i < count; i++) {
		tasks[i]->held = 0;
	}
	for (unsigned i = 0; i < count; i++) {
		size = 0;
		if (!shortage_spares(tasks[i]) &&
		    !shortage_size(tasks[i], &size)) {
			return false;
		}
		tasks[i]->held += size +
		    vm_map_rest_wired_size(tasks[i]->map) +
		    shortage_threads_size(tasks[i]) +
		    ipc_cost_of_space(tasks[i]->space, &shortage_helpers);
	}
	return true;
}

static void
shortage_add_proxy(struct account *account, vm_size_t size)
{
	account->held += size;
}

/* References on the accounts of COUNT tasks, with what their tasks hold. */
static void
shortage_add_up(
    struct task **tasks, struct account **accounts, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		accounts[i] = task_account_try(tasks[i]);
		if (accounts[i] != NULL) {
			accounts[i]->held = 0;
		}
	}
	for (unsigned i = 0; i < count; i++) {
		if (accounts[i] != NULL && !shortage_spares(tasks[i])) {
			accounts[i]->held += tasks[i]->held;
		}
	}
	memory_object_proxy_charge(shortage_add_proxy);
}

/* The biggest task of those that hold most together. */
static struct task *
shortage_biggest(
    struct task **tasks, struct account **accounts, unsigned count)
{
	struct task *chosen = NULL;
	vm_size_t most = 0;
	vm_size_t sum;

	for (unsigned i = 0; i < count; i++) {
		if (shortage_spares(tasks[i]) || tasks[i]->held == 0) {
			continue;
		}
		sum = accounts[i] != NULL ? accounts[i]->held : tasks[i]->held;
		if (sum > most || (sum == most && chosen != NULL &&
		    tasks[i]->held > chosen->held)) {
			most = sum;
			chosen = tasks[i];
		}
	}
	return chosen;
}

/* The one of COUNT tasks that is to go; false when that cannot be said. */
static bool
shortage_compare(struct task **tasks, unsigned count, struct task **chosenp)
{
	struct account **accounts = kmem_alloc(count * sizeof(*accounts));

	if (accounts == NULL) {
		return false;
	}
	if (!shortage_measure(tasks, count)) {
		kmem_free(accounts, count * sizeof(*accounts));
		return false;
	}
	shortage_add_up(tasks, accounts, count);
	*chosenp = shortage_biggest(tasks, accounts, count);
	for (unsigned i = 0; i < count; i++) {
		if (accounts[i] != NULL) {
			account_unref(accounts[i]);
		}
	}
	kmem_free(accounts, count * sizeof(*accounts));
	return true;
}

/*
 * A reference on the task that has most, or NULL when there is none but those
 * that are spared; false when that cannot be said now.
 */
static bool
shortage_choose(struct task **chosenp, vm_size_t *sizep)
{
	unsigned max = task_count() + 16;
	struct task **tasks;
	unsigned count;
	bool sure = false;

	*chosenp = NULL;
	tasks = kmem_alloc(max * sizeof(*tasks));
	if (tasks == NULL) {
		return false;
	}
	task_list_get(tasks, max, &count);
	if (count <= max) {
		sure = shortage_compare(tasks, count, chosenp);
		*sizep = *chosenp != NULL ? (*chosenp)->held : 0;
		for (unsigned i = 0; i < count; i++) {
			if (!sure || tasks[i] != *chosenp) {
				task_unref(tasks[i]);
			}
		}
	}
	kmem_free(tasks, max * sizeof(*tasks));
	return sure;
}

/* Let TASK, which has SIZE bytes, make room. */
static void
shortage_press(struct task *task, vm_size_t size)
{
	uint32_t refusals = vm_page_refusal_count();
	uint32_t missed;
	unsigned patience = SHORTAGE_PATIENCE_UNTOLD;
	bool others = true;
	unsigned steps;

	for (steps = 0; steps < patience && task->active &&
	    vm_page_is_exhausted(); steps++) {
		missed = atomic_load_relaxed(&shortage_missed);
		shortage_sleep(SHORTAGE_STEP);
		others = others && (vm_page_has_waiters() ||
		    vm_pageout_is_crowded() ||
		    atomic_load_relaxed(&shortage_missed) != missed);
		if (vm_page_refusal_count() != refusals) {
			patience = SHORTAGE_PATIENCE;
		}
	}
	if (others && vm_page_is_exhausted() &&
	    task_terminate(task) == KERN_SUCCESS) {
		printf("memory exhausted: task %s terminated, had %lu KiB\n",
		    task->name, (unsigned long)size / 1024);
	}
	for (steps = 0; steps < SHORTAGE_FUNERAL && !task->active &&
	    vm_page_is_exhausted() && (!shortage_measure(&task, 1) ||
	    task->held > 0 || vm_page_stats.laundry > 0); steps++) {
		shortage_sleep(SHORTAGE_STEP);
	}
	if (steps == SHORTAGE_FUNERAL) {
		shortage_hopeless = task;
	}
}

static void
shortage_thread(void *arg)
{
	struct task *task;
	vm_size_t size;

	current_thread()->vm_privilege = true;
	for (;;) {
		vm_page_wait_exhausted();
		if (!vm_page_is_exhausted()) {
			continue;
		}
		if (!shortage_choose(&task, &size)) {
			shortage_sleep(SHORTAGE_STEP);
			continue;
		}
		if (task == NULL) {
			vm_page_refuse(NULL, true);
			shortage_sleep(SHORTAGE_STEP);
			vm_page_refuse(NULL, false);
			continue;
		}
		atomic_store_relaxed(&shortage_told, task);
		vm_page_refuse(task->map, false);
		shortage_press(task, size);
		vm_page_refuse(NULL, false);
		/* Else the next one would be told, of what is over. */
		vm_pageout_look_again(!task->active);
		atomic_store_relaxed(&shortage_told, NULL);
		task_unref(task);
	}
}

void
shortage_setup(void)
{
	if (kernel_thread_create("shortage", shortage_thread, NULL,
	    SCHED_PRIORITY_SYSTEM) != KERN_SUCCESS) {
		panic("shortage: no memory for the thread");
	}
}
