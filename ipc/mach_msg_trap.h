/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Traps of the message system.
 */

#ifndef IPC_MACH_MSG_TRAP_H
#define IPC_MACH_MSG_TRAP_H

#include <machine/types.h>
#include <mach/message.h>
#include <mach/port.h>

struct thread;

/* What the user asked for: the words of the trap, as they are on the stack. */
struct mach_msg_args {
	user_addr_t msg;
	mach_msg_option_t option;
	mach_msg_size_t send_size;
	mach_msg_size_t rcv_size;
	mach_port_name_t rcv_name;
	mach_msg_timeout_t timeout;
	mach_port_name_t notify;
};

/*
 * mach_msg: send, receive, or send and then receive.  Every argument is the
 * user's.  The result is the trap's.
 *
 * Locks:  none held.
 * Blocks: as the options say.
 */
mach_msg_return_t sys_mach_msg(struct mach_msg_args args);

/* What a thread that waited for a message without a stack does first. */
void mach_msg_trap_continue(void);

/*
 * THREAD, which will not run any more, was to do that: its wait, which nobody ends
 * any more, is over.  A message that came meanwhile is destroyed.
 *
 * Locks: none held.
 */
void mach_msg_trap_abandon(struct thread *thread);

#endif /* IPC_MACH_MSG_TRAP_H */
