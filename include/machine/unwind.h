/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_UNWIND_H
#define MACHINE_UNWIND_H

/*
 * Where stacks begin, and how they lead through the machine's entries to the
 * kernel: for panics and the debugger.  Takes no lock and reads guarded, so it
 * is safe on a damaged stack.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kernel/kdb/kdb_unwind.h>

struct thread;

/* The caller of the function that has the frame pointer POINTER, also a user's. */
bool unwind_pointer(struct kdb_unwind *unwind, uintptr_t pointer,
    struct kdb_frame *frame);

/* Where THREAD, which has a kernel stack and no processor, waits. */
bool unwind_waiting(const struct thread *thread, struct kdb_frame *frame);

/* What THREAD was doing in user mode; false: it is never there. */
bool unwind_user(const struct thread *thread, struct kdb_frame *frame);

/* See struct kdb_unwind.  THREAD, or NULL, is whose stack it is. */
enum kdb_unwind_step unwind_boundary(struct kdb_unwind *unwind,
    const struct thread *thread, const struct kdb_frame *frame,
    struct kdb_frame *next);

/* Is PC one of the kernel's? */
bool unwind_is_code(uintptr_t pc);

#endif /* MACHINE_UNWIND_H */
