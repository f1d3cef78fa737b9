/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Physical maps for two-level i386 page tables.
 *
 * A pmap is a page directory and its page tables, all direct-mapped.  Entries
 * for the kernel's part are the same in every directory: a new kernel table
 * is written into all of them, found through the list of pmaps.
 *
 * Invariants: a table that holds a valid entry is not freed; an entry with
 * PTE_MANAGED is on its frame's mapping list exactly when it is valid, and
 * both change together under the frame's lock (pv.h).  Tables are added and
 * freed under the pmap's lock.  Removing entries opens a TLB batch first.
 *
 * A machine-independent page is pmap_page_ptes() entries next to each other,
 * always all of them or none.
 */

#include <i386/pmap.h>

#include <mach/vm_param.h>

#include <machine/atomic.h>
#include <machine/boot.h>
#include <machine/cpu.h>
#include <machine/intr.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>

#include <string.h>

#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#include <i386/fpu.h>
#include <i386/image.h>
#include <i386/pv.h>
#include <i386/tlb.h>
#include <i386/tss.h>

#define PMAP_KERNEL_DIR		PMAP_USER_TABLES
#define PMAP_WINDOWS		3u	/* a source, a destination, the debugger's */
#define PMAP_WINDOW_DEBUG	2u
#define PMAP_PATIENCE		(1u << 31)	/* looks at a count */

static pte_t pmap_kernel_dir[PMAP_TABLE_SIZE]
    __attribute__((aligned(PAGE_HW_SIZE)));
static pte_t pmap_window_table[PMAP_TABLE_SIZE]
    __attribute__((aligned(PAGE_HW_SIZE)));
static pte_t pmap_device_table[PMAP_TABLE_SIZE]
    __attribute__((aligned(PAGE_HW_SIZE)));

static struct pmap pmap_kernel_store;
struct pmap *const kernel_pmap = &pmap_kernel_store;

static struct kmem_cache pmap_cache;
static struct spinlock pmap_list_lock;		/* also kernel directory entries */
static struct list pmap_list;			/* under pmap_list_lock */
static phys_addr_t pmap_direct_end;		/* fixed after pmap_setup() */
static pte_t pmap_global;			/* PTE_GLOBAL if supported */
static uint32_t pmap_device_next;		/* atomic: next free slot */

unsigned
pmap_page_ptes(void)
{
	return 1u << (vm_page_shift - PAGE_HW_SHIFT);
}

static unsigned
pmap_dir_index(vm_offset_t va)
{
	return va >> PMAP_LARGE_SHIFT;
}

static unsigned
pmap_table_index(vm_offset_t va)
{
	return (va >> PAGE_HW_SHIFT) & (PMAP_TABLE_SIZE - 1);
}

static bool
pmap_is_kernel_va(vm_offset_t va)
{
	return va >= KERNEL_DIRECT_BASE;
}

/* ---- direct map --------------------------------------------------------- */

IMAGE_DEBUG_TEXT void *
pmap_direct(phys_addr_t pa)
{
	return pa < pmap_direct_end ? (void *)(uintptr_t)(pa + KERNEL_DIRECT_BASE)
	    : NULL;
}

phys_addr_t
pmap_phys(const void *va)
{
	uintptr_t addr = (uintptr_t)va;

	assert(addr >= KERNEL_DIRECT_BASE &&
	    addr - KERNEL_DIRECT_BASE < pmap_direct_end);
	return addr - KERNEL_DIRECT_BASE;
}

static void
pmap_note_memory(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t limit;

	if (end == 0 || end > KERNEL_DIRECT_MAX) {
		end = KERNEL_DIRECT_MAX;
	}
	limit = (end + PMAP_LARGE_SIZE - 1) & ~(PMAP_LARGE_SIZE - 1);
	if (start < KERNEL_DIRECT_MAX && limit > pmap_direct_end) {
		pmap_direct_end = limit;
	}
}

/* The address of a static table; the direct map covers the kernel's image. */
static phys_addr_t
pmap_static_phys(const void *va)
{
	return (uintptr_t)va - KERNEL_DIRECT_BASE;
}

void
pmap_setup(void)
{
	pte_t *dir = pmap_kernel_dir;

	pmap_direct_end = PMAP_LARGE_SIZE;
	boot_memory_each(pmap_note_memory);
	pmap_global = cpu_has(CPU_FEATURE_PGE) ? PTE_GLOBAL : 0;

	for (phys_addr_t pa = 0; pa < pmap_direct_end; pa += PMAP_LARGE_SIZE) {
		dir[pmap_dir_index(KERNEL_DIRECT_BASE + pa)] = pa | PTE_VALID |
		    PTE_WRITE | PTE_LARGE | pmap_global;
	}
	dir[pmap_dir_index(PMAP_WINDOW_BASE)] = PTE_VALID | PTE_WRITE |
	    pmap_static_phys(pmap_window_table);
	dir[pmap_dir_index(PMAP_DEVICE_BASE)] = PTE_VALID | PTE_WRITE |
	    PTE_USER | pmap_static_phys(pmap_device_table);

	refcount_init(&kernel_pmap->refs, 1);
	spinlock_init(&kernel_pmap->lock, LOCK_RANK_PMAP);
	spinlock_init(&pmap_list_lock, LOCK_RANK_PMAP_LIST);
	list_init(&pmap_list);
	kernel_pmap->dir = dir;
	kernel_pmap->dir_phys = pmap_static_phys(dir);
	kernel_pmap->active = 1u << cpu_id();
	tlb_cpu_online(cpu_id());
	cpu_write_cr3(kernel_pmap->dir_phys);
	tss_fault_set_directory(cpu_id(), kernel_pmap->dir_phys);
}

