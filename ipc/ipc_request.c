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
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>

static struct kmem_cache ipc_request_cache;

void
ipc_request_setup(void)
{
	kmem_cache_init(&ipc_request_cache, "ipc_request",
	    sizeof(struct ipc_request), 0, NULL);
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
ipc_request_free(struct ipc_request *request)
{
	if (request->kind == IPC_REQUEST_MSG_ACCEPTED) {
		ipc_space_unref(request->space);
		ipc_port_unref(request->port);
	}
	kmem_cache_free(&ipc_request_cache, request);
}

void
ipc_request_send(struct ipc_request *request, mach_msg_id_t id)
{
	struct ipc_kmsg *notice = request->notice;
	mach_port_name_t name = request->name;

	ipc_request_free(request);
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

	ipc_request_free(request);
	return ipc_notify_cancel(notice);
}

void
ipc_request_rename_accepted(struct ipc_port *port, struct ipc_space *space,
    mach_port_name_t name, mach_port_name_t new_name)
{
	struct ipc_request *request;

	ipc_port_lock(port);
	list_for_each_entry(&port->requests, request, node) {
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
