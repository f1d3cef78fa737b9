/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Locks that are held.  Debug builds record which; in others those are found
 * that tasks, threads, spaces, ports, run queues and caches have, and those that
 * somebody waits for.
 */

#include <kernel/kdb/kdb_lock.h>

#include <stddef.h>
#include <stdint.h>

#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_space.h>
#include <kernel/kdb/kdb_wait.h>
#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/kmem.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>

static const struct {
	enum lock_rank	rank;
	const char	*name;
} kdb_lock_ranks[] = {
	{ LOCK_RANK_HOST, "host" },
	{ LOCK_RANK_DEVICE, "device" },
	{ LOCK_RANK_PROCESSOR_SET, "processor_set" },
	{ LOCK_RANK_TASK, "task" },
	{ LOCK_RANK_IPC_SPACE, "ipc_space" },
	{ LOCK_RANK_VM_MAP, "vm_map" },
	{ LOCK_RANK_VM_PAGEABLE, "vm_pageable" },
	{ LOCK_RANK_VM_PAGEABLE_MAP, "vm_pageable_map" },
	{ LOCK_RANK_VM_KERN, "vm_kern" },
	{ LOCK_RANK_VM_PAGER, "vm_pager" },
	{ LOCK_RANK_SLEEP_LEAF, "sleep_leaf" },
	{ LOCK_RANK_IPC_PORT, "ipc_port" },
	{ LOCK_RANK_IPC_PSET, "ipc_pset" },
	{ LOCK_RANK_IPC_MQUEUE, "ipc_mqueue" },
	{ LOCK_RANK_GSYNC, "gsync" },
	{ LOCK_RANK_KMEM_LIST, "kmem_list" },
	{ LOCK_RANK_KMEM, "kmem" },
	{ LOCK_RANK_PROXY, "proxy" },
	{ LOCK_RANK_VM_OBJECT, "vm_object" },
	{ LOCK_RANK_VM_OBJECT_CACHE, "vm_object_cache" },
	{ LOCK_RANK_VM_PAGE, "vm_page" },
	{ LOCK_RANK_PMAP, "pmap" },
	{ LOCK_RANK_PMAP_LIST, "pmap_list" },
	{ LOCK_RANK_PV, "pv" },
	{ LOCK_RANK_PV_POOL, "pv_pool" },
	{ LOCK_RANK_VM_PHYS, "vm_phys" },
	{ LOCK_RANK_SPIN_LEAF, "spin_leaf" },
	{ LOCK_RANK_DEVICE_IRQ, "device_irq" },
	{ LOCK_RANK_INTR, "intr" },
	{ LOCK_RANK_SLEEPQ, "sleepq" },
	{ LOCK_RANK_THREAD, "thread" },
	{ LOCK_RANK_RUN_QUEUE, "run_queue" },
	{ LOCK_RANK_STACK, "stack or reaper" },
	{ LOCK_RANK_TIMER, "timer" },
	{ LOCK_RANK_CLOCK, "clock" },
	{ LOCK_RANK_CONSOLE, "console" },
};

static void
kdb_lock_print_rank(unsigned rank)
{
	for (unsigned i = 0; i < sizeof(kdb_lock_ranks) /
	    sizeof(kdb_lock_ranks[0]); i++) {
		if (kdb_lock_ranks[i].rank == rank) {
			kdb_printf("%s ", kdb_lock_ranks[i].name);
			return;
		}
	}
	kdb_printf("rank %u ", rank);
}

void
kdb_lock_print_mutex(const struct mutex *address, const struct mutex *mutex)
{
	kdb_lock_print_rank(mutex->rank);
	kdb_printf("mutex %p, held by ", (const void *)address);
	kdb_who_print_thread(
	    (const struct thread *)(mutex->owner & ~MUTEX_WAITERS));
	kdb_printf("%s", (mutex->owner & MUTEX_WAITERS) != 0 ?
	    ", others may wait" : "");
}

/* The line of what is at ADDRESS, of WHAT, if it is held. */
static void
kdb_lock_mutex(const struct mutex *address, const char *what)
{
	struct mutex mutex;

	if (kdb_list_read(address, &mutex, sizeof(mutex)) &&
	    mutex.owner != 0) {
		kdb_lock_print_mutex(address, &mutex);
		kdb_printf(", of %s\n", what);
	}
}

/* What is OFFSET bytes behind BASE, wherever that may point. */
static const void *
kdb_lock_at(const void *base, size_t offset)
{
	return (const void *)((uintptr_t)base + offset);
}

