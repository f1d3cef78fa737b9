/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Notifications: each kind, asked for, given, cancelled, overtaken.
 */

#include "ipc_world.h"

#include <tests/unit/ipc/ipc_msg.h>
#include <mach/notify.h>
#include <string.h>

#include <kernel/task.h>
#include <mach_port_server.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg_trap.h>

#define SEND MACH_PORT_TYPE_SEND
#define DEAD MACH_PORT_TYPE_DEAD_NAME
#define DNREQUEST MACH_PORT_TYPE_DNREQUEST

static struct task *client;
static struct task *server;
static mach_port_name_t port;
static mach_port_name_t dest;
static mach_port_name_t notify;

static void
setup(void)
{
	client = world_task_create();
	server = world_task_create();
	port = world_port();
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_become(client);
	notify = world_port();
}

static struct ipc_port *
sonce_for(mach_port_name_t name)
{
	struct ipc_port *sonce;

	CHECK_EQ(ipc_right_copyin(world_space(), name,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce), 0);
	return sonce;
}

/* Ask; the previous right must be there or not, and is thrown away quietly. */
static kern_return_t
ask(mach_port_name_t name, mach_msg_id_t id, mach_port_mscount_t sync,
    mach_port_name_t to, bool had)
{
	struct ipc_port *sonce = to == MACH_PORT_NULL ? IP_NULL :
	    sonce_for(to);
	struct ipc_port *previous = IP_DEAD;
	kern_return_t kr;

	kr = S_mach_port_request_notification(world_space(), name, id, sync,
	    sonce, &previous);
	if (kr != KERN_SUCCESS) {
		if (sonce != IP_NULL) {
			ipc_port_drop(sonce, MACH_MSG_TYPE_PORT_SEND_ONCE);
		}
		return kr;
	}
	CHECK(ip_valid(previous) == had);
	if (had) {
		ipc_port_drop(previous, MACH_MSG_TYPE_PORT_SEND_ONCE);
	}
	return kr;
}

static void
test_dead_name(void)
{
	setup();
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	CHECK_EQ(world_type(dest), SEND | DNREQUEST);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, notify, true), 0);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, 0, true), 0);
	CHECK_EQ(world_type(dest), SEND);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, 0, false), 0);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	world_expect(notify, MACH_NOTIFY_DEAD_NAME, dest);
	CHECK_EQ(world_type(dest), DEAD);
	CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_DEAD_NAME), 2);

	/* For a name that is dead already. */
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, notify, false),
	    KERN_INVALID_ARGUMENT);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 1, 0, false),
	    KERN_INVALID_ARGUMENT);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 1, notify, false), 0);
	world_expect(notify, MACH_NOTIFY_DEAD_NAME, dest);
	CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_DEAD_NAME), 3);
	CHECK_EQ(S_mach_port_mod_refs(client->space, dest,
	    MACH_PORT_RIGHT_DEAD_NAME, 65532), 0);
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 1, notify, false),
	    KERN_UREFS_OVERFLOW);
	CHECK_EQ(ask(world_pset(), MACH_NOTIFY_DEAD_NAME, 1, notify, false),
	    KERN_INVALID_RIGHT);
	CHECK_EQ(ask(0x99999, MACH_NOTIFY_DEAD_NAME, 1, notify, false),
	    KERN_INVALID_NAME);
	CHECK_EQ(ask(notify, 1, 1, notify, false), KERN_INVALID_VALUE);
	world_check_spaces();
}

