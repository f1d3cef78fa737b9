/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A machine that exists only in a host process, so that kernel code runs in
 * unit tests.
 *
 * One host thread plays all processors in turn.  It changes from one to
 * another, and takes timer and other interrupts, only at steps: the atomic
 * operations, the changes of the interrupt flag, cpu_pause, cpu_idle and the
 * entries to user mode.  Which it does at a step is drawn from a seeded
 * generator, so a run can be repeated exactly.  Time is virtual: a tick comes
 * every so many steps, or at once when every processor idles.
 */

#ifndef PRETEND_H
#define PRETEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <machine/types.h>

#define PRETEND_CONSOLE_SIZE	65536u

struct thread;

struct pretend_config {
	unsigned cpus;			/* 1 .. CPU_MAX */
	unsigned memory_mib;		/* physical memory */
	uint32_t seed;
	unsigned switch_chance;		/* 1 in so many steps */
	unsigned tick_steps;		/* steps between ticks */
};

extern struct pretend_config pretend_config;

/* Change the fields that are not 0 in WANTED; before pretend_run. */
void pretend_configure(const struct pretend_config *wanted);

/* Turn the machine on: the kernel boots and calls pretend_booted(). */
_Noreturn void pretend_run(void);

/* Called in a kernel thread in place of the boot script; tests define it. */
void pretend_booted(void);

/* A number below LIMIT from the machine's generator. */
uint32_t pretend_random(uint32_t limit);

/* Steps since the start. */
uint64_t pretend_cycles(void);

/* Make interrupts and other processors wait while ON; for quiet checks. */
void pretend_freeze(bool on);

/* How often cpu_send_resched(CPU) was called. */
unsigned pretend_rescheds(unsigned cpu);

/*
 * User mode (pretend/i386/pcb.h).  Around each call of a kernel trap; leaving
 * takes asynchronous traps, and may not return.
 */
void pretend_trap_enter(void);
void pretend_trap_leave(void);

/* Raise the device interrupt IRQ on the boot processor. */
void pretend_interrupt(unsigned irq);

/* Bits that the pmap keeps, as a processor would set them. */
void pretend_touch(phys_addr_t pa, bool write);

/*
 * Write VALUE to the start of the page PA as a processor does that has a mapping
 * of it, without a fault; false when no mapping may be written to.
 */
bool pretend_write(phys_addr_t pa, uint32_t value);

/* If set, what others do just after pmap_is_modified(PA) looked. */
extern void (*pretend_looked)(phys_addr_t pa);

/* While set, all that is mapped is used all the time, by other processors. */
extern bool pretend_mapped_is_used;

void pretend_pmap_setup(void);
void pretend_deliver_irq(unsigned irq);

#endif
