/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "ipc_ops.h"

#include <tests/unit/ipc/ipc_world.h>

#include <mach/notify.h>

#include <kernel/task.h>
#include <mach_port_server.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

#include "fuzz_host.h"
#include "ipc_model.h"

/* Names that users choose: in the table and far beyond it, and bad ones. */
static const mach_port_name_t ipc_ops_names[] = {
	1, 0x1000001, 0x2000001, 0x3000001, 2, 0x1000002, 255, 256, 0x7f000001,
	0x101, 0x1000000, 0xffffff, 0x12345678, 0x12345679, 0xfffffffe,
	0x80000001,
	MACH_PORT_NULL, MACH_PORT_DEAD,
};

static struct ipc_model ipc_ops_saved;

static struct ipc_space *
ipc_ops_space(unsigned t)
{
	return ipc_model_tasks[t]->space;
}

unsigned
ipc_ops_task(void)
{
	return fuzz_host_choose(IPC_MODEL_TASKS);
}

static mach_port_name_t
ipc_ops_any_name(void)
{
	return ipc_ops_names[fuzz_host_choose(
	    sizeof(ipc_ops_names) / sizeof(ipc_ops_names[0]))];
}

mach_port_name_t
ipc_ops_name(unsigned t)
{
	unsigned used = ipc_model_used(t);
	unsigned which = fuzz_host_choose(256);

	if (which >= 240 || used == 0) {
		return ipc_ops_any_name();
	}
	return ipc_model_nth(t, which % used)->name;
}

mach_msg_type_name_t
ipc_ops_disposition(void)
{
	unsigned which = fuzz_host_choose(128);

	return which >= 120 ? which - 120 + 13 :
	    MACH_MSG_TYPE_MOVE_RECEIVE + which % 6;
}

mach_msg_type_name_t
ipc_ops_type(mach_msg_type_name_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return disposition;
	}
}

/* Now and then, memory ends soon. */
static void
ipc_ops_short_of_memory(void)
{
	unsigned which = fuzz_host_choose(32);

	world_fail_alloc(which < 4 ? (int)which : -1);
}

/* The answer may also be that; nothing has happened then. */
static bool
ipc_ops_failed_for_memory(kern_return_t kr)
{
	bool failed = world_alloc_failed();

	world_fail_alloc(-1);
	return failed && kr == KERN_RESOURCE_SHORTAGE;
}

/* The kernel's form of what the model has; IP_DEAD if that was known. */
static void
ipc_ops_check_right(struct ipc_port *port, struct ipc_model_right right)
{
	if (right.port == IPC_MODEL_NULL) {
		CHECK(port == IP_NULL);
	} else if (right.port == IPC_MODEL_DEAD) {
		CHECK(port == IP_DEAD);
	} else {
		CHECK(ip_valid(port));
	}
}

static void
ipc_ops_allocate(unsigned t)
{
	mach_port_right_t right = fuzz_host_choose(6);
	bool chosen = fuzz_host_choose(2) != 0;
	mach_port_name_t name = chosen ? ipc_ops_any_name() : 4711;
	kern_return_t want = KERN_SUCCESS;
	kern_return_t kr;

	ipc_ops_short_of_memory();
	if (chosen) {
		kr = S_mach_port_allocate_name(ipc_ops_space(t), right, name);
	} else {
		kr = S_mach_port_allocate(ipc_ops_space(t), right, &name);
	}
	fuzz_host_say("%u: allocate right %u: name %#x, %d", t, right, name, kr);
	if (right != MACH_PORT_RIGHT_RECEIVE &&
	    right != MACH_PORT_RIGHT_PORT_SET &&
	    right != MACH_PORT_RIGHT_DEAD_NAME) {
		want = KERN_INVALID_VALUE;
	} else if (chosen && !MACH_PORT_VALID(name)) {
		want = KERN_INVALID_VALUE;
	} else if (chosen && ipc_model_find(t, name) != NULL) {
		want = KERN_NAME_EXISTS;
	}
	if (ipc_ops_failed_for_memory(kr)) {
		return;
	}
	CHECK_EQ(kr, want);
	if (want != KERN_SUCCESS) {
		return;
	}
	if (right == MACH_PORT_RIGHT_RECEIVE) {
		ipc_model_add_port(t, name);
	} else if (right == MACH_PORT_RIGHT_PORT_SET) {
		ipc_model_add_pset(t, name);
	} else {
		ipc_model_add_dead(t, name);
	}
}

