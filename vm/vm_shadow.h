/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Copy-on-write: making shadows and delayed copies, pushing old contents into
 * copies, and shortening chains.  vm_object.h explains the two ways.
 */

#ifndef VM_VM_SHADOW_H
#define VM_VM_SHADOW_H

#include <stdbool.h>

#include <mach/machine/vm_types.h>

struct vm_object;
struct vm_page;

/*
 * A new object of SIZE bytes in front of OBJECT at OFFSET, whose reference it
 * takes over.  NULL when memory is short; the reference is then still the
 * caller's.
 */
struct vm_object *vm_shadow_create(struct vm_object *object,
    vm_offset_t offset, vm_size_t size);

/*
 * A delayed copy of [OFFSET, OFFSET + SIZE) of OBJECT: an object, at the same
 * offset, that shows what OBJECT holds now whatever happens to OBJECT.
 * Entries for it must have needs_copy: older copies look through it, and others
 * may have been given the same.  NULL when memory is short.
 *
 * Locks: the map that wants the copy may be held.
 */
struct vm_object *vm_shadow_copy(struct vm_object *object, vm_offset_t offset,
    vm_size_t size);

/*
 * The same, of all of OBJECT, if that is one entry's private memory in a page or
 * two, one of which was written to since the last copy: a stack, most likely.
 * That page is copied now and stays writable, which costs less than a fault of
 * its owner.  NULL if it is not so, or memory is short.
 */
struct vm_object *vm_shadow_copy_small(struct vm_object *object);

/*
 * The page at OFFSET of OBJECT, which is locked, is about to become writable.
 */
void vm_shadow_thaw(struct vm_object *object, vm_offset_t offset);

/*
 * Must the content of OBJECT at OFFSET be pushed into its copy before it may
 * change?  OBJECT locked.
 */
bool vm_shadow_needs_push(struct vm_object *object, vm_offset_t offset);

/*
 * Put NEW, a private busy page that holds the content of OBJECT's PAGE, into
 * the copy of OBJECT.  All mappings of PAGE go: some may be the copy's.
 * OBJECT locked.
 */
void vm_shadow_push(struct vm_object *object, struct vm_page *page,
    struct vm_page *new);

/*
 * Shorten the chain below OBJECT as far as possible; OBJECT locked, returns
 * unlocked.  OBJECT stays what it is for everybody else.
 *
 * Blocks: may, when a reference on a pager's object is dropped.
 */
void vm_shadow_collapse_unlock(struct vm_object *object);

/* Is that worth a try?  OBJECT locked. */
bool vm_shadow_wants_collapse(const struct vm_object *object);

/* How many objects lie below OBJECT; for tests and the debugger. */
unsigned vm_shadow_depth(struct vm_object *object);

#endif
