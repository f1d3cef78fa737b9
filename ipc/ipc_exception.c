/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Exceptions as messages.
 */

#include <ipc/ipc_exception.h>

#include <machine/pcb.h>

#include <kernel/exception.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <ipc/ipc_special.h>
#include <ipc/mach_msg_i.h>

#define IPC_EXCEPTION_TYPE(type)					\
	{								\
		.msgt_name = (type),					\
		.msgt_size = 32,					\
		.msgt_number = 1,					\
		.msgt_inline = 1,					\
	}
#define IPC_EXCEPTION_RIGHT IPC_EXCEPTION_TYPE(MACH_MSG_TYPE_PORT_SEND)
#define IPC_EXCEPTION_INTEGER IPC_EXCEPTION_TYPE(MACH_MSG_TYPE_INTEGER_32)

static bool
ipc_exception_is_integer(mach_msg_type_t type)
{
	union {
		mach_msg_type_t type;
		uint32_t word;
	} given = { .type = type }, wanted = { .type = IPC_EXCEPTION_INTEGER };

	return given.word == wanted.word;
}

void
ipc_exception_compose(struct ipc_exception_message *message,
    const struct ipc_exception *exception)
{
	*message = (struct ipc_exception_message) {
		.header = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0),
			.msgh_size = sizeof(*message),
			.msgh_id = IPC_EXCEPTION_RAISE,
		},
		.thread_type = IPC_EXCEPTION_RIGHT,
		.task_type = IPC_EXCEPTION_RIGHT,
		.exception_type = IPC_EXCEPTION_INTEGER,
		.exception = exception->exception,
		.code_type = IPC_EXCEPTION_INTEGER,
		.code = exception->code,
		.subcode_type = IPC_EXCEPTION_INTEGER,
		.subcode = exception->subcode,
	};
}

/*
 * Whether an answer of SIZE bytes says that the exception was handled.
 * KERN_FAILURE if not, whatever it says instead, and if it is no answer: that
 * the right for it was lost, for one.
 */
static kern_return_t
ipc_exception_result(
    const mach_msg_header_t *header, mach_msg_bits_t bits, mach_msg_size_t size)
{
	const struct ipc_exception_reply *reply =
	    (const struct ipc_exception_reply *)header;

	if (header->msgh_id != IPC_EXCEPTION_RAISED ||
	    size != sizeof(*reply) || (bits & MACH_MSGH_BITS_COMPLEX) != 0 ||
	    !ipc_exception_is_integer(reply->result_type) ||
	    reply->result != KERN_SUCCESS) {
		return KERN_FAILURE;
	}
	return KERN_SUCCESS;
}

/* The same in a buffer, which is consumed. */
static kern_return_t
ipc_exception_take(struct ipc_kmsg *kmsg)
{
	kern_return_t kr = ipc_exception_result(
	    &kmsg->user, kmsg->header.bits, kmsg->header.size);

	/* Nobody answers an answer. */
	if (MACH_MSGH_BITS_LOCAL(kmsg->header.bits) != 0) {
		kr = KERN_FAILURE;
	}
	/* As for any receiver: the right that it came to is used up. */
	ipc_port_drop(kmsg->header.remote,
	    MACH_MSGH_BITS_REMOTE(kmsg->header.bits));
	kmsg->header.remote = IP_NULL;
	ipc_kmsg_destroy(kmsg);
	return kr;
}

/* The reply port is no good any more: an answer may still come to it. */
static void
ipc_exception_drop_reply_port(struct thread_ipc *self)
{
	struct ipc_port *port = self->rpc_reply;

	self->rpc_reply = NULL;
	ipc_port_lock(port);
	ipc_port_detach(port);
	ipc_port_destroy_unlock(port);
}

/* There is a reply port, or no memory for one. */
static bool
ipc_exception_need_reply_port(struct thread_ipc *self)
{
	if (self->rpc_reply == NULL) {
		self->rpc_reply = ipc_port_create_special(ipc_space_reply);
	}
	return self->rpc_reply != NULL;
}

