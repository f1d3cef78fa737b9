/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Requests for notifications.
 */

#include <ipc/ipc_request.h>

#include <mach/notify.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

static struct kmem_cache ipc_request_cache;

void
ipc_request_setup(void)
{
	kmem_cache_init(&ipc_request_cache, "ipc_request",
	    sizeof(struct ipc_request), 0);
}

struct ipc_request *
ipc_request_create(enum ipc_request_kind kind, struct ipc_space *space,
    struct ipc_port *port, mach_port_name_t name, struct ipc_port *notify)
{
	struct ipc_request *request = kmem_cache_alloc(&ipc_request_cache);

	if (request == NULL) {
		return NULL;
	}
	request->notice = ipc_notify_prepare(notify);
	if (request->notice == NULL) {
		kmem_cache_free(&ipc_request_cache, request);
		return NULL;
	}
	refcount_init(&request->refs, 1);
	list_node_init(&request->node);
	request->kind = kind;
	request->name = name;
	request->space = space;
	request->port = port;
	if (kind == IPC_REQUEST_MSG_ACCEPTED) {
		ipc_space_ref(space);
		ipc_port_ref(port);
	}
	return request;
}

static void
ipc_request_unref(struct ipc_request *request)
{
	if (!refcount_unref(&request->refs)) {
		return;
	}
	if (request->kind == IPC_REQUEST_MSG_ACCEPTED) {
		ipc_space_unref(request->space);
		ipc_port_unref(request->port);
	}
	kmem_cache_free(&ipc_request_cache, request);
}

static void
ipc_request_attach(struct ipc_request *request, struct ipc_entry *entry)
{
	refcount_ref(&request->refs);
	request->link = entry->link;
	entry->request = request;
	entry->bits |= IPC_ENTRY_REQUEST;
}

void
ipc_request_detach(struct ipc_entry *entry)
{
	struct ipc_request *request = entry->request;

	assert(ipc_entry_has_request(entry));
	entry->bits &= ~IPC_ENTRY_REQUEST;
	entry->link = request->link;
	ipc_request_unref(request);
}

void
ipc_request_send(struct ipc_request *request, mach_msg_id_t id)
{
	struct ipc_kmsg *notice = request->notice;
	mach_port_name_t name = request->name;

	ipc_request_unref(request);
	if (id == MACH_NOTIFY_SEND_ONCE) {
		ipc_notify_send_unused(notice);
	} else {
		ipc_notify_send_name(notice, id, name);
	}
}

void
ipc_request_send_list(struct list *requests, mach_msg_id_t id)
{
	struct ipc_request *request;

	while (!list_empty(requests)) {
		request = list_first_entry(requests, struct ipc_request, node);
		list_remove(&request->node);
		ipc_request_send(request, id);
	}
}

struct ipc_port *
ipc_request_cancel(struct ipc_request *request)
{
	struct ipc_kmsg *notice = request->notice;

	ipc_request_unref(request);
	return ipc_notify_cancel(notice);
}

void
ipc_request_rename_accepted(struct ipc_port *port, struct ipc_space *space,
    mach_port_name_t name, mach_port_name_t new_name)
{
	struct ipc_request *request;

	ipc_port_lock(port);
	/* It has this part: a request was made. */
	list_for_each_entry(&port->extra->requests, request, node) {
		if (request->kind == IPC_REQUEST_MSG_ACCEPTED &&
		    request->space == space && request->name == name) {
			request->name = new_name;
			break;
		}
	}
	ipc_port_unlock(port);
}

/* Another message may now be forced through this right. */
static void
ipc_request_clear_entry(struct ipc_request *request)
{
	struct ipc_entry *entry;

	if (request->name == MACH_PORT_NULL || !request->space->active) {
		return;
	}
	entry = ipc_space_lookup(request->space, request->name);
	assert(entry != NULL && entry->port == request->port);
	entry->bits &= ~IPC_ENTRY_MAREQUEST;
}

