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
 * buffer, and that is handed over.  An exception goes to its handler like that,
 * with rights of two ports, and so does the answer.
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

#include <ipc/mach_msg_quick_i.h>

#include <mach/mig_errors.h>
#include <machine/copyio.h>
#include <machine/pcb.h>

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
#include <ipc/ipc_exception.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

/* Inlined into the paths of a call and of an exception, which differ in RAISES. */
#define QUICK static inline __attribute__((always_inline))

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
QUICK bool
mach_msg_quick_find_waiter(struct mach_msg_quick *q)
{
	struct ipc_waiters *waiters = &q->dest->mqueue.waiters;
	struct ipc_waiter *waiter;

	q->pset = ipc_port_pset(q->dest);
	if (q->pset != NULL) {
		ipc_pset_lock(q->pset);
		waiters = &q->pset->receivers;
	}
	waiter = waiters->first;
	if (waiter != NULL && waiter->direct != NULL &&
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
QUICK bool
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
QUICK mach_port_name_t
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

/*
 * Look for R in the receiver's space, which is locked and simple; one without
 * it must have COUNT free entries.
 */
static bool
mach_msg_quick_lock_right(struct ipc_space *receiver,
    struct mach_msg_quick_right *r, unsigned count)
{
	r->entry = ipc_space_reverse(receiver, r->port, &r->name);
	return r->entry != NULL ||
	       (ipc_space_has_free(receiver, count) &&
		   spinlock_try_nested(&r->port->object.lock));
}

static void
mach_msg_quick_unlock_right(const struct mach_msg_quick_right *r)
{
	if (r->entry == NULL) {
		spinlock_unlock_nested(&r->port->object.lock);
	}
}

/* Can the receiver get what an exception brings, and a right for the reply? */
static bool
mach_msg_quick_lock_raise(struct mach_msg_quick *q)
{
	struct ipc_space *receiver = q->dest->receiver;
	struct mach_msg_quick_raise *raise = q->raise;

	if (!mach_msg_quick_lock_right(receiver, &raise->thread, 2)) {
		return false;
	}
	if (mach_msg_quick_lock_right(receiver, &raise->task, 3)) {
		return true;
	}
	mach_msg_quick_unlock_right(&raise->thread);
	return false;
}

static void
mach_msg_quick_unlock_raise(const struct mach_msg_quick_raise *raise)
{
	mach_msg_quick_unlock_right(&raise->thread);
	mach_msg_quick_unlock_right(&raise->task);
}

/* Nothing can fail any more: the receiver gets R. */
static mach_port_t
mach_msg_quick_give_right(
    struct ipc_space *receiver, struct mach_msg_quick_right *r)
{
	struct ipc_entry *entry = r->entry;

	if (entry == NULL) {
		entry = ipc_space_alloc_simple(receiver, &r->name);
		r->port->srights++;
		r->port->mscount++;
		ipc_port_ref(r->port);
	}
	ipc_right_install(receiver, r->name, entry, r->port,
	    MACH_MSG_TYPE_PORT_SEND);
	return r->name;
}

static void
mach_msg_quick_give_raise(struct mach_msg_quick *q)
{
	struct ipc_exception_message *message =
	    (struct ipc_exception_message *)q->header;
	struct ipc_space *receiver = q->dest->receiver;

	message->thread = mach_msg_quick_give_right(
	    receiver, &q->raise->thread);
	message->task = mach_msg_quick_give_right(receiver, &q->raise->task);
	/* The right that the message was sent with; there are others. */
	q->dest->srights--;
	ipc_port_unref(q->dest);
}

/* The send-once right that the message was sent to is used up. */
QUICK void
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
QUICK void
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
QUICK void
mach_msg_quick_deliver(struct mach_msg_quick *q, bool raises)
{
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
	if (raises) {
		mach_msg_quick_give_raise(q);
	}
	q->direct.kmsg = q->kmsg;
	q->direct_fn = waiter->direct;
	ipc_waiters_remove(q->waiters, waiter);
	waiter->result = MACH_MSG_SUCCESS;
	waiter->done = true;
}

/* The same for the answer to an exception: it comes to the reply port. */
static bool
mach_msg_quick_reply_source(struct mach_msg_quick *q, struct mach_msg_wait *w)
{
	w->source = &q->reply->object;
	w->waiters = &q->reply->mqueue.waiters;
	return ipc_kmsg_queue_empty(&q->reply->mqueue.messages);
}

/* What mach_msg_quick_lock_source() did; the reply port stays locked. */
QUICK void
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
QUICK void
mach_msg_quick_wait(
    struct mach_msg_quick *q, struct mach_msg_wait *w, bool raises)
{
	struct thread *self = current_thread();

	if (raises) {
		mach_msg_wait_begin(w, self, 0, IPC_EXCEPTION_REPLY_SIZE,
		    ipc_exception_direct);
	} else {
		/* The rest says what it has done already. */
		w->args.msg = q->args->msg;
		w->args.option = MACH_SEND_MSG | MACH_RCV_MSG;
		w->args.rcv_size = q->args->rcv_size;
		w->deadline = 0;
		ipc_object_ref(w->source);
		mach_msg_wait_begin(
		    w, self, 0, q->args->rcv_size, mach_msg_trap_direct);
	}
	sleepq_prepare_alone(&self->wait, &w->waiter);
	mach_msg_quick_unlock_source(q, w);
}

/*
 * All but the last thing that can stand in the way of giving this stack to the
 * waiter: can the sender do without, and wait at W->source, which is locked then?
 */
QUICK bool
mach_msg_quick_can_wait(
    struct mach_msg_quick *q, struct mach_msg_wait *w, bool raises)
{
	struct thread *self = current_thread();

	if (self->kernel_only) {
		return false;
	}
	if (raises ? !mach_msg_quick_reply_source(q, w)
		   : !mach_msg_quick_lock_source(q, w)) {
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
QUICK bool
mach_msg_quick_claim(struct mach_msg_quick *q, bool raises)
{
	struct mach_msg_wait *w = &current_thread()->waiting.msg;

	if (!mach_msg_quick_can_wait(q, w, raises)) {
		return false;
	}
	if (!sleepq_claim(q->waiter->thread, q->waiter)) {
		mach_msg_quick_unlock_source(q, w);
		return false;
	}
	mach_msg_quick_deliver(q, raises);
	mach_msg_quick_wait(q, w, raises);
	return true;
}

/*
 * Send to DEST, which is locked and active, if somebody waits there who can
 * have the processor.  Unlocks it; false if nothing happened.
 * RAISES: it is an exception, and Q->raise is there.
 */
QUICK bool
mach_msg_quick_send_unlock(struct mach_msg_quick *q, bool raises)
{
	struct ipc_space *receiver = q->dest->receiver;
	bool ready = false;
	bool raised;

	if ((!raises && q->complex &&
		!ipc_copyin_plain_locked(q->space, q->kmsg)) ||
	    !mach_msg_quick_find_waiter(q)) {
		ipc_port_unlock(q->dest);
		return false;
	}
	if (q->reply == NULL) {
		ready = true;
	} else if (mach_msg_quick_lock_reply(q)) {
		ready = ipc_space_is_simple(receiver) &&
			(!raises || mach_msg_quick_lock_raise(q));
	} else {
		q->reply = NULL;
	}
	raised = raises && ready;
	ready = ready && mach_msg_quick_claim(q, raises);
	if (raised) {
		mach_msg_quick_unlock_raise(q->raise);
	}
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

/*
 * Wait, to go on with CONTINUATION, and let the receiver have the message; what
 * its trap returns.  Preemption is off.
 */
QUICK uint32_t
mach_msg_quick_hand_over(
    struct mach_msg_quick *q, void (*continuation)(void))
{
	spinlock_irq_lock_on(&current_thread()->lock);
	preempt_enable_no_resched();
	sleepq_commit_alone_locked();
	return sched_hand_over_unlock(continuation, q->spare, q->direct_fn,
	    &q->direct, sizeof(q->direct));
}

/* Send to a thread that waits, then wait. */
static enum mach_msg_fast
mach_msg_quick_rpc_unlock(struct mach_msg_quick *q, mach_msg_return_t *mrp)
{
	bool sent;

	q->spare = 0;
	/* The receiver is to get this stack, and only then to run. */
	preempt_disable();
	sent = mach_msg_quick_send_unlock(q, false);
	if (sent && q->complex != 0) {
		ipc_copyin_take_plain_locked(q->space, q->kmsg);
	}
	ipc_space_unlock(q->space);
	if (sent) {
		atomic_fetch_add_relaxed(
		    &current_task()->events.messages_sent, 1);
		*mrp = (mach_msg_return_t)mach_msg_quick_hand_over(
		    q, mach_msg_trap_continue);
		return MACH_MSG_FAST_DONE;
	}
	if (q->spare != 0) {
		stack_put(q->spare);
	}
	preempt_enable();
	return MACH_MSG_FAST_NOT;
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

/* Send the exception, and be ready to wait for the answer. */
static bool
mach_msg_quick_raise(struct mach_msg_quick *q)
{
	struct ipc_port *dest = q->dest;

	ipc_port_lock(dest);
	/* Its last send right would be missed. */
	if (!ipc_port_active(dest) || dest->receiver == NULL ||
	    dest->receiver->special || dest->srights == 1) {
		ipc_port_unlock(dest);
		return false;
	}
	return mach_msg_quick_send_unlock(q, true);
}

void
mach_msg_fast_exception(
    struct ipc_port *port, const struct ipc_exception *exception)
{
	struct mach_msg_quick_raise raise = {
		/* These are there as long as the thread runs. */
		.thread.port = current_thread()->ipc.self,
		.task.port = current_task()->ipc.self,
	};
	struct mach_msg_quick q;
	uint32_t result;

	q.raise = &raise;
	q.header = &q.direct.message.header;
	q.kmsg = NULL;
	q.complex = MACH_MSGH_BITS_COMPLEX;
	q.kind = FAST_BITS_REQUEST;
	q.space = NULL;
	q.dest = port;
	q.reply = current_thread()->ipc.rpc_reply;
	q.spare = 0;
	ipc_exception_compose(
	    (struct ipc_exception_message *)q.header, exception);
	/* As in a call. */
	preempt_disable();
	if (mach_msg_quick_raise(&q)) {
		result = mach_msg_quick_hand_over(&q, ipc_exception_continue);
		/* This is the other thread by now. */
		pcb_set_return(current_thread(), result);
		pcb_return_to_user();
	}
	if (q.spare != 0) {
		stack_put(q.spare);
	}
	preempt_enable();
}
