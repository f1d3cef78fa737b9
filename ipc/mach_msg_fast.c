/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The short cut for a plain RPC: a message of data, and maybe a few rights that
 * are copied or made, sent with a copy of a send right or with a send-once
 * right, maybe with a send-once right for the reply, and followed by a receive.
 *
 * To another task or thread: if somebody waits for the message without a stack,
 * he gets the sender's, with the message on it in the form that he is to see, and
 * the processor at once, while the sender waits for what he wants to receive.  No
 * buffer is made, and a right that the message carries is counted only where it
 * ends.  A message that is too long for a stack, or carries rights, is in a
 * buffer, and that is handed over.  If a thread of the kernel's own waits for an
 * answer, that is written into its stack.
 *
 * To oneself, also with a send right made for it: a message that the sender
 * receives next goes back to him.
 *
 * To the kernel: the routine is called with the message where it is, and its
 * reply goes to the user without being queued.
 *
 * Everything is looked at before anything is changed; whatever is out of the
 * ordinary is left to the complete path.  Both spaces and both ports are locked
 * during that: the second ones only by _try, which keeps the order of locks.
 */

#include <ipc/mach_msg_i.h>

#include <mach/mig_errors.h>
#include <machine/copyio.h>

#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <string.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_copyout.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_space.h>

/* The kinds of rights in the header that this file deals with. */
#define FAST_BITS_REQUEST						\
	MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define FAST_BITS_ANSWER MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)
#define FAST_BITS_WORD MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0)
#define FAST_BITS_OWN MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0)

struct mach_msg_quick {
	const struct mach_msg_args *args;
	struct ipc_kmsg **fetchedp;	/* KMSG for the complete path */
	mach_msg_header_t *header;	/* of what is sent */
	struct ipc_kmsg *kmsg;		/* that, if it is long or has rights */
	mach_msg_bits_t complex;	/* MACH_MSGH_BITS_COMPLEX or 0 */
	mach_msg_bits_t kind;		/* FAST_BITS_* */
	struct ipc_space *space;
	struct ipc_entry *dest_entry;
	struct ipc_port *dest;
	struct ipc_port *reply;		/* NULL without one */
	struct ipc_entry *reply_entry;	/* with one */
	struct ipc_pset *pset;		/* DEST's, locked with it */
	struct ipc_waiters *waiters;	/* the list where this is found: */
	struct ipc_waiter *waiter;	/* who gets the message */
	vm_offset_t spare;		/* a stack for a sender that keeps one */
	bool hands_over;		/* the waiter gets this stack, too */
	struct mach_msg_direct direct;	/* what is sent, if it is short */
};

/* A buffer for the message, if it needs one; *FROM was copied in already. */
static __attribute__((noinline)) bool
mach_msg_quick_alloc(struct mach_msg_quick *q, const mach_msg_header_t *from)
{
	q->kmsg = ipc_kmsg_alloc(q->args->send_size);
	if (q->kmsg == NULL) {
		return false;
	}
	if (from != NULL) {
		memcpy(&q->kmsg->user, from, q->args->send_size);
	} else if (copyin(q->args->msg, &q->kmsg->user, q->args->send_size) !=
		   KERN_SUCCESS) {
		ipc_kmsg_free(q->kmsg);
		return false;
	}
	q->header = &q->kmsg->user;
	q->header->msgh_size = q->args->send_size;
	/* The complete path does not read it again. */
	*q->fetchedp = q->kmsg;
	return true;
}

