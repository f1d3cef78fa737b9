/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Guarded reading: the page tables are looked at, as the processor would, and
 * then the physical memory is read, so what is not there cannot fault.  Device
 * memory is not read, because that may have effects.
 */

#include <machine/peek.h>

#include <string.h>

#include <machine/types.h>

#include <i386/pmap.h>

/* Where the kernel always sees the byte at ADDRESS; NULL: nowhere. */
static const char *
peek_direct(uintptr_t address)
{
	const pte_t *table;
	pte_t entry;

	if (address < KERNEL_DIRECT_BASE) {
		return NULL;
	}
	/* While the kernel starts, boot.asm's page directory is used. */
	if (kernel_pmap->dir == NULL) {
		return pmap_direct(address - KERNEL_DIRECT_BASE);
	}
	entry = kernel_pmap->dir[address >> PMAP_LARGE_SHIFT];
	if ((entry & PTE_VALID) == 0) {
		return NULL;
	}
	if ((entry & PTE_LARGE) != 0) {
		return pmap_direct(address - KERNEL_DIRECT_BASE);
	}
	table = pmap_direct(entry & PTE_FRAME);
	if (table == NULL) {
		return NULL;
	}
	entry = table[(address >> PAGE_HW_SHIFT) & (PMAP_TABLE_SIZE - 1)];
	if ((entry & PTE_VALID) == 0 || (entry & PTE_UNCACHED) != 0) {
		return NULL;
	}
	/* Beyond the direct map it is to be read where it is mapped. */
	table = pmap_direct((entry & PTE_FRAME) | (address & PAGE_HW_MASK));
	return table != NULL ? (const char *)table : (const char *)address;
}

bool
peek_read(uintptr_t address, void *to, size_t n)
{
	char *at = to;

	while (n > 0) {
		size_t part = PAGE_HW_SIZE - (address & PAGE_HW_MASK);
		const char *from = peek_direct(address);

		if (from == NULL) {
			return false;
		}
		if (part > n) {
			part = n;
		}
		memcpy(at, from, part);
		at += part;
		address += part;
		n -= part;
		if (address == 0 && n > 0) {
			return false;
		}
	}
	return true;
}