void
pmap_setup_pages(void)
{
	pv_setup();
	kmem_cache_init(&pmap_cache, "pmap", sizeof(struct pmap), 0);
}

void
pmap_identity_map(bool on)
{
	kernel_pmap->dir[0] = on ? PTE_VALID | PTE_WRITE | PTE_LARGE : 0;
	cpu_write_cr3(cpu_read_cr3());
}

/* ---- tables ------------------------------------------------------------- */

static pte_t *
pmap_table(pte_t dir_entry)
{
	return pmap_direct(dir_entry & PTE_FRAME);
}

pte_t *
pmap_pte(const struct pmap *pmap, vm_offset_t va)
{
	pte_t entry = pmap->dir[pmap_dir_index(va)];

	if ((entry & PTE_VALID) == 0 || (entry & PTE_LARGE) != 0) {
		return NULL;
	}
	return &pmap_table(entry)[pmap_table_index(va)];
}

/* A zeroed hardware page for a table; 0 when memory is short. */
static phys_addr_t
pmap_table_alloc(void)
{
	void *table = vm_phys_alloc_direct(0);

	if (table == NULL) {
		return 0;
	}
	memset(table, 0, PAGE_HW_SIZE);
	return pmap_phys(table);
}

static void
pmap_table_free(phys_addr_t table)
{
	vm_phys_free_direct(pmap_direct(table), 0);
}

/* Install TABLE for a kernel address in every directory. */
static bool
pmap_install_kernel(unsigned index, pte_t entry)
{
	struct pmap *pmap;
	bool installed = false;

	spinlock_lock(&pmap_list_lock);
	if ((kernel_pmap->dir[index] & PTE_VALID) == 0) {
		kernel_pmap->dir[index] = entry;
		list_for_each_entry(&pmap_list, pmap, link) {
			pmap->dir[index] = entry;
		}
		installed = true;
	}
	spinlock_unlock(&pmap_list_lock);
	return installed;
}

static bool
pmap_install_user(struct pmap *pmap, unsigned index, pte_t entry)
{
	bool installed = false;

	spinlock_lock(&pmap->lock);
	if ((pmap->dir[index] & PTE_VALID) == 0) {
		pmap->dir[index] = entry;
		pmap->tables[index / 32] |= 1u << index % 32;
		installed = true;
	}
	spinlock_unlock(&pmap->lock);
	return installed;
}

/* Has PMAP no directory but the kernel's?  Without the lock, it may get one. */
static bool
pmap_shares_dir(const struct pmap *pmap)
{
	return atomic_load_relaxed(&pmap->dir) == kernel_pmap->dir;
}

/* Make DIR, at PHYS, the directory of PMAP, unless that has one of its own. */
static bool
pmap_install_dir(struct pmap *pmap, pte_t *dir, phys_addr_t phys)
{
	bool shares;

	spinlock_lock(&pmap->lock);
	shares = pmap_shares_dir(pmap);
	if (shares) {
		assert(atomic_load_relaxed(&pmap->active) == 0);
		spinlock_lock(&pmap_list_lock);
		memcpy(&dir[PMAP_KERNEL_DIR],
		    &kernel_pmap->dir[PMAP_KERNEL_DIR],
		    (PMAP_TABLE_SIZE - PMAP_KERNEL_DIR) * sizeof(pte_t));
		list_insert_tail(&pmap_list, &pmap->link);
		spinlock_unlock(&pmap_list_lock);
		pmap->dir_phys = phys;
		atomic_store_release(&pmap->dir, dir);
	}
	spinlock_unlock(&pmap->lock);
	return shares;
}

kern_return_t
pmap_prepare(struct pmap *pmap)
{
	phys_addr_t dir;

	if (pmap == kernel_pmap || !pmap_shares_dir(pmap)) {
		return KERN_SUCCESS;
	}
	dir = pmap_table_alloc();
	if (dir == 0) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (!pmap_install_dir(pmap, pmap_direct(dir), dir)) {
		pmap_table_free(dir);
	}
	return KERN_SUCCESS;
}

/* Make the table for VA.  False when memory is short. */
static bool
pmap_grow(struct pmap *pmap, vm_offset_t va)
{
	unsigned index = pmap_dir_index(va);
	phys_addr_t table;
	bool installed;

	if (pmap_prepare(pmap) != KERN_SUCCESS) {
		return false;
	}
	table = pmap_table_alloc();
	if (table == 0) {
		return false;
	}
	if (pmap_is_kernel_va(va)) {
		installed = pmap_install_kernel(index,
		    table | PTE_VALID | PTE_WRITE);
	} else {
		installed = pmap_install_user(pmap, index,
		    table | PTE_VALID | PTE_WRITE | PTE_USER);
	}
	if (!installed) {
		pmap_table_free(table);
	}
	return true;
}

/* How many of the N entries at PTE come before the first that is not 0. */
static unsigned
pmap_skip_zeros(const pte_t *pte, unsigned n)
{
	const pte_t *end = pte;
	unsigned left = n;
	bool zeros;

	if (n == 0) {
		return 0;
	}
	__asm__ volatile("repe; scasl"
	    : "+D" (end), "+c" (left), "=@ccz" (zeros)
	    : "a" (0)
	    : "memory");
	return zeros ? n : (unsigned)(end - pte) - 1;
}

