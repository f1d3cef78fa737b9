/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Exceptions of several threads, handled by threads of another task, on several
 * processors: answered well, badly, late or not at all; while those who wait are
 * stopped, aborted and terminated.
 */

#include <tests/lib/test.h>
#include <tests/unit/ipc/ipc_crowd.h>
#include <tests/unit/ipc/ipc_msg.h>

#include <mach/message.h>
#include <machine/copyio.h>
#include <string.h>

#include <kernel/exception.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <mach_port_server.h>

#include <ipc/ipc_exception.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_map.h>

TEST_MACHINE(.cpus = 3, .memory_mib = 64);

#define SERVERS	2
#define CLIENTS	4
#define CALLS	60
#define EXCEPTION 3

/* How the thread's port answers, as the exception's subcode says. */
enum answer {
	ANSWER_WELL,
	ANSWER_WITH_ERROR,
	ANSWER_TOO_LONG,
	ANSWER_OTHER_ID,
	ANSWER_OTHER_TYPE,
	ANSWER_WITH_RIGHTS,
	ANSWER_BY_DESTROYING,
	ANSWER_COUNT
};

struct answer_message {
	struct ipc_exception_reply reply;
	mach_msg_type_t more_type;
	mach_port_name_t more;
};

struct client {
	unsigned number;
	uint32_t seed;
	unsigned asked[2];	/* by the thread's port, the task's */
	unsigned again;		/* waits that were broken off */
	bool ended;
};

static struct client client[CLIENTS];
static mach_port_name_t ports[2];	/* in the server: threads', task's */
static mach_port_name_t requests;	/* the set of both */
static bool disturbed;			/* clients may stop waiting, and end */

static unsigned
client_random(struct client *self, unsigned n)
{
	self->seed = self->seed * 1664525u + 1013904223u;
	return (self->seed >> 16) % n;
}

/* Is NAME a send right for PORT here, or was it one? */
static bool
is_send_right(mach_port_name_t name, struct ipc_port *port)
{
	struct ipc_space *space = current_space();
	struct ipc_entry *entry;
	bool is;

	if (name == MACH_PORT_DEAD) {
		return disturbed;
	}
	ipc_space_lock(space);
	entry = ipc_space_lookup(space, name);
	is = entry != NULL &&
	     (disturbed || (entry->port == port &&
		 ipc_entry_type(entry) == MACH_PORT_TYPE_SEND));
	ipc_space_check(space);
	ipc_space_unlock(space);
	return is;
}

static void
check_request(const struct ipc_exception_message *m)
{
	CHECK_EQ(m->header.msgh_id, IPC_EXCEPTION_RAISE);
	CHECK_EQ(m->header.msgh_size, sizeof(*m));
	CHECK_EQ(m->header.msgh_bits, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE,
		MACH_MSG_TYPE_PORT_SEND));
	CHECK_EQ(m->exception, EXCEPTION);
	CHECK(m->code < CLIENTS);
	CHECK(TEST_TRAP(is_send_right(
	    m->thread, threads[SERVERS + m->code]->ipc.self)));
	CHECK(TEST_TRAP(is_send_right(m->task, clients->ipc.self)));
}

static mach_msg_type_t
type_of(mach_msg_type_name_t name)
{
	return (mach_msg_type_t){
		.msgt_name = name,
		.msgt_size = 32,
		.msgt_number = 1,
		.msgt_inline = 1,
	};
}

/* Write the ANSWER to M into BUFFER; its size, or 0 if there is none. */
static mach_msg_size_t
server_answer(user_addr_t buffer, const struct ipc_exception_message *m,
    enum answer answer)
{
	struct answer_message out = { 0 };
	mach_msg_size_t size = sizeof(out.reply);

	if (answer == ANSWER_BY_DESTROYING) {
		TEST_TRAP(ipc_right_destroy(
		    current_space(), m->header.msgh_remote_port));
		return 0;
	}
	out.reply.header.msgh_bits =
	    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	out.reply.header.msgh_remote_port = m->header.msgh_remote_port;
	out.reply.header.msgh_id = IPC_EXCEPTION_RAISED;
	out.reply.result_type = type_of(MACH_MSG_TYPE_INTEGER_32);
	out.more_type = type_of(MACH_MSG_TYPE_COPY_SEND);
	out.more = m->task;
	switch (answer) {
	case ANSWER_WITH_ERROR:
		out.reply.result = KERN_PROTECTION_FAILURE;
		break;
	case ANSWER_TOO_LONG:
		out.more_type.msgt_name = MACH_MSG_TYPE_INTEGER_32;
		size = sizeof(out);
		break;
	case ANSWER_WITH_RIGHTS:
		out.reply.header.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		size = sizeof(out);
		break;
	case ANSWER_OTHER_ID:
		out.reply.header.msgh_id++;
		break;
	case ANSWER_OTHER_TYPE:
		out.reply.result_type.msgt_name = MACH_MSG_TYPE_CHAR;
		break;
	default:
		break;
	}
	TEST_TRAP(copyout(&out, buffer, sizeof(out)));
	return size;
}

