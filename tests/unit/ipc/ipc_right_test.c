/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Transitions of rights: every disposition on every kind of name, the calls of
 * mach_port.defs one by one, and a random walk beside a model.
 */

#include "ipc_world.h"

#include <mach/notify.h>
#include <string.h>

#include <kernel/kmem.h>
#include <kernel/task.h>
#include <mach_port_server.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

#define SEND MACH_PORT_TYPE_SEND
#define RECEIVE MACH_PORT_TYPE_RECEIVE
#define SONCE MACH_PORT_TYPE_SEND_ONCE
#define PSET MACH_PORT_TYPE_PORT_SET
#define DEAD MACH_PORT_TYPE_DEAD_NAME

/* A name that denotes TYPE in the current task, with UREFS references. */
static mach_port_name_t
make_name(struct task *other, mach_port_type_t type, mach_port_urefs_t urefs)
{
	struct task *me = other;
	mach_port_name_t name;
	mach_port_name_t far;

	/* OTHER keeps receive rights that we do not want. */
	(void)me;
	switch (type) {
	case RECEIVE:
		return world_port();
	case PSET:
		return world_pset();
	case DEAD:
		name = MACH_PORT_NULL;
		CHECK_EQ(S_mach_port_allocate(world_space(),
		    MACH_PORT_RIGHT_DEAD_NAME, &name), KERN_SUCCESS);
		CHECK_EQ(S_mach_port_mod_refs(world_space(), name,
		    MACH_PORT_RIGHT_DEAD_NAME, (int)urefs - 1), KERN_SUCCESS);
		return name;
	case SEND | RECEIVE:
		name = world_port_with_send();
		break;
	case SEND:
		name = world_port_with_send();
		{
			struct ipc_port *port;

			CHECK_EQ(ipc_right_copyin(world_space(), name,
			    MACH_MSG_TYPE_MOVE_RECEIVE, &port), KERN_SUCCESS);
			CHECK_EQ(ipc_right_copyout(other->space, port,
			    MACH_MSG_TYPE_PORT_RECEIVE, &far), KERN_SUCCESS);
		}
		break;
	case SONCE:
		{
			struct ipc_space *mine = world_space();
			struct ipc_port *port;

			far = MACH_PORT_NULL;
			CHECK_EQ(ipc_right_allocate(other->space,
			    MACH_PORT_RIGHT_RECEIVE, &far), KERN_SUCCESS);
			CHECK_EQ(ipc_right_copyin(other->space, far,
			    MACH_MSG_TYPE_MAKE_SEND_ONCE, &port),
			    KERN_SUCCESS);
			CHECK_EQ(ipc_right_copyout(mine, port,
			    MACH_MSG_TYPE_PORT_SEND_ONCE, &name),
			    KERN_SUCCESS);
		}
		return name;
	default:
		return MACH_PORT_NULL;
	}
	CHECK_EQ(S_mach_port_mod_refs(world_space(), name,
	    MACH_PORT_RIGHT_SEND, (int)urefs - 1), KERN_SUCCESS);
	return name;
}

