/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Between the complete message trap and its short cut.
 */

#ifndef IPC_MACH_MSG_I_H
#define IPC_MACH_MSG_I_H

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
 * THREAD, the current one, begins to wait as W says, its waiter not yet filled
 * in.  Locks: W->source.
 */
static inline void
mach_msg_wait_begin(struct mach_msg_wait *w, struct thread *thread)
{
	struct ipc_waiter *waiter = &w->waiter;

	thread->keeps_stack = thread->vm_privilege ||
			      task_is_resident(thread->task);
	waiter->thread = thread;
	waiter->kmsg = NULL;
	waiter->room = NULL;
	waiter->option = w->args.option & MACH_RCV_LARGE;
	waiter->size = w->args.rcv_size;
	if (FASTPATH && (w->args.option & MACH_RCV_NOTIFY) == 0) {
		waiter->option |= IPC_RCV_DIRECT;
	}
	ipc_waiters_add(w->waiters, waiter);
}

/* A message in the user's form, for a receiver with IPC_RCV_DIRECT. */
struct mach_msg_direct {
	struct ipc_kmsg *kmsg;
	struct ipc_short message;	/* if KMSG is NULL */
};

/*
 * The claimed thread gets the struct mach_msg_direct at ARG, from who waits with
 * mach_msg_trap_continue().
 */
uint32_t mach_msg_trap_direct(void *arg);

/* What a thread that waited without a stack does first. */
void mach_msg_trap_continue(void);

#endif /* IPC_MACH_MSG_I_H */