/* The message in BUFFER came without all of its rights. */
static void
refuse(user_addr_t buffer)
{
	mach_msg_header_t header;

	TEST_TRAP(copyin(buffer, &header, sizeof(header)));
	CHECK_OK(TEST_TRAP(ipc_right_destroy(
	    current_space(), header.msgh_remote_port)));
}

/* Handle the exception in BUFFER; the size of the answer. */
static mach_msg_size_t
serve(user_addr_t buffer)
{
	struct ipc_exception_message m;
	struct client *from;
	mach_msg_size_t size;
	bool second;

	TEST_TRAP(copyin(buffer, &m, sizeof(m)));
	check_request(&m);
	second = m.header.msgh_local_port == ports[1];
	from = &client[m.code % CLIENTS];
	from->asked[second]++;
	size = server_answer(
	    buffer, &m, second ? ANSWER_WELL : (enum answer)m.subcode);
	if (size == sizeof(struct ipc_exception_reply) &&
	    from->asked[0] % 3 != 0) {
		/* The next ones have to come with new names. */
		TEST_TRAP(S_mach_port_deallocate(current_space(), m.thread));
		TEST_TRAP(S_mach_port_deallocate(current_space(), m.task));
	}
	return size;
}

static void
server_main(void *arg)
{
	bool both = arg != NULL;	/* send and receive in one call */
	mach_msg_option_t option = MACH_RCV_MSG;
	mach_msg_size_t size = 0;
	vm_offset_t buffer = 0;
	mach_msg_return_t mr;

	TEST_TRAP(vm_map_allocate(current_map(), &buffer, 4096, true));
	for (;;) {
		mr = TEST_TRAP(world_msg(
		    buffer, option, size, 4096, requests, 0, 0));
		size = mr == MACH_MSG_SUCCESS ? serve(buffer) : 0;
		if ((mr & ~MACH_MSG_MASK) == MACH_RCV_BODY_ERROR) {
			refuse(buffer);
		}
		option = MACH_RCV_MSG;
		if (size != 0 && both) {
			option |= MACH_SEND_MSG;
		} else if (size != 0) {
			TEST_TRAP(world_msg(
			    buffer, MACH_SEND_MSG, size, 0, 0, 0, 0));
			size = 0;
		}
	}
}

static void
client_main(void *arg)
{
	struct client *self = arg;

	for (unsigned n = 0; n < CALLS && !test_failed(); n++) {
		enum answer answer = (enum answer)client_random(
		    self, ANSWER_COUNT);
		unsigned first = self->asked[0];
		unsigned second = self->asked[1];

		if (client_random(self, 2) == 0) {
			answer = ANSWER_WELL;
		}
		TEST_TRAP((exception_raise(
		    EXCEPTION, (int)self->number, (int)answer), 0));
		if (!disturbed) {
			CHECK_EQ(self->asked[0], first + 1);
			CHECK_EQ(self->asked[1],
			    second + (answer != ANSWER_WELL));
		} else if (self->asked[1] == second && answer != ANSWER_WELL) {
			self->again++;
		}
	}
	self->ended = true;
	for (;;) {
		TEST_TRAP(thread_terminate(current_thread()));
	}
}

static struct ipc_port *
make_send(unsigned i)
{
	struct ipc_port *port;

	CHECK_OK(ipc_right_copyin(
	    server->space, ports[i], MACH_MSG_TYPE_MAKE_SEND, &port));
	return port;
}

