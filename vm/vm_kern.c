/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel memory by pages.  An allocation is an entry of kernel_map without an
 * object; its pages are private, and found again through the pmap.
 */

#include <vm/vm_kern.h>

#include <machine/pmap.h>

#include <kernel/panic.h>

#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

struct vm_map *kernel_map;

void
vm_kern_setup(void)
{
	kernel_map = vm_map_create_ranked(kernel_pmap, KERNEL_MAP_MIN,
	    KERNEL_MAP_MAX, LOCK_RANK_VM_KERN);
	if (kernel_map == NULL) {
		panic("vm_kern: no memory for the kernel map");
	}
}

vm_offset_t
vm_kern_reserve(vm_size_t size)
{
	struct vm_map_request req = {
		.size = vm_page_round(size),
		.anywhere = true,
		.prot = VM_PROT_DEFAULT,
		.max_prot = VM_PROT_DEFAULT,
		.inheritance = VM_INHERIT_NONE,
		.no_merge = true,
	};
	vm_offset_t addr = KERNEL_MAP_MIN;

	if (size == 0 || vm_map_enter(kernel_map, &addr, &req) !=
	    KERN_SUCCESS) {
		return 0;
	}
	return addr;
}

void
vm_kern_unreserve(vm_offset_t addr, vm_size_t size)
{
	/* Whole entries: nothing is split, so nothing can fail. */
	if (vm_map_remove(kernel_map, addr, addr + vm_page_round(size)) !=
	    KERN_SUCCESS) {
		panic("vm_kern: cannot unreserve %#lx", (unsigned long)addr);
	}
}

/* Unmap and free the pages of [START, END). */
static void
vm_kern_free_pages(vm_offset_t start, vm_offset_t end)
{
	phys_addr_t pa;

	for (vm_offset_t va = start; va < end; va += vm_page_size) {
		if (!pmap_extract(kernel_pmap, va, &pa)) {
			panic("vm_kern: %#lx is not mapped",
			    (unsigned long)va);
		}
		pmap_remove(kernel_pmap, va, va + vm_page_size);
		vm_page_release(vm_page_from_phys(pa));
	}
}

static bool
vm_kern_alloc_page(vm_offset_t va)
{
	struct vm_page *page = vm_phys_alloc(vm_page_order, 0);

	if (page == NULL) {
		return false;
	}
	pmap_zero_page(vm_page_to_phys(page));
	if (pmap_enter(kernel_pmap, va, vm_page_to_phys(page),
	    VM_PROT_DEFAULT, true) != KERN_SUCCESS) {
		vm_phys_free(page, vm_page_order);
		return false;
	}
	return true;
}

void *
vm_kern_alloc(vm_size_t size)
{
	vm_offset_t addr = vm_kern_reserve(size);
	vm_offset_t va;

	if (addr == 0) {
		return NULL;
	}
	size = vm_page_round(size);
	for (va = addr; va < addr + size; va += vm_page_size) {
		if (!vm_kern_alloc_page(va)) {
			vm_kern_free_pages(addr, va);
			vm_kern_unreserve(addr, size);
			return NULL;
		}
	}
	return (void *)addr;
}

void
vm_kern_free(void *p, vm_size_t size)
{
	vm_offset_t addr = (vm_offset_t)p;

	vm_kern_free_pages(addr, addr + vm_page_round(size));
	vm_kern_unreserve(addr, size);
}
