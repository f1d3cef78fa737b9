/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the files that work on maps share.  Unless it says otherwise, each
 * function wants the map locked.
 */

#ifndef VM_VM_MAP_I_H
#define VM_VM_MAP_I_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

struct vm_page;

/*
 * The search tree (vm_map_tree.c); entries know their gap and their range.
 * ENTRY comes between PREV and NEXT, neighbours; either may be NULL.
 */
void vm_map_tree_insert(struct vm_map *map, struct vm_map_entry *entry,
    struct vm_map_entry *prev, struct vm_map_entry *next);
void vm_map_tree_remove(struct vm_map *map, struct vm_map_entry *entry);

/* Make the tree of MAP anew, of its list of entries with gaps and priorities. */
void vm_map_tree_build(struct vm_map *map);

/* The gap of ENTRY has changed. */
void vm_map_tree_update(struct vm_map_entry *entry);

/* The first entry that ends above ADDR, or NULL. */
struct vm_map_entry *vm_map_tree_above(const struct vm_map *map,
    vm_offset_t addr);

/* The first entry at or after FROM with a gap of SIZE or more, or NULL. */
struct vm_map_entry *vm_map_tree_gap(struct vm_map_entry *from,
    vm_size_t size);
void vm_map_tree_check(const struct vm_map *map);

/*
 * Lock MAP, with its entries in their places.  Paths that do without, or have
 * kept it, take the mutex alone.
 *
 * Locks:   no mutex, but for the kernel's own maps.
 * Blocks:  until entries that were paged out are back; interruptibly.
 * Returns: with an error, unlocked: KERN_MEMORY_ERROR, KERN_ABORTED,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_map_lock_idle(struct vm_map *map);

static inline kern_return_t
vm_map_lock(struct vm_map *map)
{
	if (map->lock.rank == LOCK_RANK_VM_MAP) {
		lock_rank_assert_no_mutex();
	}
	mutex_lock(&map->lock);
	return map->use == VM_MAP_IN_USE ? KERN_SUCCESS :
	    vm_map_lock_idle(map);
}

/* Unlock MAP for a while, in which its entries stay in their places. */
static inline void
vm_map_unlock_keep(struct vm_map *map)
{
	map->kept++;
	mutex_unlock(&map->lock);
}

static inline void
vm_map_lock_kept(struct vm_map *map)
{
	mutex_lock(&map->lock);
	map->kept--;
}

/*
 * What a map at rest has (vm_map_rest.c): take it from MAP, NULL if that is in
 * use; and drop all that it holds, with no map locked.
 */
struct vm_map_rest *vm_map_rest_take(struct vm_map *map);
void vm_map_rest_release(struct vm_map_rest *rest);

/* As vm_map_private_size_try, and the walker, for a map at rest. */
vm_size_t vm_map_rest_private_size(const struct vm_map *map);
void vm_map_rest_check(const struct vm_map *map);

/* The same for one in use, by its entries. */
vm_size_t vm_map_private_size(const struct vm_map *map);

/* Entries without a map.  Free takes no reference away. */
struct vm_map_entry *vm_map_entry_alloc(void);
void vm_map_entry_free(struct vm_map_entry *entry);

/* A copy of FROM's attributes and range, with a reference on its object. */
void vm_map_entry_clone(struct vm_map_entry *to,
    const struct vm_map_entry *from);

static inline struct vm_map_entry *
vm_map_first(const struct vm_map *map)
{
	struct list_node *node = list_first(&map->entries);

	return node == NULL ? NULL :
	    list_entry(node, struct vm_map_entry, link);
}

static inline struct vm_map_entry *
vm_map_next(const struct vm_map *map, const struct vm_map_entry *entry)
{
	struct list_node *node = list_next(&map->entries, &entry->link);

	return node == NULL ? NULL :
	    list_entry(node, struct vm_map_entry, link);
}

/* Put ENTRY, whose range is free, into MAP; or take it out. */
void vm_map_entry_link(struct vm_map *map, struct vm_map_entry *entry);

/* The same when it is known before what it is, NULL for the end. */
void vm_map_entry_link_before(struct vm_map *map, struct vm_map_entry *next,
    struct vm_map_entry *entry);
void vm_map_entry_unlink(struct vm_map *map, struct vm_map_entry *entry);

/* The entry that holds ADDR, or NULL. */
struct vm_map_entry *vm_map_lookup(const struct vm_map *map,
    vm_offset_t addr);

/*
 * Make borders at START and END, where an entry spans them.  False when
 * memory is short.
 */
bool vm_map_clip(struct vm_map *map, vm_offset_t start, vm_offset_t end);

/* Merge equal neighbours in and around [START, END). */
void vm_map_simplify(struct vm_map *map, vm_offset_t start, vm_offset_t end);

/* The same for what begins after the entry before FIRST and up to END. */
void vm_map_simplify_from(struct vm_map *map, struct vm_map_entry *first,
    vm_offset_t end);

/*
 * Find SIZE free bytes at or above *ADDRP whose address has no bit of MASK; from
 * 0 on, above VM_MAP_LOW_END if they fit there.  *NEXTP is the entry after them,
 * or NULL.
 */
bool vm_map_find_space(const struct vm_map *map, vm_offset_t *addrp,
    vm_size_t size, vm_offset_t mask, struct vm_map_entry **nextp);

