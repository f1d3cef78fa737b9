/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What others ask of the default pager (default_pager.defs, pager.defs).
 *
 * Everybody may ask for a memory object and how much room there is.  What tells
 * of the memory of others takes the manager's port, which only those have who
 * could become the default pager themselves; and to change where pages go takes
 * a privileged port besides.
 */
#include <servers/pager/pager.h>

#include <string.h>

#include <mach/mig_errors.h>

#include <mig/default_pager_server.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/pager_server.h>

#include <servers/errors.h>

#define PAGING_FILE_ID		2279	/* default_pager_paging_file */
#define PAGING_HANDLE_ID	74000	/* pager_paging_handle */

/* Free pages that must be left when an answer takes memory. */
#define PAGER_ANSWER_FREE	256

/* PLACES in bytes, as far as they can be told. */
static vm_size_t
pager_bytes(uint64_t places)
{
	uint64_t bytes = places * vm_page_size;
	vm_size_t most = ~(vm_size_t)0 & ~(vm_page_size - 1);

	return bytes < most ? (vm_size_t)bytes : most;
}

kern_return_t
S_default_pager_info(mach_port_t pager, default_pager_info_t *info)
{
	if (!pager_is_manager(pager) && !pager_is_service(pager)) {
		return KERN_INVALID_ARGUMENT;
	}
	info->dpi_total_space = pager_bytes(space_total(&paging_space));
	info->dpi_free_space = pager_bytes(space_room(&paging_space));
	info->dpi_page_size = vm_page_size;
	return KERN_SUCCESS;
}

kern_return_t
S_default_pager_object_create(mach_port_t pager, mach_port_t *object,
    vm_size_t size)
{
	uint32_t pages = size / vm_page_size +
	    (size % vm_page_size != 0 ? 1 : 0);

	if (!pager_is_manager(pager) && !pager_is_service(pager)) {
		return KERN_INVALID_ARGUMENT;
	}
	/* Its last page must have an end, too. */
	if (pages == 0 || pages >= ~(vm_size_t)0 / vm_page_size) {
		return KERN_INVALID_ARGUMENT;
	}
	return paged_create_client(pages, object);
}

/*
 * Make COUNT elements of SIZE fit at *MEMORY, where ROOM fit, in new memory if
 * there are more; not while others wait for memory, since that is our business.
 */
static kern_return_t
pager_make_room(uint32_t count, uint32_t room, vm_size_t size,
    vm_address_t *memory)
{
	struct vm_statistics stat;

	if (count <= room) {
		return KERN_SUCCESS;
	}
	if (vm_statistics(mach_task_self(), &stat) != KERN_SUCCESS ||
	    (vm_size_t)stat.free_count < PAGER_ANSWER_FREE +
	    count * size / vm_page_size) {
		return KERN_RESOURCE_SHORTAGE;
	}
	return vm_allocate(mach_task_self(), memory, count * size, TRUE);
}

/* What default_pager_objects is to tell, so far. */
struct pager_list {
	default_pager_object_t	*objects;
	mach_port_t		*ports;
	uint32_t		count;
};

