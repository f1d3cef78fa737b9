/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Plain RPC between tasks on several processors: every message is sent and the
 * next one received in one call, so that threads hand each other processor and
 * stack; while they are stopped, aborted and terminated.
 */

#include <tests/lib/test.h>
#include <tests/unit/ipc/ipc_crowd.h>
#include <tests/unit/ipc/ipc_msg.h>

#include <mach/message.h>
#include <mach/notify.h>
#include <machine/copyio.h>
#include <string.h>

#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <mach_port_server.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_map.h>

TEST_MACHINE(.cpus = 3, .memory_mib = 64);

#define SERVERS	3
#define CLIENTS	5
#define CALLS	150
#define WORDS	90	/* more than a short message has */

struct message {
	mach_msg_header_t head;
	mach_msg_type_t type;
	uint32_t words[WORDS];
};

struct client {
	uint32_t seed;
	unsigned number;
	unsigned answered;
	unsigned interrupted;
	unsigned refused;
	bool ended;
};

static struct client client[CLIENTS];
static mach_port_name_t requests;	/* what the servers receive from */
static mach_port_name_t service;	/* in the clients */
static bool keep;			/* threads live on the reserve */
static bool full;			/* the server can have no more names */

static mach_msg_size_t
size_of(unsigned words)
{
	return offsetof(struct message, words) + words * 4;
}

static void
compose(struct message *m, unsigned words, uint32_t first)
{
	m->type = (mach_msg_type_t){
		.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_number = words & 0xfff,
		.msgt_inline = 1,
	};
	for (unsigned i = 0; i < words; i++) {
		m->words[i] = first + i;
	}
}