/* What a disposition does to a name: result and what is left. */
static const struct {
	mach_port_type_t type;
	mach_port_urefs_t urefs;
	mach_msg_type_name_t disposition;
	kern_return_t kr;
	bool dead;		/* the result is IP_DEAD */
	mach_port_type_t left;	/* 0: the name is free */
	mach_port_urefs_t left_urefs;
} takes[] = {
	{ RECEIVE, 0, MACH_MSG_TYPE_MAKE_SEND, 0, false, RECEIVE, 0 },
	{ RECEIVE, 0, MACH_MSG_TYPE_MAKE_SEND_ONCE, 0, false, RECEIVE, 0 },
	{ RECEIVE, 0, MACH_MSG_TYPE_MOVE_RECEIVE, 0, false, 0, 0 },
	{ RECEIVE, 0, MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_RIGHT, false,
	  RECEIVE, 0 },
	{ RECEIVE, 0, MACH_MSG_TYPE_MOVE_SEND, KERN_INVALID_RIGHT, false,
	  RECEIVE, 0 },
	{ RECEIVE, 0, MACH_MSG_TYPE_MOVE_SEND_ONCE, KERN_INVALID_RIGHT, false,
	  RECEIVE, 0 },
	{ SEND, 1, MACH_MSG_TYPE_COPY_SEND, 0, false, SEND, 1 },
	{ SEND, 2, MACH_MSG_TYPE_COPY_SEND, 0, false, SEND, 2 },
	{ SEND, 1, MACH_MSG_TYPE_MOVE_SEND, 0, false, 0, 0 },
	{ SEND, 2, MACH_MSG_TYPE_MOVE_SEND, 0, false, SEND, 1 },
	{ SEND, 1, MACH_MSG_TYPE_MAKE_SEND, KERN_INVALID_RIGHT, false, SEND,
	  1 },
	{ SEND, 1, MACH_MSG_TYPE_MAKE_SEND_ONCE, KERN_INVALID_RIGHT, false,
	  SEND, 1 },
	{ SEND, 1, MACH_MSG_TYPE_MOVE_RECEIVE, KERN_INVALID_RIGHT, false, SEND,
	  1 },
	{ SEND, 1, MACH_MSG_TYPE_MOVE_SEND_ONCE, KERN_INVALID_RIGHT, false,
	  SEND, 1 },
	{ SEND | RECEIVE, 1, MACH_MSG_TYPE_MOVE_SEND, 0, false, RECEIVE, 0 },
	{ SEND | RECEIVE, 3, MACH_MSG_TYPE_MOVE_SEND, 0, false,
	  SEND | RECEIVE, 2 },
	{ SEND | RECEIVE, 3, MACH_MSG_TYPE_COPY_SEND, 0, false,
	  SEND | RECEIVE, 3 },
	{ SEND | RECEIVE, 3, MACH_MSG_TYPE_MAKE_SEND, 0, false,
	  SEND | RECEIVE, 3 },
	{ SEND | RECEIVE, 3, MACH_MSG_TYPE_MOVE_RECEIVE, 0, false, SEND, 3 },
	{ SONCE, 1, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, false, 0, 0 },
	{ SONCE, 1, MACH_MSG_TYPE_MOVE_SEND, KERN_INVALID_RIGHT, false, SONCE,
	  1 },
	{ SONCE, 1, MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_RIGHT, false, SONCE,
	  1 },
	{ SONCE, 1, MACH_MSG_TYPE_MAKE_SEND, KERN_INVALID_RIGHT, false, SONCE,
	  1 },
	{ DEAD, 1, MACH_MSG_TYPE_COPY_SEND, 0, true, DEAD, 1 },
	{ DEAD, 1, MACH_MSG_TYPE_MOVE_SEND, 0, true, 0, 0 },
	{ DEAD, 2, MACH_MSG_TYPE_MOVE_SEND, 0, true, DEAD, 1 },
	{ DEAD, 2, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, true, DEAD, 1 },
	{ DEAD, 2, MACH_MSG_TYPE_MAKE_SEND, KERN_INVALID_RIGHT, false, DEAD,
	  2 },
	{ DEAD, 2, MACH_MSG_TYPE_MOVE_RECEIVE, KERN_INVALID_RIGHT, false, DEAD,
	  2 },
	{ PSET, 0, MACH_MSG_TYPE_MOVE_RECEIVE, KERN_INVALID_RIGHT, false, PSET,
	  0 },
	{ PSET, 0, MACH_MSG_TYPE_COPY_SEND, KERN_INVALID_RIGHT, false, PSET,
	  0 },
	{ PSET, 0, MACH_MSG_TYPE_MAKE_SEND, KERN_INVALID_RIGHT, false, PSET,
	  0 },
};

