/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Memory that programs map.
 */
#include <servers/unix/unix_memory.h>

#include <servers/lib/mach.h>
#include <servers/unix/unix_remote.h>
#include <servers/unix/unix_task.h>

#include <mig/mach4_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

/* The file behind a mapping called NAME, which is consumed. */
static int32_t
memory_sync_name(mach_port_t name, bool write)
{
	int32_t error = 0;

	if (name == MACH_PORT_NULL) {
		return 0;
	}
	if (write && remote_control != MACH_PORT_NULL) {
		error = remote_sync_mapped(name);
	}
	mach_port_deallocate(mach_task_self(), name);
	/* Memory that is no file's has nowhere to go. */
	return error == -L_ESRCH ? 0 : error;
}

int32_t
memory_sync(struct process *p, uint32_t address, uint32_t size, bool write)
{
	vm_address_t at = address;
	vm_address_t end = at + size;
	int32_t result = 0;

	while (at < end) {
		vm_address_t start = at;
		vm_size_t length;
		vm_prot_t prot;
		vm_prot_t max;
		vm_inherit_t inherit;
		boolean_t shared;
		mach_port_t name;
		vm_offset_t offset;
		int32_t error;

		if (vm_region(p->task, &start, &length, &prot, &max, &inherit,
		    &shared, &name, &offset) != KERN_SUCCESS) {
			return -L_ENOMEM;
		}
		if (start > at) {
			result = -L_ENOMEM;
		}
		error = memory_sync_name(name, write && start < end &&
		    inherit == VM_INHERIT_SHARE);
		if (error != 0) {
			return error;
		}
		at = start + length;
	}
	return result;
}

static bool
memory_is_shared(mach_port_t task, uint32_t address)
{
	vm_region_info_t region;

	return task_region(task, address, &region) &&
	    region.vri_inheritance == VM_INHERIT_SHARE &&
	    (region.vri_protection & VM_PROT_WRITE) != 0;
}

bool
memory_swap_word(uint32_t task, uint32_t address, uint32_t *old,
    uint32_t value)
{
	uint32_t size = (uint32_t)vm_page_size;
	uint32_t start = address & ~(size - 1);
	mach_port_t memory;
	char *window;

	if ((address & 3) != 0 || !memory_is_shared(task, address) ||
	    vm_region_create_proxy(task, start, VM_PROT_DEFAULT, size,
	    &memory) != KERN_SUCCESS) {
		return false;
	}
	window = memory_window(memory, size);
	memory_release(memory);
	if (window == NULL) {
		return false;
	}
	__atomic_compare_exchange_n((uint32_t *)(void *)(window +
	    (address - start)), old, value, false, __ATOMIC_SEQ_CST,
	    __ATOMIC_SEQ_CST);
	memory_window_drop(window, size);
	return true;
}

/*
 * The object comes from a region that then goes: with another protection and
 * inheritance than other memory here, so that it is no part of a larger one.
 */
uint32_t
memory_create(uint32_t size)
{
	vm_address_t address = 0;
	mach_port_t memory = MACH_PORT_NULL;

	if (vm_map(mach_task_self(), &address, size, 0, TRUE, MACH_PORT_NULL,
	    0, FALSE, VM_PROT_READ, VM_PROT_ALL, VM_INHERIT_NONE) !=
	    KERN_SUCCESS) {
		return MEMORY_NONE;
	}
	if (vm_region_create_proxy(mach_task_self(), address, VM_PROT_ALL,
	    size, &memory) != KERN_SUCCESS) {
		memory = MACH_PORT_NULL;
	}
	vm_deallocate(mach_task_self(), address, size);
	return memory;
}

void
memory_release(uint32_t memory)
{
	mach_port_deallocate(mach_task_self(), memory);
}

char *
memory_window(uint32_t memory, uint32_t size)
{
	vm_address_t address = 0;

	if (vm_map(mach_task_self(), &address, size, 0, TRUE, memory, 0,
	    FALSE, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE) !=
	    KERN_SUCCESS) {
		return NULL;
	}
	return (char *)address;
}

void
memory_window_drop(char *window, uint32_t size)
{
	vm_deallocate(mach_task_self(), (vm_address_t)window, size);
}

uint32_t
memory_right(uint32_t memory, uint32_t size, bool write)
{
	vm_prot_t prot = VM_PROT_READ | VM_PROT_EXECUTE;
	vm_offset_t zero = 0;
	vm_size_t length = size;
	mach_port_t object = memory;
	mach_port_t right;

	if (write) {
		prot |= VM_PROT_WRITE;
	}
	return memory_object_create_proxy(mach_task_self(), prot, &object,
	    MACH_MSG_TYPE_COPY_SEND, 1, &zero, 1, &zero, 1, &length, 1,
	    &right) == KERN_SUCCESS ? right : MEMORY_NONE;
}
