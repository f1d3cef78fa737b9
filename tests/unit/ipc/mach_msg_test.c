/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages from one task to another: headers, bodies, regions, sizes; and that
 * a bad message changes nothing.
 */

#include "ipc_world.h"

#include <tests/unit/ipc/ipc_msg.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <string.h>

#include <kernel/task.h>
#include <kernel/mig_servers.h>
#include <mach_port_server.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

#define SEND MACH_PORT_TYPE_SEND
#define RECEIVE MACH_PORT_TYPE_RECEIVE
#define SONCE MACH_PORT_TYPE_SEND_ONCE
#define DEAD MACH_PORT_TYPE_DEAD_NAME

boolean_t mach_port_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);

/* Two tasks; CLIENT has a send right for SERVER's port. */
static struct task *client;
static struct task *server;
static mach_port_name_t port;	/* in server */
static mach_port_name_t dest;	/* in client */

static void
setup(void)
{
	client = world_task_create();
	server = world_task_create();
	port = world_port();
	dest = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, client);
	world_become(client);
}

static void
test_simple(void)
{
	mach_port_name_t reply;
	mach_port_name_t sonce;

	setup();
	reply = world_port();
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 1234);
	memcpy(world_body(), "hello, there", 12);
	CHECK_EQ(world_send(36, 0, 0, 0), 0);
	CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_SEND), 1);

	world_become(server);
	memset(world_header(), 0xee, 100);
	CHECK_EQ(world_receive(port, 36, 0, 0, 0), 0);
	CHECK_EQ(world_header()->msgh_id, 1234);
	CHECK_EQ(world_header()->msgh_size, 36);
	CHECK_EQ(world_header()->msgh_seqno, 0);
	CHECK_EQ(world_header()->msgh_local_port, port);
	CHECK_EQ(world_header()->msgh_bits, MACH_MSGH_BITS(
	    MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
	CHECK(memcmp(world_body(), "hello, there", 12) == 0);
	sonce = world_header()->msgh_remote_port;
	CHECK_EQ(world_type(sonce), SONCE);

	/* The answer uses up the send-once right. */
	world_compose(sonce, MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_PORT_NULL, 0,
	    1334);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	CHECK_EQ(world_type(sonce), 0);
	world_become(client);
	CHECK_EQ(world_poll(reply), 0);
	CHECK_EQ(world_header()->msgh_id, 1334);
	CHECK_EQ(world_header()->msgh_bits,
	    MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
	CHECK_EQ(world_poll(reply), MACH_RCV_TIMED_OUT);
	world_check_spaces();
}

static void
test_seqno(void)
{
	setup();
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND,
		    (int)i), 0);
	}
	world_become(server);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(world_poll(port), 0);
		CHECK_EQ(world_header()->msgh_id, i);
		CHECK_EQ(world_header()->msgh_seqno, i);
	}
	CHECK_EQ(S_mach_port_set_seqno(server->space, port, 77), 0);
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 9), 0);
	world_become(server);
	CHECK_EQ(world_poll(port), 0);
	CHECK_EQ(world_header()->msgh_seqno, 77);
}

/* Send to PORT with a right of TYPE and receive from NAME in one call. */
static mach_msg_return_t
to_oneself(mach_port_name_t to, mach_msg_type_name_t type,
    mach_port_name_t name, mach_msg_id_t id)
{
	world_compose(to, type, MACH_PORT_NULL, 0, id);
	memcpy(world_body(), "to me", 6);
	return world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 32, 32,
	    name, 0, 0);
}

static void
check_received(mach_port_name_t name, mach_msg_id_t id, unsigned seqno)
{
	CHECK_EQ(world_header()->msgh_bits,
	    MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND));
	CHECK_EQ(world_header()->msgh_size, 32);
	CHECK_EQ(world_header()->msgh_remote_port, 0);
	CHECK_EQ(world_header()->msgh_local_port, name);
	CHECK_EQ(world_header()->msgh_seqno, seqno);
	CHECK_EQ(world_header()->msgh_id, id);
	CHECK(memcmp(world_body(), "to me", 6) == 0);
}