static void
check_left(mach_port_name_t name, mach_port_type_t left,
    mach_port_urefs_t urefs)
{
	CHECK_EQ(world_type(name), left);
	if ((left & SEND) != 0) {
		CHECK_EQ(world_refs(name, MACH_PORT_RIGHT_SEND), urefs);
	}
	if (left == DEAD) {
		CHECK_EQ(world_refs(name, MACH_PORT_RIGHT_DEAD_NAME), urefs);
	}
	world_check_spaces();
}

static mach_msg_type_name_t
right_kind(mach_msg_type_name_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return MACH_MSG_TYPE_PORT_RECEIVE;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return MACH_MSG_TYPE_PORT_SEND;
	}
}

static void
test_take(void)
{
	struct task *other = world_task_create();
	struct ipc_remains remains;
	struct ipc_port *port;
	mach_port_name_t name;

	world_task_create();
	for (unsigned i = 0; i < sizeof(takes) / sizeof(takes[0]); i++) {
		name = make_name(other, takes[i].type, takes[i].urefs);

		/* Taking and putting back changes nothing. */
		ipc_space_lock(world_space());
		CHECK_EQ(ipc_right_take_locked(world_space(), name,
		    takes[i].disposition, &port), takes[i].kr);
		if (takes[i].kr == KERN_SUCCESS) {
			ipc_right_untake_locked(world_space(), name,
			    takes[i].disposition, port);
		}
		ipc_space_unlock(world_space());
		check_left(name, takes[i].type, takes[i].urefs);

		ipc_remains_init(&remains);
		ipc_space_lock(world_space());
		CHECK_EQ(ipc_right_take_locked(world_space(), name,
		    takes[i].disposition, &port), takes[i].kr);
		if (takes[i].kr == KERN_SUCCESS) {
			CHECK_EQ(port == IP_DEAD, takes[i].dead);
			ipc_right_commit_locked(world_space(), name,
			    takes[i].disposition, port, &remains);
		}
		ipc_space_unlock(world_space());
		ipc_remains_release(&remains);
		check_left(name, takes[i].left, takes[i].left_urefs);
		if (takes[i].kr == KERN_SUCCESS) {
			ipc_port_release(port, right_kind(
			    takes[i].disposition));
		}
	}
	CHECK_EQ(ipc_right_copyin(world_space(), 0x99999,
	    MACH_MSG_TYPE_COPY_SEND, &port), KERN_INVALID_NAME);
}

