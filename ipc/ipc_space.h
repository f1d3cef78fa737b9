/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Name spaces: from names to rights, and from ports to names.
 *
 * A name is a generation and an index: bits 23..0 choose an entry in the
 * space's table, bits 30..24 must equal the generation the entry has.  The
 * generation moves on each time an entry is freed, so a stale name does not
 * denote the entry's next right.  The first names of a space are 1, 2, 3 and so
 * on, as on GNU Mach, whose programs may know that the privileged host port is
 * 1 and the device port 2.  The table is a directory of chunks of 256
 * entries and grows by chunks; an entry never moves, and a look-up is two
 * loads.  Names that users choose and that the table cannot hold (index
 * beyond it, or the same index with another generation in use) live in an
 * ordered tree.
 *
 * From port to name: a receive right's name is in the port; send rights
 * without the receive right are found by a hash table of names, chained
 * through the entries.
 *
 * One sleeping lock guards a space.  Dead spaces have no entries.
 */

#ifndef IPC_IPC_SPACE_H
#define IPC_IPC_SPACE_H

#include <ipc/ipc_entry.h>
#include <ipc/ipc_types.h>
#include <kernel/mutex.h>
#include <kernel/rbtree.h>
#include <kernel/refcount.h>
#include <mach/kern_return.h>
#include <mach/port.h>

#define IPC_SPACE_CHUNK_SHIFT 8
#define IPC_SPACE_CHUNK_ENTRIES (1u << IPC_SPACE_CHUNK_SHIFT)

/* [I] fixed at creation  [a] atomic  [l] own lock */
struct ipc_space {
	struct mutex lock;
	struct refcount refs;		/* [a] */
	bool active;			/* [l] */
	bool special;			/* [I] the kernel's own: no entries */
	struct ipc_entry **chunks;	/* [l] directory */
	unsigned chunk_count;		/* [l] chunks allocated */
	unsigned chunk_max;		/* [l] slots of the directory */
	uint32_t free_head;		/* [l] index of a free entry, 0 none */
	uint32_t free_tail;		/* [l] entries are reused oldest first */
	struct rbtree tree;		/* [l] names outside the table */
	unsigned tree_count;		/* [l] */
	unsigned used;			/* [l] entries in use, tree included */
	unsigned limit;			/* [l] no more than so many */
	mach_port_name_t *buckets;	/* [l] hash of send rights */
	unsigned bucket_mask;		/* [l] */
	unsigned hashed;		/* [l] entries in the hash */
};

/* Holders of the kernel's receive rights; their ports have no names. */
extern struct ipc_space *ipc_space_kernel;
extern struct ipc_space *ipc_space_reply;

void ipc_space_setup(void);

/*
 * Make an empty space with one reference.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_space_create(struct ipc_space **spacep);

/*
 * Destroy every right in SPACE.  The space remains, dead, while referenced.
 *
 * Locks:  none held.
 * Blocks: may.
 */
void ipc_space_destroy(struct ipc_space *space);

/*
 * SPACE may have LIMIT names; more that it has already stay.  And how many it
 * may have and has.  Locks: takes SPACE.
 */
void ipc_space_set_limit(struct ipc_space *space, unsigned limit);
void ipc_space_get_limit(struct ipc_space *space, unsigned *limitp,
    unsigned *usedp);

void ipc_space_ref(struct ipc_space *space);
void ipc_space_unref(struct ipc_space *space);

static inline void
ipc_space_lock(struct ipc_space *space)
{
	mutex_lock(&space->lock);
}

static inline void
ipc_space_unlock(struct ipc_space *space)
{
	mutex_unlock(&space->lock);
}

/* The entry with INDEX, which is in the table.  Locks: SPACE held. */
static inline struct ipc_entry *
ipc_space_slot(struct ipc_space *space, uint32_t index)
{
	return &space->chunks[index >> IPC_SPACE_CHUNK_SHIFT]
	    [index & (IPC_SPACE_CHUNK_ENTRIES - 1)];
}

/* See struct ipc_entry; an index has 24 bits. */
#define IPC_SPACE_FREE_PREV(index) ((uintptr_t)(index) << 1 | 1)

/* Put ENTRY, the slot of INDEX, at the end of the free list. */
static inline void
ipc_space_free_insert(
    struct ipc_space *space, uint32_t index, struct ipc_entry *entry)
{
	entry->link = 0;
	entry->free_prev = IPC_SPACE_FREE_PREV(space->free_tail);
	if (space->free_tail != 0) {
		ipc_space_slot(space, space->free_tail)->link = index;
	} else {
		space->free_head = index;
	}
	space->free_tail = index;
}

