/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Port states and right counts.
 *
 * Functions that end rights never send a notification with a lock held: they
 * take what is needed out of the port, unlock, and then send.
 */

#include <ipc/ipc_port.h>

#include <mach/notify.h>
#include <machine/atomic.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <string.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_space.h>

static struct kmem_cache ipc_port_cache;
static struct kmem_cache ipc_port_extra_cache;
static unsigned ipc_port_total; /* [a] ports that exist */

/* Guards `in_transit' and, with that set, `destination' of every port; nothing
 * is locked inside it. */
static struct spinlock ipc_port_transit_lock = SPINLOCK_INITIALIZER(
    LOCK_RANK_IPC_MQUEUE);

void
ipc_port_setup(void)
{
	kmem_cache_init(
	    &ipc_port_cache, "ipc_port", sizeof(struct ipc_port), 0);
	kmem_cache_init(&ipc_port_extra_cache, "ipc_port_extra",
	    sizeof(struct ipc_port_extra), 0);
}

struct ipc_port *
ipc_port_create(void)
{
	struct ipc_port *port = kmem_cache_alloc(&ipc_port_cache);

	if (port == NULL) {
		return NULL;
	}
	memset(port, 0, sizeof(*port));
	ipc_object_init(&port->object, IPC_OBJECT_PORT);
	port->limit = MACH_PORT_QLIMIT_DEFAULT;
	atomic_fetch_add_relaxed(&ipc_port_total, 1);
	return port;
}

struct ipc_port *
ipc_port_create_special(struct ipc_space *space)
{
	struct ipc_port *port = ipc_port_create();

	if (port != NULL) {
		port->receiver = space;
	}
	return port;
}

struct ipc_port_extra *
ipc_port_need_extra(struct ipc_port *port)
{
	struct ipc_port_extra *extra = port->extra;

	ipc_port_assert_locked(port);
	if (extra != NULL) {
		return extra;
	}
	extra = kmem_cache_alloc(&ipc_port_extra_cache);
	if (extra == NULL) {
		return NULL;
	}
	memset(extra, 0, sizeof(*extra));
	extra->port = port;
	list_init(&extra->requests);
	port->extra = extra;
	return extra;
}

static void
ipc_port_free_extra(struct ipc_port_extra *extra)
{
	assert(extra->nsnotice == NULL && extra->pdnotice == NULL);
	assert(extra->pset == NULL && list_empty(&extra->requests));
	kmem_cache_free(&ipc_port_extra_cache, extra);
}

void
ipc_port_free(struct ipc_port *port)
{
	assert(!port->object.active && !port->object.in_transit);
	assert(port->srights == 0 && port->sorights == 0);
	assert(ipc_kmsg_queue_empty(&port->mqueue.messages));
	assert(port->mqueue.waiters.first == NULL);
	if (port->extra != NULL) {
		ipc_port_free_extra(port->extra);
	}
	atomic_fetch_sub_relaxed(&ipc_port_total, 1);
	kmem_cache_free(&ipc_port_cache, port);
}

unsigned
ipc_port_count(void)
{
	return atomic_load_relaxed(&ipc_port_total);
}

struct ipc_port *
ipc_port_make_send(struct ipc_port *port)
{
	if (!ip_valid(port)) {
		return port;
	}
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		return IP_DEAD;
	}
	port->mscount++;
	port->srights++;
	ipc_port_ref(port);
	ipc_port_unlock(port);
	return port;
}

struct ipc_port *
ipc_port_copy_send(struct ipc_port *port)
{
	if (!ip_valid(port)) {
		return port;
	}
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		return IP_DEAD;
	}
	assert(port->srights > 0);
	port->srights++;
	ipc_port_ref(port);
	ipc_port_unlock(port);
	return port;
}

struct ipc_port *
ipc_port_make_sonce(struct ipc_port *port)
{
	if (!ip_valid(port)) {
		return port;
	}
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		return IP_DEAD;
	}
	port->sorights++;
	ipc_port_ref(port);
	ipc_port_unlock(port);
	return port;
}

/* The no-senders notification of PORT, which is locked, or NULL. */
static struct ipc_kmsg *
ipc_port_take_nsnotice(struct ipc_port *port)
{
	struct ipc_kmsg *notice = NULL;

	if (port->extra != NULL) {
		notice = port->extra->nsnotice;
		port->extra->nsnotice = NULL;
	}
	return notice;
}

