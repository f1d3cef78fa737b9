/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A map is
 *   in use   it was locked since somebody looked
 *   idle     it was not
 *   at rest  its entries are packed away, and nobody has them
 *
 * From rest to use, with the map unlocked while pages come in: one thread at a
 * time reads, others wait for it, and all of them begin afresh after that.  What
 * is packed away does not change, so nothing is lost when the thread is aborted
 * or there is no memory; it is freed when the entries are back or the map has
 * ended, and nobody reads it any more.
 */

#include <vm/vm_map_rest.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>

#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageable.h>

/* Entries that are stored together. */
#define VM_MAP_REST_PIECE	50u

/* What is kept of an entry, but for its object. */
struct vm_map_record {
	vm_offset_t	start;
	vm_offset_t	end;
	vm_offset_t	offset;
	uint16_t	cut_low;
	uint16_t	cut_high;
	uint8_t		prot;
	uint8_t		max_prot;
	uint8_t		inheritance;
	bool		needs_copy : 1;
	bool		no_merge : 1;
	bool		fresh : 1;
	bool		shared : 1;
};

struct vm_map_piece {
	struct vm_map_piece	*next;
	vm_offset_t		addr;		/* of COUNT records */
	uint32_t		count;
	struct vm_object	*objects[];	/* references, or NULL */
};

/* [I] fixed at creation  [l] lock of the map */
struct vm_map_rest {
	struct refcount		refs;		/* the map's and readers' */
	struct vm_map_piece	*pieces;	/* [I] in order of addresses */
	vm_size_t		packed;		/* [I] bytes of records */
	vm_size_t		private_size;	/* [I] vm_map_private_size_try */
	bool			reading;	/* [l] somebody is at it */
};

static size_t
vm_map_piece_bytes(uint32_t count)
{
	return sizeof(struct vm_map_piece) +
	       count * sizeof(struct vm_object *);
}

static size_t
vm_map_records_bytes(uint32_t count)
{
	return count * sizeof(struct vm_map_record);
}

/* ---- to rest ---- */

static void
vm_map_record_pack(
    struct vm_map_record *record, const struct vm_map_entry *entry)
{
	*record = (struct vm_map_record){
		.start = entry->start,
		.end = entry->end,
		.offset = entry->offset,
		.cut_low = entry->cut_low,
		.cut_high = entry->cut_high,
		.prot = entry->prot,
		.max_prot = entry->max_prot,
		.inheritance = entry->inheritance,
		.needs_copy = entry->needs_copy,
		.no_merge = entry->no_merge,
		.fresh = entry->fresh,
		.shared = entry->shared,
	};
}

/*
 * Pack COUNT entries from *ENTRYP on, by way of RECORDS, and step over them.
 * NULL when memory is short.
 */
static struct vm_map_piece *
vm_map_piece_create(const struct vm_map *map, struct vm_map_entry **entryp,
    uint32_t count, struct vm_map_record *records)
{
	struct vm_map_piece *piece = kmem_alloc(vm_map_piece_bytes(count));
	struct vm_map_entry *entry = *entryp;

	if (piece == NULL) {
		return NULL;
	}
	piece->next = NULL;
	piece->count = count;
	for (uint32_t i = 0; i < count; i++) {
		piece->objects[i] = entry->object;
		vm_map_record_pack(&records[i], entry);
		entry = vm_map_next(map, entry);
	}
	if (!vm_pageable_store(
		records, vm_map_records_bytes(count), &piece->addr)) {
		kmem_free(piece, vm_map_piece_bytes(count));
		return NULL;
	}
	*entryp = entry;
	return piece;
}

static void
vm_map_rest_unref(struct vm_map_rest *rest)
{
	struct vm_map_piece *piece;
	struct vm_map_piece *next;

	if (!refcount_unref(&rest->refs)) {
		return;
	}
	for (piece = rest->pieces; piece != NULL; piece = next) {
		next = piece->next;
		vm_pageable_free(
		    piece->addr, vm_map_records_bytes(piece->count));
		kmem_free(piece, vm_map_piece_bytes(piece->count));
	}
	kmem_free(rest, sizeof(*rest));
}

/* Pack all of MAP into REST; false when memory is short. */
static bool
vm_map_rest_pack(const struct vm_map *map, struct vm_map_rest *rest)
{
	size_t size = vm_map_records_bytes(VM_MAP_REST_PIECE);
	struct vm_map_record *records = kmem_alloc(size);
	struct vm_map_entry *entry = vm_map_first(map);
	struct vm_map_piece **tail = &rest->pieces;
	uint32_t left = map->count;
	uint32_t count;

	while (records != NULL && left > 0) {
		count = left < VM_MAP_REST_PIECE ? left : VM_MAP_REST_PIECE;
		*tail = vm_map_piece_create(map, &entry, count, records);
		if (*tail == NULL) {
			break;
		}
		tail = &(*tail)->next;
		left -= count;
	}
	kmem_free(records, size);
	return left == 0;
}

