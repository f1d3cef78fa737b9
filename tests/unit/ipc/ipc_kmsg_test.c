/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages that the kernel sends of itself: calls to a user task by generated
 * stubs, answered well, badly, late or not at all.
 */

#include <tests/lib/test.h>
#include <tests/unit/ipc/ipc_msg.h>

#include <exc_user.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <machine/copyio.h>
#include <string.h>

#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_map.h>

TEST_MACHINE(.cpus = 2, .memory_mib = 32);

enum answer {
	ANSWER_WELL,
	ANSWER_WITH_ERROR,
	ANSWER_TOO_LONG,
	ANSWER_OTHER_ID,
	ANSWER_BY_DESTROYING,
	ANSWER_BY_DYING,
	ANSWER_COUNT
};

static const kern_return_t wanted[ANSWER_COUNT] = {
	[ANSWER_WELL] = KERN_SUCCESS,
	[ANSWER_WITH_ERROR] = KERN_PROTECTION_FAILURE,
	[ANSWER_TOO_LONG] = MACH_RCV_TOO_LARGE,
	[ANSWER_OTHER_ID] = MIG_REPLY_MISMATCH,
	[ANSWER_BY_DESTROYING] = MIG_SERVER_DIED,
	[ANSWER_BY_DYING] = MIG_SERVER_DIED,
};

/* exc.defs: a request as the server sees it. */
struct request {
	mach_msg_header_t head;
	mach_msg_type_t thread_type;
	mach_port_name_t thread;
	mach_msg_type_t task_type;
	mach_port_name_t task;
	mach_msg_type_t exception_type;
	int exception;
	mach_msg_type_t code_type;
	int code;
	mach_msg_type_t subcode_type;
	int subcode;
};

struct reply {
	mach_msg_header_t head;
	mach_msg_type_t type;
	kern_return_t code;
	char more[64];
};

static mach_port_name_t exception_port; /* in the server */
static struct task *server_task;
static struct ipc_port *to_server;	/* a send right */
static unsigned served;

static void
server_answer(
    user_addr_t buffer, const struct request *request, enum answer answer)
{
	struct reply reply = { 0 };
	mach_msg_size_t size = 32;

	reply.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	reply.head.msgh_remote_port = request->head.msgh_remote_port;
	reply.head.msgh_id = request->head.msgh_id + 100;
	reply.type.msgt_name = MACH_MSG_TYPE_INTEGER_32;
	reply.type.msgt_size = 32;
	reply.type.msgt_number = 1;
	reply.type.msgt_inline = 1;
	if (answer == ANSWER_WITH_ERROR) {
		reply.code = KERN_PROTECTION_FAILURE;
	} else if (answer == ANSWER_TOO_LONG) {
		size = sizeof(reply);
	} else if (answer == ANSWER_OTHER_ID) {
		reply.head.msgh_id++;
	}
	TEST_TRAP(copyout(&reply, buffer, sizeof(reply)));
	TEST_TRAP(world_msg(buffer, MACH_SEND_MSG, size, 0, 0, 0, 0));
}

static void
server_main(void *arg)
{
	struct request request;
	vm_offset_t buffer = 0;
	mach_msg_return_t mr;

	TEST_TRAP(vm_map_allocate(current_map(), &buffer, 4096, true));
	for (;;) {
		mr = TEST_TRAP(world_msg(
		    buffer, MACH_RCV_MSG, 0, 4096, exception_port, 0, 0));
		if (mr != MACH_MSG_SUCCESS) {
			break;
		}
		TEST_TRAP(copyin(buffer, &request, sizeof(request)));
		served++;
		CHECK_EQ(request.head.msgh_size, sizeof(request));
		CHECK_EQ(request.exception, 3);
		CHECK_EQ(request.code, 7);
		if (request.subcode == ANSWER_BY_DESTROYING) {
			TEST_TRAP(ipc_right_destroy(
			    current_space(), request.head.msgh_remote_port));
		} else if (request.subcode == ANSWER_BY_DYING) {
			TEST_TRAP(task_terminate(current_task()));
		} else {
			server_answer(
			    buffer, &request, (enum answer)request.subcode);
		}
	}
	for (;;) {
		TEST_TRAP(thread_terminate(current_thread()));
	}
}

static void
server_start(void)
{
	struct thread *thread;

	server_task = test_task_create(server_main, NULL, &thread);
	exception_port = MACH_PORT_NULL;
	CHECK_OK(ipc_right_allocate(
	    server_task->space, MACH_PORT_RIGHT_RECEIVE, &exception_port));
	CHECK_OK(ipc_right_copyin(server_task->space, exception_port,
	    MACH_MSG_TYPE_MAKE_SEND, &to_server));
	CHECK_OK(thread_resume(thread));
	thread_unref(thread);
}

static void
server_stop(void)
{
	task_terminate(server_task);
	task_unref(server_task);
	ipc_port_release_send(to_server);
}

static void
call(void *arg)
{
	kern_return_t kr;

	kr = r_exception_raise(
	    ipc_port_copy_send(to_server), IP_NULL, IP_NULL, 3, 7, *(int *)arg);
	CHECK_EQ(kr, wanted[*(int *)arg]);
}

static void
call_in_vain(void *arg)
{
	CHECK_EQ(r_exception_raise(
		     ipc_port_copy_send(to_server), IP_NULL, IP_NULL, 3, 7, 0),
	    MACH_SEND_INVALID_DEST);
}

TEST(calls_to_a_task)
{
	unsigned ports = ipc_port_count();

	server_start();
	for (int i = 0; i < ANSWER_COUNT; i++) {
		for (int k = 0; k < 3 && i != ANSWER_BY_DYING; k++) {
			test_spawn(call, &i);
			test_join();
		}
	}
	server_stop();
	TEST_WAIT_UNTIL(ipc_port_count() == ports);
}

TEST(the_task_dies)
{
	unsigned ports = ipc_port_count();
	int how = ANSWER_BY_DYING;

	server_start();
	test_spawn(call, &how);
	test_join();
	/* And is not there any more. */
	test_spawn(call_in_vain, NULL);
	test_join();
	server_stop();
	TEST_WAIT_UNTIL(ipc_port_count() == ports);
}

TEST(many_calls_at_once)
{
	static int well = ANSWER_WELL;
	unsigned ports = ipc_port_count();

	server_start();
	served = 0;
	for (unsigned i = 0; i < 20; i++) {
		test_spawn(call, &well);
	}
	test_join();
	CHECK_EQ(served, 20);
	server_stop();
	TEST_WAIT_UNTIL(ipc_port_count() == ports);
}

/* Rights in a message that the kernel does not get rid of are gone. */
TEST(no_destination)
{
	struct ipc_port *port = ipc_port_create_special(ipc_space_kernel);
	struct ipc_port *send = ipc_port_make_send(port);
	unsigned ports = ipc_port_count();

	CHECK_EQ(r_exception_raise(IP_NULL, ipc_port_copy_send(send),
		     ipc_port_copy_send(send), 3, 7, 0),
	    MACH_SEND_INVALID_DEST);
	CHECK_EQ(port->srights, 1);
	CHECK_EQ(r_exception_raise(IP_DEAD, ipc_port_copy_send(send),
		     ipc_port_copy_send(send), 3, 7, 0),
	    MACH_SEND_INVALID_DEST);
	CHECK_EQ(port->srights, 1);
	CHECK_EQ(ipc_port_count(), ports);
	ipc_port_release_send(send);
	ipc_kobject_destroy(port);
}
