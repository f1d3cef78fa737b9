/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Threads for one instruction each, which end in an exception.
 */

#include "probe.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>
#include <mach/thread_status.h>
#include <mach/vm_statistics.h>

#include "mach_debug_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define WRITE_AT	16u

static const uint8_t probe_code[] = {
	[0] = 0x8b, 0x03, 0xcc,		/* mov (%ebx), %eax; int3 */
	[WRITE_AT] = 0x89, 0x03, 0xcc,	/* mov %eax, (%ebx); int3 */
};

/* With the code at its beginning: vm_write takes whole pages. */
static uint8_t probe_page[RT_PAGE_MAX] __attribute__((aligned(RT_PAGE_MAX)));

/* The same address in all tasks of a test. */
static vm_offset_t probe_code_at;
static mach_port_t probe_exceptions;

mach_port_t
probe_task(vm_offset_t code)
{
	mach_port_t task;

	if (probe_exceptions == MACH_PORT_NULL) {
		probe_exceptions = rt_port();
	}
	probe_code_at = code;
	need("task", task_create(rt_task, FALSE, &task));
	need("exceptions", task_set_special_port(task, TASK_EXCEPTION_PORT,
	    probe_exceptions));
	memcpy(probe_page, probe_code, sizeof(probe_code));
	need("room for code", vm_allocate(task, &code, vm_page_size, FALSE));
	need("code", vm_write(task, code, (vm_offset_t)probe_page,
	    vm_page_size));
	return task;
}

mach_port_t
probe_child(mach_port_t parent)
{
	mach_port_t task;

	need("child", task_create(parent, TRUE, &task));
	return task;
}

void
probe_end(mach_port_t task)
{
	need("end of a task", task_terminate(task));
	mach_port_deallocate(rt_task, task);
}

/* Run the code at EIP in TASK on *EAXP and ADDR. */
static kern_return_t
probe_run(mach_port_t task, vm_offset_t eip, vm_offset_t addr, unsigned *eaxp)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	union {
		struct rt_exception exception;
		char room[256];
	} msg;
	kern_return_t kr;
	mach_port_t thread;

	need("thread", thread_create(task, &thread));
	need("get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = eip;
	state.ebx = addr;
	state.eax = *eaxp;
	need("set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, i386_THREAD_STATE_COUNT));
	need("go", thread_resume(thread));
	need("exception", rt_receive(&msg.exception.head, sizeof(msg),
	    probe_exceptions, RT_PATIENCE_MS));
	kr = msg.exception.exception == EXC_BREAKPOINT ? KERN_SUCCESS :
	    msg.exception.code;
	count = i386_THREAD_STATE_COUNT;
	need("get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	*eaxp = state.eax;
	rt_exception_drop(&msg.exception);
	mach_port_deallocate(rt_task, thread);
	return kr;
}

kern_return_t
probe_write(mach_port_t task, vm_offset_t addr, unsigned word)
{
	return probe_run(task, probe_code_at + WRITE_AT, addr, &word);
}

kern_return_t
probe_read(mach_port_t task, vm_offset_t addr, unsigned *wordp)
{
	*wordp = 0;
	return probe_run(task, probe_code_at, addr, wordp);
}

unsigned
probe_word(mach_port_t task, vm_offset_t addr)
{
	unsigned word;

	need("read a word", probe_read(task, addr, &word));
	return word;
}

kern_return_t
probe_region(mach_port_t task, vm_offset_t addr, struct probe_region *region)
{
	mach_port_t name = MACH_PORT_NULL;
	vm_offset_t offset;
	kern_return_t kr;

	region->start = addr;
	kr = vm_region(task, &region->start, &region->size, &region->prot,
	    &region->max, &region->inherit, &region->shared, &name, &offset);
	if (kr == KERN_SUCCESS && MACH_PORT_VALID(name)) {
		mach_port_deallocate(rt_task, name);
	}
	return kr;
}

unsigned
probe_regions(mach_port_t task, vm_offset_t start, vm_offset_t end)
{
	struct probe_region region;
	unsigned count = 0;

	while (start < end &&
	    probe_region(task, start, &region) == KERN_SUCCESS &&
	    region.start < end) {
		count++;
		start = region.start + region.size;
	}
	return count;
}

cache_info_t
probe_cache(const char *name)
{
	cache_info_array_t info = NULL;
	mach_msg_type_number_t count = 0;
	cache_info_t found = { 0 };
	kern_return_t kr = KERN_SUCCESS;

	/* It takes memory itself. */
	(void)rt_until((kr = host_slab_info(mach_host_self(), &info,
	    &count)) != KERN_RESOURCE_SHORTAGE);
	if (kr != KERN_SUCCESS) {
		need("slabs", kr);
	}
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(info[i].name, name) == 0) {
			found = info[i];
		}
	}
	vm_deallocate(rt_task, (vm_offset_t)info, count * sizeof(*info));
	return found;
}

long
probe_objects(const char *name)
{
	return (long)probe_cache(name).nr_objs;
}

long
probe_free_pages(void)
{
	vm_statistics_data_t stats;

	need("statistics", vm_statistics(rt_task, &stats));
	return stats.free_count;
}
