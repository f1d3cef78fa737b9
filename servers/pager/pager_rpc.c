/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The kernel's requests to the default pager (memory_object.defs and
 * memory_object_default.defs).
 */
#include <servers/pager/pager.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/memory_object_default_server.h>
#include <mig/memory_object_server.h>

#include <servers/lib/server.h>

static void
pager_release(mach_port_t right)
{
	if (MACH_PORT_VALID(right)) {
		mach_port_deallocate(mach_task_self(), right);
	}
}

kern_return_t
S_memory_object_create(mach_port_t pager, mach_port_t port, vm_size_t size,
    mach_port_t control, mach_port_t name, vm_size_t page_size)
{
	if (!pager_is_manager(pager)) {
		return KERN_NO_ACCESS;
	}
	if (page_size != vm_page_size || paged_lookup(port) != NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return paged_create(port, control, name);
}

/* Only what was made for clients is new to the kernel. */
kern_return_t
S_memory_object_init(mach_port_t object, mach_port_t control, mach_port_t name,
    vm_size_t page_size)
{
	struct paged *paged = paged_lookup(object);

	if (paged == NULL || !paged->client || page_size != vm_page_size) {
		return KERN_INVALID_ARGUMENT;
	}
	paged_start(paged, control, name);
	(void)memory_object_ready(control, FALSE, MEMORY_OBJECT_COPY_DELAY);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_terminate(mach_port_t object, mach_port_t control,
    mach_port_t name)
{
	struct paged *paged = paged_lookup(object);

	if (paged == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	paged_stop(paged);
	/* The receive rights of both come with the message. */
	mach_port_destroy(mach_task_self(), control);
	mach_port_destroy(mach_task_self(), name);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_data_request(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	struct paged *paged = paged_lookup(object);

	if (paged == NULL || length < vm_page_size) {
		return KERN_INVALID_ARGUMENT;
	}
	paged_page_in(paged, offset / vm_page_size, length / vm_page_size);
	pager_release(control);
	return KERN_SUCCESS;
}

static kern_return_t
pager_take(mach_port_t object, mach_port_t control, vm_offset_t offset,
    vm_offset_t data, mach_msg_type_number_t size)
{
	struct paged *paged = paged_lookup(object);

	if (paged == NULL || size < vm_page_size) {
		return KERN_INVALID_ARGUMENT;
	}
	paged_page_out(paged, offset / vm_page_size, (const char *)data,
	    size / vm_page_size);
	vm_deallocate(mach_task_self(), data, size);
	pager_release(control);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_data_return(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size,
    boolean_t dirty, boolean_t kernel_copy)
{
	return pager_take(object, control, offset, data, size);
}

kern_return_t
S_memory_object_data_initialize(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size)
{
	return pager_take(object, control, offset, data, size);
}

/* Pages are supplied unlocked and copied by the kernel: none of these comes. */

kern_return_t
S_memory_object_copy(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, mach_port_t copy)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_data_unlock(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_lock_completed(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_supply_completed(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, kern_return_t result,
    vm_offset_t error_offset)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_change_completed(mach_port_t object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy)
{
	return KERN_INVALID_ARGUMENT;
}