/* Is [START, END) inside the map? */
bool vm_map_range_valid(const struct vm_map *map, vm_offset_t start,
    vm_offset_t end);

/* As vm_map_check_range. */
kern_return_t vm_map_check_range_locked(struct vm_map *map,
    vm_offset_t start, vm_offset_t end, vm_prot_t prot);

/*
 * Wait until no entry in [START, END) is in transition.  Returns true if it
 * unlocked the map meanwhile.
 */
bool vm_map_wait_transition(struct vm_map *map, vm_offset_t start,
    vm_offset_t end);

/*
 * Take everything in [START, END) out of MAP and out of its pmap, onto the
 * list REMOVED; borders were made.  vm_map_entries_release drops what they
 * hold, with no map locked.
 */
void vm_map_remove_locked(struct vm_map *map, vm_offset_t start,
    vm_offset_t end, struct list *removed);
void vm_map_entries_release(struct list *entries);

/* The same with what ENTRY holds, which is not in a map any more. */
void vm_map_entry_release_memory(const struct vm_map_entry *entry);

/*
 * A cut entry shows only part of its first or last page (vm_map_cut.c).  Has
 * ENTRY such a page; is the page at ADDR one?
 */
static inline bool
vm_map_entry_is_cut(const struct vm_map_entry *entry)
{
	return (entry->cut_low | entry->cut_high) != 0;
}

static inline bool
vm_map_entry_cuts_page(const struct vm_map_entry *entry, vm_offset_t addr)
{
	return (entry->cut_low != 0 && addr == entry->start) ||
	    (entry->cut_high != 0 && addr == entry->end - vm_page_size);
}

/* ENTRY was divided, UPPER is the part that was its end. */
static inline void
vm_map_entry_divide_cut(struct vm_map_entry *entry, struct vm_map_entry *upper)
{
	upper->cut_low = 0;
	entry->cut_high = 0;
}

/* Zero what ENTRY does not show of PAGE, or a copy of it, at ADDR. */
void vm_map_entry_trim(const struct vm_map_entry *entry, vm_offset_t addr,
    struct vm_page *page);

/*
 * Does nobody see the memory of the cut ENTRY but through it?  Then it is no
 * copy any more, and whoever has a cut page of it in its object makes that an
 * ordinary page.
 */
bool vm_map_entry_owns_cut(struct vm_map_entry *entry);
void vm_map_entry_heal(struct vm_map_entry *entry, vm_offset_t addr,
    struct vm_page *page);

/*
 * Put a page of its own in the place of the cut page at ADDR, which others see,
 * too; or make any cut page of ENTRY an ordinary one.  Unlocks the map
 * meanwhile: the caller looks again.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_MEMORY_ERROR, KERN_ABORTED.
 */
kern_return_t vm_map_uncut(struct vm_map *map, vm_offset_t addr);
kern_return_t vm_map_entry_uncut(struct vm_map *map,
    const struct vm_map_entry *entry);

/* Does an entry that is to be copied need vm_map_entry_copy_slow? */
bool vm_map_entry_copy_is_slow(const struct vm_map_entry *entry);

/*
 * Make TO, unlinked, a copy of the memory of ENTRY from START to END, which
 * are borders if SYMMETRIC.  Sets the object, offset and needs_copy of TO.
 * Symmetric copies change the entry; delayed ones do not.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t vm_map_entry_copy(struct vm_map *map,
    struct vm_map_entry *entry, vm_offset_t start, vm_offset_t end,
    bool symmetric, struct vm_map_entry *to);

/*
 * The same by copying pages now, for wired memory and for pagers that want no
 * lazy copies.  Unlocks the map while it waits, locks it again; *CHANGEDP
 * says that the entry changed meanwhile, nothing was copied, and the caller
 * starts afresh.
 */
kern_return_t vm_map_entry_copy_slow(struct vm_map *map,
    struct vm_map_entry *entry, vm_offset_t start, vm_offset_t end,
    struct vm_map_entry *to, bool *changedp);

/*
 * A new object with the content of FROM's [OFFSET, OFFSET + SIZE).  No map
 * locked; may block.
 */
kern_return_t vm_map_copy_pages(struct vm_object *from, vm_offset_t offset,
    vm_size_t size, struct vm_object **top);

/* Is ENTRY, which was AS it is while MAP was unlocked, in there still? */
bool vm_map_entry_is(const struct vm_map *map,
    const struct vm_map_entry *entry, const struct vm_map_entry *as);

/* Give ENTRY an object if it has none yet; false when memory is short. */
bool vm_map_entry_need_object(struct vm_map_entry *entry);

/* Make ENTRY's object writable through ENTRY: a shadow, if need be. */
bool vm_map_entry_need_shadow(struct vm_map_entry *entry);

/* Unwire the pages of the wired ENTRY. */
void vm_map_entry_unwire(struct vm_map *map, struct vm_map_entry *entry);

/*
 * Wire what was entered at [START, END) if the map says so for new entries.
 * Map not locked.
 */
kern_return_t vm_map_wire_new(struct vm_map *map, vm_offset_t start,
    vm_offset_t end);

/* Initialize MAP in place, with a lock of RANK; for the kernel's map. */
struct vm_map *vm_map_create_ranked(struct pmap *pmap, vm_offset_t min,
    vm_offset_t max, unsigned rank);

#endif
