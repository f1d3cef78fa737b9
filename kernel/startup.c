/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Booting, from the first call of the machine to the first user task.
 *
 * The first half runs on the boot stack with interrupts off and may not block;
 * it ends as the idle thread of the boot processor.  The second half runs in
 * a kernel thread.
 */

#include <kernel/startup.h>

#include <stddef.h>

#include <ipc/ipc_space.h>
#include <machine/boot.h>
#include <machine/clock.h>
#include <machine/cpu.h>
#include <machine/intr.h>
#include <machine/pmap.h>

#include <kernel/account.h>
#include <kernel/bootscript.h>
#include <kernel/clock.h>
#include <kernel/device.h>
#include <kernel/gsync.h>
#include <kernel/host.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/printf.h>
#include <kernel/processor.h>
#include <kernel/rdxtree.h>
#include <kernel/rest.h>
#include <kernel/sched.h>
#include <kernel/shortage.h>
#include <kernel/sleepq.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <kernel/timer.h>

#include <vm/memory_object.h>
#include <vm/vm_evicted.h>
#include <vm/vm_fault.h>
#include <vm/vm_kern.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageable.h>
#include <vm/vm_pageout.h>
#include <vm/vm_phys.h>

static const struct kmem_backend startup_kmem_backend = {
	.page_shift = PAGE_HW_SHIFT,
	.alloc = shortage_alloc_direct,
	.free = vm_phys_free_direct,
};

/* Once a second: let priorities recover, and average the load. */
static void
startup_ager(void *arg)
{
	uint64_t next = clock_ticks();

	for (;;) {
		next += HZ;
		sleepq_prepare(&startup_ager, false);
		sleepq_wait(next);
		sched_age();
		processor_load_update();
	}
}

static void
startup_create_thread(const char *name, void (*fn)(void *arg))
{
	if (kernel_thread_create(name, fn, NULL, SCHED_PRIORITY_SYSTEM) !=
	    KERN_SUCCESS) {
		panic("no memory for the thread %s", name);
	}
}

/* The second half. */
static void
startup_thread(void *arg)
{
	cpu_start_others();
	kmem_setup_magazines(processor_count());
	thread_setup_reaper();
	stack_setup_keeper();
	startup_create_thread("ager", startup_ager);
	vm_pageout_setup();
	shortage_setup();
	rest_setup();
	host_setup();
	device_setup();
	printf("tartan: %u processor%s, %lu KiB free\n", processor_count(),
	    processor_count() == 1 ? "" : "s",
	    vm_phys_free_count() * (PAGE_HW_SIZE / 1024));
	kdb_event_setup();
	bootscript_run();
}

/* Memory, in the order in which its layers stand on each other. */
static void
startup_memory(void)
{
	pmap_setup();
	vm_phys_setup();
	kmem_setup(&startup_kmem_backend);
	pmap_setup_pages();
	vm_page_setup();
	vm_evicted_setup();
	rdxtree_setup();
	stack_setup();
	vm_object_setup();
	vm_map_setup();
	vm_fault_setup();
	vm_kern_setup();
	vm_pageable_setup();
}

void
startup_main(void)
{
	assert(!cpu_intr_enabled());
	processor_setup();
	sleepq_setup();
	timer_setup();
	printf("tartan: booting\n");

	startup_memory();
	clock_machine_setup();
	clock_setup(vm_page_size);
	machine_setup();
	intr_setup();

	account_setup();
	thread_setup();
	ipc_setup();
	memory_object_setup();
	gsync_setup();
	task_setup();

	startup_create_thread("startup", startup_thread);
	intr_start_tick();
	sched_idle();
}
