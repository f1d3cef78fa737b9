/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Queues: limits, waiting on both sides, port sets, and what ends a wait.
 */

#include "ipc_world.h"

#include <mach/notify.h>
#include <string.h>

#include <kernel/task.h>
#include <mach_port_server.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg_trap.h>

static struct task *client;
static struct task *server;
static mach_port_name_t port;
static mach_port_name_t dest;

static void
setup(void)
{
	client = world_task_create();
	server = world_task_create();
	port = world_port();
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_become(client);
}

static unsigned
queued(void)
{
	mach_port_status_t status;

	CHECK_EQ(S_mach_port_get_receive_status(server->space, port, &status),
	    0);
	return status.mps_msgcount;
}

static void
fill(void)
{
	for (unsigned i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++) {
		CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND,
		    (int)i), 0);
	}
}

static void
test_full_timeout(void)
{
	mach_port_name_t reply;
	mach_port_name_t sonce;

	setup();
	fill();
	world_sleeps = 0;
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 5),
	    MACH_SEND_TIMED_OUT);
	CHECK_EQ(world_sleeps, 0);
	/* The message comes back as it was: also what it moved. */
	reply = world_port();
	world_compose(dest, MACH_MSG_TYPE_MOVE_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 7);
	CHECK_EQ(world_send(24, MACH_SEND_TIMEOUT, 10, 0),
	    MACH_SEND_TIMED_OUT);
	CHECK_EQ(world_sleeps, 1);
	dest = world_header()->msgh_remote_port;
	CHECK_EQ(world_type(dest), MACH_PORT_TYPE_SEND);
	sonce = world_header()->msgh_local_port;
	CHECK_EQ(world_type(sonce), MACH_PORT_TYPE_SEND_ONCE);
	CHECK_EQ(world_header()->msgh_bits, MACH_MSGH_BITS(
	    MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE));
	/* Resent as it is, after there is room. */
	world_become(server);
	{
		mach_msg_header_t saved = *world_header();

		CHECK_EQ(world_poll(port), 0);
		*world_header() = saved;
	}
	world_become(client);
	CHECK_EQ(world_send(24, MACH_SEND_TIMEOUT, 0, 0), 0);
	CHECK_EQ(world_type(sonce), 0);
	/* Without a timeout an interruption does the same. */
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 7);
	CHECK_EQ(world_send(24, 0, 0, 0), MACH_SEND_INTERRUPTED);
	CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_SEND), 3);
	CHECK_EQ(world_header()->msgh_bits,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0));
	/* Rights to send once ignore the limit. */
	sonce = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, client);
	CHECK_EQ(world_send_simple(sonce, MACH_MSG_TYPE_MOVE_SEND_ONCE, 8),
	    0);
	CHECK_EQ(queued(), 6);
	world_check_spaces();
}

static void
receive_one(void *arg)
{
	world_become(server);
	CHECK_EQ(world_poll(port), 0);
	CHECK_EQ(world_header()->msgh_id, 0);
	CHECK_EQ(queued(), 5);
	world_on_sleep = NULL;
}

/* A blocked sender's message takes the first free place. */
static void
test_full_wait(void)
{
	setup();
	fill();
	world_on_sleep = receive_one;
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 99);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	world_become(server);
	for (int i = 1; i < 5; i++) {
		CHECK_EQ(world_poll(port), 0);
		CHECK_EQ(world_header()->msgh_id, i);
	}
	CHECK_EQ(world_poll(port), 0);
	CHECK_EQ(world_header()->msgh_id, 99);
	CHECK_EQ(world_poll(port), MACH_RCV_TIMED_OUT);
}

static void
raise_limit(void *arg)
{
	CHECK_EQ(S_mach_port_set_qlimit(server->space, port, 6), 0);
}

static void
kill_port(void *arg)
{
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
}

static void
test_full_ends(void)
{
	setup();
	fill();
	world_on_sleep = raise_limit;
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 99);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	CHECK_EQ(queued(), 6);
	CHECK_EQ(S_mach_port_set_qlimit(server->space, port, 17),
	    KERN_INVALID_VALUE);
	/* The port dies under the sender: the message was sent, and is gone. */
	world_on_sleep = kill_port;
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 99);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	CHECK_EQ(world_type(dest), MACH_PORT_TYPE_DEAD_NAME);
}

static void
send_one(void *arg)
{
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 55), 0);
}

