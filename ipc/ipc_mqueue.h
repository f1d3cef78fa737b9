/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages of a port, and the threads that wait for them or with them.
 *
 * A queue belongs to one port and is guarded by that port's lock; the list of
 * threads that wait on a port set is guarded by the set's lock.  Messages stay
 * in their port's queue when the port is a member of a set: the set keeps a
 * list of its members that have any, and takes from them in turn, so none
 * starves.
 *
 * A waiting thread is described by a record on its own kernel stack.  Whoever
 * completes the wait removes the record from its list, fills in the result
 * and wakes the thread:
 *
 *   receiver  gets a message handed over without queueing
 *   sender    has its message moved into the queue when a slot becomes free,
 *             so a blocked sender is never overtaken
 *
 * Both are on one list, receivers first.  Receivers wait when there is no
 * message, senders when there are too many: only at a port whose limit is 0
 * can there be both.
 */

#ifndef IPC_IPC_MQUEUE_H
#define IPC_IPC_MQUEUE_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_types.h>
#include <mach/message.h>

struct ipc_waiter;

/* Threads that wait, those who came first in front. */
struct ipc_waiters {
	struct ipc_waiter *first; /* NULL: there is none */
};

/* [p] lock of the port */
struct ipc_mqueue {
	struct ipc_kmsg_queue messages; /* [p] */
	struct ipc_waiters waiters;	/* [p] */
	mach_port_seqno_t seqno;	/* [p] next to be stamped */
};

/* A message that went from sender to receiver without a buffer between. */
#define IPC_SHORT_MAX 256u

struct ipc_short {
	mach_msg_header_t header;
	char body[IPC_SHORT_MAX - sizeof(mach_msg_header_t)];
};

/*
 * Option of senders that are about to wait: a receiver may get their processor
 * then.  They call sched_run_next() when they have waited or will not.
 */
#define IPC_SEND_WAITS 0x20000000

struct ipc_receive {
	struct ipc_kmsg *kmsg; /* the message, the caller's, stamped */
	mach_msg_size_t size;  /* MACH_RCV_TOO_LARGE: of the one that stays */
};

/*
 * Queue KMSG at the port in its header, or hand it to a receiver.  A message
 * for a kernel port is served here instead, and its reply sent.
 *
 * Options: MACH_SEND_TIMEOUT (then TIMEOUT is in milliseconds),
 *          MACH_SEND_ALWAYS (ignore the queue limit), IPC_SEND_WAITS.
 * Locks:   none held.
 * Blocks:  while the queue is full, interruptibly; serving a kernel port may
 *          block as its routines do.  Never with MACH_SEND_ALWAYS to a port
 *          that is not the kernel's.
 * Refs:    KMSG is consumed on MACH_MSG_SUCCESS.
 * Returns: MACH_MSG_SUCCESS (also when the port was dead, the message is then
 *          destroyed), MACH_SEND_TIMED_OUT, MACH_SEND_INTERRUPTED.
 */
mach_msg_return_t ipc_mqueue_send(struct ipc_kmsg *kmsg,
    mach_msg_option_t option, mach_msg_timeout_t timeout);

/*
 * Queue KMSG in any case.  A kernel port is not served, but its kind's notify
 * function is called for notifications; other messages to one are destroyed.
 *
 * Locks:  none held.
 * Blocks: as the notify function does.
 */
void ipc_mqueue_send_always(struct ipc_kmsg *kmsg);

/*
 * Take the next message of PORT, or of any member of PSET, if there is one.
 *
 * Options: MACH_RCV_LARGE (a message of more than MAX_SIZE bytes stays queued).
 * Locks:   the object held and active; returns with nothing held, unless there
 *          is none.  The caller has a reference on it.
 * Returns: MACH_MSG_SUCCESS and *RESULT; MACH_RCV_TOO_LARGE and RESULT->size;
 *          MACH_RCV_PORT_DIED; MACH_RCV_IN_PROGRESS, with the object still
 *          locked and active: the caller is to wait.
 */
mach_msg_return_t ipc_mqueue_poll_unlock(struct ipc_port *port,
    mach_msg_option_t option, mach_msg_size_t max_size,
    struct ipc_receive *result);
mach_msg_return_t ipc_mqueue_poll_set_unlock(struct ipc_pset *pset,
    mach_msg_option_t option, mach_msg_size_t max_size,
    struct ipc_receive *result);

/* A message came, or did not: tell its sender if he waits to hear that. */
mach_msg_return_t ipc_mqueue_accepted(
    mach_msg_return_t mr, struct ipc_receive *result);

/* When to stop waiting; 0 means at once with MACH_RCV_TIMEOUT, else never. */
uint64_t ipc_mqueue_deadline(
    mach_msg_option_t option, mach_msg_timeout_t timeout);

/* The queue's limit became LIMIT.  Locks: PORT held. */
void ipc_mqueue_set_limit(struct ipc_port *port, unsigned limit);

/*
 * End the wait of every receiver on WAITERS with WHY.  MACH_RCV_IN_PROGRESS
 * makes them look again.
 *
 * Locks: the port or set of the list held.
 */
void ipc_mqueue_wake_receivers(
    struct ipc_waiters *waiters, mach_msg_return_t why);

/*
 * PORT died.  Wake everybody and move all messages, also those of blocked
 * senders, to DEAD.  Locks: PORT held.
 */
void ipc_mqueue_drain(struct ipc_port *port, struct ipc_kmsg_queue *dead);

/*
 * Assert that WAITERS are receivers, then senders, and either kind only if it
 * may wait.  Locks: the port or set of the list held.
 */
void ipc_mqueue_check(
    const struct ipc_waiters *waiters, bool receivers, bool senders);

#endif /* IPC_IPC_MQUEUE_H */
