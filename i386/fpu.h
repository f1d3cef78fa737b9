/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_FPU_H
#define I386_FPU_H

/*
 * Floating point registers of threads.
 *
 * A thread gets a save area when it first uses the FPU.  Registers are saved
 * when a thread that used them leaves its CPU; they are loaded when it is back,
 * with XSAVE at once, otherwise when it uses them again.  While the running
 * thread's registers are not in the FPU, CR0.TS is set, and it is clear exactly
 * while current_thread()->pcb.fpu_live.
 */

#include <mach/kern_return.h>
#include <mach/machine/thread_status.h>

#include <machine/types.h>

struct pcb;
struct thread;

/* The FPU of the CPU that executes, whose CR4 is set up otherwise; the first
 * call also finds its kind. */
void
fpu_setup_this(unsigned cpu);

/* The cache of save areas; once kmem works. */
void
fpu_setup(void);

/* The CPU turns from the thread with OLD to the one with NEW: save and load.
 * Interrupts off.  Nothing to do when OLD is not live and NEW has no area. */
void
fpu_switch(struct pcb *old, struct pcb *new);

/*
 * Zero or copy N bytes, a multiple of 256, aligned to 16, with the widest
 * registers there are.
 *
 * Locks: preemption disabled; not from an interrupt.
 */
void
fpu_zero(void *to, size_t n);

void
fpu_copy(void *to, const void *from, size_t n);

/* Free the save area. */
void
fpu_fini(struct pcb *pcb);

/* The running thread executed an FPU instruction while CR0.TS was set. */
void
fpu_trap_absent(void);

/*
 * The running thread's FPU reports an exception: keep the registers, clear
 * the exception in them, and return the status word (MXCSR with SIMD).
 */
uint32_t
fpu_trap_error(bool simd);

/*
 * thread_get_state() and thread_set_state(), of a stopped or the current
 * thread.  Return as pcb_get_state(): a state that the processor would refuse
 * to load is an invalid argument.
 */
void
fpu_get_state(struct thread *thread, struct i386_float_state *state);

kern_return_t
fpu_set_state(struct thread *thread, const struct i386_float_state *state);

/* i386_XFLOAT_STATE: how many bytes its hw_state has. */
size_t
fpu_xstate_size(void);

void
fpu_get_xstate(struct thread *thread, struct i386_xfloat_state *state);

kern_return_t
fpu_set_xstate(struct thread *thread, const struct i386_xfloat_state *state);

#endif