/* mach_port_mod_refs. */
static const struct {
	mach_port_type_t type;
	mach_port_urefs_t urefs;
	mach_port_right_t right;
	mach_port_delta_t delta;
	kern_return_t kr;
	mach_port_type_t left;
	mach_port_urefs_t left_urefs;
} deltas[] = {
	{ RECEIVE, 0, MACH_PORT_RIGHT_RECEIVE, 0, 0, RECEIVE, 0 },
	{ RECEIVE, 0, MACH_PORT_RIGHT_RECEIVE, 1, KERN_INVALID_VALUE, RECEIVE,
	  0 },
	{ RECEIVE, 0, MACH_PORT_RIGHT_RECEIVE, -2, KERN_INVALID_VALUE, RECEIVE,
	  0 },
	{ RECEIVE, 0, MACH_PORT_RIGHT_RECEIVE, -1, 0, 0, 0 },
	{ RECEIVE, 0, MACH_PORT_RIGHT_SEND, -1, KERN_INVALID_RIGHT, RECEIVE,
	  0 },
	{ RECEIVE, 0, 5, -1, KERN_INVALID_VALUE, RECEIVE, 0 },
	{ SEND | RECEIVE, 2, MACH_PORT_RIGHT_RECEIVE, -1, 0, DEAD, 2 },
	{ SEND | RECEIVE, 2, MACH_PORT_RIGHT_SEND, -1, 0, SEND | RECEIVE, 1 },
	{ SEND | RECEIVE, 2, MACH_PORT_RIGHT_SEND, -2, 0, RECEIVE, 0 },
	{ SEND | RECEIVE, 2, MACH_PORT_RIGHT_SEND, -3, KERN_INVALID_VALUE,
	  SEND | RECEIVE, 2 },
	{ SEND, 2, MACH_PORT_RIGHT_SEND, 65532, 0, SEND, 65534 },
	{ SEND, 2, MACH_PORT_RIGHT_SEND, 65533, KERN_UREFS_OVERFLOW, SEND, 2 },
	{ SEND, 2, MACH_PORT_RIGHT_SEND, 0x7fffffff, KERN_UREFS_OVERFLOW, SEND,
	  2 },
	{ SEND, 2, MACH_PORT_RIGHT_SEND, -0x7fffffff - 1, KERN_INVALID_VALUE,
	  SEND, 2 },
	{ SEND, 2, MACH_PORT_RIGHT_SEND, -2, 0, 0, 0 },
	{ SEND, 2, MACH_PORT_RIGHT_DEAD_NAME, -2, KERN_INVALID_RIGHT, SEND,
	  2 },
	{ SONCE, 1, MACH_PORT_RIGHT_SEND_ONCE, 0, 0, SONCE, 1 },
	{ SONCE, 1, MACH_PORT_RIGHT_SEND_ONCE, 1, KERN_INVALID_VALUE, SONCE,
	  1 },
	{ SONCE, 1, MACH_PORT_RIGHT_SEND_ONCE, -1, 0, 0, 0 },
	{ PSET, 0, MACH_PORT_RIGHT_PORT_SET, 0, 0, PSET, 0 },
	{ PSET, 0, MACH_PORT_RIGHT_PORT_SET, 1, KERN_INVALID_VALUE, PSET, 0 },
	{ PSET, 0, MACH_PORT_RIGHT_PORT_SET, -1, 0, 0, 0 },
	{ DEAD, 2, MACH_PORT_RIGHT_DEAD_NAME, -1, 0, DEAD, 1 },
	{ DEAD, 2, MACH_PORT_RIGHT_DEAD_NAME, -2, 0, 0, 0 },
	{ DEAD, 2, MACH_PORT_RIGHT_DEAD_NAME, -3, KERN_INVALID_VALUE, DEAD,
	  2 },
	{ DEAD, 2, MACH_PORT_RIGHT_DEAD_NAME, 65533, 0, DEAD, 65535 },
	{ DEAD, 2, MACH_PORT_RIGHT_DEAD_NAME, 65534, KERN_UREFS_OVERFLOW, DEAD,
	  2 },
	{ DEAD, 2, MACH_PORT_RIGHT_SEND, -1, KERN_INVALID_RIGHT, DEAD, 2 },
};

static void
test_delta(void)
{
	struct task *other = world_task_create();
	mach_port_name_t name;

	world_task_create();
	for (unsigned i = 0; i < sizeof(deltas) / sizeof(deltas[0]); i++) {
		name = make_name(other, deltas[i].type, deltas[i].urefs);
		CHECK_EQ(S_mach_port_mod_refs(world_space(), name,
		    deltas[i].right, deltas[i].delta), deltas[i].kr);
		check_left(name, deltas[i].left, deltas[i].left_urefs);
	}
	CHECK_EQ(S_mach_port_mod_refs(world_space(), 0x99999,
	    MACH_PORT_RIGHT_SEND, 1), KERN_INVALID_NAME);
	CHECK_EQ(S_mach_port_mod_refs(NULL, 1, MACH_PORT_RIGHT_SEND, 1),
	    KERN_INVALID_TASK);
}