static void
test_receive_wait(void)
{
	setup();
	world_become(server);
	world_on_sleep = send_one;
	memset(world_header(), 0, 24);
	CHECK_EQ(world_receive(port, 100, 0, 0, 0), 0);
	CHECK_EQ(world_header()->msgh_id, 55);
	CHECK_EQ(world_header()->msgh_seqno, 0);
	CHECK_EQ(queued(), 0);
	world_on_sleep = NULL;
	CHECK_EQ(world_receive(port, 100, 0, 0, 0), MACH_RCV_INTERRUPTED);
	world_sleeps = 0;
	CHECK_EQ(world_receive(port, 100, MACH_RCV_TIMEOUT, 0, 0),
	    MACH_RCV_TIMED_OUT);
	CHECK_EQ(world_sleeps, 0);
	CHECK_EQ(world_receive(port, 100, MACH_RCV_TIMEOUT, 0xffffffff, 0),
	    MACH_RCV_TIMED_OUT);
	CHECK_EQ(world_sleeps, 1);
}

static void
move_away(void *arg)
{
	world_give(server, port, MACH_MSG_TYPE_MOVE_RECEIVE, client);
}

static mach_port_name_t set;

static void
put_in_set(void *arg)
{
	CHECK_EQ(S_mach_port_move_member(server->space, port, set), 0);
}

static void
put_in_new_set(void *arg)
{
	world_become(server);
	set = world_pset();
	put_in_set(NULL);
}

static void
kill_set(void *arg)
{
	CHECK_EQ(S_mach_port_destroy(server->space, set), 0);
}

static void
send_too_large(void *arg)
{
	world_become(client);
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 56);
	CHECK_EQ(world_send(100, 0, 0, 0), 0);
}

static void
test_receive_ends(void)
{
	setup();
	world_become(server);
	set = world_pset();
	world_on_sleep = send_too_large;
	CHECK_EQ(world_receive(port, 60, MACH_RCV_LARGE, 0, 0),
	    MACH_RCV_TOO_LARGE);
	CHECK_EQ(world_header()->msgh_size, 100);
	CHECK_EQ(queued(), 1);
	CHECK_EQ(world_poll(port), 0);
	world_on_sleep = put_in_set;
	CHECK_EQ(world_receive(port, 60, 0, 0, 0), MACH_RCV_PORT_CHANGED);
	CHECK_EQ(world_receive(port, 60, 0, 0, 0), MACH_RCV_IN_SET);
	world_on_sleep = send_too_large;
	CHECK_EQ(world_receive(set, 60, MACH_RCV_LARGE, 0, 0),
	    MACH_RCV_TOO_LARGE);
	CHECK_EQ(world_receive(set, 60, MACH_RCV_LARGE, 0, 0),
	    MACH_RCV_TOO_LARGE);
	CHECK_EQ(world_poll(set), 0);
	world_on_sleep = kill_set;
	CHECK_EQ(world_receive(set, 60, 0, 0, 0), MACH_RCV_PORT_DIED);
	world_on_sleep = move_away;
	CHECK_EQ(world_receive(port, 60, 0, 0, 0), MACH_RCV_PORT_DIED);
	world_become(server);
	port = world_port();
	world_on_sleep = kill_port;
	CHECK_EQ(world_receive(port, 60, 0, 0, 0), MACH_RCV_PORT_DIED);
	world_check_spaces();
}

