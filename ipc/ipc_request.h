/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Requests for a notification about one right of one space.
 *
 *   dead-name     belongs to the entry of the right; listed at the port.  When
 *                 the port dies it is served; when the name goes first, it
 *                 becomes a port-deleted notification
 *   msg-accepted  belongs to a message that was queued beyond the limit;
 *                 listed at the port so that a name that goes away, or is
 *                 renamed, is found.  Served when the message is dequeued
 */

#ifndef IPC_IPC_REQUEST_H
#define IPC_IPC_REQUEST_H

#include <ipc/ipc_entry.h>
#include <ipc/ipc_types.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

enum ipc_request_kind {
	IPC_REQUEST_DEAD_NAME,
	IPC_REQUEST_MSG_ACCEPTED,
};

/* [I] fixed at creation  [a] atomic  [p] lock of the port  [s] of the space */
struct ipc_request {
	struct refcount refs;	/* [a] of who has it to send, and the entry */
	struct list_node node;	/* [p] in the port's list, or the holder's */
	enum ipc_request_kind kind; /* [I] */
	mach_port_name_t name;	/* [p] null once the right is gone */
	struct ipc_space *space; /* [I] msg-accepted: owns a reference */
	struct ipc_port *port;	/* [I] msg-accepted: owns a reference */
	struct ipc_kmsg *notice; /* [p] notification, ready but for its kind */
	uint32_t link;		/* [s] dead-name: of the entry */
};

void ipc_request_setup(void);

/*
 * Make a request that is on no list yet.
 *
 * Refs:    consumes the send-once right NOTIFY on success.
 * Returns: NULL when there is no memory.
 */
struct ipc_request *ipc_request_create(enum ipc_request_kind kind,
    struct ipc_space *space, struct ipc_port *port, mach_port_name_t name,
    struct ipc_port *notify);

/*
 * Send the notification ID with the request's name, or with
 * MACH_NOTIFY_SEND_ONCE the one of an unused right.  The request is on no
 * list of a port any more, and is consumed.
 *
 * Locks: none held.
 */
void ipc_request_send(struct ipc_request *request, mach_msg_id_t id);

/* The same for each on a list that the caller owns. */
void ipc_request_send_list(struct list *requests, mach_msg_id_t id);

/*
 * The link of ENTRY, which a dead-name request keeps in the entry's stead.
 *
 * Locks: the space held.
 */
static inline uint32_t *
ipc_request_link(struct ipc_entry *entry)
{
	return ipc_entry_has_request(entry) ? &entry->request->link :
					      &entry->link;
}

/*
 * ENTRY lets go of its dead-name request: who has it to send, the port's list
 * or the caller who took it from there, frees it, or has done so.
 *
 * Locks: the space held.
 */
void ipc_request_detach(struct ipc_entry *entry);

/* Free the request, which is on no list, and return its send-once right. */
struct ipc_port *ipc_request_cancel(struct ipc_request *request);

/*
 * The right NAME of SPACE, for which a message may be waiting to be accepted,
 * is now called NEW_NAME, or gone if that is null.
 *
 * Locks: SPACE held, PORT not.
 */
void ipc_request_rename_accepted(struct ipc_port *port,
    struct ipc_space *space, mach_port_name_t name,
    mach_port_name_t new_name);

/*
 * The message of a msg-accepted request was dequeued (ACCEPTED) or destroyed.
 * Consumes the request.
 *
 * Locks:  none held.  Takes the space, then the port.
 * Blocks: may.
 */
void ipc_request_finish(struct ipc_request *request, bool accepted);

/*
 * Register NOTIFY for the death of the port that NAME denotes; IMMEDIATE also
 * accepts a name that is dead already.
 *
 * Refs:    consumes NOTIFY on success; *PREVIOUS is the caller's.
 * Returns: KERN_INVALID_RIGHT, KERN_INVALID_ARGUMENT, KERN_UREFS_OVERFLOW,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_request_dead_name(struct ipc_space *space,
    mach_port_name_t name, bool immediate, struct ipc_port *notify,
    struct ipc_port **previous);

/* The same for an entry of a live port without a request, while locked. */
kern_return_t ipc_request_insert_locked(struct ipc_space *space,
    mach_port_name_t name, struct ipc_entry *entry, struct ipc_port *notify);

/*
 * If ENTRY has a dead-name request that goes to NOTIFY, forget it.
 *
 * Locks: the space held.
 */
void ipc_request_cancel_entry(struct ipc_entry *entry,
    struct ipc_port *notify);

/*
 * A request to hear when KMSG, which goes to PORT in spite of a full queue,
 * is dequeued: NOTIFY names a receive right of SPACE.
 *
 * Returns: MACH_SEND_INVALID_NOTIFY, MACH_SEND_NO_NOTIFY,
 *          MACH_SEND_NOTIFY_IN_PROGRESS.
 */
mach_msg_return_t ipc_request_accepted(struct ipc_space *space,
    struct ipc_port *port, mach_port_name_t notify,
    struct ipc_request **requestp);

#endif /* IPC_IPC_REQUEST_H */
