/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The rarer half of the pager's protocol: data that it has not got, receipts
 * for data that it sent, objects that it takes back.
 */

#include "pagers.h"

#include "gnumach_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "memory_object_server.h"

boolean_t memory_object_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);

#define P	vm_page_size

static mach_port_t object;
static mach_port_t control;
static mach_port_t name;
static uint8_t page[RT_PAGE_MAX] __attribute__((aligned(RT_PAGE_MAX)));
static unsigned requests;
static unsigned terminated;
static unsigned supplied;
static vm_offset_t wanted_offset;
static kern_return_t result_of_supply;
static bool syncing;
static unsigned returned;
static vm_offset_t returned_data;
static vm_offset_t sync_at;
static volatile kern_return_t synced;

kern_return_t
memory_object_init(mach_port_t memory_object, mach_port_t memory_control,
    mach_port_t memory_name, vm_size_t page_size)
{
	control = memory_control;
	name = memory_name;
	memory_object_ready(control, FALSE, MEMORY_OBJECT_COPY_DELAY);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_terminate(mach_port_t memory_object, mach_port_t memory_control,
    mach_port_t memory_name)
{
	mach_port_destroy(rt_task, memory_control);
	mach_port_destroy(rt_task, memory_name);
	terminated++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_request(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	wanted_offset = offset;
	requests++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_supply_completed(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset,
    vm_size_t length, kern_return_t result, vm_offset_t error_offset)
{
	result_of_supply = result;
	rt_printf("# supplied at %u for %u: %d, error at %u",
	    (unsigned)offset, (unsigned)length, result,
	    (unsigned)error_offset);
	supplied++;
	return KERN_SUCCESS;
}

/* What this test gives the kernel no reason for. */

static kern_return_t
unexpected(const char *what)
{
	rt_printf("FAIL unexpected %s", what);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_unlock(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	return unexpected("unlock");
}

kern_return_t
memory_object_data_return(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_offset_t data,
    mach_msg_type_number_t count, boolean_t dirty, boolean_t kernel_copy)
{
	if (!syncing) {
		return unexpected("return");
	}
	returned_data = data;
	returned++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_lock_completed(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length)
{
	return unexpected("lock");
}

kern_return_t
memory_object_change_completed(mach_port_t memory_object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy)
{
	return unexpected("change");
}

kern_return_t
memory_object_copy(mach_port_t old, mach_port_t memory_control,
    vm_offset_t offset, vm_size_t length, mach_port_t new)
{
	return unexpected("copy");
}

/* Answer the kernel until *COUNTER is N. */
static bool
serve(unsigned *counter, unsigned n)
{
	while (*counter < n) {
		if (!pagers_serve(object, memory_object_server)) {
			return false;
		}
	}
	return true;
}

/* Let a thread read the page at ADDR, and wait for the question. */
static void
begin_read(vm_offset_t addr)
{
	pagers_begin_read(addr);
	rt_printf("asked %d", serve(&requests, requests + 1));
}

/* Bring the page at P up to date: by its address, or the object's offset. */
static void
synchronizer(void *arg)
{
	synced = sync_at != 0 ? vm_msync(rt_task, sync_at, P,
	    VM_SYNC_SYNCHRONOUS) : vm_object_sync(name, P, P, FALSE, TRUE,
	    TRUE);
	rt_thread_exit();
}

static void
await_sync(void)
{
	rt_until(synced != -1);
}

/* Let a thread sync the dirty page at ADDR by WHAT, up to the data. */
static mach_port_t
begin_sync(const char *what, vm_offset_t addr)
{
	mach_port_t thread;

	*(volatile uint8_t *)addr = 1;
	syncing = true;
	synced = -1;
	rt_printf("# by %s", what);
	thread = rt_thread_create(synchronizer, NULL);
	want_number("# returned", serve(&returned, returned + 1), 1);
	rt_until_waits(thread);
	want_number("# still waits", synced, -1);
	syncing = false;
	return thread;
}

/* Who syncs waits until the pager has freed the data, or is aborted. */
static void
test_wait(vm_offset_t addr)
{
	vm_offset_t copy;
	mach_msg_type_number_t count;
	mach_port_t thread;

	begin_sync("object", addr);
	need("copy", vm_read(rt_task, returned_data, P, &copy, &count));
	vm_deallocate(rt_task, returned_data, P);
	rt_sleep(100);
	want_number("# waits for the copy", synced, -1);
	vm_deallocate(rt_task, copy, P);
	await_sync();
	want("# object", synced, KERN_SUCCESS);

	sync_at = addr;
	begin_sync("address", addr);
	vm_deallocate(rt_task, returned_data, P);
	await_sync();
	want("# address", synced, KERN_SUCCESS);

	thread = begin_sync("address", addr);
	want("# abort", thread_abort(thread), KERN_SUCCESS);
	await_sync();
	want("# aborted", synced, KERN_ABORTED);
	vm_deallocate(rt_task, returned_data, P);
	want("# clean", vm_msync(rt_task, addr, P, VM_SYNC_SYNCHRONOUS),
	    KERN_SUCCESS);
}

/* The pager is gone before it has looked at the data. */
static void
test_death(void)
{
	vm_offset_t addr = 0;

	object = rt_port();
	need("# map", vm_map(rt_task, &addr, P, 0, TRUE, object, 0, FALSE,
	    VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE));
	pagers_begin_read(addr);
	want_number("# asked", serve(&requests, requests + 1), 1);
	want("# supply", memory_object_data_supply(control, 0,
	    (vm_offset_t)page, P, FALSE, VM_PROT_NONE, FALSE, MACH_PORT_NULL),
	    KERN_SUCCESS);
	pagers_end_read();
	*(volatile uint8_t *)addr = 1;
	sync_at = addr;
	synced = -1;
	rt_until_waits(rt_thread_create(synchronizer, NULL));
	want_number("# waits", synced, -1);
	mach_port_destroy(rt_task, object);
	await_sync();
	want("# pager gone", synced, KERN_MEMORY_ERROR);
	vm_deallocate(rt_task, addr, P);
}

void
test(void)
{
	vm_offset_t addr = 0;

	object = rt_port();
	need("map", vm_map(rt_task, &addr, 16 * P, 0, TRUE, object, 0, FALSE,
	    VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE));

	rt_printf("no data");
	begin_read(addr);
	want("error", memory_object_data_error(control, wanted_offset, P,
	    KERN_MEMORY_ERROR), KERN_SUCCESS);
	show("read", pagers_end_read());

	rt_printf("data with a receipt");
	begin_read(addr + P);
	want("supply", memory_object_data_supply(control, wanted_offset,
	    (vm_offset_t)page, P, FALSE, VM_PROT_NONE, FALSE, object),
	    KERN_SUCCESS);
	rt_printf("receipt %d", serve(&supplied, 1));
	want("receipt's result", result_of_supply, KERN_SUCCESS);
	show("read", pagers_end_read());
	want("supply what is there", memory_object_data_supply(control, P,
	    (vm_offset_t)page, P, FALSE, VM_PROT_NONE, FALSE, MACH_PORT_NULL),
	    KERN_SUCCESS);
	want("supply unasked", memory_object_data_supply(control, 5 * P,
	    (vm_offset_t)page, P, FALSE, VM_PROT_NONE, FALSE, MACH_PORT_NULL),
	    KERN_SUCCESS);
	if (!rt_on_gnumach) {
		/* It sends two receipts for one right, and panics. */
		want("# supply again", memory_object_data_supply(control, P,
		    (vm_offset_t)page, P, FALSE, VM_PROT_NONE, FALSE,
		    object), KERN_SUCCESS);
		want_number("# receipt", serve(&supplied, 2), 1);
		want_number("# its result", result_of_supply,
		    KERN_MEMORY_PRESENT);
	}

	rt_printf("sync");
	want("sync", vm_object_sync(name, 0, 4 * P, FALSE, FALSE, FALSE),
	    KERN_SUCCESS);
	if (!rt_on_gnumach) {
		/* It does not wait. */
		test_wait(addr + P);
	}
	want("sync of a control port", vm_object_sync(control, 0, P, FALSE,
	    FALSE, FALSE), KERN_INVALID_ARGUMENT);

	rt_printf("ports that are no control ports");
	want("ready", memory_object_ready(rt_task, FALSE,
	    MEMORY_OBJECT_COPY_DELAY), KERN_SUCCESS);
	want("destroy", memory_object_destroy(rt_task, KERN_FAILURE),
	    KERN_SUCCESS);
	want("error", memory_object_data_error(name, 0, P, KERN_FAILURE),
	    KERN_SUCCESS);

	rt_printf("taken back");
	if (!rt_on_gnumach) {
		/* There, the call would wait for the read. */
		pagers_begin_read(addr + 2 * P);
		want_number("# asked", serve(&requests, requests + 1), 1);
	}
	want("destroy it", memory_object_destroy(control, KERN_FAILURE),
	    KERN_SUCCESS);
	rt_printf("terminated %d", serve(&terminated, 1));
	if (!rt_on_gnumach) {
		want("# read", pagers_end_read(), MACH_SEND_INVALID_DATA);
	}
	pagers_begin_read(addr + 3 * P);
	want("read another", pagers_end_read(), MACH_SEND_INVALID_DATA);
	want("unmap", vm_deallocate(rt_task, addr, 16 * P), KERN_SUCCESS);
	mach_port_destroy(rt_task, object);
	if (!rt_on_gnumach) {
		test_death();
	}
}