/* Messages of all members, none starved; members come and go. */
static void
test_sets(void)
{
	enum { MEMBERS = 5 };
	mach_port_name_t ports[MEMBERS];
	mach_port_name_t dests[MEMBERS];
	mach_port_status_t status;
	unsigned got[MEMBERS] = { 0 };
	mach_port_name_t other;
	mach_port_name_array_t members;
	mach_msg_type_number_t count;

	setup();
	world_become(server);
	set = world_pset();
	other = world_pset();
	CHECK_EQ(world_poll(set), MACH_RCV_TIMED_OUT);
	for (unsigned i = 0; i < MEMBERS; i++) {
		ports[i] = world_port();
		dests[i] = world_give(server, ports[i],
		    MACH_MSG_TYPE_MAKE_SEND, client);
		/* Some have messages before they join. */
		if (i % 2 == 0) {
			world_become(client);
			CHECK_EQ(world_send_simple(dests[i],
			    MACH_MSG_TYPE_COPY_SEND, (int)i), 0);
			world_become(server);
		}
		CHECK_EQ(S_mach_port_move_member(server->space, ports[i],
		    set), 0);
	}
	CHECK_EQ(S_mach_port_move_member(server->space, port, 0),
	    KERN_NOT_IN_SET);
	CHECK_EQ(S_mach_port_move_member(server->space, port, ports[0]),
	    KERN_INVALID_RIGHT);
	CHECK_EQ(S_mach_port_move_member(server->space, set, set),
	    KERN_INVALID_RIGHT);
	CHECK_EQ(S_mach_port_move_member(server->space, 0x99999, set),
	    KERN_INVALID_NAME);
	CHECK_EQ(S_mach_port_move_member(server->space, port, 0x99999),
	    KERN_INVALID_NAME);
	CHECK_EQ(S_mach_port_get_receive_status(server->space, ports[1],
	    &status), 0);
	CHECK_EQ(status.mps_pset, set);
	CHECK_EQ(S_mach_port_get_set_status(server->space, set, &members,
	    &count), 0);
	CHECK_EQ(count, MEMBERS);
	ipc_copyin_discard_memory(&members);
	CHECK_EQ(S_mach_port_get_set_status(server->space, port, &members,
	    &count), KERN_INVALID_RIGHT);
	CHECK_EQ(S_mach_port_get_set_status(server->space, other, &members,
	    &count), 0);
	CHECK_EQ(count, 0);

	world_become(client);
	for (unsigned i = 0; i < MEMBERS; i++) {
		for (unsigned k = i % 2 == 0; k < 5; k++) {
			CHECK_EQ(world_send_simple(dests[i],
			    MACH_MSG_TYPE_COPY_SEND, (int)i), 0);
		}
	}
	world_become(server);
	for (unsigned n = 0; n < 5 * MEMBERS; n++) {
		CHECK_EQ(world_poll(set), 0);
		got[world_header()->msgh_id]++;
		CHECK_EQ(world_header()->msgh_local_port,
		    ports[world_header()->msgh_id]);
		/* Turn by turn. */
		for (unsigned i = 0; i < MEMBERS; i++) {
			CHECK(got[i] >= n / MEMBERS);
		}
		world_check_spaces();
	}
	CHECK_EQ(world_poll(set), MACH_RCV_TIMED_OUT);

	/* A member with messages moves to another set, or dies. */
	world_become(client);
	CHECK_EQ(world_send_simple(dests[0], MACH_MSG_TYPE_COPY_SEND, 0), 0);
	CHECK_EQ(world_send_simple(dests[1], MACH_MSG_TYPE_COPY_SEND, 1), 0);
	world_become(server);
	CHECK_EQ(S_mach_port_move_member(server->space, ports[0], other), 0);
	CHECK_EQ(S_mach_port_destroy(server->space, ports[1]), 0);
	CHECK_EQ(world_poll(set), MACH_RCV_TIMED_OUT);
	CHECK_EQ(world_poll(other), 0);
	CHECK_EQ(world_header()->msgh_local_port, ports[0]);
	CHECK_EQ(S_mach_port_destroy(server->space, set), 0);
	CHECK_EQ(S_mach_port_get_receive_status(server->space, ports[2],
	    &status), 0);
	CHECK_EQ(status.mps_pset, 0);
	world_check_spaces();
}

static void
join_with_message(void *arg)
{
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 3), 0);
	CHECK_EQ(S_mach_port_move_member(server->space, port, set), 0);
	world_on_sleep = NULL;
}

static void
test_set_wait(void)
{
	setup();
	world_become(server);
	set = world_pset();
	world_on_sleep = join_with_message;
	CHECK_EQ(world_receive(set, 60, 0, 0, 0), 0);
	CHECK_EQ(world_header()->msgh_id, 3);
	world_on_sleep = send_one;
	CHECK_EQ(world_receive(set, 60, 0, 0, 0), 0);
	CHECK_EQ(world_header()->msgh_id, 55);
	CHECK_EQ(world_header()->msgh_seqno, 1);
	world_on_sleep = NULL;
	CHECK_EQ(world_receive(set, 60, MACH_RCV_TIMEOUT, 1, 0),
	    MACH_RCV_TIMED_OUT);
}

