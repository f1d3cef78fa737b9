/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_PCB_H
#define MACHINE_PCB_H

/*
 * What the machine keeps of a thread (`struct pcb`, member `pcb` of struct
 * thread) and of a task (`struct pcb_task`, member `pcb` of struct task).
 *
 * A thread that is not running keeps its kernel registers on its kernel
 * stack.  The user registers of a user thread are a full frame in its pcb from
 * the thread's creation to its end; they may be read and changed while the
 * thread is off its CPU at a clean point, or by itself.
 */

#include <stddef.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <machine/types.h>

struct pcb;
struct pcb_task;
struct task;
struct thread;

/*
 * Prepare the machine state of a new thread: user registers as at the start
 * of a program, with pc and sp zero.
 */
void
pcb_init(struct thread *thread);

/* Release what pcb_init() and later calls allocated.  The thread never ran
 * or will not run again. */
void
pcb_fini(struct thread *thread);

/* The same for the machine part of a task. */
void
pcb_task_init(struct task *task);

void
pcb_task_fini(struct task *task);

/*
 * About how much memory the machine keeps for TASK's threads because they asked
 * for it.
 */
vm_size_t
pcb_task_size(const struct task *task);

/*
 * Arrange that the first switch to THREAD runs entry(arg) on its kernel
 * stack.  Before that the new stack calls sched_thread_begin(old) of
 * <kernel/sched.h>, which does what follows pcb_switch() in a thread that
 * ran before.  When ENTRY returns, thread_exit() is called.
 */
void
pcb_setup_kernel(struct thread *thread, void (*entry)(void *), void *arg);

/*
 * THREAD has a continuation and a stack with nothing on it: arrange that the
 * switch to it calls sched_thread_continue(old) there.
 */
void
pcb_setup_continue(struct thread *thread);

/*
 * Switch from OLD, which is running, to NEW: stack, FPU, address space where
 * the maps differ, user descriptors, I/O permissions.  Returns when somebody
 * switches back to OLD, and then returns the thread that ran before.
 *
 * Locks: interrupts disabled; the scheduler's locks as it wishes.
 */
struct thread *
pcb_switch(struct thread *old, struct thread *new);

/*
 * The same when NEW, which has a continuation, has just been given OLD's stack:
 * call sched_thread_continue(old) there.  Returns as
 * sched_block_continue_unlock() may.
 */
struct thread *
pcb_switch_stay(struct thread *old, struct thread *new);

/*
 * The same without a call of NEW's continuation: sched_handed_over(old), and then
 * FN(ARG) for NEW.  Its result is NEW's trap's: it is returned, or made the result
 * in another way.  ARG, SIZE bytes in the caller's frame, is there meanwhile, or a
 * copy.
 */
uint32_t
pcb_hand_over(struct thread *old, struct thread *new, uint32_t (*fn)(void *arg),
    void *arg, size_t size);

/*
 * thread_get_state() and thread_set_state() for one flavor.  STATE holds
 * *COUNT words of room and gets the number written back; it is kernel memory.
 * The thread is stopped at a clean point, or the caller.
 *
 * Blocks:  may, to allocate.
 * Returns: KERN_INVALID_ARGUMENT, MIG_ARRAY_TOO_LARGE,
 *          KERN_RESOURCE_SHORTAGE, KERN_FAILURE.
 */
kern_return_t
pcb_get_state(struct thread *thread, int flavor, natural_t *state,
    natural_t *count);

kern_return_t
pcb_set_state(struct thread *thread, int flavor, const natural_t *state,
    natural_t count);

/* Give THREAD a program's initial registers, at PC with stack pointer SP. */
void
pcb_set_entry(struct thread *thread, user_addr_t pc, user_addr_t sp);

/* Make VALUE the result of the trap that the thread is in. */
void
pcb_set_return(struct thread *thread, uint32_t value);

/* That result, when THREAD is about to return to user mode. */
uint32_t
pcb_get_return(const struct thread *thread);

user_addr_t
pcb_user_pc(struct thread *thread);

user_addr_t
pcb_user_sp(struct thread *thread);

/*
 * Leave the kernel with the current thread's user registers as they are,
 * forgetting the call chain.  Handles pending asynchronous traps first.
 *
 * Locks: none held.
 */
__attribute__((noreturn)) void
pcb_return_to_user(void);

#include <i386/pcb.h>

#endif
