/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_BACKTRACE_H
#define MACHINE_BACKTRACE_H

/*
 * Call chains of kernel code, for panics and the debugger.  Follows frame
 * pointers and steps through trap frames; stops at the first frame that does
 * not look like one, so it is safe on a damaged stack.
 */

#include <machine/types.h>

struct thread;

typedef void (*backtrace_fn_t)(uintptr_t pc, void *arg);

/* Call FN for each return address from the frame pointer FRAME upward. */
void
backtrace_walk(uintptr_t frame, backtrace_fn_t fn, void *arg);

/* The same from the caller. */
void
backtrace_here(backtrace_fn_t fn, void *arg);

/* The same for a thread that does not run: from its saved context. */
void
backtrace_thread(struct thread *thread, backtrace_fn_t fn, void *arg);

#endif