void
ipc_port_release_send(struct ipc_port *port)
{
	const struct ipc_kobject_ops *ops = NULL;
	struct ipc_kmsg *notice = NULL;
	mach_port_mscount_t mscount = 0;
	void *obj = NULL;

	if (!ip_valid(port)) {
		return;
	}
	ipc_port_lock(port);
	assert(port->srights > 0);
	port->srights--;
	if (port->srights > 0) {
		ipc_port_unlock(port);
		ipc_port_unref(port);
		return;
	}
	if (ipc_port_active(port)) {
		notice = ipc_port_take_nsnotice(port);
		mscount = port->mscount;
		if (port->receiver == ipc_space_kernel) {
			ops = ipc_kobject_ops(port->kobject_kind);
			obj = port->kobject;
		}
	}
	ipc_port_unlock(port);
	if (notice != NULL) {
		ipc_notify_send_no_senders(notice, mscount);
	}
	if (ops != NULL && ops->no_senders != NULL && obj != NULL) {
		ops->no_senders(port, obj, mscount);
	}
	ipc_port_unref(port);
}

void
ipc_port_release_sonce(struct ipc_port *port)
{
	bool active;

	if (!ip_valid(port)) {
		return;
	}
	ipc_port_lock(port);
	assert(port->sorights > 0);
	active = ipc_port_active(port);
	if (!active) {
		port->sorights--;
	}
	ipc_port_unlock(port);
	if (active) {
		ipc_notify_send_once(port, NULL);
	} else {
		ipc_port_unref(port);
	}
}

void
ipc_port_release_receive(struct ipc_port *port)
{
	if (!ip_valid(port)) {
		return;
	}
	ipc_port_clear_transit(port);
	ipc_port_lock(port);
	assert(ipc_port_active(port) && port->receiver == NULL);
	ipc_port_destroy_unlock(port);
}

void
ipc_port_release(struct ipc_port *port, mach_msg_type_name_t type)
{
	switch (type) {
	case MACH_MSG_TYPE_PORT_SEND:
		ipc_port_release_send(port);
		break;
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		ipc_port_release_sonce(port);
		break;
	case MACH_MSG_TYPE_PORT_RECEIVE:
		ipc_port_release_receive(port);
		break;
	default:
		panic("ipc_port_release: no right has type %u", type);
	}
}

void
ipc_port_drop(struct ipc_port *port, mach_msg_type_name_t type)
{
	if (!ip_valid(port)) {
		return;
	}
	ipc_port_lock(port);
	if (type == MACH_MSG_TYPE_PORT_SEND) {
		assert(port->srights > 0);
		port->srights--;
	} else {
		assert(type == MACH_MSG_TYPE_PORT_SEND_ONCE);
		assert(port->sorights > 0);
		port->sorights--;
	}
	ipc_port_unlock(port);
	ipc_port_unref(port);
}

void
ipc_port_detach(struct ipc_port *port)
{
	ipc_port_assert_locked(port);
	if (ipc_port_pset(port) != NULL) {
		ipc_pset_remove(port);
	}
	ipc_mqueue_wake_receivers(&port->mqueue.waiters, MACH_RCV_PORT_DIED);
	port->receiver = NULL;
	port->name = MACH_PORT_NULL;
	port->mscount = 0;
	port->mqueue.seqno = 0;
	port->has_payload = false;
	port->payload = 0;
}

/* Move the dead-name requests of PORT to LIST; others stay. */
static void
ipc_port_take_requests(struct ipc_port *port, struct list *list)
{
	struct ipc_request *request;
	struct ipc_request *next;

	if (port->extra == NULL) {
		return;
	}
	list_for_each_entry_safe(&port->extra->requests, request, next, node)
	{
		if (request->kind == IPC_REQUEST_DEAD_NAME) {
			list_remove(&request->node);
			list_insert_tail(list, &request->node);
		}
	}
}

void
ipc_port_destroy_unlock(struct ipc_port *port)
{
	struct ipc_kmsg_queue dead = { NULL };
	struct ipc_kmsg *notice;
	struct list requests;

	ipc_port_assert_locked(port);
	assert(ipc_port_active(port) && port->receiver == NULL);
	if (port->extra != NULL && port->extra->pdnotice != NULL) {
		notice = port->extra->pdnotice;
		port->extra->pdnotice = NULL;
		port->mscount = 0;
		ipc_port_unlock(port);
		ipc_notify_send_port(notice, port);
		return;
	}

	list_init(&requests);
	atomic_store_relaxed(&port->object.active, false);
	port->kobject = NULL;
	port->kobject_kind = IKOT_NONE;
	notice = ipc_port_take_nsnotice(port);
	ipc_port_take_requests(port, &requests);
	ipc_mqueue_drain(port, &dead);
	ipc_port_unlock(port);

	if (notice != NULL) {
		ipc_notify_send_unused(notice);
	}
	if (!list_empty(&requests)) {
		ipc_request_send_list(&requests, MACH_NOTIFY_DEAD_NAME);
	}
	if (!ipc_kmsg_queue_empty(&dead)) {
		ipc_kmsg_destroy_queue(&dead);
	}
	ipc_port_unref(port);
}

