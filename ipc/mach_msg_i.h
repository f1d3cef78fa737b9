/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Between the complete message trap and its short cut.
 */

#ifndef IPC_MACH_MSG_I_H
#define IPC_MACH_MSG_I_H

#include <ipc/ipc_types.h>
#include <machine/types.h>
#include <mach/message.h>
#include <mach/port.h>

/* 0: every message takes the complete path. */
#ifndef FASTPATH
#define FASTPATH 1
#endif

/* What the user asked for. */
struct mach_msg_args {
	user_addr_t msg;
	mach_msg_option_t option;
	mach_msg_size_t send_size;
	mach_msg_size_t rcv_size;
	mach_port_name_t rcv_name;
	mach_msg_timeout_t timeout;
	mach_port_name_t notify;
	struct ipc_kmsg *fetched;	/* the message, as the user wrote it,
					 * if it was copied in already */
};

enum mach_msg_fast {
	MACH_MSG_FAST_NOT,	/* nothing was changed */
	MACH_MSG_FAST_SENT,	/* the message was sent; nothing received;
				 * sched_run_next() is to be called */
	MACH_MSG_FAST_DONE,	/* the result is in *MRP */
};

/*
 * Try a send and receive with no further options the short way.
 *
 * Locks:  none held.
 * Blocks: may.
 */
enum mach_msg_fast mach_msg_fast(
    struct mach_msg_args *args, mach_msg_return_t *mrp);

/* Give the received message to the user; consumes it. */
mach_msg_return_t mach_msg_put(
    const struct mach_msg_args *args, struct ipc_kmsg *kmsg);

#endif /* IPC_MACH_MSG_I_H */
