/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See vm_flow.h. */

#include <vm/vm_flow.h>

#include <machine/atomic.h>

#include <kernel/panic.h>

#include <vm/memory_object.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

/* Carriers since boot. */
static uint32_t	vm_flow_sent;		/* [a] */
static uint32_t	vm_flow_ended;		/* [a] */

/* The daemon's own. */
static bool	vm_flow_held;		/* pages wait for a pager */
static bool	vm_flow_hoping;		/* since vm_flow_since */
static uint32_t	vm_flow_since;		/* ticks */
static uint32_t	vm_flow_ended_then;

static uint32_t
vm_flow_now(void)
{
	return (uint32_t)clock_ticks();
}

bool
vm_flow_admits(struct vm_object *object)
{
	unsigned count = VM_FLOW_MESSAGES;

	vm_object_assert_locked(object);
	if (memory_object_waiting_try(object, &count) &&
	    count < VM_FLOW_MESSAGES) {
		object->pager_behind = false;
		return true;
	}
	if (!object->pager_behind) {
		object->pager_behind = true;
		object->behind_since = vm_flow_now();
	}
	if (vm_flow_now() - object->behind_since >= VM_FLOW_PATIENCE) {
		return true;
	}
	vm_flow_held = true;
	return false;
}

void
vm_flow_send(struct vm_object *carrier)
{
	assert(!carrier->outgoing);
	carrier->outgoing = true;
	atomic_fetch_add_relaxed(&vm_flow_sent, 1);
}

void
vm_flow_done(void)
{
	atomic_fetch_add_relaxed(&vm_flow_ended, 1);
}

void
vm_flow_arrive(struct vm_map *map, const struct vm_object *object)
{
	if (object != NULL && object->outgoing) {
		atomic_store_relaxed(&map->flow_until,
		    vm_flow_now() + VM_FLOW_PATIENCE);
		atomic_store_release(&map->flow_serves, 1);
	}
}

bool
vm_flow_serves(const struct vm_map *map)
{
	return atomic_load_acquire(&map->flow_serves) != 0 &&
	    (int32_t)(atomic_load_relaxed(&map->flow_until) - vm_flow_now()) >
	    0;
}

bool
vm_flow_hopes(bool done)
{
	uint32_t ended = atomic_load_relaxed(&vm_flow_ended);
	bool waiting = vm_flow_held ||
	    atomic_load_relaxed(&vm_flow_sent) != ended;

	vm_flow_held = false;
	if (done || !waiting || ended != vm_flow_ended_then) {
		vm_flow_ended_then = ended;
		vm_flow_hoping = false;
	}
	if (!vm_flow_hoping) {
		vm_flow_hoping = true;
		vm_flow_since = vm_flow_now();
	}
	return waiting && vm_flow_now() - vm_flow_since < VM_FLOW_PATIENCE;
}