/* Where PORT is on its way to, or NULL.  The transit lock is held. */
static struct ipc_port *
ipc_port_next_hop(const struct ipc_port *port)
{
	return port->object.in_transit ? port->destination : NULL;
}

/*
 * A port in transit points to the port its message was sent to.  Following
 * these pointers from DEST must not lead to PORT, or the message could only
 * be received by who has received it already.  Pointers are set only here,
 * so no loop can ever close.
 */
bool
ipc_port_check_circularity(struct ipc_port *port, struct ipc_port *dest)
{
	struct ipc_port *p;

	if (!ip_valid(port) || !ip_valid(dest)) {
		return false;
	}
	spinlock_lock(&ipc_port_transit_lock);
	for (p = dest; p != NULL && p != port; p = ipc_port_next_hop(p)) {
		continue;
	}
	if (p == NULL) {
		assert(!port->object.in_transit && port->name == 0);
		ipc_port_ref(dest);
		port->destination = dest;
		port->object.in_transit = true;
	}
	spinlock_unlock(&ipc_port_transit_lock);
	return p != NULL;
}

void
ipc_port_clear_transit(struct ipc_port *port)
{
	struct ipc_port *dest;

	spinlock_lock(&ipc_port_transit_lock);
	dest = ipc_port_next_hop(port);
	if (dest != NULL) {
		port->object.in_transit = false;
		port->name = MACH_PORT_NULL;
	}
	spinlock_unlock(&ipc_port_transit_lock);
	if (dest != NULL) {
		ipc_port_unref(dest);
	}
}

bool
ipc_port_no_senders(struct ipc_port *port, mach_port_mscount_t mscount)
{
	bool none;

	ipc_port_lock(port);
	none = port->srights == 0 && port->mscount == mscount;
	ipc_port_unlock(port);
	return none;
}

/*
 * Make the notice in *SLOT one for NOTIFY, maybe null, and return the right
 * that it had.
 */
static kern_return_t
ipc_port_swap_notice(
    struct ipc_kmsg **slot, struct ipc_port *notify, struct ipc_port **previous)
{
	struct ipc_kmsg *notice = *slot;

	if (notify == IP_NULL) {
		*slot = NULL;
		*previous = notice == NULL ? IP_NULL
					   : ipc_notify_cancel(notice);
		return KERN_SUCCESS;
	}
	if (notice != NULL) {
		*previous = ipc_notify_swap(notice, notify);
		return KERN_SUCCESS;
	}
	*slot = ipc_notify_prepare(notify);
	if (*slot == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	*previous = IP_NULL;
	return KERN_SUCCESS;
}

/*
 * The extra part of PORT for a notification to NOTIFY.  To have none is no
 * reason to make it: *EXTRAP is NULL then if there never was one.
 */
static kern_return_t
ipc_port_extra_for(struct ipc_port *port, const struct ipc_port *notify,
    struct ipc_port_extra **extrap)
{
	if (notify == IP_NULL) {
		*extrap = port->extra;
		return KERN_SUCCESS;
	}
	*extrap = ipc_port_need_extra(port);
	return *extrap != NULL ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t
ipc_port_pdrequest_unlock(
    struct ipc_port *port, struct ipc_port *notify, struct ipc_port **previous)
{
	struct ipc_port_extra *extra;
	kern_return_t kr;

	ipc_port_assert_locked(port);
	kr = ipc_port_extra_for(port, notify, &extra);
	if (kr == KERN_SUCCESS && extra == NULL) {
		*previous = IP_NULL;
	} else if (kr == KERN_SUCCESS) {
		kr = ipc_port_swap_notice(&extra->pdnotice, notify, previous);
	}
	ipc_port_unlock(port);
	return kr;
}

kern_return_t
ipc_port_nsrequest_unlock(struct ipc_port *port, mach_port_mscount_t sync,
    struct ipc_port *notify, struct ipc_port **previous)
{
	struct ipc_kmsg *notice = NULL;
	mach_port_mscount_t mscount = port->mscount;
	struct ipc_port_extra *extra;
	kern_return_t kr;

