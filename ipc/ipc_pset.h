/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Port sets: receive from any of several ports.
 *
 * A set is a right of one space and all its members are receive rights of
 * that space.  The set's lock comes after the locks of its members.
 */

#ifndef IPC_IPC_PSET_H
#define IPC_IPC_PSET_H

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_object.h>
#include <ipc/ipc_types.h>
#include <kernel/list.h>
#include <mach/kern_return.h>
#include <mach/port.h>

/* [l] own lock  [s] lock of the space */
struct ipc_pset {
	struct ipc_object object;
	mach_port_name_t name; /* [s] */
	unsigned count;	       /* [l] members */
	struct list members;   /* [l] struct ipc_port_extra */
	struct list ready;     /* [l] members with messages, next first */
	struct ipc_waiters receivers; /* [l] */
};

void ipc_pset_setup(void);

/* A set with no members, or NULL when there is no memory. */
struct ipc_pset *ipc_pset_create(void);

static inline void
ipc_pset_lock(struct ipc_pset *pset)
{
	spinlock_lock(&pset->object.lock);
}

static inline void
ipc_pset_unlock(struct ipc_pset *pset)
{
	spinlock_unlock(&pset->object.lock);
}

static inline void
ipc_pset_ref(struct ipc_pset *pset)
{
	ipc_object_ref(&pset->object);
}

static inline void
ipc_pset_unref(struct ipc_pset *pset)
{
	ipc_object_unref(&pset->object);
}

/*
 * PORT, which has its extra part, becomes a member of PSET.
 *
 * Locks: PORT held and received; PSET and PORT are rights of a locked space.
 */
void ipc_pset_add(struct ipc_pset *pset, struct ipc_port *port);

/* Whose turn it is of those with messages: PSET has one.  Locks: PSET held. */
struct ipc_port *ipc_pset_first_ready(struct ipc_pset *pset);

/*
 * PORT, which is in a set, has or has not any messages.  Locks: PORT and its
 * set held.
 */
void ipc_pset_mark_ready(struct ipc_port *port);
void ipc_pset_unmark_ready(struct ipc_port *port);

/* PORT leaves the set it is in.  Locks: PORT held. */
void ipc_pset_remove(struct ipc_port *port);

/*
 * Members leave, waiting receivers go away.
 *
 * Locks: the space held, or dead.
 * Refs:  consumes one.
 */
void ipc_pset_destroy(struct ipc_pset *pset);

/*
 * Store at most MAX names of members and the number of all in *COUNTP.
 *
 * Locks: the space held, so that nothing moves meanwhile.
 */
void ipc_pset_members(struct ipc_pset *pset, mach_port_name_t *names,
    unsigned max, unsigned *countp);

/* The last reference is gone: for ipc_object_unref(). */
void ipc_pset_free(struct ipc_pset *pset);

#endif /* IPC_IPC_PSET_H */
