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

void
ipc_mqueue_init(struct ipc_mqueue *mqueue)
{
	list_init(&mqueue->messages);
	list_init(&mqueue->receivers);
	list_init(&mqueue->senders);
	mqueue->seqno = 0;
	mqueue->count = 0;
	mqueue->limit = MACH_PORT_QLIMIT_DEFAULT;
}

/* With HAND_OVER, give the waiter the processor when this thread waits. */
static void
ipc_mqueue_complete(
    struct ipc_waiter *waiter, mach_msg_return_t result, bool hand_over)
{
	/* Until the lock of the list is released it is there. */
	struct thread *thread = waiter->thread;

	list_remove(&waiter->node);
	waiter->result = result;
	waiter->done = true;
	if (!hand_over || !sleepq_claim(thread, waiter)) {
		sleepq_wake_thread(thread, waiter, WAIT_OK);
	}
}

void
ipc_mqueue_wake_receivers(struct list *receivers, mach_msg_return_t why)
{
	while (!list_empty(receivers)) {
		ipc_mqueue_complete(
		    list_first_entry(receivers, struct ipc_waiter, node), why,
		    false);
	}
}

mach_msg_return_t
ipc_mqueue_wait_unlock(struct list *list, struct ipc_waiter *waiter,
    struct spinlock *lock, uint64_t deadline)
{
	enum wait_result wait;

	waiter->thread = current_thread();
	waiter->done = false;
	list_insert_tail(list, &waiter->node);
	wait = sleepq_sleep_alone_unlock(waiter, lock, deadline);
	if (wait == WAIT_OK) {
		/* Only who completes it wakes this thread so. */
		assert(waiter->done);
		return waiter->result;
	}
	spinlock_lock(lock);
	if (!waiter->done) {
		list_remove(&waiter->node);
		waiter->result = wait == WAIT_TIMED_OUT ? MACH_RCV_TIMED_OUT
							: MACH_RCV_INTERRUPTED;
	}
	spinlock_unlock(lock);
	return waiter->result;
}

/*
 * The receiver that gets KMSG.  Those that cannot take it, and do not want it
 * destroyed, hear of its size; it stays for others.
 */
static struct ipc_waiter *
ipc_mqueue_pick(struct list *receivers, struct ipc_kmsg *kmsg)
{
	struct ipc_waiter *waiter;

	while (!list_empty(receivers)) {
		waiter = list_first_entry(receivers, struct ipc_waiter, node);
		if ((waiter->option & MACH_RCV_LARGE) == 0 ||
		    kmsg->header.size <= waiter->size) {
			return waiter;
		}
		waiter->size = kmsg->header.size;
		ipc_mqueue_complete(waiter, MACH_RCV_TOO_LARGE, false);
	}
	return NULL;
}

/*
 * Hand KMSG to a receiver, and with HAND_OVER the processor too, or queue it.
 * PORT is locked and active.
 */
static void
ipc_mqueue_post(struct ipc_port *port, struct ipc_kmsg *kmsg, bool hand_over)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	struct ipc_pset *pset = port->pset;
	struct ipc_waiter *waiter;

	if (pset != NULL) {
		ipc_pset_lock(pset);
	}
	waiter = ipc_mqueue_pick(
	    pset != NULL ? &pset->receivers : &mqueue->receivers, kmsg);
	if (waiter != NULL) {
		kmsg->header.seqno = mqueue->seqno++;
		waiter->kmsg = kmsg;
		ipc_mqueue_complete(waiter, MACH_MSG_SUCCESS, hand_over);
	} else {
		list_insert_tail(&mqueue->messages, &kmsg->node);
		mqueue->count++;
		if (pset != NULL) {
			ipc_pset_mark_ready(port);
		}
	}
	if (pset != NULL) {
		ipc_pset_unlock(pset);
	}
}

/* Let blocked senders in as far as there is room.  PORT is locked. */
static void
ipc_mqueue_admit(struct ipc_port *port)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	struct ipc_waiter *sender;

	while (mqueue->count < mqueue->limit && !list_empty(&mqueue->senders)) {
		sender = list_first_entry(
		    &mqueue->senders, struct ipc_waiter, node);
		ipc_mqueue_post(port, sender->kmsg, false);
		ipc_mqueue_complete(sender, MACH_MSG_SUCCESS, false);
	}
}

void
ipc_mqueue_set_limit(struct ipc_port *port, unsigned limit)
{
	ipc_port_assert_locked(port);
	port->mqueue.limit = (uint16_t)limit;
	ipc_mqueue_admit(port);
}

