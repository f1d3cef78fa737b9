/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_KDB_CPU_H
#define MACHINE_KDB_CPU_H

/*
 * What the debugger wants of this processor, which was interrupted for it:
 * kdb_event() of <kernel/kdb/kdb_event.h> was called.
 */

#include <stdbool.h>
#include <stdint.h>

/* The byte of a breakpoint. */
#define KDB_CPU_BREAKPOINT	0xccu

/* A trap instruction that does the same, but is longer: the bytes. */
#define KDB_CPU_TRAP_LONG	{ 0xcdu, 0x03u }

/*
 * What was interrupted goes on at the program counter.  After a breakpoint was
 * executed, that is behind it.
 */
uintptr_t kdb_cpu_pc(void);
void kdb_cpu_set_pc(uintptr_t pc);

uintptr_t kdb_cpu_sp(void);

/* Was it user mode? */
bool kdb_cpu_user(void);

/*
 * Arrange that one instruction is executed, without interrupts, when this event
 * returns, and then KDB_EVENT_STEP happens.  False: it has been carried out, or
 * is of no use, as one that waits for an interrupt.
 */
bool kdb_cpu_step(void);

/*
 * Does the program's next instruction enter the kernel, to come back at *BACK?  The
 * kernel's own page of stubs counts as one instruction.  Such a thing cannot be
 * executed alone.
 */
bool kdb_cpu_leaves(uintptr_t *back);

/* KDB_EVENT_STEP has happened: what that changed is put right. */
void kdb_cpu_stepped(void);

/* Is it an instruction that was begun and goes on at the same address? */
bool kdb_cpu_repeats(void);

/* Execute a trap instruction, which enters the debugger. */
void kdb_cpu_enter(void);

/*
 * May there be a breakpoint at ADDRESS?  The debugger needs some of the kernel's
 * text for itself.
 */
bool kdb_cpu_may_break(uintptr_t address);

#define KDB_CPU_WATCHES	4u

enum kdb_cpu_watch {
	KDB_CPU_WATCH_EXECUTE = 0,	/* one byte: the instruction there */
	KDB_CPU_WATCH_WRITE = 1,
	KDB_CPU_WATCH_ACCESS = 3,
};

/*
 * Watchpoint I is the LENGTH bytes at ADDRESS, 1, 2 or 4 and aligned, from when
 * a processor goes on; a LENGTH of 0: none.  All processors are stopped.
 */
void kdb_cpu_watch_set(unsigned i, uintptr_t address, unsigned length,
    enum kdb_cpu_watch kind);

/* A bit for each that this processor has hit; they are forgotten. */
unsigned kdb_cpu_watch_take(void);

struct kdb_frame;

#define KDB_CPU_CALL_REGS	3u
#define KDB_CPU_CALL_WORDS	16u

struct kdb_cpu_call {
	uintptr_t	function;
	uint32_t	reg[KDB_CPU_CALL_REGS];	/* eax, edx, ecx */
	uint32_t	stack[KDB_CPU_CALL_WORDS];	/* above where it returns to */
	/*
	 * Called before each instruction; AT is where that is.  False: the rest
	 * is executed without it.  May end the call by an error.
	 */
	bool		(*look)(struct kdb_cpu_call *call);
	struct kdb_frame *at;
	unsigned	instructions;
	uint64_t	result;		/* edx, eax */
};

/*
 * Call a function of the kernel's, on a stack of its own and with interrupts off,
 * which it may not change.  False: an error ended it, a fault for one.
 */
bool kdb_cpu_call(struct kdb_cpu_call *call);

#endif /* MACHINE_KDB_CPU_H */
