/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What pagers ask of the kernel, by control ports; and proxies.  A pager is
 * trusted with the contents of its own object and with nothing else.
 *
 * A routine that succeeds has consumed its rights and its data; one that fails
 * has not.  The answers are one-way messages, so errors go nowhere.
 */

#include <gnumach_server.h>
#include <mach4_server.h>
#include <mach_server.h>
#include <memory_object_user.h>

#include <kernel/mig_types.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/memory_object_i.h>
#include <vm/memory_object_proxy.h>
#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

#define MEMORY_OBJECT_LOCK_MASK	(VM_PROT_ALL | VM_PROT_NO_CHANGE)

/* SIZE in whole pages, cut where that would wrap. */
static vm_size_t
memory_object_rpc_size(vm_size_t size)
{
	vm_size_t rounded = vm_page_round(size);

	return rounded < size ? vm_page_trunc(size) : rounded;
}

/*
 * The interface lets REPLY_TO be of any type, so whoever sends says which: what
 * is no right at all is a number of the sender's choice, not a port.  Nothing
 * may be of any type.
 */
static bool
memory_object_reply_valid(ipc_port_t reply_to, mach_msg_type_name_t reply_type)
{
	return reply_to == IP_NULL ||
	    reply_type == MACH_MSG_TYPE_PORT_SEND ||
	    reply_type == MACH_MSG_TYPE_PORT_SEND_ONCE;
}

/*
 * Is there a port to answer to, and a control port to name in the answer?
 * Begins paging if so, drops the right otherwise.
 */
static bool
memory_object_can_reply(struct vm_object *object, struct ipc_port *reply_to,
    mach_msg_type_name_t reply_type)
{
	if (!ip_valid(reply_to)) {
		return false;
	}
	if (!memory_object_begin(object)) {
		ipc_port_release(reply_to, reply_type);
		return false;
	}
	return true;
}

