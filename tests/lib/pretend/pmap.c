/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Page tables of the pretend machine: per map a two-level array of entries,
 * and per physical page a list of where it is mapped.  The kernel's map also
 * shows its pages to the host process, so that kernel addresses work.
 * Functions here contain no step, so nothing can come in between.
 */

#include <machine/pmap.h>

#include <string.h>

#include <machine/copyio.h>
#include <machine/peek.h>

#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/refcount.h>
#include <kernel/thread.h>

#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

#include "host.h"
#include "pretend.h"

#define PMAP_FANOUT	1024u

struct pmap_entry {
	struct list_node link;		/* of the physical page's mappings */
	struct pmap *pmap;
	vm_offset_t va;
	phys_addr_t pa;
	uint8_t prot;			/* VM_PROT_NONE: no mapping */
	bool wired;
};

struct pmap {
	struct refcount refcount;
	unsigned resident;
	bool prepared;			/* threads may run here */
	struct pmap_entry *tables[PMAP_FANOUT];
};

struct pmap_frame {
	struct list mappings;
	bool modified;
	bool referenced;
};

static struct pmap pmap_kernel;
struct pmap *const kernel_pmap = &pmap_kernel;

bool pretend_mapped_is_used;
void (*pretend_looked)(phys_addr_t pa);

static struct pmap_frame *pmap_frames;
static phys_addr_t pmap_end;

void
pretend_pmap_setup(void)
{
	size_t size = (size_t)pretend_config.memory_mib << 20;

	pmap_end = (phys_addr_t)size;
	host_memory_create(KERNEL_DIRECT_BASE, size);
	pmap_frames = host_alloc((size >> PAGE_HW_SHIFT) *
	    sizeof(*pmap_frames));
	for (size_t i = 0; i < size >> PAGE_HW_SHIFT; i++) {
		list_init(&pmap_frames[i].mappings);
	}
	refcount_init(&pmap_kernel.refcount, 1);
}

void
pmap_setup(void)
{
}

void
pmap_setup_pages(void)
{
}

static struct pmap_frame *
pmap_frame(phys_addr_t pa)
{
	return pa < pmap_end ? &pmap_frames[pa >> PAGE_HW_SHIFT] : NULL;
}

struct pmap *
pmap_create(void)
{
	struct pmap *pmap = host_alloc(sizeof(*pmap));

	refcount_init(&pmap->refcount, 1);
	return pmap;
}

kern_return_t
pmap_prepare(struct pmap *pmap)
{
	pmap->prepared = true;
	return KERN_SUCCESS;
}

void
pmap_ref(struct pmap *pmap)
{
	refcount_ref(&pmap->refcount);
}

void
pmap_unref(struct pmap *pmap)
{
	if (!refcount_unref(&pmap->refcount)) {
		return;
	}
	pmap_remove(pmap, 0, MACHINE_USER_MAX);
	assert(pmap->resident == 0);
	for (unsigned i = 0; i < PMAP_FANOUT; i++) {
		host_free(pmap->tables[i]);
	}
	host_free(pmap);
}

static struct pmap_entry *
pmap_lookup(struct pmap *pmap, vm_offset_t va)
{
	struct pmap_entry *table = pmap->tables[va >> 22];
	struct pmap_entry *entry;

	if (table == NULL) {
		return NULL;
	}
	entry = &table[(va >> PAGE_HW_SHIFT) % PMAP_FANOUT];
	return entry->prot == VM_PROT_NONE ? NULL : entry;
}

static void
pmap_show(const struct pmap_entry *entry)
{
	if (entry->pmap == kernel_pmap) {
		host_memory_map(entry->va, entry->pa, PAGE_HW_SIZE,
		    (entry->prot & VM_PROT_WRITE) != 0);
	}
}

static void
pmap_drop(struct pmap_entry *entry)
{
	if (list_node_linked(&entry->link)) {
		list_remove(&entry->link);
	}
	if (entry->pmap == kernel_pmap) {
		host_memory_unmap(entry->va, PAGE_HW_SIZE);
	}
	entry->prot = VM_PROT_NONE;
	entry->pmap->resident--;
}

