/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The address space: Mach's calls on the own task do nearly everything.  Files
 * of the file server are mapped as memory objects; of files that have none
 * (those in the UNIX server's memory) a private mapping gets a copy.
 */
#include "emul.h"

#include <mach/mach_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

#include "file_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "unix_user.h"

static vm_prot_t
emul_protection(uint32_t prot)
{
	vm_prot_t result = VM_PROT_NONE;

	if ((prot & L_PROT_READ) != 0) {
		result |= VM_PROT_READ;
	}
	if ((prot & L_PROT_EXEC) != 0) {
		result |= VM_PROT_READ | VM_PROT_EXECUTE;
	}
	if ((prot & L_PROT_WRITE) != 0) {
		result |= VM_PROT_READ | VM_PROT_WRITE;
	}
	return result;
}

int32_t
emul_brk(struct emul_thread *thread, uint32_t *a)
{
	struct emul_shared *s = &emul_shared;
	uint32_t end = emul_page_whole(a[0]);
	vm_address_t address = s->brk_mapped;

	if (a[0] < s->brk_start || a[0] >= UNIX_MMAP_BASE) {
		return (int32_t)s->brk_now;
	}
	if (end > s->brk_mapped) {
		if (vm_map(emul_task(thread), &address, end - s->brk_mapped, 0,
			FALSE, MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT,
			VM_PROT_ALL, VM_INHERIT_COPY) != KERN_SUCCESS) {
			return (int32_t)s->brk_now;
		}
	} else if (end < s->brk_mapped) {
		vm_deallocate(emul_task(thread), end, s->brk_mapped - end);
	}
	if (a[0] < s->brk_now) {
		emul_page_clear_rest(a[0]);
	}
	s->brk_mapped = end;
	s->brk_now = a[0];
	return (int32_t)a[0];
}

/*
 * SIZE bytes do not fit at *ADDRESSP: go on behind what is mapped there or
 * next; from the beginning once, when the end is reached.
 */
static bool
emul_map_skip(mach_port_t task, vm_address_t *addressp, uint32_t size)
{
	vm_address_t address = *addressp;
	vm_size_t region;
	vm_prot_t prot;
	vm_prot_t max;
	vm_inherit_t inherit;
	boolean_t shared;
	mach_port_t name;
	vm_offset_t offset;

	if (vm_region(task, &address, &region, &prot, &max, &inherit, &shared,
	    &name, &offset) != KERN_SUCCESS) {
		return false;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(task, name);
	}
	if (emul_range_ok(address + region, size)) {
		*addressp = address + region;
		return true;
	}
	if (emul_shared.map_hint == UNIX_MMAP_BASE) {
		return false;
	}
	emul_shared.map_hint = UNIX_MMAP_BASE;
	*addressp = UNIX_MMAP_BASE;
	return true;
}

/*
 * Find or take the place: with a fixed address what is there goes away; else a
 * hint is tried before the usual part of the address space.
 */
static kern_return_t
emul_map_whole(struct emul_thread *thread, vm_address_t *addressp,
    uint32_t size, uint32_t prot, uint32_t flags, mach_port_t object,
    vm_offset_t offset)
{
	mach_port_t task = emul_task(thread);
	vm_prot_t protection = emul_protection(prot);
	bool shared = (flags & L_MAP_TYPE) != L_MAP_PRIVATE;
	vm_prot_t max = VM_PROT_ALL;
	vm_inherit_t inherit = shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY;
	boolean_t copy = object != MACH_PORT_NULL && !shared;
	kern_return_t kr = KERN_NO_SPACE;

	if (object != MACH_PORT_NULL && shared) {
		max = protection | VM_PROT_READ | VM_PROT_EXECUTE;
	}
	if ((flags & L_MAP_FIXED) != 0) {
		vm_deallocate(task, *addressp, size);
		return vm_map(task, addressp, size, 0, FALSE, object, offset,
		    copy, protection, max, inherit);
	}
	if (*addressp != 0) {
		kr = vm_map(task, addressp, size, 0, FALSE, object, offset,
		    copy, protection, max, inherit);
	}
	if (kr == KERN_SUCCESS || (flags & L_MAP_FIXED_NOREPLACE) != 0) {
		return kr;
	}
	*addressp = emul_shared.map_hint;
	do {
		kr = vm_map(task, addressp, size, 0, FALSE, object, offset,
		    copy, protection, max, inherit);
	} while (kr == KERN_NO_SPACE && emul_map_skip(task, addressp, size));
	if (kr == KERN_SUCCESS) {
		emul_shared.map_hint = *addressp + size;
	}
	return kr;
}

/*
 * The same for what may begin or end in the middle of a page of the kernel's.
 * There only zeros can be mapped.
 */
static kern_return_t
emul_map(struct emul_thread *thread, vm_address_t *addressp, uint32_t size,
    uint32_t prot, uint32_t flags, mach_port_t object, vm_offset_t offset)
{
	bool fixed = (flags & (L_MAP_FIXED | L_MAP_FIXED_NOREPLACE)) != 0;
	kern_return_t kr;

	if (emul_shared.page_mask == EMUL_PAGE_MASK) {
		return emul_map_whole(
		    thread, addressp, size, prot, flags, object, offset);
	}
	if (fixed &&
	    (emul_page_partial(*addressp) || emul_page_partial(size))) {
		if (object != MACH_PORT_NULL || (flags & L_MAP_FIXED) == 0 ||
		    (flags & L_MAP_TYPE) != L_MAP_PRIVATE) {
			return KERN_INVALID_ARGUMENT;
		}
		return emul_page_zero(
		    emul_task(thread), *addressp, size, emul_protection(prot));
	}
	*addressp = emul_page_whole(*addressp);
	kr = emul_map_whole(thread, addressp, emul_page_whole(size), prot,
	    flags, object, offset);
	if (kr == KERN_SUCCESS) {
		emul_page_mapped(*addressp, size);
	}
	return kr;
}

/* A file in the server's memory, shared. */
static int32_t
emul_map_memory(struct emul_thread *thread, vm_address_t *addressp,
    uint32_t size, uint32_t *a, uint64_t offset)
{
	mach_port_t object;
	int result;
	kern_return_t kr;

	kr = unix_map(thread->port, (int)a[4], (a[2] & L_PROT_WRITE) != 0,
	    &result, &object);
	if (kr != KERN_SUCCESS || result != 0) {
		return kr != KERN_SUCCESS ? -L_EIO : result;
	}
	kr = (uint32_t)offset != offset ? KERN_NO_SPACE :
	    emul_map(thread, addressp, size, a[2], a[3], object,
	    (vm_offset_t)offset);
	mach_port_deallocate(emul_task(thread), object);
	return emul_error(kr);
}

/* A private copy of a file without a memory object. */
static int32_t
emul_map_copy(struct emul_thread *thread, vm_address_t *addressp,
    uint32_t size, uint32_t *a, uint64_t offset)
{
	uint32_t b[6];
	uint32_t done = 0;
	int32_t n;
	kern_return_t kr;

	kr = emul_map(thread, addressp, size, L_PROT_READ | L_PROT_WRITE,
	    a[3], MACH_PORT_NULL, 0);
	if (kr != KERN_SUCCESS) {
		return emul_error(kr);
	}
	while (done < size) {
		b[0] = a[4];
		b[1] = *addressp + done;
		b[2] = size - done;
		b[3] = (uint32_t)(offset + done);
		b[4] = (uint32_t)((offset + done) >> 32);
		b[5] = 0;
		n = emul_pread(thread, b);
		if (n < 0) {
			emul_page_unmap(emul_task(thread), *addressp, size);
			return n == -L_ESPIPE ? -L_ENODEV : n;
		}
		if (n == 0) {
			break;
		}
		done += (uint32_t)n;
	}
	emul_page_protect(emul_task(thread), *addressp, size,
	    emul_protection(a[2]));
	return 0;
}

/* Part of a page of the kernel's cannot show a file. */
static bool
emul_map_partial(
    vm_address_t address, uint32_t size, uint32_t flags, uint64_t offset)
{
	return emul_page_partial((uint32_t)offset) ||
	       ((flags & L_MAP_FIXED) != 0 &&
		   (emul_page_partial(address) || emul_page_partial(size)));
}

static int32_t
emul_map_file(struct emul_thread *thread, vm_address_t *addressp,
    uint32_t size, uint32_t *a, uint64_t offset)
{
	struct emul_handle *handle = emul_handle_lookup(thread, a[4]);
	mach_port_t object;
	vm_offset_t object_offset;
	uint32_t length;
	vm_prot_t prot = VM_PROT_READ | VM_PROT_EXECUTE;
	kern_return_t kr;

	if (handle == NULL) {
		return -L_EBADF;
	}
	if (handle->kind == UNIX_HANDLE_ZERO) {
		kr = emul_map(thread, addressp, size, a[2], a[3],
		    MACH_PORT_NULL, 0);
		return emul_error(kr);
	}
	if (handle->kind == UNIX_HANDLE_NULL) {
		return -L_ENODEV;
	}
	if (emul_map_partial(*addressp, size, a[3], offset)) {
		return (a[3] & L_MAP_TYPE) != L_MAP_PRIVATE
			   ? -L_EINVAL
			   : emul_map_copy(thread, addressp, size, a, offset);
	}
	if (handle->kind != UNIX_HANDLE_FILE) {
		if ((a[3] & L_MAP_TYPE) != L_MAP_PRIVATE) {
			return emul_map_memory(thread, addressp, size, a,
			    offset);
		}
		return emul_map_copy(thread, addressp, size, a, offset);
	}
	if ((a[3] & L_MAP_TYPE) != L_MAP_PRIVATE &&
	    (a[2] & L_PROT_WRITE) != 0) {
		prot |= VM_PROT_WRITE;
	}
	kr = file_map(handle->port, prot, (int64_t)offset, &object,
	    &object_offset, &length);
	if (kr != KERN_SUCCESS) {
		if ((a[3] & L_MAP_TYPE) != L_MAP_PRIVATE) {
			return emul_error(kr);
		}
		return emul_map_copy(thread, addressp, size, a, offset);
	}
	kr = emul_map(thread, addressp, size, a[2], a[3], object,
	    object_offset);
	mach_port_deallocate(emul_task(thread), object);
	return emul_error(kr);
}

static int32_t
emul_mmap_at(struct emul_thread *thread, uint32_t *a, uint64_t offset)
{
	uint32_t size = emul_page_up(a[1]);
	vm_address_t address = a[0];
	uint32_t type = a[3] & L_MAP_TYPE;
	int32_t error;

	if (size == 0 || type == 0 || type > 3) {
		return a[1] != 0 && type != 0 && type <= 3 ? -L_ENOMEM :
		    -L_EINVAL;
	}
	if ((address & EMUL_PAGE_MASK) != 0) {
		if ((a[3] & L_MAP_FIXED) != 0) {
			return -L_EINVAL;
		}
		address = emul_page_up(address);
	}
	if (!emul_range_ok(address, size)) {
		if ((a[3] & L_MAP_FIXED) != 0) {
			return -L_ENOMEM;
		}
		address = 0;
	}
	if ((a[3] & L_MAP_FIXED) != 0 && address < UNIX_USER_MIN) {
		return -L_EPERM;
	}
	if ((a[3] & L_MAP_ANONYMOUS) != 0) {
		error = emul_error(emul_map(thread, &address, size, a[2],
		    a[3], MACH_PORT_NULL, 0));
	} else {
		error = emul_map_file(thread, &address, size, a, offset);
	}
	return error != 0 ? error : (int32_t)address;
}

int32_t
emul_mmap(struct emul_thread *thread, uint32_t *a)
{
	uint32_t b[6];

	if (emul_copy(b, (void *)(uintptr_t)a[0], sizeof(b)) != 0) {
		return -L_EFAULT;
	}
	if ((b[5] & EMUL_PAGE_MASK) != 0) {
		return -L_EINVAL;
	}
	return emul_mmap_at(thread, b, b[5]);
}

int32_t
emul_mmap2(struct emul_thread *thread, uint32_t *a)
{
	return emul_mmap_at(thread, a, (uint64_t)a[5] << 12);
}

int32_t
emul_munmap(struct emul_thread *thread, uint32_t *a)
{
	uint32_t size = emul_page_up(a[1]);

	if ((a[0] & EMUL_PAGE_MASK) != 0 || size == 0 ||
	    !emul_range_ok(a[0], size)) {
		return -L_EINVAL;
	}
	if (a[0] < emul_shared.map_hint && a[0] >= UNIX_MMAP_BASE) {
		emul_shared.map_hint = a[0] & ~emul_shared.page_mask;
	}
	return emul_error(emul_page_unmap(emul_task(thread), a[0], size));
}

int32_t
emul_mprotect(struct emul_thread *thread, uint32_t *a)
{
	uint32_t size = emul_page_up(a[1]);
	kern_return_t kr;

	if ((a[0] & EMUL_PAGE_MASK) != 0) {
		return -L_EINVAL;
	}
	if (size == 0) {
		return 0;
	}
	if (!emul_range_ok(a[0], size)) {
		return -L_ENOMEM;
	}
	kr = emul_page_protect(emul_task(thread), a[0], size,
	    emul_protection(a[2]));
	return kr == KERN_PROTECTION_FAILURE ? -L_EACCES :
	    kr != KERN_SUCCESS ? -L_ENOMEM : 0;
}

/* Is what is mapped at ADDRESS shared? */
static bool
emul_is_shared(mach_port_t task, vm_address_t address)
{
	vm_size_t size;
	vm_prot_t prot;
	vm_prot_t max;
	vm_inherit_t inherit;
	boolean_t shared;
	mach_port_t name;
	vm_offset_t offset;

	if (vm_region(task, &address, &size, &prot, &max, &inherit, &shared,
	    &name, &offset) != KERN_SUCCESS) {
		return false;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(task, name);
	}
	return inherit == VM_INHERIT_SHARE;
}

/* SIZE bytes of zeros at *ADDRESSP, or anywhere if that is 0. */
static kern_return_t
emul_map_zeros(struct emul_thread *thread, vm_address_t *addressp,
    uint32_t size)
{
	return emul_map(thread, addressp, size, L_PROT_READ | L_PROT_WRITE,
	    L_MAP_PRIVATE | (*addressp != 0 ? L_MAP_FIXED : 0), MACH_PORT_NULL,
	    0);
}

/*
 * Whole pages of the kernel's grow in place where there is room and *ADDRESSP
 * is 0, else they move.
 */
static int32_t
emul_mremap_whole(struct emul_thread *thread, const uint32_t *a,
    uint32_t old_size, uint32_t new_size, vm_address_t *addressp)
{
	mach_port_t task = emul_task(thread);
	vm_address_t behind = a[0] + old_size;

	if (*addressp == 0) {
		if (emul_range_ok(a[0], new_size) && (new_size == old_size ||
		    vm_allocate(task, &behind, new_size - old_size, FALSE) ==
		    KERN_SUCCESS)) {
			*addressp = a[0];
			return 0;
		}
		if ((a[3] & L_MREMAP_MAYMOVE) == 0) {
			return -L_ENOMEM;
		}
	}
	if (emul_map_zeros(thread, addressp, new_size) != KERN_SUCCESS) {
		return -L_ENOMEM;
	}
	if (vm_copy(task, a[0], old_size < new_size ? old_size : new_size,
	    *addressp) != KERN_SUCCESS) {
		emul_page_unmap(task, *addressp, new_size);
		return -L_EFAULT;
	}
	return emul_error(emul_page_unmap(task, a[0], old_size));
}

/* What is shared would not be so afterwards, so it stays as it is. */
int32_t
emul_mremap(struct emul_thread *thread, uint32_t *a)
{
	mach_port_t task = emul_task(thread);
	uint32_t old_size = emul_page_up(a[1]);
	uint32_t new_size = emul_page_up(a[2]);
	bool fixed = (a[3] & L_MREMAP_FIXED) != 0;
	vm_address_t address = fixed ? a[4] : 0;
	int32_t error;

	if ((a[0] & EMUL_PAGE_MASK) != 0 || new_size == 0 ||
	    !emul_range_ok(a[0], old_size) || !emul_range_ok(0, new_size)) {
		return -L_EINVAL;
	}
	if (!fixed && new_size <= old_size) {
		if (new_size < old_size) {
			emul_page_unmap(task, a[0] + new_size,
			    old_size - new_size);
		}
		return (int32_t)a[0];
	}
	if (emul_is_shared(task, a[0])) {
		return -L_ENOMEM;
	}
	if (fixed && ((address & EMUL_PAGE_MASK) != 0 || address == 0 ||
	    !emul_range_ok(address, new_size))) {
		return -L_EINVAL;
	}
	if (emul_page_partial(a[0]) || emul_page_partial(address) ||
	    emul_page_rest_used(a[0] + old_size)) {
		return -L_ENOMEM;
	}
	emul_page_clear_rest(a[0] + old_size);
	error = emul_mremap_whole(thread, a, emul_page_whole(old_size),
	    emul_page_whole(new_size), &address);
	if (error != 0) {
		return error;
	}
	emul_page_mapped(address, new_size);
	return (int32_t)address;
}