static void
prepare(uint32_t seed)
{
	crowd_begin();
	requests = MACH_PORT_NULL;
	CHECK_OK(ipc_right_allocate(
	    server->space, MACH_PORT_RIGHT_PORT_SET, &requests));
	for (unsigned i = 0; i < 2; i++) {
		ports[i] = MACH_PORT_NULL;
		CHECK_OK(ipc_right_allocate(
		    server->space, MACH_PORT_RIGHT_RECEIVE, &ports[i]));
		CHECK_OK(S_mach_port_move_member(
		    server->space, ports[i], requests));
	}
	CHECK_OK(ipc_task_set_special_port(
	    clients, IPC_SPECIAL_EXCEPTION, make_send(1)));
	for (unsigned i = 0; i < SERVERS; i++) {
		crowd_add(server, server_main,
		    (seed + i) % 2 == 0 ? server : NULL);
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		client[i] = (struct client){ .seed = seed + i, .number = i };
		crowd_add(clients, client_main, &client[i]);
		CHECK_OK(ipc_thread_set_special_port(threads[SERVERS + i],
		    IPC_SPECIAL_EXCEPTION, make_send(0)));
	}
}

static void
start(uint32_t seed)
{
	prepare(seed);
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

TEST(every_answer)
{
	struct test_usage before;

	test_usage_get(&before);
	for (uint32_t seed = 0; seed < 8 && !test_failed(); seed++) {
		start(seed);
		TEST_WAIT_UNTIL(all_ended());
		crowd_end();
		test_usage_check(&before);
	}
}

TEST(who_waits_is_stopped_and_interrupted)
{
	struct test_usage before;
	unsigned again = 0;

	test_usage_get(&before);
	disturbed = true;
	for (uint32_t seed = 0; seed < 8 && !test_failed(); seed++) {
		start(seed + 50);
		while (!all_ended() && !test_failed()) {
			crowd_disturb(threads[SERVERS + test_random(CLIENTS)]);
		}
		for (unsigned i = 0; i < CLIENTS; i++) {
			again += client[i].again;
		}
		crowd_end();
		test_usage_check(&before);
	}
	disturbed = false;
	CHECK(again > 0);
}

TEST(clients_end)
{
	struct test_usage before;

	test_usage_get(&before);
	disturbed = true;
	for (uint32_t seed = 0; seed < 20 && !test_failed(); seed++) {
		start(seed);
		test_sleep(test_random(20));
		crowd_end();
		test_usage_check(&before);
	}
	disturbed = false;
}

/* Nobody is left to be asked. */
TEST(the_server_ends)
{
	struct test_usage before;

	test_usage_get(&before);
	for (uint32_t seed = 0; seed < 10 && !test_failed(); seed++) {
		disturbed = true;
		start(seed);
		test_sleep(test_random(5));
		CHECK_OK(task_terminate(server));
		TEST_WAIT_UNTIL(!clients->active || all_ended());
		crowd_end();
		test_usage_check(&before);
		disturbed = false;
	}
}

/* Names for some, but not for all of what a message brings. */
TEST(server_may_have_no_more_rights)
{
	struct test_usage before;

	test_usage_get(&before);
	for (unsigned more = 0; more < 4 && !test_failed(); more++) {
		prepare(more);
		server->space->limit = server->space->used + more;
		/* One at a time. */
		CHECK_OK(thread_resume(threads[0]));
		test_sleep(2);
		CHECK_OK(thread_resume(threads[SERVERS]));
		if (more == 3) {
			TEST_WAIT_UNTIL(client[0].ended);
			CHECK(client[0].asked[0] == CALLS);
		} else {
			TEST_WAIT_UNTIL(!clients->active);
			CHECK_EQ(client[0].asked[0] + client[0].asked[1], 0);
		}
		crowd_end();
		test_usage_check(&before);
	}
}

/* There is no port at all, or only the task's. */
TEST(ports_that_are_not_there)
{
	struct test_usage before;

	test_usage_get(&before);
	for (unsigned i = 0; i < 2; i++) {
		prepare(i);
		disturbed = true;
		CHECK_OK(ipc_thread_set_special_port(threads[SERVERS],
		    IPC_SPECIAL_EXCEPTION, i == 0 ? IP_NULL : IP_DEAD));
		if (i == 0) {
			CHECK_OK(ipc_task_set_special_port(
			    clients, IPC_SPECIAL_EXCEPTION, IP_NULL));
		}
		CHECK_OK(thread_resume(threads[0]));
		CHECK_OK(thread_resume(threads[SERVERS]));
		TEST_WAIT_UNTIL(i == 0 ? !clients->active : client[0].ended);
		CHECK_EQ(client[0].asked[0], 0);
		CHECK_EQ(client[0].asked[1], i == 0 ? 0 : CALLS);
		disturbed = false;
		crowd_end();
		test_usage_check(&before);
	}
}