static void
pmap_enter_one(struct pmap *pmap, vm_offset_t va, phys_addr_t pa,
    vm_prot_t prot, bool wired)
{
	struct pmap_entry *old = pmap_lookup(pmap, va);
	struct pmap_frame *frame = pmap_frame(pa);
	struct pmap_entry *entry;

	if (old != NULL) {
		pmap_drop(old);
	}
	if (pmap->tables[va >> 22] == NULL) {
		pmap->tables[va >> 22] =
		    host_alloc(PMAP_FANOUT * sizeof(struct pmap_entry));
	}
	entry = &pmap->tables[va >> 22][(va >> PAGE_HW_SHIFT) % PMAP_FANOUT];
	entry->pmap = pmap;
	entry->va = va;
	entry->pa = pa;
	entry->prot = (uint8_t)prot;
	entry->wired = wired;
	list_node_init(&entry->link);
	if (frame != NULL) {
		list_insert_tail(&frame->mappings, &entry->link);
	}
	pmap->resident++;
	pmap_show(entry);
}

kern_return_t
pmap_enter(struct pmap *pmap, vm_offset_t va, phys_addr_t pa, vm_prot_t prot,
    bool wired)
{
	assert(((va | pa) & vm_page_mask) == 0 && prot != VM_PROT_NONE);
	if ((prot & VM_PROT_EXECUTE) != 0) {
		prot |= VM_PROT_READ;
	}
	for (vm_offset_t at = 0; at < vm_page_size; at += PAGE_HW_SIZE) {
		pmap_enter_one(pmap, va + at, pa + at, prot, wired);
	}
	return KERN_SUCCESS;
}

typedef void (*pmap_each_fn_t)(struct pmap_entry *entry, vm_prot_t prot);

static void
pmap_each(struct pmap *pmap, vm_offset_t start, vm_offset_t end,
    pmap_each_fn_t fn, vm_prot_t prot)
{
	vm_offset_t va = start;

	while (va < end) {
		struct pmap_entry *entry;

		if (pmap->tables[va >> 22] == NULL) {
			va = (va & ~((1u << 22) - 1)) + (1u << 22);
			if (va == 0) {
				break;
			}
			continue;
		}
		entry = pmap_lookup(pmap, va);
		if (entry != NULL) {
			fn(entry, prot);
		}
		va += PAGE_HW_SIZE;
	}
}

static void
pmap_drop_each(struct pmap_entry *entry, vm_prot_t prot)
{
	pmap_drop(entry);
}

static void
pmap_protect_each(struct pmap_entry *entry, vm_prot_t prot)
{
	if ((prot & VM_PROT_EXECUTE) != 0) {
		prot |= VM_PROT_READ;
	}
	entry->prot &= (uint8_t)prot;
	if (entry->prot == VM_PROT_NONE) {
		entry->prot = VM_PROT_READ;
		pmap_drop(entry);
	} else {
		pmap_show(entry);
	}
}

static void
pmap_collect_each(struct pmap_entry *entry, vm_prot_t prot)
{
	if (!entry->wired) {
		pmap_drop(entry);
	}
}

void
pmap_remove(struct pmap *pmap, vm_offset_t start, vm_offset_t end)
{
	pmap_each(pmap, start, end, pmap_drop_each, VM_PROT_NONE);
}

void
pmap_protect(struct pmap *pmap, vm_offset_t start, vm_offset_t end,
    vm_prot_t prot)
{
	pmap_each(pmap, start, end, pmap_protect_each, prot);
}

void
pmap_collect(struct pmap *pmap)
{
	pmap_each(pmap, 0, MACHINE_USER_MAX, pmap_collect_each, VM_PROT_NONE);
}

void
pmap_change_wiring(struct pmap *pmap, vm_offset_t va, bool wired)
{
	for (vm_offset_t at = 0; at < vm_page_size; at += PAGE_HW_SIZE) {
		struct pmap_entry *entry = pmap_lookup(pmap, va + at);

		if (entry != NULL) {
			entry->wired = wired;
		}
	}
}

bool
pmap_extract(struct pmap *pmap, vm_offset_t va, phys_addr_t *pap)
{
	struct pmap_entry *entry = pmap_lookup(pmap, va);

	if (entry == NULL) {
		return false;
	}
	*pap = entry->pa | (va & PAGE_HW_MASK);
	return true;
}

void
pmap_page_protect(phys_addr_t pa, vm_prot_t prot)
{
	for (phys_addr_t at = pa; at < pa + vm_page_size; at += PAGE_HW_SIZE) {
		struct pmap_frame *frame = pmap_frame(at);
		struct pmap_entry *entry;
		struct pmap_entry *next;

		assert(frame != NULL);
		list_for_each_entry_safe(&frame->mappings, entry, next, link) {
			pmap_protect_each(entry, prot);
		}
	}
}

