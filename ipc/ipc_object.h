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
#include <stddef.h>

enum ipc_object_kind {
	IPC_OBJECT_PORT,
	IPC_OBJECT_PSET,
};

/* The bytes of a lock before those that it leaves to others. */
#define IPC_OBJECT_LOCK_BYTES offsetof(struct spinlock, spare)

/*
 * There may be a million of these.  The flags are bytes of their own, and are
 * written as such, so it does not matter that different locks guard them.
 *
 * [I] fixed at creation  [a] atomic  [l] own lock
 */
struct ipc_object {
	union {
		struct spinlock lock;
		struct {
			uint8_t lock_bytes[IPC_OBJECT_LOCK_BYTES];
			uint8_t kind;	 /* [I] enum ipc_object_kind */
			bool active;	 /* [l] false once dead, for ever */
			bool in_transit; /* a port's: see there */
		};
	};
	struct refcount refs; /* [a] */
};

_Static_assert(sizeof(struct ipc_object) == 12, "an object is 12 bytes");

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