static struct vm_map_rest *
vm_map_rest_create(const struct vm_map *map)
{
	struct vm_map_rest *rest = kmem_alloc(sizeof(*rest));

	if (rest == NULL) {
		return NULL;
	}
	*rest = (struct vm_map_rest){
		.packed = vm_map_records_bytes(map->count),
		.private_size = vm_map_private_size(map),
	};
	refcount_init(&rest->refs, 1);
	if (!vm_map_rest_pack(map, rest)) {
		vm_map_rest_unref(rest);
		return NULL;
	}
	return rest;
}

/* The kernel's own maps are in use all the time. */
static bool
vm_map_rest_lock_try(struct vm_map *map)
{
	return map->lock.rank == LOCK_RANK_VM_MAP && mutex_try(&map->lock);
}

/* Are all entries such that nobody has to find them in a hurry, or has them? */
static bool
vm_map_rest_allowed(const struct vm_map *map)
{
	struct vm_map_entry *entry;

	if (map->use == VM_MAP_RESTS || map->count == 0 || map->kept > 0 ||
	    map->wire_future || map->size_wired > 0 || map->clearing) {
		return false;
	}
	list_for_each_entry(&map->entries, entry, link)
	{
		if (entry->in_transition || entry->wired_count > 0) {
			return false;
		}
	}
	return true;
}

static void
vm_map_free_entries(struct list *entries)
{
	struct vm_map_entry *entry;
	struct vm_map_entry *next;

	list_for_each_entry_safe(entries, entry, next, link)
	{
		vm_map_entry_free(entry);
	}
	list_init(entries);
}

static bool
vm_map_rest_locked(struct vm_map *map)
{
	struct vm_map_rest *rest;

	mutex_assert_held(&map->lock);
	if (!vm_map_rest_allowed(map)) {
		return false;
	}
	rest = vm_map_rest_create(map);
	if (rest == NULL) {
		return false;
	}
	/* The references on objects are the rest's from here on. */
	vm_map_free_entries(&map->entries);
	map->root = NULL;
	map->rest = rest;
	map->use = VM_MAP_RESTS;
	return true;
}

bool
vm_map_rest_try(struct vm_map *map)
{
	bool rests;

	if (!vm_map_rest_lock_try(map)) {
		return false;
	}
	rests = vm_map_rest_locked(map);
	mutex_unlock(&map->lock);
	return rests;
}

void
vm_map_rest_idle(struct vm_map *map)
{
	if (!vm_map_rest_lock_try(map)) {
		return;
	}
	if (map->use == VM_MAP_IN_USE) {
		map->use = VM_MAP_IDLE;
	} else if (map->use == VM_MAP_IDLE) {
		(void)vm_map_rest_locked(map);
	}
	mutex_unlock(&map->lock);
}

/* ---- and back ---- */

/* An entry for MAP, as soon as there is memory for it. */
static kern_return_t
vm_map_rest_entry(const struct vm_map *map, struct vm_map_entry **entryp)
{
	kern_return_t kr = KERN_SUCCESS;

	*entryp = vm_map_entry_alloc();
	while (*entryp == NULL && kr == KERN_SUCCESS) {
		kr = vm_page_wait_kernel(map);
		*entryp = vm_map_entry_alloc();
	}
	return *entryp != NULL ? KERN_SUCCESS : kr;
}

static void
vm_map_record_unpack(const struct vm_map_record *record,
    struct vm_object *object, struct vm_map_entry *entry)
{
	*entry = (struct vm_map_entry){
		.start = record->start,
		.end = record->end,
		.object = object,
		.offset = record->offset,
		.cut_low = record->cut_low,
		.cut_high = record->cut_high,
		.prot = record->prot,
		.max_prot = record->max_prot,
		.inheritance = record->inheritance,
		.needs_copy = record->needs_copy,
		.no_merge = record->no_merge,
		.fresh = record->fresh,
		.shared = record->shared,
	};
}

/* Make entries of what is in PIECE, by way of RECORDS. */
static kern_return_t
vm_map_piece_read(const struct vm_map *map, const struct vm_map_piece *piece,
    struct vm_map_record *records, struct list *entries)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	kr = vm_pageable_load(
	    piece->addr, records, vm_map_records_bytes(piece->count));
	for (uint32_t i = 0; i < piece->count && kr == KERN_SUCCESS; i++) {
		kr = vm_map_rest_entry(map, &entry);
		if (kr == KERN_SUCCESS) {
			vm_map_record_unpack(
			    &records[i], piece->objects[i], entry);
			list_insert_tail(entries, &entry->link);
		}
	}
	return kr;
}

