/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on tasks, threads and words of memory that GNU Mach added; those on
 * memory are in vm/vm_rpc.c.
 */

#include <kernel/gsync.h>
#include <kernel/host.h>
#include <kernel/mig_types.h>
#include <kernel/task_notify.h>

#include <experimental_server.h>
#include <gnumach_server.h>
#include <mach_port_server.h>
#include <mach_server.h>

kern_return_t
S_thread_terminate_release(thread_t thread, task_t task,
    mach_port_name_t thread_name, mach_port_name_t reply_port,
    vm_address_t address, vm_size_t size)
{
	if (task == NULL || thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	S_mach_port_deallocate(task->space, thread_name);
	if (reply_port != MACH_PORT_NULL) {
		S_mach_port_destroy(task->space, reply_port);
	}
	if (address != 0 || size != 0) {
		S_vm_deallocate(task->map, address, size);
	}
	return thread_terminate(thread);
}

kern_return_t
S_task_set_name(task_t task, const_kernel_debug_name_t name,
    mach_msg_type_number_t count)
{
	char copy[KERNEL_DEBUG_NAME_MAX + 1];

	if (task == NULL || count > KERNEL_DEBUG_NAME_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	memcpy(copy, name, count);
	copy[count] = '\0';
	task_name_set(task, copy);
	return KERN_SUCCESS;
}

kern_return_t
S_thread_set_name(thread_t thread, const_kernel_debug_name_t name,
    mach_msg_type_number_t count)
{
	char copy[KERNEL_DEBUG_NAME_MAX + 1];

	if (thread == NULL || thread->kernel_only ||
	    count > KERNEL_DEBUG_NAME_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	memcpy(copy, name, count);
	copy[count] = '\0';
	return thread_name_set(thread, copy);
}

kern_return_t
S_thread_get_name(thread_t thread, kernel_debug_name_t name,
    mach_msg_type_number_t *count)
{
	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&thread->task->lock);
	strlcpy(name, thread_name(thread), KERNEL_DEBUG_NAME_MAX);
	mutex_unlock(&thread->task->lock);
	*count = strlen(name) + 1;
	return KERN_SUCCESS;
}

kern_return_t
S_task_set_essential(task_t task, boolean_t essential)
{
	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	/* Others would be ended in its place. */
	if (essential && !host_is_ruled_by(current_space())) {
		return KERN_NO_ACCESS;
	}
	mutex_lock(&task->lock);
	task->essential = essential != FALSE;
	mutex_unlock(&task->lock);
	return KERN_SUCCESS;
}

kern_return_t
S_register_new_task_notification(host_t host, ipc_port_t port)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	return task_notify_register(port);
}

kern_return_t
S_gsync_wait(task_t task, vm_address_t addr, unsigned val1, unsigned val2,
    natural_t msec, int flags)
{
	return task == NULL ? KERN_INVALID_TASK :
	    gsync_wait(task, addr, val1, val2, msec, flags);
}

kern_return_t
S_gsync_wake(task_t task, vm_address_t addr, unsigned val, int flags)
{
	return task == NULL ? KERN_INVALID_TASK :
	    gsync_wake(task, addr, val, flags);
}

kern_return_t
S_gsync_requeue(task_t task, vm_address_t src, vm_address_t dst,
    boolean_t wake_one, int flags)
{
	return task == NULL ? KERN_INVALID_TASK :
	    gsync_requeue(task, src, dst, wake_one != FALSE, flags);
}

/* The older form: anywhere, and the address in a word. */
kern_return_t
S_experimental_vm_allocate_contiguous(host_t host, vm_map_t map,
    vm_address_t *vaddr, vm_address_t *paddr, vm_size_t size)
{
	rpc_phys_addr_t pa;
	kern_return_t kr;

	kr = S_vm_allocate_contiguous(host, map, vaddr, &pa, size, 0,
	    UINT32_MAX, 0);
	if (kr == KERN_SUCCESS) {
		*paddr = pa;
	}
	return kr;
}
