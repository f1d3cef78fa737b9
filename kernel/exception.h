/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Exceptions: what a thread did wrong becomes a message.
 */

#ifndef KERNEL_EXCEPTION_H
#define KERNEL_EXCEPTION_H

#include <mach/kern_return.h>

/*
 * Tell the current thread's exception port, and if that does not help the
 * task's, what happened, and wait for the answer.  With success from either
 * the thread goes on with whatever registers it then has.  If nobody handles
 * it, the task is terminated.  To be called when nothing is left to be done but
 * to return to user mode: it need not return, as its wait needs no stack.
 *
 * Locks:   none held.
 * Blocks:  until somebody answers; an abort or the thread's end breaks it off,
 *          and the instruction is tried again unless the thread is to end.
 */
void exception_raise(int exception, int code, int subcode);

/*
 * The current thread, which waited in exception_raise(), got KR for an answer.
 * Then it returns to user mode, if this does return.
 */
void exception_answered(kern_return_t kr);

#endif /* KERNEL_EXCEPTION_H */