kern_return_t
S_memory_object_data_supply(vm_object_t object, vm_offset_t offset,
    vm_offset_t data, mach_msg_type_number_t count, vm_prot_t lock,
    boolean_t precious, ipc_port_t reply_to, mach_msg_type_name_t reply_type)
{
	vm_offset_t error_offset = 0;
	kern_return_t kr;

	if (object == NULL || (lock & ~VM_PROT_ALL) != 0 ||
	    !vm_page_aligned(offset) ||
	    !memory_object_reply_valid(reply_to, reply_type)) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = memory_object_supply(object, offset, (struct vm_copy *)data, lock,
	    precious != FALSE, &error_offset);
	if (memory_object_can_reply(object, reply_to, reply_type)) {
		(void)r_memory_object_supply_completed(reply_to, reply_type,
		    object->control, offset, vm_page_trunc(count), kr,
		    error_offset);
		memory_object_end(object);
	}
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_data_unavailable(
    vm_object_t object, vm_offset_t offset, vm_size_t size)
{
	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	memory_object_unavailable(
	    object, vm_page_trunc(offset), memory_object_rpc_size(size));
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_data_error(vm_object_t object, vm_offset_t offset,
    vm_size_t size, kern_return_t reason)
{
	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	memory_object_error(object, vm_page_trunc(offset),
	    memory_object_rpc_size(size), reason);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_lock_request(vm_object_t object, vm_offset_t offset,
    vm_size_t size, memory_object_return_t should_return, boolean_t flush,
    vm_prot_t lock, ipc_port_t reply_to, mach_msg_type_name_t reply_type)
{
	if (object == NULL || (lock & ~MEMORY_OBJECT_LOCK_MASK) != 0 ||
	    should_return < MEMORY_OBJECT_RETURN_NONE ||
	    should_return > MEMORY_OBJECT_RETURN_ALL ||
	    !memory_object_reply_valid(reply_to, reply_type)) {
		return KERN_INVALID_ARGUMENT;
	}
	memory_object_lock(object, vm_page_trunc(offset),
	    memory_object_rpc_size(size), should_return, flush != FALSE,
	    (lock & VM_PROT_NO_CHANGE) != 0 ? VM_PROT_NO_CHANGE : lock);
	if (memory_object_can_reply(object, reply_to, reply_type)) {
		(void)r_memory_object_lock_completed(
		    reply_to, reply_type, object->control, offset, size);
		memory_object_end(object);
	}
	return KERN_SUCCESS;
}

static bool
memory_object_strategy_valid(memory_object_copy_strategy_t strategy)
{
	return strategy >= MEMORY_OBJECT_COPY_NONE &&
	       strategy <= MEMORY_OBJECT_COPY_TEMPORARY;
}

kern_return_t
S_memory_object_ready(vm_object_t object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy)
{
	if (object == NULL || !memory_object_strategy_valid(strategy)) {
		return KERN_INVALID_ARGUMENT;
	}
	memory_object_set_attributes(
	    object, true, may_cache != FALSE, strategy);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_change_attributes(vm_object_t object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy, ipc_port_t reply_to,
    mach_msg_type_name_t reply_type)
{
	if (object == NULL || !memory_object_strategy_valid(strategy) ||
	    !memory_object_reply_valid(reply_to, reply_type)) {
		return KERN_INVALID_ARGUMENT;
	}
	/* As the manual has it, this too says that the pager is ready. */
	memory_object_set_attributes(
	    object, true, may_cache != FALSE, strategy);
	if (ip_valid(reply_to)) {
		(void)r_memory_object_change_completed(
		    reply_to, reply_type, may_cache, strategy);
	}
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_get_attributes(vm_object_t object, boolean_t *ready,
    boolean_t *may_cache, memory_object_copy_strategy_t *strategy)
{
	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	vm_object_lock(object);
	*ready = object->ready;
	*may_cache = object->may_cache;
	*strategy = object->copy_strategy;
	vm_object_unlock(object);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_destroy(vm_object_t object, kern_return_t reason)
{
	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	memory_object_destroyed(object, reason);
	return KERN_SUCCESS;
}

kern_return_t
S_vm_set_default_memory_manager(host_t host, ipc_port_t *manager)
{
	struct ipc_port *old;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (ip_valid(*manager)) {
		old = memory_object_set_default(*manager);
	} else {
		old = memory_object_get_default();
	}
	*manager = old;
	return KERN_SUCCESS;
}

kern_return_t
S_vm_object_sync(vm_object_t object, vm_offset_t offset, vm_size_t size,
    boolean_t should_flush, boolean_t should_return, boolean_t should_iosync)
{
	vm_offset_t start = vm_page_trunc(offset);
	memory_object_return_t what = should_return ?
	    MEMORY_OBJECT_RETURN_ALL : MEMORY_OBJECT_RETURN_NONE;

	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	size = memory_object_rpc_size(
	    memory_object_range_end(offset, size) - start);
	if (should_iosync) {
		return memory_object_sync(object, start, size, what,
		    should_flush != FALSE);
	}
	memory_object_lock(object, start, size, what, should_flush != FALSE,
	    VM_PROT_NO_CHANGE);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_create_proxy(ipc_space_t space, vm_prot_t max_prot,
    const memory_object_array_t object, mach_msg_type_number_t objects,
    const vm_offset_array_t offset, mach_msg_type_number_t offsets,
    const vm_offset_array_t start, mach_msg_type_number_t starts,
    const vm_size_array_t len, mach_msg_type_number_t lens, ipc_port_t *proxy)
{
	if (space == NULL) {
		return KERN_INVALID_TASK;
	}
	if (objects != 1 || offsets != 1 || starts != 1 || lens != 1 ||
	    offset[0] != 0 || start[0] + len[0] < start[0] ||
	    (max_prot & ~VM_PROT_ALL) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!ip_valid((struct ipc_port *)object[0])) {
		return KERN_INVALID_NAME;
	}
	return memory_object_proxy_create(
	    (struct ipc_port *)object[0], start[0], len[0], max_prot, proxy);
}

kern_return_t
S_vm_region_create_proxy(task_t task, vm_address_t address, vm_prot_t max_prot,
    vm_size_t len, ipc_port_t *proxy)
{
	struct vm_map_region region;
	vm_offset_t skip;
	kern_return_t kr;

	if (task == NULL || (max_prot & ~VM_PROT_ALL) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = vm_map_region_shared(task->map, address, &region);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	skip = address - region.start;
	kr = KERN_INVALID_ARGUMENT;
	if (len <= region.size - skip) {
		kr = memory_object_proxy_create_object(region.object,
		    region.offset + skip, len, max_prot & region.max_prot,
		    proxy);
	}
	if (kr != KERN_SUCCESS) {
		vm_object_unref(region.object);
	}
	return kr;
}
