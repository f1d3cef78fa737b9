/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects inside the kernel: a range of memory, which of its pages are
 * resident, and where the others come from.
 *
 * A page of an object is, in this order: resident; with the pager; in the
 * shadow object at shadow_offset; zero.
 *
 * Kinds:
 *   internal  made by the kernel.  No pager until pageout gives it one from
 *             the default pager; `paged' then says which pages went there.
 *   external  mapped from a user's memory object port, or made by a copy of
 *             such an object whose pager wants to know of copies (see
 *             memory_object_copy.c): the one kind that has both a pager and
 *             a shadow.
 *   physical  shows physical memory, a device's or the kernel's, that has no
 *             page structs or is not ours to page; always shared.
 *
 * Locking: objects tied by shadow and copy links form a family, and a family
 * has one lock.  A new shadow or copy joins the family of the object it was
 * made from; families never merge.  So a whole chain is seen and changed
 * under one spin lock, and no thread ever holds two object locks.
 *
 * Copy-on-write, two ways:
 *   symmetric   both sides' map entries get needs_copy; the first writer on
 *               either side puts a shadow in its own entry.  For internal
 *               objects that one entry (or needs_copy entries only) names.
 *   delayed     for objects that are `shared' (several entries write to it,
 *               or a pager does): the copy is a new object C with
 *               C->shadow = O and O->copy = C.  Before O's page changes, its
 *               old content is pushed into C.  An older copy of O shadows the
 *               newer one, so nothing else may change C: its entry has
 *               needs_copy.
 *
 * Who makes a page busy also begins paging on its object, which keeps the
 * object from being merged into another, and finishes without waiting for
 * anything.  Only absent pages, which a pager was asked for, are busy longer.
 *
 * The resident pages hang off a separate struct vm_pages, so that collapsing
 * a long-lived object into its young shadow swaps the page sets and moves
 * only the smaller one.
 */

#ifndef VM_VM_OBJECT_H
#define VM_VM_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>

#include <machine/types.h>

#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/rbtree.h>
#include <kernel/refcount.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>

struct ipc_port;
struct vm_object;
struct vm_page;
struct vm_paged;

/* [I] fixed at creation  [a] atomic: one lock for objects that are tied. */
struct vm_family {
	struct spinlock		lock;
	struct refcount		refs;		/* [a] one per object */
	bool			watched;	/* [I] vm_object_wait_alone */
};

/* [f] lock of the family */
struct vm_pages {
	struct rbtree		tree;		/* [f] by page->index */
	struct vm_object	*object;	/* [f] whose pages they are */
	uint32_t		bias;		/* [f] index = page + bias */
	uint32_t		count;		/* [f] pages in the tree */
	uint32_t		wired;		/* [f] of them wired */
};

/*
 * [I] fixed at creation  [f] lock of the family  [c] object table lock of
 * memory_object.c, and [f]
 */
struct vm_object {
	struct vm_family	*family;	/* [I] owns a reference */
	struct vm_pages		*pages;		/* [f] owned */
	vm_size_t		size;		/* [f] bytes, whole pages */
	uint32_t		refs;		/* [f] see vm_object_ref */
	uint32_t		paging;		/* [f] operations in progress */
	uint32_t		returning;	/* [f] pages on their way to the
						   pager: nobody asks for any,
						   and no others are sent */

	struct vm_object	*shadow;	/* [f] owns a reference */
	vm_offset_t		shadow_offset;	/* [f] of our page 0 in it */
	struct list		shadows;	/* [f] objects that shadow us */
	struct list_node	shadows_link;	/* [f] in shadow->shadows */
	struct vm_object	*copy;		/* [f] newest delayed copy; no
						   reference: it has one on us */
	vm_offset_t		copy_start;	/* [f] we are a delayed copy: */
	vm_offset_t		copy_end;	/* [f] what to push into us */
	struct vm_object	*spare;		/* [f] dead, to be our next copy */
	vm_offset_t		frozen_start;	/* [f] nobody may write to pages */
	vm_offset_t		frozen_end;	/* [f] here without a fault */

