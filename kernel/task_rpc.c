/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on tasks.
 */

#include <mach/processor_info.h>
#include <mach/task_info.h>
#include <mach/task_special_ports.h>

#include <kernel/info_time.h>
#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/syscall.h>
#include <kernel/task_notify.h>

#include <vm/vm_copy.h>

#include <mach_host_server.h>
#include <mach_server.h>

kern_return_t
S_task_create(task_t parent, boolean_t inherit_memory, task_t *childp)
{
	struct task *child;
	kern_return_t kr;

	if (parent == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = task_create(parent, inherit_memory != FALSE, &child);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	task_notify_created(child, parent);
	*childp = child;
	return KERN_SUCCESS;
}

kern_return_t
S_task_terminate(task_t task)
{
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = task_terminate(task);
	if (kr == KERN_SUCCESS && task != current_task()) {
		task_end_wait(task);
	}
	return kr;
}

kern_return_t
S_task_suspend(task_t task)
{
	return task == NULL ? KERN_INVALID_ARGUMENT : task_suspend(task);
}

kern_return_t
S_task_resume(task_t task)
{
	return task == NULL ? KERN_INVALID_ARGUMENT : task_resume(task);
}

kern_return_t
S_task_threads(
    task_t task, thread_array_t *listp, mach_msg_type_number_t *countp)
{
	struct thread **threads;
	struct ipc_port **ports;
	unsigned room = 4;
	unsigned count;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	for (;;) {
		threads = kmem_alloc(room * sizeof(*threads));
		if (threads == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		kr = task_threads_get(task, threads, room, &count);
		if (kr != KERN_SUCCESS || count <= room) {
			break;
		}
		kmem_free(threads, room * sizeof(*threads));
		room = count + 2;
	}

	ports = NULL;
	if (kr == KERN_SUCCESS && count > 0) {
		ports = kmem_alloc(count * sizeof(*ports));
		if (ports == NULL) {
			kr = KERN_RESOURCE_SHORTAGE;
			for (unsigned i = 0; i < count; i++) {
				thread_unref(threads[i]);
			}
		}
	}
	if (kr == KERN_SUCCESS) {
		for (unsigned i = 0; i < count; i++) {
			ports[i] = convert_thread_to_port(threads[i]);
		}
		*listp = ports;
		*countp = count;
	}
	kmem_free(threads, room * sizeof(*threads));
	return kr;
}

static kern_return_t
task_info_basic(struct task *task, struct task_basic_info *info)
{
	uint64_t user;
	uint64_t system;
	struct vm_map *map = task->map;

	task_times(task, &user, &system);
	info->user_time = info_time_from_ticks(user);
	info->system_time = info_time_from_ticks(system);
	info->creation_time = info_time_of_tick(task->created);
	info->suspend_count = task->user_stop_count;
	info->base_priority = task->priority;
	info->virtual_size = map != NULL ? map->size : 0;
	info->resident_size = map != NULL ? vm_map_resident_size(map) : 0;
	return KERN_SUCCESS;
}

static kern_return_t
task_info_events(struct task *task, struct task_events_info *info)
{
	info->faults = task->events.faults;
	info->zero_fills = task->events.zero_fills;
	info->reactivations = task->events.reactivations;
	info->pageins = task->events.pageins;
	info->cow_faults = task->events.cow_faults;
	info->messages_sent = task->events.messages_sent;
	info->messages_received = task->events.messages_received;
	return KERN_SUCCESS;
}

static kern_return_t
task_info_thread_times(struct task *task, struct task_thread_times_info *info)
{
	uint64_t user;
	uint64_t system;

	task_thread_times(task, &user, &system);
	info->user_time = info_time_from_ticks(user);
	info->system_time = info_time_from_ticks(system);
	return KERN_SUCCESS;
}

kern_return_t
S_task_info(
    task_t task, int flavor, task_info_t info, mach_msg_type_number_t *countp)
{
	mach_msg_type_number_t room = *countp;

	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	switch (flavor) {
	case TASK_BASIC_INFO:
		*countp = TASK_BASIC_INFO_COUNT;
		return room < *countp ? KERN_INVALID_ARGUMENT
				      : task_info_basic(task, (void *)info);
	case TASK_EVENTS_INFO:
		*countp = TASK_EVENTS_INFO_COUNT;
		return room < *countp ? KERN_INVALID_ARGUMENT
				      : task_info_events(task, (void *)info);
	case TASK_THREAD_TIMES_INFO:
		*countp = TASK_THREAD_TIMES_INFO_COUNT;
		return room < *countp
			   ? KERN_INVALID_ARGUMENT
			   : task_info_thread_times(task, (void *)info);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

/* The kernel's name for WHICH; false if a task has no such port. */
static bool
task_special_port(int which, enum ipc_special_port *specialp)
{
	switch (which) {
	case TASK_KERNEL_PORT:
		*specialp = IPC_SPECIAL_SELF;
		return true;
	case TASK_EXCEPTION_PORT:
		*specialp = IPC_SPECIAL_EXCEPTION;
		return true;
	case TASK_BOOTSTRAP_PORT:
		*specialp = IPC_SPECIAL_BOOTSTRAP;
		return true;
	default:
		return false;
	}
}

kern_return_t
S_task_get_special_port(task_t task, int which, ipc_port_t *portp)
{
	enum ipc_special_port special;

	if (task == NULL || !task_special_port(which, &special)) {
		return KERN_INVALID_ARGUMENT;
	}
	return ipc_task_get_special_port(task, special, portp);
}

kern_return_t
S_task_set_special_port(task_t task, int which, ipc_port_t port)
{
	enum ipc_special_port special;

	if (task == NULL || !task_special_port(which, &special)) {
		return KERN_INVALID_ARGUMENT;
	}
	return ipc_task_set_special_port(task, special, port);
}

kern_return_t
S_mach_ports_register(
    task_t task, mach_port_array_t array, mach_msg_type_number_t count)
{
	struct ipc_port **ports = (void *)array;
	kern_return_t kr;

	if (task == NULL || count > TASK_PORT_REGISTER_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = ipc_task_register_ports(task, ports, count);
	if (kr == KERN_SUCCESS) {
		kmem_free(ports, count * sizeof(*ports));
	}
	return kr;
}

kern_return_t
S_mach_ports_lookup(
    task_t task, mach_port_array_t *arrayp, mach_msg_type_number_t *countp)
{
	struct ipc_port **ports;
	kern_return_t kr;

	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	ports = kmem_alloc(TASK_PORT_REGISTER_MAX * sizeof(*ports));
	if (ports == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = ipc_task_lookup_ports(task, ports);
	if (kr != KERN_SUCCESS) {
		kmem_free(ports, TASK_PORT_REGISTER_MAX * sizeof(*ports));
		return kr;
	}
	*arrayp = (void *)ports;
	*countp = TASK_PORT_REGISTER_MAX;
	return KERN_SUCCESS;
}

kern_return_t
S_task_set_emulation(task_t task, vm_address_t entry, int number)
{
	if (task == NULL) {
		return SYSCALL_EMULATION_BAD_TASK;
	}
	return syscall_emulation_set(task, number, entry);
}

/* A range of trap numbers at a time, so that no large buffer is needed. */
#define TASK_EMULATION_CHUNK	32u

kern_return_t
S_task_set_emulation_vector(task_t task, int start, emulation_vector_t vector,
    mach_msg_type_number_t count)
{
	struct vm_copy *copy = (void *)vector;
	vm_offset_t entries[TASK_EMULATION_CHUNK];
	kern_return_t kr = KERN_SUCCESS;

	if (task == NULL) {
		return SYSCALL_EMULATION_BAD_TASK;
	}
	if (start < SYSCALL_EMULATION_FIRST || start > SYSCALL_EMULATION_LAST ||
	    count > (unsigned)(SYSCALL_EMULATION_LAST - start + 1) ||
	    vm_copy_size(copy) != count * sizeof(entries[0])) {
		return KERN_INVALID_ARGUMENT;
	}
	for (unsigned i = 0; i < count && kr == KERN_SUCCESS;
	     i += TASK_EMULATION_CHUNK) {
		unsigned n = count - i < TASK_EMULATION_CHUNK
				 ? count - i
				 : TASK_EMULATION_CHUNK;

		kr = vm_copy_read(copy, i * sizeof(entries[0]), entries,
		    n * sizeof(entries[0]));
		for (unsigned j = 0; j < n && kr == KERN_SUCCESS; j++) {
			kr = syscall_emulation_set(
			    task, start + (int)(i + j), entries[j]);
		}
	}
	if (kr == KERN_SUCCESS) {
		vm_copy_discard(copy);
	}
	return kr;
}

kern_return_t
S_task_get_emulation_vector(task_t task, int *startp,
    emulation_vector_t *vectorp, mach_msg_type_number_t *countp)
{
	struct task_emulation *emulation;
	struct vm_copy *copy;
	unsigned first = 0;
	unsigned end = SYSCALL_EMULATION_COUNT;
	kern_return_t kr;

	if (task == NULL) {
		return SYSCALL_EMULATION_BAD_TASK;
	}
	emulation = task->emulation;
	if (emulation == NULL) {
		*startp = 0;
		*vectorp = NULL;
		*countp = 0;
		return KERN_SUCCESS;
	}
	while (first < end && emulation->entry[first] == 0) {
		first++;
	}
	while (end > first && emulation->entry[end - 1] == 0) {
		end--;
	}
	kr = vm_copy_from_kernel(&emulation->entry[first],
	    (end - first) * sizeof(emulation->entry[0]), &copy);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*startp = SYSCALL_EMULATION_FIRST + (int)first;
	*vectorp = (void *)copy;
	*countp = end - first;
	return KERN_SUCCESS;
}

/* Restartable sequences are for processors without atomic instructions. */
kern_return_t
S_task_ras_control(
    task_t task, vm_address_t base, vm_address_t bounds, int flavor)
{
	return KERN_FAILURE;
}

kern_return_t
S_task_assign(task_t task, processor_set_t pset, boolean_t with_threads)
{
	if (task == NULL || pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return task_assign_pset(task, pset, with_threads != FALSE);
}

kern_return_t
S_task_assign_default(task_t task, boolean_t with_threads)
{
	return S_task_assign(task, &processor_set_default, with_threads);
}

kern_return_t
S_task_get_assignment(task_t task, processor_set_t *psetp)
{
	kern_return_t kr = KERN_FAILURE;

	if (task == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&task->lock);
	if (task->active) {
		processor_set_ref(task->pset);
		*psetp = task->pset;
		kr = KERN_SUCCESS;
	}
	mutex_unlock(&task->lock);
	return kr;
}

kern_return_t
S_task_priority(task_t task, int priority, boolean_t change_threads)
{
	if (task == NULL || priority < 0 || priority >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	return task_set_priority(task, priority, change_threads != FALSE);
}