/* The third answer to a full queue. */
static void
test_send_notify(void)
{
	mach_port_name_t notify;
	mach_port_name_t other;

	setup();
	fill();
	notify = world_port();
#define FORCE(what, mr) do {						\
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 66);		\
	CHECK_EQ(world_send(24, MACH_SEND_NOTIFY, 0, what), mr);	\
} while (0)
	FORCE(0x99999, MACH_SEND_INVALID_NOTIFY);
	FORCE(dest, MACH_SEND_INVALID_NOTIFY);
	/* Each time the message came back and brought a reference. */
	CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_SEND), 3);
	FORCE(notify, MACH_SEND_WILL_NOTIFY);
	CHECK_EQ(queued(), 6);
	CHECK_EQ(world_type(dest), MACH_PORT_TYPE_SEND |
	    MACH_PORT_TYPE_MAREQUEST);
	FORCE(notify, MACH_SEND_NOTIFY_IN_PROGRESS);
	CHECK_EQ(world_poll(notify), MACH_RCV_TIMED_OUT);
	CHECK_EQ(S_mach_port_rename(client->space, dest, 0x7777), 0);
	dest = 0x7777;
	world_become(server);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(world_poll(port), 0);
	}
	CHECK_EQ(world_header()->msgh_id, 66);
	world_become(client);
	CHECK_EQ(world_type(dest), MACH_PORT_TYPE_SEND);
	world_expect(notify, MACH_NOTIFY_MSG_ACCEPTED, dest);

	/* The name goes first. */
	fill();
	FORCE(notify, MACH_SEND_WILL_NOTIFY);
	CHECK_EQ(S_mach_port_destroy(client->space, dest), 0);
	world_become(server);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(world_poll(port), 0);
	}
	world_become(client);
	world_expect(notify, MACH_NOTIFY_MSG_ACCEPTED, MACH_PORT_NULL);

	/* The port goes first. */
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	fill();
	FORCE(notify, MACH_SEND_WILL_NOTIFY);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	world_expect(notify, MACH_NOTIFY_SEND_ONCE, 0);
	CHECK_EQ(world_type(dest), MACH_PORT_TYPE_DEAD_NAME);

	/* The sender goes first. */
	world_become(server);
	port = world_port();
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_become(client);
	fill();
	FORCE(notify, MACH_SEND_WILL_NOTIFY);
	world_task_destroy(client);
	world_become(server);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(world_poll(port), 0);
	}
	other = world_port();
	CHECK_EQ(world_poll(other), MACH_RCV_TIMED_OUT);
	world_check_spaces();
}

static void
test_no_memory_notify(void)
{
	mach_port_name_t notify;

	setup();
	fill();
	notify = world_port();
	for (int n = 1; n < 5; n++) {
		world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 66);
		world_fail_alloc(n);
		mach_msg_return_t mr = world_send(24, MACH_SEND_NOTIFY, 0,
		    notify);
		world_fail_alloc(-1);
		CHECK_EQ(mr, n < 4 ? MACH_SEND_NO_NOTIFY :
		    MACH_SEND_WILL_NOTIFY);
		world_check_spaces();
	}
}

static void
test_limits(void)
{
	setup();
	CHECK_EQ(S_mach_port_set_qlimit(server->space, port, 0), 0);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 1),
	    MACH_SEND_TIMED_OUT);
	CHECK_EQ(S_mach_port_set_qlimit(server->space, port, 16), 0);
	for (int i = 0; i < 16; i++) {
		CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, i),
		    0);
	}
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 1),
	    MACH_SEND_TIMED_OUT);
	CHECK_EQ(S_mach_port_set_qlimit(client->space, dest, 3),
	    KERN_INVALID_RIGHT);
	CHECK_EQ(S_mach_port_set_qlimit(client->space, 0x99999, 3),
	    KERN_INVALID_NAME);
}

/* To join a set takes memory, once for a port. */
static void
test_no_memory_set(void)
{
	mach_port_status_t status;
	mach_port_name_t other;

	setup();
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 1), 0);
	world_become(server);
	set = world_pset();
	other = world_pset();
	world_fail_alloc(0);
	CHECK_EQ(S_mach_port_move_member(server->space, port, set),
	    KERN_RESOURCE_SHORTAGE);
	CHECK_EQ(S_mach_port_move_member(server->space, port, 0),
	    KERN_NOT_IN_SET);
	world_check_spaces();
	CHECK_EQ(world_poll(set), MACH_RCV_TIMED_OUT);
	world_fail_alloc(-1);
	CHECK_EQ(S_mach_port_move_member(server->space, port, set), 0);
	world_fail_alloc(0);
	CHECK_EQ(S_mach_port_move_member(server->space, port, other), 0);
	CHECK_EQ(S_mach_port_move_member(server->space, port, 0), 0);
	CHECK_EQ(S_mach_port_move_member(server->space, port, set), 0);
	world_fail_alloc(-1);
	CHECK_EQ(S_mach_port_get_receive_status(server->space, port,
	    &status), 0);
	CHECK_EQ(status.mps_pset, set);
	world_check_spaces();
	CHECK_EQ(world_poll(set), 0);
}