static void
test_dealloc(void)
{
	struct task *other = world_task_create();
	mach_port_name_t name;

	world_task_create();
	name = make_name(other, SEND, 2);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name), 0);
	check_left(name, SEND, 1);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name), 0);
	check_left(name, 0, 0);
	name = make_name(other, SEND | RECEIVE, 1);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name), 0);
	check_left(name, RECEIVE, 0);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name),
	    KERN_INVALID_RIGHT);
	name = make_name(other, SONCE, 1);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name), 0);
	check_left(name, 0, 0);
	name = make_name(other, DEAD, 1);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name), 0);
	check_left(name, 0, 0);
	name = make_name(other, PSET, 1);
	CHECK_EQ(S_mach_port_deallocate(world_space(), name),
	    KERN_INVALID_RIGHT);
	CHECK_EQ(S_mach_port_deallocate(world_space(), 0x99999),
	    KERN_INVALID_NAME);
	CHECK_EQ(S_mach_port_deallocate(world_space(), MACH_PORT_NULL),
	    KERN_INVALID_NAME);
	CHECK_EQ(S_mach_port_deallocate(world_space(), MACH_PORT_DEAD),
	    KERN_INVALID_NAME);
}

static void
test_insert(void)
{
	struct task *a = world_task_create();
	struct task *b = world_task_create();
	mach_port_name_t name = world_port();
	mach_port_name_t in_a;
	struct ipc_port *port;

	CHECK_EQ(ipc_right_copyin(b->space, name, MACH_MSG_TYPE_MAKE_SEND,
	    &port), 0);
	CHECK_EQ(S_mach_port_insert_right(a->space, MACH_PORT_NULL, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_INVALID_VALUE);
	CHECK_EQ(S_mach_port_insert_right(a->space, MACH_PORT_DEAD, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_INVALID_VALUE);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, port,
	    MACH_MSG_TYPE_INTEGER_32), KERN_INVALID_VALUE);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, IP_NULL,
	    MACH_MSG_TYPE_PORT_SEND), KERN_INVALID_CAPABILITY);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, IP_DEAD,
	    MACH_MSG_TYPE_PORT_SEND), KERN_INVALID_CAPABILITY);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_SUCCESS);
	world_become(a);
	check_left(77, SEND, 1);

	/* Again, under the same and under another name. */
	port = ipc_port_copy_send(port);
	CHECK_EQ(S_mach_port_insert_right(a->space, 78, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_RIGHT_EXISTS);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_SUCCESS);
	check_left(77, SEND, 2);
	port = ipc_port_copy_send(port);
	CHECK_EQ(S_mach_port_mod_refs(a->space, 77, MACH_PORT_RIGHT_SEND,
	    65532), 0);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_UREFS_OVERFLOW);
	/* A message is not refused for that. */
	CHECK_EQ(ipc_right_copyout(a->space, port, MACH_MSG_TYPE_PORT_SEND,
	    &in_a), 0);
	CHECK_EQ(in_a, 77);
	check_left(77, SEND, 65534);

	/* The name of something else. */
	in_a = world_port();
	port = ipc_port_make_sonce(port);
	CHECK_EQ(S_mach_port_insert_right(a->space, in_a, port,
	    MACH_MSG_TYPE_PORT_SEND_ONCE), KERN_NAME_EXISTS);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, port,
	    MACH_MSG_TYPE_PORT_SEND_ONCE), KERN_NAME_EXISTS);
	CHECK_EQ(S_mach_port_insert_right(a->space, 79, port,
	    MACH_MSG_TYPE_PORT_SEND_ONCE), KERN_SUCCESS);
	check_left(79, SONCE, 1);

	/* The receive right meets the send right. */
	CHECK_EQ(ipc_right_copyin(b->space, name, MACH_MSG_TYPE_MOVE_RECEIVE,
	    &port), 0);
	CHECK_EQ(S_mach_port_insert_right(a->space, 80, port,
	    MACH_MSG_TYPE_PORT_RECEIVE), KERN_RIGHT_EXISTS);
	CHECK_EQ(S_mach_port_insert_right(a->space, 77, port,
	    MACH_MSG_TYPE_PORT_RECEIVE), KERN_SUCCESS);
	check_left(77, SEND | RECEIVE, 65534);

	/* A right whose port is dead cannot be inserted. */
	CHECK_EQ(ipc_right_copyin(a->space, 77, MACH_MSG_TYPE_MAKE_SEND,
	    &port), 0);
	CHECK_EQ(S_mach_port_mod_refs(a->space, 77, MACH_PORT_RIGHT_RECEIVE,
	    -1), 0);
	CHECK_EQ(S_mach_port_insert_right(b->space, 81, port,
	    MACH_MSG_TYPE_PORT_SEND), KERN_INVALID_CAPABILITY);
	ipc_port_release_send(port);
	check_left(77, DEAD, 65534);
	check_left(79, DEAD, 1);
}

