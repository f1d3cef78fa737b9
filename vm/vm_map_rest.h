/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Maps at rest: while memory is short, the entries of a map that nobody uses
 * lie in pageable memory (vm_pageable.h), packed; in wired memory stays what
 * finds them, and the references that they hold, so that the map can end
 * without them.  Whoever locks the map next gets them back (vm_map_lock).
 *
 * A map does not rest as long as any of its memory is wired, or is to be: so the
 * tasks that pages go through on their way to the disk never wait for an entry.
 */

#ifndef VM_VM_MAP_REST_H
#define VM_VM_MAP_REST_H

#include <stdbool.h>

#include <mach/machine/vm_types.h>

struct vm_map;

/*
 * Has nobody locked MAP since this was called last?  Then it rests from now on,
 * if it may and there is memory for that.
 *
 * Locks: none held.  Never waits.
 */
void vm_map_rest_idle(struct vm_map *map);

/* Let MAP rest at once; false if it may not or cannot.  Locks as above. */
bool vm_map_rest_try(struct vm_map *map);

/*
 * How much memory the kernel keeps wired for entries of MAP.  An unlocked look:
 * for a comparison.
 */
vm_size_t vm_map_rest_wired_size(const struct vm_map *map);

#endif
