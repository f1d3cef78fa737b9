/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The kernel's requests to the default pager (memory_object.defs and
 * memory_object_default.defs).
 *
 * A page that cannot be stored is lost, and its owner is told when it comes
 * back for it: the slot map says so.
 */
#include <servers/pager/pager.h>

#include <stdlib.h>

#include <mach/memory_object.h>
#include <mach/vm_prot.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/memory_object_default_server.h>
#include <mig/memory_object_server.h>

#include <servers/lib/log.h>
#include <servers/lib/server.h>

#define PAGED_HASH		256u
#define PAGED_LOSSES_LOGGED	8u

static struct paged *paged_hash[PAGED_HASH];
static unsigned paged_losses;

static struct paged **
paged_chain(mach_port_t port)
{
	return &paged_hash[(port >> 3) % PAGED_HASH];
}

struct paged *
paged_lookup(mach_port_t port)
{
	struct paged *paged = *paged_chain(port);

	while (paged != NULL && paged->port != port) {
		paged = paged->next;
	}
	return paged;
}

static void
paged_release(mach_port_t right)
{
	if (MACH_PORT_VALID(right)) {
		mach_port_deallocate(mach_task_self(), right);
	}
}

kern_return_t
S_memory_object_create(mach_port_t pager, mach_port_t port, vm_size_t size,
    mach_port_t control, mach_port_t name, vm_size_t page_size)
{
	struct paged *paged;
	kern_return_t kr;

	if (page_size != vm_page_size || paged_lookup(port) != NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	paged = calloc(1, sizeof(*paged));
	if (paged == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = server_add_port(port);
	if (kr != KERN_SUCCESS) {
		free(paged);
		return kr;
	}
	paged->port = port;
	paged->control = control;
	paged->name = name;
	paged->next = *paged_chain(port);
	*paged_chain(port) = paged;
	return KERN_SUCCESS;
}

/* Only objects that the kernel made with memory_object_create come here. */
kern_return_t
S_memory_object_init(mach_port_t object, mach_port_t control, mach_port_t name,
    vm_size_t page_size)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_terminate(mach_port_t object, mach_port_t control,
    mach_port_t name)
{
	struct paged **link = paged_chain(object);
	struct paged *paged;

	while (*link != NULL && (*link)->port != object) {
		link = &(*link)->next;
	}
	paged = *link;
	if (paged == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*link = paged->next;
	store_map_clear(&paged->map, &paging_store);
	paging_file_shrink();
	paged_release(paged->control);
	paged_release(paged->name);
	/* The receive rights of both come with the message. */
	mach_port_destroy(mach_task_self(), control);
	mach_port_destroy(mach_task_self(), name);
	mach_port_mod_refs(mach_task_self(), paged->port,
	    MACH_PORT_RIGHT_RECEIVE, -1);
	free(paged);
	return KERN_SUCCESS;
}

/* Pages from PAGE on that lie in consecutive slots, at most COUNT. */
static uint32_t
paged_run(const struct paged *paged, uint32_t page, uint32_t count,
    uint32_t *slot)
{
	uint32_t n = 1;

	*slot = store_map_get(&paged->map, page);
	if (*slot >= STORE_BACK) {
		while (n < count &&
		    store_map_get(&paged->map, page + n) == *slot) {
			n++;
		}
		return n;
	}
	while (n < count &&
	    store_map_get(&paged->map, page + n) == *slot + n) {
		n++;
	}
	return n;
}

/* Supply COUNT pages at OFFSET of the object from SLOT on. */
static void
paged_supply(struct paged *paged, vm_offset_t offset, uint32_t slot,
    uint32_t count)
{
	vm_size_t size = count * vm_page_size;
	vm_address_t memory = 0;
	kern_return_t kr;

	/* What the file server sent goes on as it is: there is little else. */
	kr = paging_file_read(slot, count, &memory);
	if (kr != KERN_SUCCESS) {
		log_error("page in: %s", log_error_text(kr));
		memory_object_data_error(paged->control, offset, size,
		    KERN_MEMORY_ERROR);
		return;
	}
	kr = memory_object_data_supply(paged->control, offset, memory, size,
	    TRUE, VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	if (kr != KERN_SUCCESS) {
		vm_deallocate(mach_task_self(), memory, size);
	}
}

kern_return_t
S_memory_object_data_request(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	struct paged *paged = paged_lookup(object);
	uint32_t page = offset / vm_page_size;
	uint32_t count = length / vm_page_size;
	uint32_t slot;
	uint32_t n;

	if (paged == NULL || count == 0) {
		return KERN_INVALID_ARGUMENT;
	}
	for (; count > 0; count -= n, page += n) {
		vm_offset_t at = page * vm_page_size;

		n = paged_run(paged, page, count, &slot);
		if (slot == STORE_NONE) {
			memory_object_data_unavailable(paged->control, at,
			    n * vm_page_size);
		} else if (slot == STORE_BACK) {
			/* Resident, or in a message that is behind this one. */
			continue;
		} else if (slot == STORE_LOST) {
			memory_object_data_error(paged->control, at,
			    n * vm_page_size, KERN_MEMORY_ERROR);
		} else {
			paged_supply(paged, at, slot, n);
		}
	}
	paged_release(control);
	return KERN_SUCCESS;
}

/* What is said of pages that cannot be stored, a few times. */
static void
paged_complain(const char *what, uint32_t count, kern_return_t kr)
{
	if (paged_losses++ < PAGED_LOSSES_LOGGED) {
		log_error("%u pages %s: %s", (unsigned)count, what,
		    log_error_text(kr));
	}
}

/*
 * COUNT pages at DATA could not be stored.  The kernel gets them back, and
 * knows by that that others have to make room; if it cannot, they are lost.
 */
static void
paged_give_back(struct paged *paged, uint32_t page, const char *data,
    uint32_t count, kern_return_t reason)
{
	uint32_t mark = STORE_BACK;
	kern_return_t kr;

	paged_complain("not stored", count, reason);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t slot = store_map_get(&paged->map, page + i);

		if (slot < STORE_BACK) {
			store_free(&paging_store, slot);
		}
		store_map_set(&paged->map, page + i, mark);
	}
	/* On a full disk only slots that were in use once can be written. */
	paging_store.next = 0;
	kr = memory_object_data_supply(paged->control, page * vm_page_size,
	    (pointer_t)data, count * vm_page_size, FALSE, VM_PROT_NONE, TRUE,
	    MACH_PORT_NULL);
	if (kr != KERN_SUCCESS) {
		paged_complain("lost", count, kr);
		mark = STORE_LOST;
		for (uint32_t i = 0; i < count; i++) {
			store_map_set(&paged->map, page + i, mark);
		}
	}
}

/* Give the pages that have no slot one; how many now have consecutive ones. */
static uint32_t
paged_place(struct paged *paged, uint32_t page, uint32_t count,
    uint32_t *slot)
{
	uint32_t n = paged_run(paged, page, count, slot);

	if (*slot < STORE_BACK) {
		return n;
	}
	*slot = store_alloc(&paging_store, n, &n);
	for (uint32_t i = 0; *slot != STORE_NONE && i < n; i++) {
		store_map_set(&paged->map, page + i, *slot + i);
	}
	return n;
}

/* Store COUNT pages at DATA as those from PAGE on. */
static void
paged_store(struct paged *paged, uint32_t page, const char *data,
    uint32_t count)
{
	kern_return_t kr;
	uint32_t slot;
	uint32_t n;

	for (; count > 0; count -= n, page += n, data += n * vm_page_size) {
		n = paged_place(paged, page, count, &slot);
		kr = slot == STORE_NONE ? KERN_NO_SPACE
		    : paging_file_write(slot, data, n);
		if (kr != KERN_SUCCESS) {
			paged_give_back(paged, page, data, n, kr);
		}
	}
}

static kern_return_t
paged_take(mach_port_t object, mach_port_t control, vm_offset_t offset,
    vm_offset_t data, mach_msg_type_number_t size)
{
	struct paged *paged = paged_lookup(object);
	uint32_t page = offset / vm_page_size;
	uint32_t count = size / vm_page_size;

	if (paged == NULL || count == 0) {
		return KERN_INVALID_ARGUMENT;
	}
	if (store_map_reserve(&paged->map, page, count)) {
		paged_store(paged, page, (const char *)data, count);
	} else {
		/* Without a map the loss cannot be told from never stored. */
		log_error("no memory, object given up");
		memory_object_destroy(paged->control, KERN_MEMORY_ERROR);
	}
	vm_deallocate(mach_task_self(), data, size);
	paged_release(control);
	return KERN_SUCCESS;
}

kern_return_t
S_memory_object_data_return(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size,
    boolean_t dirty, boolean_t kernel_copy)
{
	return paged_take(object, control, offset, data, size);
}

kern_return_t
S_memory_object_data_initialize(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size)
{
	return paged_take(object, control, offset, data, size);
}

/* Pages are supplied unlocked and copied by the kernel: none of these comes. */

kern_return_t
S_memory_object_copy(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, mach_port_t copy)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_data_unlock(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_lock_completed(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_supply_completed(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, kern_return_t result,
    vm_offset_t error_offset)
{
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
S_memory_object_change_completed(mach_port_t object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy)
{
	return KERN_INVALID_ARGUMENT;
}
