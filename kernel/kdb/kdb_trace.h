/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_TRACE_H
#define KERNEL_KDB_KDB_TRACE_H

/*
 * Stack traces: the functions that were called, inlined ones too, with lines
 * where there are line tables; through interrupts, traps and system calls into
 * user mode.  With VALUES come parameters, local variables and registers.
 *
 * For panics and the debugger, which let no other processor run.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kernel/kdb/kdb_unwind.h>

struct task;
struct thread;

#define KDB_TRACE_MAX	40u	/* frames, if nobody says how many */

/*
 * Print at most COUNT frames of THREAD's stack, or that of no thread if it is
 * NULL, from FRAME on.
 */
void kdb_trace_frames(struct thread *thread, const struct kdb_frame *frame,
    unsigned count, bool values);

/* The same from the caller of the kernel's function with the frame pointer. */
void kdb_trace_pointer(struct thread *thread, uintptr_t pointer,
    unsigned count, bool values);

/*
 * The same from the caller of the function, of THREAD's program or the kernel, with
 * the frame pointer; false, and nothing is printed, if that cannot be one.
 */
bool kdb_trace_from(struct thread *thread, uintptr_t pointer, unsigned count,
    bool values);

/* The same of THREAD, wherever it is; of one that runs, where it stopped. */
void kdb_trace_thread(struct thread *thread, unsigned count, bool values);

/*
 * The same from what was interrupted to get to the function with that frame
 * pointer.
 */
void kdb_trace_stopped(struct thread *thread, uintptr_t pointer,
    unsigned count, bool values);

/*
 * Where this processor entered the debugger, as a frame pointer; INTERRUPTED:
 * traces begin with what was interrupted for it.
 */
void kdb_trace_here(uintptr_t pointer, bool interrupted);

/*
 * Where THREAD's stack begins; false: nowhere.  If it has a continuation and so
 * no stack in the kernel, that is *NAME's address, and FRAME is in user mode if
 * the thread ever is: else there is no more, and its pc is not known.
 */
bool kdb_trace_start(struct thread *thread, struct kdb_frame *frame,
    uintptr_t *continuation);

#endif /* KERNEL_KDB_KDB_TRACE_H */
