/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * References of ports and port sets.
 */

#include <ipc/ipc_object.h>

#include <kernel/lock_rank.h>
#include <kernel/panic.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>

void
ipc_object_init(struct ipc_object *object, enum ipc_object_kind kind)
{
	spinlock_init(&object->lock, kind == IPC_OBJECT_PORT ?
	    LOCK_RANK_IPC_PORT : LOCK_RANK_IPC_PSET);
	refcount_init(&object->refs, 1);
	object->kind = (uint8_t)kind;
	object->active = true;
	object->in_transit = false;
}

void
ipc_object_free(struct ipc_object *object)
{
	if (object->kind == IPC_OBJECT_PORT) {
		ipc_port_free(structof(object, struct ipc_port, object));
	} else {
		ipc_pset_free(structof(object, struct ipc_pset, object));
	}
}
