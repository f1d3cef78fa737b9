/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The trap table, and traps that tasks handle themselves.
 */

#include <kernel/syscall.h>

#include <machine/atomic.h>

#include <kernel/debug_trap.h>
#include <kernel/kmem.h>
#include <kernel/rpc_trap.h>
#include <kernel/task.h>
#include <kernel/thread_trap.h>

#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

static kern_return_t
syscall_invalid(void)
{
	return KERN_INVALID_ARGUMENT;
}

/* Does not compile with more arguments than assembler code can copy. */
#define SYSCALL(number, function, count)				\
	[-(number)] = { (void (*)(void))(function),			\
	    (count) * sizeof(char[(count) <= SYSCALL_ARGS_MAX ? 1 : -1]) }

#define SYSCALL_NONE	{ (void (*)(void))syscall_invalid, 0 }

const struct syscall_entry syscall_table[] = {
	[0 ... 16] = SYSCALL_NONE,
	[19 ... 24] = SYSCALL_NONE,
	[31 ... 58] = SYSCALL_NONE,
	[62 ... 63] = SYSCALL_NONE,
	[67] = SYSCALL_NONE,
	[78 ... 127] = SYSCALL_NONE,

	/* Events of drivers in the kernel; there are none. */
	SYSCALL(-17, syscall_invalid, 1),
	SYSCALL(-18, syscall_invalid, 1),

	SYSCALL(-25, sys_mach_msg, 7),
	SYSCALL(-26, sys_mach_reply_port, 0),
	SYSCALL(-27, sys_mach_thread_self, 0),
	SYSCALL(-28, sys_mach_task_self, 0),
	SYSCALL(-29, sys_mach_host_self, 0),
	SYSCALL(-30, sys_mach_print, 1),

	SYSCALL(-59, sys_swtch_pri, 1),
	SYSCALL(-60, sys_swtch, 0),
	SYSCALL(-61, sys_thread_switch, 3),

	SYSCALL(-64, sys_vm_map, 11),
	SYSCALL(-65, sys_vm_allocate, 4),
	SYSCALL(-66, sys_vm_deallocate, 3),
	SYSCALL(-68, sys_task_create, 3),
	SYSCALL(-69, sys_task_terminate, 1),
	SYSCALL(-70, sys_task_suspend, 1),
	SYSCALL(-71, sys_task_set_special_port, 3),
	SYSCALL(-72, sys_mach_port_allocate, 3),
	SYSCALL(-73, sys_mach_port_deallocate, 2),
	SYSCALL(-74, sys_mach_port_insert_right, 4),
	SYSCALL(-75, sys_mach_port_allocate_name, 3),
	SYSCALL(-76, sys_thread_depress_abort, 1),
	SYSCALL(-77, sys_thread_set_self_state, 3),
};

const uint32_t syscall_count =
    sizeof(syscall_table) / sizeof(syscall_table[0]);

_Static_assert(sizeof(struct syscall_entry) == 8, "assembler code knows this");

user_addr_t
syscall_emulation_lookup(struct task *task, int number)
{
	struct task_emulation *emulation;

	emulation = __atomic_load_n(&task->emulation, __ATOMIC_ACQUIRE);
	if (emulation == NULL || number < SYSCALL_EMULATION_FIRST ||
	    number > SYSCALL_EMULATION_LAST) {
		return 0;
	}
	return __atomic_load_n(
	    &emulation->entry[number - SYSCALL_EMULATION_FIRST],
	    __ATOMIC_RELAXED);
}

/*
 * The table of TASK, made if need be; NULL when memory is short.  Whoever
 * comes second with a new table throws his away.
 */
static struct task_emulation *
syscall_emulation_get(struct task *task)
{
	struct task_emulation *emulation;
	struct task_emulation *seen = NULL;

	emulation = __atomic_load_n(&task->emulation, __ATOMIC_ACQUIRE);
	if (emulation != NULL) {
		return emulation;
	}
	emulation = kmem_zalloc(sizeof(*emulation));
	if (emulation == NULL) {
		return NULL;
	}
	if (!__atomic_compare_exchange_n(&task->emulation, &seen, emulation,
	    false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		kmem_free(emulation, sizeof(*emulation));
		return seen;
	}
	return emulation;
}

kern_return_t
syscall_emulation_set(struct task *task, int number, user_addr_t entry)
{
	struct task_emulation *emulation;

	if (number < SYSCALL_EMULATION_FIRST ||
	    number > SYSCALL_EMULATION_LAST || entry >= MACHINE_USER_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	emulation = syscall_emulation_get(task);
	if (emulation == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	__atomic_store_n(&emulation->entry[number - SYSCALL_EMULATION_FIRST],
	    entry, __ATOMIC_RELAXED);
	return KERN_SUCCESS;
}

kern_return_t
syscall_emulation_inherit(struct task *child, struct task *parent)
{
	struct task_emulation *from;
	struct task_emulation *to;

	from = __atomic_load_n(&parent->emulation, __ATOMIC_ACQUIRE);
	if (from == NULL) {
		return KERN_SUCCESS;
	}
	to = syscall_emulation_get(child);
	if (to == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < SYSCALL_EMULATION_COUNT; i++) {
		to->entry[i] = __atomic_load_n(&from->entry[i],
		    __ATOMIC_RELAXED);
	}
	return KERN_SUCCESS;
}

void
syscall_emulation_free(struct task *task)
{
	kmem_free(task->emulation, sizeof(*task->emulation));
	task->emulation = NULL;
}