void
ipc_mqueue_drain(struct ipc_port *port, struct list *dead)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	struct ipc_waiter *sender;

	ipc_port_assert_locked(port);
	ipc_mqueue_wake_receivers(&mqueue->receivers, MACH_RCV_PORT_DIED);
	list_append(dead, &mqueue->messages);
	mqueue->count = 0;
	while (!list_empty(&mqueue->senders)) {
		sender = list_first_entry(
		    &mqueue->senders, struct ipc_waiter, node);
		list_insert_tail(dead, &sender->kmsg->node);
		ipc_mqueue_complete(sender, MACH_MSG_SUCCESS, false);
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
	mr = ipc_mqueue_wait_unlock(
	    &port->mqueue.senders, &waiter, &port->object.lock, deadline);
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
	if (port->mqueue.count < port->mqueue.limit ||
	    (option & MACH_SEND_ALWAYS) != 0 ||
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
static mach_msg_return_t
ipc_mqueue_take(struct ipc_port *port, mach_msg_option_t option,
    mach_msg_size_t max_size, struct ipc_receive *result)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	struct ipc_kmsg *kmsg = list_first_entry(
	    &mqueue->messages, struct ipc_kmsg, node);

	if ((option & MACH_RCV_LARGE) != 0 && kmsg->header.size > max_size) {
		result->size = kmsg->header.size;
		return MACH_RCV_TOO_LARGE;
	}
	list_remove(&kmsg->node);
	mqueue->count--;
	kmsg->header.seqno = mqueue->seqno++;
	result->kmsg = kmsg;
	return MACH_MSG_SUCCESS;
}

/* The sender of a message in excess of the limit may send another. */
static mach_msg_return_t
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

/* Wait on a list of receivers whose lock is held. */
static mach_msg_return_t
ipc_mqueue_await_unlock(struct list *receivers, struct spinlock *lock,
    mach_msg_option_t option, mach_msg_size_t max_size, uint64_t deadline,
    struct ipc_receive *result)
{
	struct ipc_waiter waiter;
	mach_msg_return_t mr;

	if ((option & MACH_RCV_TIMEOUT) != 0 && deadline == 0) {
		spinlock_unlock(lock);
		return MACH_RCV_TIMED_OUT;
	}
	waiter.kmsg = NULL;
	waiter.room = (option & IPC_RCV_SHORT) != 0 ? result->room : NULL;
	waiter.option = option;
	waiter.size = max_size;
	mr = ipc_mqueue_wait_unlock(receivers, &waiter, lock, deadline);
	result->kmsg = waiter.kmsg;
	result->size = waiter.size;
	return mr;
}

/* When to stop waiting; 0 means at once with MACH_RCV_TIMEOUT, else never. */
static uint64_t
ipc_mqueue_deadline(mach_msg_option_t option, mach_msg_timeout_t timeout)
{
	if ((option & MACH_RCV_TIMEOUT) == 0 || timeout == 0) {
		return 0;
	}
	return clock_deadline_ms(timeout);
}

mach_msg_return_t
ipc_mqueue_receive_unlock(struct ipc_port *port, mach_msg_option_t option,
    mach_msg_size_t max_size, mach_msg_timeout_t timeout,
    struct ipc_receive *result)
{
	struct ipc_mqueue *mqueue = &port->mqueue;
	mach_msg_return_t mr;

	ipc_port_assert_locked(port);
	if (list_empty(&mqueue->messages)) {
		mr = ipc_mqueue_await_unlock(&mqueue->receivers,
		    &port->object.lock, option, max_size,
		    ipc_mqueue_deadline(option, timeout), result);
	} else {
		mr = ipc_mqueue_take(port, option, max_size, result);
		if (!list_empty(&mqueue->senders)) {
			ipc_mqueue_admit(port);
		}
		ipc_port_unlock(port);
	}
	return ipc_mqueue_accepted(mr, result);
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
	if (port->pset == pset && !list_empty(&port->mqueue.messages)) {
		mr = ipc_mqueue_take(port, option, max_size, result);
	}
	if (mr == MACH_MSG_SUCCESS) {
		ipc_pset_lock(pset);
		ipc_pset_unmark_ready(port);
		if (!list_empty(&port->mqueue.messages)) {
			ipc_pset_mark_ready(port);
		}
		ipc_pset_unlock(pset);
		ipc_mqueue_admit(port);
	}
	ipc_port_unlock(port);
	return mr;
}

mach_msg_return_t
ipc_mqueue_receive_set_unlock(struct ipc_pset *pset, mach_msg_option_t option,
    mach_msg_size_t max_size, mach_msg_timeout_t timeout,
    struct ipc_receive *result)
{
	uint64_t deadline = ipc_mqueue_deadline(option, timeout);
	struct ipc_port *port;
	mach_msg_return_t mr;

	for (;;) {
		if (!pset->object.active) {
			ipc_pset_unlock(pset);
			return MACH_RCV_PORT_DIED;
		}
		if (list_empty(&pset->ready)) {
			mr = ipc_mqueue_await_unlock(&pset->receivers,
			    &pset->object.lock, option, max_size, deadline,
			    result);
		} else {
			port = list_first_entry(
			    &pset->ready, struct ipc_port, ready_node);
			ipc_port_ref(port);
			ipc_pset_unlock(pset);
			mr = ipc_mqueue_take_member(
			    pset, port, option, max_size, result);
			ipc_port_unref(port);
		}
		if (mr != MACH_RCV_IN_PROGRESS) {
			break;
		}
		ipc_pset_lock(pset);
	}
	return ipc_mqueue_accepted(mr, result);
}