/* Answer each request with the same words and one more in each. */
static void
server_main(void *arg)
{
	mach_msg_option_t option = MACH_RCV_MSG;
	struct message m;
	vm_offset_t buffer = 0;
	mach_msg_return_t mr;

	current_thread()->vm_privilege = keep;
	TEST_TRAP(vm_map_allocate(current_map(), &buffer, 4096, true));
	for (;;) {
		mr = TEST_TRAP(world_msg(buffer, option,
		    option == MACH_RCV_MSG ? 0 : size_of(m.type.msgt_number),
		    sizeof(m), requests, 0, 0));
		option = MACH_RCV_MSG;
		if (mr != MACH_MSG_SUCCESS) {
			continue;
		}
		TEST_TRAP(copyin(buffer, &m, sizeof(m)));
		CHECK_EQ(m.head.msgh_size, size_of(m.type.msgt_number));
		m.head.msgh_bits = MACH_MSGH_BITS(
		    MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		m.head.msgh_local_port = MACH_PORT_NULL;
		compose(&m, m.type.msgt_number, m.words[0] + 1);
		TEST_TRAP(copyout(&m, buffer, sizeof(m)));
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
}

/* Make a call; the answer must be to this one. */
static void
client_call(struct client *self, vm_offset_t buffer, mach_port_name_t reply)
{
	uint32_t first = self->number << 24 | self->answered << 8;
	unsigned words = 1 + (self->seed >> 8) % WORDS;
	struct message m;
	mach_msg_return_t mr;

	self->seed = self->seed * 1664525u + 1013904223u;
	memset(&m, 0, sizeof(m));
	m.head.msgh_bits = MACH_MSGH_BITS(
	    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m.head.msgh_remote_port = service;
	m.head.msgh_local_port = reply;
	m.head.msgh_id = (int)first;
	compose(&m, words, first);
	TEST_TRAP(copyout(&m, buffer, sizeof(m)));
	mr = TEST_TRAP(world_msg(buffer, MACH_SEND_MSG | MACH_RCV_MSG,
	    size_of(words), sizeof(m), reply, 0, 0));
	while (mr == MACH_RCV_INTERRUPTED) {
		self->interrupted++;
		mr = TEST_TRAP(world_msg(
		    buffer, MACH_RCV_MSG, 0, sizeof(m), reply, 0, 0));
	}
	CHECK_EQ(mr, MACH_MSG_SUCCESS);
	TEST_TRAP(copyin(buffer, &m, sizeof(m)));
	if (m.head.msgh_id == MACH_NOTIFY_SEND_ONCE) {
		/* The server could not have the right for the reply. */
		self->refused++;
		return;
	}
	CHECK_EQ(m.head.msgh_id, first);
	CHECK_EQ(m.head.msgh_local_port, reply);
	CHECK_EQ(m.type.msgt_number, words);
	for (unsigned i = 0; i < words; i++) {
		CHECK_EQ(m.words[i], first + 1 + i);
	}
	self->answered++;
}

static void
client_main(void *arg)
{
	struct client *self = arg;
	mach_port_name_t reply = TEST_TRAP(sys_mach_reply_port());
	vm_offset_t buffer = 0;

	current_thread()->vm_privilege = keep && self->number % 2 == 0;
	TEST_TRAP(vm_map_allocate(current_map(), &buffer, 4096, true));
	while (self->answered < CALLS && self->refused < CALLS &&
	    !test_failed()) {
		client_call(self, buffer, reply);
	}
	self->ended = true;
	for (;;) {
		TEST_TRAP(thread_terminate(current_thread()));
	}
}

static void
start(bool set, uint32_t seed)
{
	struct ipc_port *port;
	mach_port_name_t name = MACH_PORT_NULL;

	crowd_begin();
	CHECK_OK(ipc_right_allocate(
	    server->space, MACH_PORT_RIGHT_RECEIVE, &name));
	requests = name;
	if (set) {
		requests = MACH_PORT_NULL;
		CHECK_OK(ipc_right_allocate(
		    server->space, MACH_PORT_RIGHT_PORT_SET, &requests));
		CHECK_OK(S_mach_port_move_member(
		    server->space, name, requests));
	}
	CHECK_OK(ipc_right_copyin(
	    server->space, name, MACH_MSG_TYPE_MAKE_SEND, &port));
	CHECK_OK(ipc_right_copyout(
	    clients->space, port, MACH_MSG_TYPE_PORT_SEND, &service));
	for (unsigned i = 0; i < SERVERS; i++) {
		crowd_add(server, server_main, NULL);
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		client[i] = (struct client){ .seed = seed + i, .number = i };
		crowd_add(clients, client_main, &client[i]);
	}
	if (full) {
		server->space->limit = server->space->used;
	}
	crowd_go();
}

static bool
all_ended(void)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (!client[i].ended) {
			return false;
		}
	}
	return true;
}

TEST(every_call_gets_its_answer)
{
	struct test_usage before;

	test_usage_get(&before);
	for (uint32_t seed = 0; seed < 8 && !test_failed(); seed++) {
		keep = seed % 4 >= 2;
		start(seed % 2 != 0, seed * 1000);
		TEST_WAIT_UNTIL(all_ended());
		crowd_end();
		test_usage_check(&before);
	}
}

TEST(callers_are_stopped_and_interrupted)
{
	struct test_usage before;
	unsigned interrupted = 0;

	test_usage_get(&before);
	for (uint32_t seed = 0; seed < 8 && !test_failed(); seed++) {
		keep = seed % 4 >= 2;
		start(seed % 2 != 0, seed * 1000 + 77);
		while (!all_ended() && !test_failed()) {
			crowd_disturb(threads[SERVERS + test_random(CLIENTS)]);
		}
		for (unsigned i = 0; i < CLIENTS; i++) {
			interrupted += client[i].interrupted;
		}
		crowd_end();
		test_usage_check(&before);
	}
	CHECK(interrupted > 0);
}

TEST(tasks_end_in_a_call)
{
	struct test_usage before;

	test_usage_get(&before);
	for (uint32_t seed = 0; seed < 20 && !test_failed(); seed++) {
		keep = seed % 4 >= 2;
		start(seed % 2 != 0, seed);
		test_sleep(test_random(20));
		crowd_end();
		test_usage_check(&before);
	}
}

/* Who waits for a request ends on the spot, or while it gets one. */
TEST(servers_end_one_by_one)
{
	struct test_usage before;

	test_usage_get(&before);
	for (uint32_t seed = 0; seed < 30 && !test_failed(); seed++) {
		keep = seed % 4 >= 2;
		start(seed % 2 != 0, seed);
		for (unsigned i = 0; i < SERVERS; i++) {
			test_sleep(test_random(4));
			CHECK_OK(thread_terminate(threads[i]));
			CHECK_EQ(thread_terminate(threads[i]), KERN_FAILURE);
		}
		/* Nobody takes what is sent now. */
		test_sleep(2);
		crowd_end();
		test_usage_check(&before);
	}
}

/* Without a name for the reply the request is lost, and nothing else happens. */
TEST(server_may_have_no_more_rights)
{
	struct test_usage before;

	test_usage_get(&before);
	keep = false;
	full = true;
	start(false, 5);
	full = false;
	TEST_WAIT_UNTIL(all_ended());
	for (unsigned i = 0; i < CLIENTS; i++) {
		CHECK_EQ(client[i].answered, 0);
		CHECK_EQ(client[i].refused, CALLS);
	}
	crowd_end();
	test_usage_check(&before);
}

/* Threads that wait, or never ran, have no stack; those of the reserve do. */
TEST(who_waits_has_no_stack)
{
	unsigned stacks;

	/* By itself, or as one of a task whose memory is all wired. */
	for (unsigned i = 0; i < 3; i++) {
		keep = i == 1;
		start(false, 1);
		server->map->wire_future = i == 2;
		TEST_WAIT_UNTIL(all_ended());
		test_sleep(10);
		stacks = 0;
		for (unsigned k = 0; k < SERVERS; k++) {
			CHECK_EQ(threads[k]->sched.state, THREAD_BLOCKED);
			stacks += threads[k]->stack != 0;
		}
		CHECK_EQ(stacks, i != 0 ? SERVERS : 0);
		crowd_end();
	}
}
