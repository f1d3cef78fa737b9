/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Traps that do what a call on a kernel object does, without a message: for
 * the calls that a program makes most.  Names and addresses are the current
 * task's.  A name that is not a right to an object of the kernel gives
 * MACH_SEND_INTERRUPTED: the caller then sends the message, which somebody
 * else may be there to receive.
 */

#ifndef KERNEL_RPC_TRAP_H
#define KERNEL_RPC_TRAP_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <machine/trap.h>
#include <machine/types.h>

TRAP_FUNCTION kern_return_t
sys_vm_map(mach_port_name_t target, user_addr_t addressp,
    vm_size_t size, vm_offset_t mask, boolean_t anywhere,
    mach_port_name_t memory_object, vm_offset_t offset, boolean_t copy,
    vm_prot_t prot, vm_prot_t max_prot, vm_inherit_t inheritance);
TRAP_FUNCTION kern_return_t
sys_vm_allocate(mach_port_name_t target, user_addr_t addressp,
    vm_size_t size, boolean_t anywhere);
TRAP_FUNCTION kern_return_t
sys_vm_deallocate(mach_port_name_t target, vm_offset_t address,
    vm_size_t size);

TRAP_FUNCTION kern_return_t
sys_task_create(mach_port_name_t parent, boolean_t inherit,
    user_addr_t childp);
TRAP_FUNCTION kern_return_t
sys_task_terminate(mach_port_name_t task);
TRAP_FUNCTION kern_return_t
sys_task_suspend(mach_port_name_t task);
TRAP_FUNCTION kern_return_t
sys_task_set_special_port(mach_port_name_t task, int which,
    mach_port_name_t port);

TRAP_FUNCTION kern_return_t
sys_mach_port_allocate(mach_port_name_t task,
    mach_port_right_t right, user_addr_t namep);
TRAP_FUNCTION kern_return_t
sys_mach_port_deallocate(mach_port_name_t task,
    mach_port_name_t name);
TRAP_FUNCTION kern_return_t
sys_mach_port_insert_right(mach_port_name_t task,
    mach_port_name_t name, mach_port_name_t right,
    mach_msg_type_name_t disposition);
TRAP_FUNCTION kern_return_t
sys_mach_port_allocate_name(mach_port_name_t task,
    mach_port_right_t right, mach_port_name_t name);

/*
 * As thread_set_state on the current thread.  After a change of the general
 * registers the trap does not return to its caller but to the new state, all
 * of it.
 */
TRAP_FUNCTION kern_return_t
sys_thread_set_self_state(int flavor, user_addr_t state,
    mach_msg_type_number_t count);

#endif /* KERNEL_RPC_TRAP_H */
