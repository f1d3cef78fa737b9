/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Name spaces.
 *
 * Index 0 is never given out, in whatever generation, and bit 31 of a name is
 * never set: so neither the null nor the dead name comes from the table.  Users
 * may choose other such names, in the tree.
 */

#include <ipc/ipc_space.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/thread.h>
#include <string.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_right.h>

#define IPC_SPACE_CHUNK_SIZE \
	(IPC_SPACE_CHUNK_ENTRIES * sizeof(struct ipc_entry))
/* Indices have 24 bits; the last chunk, with the dead name, is not used. */
#define IPC_SPACE_CHUNKS_MAX ((1u << 16) - 1)
#define IPC_SPACE_DIRECTORY_MIN 4u

#define IPC_SPACE_BUCKETS_MIN 16u
#define IPC_SPACE_BUCKETS_MAX (1u << 20)

struct ipc_space *ipc_space_kernel;
struct ipc_space *ipc_space_reply;

static struct kmem_cache ipc_space_cache;
static struct kmem_cache ipc_space_chunk_cache;

/* The space is made with nothing that could need memory later but growth. */
static struct ipc_space *
ipc_space_alloc_struct(void)
{
	struct ipc_space *space = kmem_cache_alloc(&ipc_space_cache);

	if (space == NULL) {
		return NULL;
	}
	memset(space, 0, sizeof(*space));
	mutex_init(&space->lock, LOCK_RANK_IPC_SPACE);
	refcount_init(&space->refs, 1);
	rbtree_init(&space->tree);
	space->active = true;
	return space;
}

static struct ipc_space *
ipc_space_create_special(void)
{
	struct ipc_space *space = ipc_space_alloc_struct();

	assert(space != NULL);
	space->special = true;
	return space;
}

void
ipc_space_setup(void)
{
	kmem_cache_init(&ipc_space_cache, "ipc_space",
	    sizeof(struct ipc_space), 0);
	kmem_cache_init(&ipc_space_chunk_cache, "ipc_space_chunk",
	    IPC_SPACE_CHUNK_SIZE, 0);
	ipc_space_kernel = ipc_space_create_special();
	ipc_space_reply = ipc_space_create_special();
}