static bool
mach_msg_quick_fetch(struct mach_msg_quick *q)
{
	const struct mach_msg_args *args = q->args;
	mach_msg_header_t *header = &q->direct.message.header;

	if (args->send_size < sizeof(*header) || args->send_size % 4 != 0) {
		return false;
	}
	q->kmsg = NULL;
	if (args->send_size > IPC_SHORT_MAX) {
		if (!mach_msg_quick_alloc(q, NULL)) {
			return false;
		}
		header = q->header;
	} else if (copyin(args->msg, header, args->send_size) != KERN_SUCCESS) {
		return false;
	}
	header->msgh_size = args->send_size;
	q->header = header;
	q->complex = header->msgh_bits & MACH_MSGH_BITS_COMPLEX;
	q->kind = header->msgh_bits & ~MACH_MSGH_BITS_COMPLEX;
	switch (q->kind) {
	case FAST_BITS_REQUEST:
		break;
	case FAST_BITS_ANSWER:
	case FAST_BITS_WORD:
	case FAST_BITS_OWN:
		if (header->msgh_local_port == MACH_PORT_NULL) {
			break;
		}
		return false;
	default:
		if (q->kmsg == NULL) {
			mach_msg_quick_alloc(q, header);
		}
		return false;
	}
	if (q->complex == 0) {
		return true;
	}
	if (q->kmsg == NULL && !mach_msg_quick_alloc(q, header)) {
		return false;
	}
	/* What is out of line is not for here, but for a single region. */
	return args->send_size > sizeof(*header) &&
	       (((const mach_msg_type_t *)(q->header + 1))->msgt_inline ||
		   ipc_copyin_region_first(q->kmsg, current_map()));
}

/* Look the header's names up.  The space is locked. */
static bool
mach_msg_quick_find(struct mach_msg_quick *q)
{
	const mach_msg_header_t *header = q->header;
	struct ipc_entry *entry;

	if (!q->space->active) {
		return false;
	}
	entry = ipc_space_lookup(q->space, header->msgh_remote_port);
	if (entry == NULL) {
		return false;
	}
	if (q->kind == FAST_BITS_ANSWER) {
		if (ipc_entry_type(entry) != MACH_PORT_TYPE_SEND_ONCE ||
		    ipc_entry_has_request(entry) ||
		    q->space->tree_count != 0) {
			return false;
		}
	} else if (q->kind == FAST_BITS_OWN) {
		if ((ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE) == 0) {
			return false;
		}
	} else if ((ipc_entry_type(entry) & MACH_PORT_TYPE_SEND) == 0 ||
		   ipc_entry_urefs(entry) == 0) {
		return false;
	}
	q->dest_entry = entry;
	q->dest = entry->port;
	q->reply = NULL;
	if (q->kind == FAST_BITS_REQUEST) {
		entry = ipc_space_lookup(q->space, header->msgh_local_port);
		if (entry == NULL ||
		    (ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE) == 0 ||
		    entry->port == q->dest) {
			return false;
		}
		q->reply = entry->port;
		q->reply_entry = entry;
	}
	return true;
}

/* Find who waits for the message at DEST, which is locked and active. */
static bool
mach_msg_quick_find_waiter(struct mach_msg_quick *q)
{
	struct ipc_waiters *waiters = &q->dest->mqueue.waiters;
	struct ipc_waiter *waiter;

	q->pset = ipc_port_pset(q->dest);
	if (q->pset != NULL) {
		ipc_pset_lock(q->pset);
		waiters = &q->pset->receivers;
	}
	/* A sender that waits has no room. */
	waiter = waiters->first;
	if (waiter != NULL &&
	    (waiter->room != NULL || (waiter->option & IPC_RCV_DIRECT) != 0) &&
	    q->header->msgh_size <= waiter->size) {
		q->waiters = waiters;
		q->waiter = waiter;
		return true;
	}
	if (q->pset != NULL) {
		ipc_pset_unlock(q->pset);
	}
	return false;
}

/* Lock what the reply port's right needs, unless somebody has it locked. */
static bool
mach_msg_quick_lock_reply(struct mach_msg_quick *q)
{
	struct ipc_space *receiver = q->dest->receiver;

	if (!spinlock_try_nested(&q->reply->object.lock)) {
		return false;
	}
	if (receiver != q->space && !mutex_try(&receiver->lock)) {
		spinlock_unlock_nested(&q->reply->object.lock);
		return false;
	}
	return true;
}