/* Is a bit set in any hardware page of the page PA? */
static bool
pmap_any(phys_addr_t pa, size_t offset)
{
	for (phys_addr_t at = pa; at < pa + vm_page_size; at += PAGE_HW_SIZE) {
		if (*((bool *)pmap_frame(at) + offset)) {
			return true;
		}
	}
	return false;
}

static void
pmap_clear(phys_addr_t pa, size_t offset)
{
	for (phys_addr_t at = pa; at < pa + vm_page_size; at += PAGE_HW_SIZE) {
		*((bool *)pmap_frame(at) + offset) = false;
	}
}

void
pmap_page_renew(phys_addr_t pa)
{
	for (phys_addr_t at = pa; at < pa + vm_page_size; at += PAGE_HW_SIZE) {
		assert(list_empty(&pmap_frame(at)->mappings));
	}
	pmap_clear(pa, offsetof(struct pmap_frame, modified));
	pmap_clear(pa, offsetof(struct pmap_frame, referenced));
}

bool
pmap_is_modified(phys_addr_t pa)
{
	bool modified = pmap_any(pa, offsetof(struct pmap_frame, modified));

	if (pretend_looked != NULL) {
		pretend_looked(pa);
	}
	return modified;
}

bool
pmap_is_referenced(phys_addr_t pa)
{
	return (pretend_mapped_is_used && !list_empty(
	    &pmap_frame(pa)->mappings)) ||
	    pmap_any(pa, offsetof(struct pmap_frame, referenced));
}

void
pmap_clear_modified(phys_addr_t pa)
{
	pmap_clear(pa, offsetof(struct pmap_frame, modified));
}

void
pmap_clear_referenced(const phys_addr_t *pas, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		pmap_clear(pas[i], offsetof(struct pmap_frame, referenced));
	}
}

void
pretend_touch(phys_addr_t pa, bool write)
{
	struct pmap_frame *frame = pmap_frame(pa);

	frame->referenced = true;
	if (write) {
		frame->modified = true;
	}
}

bool
pretend_write(phys_addr_t pa, uint32_t value)
{
	struct pmap_entry *entry;

	list_for_each_entry(&pmap_frame(pa)->mappings, entry, link) {
		if ((entry->prot & VM_PROT_WRITE) != 0) {
			pmap_copy_in(pa, 0, &value, sizeof(value));
			pretend_touch(pa, true);
			return true;
		}
	}
	return false;
}

void
pmap_zero_page(phys_addr_t pa)
{
	memset(host_memory_at(pa), 0, vm_page_size);
}

void
pmap_copy_page(phys_addr_t src, phys_addr_t dst)
{
	memcpy(host_memory_at(dst), host_memory_at(src), vm_page_size);
}

/* Whoever writes by a mapping does it in steps of its own: pretend_touch(). */
void
pmap_copy_page_still(phys_addr_t src, phys_addr_t dst)
{
	pmap_copy_page(src, dst);
	pmap_clear_modified(src);
}

void
pmap_copy_in(phys_addr_t pa, vm_offset_t offset, const void *buf, size_t n)
{
	assert(offset + n <= vm_page_size);
	memcpy(host_memory_at(pa + offset), buf, n);
}

void
pmap_copy_out(phys_addr_t pa, vm_offset_t offset, void *buf, size_t n)
{
	assert(offset + n <= vm_page_size);
	memcpy(buf, host_memory_at(pa + offset), n);
}

/* Memory above KERNEL_DIRECT_MAX is not in the direct map. */
void *
pmap_direct(phys_addr_t pa)
{
	return pa < pmap_end && pa < KERNEL_DIRECT_MAX ? host_memory_at(pa) : NULL;
}

void *
pmap_debug_at(phys_addr_t pa)
{
	return pa < pmap_end ? host_memory_at(pa) : NULL;
}

phys_addr_t
pmap_phys(const void *va)
{
	return (phys_addr_t)((uintptr_t)va - KERNEL_DIRECT_BASE);
}

void
pmap_activate(struct pmap *old, struct pmap *new)
{
	assert(new == kernel_pmap || new->prepared);
}

unsigned
pmap_shootdowns(void)
{
	return 0;
}

unsigned
pmap_resident_count(const struct pmap *pmap)
{
	return pmap->resident;
}

void *
pmap_map_device(phys_addr_t pa, size_t size)
{
	return NULL;
}

static void
pmap_check_each(struct pmap_entry *entry, vm_prot_t prot)
{
	assert(entry->pmap != NULL && entry->pmap->resident > 0);
}