/*
 * The first user address from VA on, and before END, that may have a table;
 * END if there is none.  Without the lock it may miss a table that is just
 * being made.
 */
static vm_offset_t
pmap_next_table(const struct pmap *pmap, vm_offset_t va, vm_offset_t end)
{
	unsigned index = pmap_dir_index(va);
	uint32_t bits;

	if (va >= end) {
		return end;
	}
	bits = atomic_load_relaxed(&pmap->tables[index / 32]) >> index % 32;
	if ((bits & 1) != 0) {
		return va;
	}
	while (bits == 0) {
		index = (index / 32 + 1) * 32;
		if (index >= PMAP_USER_TABLES ||
		    (vm_offset_t)index << PMAP_LARGE_SHIFT >= end) {
			return end;
		}
		bits = atomic_load_relaxed(&pmap->tables[index / 32]);
	}
	index += (unsigned)__builtin_ctz(bits);
	va = (vm_offset_t)index << PMAP_LARGE_SHIFT;
	return va < end ? va : end;
}

/*
 * Free the user table at directory INDEX if nothing in it is valid.  The TLB
 * may cache the directory entry: the caller's batch must flush before the
 * memory is used again, so the table is handed back.  Lock: the pmap's.
 */
static phys_addr_t
pmap_take_empty_table(struct pmap *pmap, unsigned index)
{
	pte_t entry = pmap->dir[index];
	pte_t *table;

	if ((entry & PTE_VALID) == 0) {
		return 0;
	}
	table = pmap_table(entry);
	if (pmap_skip_zeros(table, PMAP_TABLE_SIZE) != PMAP_TABLE_SIZE) {
		return 0;
	}
	pmap->dir[index] = 0;
	pmap->tables[index / 32] &= ~(1u << index % 32);
	return entry & PTE_FRAME;
}

/* ---- life --------------------------------------------------------------- */

struct pmap *
pmap_create(void)
{
	struct pmap *pmap = kmem_cache_alloc(&pmap_cache);

	if (pmap == NULL) {
		return NULL;
	}
	refcount_init(&pmap->refs, 1);
	spinlock_init(&pmap->lock, LOCK_RANK_PMAP);
	pmap->dir = kernel_pmap->dir;
	pmap->dir_phys = kernel_pmap->dir_phys;
	pmap->active = 0;
	pmap->resident = 0;
	memset(pmap->tables, 0, sizeof(pmap->tables));
	list_node_init(&pmap->link);
	return pmap;
}

void
pmap_ref(struct pmap *pmap)
{
	refcount_ref(&pmap->refs);
}

void
pmap_activate(struct pmap *old, struct pmap *new)
{
	uint32_t me = 1u << cpu_id();

	if (old == new) {
		return;
	}
	assert_debug(new == kernel_pmap || !pmap_shares_dir(new));
	/* Before the load: whoever changes entries later must see us. */
	atomic_fetch_or_seqcst(&new->active, me);
	cpu_write_cr3(new->dir_phys);
	atomic_fetch_and_seqcst(&old->active, ~me);
}

unsigned
pmap_shootdowns(void)
{
	return tlb_shootdowns();
}

unsigned
pmap_resident_count(const struct pmap *pmap)
{
	return atomic_load_acquire(&pmap->resident);
}

/* ---- entering ----------------------------------------------------------- */

static pte_t
pmap_make_pte(const struct pmap *pmap, phys_addr_t pa, vm_prot_t prot,
    bool wired, bool managed)
{
	pte_t pte = pa | PTE_VALID;

	if ((prot & VM_PROT_WRITE) != 0) {
		pte |= PTE_WRITE;
	}
	if (pmap == kernel_pmap) {
		pte |= pmap_global;
	} else {
		pte |= PTE_USER;
	}
	if (wired) {
		pte |= PTE_WIRED;
	}
	return pte | (managed ? PTE_MANAGED : PTE_UNCACHED);
}

/*
 * Clear the entries of the page at PTE; what they were together.  The first is the
 * last to go: who has only the pmap locked sees by it that there is none left.
 */
static pte_t
pmap_clear_page(pte_t *pte)
{
	pte_t seen = 0;

	for (unsigned i = pmap_page_ptes(); i-- > 0;) {
		seen |= atomic_exchange_seqcst(&pte[i], 0);
	}
	return seen;
}

/*
 * Take the page at PTE away; the caller's batch flushes it.  What was learnt
 * of references goes to the page.  Lock: the pmap's.
 */
static void
pmap_remove_page(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    struct tlb_batch *batch)
{
	pte_t first = atomic_load_acquire(pte);
	struct pv_head *head = NULL;
	pte_t seen;

	if ((first & PTE_VALID) == 0) {
		return;
	}
	if ((first & PTE_MANAGED) != 0) {
		head = pv_head(first & PTE_FRAME);
		pv_lock(head);
		/* pmap_page_protect() may have been here before us. */
		if ((atomic_load_acquire(pte) & PTE_VALID) == 0) {
			pv_unlock(head);
			return;
		}
	}
	seen = pmap_clear_page(pte);
	atomic_fetch_sub_relaxed(&pmap->resident, pmap_page_ptes());
	if ((seen & PTE_ACCESSED) != 0) {
		tlb_batch_add(batch, va, vm_page_size);
	}
	if (head != NULL) {
		struct pv_entry *entry = pv_remove(head, pmap, va);

		head->bits |= seen & (PTE_ACCESSED | PTE_DIRTY);
		pv_unlock(head);
		pv_entry_free(entry);
	}
}

