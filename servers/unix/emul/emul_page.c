/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Programs are linked for pages of 4 KiB; the kernel's may be larger
 * (page-size=8192).  Here what a program does to a part of such a page is made
 * into what can be done to the whole:
 *
 *   - a place that is mapped over becomes zeros, for the program to fill;
 *   - a part that is unmapped stays readable until all parts are;
 *   - protection of a part adds to what the other parts have.
 *
 * A list has the pages of which a part is unmapped; where it has no room for
 * one, the page stays.
 */
#include "emul.h"

#include <mach/mach_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

#include "mach_port_user.h"
#include "mach_user.h"

/* A page of the kernel's of which only some parts are mapped. */
struct emul_part {
	uint32_t	page;
	uint32_t	used;		/* bit for each part */
};

#define EMUL_PARTS	512

/* emul_shared.parts of them; under the lock. */
static struct emul_part emul_parts[EMUL_PARTS];

static void
emul_parts_lock(void)
{
	while (__atomic_exchange_n(&emul_shared.parts_lock, 1,
	    __ATOMIC_ACQUIRE) != 0) {
		swtch_pri(0);
	}
}

static void
emul_parts_unlock(void)
{
	__atomic_store_n(&emul_shared.parts_lock, 0, __ATOMIC_RELEASE);
}

/* Bits for the parts of PAGE between START and END. */
static uint32_t
emul_part_bits(uint32_t page, uint32_t start, uint32_t end)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i * EMUL_PAGE_SIZE <= emul_shared.page_mask; i++) {
		uint32_t at = page + i * EMUL_PAGE_SIZE;

		if (at >= start && at < end) {
			bits |= 1u << i;
		}
	}
	return bits;
}

static uint32_t
emul_part_all(uint32_t page)
{
	return emul_part_bits(page, page, page + emul_shared.page_mask);
}

static struct emul_part *
emul_part_find(uint32_t page)
{
	for (uint32_t i = 0; i < emul_shared.parts; i++) {
		if (emul_parts[i].page == page) {
			return &emul_parts[i];
		}
	}
	return NULL;
}

static uint32_t
emul_part_used(uint32_t page)
{
	struct emul_part *part = emul_part_find(page);

	return part != NULL ? part->used : emul_part_all(page);
}

static void
emul_part_set(uint32_t page, uint32_t used)
{
	struct emul_part *part = emul_part_find(page);

	if (used == 0 || used == emul_part_all(page)) {
		if (part != NULL) {
			*part = emul_parts[--emul_shared.parts];
		}
		return;
	}
	if (part == NULL && emul_shared.parts < EMUL_PARTS) {
		part = &emul_parts[emul_shared.parts++];
	}
	if (part != NULL) {
		part->page = page;
		part->used = used;
	}
}

/* Whole pages, of which nothing more is known. */
static void
emul_parts_forget(uint32_t start, uint32_t end)
{
	uint32_t i = 0;

	while (i < emul_shared.parts) {
		if (emul_parts[i].page >= start && emul_parts[i].page < end) {
			emul_parts[i] = emul_parts[--emul_shared.parts];
		} else {
			i++;
		}
	}
}

/*
 * Call FN for each page of which [START, END) is a part, and ALL for the whole
 * pages in between.
 */
struct emul_page_work {
	mach_port_t	task;
	vm_prot_t	prot;
	kern_return_t	(*part)(const struct emul_page_work *work,
			    uint32_t page, uint32_t start, uint32_t end);
	kern_return_t	(*all)(const struct emul_page_work *work,
			    uint32_t start, uint32_t size);
};

static kern_return_t
emul_page_walk(const struct emul_page_work *work, uint32_t start, uint32_t size)
{
	uint32_t mask = emul_shared.page_mask;
	uint32_t end = start + size;
	uint32_t first = (start + mask) & ~mask;
	uint32_t last = end & ~mask;
	kern_return_t kr = KERN_SUCCESS;

	if (mask == EMUL_PAGE_MASK) {
		return work->all(work, start, size);
	}
	emul_parts_lock();
	if (first > last) {
		kr = work->part(work, last, start, end);
		emul_parts_unlock();
		return kr;
	}
	if (start < first) {
		kr = work->part(work, first - mask - 1, start, first);
	}
	if (kr == KERN_SUCCESS && first < last) {
		kr = work->all(work, first, last - first);
	}
	if (kr == KERN_SUCCESS && last < end) {
		kr = work->part(work, last, last, end);
	}
	emul_parts_unlock();
	return kr;
}

/* Protection of what is mapped at PAGE. */
static vm_prot_t
emul_page_prot(mach_port_t task, uint32_t page)
{
	vm_address_t address = page;
	vm_inherit_t inherit;
	vm_size_t size;
	vm_prot_t prot;
	vm_prot_t max;
	boolean_t shared;
	mach_port_t name;
	vm_offset_t offset;

	if (vm_region(task, &address, &size, &prot, &max, &inherit, &shared,
	    &name, &offset) != KERN_SUCCESS) {
		return VM_PROT_NONE;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(task, name);
	}
	return address <= page ? prot : VM_PROT_NONE;
}