void
ipc_request_finish(struct ipc_request *request, bool accepted)
{
	struct ipc_space *space = request->space;
	struct ipc_port *port = request->port;

	/* A name changes only with the space locked, so it is final here. */
	ipc_space_lock(space);
	ipc_port_lock(port);
	list_remove(&request->node);
	ipc_port_unlock(port);
	ipc_request_clear_entry(request);
	ipc_space_unlock(space);
	ipc_request_send(request, accepted ?
	    MACH_NOTIFY_MSG_ACCEPTED : MACH_NOTIFY_SEND_ONCE);
}

/* List REQUEST at its port, which is locked, unless there is no memory. */
static bool
ipc_request_list(struct ipc_request *request)
{
	struct ipc_port_extra *extra = ipc_port_need_extra(request->port);

	if (extra == NULL) {
		return false;
	}
	list_insert_tail(&extra->requests, &request->node);
	return true;
}

kern_return_t
ipc_request_insert_locked(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port *notify)
{
	struct ipc_port *port = entry->port;
	struct ipc_request *request;
	kern_return_t kr = KERN_SUCCESS;

	assert(!ipc_entry_has_request(entry));
	request = ipc_request_create(IPC_REQUEST_DEAD_NAME, space, port, name,
	    notify);
	if (request == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		kr = KERN_INVALID_CAPABILITY;
	} else if (!ipc_request_list(request)) {
		kr = KERN_RESOURCE_SHORTAGE;
	} else {
		ipc_request_attach(request, entry);
	}
	ipc_port_unlock(port);
	if (kr != KERN_SUCCESS) {
		ipc_request_cancel(request);
	}
	return kr;
}

/*
 * Swap the request of an entry whose port was alive a moment ago.  Returns
 * KERN_INVALID_CAPABILITY if it died.
 */
static kern_return_t
ipc_request_swap(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port *notify,
    struct ipc_port **previous)
{
	struct ipc_request *cancelled = NULL;
	kern_return_t kr = KERN_INVALID_CAPABILITY;

	if (!ipc_entry_has_request(entry)) {
		*previous = IP_NULL;
		return notify == IP_NULL ? KERN_SUCCESS :
		    ipc_request_insert_locked(space, name, entry, notify);
	}
	ipc_port_lock(entry->port);
	if (ipc_port_active(entry->port)) {
		kr = KERN_SUCCESS;
		if (notify == IP_NULL) {
			cancelled = entry->request;
			ipc_request_detach(entry);
			list_remove(&cancelled->node);
		} else {
			*previous = ipc_notify_swap(entry->request->notice,
			    notify);
		}
	}
	ipc_port_unlock(entry->port);
	if (cancelled != NULL) {
		*previous = ipc_request_cancel(cancelled);
	}
	return kr;
}

