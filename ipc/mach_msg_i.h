/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Between the complete message trap and its short cut.
 */

#ifndef IPC_MACH_MSG_I_H
#define IPC_MACH_MSG_I_H

#include <ipc/ipc_exception.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_types.h>
#include <ipc/mach_msg_trap.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <machine/types.h>
#include <mach/message.h>
#include <mach/port.h>

/* 0: every message takes the complete path. */
#ifndef FASTPATH
#define FASTPATH 1
#endif

enum mach_msg_fast {
	MACH_MSG_FAST_NOT,	/* nothing was changed */
	MACH_MSG_FAST_SENT,	/* the message was sent; nothing received;
				 * sched_run_next() is to be called */
	MACH_MSG_FAST_DONE,	/* the result is in *MRP */
};

/*
 * Try a send and receive with no further options the short way.  *FETCHEDP is
 * NULL; if the message was copied in, and nothing else was done, it is there.
 *
 * Locks:  none held.
 * Blocks: may.
 */
enum mach_msg_fast mach_msg_fast(const struct mach_msg_args *args,
    struct ipc_kmsg **fetchedp, mach_msg_return_t *mrp);

/* Give the received message to the user; consumes it. */
mach_msg_return_t mach_msg_put(
    const struct mach_msg_args *args, struct ipc_kmsg *kmsg);

/*
 * If somebody waits at PORT, tell him of the current thread's EXCEPTION, and wait
 * for the answer at its ipc.rpc_reply, with ipc_exception_continue().
 *
 * Locks:   none held.
 * Refs:    a send right of PORT is consumed, unless this returns: then nothing
 *          was changed.
 */
void mach_msg_fast_exception(
    struct ipc_port *port, const struct ipc_exception *exception);

/*
 * THREAD, the current one, begins to wait for a message of up to SIZE bytes at
 * W->source.  OPTION is of mach_msg().
 *
 * Locks: W->source.
 */
static inline void
mach_msg_wait_begin(struct mach_msg_wait *w, struct thread *thread,
    mach_msg_option_t option, mach_msg_size_t size, ipc_direct_t direct)
{
	struct ipc_waiter *waiter = &w->waiter;

	thread->keeps_stack = thread->vm_privilege ||
			      task_is_resident(thread->task);
	waiter->thread = thread;
	waiter->kmsg = NULL;
	waiter->option = option & MACH_RCV_LARGE;
	waiter->size = size;
	waiter->direct =
	    FASTPATH && (option & MACH_RCV_NOTIFY) == 0 ? direct : NULL;
	ipc_waiters_add(w->waiters, waiter);
}

/* The ipc_direct_t of who waits in mach_msg(). */
uint32_t mach_msg_trap_direct(void *arg);

#endif /* IPC_MACH_MSG_I_H */