static void
kdb_lock_spin(const struct spinlock *address, const char *what)
{
	struct spinlock lock;

	if (kdb_list_read(address, &lock, sizeof(lock)) && lock.owner != 0) {
		kdb_lock_print_rank(lock.rank);
		kdb_printf("spin lock %p, held by processor %u, of %s\n",
		    (const void *)address, lock.owner - 1, what);
	}
}

/* ---- what debug builds record ------------------------------------------- */

static void
kdb_lock_print_held(const struct lock_rank_held *held)
{
	for (unsigned i = 0; i < held->count && i < LOCK_RANK_DEPTH; i++) {
		kdb_printf(" ");
		kdb_lock_print_rank(held->rank[i]);
		kdb_printf("%p", held->lock[i]);
	}
	kdb_printf("\n");
}

static void
kdb_lock_processors(void)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		const struct lock_rank_held *held = &percpu_get(cpu)->held;

		if (held->count > 0) {
			kdb_printf("processor %u holds", cpu);
			kdb_lock_print_held(held);
		}
		kdb_lock_spin(&processor_get(cpu)->queue.lock.lock,
		    "a run queue");
	}
}

static void
kdb_lock_print_recorded(const struct thread *address,
    const struct thread *thread)
{
#ifdef DEBUG
	if (thread->held.count > 0) {
		kdb_who_print_thread(address);
		kdb_printf(" holds");
		kdb_lock_print_held(&thread->held);
	}
#endif
}

/* ---- what everything has ------------------------------------------------ */

static void
kdb_lock_thread(const struct thread *address)
{
	static struct thread thread;
	char text[KDB_WHO_TEXT];

	if (!kdb_list_read(address, &thread, sizeof(thread))) {
		return;
	}
	kdb_who_thread_text(address, text, sizeof(text));
	kdb_lock_spin(&address->lock.lock, text);
	kdb_lock_mutex(&address->ipc.lock, text);
	kdb_lock_print_recorded(address, &thread);
	if (kdb_wait_for_mutex(&thread)) {
		kdb_printf("%s ", text);
		kdb_wait_print(address, &thread);
		kdb_printf("\n");
	}
}

static void
kdb_lock_ports(const struct task *task, const struct ipc_space *space)
{
	static struct kdb_space_walk walk;
	char text[KDB_WHO_TEXT];

	kdb_who_task_text(task, text, sizeof(text));
	if (!kdb_space_begin(&walk, space)) {
		return;
	}
	while (kdb_space_next(&walk)) {
		if ((ipc_entry_type(&walk.entry) &
		    (MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET)) != 0) {
			kdb_lock_spin(kdb_lock_at(walk.entry.object,
			    offsetof(struct ipc_object, lock)), text);
		}
	}
}

static void
kdb_lock_task(const struct task *address)
{
	static struct task task;
	const struct thread *thread;
	char text[KDB_WHO_TEXT];
	struct kdb_list threads;

	if (!kdb_list_read(address, &task, sizeof(task))) {
		return;
	}
	kdb_who_task_text(address, text, sizeof(text));
	kdb_lock_mutex(&address->lock, text);
	kdb_lock_mutex(&address->ipc.lock, text);
	kdb_lock_mutex(kdb_lock_at(task.space,
	    offsetof(struct ipc_space, lock)), text);
	kdb_lock_mutex(kdb_lock_at(task.map, offsetof(struct vm_map, lock)),
	    text);
	kdb_lock_ports(address, task.space);
	kdb_who_threads(&threads, address);
	while ((thread = kdb_who_next_thread(&threads)) != NULL) {
		kdb_lock_thread(thread);
	}
	kdb_list_end(&threads);
}

void
kdb_lock_show(struct kdb_request *request)
{
	const struct list_node *node;
	const struct task *task;
	struct kdb_list walk;

	kdb_printf("locks that are held: rank, kind and address, by whom, of "
	    "what; who waits for one\n");
	kdb_lock_processors();
	kdb_list_begin(&walk, task_debug_list());
	while ((task = kdb_who_next_task(&walk)) != NULL) {
		kdb_lock_task(task);
	}
	kdb_list_end(&walk);
	kdb_list_begin(&walk, kmem_debug_caches());
	while ((node = kdb_list_next(&walk)) != NULL) {
		kdb_lock_spin(&list_entry(node, struct kmem_cache, link)->lock,
		    "a cache");
	}
	kdb_list_end(&walk);
}
