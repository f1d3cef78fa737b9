/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Memory that programs map.
 */
#include <servers/unix/unix_memory.h>

#include <servers/lib/mach.h>
#include <servers/unix/unix_remote.h>

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