kern_return_t
ipc_space_create(struct ipc_space **spacep)
{
	struct ipc_space *space = ipc_space_alloc_struct();

	if (space == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	space->buckets = kmem_zalloc(IPC_SPACE_BUCKETS_MIN *
	    sizeof(*space->buckets));
	if (space->buckets == NULL) {
		kmem_cache_free(&ipc_space_cache, space);
		return KERN_RESOURCE_SHORTAGE;
	}
	space->bucket_mask = IPC_SPACE_BUCKETS_MIN - 1;
	space->limit = UINT32_MAX;
	*spacep = space;
	return KERN_SUCCESS;
}

void
ipc_space_set_limit(struct ipc_space *space, unsigned limit)
{
	ipc_space_lock(space);
	space->limit = limit;
	ipc_space_unlock(space);
}

void
ipc_space_get_limit(struct ipc_space *space, unsigned *limitp,
    unsigned *usedp)
{
	ipc_space_lock(space);
	*limitp = space->limit;
	*usedp = space->used;
	ipc_space_unlock(space);
}

void
ipc_space_ref(struct ipc_space *space)
{
	refcount_ref(&space->refs);
}

void
ipc_space_unref(struct ipc_space *space)
{
	if (!refcount_unref(&space->refs)) {
		return;
	}
	assert(!space->active && space->used == 0 && space->chunks == NULL);
	kmem_cache_free(&ipc_space_cache, space);
}

void
space_deallocate(struct ipc_space *space)
{
	if (space != NULL) {
		ipc_space_unref(space);
	}
}

static bool
ipc_space_in_table(const struct ipc_space *space, uint32_t index)
{
	return index >> IPC_SPACE_CHUNK_SHIFT < space->chunk_count &&
	    index != 0;
}

struct ipc_entry *
ipc_space_lookup_tree(struct ipc_space *space, mach_port_name_t name)
{
	if (space->tree_count == 0) {
		return NULL;
	}
	return ipc_entry_tree_lookup(&space->tree, name);
}

static void
ipc_space_free_remove(struct ipc_space *space, uint32_t index)
{
	struct ipc_entry *entry = ipc_space_slot(space, index);
	uint32_t prev = (uint32_t)(entry->free_prev >> 1);

	if (prev != 0) {
		ipc_space_slot(space, prev)->link = entry->link;
	} else {
		space->free_head = entry->link;
	}
	if (entry->link != 0) {
		ipc_space_slot(space, entry->link)->free_prev =
		    entry->free_prev;
	} else {
		space->free_tail = prev;
	}
	entry->object = NULL;
	entry->link = 0;
}

/* Make room in the directory for one more chunk. */
static kern_return_t
ipc_space_grow_directory(struct ipc_space *space)
{
	struct ipc_entry **chunks;
	unsigned max = space->chunk_max * 2;

	if (space->chunk_count < space->chunk_max) {
		return KERN_SUCCESS;
	}
	if (max == 0) {
		max = IPC_SPACE_DIRECTORY_MIN;
	}
	chunks = kmem_alloc(max * sizeof(*chunks));
	if (chunks == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (space->chunk_count != 0) {
		memcpy(chunks, space->chunks,
		    space->chunk_count * sizeof(*chunks));
	}
	kmem_free(space->chunks, space->chunk_max * sizeof(*chunks));
	space->chunks = chunks;
	space->chunk_max = max;
	return KERN_SUCCESS;
}

static kern_return_t
ipc_space_grow(struct ipc_space *space)
{
	uint32_t first = space->chunk_count << IPC_SPACE_CHUNK_SHIFT;
	struct ipc_entry *chunk;
	kern_return_t kr;

	if (space->chunk_count == IPC_SPACE_CHUNKS_MAX) {
		return KERN_NO_SPACE;
	}
	kr = ipc_space_grow_directory(space);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	chunk = kmem_cache_alloc(&ipc_space_chunk_cache);
	if (chunk == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	memset(chunk, 0, IPC_SPACE_CHUNK_SIZE);
	space->chunks[space->chunk_count++] = chunk;
	for (unsigned i = first == 0 ? 1 : 0; i < IPC_SPACE_CHUNK_ENTRIES;
	     i++) {
		ipc_space_free_insert(space, first + i, &chunk[i]);
	}
	return KERN_SUCCESS;
}

kern_return_t
ipc_space_alloc(struct ipc_space *space, mach_port_name_t *namep,
    struct ipc_entry **entryp)
{
	struct ipc_entry *entry;
	mach_port_name_t name;
	uint32_t index;
	kern_return_t kr;

	mutex_assert_held(&space->lock);
	assert(space->active && !space->special);
	if (space->used >= space->limit) {
		return KERN_NO_SPACE;
	}
	if (space->free_head == 0) {
		kr = ipc_space_grow(space);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	index = space->free_head;
	entry = ipc_space_slot(space, index);
	name = ipc_name_make(index, entry);
	if (space->tree_count != 0 &&
	    ipc_entry_tree_lookup(&space->tree, name) != NULL) {
		/* A user chose this name: it is in the tree.  Take the one
		 * with the next generation; not all can be in the tree
		 * unless somebody wants to have no names left. */
		for (unsigned i = 0; ; i++) {
			if (i == IPC_ENTRY_GEN_MASK / IPC_ENTRY_GEN_ONE) {
				return KERN_NO_SPACE;
			}
			entry->bits = ipc_entry_next_bits(entry);
			name = ipc_name_make(index, entry);
			if (ipc_entry_tree_lookup(&space->tree, name) ==
			    NULL) {
				break;
			}
		}
	}
	ipc_space_free_pop(space, entry);
	space->used++;
	*namep = name;
	*entryp = entry;
	return KERN_SUCCESS;
}

kern_return_t
ipc_space_alloc_name(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry **entryp)
{
	uint32_t index = ipc_name_index(name);
	struct ipc_entry *entry;

	mutex_assert_held(&space->lock);
	assert(space->active && !space->special && MACH_PORT_VALID(name));
	if (ipc_space_lookup(space, name) != NULL) {
		return KERN_NAME_EXISTS;
	}
	if (space->used >= space->limit) {
		return KERN_NO_SPACE;
	}
	if (ipc_space_in_table(space, index) &&
	    (name & ~IPC_NAME_OF_TABLE) == 0) {
		entry = ipc_space_slot(space, index);
		if (!ipc_entry_used(entry)) {
			ipc_space_free_remove(space, index);
			entry->bits = name & IPC_ENTRY_GEN_MASK;
			space->used++;
			*entryp = entry;
			return KERN_SUCCESS;
		}
	}
	entry = ipc_entry_tree_insert(&space->tree, name);
	if (entry == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	space->tree_count++;
	space->used++;
	*entryp = entry;
	return KERN_SUCCESS;
}

void
ipc_space_free(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry)
{
	uint32_t index = ipc_name_index(name);

	mutex_assert_held(&space->lock);
	assert(space->used > 0 && !ipc_entry_has_request(entry));
	if (!ipc_space_in_table(space, index) ||
	    ipc_space_slot(space, index) != entry) {
		space->used--;
		ipc_entry_tree_remove(&space->tree, entry);
		space->tree_count--;
		return;
	}
	ipc_space_free_simple(space, index, entry);
}

bool
ipc_space_has_free(struct ipc_space *space, unsigned count)
{
	uint32_t index = space->free_head;

	mutex_assert_held(&space->lock);
	if (space->limit - space->used < count) {
		return false;
	}
	while (index != 0 && --count > 0) {
		index = ipc_space_slot(space, index)->link;
	}
	return index != 0;
}

static unsigned
ipc_space_hash(const struct ipc_port *port, unsigned mask)
{
	return ((uint32_t)(uintptr_t)port >> 4) * 0x9e3779b1u >> 11 & mask;
}

struct ipc_entry *
ipc_space_reverse(struct ipc_space *space, struct ipc_port *port,
    mach_port_name_t *namep)
{
	struct ipc_entry *entry;
	mach_port_name_t name;

	mutex_assert_held(&space->lock);
	/* Only who has this space locked makes its receiver equal to it. */
	if (port->receiver == space) {
		*namep = port->name;
		return ipc_space_lookup(space, port->name);
	}
	name = space->buckets[ipc_space_hash(port, space->bucket_mask)];
	while (name != MACH_PORT_NULL) {
		entry = ipc_space_lookup(space, name);
		if (entry->port == port) {
			*namep = name;
			return entry;
		}
		name = *ipc_request_link(entry);
	}
	return NULL;
}

/* Double the buckets; if there is no memory, chains get longer. */
static void
ipc_space_rehash(struct ipc_space *space)
{
	unsigned old_size = space->bucket_mask + 1;
	unsigned size = old_size * 2;
	mach_port_name_t *old = space->buckets;
	mach_port_name_t *buckets;
	struct ipc_entry *entry;
	mach_port_name_t name;
	mach_port_name_t next;
	uint32_t *link;
	unsigned slot;

	if (size > IPC_SPACE_BUCKETS_MAX) {
		return;
	}
	buckets = kmem_zalloc(size * sizeof(*buckets));
	if (buckets == NULL) {
		return;
	}
	for (unsigned i = 0; i < old_size; i++) {
		for (name = old[i]; name != MACH_PORT_NULL; name = next) {
			entry = ipc_space_lookup(space, name);
			link = ipc_request_link(entry);
			next = *link;
			slot = ipc_space_hash(entry->port, size - 1);
			*link = buckets[slot];
			buckets[slot] = name;
		}
	}
	space->buckets = buckets;
	space->bucket_mask = size - 1;
	kmem_free(old, old_size * sizeof(*old));
}

void
ipc_space_hash_insert(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry)
{
	mach_port_name_t *bucket;

	mutex_assert_held(&space->lock);
	if (space->hashed > 3 * space->bucket_mask) {
		ipc_space_rehash(space);
	}
	bucket = &space->buckets[ipc_space_hash(entry->port,
	    space->bucket_mask)];
	*ipc_request_link(entry) = *bucket;
	*bucket = name;
	space->hashed++;
}

void
ipc_space_hash_remove(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry)
{
	mach_port_name_t *link;

	mutex_assert_held(&space->lock);
	link = &space->buckets[ipc_space_hash(entry->port,
	    space->bucket_mask)];
	while (*link != name) {
		assert(*link != MACH_PORT_NULL);
		link = ipc_request_link(ipc_space_lookup(space, *link));
	}
	*link = *ipc_request_link(entry);
	*ipc_request_link(entry) = 0;
	space->hashed--;
}

/*
 * The cursor is the index of the slot to look at next, and past the table the
 * least name of the tree to look at next, plus the flag.
 */
#define IPC_SPACE_CURSOR_TREE ((uint64_t)1 << 40)

struct ipc_entry *
ipc_space_next(struct ipc_space *space, uint64_t *cursor,
    mach_port_name_t *namep)
{
	struct ipc_entry *entry;
	uint32_t index;

	mutex_assert_held(&space->lock);
	while ((*cursor & IPC_SPACE_CURSOR_TREE) == 0) {
		index = (uint32_t)*cursor;
		if (index >> IPC_SPACE_CHUNK_SHIFT >= space->chunk_count) {
			*cursor = IPC_SPACE_CURSOR_TREE;
			break;
		}
		++*cursor;
		entry = ipc_space_slot(space, index);
		if (index != 0 && ipc_entry_used(entry)) {
			*namep = ipc_name_make(index, entry);
			return entry;
		}
	}
	entry = ipc_entry_tree_next(&space->tree, (mach_port_name_t)*cursor,
	    namep);
	if (entry != NULL) {
		/* The dead name is in no tree, so this does not wrap. */
		*cursor = IPC_SPACE_CURSOR_TREE | (*namep + 1);
	}
	return entry;
}

static void
ipc_space_free_tables(struct ipc_space *space)
{
	for (unsigned i = 0; i < space->chunk_count; i++) {
		kmem_cache_free(&ipc_space_chunk_cache, space->chunks[i]);
	}
	kmem_free(space->chunks, space->chunk_max * sizeof(*space->chunks));
	kmem_free(space->buckets,
	    (space->bucket_mask + 1) * sizeof(*space->buckets));
	space->chunks = NULL;
	space->chunk_count = 0;
	space->chunk_max = 0;
	space->buckets = NULL;
	space->free_head = 0;
	space->free_tail = 0;
}

void
ipc_space_destroy(struct ipc_space *space)
{
	struct ipc_remains remains;
	struct ipc_entry *entry;
	mach_port_name_t name;
	uint64_t cursor = 0;

	assert(!space->special);
	ipc_space_lock(space);
	if (!space->active) {
		ipc_space_unlock(space);
		return;
	}
	space->active = false;
	while ((entry = ipc_space_next(space, &cursor, &name)) != NULL) {
		ipc_remains_init(&remains);
		ipc_right_clear_locked(space, name, entry, &remains);
		ipc_space_unlock(space);
		ipc_remains_release(&remains);
		ipc_space_lock(space);
	}
	ipc_space_free_tables(space);
	ipc_space_unlock(space);
}

static void
ipc_space_check_entry(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, unsigned *hashed)
{
	mach_port_type_t type = ipc_entry_type(entry);
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);
	mach_port_name_t found;

	assert(ipc_space_lookup(space, name) == entry);
	switch (type) {
	case MACH_PORT_TYPE_RECEIVE:
		assert(urefs == 0);
		break;
	case MACH_PORT_TYPE_SEND:
		++*hashed;
		assert(urefs > 0);
		break;
	case MACH_PORT_TYPE_SEND_RECEIVE:
		assert(urefs > 0);
		break;
	case MACH_PORT_TYPE_SEND_ONCE:
		assert(urefs == 1);
		break;
	case MACH_PORT_TYPE_PORT_SET:
		assert(entry->object->kind == IPC_OBJECT_PSET);
		assert(entry->pset->name == name);
		break;
	case MACH_PORT_TYPE_DEAD_NAME:
		assert(urefs > 0 && entry->object == NULL);
		assert(!ipc_entry_has_request(entry));
		break;
	default:
		panic("ipc_space_check: type %x", type);
	}
	if ((type & MACH_PORT_TYPE_PORT_RIGHTS) != 0) {
		assert(entry->object->kind == IPC_OBJECT_PORT);
	}
	if (ipc_entry_has_request(entry)) {
		assert(entry->request->space == space);
		assert(entry->request->port == entry->port);
	}
	if ((type & MACH_PORT_TYPE_RECEIVE) != 0) {
		assert(entry->port->receiver == space);
		assert(entry->port->name == name);
		ipc_port_lock(entry->port);
		ipc_port_check(entry->port);
		ipc_port_unlock(entry->port);
	}
	if ((type & MACH_PORT_TYPE_SEND_RECEIVE) != 0) {
		assert(ipc_space_reverse(space, entry->port, &found) == entry);
		assert(found == name);
	}
}

void
ipc_space_check(struct ipc_space *space)
{
	struct ipc_entry *entry;
	mach_port_name_t name;
	unsigned used = 0;
	unsigned hashed = 0;
	unsigned slots = 0;
	uint64_t cursor = 0;
	uint32_t prev = 0;

	mutex_assert_held(&space->lock);
	while ((entry = ipc_space_next(space, &cursor, &name)) != NULL) {
		ipc_space_check_entry(space, name, entry, &hashed);
		used++;
	}
	assert(used == space->used);
	assert(hashed == space->hashed);
	for (uint32_t i = space->free_head; i != 0;
	     i = ipc_space_slot(space, i)->link) {
		assert(!ipc_entry_used(ipc_space_slot(space, i)));
		assert(ipc_space_slot(space, i)->free_prev ==
		       IPC_SPACE_FREE_PREV(prev));
		prev = i;
		slots++;
	}
	assert(prev == space->free_tail);
	if (space->chunk_count != 0) {
		assert(slots + used - space->tree_count + 1 ==
		    space->chunk_count << IPC_SPACE_CHUNK_SHIFT);
	}
}

void
ipc_setup(void)
{
	ipc_kmsg_setup();
	ipc_port_setup();
	ipc_pset_setup();
	ipc_entry_setup();
	ipc_space_setup();
	ipc_request_setup();
	ipc_notify_setup();
	ipc_kobject_setup();
	ipc_special_setup();
}
