/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages of a port, and the threads that wait for them or with them.
 */

#include <ipc/ipc_mqueue.h>

#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_space.h>

/* The first sender, or NULL. */
static struct ipc_waiter *
ipc_waiters_sender(const struct ipc_waiters *waiters)
{
	struct ipc_waiter *waiter = waiters->first;

	if (waiter == NULL || !ipc_waiter_sends(waiter->prev)) {
		return NULL;
	}
	while (!ipc_waiter_sends(waiter)) {
		waiter = waiter->next;
	}
	return waiter;
}

/* The sender after SENDER, or NULL. */
static struct ipc_waiter *
ipc_waiters_next_sender(
    const struct ipc_waiters *waiters, const struct ipc_waiter *sender)
{
	return sender == waiters->first->prev ? NULL : sender->next;
}

void
ipc_mqueue_insert_waiter(
    struct ipc_waiters *waiters, struct ipc_waiter *waiter)
{
	struct ipc_waiter *next = waiters->first;

	if (!ipc_waiter_sends(waiter) && ipc_waiter_sends(next->prev)) {
		next = ipc_waiters_sender(waiters);
		if (next == waiters->first) {
			waiters->first = waiter;
		}
	}
	waiter->next = next;
	waiter->prev = next->prev;
	next->prev->next = waiter;
	next->prev = waiter;
}

/* With HAND_OVER, give the waiter the processor when this thread waits. */
static void
ipc_mqueue_complete(struct ipc_waiters *waiters, struct ipc_waiter *waiter,
    mach_msg_return_t result, bool hand_over)
{
	/* Until the lock of the list is released it is there. */
	struct thread *thread = waiter->thread;

	ipc_waiters_remove(waiters, waiter);
	waiter->result = result;
	waiter->done = true;
	if (!hand_over || !sleepq_claim(thread, waiter)) {
		sleepq_wake_thread(thread, waiter, WAIT_OK);
	}
}

void
ipc_mqueue_wake_receivers(struct ipc_waiters *waiters, mach_msg_return_t why)
{
	struct ipc_waiter *waiter;

	while ((waiter = ipc_waiters_receiver(waiters)) != NULL) {
		ipc_mqueue_complete(waiters, waiter, why, false);
	}
}

mach_msg_return_t
ipc_mqueue_waited(struct ipc_waiters *waiters, struct ipc_waiter *waiter,
    struct spinlock *lock, enum wait_result wait)
{
	if (wait == WAIT_OK) {
		/* Only who completes it wakes this thread so. */
		assert(waiter->done);
		return waiter->result;
	}
	spinlock_lock(lock);
	if (!waiter->done) {
		ipc_waiters_remove(waiters, waiter);
		waiter->result = wait == WAIT_TIMED_OUT ? MACH_RCV_TIMED_OUT
							: MACH_RCV_INTERRUPTED;
	}
	spinlock_unlock(lock);
	return waiter->result;
}

/* Wait on this stack; LOCK is the lock of WAITERS. */
static mach_msg_return_t
ipc_mqueue_wait_unlock(struct ipc_waiters *waiters, struct ipc_waiter *waiter,
    struct spinlock *lock, uint64_t deadline)
{
	waiter->thread = current_thread();
	ipc_waiters_add(waiters, waiter);
	return ipc_mqueue_waited(waiters, waiter, lock,
	    sleepq_sleep_alone_unlock(waiter, lock, deadline));
}

/*
 * The receiver that gets KMSG.  Those that cannot take it, and do not want it
 * destroyed, hear of its size; it stays for others.
 */
static struct ipc_waiter *
ipc_mqueue_pick(struct ipc_waiters *waiters, struct ipc_kmsg *kmsg)
{
	struct ipc_waiter *waiter;

	while ((waiter = ipc_waiters_receiver(waiters)) != NULL) {
		if ((waiter->option & MACH_RCV_LARGE) == 0 ||
		    kmsg->header.size <= waiter->size) {
			break;
		}
		waiter->size = kmsg->header.size;
		ipc_mqueue_complete(
		    waiters, waiter, MACH_RCV_TOO_LARGE, false);
	}
	return waiter;
}

/*
 * Hand KMSG to a receiver, and with HAND_OVER the processor too, or queue it.
 * PORT is locked and active.
 */
static void
ipc_mqueue_post(struct ipc_port *port, struct ipc_kmsg *kmsg, bool hand_over)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	struct ipc_waiters *waiters = &mqueue->waiters;
	struct ipc_pset *pset = ipc_port_pset(port);
	struct ipc_waiter *waiter;

	if (pset != NULL) {
		ipc_pset_lock(pset);
		waiters = &pset->receivers;
	}
	waiter = ipc_mqueue_pick(waiters, kmsg);
	if (waiter != NULL) {
		kmsg->header.seqno = mqueue->seqno++;
		waiter->kmsg = kmsg;
		ipc_mqueue_complete(
		    waiters, waiter, MACH_MSG_SUCCESS, hand_over);
	} else {
		ipc_kmsg_queue_append(&mqueue->messages, kmsg);
		if (pset != NULL) {
			ipc_pset_mark_ready(port);
		}
	}
	if (pset != NULL) {
		ipc_pset_unlock(pset);
	}
}