/* Send, send-once and receive rights with the same port and request. */
static void
test_dead_name_kinds(void)
{
	mach_port_name_t sonce;
	mach_port_name_t both;

	setup();
	sonce = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, client);
	CHECK_EQ(ask(sonce, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	world_expect(notify, MACH_NOTIFY_DEAD_NAME, sonce);
	CHECK_EQ(world_refs(sonce, MACH_PORT_RIGHT_DEAD_NAME), 2);

	both = world_port_with_send();
	CHECK_EQ(ask(both, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	CHECK_EQ(S_mach_port_mod_refs(client->space, both,
	    MACH_PORT_RIGHT_RECEIVE, -1), 0);
	world_expect(notify, MACH_NOTIFY_DEAD_NAME, both);
	CHECK_EQ(world_refs(both, MACH_PORT_RIGHT_DEAD_NAME), 2);
}

static void
test_port_deleted(void)
{
	mach_port_name_t both;

	setup();
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	CHECK_EQ(S_mach_port_deallocate(client->space, dest), 0);
	world_expect(notify, MACH_NOTIFY_PORT_DELETED, dest);

	both = world_port_with_send();
	CHECK_EQ(ask(both, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	/* Half of it goes: the name is still there. */
	CHECK_EQ(S_mach_port_deallocate(client->space, both), 0);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	CHECK_EQ(S_mach_port_destroy(client->space, both), 0);
	world_expect(notify, MACH_NOTIFY_PORT_DELETED, both);

	/* By a message to a send-once right; the name follows a renaming. */
	both = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, client);
	CHECK_EQ(ask(both, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	CHECK_EQ(S_mach_port_rename(client->space, both, 0x7777), 0);
	CHECK_EQ(world_send_simple(0x7777, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1),
	    0);
	world_expect(notify, MACH_NOTIFY_PORT_DELETED, 0x7777);
	world_check_spaces();
}

/* MACH_SEND_CANCEL makes that silent. */
static void
test_cancel(void)
{
	mach_port_name_t sonce;

	setup();
	sonce = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, client);
	CHECK_EQ(ask(sonce, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	world_compose(sonce, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 1);
	CHECK_EQ(world_send(24, MACH_SEND_CANCEL, 0, 0x99999),
	    MACH_SEND_INVALID_NOTIFY);
	CHECK_EQ(world_type(sonce), MACH_PORT_TYPE_SEND_ONCE | DNREQUEST);
	CHECK_EQ(world_send(24, MACH_SEND_CANCEL, 0, notify), 0);
	CHECK_EQ(world_type(sonce), 0);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	/* A copied right stays, and so does its request. */
	CHECK_EQ(ask(dest, MACH_NOTIFY_DEAD_NAME, 0, notify, false), 0);
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	CHECK_EQ(world_send(24, MACH_SEND_CANCEL, 0, notify), 0);
	CHECK_EQ(world_type(dest), SEND | DNREQUEST);
	world_check_spaces();
}

/* MACH_RCV_NOTIFY asks for the reply port's death. */
static void
test_receive_notify(void)
{
	mach_port_name_t reply;
	mach_port_name_t sonce;

	setup();
	reply = notify;
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	world_become(server);
	notify = world_port();
	CHECK_EQ(world_receive(port, 100, MACH_RCV_NOTIFY, 0, notify), 0);
	sonce = world_header()->msgh_remote_port;
	CHECK_EQ(world_type(sonce), MACH_PORT_TYPE_SEND_ONCE | DNREQUEST);
	CHECK_EQ(S_mach_port_destroy(client->space, reply), 0);
	world_expect(notify, MACH_NOTIFY_DEAD_NAME, sonce);

	world_become(client);
	reply = world_port();
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	world_become(server);
	CHECK_EQ(world_receive(port, 100, MACH_RCV_NOTIFY, 0, 0x99999),
	    MACH_RCV_INVALID_NOTIFY);
	CHECK_EQ(world_header()->msgh_remote_port, MACH_PORT_NULL);
	world_become(client);
	world_expect(reply, MACH_NOTIFY_SEND_ONCE, 0);
	/* Every allocation fails once. */
	for (int n = 0; n < 5; n++) {
		world_compose(dest, MACH_MSG_TYPE_COPY_SEND, reply,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
		CHECK_EQ(world_send(24, 0, 0, 0), 0);
		world_become(server);
		world_fail_alloc(n);
		mach_msg_return_t mr = world_receive(port, 100,
		    MACH_RCV_NOTIFY, 0, notify);
		world_fail_alloc(-1);
		CHECK(mr == 0 || mr == (MACH_RCV_HEADER_ERROR |
		    MACH_MSG_IPC_KERNEL));
		world_check_spaces();
		world_become(client);
		if (mr != 0) {
			world_expect(reply, MACH_NOTIFY_SEND_ONCE, 0);
		}
	}
}

static void
test_no_senders(void)
{
	setup();
	world_become(server);
	notify = world_port();
	CHECK_EQ(ask(notify, MACH_NOTIFY_NO_SENDERS, 1, notify, false), 0);
	CHECK_EQ(ask(notify, MACH_NOTIFY_NO_SENDERS, 1, 0, true), 0);
	CHECK_EQ(ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify, false), 0);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	CHECK_EQ(S_mach_port_deallocate(client->space, dest), 0);
	world_expect(notify, MACH_NOTIFY_NO_SENDERS, 1);
	/* There are none: at once, or after the count is reached. */
	CHECK_EQ(ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify, false), 0);
	world_expect(notify, MACH_NOTIFY_NO_SENDERS, 1);
	CHECK_EQ(ask(port, MACH_NOTIFY_NO_SENDERS, 2, notify, false), 0);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	/* A right in a message counts. */
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_MOVE_SEND, 1), 0);
	world_become(server);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	CHECK_EQ(world_poll(port), 0);
	world_expect(notify, MACH_NOTIFY_NO_SENDERS, 2);
	/* One made for a message to oneself, too. */
	CHECK_EQ(ask(port, MACH_NOTIFY_NO_SENDERS, 3, notify, false), 0);
	world_compose(port, MACH_MSG_TYPE_MAKE_SEND, MACH_PORT_NULL, 0, 1);
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 24,
	    24, port, 0, 0), 0);
	world_expect(notify, MACH_NOTIFY_NO_SENDERS, 3);
	/* Not for others' rights. */
	world_become(client);
	CHECK_EQ(ask(0x99999, MACH_NOTIFY_NO_SENDERS, 0, 0, false),
	    KERN_INVALID_NAME);
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	CHECK_EQ(ask(dest, MACH_NOTIFY_NO_SENDERS, 0, 0, false),
	    KERN_INVALID_RIGHT);
	/* The port dies with the request. */
	world_become(server);
	CHECK_EQ(ask(port, MACH_NOTIFY_NO_SENDERS, 9, notify, false), 0);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
}

static void
test_port_destroyed(void)
{
	mach_port_destroyed_notification_t *note = world_user(world_buffer);
	mach_port_name_t again;

	setup();
	world_become(server);
	notify = world_port();
	CHECK_EQ(ask(port, MACH_NOTIFY_PORT_DESTROYED, 1, notify, false),
	    KERN_INVALID_VALUE);
	CHECK_EQ(ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, notify, false), 0);
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 77), 0);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	CHECK_EQ(world_type(dest), SEND);
	world_become(server);
	CHECK_EQ(world_poll(notify), 0);
	CHECK_EQ(note->not_header.msgh_id, MACH_NOTIFY_PORT_DESTROYED);
	CHECK((note->not_header.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0);
	CHECK_EQ(note->not_type.msgt_name, MACH_MSG_TYPE_PORT_RECEIVE);
	again = note->not_port;
	CHECK_EQ(world_type(again), MACH_PORT_TYPE_RECEIVE);
	/* Its queue came along. */
	CHECK_EQ(world_poll(again), 0);
	CHECK_EQ(world_header()->msgh_id, 77);

	/* The notification leads to the port itself: it must die. */
	CHECK_EQ(ask(again, MACH_NOTIFY_PORT_DESTROYED, 0, again, false), 0);
	CHECK_EQ(S_mach_port_destroy(server->space, again), 0);
	world_become(client);
	CHECK_EQ(world_type(dest), DEAD);

	/* A task that ends saves its port, too. */
	world_become(server);
	port = world_port();
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	{
		struct ipc_port *sonce;
		struct ipc_port *previous;

		world_become(client);
		notify = world_port();
		sonce = sonce_for(notify);
		CHECK_EQ(S_mach_port_request_notification(server->space, port,
		    MACH_NOTIFY_PORT_DESTROYED, 0, sonce, &previous), 0);
	}
	world_task_destroy(server);
	world_become(client);
	CHECK_EQ(world_poll(notify), 0);
	CHECK_EQ(note->not_port, dest);
	CHECK_EQ(world_type(dest), SEND | MACH_PORT_TYPE_RECEIVE);
	world_check_spaces();
}

