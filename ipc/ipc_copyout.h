/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From a queued message to a user's.
 *
 * Each function works on the message in its buffer, which ipc_copyout_put()
 * then writes to the user.  The rights and regions that could not be given
 * to the receiver are destroyed, and it is told which.
 */

#ifndef IPC_IPC_COPYOUT_H
#define IPC_IPC_COPYOUT_H

#include <ipc/ipc_types.h>
#include <mach/message.h>
#include <machine/types.h>

struct vm_map;

/* Who receives. */
struct ipc_receiver {
	struct ipc_space *space;
	struct vm_map *map;
	mach_port_name_t notify; /* of MACH_RCV_NOTIFY, or null */
};

/*
 * Give the header's and the body's rights and regions of KMSG to the receiver.
 * Destination and reply port are reversed.
 *
 * Locks:   none held.  Takes the space.
 * Blocks:  may.
 * Refs:    what the message owned is the receiver's or destroyed; the buffer
 *          remains the caller's.
 * Returns: MACH_MSG_SUCCESS and MACH_RCV_BODY_ERROR | bits: received, the
 *          whole message is to be put; MACH_RCV_HEADER_ERROR | bits and
 *          MACH_RCV_INVALID_NOTIFY: destroyed, only the header is to be put.
 */
mach_msg_return_t ipc_copyout(const struct ipc_receiver *receiver,
    struct ipc_kmsg *kmsg);

/*
 * The same for the body alone, below a header in the user's form.  Returns the
 * bits of what was lost.
 */
mach_msg_return_t ipc_copyout_body(const struct ipc_receiver *receiver,
    struct ipc_kmsg *kmsg);

/* Destroy the message but for its header, which then tells where it came. */
void ipc_copyout_dest(const struct ipc_receiver *receiver,
    struct ipc_kmsg *kmsg);

/*
 * Return a message that was not sent: nothing is reversed.  The result are the
 * bits to be added to the send error.
 */
mach_msg_return_t ipc_copyout_pseudo(const struct ipc_receiver *receiver,
    struct ipc_kmsg *kmsg);

/*
 * Write the first SIZE bytes of the message to MSG and free the buffer.
 *
 * Returns: KERN_INVALID_ADDRESS.
 */
kern_return_t ipc_copyout_put(struct ipc_kmsg *kmsg, user_addr_t msg,
    mach_msg_size_t size);

#endif /* IPC_IPC_COPYOUT_H */