/* Must who sends to the locked PORT wait? */
static bool
ipc_mqueue_full(const struct ipc_port *port)
{
	return ipc_kmsg_queue_count(&port->mqueue.messages) >= port->limit;
}

/* Let blocked senders in as far as there is room.  PORT is locked. */
static void
ipc_mqueue_admit(struct ipc_port *port)
{
	struct ipc_waiters *waiters = &port->mqueue.waiters;
	struct ipc_waiter *sender = ipc_waiters_sender(waiters);
	struct ipc_waiter *next;

	while (sender != NULL && !ipc_mqueue_full(port)) {
		next = ipc_waiters_next_sender(waiters, sender);
		ipc_mqueue_post(port, sender->kmsg, false);
		ipc_mqueue_complete(waiters, sender, MACH_MSG_SUCCESS, false);
		sender = next;
	}
}

void
ipc_mqueue_set_limit(struct ipc_port *port, unsigned limit)
{
	ipc_port_assert_locked(port);
	assert(limit <= UINT8_MAX);
	port->limit = (uint8_t)limit;
	ipc_mqueue_admit(port);
}

void
ipc_mqueue_drain(struct ipc_port *port, struct ipc_kmsg_queue *dead)
{
	struct ipc_waiters *waiters = &port->mqueue.waiters;
	struct ipc_waiter *sender;

	ipc_port_assert_locked(port);
	ipc_mqueue_wake_receivers(waiters, MACH_RCV_PORT_DIED);
	ipc_kmsg_queue_move(dead, &port->mqueue.messages);
	while ((sender = waiters->first) != NULL) {
		ipc_kmsg_queue_append(dead, sender->kmsg);
		ipc_mqueue_complete(waiters, sender, MACH_MSG_SUCCESS, false);
	}
}

/* Serve a request to the kernel and send the answer. */
static void
ipc_mqueue_serve(struct ipc_kmsg *kmsg)
{
	struct ipc_kmsg *reply = ipc_kobject_server(kmsg);

	if (reply != NULL) {
		ipc_mqueue_send_always(reply);
	}
}

/* Wait until KMSG is in the queue of the locked PORT; unlocks it. */
static mach_msg_return_t
ipc_mqueue_block_unlock(
    struct ipc_port *port, struct ipc_kmsg *kmsg, uint64_t deadline)
{
	struct ipc_waiter waiter;
	mach_msg_return_t mr;

	ipc_port_ref(port);
	waiter.kmsg = kmsg;
	waiter.option = MACH_SEND_MSG;
	mr = ipc_mqueue_wait_unlock(
	    &port->mqueue.waiters, &waiter, &port->object.lock, deadline);
	ipc_port_unref(port);
	switch (mr) {
	case MACH_RCV_TIMED_OUT:
		return MACH_SEND_TIMED_OUT;
	case MACH_RCV_INTERRUPTED:
		return MACH_SEND_INTERRUPTED;
	default:
		return mr;
	}
}

mach_msg_return_t
ipc_mqueue_send(
    struct ipc_kmsg *kmsg, mach_msg_option_t option, mach_msg_timeout_t timeout)
{
	struct ipc_port *port = kmsg->header.remote;
	mach_msg_bits_t bits = kmsg->header.bits;

	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		ipc_kmsg_destroy(kmsg);
		return MACH_MSG_SUCCESS;
	}
	if (port->receiver == ipc_space_kernel) {
		ipc_port_unlock(port);
		ipc_mqueue_serve(kmsg);
		return MACH_MSG_SUCCESS;
	}
	if ((bits & MACH_MSGH_BITS_CIRCULAR) != 0) {
		ipc_port_unlock(port);
		ipc_kmsg_destroy(kmsg);
		return MACH_MSG_SUCCESS;
	}
	if (!ipc_mqueue_full(port) || (option & MACH_SEND_ALWAYS) != 0 ||
	    MACH_MSGH_BITS_REMOTE(bits) == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		ipc_mqueue_post(port, kmsg, (option & IPC_SEND_WAITS) != 0);
		ipc_port_unlock(port);
		return MACH_MSG_SUCCESS;
	}
	if ((option & MACH_SEND_TIMEOUT) != 0 && timeout == 0) {
		ipc_port_unlock(port);
		return MACH_SEND_TIMED_OUT;
	}
	return ipc_mqueue_block_unlock(port, kmsg,
	    (option & MACH_SEND_TIMEOUT) != 0 ? clock_deadline_ms(timeout) : 0);
}

