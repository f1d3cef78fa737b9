/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A message on the short cut: mach_msg_fast.c, mach_msg_quick_call.c.
 */

#ifndef IPC_MACH_MSG_QUICK_I_H
#define IPC_MACH_MSG_QUICK_I_H

#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_types.h>
#include <ipc/mach_msg_i.h>
#include <ipc/mach_msg_trap.h>
#include <mach/machine/vm_types.h>
#include <mach/message.h>
#include <mach/port.h>

/* The kinds of rights in the header that this file deals with. */
#define FAST_BITS_REQUEST						\
	MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define FAST_BITS_ANSWER MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)
#define FAST_BITS_WORD MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0)
#define FAST_BITS_OWN MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0)

/* A send right that the receiver gets of a port that stays alive meanwhile. */
struct mach_msg_quick_right {
	struct ipc_port *port;
	struct ipc_entry *entry;	/* where he has such a right already;
					 * NULL: PORT is locked, to make one */
	mach_port_name_t name;
};

/* The rights in the body of an exception. */
struct mach_msg_quick_raise {
	struct mach_msg_quick_right thread;
	struct mach_msg_quick_right task;
};

struct mach_msg_quick {
	const struct mach_msg_args *args; /* but of an exception */
	struct mach_msg_quick_raise *raise; /* of an exception */
	struct ipc_kmsg **fetchedp;	/* KMSG for the complete path */
	mach_msg_header_t *header;	/* of what is sent */
	struct ipc_kmsg *kmsg;		/* that, if it is long or has rights */
	mach_msg_bits_t complex;	/* MACH_MSGH_BITS_COMPLEX or 0 */
	mach_msg_bits_t kind;		/* FAST_BITS_* */
	struct ipc_space *space;	/* the sender's; NULL: not locked */
	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_port *reply;		/* NULL without one */
	struct ipc_entry *reply_entry;	/* with one */
	struct ipc_pset *pset;		/* DEST's, locked with it */
	struct ipc_waiters *waiters;	/* the list where this is found: */
	struct ipc_waiter *waiter;	/* who gets the message */
	ipc_direct_t direct_fn;		/* what he does with it */
	vm_offset_t spare;		/* a stack for a sender that keeps one */
	struct mach_msg_direct direct;	/* what is sent, if it is short */
};

/*
 * Call the kernel's routine for the message, which needs an answer, and give that
 * to the user if he is the one to receive it next.
 *
 * Locks:   the space and DEST, both active; both are unlocked.
 * Returns: as mach_msg_fast().
 */
enum mach_msg_fast mach_msg_quick_call_unlock(
    struct mach_msg_quick *q, mach_msg_return_t *mrp);

#endif /* IPC_MACH_MSG_QUICK_I_H */
