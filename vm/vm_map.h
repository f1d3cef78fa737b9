/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Address maps: which memory object backs which addresses, with what
 * protection and inheritance.
 *
 * Entries do not overlap.  They hang on a list in address order and in a
 * search tree that also knows the largest hole below each subtree, so that
 * lookup, insertion and finding free space take O(log n).  Neighbours that
 * continue each other are merged.
 *
 * An entry whose object is NULL is zero-filled memory that nobody has touched
 * yet.  An entry with needs_copy may read from its object, but must put a
 * shadow in front of it before it writes.
 *
 * Entries of a map that nobody uses may be paged out (vm_map_rest.h).  So any of
 * the calls below that have to do with entries may wait for the default pager,
 * and fail with KERN_MEMORY_ERROR if that has died, with KERN_ABORTED, or with
 * KERN_RESOURCE_SHORTAGE; a map whose entries are lost can still be cleared.
 *
 * The map lock is a sleeping mutex.  A fault holds it from lookup to
 * pmap_enter and restarts from the beginning whenever it had to wait, so no
 * stale mapping can be entered.  Whoever finds an entry `in_transition' waits
 * for the wiring in progress to finish.
 */

#ifndef VM_VM_MAP_H
#define VM_VM_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

#include <machine/types.h>

#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/refcount.h>

struct pmap;
struct vm_map;
struct vm_map_rest;
struct vm_object;

/* Everything here is protected by the lock of the map that holds the entry. */
struct vm_map_entry {
	struct list_node	link;		/* in map->entries, or a copy's */
	union {
		struct {			/* in a map */
			struct vm_map_entry *left;	/* lower addresses */
			struct vm_map_entry *right;
			struct vm_map_entry *parent;
			uint32_t priority;	/* random: heap order of tree */
			vm_size_t gap;		/* hole right below start */
			vm_size_t max_gap;	/* largest in the subtree */
		};
		struct {			/* the first of a copy */
			struct list copy_entries;
			vm_offset_t copy_offset;	/* in the first page */
			vm_size_t copy_size;	/* bytes */
		};
	};
	vm_offset_t		start;
	vm_offset_t		end;		/* exclusive */
	struct vm_object	*object;	/* owns a reference, or NULL */
	vm_offset_t		offset;		/* of start in object */
	uint8_t			prot;
	uint8_t			max_prot;
	uint8_t			inheritance;
	uint8_t			wired_access;	/* VM_PROT_NONE: not by user */
	uint16_t		wired_count;	/* pages are wired once if > 0 */
	uint16_t		cut_low;	/* bytes at the start and at the */
	uint16_t		cut_high;	/* end that read as zero, not as
						   the object: vm_map_cut.c */
	bool			needs_copy;
	bool			in_transition;	/* wired or moved; lock dropped */
	bool			wanted;		/* somebody waits for that */
	bool			no_merge;	/* keep the borders */
	bool			fresh;		/* nothing is in the pmap yet */
	bool			shared;		/* by inheritance or a proxy; for
						   vm_region only */
};

/* Are the entries of a map needed where they are?  vm_map_rest.c */
enum vm_map_use {
	VM_MAP_IN_USE,		/* it was locked not long ago */
	VM_MAP_IDLE,		/* not since somebody looked */
	VM_MAP_RESTS,		/* they are packed away */
};

/* [I] fixed at creation  [l] own lock  [a] atomic */
struct vm_map {
	struct mutex		lock;
	struct refcount		refs;		/* [a] */
	struct pmap		*pmap;		/* [I] owns a reference */
	vm_offset_t		min;		/* [I] */
	vm_offset_t		max;		/* [I] exclusive */
	struct list		entries;	/* [l] in address order */
	struct vm_map_entry	*root;		/* [l] search tree */
	uint32_t		count;		/* [l] entries */
	vm_size_t		size;		/* [l] bytes in entries */
	vm_size_t		size_wired;	/* [l] bytes wired by the user */
	vm_size_t		size_cur_limit;	/* [l] see vm_set_size_limit */
	vm_size_t		size_max_limit;	/* [l] */
	uint32_t		flow_until;	/* [a] ticks: vm_flow.h */
	uint32_t		flow_serves;	/* [a] 0: that was never set */
	bool			wire_future;	/* [l] wire what it allocates */
	bool			clearing;	/* [a] what it had is being freed */
	uint8_t			use;		/* [l] enum vm_map_use */
	uint16_t		kept;		/* [l] who has unlocked it and
						   knows entries: no rest */
	struct vm_map_rest	*rest;		/* [l] its entries, while at rest;
						   count and size stay */
};

/* What vm_map_enter needs to know besides the map and the address. */
struct vm_map_request {
	vm_size_t		size;		/* whole pages */
	vm_offset_t		mask;		/* address bits that must be 0 */
	bool			anywhere;	/* at or above the address */
	struct vm_object	*object;	/* NULL: zero-filled memory */
	vm_offset_t		offset;		/* whole pages */
	bool			needs_copy;	/* object may only be read */
	vm_prot_t		prot;
	vm_prot_t		max_prot;
	vm_inherit_t		inheritance;
	bool			no_merge;
};

/* What vm_map_region reports. */
struct vm_map_region {
	vm_offset_t		start;
	vm_size_t		size;
	vm_prot_t		prot;
	vm_prot_t		max_prot;
	vm_inherit_t		inheritance;
	bool			shared;
	struct vm_object	*object;	/* a reference, or NULL */
	vm_offset_t		offset;
};

extern struct vm_map *kernel_map;

void vm_map_setup(void);

/*
 * A new, empty map of [MIN, MAX) over PMAP with one reference; consumes the
 * caller's reference on PMAP if it succeeds.  NULL when memory is short.
 */
struct vm_map *vm_map_create(struct pmap *pmap, vm_offset_t min,
    vm_offset_t max);
void vm_map_ref(struct vm_map *map);

/* The last reference removes all entries.  Locks: none held.  May block. */
void vm_map_unref(struct vm_map *map);

/*
 * Enter a region.  *ADDRP is where (or from where on, if req->anywhere); the
 * address is returned there.
 *
 * Locks:   none held.
 * Refs:    consumes the caller's reference on req->object, if it succeeds.
 * Returns: KERN_NO_SPACE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_map_enter(struct vm_map *map, vm_offset_t *addrp,
    const struct vm_map_request *req);

/*
 * Zero-filled memory as vm_allocate gives it: rounded to pages, readable and
 * writable, inherited as a copy.
 */
kern_return_t vm_map_allocate(struct vm_map *map, vm_offset_t *addrp,
    vm_size_t size, bool anywhere);

/*
 * Remove whatever is mapped in [START, END); page aligned.  Holes are fine.
 * Locks: none held.  May block.  Returns KERN_INVALID_ADDRESS outside the
 * map, KERN_RESOURCE_SHORTAGE when an entry could not be split.
 */
kern_return_t vm_map_remove(struct vm_map *map, vm_offset_t start,
    vm_offset_t end);

/* Remove all that MAP has.  Locks: none held.  May block; cannot fail. */
void vm_map_clear(struct vm_map *map);

/*
 * Set the current, or the maximum, protection of [START, END), all of which
 * must be allocated.  Nothing changes unless all of it can.
 * Returns: KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_map_protect(struct vm_map *map, vm_offset_t start,
    vm_offset_t end, vm_prot_t prot, bool set_maximum);
kern_return_t vm_map_inherit(struct vm_map *map, vm_offset_t start,
    vm_offset_t end, vm_inherit_t inheritance);

/*
 * Wire [START, END) for ACCESS, or unwire it (VM_PROT_NONE); does not stack.
 * Returns: KERN_NO_SPACE (as vm_wire: something missing or inaccessible),
 *          KERN_RESOURCE_SHORTAGE, KERN_MEMORY_ERROR.
 */
kern_return_t vm_map_wire(struct vm_map *map, vm_offset_t start,
    vm_offset_t end, vm_prot_t access);
kern_return_t vm_map_wire_all(struct vm_map *map, bool current, bool future);

/* The region that holds ADDR or the first above it; KERN_NO_SPACE if none. */
kern_return_t vm_map_region(struct vm_map *map, vm_offset_t addr,
    struct vm_map_region *region);

/*
 * The same for the region that holds ADDR, which becomes memory that others
 * may share: it has an object, which is not copied for them.
 * Returns: KERN_INVALID_ADDRESS, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_map_region_shared(struct vm_map *map, vm_offset_t addr,
    struct vm_map_region *region);

/*
 * A copy of [OFFSET, OFFSET + SIZE) of an object with a pager, as its pager
 * wants copies to be made; *COPY_OFFSETP is where it begins in the new object.
 * *NEEDS_COPYP: an entry for it must have needs_copy.
 *
 * Locks:   none held.  May block, until the pager is ready.
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_MEMORY_ERROR, KERN_ABORTED.
 */
kern_return_t vm_map_copy_object(struct vm_object *object,
    vm_offset_t offset, vm_size_t size, struct vm_object **copyp,
    vm_offset_t *copy_offsetp, bool *needs_copyp);

/*
 * Is all of [START, END) allocated with at least PROT?
 * Returns: KERN_SUCCESS, KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE.
 */
kern_return_t vm_map_check_range(struct vm_map *map, vm_offset_t start,
    vm_offset_t end, vm_prot_t prot);

/*
 * A map for a child of PARENT's task, by the inheritance of each region;
 * nothing is copied yet.
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_map_fork(struct vm_map *parent, struct vm_map **childp);

/* CHILD, which nobody else has yet, may be as big as PARENT. */
void vm_map_copy_limits(struct vm_map *parent, struct vm_map *child);

/*
 * Move bytes between kernel memory and any map, through the direct map and
 * per-CPU windows, faulting as the map's own threads would.
 *
 * Locks:   none held.  May block.
 * Returns: KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE, KERN_MEMORY_ERROR.
 */
kern_return_t vm_map_read_bytes(struct vm_map *map, vm_offset_t addr,
    void *to, vm_size_t n);
kern_return_t vm_map_write_bytes(struct vm_map *map, vm_offset_t addr,
    const void *from, vm_size_t n);

/*
 * The physical address of the page at ADDR; 0 if none is in memory.
 * Locks: none held.
 */
phys_addr_t vm_map_page_phys(struct vm_map *map, vm_offset_t addr);

/* Bytes of [min, max) with a page mapped by the pmap, for task_info. */
vm_size_t vm_map_resident_size(struct vm_map *map);

/*
 * Bytes that ending the map's users could bring: of memory without a pager of
 * its own, resident or at the default pager, in however many entries.  False
 * when the map is locked, or is just about to give all of that back.
 */
bool vm_map_private_size_try(struct vm_map *map, vm_size_t *sizep);

/* Walk the map and assert its invariants; takes the lock. */
void vm_map_check(struct vm_map *map);
void vm_map_check_locked(struct vm_map *map);

#endif
