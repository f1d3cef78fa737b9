/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Port sets.
 */

#include <ipc/ipc_pset.h>

#include <mach/message.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>

static struct kmem_cache ipc_pset_cache;

void
ipc_pset_setup(void)
{
	kmem_cache_init(&ipc_pset_cache, "ipc_pset", sizeof(struct ipc_pset),
	    0);
}

struct ipc_pset *
ipc_pset_create(void)
{
	struct ipc_pset *pset = kmem_cache_alloc(&ipc_pset_cache);

	if (pset == NULL) {
		return NULL;
	}
	ipc_object_init(&pset->object, IPC_OBJECT_PSET);
	pset->name = MACH_PORT_NULL;
	pset->count = 0;
	list_init(&pset->members);
	list_init(&pset->ready);
	pset->receivers.first = NULL;
	return pset;
}

void
ipc_pset_free(struct ipc_pset *pset)
{
	assert(!pset->object.active);
	assert(list_empty(&pset->members) && pset->receivers.first == NULL);
	kmem_cache_free(&ipc_pset_cache, pset);
}

void
ipc_pset_mark_ready(struct ipc_port *port)
{
	struct ipc_port_extra *extra = port->extra;

	if (!list_node_linked(&extra->ready_node)) {
		list_insert_tail(&extra->pset->ready, &extra->ready_node);
	}
}

void
ipc_pset_unmark_ready(struct ipc_port *port)
{
	if (list_node_linked(&port->extra->ready_node)) {
		list_remove(&port->extra->ready_node);
	}
}

struct ipc_port *
ipc_pset_first_ready(struct ipc_pset *pset)
{
	return list_first_entry(&pset->ready, struct ipc_port_extra,
	    ready_node)->port;
}

void
ipc_pset_add(struct ipc_pset *pset, struct ipc_port *port)
{
	struct ipc_port_extra *extra = port->extra;

	ipc_port_assert_locked(port);
	assert(extra->pset == NULL && port->receiver != NULL);
	ipc_mqueue_wake_receivers(&port->mqueue.waiters,
	    MACH_RCV_PORT_CHANGED);
	ipc_pset_lock(pset);
	assert(pset->object.active);
	extra->pset = pset;
	list_insert_tail(&pset->members, &extra->pset_node);
	pset->count++;
	if (!ipc_kmsg_queue_empty(&port->mqueue.messages)) {
		ipc_pset_mark_ready(port);
		ipc_mqueue_wake_receivers(&pset->receivers,
		    MACH_RCV_IN_PROGRESS);
	}
	ipc_pset_unlock(pset);
}

void
ipc_pset_remove(struct ipc_port *port)
{
	struct ipc_port_extra *extra = port->extra;
	struct ipc_pset *pset = extra->pset;

	ipc_port_assert_locked(port);
	ipc_pset_lock(pset);
	ipc_pset_unmark_ready(port);
	list_remove(&extra->pset_node);
	pset->count--;
	extra->pset = NULL;
	ipc_pset_unlock(pset);
}

void
ipc_pset_destroy(struct ipc_pset *pset)
{
	struct ipc_port *port;

	ipc_pset_lock(pset);
	assert(pset->object.active);
	pset->object.active = false;
	/* Membership of these ports changes only under the space's lock. */
	while (!list_empty(&pset->members)) {
		port = list_first_entry(&pset->members, struct ipc_port_extra,
		    pset_node)->port;
		ipc_pset_unlock(pset);
		ipc_port_lock(port);
		ipc_pset_remove(port);
		ipc_port_unlock(port);
		ipc_pset_lock(pset);
	}
	ipc_mqueue_wake_receivers(&pset->receivers, MACH_RCV_PORT_DIED);
	ipc_pset_unlock(pset);
	ipc_pset_unref(pset);
}

void
ipc_pset_members(struct ipc_pset *pset, mach_port_name_t *names,
    unsigned max, unsigned *countp)
{
	struct ipc_port_extra *extra;
	unsigned count = 0;

	ipc_pset_lock(pset);
	list_for_each_entry(&pset->members, extra, pset_node) {
		if (count < max) {
			names[count] = extra->port->name;
		}
		count++;
	}
	ipc_pset_unlock(pset);
	*countp = count;
}