	struct ipc_port		*pager;		/* [f] send right, or NULL */
	struct ipc_port		*control;	/* [f] kernel's request port */
	struct ipc_port		*name;		/* [f] port for vm_region */
	vm_offset_t		paging_offset;	/* [f] of page 0, at pager */
	struct vm_paged		*paged;		/* [f] internal: pages at the
						   default pager */
	struct vm_paged		*lost;		/* [f] internal: pages that a
						   default pager held that
						   died; NULL when none did */
	struct vm_paged		*below;		/* [f] copied by call: pages
						   that our pager leaves to
						   the shadow, for now; NULL
						   when there are none */
	struct list_node	table_link;	/* [c] memory_object.c */
	struct list_node	cache_link;	/* [c] unreferenced, cached */

	bool			internal;	/* [I] made by the kernel */
	bool			alive;		/* [f] false: being torn down */
	bool			shared;		/* [f] copies must be delayed */
	bool			single;		/* [f] never copied nor shared:
						   entries do not overlap */
	bool			pristine;	/* [f] delayed copy: all entries
						   for it have needs_copy */
	bool			pager_made;	/* [f] a pager was asked for */
	bool			ready;		/* [f] pager said it is ready */
	bool			pager_dead;	/* [f] every request fails */
	bool			may_cache;	/* [f] pager allows to keep it */
	bool			cached;		/* [c] on the cache list */
	bool			wanted;		/* [f] somebody waits on us */
	bool			temporary;	/* [f] what is dirty in the end
						   need not go back */
	uint8_t			copy_strategy;	/* [f] MEMORY_OBJECT_COPY_* */
	bool			physical;	/* [I] shows memory at phys */
	bool			outgoing;	/* [I] from vm_flow_send on:
						   pages for a pager */
	bool			pager_behind;	/* [f] too much waits for it */
	union {
		uint32_t	behind_since;	/* [f] then: ticks */
		uint32_t	counted_by;	/* [f] internal: the last count
						   that saw us */
	};
	union {
		phys_addr_t	phys;		/* [I] physical: of page 0 */
		uint32_t	uncounted;	/* [f] internal: pages that it
						   has left so far */
	};
};

void vm_object_setup(void);

/*
 * A new internal object of SIZE bytes (rounded up to pages) with one
 * reference; all of it reads as zero.  NULL when memory is short.
 */
struct vm_object *vm_object_create(vm_size_t size);

/* The same in the family of PARENT, for shadows and copies. */
struct vm_object *vm_object_create_related(struct vm_object *parent,
    vm_size_t size);

/*
 * An empty object, and: wait until all that was made from it is gone, with
 * every copy.  Only the creator, who keeps the object meanwhile, may wait.
 *
 * Locks:   none held.
 * Returns: NULL when memory is short; false when an abort ended the wait.
 */
struct vm_object *vm_object_create_watched(void);
bool vm_object_wait_alone(struct vm_object *object);

/*
 * References: map entries, memory in transit, shadows (each on the object it
 * shadows), and code that holds a pointer with no lock.
 */
void vm_object_ref(struct vm_object *object);

/*
 * Drop a reference.  The last one frees an internal object, and caches or
 * terminates an external one; dropping the last but one may collapse the
 * object into its only shadow.
 *
 * Locks:   no spin lock held; a map may be.
 * Blocks:  may, to tell the pager.
 */
void vm_object_unref(struct vm_object *object);

static inline void
vm_object_lock(struct vm_object *object)
{
	spinlock_lock(&object->family->lock);
}

static inline void
vm_object_unlock(struct vm_object *object)
{
	spinlock_unlock(&object->family->lock);
}

static inline void
vm_object_assert_locked(const struct vm_object *object)
{
	spinlock_assert_held(&object->family->lock);
}

/* As vm_object_ref. */
static inline void
vm_object_ref_locked(struct vm_object *object)
{
	vm_object_assert_locked(object);
	assert(object->alive);
	object->refs++;
}

static inline bool
vm_object_same_family(const struct vm_object *a, const struct vm_object *b)
{
	return a->family == b->family;
}

/* The page number of byte OFFSET. */
uint32_t vm_object_index(vm_offset_t offset);

/* The resident page at OFFSET, or NULL.  Object locked. */
struct vm_page *vm_object_page_lookup(struct vm_object *object,
    vm_offset_t offset);