/* What inserting RIGHT in T as NAME answers. */
static kern_return_t
ipc_ops_want_insert(unsigned t, struct ipc_model_right right,
    mach_port_name_t name)
{
	struct ipc_model_name *there = ipc_model_find(t, name);

	for (unsigned i = 0; i < ipc_model_used(t); i++) {
		struct ipc_model_name *own = ipc_model_nth(t, i);

		if (right.type == MACH_MSG_TYPE_PORT_SEND_ONCE ||
		    own->port != right.port ||
		    (own->type & MACH_PORT_TYPE_SEND_RECEIVE) == 0) {
			continue;
		}
		if (own->name != name) {
			return KERN_RIGHT_EXISTS;
		}
		return right.type == MACH_MSG_TYPE_PORT_SEND &&
		    own->urefs == IPC_ENTRY_SEND_UREFS_MAX ?
		    KERN_UREFS_OVERFLOW : KERN_SUCCESS;
	}
	return there != NULL ? KERN_NAME_EXISTS : KERN_SUCCESS;
}

/* Insert PORT, the kernel's form of RIGHT, in T under a chosen name. */
static void
ipc_ops_insert(unsigned t, struct ipc_port *port, struct ipc_model_right right)
{
	mach_port_name_t name = fuzz_host_choose(2) != 0 ? ipc_ops_name(t) :
	    ipc_ops_any_name();
	kern_return_t want;
	kern_return_t kr;

	ipc_ops_short_of_memory();
	kr = S_mach_port_insert_right(ipc_ops_space(t), name, port, right.type);
	fuzz_host_say("%u: insert right %u of port %d as %#x: %d", t, right.type,
	    right.port, name, kr);
	if (!MACH_PORT_VALID(name) ||
	    !MACH_MSG_TYPE_PORT_ANY_RIGHT(right.type)) {
		want = KERN_INVALID_VALUE;
	} else if (right.port < 0) {
		want = KERN_INVALID_CAPABILITY;
	} else {
		want = ipc_ops_want_insert(t, right, name);
	}
	if (!ipc_ops_failed_for_memory(kr)) {
		CHECK_EQ(kr, want);
	}
	if (kr == KERN_SUCCESS) {
		ipc_model_give(t, right, name);
	} else if (right.port >= 0) {
		ipc_port_release(port, right.type);
		ipc_model_release(right);
	}
}

/* Take a right from one task and give it to another, as a message does. */
static void
ipc_ops_move(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	mach_msg_type_name_t disposition = ipc_ops_disposition();
	struct ipc_model_right right;
	struct ipc_port *port;
	unsigned to = ipc_ops_task();
	kern_return_t want;

	want = ipc_model_take(t, name, disposition, &right);
	fuzz_host_say("%u: take %u from %#x for %u: %d", t, disposition, name,
	    to, want);
	CHECK_EQ(ipc_right_copyin(ipc_ops_space(t), name, disposition, &port),
	    want);
	if (want != KERN_SUCCESS) {
		return;
	}
	right.type = ipc_ops_type(disposition);
	ipc_ops_check_right(port, right);
	if (fuzz_host_choose(4) == 0) {
		ipc_ops_insert(to, port, right);
		return;
	}
	CHECK_EQ(ipc_right_copyout(ipc_ops_space(to), port, right.type, &name),
	    KERN_SUCCESS);
	fuzz_host_say("%u: now %#x", to, name);
	ipc_model_give(to, right, name);
	ipc_model_check_name(to, name);
}

static mach_port_delta_t
ipc_ops_delta(void)
{
	static const mach_port_delta_t far[] = {
		65533, 65534, 65535, 65536, -65534, 0x7fffffff, -0x7fffffff,
		-0x7fffffff - 1,
	};
	unsigned which = fuzz_host_choose(24);

	return which < 8 ? far[which] : (mach_port_delta_t)which % 8 - 4;
}

/* What mod_refs answers; it changes the model if it succeeds. */
static kern_return_t
ipc_ops_model_delta(unsigned t, mach_port_name_t name,
    mach_port_right_t which, mach_port_delta_t delta)
{
	struct ipc_model_name *found = ipc_model_find(t, name);
	mach_port_type_t type = MACH_PORT_TYPE(which);
	int64_t urefs;

	if (which >= MACH_PORT_RIGHT_NUMBER) {
		return KERN_INVALID_VALUE;
	}
	if (found == NULL) {
		return KERN_INVALID_NAME;
	}
	if ((found->type & type) == 0) {
		return KERN_INVALID_RIGHT;
	}
	if (which != MACH_PORT_RIGHT_SEND &&
	    which != MACH_PORT_RIGHT_DEAD_NAME) {
		if (delta != 0 && delta != -1) {
			return KERN_INVALID_VALUE;
		}
		if (delta != 0 && which == MACH_PORT_RIGHT_PORT_SET) {
			ipc_model_destroy(t, found);
		} else if (delta != 0) {
			ipc_model_drop_one(t, found, type);
		}
		return KERN_SUCCESS;
	}
	urefs = (int64_t)found->urefs + delta;
	if (urefs < 0) {
		return KERN_INVALID_VALUE;
	}
	if (urefs > (which == MACH_PORT_RIGHT_SEND ? 65534 : 65535)) {
		return KERN_UREFS_OVERFLOW;
	}
	found->urefs = urefs != 0 ? (unsigned)urefs : 1;
	if (urefs == 0) {
		ipc_model_drop_one(t, found, type);
	}
	return KERN_SUCCESS;
}