static void
test_extract(void)
{
	struct task *other = world_task_create();
	mach_port_name_t name;
	struct ipc_port *port;
	mach_msg_type_name_t type;

	world_task_create();
	name = make_name(other, SEND, 2);
	CHECK_EQ(S_mach_port_extract_right(world_space(), name, 99, &port,
	    &type), KERN_INVALID_VALUE);
	CHECK_EQ(S_mach_port_extract_right(world_space(), name,
	    MACH_MSG_TYPE_MAKE_SEND, &port, &type), KERN_INVALID_RIGHT);
	CHECK_EQ(S_mach_port_extract_right(world_space(), 0x99999,
	    MACH_MSG_TYPE_MAKE_SEND, &port, &type), KERN_INVALID_NAME);
	CHECK_EQ(S_mach_port_extract_right(world_space(), name,
	    MACH_MSG_TYPE_MOVE_SEND, &port, &type), 0);
	CHECK_EQ(type, MACH_MSG_TYPE_PORT_SEND);
	check_left(name, SEND, 1);
	ipc_port_release_send(port);
}

static void
test_rename(void)
{
	static const mach_port_type_t types[] = {
		SEND, RECEIVE, SEND | RECEIVE, SONCE, PSET, DEAD,
	};
	struct task *other = world_task_create();
	mach_port_name_t name;
	mach_port_name_t new_name = 0x4000;

	world_task_create();
	for (unsigned i = 0; i < 6; i++) {
		name = make_name(other, types[i], 3);
		CHECK_EQ(S_mach_port_rename(world_space(), name, name),
		    KERN_NAME_EXISTS);
		CHECK_EQ(S_mach_port_rename(world_space(), name, 0),
		    KERN_INVALID_VALUE);
		CHECK_EQ(S_mach_port_rename(world_space(), name,
		    MACH_PORT_DEAD), KERN_INVALID_VALUE);
		CHECK_EQ(S_mach_port_rename(world_space(), name, ++new_name),
		    0);
		CHECK_EQ(world_type(name), 0);
		check_left(new_name, types[i], 3);
	}
	CHECK_EQ(S_mach_port_rename(world_space(), 0x99999, 0x88888),
	    KERN_INVALID_NAME);
}

/* Rights that survive their port. */
static void
test_death(void)
{
	struct task *a = world_task_create();
	struct task *b = world_task_create();
	mach_port_name_t name = world_port();
	mach_port_name_t send = world_give(b, name, MACH_MSG_TYPE_MAKE_SEND,
	    a);
	mach_port_name_t sonce = world_give(b, name,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, a);

	CHECK_EQ(S_mach_port_destroy(b->space, name), 0);
	world_become(a);
	check_left(send, DEAD, 1);
	check_left(sonce, DEAD, 1);
	CHECK_EQ(S_mach_port_destroy(a->space, send), 0);
	CHECK_EQ(S_mach_port_destroy(a->space, sonce), 0);
	CHECK_EQ(S_mach_port_destroy(a->space, sonce), KERN_INVALID_NAME);
}

/*
 * The model: TASKS tasks, PORTS ports; what each task has of each port, by
 * arithmetic alone.
 */