/* Send a message about EXCEPTION with PORT, a send right, which is consumed. */
static mach_msg_return_t
ipc_exception_send(
    struct ipc_port *port, const struct ipc_exception *exception)
{
	struct ipc_exception_message message;
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;

	ipc_exception_compose(&message, exception);
	message.header.msgh_remote_port = (mach_port_t)port;
	message.thread = (mach_port_t)ipc_thread_make_send(current_thread());
	message.task = (mach_port_t)ipc_task_make_send(current_task());
	mr = ipc_kmsg_from_kernel(&message.header, sizeof(message), &kmsg);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	kmsg->header.local = ipc_port_make_sonce(
	    current_thread()->ipc.rpc_reply);
	kmsg->header.bits |= MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE);
	mr = ipc_mqueue_send(kmsg, MACH_SEND_ALWAYS | IPC_SEND_WAITS, 0);
	assert(mr == MACH_MSG_SUCCESS);
	return mr;
}

/* The wait ended with WAIT: the answer, or why there is none. */
static kern_return_t
ipc_exception_waited(struct thread *self, enum wait_result wait)
{
	struct mach_msg_wait *w = &self->waiting.msg;
	mach_msg_return_t mr = ipc_mqueue_waited(
	    w->waiters, &w->waiter, &w->source->lock, wait);

	if (mr == MACH_MSG_SUCCESS) {
		return ipc_exception_take(w->waiter.kmsg);
	}
	ipc_exception_drop_reply_port(&self->ipc);
	return mr;
}

/* Wait for the answer, if it is not there yet. */
static kern_return_t
ipc_exception_receive(struct thread *self)
{
	struct mach_msg_wait *w = &self->waiting.msg;
	struct ipc_port *port = self->ipc.rpc_reply;
	struct ipc_receive received;

	ipc_port_lock(port);
	if (ipc_mqueue_poll_unlock(port, 0, 0, &received) == MACH_MSG_SUCCESS) {
		return ipc_exception_take(received.kmsg);
	}
	w->source = &port->object;
	w->waiters = &port->mqueue.waiters;
	mach_msg_wait_begin(w, self, 0,
	    IPC_EXCEPTION_REPLY_SIZE, ipc_exception_direct);
	return ipc_exception_waited(
	    self, sleepq_sleep_alone_continue_unlock(&w->waiter,
		      &w->source->lock, 0, ipc_exception_continue));
}

kern_return_t
ipc_exception_ask(
    struct ipc_port *port, const struct ipc_exception *exception)
{
	struct thread *self = current_thread();
	kern_return_t kr;

	if (!ip_valid(port)) {
		return KERN_FAILURE;
	}
	if (!ipc_exception_need_reply_port(&self->ipc)) {
		ipc_port_release_send(port);
		return KERN_RESOURCE_SHORTAGE;
	}
	if (FASTPATH) {
		mach_msg_fast_exception(port, exception);
	}
	kr = ipc_exception_send(port, exception);
	if (kr == MACH_MSG_SUCCESS) {
		kr = ipc_exception_receive(self);
	}
	sched_run_next();
	return kr;
}

/* Go on with what the answer says. */
static _Noreturn void
ipc_exception_answered(kern_return_t kr)
{
	exception_answered(kr);
	pcb_return_to_user();
}

void
ipc_exception_continue(void)
{
	struct thread *self = current_thread();

	ipc_exception_answered(
	    ipc_exception_waited(self, self->wait.result));
}

uint32_t
ipc_exception_direct(void *arg)
{
	const struct mach_msg_direct *direct = arg;
	const mach_msg_header_t *header = &direct->message.header;

	assert_debug(direct->kmsg == NULL);
	ipc_exception_answered(ipc_exception_result(
	    header, header->msgh_bits, header->msgh_size));
}
