/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The messages of exc.defs.  The kernel writes and reads them itself: who waits
 * for the answer of a handler has no stack on which a stub could.
 */

#ifndef IPC_IPC_EXCEPTION_H
#define IPC_IPC_EXCEPTION_H

#include <ipc/ipc_types.h>
#include <mach/kern_return.h>
#include <mach/message.h>

struct ipc_exception;

#define IPC_EXCEPTION_RAISE 2400	/* exception_raise of exc.defs */
#define IPC_EXCEPTION_RAISED (IPC_EXCEPTION_RAISE + 100)

/* A request, as it is sent and received. */
struct ipc_exception_message {
	mach_msg_header_t header;
	mach_msg_type_t thread_type;
	mach_port_t thread;
	mach_msg_type_t task_type;
	mach_port_t task;
	mach_msg_type_t exception_type;
	integer_t exception;
	mach_msg_type_t code_type;
	integer_t code;
	mach_msg_type_t subcode_type;
	integer_t subcode;
};

/* The answer of a handler. */
struct ipc_exception_reply {
	mach_msg_header_t header;
	mach_msg_type_t result_type;
	kern_return_t result;
};

#define IPC_EXCEPTION_REPLY_SIZE sizeof(struct ipc_exception_reply)

/*
 * Tell who receives from PORT of the current thread's EXCEPTION, which is its
 * waiting.msg.exception, and wait for his answer: what that says, or why there is
 * none, is given to exception_answered(), and then the thread returns to user
 * mode.
 *
 * Locks:   none held.
 * Refs:    PORT, a send right, null or dead, is consumed.
 * Returns: only if there was nothing to wait for: as exception_answered() gets it.
 */
kern_return_t ipc_exception_ask(
    struct ipc_port *port, const struct ipc_exception *exception);

/* Fill in all of MESSAGE but who it is for, and the two rights in it. */
void ipc_exception_compose(struct ipc_exception_message *message,
    const struct ipc_exception *exception);

/* What a thread that waited without a stack does first. */
void ipc_exception_continue(void);

/* The same if it got another's stack and the answer there: an ipc_direct_t. */
uint32_t ipc_exception_direct(void *arg);

#endif /* IPC_IPC_EXCEPTION_H */
