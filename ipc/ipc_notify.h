/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Notification messages.
 *
 * Where the kernel must be able to tell somebody something later, the message
 * is made when that is asked for and kept ready.  Only the notification for a
 * send-once right that is destroyed unused has no earlier moment.  When memory
 * is short, a message that is destroyed with the right to answer it becomes that
 * notification itself, so whoever waits for an answer hears of it; others come
 * from a small reserve.
 */

#ifndef IPC_IPC_NOTIFY_H
#define IPC_IPC_NOTIFY_H

#include <ipc/ipc_types.h>
#include <mach/message.h>
#include <mach/port.h>

void ipc_notify_setup(void);

/*
 * A notification for the send-once right NOTIFY, to be completed by one of
 * the functions below.
 *
 * Refs:    consumes NOTIFY on success.
 * Returns: NULL when there is no memory.
 */
struct ipc_kmsg *ipc_notify_prepare(struct ipc_port *notify);

/* Exchange the send-once right of NOTICE. */
struct ipc_port *ipc_notify_swap(struct ipc_kmsg *notice,
    struct ipc_port *notify);

/* Free NOTICE and return its send-once right. */
struct ipc_port *ipc_notify_cancel(struct ipc_kmsg *notice);

/*
 * Send NOTICE: with a name (port-deleted, msg-accepted, dead-name), a make-
 * send count (no-senders), a receive right in limbo, which is consumed (port-
 * destroyed), or as what a send-once right that is not used sends.
 *
 * Locks: none held.
 * Refs:  consumes NOTICE.
 */
void ipc_notify_send_name(struct ipc_kmsg *notice, mach_msg_id_t id,
    mach_port_name_t name);
void ipc_notify_send_no_senders(struct ipc_kmsg *notice,
    mach_port_mscount_t mscount);
void ipc_notify_send_port(struct ipc_kmsg *notice, struct ipc_port *port);
void ipc_notify_send_unused(struct ipc_kmsg *notice);

/*
 * Destroy the send-once right PORT by a send-once notification.  SPARE is a
 * message to be freed, which owns nothing any more, or NULL: then, if there is
 * not even reserved memory, the right disappears silently.
 *
 * Locks: none held.
 * Refs:  consumes SPARE.
 */
void ipc_notify_send_once(struct ipc_port *port, struct ipc_kmsg *spare);

#endif /* IPC_IPC_NOTIFY_H */