/*
 * The resident page that is seen at OFFSET of OBJECT, which may be one of an
 * object below; NULL if nothing is there yet, or not in memory.  Object locked.
 */
struct vm_page *vm_object_page_seen(struct vm_object *object,
    vm_offset_t offset);

/* The first resident page at or after OFFSET, or NULL.  Object locked. */
struct vm_page *vm_object_page_first(struct vm_object *object,
    vm_offset_t offset);
struct vm_page *vm_object_page_next(struct vm_page *page);

/* Byte offset of a tabled page in its object. */
vm_offset_t vm_object_page_offset(const struct vm_page *page);
struct vm_object *vm_object_page_object(const struct vm_page *page);

/* Enter the private PAGE at OFFSET, where there must be none; locked. */
void vm_object_page_insert(struct vm_object *object, vm_offset_t offset,
    struct vm_page *page);

/*
 * Move a tabled page to OFFSET of another object of the family; it stays on
 * its queue and mapped.  Locked.
 */
void vm_object_page_move(struct vm_page *page, struct vm_object *object,
    vm_offset_t offset);

/* Make a tabled page private again: off its queue, keeps mappings; locked. */
void vm_object_page_remove(struct vm_page *page);

/* Unmap everywhere, remove and free; waiters are woken.  Locked. */
void vm_object_page_free(struct vm_page *page);

/*
 * Sleep until PAGE (busy, of the locked OBJECT) may have changed; unlocks.
 * The caller looks everything up again.
 *
 * Returns: false when an abort ended the wait.
 */
bool vm_object_page_sleep_unlock(struct vm_object *object,
    struct vm_page *page, bool interruptible);

/* Operations that drop the lock but need the object to keep its shape. */
void vm_object_paging_begin(struct vm_object *object);
void vm_object_paging_end(struct vm_object *object);

/* Sleep until OBJECT changes (paging ended, pager ready); unlocks. */
enum wait_result vm_object_sleep_unlock(struct vm_object *object,
    bool interruptible, uint64_t deadline);
void vm_object_wakeup(struct vm_object *object);

/* Would a page at OFFSET that is not resident come from the pager?  Locked. */
bool vm_object_has_paged(struct vm_object *object, vm_offset_t offset);

/*
 * Is the page at OFFSET, if it is not resident, with a default pager, the one
 * there is or one that died and took it along?  And: the latter?  Locked.
 */
bool vm_object_is_paged_out(const struct vm_object *object,
    vm_offset_t offset);
bool vm_object_is_lost(const struct vm_object *object, vm_offset_t offset);

/*
 * Pages of OBJECT and of what it shadows that are kept for users, not for a
 * pager: up to MOST of those that are not in COUNT yet, which was begun by
 * vm_object_count_begin; then they are.  Several counts at a time do no harm
 * but that each may have some pages twice.  Locked.
 */
uint32_t vm_object_private_pages_locked(struct vm_object *object,
    uint32_t most, uint32_t count);
uint32_t vm_object_count_begin(void);

/* Free the resident pages in [START, END) that are not in use.  Locked. */
void vm_object_remove_range(struct vm_object *object, vm_offset_t start,
    vm_offset_t end);

/*
 * Free the memory of OBJECT, which nobody can reach any more: pages, page
 * set, family reference.  Unlocked; the shadow was detached.
 */
void vm_object_destroy(struct vm_object *object);

/*
 * The memory of an earlier copy of OBJECT, which is locked: an object as
 * vm_object_create_related makes it.  NULL if there is none.
 */
struct vm_object *vm_object_take_spare(struct vm_object *object,
    vm_size_t size);

/* Take OBJECT from its shadow, whose reference becomes the caller's. */
struct vm_object *vm_object_detach_shadow(struct vm_object *object);

/* Put SHADOW, whose reference is taken over, behind OBJECT.  Locked. */
void vm_object_attach_shadow(struct vm_object *object,
    struct vm_object *shadow, vm_offset_t offset);

/* Assert the invariants of OBJECT and of the chain below it. */
void vm_object_check(struct vm_object *object);

/* Objects that exist now; for conservation checks. */
unsigned long vm_object_count(void);

#endif