/* The send-once right for the reply becomes the receiver's. */
static mach_port_name_t
mach_msg_quick_give_reply(struct mach_msg_quick *q)
{
	mach_port_name_t name;
	struct ipc_entry *entry = ipc_space_alloc_simple(
	    q->dest->receiver, &name);

	q->reply->sorights++;
	ipc_port_ref(q->reply);
	entry->port = q->reply;
	ipc_entry_set_type(entry, MACH_PORT_TYPE_SEND_ONCE);
	ipc_entry_set_urefs(entry, 1);
	return name;
}

/* The send-once right that the message was sent to is used up. */
static void
mach_msg_quick_use_dest(struct mach_msg_quick *q)
{
	struct ipc_entry *entry = q->dest_entry;

	assert(q->dest->sorights > 0);
	q->dest->sorights--;
	ipc_entry_set_type(entry, MACH_PORT_TYPE_NONE);
	ipc_space_free_simple(q->space,
	    ipc_name_index(q->header->msgh_remote_port), entry);
	/* The receive right has another one. */
	ipc_port_unref(q->dest);
}

/* Make the header what the receiver sees; DEST, locked, counts the message. */
static void
mach_msg_quick_stamp(struct mach_msg_quick *q, mach_msg_type_name_t dest_type,
    mach_msg_type_name_t reply_type, mach_port_name_t reply_name)
{
	mach_msg_header_t *header = q->header;
	struct ipc_port *dest = q->dest;

	if (dest->has_payload) {
		dest_type = MACH_MSG_TYPE_PROTECTED_PAYLOAD;
		header->msgh_local_port = (mach_port_name_t)dest->payload;
	} else {
		header->msgh_local_port = dest->name;
	}
	header->msgh_bits = MACH_MSGH_BITS(reply_type, dest_type) | q->complex;
	header->msgh_remote_port = reply_name;
	header->msgh_seqno = dest->mqueue.seqno++;
}

/* Nothing can fail any more: the receiver gets the message. */
static void
mach_msg_quick_deliver(struct mach_msg_quick *q)
{
	mach_msg_header_t *header = q->header;
	mach_msg_type_name_t dest_type = MACH_MSG_TYPE_PORT_SEND;
	mach_msg_type_name_t reply_type = 0;
	struct ipc_waiter *waiter = q->waiter;
	mach_port_name_t reply_name = MACH_PORT_NULL;

	if (q->reply != NULL) {
		reply_name = mach_msg_quick_give_reply(q);
		reply_type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	}
	if (q->kind == FAST_BITS_ANSWER) {
		dest_type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		mach_msg_quick_use_dest(q);
	}
	mach_msg_quick_stamp(q, dest_type, reply_type, reply_name);
	if (q->kmsg != NULL) {
		q->kmsg->ready = true;
		*q->fetchedp = NULL;
	}
	q->hands_over = waiter->room == NULL;
	if (q->hands_over) {
		q->direct.kmsg = q->kmsg;
	} else if (q->kmsg != NULL) {
		waiter->kmsg = q->kmsg;
	} else {
		waiter->room->header = *header;
		if (header->msgh_size > sizeof(*header)) {
			memcpy(waiter->room->body, header + 1,
			    header->msgh_size - sizeof(*header));
		}
	}
	ipc_waiters_remove(q->waiters, waiter);
	waiter->size = header->msgh_size;
	waiter->result = MACH_MSG_SUCCESS;
	waiter->done = true;
}

/* What mach_msg_quick_lock_source() did; the reply port stays locked. */
static void
mach_msg_quick_unlock_source(struct mach_msg_quick *q, struct mach_msg_wait *w)
{
	if (q->reply == NULL || w->source != &q->reply->object) {
		spinlock_unlock_nested(&w->source->lock);
	}
}

