/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The message trap, complete: send, then receive.
 */

#include <ipc/mach_msg_trap.h>

#include <machine/copyio.h>
#include <machine/pcb.h>

#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_copyout.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg_i.h>

/* A message that could not be queued goes back to where it came from. */
static mach_msg_return_t
mach_msg_return_kmsg(const struct mach_msg_args *args, struct ipc_kmsg *kmsg,
    mach_msg_return_t mr)
{
	struct ipc_receiver receiver = {
		.space = current_space(),
		.map = current_map(),
	};

	mr |= ipc_copyout_pseudo(&receiver, kmsg);
	/* The buffer was readable; if it is not writable the message is lost
	 * but for its rights, as when it is received. */
	ipc_copyout_put(kmsg, args->msg, kmsg->user.msgh_size);
	return mr;
}

/*
 * The queue was full and stayed so.  With MACH_SEND_NOTIFY, queue the message
 * in spite of that and promise to tell when there is room.
 */
static mach_msg_return_t
mach_msg_send_notify(const struct mach_msg_args *args, struct ipc_kmsg *kmsg)
{
	struct ipc_request *request;
	mach_msg_return_t mr;

	mr = ipc_request_accepted(
	    current_space(), kmsg->header.remote, args->notify, &request);
	if (mr != MACH_MSG_SUCCESS) {
		return mach_msg_return_kmsg(args, kmsg, mr);
	}
	kmsg->accepted = request;
	ipc_mqueue_send_always(kmsg);
	return MACH_SEND_WILL_NOTIFY;
}

/* KMSG: the message, if it was copied in already, else NULL. */
static mach_msg_return_t
mach_msg_send(const struct mach_msg_args *args, struct ipc_kmsg *kmsg)
{
	struct ipc_sender sender = {
		.space = current_space(),
		.map = current_map(),
		.cancel = (args->option & MACH_SEND_CANCEL) != 0
			      ? args->notify
			      : MACH_PORT_NULL,
	};
	mach_msg_option_t option = args->option & MACH_SEND_TIMEOUT;
	mach_msg_timeout_t timeout = args->timeout;
	mach_msg_return_t mr;

	if ((args->option & MACH_SEND_CANCEL) != 0 &&
	    args->notify == MACH_PORT_NULL) {
		return MACH_SEND_INVALID_NOTIFY;
	}
	mr = kmsg != NULL
		 ? ipc_copyin_fetched(&sender, kmsg)
		 : ipc_copyin(&sender, args->msg, args->send_size, &kmsg);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	atomic_fetch_add_relaxed(&current_task()->events.messages_sent, 1);
	if ((args->option & MACH_SEND_NOTIFY) != 0 && option == 0) {
		option = MACH_SEND_TIMEOUT;
		timeout = 0;
	}
	if ((args->option & MACH_RCV_MSG) != 0) {
		option |= IPC_SEND_WAITS;
	}
	mr = ipc_mqueue_send(kmsg, option, timeout);
	if (mr == MACH_MSG_SUCCESS) {
		return mr;
	}
	if (mr == MACH_SEND_TIMED_OUT &&
	    (args->option & MACH_SEND_NOTIFY) != 0) {
		return mach_msg_send_notify(args, kmsg);
	}
	return mach_msg_return_kmsg(args, kmsg, mr);
}

/*
 * Find what the current thread receives from: W->source gets it, locked, with a
 * reference.  The space is locked.
 */
static mach_msg_return_t
mach_msg_find_source_locked(struct ipc_space *space, struct mach_msg_wait *w)
{
	struct ipc_entry *entry;
	mach_port_type_t type;

	entry = space->active ? ipc_space_lookup(space, w->args.rcv_name)
			      : NULL;
	if (entry == NULL) {
		return MACH_RCV_INVALID_NAME;
	}
	type = ipc_entry_type(entry);
	if (type == MACH_PORT_TYPE_PORT_SET) {
		ipc_pset_ref(entry->pset);
		ipc_pset_lock(entry->pset);
		w->source = &entry->pset->object;
		w->waiters = &entry->pset->receivers;
		return MACH_MSG_SUCCESS;
	}
	if ((type & MACH_PORT_TYPE_RECEIVE) == 0) {
		return MACH_RCV_INVALID_NAME;
	}
	ipc_port_lock(entry->port);
	if (ipc_port_pset(entry->port) != NULL) {
		ipc_port_unlock(entry->port);
		return MACH_RCV_IN_SET;
	}
	ipc_port_ref(entry->port);
	w->source = &entry->port->object;
	w->waiters = &entry->port->mqueue.waiters;
	return MACH_MSG_SUCCESS;
}

