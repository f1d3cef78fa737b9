/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Looks at the kernel's own memory: stacks, caches; those at ports and at
 * memory objects are in ipc/mach_port_rpc.c and vm/vm_rpc.c.
 */

#include <machine/types.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/stack.h>

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
S_host_virtual_physical_table_info(host_t host,
    hash_info_bucket_array_t *infop, mach_msg_type_number_t *countp)
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
	/*
	 * TODO: hand the table to the debugger, which knows only the kernel's
	 * symbols until then.
	 */
	return host == NULL ? KERN_INVALID_HOST : KERN_FAILURE;
}

kern_return_t
S_host_load_symbol_table_old(host_t host, task_t task,
    const_symtab_name_t name, vm_offset_t symtab, mach_msg_type_number_t count)
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
			info[n].buf_size = stats.size;
			info[n].slab_size = stats.slab_size;
			info[n].nr_objs = stats.used;
			info[n].nr_bufs = stats.total;
			info[n].nr_slabs = stats.slabs;
			info[n].bufs_per_slab = stats.slabs != 0 ?
			    stats.total / stats.slabs : 0;
			strlcpy(info[n].name, stats.name,
			    sizeof(info[n].name));
		}
		n++;
	}
	return n;
}

kern_return_t
S_host_slab_info(host_t host, cache_info_array_t *infop,
    mach_msg_type_number_t *countp)
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