#define TASKS 3
#define PORTS 6

struct model_right {
	mach_port_name_t name;	/* of send and receive */
	unsigned urefs;		/* send or dead */
	bool receive;
	bool dead;
};

static struct task *model_tasks[TASKS];
static struct model_right model[TASKS][PORTS];
static struct ipc_port *model_ports[PORTS];

static mach_port_type_t
model_type(const struct model_right *right)
{
	if (right->dead) {
		return right->urefs != 0 ? DEAD : 0;
	}
	return (right->receive ? RECEIVE : 0) | (right->urefs != 0 ? SEND : 0);
}

static void
model_check(void)
{
	for (unsigned t = 0; t < TASKS; t++) {
		world_become(model_tasks[t]);
		for (unsigned p = 0; p < PORTS; p++) {
			struct model_right *right = &model[t][p];

			if (right->name != MACH_PORT_NULL) {
				check_left(right->name, model_type(right),
				    right->urefs);
			}
		}
	}
}

static void
model_forget(struct model_right *right)
{
	if (model_type(right) == 0) {
		memset(right, 0, sizeof(*right));
	}
}

static void
model_kill(unsigned p)
{
	for (unsigned t = 0; t < TASKS; t++) {
		struct model_right *right = &model[t][p];

		if (right->name != MACH_PORT_NULL) {
			right->receive = false;
			right->dead = true;
			model_forget(right);
		}
	}
	ipc_port_unref(model_ports[p]);
	model_ports[p] = NULL;
}

/* Port P has died and nobody remembers it: make a new one. */
static void
model_birth(unsigned p)
{
	unsigned t = world_random(TASKS);

	for (unsigned i = 0; i < TASKS; i++) {
		if (model[i][p].name != MACH_PORT_NULL) {
			return;
		}
	}
	world_become(model_tasks[t]);
	model[t][p].name = world_port();
	model[t][p].receive = true;
	ipc_space_lock(world_space());
	model_ports[p] = ipc_space_lookup(world_space(),
	    model[t][p].name)->port;
	ipc_port_ref(model_ports[p]);
	ipc_space_unlock(world_space());
}

/* What the model says of taking a right; changes it on success. */
static kern_return_t
model_take(struct model_right *right, mach_msg_type_name_t disposition,
    bool *dead)
{
	*dead = right->dead;
	if (model_type(right) == 0) {
		return KERN_INVALID_NAME;
	}
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return right->receive ? 0 : KERN_INVALID_RIGHT;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		if (!right->receive) {
			return KERN_INVALID_RIGHT;
		}
		right->receive = false;
		return 0;
	case MACH_MSG_TYPE_COPY_SEND:
		return right->urefs != 0 ? 0 : KERN_INVALID_RIGHT;
	case MACH_MSG_TYPE_MOVE_SEND:
		if (right->urefs == 0) {
			return KERN_INVALID_RIGHT;
		}
		right->urefs--;
		return 0;
	default:
		if (!right->dead) {
			return KERN_INVALID_RIGHT;
		}
		right->urefs--;
		return 0;
	}
}

/* Move a right of P from one task to another, as a message does. */
static void
model_move(unsigned from, unsigned to, unsigned p)
{
	mach_msg_type_name_t disposition = MACH_MSG_TYPE_MOVE_RECEIVE +
	    world_random(6);
	struct model_right *right = &model[from][p];
	struct ipc_port *port;
	mach_port_name_t name;
	bool dead;
	kern_return_t want;

	if (right->name == MACH_PORT_NULL) {
		return;
	}
	want = model_take(right, disposition, &dead);
	CHECK_EQ(ipc_right_copyin(model_tasks[from]->space, right->name,
	    disposition, &port), want);
	model_forget(right);
	if (want != KERN_SUCCESS) {
		return;
	}
	CHECK_EQ(port == IP_DEAD, dead);
	CHECK_EQ(ipc_right_copyout(model_tasks[to]->space, port,
	    right_kind(disposition), &name), 0);
	if (dead) {
		CHECK_EQ(name, MACH_PORT_DEAD);
		return;
	}
	right = &model[to][p];
	if (right_kind(disposition) == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		/* Gone at once, by a notification to somebody. */
		CHECK(name != right->name);
		CHECK_EQ(S_mach_port_deallocate(model_tasks[to]->space, name),
		    0);
		return;
	}
	CHECK(right->name == MACH_PORT_NULL || right->name == name);
	right->name = name;
	if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE) {
		right->receive = true;
	} else {
		right->urefs++;
	}
}