static void
ipc_ops_mod_refs(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	mach_port_right_t which = fuzz_host_choose(6);
	mach_port_delta_t delta = ipc_ops_delta();
	kern_return_t want = ipc_ops_model_delta(t, name, which, delta);

	fuzz_host_say("%u: mod_refs %#x right %u by %d: %d", t, name, which,
	    delta, want);
	CHECK_EQ(S_mach_port_mod_refs(ipc_ops_space(t), name, which, delta),
	    want);
	ipc_model_check_name(t, name);
}

static void
ipc_ops_deallocate(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	struct ipc_model_name *found = ipc_model_find(t, name);
	mach_port_type_t type;
	kern_return_t want = KERN_SUCCESS;

	if (found == NULL) {
		want = KERN_INVALID_NAME;
	} else {
		type = found->type & (MACH_PORT_TYPE_SEND_RIGHTS |
		    MACH_PORT_TYPE_DEAD_NAME);
		if (type == 0) {
			want = KERN_INVALID_RIGHT;
		} else {
			ipc_model_drop_one(t, found, type);
		}
	}
	fuzz_host_say("%u: deallocate %#x: %d", t, name, want);
	CHECK_EQ(S_mach_port_deallocate(ipc_ops_space(t), name), want);
	ipc_model_check_name(t, name);
}

static void
ipc_ops_destroy(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	struct ipc_model_name *found = ipc_model_find(t, name);

	fuzz_host_say("%u: destroy %#x", t, name);
	if (found != NULL) {
		ipc_model_destroy(t, found);
	}
	CHECK_EQ(S_mach_port_destroy(ipc_ops_space(t), name),
	    found != NULL ? KERN_SUCCESS : KERN_INVALID_NAME);
	ipc_model_check_name(t, name);
}

static void
ipc_ops_rename(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	mach_port_name_t to = ipc_ops_any_name();
	struct ipc_model_name *found = ipc_model_find(t, name);
	kern_return_t want = KERN_SUCCESS;
	kern_return_t kr;

	ipc_ops_short_of_memory();
	kr = S_mach_port_rename(ipc_ops_space(t), name, to);
	fuzz_host_say("%u: rename %#x to %#x: %d", t, name, to, kr);
	if (!MACH_PORT_VALID(to)) {
		want = KERN_INVALID_VALUE;
	} else if (found == NULL) {
		want = KERN_INVALID_NAME;
	} else if (ipc_model_find(t, to) != NULL) {
		want = KERN_NAME_EXISTS;
	}
	if (ipc_ops_failed_for_memory(kr)) {
		return;
	}
	CHECK_EQ(kr, want);
	if (kr == KERN_SUCCESS) {
		found->name = to;
		ipc_model_check_name(t, to);
	}
	ipc_model_check_name(t, name);
}

static void
ipc_ops_move_member(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	mach_port_name_t set = fuzz_host_choose(4) == 0 ? MACH_PORT_NULL :
	    ipc_ops_name(t);
	struct ipc_model_name *member = ipc_model_find(t, name);
	struct ipc_model_name *after = ipc_model_find(t, set);
	kern_return_t want = KERN_SUCCESS;
	int *pset;

	if (member == NULL) {
		want = KERN_INVALID_NAME;
	} else if ((member->type & MACH_PORT_TYPE_RECEIVE) == 0) {
		want = KERN_INVALID_RIGHT;
	} else if (set != MACH_PORT_NULL && after == NULL) {
		want = KERN_INVALID_NAME;
	} else if (after != NULL && after->type != MACH_PORT_TYPE_PORT_SET) {
		want = KERN_INVALID_RIGHT;
	} else {
		pset = &ipc_model.ports[member->port].pset;
		if (after == NULL && *pset == IPC_MODEL_NULL) {
			want = KERN_NOT_IN_SET;
		}
		*pset = after != NULL ? after->port : IPC_MODEL_NULL;
	}
	fuzz_host_say("%u: move member %#x to %#x: %d", t, name, set, want);
	CHECK_EQ(S_mach_port_move_member(ipc_ops_space(t), name, set), want);
}

