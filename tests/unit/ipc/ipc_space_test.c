/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Names: where they come from, that stale ones fail, and that a space of many
 * keeps its promises.
 */

#include "ipc_world.h"

#include <kernel/kmem.h>
#include <kernel/task.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

static void
test_stale(void)
{
	mach_port_name_t old;
	mach_port_type_t type;
	unsigned same = 0;

	world_task_create();
	old = world_port();
	CHECK_EQ(ipc_right_destroy(world_space(), old), KERN_SUCCESS);
	for (unsigned i = 0; i < 5000; i++) {
		mach_port_name_t name = world_port();

		CHECK(MACH_PORT_VALID(name));
		CHECK(name != old);
		same += ipc_name_index(name) == ipc_name_index(old);
		CHECK_EQ(world_try_type(old, &type), KERN_INVALID_NAME);
		CHECK_EQ(ipc_right_destroy(world_space(), name), KERN_SUCCESS);
	}
	/* Slots are reused, oldest first. */
	CHECK(same >= 5000 / 256);
	world_check_spaces();
}

/* The first names are as on GNU Mach, and names are positive numbers. */
static void
test_first_names(void)
{
	mach_port_name_t name;

	world_task_create();
	for (unsigned i = 1; i <= 1000; i++) {
		CHECK_EQ(world_port(), i);
	}
	for (unsigned turn = 0; turn < 130 * 300; turn++) {
		name = world_port();
		CHECK((int)name > 1000);
		CHECK_EQ(ipc_right_destroy(world_space(), name), KERN_SUCCESS);
	}
	world_check_spaces();
}

static void
test_names_given(void)
{
	static const mach_port_name_t names[] = {
		1, 2, 255, 256, 257, 0x1234, 0x12345678, 0x1000000, 0x1000001,
		0x7f000002, 0x7f001234, 0x80000001, 0xfffffffe, 0xff0000ff,
	};
	mach_port_name_t name;
	mach_port_type_t type;

	world_task_create();
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		name = names[i];
		CHECK_EQ(ipc_right_allocate(world_space(), i % 3 == 0 ?
		    MACH_PORT_RIGHT_RECEIVE : i % 3 == 1 ?
		    MACH_PORT_RIGHT_PORT_SET : MACH_PORT_RIGHT_DEAD_NAME,
		    &name), KERN_SUCCESS);
		CHECK_EQ(name, names[i]);
		CHECK_EQ(ipc_right_allocate(world_space(),
		    MACH_PORT_RIGHT_RECEIVE, &name), KERN_NAME_EXISTS);
		world_check_spaces();
	}
	/* Names of our choice avoid all of them. */
	for (unsigned i = 0; i < 2000; i++) {
		name = world_port();
		for (unsigned k = 0; k < sizeof(names) / sizeof(names[0]);
		     k++) {
			CHECK(name != names[k]);
		}
	}
	world_check_spaces();
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		CHECK_EQ(ipc_right_destroy(world_space(), names[i]),
		    KERN_SUCCESS);
		CHECK_EQ(world_try_type(names[i], &type), KERN_INVALID_NAME);
	}
	world_check_spaces();
}

/* All generations of one slot, given before the table reaches it. */
static void
test_generations_taken(void)
{
	mach_port_name_t name;

	world_task_create();
	for (unsigned g = 0; g < 127; g++) {
		name = g << 24 | 1;
		CHECK_EQ(ipc_right_allocate(world_space(),
		    MACH_PORT_RIGHT_DEAD_NAME, &name), KERN_SUCCESS);
	}
	name = world_port();
	CHECK_EQ(name, 0x7f000001);
	world_check_spaces();
}

static void
test_many(void)
{
	enum { COUNT = 1000000 };
	struct task *a = world_task_create();
	struct task *b = world_task_create();
	mach_port_name_t *names = kmem_alloc(COUNT * sizeof(*names));
	mach_port_name_t again;
	struct ipc_port *port;

	world_become(a);
	for (unsigned i = 0; i < COUNT; i++) {
		/* B gets a send right for every tenth port of A. */
		names[i] = world_port();
		if (i % 10 == 0) {
			names[i] = world_give(a, names[i],
			    MACH_MSG_TYPE_MAKE_SEND, b);
		}
	}
	CHECK_EQ(a->space->used, COUNT);
	CHECK_EQ(b->space->used, COUNT / 10);
	world_become(b);
	for (unsigned i = 0; i < COUNT; i += 10) {
		CHECK_EQ(ipc_right_copyin(b->space, names[i],
		    MACH_MSG_TYPE_COPY_SEND, &port), KERN_SUCCESS);
		CHECK_EQ(ipc_right_copyout(b->space, port,
		    MACH_MSG_TYPE_PORT_SEND, &again), KERN_SUCCESS);
		CHECK_EQ(again, names[i]);
		CHECK_EQ(world_refs(names[i], MACH_PORT_RIGHT_SEND), 2);
	}
	world_check_spaces();
	kmem_free(names, COUNT * sizeof(*names));
}

static void
test_no_memory(void)
{
	mach_port_name_t name;

	world_task_create();
	for (int n = 0; n < 6; n++) {
		for (unsigned i = 0; i < 300; i++) {
			world_fail_alloc(n);
			name = MACH_PORT_NULL;
			kern_return_t kr = ipc_right_allocate(world_space(),
			    MACH_PORT_RIGHT_RECEIVE, &name);
			CHECK(kr == KERN_SUCCESS || world_alloc_failed());
			CHECK(kr == KERN_SUCCESS ||
			    kr == KERN_RESOURCE_SHORTAGE);
			world_fail_alloc(n);
			name = 0x10000000 + i;
			ipc_right_allocate(world_space(),
			    MACH_PORT_RIGHT_DEAD_NAME, &name);
		}
		world_check_spaces();
	}
}

static void
test_walk(void)
{
	struct ipc_entry *entry;
	mach_port_name_t name;
	uint64_t cursor = 0;
	unsigned count = 0;

	world_task_create();
	for (unsigned i = 0; i < 700; i++) {
		world_port();
	}
	name = 0xffffffff - 1;
	ipc_right_allocate(world_space(), MACH_PORT_RIGHT_DEAD_NAME, &name);
	ipc_space_lock(world_space());
	while ((entry = ipc_space_next(world_space(), &cursor, &name)) !=
	    NULL) {
		CHECK(ipc_space_lookup(world_space(), name) == entry);
		count++;
	}
	ipc_space_unlock(world_space());
	CHECK_EQ(count, 701);
}

const struct world_test world_tests[] = {
	{ "space: stale names fail", test_stale },
	{ "space: first names", test_first_names },
	{ "space: names given by users", test_names_given },
	{ "space: every generation of a slot taken", test_generations_taken },
	{ "space: no memory", test_no_memory },
	{ "space: walk", test_walk },
	{ "space: a million names", test_many },
	{ NULL, NULL },
};
