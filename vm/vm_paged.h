/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Which pages of an internal object the default pager holds, or which pages
 * of a copy its pager does not: a bitmap in pieces, so that a large sparse
 * object costs little.  Protected by the lock of the object's family, except
 * for creation and destruction.
 */

#ifndef VM_VM_PAGED_H
#define VM_VM_PAGED_H

#include <stdbool.h>
#include <stdint.h>

struct vm_paged;

/* An empty map for PAGES pages; NULL when memory is short. */
struct vm_paged *vm_paged_create(uint32_t pages);
void vm_paged_destroy(struct vm_paged *paged);

bool vm_paged_test(const struct vm_paged *paged, uint32_t index);

/*
 * Make room for INDEX, so that vm_paged_set can be called for it.  Takes the
 * heap's locks: objects unlocked, and one thread at a time (the daemon, or who
 * holds the lock of memory_object_copy.c).  False when memory is short or INDEX
 * is out of range.
 */
bool vm_paged_reserve(struct vm_paged *paged, uint32_t index);
bool vm_paged_has_room(const struct vm_paged *paged, uint32_t index);
void vm_paged_set(struct vm_paged *paged, uint32_t index);
void vm_paged_clear(struct vm_paged *paged, uint32_t index);

/*
 * What is set in FROM, for as many pages, is from now on set in PAGED, too;
 * FROM is good for nothing but vm_paged_destroy.
 */
void vm_paged_merge(struct vm_paged *paged, struct vm_paged *from);

/* Pages that are set. */
uint32_t vm_paged_count(const struct vm_paged *paged);

#endif
