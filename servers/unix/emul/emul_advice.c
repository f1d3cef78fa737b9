/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What a program says and asks about its memory: msync, madvise, mincore.
 */
#include "emul.h"

#include <mach/mach_types.h>
#include <mach/vm_inherit.h>
#include <mach_debug/vm_info.h>

#include "mach_debug_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define EMUL_CORE_PAGES	86	/* as many as may come in line, 2 KiB */

/* No deeper than this are copies of copies looked through. */
#define EMUL_CORE_DEPTH	64

/* The server knows whose the mappings are; it brings changes to the disk. */
int32_t
emul_msync(struct emul_thread *thread, uint32_t *a)
{
	uint32_t b[6] = { a[0], emul_page_up(a[1]), a[2] };

	if ((a[0] & EMUL_PAGE_MASK) != 0 ||
	    (a[2] & ~(uint32_t)(L_MS_ASYNC | L_MS_INVALIDATE | L_MS_SYNC)) !=
	    0 || (a[2] & (L_MS_ASYNC | L_MS_SYNC)) ==
	    (L_MS_ASYNC | L_MS_SYNC)) {
		return -L_EINVAL;
	}
	if (b[1] < a[1] || !emul_range_ok(a[0], b[1])) {
		return -L_ENOMEM;
	}
	return b[1] == 0 ? 0 : emul_rpc(thread, CALL_own_msync, b);
}

/* Is all of it mapped?  *SHAREDP: some of it is shared. */
static bool
emul_mapped(mach_port_t task, user_addr_t address, uint32_t size,
    bool *sharedp)
{
	vm_region_info_t region;
	mach_port_t name;
	user_addr_t end = address + size;

	*sharedp = false;
	while (address < end) {
		if (mach_vm_region_info(task, address, &region, &name) !=
		    KERN_SUCCESS) {
			return false;
		}
		if (name != MACH_PORT_NULL) {
			mach_port_deallocate(task, name);
		}
		if (region.vri_start > address) {
			return false;
		}
		if (region.vri_inheritance == VM_INHERIT_SHARE) {
			*sharedp = true;
		}
		address = region.vri_end;
	}
	return true;
}

/* Part of a larger page is inherited like the rest of it. */
static int32_t
emul_advise_fork(
    mach_port_t task, user_addr_t address, uint32_t size, vm_inherit_t inherit)
{
	uint32_t start = emul_page_whole(address);
	uint32_t end = (address + size) & ~emul_shared.page_mask;

	return start >= end
		   ? 0
		   : emul_error(vm_inherit(task, start, end - start, inherit));
}

/*
 * Advice that is only that may be ignored.  MADV_DONTNEED promises zeros, the
 * fork ones who inherits; nobody dumps memory.
 */
int32_t
emul_madvise(struct emul_thread *thread, uint32_t *a)
{
	static const char zeros[EMUL_PAGE_SIZE];
	mach_port_t task = emul_task(thread);
	uint32_t size = emul_page_up(a[1]);
	bool shared;

	if ((a[0] & EMUL_PAGE_MASK) != 0 || size < a[1]) {
		return -L_EINVAL;
	}
	if (a[2] > L_MADV_DONTNEED && a[2] != L_MADV_FREE &&
	    a[2] != L_MADV_DONTFORK && a[2] != L_MADV_DOFORK &&
	    a[2] != L_MADV_DONTDUMP && a[2] != L_MADV_DODUMP) {
		return -L_EINVAL;
	}
	if (!emul_range_ok(a[0], size) || !emul_mapped(task, a[0], size,
	    &shared)) {
		return -L_ENOMEM;
	}
	switch (a[2]) {
	case L_MADV_DONTFORK:
	case L_MADV_DOFORK:
		/* Mach would not remember that it was shared. */
		return shared ? -L_EINVAL : emul_advise_fork(task, a[0],
		    size, a[2] == L_MADV_DONTFORK ? VM_INHERIT_NONE :
		    VM_INHERIT_COPY);
	case L_MADV_DONTNEED:
		for (uint32_t done = 0; done < size; done += EMUL_PAGE_SIZE) {
			emul_copy((void *)(uintptr_t)(a[0] + done), zeros,
			    sizeof(zeros));
		}
		return 0;
	default:
		return 0;
	}
}

