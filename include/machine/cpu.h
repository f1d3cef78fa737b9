/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

/*
 * The processor that runs this code: its number, its interrupt flag, its
 * private data, and the ways to stop it.
 *
 * cpu_local_get(field), cpu_local_set(field, value) and
 * cpu_local_add(field, n) reach a member of this CPU's `struct percpu`
 * (kernel/percpu.h) in one instruction, so that a preemption between computing
 * the address and the access cannot make them hit another CPU's copy.  The
 * member must be 32 bits wide.  cpu_local_any(field) says whether it is not 0.
 */

#include <machine/types.h>

/* Number of the CPU that executes; stable only while preemption is off. */
static inline unsigned
cpu_id(void);

/* A hint inside a spinning loop. */
static inline void
cpu_pause(void);

/* Disable interrupts; returns whether they were enabled. */
static inline bool
cpu_intr_save(void);

/* Undo cpu_intr_save(), given what it returned. */
static inline void
cpu_intr_restore(bool enabled);

static inline void
cpu_intr_enable(void);

static inline void
cpu_intr_disable(void);

static inline bool
cpu_intr_enabled(void);

/* Cycle counter of this CPU. */
static inline uint64_t
cpu_cycles(void);

/*
 * Wait for an interrupt.  Called with interrupts disabled; enables them and
 * halts in one step, so that an interrupt that came before is not slept
 * through.  Returns with interrupts enabled.
 */
static inline void
cpu_idle(void);

/*
 * The rest of the machine's own set-up: firmware tables, caches, the page of
 * fast traps.  Once, on the first CPU, when pmap and kmem work; before
 * intr_setup().
 */
void
machine_setup(void);

/*
 * Make another CPU look at its asynchronous traps soon.  CPU may be the caller's
 * own number, which then takes an interrupt as soon as it may.  For ast.c, which
 * knows when; may take long on a virtual machine.
 *
 * Locks: any.
 */
void
cpu_send_resched(unsigned cpu);

/*
 * Start the other processors; each ends in processor_start_secondary().
 * Called once, late in the boot, on the first CPU.
 */
void
cpu_start_others(void);

/*
 * Stop every other CPU, wherever it is: it calls kdb_stop_wait() of
 * <kernel/kdb/kdb_stop.h>, or has it called already.  By one CPU at a time.
 *
 * Locks:   any, also with interrupts disabled.
 * Returns: a bit for each that gave no answer for five seconds.
 */
uint32_t
cpu_stop_others(void);

/*
 * From the begin to the end of it this CPU stands still, and whoever wants to stop it
 * need not interrupt it, but waits for cpu_stand_answer().  BEFORE: what the begin
 * returned, as one may be in another.  Who has been asked stands when that has
 * interrupted it, and there is another begin in the begin, but for milliseconds in
 * which it did not.  The end is none if it returns false: somebody has just asked.
 *
 * Locks: interrupts disabled.
 */
bool
cpu_stand_begin(void);
void
cpu_stand_answer(void);
bool
cpu_stand_end(bool before);

/* Restart the machine. */
__attribute__((noreturn)) void
machine_reboot(void);

/* Switch the machine off, or halt with a message when that is impossible. */
__attribute__((noreturn)) void
machine_power_off(void);

#include <i386/cpu.h>

#endif
