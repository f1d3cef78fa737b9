/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The record of a waiting thread, for those who hand messages to it.
 */

#ifndef IPC_IPC_MQUEUE_I_H
#define IPC_IPC_MQUEUE_I_H

#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_types.h>
#include <ipc/mach_msg_trap.h>
#include <kernel/sleepq.h>
#include <mach/message.h>

struct ipc_object;
struct thread;

/* A message in the user's form. */
struct mach_msg_direct {
	struct ipc_kmsg *kmsg;
	struct ipc_short message;	/* if KMSG is NULL */
};

/*
 * What a receiver that waits with a continuation does instead, if somebody gives
 * it his processor and stack with the struct mach_msg_direct at ARG, which is its
 * then.  The result is the trap's.
 */
typedef uint32_t (*ipc_direct_t)(void *arg);

/*
 * A waiting thread, on its stack or in it.  It is on a list until DONE; all fields
 * are guarded by the lock of the port or set whose list that is, and the
 * owner looks at the result only after taking that lock again, or after it was
 * woken with WAIT_OK and DONE set: who completes a wait writes no more to the
 * record then.
 */
struct ipc_waiter {
	struct ipc_waiter *next;  /* a ring */
	struct ipc_waiter *prev;
	struct ipc_kmsg *kmsg;	  /* received, or to be sent */
	ipc_direct_t direct;	  /* a receiver's, see below, or NULL */
	struct thread *thread;
	mach_msg_option_t option; /* a receiver's MACH_RCV_LARGE, or that it
				   * is a sender: MACH_SEND_MSG */
	mach_msg_size_t size;	  /* a receiver's room; too large: needed */
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

/* WAITER is not the first to wait: it comes after all others of its kind. */
void ipc_mqueue_insert_waiter(
    struct ipc_waiters *waiters, struct ipc_waiter *waiter);

/* Add WAITER, whose thread is set.  Locks: that of the list held. */
static inline void
ipc_waiters_add(struct ipc_waiters *waiters, struct ipc_waiter *waiter)
{
	waiter->done = false;
	if (__builtin_expect(waiters->first == NULL, true)) {
		waiter->next = waiter;
		waiter->prev = waiter;
		waiters->first = waiter;
	} else {
		ipc_mqueue_insert_waiter(waiters, waiter);
	}
}

/*
 * The current thread's wait as WAITER ended with WAIT.  LOCK is that of WAITERS;
 * it is not held.
 *
 * Returns: the waiter's result, MACH_RCV_TIMED_OUT, MACH_RCV_INTERRUPTED.
 */
mach_msg_return_t ipc_mqueue_waited(struct ipc_waiters *waiters,
    struct ipc_waiter *waiter, struct spinlock *lock, enum wait_result wait);

/* What a thread has to say to those who handle its exceptions. */
struct ipc_exception {
	int exception;
	int code;
	int subcode;
	unsigned asked;			/* how many ports were */
};

/*
 * What a thread needs that waits for a message without a stack.
 * [o] the thread itself; WAITER as it says
 */
struct mach_msg_wait {
	union {
		struct mach_msg_args args;	/* in mach_msg() */
		struct ipc_exception exception; /* for an answer */
	};
	struct ipc_object *source;	/* mach_msg() owns a reference */
	struct ipc_waiters *waiters;	/* of it */
	uint64_t deadline;		/* in ticks; 0: none */
	struct ipc_waiter waiter;
};

#endif /* IPC_IPC_MQUEUE_I_H */