/*
 * Lock the port or set that the sender wants to receive from, if nobody else has
 * and it has no message yet; the reply port is locked already.
 */
static bool
mach_msg_quick_lock_source(struct mach_msg_quick *q, struct mach_msg_wait *w)
{
	struct ipc_entry *entry;
	struct ipc_object *object;
	mach_port_type_t type;
	bool empty = false;

	entry = q->reply != NULL &&
			q->args->rcv_name == q->header->msgh_local_port
		    ? q->reply_entry
		    : ipc_space_lookup(q->space, q->args->rcv_name);
	if (entry == NULL) {
		return false;
	}
	type = ipc_entry_type(entry);
	if ((type & MACH_PORT_TYPE_RECEIVE) != 0) {
		object = &entry->port->object;
	} else if (type == MACH_PORT_TYPE_PORT_SET) {
		object = &entry->pset->object;
	} else {
		return false;
	}
	if ((q->reply == NULL || object != &q->reply->object) &&
	    !spinlock_try_nested(&object->lock)) {
		return false;
	}
	w->source = object;
	if (type == MACH_PORT_TYPE_PORT_SET) {
		w->waiters = &entry->pset->receivers;
		empty = list_empty(&entry->pset->ready);
	} else if (ipc_port_pset(entry->port) == NULL) {
		w->waiters = &entry->port->mqueue.waiters;
		empty = ipc_kmsg_queue_empty(&entry->port->mqueue.messages);
	}
	if (!empty) {
		mach_msg_quick_unlock_source(q, w);
	}
	return empty;
}

/* The sender will wait at W->source, which is locked; unlock it. */
static void
mach_msg_quick_wait(struct mach_msg_quick *q, struct mach_msg_wait *w)
{
	struct thread *self = current_thread();

	/* The rest says what it has done already. */
	w->args.msg = q->args->msg;
	w->args.option = MACH_SEND_MSG | MACH_RCV_MSG;
	w->args.rcv_size = q->args->rcv_size;
	w->deadline = 0;
	ipc_object_ref(w->source);
	mach_msg_wait_begin(w, self);
	sleepq_prepare_alone(&self->wait, &w->waiter);
	mach_msg_quick_unlock_source(q, w);
}

/*
 * All but the last thing that can stand in the way of giving this stack to the
 * waiter: can the sender do without, and wait at W->source, which is locked then?
 */
static bool
mach_msg_quick_can_wait(struct mach_msg_quick *q, struct mach_msg_wait *w)
{
	struct thread *self = current_thread();

	if (self->kernel_only || !mach_msg_quick_lock_source(q, w)) {
		return false;
	}
	if (!self->keeps_stack) {
		return true;
	}
	q->spare = stack_try();
	if (q->spare == 0) {
		mach_msg_quick_unlock_source(q, w);
		return false;
	}
	return true;
}

/* The waiter is found, and the reply port's right can be given: do it. */
static bool
mach_msg_quick_claim(struct mach_msg_quick *q)
{
	struct mach_msg_wait *w = &current_thread()->ipc.wait;
	bool direct = q->waiter->room == NULL;

	if (direct && !mach_msg_quick_can_wait(q, w)) {
		return false;
	}
	if (!sleepq_claim(q->waiter->thread, q->waiter)) {
		if (direct) {
			mach_msg_quick_unlock_source(q, w);
		}
		return false;
	}
	mach_msg_quick_deliver(q);
	if (direct) {
		mach_msg_quick_wait(q, w);
	}
	return true;
}

/*
 * Send to DEST, which is locked and active, if somebody waits there who can
 * have the processor.  Unlocks it; false if nothing happened.
 */
