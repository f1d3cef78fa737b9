/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_TRAP_H
#define MACHINE_TRAP_H

/*
 * Traps: how the processor enters the kernel.
 *
 * Going up, the machine calls:
 *   the functions of the trap table in <kernel/syscall.h>, for system calls;
 *   vm_fault() of <vm/vm_fault.h>, for page faults of user and kernel;
 *   exception_raise() of <kernel/exception.h>, for everything else that a
 *     user did;
 *   ast_taken() of <kernel/ast.h>, before each return to user mode with an
 *     asynchronous trap pending;
 *   sched_intr_return() of <kernel/sched.h>, when an interrupt returns to
 *     kernel code;
 *   intr_dispatch() of <machine/intr.h>, for interrupts.
 *
 * Interrupts are disabled in the last three, enabled in the others.
 */

#include <machine/types.h>

struct trap_frame;

/*
 * For the functions of the trap table: their arguments are on the stack, in the
 * order in which the user's were.
 */
#define TRAP_FUNCTION	__attribute__((regparm(0)))

/* Whether FRAME was saved on an entry from user mode. */
bool
trap_frame_user(const struct trap_frame *frame);

/* The interrupted instruction. */
uintptr_t
trap_frame_pc(const struct trap_frame *frame);

/* The interrupted stack pointer; entries from the kernel do not save it. */
uint32_t
trap_frame_sp(const struct trap_frame *frame);

/* Print the registers of FRAME with printf(). */
void
trap_frame_print(const struct trap_frame *frame);

/*
 * The frame of the trap or interrupt that this CPU is in a panic about, or
 * NULL when the panic was a plain call.
 */
const struct trap_frame *
trap_panic_frame(void);

#endif