/* Which part of an object is asked about, and where the answer goes. */
struct emul_core {
	uint32_t	offset;
	uint32_t	size;
	user_addr_t	to;	/* a byte for each page */
};

/* Set the bytes of what PAGE of an object holds. */
static int32_t
emul_core_page(const struct emul_core *core, uint32_t offset, uint32_t size)
{
	static const char one = 1;

	for (uint32_t i = 0; i < size; i += EMUL_PAGE_SIZE) {
		uint32_t at = offset + i - core->offset;

		if (at < core->size && emul_copy((void *)(uintptr_t)(core->to +
		    at / EMUL_PAGE_SIZE), &one, 1) != 0) {
			return -L_EFAULT;
		}
	}
	return 0;
}

/* The pages of one object, that is called NAME. */
static int32_t
emul_core_object(mach_port_t task, const struct emul_core *core,
    mach_port_t name, uint32_t page_size)
{
	vm_page_info_t some[EMUL_CORE_PAGES];
	vm_page_info_t *pages = some;
	mach_msg_type_number_t count = EMUL_CORE_PAGES;
	int32_t error = 0;

	if (mach_vm_object_pages(name, &pages, &count) != KERN_SUCCESS) {
		return -L_EAGAIN;
	}
	for (uint32_t i = 0; i < count && error == 0; i++) {
		if ((pages[i].vpi_state & (VPI_STATE_ABSENT |
		    VPI_STATE_FICTITIOUS | VPI_STATE_ERROR)) == 0) {
			error = emul_core_page(core, pages[i].vpi_offset,
			    page_size);
		}
	}
	if (pages != some && count != 0) {
		vm_deallocate(task, (vm_address_t)pages,
		    count * sizeof(*pages));
	}
	return error;
}

/* The object NAME and those that it is a copy of.  Consumes NAME. */
static int32_t
emul_core_chain(mach_port_t task, struct emul_core *core, mach_port_t name)
{
	vm_object_info_t info;
	mach_port_t shadow;
	mach_port_t copy;
	int32_t error = 0;

	for (unsigned i = 0; i < EMUL_CORE_DEPTH && error == 0 &&
	    name != MACH_PORT_NULL; i++) {
		if (mach_vm_object_info(name, &info, &shadow, &copy) !=
		    KERN_SUCCESS) {
			break;
		}
		if (copy != MACH_PORT_NULL) {
			mach_port_deallocate(task, copy);
		}
		error = emul_core_object(task, core, name,
		    info.voi_pagesize);
		mach_port_deallocate(task, name);
		name = shadow;
		core->offset += info.voi_shadow_offset;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(task, name);
	}
	return error;
}

/* What is in memory of the pages from a[0] on: the kernel lists objects'. */
int32_t
emul_mincore(struct emul_thread *thread, uint32_t *a)
{
	static const char zero;
	mach_port_t task = emul_task(thread);
	uint32_t size = emul_page_up(a[1]);
	user_addr_t at = a[0];
	user_addr_t end = a[0] + size;
	vm_region_info_t region;
	mach_port_t name;
	int32_t error = 0;

	if ((a[0] & EMUL_PAGE_MASK) != 0) {
		return -L_EINVAL;
	}
	if (size < a[1] || !emul_range_ok(a[0], size)) {
		return -L_ENOMEM;
	}
	for (uint32_t i = 0; i < size / EMUL_PAGE_SIZE; i++) {
		if (emul_copy((void *)(uintptr_t)(a[2] + i), &zero, 1) != 0) {
			return -L_EFAULT;
		}
	}
	while (at < end && error == 0) {
		struct emul_core core;

		if (mach_vm_region_info(task, at, &region, &name) !=
		    KERN_SUCCESS) {
			return -L_ENOMEM;
		}
		core.offset = region.vri_offset + (at - region.vri_start);
		core.to = a[2] + (at - a[0]) / EMUL_PAGE_SIZE;
		core.size = (end < region.vri_end ? end : region.vri_end) - at;
		if (region.vri_start > at) {
			core.size = 0;
			error = -L_ENOMEM;
		}
		at = region.vri_end;
		if (name != MACH_PORT_NULL) {
			int32_t chain = emul_core_chain(task, &core, name);

			error = error != 0 ? error : chain;
		}
	}
	return error;
}