void
pmap_check(struct pmap *pmap)
{
	pmap_each(pmap, 0, UINT32_MAX, pmap_check_each, VM_PROT_NONE);
}

/* ---- for the debugger --------------------------------------------------- */

bool
peek_read(uintptr_t address, void *to, size_t n)
{
	return host_peek(address, to, n);
}

bool
peek_write(uintptr_t address, const void *from, size_t n)
{
	char was;

	for (size_t i = 0; i < n; i++) {
		if (!host_peek(address + i, &was, 1)) {
			return false;
		}
	}
	memcpy((void *)address, from, n);
	return true;
}

static void
pmap_debug_page(const struct pmap_entry *entry, struct pmap_debug_page *page)
{
	struct pmap_frame *frame = pmap_frame(entry->pa);

	*page = (struct pmap_debug_page){
		.pmap = entry->pmap,
		.va = entry->va,
		.pa = entry->pa,
		.prot = entry->prot,
		.wired = entry->wired,
		.modified = frame != NULL && frame->modified,
		.referenced = frame != NULL && frame->referenced,
	};
}

bool
pmap_debug_info(const struct pmap *pmap, struct pmap_debug_info *info)
{
	struct pmap copy;

	if (!host_peek((uintptr_t)pmap, &copy, sizeof(copy))) {
		return false;
	}
	*info = (struct pmap_debug_info){
		.refs = copy.refcount.value,
		.resident = copy.resident,
	};
	for (unsigned i = 0; i < PMAP_FANOUT; i++) {
		info->tables += copy.tables[i] != NULL ? 1 : 0;
	}
	return true;
}

bool
pmap_debug_read(const struct pmap *pmap, vm_offset_t va, void *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct pmap_entry *entry =
		    pmap_lookup((struct pmap *)pmap, va + i);

		if (entry == NULL || pmap_frame(entry->pa) == NULL) {
			return false;
		}
		((uint8_t *)to)[i] = *(uint8_t *)host_memory_at(entry->pa +
		    (va + i) % PAGE_HW_SIZE);
	}
	return true;
}

enum pmap_debug_write
pmap_debug_write(const struct pmap *pmap, vm_offset_t va, const void *from,
    size_t n)
{
	const struct pmap_entry *entry;

	for (size_t i = 0; i < n; i++) {
		entry = pmap_lookup((struct pmap *)pmap, va + i);
		if (entry == NULL || pmap_frame(entry->pa) == NULL) {
			return PMAP_DEBUG_ABSENT;
		}
		if ((entry->prot & VM_PROT_WRITE) == 0) {
			return PMAP_DEBUG_READ_ONLY;
		}
	}
	for (size_t i = 0; i < n; i++) {
		entry = pmap_lookup((struct pmap *)pmap, va + i);
		*(uint8_t *)host_memory_at(entry->pa + (va + i) %
		    PAGE_HW_SIZE) = ((const uint8_t *)from)[i];
		pmap_frame(entry->pa)->modified = true;
	}
	return PMAP_DEBUG_WRITTEN;
}

bool
pmap_debug_poke(const struct pmap *pmap, vm_offset_t va, uint8_t byte)
{
	const struct pmap_entry *entry = pmap_lookup((struct pmap *)pmap, va);

	if (entry == NULL || pmap_frame(entry->pa) == NULL) {
		return false;
	}
	*(uint8_t *)host_memory_at(entry->pa + va % PAGE_HW_SIZE) = byte;
	return true;
}

bool
pmap_debug_each(const struct pmap *pmap, pmap_debug_fn_t fn, void *arg)
{
	struct pmap_debug_page page;

	for (vm_offset_t va = 0; va < MACHINE_USER_MAX; va += PAGE_HW_SIZE) {
		const struct pmap_entry *entry =
		    pmap_lookup((struct pmap *)pmap, va);

		if (entry == NULL) {
			continue;
		}
		pmap_debug_page(entry, &page);
		if (!fn(&page, arg)) {
			break;
		}
	}
	return true;
}

bool
pmap_debug_mappings(phys_addr_t pa, pmap_debug_fn_t fn, void *arg)
{
	struct pmap_frame *frame = pmap_frame(pa);
	struct pmap_debug_page page;
	struct pmap_entry *entry;

	if (frame == NULL) {
		return true;
	}
	list_for_each_entry(&frame->mappings, entry, link) {
		pmap_debug_page(entry, &page);
		if (!fn(&page, arg)) {
			break;
		}
	}
	return true;
}

