/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Traps in the place of calls.  Each turns its names into what a message would
 * have carried and calls the same S_ routine.
 */

#include <kernel/rpc_trap.h>

#include <mach/thread_status.h>

#include <machine/copyio.h>
#include <machine/pcb.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/thread.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_right.h>

#include <mach_port_server.h>
#include <mach_server.h>

/* A send right of the current task; null if NAME is none. */
static struct ipc_port *
rpc_trap_port(mach_port_name_t name)
{
	struct ipc_port *port;

	if (ipc_right_copyin(current_space(), name, MACH_MSG_TYPE_COPY_SEND,
		&port) != KERN_SUCCESS) {
		return IP_NULL;
	}
	return port;
}

/* What the task is that NAME stands for; most tasks name themselves. */
static struct task *
rpc_trap_task(mach_port_name_t name)
{
	struct ipc_port *port;
	struct task *task;

	if (ipc_task_is_self(name)) {
		task_ref(current_task());
		return current_task();
	}
	port = rpc_trap_port(name);
	task = convert_port_to_task(port);
	ipc_port_release_send(port);
	return task;
}

static struct vm_map *
rpc_trap_map(mach_port_name_t name)
{
	struct ipc_port *port;
	struct vm_map *map;

	if (ipc_task_is_self(name)) {
		vm_map_ref(current_map());
		return current_map();
	}
	port = rpc_trap_port(name);
	map = convert_port_to_map(port);
	ipc_port_release_send(port);
	return map;
}

static struct ipc_space *
rpc_trap_space(mach_port_name_t name)
{
	struct ipc_port *port;
	struct ipc_space *space;

	if (ipc_task_is_self(name)) {
		ipc_space_ref(current_space());
		return current_space();
	}
	port = rpc_trap_port(name);
	space = convert_port_to_space(port);
	ipc_port_release_send(port);
	return space;
}

/*
 * Can the word at ADDR be read and written?  A result that has nowhere to go
 * is better known before there is one.
 */
static kern_return_t
rpc_trap_probe(user_addr_t addr, uint32_t *word)
{
	kern_return_t kr = copyin(addr, word, sizeof(*word));

	return kr == KERN_SUCCESS ? copyout(word, addr, sizeof(*word)) : kr;
}

