/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_TRAP_H
#define I386_TRAP_H

/*
 * The C side of locore.asm.
 */

#include <machine/trap.h>
#include <machine/types.h>

/* An exception; interrupts off. */
void
trap_dispatch(unsigned vector, struct trap_frame *frame);

/* A trap number that is not in the table. */
void
trap_syscall_bad(struct trap_frame *frame);

/* The argument of a kernel trap at ADDR is not readable. */
void
trap_syscall_fault(struct trap_frame *frame, user_addr_t addr);

/* The task has redirected this trap to its code at ENTRY. */
void
trap_syscall_redirect(struct trap_frame *frame, user_addr_t entry);

/* IRET refused the frame. */
void
trap_bad_return(struct trap_frame *frame);

/* On the stack of the fault TSS. */
__attribute__((noreturn)) void
trap_double_fault(void);

#endif