static void
test_to_oneself(void)
{
	mach_port_name_t other;
	mach_port_name_t set;
	mach_port_status_t status;

	setup();
	world_become(server);
	CHECK_EQ(to_oneself(port, MACH_MSG_TYPE_MAKE_SEND, port, 1), 0);
	check_received(port, 1, 0);
	CHECK_EQ(world_type(port), RECEIVE);
	/* One that waits already comes first. */
	CHECK_EQ(world_send_simple(port, MACH_MSG_TYPE_MAKE_SEND, 2), 0);
	CHECK_EQ(to_oneself(port, MACH_MSG_TYPE_MAKE_SEND, port, 3), 0);
	CHECK_EQ(world_header()->msgh_id, 2);
	CHECK_EQ(world_poll(port), 0);
	check_received(port, 3, 2);
	CHECK_EQ(S_mach_port_get_receive_status(server->space, port, &status),
	    0);
	CHECK_EQ(status.mps_mscount, 4);
	CHECK_EQ(status.mps_srights, 1);
	CHECK_EQ(status.mps_msgcount, 0);
	CHECK_EQ(status.mps_seqno, 3);

	/* A copied right; another's is none that a right can be made of. */
	other = world_give(server, port, MACH_MSG_TYPE_MAKE_SEND, server);
	CHECK_EQ(other, port);
	CHECK_EQ(to_oneself(port, MACH_MSG_TYPE_COPY_SEND, port, 4), 0);
	check_received(port, 4, 3);
	CHECK_EQ(world_refs(port, MACH_PORT_RIGHT_SEND), 1);
	world_become(client);
	CHECK_EQ(to_oneself(dest, MACH_MSG_TYPE_MAKE_SEND, dest, 5),
	    MACH_SEND_INVALID_DEST);

	/* Through a set; others in it have their turn. */
	world_become(server);
	set = world_pset();
	other = world_port();
	CHECK_EQ(S_mach_port_move_member(server->space, port, set), 0);
	CHECK_EQ(S_mach_port_move_member(server->space, other, set), 0);
	CHECK_EQ(to_oneself(port, MACH_MSG_TYPE_MAKE_SEND, set, 6), 0);
	check_received(port, 6, 4);
	CHECK_EQ(to_oneself(port, MACH_MSG_TYPE_MAKE_SEND, port, 7),
	    MACH_RCV_IN_SET);
	CHECK_EQ(to_oneself(other, MACH_MSG_TYPE_MAKE_SEND, set, 8), 0);
	check_received(port, 7, 5);
	CHECK_EQ(world_poll(set), 0);
	check_received(other, 8, 0);
	CHECK_EQ(to_oneself(port, MACH_MSG_TYPE_MAKE_SEND, other, 9),
	    MACH_RCV_IN_SET);
	CHECK_EQ(world_poll(set), 0);
	check_received(port, 9, 6);

	/* No room; the message is gone. */
	world_compose(port, MACH_MSG_TYPE_MAKE_SEND, MACH_PORT_NULL, 0, 10);
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 32,
	    28, set, 0, 0), MACH_RCV_TOO_LARGE);
	CHECK_EQ(world_poll(set), MACH_RCV_TIMED_OUT);
	world_check_spaces();
}

/* Headers that are refused, and what they leave. */
static void
test_bad_headers(void)
{
	mach_port_name_t reply;
	mach_port_name_t dead = MACH_PORT_NULL;
	static const struct {
		unsigned dest;	/* 0 null 1 dead-port 2 invalid 3 good 4 dead */
		mach_msg_type_name_t dest_type;
		unsigned reply;	/* as above, 5: a receive right */
		mach_msg_type_name_t reply_type;
		mach_msg_return_t mr;
	} cases[] = {
		{ 0, MACH_MSG_TYPE_COPY_SEND, 0, 0, MACH_SEND_INVALID_DEST },
		{ 1, MACH_MSG_TYPE_COPY_SEND, 0, 0, MACH_SEND_INVALID_DEST },
		{ 2, MACH_MSG_TYPE_COPY_SEND, 0, 0, MACH_SEND_INVALID_DEST },
		{ 4, MACH_MSG_TYPE_COPY_SEND, 0, 0, MACH_SEND_INVALID_DEST },
		{ 4, MACH_MSG_TYPE_MOVE_SEND, 0, 0, MACH_SEND_INVALID_DEST },
		{ 3, MACH_MSG_TYPE_MAKE_SEND, 0, 0, MACH_SEND_INVALID_DEST },
		{ 3, 0, 0, 0, MACH_SEND_INVALID_HEADER },
		{ 3, MACH_MSG_TYPE_MOVE_RECEIVE, 0, 0,
		  MACH_SEND_INVALID_HEADER },
		{ 3, MACH_MSG_TYPE_COPY_SEND, 5, 0, MACH_SEND_INVALID_HEADER },
		{ 3, MACH_MSG_TYPE_COPY_SEND, 5, MACH_MSG_TYPE_MOVE_RECEIVE,
		  MACH_SEND_INVALID_HEADER },
		{ 3, MACH_MSG_TYPE_COPY_SEND, 5, MACH_MSG_TYPE_COPY_SEND,
		  MACH_SEND_INVALID_REPLY },
		{ 3, MACH_MSG_TYPE_COPY_SEND, 2, MACH_MSG_TYPE_COPY_SEND,
		  MACH_SEND_INVALID_REPLY },
		{ 3, MACH_MSG_TYPE_MOVE_SEND, 2, MACH_MSG_TYPE_MOVE_SEND_ONCE,
		  MACH_SEND_INVALID_REPLY },
		{ 2, MACH_MSG_TYPE_COPY_SEND, 2, MACH_MSG_TYPE_COPY_SEND,
		  MACH_SEND_INVALID_DEST },
		/* One reference cannot go twice, but may be copied too. */
		{ 3, MACH_MSG_TYPE_MOVE_SEND, 3, MACH_MSG_TYPE_MOVE_SEND,
		  MACH_SEND_INVALID_DEST },
		{ 3, MACH_MSG_TYPE_COPY_SEND, 3, MACH_MSG_TYPE_MAKE_SEND,
		  MACH_SEND_INVALID_REPLY },
	};

	setup();
	reply = world_port();
	S_mach_port_allocate(client->space, MACH_PORT_RIGHT_DEAD_NAME, &dead);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mach_port_name_t names[] = {
			MACH_PORT_NULL, MACH_PORT_DEAD, 0x99999, dest, dead,
			reply,
		};

		for (unsigned complex = 0; complex < 2; complex++) {
			world_compose(names[cases[i].dest],
			    cases[i].dest_type, names[cases[i].reply],
			    cases[i].reply_type, 1);
			world_header()->msgh_bits |= complex != 0 ?
			    MACH_MSGH_BITS_COMPLEX : 0;
			CHECK_EQ(world_send(24, 0, 0, 0), cases[i].mr);
			CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_SEND), 1);
			CHECK_EQ(world_refs(dead, MACH_PORT_RIGHT_DEAD_NAME),
			    1);
			world_check_spaces();
		}
	}
	world_compose(dest, MACH_MSG_TYPE_MOVE_SEND, dest,
	    MACH_MSG_TYPE_COPY_SEND, 1);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	CHECK_EQ(world_type(dest), 0);
	world_become(server);
	CHECK_EQ(world_poll(port), 0);
	CHECK_EQ(world_header()->msgh_remote_port, port);
	CHECK_EQ(world_refs(port, MACH_PORT_RIGHT_SEND), 1);
	world_check_spaces();
}