TRAP_FUNCTION kern_return_t
sys_vm_map(mach_port_name_t target, user_addr_t addressp, vm_size_t size,
    vm_offset_t mask, boolean_t anywhere, mach_port_name_t memory_object,
    vm_offset_t offset, boolean_t copy, vm_prot_t prot, vm_prot_t max_prot,
    vm_inherit_t inheritance)
{
	struct vm_map *map = rpc_trap_map(target);
	struct ipc_port *port = IP_NULL;
	vm_offset_t address;
	kern_return_t kr;

	if (map == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = rpc_trap_probe(addressp, &address);
	if (kr == KERN_SUCCESS && MACH_PORT_VALID(memory_object)) {
		kr = ipc_right_copyin(current_space(), memory_object,
		    MACH_MSG_TYPE_COPY_SEND, &port);
	} else if (memory_object == MACH_PORT_DEAD) {
		port = IP_DEAD;
	}
	if (kr == KERN_SUCCESS) {
		kr = S_vm_map(map, &address, size, mask, anywhere, port, offset,
		    copy, prot, max_prot, inheritance);
		if (kr != KERN_SUCCESS) {
			ipc_port_release_send(port);
		}
	}
	if (kr == KERN_SUCCESS) {
		copyout(&address, addressp, sizeof(address));
	}
	vm_map_deallocate(map);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_vm_allocate(mach_port_name_t target, user_addr_t addressp, vm_size_t size,
    boolean_t anywhere)
{
	struct vm_map *map = rpc_trap_map(target);
	vm_offset_t address;
	kern_return_t kr;

	if (map == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = rpc_trap_probe(addressp, &address);
	if (kr == KERN_SUCCESS) {
		kr = S_vm_allocate(map, &address, size, anywhere);
	}
	if (kr == KERN_SUCCESS) {
		copyout(&address, addressp, sizeof(address));
	}
	vm_map_deallocate(map);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_vm_deallocate(mach_port_name_t target, vm_offset_t address, vm_size_t size)
{
	struct vm_map *map;
	kern_return_t kr;

	if (ipc_task_is_self(target)) {
		return S_vm_deallocate(current_map(), address, size);
	}
	map = rpc_trap_map(target);
	if (map == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = S_vm_deallocate(map, address, size);
	vm_map_deallocate(map);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_task_create(mach_port_name_t parent, boolean_t inherit, user_addr_t childp)
{
	struct task *task = rpc_trap_task(parent);
	struct ipc_port *port;
	struct task *child;
	mach_port_name_t name;
	kern_return_t kr;

	if (task == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = rpc_trap_probe(childp, &name);
	if (kr == KERN_SUCCESS) {
		kr = S_task_create(task, inherit, &child);
	}
	task_deallocate(task);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	port = convert_task_to_port(child);
	kr = ipc_right_copyout(
	    current_space(), port, MACH_MSG_TYPE_PORT_SEND, &name);
	if (kr != KERN_SUCCESS) {
		ipc_port_release_send(port);
		return kr;
	}
	copyout(&name, childp, sizeof(name));
	return KERN_SUCCESS;
}

TRAP_FUNCTION kern_return_t
sys_task_terminate(mach_port_name_t name)
{
	struct task *task = rpc_trap_task(name);
	kern_return_t kr;

	if (task == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = S_task_terminate(task);
	task_deallocate(task);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_task_suspend(mach_port_name_t name)
{
	struct task *task = rpc_trap_task(name);
	kern_return_t kr;

	if (task == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = S_task_suspend(task);
	task_deallocate(task);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_task_set_special_port(
    mach_port_name_t name, int which, mach_port_name_t port_name)
{
	struct task *task = rpc_trap_task(name);
	struct ipc_port *port = IP_NULL;
	kern_return_t kr = KERN_SUCCESS;

	if (task == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	if (MACH_PORT_VALID(port_name)) {
		kr = ipc_right_copyin(
		    current_space(), port_name, MACH_MSG_TYPE_COPY_SEND, &port);
	} else if (port_name == MACH_PORT_DEAD) {
		port = IP_DEAD;
	}
	if (kr == KERN_SUCCESS) {
		kr = S_task_set_special_port(task, which, port);
		if (kr != KERN_SUCCESS) {
			ipc_port_release_send(port);
		}
	}
	task_deallocate(task);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_mach_port_allocate(
    mach_port_name_t task, mach_port_right_t right, user_addr_t namep)
{
	struct ipc_space *space = rpc_trap_space(task);
	mach_port_name_t name;
	kern_return_t kr;

	if (space == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = rpc_trap_probe(namep, &name);
	if (kr == KERN_SUCCESS) {
		kr = S_mach_port_allocate(space, right, &name);
	}
	space_deallocate(space);
	if (kr == KERN_SUCCESS) {
		copyout(&name, namep, sizeof(name));
	}
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_mach_port_deallocate(mach_port_name_t task, mach_port_name_t name)
{
	struct ipc_space *space = rpc_trap_space(task);
	kern_return_t kr;

	if (space == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = S_mach_port_deallocate(space, name);
	space_deallocate(space);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_mach_port_insert_right(mach_port_name_t task, mach_port_name_t name,
    mach_port_name_t right, mach_msg_type_name_t disposition)
{
	struct ipc_space *space = rpc_trap_space(task);
	struct ipc_port *port;
	mach_msg_type_name_t type;
	kern_return_t kr;

	if (space == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	if (!MACH_MSG_TYPE_PORT_ANY(disposition)) {
		kr = KERN_INVALID_VALUE;
	} else {
		kr = ipc_right_copyin(
		    current_space(), right, disposition, &port);
	}
	if (kr == KERN_SUCCESS) {
		type = ipc_copyin_type(disposition);
		kr = S_mach_port_insert_right(space, name, port, type);
		if (kr != KERN_SUCCESS && ip_valid(port)) {
			ipc_port_release(port, type);
		}
	}
	space_deallocate(space);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_mach_port_allocate_name(
    mach_port_name_t task, mach_port_right_t right, mach_port_name_t name)
{
	struct ipc_space *space = rpc_trap_space(task);
	kern_return_t kr;

	if (space == NULL) {
		return MACH_SEND_INTERRUPTED;
	}
	kr = S_mach_port_allocate_name(space, right, name);
	space_deallocate(space);
	return kr;
}

TRAP_FUNCTION kern_return_t
sys_thread_set_self_state(
    int flavor, user_addr_t user_state, mach_msg_type_number_t count)
{
	natural_t *state;
	kern_return_t kr;

	if (count > THREAD_STATE_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	state = kmem_zalloc((count + 1) * sizeof(*state));
	if (state == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = copyin(user_state, state, count * sizeof(*state));
	if (kr == KERN_SUCCESS) {
		kr = pcb_set_state(current_thread(), flavor, state, count);
	}
	kmem_free(state, (count + 1) * sizeof(*state));

	if (kr == KERN_SUCCESS &&
	    (flavor == i386_THREAD_STATE || flavor == i386_REGS_SEGS_STATE)) {
		pcb_return_to_user();
	}
	return kr;
}
