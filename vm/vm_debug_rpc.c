/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Regions, objects and pages as debuggers see them (mach_debug.defs).
 */

#include <mach_debug_server.h>

#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>

#include <vm/memory_object.h>
#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/* Pages that one call can describe. */
#define VM_DEBUG_PAGES_MAX	16384u

kern_return_t
S_mach_vm_region_info(vm_map_t map, vm_address_t address,
    vm_region_info_t *info, ipc_port_t *name)
{
	struct vm_map_entry *entry;
	struct vm_object *object;
	kern_return_t kr;

	if (map == NULL) {
		return KERN_INVALID_TASK;
	}
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	entry = vm_map_tree_above(map, address);
	if (entry == NULL) {
		mutex_unlock(&map->lock);
		return KERN_NO_SPACE;
	}
	object = entry->object;
	*info = (vm_region_info_t){
		.vri_start = entry->start,
		.vri_end = entry->end,
		.vri_protection = entry->prot,
		.vri_max_protection = entry->max_prot,
		.vri_inheritance = entry->inheritance,
		.vri_wired_count = entry->wired_count,
		.vri_user_wired_count = entry->wired_access != VM_PROT_NONE,
		.vri_object = (vm_offset_t)object,
		.vri_offset = entry->offset,
		.vri_needs_copy = entry->needs_copy,
	};
	if (object != NULL) {
		vm_object_ref(object);
	}
	mutex_unlock(&map->lock);
	*name = object == NULL ? IP_NULL : memory_object_make_name(object);
	return KERN_SUCCESS;
}

static vm_object_info_state_t
vm_debug_object_state(const struct vm_object *object)
{
	vm_object_info_state_t state = 0;

	state |= object->pager_made ? VOI_STATE_PAGER_CREATED : 0;
	state |= object->pager != NULL ? VOI_STATE_PAGER_INITIALIZED : 0;
	state |= object->ready ? VOI_STATE_PAGER_READY : 0;
	state |= object->may_cache ? VOI_STATE_CAN_PERSIST : 0;
	state |= object->internal ? VOI_STATE_INTERNAL | VOI_STATE_TEMPORARY
				  : 0;
	state |= object->alive ? VOI_STATE_ALIVE : 0;
	return state;
}

/* A reference on OBJECT, whose family is locked, if it is one and lives. */
static struct vm_object *
vm_debug_ref_locked(struct vm_object *object)
{
	if (object == NULL || !object->alive || object->refs == 0) {
		return NULL;
	}
	vm_object_ref_locked(object);
	return object;
}

kern_return_t
S_mach_vm_object_info(vm_object_t object, vm_object_info_t *info,
    ipc_port_t *shadow, ipc_port_t *copy)
{
	struct vm_object *below;
	struct vm_object *above;
	struct vm_page *page;
	unsigned absent = 0;

	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	vm_object_lock(object);
	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		absent += page->absent ? 1 : 0;
	}
	*info = (vm_object_info_t){
		.voi_object = (vm_offset_t)object,
		.voi_pagesize = vm_page_size,
		.voi_size = object->size,
		.voi_ref_count = object->refs,
		.voi_resident_page_count = object->pages->count,
		.voi_absent_count = absent,
		.voi_copy = (vm_offset_t)object->copy,
		.voi_shadow = (vm_offset_t)object->shadow,
		.voi_shadow_offset = object->shadow_offset,
		.voi_paging_offset = object->paging_offset,
		.voi_copy_strategy = object->copy_strategy,
		.voi_paging_in_progress = object->paging,
		.voi_state = vm_debug_object_state(object),
	};
	below = vm_debug_ref_locked(object->shadow);
	above = vm_debug_ref_locked(object->copy);
	vm_object_unlock(object);
	*shadow = below == NULL ? IP_NULL : memory_object_make_name(below);
	*copy = above == NULL ? IP_NULL : memory_object_make_name(above);
	return KERN_SUCCESS;
}