static void
test_sizes(void)
{
	setup();
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	CHECK_EQ(world_send(0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	CHECK_EQ(world_send(20, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	CHECK_EQ(world_send(26, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	CHECK_EQ(world_send(0xfffffffc, 0, 0, 0), MACH_SEND_NO_BUFFER);
	CHECK_EQ(world_msg(0x100, MACH_SEND_MSG, 24, 0, 0, 0, 0),
	    MACH_SEND_INVALID_DATA);
	CHECK_EQ(world_msg(0xfffffff0, MACH_SEND_MSG, 24, 0, 0, 0, 0),
	    MACH_SEND_INVALID_DATA);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	CHECK_EQ(world_send(60, 0, 0, 0), 0);

	world_become(server);
	CHECK_EQ(world_receive(0x99999, 100, 0, 0, 0), MACH_RCV_INVALID_NAME);
	CHECK_EQ(world_receive(0, 100, 0, 0, 0), MACH_RCV_INVALID_NAME);
	/* Too large: destroyed, but the header tells. */
	CHECK_EQ(world_receive(port, 20, MACH_RCV_TIMEOUT, 0, 0),
	    MACH_RCV_TOO_LARGE);
	memset(world_header(), 0xee, 24);
	CHECK_EQ(world_receive(port, 24, MACH_RCV_LARGE | MACH_RCV_TIMEOUT, 0,
	    0), MACH_RCV_TOO_LARGE);
	CHECK_EQ(world_header()->msgh_size, 60);
	CHECK_EQ(world_receive(port, 59, MACH_RCV_TIMEOUT, 0, 0),
	    MACH_RCV_TOO_LARGE);
	CHECK_EQ(world_header()->msgh_size, 60);
	CHECK_EQ(world_header()->msgh_local_port, port);
	CHECK_EQ(world_poll(port), MACH_RCV_TIMED_OUT);

	/* A buffer that cannot be written: the message is gone. */
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 9), 0);
	world_become(server);
	CHECK_EQ(world_msg(0x100, MACH_RCV_MSG, 0, 100, port, 0, 0),
	    MACH_RCV_INVALID_DATA);
	CHECK_EQ(world_poll(port), MACH_RCV_TIMED_OUT);
	CHECK_EQ(world_msg(world_buffer, 0, 24, 24, port, 0, 0), 0);
}

/* A body with one of everything. */
struct everything {
	mach_msg_header_t head;
	mach_msg_type_t t1;
	mach_port_name_t copy;
	mach_msg_type_t t2;
	mach_port_name_t moved[2];
	mach_msg_type_t t3;
	uint32_t data;
	mach_msg_type_t t4;
	user_addr_t region;
	mach_msg_type_long_t t5;
	user_addr_t rights;
	mach_msg_type_t t6;
	mach_port_name_t receive;
	mach_msg_type_long_t t7;
	user_addr_t empty;
	mach_msg_type_t t8;
	char text[8];
};

/* Names that the message uses, in client. */
static mach_port_name_t sent[8];

static void
compose_everything(struct everything *m, user_addr_t region, user_addr_t array)
{
	mach_port_name_t *names = world_user(array);

	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 42);
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	m->t1 = world_type_inline(MACH_MSG_TYPE_COPY_SEND, 32, 1);
	m->copy = dest;
	m->t2 = world_type_inline(MACH_MSG_TYPE_MOVE_SEND, 32, 2);
	m->moved[0] = sent[0];
	m->moved[1] = MACH_PORT_DEAD;
	m->t3 = world_type_inline(MACH_MSG_TYPE_INTEGER_32, 32, 1);
	m->data = 0x12345678;
	m->t4 = world_type_ool(MACH_MSG_TYPE_CHAR, 8, 100, true);
	m->region = region;
	memset(world_user(region), 'x', 100);
	memset(&m->t5, 0, sizeof(m->t5));
	m->t5.msgtl_header.msgt_longform = 1;
	m->t5.msgtl_name = MACH_MSG_TYPE_MAKE_SEND;
	m->t5.msgtl_size = 32;
	m->t5.msgtl_number = 3;
	m->rights = array;
	names[0] = sent[1];
	names[1] = MACH_PORT_NULL;
	names[2] = sent[1];
	m->t6 = world_type_inline(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1);
	m->receive = sent[2];
	memset(&m->t7, 0, sizeof(m->t7));
	m->t7.msgtl_header.msgt_longform = 1;
	m->t7.msgtl_name = MACH_MSG_TYPE_INTEGER_32;
	m->t7.msgtl_size = 32;
	m->empty = 0xdeadbeef;
	m->t8 = world_type_inline(MACH_MSG_TYPE_CHAR, 8, 5);
	memcpy(m->text, "12345678", 8);
}

static void
make_rights(void)
{
	struct ipc_port *p;

	/* A send right, a receive right, a send and receive right. */
	world_become(server);
	sent[3] = world_port();
	CHECK_EQ(ipc_right_copyin(server->space, sent[3],
	    MACH_MSG_TYPE_MAKE_SEND, &p), 0);
	world_become(client);
	CHECK_EQ(ipc_right_copyout(client->space, p, MACH_MSG_TYPE_PORT_SEND,
	    &sent[0]), 0);
	sent[1] = world_port();
	sent[2] = world_port_with_send();
}

static void
check_rights_kept(void)
{
	CHECK_EQ(world_type(sent[0]), SEND);
	CHECK_EQ(world_refs(sent[0], MACH_PORT_RIGHT_SEND), 1);
	CHECK_EQ(world_type(sent[1]), RECEIVE);
	CHECK_EQ(world_type(sent[2]), SEND | RECEIVE);
	CHECK_EQ(world_type(dest), SEND);
	CHECK_EQ(world_refs(dest, MACH_PORT_RIGHT_SEND), 1);
	world_check_spaces();
}

static void
test_complex(void)
{
	struct everything *m;
	user_addr_t region = world_user_alloc(4096);
	user_addr_t array = world_user_alloc(4096);
	mach_port_name_t *names;
	mach_port_status_t status;

	setup();
	make_rights();
	m = world_user(world_buffer);
	compose_everything(m, region + 7, array);
	world_removed = 0;
	CHECK_EQ(world_send(sizeof(*m), 0, 0, 0), 0);
	CHECK_EQ(world_removed, 1);
	CHECK_EQ(world_removed_start, region);
	CHECK_EQ(world_removed_end, region + 4096);
	CHECK_EQ(world_type(sent[0]), 0);
	CHECK_EQ(world_type(sent[1]), RECEIVE);
	CHECK_EQ(world_type(sent[2]), SEND);
	CHECK_EQ(S_mach_port_get_receive_status(client->space, sent[1],
	    &status), 0);
	CHECK_EQ(status.mps_mscount, 2);
	CHECK_EQ(status.mps_srights, 1);

	world_become(server);
	memset(m, 0xee, sizeof(*m));
	CHECK_EQ(world_receive(port, sizeof(*m), 0, 0, 0), 0);
	CHECK((m->head.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0);
	CHECK_EQ(m->t1.msgt_name, MACH_MSG_TYPE_PORT_SEND);
	CHECK_EQ(m->copy, port);
	CHECK_EQ(world_type(port), SEND | RECEIVE);
	CHECK_EQ(m->moved[0], sent[3]);
	CHECK_EQ(world_type(sent[3]), SEND | RECEIVE);
	CHECK_EQ(m->moved[1], MACH_PORT_DEAD);
	CHECK_EQ(m->data, 0x12345678);
	CHECK_EQ(m->t4.msgt_deallocate, 1);
	CHECK(m->region != region + 7);
	CHECK(((char *)world_user(m->region))[99] == 'x');
	CHECK_EQ(m->t5.msgtl_name, MACH_MSG_TYPE_PORT_SEND);
	CHECK_EQ(m->t5.msgtl_header.msgt_deallocate, 1);
	names = world_user(m->rights);
	CHECK_EQ(world_type(names[0]), SEND);
	CHECK_EQ(world_refs(names[0], MACH_PORT_RIGHT_SEND), 2);
	CHECK_EQ(names[1], MACH_PORT_NULL);
	CHECK_EQ(names[2], names[0]);
	CHECK_EQ(world_type(m->receive), RECEIVE);
	CHECK_EQ(m->empty, 0);
	CHECK(memcmp(m->text, "12345678", 8) == 0);
	world_check_spaces();
}

/* The same message, spoilt in every way: nothing is lost. */
static void
test_complex_bad(void)
{
	struct everything *m;
	user_addr_t region = world_user_alloc(4096);
	user_addr_t array = world_user_alloc(4096);

	setup();
	make_rights();
	m = world_user(world_buffer);
	world_removed = 0;
#define SPOIL(change, mr) do {						\
	compose_everything(m, region, array);				\
	change;								\
	CHECK_EQ(world_send(sizeof(*m), 0, 0, 0), mr);			\
	check_rights_kept();						\
} while (0)
	SPOIL(m->copy = 0x99999, MACH_SEND_INVALID_RIGHT);
	SPOIL(m->copy = sent[1], MACH_SEND_INVALID_RIGHT);
	SPOIL(m->moved[1] = sent[0], MACH_SEND_INVALID_RIGHT);
	SPOIL(m->moved[1] = sent[1], MACH_SEND_INVALID_RIGHT);
	SPOIL(m->receive = sent[0], MACH_SEND_INVALID_RIGHT);
	SPOIL(m->receive = 0x99999, MACH_SEND_INVALID_RIGHT);
	SPOIL(((mach_port_name_t *)world_user(array))[2] = 0x99999,
	    MACH_SEND_INVALID_RIGHT);
	SPOIL(m->t1.msgt_size = 16, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t1.msgt_unused = 1, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t3.msgt_deallocate = 1, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t5.msgtl_header.msgt_number = 1, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t5.msgtl_header.msgt_name = 2, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t8.msgt_number = 9, MACH_SEND_MSG_TOO_SMALL);
	SPOIL(m->t8.msgt_number = 4095, MACH_SEND_MSG_TOO_SMALL);
	SPOIL(m->t3.msgt_number = 0, MACH_SEND_MSG_TOO_SMALL);
	SPOIL(m->region = 0x100, MACH_SEND_INVALID_MEMORY);
	SPOIL(m->rights = 0x100, MACH_SEND_INVALID_MEMORY);
	SPOIL(m->t5.msgtl_number = 0x3ffffff, MACH_SEND_NO_BUFFER);
	SPOIL(m->t5.msgtl_number = 0xffffffff, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t7.msgtl_number = 0xffffffff, MACH_SEND_INVALID_TYPE);
	SPOIL(m->t7.msgtl_number = 0x30000000, MACH_SEND_INVALID_MEMORY);
	/* Taking twice, out of line and in line. */
	SPOIL((m->receive = sent[1],
	    m->t5.msgtl_name = MACH_MSG_TYPE_MOVE_RECEIVE),
	    MACH_SEND_INVALID_RIGHT);
	for (mach_msg_size_t size = 28; size < sizeof(*m); size += 4) {
		compose_everything(m, region, array);
		mach_msg_return_t mr = world_send(size, 0, 0, 0);
		if (mr == MACH_MSG_SUCCESS) {
			/* It ended between two items. */
			world_become(server);
			CHECK_EQ(world_poll(port) & ~MACH_MSG_MASK, 0);
			world_become(client);
			return;
		}
		check_rights_kept();
		if (size == 28 || size == 36) {
			CHECK_EQ(mr, MACH_SEND_MSG_TOO_SMALL);
		}
		if (size + 4 == 32) {
			size += 4;	/* the first item alone is fine */
		}
	}
}

/* Every allocation of a send and of a receive fails once. */
static void
test_complex_no_memory(void)
{
	struct everything *m;
	user_addr_t region = world_user_alloc(4096);
	user_addr_t array = world_user_alloc(4096);
	mach_msg_return_t mr;

	for (int n = 0; n < 40; n++) {
		setup();
		make_rights();
		m = world_user(world_buffer);
		compose_everything(m, region, array);
		world_fail_alloc(n);
		mr = world_send(sizeof(*m), 0, 0, 0);
		world_fail_alloc(-1);
		if (mr == MACH_MSG_SUCCESS) {
			world_task_destroy(client);
			world_task_destroy(server);
			break;
		}
		CHECK(mr == MACH_SEND_NO_BUFFER ||
		    mr == MACH_SEND_INVALID_MEMORY);
		check_rights_kept();
		world_task_destroy(client);
		world_task_destroy(server);
		CHECK(n < 39);
	}
	for (int n = 0; n < 40; n++) {
		setup();
		make_rights();
		m = world_user(world_buffer);
		compose_everything(m, region, array);
		CHECK_EQ(world_send(sizeof(*m), 0, 0, 0), 0);
		world_become(server);
		world_fail_alloc(n);
		mr = world_receive(port, sizeof(*m), 0, 0, 0);
		world_fail_alloc(-1);
		CHECK(mr == 0 ||
		    (mr & ~MACH_MSG_MASK) == MACH_RCV_BODY_ERROR ||
		    (mr & ~MACH_MSG_MASK) == MACH_RCV_HEADER_ERROR);
		world_check_spaces();
		world_task_destroy(client);
		world_task_destroy(server);
	}
}

static void
test_body_error(void)
{
	struct everything *m;
	user_addr_t region = world_user_alloc(4096);
	user_addr_t array = world_user_alloc(4096);

	setup();
	make_rights();
	m = world_user(world_buffer);
	compose_everything(m, region, array);
	CHECK_EQ(world_send(sizeof(*m), 0, 0, 0), 0);
	world_become(server);
	world_map_full = true;
	CHECK_EQ(world_receive(port, sizeof(*m), 0, 0, 0),
	    MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	CHECK_EQ(m->region, 0);
	CHECK_EQ(m->t4.msgt_size, 0);
	CHECK_EQ(m->rights, 0);
	CHECK_EQ(m->t5.msgtl_size, 0);
	CHECK_EQ(world_type(m->receive), RECEIVE);
	world_check_spaces();
}

/* Not complex: the body is only bytes. */
static void
test_not_complex(void)
{
	struct everything *m;
	user_addr_t region = world_user_alloc(4096);
	user_addr_t array = world_user_alloc(4096);

	setup();
	make_rights();
	m = world_user(world_buffer);
	compose_everything(m, region, array);
	m->head.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
	m->copy = 0x99999;
	CHECK_EQ(world_send(sizeof(*m), 0, 0, 0), 0);
	check_rights_kept();
	world_become(server);
	CHECK_EQ(world_receive(port, sizeof(*m), 0, 0, 0), 0);
	CHECK_EQ(m->copy, 0x99999);
	CHECK_EQ(m->t1.msgt_name, MACH_MSG_TYPE_COPY_SEND);
	/* Complex without anything complex in it comes as simple. */
	world_become(client);
	world_compose(dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	m->t1 = world_type_inline(MACH_MSG_TYPE_INTEGER_32, 32, 1);
	CHECK_EQ(world_send(32, 0, 0, 0), 0);
	world_become(server);
	CHECK_EQ(world_poll(port), 0);
	CHECK_EQ(m->head.msgh_bits & MACH_MSGH_BITS_COMPLEX, 0);
}

/* Random bytes where descriptors should be. */
static void
test_fuzz(void)
{
	user_addr_t region = world_user_alloc(4096);
	user_addr_t array = world_user_alloc(4096);
	unsigned sent_ok = 0;

	for (unsigned round = 0; round < 60; round++) {
		setup();
		make_rights();
		for (unsigned i = 0; i < 200; i++) {
			struct everything *m = world_user(world_buffer);
			uint32_t *words = world_user(world_buffer);
			mach_msg_size_t size = sizeof(*m);

			world_become(client);
			compose_everything(m, region, array);
			for (unsigned k = world_random(4); k > 0; k--) {
				unsigned at = 6 + world_random(
				    sizeof(*m) / 4 - 6);

				words[at] = world_random(3) == 0 ?
				    sent[world_random(4)] :
				    words[at] ^ 1u << world_random(32);
			}
			if (world_random(4) == 0) {
				size = 24 + 4 * world_random(30);
			}
			mach_msg_return_t mr = world_send(size,
			    MACH_SEND_TIMEOUT, 0, 0);
			sent_ok += mr == 0;
			world_become(server);
			if (world_random(3) != 0) {
				world_poll(port);
			}
			world_check_spaces();
		}
		world_user_protect(0, 0);
		world_task_destroy(client);
		world_task_destroy(server);
	}
	CHECK(sent_ok > 50);
}

/* A receive right on its way to itself, directly and through another. */
static void
test_circular(void)
{
	struct {
		mach_msg_header_t head;
		mach_msg_type_t type;
		mach_port_name_t name;
	} *m = world_user(world_buffer);
	unsigned before = ipc_port_count();
	struct task *task = world_task_create();
	unsigned base = ipc_port_count();
	mach_port_name_t a = world_port_with_send();
	mach_port_name_t b = world_port_with_send();

	CHECK_EQ(ipc_port_count(), base + 2);
#define MOVE(what, to) do {						\
	world_compose(to, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);		\
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;			\
	m->type = world_type_inline(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1); \
	m->name = what;							\
	CHECK_EQ(world_send(32, 0, 0, 0), 0);				\
} while (0)
	MOVE(a, a);
	CHECK_EQ(world_type(a), DEAD);
	S_mach_port_destroy(task->space, a);
	CHECK_EQ(ipc_port_count(), base + 1);
	a = world_port_with_send();
	MOVE(a, b);
	CHECK_EQ(world_type(a), SEND);
	MOVE(b, a);
	CHECK_EQ(world_type(a), DEAD);
	CHECK_EQ(world_type(b), DEAD);
	world_check_spaces();
	world_task_destroy(task);
	CHECK_EQ(ipc_port_count(), before);
}

/* A long chain of ports in each other's queues must not use up the stack. */
static void
test_long_chain(void)
{
	struct {
		mach_msg_header_t head;
		mach_msg_type_t type;
		mach_port_name_t name;
	} *m = world_user(world_buffer);
	struct task *task = world_task_create();
	mach_port_name_t last = world_port_with_send();
	mach_port_name_t next;

	for (unsigned i = 0; i < 20000; i++) {
		next = world_port_with_send();
		MOVE(last, next);
		S_mach_port_destroy(task->space, last);
		last = next;
	}
	CHECK(ipc_port_count() > 20000);
	CHECK_EQ(S_mach_port_mod_refs(task->space, last,
	    MACH_PORT_RIGHT_RECEIVE, -1), 0);
	CHECK(ipc_port_count() < 100);
}

static void
test_payload(void)
{
	mach_port_name_t moved;

	setup();
	CHECK_EQ(S_mach_port_set_protected_payload(server->space, port,
	    0xcafe), 0);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 5), 0);
	world_become(server);
	CHECK_EQ(world_poll(port), 0);
	CHECK_EQ(world_header()->msgh_local_port, 0xcafe);
	CHECK_EQ(MACH_MSGH_BITS_LOCAL(world_header()->msgh_bits),
	    MACH_MSG_TYPE_PROTECTED_PAYLOAD);
	/* It does not travel with the right. */
	moved = world_give(server, port, MACH_MSG_TYPE_MOVE_RECEIVE, client);
	CHECK_EQ(moved, dest);
	world_become(client);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 6), 0);
	CHECK_EQ(world_poll(dest), 0);
	CHECK_EQ(world_header()->msgh_local_port, dest);
	CHECK_EQ(S_mach_port_set_protected_payload(client->space, dest, 1),
	    0);
	CHECK_EQ(S_mach_port_clear_protected_payload(client->space, dest), 0);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 6), 0);
	CHECK_EQ(world_poll(dest), 0);
	CHECK_EQ(world_header()->msgh_local_port, dest);
}