static kern_return_t
emul_unmap_part(const struct emul_page_work *work, uint32_t page,
    uint32_t start, uint32_t end)
{
	uint32_t used = emul_part_used(page) & ~emul_part_bits(page, start,
	    end);

	if (used == 0) {
		vm_deallocate(work->task, page, emul_shared.page_mask + 1);
	}
	emul_part_set(page, used);
	return KERN_SUCCESS;
}

static kern_return_t
emul_unmap_all(const struct emul_page_work *work, uint32_t start, uint32_t size)
{
	emul_parts_forget(start, start + size);
	return vm_deallocate(work->task, start, size);
}

kern_return_t
emul_page_unmap(mach_port_t task, uint32_t address, uint32_t size)
{
	const struct emul_page_work work = {
		.task = task,
		.part = emul_unmap_part,
		.all = emul_unmap_all,
	};

	return emul_page_walk(&work, address, size);
}

static kern_return_t
emul_protect_part(const struct emul_page_work *work, uint32_t page,
    uint32_t start, uint32_t end)
{
	vm_prot_t prot = work->prot;

	if ((emul_part_used(page) & ~emul_part_bits(page, start, end)) != 0) {
		prot |= emul_page_prot(work->task, page);
	}
	return vm_protect(work->task, page, emul_shared.page_mask + 1, FALSE,
	    prot);
}

static kern_return_t
emul_protect_all(const struct emul_page_work *work, uint32_t start,
    uint32_t size)
{
	return vm_protect(work->task, start, size, FALSE, work->prot);
}

kern_return_t
emul_page_protect(mach_port_t task, uint32_t address, uint32_t size,
    vm_prot_t prot)
{
	const struct emul_page_work work = {
		.task = task,
		.prot = prot,
		.part = emul_protect_part,
		.all = emul_protect_all,
	};

	return emul_page_walk(&work, address, size);
}

static void
emul_page_clear(uint32_t start, uint32_t end)
{
	static const char zeros[EMUL_PAGE_SIZE];

	for (; start < end; start += EMUL_PAGE_SIZE) {
		emul_copy((void *)(uintptr_t)start, zeros, sizeof(zeros));
	}
}

static kern_return_t
emul_zero_part(const struct emul_page_work *work, uint32_t page,
    uint32_t start, uint32_t end)
{
	uint32_t size = emul_shared.page_mask + 1;
	uint32_t bits = emul_part_bits(page, start, end);
	uint32_t used = emul_part_used(page) & ~bits;
	vm_address_t address = page;
	vm_prot_t prot = work->prot;
	kern_return_t kr;

	if (used == 0) {
		vm_deallocate(work->task, page, size);
	}
	if (vm_allocate(work->task, &address, size, FALSE) == KERN_SUCCESS) {
		used = 0;
	} else {
		prot |= emul_page_prot(work->task, page);
		kr = vm_protect(work->task, page, size, FALSE,
		    prot | VM_PROT_DEFAULT);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		emul_page_clear(start, end);
	}
	emul_part_set(page, used | bits);
	return vm_protect(work->task, page, size, FALSE, prot);
}

static kern_return_t
emul_zero_all(const struct emul_page_work *work, uint32_t start, uint32_t size)
{
	vm_address_t address = start;

	emul_parts_forget(start, start + size);
	vm_deallocate(work->task, start, size);
	return vm_map(work->task, &address, size, 0, FALSE, MACH_PORT_NULL, 0,
	    FALSE, work->prot, VM_PROT_ALL, VM_INHERIT_COPY);
}

kern_return_t
emul_page_zero(mach_port_t task, uint32_t address, uint32_t size,
    vm_prot_t prot)
{
	const struct emul_page_work work = {
		.task = task,
		.prot = prot,
		.part = emul_zero_part,
		.all = emul_zero_all,
	};

	return emul_page_walk(&work, address, size);
}

void
emul_page_mapped(uint32_t address, uint32_t size)
{
	uint32_t end = address + size;
	uint32_t last = end & ~emul_shared.page_mask;

	if (emul_shared.page_mask == EMUL_PAGE_MASK) {
		return;
	}
	emul_parts_lock();
	emul_parts_forget(address, end);
	if (last != end) {
		emul_part_set(last, emul_part_bits(last, address, end));
	}
	emul_parts_unlock();
}

bool
emul_page_rest_used(uint32_t address)
{
	uint32_t page = address & ~emul_shared.page_mask;
	uint32_t used;

	if (page == address) {
		return false;
	}
	emul_parts_lock();
	used = emul_part_used(page) & emul_part_bits(page, address,
	    page + emul_shared.page_mask);
	emul_parts_unlock();
	return used != 0;
}

void
emul_page_clear_rest(uint32_t address)
{
	emul_page_clear(emul_page_up(address), emul_page_whole(address));
}

void
emul_page_forked(void)
{
	/* Whoever held it is not in this task. */
	emul_shared.parts_lock = 0;
}
