/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Waiting for events and signalling them.  An event is any address that the
 * two sides agree on; it is never dereferenced.
 *
 * To wait for a condition guarded by a lock, without losing a wakeup:
 *
 *	spinlock_lock(&lock);
 *	while (!condition) {
 *		sleepq_prepare(&condition, false);
 *		spinlock_unlock(&lock);
 *		result = sleepq_wait(0);
 *		spinlock_lock(&lock);
 *	}
 *
 * From sleepq_prepare on, a wakeup of the event reaches the thread, which then
 * does not block in sleepq_wait.  sleepq_sleep() does the three steps.
 *
 * An interruptible wait ends early with WAIT_INTERRUPTED when the thread is
 * aborted or terminated; a thread that is suspended during one counts as
 * stopped and goes on only when it is resumed.  It may therefore hold no
 * mutex.  Interrupts of a thread between two waits are not lost: the next
 * interruptible wait ends at once.
 */
#ifndef KERNEL_SLEEPQ_H
#define KERNEL_SLEEPQ_H

#include <stdbool.h>
#include <stdint.h>

#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>

struct thread;

enum wait_result {
	WAIT_OK,		/* the event was signalled */
	WAIT_TIMED_OUT,
	WAIT_INTERRUPTED,
};

/*
 * [q] its sleep queue's lock, if it is on one, and the thread's
 * [o] the thread itself
 */
struct thread_wait {
	const void *event;		/* [q] NULL: waits for nothing */
	uint8_t result;			/* [q] why event became NULL */
	bool alone;			/* [q] on no queue */
	bool interruptible;		/* [q] */
	bool prepared;			/* [o] between prepare and wait */
};

void sleepq_setup(void);
void sleepq_thread_init(struct thread *thread);

/* Start waiting for EVENT.  Spin locks may be held; does not block. */
void sleepq_prepare(const void *event, bool interruptible);

/*
 * Block until the event that was prepared for is signalled, or the clock
 * reaches DEADLINE (in ticks since boot; 0 means never).
 *
 * Locks: no spin lock; no mutex if the wait is interruptible.
 */
enum wait_result sleepq_wait(uint64_t deadline);

/* Do not wait after all.  True if the event had not been signalled yet. */
bool sleepq_cancel(void);

/*
 * Prepare, unlock, wait, lock again.
 */
enum wait_result sleepq_sleep(const void *event, struct spinlock *lock,
    bool interruptible, uint64_t deadline);
enum wait_result sleepq_sleep_mutex(
    const void *event, struct mutex *mutex, uint64_t deadline);

/*
 * Wait, interruptibly, for an EVENT that only those signal who know which
 * thread waits: by sleepq_wake_thread() or sleepq_claim().  LOCK is held;
 * it is released once they can find this thread waiting.
 */
enum wait_result sleepq_sleep_alone_unlock(
    const void *event, struct spinlock *lock, uint64_t deadline);

/*
 * The same, going on with CONTINUATION on an empty stack (kernel/sched.h), which
 * finds the result in wait.result and cancels waiting.timer if there was a
 * DEADLINE.
 * Returns only if it did not wait: WAIT_INTERRUPTED.
 */
enum wait_result sleepq_sleep_alone_continue_unlock(const void *event,
    struct spinlock *lock, uint64_t deadline, void (*continuation)(void));

/*
 * The same in two steps: from the first on, which gets the current thread's WAIT,
 * EVENT can be signalled; the second comes when that thread is locked and about to
 * leave the processor.  Between them it must not sleep.
 */
static inline void
sleepq_prepare_alone(struct thread_wait *wait, const void *event)
{
	assert_debug(event != NULL && !wait->prepared);
	wait->interruptible = true;
	atomic_store_relaxed(&wait->alone, true);
	atomic_store_release(&wait->event, event);
}

void sleepq_commit_alone_locked(void);

/*
 * Wake the thread that has waited longest for EVENT, or all of them; true if
 * there was one.  Callable from interrupt handlers and with any spin lock
 * below LOCK_RANK_SLEEPQ held.
 */
bool sleepq_wake_one(const void *event);
bool sleepq_wake_all(const void *event);

/*
 * End THREAD's wait with RESULT if it waits; EVENT, if not NULL, is the only
 * event this is meant for.  Interruptions end interruptible waits only.
 * The caller has a reference.
 */
bool sleepq_wake_thread(
    struct thread *thread, const void *event, enum wait_result result);

/*
 * If THREAD waits alone for EVENT, is off every processor and may run here, end
 * its wait with WAIT_OK and make it the one that the current thread gives the
 * processor to: when it blocks next, or in sched_run_next(), which the caller
 * calls in the end.  Interrupts are on.
 */
bool sleepq_claim(struct thread *thread, const void *event);

/*
 * If THREAD, which is locked, waits alone for EVENT, it does so no more: it is
 * the caller's business what comes of it.
 */
bool sleepq_abandon_locked(struct thread *thread, const void *event);

/* How many threads wait for EVENT; for tests and the debugger. */
unsigned sleepq_count(const void *event);

/* Panic unless the caller may block: no spin lock, not in an interrupt. */
void sleepq_assert_may_block(void);

#ifdef DEBUG
#define assert_may_block()	sleepq_assert_may_block()
#else
#define assert_may_block()	((void)0)
#endif

#endif /* KERNEL_SLEEPQ_H */