/* Where the notification ID of NAME would go, if NAME can have one. */
static int *
ipc_ops_slot(struct ipc_model_name *name, mach_msg_id_t id)
{
	if (name == NULL) {
		return NULL;
	}
	if (id == MACH_NOTIFY_DEAD_NAME) {
		return (name->type & MACH_PORT_TYPE_PORT_RIGHTS) != 0 ?
		    &name->notify : NULL;
	}
	if ((name->type & MACH_PORT_TYPE_RECEIVE) == 0) {
		return NULL;
	}
	return id == MACH_NOTIFY_NO_SENDERS ?
	    &ipc_model.ports[name->port].no_senders :
	    &ipc_model.ports[name->port].destroyed;
}

/* A dead name is told of at once. */
static kern_return_t
ipc_ops_model_dead_name(struct ipc_model_name *name, bool sync,
    struct ipc_model_right notify)
{
	if (!sync || notify.port == IPC_MODEL_NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (name->urefs == IPC_ENTRY_UREFS_MAX) {
		return KERN_UREFS_OVERFLOW;
	}
	name->urefs++;
	ipc_model_notify(notify.port, MACH_NOTIFY_DEAD_NAME, name->name,
	    false);
	return KERN_SUCCESS;
}

/* What asking for a notification does to NAME; *OLD is who was to be told. */
static kern_return_t
ipc_ops_model_request(struct ipc_model_name *name, mach_msg_id_t id,
    unsigned sync, struct ipc_model_right notify, int *old)
{
	int *slot = ipc_ops_slot(name, id);

	*old = IPC_MODEL_NULL;
	if (notify.port == IPC_MODEL_DEAD) {
		return KERN_INVALID_CAPABILITY;
	}
	if (id == MACH_NOTIFY_PORT_DESTROYED && sync != 0) {
		return KERN_INVALID_VALUE;
	}
	if (name == NULL) {
		return KERN_INVALID_NAME;
	}
	if (slot == NULL) {
		return id != MACH_NOTIFY_DEAD_NAME ||
		    name->type != MACH_PORT_TYPE_DEAD_NAME ?
		    KERN_INVALID_RIGHT :
		    ipc_ops_model_dead_name(name, sync != 0, notify);
	}
	*old = *slot;
	*slot = notify.port;
	if (id == MACH_NOTIFY_NO_SENDERS &&
	    sync <= ipc_model.ports[name->port].mscount) {
		ipc_model_no_senders(name->port);
	}
	return KERN_SUCCESS;
}

/* Ask for a notification about NAME of T; OLD is who was to be told before. */
static kern_return_t
ipc_ops_request_one(unsigned t, mach_port_name_t name,
    struct ipc_model_right right, struct ipc_port *notify)
{
	static const mach_msg_id_t ids[] = {
		MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_DEAD_NAME,
		MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
	};
	mach_msg_id_t id = ids[fuzz_host_choose(4)];
	unsigned sync = fuzz_host_choose(3);
	struct ipc_port *previous = IP_NULL;
	kern_return_t want;
	kern_return_t kr;
	int old;

