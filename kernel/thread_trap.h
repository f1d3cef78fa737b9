/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The scheduling traps.  Arguments come straight from the user's stack.
 */
#ifndef KERNEL_THREAD_TRAP_H
#define KERNEL_THREAD_TRAP_H

#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/port.h>
#include <machine/trap.h>

/* Yield.  Returns: true if other threads wait for this processor. */
TRAP_FUNCTION int
sys_swtch(void);

/* Yield at the worst priority for the rest of this time slice. */
TRAP_FUNCTION int
sys_swtch_pri(int priority);

/*
 * Yield, preferably to the thread that NAME stands for.  OPTION is
 * SWITCH_OPTION_*; TIME, in milliseconds, limits a wait or depression.
 *
 * Returns: KERN_INVALID_ARGUMENT, KERN_SUCCESS.
 */
TRAP_FUNCTION kern_return_t
sys_thread_switch(mach_port_name_t name, int option,
    uint32_t time);

/* Returns: KERN_SUCCESS, also if it was not depressed;
 * MACH_SEND_INTERRUPTED for a name that is no thread's. */
TRAP_FUNCTION kern_return_t
sys_thread_depress_abort(mach_port_name_t name);

#endif /* KERNEL_THREAD_TRAP_H */