static bool
pager_list_add(struct paged *paged, void *argument)
{
	struct pager_list *list = argument;

	list->objects[list->count].dpo_object = paged->port;
	list->objects[list->count].dpo_size =
	    pager_bytes(paged->stored);
	list->ports[list->count] = MACH_PORT_NULL;
	if (MACH_PORT_VALID(paged->name) &&
	    mach_port_mod_refs(mach_task_self(), paged->name,
	    MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS) {
		list->ports[list->count] = paged->name;
	}
	list->count++;
	return true;
}

kern_return_t
S_default_pager_objects(mach_port_t pager,
    default_pager_object_array_t *objects, mach_msg_type_number_t *count,
    mach_port_array_t *ports, mach_msg_type_number_t *port_count)
{
	vm_address_t place = (vm_address_t)*objects;
	vm_address_t port_place = (vm_address_t)*ports;
	struct pager_list list = { .count = 0 };
	kern_return_t kr;

	if (!pager_is_manager(pager)) {
		return KERN_NO_ACCESS;
	}
	kr = pager_make_room(paged_count(), *count,
	    sizeof(default_pager_object_t), &place);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = pager_make_room(paged_count(), *port_count, sizeof(mach_port_t),
	    &port_place);
	if (kr != KERN_SUCCESS) {
		if (place != (vm_address_t)*objects) {
			vm_deallocate(mach_task_self(), place, paged_count() *
			    sizeof(default_pager_object_t));
		}
		return kr;
	}
	list.objects = (default_pager_object_t *)place;
	list.ports = (mach_port_t *)port_place;
	paged_each(pager_list_add, &list);
	*objects = list.objects;
	*ports = list.ports;
	*count = list.count;
	*port_count = list.count;
	return KERN_SUCCESS;
}

kern_return_t
S_default_pager_object_pages(mach_port_t pager, mach_port_t name,
    default_pager_page_array_t *pages, mach_msg_type_number_t *count)
{
	vm_address_t place = (vm_address_t)*pages;
	struct paged *paged;
	uint32_t page = 0;
	uint32_t n;
	kern_return_t kr;

	if (!pager_is_manager(pager)) {
		return KERN_NO_ACCESS;
	}
	paged = MACH_PORT_VALID(name) ? paged_lookup_name(name) : NULL;
	if (paged == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = pager_make_room(paged->stored, *count,
	    sizeof(default_pager_page_t), &place);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	_Static_assert(sizeof(default_pager_page_t) == sizeof(uint32_t),
	    "pages are listed in place");
	n = store_map_list(&paged->map, &page, (uint32_t *)place,
	    paged->stored);
	*pages = (default_pager_page_t *)place;
	for (uint32_t i = 0; i < n; i++) {
		(*pages)[i].dpp_offset *= vm_page_size;
	}
	*count = n;
	mach_port_deallocate(mach_task_self(), name);
	return KERN_SUCCESS;
}

/* As paging_change, for a caller who has MASTER; takes that too. */
static kern_return_t
pager_change(mach_port_t master, const char *name, mach_port_t handle,
    bool add, struct paging_asker asker)
{
	kern_return_t kr;

	if (!pager_is_privileged(master)) {
		return KERN_NO_ACCESS;
	}
	if (memchr(name, '\0', sizeof(default_pager_filename_t)) == NULL) {
		return UNIX_ENAMETOOLONG;
	}
	kr = paging_change(name, handle, add, asker);
	if (kr == MIG_NO_REPLY) {
		mach_port_deallocate(mach_task_self(), master);
	}
	return kr;
}

kern_return_t
S_default_pager_paging_file(mach_port_t pager, mach_port_t reply,
    mach_msg_type_name_t kind, mach_port_t master,
    const_default_pager_filename_t name, boolean_t add)
{
	struct paging_asker asker = { reply, kind, PAGING_FILE_ID };

	return pager_change(master, name, MACH_PORT_NULL, add != FALSE, asker);
}

kern_return_t
S_pager_paging_handle(mach_port_t pager, mach_port_t reply,
    mach_msg_type_name_t kind, mach_port_t master, mach_port_t handle,
    const_default_pager_filename_t name, boolean_t add)
{
	struct paging_asker asker = { reply, kind, PAGING_HANDLE_ID };

	if (!MACH_PORT_VALID(handle)) {
		return UNIX_EBADF;
	}
	return pager_change(master, name, handle, add != FALSE, asker);
}

/*
 * The file server's port comes from bootstrap, which also brings that of the
 * next one: nobody has to tell.
 */
kern_return_t
S_default_pager_register_fileserver(mach_port_t pager, mach_port_t server)
{
	return KERN_INVALID_CAPABILITY;
}

kern_return_t
S_pager_file(mach_port_t pager, uint32_t index,
    default_pager_filename_t name, uint64_t *size, uint64_t *used)
{
	uint32_t file = 0;

	if (!pager_is_manager(pager)) {
		return KERN_NO_ACCESS;
	}
	for (; file < SPACE_FILES; file++) {
		if (paging_space.files[file].there && index-- == 0) {
			break;
		}
	}
	if (file == SPACE_FILES) {
		return KERN_INVALID_ARGUMENT;
	}
	memcpy(name, paging_file_name(file), sizeof(default_pager_filename_t));
	*size = (uint64_t)paging_space.files[file].store.places * vm_page_size;
	*used = (uint64_t)paging_space.files[file].store.used * vm_page_size;
	return KERN_SUCCESS;
}