static vm_page_info_state_t
vm_debug_page_state(const struct vm_page *page)
{
	vm_page_info_state_t state = VPI_STATE_TABLED;

	state |= page->busy ? VPI_STATE_BUSY : 0;
	state |= page->wanted ? VPI_STATE_WANTED : 0;
	state |= page->absent ? VPI_STATE_ABSENT : 0;
	state |= page->error ? VPI_STATE_ERROR : 0;
	state |= page->dirty || pmap_is_modified(vm_page_to_phys(page))
		     ? VPI_STATE_DIRTY
		     : 0;
	state |= page->precious ? VPI_STATE_PRECIOUS : 0;
	state |= page->laundry ? VPI_STATE_LAUNDRY : 0;
	state |= page->on_queue == VM_PAGE_Q_ACTIVE ? VPI_STATE_ACTIVE : 0;
	state |= page->on_queue == VM_PAGE_Q_INACTIVE ? VPI_STATE_INACTIVE : 0;
	state |= pmap_is_referenced(vm_page_to_phys(page)) ? VPI_STATE_REFERENCE
							   : 0;
	return state;
}

/* Describe up to ROOM pages of OBJECT; returns how many there are. */
static unsigned
vm_debug_fill(
    struct vm_object *object, vm_page_phys_info_t *info, unsigned room)
{
	struct vm_page *page;
	unsigned n = 0;

	vm_object_lock(object);
	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		if (n < room) {
			info[n] = (vm_page_phys_info_t){
				.vpi_offset = vm_object_page_offset(page),
				.vpi_phys_addr = vm_page_to_phys(page),
				.vpi_wire_count = page->wire_count,
				.vpi_page_lock = page->lock,
				.vpi_unlock_request = page->unlock_asked,
				.vpi_state = vm_debug_page_state(page),
			};
		}
		n++;
	}
	vm_object_unlock(object);
	return n;
}

/* What is known of OBJECT's pages, from kmem_alloc, of *SIZEP bytes. */
static kern_return_t
vm_debug_pages(struct vm_object *object, vm_page_phys_info_t **infop,
    size_t *sizep, unsigned *countp)
{
	vm_page_phys_info_t *info;
	unsigned room;
	unsigned n;

	vm_object_lock(object);
	room = object->pages->count;
	vm_object_unlock(object);
	if (room > VM_DEBUG_PAGES_MAX) {
		room = VM_DEBUG_PAGES_MAX;
	}
	*sizep = (room + 1) * sizeof(*info);
	info = kmem_alloc(*sizep);
	if (info == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	n = vm_debug_fill(object, info, room);
	*countp = n < room ? n : room;
	*infop = info;
	return KERN_SUCCESS;
}

kern_return_t
S_mach_vm_object_pages_phys(vm_object_t object,
    vm_page_phys_info_array_t *pages, mach_msg_type_number_t *countp)
{
	vm_page_phys_info_t *info;
	struct vm_copy *copy;
	unsigned n;
	size_t size;
	kern_return_t kr;

	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = vm_debug_pages(object, &info, &size, &n);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (n <= *countp) {
		memcpy(*pages, info, n * sizeof(*info));
	} else {
		kr = vm_copy_from_kernel(info, n * sizeof(*info), &copy);
		if (kr == KERN_SUCCESS) {
			*pages = (void *)copy;
		}
	}
	kmem_free(info, size);
	*countp = n;
	return kr;
}

kern_return_t
S_mach_vm_object_pages(vm_object_t object, vm_page_info_array_t *pages,
    mach_msg_type_number_t *countp)
{
	vm_page_phys_info_t *from;
	vm_page_info_t *info;
	struct vm_copy *copy;
	unsigned n;
	size_t size;
	kern_return_t kr;

	if (object == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = vm_debug_pages(object, &from, &size, &n);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	/* The narrower form fits into the wider one's place. */
	info = (vm_page_info_t *)from;
	for (unsigned i = 0; i < n; i++) {
		vm_page_phys_info_t wide = from[i];

		info[i] = (vm_page_info_t){
			.vpi_offset = wide.vpi_offset,
			.vpi_phys_addr = (vm_offset_t)wide.vpi_phys_addr,
			.vpi_wire_count = wide.vpi_wire_count,
			.vpi_page_lock = wide.vpi_page_lock,
			.vpi_unlock_request = wide.vpi_unlock_request,
			.vpi_state = wide.vpi_state,
		};
	}
	if (n <= *countp) {
		memcpy(*pages, info, n * sizeof(*info));
	} else {
		kr = vm_copy_from_kernel(info, n * sizeof(*info), &copy);
		if (kr == KERN_SUCCESS) {
			*pages = (void *)copy;
		}
	}
	kmem_free(from, size);
	*countp = n;
	return kr;
}
