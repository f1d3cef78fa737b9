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
	    0, NULL);
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
	list_init(&pset->receivers);
	return pset;
}

void
ipc_pset_free(struct ipc_pset *pset)
{
	assert(!pset->object.active);
	assert(list_empty(&pset->members) && list_empty(&pset->receivers));
	kmem_cache_free(&ipc_pset_cache, pset);
}

void
ipc_pset_mark_ready(struct ipc_port *port)
{
	if (!port->ready) {
		port->ready = true;
		list_insert_tail(&port->pset->ready, &port->ready_node);
	}
}

void
ipc_pset_unmark_ready(struct ipc_port *port)
{
	if (port->ready) {
		port->ready = false;
		list_remove(&port->ready_node);
	}
}

void
ipc_pset_add(struct ipc_pset *pset, struct ipc_port *port)
{
	ipc_port_assert_locked(port);
	assert(port->pset == NULL && port->receiver != NULL);
	ipc_mqueue_wake_receivers(&port->mqueue.receivers,
	    MACH_RCV_PORT_CHANGED);
	ipc_pset_lock(pset);
	assert(pset->object.active);
	port->pset = pset;
	list_insert_tail(&pset->members, &port->pset_node);
	pset->count++;
	if (!list_empty(&port->mqueue.messages)) {
		ipc_pset_mark_ready(port);
		ipc_mqueue_wake_receivers(&pset->receivers,
		    MACH_RCV_IN_PROGRESS);
	}
	ipc_pset_unlock(pset);
}

void
ipc_pset_remove(struct ipc_port *port)
{
	struct ipc_pset *pset = port->pset;

	ipc_port_assert_locked(port);
	ipc_pset_lock(pset);
	ipc_pset_unmark_ready(port);
	list_remove(&port->pset_node);
	pset->count--;
	port->pset = NULL;
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
		port = list_first_entry(&pset->members, struct ipc_port,
		    pset_node);
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
	struct ipc_port *port;
	unsigned count = 0;

	ipc_pset_lock(pset);
	list_for_each_entry(&pset->members, port, pset_node) {
		if (count < max) {
			names[count] = port->name;
		}
		count++;
	}
	ipc_pset_unlock(pset);
	*countp = count;
}
