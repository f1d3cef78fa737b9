/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The message trap, complete: send, then receive.
 */

#include <ipc/mach_msg_trap.h>

#include <machine/copyio.h>

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

/* A port or port set that somebody receives from, with a reference. */
struct mach_msg_source {
	struct ipc_port *port;
	struct ipc_pset *pset;
};

/* Find and lock the port or set that NAME denotes; the space is locked. */
static mach_msg_return_t
mach_msg_find_source_locked(struct ipc_space *space, mach_port_name_t name,
    struct mach_msg_source *source)
{
	struct ipc_entry *entry;
	mach_port_type_t type;

	entry = space->active ? ipc_space_lookup(space, name) : NULL;
	if (entry == NULL) {
		return MACH_RCV_INVALID_NAME;
	}
	type = ipc_entry_type(entry);
	if (type == MACH_PORT_TYPE_PORT_SET) {
		source->pset = entry->pset;
		ipc_pset_ref(source->pset);
		ipc_pset_lock(source->pset);
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
	source->port = entry->port;
	ipc_port_ref(source->port);
	return MACH_MSG_SUCCESS;
}

/* Wait for a message from the port or set named in ARGS. */
static mach_msg_return_t
mach_msg_wait(const struct mach_msg_args *args, struct ipc_receive *received)
{
	struct ipc_space *space = current_space();
	struct mach_msg_source source = { NULL, NULL };
	mach_msg_option_t option = args->option;
	mach_msg_return_t mr;

	/* A short message needs no more than its header and its data. */
	option &= ~IPC_RCV_SHORT;
	if (FASTPATH && (option & MACH_RCV_NOTIFY) == 0) {
		option |= IPC_RCV_SHORT;
	}
	ipc_space_lock(space);
	mr = mach_msg_find_source_locked(space, args->rcv_name, &source);
	ipc_space_unlock(space);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	if (source.pset != NULL) {
		mr = ipc_mqueue_receive_set_unlock(source.pset, option,
		    args->rcv_size, args->timeout, received);
		ipc_pset_unref(source.pset);
	} else {
		mr = ipc_mqueue_receive_unlock(source.port, option,
		    args->rcv_size, args->timeout, received);
		ipc_port_unref(source.port);
	}
	return mr;
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
		size = sizeof(mach_msg_header_t);
		if (size > args->rcv_size) {
			/* Not even a header was asked for. */
			ipc_kmsg_free(kmsg);
			return mr;
		}
	}
	if (ipc_copyout_put(kmsg, args->msg, size) != KERN_SUCCESS) {
		return MACH_RCV_INVALID_DATA;
	}
	return mr;
}

static mach_msg_return_t
mach_msg_receive(const struct mach_msg_args *args)
{
	struct ipc_receive received;
	struct ipc_short room;
	mach_msg_return_t mr;

	received.room = &room;
	mr = mach_msg_wait(args, &received);
	if (mr == MACH_RCV_TOO_LARGE) {
		return mach_msg_put_size(args, received.size);
	}
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	atomic_fetch_add_relaxed(&current_task()->events.messages_received, 1);
	if (received.kmsg == NULL) {
		return copyout(&room, args->msg, received.size) == KERN_SUCCESS
			   ? MACH_MSG_SUCCESS
			   : MACH_RCV_INVALID_DATA;
	}
	return mach_msg_put(args, received.kmsg);
}

mach_msg_return_t
sys_mach_msg(struct mach_msg_args args)
{
	mach_msg_return_t mr = MACH_MSG_SUCCESS;
	struct ipc_kmsg *fetched = NULL;

	assert_may_block();
	if (FASTPATH && args.option == (MACH_SEND_MSG | MACH_RCV_MSG)) {
		switch (mach_msg_fast(&args, &fetched, &mr)) {
		case MACH_MSG_FAST_DONE:
			return mr;
		case MACH_MSG_FAST_SENT:
			mr = mach_msg_receive(&args);
			sched_run_next();
			return mr;
		default:
			break;
		}
	}
	if ((args.option & MACH_SEND_MSG) != 0) {
		mr = mach_msg_send(&args, fetched);
	}
	if ((args.option & MACH_RCV_MSG) != 0 && mr == MACH_MSG_SUCCESS) {
		mr = mach_msg_receive(&args);
		sched_run_next();
	}
	return mr;
}