/* Give the page that is mapped at PTE already the rights of TEMPLATE. */
static void
pmap_change_page(pte_t *pte, vm_offset_t va, pte_t template,
    struct tlb_batch *batch)
{
	unsigned n = pmap_page_ptes();
	bool flush = false;

	for (unsigned i = 0; i < n; i++) {
		pte_t new = template + i * PAGE_HW_SIZE;
		pte_t old = atomic_load_acquire(&pte[i]);

		while (!atomic_compare_exchange_seqcst(&pte[i], &old,
		    new | (old & (PTE_ACCESSED | PTE_DIRTY)))) {
			;
		}
		/* More rights need no flush elsewhere: the fault finds them. */
		if ((old & PTE_ACCESSED) != 0 && (old & PTE_WRITE) != 0 &&
		    (new & PTE_WRITE) == 0) {
			flush = true;
		}
		cpu_invlpg(va + i * PAGE_HW_SIZE);
	}
	if (flush) {
		tlb_batch_add(batch, va, vm_page_size);
	}
}

static void
pmap_insert_page(struct pmap *pmap, pte_t *pte, pte_t template)
{
	unsigned n = pmap_page_ptes();

	for (unsigned i = 0; i < n; i++) {
		atomic_store_release(&pte[i], template + i * PAGE_HW_SIZE);
	}
	atomic_fetch_add_seqcst(&pmap->resident, n);
}

/*
 * The middle of pmap_enter(), with the table there.  *SPARE is used up when
 * the page gets a new mapping.  Lock: the pmap's.
 */
static void
pmap_enter_locked(struct pmap *pmap, vm_offset_t va, pte_t template,
    struct pv_entry **spare, struct tlb_batch *batch)
{
	pte_t *pte = pmap_pte(pmap, va);
	struct pv_head *head = pv_head(template & PTE_FRAME);

	if ((atomic_load_acquire(pte) & PTE_VALID) != 0 &&
	    ((atomic_load_acquire(pte) ^ template) & PTE_FRAME) != 0) {
		pmap_remove_page(pmap, pte, va, batch);
	}
	if (head == NULL) {
		if ((*pte & PTE_VALID) != 0) {
			pmap_change_page(pte, va, template, batch);
		} else {
			pmap_insert_page(pmap, pte, template);
		}
		return;
	}
	pv_lock(head);
	if ((atomic_load_acquire(pte) & PTE_VALID) != 0) {
		pmap_change_page(pte, va, template, batch);
	} else {
		pmap_insert_page(pmap, pte, template);
		pv_insert(head, *spare, pmap, va);
		*spare = NULL;
	}
	pv_unlock(head);
}