void
ipc_mqueue_send_always(struct ipc_kmsg *kmsg)
{
	struct ipc_port *port = kmsg->header.remote;

	ipc_port_lock(port);
	if (ipc_port_active(port) && port->receiver == ipc_space_kernel) {
		ipc_port_unlock(port);
		ipc_kobject_notify(kmsg);
		return;
	}
	if (!ipc_port_active(port) ||
	    (kmsg->header.bits & MACH_MSGH_BITS_CIRCULAR) != 0) {
		ipc_port_unlock(port);
		ipc_kmsg_destroy(kmsg);
		return;
	}
	ipc_mqueue_post(port, kmsg, false);
	ipc_port_unlock(port);
}

/*
 * Take the first message of PORT, which is locked and has one, unless it is to
 * stay because of its size.
 */
static inline __attribute__((always_inline)) mach_msg_return_t
ipc_mqueue_take(struct ipc_port *port, mach_msg_option_t option,
    mach_msg_size_t max_size, struct ipc_receive *result)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	struct ipc_kmsg *kmsg = ipc_kmsg_queue_first(&mqueue->messages);

	if ((option & MACH_RCV_LARGE) != 0 && kmsg->header.size > max_size) {
		result->size = kmsg->header.size;
		return MACH_RCV_TOO_LARGE;
	}
	ipc_kmsg_queue_take(&mqueue->messages);
	kmsg->header.seqno = mqueue->seqno++;
	result->kmsg = kmsg;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
ipc_mqueue_accepted(mach_msg_return_t mr, struct ipc_receive *result)
{
	struct ipc_request *request;

	if (mr == MACH_MSG_SUCCESS && result->kmsg != NULL &&
	    result->kmsg->accepted != NULL) {
		request = result->kmsg->accepted;
		result->kmsg->accepted = NULL;
		ipc_request_finish(request, true);
	}
	return mr;
}

uint64_t
ipc_mqueue_deadline(mach_msg_option_t option, mach_msg_timeout_t timeout)
{
	if ((option & MACH_RCV_TIMEOUT) == 0 || timeout == 0) {
		return 0;
	}
	return clock_deadline_ms(timeout);
}

mach_msg_return_t
ipc_mqueue_poll_unlock(struct ipc_port *port, mach_msg_option_t option,
    mach_msg_size_t max_size, struct ipc_receive *result)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	mach_msg_return_t mr;

	ipc_port_assert_locked(port);
	if (ipc_kmsg_queue_empty(&mqueue->messages)) {
		return MACH_RCV_IN_PROGRESS;
	}
	mr = ipc_mqueue_take(port, option, max_size, result);
	if (mqueue->waiters.first != NULL) {
		ipc_mqueue_admit(port);
	}
	ipc_port_unlock(port);
	return mr;
}

/*
 * Take a message of PORT if it still is a member of PSET and has one, and let
 * the other members go first next time.
 */
static mach_msg_return_t
ipc_mqueue_take_member(struct ipc_pset *pset, struct ipc_port *port,
    mach_msg_option_t option, mach_msg_size_t max_size,
    struct ipc_receive *result)
{
	mach_msg_return_t mr = MACH_RCV_IN_PROGRESS;

	ipc_port_lock(port);
	if (ipc_port_pset(port) == pset &&
	    !ipc_kmsg_queue_empty(&port->mqueue.messages)) {
		mr = ipc_mqueue_take(port, option, max_size, result);
	}
	if (mr == MACH_MSG_SUCCESS) {
		ipc_pset_lock(pset);
		ipc_pset_unmark_ready(port);
		if (!ipc_kmsg_queue_empty(&port->mqueue.messages)) {
			ipc_pset_mark_ready(port);
		}
		ipc_pset_unlock(pset);
		ipc_mqueue_admit(port);
	}
	ipc_port_unlock(port);
	return mr;
}

mach_msg_return_t
ipc_mqueue_poll_set_unlock(struct ipc_pset *pset, mach_msg_option_t option,
    mach_msg_size_t max_size, struct ipc_receive *result)
{
	struct ipc_port *port;
	mach_msg_return_t mr;

	for (;;) {
		if (!pset->object.active) {
			ipc_pset_unlock(pset);
			return MACH_RCV_PORT_DIED;
		}
		if (list_empty(&pset->ready)) {
			return MACH_RCV_IN_PROGRESS;
		}
		port = ipc_pset_first_ready(pset);
		ipc_port_ref(port);
		ipc_pset_unlock(pset);
		mr = ipc_mqueue_take_member(
		    pset, port, option, max_size, result);
		ipc_port_unref(port);
		if (mr != MACH_RCV_IN_PROGRESS) {
			return mr;
		}
		ipc_pset_lock(pset);
	}
}

void
ipc_mqueue_check(const struct ipc_waiters *waiters, bool receivers,
    bool senders)
{
	const struct ipc_waiter *waiter = waiters->first;
	bool sends = false;

	if (waiter == NULL) {
		return;
	}
	do {
		assert(waiter->next->prev == waiter && !waiter->done);
		assert(ipc_waiter_sends(waiter) ? senders : receivers);
		assert(ipc_waiter_sends(waiter) || !sends);
		sends = ipc_waiter_sends(waiter);
		waiter = waiter->next;
	} while (waiter != waiters->first);
}
