/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_LOCORE_H
#define I386_LOCORE_H

/*
 * The labels of locore.asm and switch.asm that C refers to.
 */

#include <machine/types.h>

struct thread;

/* Entry stubs of all 256 vectors, LOCORE_STUB_SIZE bytes each. */
#define LOCORE_STUB_SIZE	16
extern char locore_stubs[];

/* Entry of lcall $7,$0, and the same when it was being single-stepped. */
extern char locore_call_gate[];
extern char locore_call_gate_stepped[];

/* Entry of SYSENTER, and the same when it was being single-stepped. */
extern char locore_sysenter[];
extern char locore_sysenter_stepped[];

/* What the system page may start with. */
extern const char locore_stub_sysenter[];
extern const char locore_stub_sysenter_end[];
extern const char locore_stub_int[];
extern const char locore_stub_int_end[];

/* Where the CPU goes on after a double fault. */
extern char locore_double_fault[];

/* Return addresses of the calls to trap_dispatch() and intr_dispatch(). */
extern char locore_trap_returned[];
extern char locore_intr_returned[];

/* Go to user mode with the frame at the top of the current thread's stack. */
__attribute__((noreturn)) void
locore_return_to_user(void);

/* Save the kernel registers on this stack, its pointer to *SAVE, and resume
 * from KSP.  On the new stack the result is OLD. */
struct thread *
switch_context(uint32_t *save, uint32_t ksp, struct thread *old);

/* First return addresses of new threads. */
extern char switch_begin_kernel[];
extern char switch_begin_continue[];

/* Behind them. */
extern char switch_end[];

/* pcb_switch_stay(): OLD ran before on the stack that ends at STACK_END. */
struct thread *
switch_stay(struct thread *old, uint32_t stack_end);

#endif