/* Read all of REST into ENTRIES, with no references; nothing is locked. */
static kern_return_t
vm_map_rest_read(const struct vm_map *map, const struct vm_map_rest *rest,
    struct list *entries)
{
	size_t size = vm_map_records_bytes(VM_MAP_REST_PIECE);
	struct vm_map_record *records = kmem_alloc(size);
	const struct vm_map_piece *piece;
	kern_return_t kr = KERN_SUCCESS;

	if (records == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (piece = rest->pieces; piece != NULL && kr == KERN_SUCCESS;
	     piece = piece->next) {
		kr = vm_map_piece_read(map, piece, records, entries);
	}
	kmem_free(records, size);
	return kr;
}

/* Put all of MAP's ENTRIES back. */
static void
vm_map_rest_install(struct vm_map *map, struct list *entries)
{
	struct vm_map_entry *entry;
	struct vm_map_entry *next;
	vm_size_t size = map->size;
	uint32_t count = map->count;

	map->rest = NULL;
	map->use = VM_MAP_IN_USE;
	map->size = 0;
	map->count = 0;
	list_for_each_entry_safe(entries, entry, next, link)
	{
		vm_map_entry_link_before(map, NULL, entry);
	}
	list_init(entries);
	assert(map->size == size && map->count == count);
}

/* Wait until another thread has read the entries of MAP, or has given up. */
static kern_return_t
vm_map_rest_wait(struct vm_map *map)
{
	enum wait_result result;

	sleepq_prepare(map->rest, true);
	mutex_unlock(&map->lock);
	result = sleepq_wait(0);
	mutex_lock(&map->lock);
	return result == WAIT_INTERRUPTED ? KERN_ABORTED : KERN_SUCCESS;
}

/*
 * Try to get the entries of MAP, which rests, back.  Unlocks it meanwhile: when
 * that succeeds it may have ended or be at rest again.
 */
static kern_return_t
vm_map_rest_end(struct vm_map *map)
{
	struct vm_map_rest *rest = map->rest;
	struct list entries;
	kern_return_t kr;

	if (rest->reading) {
		return vm_map_rest_wait(map);
	}
	list_init(&entries);
	rest->reading = true;
	refcount_ref(&rest->refs);
	mutex_unlock(&map->lock);
	kr = vm_map_rest_read(map, rest, &entries);

	mutex_lock(&map->lock);
	rest->reading = false;
	sleepq_wake_all(rest);
	if (kr == KERN_SUCCESS && map->rest == rest) {
		vm_map_rest_install(map, &entries);
		vm_map_rest_unref(rest);
	}
	vm_map_free_entries(&entries);
	vm_map_rest_unref(rest);
	return kr;
}

kern_return_t
vm_map_lock_idle(struct vm_map *map)
{
	kern_return_t kr = KERN_SUCCESS;

	while (map->use == VM_MAP_RESTS && kr == KERN_SUCCESS) {
		kr = vm_map_rest_end(map);
	}
	if (kr != KERN_SUCCESS) {
		mutex_unlock(&map->lock);
		return kr;
	}
	map->use = VM_MAP_IN_USE;
	return KERN_SUCCESS;
}

/* ---- without the entries ---- */

struct vm_map_rest *
vm_map_rest_take(struct vm_map *map)
{
	struct vm_map_rest *rest = map->rest;

	map->rest = NULL;
	map->use = VM_MAP_IN_USE;
	return rest;
}

void
vm_map_rest_release(struct vm_map_rest *rest)
{
	const struct vm_map_piece *piece;

	if (rest == NULL) {
		return;
	}
	for (piece = rest->pieces; piece != NULL; piece = piece->next) {
		for (uint32_t i = 0; i < piece->count; i++) {
			if (piece->objects[i] != NULL) {
				vm_object_unref(piece->objects[i]);
			}
		}
	}
	vm_map_rest_unref(rest);
}

vm_size_t
vm_map_rest_private_size(const struct vm_map *map)
{
	return map->rest->private_size + map->rest->packed;
}

vm_size_t
vm_map_rest_wired_size(const struct vm_map *map)
{
	return map->count * (map->use == VM_MAP_RESTS
				    ? sizeof(struct vm_object *)
				    : sizeof(struct vm_map_entry));
}

void
vm_map_rest_check(const struct vm_map *map)
{
	const struct vm_map_piece *piece;
	uint32_t count = 0;

	assert(map->root == NULL && list_empty(&map->entries));
	assert(map->size_wired == 0 && !map->wire_future);
	for (piece = map->rest->pieces; piece != NULL; piece = piece->next) {
		for (uint32_t i = 0; i < piece->count; i++) {
			if (piece->objects[i] != NULL) {
				vm_object_check(piece->objects[i]);
			}
		}
		count += piece->count;
	}
	assert(count == map->count);
}
