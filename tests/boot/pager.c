/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects with a pager of our own: faults that it answers, pages that go
 * back, locks, errors, copies, its death.
 */

#include "pagers.h"

#include "mach_port_user.h"
#include "mach_user.h"
#include "memory_object_server.h"
#include "notify_server.h"

boolean_t memory_object_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);

#define P	vm_page_size
#define PAGES	16

static mach_port_t object;
static mach_port_t control;
static uint8_t store[PAGES * RT_PAGE_MAX]
    __attribute__((aligned(RT_PAGE_MAX)));
static volatile unsigned requests;
static volatile unsigned returns;
static volatile unsigned unlocks;
static volatile unsigned locked;
static volatile unsigned terminated;
static volatile unsigned changed;
static volatile bool silent;
static volatile bool erroneous;
static volatile bool unavailable;
static volatile vm_prot_t lock_value;
static volatile unsigned last_dirty;
static volatile unsigned last_kernel_copy;
static volatile unsigned last_returned;

kern_return_t
memory_object_init(mach_port_t memory_object, mach_port_t memory_control,
    mach_port_t name, vm_size_t page_size)
{
	control = memory_control;
	rt_printf("init: our object %d page size %d", memory_object == object,
	    page_size == P);
	mach_port_deallocate(rt_task, name);
	memory_object_ready(control, FALSE, MEMORY_OBJECT_COPY_DELAY);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_terminate(mach_port_t memory_object, mach_port_t memory_control,
    mach_port_t name)
{
	mach_port_destroy(rt_task, memory_control);
	mach_port_destroy(rt_task, name);
	terminated++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_request(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	requests++;
	if (silent) {
		return KERN_SUCCESS;
	}
	if (erroneous || offset >= PAGES * P) {
		memory_object_data_error(memory_control, offset, length,
		    KERN_MEMORY_ERROR);
	} else if (unavailable) {
		memory_object_data_unavailable(memory_control, offset,
		    length);
	} else {
		memory_object_data_supply(memory_control, offset,
		    (vm_offset_t)&store[offset], length, FALSE, lock_value,
		    FALSE, MACH_PORT_NULL);
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_unlock(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	unlocks++;
	memory_object_lock_request(memory_control, offset, length,
	    MEMORY_OBJECT_RETURN_NONE, FALSE, VM_PROT_NONE, MACH_PORT_NULL);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_return(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_offset_t data,
    mach_msg_type_number_t count, boolean_t dirty, boolean_t kernel_copy)
{
	for (unsigned done = 0; done < count; done += P) {
		memcpy(&store[offset + done], (void *)(data + done), P);
		returns++;
	}
	last_returned = offset / P;
	last_dirty = dirty;
	last_kernel_copy = kernel_copy;
	vm_deallocate(rt_task, data, count);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_lock_completed(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset,
    vm_size_t length)
{
	locked++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_supply_completed(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset,
    vm_size_t length, kern_return_t result, vm_offset_t error_offset)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_change_completed(mach_port_t memory_object,
    boolean_t may_cache, memory_object_copy_strategy_t strategy)
{
	changed++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_copy(mach_port_t old, mach_port_t memory_control,
    vm_offset_t offset, vm_size_t length, mach_port_t new)
{
	rt_printf("FAIL copy is not what we asked for");
	return KERN_SUCCESS;
}

static void
pager(void *arg)
{
	pagers_serve_all(object, memory_object_server);
}

static void
wait_until(volatile unsigned *counter, unsigned n)
{
	rt_until(*counter >= n);
}

static vm_offset_t
map(boolean_t copy, vm_prot_t prot)
{
	vm_offset_t addr = 0;

	need("vm_map", vm_map(rt_task, &addr, PAGES * P, 0, TRUE, object, 0,
	    copy, prot, VM_PROT_ALL, VM_INHERIT_SHARE));
	return addr;
}

static vm_offset_t
new_object(void)
{
	object = rt_port();
	requests = returns = unlocks = locked = 0;
	for (unsigned i = 0; i < PAGES; i++) {
		memset(&store[i * P], 'a' + i, P);
	}
	rt_thread_create(pager, NULL);
	return map(FALSE, VM_PROT_DEFAULT);
}

static void
test_read_write(vm_offset_t addr)
{
	volatile uint8_t *bytes = (volatile uint8_t *)addr;

	rt_printf("bytes %c %c", bytes[10], bytes[3 * P + 5]);
	rt_printf("pages asked for at least 2: %d", requests >= 2);
	bytes[3 * P + 5] = 'X';
	bytes[7 * P] = 'Y';
	rt_printf("store has it yet %c", store[3 * P + 5]);
	want("clean", memory_object_lock_request(control, 0, PAGES * P,
	    MEMORY_OBJECT_RETURN_DIRTY, FALSE, VM_PROT_NO_CHANGE, object),
	    KERN_SUCCESS);
	wait_until(&locked, 1);
	want_number("completed", locked, 1);
	want_number("pages returned", returns, 2);
	rt_printf("store has it %c %c dirty %u", store[3 * P + 5], store[7 * P],
	    last_dirty);
	rt_printf("still there %c", bytes[3 * P + 5]);

	store[3 * P + 5] = 'Z';
	want("flush", memory_object_lock_request(control, 3 * P, P,
	    MEMORY_OBJECT_RETURN_DIRTY, TRUE, VM_PROT_NO_CHANGE, object), KERN_SUCCESS);
	wait_until(&locked, 2);
	want_number("nothing dirty", returns, 2);
	rt_printf("from the store again %c", bytes[3 * P + 5]);
}

static void
test_attributes(void)
{
	boolean_t ready;
	boolean_t may_cache;
	memory_object_copy_strategy_t strategy;

	want("attributes", memory_object_get_attributes(control, &ready,
	    &may_cache, &strategy), KERN_SUCCESS);
	rt_printf("ready %d cache %d strategy %d", ready, may_cache,
	    strategy);
	want("change", memory_object_change_attributes(control, TRUE,
	    MEMORY_OBJECT_COPY_DELAY, object),
	    KERN_SUCCESS);
	wait_until(&changed, 1);
	want_number("changed", changed, 1);
	want("attributes", memory_object_get_attributes(control, &ready,
	    &may_cache, &strategy), KERN_SUCCESS);
	rt_printf("ready %d cache %d strategy %d", ready, may_cache,
	    strategy);
	want("change back", memory_object_change_attributes(control, FALSE,
	    MEMORY_OBJECT_COPY_DELAY, MACH_PORT_NULL), KERN_SUCCESS);
}

static void
test_lock(vm_offset_t addr)
{
	volatile uint8_t *bytes = (volatile uint8_t *)addr;

	lock_value = VM_PROT_WRITE;
	rt_printf("locked against writing: %c", bytes[9 * P]);
	want_number("unlocks", unlocks, 0);
	bytes[9 * P] = 'W';
	rt_printf("written %c", bytes[9 * P]);
	want_number("unlocks", unlocks, 1);
	lock_value = VM_PROT_NONE;
}

static void
test_copies(vm_offset_t addr)
{
	volatile uint8_t *bytes = (volatile uint8_t *)addr;
	vm_offset_t copy = map(TRUE, VM_PROT_DEFAULT);
	volatile uint8_t *copied = (volatile uint8_t *)copy;
	vm_offset_t data;
	mach_msg_type_number_t size;

	rt_printf("copy %c %c", copied[3 * P + 5], copied[11 * P]);
	copied[3 * P + 5] = 'C';
	rt_printf("object %c", bytes[3 * P + 5]);
	bytes[11 * P] = 'O';
	rt_printf("copy still %c", copied[11 * P]);
	need("vm_read", vm_read(rt_task, addr, 2 * P, &data, &size));
	bytes[0] = 'N';
	rt_printf("read before %c after %c", *(uint8_t *)data, bytes[0]);
	vm_deallocate(rt_task, data, size);
	vm_deallocate(rt_task, copy, PAGES * P);
}

static void
test_bad_answers(vm_offset_t addr)
{
	vm_offset_t data;
	mach_msg_type_number_t size;
	volatile uint8_t *bytes = (volatile uint8_t *)addr;
	kern_return_t kr;

	unavailable = true;
	rt_printf("unavailable reads as %d", bytes[13 * P]);
	unavailable = false;
	erroneous = true;
	kr = vm_read(rt_task, addr + 14 * P, P, &data, &size);
	show("read of an error", kr);
	if (kr == KERN_SUCCESS) {
		vm_deallocate(rt_task, data, size);
	}
	erroneous = false;
	want("bad offset", memory_object_lock_request(control, 0x7fff0001, P,
	    MEMORY_OBJECT_RETURN_ALL, TRUE, VM_PROT_NO_CHANGE,
	    MACH_PORT_NULL), KERN_SUCCESS);
}

static void
test_end(vm_offset_t addr)
{
	volatile uint8_t *bytes = (volatile uint8_t *)addr;
	unsigned before = returns;

	bytes[5 * P + 1] = 'E';
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
	wait_until(&terminated, 1);
	want_number("terminated", terminated, 1);
	rt_printf("dirty pages came back first %d", returns > before);
	rt_printf("store has it %c", store[5 * P + 1]);
}

/* A pager that dies: its clients get errors, and the kernel lives. */
static void
test_death(void)
{
	vm_offset_t addr = new_object();
	volatile uint8_t *bytes = (volatile uint8_t *)addr;
	vm_offset_t data;
	mach_msg_type_number_t size;

	rt_printf("a page while it lives %c", bytes[P]);
	mach_port_mod_refs(rt_task, object, MACH_PORT_RIGHT_RECEIVE, -1);
	rt_sleep(100);
	show("read of another page", vm_read(rt_task, addr + 2 * P, P, &data,
	    &size));
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
}

void
test(void)
{
	vm_offset_t addr = new_object();

	test_read_write(addr);
	test_attributes();
	test_lock(addr);
	test_copies(addr);
	test_bad_answers(addr);
	test_end(addr);
	test_death();
}