static void
model_delta(unsigned t, unsigned p)
{
	mach_port_right_t which = world_random(5);
	int delta = (int)world_random(5) - 2;
	struct model_right *right = &model[t][p];
	kern_return_t want = KERN_SUCCESS;
	bool kill = false;

	if (right->name == MACH_PORT_NULL) {
		return;
	}
	if ((model_type(right) & MACH_PORT_TYPE(which)) == 0) {
		want = KERN_INVALID_RIGHT;
	} else if (which == MACH_PORT_RIGHT_RECEIVE) {
		kill = delta == -1;
		want = delta == 0 || kill ? 0 : KERN_INVALID_VALUE;
	} else if ((int)right->urefs + delta < 0) {
		want = KERN_INVALID_VALUE;
	} else {
		right->urefs = (unsigned)((int)right->urefs + delta);
	}
	CHECK_EQ(S_mach_port_mod_refs(model_tasks[t]->space, right->name,
	    which, delta), want);
	if (kill) {
		model_kill(p);
	} else {
		model_forget(right);
	}
}

static void
model_destroy(unsigned t, unsigned p)
{
	struct model_right *right = &model[t][p];
	bool kill = right->receive;

	if (right->name == MACH_PORT_NULL) {
		return;
	}
	CHECK_EQ(S_mach_port_destroy(model_tasks[t]->space, right->name), 0);
	memset(right, 0, sizeof(*right));
	if (kill) {
		model_kill(p);
	}
}

static void
model_rename(unsigned t, unsigned p)
{
	struct model_right *right = &model[t][p];
	mach_port_name_t name = 0x100000 + world_random(0x100000);

	if (right->name != MACH_PORT_NULL &&
	    S_mach_port_rename(model_tasks[t]->space, right->name, name) ==
	    KERN_SUCCESS) {
		right->name = name;
	}
}

static void
test_model(void)
{
	memset(model, 0, sizeof(model));
	for (unsigned t = 0; t < TASKS; t++) {
		model_tasks[t] = world_task_create();
	}
	for (unsigned step = 0; step < 30000; step++) {
		unsigned p = world_random(PORTS);
		unsigned t = world_random(TASKS);

		switch (world_random(12)) {
		case 0:
			model_birth(p);
			break;
		case 1:
		case 2:
		case 3:
			model_delta(t, p);
			break;
		case 4:
			if (world_random(4) == 0) {
				model_destroy(t, p);
			}
			break;
		case 5:
			model_rename(t, p);
			break;
		default:
			model_move(t, world_random(TASKS), p);
			break;
		}
		if (step % 7 == 0) {
			model_check();
		}
	}
	model_check();
	for (unsigned p = 0; p < PORTS; p++) {
		if (model_ports[p] != NULL) {
			ipc_port_unref(model_ports[p]);
			model_ports[p] = NULL;
		}
	}
}

const struct world_test world_tests[] = {
	{ "right: dispositions", test_take },
	{ "right: mod_refs", test_delta },
	{ "right: deallocate", test_dealloc },
	{ "right: insert_right", test_insert },
	{ "right: extract_right", test_extract },
	{ "right: rename", test_rename },
	{ "right: death of a port", test_death },
	{ "right: a random walk beside a model", test_model },
	{ NULL, NULL },
};
