/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * One struct per page of physical memory, and the queues that say which
 * pages may be reclaimed.
 *
 * A page is in one of these states:
 *   free       on a list of vm_phys (state VM_PAGE_FREE, VM_PAGE_LOOSE)
 *   private    taken from vm_phys, no object: page tables, kernel heap, or a
 *              page between two homes
 *   tabled     in the page tree of one object; then it is also
 *     busy     one thread fills, copies or sends it; others wait on the page
 *     wired    wire_count > 0, on no queue
 *     active   recently used, on the active queue
 *     inactive candidate for reclaim, on the inactive queue
 *
 * The machine-independent page is `vm_page_size' bytes, a boot-time power of
 * two multiple of the hardware page; its struct is that of its first hardware
 * page.
 */

#ifndef VM_VM_PAGE_H
#define VM_VM_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_prot.h>

#include <machine/types.h>

#include <kernel/list.h>
#include <kernel/rbtree.h>

struct vm_map;
struct vm_object;
struct vm_pages;

extern vm_size_t	vm_page_size;
extern vm_size_t	vm_page_mask;	/* vm_page_size - 1 */
extern unsigned		vm_page_shift;
extern unsigned		vm_page_order;	/* log2 of hardware pages in it */

static inline vm_offset_t
vm_page_trunc(vm_offset_t addr)
{
	return addr & ~vm_page_mask;
}

/* Wraps to 0 for addresses in the last page; callers check. */
static inline vm_offset_t
vm_page_round(vm_offset_t addr)
{
	return (addr + vm_page_mask) & ~vm_page_mask;
}

static inline bool
vm_page_aligned(vm_offset_t addr)
{
	return (addr & vm_page_mask) == 0;
}

enum vm_page_queue {
	VM_PAGE_Q_NONE,
	VM_PAGE_Q_ACTIVE,
	VM_PAGE_Q_INACTIVE,
};

enum vm_page_state {
	VM_PAGE_RESERVED,	/* not ours: firmware, kernel image, a hole */
	VM_PAGE_FREE,		/* head of a free block */
	VM_PAGE_LOOSE,		/* free, and not merged with its neighbours */
	VM_PAGE_USED,		/* private or tabled, or inside a free block */
};

/*
 * [o] lock of the object's family  [q] page queue lock  [p] vm_phys lock
 * [u] whoever owns a private page; [o] once it is tabled
 */
struct vm_page {
	struct list_node	queue;		/* [q] page queue; [p] free */
	struct rbtree_node	node;		/* [o] in pages->tree */
	struct vm_pages		*pages;		/* [o] home, NULL if private */
	uint32_t		index;		/* [o] key in pages->tree */
	uint16_t		wire_count;	/* [o] */
	uint8_t			state;		/* [p] enum vm_page_state */
	uint8_t			order;		/* [p] of a free block */
	uint8_t			on_queue;	/* [q] enum vm_page_queue */
	uint8_t			zone;		/* [I] enum vm_phys_zone */
	uint8_t			lock;		/* [o] access the pager denies */
	uint8_t			unlock_asked;	/* [o] access asked of it */
	bool			busy;		/* [u] */
	bool			wanted;		/* [o] somebody waits on it */
	bool			absent;		/* [u] data are on their way */
	bool			error;		/* [u] pager could not supply */
	bool			dirty;		/* [u] besides pmap's bit */
	bool			precious;	/* [u] pager has no copy */
	bool			initial;	/* [u] as its object was made: dirty
						   for as long as that lives */
	bool			laundry;	/* [u] holds pageout's data */
	bool			used;		/* [o] by a fault since it came */
	bool			again;		/* [o] the next reference that the
						   daemon sees is not the first */
};

/* Counters since boot and sizes of queues; see struct vm_statistics. */
struct vm_page_stats {
	unsigned long	active;		/* [q] */
	unsigned long	inactive;	/* [q] */
	unsigned long	wired;		/* [a] pages with wire_count > 0 */
	unsigned long	laundry;	/* [a] */
	unsigned long	zero_fills;	/* [a] the rest count events */
	unsigned long	reactivations;
	unsigned long	pageins;
	unsigned long	pageouts;
	unsigned long	default_pageins;	/* of them, through the */
	unsigned long	default_pageouts;	/* default pager */
	unsigned long	faults;
	unsigned long	cow_faults;
	unsigned long	lookups;
	unsigned long	hits;
};
extern struct vm_page_stats vm_page_stats;

void vm_page_stats_add(unsigned long *counter, long n);

/* Queues and thresholds; after vm_phys_setup. */
void vm_page_setup(void);

/* The struct of the page that holds PA, NULL outside managed memory. */
struct vm_page *vm_page_from_phys(phys_addr_t pa);
phys_addr_t vm_page_to_phys(const struct vm_page *page);

/* Is P the address of a page's struct?  For the debugger. */
bool vm_page_is_struct(const void *p);

/*
 * A private page, busy, contents undefined.  Leaves the reserve that the
 * pageout daemon and the kernel live on, unless the current thread is
 * privileged.  Never waits; wakes the daemon when memory is getting short.
 * Returns NULL: call vm_page_wait with no locks held, and retry.
 */
struct vm_page *vm_page_grab(void);

/* Make a page that came from vm_phys_alloc_contig like one just grabbed. */
void vm_page_take(struct vm_page *page);

/* Give back a private page. */
void vm_page_release(struct vm_page *page);

/*
 * Sleep until vm_page_grab may succeed again.
 *
 * Locks:   none held.
 * Returns: KERN_ABORTED, KERN_RESOURCE_SHORTAGE (see vm_page_refuse).
 */
kern_return_t vm_page_wait(bool interruptible);

/*
 * vm_page_grab, waiting as long as it takes, interruptibly; the page is in
 * *PAGEP.  Locks and errors as vm_page_wait.
 */
kern_return_t vm_page_grab_wait(struct vm_page **pagep);

/* Is there a page for who leaves RESERVE hardware pages?  A glance. */
bool vm_page_is_left(unsigned long reserve);

/*
 * How many pages the kernel's own structures must leave when the current thread
 * asks for them.  Else a task that makes threads or ports without end takes the
 * last ones, and what pages pass through on their way to disk waits for ever.
 */
unsigned long vm_page_kernel_reserve(void);

/* The same for memory that MAP will have, which need not be the current one. */
kern_return_t vm_page_wait_map(const struct vm_map *map, bool interruptible);

/*
 * The kernel's own structures, for something that MAP will have, found no
 * memory: sleep until they may, or for a moment if it is not pages that they
 * lack.  Who has others wait for it does not: it is told that there is none.
 *
 * Locks:   none held.
 * Returns: as vm_page_wait.
 */
kern_return_t vm_page_wait_kernel(const struct vm_map *map);

/*
 * A call that has something to do for MAP, and can be made again when it fails,
 * ended with KR.  Was it for want of memory, and is it worth another try?  Has
 * waited then, and waits for all tries together no longer than ten seconds.
 * *SINCE is when the first try failed, 0 before.
 *
 * Locks:   none held.
 */
bool vm_page_wait_again(const struct vm_map *map, kern_return_t kr,
    uint64_t *since);

/* Memory was freed: wake those who wait.  For vm_phys.c. */
void vm_page_freed(void);

/*
 * What the daemon found: nothing can be reclaimed, or the contrary.  For
 * vm_pageout.c.
 */
void vm_page_set_exhausted(bool exhausted);
bool vm_page_is_exhausted(void);

/* Sleep until memory is exhausted. */
void vm_page_wait_exhausted(void);

/*
 * While memory is exhausted, let waits for it fail: those for memory of MAP,
 * or all but those of privileged threads; NULL and false for nobody's.  MAP
 * must live until another call.  For kernel/shortage.c.
 */
void vm_page_refuse(struct vm_map *map, bool all);

/* Waits that failed for that reason, since boot. */
uint32_t vm_page_refusal_count(void);

/* Does anybody wait for memory now?  Who is refused does not. */
bool vm_page_has_waiters(void);

/*
 * Queues.  PAGE is tabled or private; its object's lock is held if tabled.
 * Wired pages stay off the queues, and so do those in the laundry: they are sent
 * already, and counted there.
 */
void vm_page_activate(struct vm_page *page);
void vm_page_unqueue(struct vm_page *page);

/*
 * A pager has brought PAGE: it is inactive until somebody uses it, unless it was
 * here a moment ago (vm_evicted.h).
 */
void vm_page_arrive(struct vm_page *page);

/*
 * PAGE, tabled, is used by a fault.  Memory without a pager of its own becomes
 * active.  What a pager has brought stays inactive until another fault, or the
 * daemon the second time, finds it used: who reads a large file from one end to
 * the other pushes out nothing but what was read before.
 */
void vm_page_use(struct vm_page *page);

/*
 * The inactive PAGE, tabled, was referenced: should it be active?  Remembers
 * that.  For vm_pageout.c; object locked.
 */
bool vm_page_referenced_again(struct vm_page *page);

/* One more or one less reason to stay resident; object locked. */
void vm_page_wire(struct vm_page *page);
void vm_page_unwire(struct vm_page *page);

/* Busy ends: wake whoever waits; object locked (or page private). */
void vm_page_wakeup(struct vm_page *page);

static inline void
vm_page_unbusy(struct vm_page *page)
{
	page->busy = false;
	vm_page_wakeup(page);
}

/* The reserve; hardware pages. */
extern unsigned long	vm_page_free_target;	/* daemon stops here */
extern unsigned long	vm_page_free_min;	/* daemon starts here */
extern unsigned long	vm_page_free_reserved;	/* user faults wait here */

/* For vm_pageout.c only. */
struct spinlock *vm_page_queue_lock(void);
struct list *vm_page_queue(enum vm_page_queue queue);

/* Walk both queues and assert their invariants. */
void vm_page_check(void);

#endif