/* Take a message out of W->source, which is locked, if there is one. */
static mach_msg_return_t
mach_msg_poll_unlock(struct mach_msg_wait *w, struct ipc_receive *received)
{
	const struct mach_msg_args *args = &w->args;

	if (w->source->kind == IPC_OBJECT_PSET) {
		return ipc_mqueue_poll_set_unlock(
		    list_entry(w->source, struct ipc_pset, object),
		    args->option, args->rcv_size, received);
	}
	return ipc_mqueue_poll_unlock(
	    list_entry(w->source, struct ipc_port, object), args->option,
	    args->rcv_size, received);
}

/* The wait is over: was there a message? */
static mach_msg_return_t
mach_msg_waited(struct mach_msg_wait *w, enum wait_result wait,
    struct ipc_receive *received)
{
	struct ipc_waiter *waiter = &w->waiter;
	mach_msg_return_t mr;

	mr = ipc_mqueue_waited(w->waiters, waiter, &w->source->lock, wait);
	received->kmsg = waiter->kmsg;
	received->size = waiter->size;
	return mr;
}

/*
 * Wait for a message at W->source, which is locked.  A user's thread does not
 * return, but goes on with mach_msg_trap_continue(), unless it need not wait.
 */
static mach_msg_return_t
mach_msg_block_unlock(struct mach_msg_wait *w, struct ipc_receive *received)
{
	enum wait_result wait;

	if ((w->args.option & MACH_RCV_TIMEOUT) != 0 && w->deadline == 0) {
		spinlock_unlock(&w->source->lock);
		return MACH_RCV_TIMED_OUT;
	}
	mach_msg_wait_begin(w, current_thread(), w->args.option,
	    w->args.rcv_size, mach_msg_trap_direct);
	wait = sleepq_sleep_alone_continue_unlock(&w->waiter, &w->source->lock,
	    w->deadline,
	    current_thread()->kernel_only ? NULL : mach_msg_trap_continue);
	return mach_msg_waited(w, wait, received);
}

/* With MACH_RCV_LARGE, tell the size of a message that stays queued. */
static mach_msg_return_t
mach_msg_put_size(const struct mach_msg_args *args, mach_msg_size_t size)
{
	if (copyout(&size, args->msg + offsetof(mach_msg_header_t, msgh_size),
		sizeof(size)) != KERN_SUCCESS) {
		return MACH_RCV_INVALID_DATA;
	}
	return MACH_RCV_TOO_LARGE;
}

mach_msg_return_t
mach_msg_put(const struct mach_msg_args *args, struct ipc_kmsg *kmsg)
{
	struct ipc_receiver receiver = {
		.space = current_space(),
		.map = current_map(),
		.notify = (args->option & MACH_RCV_NOTIFY) != 0
			      ? args->notify
			      : MACH_PORT_NULL,
	};
	mach_msg_size_t size = kmsg->header.size;
	mach_msg_return_t mr;

	if (kmsg->ready) {
		mr = ipc_copyout_body(&receiver, kmsg);
		if (mr != MACH_MSG_SUCCESS) {
			mr |= MACH_RCV_BODY_ERROR;
		}
		return ipc_copyout_put(kmsg, args->msg, size) == KERN_SUCCESS
			   ? mr
			   : MACH_RCV_INVALID_DATA;
	}
	if (size > args->rcv_size) {
		ipc_copyout_dest(&receiver, kmsg);
		mr = MACH_RCV_TOO_LARGE;
	} else if ((args->option & MACH_RCV_NOTIFY) != 0 &&
		   args->notify == MACH_PORT_NULL) {
		ipc_copyout_dest(&receiver, kmsg);
		mr = MACH_RCV_INVALID_NOTIFY;
	} else {
		mr = ipc_copyout(&receiver, kmsg);
	}
	if (mr != MACH_MSG_SUCCESS &&
	    (mr & ~(MACH_MSG_MASK)) != MACH_RCV_BODY_ERROR) {
		/* The caller gets it even if he has asked for less. */
		size = sizeof(mach_msg_header_t);
	}
	if (ipc_copyout_put(kmsg, args->msg, size) != KERN_SUCCESS) {
		return MACH_RCV_INVALID_DATA;
	}
	return mr;
}

/* A message was received from W->source, or why not: tell the user. */
static mach_msg_return_t
mach_msg_received(
    struct mach_msg_wait *w, mach_msg_return_t mr, struct ipc_receive *received)
{
	mr = ipc_mqueue_accepted(mr, received);
	ipc_object_unref(w->source);
	if (mr == MACH_RCV_TOO_LARGE) {
		return mach_msg_put_size(&w->args, received->size);
	}
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	atomic_fetch_add_relaxed(&current_task()->events.messages_received, 1);
	return mach_msg_put(&w->args, received->kmsg);
}

