/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A look at what the kernel keeps: stacks, caches, ports; that at memory
 * objects is in vm/vm_rpc.c.
 */

#include <machine/types.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/task_symbols.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>

#include <vm/vm_copy.h>

#include <mach_debug_server.h>

/* A request that MIG could hold in its reply gets at least so many items. */
#define HOST_SLAB_ROOM_MAX	256u

kern_return_t
S_host_stack_usage(host_t host, vm_size_t *reserved, unsigned *total,
    vm_size_t *space, vm_size_t *resident, vm_size_t *maxusage,
    vm_offset_t *maxstack)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	*reserved = 0;
	*total = stack_count();
	*space = *total * KERNEL_STACK_SIZE;
	*resident = *space;
	*maxusage = 0;
	*maxstack = 0;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_stack_usage(processor_set_t pset, unsigned *total,
    vm_size_t *space, vm_size_t *resident, vm_size_t *maxusage,
    vm_offset_t *maxstack)
{
	if (pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&pset->lock);
	*total = pset->thread_count;
	mutex_unlock(&pset->lock);
	*space = *total * KERNEL_STACK_SIZE;
	*resident = *space;
	*maxusage = 0;
	*maxstack = 0;
	return KERN_SUCCESS;
}

/* There is no such hash table here. */
kern_return_t
S_host_virtual_physical_table_info(host_t host, hash_info_bucket_array_t *infop,
    mach_msg_type_number_t *countp)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	*countp = 0;
	return KERN_SUCCESS;
}

kern_return_t
S_host_ipc_marequest_info(host_t host, unsigned *max,
    hash_info_bucket_array_t *infop, mach_msg_type_number_t *countp)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	*max = 0;
	*countp = 0;
	return KERN_SUCCESS;
}

kern_return_t
S_host_load_symbol_table(host_t host, task_t task, const_symtab_name_t name,
    vm_offset_t symtab, mach_msg_type_number_t count)
{
	struct vm_copy *copy = (struct vm_copy *)symtab;
	void *data;
	kern_return_t kr;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (task == NULL || task == kernel_task) {
		return KERN_INVALID_TASK;
	}
	if (count == 0) {
		task_symbols_drop(task);
		return KERN_SUCCESS;
	}
	if (count > KMEM_ALLOC_MAX) {
		return KERN_NO_SPACE;
	}
	data = kmem_alloc(count);
	if (data == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = vm_copy_read(copy, 0, data, count);
	if (kr == KERN_SUCCESS) {
		kr = task_symbols_set(task, data, count, 0);
	}
	kmem_free(data, count);
	if (kr == KERN_SUCCESS) {
		vm_copy_discard(copy);
	}
	return kr;
}

kern_return_t
S_host_load_symbol_table_old(host_t host, task_t task, const_symtab_name_t name,
    vm_offset_t symtab, mach_msg_type_number_t count)
{
	return S_host_load_symbol_table(host, task, name, symtab, count);
}

/* Fill INFO with at most ROOM caches; returns how many there are. */
static unsigned
host_slab_fill(cache_info_t *info, unsigned room)
{
	struct kmem_stats stats;
	unsigned n = 0;

	while (kmem_stats_get(n, &stats)) {
		if (n < room) {
			memset(&info[n], 0, sizeof(info[n]));
			info[n].obj_size = stats.size;
			info[n].buf_size = stats.stride;
			info[n].slab_size = stats.slab_size;
			info[n].nr_objs = stats.used;
			info[n].nr_bufs = stats.total;
			info[n].nr_slabs = stats.slabs;
			info[n].bufs_per_slab = stats.slabs != 0
						    ? stats.total / stats.slabs
						    : 0;
			strlcpy(info[n].name, stats.name, sizeof(info[n].name));
		}
		n++;
	}
	return n;
}

kern_return_t
S_host_slab_info(
    host_t host, cache_info_array_t *infop, mach_msg_type_number_t *countp)
{
	size_t size = HOST_SLAB_ROOM_MAX * sizeof(cache_info_t);
	struct vm_copy *copy;
	cache_info_t *info;
	unsigned n;
	kern_return_t kr;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	n = host_slab_fill(*infop, *countp);
	if (n <= *countp) {
		*countp = n;
		return KERN_SUCCESS;
	}

	info = kmem_alloc(size);
	if (info == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	n = host_slab_fill(info, HOST_SLAB_ROOM_MAX);
	if (n > HOST_SLAB_ROOM_MAX) {
		n = HOST_SLAB_ROOM_MAX;
	}
	kr = vm_copy_from_kernel(info, n * sizeof(*info), &copy);
	kmem_free(info, size);
	if (kr == KERN_SUCCESS) {
		*infop = (void *)copy;
		*countp = n;
	}
	return kr;
}

kern_return_t
S_mach_port_get_srights(
    ipc_space_t space, mach_port_name_t name, mach_port_rights_t *srightsp)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (space == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_receive_lock(space, name, &port);
	if (kr == KERN_SUCCESS) {
		*srightsp = port->srights;
		ipc_port_unlock(port);
	}
	return kr;
}

kern_return_t
S_mach_port_dnrequest_info(
    ipc_space_t space, mach_port_name_t name, unsigned *totalp, unsigned *usedp)
{
	struct ipc_port *port;
	kern_return_t kr;

	if (space == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = ipc_right_receive_lock(space, name, &port);
	if (kr == KERN_SUCCESS) {
		*usedp = ipc_port_count_requests(port);
		*totalp = *usedp;
		ipc_port_unlock(port);
	}
	return kr;
}

/* The interface's numbers for kinds of objects. */
static const unsigned char mach_port_kinds[IKOT_KIND_COUNT] = {
	[IKOT_THREAD] = 1,
	[IKOT_TASK] = 2,
	[IKOT_HOST] = 3,
	[IKOT_HOST_PRIV] = 4,
	[IKOT_PROCESSOR] = 5,
	[IKOT_PSET] = 6,
	[IKOT_PSET_NAME] = 7,
	[IKOT_PAGER] = 8,
	[IKOT_PAGING_REQUEST] = 9,
	[IKOT_DEVICE] = 10,
	[IKOT_PAGING_NAME] = 12,
	[IKOT_MASTER_DEVICE] = 14,
	[IKOT_CLOCK] = 17,
	[IKOT_IO_PERM] = 26,
};

kern_return_t
S_mach_port_kernel_object(ipc_space_t space, mach_port_name_t name,
    unsigned *typep, vm_offset_t *addrp)
{
	struct ipc_entry *entry;
	kern_return_t kr = KERN_SUCCESS;

	if (space == NULL) {
		return KERN_INVALID_TASK;
	}
	ipc_space_lock(space);
	entry = space->active ? ipc_space_lookup(space, name) : NULL;
	if (!space->active) {
		kr = KERN_INVALID_TASK;
	} else if (entry == NULL) {
		kr = KERN_INVALID_NAME;
	} else if (!(ipc_right_check(space, name, entry) &
		       MACH_PORT_TYPE_PORT_RIGHTS)) {
		kr = KERN_INVALID_RIGHT;
	} else {
		ipc_port_lock(entry->port);
		if (entry->port->kobject_kind == IKOT_NONE) {
			*typep = entry->port->mark;
			*addrp = 0;
		} else {
			*typep = mach_port_kinds[entry->port->kobject_kind];
			*addrp = (vm_offset_t)entry->port->kobject;
		}
		ipc_port_unlock(entry->port);
	}
	ipc_space_unlock(space);
	return kr;
}