static void
test_send_once(void)
{
	mach_port_name_t sonce;

	setup();
	world_become(server);
	sonce = world_give(client, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	    server);
	CHECK_EQ(S_mach_port_deallocate(server->space, sonce), 0);
	world_become(client);
	world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
	world_become(server);
	sonce = world_give(client, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	    server);
	world_task_destroy(server);
	world_become(client);
	world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
	/* In a message that nobody receives. */
	server = world_task_create();
	port = world_port();
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_become(client);
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, notify,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	world_task_destroy(server);
	world_become(client);
	world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
}

static unsigned
drain_notices(void)
{
	unsigned count = 0;

	while (world_poll(notify) == 0) {
		count++;
	}
	return count;
}

/* Have all notifications sent that there are without memory. */
static void
use_up_reserve(void)
{
	struct ipc_port *sonces[70];

	for (unsigned i = 0; i < 70; i++) {
		sonces[i] = sonce_for(notify);
	}
	world_fail_alloc(0);
	for (unsigned i = 0; i < 70; i++) {
		ipc_port_release_sonce(sonces[i]);
	}
	world_fail_alloc(-1);
	for (unsigned i = 0; i < 64; i++) {
		world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
	}
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
}

/* The reserve is for when there is no memory at all. */
static void
test_send_once_no_memory(void)
{
	setup();
	use_up_reserve();
}

