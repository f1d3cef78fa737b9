/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The short cut for a call to the kernel.
 */

#include <ipc/mach_msg_quick_i.h>

#include <mach/mig_errors.h>
#include <machine/copyio.h>

#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_copyout.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>

/*
 * Whether the reply, of SIZE bytes, can go to the user at once: he is the next
 * one to receive from the reply port.  Then its header's words are in *NAME
 * and *TYPE.
 */
static bool
mach_msg_quick_reply_direct(struct mach_msg_quick *q, mach_msg_size_t size,
    mach_port_seqno_t *seqno, mach_port_name_t *name,
    mach_msg_type_name_t *type)
{
	struct ipc_port *reply = q->reply;
	bool direct;

	ipc_port_lock(reply);
	direct = ipc_port_active(reply) && reply->receiver == q->space &&
		 reply->name == q->args->rcv_name &&
		 ipc_port_pset(reply) == NULL &&
		 ipc_kmsg_queue_empty(&reply->mqueue.messages) &&
		 reply->mqueue.waiters.first == NULL &&
		 size <= q->args->rcv_size;
	if (direct) {
		*seqno = reply->mqueue.seqno++;
		*type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		*name = reply->name;
		if (reply->has_payload) {
			*type = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
			*name = (mach_port_name_t)reply->payload;
		}
	} else {
		/* The reply will need the right after all. */
		reply->sorights++;
		ipc_port_ref(reply);
	}
	ipc_port_unlock(reply);
	return direct;
}

/* Send the reply in BUFFER, which has a right for it. */
static void
mach_msg_quick_send(struct mach_msg_quick *q, struct ipc_kmsg *buffer,
    const struct ipc_kobject_room *room)
{
	struct ipc_kmsg *kmsg = ipc_kobject_trim(buffer, room);

	if (kmsg != NULL) {
		ipc_mqueue_send_always(kmsg);
		return;
	}
	/* The user hears at least that there will be no reply. */
	ipc_kmsg_clean_body(buffer);
	ipc_port_release_sonce(q->reply);
}

/* Give the reply in BUFFER to the user, or send it. */
static enum mach_msg_fast
mach_msg_quick_answer(struct mach_msg_quick *q, struct ipc_kmsg *buffer,
    const struct ipc_kobject_room *room, mach_msg_return_t *mrp)
{
	mach_msg_size_t size = buffer->header.size;
	struct ipc_receiver receiver = {
		.space = q->space,
		.map = current_map(),
	};
	mach_msg_type_name_t type;
	mach_port_seqno_t seqno;
	mach_port_name_t name;
	mach_msg_return_t mr;

	if (!mach_msg_quick_reply_direct(q, size, &seqno, &name, &type)) {
		mach_msg_quick_send(q, buffer, room);
		return MACH_MSG_FAST_SENT;
	}
	buffer->user.msgh_bits = (buffer->header.bits &
				     MACH_MSGH_BITS_COMPLEX) |
				 MACH_MSGH_BITS(0, type);
	buffer->user.msgh_remote_port = MACH_PORT_NULL;
	buffer->user.msgh_local_port = name;
	buffer->user.msgh_seqno = seqno;
	mr = MACH_MSG_SUCCESS;
	if ((buffer->user.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0) {
		mr = ipc_copyout_body(&receiver, buffer);
	}
	if (mr != MACH_MSG_SUCCESS) {
		mr |= MACH_RCV_BODY_ERROR;
	}
	if (copyout(&buffer->user, q->args->msg, size) != KERN_SUCCESS) {
		mr = MACH_RCV_INVALID_DATA;
	}
	ipc_kobject_put_buffer(buffer, room);
	atomic_fetch_add_relaxed(&current_task()->events.messages_received, 1);
	*mrp = mr;
	return MACH_MSG_FAST_DONE;
}

/* A routine that succeeds has consumed the rights in its request. */
static void
mach_msg_quick_called(struct ipc_kmsg *kmsg, kern_return_t kr)
{
	if (kr != KERN_SUCCESS && kr != MIG_NO_REPLY) {
		ipc_kmsg_clean_body(kmsg);
	}
	ipc_kmsg_free(kmsg);
}

enum mach_msg_fast
mach_msg_quick_call_unlock(struct mach_msg_quick *q, mach_msg_return_t *mrp)
{
	mach_msg_header_t *request = q->header;
	const struct ipc_kobject_server *server;
	struct ipc_kobject_room room;
	enum mach_msg_fast done = MACH_MSG_FAST_NOT;
	struct ipc_kmsg *buffer = NULL;
	struct ipc_port *dest = q->dest;
	kern_return_t kr;

	if (q->reply != NULL && q->args->rcv_name == request->msgh_local_port &&
	    (server = ipc_kobject_find(request->msgh_id)) != NULL &&
	    !server->async &&
	    (q->complex == 0 || ipc_copyin_plain_locked(q->space, q->kmsg))) {
		buffer = ipc_kobject_get_buffer(
		    server, request->msgh_id, &room);
	}
	if (buffer == NULL) {
		ipc_port_unlock(dest);
		ipc_space_unlock(q->space);
		return MACH_MSG_FAST_NOT;
	}
	dest->srights++;
	ipc_port_ref(dest);
	ipc_port_unlock(dest);
	ipc_port_ref(q->reply);
	if (q->complex != 0) {
		ipc_copyin_take_plain_locked(q->space, q->kmsg);
	}
	ipc_space_unlock(q->space);
	*q->fetchedp = NULL;
	atomic_fetch_add_relaxed(&current_task()->events.messages_sent, 1);

	request->msgh_bits =
	    q->complex | MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND,
			     MACH_MSG_TYPE_PORT_SEND_ONCE);
	request->msgh_remote_port = (mach_port_t)dest;
	request->msgh_local_port = (mach_port_t)q->reply;
	kr = ipc_kobject_serve_plain(server, request, buffer);
	ipc_port_release_send(dest);
	if (q->kmsg != NULL) {
		mach_msg_quick_called(q->kmsg, kr);
	}
	if (kr != MIG_NO_REPLY) {
		done = mach_msg_quick_answer(q, buffer, &room, mrp);
	} else {
		ipc_kobject_put_buffer(buffer, &room);
		ipc_port_release_sonce(ipc_port_make_sonce(q->reply));
		done = MACH_MSG_FAST_SENT;
	}
	ipc_port_unref(q->reply);
	return done;
}