/* Take ENTRY, the first one, off the free list. */
static inline void
ipc_space_free_pop(struct ipc_space *space, struct ipc_entry *entry)
{
	space->free_head = entry->link;
	if (entry->link != 0) {
		ipc_space_slot(space, entry->link)->free_prev =
		    IPC_SPACE_FREE_PREV(0);
	} else {
		space->free_tail = 0;
	}
	entry->object = NULL;
	entry->link = 0;
}

/*
 * The short way of ipc_space_alloc() for a space that has no entries outside its
 * table, a free entry, and may have more.
 *
 * Locks: SPACE held.
 */
static inline bool
ipc_space_is_simple(const struct ipc_space *space)
{
	return space->active && space->free_head != 0 &&
	       space->tree_count == 0 && space->used < space->limit;
}

/* Such a space: has it COUNT free entries, and may have as many more? */
bool ipc_space_has_free(struct ipc_space *space, unsigned count);

static inline struct ipc_entry *
ipc_space_alloc_simple(struct ipc_space *space, mach_port_name_t *namep)
{
	uint32_t index = space->free_head;
	struct ipc_entry *entry = ipc_space_slot(space, index);

	*namep = ipc_name_make(index, entry);
	ipc_space_free_pop(space, entry);
	space->used++;
	return entry;
}

/* The same of ipc_space_free(), for an ENTRY in the table. */
static inline void
ipc_space_free_simple(
    struct ipc_space *space, uint32_t index, struct ipc_entry *entry)
{
	space->used--;
	entry->bits = ipc_entry_next_bits(entry);
	ipc_space_free_insert(space, index, entry);
}

/* NAME is not in the table: the one in the tree, or NULL. */
struct ipc_entry *ipc_space_lookup_tree(struct ipc_space *space,
    mach_port_name_t name);

/*
 * The entry that NAME denotes, or NULL.  Index 0 is never in use.
 *
 * Locks: SPACE held.
 */
static inline struct ipc_entry *
ipc_space_lookup(struct ipc_space *space, mach_port_name_t name)
{
	uint32_t index = ipc_name_index(name);
	struct ipc_entry *entry;

	mutex_assert_held(&space->lock);
	if (index >> IPC_SPACE_CHUNK_SHIFT < space->chunk_count) {
		entry = ipc_space_slot(space, index);
		if (ipc_name_matches(name, entry) && ipc_entry_used(entry)) {
			return entry;
		}
	}
	return ipc_space_lookup_tree(space, name);
}

/*
 * Take a free entry with a name of our choice; or the one for NAME, which
 * must not be in use (KERN_NAME_EXISTS).  The entry's type is none until
 * the caller sets it.
 *
 * Locks:   SPACE held, active.
 * Returns: KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_space_alloc(struct ipc_space *space,
    mach_port_name_t *namep, struct ipc_entry **entryp);
kern_return_t ipc_space_alloc_name(struct ipc_space *space,
    mach_port_name_t name, struct ipc_entry **entryp);

/* NAME's entry denotes nothing any more.  Locks: SPACE held. */
void ipc_space_free(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry);

/*
 * The entry of SPACE with send or receive rights for PORT, live or dead.
 *
 * Locks:   SPACE held.
 * Returns: NULL if there is none.
 */
struct ipc_entry *ipc_space_reverse(struct ipc_space *space,
    struct ipc_port *port, mach_port_name_t *namep);

/* ENTRY got or lost its place in the hash.  Locks: SPACE held. */
void ipc_space_hash_insert(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry);
void ipc_space_hash_remove(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry);

/*
 * The first entry in use after the position *CURSOR, which starts as 0; NULL
 * at the end.  Entries may come and go between calls.
 *
 * Locks: SPACE held.
 */
struct ipc_entry *ipc_space_next(struct ipc_space *space, uint64_t *cursor,
    mach_port_name_t *namep);

/* Walk SPACE and assert its invariants.  Locks: SPACE held. */
void ipc_space_check(struct ipc_space *space);

/* For generated stubs: what convert_port_to_space() gave.  Null is allowed. */
void space_deallocate(struct ipc_space *space);

/* ipc_setup() prepares all of ipc/, in order. */
void ipc_setup(void);

#endif /* IPC_IPC_SPACE_H */