/* A send to a dead port succeeds and destroys what it carries. */
static void
test_dead_dest(void)
{
	struct ipc_port *p;

	setup();
	CHECK_EQ(ipc_right_copyin(client->space, dest,
	    MACH_MSG_TYPE_COPY_SEND, &p), 0);
	CHECK_EQ(S_mach_port_destroy(server->space, port), 0);
	CHECK_EQ(world_send_simple(dest, MACH_MSG_TYPE_COPY_SEND, 1),
	    MACH_SEND_INVALID_DEST);
	CHECK_EQ(world_type(dest), DEAD);
	ipc_port_release_send(p);
}

/* Room for what a routine answers: most answer little, and many wait. */
static void
test_reply_room(mach_msg_id_t id, mach_msg_size_t least, mach_msg_size_t most)
{
	const struct ipc_kobject_server *knows = ipc_kobject_find(id);
	struct ipc_kmsg *buffer = ipc_kobject_get_buffer(knows, id, NULL);

	CHECK(buffer != NULL);
	CHECK(buffer->capacity >= least && buffer->capacity <= most);
	ipc_kobject_put_buffer(buffer, NULL);
}

/* The kernel answers. */
static void
test_kernel_rpc(void)
{
	struct {
		mach_msg_header_t head;
		mach_msg_type_t type;
		uint32_t word;
		uint32_t more[64];
	} *m = world_user(world_buffer);
	mig_reply_header_t *answer = world_user(world_buffer);
	const struct ipc_kobject_server ports = {
		.first = 3200,
		.count = mach_port_server_count,
		.fn = mach_port_server,
		.replies = mach_port_server_replies,
	};
	static bool registered;
	mach_port_name_t reply;
	mach_port_name_t self;

	if (!registered) {
		registered = true;
		ipc_kobject_add_server(&ports);
	}
	world_task_create();
	reply = sys_mach_reply_port();
	self = sys_mach_task_self();
	CHECK_EQ(world_type(self), SEND);

	/* mach_port_allocate */
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 3204);
	m->type = world_type_inline(MACH_MSG_TYPE_INTEGER_32, 32, 1);
	m->word = MACH_PORT_RIGHT_RECEIVE;
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 32,
	    100, reply, 0, 0), 0);
	CHECK_EQ(answer->Head.msgh_id, 3304);
	CHECK_EQ(answer->RetCode, KERN_SUCCESS);
	CHECK_EQ(answer->Head.msgh_size, 40);
	CHECK_EQ(world_type(m->more[1]), RECEIVE);

	/* An id that nobody knows; one that is known with a wrong body. */
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 9876);
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 24,
	    100, reply, 0, 0), 0);
	CHECK_EQ(answer->Head.msgh_id, 9976);
	CHECK_EQ(answer->Head.msgh_size, 32);
	CHECK_EQ(answer->RetCode, MIG_BAD_ID);
	CHECK(ipc_kobject_find(9876) == NULL);
	CHECK(ipc_kobject_find(3200 + (int)ports.count) == NULL);
	test_reply_room(9876, sizeof(*answer), 1024);
	test_reply_room(3204, 40, 1024);
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 3204);
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 24,
	    100, reply, 0, 0), 0);
	CHECK_EQ(answer->RetCode, MIG_BAD_ARGUMENTS);

	/* An answer that does not go to the caller at once, without memory. */
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 3201);
	m->type = world_type_inline(MACH_MSG_TYPE_PORT_NAME, 32, 1);
	m->word = reply;
	world_fail_alloc(0);
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 32,
	    sizeof(*answer), reply, 0, 0), 0);
	world_fail_alloc(-1);
	CHECK_EQ(answer->Head.msgh_id, MACH_NOTIFY_SEND_ONCE);

	/* Out of line results. */
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, reply,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 3200);
	CHECK_EQ(world_msg(world_buffer, MACH_SEND_MSG | MACH_RCV_MSG, 24,
	    100, reply, 0, 0), 0);
	CHECK_EQ(answer->RetCode, KERN_SUCCESS);
	CHECK((answer->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0);

	/* No reply port, a dead one: served all the same. */
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, 0, 3200);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_DEAD,
	    MACH_MSG_TYPE_COPY_SEND, 3200);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	/* The answer to a kernel port goes nowhere. */
	world_compose(self, MACH_MSG_TYPE_COPY_SEND, self,
	    MACH_MSG_TYPE_COPY_SEND, 3200);
	CHECK_EQ(world_send(24, 0, 0, 0), 0);
	world_check_spaces();
}

