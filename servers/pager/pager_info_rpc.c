/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the default pager tells others about itself (default_pager.defs).  It
 * makes no objects for others and has one paging file: the calls for more are
 * answered as if they did not exist.
 */
#include <servers/pager/pager.h>

#include <mach/default_pager_types.h>
#include <mach/mig_errors.h>

#include <mig/default_pager_server.h>

/* SLOTS in bytes, as far as they can be told. */
static vm_size_t
pager_bytes(uint32_t slots)
{
	uint64_t bytes = (uint64_t)slots * vm_page_size;
	vm_size_t most = ~(vm_size_t)0 & ~(vm_page_size - 1);

	return bytes < most ? (vm_size_t)bytes : most;
}

kern_return_t
S_default_pager_info(mach_port_t pager, default_pager_info_t *info)
{
	info->dpi_total_space = pager_bytes(paging_store.slots);
	info->dpi_free_space = pager_bytes(paging_store.slots -
	    paging_store.used);
	info->dpi_page_size = vm_page_size;
	return KERN_SUCCESS;
}

kern_return_t
S_default_pager_object_create(mach_port_t pager, mach_port_t *object,
    vm_size_t size)
{
	return MIG_BAD_ID;
}

kern_return_t
S_default_pager_objects(mach_port_t pager,
    default_pager_object_array_t *objects, mach_msg_type_number_t *count,
    mach_port_array_t *ports, mach_msg_type_number_t *port_count)
{
	return MIG_BAD_ID;
}

kern_return_t
S_default_pager_object_pages(mach_port_t pager, mach_port_t object,
    default_pager_page_array_t *pages, mach_msg_type_number_t *count)
{
	return MIG_BAD_ID;
}

kern_return_t
S_default_pager_paging_file(mach_port_t pager, mach_port_t master,
    const_default_pager_filename_t name, boolean_t add)
{
	return MIG_BAD_ID;
}

kern_return_t
S_default_pager_register_fileserver(mach_port_t pager, mach_port_t server)
{
	return MIG_BAD_ID;
}
