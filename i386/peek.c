/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Guarded access: the page tables are looked at, as the processor would, and
 * then the physical memory is read or written, so what is not there cannot
 * fault.  Device memory is left alone, because to touch it may have effects.
 */

#include <machine/peek.h>

#include <machine/types.h>

#include <i386/pmap.h>

/*
 * Where the kernel always sees the byte at ADDRESS, and can WRITE it if that
 * is wanted; NULL: nowhere.
 */
static char *
peek_direct(uintptr_t address, bool write)
{
	const pte_t *table;
	pte_t entry;
	char *direct;

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
	direct = pmap_direct((entry & PTE_FRAME) | (address & PAGE_HW_MASK));
	if (direct == NULL && (!write || (entry & PTE_WRITE) != 0)) {
		direct = (char *)address;
	}
	return direct;
}

/* As memcpy(), which may have a breakpoint when others are put in. */
static void
peek_copy(char *to, const char *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D" (to), "+S" (from), "+c" (n) : :
	    "memory");
}

bool
peek_read(uintptr_t address, void *to, size_t n)
{
	char *at = to;

	while (n > 0) {
		size_t part = PAGE_HW_SIZE - (address & PAGE_HW_MASK);
		const char *from = peek_direct(address, false);

		if (from == NULL) {
			return false;
		}
		if (part > n) {
			part = n;
		}
		peek_copy(at, from, part);
		at += part;
		address += part;
		n -= part;
		if (address == 0 && n > 0) {
			return false;
		}
	}
	return true;
}

bool
peek_write(uintptr_t address, const void *from, size_t n)
{
	const uint8_t *at = from;

	if (n > 0 && address + (n - 1) < address) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (peek_direct(address + i, true) == NULL) {
			return false;
		}
	}
	/* Byte by byte, so that nothing else is called meanwhile. */
	for (size_t i = 0; i < n; i++) {
		*(volatile uint8_t *)peek_direct(address + i, true) = at[i];
	}
	return true;
}