	ipc_ops_saved = ipc_model;
	want = ipc_ops_model_request(ipc_model_find(t, name), id, sync, right,
	    &old);
	ipc_ops_short_of_memory();
	kr = S_mach_port_request_notification(ipc_ops_space(t), name, id, sync,
	    notify, &previous);
	fuzz_host_say("%u: request %d for %#x, %u: %d", t, id, name, sync, kr);
	if (ipc_ops_failed_for_memory(kr)) {
		ipc_model = ipc_ops_saved;
		return kr;
	}
	CHECK_EQ(kr, want);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	CHECK_EQ(ip_valid(previous), old != IPC_MODEL_NULL);
	if (old != IPC_MODEL_NULL) {
		ipc_port_release_sonce(previous);
		ipc_model_release((struct ipc_model_right){
		    old, MACH_MSG_TYPE_PORT_SEND_ONCE });
	}
	return kr;
}

static void
ipc_ops_request(unsigned t)
{
	unsigned from = ipc_ops_task();
	mach_port_name_t notify_name = ipc_ops_name(from);
	mach_port_name_t name = ipc_ops_name(t);
	struct ipc_model_right right = { .port = IPC_MODEL_NULL };
	struct ipc_port *notify = IP_NULL;
	kern_return_t want;

	want = ipc_model_take(from, notify_name, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	    &right);
	CHECK_EQ(ipc_right_copyin(ipc_ops_space(from), notify_name,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &notify), want);
	if (want != KERN_SUCCESS) {
		return;
	}
	fuzz_host_say("%u: to be sent to %#x of %u", t, notify_name, from);
	if (ipc_ops_request_one(t, name, right, notify) != KERN_SUCCESS &&
	    right.port >= 0) {
		ipc_port_release_sonce(notify);
		right.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		ipc_model_release(right);
	}
}

/* The number of the port that T now calls NAME. */
static mach_port_name_t
ipc_ops_identify(unsigned t, mach_port_name_t name)
{
	struct ipc_space *space = ipc_ops_space(t);
	const void *port;

	ipc_space_lock(space);
	CHECK(ipc_space_lookup(space, name) != NULL);
	port = ipc_space_lookup(space, name)->port;
	ipc_space_unlock(space);
	for (int p = 0; p < ipc_model.port_count; p++) {
		if (ipc_model.ports[p].alive &&
		    ipc_model.ports[p].kernel == port) {
			return (mach_port_name_t)p;
		}
	}
	return MACH_PORT_DEAD;
}

void
ipc_ops_notified(unsigned t, int port, mach_port_name_t name)
{
	mach_dead_name_notification_t *note =
	    (mach_dead_name_notification_t *)world_header();
	mach_msg_id_t id = note->not_header.msgh_id;
	bool bare = id == MACH_NOTIFY_SEND_ONCE;
	bool moved = id == MACH_NOTIFY_PORT_DESTROYED;
	mach_port_name_t word = bare ? 0 : note->not_port;
	struct ipc_model_message *m;

	fuzz_host_say("notification %d from %#x", id, name);
	m = ipc_model_notification(port, id,
	    moved ? ipc_ops_identify(t, word) : word);
	CHECK(m != NULL);
	CHECK_EQ(note->not_header.msgh_local_port, name);
	CHECK_EQ(note->not_header.msgh_remote_port, MACH_PORT_NULL);
	CHECK_EQ(note->not_header.msgh_bits,
	    MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE) |
	    (moved ? MACH_MSGH_BITS_COMPLEX : 0));
	CHECK_EQ(note->not_header.msgh_size, bare ? 24 : 32);
	m->used = false;
	ipc_model.ports[port].sorights--;
	if (moved) {
		ipc_model_give(t, m->rights[0], word);
	}
}

/* Receive a notification, where nothing else is queued. */
static void
ipc_ops_receive(unsigned t)
{
	mach_port_name_t name = ipc_ops_name(t);
	struct ipc_model_name *found = ipc_model_find(t, name);
	mach_msg_return_t want = MACH_MSG_SUCCESS;

	if (found == NULL || (found->type & MACH_PORT_TYPE_RECEIVE) == 0) {
		if (found != NULL && found->type == MACH_PORT_TYPE_PORT_SET) {
			return;
		}
		want = MACH_RCV_INVALID_NAME;
	} else if (ipc_model.ports[found->port].pset != IPC_MODEL_NULL) {
		want = MACH_RCV_IN_SET;
	} else if (ipc_model_first(found->port) != NULL) {
		return;
	} else if (ipc_model_queued(found->port) == 0) {
		want = MACH_RCV_TIMED_OUT;
	}
	world_become(ipc_model_tasks[t]);
	CHECK_EQ(world_poll(name), want);
	if (want == MACH_MSG_SUCCESS) {
		ipc_ops_notified(t, found->port, name);
	}
}

static void
ipc_ops_die(unsigned t)
{
	/* Not too often: what it takes to get far again is long. */
	if (fuzz_host_choose(8) != 0) {
		return;
	}
	fuzz_host_say("%u: terminate", t);
	ipc_model_kill_task(t);
	world_task_destroy(ipc_model_tasks[t]);
	ipc_model_tasks[t] = world_task_create();
}

static void
ipc_ops_check(unsigned t)
{
	ipc_model_check();
}

void
ipc_ops_one(void)
{
	static void (*const ops[])(unsigned t) = {
		ipc_ops_allocate, ipc_ops_allocate, ipc_ops_move,
		ipc_ops_move, ipc_ops_move, ipc_ops_move, ipc_ops_mod_refs,
		ipc_ops_mod_refs, ipc_ops_deallocate, ipc_ops_destroy,
		ipc_ops_rename, ipc_ops_move_member, ipc_ops_request,
		ipc_ops_receive, ipc_ops_die, ipc_ops_check,
	};
	unsigned which = fuzz_host_choose(sizeof(ops) / sizeof(ops[0]));

	ops[which](ipc_ops_task());
}
