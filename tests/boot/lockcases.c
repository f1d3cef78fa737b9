/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Lock requests: each combination of what is to come back, whether it is to
 * go, what is locked, and whether there is an answer, on pages that are
 * clean, dirty, precious, and not there.
 */

#include "objects.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

enum state { ABSENT, CLEAN, DIRTY, PRECIOUS, STATES };

static const char *const state_names[] = {
	"absent", "clean", "dirty", "precious",
};
static const char *const what_names[] = { "none", "dirty", "all" };

static uint8_t page[RT_PAGE_MAX] __attribute__((aligned(RT_PAGE_MAX)));
static volatile bool precious;

static void
case_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_supply(object, offset, page, size, VM_PROT_NONE, precious);
}

static const struct object_ops case_ops = { .request = case_request };
static struct object object = {
	.ops = &case_ops,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};

/* Make the page what STATE says, from not being there. */
static void
prepare(volatile uint8_t *byte, enum state state)
{
	precious = state == PRECIOUS;
	if (state == DIRTY) {
		*byte = 'd';
	} else if (state != ABSENT) {
		(void)*byte;
	}
	precious = false;
}

/* Should it come back? */
static bool
comes_back(enum state state, memory_object_return_t what)
{
	return (state == DIRTY && what != MEMORY_OBJECT_RETURN_NONE) ||
	    (state == PRECIOUS && what == MEMORY_OBJECT_RETURN_ALL);
}

struct seen {
	unsigned	returns;
	unsigned	dirty;
	unsigned	requests;	/* to read it after that */
	unsigned	unlocks;	/* to write it after that */
};

static void
compare(const char *what, unsigned got, unsigned wanted)
{
	if (got != wanted) {
		rt_printf("FAIL %s: %u, wanted %u", what, got, wanted);
	}
}

/* The lock is one that can be given up by the client's write alone. */
static void
one_case(volatile uint8_t *byte, enum state state, memory_object_return_t what,
    bool flush, vm_prot_t lock, bool answer)
{
	struct seen seen;
	bool there = state != ABSENT && !flush;

	prepare(byte, state);
	object.returns = object.dirty = object.requests = object.unlocks = 0;
	if (answer) {
		compare("answer", object_lock(&object, 0, P, what, flush,
		    lock), 1);
	} else {
		need("lock", memory_object_lock_request(object.control, 0, P,
		    what, flush, lock, MACH_PORT_NULL));
		/* This one is about another page, and comes after. */
		object_lock(&object, 8 * P, P, MEMORY_OBJECT_RETURN_NONE,
		    false, VM_PROT_NO_CHANGE);
	}
	seen.returns = object.returns;
	seen.dirty = object.dirty;
	(void)*byte;
	seen.requests = object.requests;
	*byte = 'w';
	seen.unlocks = object.unlocks;
	rt_printf("%s, return %s%s, lock %x%s: returns %u dirty %u "
	    "requests %u unlocks %u", state_names[state], what_names[what],
	    flush ? ", flush" : "", lock, answer ? ", answer" : "",
	    seen.returns, seen.dirty, seen.requests, seen.unlocks > 0);
	compare("returns", seen.returns, comes_back(state, what));
	compare("dirty", seen.dirty, state == DIRTY && seen.returns != 0);
	compare("requests", seen.requests, !there);
	compare("unlocks", seen.unlocks > 0, there &&
	    (lock & VM_PROT_ALL) != 0 && lock != VM_PROT_NO_CHANGE);
	compare("flush", object_lock(&object, 0, P, MEMORY_OBJECT_RETURN_ALL,
	    true, VM_PROT_NO_CHANGE), 1);
}

void
test(void)
{
	static const vm_prot_t locks[] = {
		VM_PROT_NO_CHANGE, VM_PROT_NONE, VM_PROT_WRITE,
		VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL,
	};
	vm_offset_t addr;

	objects_start(1);
	object_create(&object);
	addr = object_map(&object, P);
	rt_until(object.control != MACH_PORT_NULL);
	for (unsigned i = 0; i < STATES * 3 * 2 * 5 * 2; i++) {
		one_case((volatile uint8_t *)addr, i % STATES,
		    (memory_object_return_t)(i / STATES % 3),
		    i / STATES / 3 % 2 != 0, locks[i / STATES / 6 % 5],
		    i / STATES / 30 != 0);
	}
	object_end(&object, addr, P);
}