/* Rights in a request: gone after success, back never, leaked neither. */
static void
test_kernel_ownership(void)
{
	struct {
		mach_msg_header_t head;
		mach_msg_type_t t1;
		uint32_t name;
		mach_msg_type_t t2;
		mach_port_name_t right;
	} *m = world_user(world_buffer);
	mig_reply_header_t *answer = world_user(world_buffer);
	unsigned ports;
	mach_port_name_t reply;
	mach_port_name_t self;

	setup();
	reply = sys_mach_reply_port();
	self = sys_mach_task_self();
	ports = ipc_port_count();
	for (unsigned i = 0; i < 2; i++) {
		world_compose(self, MACH_MSG_TYPE_COPY_SEND, reply,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, 3215);
		m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		m->t1 = world_type_inline(MACH_MSG_TYPE_PORT_NAME, 32, 1);
		m->name = i == 0 ? 0x5555 : MACH_PORT_NULL;
		m->t2 = world_type_inline(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1);
		m->right = world_port();
		CHECK_EQ(world_msg(world_buffer,
		    MACH_SEND_MSG | MACH_RCV_MSG, 40, 100, reply, 0, 0), 0);
		CHECK_EQ(answer->RetCode, i == 0 ? KERN_SUCCESS :
		    KERN_INVALID_VALUE);
	}
	CHECK_EQ(world_type(0x5555), RECEIVE);
	CHECK_EQ(ipc_port_count(), ports + 1);
	world_check_spaces();
}