static bool
mach_msg_quick_send_unlock(struct mach_msg_quick *q)
{
	struct ipc_space *receiver = q->dest->receiver;
	bool ready = false;

	if ((q->complex && !ipc_copyin_plain_locked(q->space, q->kmsg)) ||
	    !mach_msg_quick_find_waiter(q)) {
		ipc_port_unlock(q->dest);
		return false;
	}
	if (q->reply == NULL) {
		ready = true;
	} else if (mach_msg_quick_lock_reply(q)) {
		ready = ipc_space_is_simple(receiver);
	} else {
		q->reply = NULL;
	}
	ready = ready && mach_msg_quick_claim(q);
	if (q->pset != NULL) {
		ipc_pset_unlock(q->pset);
	}
	if (q->reply != NULL) {
		spinlock_unlock_nested(&q->reply->object.lock);
	}
	ipc_port_unlock(q->dest);
	if (q->reply != NULL && receiver != q->space) {
		mutex_unlock(&receiver->lock);
	}
	return ready;
}

/* Wait, and let the receiver have the message.  Preemption is off. */
static enum mach_msg_fast
mach_msg_quick_hand_over(struct mach_msg_quick *q, mach_msg_return_t *mrp)
{
	spinlock_irq_lock_on(&current_thread()->lock);
	preempt_enable_no_resched();
	sleepq_commit_alone_locked();
	*mrp = (mach_msg_return_t)sched_hand_over_unlock(mach_msg_trap_continue,
	    q->spare, mach_msg_trap_direct, &q->direct, sizeof(q->direct));
	return MACH_MSG_FAST_DONE;
}

/* Send to a thread that waits, then wait. */
static enum mach_msg_fast
mach_msg_quick_rpc_unlock(struct mach_msg_quick *q, mach_msg_return_t *mrp)
{
	bool sent;

	q->spare = 0;
	q->hands_over = false;
	/* The receiver must not run before the message has its rights, and if it
	 * is to get this stack, not without that. */
	preempt_disable();
	sent = mach_msg_quick_send_unlock(q);
	if (sent && q->complex != 0) {
		ipc_copyin_take_plain_locked(q->space, q->kmsg);
	}
	ipc_space_unlock(q->space);
	if (sent) {
		atomic_fetch_add_relaxed(
		    &current_task()->events.messages_sent, 1);
		if (q->hands_over) {
			return mach_msg_quick_hand_over(q, mrp);
		}
	} else if (q->spare != 0) {
		stack_put(q->spare);
	}
	preempt_enable();
	return sent ? MACH_MSG_FAST_SENT : MACH_MSG_FAST_NOT;
}

/*
 * Is the message the one that the sender receives next, from his own port or
 * from the set that it is in?  The space and DEST, which is his, are locked.
 */
static __attribute__((noinline)) bool
mach_msg_quick_is_own(struct mach_msg_quick *q)
{
	struct ipc_port *port = q->dest;
	struct ipc_pset *pset = ipc_port_pset(port);
	bool next;

	if (q->kmsg != NULL || port->limit == 0 ||
	    q->header->msgh_size > q->args->rcv_size ||
	    !ipc_kmsg_queue_empty(&port->mqueue.messages) ||
	    port->mqueue.waiters.first != NULL) {
		return false;
	}
	/* The only send right, gone with the message, would be noticed. */
	if (port->srights == 0 && port->extra != NULL &&
	    port->extra->nsnotice != NULL) {
		return false;
	}
	if (pset == NULL) {
		return port->name == q->args->rcv_name;
	}
	ipc_pset_lock(pset);
	next = pset->name == q->args->rcv_name && list_empty(&pset->ready) &&
	       pset->receivers.first == NULL;
	ipc_pset_unlock(pset);
	return next;
}