void
pmap_debug_bits(phys_addr_t pa, bool *modified, bool *referenced)
{
	*modified = pmap_is_modified(pa);
	*referenced = pmap_is_referenced(pa);
}

static void
pmap_show_each(struct pmap_entry *entry, vm_prot_t prot)
{
	pmap_show(entry);
}

void
pretend_remap(void)
{
	pmap_each(kernel_pmap, 0, UINT32_MAX, pmap_show_each, VM_PROT_NONE);
}

/* ---- user memory --------------------------------------------------------- */

/*
 * The host address of the user byte at VA of the current task, faulting it in
 * as a processor would.
 */
static kern_return_t
pmap_user_address(vm_offset_t va, bool write, char **addressp)
{
	vm_prot_t need = write ? VM_PROT_READ | VM_PROT_WRITE : VM_PROT_READ;

	for (unsigned tries = 0; tries < 1000; tries++) {
		struct pmap_entry *entry = pmap_lookup(current_map()->pmap,
		    va);

		if (entry != NULL && (entry->prot & need) == need) {
			if (pmap_frame(entry->pa) != NULL) {
				pretend_touch(entry->pa, write);
			}
			*addressp = (char *)host_memory_at(entry->pa) +
			    (va & PAGE_HW_MASK);
			return KERN_SUCCESS;
		}
		if (vm_fault(current_map(), va & ~vm_page_mask, need, false) !=
		    KERN_SUCCESS) {
			return KERN_INVALID_ADDRESS;
		}
	}
	panic("pretend: page %#lx faults for ever", (unsigned long)va);
}

static kern_return_t
pmap_user_copy(user_addr_t user, void *kernel, size_t n, bool write)
{
	char *p = kernel;

	if (user >= MACHINE_USER_MAX || n > MACHINE_USER_MAX - user) {
		return KERN_INVALID_ADDRESS;
	}
	while (n > 0) {
		size_t part = PAGE_HW_SIZE - (user & PAGE_HW_MASK);
		char *address;
		kern_return_t kr = pmap_user_address(user, write, &address);

		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (part > n) {
			part = n;
		}
		if (write) {
			memcpy(address, p, part);
		} else {
			memcpy(p, address, part);
		}
		p += part;
		user += (user_addr_t)part;
		n -= part;
	}
	return KERN_SUCCESS;
}

kern_return_t
copyin(user_addr_t from, void *to, size_t n)
{
	return pmap_user_copy(from, to, n, false);
}

kern_return_t
copyout(const void *from, user_addr_t to, size_t n)
{
	return pmap_user_copy(to, (void *)(uintptr_t)from, n, true);
}

kern_return_t
copyout_zero(user_addr_t to, size_t n)
{
	static const char zeros[256];

	while (n > 0) {
		size_t part = n < sizeof(zeros) ? n : sizeof(zeros);
		kern_return_t kr = copyout(zeros, to, part);

		if (kr != KERN_SUCCESS) {
			return kr;
		}
		to += (user_addr_t)part;
		n -= part;
	}
	return KERN_SUCCESS;
}

kern_return_t
copyin_string(user_addr_t from, char *to, size_t max, size_t *lenp)
{
	for (size_t i = 0; i < max; i++) {
		kern_return_t kr = copyin(from + (user_addr_t)i, &to[i], 1);

		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (to[i] == '\0') {
			if (lenp != NULL) {
				*lenp = i;
			}
			return KERN_SUCCESS;
		}
	}
	return KERN_NO_SPACE;
}

kern_return_t
copyio_load32(user_addr_t from, uint32_t *value)
{
	return (from & 3) != 0 ? KERN_INVALID_ADDRESS :
	    copyin(from, value, sizeof(*value));
}

kern_return_t
copyio_store32(user_addr_t to, uint32_t value)
{
	return (to & 3) != 0 ? KERN_INVALID_ADDRESS :
	    copyout(&value, to, sizeof(value));
}

kern_return_t
copyio_cas32(user_addr_t addr, uint32_t old, uint32_t new, uint32_t *seen)
{
	char *address;
	kern_return_t kr;

	if ((addr & 3) != 0 || addr >= MACHINE_USER_MAX) {
		return KERN_INVALID_ADDRESS;
	}
	kr = pmap_user_address(addr, true, &address);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy(seen, address, sizeof(*seen));
	if (*seen == old) {
		memcpy(address, &new, sizeof(new));
	}
	return KERN_SUCCESS;
}