static void
test_special_ports(void)
{
	struct task *task = world_task_create();
	struct ipc_port *p;
	mach_port_name_t name;

	name = sys_mach_task_self();
	CHECK_EQ(sys_mach_task_self(), name);
	CHECK_EQ(world_refs(name, MACH_PORT_RIGHT_SEND), 2);
	CHECK(sys_mach_thread_self() != name);
	CHECK(sys_mach_reply_port() != sys_mach_reply_port());
	name = world_port();
	CHECK_EQ(ipc_right_copyin(task->space, name, MACH_MSG_TYPE_MAKE_SEND,
	    &p), 0);
	CHECK_EQ(ipc_task_set_special_port(task, IPC_SPECIAL_SELF, p), 0);
	CHECK_EQ(sys_mach_task_self(), name);
	CHECK_EQ(ipc_task_get_special_port(task, IPC_SPECIAL_BOOTSTRAP, &p),
	    0);
	CHECK(p == IP_NULL);
}

const struct world_test world_tests[] = {
	{ "msg: request and answer", test_simple },
	{ "msg: sequence numbers", test_seqno },
	{ "msg: to oneself", test_to_oneself },
	{ "msg: bad headers", test_bad_headers },
	{ "msg: sizes", test_sizes },
	{ "msg: one of everything", test_complex },
	{ "msg: bad bodies change nothing", test_complex_bad },
	{ "msg: no memory", test_complex_no_memory },
	{ "msg: no room at the receiver", test_body_error },
	{ "msg: not complex", test_not_complex },
	{ "msg: random bodies", test_fuzz },
	{ "msg: circular", test_circular },
	{ "msg: a long chain", test_long_chain },
	{ "msg: protected payload", test_payload },
	{ "msg: dead destination", test_dead_dest },
	{ "msg: kernel answers", test_kernel_rpc },
	{ "msg: kernel consumes or not", test_kernel_ownership },
	{ "msg: special ports", test_special_ports },
	{ NULL, NULL },
};
