/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The memory calls of tasks: checks and conversions in front of vm_map and
 * vm_copy.
 */

#include <gnumach_server.h>
#include <mach_host_server.h>
#include <mach_server.h>

#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/memory_object_proxy.h>
#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

/* What a task may wire without the privileged host port. */
#define VM_RPC_WIRE_MAX		(64u * 1024)

/* The whole pages of [ADDRESS, ADDRESS + SIZE); false if that wraps. */
static bool
vm_rpc_range(vm_address_t address, vm_size_t size, vm_offset_t *startp,
    vm_offset_t *endp)
{
	vm_offset_t end = vm_page_round(address + size);

	if (address + size < address || end < address ||
	    (end == 0 && size > 0)) {
		return false;
	}
	*startp = vm_page_trunc(address);
	*endp = end;
	return true;
}

kern_return_t
S_vm_allocate(
    vm_map_t map, vm_address_t *address, vm_size_t size, boolean_t anywhere)
{
	uint64_t since = 0;
	kern_return_t kr;

	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	do {
		kr = vm_map_allocate(map, address, size, anywhere != FALSE);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

kern_return_t
S_vm_deallocate(vm_map_t map, vm_address_t address, vm_size_t size)
{
	uint64_t since = 0;
	vm_offset_t start;
	vm_offset_t end;
	kern_return_t kr;

	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (size == 0) {
		return KERN_SUCCESS;
	}
	if (!vm_rpc_range(address, size, &start, &end)) {
		return KERN_INVALID_ADDRESS;
	}
	do {
		kr = vm_map_remove(map, start, end);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

kern_return_t
S_vm_protect(vm_map_t map, vm_address_t address, vm_size_t size,
    boolean_t set_maximum, vm_prot_t prot)
{
	uint64_t since = 0;
	vm_offset_t start;
	vm_offset_t end;
	kern_return_t kr;

	if (map == NULL || (prot & ~VM_PROT_ALL) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (size == 0) {
		return KERN_SUCCESS;
	}
	if (!vm_rpc_range(address, size, &start, &end)) {
		return KERN_INVALID_ADDRESS;
	}
	do {
		kr = vm_map_protect(
		    map, start, end, prot, set_maximum != FALSE);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

kern_return_t
S_vm_inherit(vm_map_t map, vm_address_t address, vm_size_t size,
    vm_inherit_t inheritance)
{
	uint64_t since = 0;
	vm_offset_t start;
	vm_offset_t end;
	kern_return_t kr;

	if (map == NULL || inheritance < VM_INHERIT_SHARE ||
	    inheritance > VM_INHERIT_NONE) {
		return KERN_INVALID_ARGUMENT;
	}
	if (size == 0) {
		return KERN_SUCCESS;
	}
	if (!vm_rpc_range(address, size, &start, &end)) {
		return KERN_INVALID_ADDRESS;
	}
	do {
		kr = vm_map_inherit(map, start, end, inheritance);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

/* vm_copy_in() without DESTROY, waiting for memory. */
static kern_return_t
vm_rpc_copy_in(struct vm_map *map, vm_offset_t address, vm_size_t size,
    struct vm_copy **copyp)
{
	uint64_t since = 0;
	kern_return_t kr;

	do {
		kr = vm_copy_in(map, address, size, false, copyp);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

/* vm_copy_overwrite(), waiting for memory; what it has written stays. */
static kern_return_t
vm_rpc_copy_overwrite(struct vm_map *map, vm_offset_t address,
    struct vm_copy *copy)
{
	uint64_t since = 0;
	kern_return_t kr;

	do {
		kr = vm_copy_overwrite(map, address, copy);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

kern_return_t
S_vm_read(vm_map_t map, vm_address_t address, vm_size_t size, vm_offset_t *data,
    mach_msg_type_number_t *count)
{
	struct vm_copy *copy;
	kern_return_t kr;

	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = vm_rpc_copy_in(map, address, size, &copy);
	if (kr == KERN_SUCCESS) {
		*data = (vm_offset_t)copy;
		*count = size;
	}
	return kr;
}

kern_return_t
S_vm_write(vm_map_t map, vm_address_t address, vm_offset_t data,
    mach_msg_type_number_t count)
{
	struct vm_copy *copy = (struct vm_copy *)data;

	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (count > 0 && (!vm_page_aligned(address) ||
			     !vm_page_aligned(count) ||
			     vm_copy_page_offset(copy) != 0)) {
		return KERN_INVALID_ARGUMENT;
	}
	return vm_rpc_copy_overwrite(map, address, copy);
}

kern_return_t
S_vm_copy(vm_map_t map, vm_address_t source, vm_size_t size, vm_address_t dest)
{
	struct vm_copy *copy;
	kern_return_t kr;

	if (map == NULL || !vm_page_aligned(source) || !vm_page_aligned(dest) ||
	    !vm_page_aligned(size)) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = vm_rpc_copy_in(map, source, size, &copy);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_rpc_copy_overwrite(map, dest, copy);
	if (kr != KERN_SUCCESS) {
		vm_copy_discard(copy);
	}
	return kr;
}

/* Make what REQ shall map, from the memory object port PORT. */
static kern_return_t
vm_rpc_map_object(struct ipc_port *port, vm_offset_t offset, bool copy,
    struct vm_map_request *req)
{
	struct memory_object_window window;
	struct vm_object *object;
	kern_return_t kr;

	kr = memory_object_resolve(port, &window);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (offset > window.size || req->size > window.size - offset ||
	    window.start + offset < offset ||
	    window.start + offset + req->size < req->size) {
		vm_object_unref(window.object);
		return KERN_INVALID_ARGUMENT;
	}
	req->offset = window.start + offset;
	req->object = window.object;
	if (!copy) {
		/* Reading needs no more than the copy's reader may. */
		req->max_prot &= window.max_prot;
		if ((req->prot & ~window.max_prot) != 0) {
			vm_object_unref(window.object);
			return KERN_PROTECTION_FAILURE;
		}
		return KERN_SUCCESS;
	}
	kr = vm_map_copy_object(window.object, req->offset, req->size, &object,
	    &req->offset, &req->needs_copy);
	vm_object_unref(window.object);
	req->object = object;
	return kr;
}

kern_return_t
S_vm_map(vm_map_t map, vm_address_t *address, vm_size_t size, vm_address_t mask,
    boolean_t anywhere, ipc_port_t memory_object, vm_offset_t offset,
    boolean_t copy, vm_prot_t prot, vm_prot_t max_prot,
    vm_inherit_t inheritance)
{
	struct vm_map_request req = {
		.size = vm_page_round(size),
		.mask = mask,
		.anywhere = anywhere != FALSE,
		.prot = prot,
		.max_prot = max_prot,
		.inheritance = inheritance,
	};
	uint64_t since = 0;
	vm_offset_t addr;
	kern_return_t kr;

	if (map == NULL || (prot & ~VM_PROT_ALL) != 0 ||
	    (max_prot & ~VM_PROT_ALL) != 0 || inheritance < VM_INHERIT_SHARE ||
	    inheritance > VM_INHERIT_NONE || req.size == 0 ||
	    memory_object == IP_DEAD) {
		return KERN_INVALID_ARGUMENT;
	}
	if (memory_object != IP_NULL) {
		if (!vm_page_aligned(offset)) {
			return KERN_INVALID_ARGUMENT;
		}
		kr = vm_rpc_map_object(
		    memory_object, offset, copy != FALSE, &req);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	/* With ANYWHERE the address is ignored: it may be anything. */
	addr = req.anywhere ? map->min : vm_page_trunc(*address);
	do {
		kr = vm_map_enter(map, &addr, &req);
	} while (vm_page_wait_again(map, kr, &since));
	if (kr != KERN_SUCCESS) {
		if (req.object != NULL) {
			vm_object_unref(req.object);
		}
		return kr;
	}
	*address = addr;
	ipc_port_release_send(memory_object);
	return KERN_SUCCESS;
}

/*
 * What was written to in a private mapping is in objects above that of the
 * pager, but shows the pager's still: name that, and where in it this is.
 */
static void
vm_region_to_pager(struct vm_map_region *region)
{
	struct vm_object *top = region->object;
	struct vm_object *object = top;
	vm_offset_t offset = region->offset;

	vm_object_lock(top);
	while (object->internal && object->shadow != NULL) {
		offset += object->shadow_offset;
		object = object->shadow;
	}
	if (object == top || object->internal) {
		vm_object_unlock(top);
		return;
	}
	vm_object_ref_locked(object);
	vm_object_unlock(top);
	vm_object_unref(top);
	region->object = object;
	region->offset = offset;
}

kern_return_t
S_vm_region(vm_map_t map, vm_address_t *address, vm_size_t *size,
    vm_prot_t *prot, vm_prot_t *max_prot, vm_inherit_t *inheritance,
    boolean_t *shared, ipc_port_t *name, vm_offset_t *offset)
{
	struct vm_map_region region;
	kern_return_t kr;

	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = vm_map_region(map, *address, &region);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (region.object != NULL) {
		vm_region_to_pager(&region);
	}
	*address = region.start;
	*size = region.size;
	*prot = region.prot;
	*max_prot = region.max_prot;
	*inheritance = region.inheritance;
	*shared = region.shared;
	*offset = region.offset;
	*name = region.object == NULL ? IP_NULL
				      : memory_object_to_name(region.object);
	return KERN_SUCCESS;
}

static integer_t
vm_rpc_pages(unsigned long hardware_pages)
{
	return (integer_t)(hardware_pages >> vm_page_order);
}

kern_return_t
S_vm_statistics(vm_map_t map, vm_statistics_data_t *stats)
{
	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*stats = (vm_statistics_data_t){
		.pagesize = (integer_t)vm_page_size,
		.free_count = vm_rpc_pages(vm_phys_free_count()),
		.active_count = (integer_t)vm_page_stats.active,
		.inactive_count = (integer_t)vm_page_stats.inactive,
		.wire_count = (integer_t)vm_page_stats.wired,
		.zero_fill_count = (integer_t)vm_page_stats.zero_fills,
		.reactivations = (integer_t)vm_page_stats.reactivations,
		.pageins = (integer_t)vm_page_stats.pageins,
		.pageouts = (integer_t)vm_page_stats.pageouts,
		.faults = (integer_t)vm_page_stats.faults,
		.cow_faults = (integer_t)vm_page_stats.cow_faults,
		.lookups = (integer_t)vm_page_stats.lookups,
		.hits = (integer_t)vm_page_stats.hits,
	};
	return KERN_SUCCESS;
}

kern_return_t
S_vm_cache_statistics(vm_map_t map, vm_cache_statistics_data_t *stats)
{
	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	/* Pages are counted by queue only, not by the kind of their object. */
	*stats = (vm_cache_statistics_data_t){
		.cache_object_count = (integer_t)memory_object_cached_count(),
		.active_tmp_count = (integer_t)vm_page_stats.active,
		.inactive_tmp_count = (integer_t)vm_page_stats.inactive,
		.laundry_count = (integer_t)vm_page_stats.laundry,
	};
	return KERN_SUCCESS;
}

kern_return_t
S_vm_wire(ipc_port_t host, vm_map_t map, vm_address_t address, vm_size_t size,
    vm_prot_t access)
{
	uint64_t since = 0;
	vm_offset_t start;
	vm_offset_t end;
	kern_return_t kr;

	if (convert_port_to_host(host) == NULL) {
		return KERN_INVALID_HOST;
	}
	if (map == NULL) {
		return KERN_INVALID_TASK;
	}
	if ((access & ~VM_PROT_ALL) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!vm_rpc_range(address, size, &start, &end)) {
		return KERN_NO_SPACE;
	}
	if (access != VM_PROT_NONE && convert_port_to_host_priv(host) == NULL &&
	    (end - start > VM_RPC_WIRE_MAX ||
		map->size_wired > VM_RPC_WIRE_MAX - (end - start))) {
		return KERN_NO_SPACE;
	}
	do {
		kr = vm_map_wire(map, start, end, access);
	} while (vm_page_wait_again(map, kr, &since));
	return kr;
}

kern_return_t
S_vm_wire_all(ipc_port_t host, vm_map_t map, vm_wire_t flags)
{
	if (convert_port_to_host(host) == NULL) {
		return KERN_INVALID_HOST;
	}
	if (map == NULL) {
		return KERN_INVALID_TASK;
	}
	if ((flags & ~VM_WIRE_ALL) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (flags != VM_WIRE_NONE && convert_port_to_host_priv(host) == NULL) {
		return KERN_NO_ACCESS;
	}
	return vm_map_wire_all(
	    map, (flags & VM_WIRE_CURRENT) != 0, (flags & VM_WIRE_FUTURE) != 0);
}

/* Bring the pager of one region up to date. */
static kern_return_t
vm_rpc_sync_region(const struct vm_map_region *region, vm_offset_t start,
    vm_offset_t end, vm_sync_t flags)
{
	bool flush = (flags & VM_SYNC_INVALIDATE) != 0;
	vm_offset_t offset = region->offset + (start - region->start) +
	    region->object->paging_offset;

	if (region->object->internal) {
		return KERN_SUCCESS;
	}
	if ((flags & VM_SYNC_SYNCHRONOUS) != 0) {
		return memory_object_sync(region->object, offset, end - start,
		    MEMORY_OBJECT_RETURN_DIRTY, flush);
	}
	memory_object_lock(region->object, offset, end - start,
	    (flags & VM_SYNC_ASYNCHRONOUS) != 0 ?
	    MEMORY_OBJECT_RETURN_DIRTY : MEMORY_OBJECT_RETURN_NONE, flush,
	    VM_PROT_NO_CHANGE);
	return KERN_SUCCESS;
}

kern_return_t
S_vm_msync(vm_map_t map, vm_address_t address, vm_size_t size, vm_sync_t flags)
{
	struct vm_map_region region;
	vm_offset_t region_end;
	vm_offset_t start;
	vm_offset_t end;
	kern_return_t kr;

	if (map == NULL ||
	    (flags & (VM_SYNC_SYNCHRONOUS | VM_SYNC_ASYNCHRONOUS)) ==
		(VM_SYNC_SYNCHRONOUS | VM_SYNC_ASYNCHRONOUS)) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!vm_rpc_range(address, size, &start, &end)) {
		return KERN_INVALID_ADDRESS;
	}
	while (start < end) {
		kr = vm_map_region(map, start, &region);
		if (kr != KERN_SUCCESS || region.start > start) {
			if (kr == KERN_SUCCESS && region.object != NULL) {
				vm_object_unref(region.object);
			}
			return KERN_INVALID_ADDRESS;
		}
		region_end = region.start + region.size;
		if (region_end > end) {
			region_end = end;
		}
		if (region.object != NULL) {
			kr = vm_rpc_sync_region(&region, start, region_end,
			    flags);
			vm_object_unref(region.object);
		}
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		start = region_end;
	}
	return KERN_SUCCESS;
}

kern_return_t
S_vm_machine_attribute(vm_map_t map, vm_address_t address, vm_size_t size,
    vm_machine_attribute_t attribute, vm_machine_attribute_val_t *value)
{
	/* Caches are coherent here, and nothing can be set per page. */
	return KERN_INVALID_ARGUMENT;
}

/* An object that consists of the COUNT contiguous hardware pages at PAGE. */
static struct vm_object *
vm_rpc_contiguous_object(struct vm_page *page, unsigned long count)
{
	unsigned long step = 1ul << vm_page_order;
	struct vm_object *object;

	object = vm_object_create(count << PAGE_HW_SHIFT);
	if (object == NULL) {
		return NULL;
	}
	for (unsigned long i = 0; i < count; i += step) {
		vm_page_take(&page[i]);
		pmap_zero_page(vm_page_to_phys(&page[i]));
		vm_object_lock(object);
		page[i].dirty = true;
		vm_object_page_insert(object, i << PAGE_HW_SHIFT, &page[i]);
		vm_page_activate(&page[i]);
		vm_page_unbusy(&page[i]);
		vm_object_unlock(object);
	}
	return object;
}

/* Map OBJECT, the reference of which is taken over, wired. */
static kern_return_t
vm_rpc_map_wired(struct vm_map *map, struct vm_object *object, vm_size_t size,
    vm_offset_t *addrp)
{
	struct vm_map_request req = {
		.size = size,
		.anywhere = true,
		.object = object,
		.prot = VM_PROT_DEFAULT,
		.max_prot = VM_PROT_DEFAULT,
		.inheritance = VM_INHERIT_DEFAULT,
		.no_merge = true,
	};
	vm_offset_t addr = map->min;
	kern_return_t kr;

	kr = vm_map_enter(map, &addr, &req);
	if (kr != KERN_SUCCESS) {
		vm_object_unref(object);
		return kr;
	}
	kr = vm_map_wire(map, addr, addr + size, VM_PROT_DEFAULT);
	if (kr != KERN_SUCCESS) {
		(void)vm_map_remove(map, addr, addr + size);
		return KERN_RESOURCE_SHORTAGE;
	}
	*addrp = addr;
	return KERN_SUCCESS;
}

kern_return_t
S_vm_allocate_contiguous(host_t host, vm_map_t map, vm_address_t *vaddr,
    rpc_phys_addr_t *paddr, vm_size_t size, rpc_phys_addr_t pmin,
    rpc_phys_addr_t pmax, rpc_phys_addr_t palign)
{
	struct vm_object *object;
	struct vm_page *page;
	unsigned long count;
	kern_return_t kr;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (map == NULL) {
		return KERN_INVALID_TASK;
	}
	if (size == 0 || vm_page_round(size) == 0 ||
	    (palign & (palign - 1)) != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (pmin > UINT32_MAX || palign > (1u << 31)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (palign < vm_page_size) {
		palign = vm_page_size;
	}
	size = vm_page_round(size);
	count = size >> PAGE_HW_SHIFT;
	page = vm_phys_alloc_contig(count, (phys_addr_t)pmin,
	    pmax > UINT32_MAX ? 0 : (phys_addr_t)pmax, (phys_addr_t)palign);
	if (page == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	object = vm_rpc_contiguous_object(page, count);
	if (object == NULL) {
		vm_phys_free_range(page, count);
		return KERN_RESOURCE_SHORTAGE;
	}
	*paddr = vm_page_to_phys(page);
	kr = vm_rpc_map_wired(map, object, size, vaddr);
	return kr;
}

kern_return_t
S_vm_pages_phys(host_t host, vm_map_t map, vm_address_t address, vm_size_t size,
    rpc_phys_addr_array_t *pages, mach_msg_type_number_t *count)
{
	vm_offset_t start;
	vm_offset_t end;
	mach_msg_type_number_t n;
	rpc_phys_addr_t *array;
	struct vm_copy *copy;
	kern_return_t kr;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (map == NULL) {
		return KERN_INVALID_TASK;
	}
	if (!vm_page_aligned(address) || !vm_page_aligned(size) ||
	    !vm_rpc_range(address, size, &start, &end)) {
		return KERN_INVALID_ARGUMENT;
	}
	n = size >> vm_page_shift;
	if (n <= *count) {
		for (mach_msg_type_number_t i = 0; i < n; i++) {
			(*pages)[i] = vm_map_page_phys(map,
			    start + (i << vm_page_shift));
		}
		*count = n;
		return KERN_SUCCESS;
	}
	array = n > KMEM_ALLOC_MAX / sizeof(*array)
		    ? NULL
		    : kmem_alloc(n * sizeof(*array));
	if (array == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (mach_msg_type_number_t i = 0; i < n; i++) {
		array[i] = vm_map_page_phys(map, start + (i << vm_page_shift));
	}
	kr = vm_copy_from_kernel(array, n * sizeof(*array), &copy);
	kmem_free(array, n * sizeof(*array));
	if (kr == KERN_SUCCESS) {
		*pages = (void *)copy;
		*count = n;
	}
	return kr;
}

kern_return_t
S_vm_set_size_limit(
    ipc_port_t host, vm_map_t map, vm_size_t current, vm_size_t max)
{
	bool privileged = convert_port_to_host_priv(host) != NULL;
	kern_return_t kr = KERN_SUCCESS;

	if (convert_port_to_host(host) == NULL) {
		return KERN_INVALID_HOST;
	}
	if (map == NULL || current > max) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&map->lock);
	if (max > map->size_max_limit && !privileged) {
		kr = KERN_NO_ACCESS;
	} else {
		map->size_cur_limit = current;
		map->size_max_limit = max;
	}
	mutex_unlock(&map->lock);
	return kr;
}

kern_return_t
S_vm_get_size_limit(vm_map_t map, vm_size_t *current, vm_size_t *max)
{
	if (map == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&map->lock);
	*current = map->size_cur_limit;
	*max = map->size_max_limit;
	mutex_unlock(&map->lock);
	return KERN_SUCCESS;
}
