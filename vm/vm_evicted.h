/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Which pages of pagers' objects were taken from memory not long ago.
 *
 * What comes from a pager is inactive at first, so a file that is read once
 * pushes out nothing that is active.  One that is read again and again should
 * get the memory of what is active but idle, and its pages would never meet
 * their second use when they are more than there are inactive ones.  So it is
 * remembered when a page went: if since then no more pages have gone than are
 * active now, it would still be here with the active ones' memory, and competes
 * with them from now on.
 *
 * All of this is guesses: a table where the newer overwrites the older, without
 * locks.
 */

#ifndef VM_VM_EVICTED_H
#define VM_VM_EVICTED_H

#include <stdbool.h>
#include <stdint.h>

struct vm_object;

/* After vm_page_setup. */
void vm_evicted_setup(void);

/* Page INDEX of OBJECT leaves memory. */
void vm_evicted_note(const struct vm_object *object, uint32_t index);

/* It is back: should it have stayed? */
bool vm_evicted_too_soon(const struct vm_object *object, uint32_t index);

#endif
