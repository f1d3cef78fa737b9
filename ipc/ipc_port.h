/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports: one receiver, many senders, a queue of messages.
 *
 * States of a port:
 *   received    receiver is a space that has the receive right under `name';
 *               for a kernel object the space is ipc_space_kernel, for a
 *               reply port of the kernel ipc_space_reply
 *   in transit  receiver NULL, the right is inside a message; destination is
 *               the port that message was sent to
 *   limbo       receiver NULL, destination NULL: between the two above, or
 *               in the hands of kernel code
 *   dead        not active.  Rights that still name it read as dead names
 * Moves: received <-> limbo -> in transit -> limbo; received or limbo -> dead.
 *
 * Send and send-once rights are counted, wherever they are: in an entry of a
 * space, in a message, in a variable of the kernel.  Each owns one reference
 * on the port, and so does the receive right.
 *
 * Lock order: space, then port, then port set.  Two ports: none at once.
 *
 * A port is 56 bytes.  What few ports need takes 40 more: struct
 * ipc_port_extra.
 */

#ifndef IPC_IPC_PORT_H
#define IPC_IPC_PORT_H

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_object.h>
#include <ipc/ipc_types.h>
#include <kernel/list.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

/*
 * What a port needs that is in a set, or has notifications to send.  Made when
 * that is asked for, and freed with the port.
 *
 * [I] fixed at creation  [l] lock of the port  [m] lock of the port set
 */
struct ipc_port_extra {
	struct ipc_port *port;	     /* [I] whose it is */
	struct ipc_kmsg *nsnotice;   /* [l] no-senders notification, ready to
				      * be sent, or NULL */
	struct ipc_kmsg *pdnotice;   /* [l] the same for port-destroyed */
	struct list requests;	     /* [l] struct ipc_request */
	struct ipc_pset *pset;	     /* [l][m] the set it is a member of */
	struct list_node pset_node;  /* [m] in the set's members */
	struct list_node ready_node; /* [m] in the set's ready list, or not
				      * linked */
};

/*
 * [l] own lock  [s] lock of the receiving space as well  [t] transit lock
 *
 * In transit (object.in_transit is [t]), the port has neither receiver nor
 * name.
 */
struct ipc_port {
	struct ipc_object object;
	struct ipc_space *receiver;   /* [l][s] NULL in transit or dead; owns
				       * no reference: the space outlives the
				       * receive right in it */
	union {
		mach_port_name_t name;	      /* [l][s] in receiver, or 0 */
		struct ipc_port *destination; /* [t] in transit: owns a
					       * reference */
	};
	union {
		uintptr_t payload; /* [l] protected payload of a user's port */
		void *kobject;	   /* [l] of the kernel's: owns no reference,
				    * its maker disables the port first */
	};
	mach_port_mscount_t mscount;  /* [l] make-send count */
	mach_port_rights_t srights;   /* [l] */
	mach_port_rights_t sorights;  /* [l] */
	struct ipc_port_extra *extra; /* [l] NULL until it is needed */
	struct ipc_mqueue mqueue;     /* [l] */
	uint8_t limit;		      /* [l] senders wait when there are so
				       * many messages */
	uint8_t kobject_kind;	      /* [l] enum ipc_kobject_kind; with one,
				       * kobject is valid */
	uint8_t mark;		      /* [l] what its owner says it is, or 0 */
	bool has_payload;	      /* [l] payload is valid */
};

_Static_assert(sizeof(struct ipc_port) == 56, "a port is 56 bytes");
_Static_assert(sizeof(struct ipc_port_extra) == 40, "and 40 with all extras");

void ipc_port_setup(void);

/*
 * Make a port in limbo whose receive right the caller holds.  NULL when
 * there is no memory.
 */
struct ipc_port *ipc_port_create(void);

/* Make a port whose receive right is SPACE's without a name there. */
struct ipc_port *ipc_port_create_special(struct ipc_space *space);

static inline void
ipc_port_lock(struct ipc_port *port)
{
	spinlock_lock(&port->object.lock);
}

static inline void
ipc_port_unlock(struct ipc_port *port)
{
	spinlock_unlock(&port->object.lock);
}

static inline void
ipc_port_assert_locked(const struct ipc_port *port)
{
	spinlock_assert_held(&port->object.lock);
}

/* Locks: PORT held. */
static inline bool
ipc_port_active(const struct ipc_port *port)
{
	return port->object.active;
}

/*
 * Make sure that PORT has its extra part; NULL when there is no memory.
 *
 * Locks: PORT held.
 */
struct ipc_port_extra *ipc_port_need_extra(struct ipc_port *port);

/* The set that PORT is a member of, or NULL.  Locks: PORT held. */
static inline struct ipc_pset *
ipc_port_pset(const struct ipc_port *port)
{
	return port->extra != NULL ? port->extra->pset : NULL;
}

static inline void
ipc_port_ref(struct ipc_port *port)
{
	ipc_object_ref(&port->object);
}

static inline void
ipc_port_unref(struct ipc_port *port)
{
	ipc_object_unref(&port->object);
}

/*
 * Make a send right from the receive right: counts as a make-send.  IP_DEAD
 * when PORT is dead.
 *
 * Locks: PORT not held.
 */
struct ipc_port *ipc_port_make_send(struct ipc_port *port);

/*
 * Make a send right from a send right that cannot go away meanwhile.  Null
 * and dead stay what they are; IP_DEAD when PORT is dead.
 *
 * Locks: PORT not held.
 */
struct ipc_port *ipc_port_copy_send(struct ipc_port *port);

/* Make a send-once right; IP_DEAD when PORT is dead. */
struct ipc_port *ipc_port_make_sonce(struct ipc_port *port);

/*
 * Destroy one send right; the last one causes a no-senders notification.
 * PORT may be null or dead.
 *
 * Locks: none held, at most a task lock: a kernel object may hear of it.
 */
void ipc_port_release_send(struct ipc_port *port);

/*
 * Destroy one send-once right by a send-once notification.  PORT may be null
 * or dead.
 *
 * Locks: none held.
 */
void ipc_port_release_sonce(struct ipc_port *port);

/*
 * Destroy a receive right in limbo.
 *
 * Locks: none held.
 */
void ipc_port_release_receive(struct ipc_port *port);

/* Destroy a right of the kind TYPE: MACH_MSG_TYPE_PORT_*.  Locks: none. */
void ipc_port_release(struct ipc_port *port, mach_msg_type_name_t type);

/*
 * Forget a right of the kind TYPE of a port that is dead, or of which other
 * such rights remain: nobody needs to hear of it.  Any lock but ports' and
 * sets' may be held.
 */
void ipc_port_drop(struct ipc_port *port, mach_msg_type_name_t type);

/*
 * Take the receive right of PORT out of its space, into limbo: leaves the
 * port set, receivers go away, sequence number, make-send count and payload
 * are cleared.
 *
 * Locks: PORT held, and the space if it has a name there.
 */
void ipc_port_detach(struct ipc_port *port);

/*
 * End of PORT, which the caller took out of its space, or its backup port
 * gets the receive right.  Requests are answered, messages destroyed.
 *
 * Locks: PORT held; returns with nothing held.  No space may be held.
 * Refs:  consumes the receive right's reference.
 */
void ipc_port_destroy_unlock(struct ipc_port *port);

/*
 * The receive right of PORT goes into a message for DEST: note that, unless
 * it would close a loop.
 *
 * Locks:   none needed; takes the transit lock.
 * Returns: true if the message could never be received; nothing is noted.
 */
bool ipc_port_check_circularity(struct ipc_port *port, struct ipc_port *dest);

/* The receive right left the message it was in.  Locks: none needed. */
void ipc_port_clear_transit(struct ipc_port *port);

/* Is the count of send rights still zero, as it was at MSCOUNT? */
bool ipc_port_no_senders(struct ipc_port *port, mach_port_mscount_t mscount);

/*
 * Replace the registered send-once right for a notification and return the
 * old one in *PREVIOUS.  The no-senders form sends at once if there are no
 * senders and the make-send count has reached SYNC.
 *
 * Locks:   PORT held and active; returns unlocked.
 * Refs:    NOTIFY, null or valid, is consumed on success; *PREVIOUS is the
 *          caller's.
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_port_pdrequest_unlock(
    struct ipc_port *port, struct ipc_port *notify, struct ipc_port **previous);
kern_return_t ipc_port_nsrequest_unlock(struct ipc_port *port,
    mach_port_mscount_t sync, struct ipc_port *notify,
    struct ipc_port **previous);

/*
 * The kernel itself wants to hear at NOTIFY, a kernel port, when PORT has no
 * senders any more.  For ports that kernel code owns.
 */
kern_return_t ipc_port_request_no_senders(
    struct ipc_port *port, mach_port_mscount_t sync, struct ipc_port *notify);

/* How many notifications PORT will send at its death.  Locks: PORT held. */
unsigned ipc_port_count_requests(const struct ipc_port *port);

/* Locks: PORT held, received.  Fills all of *STATUS but mps_pset. */
void ipc_port_status(struct ipc_port *port, mach_port_status_t *status);

/* Walk PORT and assert its invariants.  Locks: PORT held. */
void ipc_port_check(struct ipc_port *port);

/* The last reference is gone: for ipc_object_unref(). */
void ipc_port_free(struct ipc_port *port);

/* Ports that exist, for conservation checks. */
unsigned ipc_port_count(void);

#endif /* IPC_IPC_PORT_H */