/* The sender is the receiver. */
static __attribute__((noinline)) enum mach_msg_fast
mach_msg_quick_own_unlock(struct mach_msg_quick *q, mach_msg_return_t *mrp)
{
	struct task *task = current_task();

	if (q->kind == FAST_BITS_OWN) {
		q->dest->mscount++;
	}
	mach_msg_quick_stamp(q, MACH_MSG_TYPE_PORT_SEND, 0, MACH_PORT_NULL);
	ipc_port_unlock(q->dest);
	ipc_space_unlock(q->space);
	atomic_fetch_add_relaxed(&task->events.messages_sent, 1);
	atomic_fetch_add_relaxed(&task->events.messages_received, 1);
	*mrp = MACH_MSG_SUCCESS;
	if (copyout(q->header, q->args->msg, q->header->msgh_size) !=
	    KERN_SUCCESS) {
		*mrp = MACH_RCV_INVALID_DATA;
	}
	return MACH_MSG_FAST_DONE;
}

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

/* Give the reply in BUFFER to the user, or send it. */
static enum mach_msg_fast
mach_msg_quick_answer(
    struct mach_msg_quick *q, struct ipc_kmsg *buffer, mach_msg_return_t *mrp)
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
		ipc_mqueue_send_always(ipc_kobject_trim(buffer));
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
	ipc_kobject_put_buffer(buffer);
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

/* Call the kernel.  The space and DEST are locked and active. */
static enum mach_msg_fast
mach_msg_quick_call_unlock(struct mach_msg_quick *q, mach_msg_return_t *mrp)
{
	mach_msg_header_t *request = q->header;
	enum mach_msg_fast done = MACH_MSG_FAST_NOT;
	struct ipc_kmsg *buffer = NULL;
	struct ipc_port *dest = q->dest;
	kern_return_t kr;

	if (q->reply != NULL && q->args->rcv_name == request->msgh_local_port &&
	    ipc_kobject_is_plain(request->msgh_id) &&
	    (q->complex == 0 || ipc_copyin_plain_locked(q->space, q->kmsg))) {
		buffer = ipc_kobject_get_buffer();
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
	kr = ipc_kobject_serve_plain(request, buffer);
	ipc_port_release_send(dest);
	if (q->kmsg != NULL) {
		mach_msg_quick_called(q->kmsg, kr);
	}
	if (kr != MIG_NO_REPLY) {
		done = mach_msg_quick_answer(q, buffer, mrp);
	} else {
		ipc_kobject_put_buffer(buffer);
		ipc_port_release_sonce(ipc_port_make_sonce(q->reply));
		done = MACH_MSG_FAST_SENT;
	}
	ipc_port_unref(q->reply);
	return done;
}

enum mach_msg_fast
mach_msg_fast(const struct mach_msg_args *args, struct ipc_kmsg **fetchedp,
    mach_msg_return_t *mrp)
{
	struct mach_msg_quick q;
	bool active;

	q.args = args;
	q.fetchedp = fetchedp;
	if (!mach_msg_quick_fetch(&q)) {
		return MACH_MSG_FAST_NOT;
	}
	q.space = current_space();
	ipc_space_lock(q.space);
	if (!mach_msg_quick_find(&q)) {
		ipc_space_unlock(q.space);
		return MACH_MSG_FAST_NOT;
	}
	ipc_port_lock(q.dest);
	active = ipc_port_active(q.dest) && q.dest->receiver != NULL;
	if (active && q.dest->receiver == ipc_space_kernel) {
		return mach_msg_quick_call_unlock(&q, mrp);
	}
	if (active && q.dest->receiver == q.space &&
	    (q.kind == FAST_BITS_WORD || q.kind == FAST_BITS_OWN) &&
	    mach_msg_quick_is_own(&q)) {
		return mach_msg_quick_own_unlock(&q, mrp);
	}
	/* A kernel's thread that waits for an answer has no names. */
	if (active && q.kind != FAST_BITS_OWN &&
	    (q.dest->receiver != ipc_space_reply ||
		(q.reply == NULL && q.kmsg == NULL))) {
		return mach_msg_quick_rpc_unlock(&q, mrp);
	}
	ipc_port_unlock(q.dest);
	ipc_space_unlock(q.space);
	return MACH_MSG_FAST_NOT;
}
