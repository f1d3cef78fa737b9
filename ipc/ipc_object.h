/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What ports and port sets share: a reference count, a lock, and a dead
 * state that every user checks right after locking.
 */

#ifndef IPC_IPC_OBJECT_H
#define IPC_IPC_OBJECT_H

#include <ipc/ipc_types.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>

enum ipc_object_kind {
	IPC_OBJECT_PORT,
	IPC_OBJECT_PSET,
};

/* [I] fixed at creation  [a] atomic  [l] own lock */
struct ipc_object {
	struct spinlock lock;
	struct refcount refs; /* [a] */
	uint8_t kind;	      /* [I] enum ipc_object_kind */
	bool active;	      /* [l] false once dead, then for ever */
};

/* Make OBJECT active with one reference. */
void ipc_object_init(struct ipc_object *object, enum ipc_object_kind kind);

static inline void
ipc_object_ref(struct ipc_object *object)
{
	refcount_ref(&object->refs);
}

/* The last reference is gone. */
void ipc_object_free(struct ipc_object *object);

/*
 * Drop one reference; the last one frees the port or set, which must be
 * dead by then or never have been in use.
 *
 * Locks:  must not hold OBJECT's lock.
 */
static inline void
ipc_object_unref(struct ipc_object *object)
{
	if (refcount_unref(&object->refs)) {
		ipc_object_free(object);
	}
}

#endif /* IPC_IPC_OBJECT_H */