	ipc_port_assert_locked(port);
	kr = ipc_port_extra_for(port, notify, &extra);
	if (kr == KERN_SUCCESS && extra == NULL) {
		*previous = IP_NULL;
	} else if (kr == KERN_SUCCESS) {
		kr = ipc_port_swap_notice(&extra->nsnotice, notify, previous);
	}
	if (kr == KERN_SUCCESS && port->srights == 0 && sync <= mscount) {
		notice = ipc_port_take_nsnotice(port);
	}
	ipc_port_unlock(port);
	if (notice != NULL) {
		ipc_notify_send_no_senders(notice, mscount);
	}
	return kr;
}

kern_return_t
ipc_port_request_no_senders(
    struct ipc_port *port, mach_port_mscount_t sync, struct ipc_port *notify)
{
	struct ipc_port *sonce = ipc_port_make_sonce(notify);
	struct ipc_port *previous = IP_NULL;
	kern_return_t kr;

	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		ipc_port_drop(sonce, MACH_MSG_TYPE_PORT_SEND_ONCE);
		return KERN_INVALID_ARGUMENT;
	}
	kr = ipc_port_nsrequest_unlock(port, sync, sonce, &previous);
	if (kr != KERN_SUCCESS) {
		ipc_port_drop(sonce, MACH_MSG_TYPE_PORT_SEND_ONCE);
		return kr;
	}
	ipc_port_release_sonce(previous);
	return KERN_SUCCESS;
}

unsigned
ipc_port_count_requests(const struct ipc_port *port)
{
	struct ipc_request *request;
	unsigned count = 0;

	ipc_port_assert_locked(port);
	if (port->extra == NULL) {
		return 0;
	}
	list_for_each_entry(&port->extra->requests, request, node)
	{
		count++;
	}
	return count;
}

void
ipc_port_status(struct ipc_port *port, mach_port_status_t *status)
{
	const struct ipc_port_extra *extra = port->extra;

	ipc_port_assert_locked(port);
	status->mps_seqno = port->mqueue.seqno;
	status->mps_mscount = port->mscount;
	status->mps_qlimit = port->limit;
	status->mps_msgcount = ipc_kmsg_queue_count(&port->mqueue.messages);
	status->mps_sorights = port->sorights;
	status->mps_srights = port->srights > 0;
	status->mps_pdrequest = extra != NULL && extra->pdnotice != NULL;
	status->mps_nsrequest = extra != NULL && extra->nsnotice != NULL;
}

static void
ipc_port_check_extra(const struct ipc_port *port, bool has_messages)
{
	const struct ipc_port_extra *extra = port->extra;
	const struct ipc_request *request;

	assert(extra->port == port);
	list_for_each_entry(&extra->requests, request, node)
	{
		assert(request->port == port);
		assert(port->object.active ||
		       request->kind == IPC_REQUEST_MSG_ACCEPTED);
	}
	if (!port->object.active) {
		assert(extra->pset == NULL && extra->nsnotice == NULL);
	}
	assert(list_node_linked(&extra->ready_node) ==
	       (extra->pset != NULL && has_messages));
}

/* Walk the messages of PORT and return how many there are. */
static unsigned
ipc_port_check_messages(const struct ipc_port *port)
{
	const struct ipc_kmsg *last = port->mqueue.messages.last;
	const struct ipc_kmsg *kmsg = last;
	unsigned count = 0;

	if (last == NULL) {
		return 0;
	}
	do {
		kmsg = kmsg->next;
		assert(kmsg->header.remote == port);
		count++;
	} while (kmsg != last);
	assert(count == last->count);
	return count;
}

void
ipc_port_check(struct ipc_port *port)
{
	struct ipc_pset *pset = ipc_port_pset(port);
	unsigned count = ipc_port_check_messages(port);

	ipc_port_assert_locked(port);
	assert(port->object.kind == IPC_OBJECT_PORT);
	assert(refcount_read(&port->object.refs) >=
	       port->srights + port->sorights);
	assert(!port->has_payload || port->kobject_kind == IKOT_NONE);
	if (pset != NULL) {
		ipc_pset_lock(pset);
	}
	if (port->extra != NULL) {
		ipc_port_check_extra(port, count != 0);
	}
	if (pset != NULL) {
		ipc_pset_unlock(pset);
	}
	ipc_mqueue_check(&port->mqueue.waiters,
	    port->object.active && pset == NULL && count == 0,
	    port->object.active);
	if (!port->object.active) {
		assert(count == 0 && port->receiver == NULL);
	}
}
