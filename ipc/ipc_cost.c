/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a name space costs the kernel.
 *
 * A port whose receive right is in a message has no name anywhere, and its
 * queue may have messages with such ports again.  They are listed when their
 * message is looked at, and looked at themselves when the port of that message
 * is unlocked.
 */

#include <ipc/ipc_cost.h>

#include <stddef.h>

#include <kernel/kmem.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_space.h>

#define IPC_COST_LIST_MIN 64u

/* A notification that is ready to be sent, and a request for one. */
#define IPC_COST_NOTICE (sizeof(struct ipc_kmsg) + 32u)
#define IPC_COST_REQUEST (sizeof(struct ipc_request) + IPC_COST_NOTICE)

struct ipc_cost {
	vm_size_t size;
	const struct ipc_cost_helpers *helpers;
	struct ipc_port **ports;	/* in messages, each with a reference */
	unsigned count;
	unsigned max;
};

/* Make room in the list; if that cannot be, it stays as it is. */
static void
ipc_cost_grow(struct ipc_cost *cost)
{
	unsigned max = cost->max == 0 ? IPC_COST_LIST_MIN : cost->max * 2;
	struct ipc_port **ports = kmem_alloc(max * sizeof(struct ipc_port *));

	if (ports == NULL) {
		return;
	}
	for (unsigned i = 0; i < cost->count; i++) {
		ports[i] = cost->ports[i];
	}
	kmem_free(cost->ports, cost->max * sizeof(struct ipc_port *));
	cost->ports = ports;
	cost->max = max;
}

/* COUNT receive rights in a message. */
static void
ipc_cost_add_receive(
    struct ipc_cost *cost, struct ipc_port **ports, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!ip_valid(ports[i])) {
			continue;
		}
		if (cost->count == cost->max) {
			ipc_cost_grow(cost);
		}
		if (cost->count == cost->max) {
			cost->size += sizeof(struct ipc_port);
			continue;
		}
		ipc_port_ref(ports[i]);
		cost->ports[cost->count++] = ports[i];
	}
}

static void
ipc_cost_add_item(struct ipc_cost *cost, const struct ipc_kmsg_item *item)
{
	struct ipc_port **ports = item->data;

	if (!item->is_inline && item->is_port) {
		ports = *(struct ipc_port ***)item->data;
		cost->size += item->length;
	} else if (!item->is_inline) {
		cost->size +=
		    cost->helpers->memory(*(struct vm_copy **)item->data);
	}
	if (item->name == MACH_MSG_TYPE_PORT_RECEIVE) {
		ipc_cost_add_receive(cost, ports, item->number);
	}
}

static void
ipc_cost_add_kmsg(struct ipc_cost *cost, struct ipc_kmsg *kmsg)
{
	char *cursor = ipc_kmsg_body(kmsg);
	char *end = (char *)&kmsg->header + kmsg->header.size;
	struct ipc_kmsg_item item;

	cost->size += offsetof(struct ipc_kmsg, header) + kmsg->capacity;
	if ((kmsg->header.bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return;
	}
	ipc_kmsg_skip_data(&cursor, end);
	while (cursor < end &&
	       ipc_kmsg_next_item(&cursor, end, &item) == MACH_MSG_SUCCESS) {
		ipc_cost_add_item(cost, &item);
		ipc_kmsg_skip_data(&cursor, end);
	}
}

/* Senders come after the receivers; each has a message in its hands. */
static void
ipc_cost_tell_senders(struct ipc_cost *cost, struct ipc_waiters *waiters)
{
	struct ipc_waiter *first = waiters->first;
	struct ipc_waiter *waiter = first;

	if (first == NULL) {
		return;
	}
	do {
		if (ipc_waiter_sends(waiter) && waiter->kmsg != NULL) {
			cost->helpers->sender(
			    waiter->thread, waiter->kmsg->capacity);
		}
		waiter = waiter->next;
	} while (waiter != first);
}

static void
ipc_cost_add_port(struct ipc_cost *cost, struct ipc_port *port)
{
	struct ipc_kmsg *kmsg;
	unsigned count;

	ipc_port_lock(port);
	if (ipc_port_active(port)) {
		cost->size += sizeof(*port);
		if (port->extra != NULL) {
			cost->size += sizeof(*port->extra);
			cost->size += ((port->extra->nsnotice != NULL) +
					  (port->extra->pdnotice != NULL)) *
				      IPC_COST_NOTICE;
		}
		kmsg = port->mqueue.messages.last;
		count = ipc_kmsg_queue_count(&port->mqueue.messages);
		for (unsigned i = 0; i < count; i++) {
			kmsg = kmsg->next;
			ipc_cost_add_kmsg(cost, kmsg);
		}
		ipc_cost_tell_senders(cost, &port->mqueue.waiters);
	}
	ipc_port_unlock(port);
}

static void
ipc_cost_add_entries(struct ipc_cost *cost, struct ipc_space *space)
{
	struct ipc_entry *entry;
	mach_port_name_t name;
	uint64_t cursor = 0;

	ipc_space_lock(space);
	cost->size += (vm_size_t)space->chunk_count * IPC_SPACE_CHUNK_ENTRIES *
			  sizeof(struct ipc_entry) +
		      space->tree_count * sizeof(struct ipc_entry_node);
	while ((entry = ipc_space_next(space, &cursor, &name)) != NULL) {
		if (ipc_entry_has_request(entry)) {
			cost->size += IPC_COST_REQUEST;
		}
		if ((ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE) != 0) {
			ipc_cost_add_port(cost, entry->port);
		} else if (ipc_entry_type(entry) == MACH_PORT_TYPE_PORT_SET) {
			cost->size += sizeof(struct ipc_pset);
		}
	}
	ipc_space_unlock(space);
}

vm_size_t
ipc_cost_of_space(
    struct ipc_space *space, const struct ipc_cost_helpers *helpers)
{
	struct ipc_cost cost = { .helpers = helpers };
	struct ipc_port *port;

	ipc_cost_add_entries(&cost, space);
	while (cost.count > 0) {
		port = cost.ports[--cost.count];
		ipc_cost_add_port(&cost, port);
		ipc_port_unref(port);
	}
	kmem_free(cost.ports, cost.max * sizeof(struct ipc_port *));
	return cost.size;
}