/* A dead name whose notification is due at once: one reference more. */
static kern_return_t
ipc_request_notify_dead(struct ipc_entry *entry, bool immediate,
    struct ipc_port *notify, struct ipc_kmsg **noticep)
{
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);

	if (!immediate || notify == IP_NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (urefs == IPC_ENTRY_UREFS_MAX) {
		return KERN_UREFS_OVERFLOW;
	}
	*noticep = ipc_notify_prepare(notify);
	if (*noticep == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	ipc_entry_set_urefs(entry, urefs + 1);
	return KERN_SUCCESS;
}

/* With the space locked and active; *NOTICEP is to be sent after that. */
static kern_return_t
ipc_request_dead_name_locked(struct ipc_space *space, mach_port_name_t name,
    bool immediate, struct ipc_port *notify, struct ipc_port **previous,
    struct ipc_kmsg **noticep)
{
	struct ipc_entry *entry = ipc_space_lookup(space, name);
	mach_port_type_t type;
	kern_return_t kr = KERN_INVALID_RIGHT;

	if (entry == NULL) {
		return KERN_INVALID_NAME;
	}
	type = ipc_right_check(space, name, entry);
	if ((type & MACH_PORT_TYPE_PORT_RIGHTS) != 0) {
		kr = ipc_request_swap(space, name, entry, notify, previous);
		if (kr == KERN_INVALID_CAPABILITY) {
			type = ipc_right_check(space, name, entry);
		}
	}
	if (type == MACH_PORT_TYPE_DEAD_NAME) {
		kr = ipc_request_notify_dead(entry, immediate, notify,
		    noticep);
	}
	return kr;
}

kern_return_t
ipc_request_dead_name(struct ipc_space *space, mach_port_name_t name,
    bool immediate, struct ipc_port *notify, struct ipc_port **previous)
{
	struct ipc_kmsg *notice = NULL;
	kern_return_t kr = KERN_INVALID_TASK;

	ipc_space_lock(space);
	if (space->active) {
		kr = ipc_request_dead_name_locked(space, name, immediate,
		    notify, previous, &notice);
	}
	ipc_space_unlock(space);
	if (notice != NULL) {
		*previous = IP_NULL;
		ipc_notify_send_name(notice, MACH_NOTIFY_DEAD_NAME, name);
	}
	return kr;
}

void
ipc_request_cancel_entry(struct ipc_entry *entry, struct ipc_port *notify)
{
	struct ipc_request *request = NULL;
	struct ipc_port *port = entry->port;

	if (!ipc_entry_has_request(entry)) {
		return;
	}
	ipc_port_lock(port);
	if (ipc_port_active(port) &&
	    entry->request->notice->header.remote == notify) {
		request = entry->request;
		list_remove(&request->node);
		ipc_request_detach(entry);
	}
	ipc_port_unlock(port);
	if (request != NULL) {
		ipc_port_drop(ipc_request_cancel(request),
		    MACH_MSG_TYPE_PORT_SEND_ONCE);
	}
}

/* With the space locked and NOTIFY checked. */
static mach_msg_return_t
ipc_request_accepted_locked(struct ipc_space *space,
    struct ipc_port *port, struct ipc_port *notify,
    struct ipc_request **requestp)
{
	struct ipc_request *request;
	struct ipc_entry *entry;
	struct ipc_port *sonce;
	mach_port_name_t name = MACH_PORT_NULL;
	bool listed;

	/* One at a time, also for a sender who makes each right anew. */
	entry = ipc_space_reverse(space, port, &name);
	if (entry != NULL && (entry->bits & IPC_ENTRY_MAREQUEST) != 0) {
		return MACH_SEND_NOTIFY_IN_PROGRESS;
	}
	sonce = ipc_port_make_sonce(notify);
	request = ipc_request_create(IPC_REQUEST_MSG_ACCEPTED, space, port,
	    name, sonce);
	if (request == NULL) {
		ipc_port_drop(sonce, MACH_MSG_TYPE_PORT_SEND_ONCE);
		return MACH_SEND_NO_NOTIFY;
	}
	ipc_port_lock(port);
	listed = ipc_request_list(request);
	ipc_port_unlock(port);
	if (!listed) {
		ipc_port_drop(ipc_request_cancel(request),
		    MACH_MSG_TYPE_PORT_SEND_ONCE);
		return MACH_SEND_NO_NOTIFY;
	}
	if (entry != NULL) {
		entry->bits |= IPC_ENTRY_MAREQUEST;
	}
	*requestp = request;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
ipc_request_accepted(struct ipc_space *space, struct ipc_port *port,
    mach_port_name_t notify, struct ipc_request **requestp)
{
	struct ipc_port *notify_port;
	mach_msg_return_t mr = MACH_SEND_INVALID_NOTIFY;

	ipc_space_lock(space);
	if (space->active && ipc_right_receive_lock_locked(space, notify,
	    &notify_port) == KERN_SUCCESS) {
		ipc_port_unlock(notify_port);
		mr = ipc_request_accepted_locked(space, port,
		    notify_port, requestp);
	}
	ipc_space_unlock(space);
	return mr;
}