/*
 * Without the reserve, too, who waits for an answer that will not come hears of
 * it: from the kernel, and when nobody can receive what was sent.
 */
static void
test_answer_no_memory(void)
{
	mach_port_name_t self;

	setup();
	self = sys_mach_task_self();
	use_up_reserve();
	for (unsigned i = 0; i < 20; i++) {
		world_compose(self, MACH_MSG_TYPE_COPY_SEND, notify,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, 2606);
		/* For the request alone. */
		world_fail_alloc(1);
		CHECK_EQ(world_send(24, 0, 0, 0), 0);
	}
	world_fail_alloc(-1);
	CHECK_EQ(drain_notices(), 20);
	for (unsigned i = 0; i < 5; i++) {
		world_compose(dest, MACH_MSG_TYPE_COPY_SEND, notify,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
		CHECK_EQ(world_send(24 + i * i * 500, 0, 0, 0), 0);
	}
	world_become(server);
	world_fail_alloc(0);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	world_fail_alloc(-1);
	world_become(client);
	for (unsigned i = 0; i < 5; i++) {
		world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
	}
}

/* Objects of the kernel hear of their ports. */
static unsigned heard;
static struct ipc_port *object_port;

static void
object_no_senders(struct ipc_port *p, void *obj, mach_port_mscount_t mscount)
{
	CHECK(obj == &heard);
	CHECK(ipc_port_no_senders(p, mscount));
	heard++;
}

static bool
object_notify(struct ipc_port *p, void *obj, mach_msg_header_t *msg)
{
	CHECK(obj == &heard);
	heard += (unsigned)msg->msgh_id;
	return false;
}

static const struct ipc_kobject_ops object_ops = {
	.no_senders = object_no_senders,
	.notify = object_notify,
};

static void
test_kobject(void)
{
	struct ipc_port *send;
	struct ipc_port *p;
	mach_port_name_t name;

	setup();
	ipc_kobject_set_ops(IKOT_CLOCK, &object_ops);
	object_port = ipc_kobject_create(IKOT_CLOCK, &heard);
	CHECK(ipc_kobject_get(object_port, IKOT_CLOCK) == &heard);
	CHECK(ipc_kobject_get(object_port, IKOT_TASK) == NULL);
	CHECK(ipc_kobject_get(IP_NULL, IKOT_TASK) == NULL);
	CHECK(ipc_kobject_get(IP_DEAD, IKOT_TASK) == NULL);
	heard = 0;
	send = ipc_port_make_send(object_port);
	CHECK_EQ(ipc_right_copyout(client->space, send,
	    MACH_MSG_TYPE_PORT_SEND, &name), 0);
	CHECK_EQ(S_mach_port_deallocate(client->space, name), 0);
	CHECK_EQ(heard, 1);

	/* No senders of somebody else's port. */
	CHECK_EQ(ipc_right_copyin(client->space, notify,
	    MACH_MSG_TYPE_MAKE_SEND, &p), 0);
	CHECK_EQ(ipc_port_request_no_senders(p, 1, object_port), 0);
	heard = 0;
	ipc_port_release_send(p);
	CHECK_EQ(heard, MACH_NOTIFY_NO_SENDERS);

	/* Nobody else can send such things. */
	send = ipc_port_make_send(object_port);
	CHECK_EQ(ipc_right_copyout(client->space, send,
	    MACH_MSG_TYPE_PORT_SEND, &name), 0);
	heard = 0;
	CHECK_EQ(world_send_simple(name, MACH_MSG_TYPE_COPY_SEND,
	    MACH_NOTIFY_NO_SENDERS), 0);
	CHECK_EQ(heard, 0);
	ipc_kobject_destroy(object_port);
	CHECK_EQ(world_type(name), DEAD);
	ipc_kobject_set_ops(IKOT_CLOCK, NULL);
}

/* Every allocation fails once; to take back what is not there takes none. */
static void
test_no_memory_to_ask(void)
{
	static const mach_msg_id_t ids[] = {
		MACH_NOTIFY_NO_SENDERS,
		MACH_NOTIFY_PORT_DESTROYED,
		MACH_NOTIFY_DEAD_NAME,
	};
	static const mach_port_mscount_t syncs[] = { 1, 0, 1 };
	static const int allocations[] = { 2, 2, 3 };
	mach_port_status_t status;
	mach_port_name_t name;

	setup();
	for (unsigned i = 0; i < 3; i++) {
		name = world_port();
		world_fail_alloc(0);
		CHECK_EQ(ask(name, ids[i], syncs[i], MACH_PORT_NULL,
		    false), 0);
		for (int n = 0; n < allocations[i]; n++) {
			world_fail_alloc(n);
			CHECK_EQ(ask(name, ids[i], syncs[i], notify, false),
			    KERN_RESOURCE_SHORTAGE);
			CHECK_EQ(S_mach_port_get_receive_status(
			    world_space(), name, &status), 0);
			CHECK_EQ(status.mps_nsrequest, 0);
			CHECK_EQ(status.mps_pdrequest, 0);
			CHECK_EQ(world_type(name), MACH_PORT_TYPE_RECEIVE);
			world_check_spaces();
		}
		world_fail_alloc(-1);
		CHECK_EQ(ask(name, ids[i], syncs[i], notify, false), 0);
		CHECK_EQ(ask(name, ids[i], syncs[i], MACH_PORT_NULL,
		    true), 0);
		CHECK_EQ(S_mach_port_destroy(world_space(), name), 0);
		CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	}
}

/*
 * A request keeps the link of its entry, also when it was answered and nobody
 * has looked at the dead name: those behind it are found.
 */
static void
test_hashed(void)
{
	enum { RIGHTS = 210 };
	mach_port_name_t ports[RIGHTS];
	mach_port_name_t rights[RIGHTS];
	mach_port_name_t more;

	setup();
	world_become(server);
	for (unsigned i = 0; i < RIGHTS; i++) {
		ports[i] = world_port();
		rights[i] = world_give(
		    server, ports[i], MACH_MSG_TYPE_MAKE_SEND, client);
		world_become(client);
		CHECK_EQ(
		    ask(rights[i], MACH_NOTIFY_DEAD_NAME, 1, notify, false), 0);
		world_become(server);
	}
	world_check_spaces();
	for (unsigned i = 0; i < RIGHTS; i += 3) {
		CHECK_EQ(S_mach_port_destroy(server->space, ports[i]), 0);
	}
	/* The hash grows with the dead in it. */
	for (unsigned i = 0; i < RIGHTS; i++) {
		more = world_port();
		world_give(server, more, MACH_MSG_TYPE_MAKE_SEND, client);
	}
	world_become(client);
	CHECK_EQ(drain_notices(), RIGHTS / 3);
	/* Another right for a port whose name is behind one that died. */
	for (unsigned i = 1; i < RIGHTS; i += 3) {
		CHECK_EQ(world_give(server, ports[i], MACH_MSG_TYPE_MAKE_SEND,
			     client), rights[i]);
	}
	for (unsigned i = 1; i < RIGHTS; i += 5) {
		if (i % 3 != 0) {
			world_become(client);
			CHECK_EQ(ask(rights[i], MACH_NOTIFY_DEAD_NAME, 1,
				     MACH_PORT_NULL, true), 0);
		}
	}
	world_check_spaces();
	for (unsigned i = 0; i < RIGHTS; i += 7) {
		CHECK_EQ(S_mach_port_rename(client->space, rights[i],
			     0x100000 + i), 0);
		rights[i] = 0x100000 + i;
	}
	world_check_spaces();
	for (unsigned i = 0; i < RIGHTS; i += 2) {
		CHECK_EQ(world_type(rights[i]) & DEAD, i % 3 == 0 ? DEAD : 0);
		CHECK_EQ(S_mach_port_destroy(client->space, rights[i]), 0);
	}
	world_check_spaces();
	/* The rest of them die by the end of the test. */
	for (unsigned i = 1; i < RIGHTS; i += 6) {
		CHECK_EQ(S_mach_port_destroy(server->space, ports[i]), 0);
		CHECK_EQ(world_type(rights[i]), DEAD);
	}
}

const struct world_test world_tests[] = {
	{ "notify: dead name", test_dead_name },
	{ "notify: dead name, kinds of right", test_dead_name_kinds },
	{ "notify: port deleted", test_port_deleted },
	{ "notify: cancelled by a send", test_cancel },
	{ "notify: asked for by a receive", test_receive_notify },
	{ "notify: no senders", test_no_senders },
	{ "notify: port destroyed", test_port_destroyed },
	{ "notify: send once", test_send_once },
	{ "notify: send once without memory", test_send_once_no_memory },
	{ "notify: no memory to answer", test_answer_no_memory },
	{ "notify: kernel objects", test_kobject },
	{ "notify: no memory to ask", test_no_memory_to_ask },
	{ "notify: requests of rights in the hash", test_hashed },
	{ NULL, NULL },
};