kern_return_t
pmap_enter(struct pmap *pmap, vm_offset_t va, phys_addr_t pa, vm_prot_t prot,
    bool wired)
{
	bool managed = pv_head(pa) != NULL;
	struct pv_entry *spare = NULL;
	struct tlb_batch batch;

	assert(((va | pa) & vm_page_mask) == 0);
	assert(pmap == kernel_pmap || !pmap_is_kernel_va(va));
	if (managed) {
		spare = pv_entry_alloc();
		if (spare == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	spinlock_lock(&pmap->lock);
	while (pmap_pte(pmap, va) == NULL) {
		spinlock_unlock(&pmap->lock);
		if (!pmap_grow(pmap, va)) {
			if (spare != NULL) {
				pv_entry_free(spare);
			}
			return KERN_RESOURCE_SHORTAGE;
		}
		spinlock_lock(&pmap->lock);
	}
	tlb_batch_begin(&batch, pmap);
	pmap_enter_locked(pmap, va,
	    pmap_make_pte(pmap, pa, prot, wired, managed), &spare, &batch);
	tlb_batch_end(&batch);
	spinlock_unlock(&pmap->lock);
	if (spare != NULL) {
		pv_entry_free(spare);
	}
	return KERN_SUCCESS;
}

/* ---- ranges ------------------------------------------------------------- */

/* What a walk does with [VA, END), which PTE maps.  Lock: the pmap's. */
typedef void (*pmap_table_fn_t)(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    vm_offset_t end, struct tlb_batch *batch);

/* The same with one page. */
typedef void (*pmap_page_fn_t)(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    struct tlb_batch *batch);

static vm_offset_t
pmap_table_end(vm_offset_t va, vm_offset_t end)
{
	vm_offset_t next = (va & ~(PMAP_LARGE_SIZE - 1)) + PMAP_LARGE_SIZE;

	return next - 1 < end - 1 ? next : end;
}

/* Call FN for each page of [VA, END), which lies in one table. */
static inline void
pmap_each_page(struct pmap *pmap, pte_t *pte, vm_offset_t va, vm_offset_t end,
    struct tlb_batch *batch, pmap_page_fn_t fn)
{
	for (; va != end; va += vm_page_size, pte += pmap_page_ptes()) {
		unsigned skip = pmap_skip_zeros(pte,
		    (end - va) >> PAGE_HW_SHIFT);

		/* The first of a page is valid, or none is. */
		pte += skip;
		va += skip << PAGE_HW_SHIFT;
		if (va == end) {
			break;
		}
		if ((atomic_load_acquire(pte) & PTE_VALID) != 0) {
			fn(pmap, pte, va, batch);
		}
	}
}

static void
pmap_walk_table(struct pmap *pmap, vm_offset_t va, vm_offset_t end,
    pmap_table_fn_t fn)
{
	struct tlb_batch batch;
	pte_t *pte = pmap_pte(pmap, va);

	if (pte != NULL) {
		tlb_batch_begin(&batch, pmap);
		fn(pmap, pte, va, end, &batch);
		tlb_batch_end(&batch);
	}
}

/*
 * Call FN for what there is of [START, END), table by table.  The lock is
 * dropped in between, which bounds how long it is held.
 */
static void
pmap_walk(struct pmap *pmap, vm_offset_t start, vm_offset_t end,
    pmap_table_fn_t fn)
{
	vm_offset_t next;

	assert(((start | end) & vm_page_mask) == 0);
	if (pmap != kernel_pmap && pmap_shares_dir(pmap)) {
		return;
	}
	for (vm_offset_t va = start; va != end; va = next) {
		if (pmap != kernel_pmap) {
			va = pmap_next_table(pmap, va, end);
			if (va == end) {
				break;
			}
		}
		next = pmap_table_end(va, end);
		if ((pmap->dir[pmap_dir_index(va)] & PTE_VALID) == 0) {
			continue;
		}
		spinlock_lock(&pmap->lock);
		pmap_walk_table(pmap, va, next, fn);
		spinlock_unlock(&pmap->lock);
	}
}

/* Free the tables that lie wholly in [START, END) and are empty. */
static void
pmap_free_tables(struct pmap *pmap, vm_offset_t start, vm_offset_t end)
{
	vm_offset_t va = (start + PMAP_LARGE_SIZE - 1) & ~(PMAP_LARGE_SIZE - 1);

	for (; va >= start && va < end && end - va >= PMAP_LARGE_SIZE;
	    va += PMAP_LARGE_SIZE) {
		struct tlb_batch batch;
		phys_addr_t table;

		va = pmap_next_table(pmap, va, end);
		if (va == end || end - va < PMAP_LARGE_SIZE) {
			break;
		}
		if ((pmap->dir[pmap_dir_index(va)] & PTE_VALID) == 0) {
			continue;
		}
		spinlock_lock(&pmap->lock);
		table = pmap_take_empty_table(pmap, pmap_dir_index(va));
		if (table != 0) {
			tlb_batch_begin(&batch, pmap);
			tlb_batch_add(&batch, va, PMAP_LARGE_SIZE);
			tlb_batch_end(&batch);
		}
		spinlock_unlock(&pmap->lock);
		if (table != 0) {
			pmap_table_free(table);
		}
	}
}

static void
pmap_remove_table(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    vm_offset_t end, struct tlb_batch *batch)
{
	pmap_each_page(pmap, pte, va, end, batch, pmap_remove_page);
}

void
pmap_remove(struct pmap *pmap, vm_offset_t start, vm_offset_t end)
{
	pmap_walk(pmap, start, end, pmap_remove_table);
	if (pmap != kernel_pmap && !pmap_shares_dir(pmap)) {
		pmap_free_tables(pmap, start, end);
	}
}

/*
 * Wait for those who took entries of PMAP away, by page, and are about to
 * count that: until then they use it.
 */
static void
pmap_wait_empty(const struct pmap *pmap)
{
	for (unsigned looks = 0; pmap_resident_count(pmap) != 0; looks++) {
		if (looks == PMAP_PATIENCE) {
			panic("pmap %p keeps %u resident pages",
			    (const void *)pmap, pmap_resident_count(pmap));
		}
		cpu_pause();
	}
}

/* Free the directory of PMAP, its own, and its tables. */
static void
pmap_free_dir(struct pmap *pmap)
{
	spinlock_lock(&pmap_list_lock);
	list_remove(&pmap->link);
	spinlock_unlock(&pmap_list_lock);
	for (vm_offset_t va = pmap_next_table(pmap, 0, KERNEL_DIRECT_BASE);
	    va != KERNEL_DIRECT_BASE;
	    va = pmap_next_table(pmap, va + PMAP_LARGE_SIZE,
	    KERNEL_DIRECT_BASE)) {
		pmap_table_free(pmap->dir[pmap_dir_index(va)] & PTE_FRAME);
	}
	pmap_table_free(pmap->dir_phys);
}

void
pmap_unref(struct pmap *pmap)
{
	if (!refcount_unref(&pmap->refs)) {
		return;
	}
	assert(pmap != kernel_pmap);
	assert(atomic_load_acquire(&pmap->active) == 0);
	pmap_walk(pmap, 0, KERNEL_DIRECT_BASE, pmap_remove_table);
	pmap_wait_empty(pmap);
	if (!pmap_shares_dir(pmap)) {
		pmap_free_dir(pmap);
	}
	kmem_cache_free(&pmap_cache, pmap);
}

/* Take the right to write away from the entries at PTE; true to flush. */
static bool
pmap_write_protect(pte_t *pte)
{
	unsigned n = pmap_page_ptes();
	pte_t seen = 0;

	for (unsigned i = 0; i < n; i++) {
		pte_t old = atomic_fetch_and_seqcst(&pte[i],
		    ~(PTE_WRITE | PTE_STILL));

		seen |= (old & PTE_WRITE) != 0 ? old : 0;
	}
	return (seen & PTE_ACCESSED) != 0;
}

/* The same with all entries of [VA, END), from PTE on. */
static void
pmap_write_protect_table(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    vm_offset_t end, struct tlb_batch *batch)
{
	const pte_t *last = pte + ((end - va) >> PAGE_HW_SHIFT);
	const pte_t *begin = pte;
	const pte_t *from = NULL;	/* what is to be flushed */
	const pte_t *to = NULL;

	for (; pte != last; pte++) {
		pte_t old = atomic_load_acquire(pte);

		if (old == 0) {
			pte += pmap_skip_zeros(pte, (unsigned)(last - pte)) - 1;
			continue;
		}
		if ((old & (PTE_WRITE | PTE_STILL)) == 0) {
			continue;
		}
		old = atomic_fetch_and_seqcst(pte, ~(PTE_WRITE | PTE_STILL));
		if ((old & PTE_WRITE) != 0 && (old & PTE_ACCESSED) != 0) {
			from = from != NULL ? from : pte;
			to = pte + 1;
		}
	}
	if (from != NULL) {
		tlb_batch_add(batch,
		    va + ((vm_offset_t)(from - begin) << PAGE_HW_SHIFT),
		    (vm_size_t)(to - from) << PAGE_HW_SHIFT);
	}
}

void
pmap_protect(struct pmap *pmap, vm_offset_t start, vm_offset_t end,
    vm_prot_t prot)
{
	if ((prot & (VM_PROT_READ | VM_PROT_EXECUTE)) == 0) {
		pmap_remove(pmap, start, end);
	} else if ((prot & VM_PROT_WRITE) == 0) {
		pmap_walk(pmap, start, end, pmap_write_protect_table);
	}
}

void
pmap_change_wiring(struct pmap *pmap, vm_offset_t va, bool wired)
{
	pte_t *pte;

	spinlock_lock(&pmap->lock);
	pte = pmap_pte(pmap, va);
	for (unsigned i = 0; pte != NULL && i < pmap_page_ptes(); i++) {
		pte_t old = atomic_load_acquire(&pte[i]);

		/* Somebody may be removing it: not a bit comes back then. */
		while ((old & PTE_VALID) != 0 &&
		    !atomic_compare_exchange_seqcst(&pte[i], &old,
		    wired ? old | PTE_WIRED : old & ~PTE_WIRED)) {
			;
		}
	}
	spinlock_unlock(&pmap->lock);
}

bool
pmap_extract(struct pmap *pmap, vm_offset_t va, phys_addr_t *pap)
{
	pte_t entry = 0;
	pte_t *pte;

	if (pmap_is_kernel_va(va) &&
	    (kernel_pmap->dir[pmap_dir_index(va)] & PTE_LARGE) != 0) {
		*pap = va - KERNEL_DIRECT_BASE;
		return true;
	}
	spinlock_lock(&pmap->lock);
	pte = pmap_pte(pmap, va);
	if (pte != NULL) {
		entry = atomic_load_acquire(pte);
	}
	spinlock_unlock(&pmap->lock);
	if ((entry & PTE_VALID) == 0) {
		return false;
	}
	*pap = (entry & PTE_FRAME) | (va & (PAGE_HW_SIZE - 1));
	return true;
}

static void
pmap_collect_page(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    struct tlb_batch *batch)
{
	if ((atomic_load_acquire(pte) & PTE_WIRED) == 0) {
		pmap_remove_page(pmap, pte, va, batch);
	}
}

static void
pmap_collect_table(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    vm_offset_t end, struct tlb_batch *batch)
{
	pmap_each_page(pmap, pte, va, end, batch, pmap_collect_page);
}

void
pmap_collect(struct pmap *pmap)
{
	if (pmap == kernel_pmap) {
		return;
	}
	pmap_walk(pmap, 0, KERNEL_DIRECT_BASE, pmap_collect_table);
	pmap_free_tables(pmap, 0, KERNEL_DIRECT_BASE);
}

/* ---- by page ------------------------------------------------------------ */

static void
pmap_page_write_protect(struct pv_head *head)
{
	tlb_page_begin();
	for (struct pv_entry *pv = head->list; pv != NULL; pv = pv->next) {
		if (pmap_write_protect(pmap_pte(pv->pmap, pv->va))) {
			tlb_flush(pv->pmap, pv->va, vm_page_size);
		}
	}
	tlb_page_end();
}

/* Unmap the page everywhere; the elements are handed back as a list. */
static struct pv_entry *
pmap_page_remove(struct pv_head *head)
{
	struct pv_entry *list = head->list;

	if (list == NULL) {
		return NULL;
	}
	tlb_page_begin();
	for (struct pv_entry *pv = list; pv != NULL; pv = pv->next) {
		pte_t seen = pmap_clear_page(pmap_pte(pv->pmap, pv->va));

		head->bits |= seen & (PTE_ACCESSED | PTE_DIRTY);
		if ((seen & PTE_ACCESSED) != 0) {
			tlb_flush(pv->pmap, pv->va, vm_page_size);
		}
		/* From here on pmap_unref() may free it. */
		atomic_fetch_sub_acq_rel(&pv->pmap->resident,
		    pmap_page_ptes());
	}
	tlb_page_end();
	head->list = NULL;
	return list;
}

void
pmap_page_protect(phys_addr_t pa, vm_prot_t prot)
{
	struct pv_head *head = pv_head(pa);
	struct pv_entry *gone = NULL;

	if (head == NULL || (prot & VM_PROT_WRITE) != 0) {
		return;
	}
	pv_lock(head);
	if ((prot & (VM_PROT_READ | VM_PROT_EXECUTE)) != 0) {
		pmap_page_write_protect(head);
	} else {
		gone = pmap_page_remove(head);
	}
	pv_unlock(head);
	while (gone != NULL) {
		struct pv_entry *next = gone->next;

		pv_entry_free(gone);
		gone = next;
	}
	/* Others may have changed an entry of the page and not flushed yet. */
	tlb_quiesce();
}

/* Have the bits MASK been set in any mapping of the page, now or before? */
static bool
pmap_page_test(phys_addr_t pa, pte_t mask)
{
	struct pv_head *head = pv_head(pa);
	unsigned n = pmap_page_ptes();
	bool found;

	if (head == NULL) {
		return false;
	}
	pv_lock(head);
	found = (head->bits & mask) != 0;
	for (struct pv_entry *pv = head->list; !found && pv != NULL;
	    pv = pv->next) {
		pte_t *pte = pmap_pte(pv->pmap, pv->va);

		for (unsigned i = 0; i < n; i++) {
			found = found || (atomic_load_acquire(&pte[i]) & mask) != 0;
		}
	}
	pv_unlock(head);
	return found;
}

static void
pmap_page_clear(phys_addr_t pa, pte_t mask)
{
	struct pv_head *head = pv_head(pa);
	unsigned n = pmap_page_ptes();

	if (head == NULL) {
		return;
	}
	pv_lock(head);
	head->bits &= ~mask;
	for (struct pv_entry *pv = head->list; pv != NULL; pv = pv->next) {
		pte_t *pte = pmap_pte(pv->pmap, pv->va);
		pte_t seen = 0;

		for (unsigned i = 0; i < n; i++) {
			seen |= atomic_fetch_and_seqcst(&pte[i], ~mask);
		}
		if ((seen & mask) != 0) {
			tlb_flush(pv->pmap, pv->va, vm_page_size);
		}
	}
	pv_unlock(head);
}

void
pmap_page_renew(phys_addr_t pa)
{
	struct pv_head *head = pv_head(pa);

	if (head != NULL) {
		assert_debug(head->list == NULL);
		head->bits = 0;
	}
}

bool
pmap_is_modified(phys_addr_t pa)
{
	return pmap_page_test(pa, PTE_DIRTY);
}

bool
pmap_is_referenced(phys_addr_t pa)
{
	return pmap_page_test(pa, PTE_ACCESSED);
}

void
pmap_clear_modified(phys_addr_t pa)
{
	pmap_page_clear(pa, PTE_DIRTY);
}

/* Clear the reference bits of a page; the flush follows. */
static void
pmap_page_age(struct pv_head *head)
{
	unsigned n = pmap_page_ptes();

	pv_lock(head);
	head->bits &= ~PTE_ACCESSED;
	for (struct pv_entry *pv = head->list; pv != NULL; pv = pv->next) {
		pte_t *pte = pmap_pte(pv->pmap, pv->va);
		pte_t seen = 0;

		for (unsigned i = 0; i < n; i++) {
			seen |= atomic_fetch_and_seqcst(&pte[i],
			    ~PTE_ACCESSED);
		}
		if ((seen & PTE_ACCESSED) == 0) {
			continue;
		}
		if (pv->pmap == kernel_pmap) {
			tlb_flush(pv->pmap, pv->va, vm_page_size);
		} else {
			tlb_aging_add(pv->pmap);
		}
	}
	pv_unlock(head);
}

void
pmap_clear_referenced(const phys_addr_t *pas, unsigned count)
{
	struct pv_head *head;

	tlb_aging_begin();
	for (unsigned i = 0; i < count; i++) {
		head = pv_head(pas[i]);
		if (head != NULL) {
			pmap_page_age(head);
		}
	}
	tlb_aging_end();
}

/* ---- contents ----------------------------------------------------------- */

/* Map N of the processor's pages at PA at the window WHICH of this processor. */
static void *
pmap_window_map(unsigned which, phys_addr_t pa, unsigned n)
{
	vm_offset_t va = PMAP_WINDOW_BASE +
	    (cpu_id() * PMAP_WINDOWS + which) * vm_page_size;

	for (unsigned i = 0; i < n; i++) {
		pmap_window_table[pmap_table_index(va) + i] = PTE_VALID |
		    PTE_WRITE | (pa + i * PAGE_HW_SIZE);
		cpu_invlpg(va + i * PAGE_HW_SIZE);
	}
	return (void *)va;
}

/*
 * Make the page PA visible to this processor and disable preemption until
 * pmap_window_close().  WHICH is one of PMAP_WINDOWS.
 */
static void *
pmap_window_open(unsigned which, phys_addr_t pa)
{
	preempt_disable();
	return pa < pmap_direct_end ? pmap_direct(pa)
				    : pmap_window_map(which, pa,
	    pmap_page_ptes());
}

static void
pmap_window_close(void)
{
	preempt_enable();
}

void
pmap_zero_page(phys_addr_t pa)
{
	fpu_zero(pmap_window_open(0, pa), vm_page_size);
	pmap_window_close();
}

void
pmap_copy_page(phys_addr_t src, phys_addr_t dst)
{
	const void *from = pmap_window_open(0, src);

	fpu_copy(pmap_window_open(1, dst), from, vm_page_size);
	pmap_window_close();
	pmap_window_close();
}

/* The mapping has no right to write until pmap_move_again(). */
static void
pmap_keep_still(const struct pv_entry *pv)
{
	pte_t *pte = pmap_pte(pv->pmap, pv->va);
	pte_t seen = 0;
	pte_t new;

	for (unsigned i = 0; i < pmap_page_ptes(); i++) {
		pte_t old = atomic_load_acquire(&pte[i]);

		do {
			new = old & ~(PTE_WRITE | PTE_DIRTY);
			new |= (old & PTE_WRITE) != 0 ? PTE_STILL : 0;
		} while (!atomic_compare_exchange_seqcst(&pte[i], &old, new));
		seen |= old;
	}
	/* Whether it was used does not say, while references are forgotten. */
	if ((seen & PTE_WRITE) != 0) {
		tlb_flush(pv->pmap, pv->va, vm_page_size);
	}
}

static void
pmap_move_again(const struct pv_entry *pv)
{
	pte_t *pte = pmap_pte(pv->pmap, pv->va);

	for (unsigned i = 0; i < pmap_page_ptes(); i++) {
		pte_t old = atomic_load_acquire(&pte[i]);

		while ((old & PTE_STILL) != 0 &&
		    !atomic_compare_exchange_seqcst(&pte[i], &old,
		    (old & ~PTE_STILL) | PTE_WRITE)) {
			;
		}
	}
}

void
pmap_copy_page_still(phys_addr_t src, phys_addr_t dst)
{
	struct pv_head *head = pv_head(src);

	pv_lock(head);
	head->bits &= ~PTE_DIRTY;
	tlb_page_begin();
	for (struct pv_entry *pv = head->list; pv != NULL; pv = pv->next) {
		pmap_keep_still(pv);
	}
	tlb_page_end();
	pmap_copy_page(src, dst);
	for (struct pv_entry *pv = head->list; pv != NULL; pv = pv->next) {
		pmap_move_again(pv);
	}
	pv_unlock(head);
}

void *
pmap_debug_at(phys_addr_t pa)
{
	char *at = pmap_direct(pa);

	if (at == NULL && pv_head(pa) != NULL) {
		at = pmap_window_map(PMAP_WINDOW_DEBUG, pa & PTE_FRAME, 1);
		at += pa & PAGE_HW_MASK;
	}
	return at;
}

void
pmap_copy_in(phys_addr_t pa, vm_offset_t offset, const void *buf, size_t n)
{
	assert(offset + n <= vm_page_size);
	memcpy((char *)pmap_window_open(0, pa) + offset, buf, n);
	pmap_window_close();
}

void
pmap_copy_out(phys_addr_t pa, vm_offset_t offset, void *buf, size_t n)
{
	assert(offset + n <= vm_page_size);
	memcpy(buf, (char *)pmap_window_open(0, pa) + offset, n);
	pmap_window_close();
}

void
pmap_map_system_page(vm_offset_t va, phys_addr_t pa)
{
	assert(va >= PMAP_DEVICE_END);
	pmap_device_table[pmap_table_index(va)] = PTE_VALID | PTE_USER |
	    pmap_global | pa;
}

void *
pmap_map_device(phys_addr_t pa, size_t size)
{
	phys_addr_t first = pa & PTE_FRAME;
	uint32_t n = (pa - first + size + PAGE_HW_SIZE - 1) >> PAGE_HW_SHIFT;
	uint32_t slot = atomic_fetch_add_seqcst(&pmap_device_next, n);
	uint32_t slots = (PMAP_DEVICE_END - PMAP_DEVICE_BASE) >> PAGE_HW_SHIFT;

	if (n > slots || slot > slots - n) {
		return NULL;
	}
	for (uint32_t i = 0; i < n; i++) {
		pmap_device_table[slot + i] = PTE_VALID | PTE_WRITE |
		    PTE_UNCACHED | (first + i * PAGE_HW_SIZE);
	}
	return (void *)(uintptr_t)(PMAP_DEVICE_BASE +
	    (slot << PAGE_HW_SHIFT) + (pa - first));
}

/* ---- walker ------------------------------------------------------------- */

static bool
pmap_check_listed(struct pv_head *head, const struct pmap *pmap,
    vm_offset_t va)
{
	for (struct pv_entry *pv = head->list; pv != NULL; pv = pv->next) {
		if (pv->pmap == pmap && pv->va == va) {
			return true;
		}
	}
	return false;
}

static void
pmap_check_page(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    struct tlb_batch *batch)
{
	pte_t first = atomic_load_acquire(pte);
	struct pv_head *head = pv_head(first & PTE_FRAME);

	assert(((first & PTE_MANAGED) != 0) == (head != NULL));
	if (head == NULL) {
		return;
	}
	pv_lock(head);
	if ((atomic_load_acquire(pte) & PTE_VALID) != 0) {
		assert(pmap_check_listed(head, pmap, va));
	}
	pv_unlock(head);
}

static void
pmap_check_table(struct pmap *pmap, pte_t *pte, vm_offset_t va,
    vm_offset_t end, struct tlb_batch *batch)
{
	pmap_each_page(pmap, pte, va, end, batch, pmap_check_page);
}

void
pmap_check(struct pmap *pmap)
{
	if (pmap != kernel_pmap) {
		pmap_walk(pmap, 0, KERNEL_DIRECT_BASE, pmap_check_table);
	}
}
