/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The record of a waiting thread, for those who hand messages to it.
 */

#ifndef IPC_IPC_MQUEUE_I_H
#define IPC_IPC_MQUEUE_I_H

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_types.h>
#include <mach/message.h>

struct thread;

/*
 * A waiting thread, on its own stack.  It is on a list until DONE; all fields
 * are guarded by the lock of the port or set whose list that is, and the
 * owner looks at the result only after taking that lock again, or after it was
 * woken with WAIT_OK and DONE set: who completes a wait writes no more to the
 * record then.
 */
struct ipc_waiter {
	struct ipc_waiter *next;  /* a ring */
	struct ipc_waiter *prev;
	struct ipc_kmsg *kmsg;	  /* received, or to be sent */
	struct ipc_short *room;	  /* a receiver's, for a short message; NULL:
				   * it wants a kmsg, or it is a sender */
	struct thread *thread;
	mach_msg_option_t option; /* a receiver's MACH_RCV_LARGE, or that it
				   * is a sender: MACH_SEND_MSG */
	mach_msg_size_t size;	  /* a receiver's room; too large: needed;
				   * short message: its size */
	bool done;
	mach_msg_return_t result;
};

static inline bool
ipc_waiter_sends(const struct ipc_waiter *waiter)
{
	return (waiter->option & MACH_SEND_MSG) != 0;
}

/* The first receiver, or NULL. */
static inline struct ipc_waiter *
ipc_waiters_receiver(const struct ipc_waiters *waiters)
{
	struct ipc_waiter *first = waiters->first;

	return first != NULL && !ipc_waiter_sends(first) ? first : NULL;
}

static inline void
ipc_waiters_remove(struct ipc_waiters *waiters, struct ipc_waiter *waiter)
{
	struct ipc_waiter *next = waiter->next;

	if (__builtin_expect(next == waiter, true)) {
		waiters->first = NULL;
		return;
	}
	next->prev = waiter->prev;
	waiter->prev->next = next;
	if (waiters->first == waiter) {
		waiters->first = next;
	}
}

/*
 * Wait, among WAITERS, for somebody to complete it.  LOCK is the lock of that
 * list; it is released.
 *
 * Returns: the waiter's result, MACH_RCV_TIMED_OUT, MACH_RCV_INTERRUPTED.
 */
mach_msg_return_t ipc_mqueue_wait_unlock(struct ipc_waiters *waiters,
    struct ipc_waiter *waiter, struct spinlock *lock, uint64_t deadline);

#endif /* IPC_IPC_MQUEUE_I_H */