/*
 * Receivers and senders wait at once when the limit is 0: two of each, by
 * turns, each within the sleep of the one before.
 */
enum { BOTH = 4 };

static unsigned both_depth;
static void (*both_end)(void *arg);
static mach_msg_return_t both_result[BOTH];
static mach_msg_id_t both_id[BOTH];

static void
both_wait(void *arg)
{
	unsigned depth = both_depth++;

	world_check_spaces();
	if (depth == BOTH) {
		if (both_end != NULL) {
			both_end(NULL);
			world_check_spaces();
		}
		return;
	}
	if (depth % 2 == 0) {
		world_become(server);
		both_result[depth] = world_receive(port, 100, 0, 0, 0);
		both_id[depth] = world_header()->msgh_id;
	} else {
		world_become(client);
		world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0,
		    70 + (int)depth);
		both_result[depth] = world_send(24, 0, 0, 0);
	}
	/* Others still wait. */
	if (both_end != kill_port) {
		world_check_spaces();
	}
}

static void
wait_both(void (*end)(void *arg))
{
	setup();
	CHECK_EQ(S_mach_port_set_qlimit(server->space, port, 0), 0);
	both_depth = 0;
	both_end = end;
	world_on_sleep = both_wait;
	both_wait(NULL);
	world_on_sleep = NULL;
}

static void
test_both_wait(void)
{
	/* Whoever comes first gets what came first. */
	wait_both(raise_limit);
	for (unsigned i = 0; i < BOTH; i++) {
		CHECK_EQ(both_result[i], 0);
	}
	CHECK_EQ(both_id[0], 71);
	CHECK_EQ(both_id[2], 73);
	CHECK_EQ(queued(), 0);

	wait_both(kill_port);
	CHECK_EQ(both_result[0], MACH_RCV_PORT_DIED);
	CHECK_EQ(both_result[1], 0);
	CHECK_EQ(both_result[2], MACH_RCV_PORT_DIED);
	CHECK_EQ(both_result[3], 0);

	/* All are interrupted, the last one first. */
	wait_both(NULL);
	CHECK_EQ(both_result[0], MACH_RCV_INTERRUPTED);
	CHECK_EQ(both_result[1], MACH_SEND_INTERRUPTED);
	CHECK_EQ(both_result[2], MACH_RCV_INTERRUPTED);
	CHECK_EQ(both_result[3], MACH_SEND_INTERRUPTED);
	CHECK_EQ(queued(), 0);

	/* A receiver that goes to a set leaves the senders where they are. */
	wait_both(put_in_new_set);
	CHECK_EQ(both_result[0], MACH_RCV_PORT_CHANGED);
	CHECK_EQ(both_result[1], MACH_SEND_INTERRUPTED);
	CHECK_EQ(both_result[2], MACH_RCV_PORT_CHANGED);
	CHECK_EQ(both_result[3], MACH_SEND_INTERRUPTED);
}

const struct world_test world_tests[] = {
	{ "mqueue: full queue and time-out", test_full_timeout },
	{ "mqueue: full queue and waiting", test_full_wait },
	{ "mqueue: ends of waiting to send", test_full_ends },
	{ "mqueue: waiting to receive", test_receive_wait },
	{ "mqueue: ends of waiting to receive", test_receive_ends },
	{ "mqueue: port sets", test_sets },
	{ "mqueue: waiting on a port set", test_set_wait },
	{ "mqueue: MACH_SEND_NOTIFY", test_send_notify },
	{ "mqueue: no memory to notify", test_no_memory_notify },
	{ "mqueue: limits", test_limits },
	{ "mqueue: no memory to join a set", test_no_memory_set },
	{ "mqueue: receivers and senders wait", test_both_wait },
	{ NULL, NULL },
};