/* Receive from W->source, which is locked. */
static mach_msg_return_t
mach_msg_receive_unlock(struct mach_msg_wait *w)
{
	struct ipc_receive received;
	mach_msg_return_t mr;

	for (;;) {
		mr = mach_msg_poll_unlock(w, &received);
		if (mr == MACH_RCV_IN_PROGRESS) {
			mr = mach_msg_block_unlock(w, &received);
		}
		if (mr != MACH_RCV_IN_PROGRESS) {
			return mach_msg_received(w, mr, &received);
		}
		spinlock_lock(&w->source->lock);
	}
}

void
mach_msg_trap_continue(void)
{
	struct thread *self = current_thread();
	struct mach_msg_wait *w = &self->waiting.msg;
	struct ipc_receive received;
	mach_msg_return_t mr;

	if (w->deadline != 0) {
		timer_cancel(&self->waiting.timer);
	}
	mr = mach_msg_waited(w, self->wait.result, &received);
	if (mr == MACH_RCV_IN_PROGRESS) {
		spinlock_lock(&w->source->lock);
		mr = mach_msg_receive_unlock(w);
	} else {
		mr = mach_msg_received(w, mr, &received);
	}
	sched_run_next();
	pcb_set_return(self, (uint32_t)mr);
	pcb_return_to_user();
}

void
mach_msg_trap_abandon(struct thread *thread)
{
	struct mach_msg_wait *w = &thread->waiting.msg;
	struct ipc_receive received;

	if (w->deadline != 0) {
		timer_cancel(&thread->waiting.timer);
	}
	if (mach_msg_waited(w, WAIT_INTERRUPTED, &received) ==
	    MACH_MSG_SUCCESS) {
		ipc_kmsg_destroy(received.kmsg);
	}
	ipc_object_unref(w->source);
}

uint32_t
mach_msg_trap_direct(void *arg)
{
	const struct mach_msg_direct *direct = arg;
	struct thread *self = current_thread();
	struct mach_msg_wait *w = &self->waiting.msg;

	if (w->deadline != 0) {
		timer_cancel(&self->waiting.timer);
	}
	ipc_object_unref(w->source);
	atomic_fetch_add_relaxed(&current_task()->events.messages_received, 1);
	if (direct->kmsg != NULL) {
		return (uint32_t)mach_msg_put(&w->args, direct->kmsg);
	}
	if (copyout(&direct->message, w->args.msg,
		direct->message.header.msgh_size) != KERN_SUCCESS) {
		return (uint32_t)MACH_RCV_INVALID_DATA;
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
mach_msg_receive(const struct mach_msg_args *args)
{
	struct mach_msg_wait *w = &current_thread()->waiting.msg;
	struct ipc_space *space = current_space();
	mach_msg_return_t mr;

	w->args = *args;
	w->deadline = ipc_mqueue_deadline(args->option, args->timeout);
	ipc_space_lock(space);
	mr = mach_msg_find_source_locked(space, w);
	ipc_space_unlock(space);
	return mr == MACH_MSG_SUCCESS ? mach_msg_receive_unlock(w) : mr;
}

/* The complete path; FETCHED: the message, if it was copied in already. */
static __attribute__((noinline)) mach_msg_return_t
mach_msg_complete(const struct mach_msg_args *args, struct ipc_kmsg *fetched)
{
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	if ((args->option & MACH_SEND_MSG) != 0) {
		mr = mach_msg_send(args, fetched);
	}
	if ((args->option & MACH_RCV_MSG) != 0 && mr == MACH_MSG_SUCCESS) {
		mr = mach_msg_receive(args);
		sched_run_next();
	}
	return mr;
}

/* The message was sent by the short cut, but no other is received yet. */
static __attribute__((noinline)) mach_msg_return_t
mach_msg_complete_receive(const struct mach_msg_args *args)
{
	mach_msg_return_t mr = mach_msg_receive(args);

	sched_run_next();
	return mr;
}

mach_msg_return_t
sys_mach_msg(struct mach_msg_args args)
{
	struct ipc_kmsg *fetched = NULL;
	enum mach_msg_fast done = MACH_MSG_FAST_NOT;
	mach_msg_return_t mr;

	assert_may_block();
	if (FASTPATH && args.option == (MACH_SEND_MSG | MACH_RCV_MSG)) {
		done = mach_msg_fast(&args, &fetched, &mr);
		if (done == MACH_MSG_FAST_DONE) {
			return mr;
		}
	}
	return done == MACH_MSG_FAST_SENT ? mach_msg_complete_receive(&args)
					  : mach_msg_complete(&args, fetched);
}
